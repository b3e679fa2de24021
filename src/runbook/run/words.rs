//! What is left over of a run, in sentences. Safe to draw.

use super::step::{CallState, StepRecord};
use super::{Run, RunState};

impl Run {
    /// What stands in AWS because of this run and was not undone, and what nobody knows, one sentence each.
    /// Of a run that is done nothing is left over: what it made is what it was for.
    #[must_use]
    pub fn leftovers(&self) -> Vec<String> {
        match self.state() {
            RunState::Done => Vec::new(),
            RunState::Active
            | RunState::Waiting
            | RunState::InDoubt
            | RunState::Failed
            | RunState::Aborted
            | RunState::Undone => self.steps.iter().flat_map(left_of).collect(),
        }
    }
}

fn left_of(step: &StepRecord) -> Vec<String> {
    let mut out = Vec::new();
    for change in &step.changes {
        if change.undoes.is_none() && change.stands() {
            let how = match (change.passed_over, change.changed) {
                (true, _) => "could not be undone",
                (false, Some(_)) => "made",
                (false, None) => "made in part",
            };
            out.push(format!(
                "step {}: {} ({how}; undo: {})",
                step.id,
                change.what.sentence(),
                change.what.undo()
            ));
        }
        for call in &change.calls {
            if matches!(call.state, CallState::Sent | CallState::InDoubt(_)) {
                out.push(format!(
                    "step {}: nobody knows whether {} on {} happened",
                    step.id,
                    call.what.operation().name,
                    call.what.resource().shown()
                ));
            }
        }
    }
    out
}
