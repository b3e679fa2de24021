//! Where journals are kept: a small trait without a notion of files, so that a table with conditional writes can
//! stand behind it as well. The files and the memory behind it are in rooms of their own.
//!
//! Only who writes a run can take and release what it holds: so these are methods of its [`Writer`]. A lease is
//! a record, not a lock; it stays while the run waits for days and no process runs.

mod error;
pub mod files;
mod lines;
pub mod memory;
mod report;

pub use error::Error;
pub use files::Files;
pub use memory::Memory;
pub use report::Report;

use super::chain::{Folded, Rest, Verified};
use super::damage::Damage;
use super::envelope::Draft;
use super::head::Head;
use super::name::RunName;
use crate::estate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A future that can be held and sent, without naming its type.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Most records of one append.
pub const MOST_AT_ONCE: usize = 256;

/// Keeps the journals of runs.
pub trait Store: Send + Sync {
    /// The runs that were ever begun here, sorted. One whose records are lost is among them.
    ///
    /// # Errors
    /// The store cannot be read, or is more open than it may be.
    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunName>, Error>>;

    /// The records of a run, verified. Never needs permission to write; a writer may be at work meanwhile.
    ///
    /// # Errors
    /// There is no such run, or it cannot be read. That it is damaged is no error here: see [`Reading::sound`].
    fn read<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Reading, Error>>;

    /// By what a run's journal is known not to have changed, without reading it: the same mark twice, the same bytes.
    /// `None` where there is no such thing, or no journal.
    ///
    /// # Errors
    /// It cannot be looked at.
    fn mark<'a>(&'a self, _run: &'a RunName) -> BoxFuture<'a, Result<Option<Mark>, Error>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Who writes the run at this moment.
    ///
    /// # Errors
    /// It cannot be found out.
    fn holder<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Option<Holder>, Error>>;

    /// What the runs hold, sorted by resource.
    ///
    /// # Errors
    /// The leases cannot be read.
    fn leases(&self) -> BoxFuture<'_, Result<Vec<Lease>, Error>>;

    /// Begins a new run. It is durable, without records, when this returns.
    ///
    /// # Errors
    /// There is such a run, somebody is just beginning it, or nothing can be written safely here.
    fn create<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>>;

    /// Takes up a run, mending what a crash may have left.
    ///
    /// # Errors
    /// There is no such run, somebody writes it ([`Error::Held`]), it is damaged, or nothing can be written
    /// safely here.
    fn open<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>>;

    /// Verifies everything.
    ///
    /// # Errors
    /// The store cannot be read.
    fn verify(&self) -> BoxFuture<'_, Result<Report, Error>>;
}

/// Writes one run. There is at most one at a time; dropping the last handle ends it and waits until what was
/// appended is on the disk (the length of a sync).
pub trait Writer: Send + Sync {
    /// The run.
    fn run(&self) -> &RunName;

    /// Appends the records in their order; when it returns they are durable, and the head is that after the
    /// last of them. Appends made meanwhile share one sync. After a crash the first few of a batch may be there
    /// without the rest. Dropping the future takes nothing back.
    ///
    /// # Errors
    /// They cannot be written: then none of them counts. After [`Error::Broken`] nothing more is accepted.
    fn append(&self, drafts: Vec<Draft>) -> BoxFuture<'_, Result<Head, Error>>;

    /// Takes `resource` for this run until the run releases it, across waits and crashes; `true` if it was not
    /// the run's before. A resource is any name that all runs agree on, such as an ARN (1 to 2,048 bytes).
    ///
    /// # Errors
    /// Another run holds it ([`Error::Leased`]), or it cannot be written.
    fn lease<'a>(&'a self, resource: &'a str, claim: Claim) -> BoxFuture<'a, Result<bool, Error>>;

    /// Releases `resource`; `false` if this run did not hold it.
    ///
    /// # Errors
    /// It cannot be written.
    fn release<'a>(&'a self, resource: &'a str) -> BoxFuture<'a, Result<bool, Error>>;

    /// Ends writing: what was appended before is durable, its head too, and the run is free when this returns.
    ///
    /// # Errors
    /// The head could not be made durable; the records are.
    fn close(&self) -> BoxFuture<'_, Result<(), Error>>;
}

/// How long a journal is, and what changes with whatever else is done to its file: when that was last touched, by the
/// kernel's clock, and which file it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Bytes.
    pub length: u64,
    /// Seconds and nanoseconds of the last change of the file or of what is known of it.
    pub touched: (i64, i64),
    /// The file's number.
    pub file: u64,
}

/// Who wants to write, and when: told to whoever comes second.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Now, by the caller's clock.
    pub at: Timestamp,
    /// The principal, or a person's name.
    pub by: String,
}

/// Who has a run in hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// The machine.
    pub host: String,
    /// The process on it.
    pub pid: u32,
    /// Since when, by that process's clock.
    pub since: Timestamp,
    /// The principal.
    pub by: String,
}

/// A resource that a run holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// What is held.
    pub resource: String,
    /// The run that holds it.
    pub run: RunName,
    /// Who took it.
    pub taken: Holder,
    /// The process that has the run in hand at this moment. `None`: the run waits, or its process is dead; it
    /// still owns the resource until it is resumed or aborted.
    pub writer: Option<Holder>,
}

/// A run that was taken up for writing.
pub struct Opened {
    /// Appends to it.
    pub writer: Arc<dyn Writer>,
    /// What was in it.
    pub records: Verified,
    /// What had to be mended.
    pub mended: Vec<Mended>,
}

/// Something a crash left, which was put right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mended {
    /// A last line without its end was kept aside and cut off.
    Torn {
        /// Its length in bytes.
        bytes: usize,
        /// Where it is now.
        kept: String,
    },
    /// Records were written whose head was not noted.
    Head {
        /// How many.
        records: u64,
    },
}

/// One sentence for a person.
impl std::fmt::Display for Mended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mended::Torn { bytes, kept } => write!(
                f,
                "the last line of the journal was torn ({bytes} bytes, by a crash or a full disk); it was kept aside in {kept}"
            ),
            Mended::Head { records } => {
                write!(f, "{records} records were written whose head was not noted; it was put right")
            }
        }
    }
}

/// Longest name of a resource, in bytes: that of the longest ARN.
const LONGEST_RESOURCE: usize = 2048;

fn may_be_leased(resource: &str) -> Result<(), Error> {
    let good = !resource.is_empty() && resource.len() <= LONGEST_RESOURCE;
    if good { Ok(()) } else { Err(Error::BadResource) }
}

/// A run that was read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The records that hold, and what follows them.
    pub folded: Folded,
    /// Damage in the heads, which are of all runs, if it may touch this one.
    pub heads: Option<Damage>,
}

impl Reading {
    /// The records, if nothing is damaged. A line that a crash has torn, or that is being written at this
    /// moment, is no damage.
    ///
    /// # Errors
    /// What is damaged: of the run first, else of the heads.
    pub fn sound(&self) -> Result<&Verified, &Damage> {
        match (&self.folded.rest, &self.heads) {
            (Rest::Damaged(damage), _) | (_, Some(damage)) => Err(damage),
            (Rest::Nothing | Rest::Torn { .. }, None) => Ok(&self.folded.records),
        }
    }
}
