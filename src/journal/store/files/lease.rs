//! Leases on the disk: a file for each resource that a run holds, named by the hash of the resource. They are
//! records and no locks: a run that waits for a week keeps what it holds, and no process need run.

use super::lock;
use super::place::{self, Places, absent};
use crate::estate::time::Timestamp;
use crate::journal::envelope::{Here, VERSION};
use crate::journal::name::RunName;
use crate::journal::store::{Claim, Error, Holder, Lease, may_be_leased};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Largest file of a lease, in bytes.
const LARGEST: u64 = 64 * 1024;

/// A lease as it is in its file.
#[derive(Serialize, Deserialize)]
struct Kept {
    v: u64,
    resource: String,
    run: RunName,
    host: String,
    pid: u32,
    since: Timestamp,
    by: String,
}

/// Takes `resource` for `run`; `true` if the run did not hold it before.
pub(super) fn take(
    places: &Places,
    here: &Here,
    run: &RunName,
    resource: String,
    claim: Claim,
) -> Result<bool, Error> {
    may_be_leased(&resource)?;
    places.prepare()?;
    let _others_wait = lock::wait(&places.lease_lock())?;
    let path = places.lease(&resource);
    if let Some(kept) = read(&path)? {
        return if kept.run == *run { Ok(false) } else { Err(Error::Leased(Box::new(lease(places, kept)?))) };
    }
    let (host, pid) = (here.host.clone(), here.pid);
    let kept = Kept { v: VERSION, resource, run: run.clone(), host, pid, since: claim.at, by: claim.by };
    let draft = places.leases().join("new"); // one at a time, under the lock
    let bytes = serde_json::to_vec(&kept).map_err(|e| Error::io("write", &draft)(e.into()))?;
    let mut how = OpenOptions::new();
    let mut file = place::must_open(&draft, how.write(true).create(true).truncate(true), "make")?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(Error::io("write", &draft))?;
    fs::rename(&draft, &path).map_err(Error::io("make", &path))?;
    place::sync_dir(places.leases())?;
    Ok(true)
}

/// Releases `resource`; `false` if `run` does not hold it.
pub(super) fn release(places: &Places, run: &RunName, resource: &str) -> Result<bool, Error> {
    places.prepare()?;
    let _others_wait = lock::wait(&places.lease_lock())?;
    let path = places.lease(resource);
    if read(&path)?.is_none_or(|kept| kept.run != *run) {
        return Ok(false);
    }
    fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    place::sync_dir(places.leases())?;
    Ok(true)
}

/// All leases, sorted by resource.
pub(super) fn all(places: &Places) -> Result<Vec<Lease>, Error> {
    places.check()?;
    let failed = |e| Error::io("read", places.leases())(e);
    let entries = match fs::read_dir(places.leases()) {
        Ok(entries) => entries,
        Err(e) if absent(&e) => return Ok(Vec::new()),
        Err(e) => return Err(failed(e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|e| e == "json")
            && let Some(kept) = read(&path)?
        {
            found.push(lease(places, kept)?);
        }
    }
    found.sort_by(|a, b| a.resource.cmp(&b.resource));
    Ok(found)
}

/// The lease in a file; `None` if it has just been released. One that is not what its name says counts as held.
fn read(path: &Path) -> Result<Option<Kept>, Error> {
    let Some(bytes) = place::read(path, LARGEST)? else { return Ok(None) };
    let bad = || Error::BadLease { path: path.to_owned() };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    let name = crate::journal::LineHash::of(kept.resource.as_bytes()).to_string();
    let named = path.file_stem().is_some_and(|stem| *stem == *name);
    if kept.v == VERSION && named { Ok(Some(kept)) } else { Err(bad()) }
}

/// With whoever has the run in hand now.
fn lease(places: &Places, kept: Kept) -> Result<Lease, Error> {
    let writer = lock::holder(places, &kept.run)?;
    let taken = Holder { host: kept.host, pid: kept.pid, since: kept.since, by: kept.by };
    Ok(Lease { resource: kept.resource, run: kept.run, taken, writer })
}
