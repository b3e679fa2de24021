//! Begins a run, or takes one up: locks it, verifies it, mends what a crash leaves (a torn last line, a head that
//! was not noted), and refuses whatever else is wrong.

use super::commit::Committer;
use super::heads::HeadLog;
use super::lock::{self, Locked};
use super::place::{self, Places};
use super::writer::Handle;
use super::{Files, read};
use crate::journal::chain::{Folded, Rest, Verified, fold};
use crate::journal::damage::{Damage, Place, Reason};
use crate::journal::envelope::Here;
use crate::journal::head::{Head, Heads};
use crate::journal::name::RunName;
use crate::journal::store::{Claim, Error, Holder, Mended, Opened};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

/// Most torn lines that are kept of one run.
const MOST_TORN: u32 = 1000;

/// A run that is locked, and what is known of it.
struct Taken {
    places: Arc<Places>,
    here: Here,
    run: RunName,
    locked: Locked,
    log: HeadLog,
}

impl Taken {
    /// Locks it and reads the heads. Damage in them stops the runs that it may touch; a run that is just being
    /// begun has no head yet that could have been damaged.
    fn take(
        places: &Arc<Places>,
        here: Here,
        (run, begun): (RunName, bool),
        claim: Claim,
    ) -> Result<(Self, Heads), Error> {
        places.prepare()?;
        let holder = Holder { host: here.host.clone(), pid: here.pid, since: claim.at, by: claim.by };
        let locked = lock::take(places, &run, &holder)?;
        let (log, heads) = HeadLog::open(Arc::clone(places))?;
        let begun = begun || !heads.of(&run).is_empty();
        match heads.damage_of(&run).filter(|_| begun) {
            Some(damage) => Err(Error::Damaged(Box::new(damage.clone()))),
            None => Ok((Self { places: Arc::clone(places), here, run, locked, log }, heads)),
        }
    }

    /// Hands the run to a thread that writes it. All heads are on the disk by now.
    fn start(self, file: File, size: u64, records: Verified, mended: Vec<Mended>) -> Result<Opened, Error> {
        let head = records.head();
        let files = Files { places: Arc::clone(&self.places), here: self.here.clone() };
        let committer = Committer {
            path: self.places.run(&self.run),
            run: self.run,
            here: self.here,
            medium: Box::new(file),
            heads: self.log,
            head,
            size,
            noted: head.count,
            synced: head.count,
            broken: None,
            _locked: self.locked,
        };
        let writer = Arc::new(Handle::start(files, committer)?);
        Ok(Opened { writer, records, mended })
    }
}

/// Begins a run. Its head comes first: a file without one would be damage.
pub(super) fn create(places: &Arc<Places>, here: Here, run: RunName, claim: Claim) -> Result<Opened, Error> {
    // what is there already is refused before its lock is tried: that it exists is the more useful answer
    if place::open(&places.run(&run), OpenOptions::new().read(true), "read")?.is_some() {
        return Err(Error::Exists(run));
    }
    let (mut taken, heads) = Taken::take(places, here, (run.clone(), false), claim)?;
    match heads.of(&run) {
        [] => taken.log.note(&run, Head::EMPTY)?,
        [Head::EMPTY] => {} // a crash came between the head and the file
        heads => return Err(lost(&run, heads)),
    }
    taken.log.sync()?;
    let path = places.run(&run);
    let mut how = OpenOptions::new();
    let file = match place::must_open(&path, how.append(true).create_new(true), "make") {
        Ok(file) => file,
        Err(Error::Io(e)) if e.kind == ErrorKind::AlreadyExists => return Err(Error::Exists(run)),
        Err(e) => return Err(e),
    };
    file.sync_all().map_err(Error::io("sync", &path))?;
    place::sync_dir(places.runs())?;
    let records = fold(&run, Vec::new(), Some(&[Head::EMPTY])).records;
    taken.start(file, 0, records, Vec::new())
}

/// Takes up a run.
pub(super) fn open(places: &Arc<Places>, here: Here, run: RunName, claim: Claim) -> Result<Opened, Error> {
    if !read::is_known(places, &run)? {
        return Err(Error::Missing(run));
    }
    let (mut taken, heads) = Taken::take(places, here, (run.clone(), true), claim)?;
    let path = places.run(&run);
    let mut how = OpenOptions::new();
    let Some(mut file) = place::open(&path, how.read(true).append(true), "open")? else {
        return match heads.of(&run) {
            [] | [Head::EMPTY] => Err(Error::Missing(run)),
            heads => Err(lost(&run, heads)),
        };
    };
    let bytes = place::contents(&mut file, &path, crate::journal::store::lines::LARGEST_RUN)?;
    let mut size = bytes.len() as u64;
    let Folded { records, rest, behind } = fold(&run, bytes, Some(heads.of(&run)));
    let mut mended = Vec::new();
    match rest {
        Rest::Nothing => {}
        Rest::Damaged(damage) => return Err(Error::Damaged(Box::new(damage))),
        Rest::Torn { from, bytes } => {
            let kept = keep_aside(places, &run, records.after(from))?;
            file.set_len(from as u64).map_err(Error::io("cut", &path))?;
            size = from as u64;
            mended.push(Mended::Torn { bytes, kept });
        }
    }
    // a process that was killed may have written what it had not yet synced
    file.sync_all().map_err(Error::io("sync", &path))?;
    if behind > 0 {
        taken.log.note(&run, records.head())?;
        mended.push(Mended::Head { records: behind });
    }
    taken.log.sync()?;
    taken.start(file, size, records, mended)
}

/// The records of a run are gone, but not their head.
fn lost(run: &RunName, heads: &[Head]) -> Error {
    let head = heads.last().copied().unwrap_or(Head::EMPTY);
    let reason = Reason::Ahead { head, lines: 0 };
    Error::Damaged(Box::new(Damage { place: Place::Run(run.clone()), line: 1, reason }))
}

/// Writes a torn line to a file of its own, before it is cut off.
fn keep_aside(places: &Places, run: &RunName, torn: &[u8]) -> Result<String, Error> {
    for number in 1..=MOST_TORN {
        let path = places.torn(run, number);
        let mut how = OpenOptions::new();
        match place::must_open(&path, how.write(true).create_new(true), "make") {
            Ok(mut file) => {
                file.write_all(torn).and_then(|()| file.sync_all()).map_err(Error::io("write", &path))?;
                place::sync_dir(places.runs())?;
                return Ok(path.to_string_lossy().into_owned());
            }
            Err(Error::Io(e)) if e.kind == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    let many = io::Error::other("a thousand torn lines of it are kept already");
    Err(Error::io("keep what was torn of", Path::new(run.as_str()))(many))
}
