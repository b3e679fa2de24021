//! What is left over of a run, in sentences. Safe to draw.

use super::Run;
use super::step::{CallState, StepRecord};

impl Run {
    /// What stands in AWS because of this run and was not undone, and what nobody knows, one sentence each.
    #[must_use]
    pub fn leftovers(&self) -> Vec<String> {
        self.steps.iter().flat_map(left_of).collect()
    }
}

fn left_of(step: &StepRecord) -> Vec<String> {
    let mut out = Vec::new();
    for change in &step.changes {
        if change.undoes.is_none() && change.stands() {
            let how = if change.changed.is_some() { "made" } else { "made in part" };
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
