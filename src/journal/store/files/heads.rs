//! The heads on the disk: one log for all runs, appended to by whoever writes any of them, each time under its
//! lock, and made short when most of it is old. It knows nothing of records.

use super::lock::{self, Locked};
use super::place::{self, Places};
use crate::journal::head::{self, Head, Heads};
use crate::journal::name::RunName;
use crate::journal::store::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Largest log that is read. Made short, it has some 130 bytes a run.
const LARGEST: u64 = 256 * 1024 * 1024;
/// The log is made short when it is as long as this and twice as long as it was when it was last short.
const LONG: u64 = 1024 * 1024;

/// Reads the heads without a lock, as readers do: the last line may be one that is being written.
pub(super) fn look(places: &Places) -> Result<Heads, Error> {
    Ok(Heads::parse(&place::read(&places.heads(), LARGEST)?.unwrap_or_default()))
}

/// The log, for a writer.
#[derive(Debug)]
pub(super) struct HeadLog {
    places: Arc<Places>,
    /// The length at which it is made short.
    long: u64,
}

impl HeadLog {
    /// Opens the log, which is made if there is none.
    pub(super) fn open(places: Arc<Places>) -> Result<(Self, Heads), Error> {
        let mut log = Self { places, long: LONG };
        let locked = log.lock()?;
        let file = log.file(&locked)?;
        drop(file);
        let heads = look(&log.places)?;
        log.long = long_after(&heads)?;
        Ok((log, heads))
    }

    fn lock(&self) -> Result<Locked, Error> {
        lock::wait(&self.places.heads_lock())
    }

    /// The log, which another process may have replaced since it was last opened.
    fn file(&self, _under: &Locked) -> Result<File, Error> {
        let path = self.places.heads();
        let mut how = OpenOptions::new();
        how.read(true).append(true);
        if let Some(file) = place::open(&path, &mut how, "open")? {
            return Ok(file);
        }
        let file = place::must_open(&path, how.create(true), "make")?;
        place::sync_dir(self.places.dir())?;
        Ok(file)
    }

    /// Notes the head of a run; on the disk after [`HeadLog::sync`].
    pub(super) fn note(&mut self, run: &RunName, head: Head) -> Result<(), Error> {
        let path = self.places.heads();
        let locked = self.lock()?;
        let mut file = self.file(&locked)?;
        let length = whole(&file).map_err(Error::io("read", &path))?;
        let line = head::line(run, head).map_err(|e| Error::io("write", &path)(e.into()))?;
        if let Err(why) = file.write_all(&line) {
            // a torn end is cut by whoever notes next, so a cut that fails here does no harm
            return Err(Error::io("write", &path)(match file.set_len(length) {
                Ok(()) => why,
                Err(also) => io::Error::new(why.kind(), format!("{why}, and it cannot be cut: {also}")),
            }));
        }
        if length + line.len() as u64 > self.long && self.shorten(&locked).is_err() {
            // the head is noted, and noting it twice would be damage: making the log short can wait
            self.long = self.long.saturating_mul(2);
        }
        Ok(())
    }

    /// Makes all that was noted durable.
    pub(super) fn sync(&self) -> Result<(), Error> {
        let path = self.places.heads();
        let file = place::must_open(&path, OpenOptions::new().read(true).append(true), "open")?;
        file.sync_data().map_err(Error::io("sync", &path))
    }

    /// Replaces the log by one with the last head of each run. A damaged one stays as it is, as evidence.
    fn shorten(&mut self, under: &Locked) -> Result<(), Error> {
        let (path, draft) = (self.places.heads(), self.places.dir().join("heads.new"));
        drop(self.file(under)?);
        let heads = look(&self.places)?;
        self.long = long_after(&heads)?;
        if heads.damage().is_some() {
            return Ok(());
        }
        let bytes = heads.compacted().map_err(|e| Error::io("write", &draft)(e.into()))?;
        let mut how = OpenOptions::new();
        let mut file = place::must_open(&draft, how.write(true).create(true).truncate(true), "make")?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(Error::io("write", &draft))?;
        fs::rename(&draft, &path).map_err(Error::io("replace", &path))?;
        place::sync_dir(self.places.dir())
    }
}

fn long_after(heads: &Heads) -> Result<u64, Error> {
    let short =
        heads.compacted().map_err(|e| Error::io("measure", std::path::Path::new("heads.jsonl"))(e.into()))?;
    Ok(LONG.max(2 * short.len() as u64))
}

/// The length of the whole lines. A line that a crash has torn is cut off: the record it stood for is there, and
/// its head is noted anew when the run is opened.
fn whole(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let Some(end) = length.checked_sub(1) else { return Ok(0) };
    let mut last = [0];
    file.read_exact_at(&mut last, end)?;
    if last == *b"\n" {
        return Ok(length);
    }
    let mut bytes = vec![0; usize::try_from(length.min(LARGEST)).unwrap_or(0)];
    let from = length - bytes.len() as u64;
    file.read_exact_at(&mut bytes, from)?;
    let after = bytes.iter().rev().take_while(|b| **b != b'\n').count() as u64;
    file.set_len(length - after)?;
    Ok(length - after)
}
