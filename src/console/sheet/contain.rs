//! The page of something that may be in wrong hands: whose it is, and what contains it: each runbook with what it would do
//! here, what that breaks, what it does not end and how it is undone.

use super::line::{Line, cut_end, width, wrap};
use super::say::Say;
use crate::console::model::contain::Choice;
use crate::console::model::{Model, Screen};
use crate::controls::Role;
use crate::runbook::plan::{Plan, PlannedStep};
use crate::runbook::suspect::{Fit, Suspect};

/// So much of what is known is said above the choices; a run says all of it.
const KNOWN: usize = 4;

/// The lines of the page.
pub fn lines(model: &Model, suspect: &Suspect, say: &Say<'_>) -> Vec<Line> {
    let Some(page) = model.runs.contain.get(suspect) else {
        return vec![Line::of(Role::Dim, format!("{} the runbooks are on the way", say.glyphs.loading))];
    };
    let mut out = Vec::new();
    for text in known(&page.choices).into_iter().take(if say.rows < 12 { 1 } else { KNOWN }) {
        out.extend(say.wrapped(Role::Text, text));
    }
    if page.choices.iter().any(|c| c.only_tells() && c.plan.is_none()) {
        out.push(Line::of(Role::Dim, format!("{} AWS is asked whose it is", say.glyphs.loading)));
    }
    if out.is_empty() {
        let name = model.name_of(&Screen::Contain(suspect.clone())).unwrap_or_else(|| suspect.name.clone());
        let text = format!("{} {}", suspect.kind.word(), name.shown());
        out.extend(say.wrapped(Role::Text, &text));
    }
    out.push(Line::blank());
    let choices: Vec<&Choice> = model.choices(suspect).map(|(_, c)| c).collect();
    if choices.is_empty() {
        let text = format!("No runbook here takes a {}: see the runbooks under 6.", suspect.kind.word());
        out.extend(say.wrapped(Role::Soon, &text));
        return out;
    }
    let heading = say.heading("WHAT CAN BE DONE", Some(choices.len()));
    out.push(match &model.runs.refused {
        None if say.room < 60 => heading,
        None => heading.and(Role::Dim, "   nothing is changed before you have typed a name"),
        Some(_) => heading,
    });
    for (n, choice) in choices.into_iter().enumerate() {
        if n > 0 && say.rows >= 12 {
            out.push(Line::blank());
        }
        out.extend(choice_lines(choice, n, suspect, say));
    }
    if let Some(words) = &model.runs.refused {
        out.push(Line::blank());
        out.extend(say.wrapped(Role::Soon, words));
    }
    out
}

/// What is known of the suspect: what the runbooks say that only tell, else what another found first.
fn known(choices: &[Choice]) -> Vec<&String> {
    let plan = |c: &'_ Choice| matches!(&c.plan, Some(Ok(_)));
    let telling = choices.iter().filter(|c| c.only_tells() && plan(c));
    let planned = choices.iter().filter(|c| !c.only_tells() && plan(c));
    let Some(Choice { plan: Some(Ok(plan)), .. }) = telling.chain(planned).next() else { return Vec::new() };
    plan.steps.iter().find(|s| !s.evidence.is_empty()).map_or(Vec::new(), |s| s.evidence.iter().collect())
}

fn choice_lines(choice: &Choice, n: usize, of: &Suspect, say: &Say<'_>) -> Vec<Line> {
    let refused = choice.refusal();
    let (role, sign) = match (refused, choice.fit) {
        (Some(_), _) => (Role::Dim, say.glyphs.unknown),
        (None, Fit::Contains) => (Role::Soon, say.glyphs.soon),
        (None, Fit::Changes | Fit::Looks) => (Role::Dim, say.glyphs.dot),
    };
    let mut title = choice.book.title.clone();
    if choice.suspect != *of {
        title = format!("{title}: {} {}", choice.suspect.kind.word(), choice.suspect.name.shown());
    }
    let name = if say.room < 60 { String::new() } else { choice.book.name.clone() };
    let room = say.room.saturating_sub(2 + 2 + width(&name) + 2).max(8);
    let strong = if refused.is_some() { Role::Dim } else { Role::Strong };
    let head = Line::of(role, format!("{sign} "))
        .and(strong, cut_end(&title, room, say.glyphs.cut))
        .ending(Role::Dim, name)
        .folding(&n.to_string());
    let mut out = vec![head];
    let pad = if say.room < 60 { 2 } else { 16 };
    let mut hung = |label: &str, role: Role, text: &str| {
        let label = if say.room < 60 { format!("  {label}: ") } else { format!("  {label:<14}") };
        let first = width(&label);
        let room = say.room.saturating_sub(2 + first.max(pad)).clamp(10, 100);
        for (i, part) in wrap(text, room).into_iter().enumerate() {
            let lead = if i == 0 { label.clone() } else { " ".repeat(first) };
            out.push(Line::of(Role::Dim, lead).and(role, part));
        }
    };
    match (&choice.plan, refused) {
        (_, Some(why)) => hung("not this one", Role::Text, why),
        (Some(Ok(plan)), None) => {
            for (label, role, text) in facts(plan) {
                hung(label, role, text);
            }
        }
        (Some(Err(words)), None) => hung("not known", Role::Now, words),
        (None, None) if choice.ticket.is_some() => {
            hung("does", Role::Dim, &format!("{} looking at AWS; nothing is changed", say.glyphs.loading));
        }
        (None, None) => hung("does", Role::Text, "asks for its inputs, then shows what it would do"),
    }
    out
}

/// What a plan says of its changes, each thing once.
fn facts(plan: &Plan) -> Vec<(&'static str, Role, &str)> {
    let mut out: Vec<(&'static str, Role, &str)> = Vec::new();
    let steps: Vec<&PlannedStep> =
        plan.steps.iter().filter(|s| !s.skipped && !s.changes.is_empty()).collect();
    let mut add = |label, role, text| {
        if !out.iter().any(|(l, _, t)| *l == label && *t == text) {
            out.push((label, role, text));
        }
    };
    for step in &steps {
        add("does", Role::Text, step.summary.as_str());
        step.undo.iter().for_each(|t| add("undo", Role::Dim, t));
    }
    for step in &steps {
        step.breaks.iter().for_each(|t| add("breaks", Role::Soon, t));
    }
    for step in &steps {
        step.leaves.iter().for_each(|t| add("does not end", Role::Soon, t));
    }
    if out.is_empty() {
        let looks = plan.steps.iter().filter(|s| !s.skipped).map(|s| s.title.as_str());
        looks.for_each(|t| out.push(("looks", Role::Text, t)));
    }
    out
}
