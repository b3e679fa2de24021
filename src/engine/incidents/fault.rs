//! Why something cannot be done with an incident, each with the class of exit code that a command ends with. The words
//! say what, why and what to do next, and are safe to draw.

use crate::engine::archive::ArchiveFault;
use crate::engine::runs::Class;
use crate::estate::Untrusted;
use crate::journal;
use crate::runbook::incident::IncidentId;
use crate::runbook::run::Misfit;

/// Why something cannot be done with an incident.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IncidentFault {
    /// Nothing may be changed here.
    #[error("this context is read-only: no incident is opened or written to in it")]
    ReadOnly,
    /// No incident begins like that.
    #[error("there is no incident {}; `bartizan incident list` shows them", .0.shown())]
    NoIncident(Untrusted),
    /// Several incidents begin like that, or are called so.
    #[error("several incidents begin with {0} or are called so: {1}", .prefix.shown(), .all.join(", "))]
    Ambiguous {
        /// What was given.
        prefix: Untrusted,
        /// The incidents.
        all: Vec<String>,
    },
    /// It is closed.
    #[error("incident {0} is closed: notes are still taken, and everything else belongs to another incident")]
    Closed(IncidentId),
    /// It cannot be closed like that.
    #[error("incident {id} is not closed, for this is open: {}. Finish it, or close with --reason and why it stays open", listed(.ends))]
    Open {
        /// Which.
        id: IncidentId,
        /// What is open.
        ends: Vec<String>,
    },
    /// Its journal verifies, and what it says makes no sense.
    #[error("the journal of incident {id} cannot be followed: {why}; nothing is done with it")]
    Nonsense {
        /// Which.
        id: String,
        /// Why not.
        why: String,
    },
    /// A journal cannot be read or written.
    #[error("{0}")]
    Archive(ArchiveFault),
    /// It was asked for wrongly.
    #[error("{0}")]
    Usage(String),
    /// A guard refused.
    #[error("{0}")]
    Refused(String),
}

fn listed(ends: &[String]) -> String {
    ends.iter().map(|e| Untrusted::from(e.as_str()).shown().to_string()).collect::<Vec<_>>().join("; ")
}

impl IncidentFault {
    /// The class of exit code.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            IncidentFault::NoIncident(_) | IncidentFault::Ambiguous { .. } | IncidentFault::Usage(_) => {
                Class::Usage
            }
            IncidentFault::Archive(fault) => match fault {
                ArchiveFault::NoRun(_) | ArchiveFault::Short(_) | ArchiveFault::Ambiguous { .. } => {
                    Class::Usage
                }
                ArchiveFault::NoState
                | ArchiveFault::Journal(_)
                | ArchiveFault::Damaged(_)
                | ArchiveFault::Nonsense { .. } => Class::Refused,
            },
            IncidentFault::ReadOnly
            | IncidentFault::Closed(_)
            | IncidentFault::Open { .. }
            | IncidentFault::Nonsense { .. }
            | IncidentFault::Refused(_) => Class::Refused,
        }
    }

    pub(super) fn none(given: &str) -> Self {
        Self::NoIncident(Untrusted::from(given))
    }

    pub(super) fn nonsense(id: &IncidentId, why: &Misfit) -> Self {
        Self::Nonsense { id: id.to_string(), why: why.to_string() }
    }
}

impl From<ArchiveFault> for IncidentFault {
    fn from(fault: ArchiveFault) -> Self {
        Self::Archive(fault)
    }
}

impl From<journal::Error> for IncidentFault {
    fn from(error: journal::Error) -> Self {
        Self::Archive(ArchiveFault::Journal(error))
    }
}
