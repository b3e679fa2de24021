//! A run: what the records of a journal add up to. [`Run::begin`] and [`Run::apply`] are the fold, and the
//! only way in which a run changes, alive or after a crash; [`Run::advance`] says what is to be done next.
//! Pure: it asks nobody, waits for nothing and reads no clock.

mod advance;
mod calls;
mod fold;
mod resolve;
mod step;
mod words;

pub use advance::{Next, Sending, void_for};
pub use fold::{Misfit, Stamp};
pub use resolve::{Unresolved, parameters};
pub use step::{CallRecord, CallState, ChangeRecord, Note, StepRecord, StepState};

use super::definition::{Definition, Step};
use super::event::{Planned, WaitingFor};
use super::value::Value;
use crate::estate::{At, RunId, Salt, Timestamp, Untrusted};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run, as its records tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The definition that it was started with.
    pub definition: Arc<Definition>,
    /// The inputs as given and defaulted when it was started.
    pub inputs: BTreeMap<String, Value>,
    /// The late inputs, as far as they were given, at the start or since.
    pub late: BTreeMap<String, Value>,
    /// Where: it is bound to this account and Region.
    pub at: At,
    /// The context's name.
    pub context: Untrusted,
    /// Changes need this name typed, once.
    pub alias: Option<Untrusted>,
    /// It was typed.
    pub armed: bool,
    /// It runs over the practice estate.
    pub practice: bool,
    /// Of its fingerprints.
    pub salt: Salt,
    /// The hash of the plan that it was started from.
    pub plan_hash: String,
    /// What that plan said of each step.
    pub planned: BTreeMap<String, Vec<Planned>>,
    /// When it was started.
    pub started_at: Timestamp,
    /// By whom.
    pub started_by: Untrusted,
    /// Its steps, in the order of the definition.
    pub steps: Vec<StepRecord>,
    /// What it waits for.
    pub waiting: Option<Waiting>,
    /// It is undone, backwards.
    pub undoing: bool,
    /// A person stopped it, and this is what was left over.
    pub aborted: Option<Vec<String>>,
    /// It is over: every step done, or every change undone.
    pub ended: bool,
    /// Fields that were shown to a person: when, to whom, of which resource, which.
    pub revealed: Vec<Revealed>,
    /// The number of its last record.
    pub seq: u64,
    /// When that was written.
    pub last_at: Timestamp,
}

/// What a run waits for, where, and since when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// At which step.
    pub step: String,
    /// For what.
    pub for_what: WaitingFor,
    /// Since when.
    pub since: Timestamp,
}

/// A field that was shown to a person for some seconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revealed {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub by: Untrusted,
    /// Of which resource.
    pub resource: Untrusted,
    /// Which field.
    pub field: Untrusted,
}

/// How a run stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It can go on, or somebody is at it.
    Active,
    /// It waits: for time, for a person, for an outcome to settle.
    Waiting,
    /// Nobody knows whether a call happened, and a person must look at it.
    InDoubt,
    /// A step could not go on; a resume tries it again.
    Failed,
    /// A person stopped it.
    Aborted,
    /// Every step is done.
    Done,
    /// What it changed was undone.
    Undone,
}

impl RunState {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RunState::Active => "active",
            RunState::Waiting => "waiting",
            RunState::InDoubt => "in_doubt",
            RunState::Failed => "failed",
            RunState::Aborted => "aborted",
            RunState::Done => "done",
            RunState::Undone => "undone",
        }
    }

    /// Whether nothing more will happen in it by itself.
    #[must_use]
    pub fn over(self) -> bool {
        match self {
            RunState::Aborted | RunState::Done | RunState::Undone => true,
            RunState::Active | RunState::Waiting | RunState::InDoubt | RunState::Failed => false,
        }
    }
}

impl Run {
    /// How it stands, if a process is at it.
    #[must_use]
    pub fn state(&self) -> RunState {
        if self.aborted.is_some() {
            return RunState::Aborted;
        }
        if self.ended {
            return if self.undoing { RunState::Undone } else { RunState::Done };
        }
        let any = |state| self.steps.iter().any(|s| s.state == state);
        if any(StepState::Waiting) {
            RunState::Waiting
        } else if any(StepState::InDoubt) {
            RunState::InDoubt
        } else if any(StepState::Failed) {
            RunState::Failed
        } else {
            RunState::Active
        }
    }

    /// How it stands, if no process is at it: a call that left and of which no outcome was noted is in doubt.
    #[must_use]
    pub fn state_at_rest(&self) -> RunState {
        let state = self.state();
        let sent = self.steps.iter().flat_map(StepRecord::calls).any(|c| c.state == CallState::Sent);
        if sent && !state.over() { RunState::InDoubt } else { state }
    }

    /// Whether something in AWS is this run's to finish or to take back: a change that stands, is agreed to, or of
    /// which a call is in doubt. What went through a queue is gone from it, and nobody takes that back.
    #[must_use]
    pub fn holds(&self) -> bool {
        let mut changes = self.steps.iter().flat_map(|s| &s.changes);
        let stands = |c: &ChangeRecord| c.stands() && c.what.tallied().is_none();
        changes.any(|c| c.open() || stands(c) || c.unsettled().is_some())
    }

    /// The change whose undo has failed, if that is where the run stands: its step and its number in it.
    #[must_use]
    pub fn stuck_undoing(&self) -> Option<(&str, u32)> {
        let (step, change) = self.undoing.then(|| self.undoable().next()).flatten()?;
        let open = step.changes.iter().any(|c| c.open() || c.unsettled().is_some());
        (step.state == StepState::Failed && !open && !self.state().over())
            .then_some((step.id.as_str(), change))
    }

    /// A step's record.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&StepRecord> {
        self.steps.iter().find(|s| s.id == id)
    }

    /// A step's definition.
    #[must_use]
    pub fn defined(&self, id: &str) -> Option<&Step> {
        self.definition.steps.iter().find(|s| s.id == id)
    }

    /// The step that it is at: the first that is not over; `None` when all are.
    #[must_use]
    pub fn current(&self) -> Option<&StepRecord> {
        self.steps.iter().find(|s| !s.over())
    }

    /// What all inputs hold that have a value.
    #[must_use]
    pub fn known(&self) -> BTreeMap<String, Value> {
        let mut known = self.inputs.clone();
        known.extend(self.late.clone());
        known
    }

    /// What an input holds: given late, at the start, or by default.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&Value> {
        self.late.get(name).or_else(|| self.inputs.get(name))
    }
}
