//! What the records of calls add to a run: that one is about to leave, what came of it, and that another process
//! took over while one was in flight. The fold decides which record comes when.

use super::fold::Stamp;
use super::step::{CallRecord, CallState, ChangeRecord, StepState};
use super::{Run, Waiting};
use crate::runbook::event::{Event, Failure, Settled, WaitingFor};

impl Run {
    /// How a call stands of which nothing certain was known.
    pub(super) fn learnt(
        &mut self,
        step: &str,
        call: u32,
        attempt: u32,
        state: CallState,
    ) -> Result<(), String> {
        let none = || format!("step {step} has no call {call}, attempt {attempt}, to settle");
        let this = |c: &CallRecord| c.call == call && c.attempt == attempt && c.state.unsettled();
        let mut changes = self.find(step)?.changes.iter_mut();
        let (change, at) =
            changes.find_map(|c| c.calls.iter().position(this).map(|at| (c, at))).ok_or_else(none)?;
        let ChangeRecord { what, calls, tally, .. } = change;
        let record = calls.get_mut(at).ok_or_else(none)?;
        record.state = state;
        let Some(act) = what.tallied() else { return Ok(()) };
        match &record.state {
            CallState::Done(receipt) => act.tally(tally, &record.what, receipt),
            CallState::Accepted(_) | CallState::NotHappened => tally.doubt(&record.what, record.intent_at),
            CallState::Sent
            | CallState::InDoubt(_)
            | CallState::Refused { .. }
            | CallState::Overtaken { .. } => return Ok(()),
        }
        calls.remove(at);
        Ok(())
    }

    pub(super) fn intent(&mut self, stamp: &Stamp, event: &Event) -> Result<(), String> {
        let Event::Intent { step, change, call, attempt, key, what } = event else {
            return Err("no intent".into());
        };
        let wrong = |why: &str| Err(format!("the intent of call {call} of step {step}: {why}"));
        let number = *call;
        let s = self.find(step)?;
        let before = s.calls().filter(|c| c.call == number).map(|c| c.attempt).max();
        let fresh = number >= s.numbered;
        let c = self.open_change(step, *change)?;
        let here = c.calls.iter().any(|c| c.call == number);
        let tallied = c.what.tallied().is_some();
        match c.calls.iter_mut().rfind(|c| c.call == number) {
            // Sent again under the same key.
            Some(same) if same.attempt == *attempt => {
                if same.key != *key || same.what != *what || !same.state.unsettled() {
                    return wrong("it is not the one that was sent before");
                }
                same.intent_at = stamp.at;
                same.state = CallState::Sent;
            }
            Some(other) if other.state.unsettled() => return wrong("the attempt before is in doubt"),
            Some(_) | None => {
                if before.map_or(1, |n| n + 1) != *attempt || before.is_some() && !here || tallied && !fresh {
                    return wrong("it comes out of turn");
                }
                c.tally.begin(what);
                c.calls.push(CallRecord {
                    call: number,
                    attempt: *attempt,
                    key: key.clone(),
                    what: what.clone(),
                    intent_at: stamp.at,
                    state: CallState::Sent,
                });
            }
        }
        let s = self.at_work(step, stamp)?;
        s.numbered = s.numbered.max(number.saturating_add(1));
        Ok(())
    }

    /// Another process: what the former one had in flight is in doubt.
    pub(super) fn resumed(&mut self) {
        for step in &mut self.steps {
            step.changes.iter_mut().filter(|c| c.open()).for_each(|c| c.tally.lose());
            let calls = step.changes.iter_mut().flat_map(|c| &mut c.calls);
            let mut lost = false;
            for call in calls.filter(|c| c.state == CallState::Sent) {
                call.state = CallState::InDoubt(Failure::of(
                    "interrupted",
                    format!("the program stopped before {} answered", call.what.operation().name),
                ));
                lost = true;
            }
            if lost {
                step.state = StepState::InDoubt;
            }
        }
        // A wait for an outcome was that of the former process: it is looked at again.
        if let Some(Waiting { for_what: WaitingFor::Settle { .. }, step, .. }) = &self.waiting {
            if let Some(s) = self.steps.iter_mut().find(|s| s.id == *step) {
                s.state = StepState::InDoubt;
            }
            self.waiting = None;
        }
    }
}

/// How a call stands after what was in doubt of it was settled.
pub(super) fn settled(result: &Settled) -> CallState {
    match result {
        Settled::Happened(receipt) | Settled::PersonSaysHappened(receipt) => CallState::Done(receipt.clone()),
        Settled::NotHappened | Settled::PersonSaysNot => CallState::NotHappened,
        Settled::Overtaken(words) => CallState::Overtaken { words: words.clone(), told: false },
        Settled::Accepted(words) => CallState::Accepted(words.clone()),
    }
}
