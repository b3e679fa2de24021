//! Which runs belong to an incident without being told: what is done about it has one time line, whoever starts it and
//! from where.

use super::picture::{AttachedRun, Picture};
use super::recovery::{Way, bare};
use crate::runbook::run::Run;
use crate::runbook::suspect::{self, Kind};
use crate::runbook::{Plan, Value};

impl Picture {
    /// Whether a run of this plan is part of the incident: it contains something; it does what a line of the recovery
    /// list asks for, by whichever runbook; or it only looks at what a run of the incident is about.
    #[must_use]
    pub fn takes(&self, plan: &Plan) -> bool {
        plan.contains()
            || self.recovery.iter().any(|due| does(plan, &due.way))
            || suspect::looks(&plan.definition)
                && self.runs.iter().filter_map(AttachedRun::run).any(|run| looks_at(plan, run))
    }
}

/// Whether a plan was given every name that a line of the list is done with.
fn does(plan: &Plan, way: &Way) -> bool {
    match way {
        Way::Start { inputs, .. } => {
            inputs.iter().all(|(name, value)| given(plan, name).is_some_and(|g| bare(g) == bare(value)))
        }
        Way::Undo(_) | Way::Hand(_) => false,
    }
}

/// Whether a plan is about the same suspect as a run.
fn looks_at(plan: &Plan, run: &Run) -> bool {
    let same = |kind: Kind| {
        let known = run.input(kind.word()).and_then(Value::text);
        given(plan, kind.word()).zip(known).is_some_and(|(one, other)| bare(one) == bare(other))
    };
    Kind::ALL.into_iter().any(same)
}

fn given<'a>(plan: &'a Plan, input: &str) -> Option<&'a str> {
    plan.inputs.get(input).and_then(Value::text)
}
