//! What happens in an incident beside what its runs do, as the payloads of its journal's records: what people said,
//! which runs belong to it, who was told, what was kept. Names, ids and words: never a secret value.

use super::id::IncidentId;
use super::phase::Phase;
use crate::estate::{At, RunId, Timestamp, Untrusted};
use serde::{Deserialize, Serialize};

/// Something that happened. The envelope of each record is the journal's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It was opened. Always the first.
    Opened {
        /// Its id.
        incident: IncidentId,
        /// What people call it.
        name: Untrusted,
        /// What is suspected.
        suspected: Untrusted,
        /// Since when it is known.
        known: Timestamp,
        /// Where.
        at: At,
        /// The context's name.
        context: Untrusted,
        /// It is about the practice estate.
        practice: bool,
    },
    /// A person noted something.
    Noted {
        /// The words.
        text: Untrusted,
    },
    /// A person decided something.
    Decided {
        /// What.
        text: Untrusted,
    },
    /// A person said that a phase was entered.
    Entered {
        /// Which.
        phase: Phase,
        /// The words that were said with it.
        why: Untrusted,
    },
    /// A run belongs to it.
    Attached {
        /// Which.
        run: RunId,
        /// Of which runbook.
        runbook: String,
    },
    /// Somebody outside was told, or could not be.
    Told {
        /// Of what.
        what: Telling,
        /// By which way, as the configuration names it: never an address that is a secret.
        way: Untrusted,
        /// Why nobody heard.
        failed: Option<String>,
        /// Which decision it is about: nobody is told twice of one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<String>,
    },
    /// A file was kept as evidence.
    Kept {
        /// Its name below the incident's directory.
        file: String,
        /// The hash of its bytes, in hex.
        sha256: String,
        /// How many bytes.
        bytes: u64,
        /// What it holds, in words.
        holds: String,
    },
    /// A person set aside what was to be done.
    SetAside {
        /// Which line of the recovery list.
        due: String,
        /// What it said then.
        what: String,
        /// Why.
        why: Untrusted,
    },
    /// It was closed.
    Closed {
        /// Why, where something was open.
        reason: Option<Untrusted>,
        /// What was open, one sentence each.
        open: Vec<String>,
    },
}

/// Of what somebody outside is told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// The incident began.
    Opened,
    /// Something was contained, or is said to be.
    Contained,
    /// A run waits for a person.
    Decision,
    /// What a run waited for was said.
    Answered,
    /// It is closed.
    Closed,
}

impl Telling {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Telling::Opened => "opened",
            Telling::Contained => "contained",
            Telling::Decision => "decision",
            Telling::Answered => "answered",
            Telling::Closed => "closed",
        }
    }
}

impl Event {
    /// Whether it may come after the close: what is learned is often said only then, and who was told of the close.
    pub(super) fn may_follow_the_close(&self) -> bool {
        match self {
            Event::Noted { .. } | Event::Entered { phase: Phase::Lessons, .. } | Event::Told { .. } => true,
            Event::Opened { .. }
            | Event::Decided { .. }
            | Event::Entered { .. }
            | Event::Attached { .. }
            | Event::Kept { .. }
            | Event::SetAside { .. }
            | Event::Closed { .. } => false,
        }
    }
}
