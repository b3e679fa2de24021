//! A plan: every step with what it found, what it would call, what that breaks and how it is undone.

use super::definition::{risk, value};
use super::{Line, Part, numbered, safe};
use crate::estate::Risk;
use crate::estate::change::CliLine;
use crate::runbook::definition::kind_word;
use crate::runbook::plan::{Allowed, Plan, PlannedCall, PlannedStep};

/// A plan as a tree. `aws` writes the AWS CLI line of a call for a shell.
#[must_use]
pub fn plan(plan: &Plan, aws: &dyn Fn(&CliLine) -> String) -> Vec<Line> {
    let name = format!("{} {}", safe(&plan.definition.name), plan.definition.version);
    let mut lines = vec![Line::new(0, Part::Title, format!("{name}: {}", safe(&plan.definition.title)))];
    let inputs = plan.inputs.iter().map(|(name, given)| format!("{} = {}", safe(name), value(given)));
    let inputs: Vec<String> = inputs.collect();
    lines.push(Line::new(0, Part::Text, format!("with {}", inputs.join(", "))));
    lines.push(Line::blank());
    let count = plan.steps.len();
    lines.extend(plan.steps.iter().enumerate().flat_map(|(nth, one)| step(nth, count, one, aws)));
    lines.extend([Line::blank(), Line::new(0, Part::Text, summary(plan))]);
    lines
}

fn step(nth: usize, count: usize, step: &PlannedStep, aws: &dyn Fn(&CliLine) -> String) -> Vec<Line> {
    let head = format!("{}  {}", numbered(nth, count), safe(&step.title));
    if step.skipped {
        return vec![Line::new(1, Part::Skipped, format!("{head} (skipped: its condition does not hold)"))];
    }
    let mut lines = vec![Line::new(1, Part::Step, head)];
    let mut below = |part, text: String| lines.push(Line::new(2, part, text));
    let about = format!("{}, {}", safe(&step.id), kind_word(step.kind));
    below(
        Part::Detail,
        match step.risk {
            Some(of) => format!("{about}; {}", risk(of)),
            None => about,
        },
    );
    // The summary is often the first thing that was found.
    if !step.summary.is_empty() && !step.evidence.contains(&step.summary) {
        below(Part::Detail, step.summary.clone());
    }
    step.evidence.iter().for_each(|found| below(Part::Evidence, found.clone()));
    for call in &step.calls {
        below(Part::Call, called(call));
        below(Part::Aws, aws(&call.cli));
    }
    step.breaks.iter().for_each(|breaks| below(Part::Breaks, format!("! {breaks}")));
    let (part, word) = match step.risk {
        Some(Risk::Destructive) => (Part::Final, "cannot be undone"),
        Some(Risk::Ordinary) | None => (Part::Undo, "undo"),
    };
    step.undo.iter().for_each(|undo| below(part, format!("{word}: {undo}")));
    if let Some(refusal) = &step.refusal {
        below(Part::Refusal, format!("! would stop here: {refusal}"));
    }
    lines
}

fn called(call: &PlannedCall) -> String {
    let resource = match &call.resource {
        Some(resource) => resource.shown().to_string(),
        None => "what an earlier step makes".to_owned(),
    };
    let allowed = match call.allowed {
        Allowed::Yes => format!("{} is allowed", call.iam_action),
        Allowed::Unknown => format!("needs {}, not known whether allowed", call.iam_action),
        Allowed::No => format!("{} is NOT allowed", call.iam_action),
    };
    format!("> {} on {resource} ({allowed})", call.operation)
}

/// What it comes to, in one line.
fn summary(plan: &Plan) -> String {
    let live = || plan.steps.iter().filter(|s| !s.skipped);
    let calls: usize = live().map(|s| s.calls.len()).sum();
    let finals = live().filter(|s| s.risk == Some(Risk::Destructive)).count();
    let undoable = match finals {
        0 => "all of it can be undone".to_owned(),
        n => format!("{} cannot be undone", crate::runbook::words::counted(n, "step")),
    };
    let hash: String = plan.hash.chars().take(12).collect();
    let calls = crate::runbook::words::counted(calls, "AWS write");
    match plan.refusal() {
        Some((step, _)) => format!("as things are, it would stop at {}; plan {hash}", safe(step)),
        None => format!("{calls}; {undoable}; plan {hash}"),
    }
}
