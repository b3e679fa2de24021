//! Why something could not be kept or read, with the sentence for a person: what, why, and what to do next. The
//! words are safe to draw: whatever came from a file is stripped of control characters.

use super::{Holder, Lease};
use crate::journal::damage::{Damage, Place};
use crate::journal::envelope::LONGEST_LINE;
use crate::journal::name::RunName;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a store refused, or could not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// A file or directory can be reached by others than its owner.
    TooOpen {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The command that mends it.
        mend: String,
    },
    /// Something else is where a file or a directory should be.
    NotOurs {
        /// What is in the way.
        path: PathBuf,
    },
    /// Somebody writes the run.
    Held {
        /// The run.
        run: RunName,
        /// Who.
        holder: Box<Holder>,
    },
    /// Another run holds the resource.
    Leased(Box<Lease>),
    /// A name of a resource that cannot be leased: empty, or longer than 2,048 bytes.
    BadResource,
    /// A lease that cannot be read; the resource counts as held.
    BadLease {
        /// Its file.
        path: PathBuf,
    },
    /// There is such a run already.
    Exists(RunName),
    /// There is no such run.
    Missing(RunName),
    /// It does not verify.
    Damaged(Box<Damage>),
    /// A record would be longer than a line may be. Nothing was written.
    TooLong {
        /// The length of its line, in bytes.
        bytes: usize,
    },
    /// More records at once than may be. Nothing was written.
    TooMany,
    /// The run is as large as one may be.
    Full {
        /// The run.
        run: RunName,
    },
    /// Nothing was written; it may be tried again.
    NotWritten(Io),
    /// The run can no longer be written through this writer, and whether the last records are on the disk is not
    /// known: opening the run again tells.
    Broken(Io),
    /// The writer was closed.
    Closed(RunName),
    /// Something could not be read or prepared.
    Io(Io),
}

/// A failed operation on a file or whatever is behind the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Io {
    /// What was done, as in "cannot _read_ FILE".
    pub doing: &'static str,
    /// On what.
    pub path: PathBuf,
    /// The kind of failure.
    pub kind: io::ErrorKind,
    /// What the system said.
    pub why: String,
}

impl Io {
    /// A failure of `doing` something to `path`.
    pub(super) fn new(doing: &'static str, path: &Path, why: &io::Error) -> Self {
        Self { doing, path: path.to_owned(), kind: why.kind(), why: why.to_string() }
    }
}

impl Error {
    /// For `map_err`.
    pub(super) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |why| Self::Io(Io::new(doing, path, &why))
    }

    /// Whether this is damage, which a person has to look at, and not a guard or a passing trouble.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        if let Self::Damaged(damage) = self { Some(damage) } else { None }
    }
}

/// Text from a file, without what could move a cursor or reorder letters.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| {
            let moves = c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
            fmt::Write::write_char(f, if moves { '\u{fffd}' } else { c })
        })
    }
}

fn path(path: &Path) -> impl fmt::Display {
    Plain(&path.to_string_lossy()).to_string()
}

impl fmt::Display for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.doing, path(&self.path), Plain(&self.why))
    }
}

/// "pid 12 on bastion (arn:...) since 2026-...".
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, by) = (Plain(&self.host), Plain(&self.by));
        write!(f, "process {} on {host} ({by}), since {}", self.pid, self.since)
    }
}

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is held by run {}, taken by {}", Plain(&self.resource), self.run, self.taken)?;
        match &self.writer {
            Some(writer) => write!(f, "; {writer}, has that run in hand"),
            None => write!(f, "; no process has that run in hand: resume or abort it"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::TooOpen { path: p, mode, mend } => {
                write!(f, "{} can be reached by others (mode {mode:04o}); run `{}`", path(p), Plain(mend))
            }
            Error::NotOurs { path: p } => {
                write!(f, "{} is not a plain file or directory; move it away", path(p))
            }
            Error::Held { run, holder } => write!(f, "run {run} is in hand: {holder}"),
            Error::Leased(lease) => write!(f, "{lease}"),
            Error::BadResource => f.write_str("a resource that is held has a name of 1 to 2,048 bytes"),
            Error::BadLease { path: p } => write!(
                f,
                "the lease {} cannot be read, so what it names counts as held; look at it, then remove it by hand",
                path(p)
            ),
            Error::Exists(run) => write!(f, "there is a run {run} already"),
            Error::Missing(run) => write!(f, "there is no run {run}; `bartizan runs list` shows them"),
            Error::Damaged(damage) => {
                let then = match damage.place {
                    Place::Run(_) => "",
                    Place::Heads => ", and other runs and new ones go on",
                };
                write!(
                    f,
                    "the journal does not verify: {damage}; nothing is written there{then}. `bartizan journal verify` \
                     tells all"
                )
            }
            Error::TooLong { bytes } => write!(
                f,
                "a record of {bytes} bytes is longer than one may be ({LONGEST_LINE}); nothing was written"
            ),
            Error::TooMany => f.write_str("too many records at once; nothing was written"),
            Error::Full { run } => write!(f, "the journal of run {run} is as long as one may be"),
            Error::NotWritten(io) => write!(f, "{io}; nothing was written"),
            Error::Broken(io) => write!(
                f,
                "{io}; nothing more is written to this run by this process, resume it to see what is on the disk"
            ),
            Error::Closed(run) => write!(f, "writing to run {run} was ended"),
            Error::Io(io) => write!(f, "{io}"),
        }
    }
}

impl std::error::Error for Error {}
