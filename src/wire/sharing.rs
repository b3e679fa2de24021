//! A kept practice estate that several processes may have: the file that it is in, the lock that passes it from one to the
//! other, and a clock that is never behind what another process has reached. It knows nothing of what is kept.

use bartizan::engine::{FastClock, files};
use bartizan::estate::time::{SignedDuration, Timestamp};
use bartizan::estate::{BoxFuture, Clock};
use bartizan::practice::Keeper;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So long it is waited for: others have it for the moment of a call.
const PATIENCE: Duration = Duration::from_secs(10);
/// At least and at most so long between two tries.
const PAUSES: (Duration, Duration) = (Duration::from_micros(200), Duration::from_millis(10));

/// The clock of a kept estate.
#[derive(Debug)]
pub struct KeptClock {
    own: FastClock,
    ahead_ms: AtomicI64,
}

impl KeptClock {
    /// One that goes like `own` until another process is further.
    pub fn new(own: FastClock) -> Self {
        Self { own, ahead_ms: AtomicI64::new(0) }
    }

    /// Time is not before `at` from now on.
    pub fn reach(&self, at: Timestamp) {
        let behind = at.as_millisecond().saturating_sub(self.now().as_millisecond());
        if behind > 0 {
            self.ahead_ms.fetch_add(behind, Ordering::Relaxed);
        }
    }
}

impl Clock for KeptClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead_ms.load(Ordering::Relaxed));
        self.own.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        self.own.sleep(d)
    }
}

/// The file of a kept estate, shared with other processes.
pub struct Shared {
    path: PathBuf,
    clock: Option<Arc<KeptClock>>,
    hold: Mutex<Hold>,
}

/// What this process has of it.
#[derive(Default)]
struct Hold {
    /// The lock, while it is held.
    lock: Option<File>,
    /// What was in the file when it was last read or written here.
    seen: Option<Mark>,
}

/// What tells one content of the file from another: it is replaced whole each time.
#[derive(PartialEq, Eq)]
struct Mark {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Mark {
    fn of(meta: &Metadata) -> Self {
        Self { inode: meta.ino(), length: meta.len(), modified: (meta.mtime(), meta.mtime_nsec()) }
    }

    /// That of what is there; nothing if nothing is.
    fn at(path: &Path) -> io::Result<Option<Self>> {
        match std::fs::metadata(path) {
            Ok(meta) => Ok(Some(Self::of(&meta))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }
}

impl Shared {
    /// The estate that is kept at `path`, or will be.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), clock: None, hold: Mutex::default() }
    }

    /// The same for an estate on this clock.
    pub fn on(self, clock: Arc<KeptClock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    fn hold(&self) -> MutexGuard<'_, Hold> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> io::Result<File> {
        if let Some(dir) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        }
        let path = self.path.with_extension("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let began = Instant::now();
        let mut pause = PAUSES.0;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(PAUSES.1);
                }
                Err(TryLockError::WouldBlock) => {
                    let why = format!(
                        "another process has not let it go for {} seconds; is one stopped that uses it?",
                        PATIENCE.as_secs()
                    );
                    return Err(io::Error::new(io::ErrorKind::TimedOut, why));
                }
                Err(TryLockError::Error(e)) => return Err(e),
            }
        }
    }

    fn said(&self, e: &io::Error) -> String {
        format!("{}: {e}", self.path.display())
    }
}

impl Keeper for Shared {
    fn take(&self) -> Result<Option<Vec<u8>>, String> {
        let mut hold = self.hold();
        let lock = self.lock().map_err(|e| self.said(&e))?;
        let there = Mark::at(&self.path).map_err(|e| self.said(&e))?;
        if there == hold.seen {
            hold.lock = Some(lock);
            return Ok(None);
        }
        let bytes = files::read_bytes(&self.path).map_err(|e| self.said(&e))?;
        hold.seen = there;
        hold.lock = Some(lock);
        Ok(bytes)
    }

    fn keep(&self, bytes: &[u8]) -> Result<(), String> {
        files::replace(&self.path, bytes).map_err(|e| self.said(&e))?;
        self.hold().seen = Mark::at(&self.path).map_err(|e| self.said(&e))?;
        Ok(())
    }

    fn release(&self) {
        self.hold().lock = None;
    }

    fn reached(&self, now: Timestamp) {
        if let Some(clock) = &self.clock {
            clock.reach(now);
        }
    }
}
