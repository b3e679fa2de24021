//! What is to be done next in a run: the order of things that no crash may disturb. First whatever nobody
//! knows is settled, then what was agreed to is made, then the step's verb is asked, then the next step
//! begins.

use super::step::{CallState, ChangeRecord, StepRecord, StepState};
use super::{Run, RunState};
use crate::estate::{Call, IdempotencyKey, Slot};
use crate::runbook::event::{Event, Failure};
use std::collections::BTreeSet;

/// What is to be done next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Save these records, and ask again.
    Save(Vec<Event>),
    /// Find out whether this call happened, save that, and ask again.
    Settle {
        /// The step.
        step: String,
        /// The change it belongs to.
        change: u32,
        /// Its number in the step.
        call: u32,
        /// Its attempt.
        attempt: u32,
    },
    /// Save the intents of these calls, make them, save the outcomes, and ask again.
    Send {
        /// The step.
        step: String,
        /// The change they belong to.
        change: u32,
        /// The calls: all may be in flight at once.
        calls: Vec<Sending>,
    },
    /// Ask the step's verb how to go on.
    Step(String),
    /// Ask the step's verb how to undo a change of it.
    Undo {
        /// The step.
        step: String,
        /// The change.
        change: u32,
    },
    /// Nothing more is to be done.
    Over(RunState),
}

/// A call to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sending {
    /// Its number in the step.
    pub call: u32,
    /// Attempt.
    pub attempt: u32,
    /// Its key.
    pub key: IdempotencyKey,
    /// What.
    pub what: Call,
}

impl Run {
    /// What is to be done next, when the slots in `held` hold something and no call is in flight.
    #[must_use]
    pub fn advance(&self, held: &BTreeSet<Slot>) -> Next {
        if self.state().over() {
            return Next::Over(self.state());
        }
        if let Some(next) = self.unfinished(held) {
            return next;
        }
        if self.undoing { self.backwards() } else { self.forwards() }
    }

    /// What was begun and must come first: calls in doubt, and changes that were agreed to.
    fn unfinished(&self, held: &BTreeSet<Slot>) -> Option<Next> {
        for step in &self.steps {
            let doubt = (0..).zip(&step.changes).find_map(|(n, c)| Some((n, c.unsettled()?)));
            if let Some((change, call)) = doubt {
                let (step, call, attempt) = (step.id.clone(), call.call, call.attempt);
                return Some(Next::Settle { step, change, call, attempt });
            }
        }
        let (step, number, change) =
            self.steps.iter().find_map(|s| s.open().map(|(number, change)| (s, number, change)))?;
        if self.undoing && change.undoes.is_none() {
            let why = "the run is being undone".to_owned();
            return Some(Next::Save(vec![Event::Void { step: step.id.clone(), change: number, why }]));
        }
        Some(self.go_on_with(step, number, change, held))
    }

    fn go_on_with(
        &self,
        step: &StepRecord,
        number: u32,
        change: &ChangeRecord,
        held: &BTreeSet<Slot>,
    ) -> Next {
        let id = || step.id.clone();
        if let Some(failure) = untold(change) {
            if change.what.is_dispensable() && !passes_or_is_mended(&failure) {
                return Next::Save(vec![Event::Void { step: id(), change: number, why: failure.text }]);
            }
            let failed = Event::Failed { step: id(), failure: failure.clone() };
            return Next::Save(match void_for(change, &failure) {
                Some(why) => vec![Event::Void { step: id(), change: number, why }, failed],
                None => vec![failed],
            });
        }
        if step.state == StepState::Failed {
            return Next::Save(vec![Event::Began { step: id() }]);
        }
        let calls = change.what.next(&change.progress());
        if calls.is_empty() {
            return Next::Save(vec![Event::Changed { step: id(), change: number }]);
        }
        if let Some(slot) = calls.iter().flat_map(Call::needs).find(|s| !held.contains(s)) {
            let why = format!("what was held in {:?} was lost with the process that held it", slot.name());
            return Next::Save(vec![Event::Void { step: id(), change: number, why }]);
        }
        let mut fresh = step.numbered..;
        let calls = calls
            .into_iter()
            .filter_map(|what| {
                let before = change.calls.iter().rfind(|c| c.what == what);
                let (call, attempt) = match before {
                    Some(c) => (c.call, c.attempt + 1),
                    None => (fresh.next()?, 1),
                };
                let key = IdempotencyKey::derive(&self.id, &step.id, call, attempt);
                Some(Sending { call, attempt, key, what })
            })
            .collect();
        Next::Send { step: id(), change: number, calls }
    }

    fn forwards(&self) -> Next {
        let Some(step) = self.current() else { return Next::Save(vec![Event::Ended]) };
        match step.state {
            StepState::Todo | StepState::Failed => Next::Save(vec![Event::Began { step: step.id.clone() }]),
            StepState::Active
            | StepState::Waiting
            | StepState::InDoubt
            | StepState::Skipped
            | StepState::Done
            | StepState::Undone => Next::Step(step.id.clone()),
        }
    }

    fn backwards(&self) -> Next {
        match self.undoable().next() {
            None => Next::Save(vec![Event::Ended]),
            Some((step, change)) => match step.state {
                StepState::Failed => Next::Save(vec![Event::Began { step: step.id.clone() }]),
                StepState::Todo
                | StepState::Skipped
                | StepState::Active
                | StepState::Waiting
                | StepState::InDoubt
                | StepState::Done
                | StepState::Undone => Next::Undo { step: step.id.clone(), change },
            },
        }
    }

    /// The changes that stand, the last first: what an undo would go through.
    pub fn undoable(&self) -> impl Iterator<Item = (&StepRecord, u32)> {
        self.steps.iter().rev().flat_map(|s| {
            let standing: Vec<u32> =
                (0..).zip(&s.changes).filter(|(_, c)| c.to_undo()).map(|(n, _)| n).collect();
            standing.into_iter().rev().map(move |n| (s, n))
        })
    }
}

/// Why a change cannot go on, if its step has not failed for that yet.
fn untold(change: &ChangeRecord) -> Option<Failure> {
    change.calls.iter().find_map(|c| match &c.state {
        CallState::Refused { failure, told: false } => Some(failure.clone()),
        CallState::Overtaken { words, told: false } => Some(Failure::of(
            "conflict",
            format!("{}: somebody else was faster: {words}", c.what.operation().name),
        )),
        CallState::Refused { told: true, .. }
        | CallState::Overtaken { told: true, .. }
        | CallState::Sent
        | CallState::Done(_)
        | CallState::InDoubt(_)
        | CallState::NotHappened
        | CallState::Accepted(_) => None,
    })
}

/// Why a change that was refused like this is void; `None` if it stays agreed to. It is void if nothing of it
/// was made: the step looks anew and asks anew. Where something was made already, a want of permission,
/// credentials or patience leaves it open, for it is to be made completely; a refusal of the thing itself
/// would come again for ever.
#[must_use]
pub fn void_for(change: &ChangeRecord, failure: &Failure) -> Option<String> {
    let mendable = failure.kind == "denied" || passes_or_is_mended(failure);
    (change.untouched() || !mendable).then(|| failure.text.clone())
}

/// Whether a refusal was for want of patience or credentials, and not of permission or sense.
fn passes_or_is_mended(failure: &Failure) -> bool {
    ["throttled", "expired", "no_credentials", "clock_skew", "declined"].contains(&failure.kind.as_str())
}
