//! What the page of a runbook says: what it is for, what it asks, and its steps as a tree.

use super::line::Line;
use super::say::Say;
use crate::console::model::Model;
use crate::controls::Role;
use crate::runbook::{Definition, Input, StepKind};

/// The lines of the runbook `name`.
pub fn lines(model: &Model, name: &str, say: &Say<'_>) -> Vec<Line> {
    let Some(book) = model.book(name) else {
        return vec![Line::of(Role::Dim, "There is no such runbook any more.")];
    };
    let mut out = say.wrapped(Role::Text, &book.about);
    out.push(Line::blank());
    out.push(say.heading("STEPS", Some(book.steps.len())));
    out.extend(steps(book, say));
    out.push(Line::blank());
    out.push(say.heading("INPUTS", Some(book.inputs.len())));
    for input in &book.inputs {
        out.extend(input_lines(input, say));
    }
    out
}

/// What a kind of step is, in a word.
#[must_use]
pub fn kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Check => "looks",
        StepKind::Change => "changes",
        StepKind::Wait => "waits",
        StepKind::Manual => "a person",
        StepKind::Verify => "verifies",
        StepKind::Note => "says",
    }
}

fn steps(book: &Definition, say: &Say<'_>) -> Vec<Line> {
    let wide = book.steps.iter().map(|s| super::line::width(&s.title)).max().unwrap_or(0).min(40);
    book.steps
        .iter()
        .enumerate()
        .map(|(n, step)| {
            let role = if step.kind == StepKind::Change { Role::Strong } else { Role::Text };
            let line = Line::of(Role::Dim, format!("{:<3}", n + 1))
                .and(role, format!("{:<wide$}", step.title))
                .and(Role::Dim, format!("  {:<9}", kind(step.kind)));
            let when: Vec<String> =
                step.when.0.iter().map(|(name, values)| format!("{name}: {}", values.join(" or "))).collect();
            if when.is_empty() || say.room < 70 {
                line
            } else {
                line.and(Role::Dim, format!("  only with {}", when.join(", ")))
            }
        })
        .collect()
}

fn input_lines(input: &Input, say: &Say<'_>) -> Vec<Line> {
    let mut out =
        vec![Line::of(Role::Strong, format!("{:<14}", input.name)).and(
            Role::Dim,
            if input.choices.is_empty() { String::new() } else { input.choices.join(" | ") },
        )];
    for line in super::line::wrap(&input.doc, say.room.saturating_sub(16).clamp(10, 90)) {
        out.push(Line::of(Role::Text, format!("              {line}")));
    }
    out
}
