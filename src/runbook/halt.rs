//! Where a run stopped to be asked, and a line about a run for lists: what the engine tells its front ends.

use super::event::Failure;
use super::need::{Proposal, Question};
use super::run::RunState;
use crate::estate::{RunId, Slot, Timestamp, Untrusted};

/// Why a run does not go on by itself.
#[derive(Clone, PartialEq, Debug)]
pub enum Halt {
    /// Changes need consent.
    Consent {
        /// Which step.
        step: String,
        /// What would be done.
        proposal: Proposal,
        /// What the step after it would do, where both contain the same compromise: one screen may agree to both.
        /// The step still proposes it in its turn, and anew if AWS has changed meanwhile.
        ahead: Option<Box<(String, Proposal)>>,
    },
    /// The account is marked production: its alias must be typed, once for the run.
    Arm {
        /// The alias.
        alias: Untrusted,
    },
    /// It waits for time.
    Time {
        /// At which step.
        step: String,
        /// Until when.
        until: Timestamp,
        /// Late inputs that end the wait sooner.
        accepts: Vec<String>,
        /// What it waits for, in words.
        why: String,
    },
    /// It waits for a person.
    Person {
        /// At which step.
        step: String,
        /// What is asked.
        question: Question,
    },
    /// Something secret must be entered.
    Enter {
        /// At which step.
        step: String,
        /// Where it goes.
        slot: Slot,
        /// The input it is.
        input: String,
    },
    /// A call in doubt must be left alone for a while before it can be judged.
    Settle {
        /// At which step.
        step: String,
        /// Until when.
        until: Timestamp,
        /// In words.
        why: String,
    },
    /// AWS cannot tell whether a call happened: a person decides.
    Decide {
        /// At which step.
        step: String,
        /// What is in doubt.
        doubt: Doubt,
    },
    /// A step could not go on.
    Failed {
        /// Which.
        step: String,
        /// Why.
        failure: Failure,
    },
    /// The step that was named as the last one is done.
    Reached(String),
    /// Its front end asked it to stop at the next safe point: nothing is in flight.
    Paused,
    /// It is over.
    Over(RunState),
}

/// A call of which nobody knows whether it happened, for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// What the call does; safe to draw.
    pub call: String,
    /// Why it cannot be told; safe to draw.
    pub why: String,
    /// What is known; safe to draw.
    pub evidence: Vec<String>,
    /// What it means if it happened; safe to draw.
    pub if_happened: String,
    /// What it means if it did not; safe to draw.
    pub if_not: String,
}

/// What a person decided about a call in doubt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It has happened; with the id of what it made, where AWS chose one.
    Happened(Option<Untrusted>),
    /// It has not happened, and will not any more: it is made again.
    NotHappened,
}

/// A run in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunLine {
    /// Its id.
    pub id: RunId,
    /// Its runbook; empty if it cannot be read.
    pub runbook: String,
    /// How it stands; `None` if its journal is damaged.
    pub state: Option<RunState>,
    /// What it waits for, in words; or what is wrong with its journal.
    pub waiting: String,
    /// When its wait is over, where that is known.
    pub until: Option<Timestamp>,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// By whom.
    pub by: Untrusted,
}

impl Halt {
    /// Whether a person can answer it now.
    #[must_use]
    pub fn is_for_a_person(&self) -> bool {
        match self {
            Halt::Consent { .. }
            | Halt::Arm { .. }
            | Halt::Person { .. }
            | Halt::Enter { .. }
            | Halt::Decide { .. } => true,
            Halt::Time { accepts, .. } => !accepts.is_empty(),
            Halt::Settle { .. } | Halt::Failed { .. } | Halt::Reached(_) | Halt::Paused | Halt::Over(_) => {
                false
            }
        }
    }
}

impl RunLine {
    /// The word for how it stands.
    #[must_use]
    pub fn state_word(&self) -> &'static str {
        self.state.map_or("damaged", RunState::word)
    }
}
