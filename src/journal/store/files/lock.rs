//! Locks. Each is `flock` on a file that is never removed: the kernel frees it when the process that holds it
//! ends, however it ends, so there is no stale lock. The note in the file tells who it is and counts only while
//! it is locked.

use super::place::{self, Places};
use crate::estate::time::Timestamp;
use crate::journal::name::RunName;
use crate::journal::store::{Error, Holder};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

/// Longest wait for a lock that is held for microseconds: its holder may have been stopped by hand.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a run's lock is tried: whoever only asks for the holder has it for microseconds.
const TRIES: u32 = 4;
/// Longest note, in bytes.
const LONGEST_NOTE: u64 = 64 * 1024;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Locked(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

/// Takes a run for writing, and says so in the lock's file.
///
/// # Errors
/// Another process, or this one, writes it.
pub(super) fn take(places: &Places, run: &RunName, holder: &Holder) -> Result<Locked, Error> {
    let path = places.run_lock(run);
    let mut file = open_to_lock(&path)?;
    for again in 0..TRIES {
        match file.try_lock() {
            Ok(()) => {
                write_note(&mut file, holder).map_err(Error::io("write", &path))?;
                return Ok(Locked(file));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1 << again)),
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path)(e)),
        }
    }
    Err(Error::Held { run: run.clone(), holder: Box::new(note(&mut file, &path)?) })
}

/// Waits for a lock that nobody keeps for long.
///
/// # Errors
/// It was not free for three seconds, or cannot be locked at all.
pub(super) fn wait(path: &Path) -> Result<Locked, Error> {
    let file = open_to_lock(path)?;
    let (mut waited, mut pause) = (Duration::ZERO, Duration::from_micros(200));
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Locked(file)),
            Err(TryLockError::WouldBlock) if waited < PATIENCE => {
                std::thread::sleep(pause);
                waited += pause;
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::io("lock", path)(io::Error::from(ErrorKind::TimedOut)));
            }
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", path)(e)),
        }
    }
}

/// Who writes a run now. Needs no permission to write.
pub(super) fn holder(places: &Places, run: &RunName) -> Result<Option<Holder>, Error> {
    let path = places.run_lock(run);
    let Some(mut file) = place::open(&path, OpenOptions::new().read(true), "read")? else { return Ok(None) };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => note(&mut file, &path).map(Some),
        Err(TryLockError::Error(e)) => Err(Error::io("lock", &path)(e)),
    }
}

fn open_to_lock(path: &Path) -> Result<File, Error> {
    let mut how = OpenOptions::new();
    place::must_open(path, how.read(true).write(true).create(true).truncate(false), "lock")
}

fn write_note(file: &mut File, holder: &Holder) -> io::Result<()> {
    let note = serde_json::to_vec(holder)?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&note)
}

/// The note in a lock's file. Whoever has just taken the lock may not have written it yet.
fn note(file: &mut File, path: &Path) -> Result<Holder, Error> {
    let bytes = place::contents(file, path, LONGEST_NOTE)?;
    match serde_json::from_slice(&bytes) {
        Ok(holder) => Ok(holder),
        Err(_) => {
            let changed = file.metadata().and_then(|m| m.modified()).map_err(Error::io("look at", path))?;
            let since = Timestamp::try_from(changed).unwrap_or(Timestamp::UNIX_EPOCH);
            let unknown = || "unknown".to_owned();
            Ok(Holder { host: unknown(), pid: 0, since, by: unknown() })
        }
    }
}
