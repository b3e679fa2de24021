//! Reads runs. It needs no permission to write and takes no lock that a writer would notice: the heads are read
//! before the records, so that records which are added meanwhile are only ahead of their head.

use super::heads;
use super::place::{self, Places, absent};
use crate::journal::chain::fold;
use crate::journal::head::{Head, Heads};
use crate::journal::name::RunName;
use crate::journal::store::lines::LARGEST_RUN;
use crate::journal::store::{Error, Mark, Reading, Report};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// The runs that have a file.
fn files(places: &Places) -> Result<BTreeSet<RunName>, Error> {
    if !places.check()? {
        return Ok(BTreeSet::new());
    }
    let failed = |e| Error::io("read", places.runs())(e);
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(places.runs()).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        // what is not named like a run is not ours
        if let Some(Ok(run)) = name.to_str().and_then(|n| n.strip_suffix(".jsonl")).map(str::parse) {
            found.insert(run);
        }
    }
    Ok(found)
}

/// The runs that have records or are known to have had some. A run of which only the beginning was noted was
/// never begun: a crash came in between.
fn known(mut files: BTreeSet<RunName>, heads: &Heads) -> BTreeSet<RunName> {
    files.extend(heads.runs().filter(|run| heads.of(run) != [Head::EMPTY]).cloned());
    files
}

/// The runs, sorted.
pub(super) fn runs(places: &Places) -> Result<Vec<RunName>, Error> {
    // files first: a run that is begun meanwhile has its head before its file
    let files = files(places)?;
    Ok(known(files, &heads::look(places)?).into_iter().collect())
}

/// Whether there is such a run.
pub(super) fn is_known(places: &Places, run: &RunName) -> Result<bool, Error> {
    places.check()?;
    match fs::symlink_metadata(places.run(run)) {
        Ok(_) => Ok(true),
        Err(e) if absent(&e) => Ok(!matches!(heads::look(places)?.of(run), [] | [Head::EMPTY])),
        Err(e) => Err(Error::io("look at", &places.run(run))(e)),
    }
}

/// By what the file of a run is known again.
pub(super) fn mark(places: &Places, run: &RunName) -> Result<Option<Mark>, Error> {
    match fs::symlink_metadata(places.run(run)) {
        Ok(meta) => Ok(Some(Mark {
            length: meta.len(),
            touched: (meta.ctime(), meta.ctime_nsec()),
            file: meta.ino(),
        })),
        Err(e) if absent(&e) => Ok(None),
        Err(e) => Err(Error::io("look at", &places.run(run))(e)),
    }
}

/// A run, verified.
pub(super) fn read(places: &Places, run: &RunName) -> Result<Reading, Error> {
    places.check()?;
    read_after(places, run, &heads::look(places)?)
}

/// A run, verified against heads that may have been read a while ago. A run that is being written meanwhile can
/// look damaged: begun after the heads were read, or far ahead of them. So damage counts only with fresh heads.
fn read_after(places: &Places, run: &RunName, heads: &Heads) -> Result<Reading, Error> {
    let first = read_once(places, run, heads)?;
    if first.sound().is_ok() { Ok(first) } else { read_once(places, run, &heads::look(places)?) }
}

fn read_once(places: &Places, run: &RunName, heads: &Heads) -> Result<Reading, Error> {
    let of_run = heads.of(run);
    let bytes = match place::read(&places.run(run), LARGEST_RUN)? {
        Some(bytes) => bytes,
        None if matches!(of_run, [] | [Head::EMPTY]) => return Err(Error::Missing(run.clone())),
        None => Vec::new(), // its head tells that it had records
    };
    Ok(Reading { folded: fold(run, bytes, Some(of_run)), heads: heads.damage_of(run).cloned() })
}

/// All runs, one after the other.
pub(super) fn verify(places: &Places) -> Result<Report, Error> {
    let files = files(places)?;
    let heads = heads::look(places)?;
    let mut report = Report::new(heads.damage().cloned());
    for run in known(files, &heads) {
        report.add(&read_after(places, &run, &heads)?.folded);
        if heads.damage_of(&run).is_some() {
            report.stopped.push(run);
        }
    }
    Ok(report)
}
