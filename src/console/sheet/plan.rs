//! What a plan says: every step with the exact calls, what each hits, whether it is allowed, what it breaks
//! and how it is undone. Nothing was changed to make it.

use super::line::Line;
use super::say::Say;
use crate::console::model::Model;
use crate::controls::Role;
use crate::estate::Risk;
use crate::runbook::plan::{Allowed, Plan, PlannedCall, PlannedStep};

/// The lines of the plan that was asked for.
pub fn lines(model: &Model, say: &Say<'_>) -> Vec<Line> {
    let Some(open) = &model.runs.plan else {
        return vec![Line::of(Role::Dim, "No plan was asked for, or its run has begun.")];
    };
    let mut out = vec![
        Line::of(Role::Strong, open.book.name.clone()).and(Role::Dim, format!("   {}", open.book.title)),
    ];
    for (name, value) in &open.given {
        let value = crate::estate::Untrusted::from(value.as_str());
        out.push(say.pair(name, Line::of(Role::Text, value.shown().to_string())));
    }
    out.push(Line::blank());
    match &open.plan {
        None => out
            .push(Line::of(Role::Dim, format!("{} looking at AWS; nothing is changed", say.glyphs.loading))),
        Some(Err(words)) => {
            out.extend(say.wrapped(Role::Now, &format!("{} {words}", say.glyphs.now)));
        }
        Some(Ok(plan)) => out.extend(whole(plan, say)),
    }
    out
}

fn whole(plan: &Plan, say: &Say<'_>) -> Vec<Line> {
    let mut out = Vec::new();
    if let Some((step, why)) = plan.refusal() {
        out.extend(say.wrapped(Role::Now, &format!("{} it would stop at {step}: {why}", say.glyphs.now)));
        out.push(Line::blank());
    }
    let steps: Vec<&PlannedStep> = plan.steps.iter().filter(|s| !s.skipped).collect();
    out.push(say.heading("STEPS", Some(steps.len())));
    for (n, step) in steps.into_iter().enumerate() {
        out.extend(step_lines(step, n + 1, say));
    }
    out.push(Line::blank());
    out.extend(say.wrapped(
        Role::Dim,
        &format!(
            "Each change asks again before it is made. Plan {}; the run will be {}.",
            plan.hash.get(..12).unwrap_or(&plan.hash),
            plan.run
        ),
    ));
    out
}

fn step_lines(step: &PlannedStep, n: usize, say: &Say<'_>) -> Vec<Line> {
    let (role, sign) = match (step.risk, &step.refusal) {
        (_, Some(_)) => (Role::Now, say.glyphs.now),
        (Some(Risk::Destructive), None) => (Role::Now, say.glyphs.soon),
        (Some(Risk::Ordinary), None) => (Role::Soon, say.glyphs.soon),
        (None, None) => (Role::Dim, say.glyphs.dot),
    };
    let mut head = Line::of(role, format!("{sign} "))
        .and(Role::Dim, format!("{n:<3}"))
        .and(Role::Strong, step.title.clone());
    if !step.summary.is_empty() && step.calls.is_empty() && say.room >= 60 {
        head = head.and(Role::Dim, format!("   {}", step.summary));
    }
    let mut out = vec![head];
    let mut more = |role: Role, text: &str| {
        for part in super::line::wrap(text, say.room.saturating_sub(7).max(10)) {
            out.push(Line::of(role, format!("     {part}")));
        }
    };
    for call in &step.calls {
        more(Role::Text, &call_words(call));
    }
    for text in &step.breaks {
        more(Role::Soon, text);
    }
    for text in &step.undo {
        more(
            if step.risk == Some(Risk::Destructive) { Role::Now } else { Role::Dim },
            &format!("undo: {text}"),
        );
    }
    for text in &step.evidence {
        more(Role::Dim, text);
    }
    if let Some(text) = &step.refusal {
        more(Role::Now, text);
    }
    if step.allowed == Allowed::No {
        more(Role::Now, "you may not do this: IAM would deny it");
    }
    out
}

fn call_words(call: &PlannedCall) -> String {
    let resource = call
        .resource
        .as_ref()
        .map_or_else(|| "on what an earlier step makes".to_owned(), |r| format!("on {}", r.shown()));
    let allowed = match call.allowed {
        Allowed::Yes => "allowed",
        Allowed::No => "denied",
        Allowed::Unknown => "permission not known",
    };
    format!("{} {resource}   ({}, {allowed})", call.operation, call.iam_action)
}
