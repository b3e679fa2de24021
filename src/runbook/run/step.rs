//! What a run remembers of each of its steps: the changes agreed to, their calls, and how each stands. Plain
//! data that the fold fills in; nothing here decides anything.

use crate::estate::{
    Call, Change, Given, IdempotencyKey, Made, Progress, Receipt, Slot, Tally, Timestamp, Untrusted,
};
use crate::runbook::event::Failure;
use crate::runbook::value::Value;
use crate::runbook::view::{ChangeMade, Forgone};
use serde::Serialize;
use std::collections::BTreeMap;

/// How a step stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Its turn has not come.
    Todo,
    /// Its condition does not hold.
    Skipped,
    /// It is under way.
    Active,
    /// It waits: for time, for a person, for an outcome to settle.
    Waiting,
    /// Nobody knows whether one of its calls happened.
    InDoubt,
    /// It could not go on; a resume tries it again.
    Failed,
    /// It is done.
    Done,
    /// What it changed was undone.
    Undone,
}

impl StepState {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StepState::Todo => "todo",
            StepState::Skipped => "skipped",
            StepState::Active => "active",
            StepState::Waiting => "waiting",
            StepState::InDoubt => "in_doubt",
            StepState::Failed => "failed",
            StepState::Done => "done",
            StepState::Undone => "undone",
        }
    }
}

/// A step of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepRecord {
    /// Its id in the definition.
    pub id: String,
    /// How it stands.
    pub state: StepState,
    /// When it first began.
    pub began: Option<Timestamp>,
    /// When it was done, or failed last.
    pub ended: Option<Timestamp>,
    /// Who was at work last.
    pub by: Option<Untrusted>,
    /// What it found, as short true sentences.
    pub evidence: Vec<String>,
    /// What it gives to later steps.
    pub outputs: BTreeMap<String, Value>,
    /// The changes agreed to, by their numbers; void ones and undos among them.
    pub changes: Vec<ChangeRecord>,
    /// What a person attested, last.
    pub attested: Option<Untrusted>,
    /// Notes of people.
    pub notes: Vec<Note>,
    /// How many calls have begun in it: the number of the next new one. Those of a change through a queue are
    /// tallied, and forgotten one by one.
    pub numbered: u32,
    /// Why it could not go on, while it is failed.
    pub failure: Option<Failure>,
}

/// What a person noted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Untrusted,
    /// The words.
    pub text: Untrusted,
}

/// A change that a person agreed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeRecord {
    /// What was agreed to.
    pub what: Change,
    /// What was answered.
    pub given: Given,
    /// Who agreed.
    pub by: Untrusted,
    /// When.
    pub at: Timestamp,
    /// Its calls, each sending under one key once, in the order of their first intents. Of a change through a queue
    /// only those are here that have no outcome yet or were refused.
    pub calls: Vec<CallRecord>,
    /// How far a change through a queue has come.
    pub tally: Tally,
    /// Why it will not be (further) made.
    pub void: Option<String>,
    /// It was made completely, then.
    pub changed: Option<Timestamp>,
    /// It undoes that change of the same step.
    pub undoes: Option<u32>,
    /// It was undone (or passed over), and how that went.
    pub undone: Option<Vec<String>>,
    /// It could not be undone and still stands.
    pub passed_over: bool,
}

/// A call under one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallRecord {
    /// Its number in the step, from 0.
    pub call: u32,
    /// Attempt, from 1. Another attempt has another key and is made only when it is certain that the one
    /// before did not happen.
    pub attempt: u32,
    /// Its key.
    pub key: IdempotencyKey,
    /// What.
    pub what: Call,
    /// When it was last about to leave: a "no" counts from then on.
    pub intent_at: Timestamp,
    /// How it stands.
    pub state: CallState,
}

/// How a call stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallState {
    /// The intent is on disk and no outcome is: in flight, or in doubt if nobody is at it.
    Sent,
    /// It was made.
    Done(Receipt),
    /// It was refused before any effect.
    Refused {
        /// Why.
        failure: Failure,
        /// The step has failed for it: whoever goes on wants it sent again.
        told: bool,
    },
    /// Nobody knows.
    InDoubt(Failure),
    /// It turned out not to have happened: another attempt may be made.
    NotHappened,
    /// Somebody else was faster: it will never happen as it was meant.
    Overtaken {
        /// In words.
        words: String,
        /// The step has failed for it.
        told: bool,
    },
    /// Whether it happened does not matter: it is made again.
    Accepted(String),
}

impl CallState {
    /// Whether it must be settled before anything else: nobody is at it and nobody knows.
    #[must_use]
    pub fn unsettled(&self) -> bool {
        match self {
            CallState::Sent | CallState::InDoubt(_) => true,
            CallState::Done(_)
            | CallState::Refused { .. }
            | CallState::NotHappened
            | CallState::Overtaken { .. }
            | CallState::Accepted(_) => false,
        }
    }
}

impl ChangeRecord {
    /// Its calls that were made, with their receipts.
    #[must_use]
    pub fn made(&self) -> Vec<Made> {
        self.calls
            .iter()
            .filter_map(|c| match &c.state {
                CallState::Done(receipt) => Some(Made { call: c.what.clone(), receipt: receipt.clone() }),
                CallState::Sent
                | CallState::Refused { .. }
                | CallState::InDoubt(_)
                | CallState::NotHappened
                | CallState::Overtaken { .. }
                | CallState::Accepted(_) => None,
            })
            .collect()
    }

    /// What was made of it so far.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { made: self.made(), tally: self.tally.clone() }
    }

    /// Whether nothing was made of it.
    #[must_use]
    pub fn untouched(&self) -> bool {
        self.made().is_empty() && self.tally.is_empty()
    }

    /// Whether it was agreed to and is neither made completely nor void.
    #[must_use]
    pub fn open(&self) -> bool {
        self.changed.is_none() && self.void.is_none()
    }

    /// Whether something of it stands in AWS as far as is known.
    #[must_use]
    pub fn stands(&self) -> bool {
        (self.undone.is_none() || self.passed_over) && !self.untouched()
    }

    /// Whether something of it stands that an undo would go through: not what undoes itself.
    #[must_use]
    pub fn to_undo(&self) -> bool {
        self.undoes.is_none() && self.undone.is_none() && !self.untouched()
    }

    /// Its call that nobody knows about, if there is one.
    #[must_use]
    pub fn unsettled(&self) -> Option<&CallRecord> {
        self.calls.iter().find(|c| c.state.unsettled())
    }

    /// The slots that its next calls need.
    #[must_use]
    pub fn needs(&self) -> Vec<Slot> {
        self.what.next(&self.progress()).iter().flat_map(Call::needs).collect()
    }
}

impl StepRecord {
    /// A step whose turn has not come.
    #[must_use]
    pub fn todo(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            state: StepState::Todo,
            began: None,
            ended: None,
            by: None,
            evidence: Vec::new(),
            outputs: BTreeMap::new(),
            changes: Vec::new(),
            attested: None,
            notes: Vec::new(),
            numbered: 0,
            failure: None,
        }
    }

    /// Whether nothing more is to be done in it.
    #[must_use]
    pub fn over(&self) -> bool {
        match self.state {
            StepState::Done | StepState::Skipped | StepState::Undone => true,
            StepState::Todo
            | StepState::Active
            | StepState::Waiting
            | StepState::InDoubt
            | StepState::Failed => false,
        }
    }

    /// The changes that were made completely; those that undo number `undoes`, or those of going forward.
    #[must_use]
    pub fn done(&self, undoes: Option<u32>) -> Vec<ChangeMade> {
        self.changes
            .iter()
            .filter(|c| c.undoes == undoes && c.changed.is_some())
            .map(|c| ChangeMade { change: c.what.clone(), made: c.made(), tally: c.tally.clone() })
            .collect()
    }

    /// The changes that AWS refused and that the run goes on without, as in [`StepRecord::done`]. What the step has
    /// failed for since is asked for again.
    #[must_use]
    pub fn forgone(&self, undoes: Option<u32>) -> Vec<Forgone> {
        let refused = |c: &&ChangeRecord| {
            let untold = |call: &CallRecord| matches!(call.state, CallState::Refused { told: false, .. });
            c.undoes == undoes && c.what.is_dispensable() && c.calls.iter().any(untold)
        };
        let of = |c: &ChangeRecord| Some(Forgone { change: c.what.clone(), why: c.void.clone()? });
        self.changes.iter().filter(refused).filter_map(of).collect()
    }

    /// The calls of all its changes, in the order of their changes.
    pub fn calls(&self) -> impl Iterator<Item = &CallRecord> {
        self.changes.iter().flat_map(|c| &c.calls)
    }

    /// The first change that is agreed to and not made, and its number.
    #[must_use]
    pub fn open(&self) -> Option<(u32, &ChangeRecord)> {
        (0..).zip(&self.changes).find(|(_, c)| c.open())
    }
}
