//! Why something cannot be done with a run, each with the class of exit code that a command ends with. The words
//! say what, why and what to do next, and are safe to draw.

use crate::engine::archive::ArchiveFault;
use crate::estate::{AccountId, At, Fault, RunId, Untrusted};
use crate::journal;
use crate::runbook::run::Misfit;

/// The class of a fault: what kind of exit code it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Wrong usage, or a definition that makes no sense: 2.
    Usage,
    /// AWS could not be read or written: 3.
    Aws,
    /// Refused by a guard: 4.
    Refused,
}

/// Why something cannot be done with a run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RunsFault {
    /// Nothing may be changed here.
    #[error("this context is read-only: no run is started or resumed in it")]
    ReadOnly,
    /// There is nowhere to keep a journal.
    #[error(
        "there is no state directory to keep a journal in, so nothing is changed; name one with --state-dir"
    )]
    NoState,
    /// The journal refused, or could not.
    #[error("{0}")]
    Journal(journal::Error),
    /// The journal verifies, and what it says makes no sense.
    #[error("the journal of run {run} cannot be followed: {why}; nothing is done with it")]
    Nonsense {
        /// The run.
        run: String,
        /// Why not.
        why: String,
    },
    /// No run begins like that.
    #[error("there is no run {0}; `bartizan runs list` shows them")]
    NoRun(String),
    /// The run belongs to another place.
    #[error(
        "run {run} belongs to {} in {} ({}); this is {} in {}: choose that context",
        account(.home), .home.region, .context.shown(), account(.here), .here.region
    )]
    Elsewhere {
        /// The run.
        run: RunId,
        /// Where it is at home.
        home: At,
        /// The context that it was started in.
        context: Untrusted,
        /// Where this is.
        here: At,
    },
    /// Practice is not the real thing, nor the other way round.
    #[error("run {0} belongs to {theirs}, and this is {ours}", theirs = estate(!.1), ours = estate(*.1))]
    OtherWorld(RunId, bool),
    /// AWS did not answer, or refused.
    #[error("{0}")]
    Aws(Fault),
    /// It was asked for wrongly.
    #[error("{0}")]
    Usage(String),
    /// A guard refused.
    #[error("{0}")]
    Refused(String),
}

fn account(at: &At) -> String {
    at.account.as_ref().map_or_else(|| "an unknown account".to_owned(), AccountId::to_string)
}

fn estate(practice: bool) -> &'static str {
    if practice { "the practice estate" } else { "AWS" }
}

impl From<ArchiveFault> for RunsFault {
    fn from(fault: ArchiveFault) -> Self {
        match fault {
            ArchiveFault::NoState => RunsFault::NoState,
            ArchiveFault::Journal(error) => RunsFault::Journal(error),
            ArchiveFault::Damaged(damage) => RunsFault::Journal(journal::Error::Damaged(Box::new(damage))),
            ArchiveFault::Nonsense { run, why } => RunsFault::Nonsense { run, why },
            ArchiveFault::NoRun(_) | ArchiveFault::Short(_) | ArchiveFault::Ambiguous { .. } => {
                RunsFault::Usage(fault.to_string())
            }
        }
    }
}

impl RunsFault {
    /// The class of exit code.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            RunsFault::NoRun(_) | RunsFault::Usage(_) => Class::Usage,
            RunsFault::Journal(journal::Error::Missing(_)) => Class::Usage,
            RunsFault::Aws(_) => Class::Aws,
            RunsFault::ReadOnly
            | RunsFault::NoState
            | RunsFault::Journal(_)
            | RunsFault::Nonsense { .. }
            | RunsFault::Elsewhere { .. }
            | RunsFault::OtherWorld(..)
            | RunsFault::Refused(_) => Class::Refused,
        }
    }

    /// A record that does not fit.
    pub(super) fn misfit(run: &RunId, misfit: &Misfit) -> Self {
        RunsFault::Nonsense { run: run.to_string(), why: misfit.to_string() }
    }
}

impl From<journal::Error> for RunsFault {
    fn from(error: journal::Error) -> Self {
        RunsFault::Journal(error)
    }
}

impl From<Fault> for RunsFault {
    fn from(fault: Fault) -> Self {
        RunsFault::Aws(fault)
    }
}
