//! What the console wants done with incidents, and what became known about them, as closed lists of data. Nothing here
//! does it.

use crate::estate::{RunId, Untrusted};
use crate::runbook::incident::{IncidentId, IncidentLine, Phase, Picture};
use std::sync::Arc;

/// What is to be done with incidents.
#[derive(Clone, PartialEq, Debug)]
pub enum IncidentOrder {
    /// Read an incident and its runs.
    Read(IncidentId),
    /// Open one.
    Open {
        /// What people call it.
        name: Untrusted,
        /// What is suspected.
        suspected: Untrusted,
    },
    /// Write down what a person said.
    Say {
        /// In which incident.
        id: IncidentId,
        /// As what.
        what: Saying,
        /// The words.
        text: Untrusted,
    },
    /// A run belongs to it.
    Attach {
        /// Which incident.
        id: IncidentId,
        /// Which run.
        run: RunId,
    },
    /// Set a line of the recovery list aside.
    SetAside {
        /// Of which incident.
        id: IncidentId,
        /// Which line.
        due: String,
        /// Why.
        why: Untrusted,
    },
    /// Write an incident as Markdown.
    Report(IncidentId),
}

/// As what a person said something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Saying {
    /// A note.
    Note,
    /// A decision.
    Decision,
    /// That a phase is entered.
    Phase(Phase),
    /// Why it is closed.
    Close,
}

/// What became known about incidents.
#[derive(Clone, PartialEq, Debug)]
pub enum IncidentNews {
    /// The incidents, newest first; or why they cannot be read.
    List(Result<Vec<IncidentLine>, String>),
    /// An incident with what its runs tell.
    Read(Arc<Picture>),
    /// One was opened here.
    Opened(IncidentId),
    /// Something was written down; a sentence for the person.
    Done(String),
    /// Something could not be done; nothing was written for it.
    Trouble(String),
}
