//! What a plan says: every step with the exact calls, what each hits, whether it is allowed, what it breaks
//! and how it is undone. Nothing was changed to make it.

use super::line::{Line, cut_middle, width};
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
    if let Some(words) = &open.trouble {
        out.extend(say.wrapped(Role::Now, &format!("{} not started: {words}", say.glyphs.now)));
        out.push(Line::blank());
    }
    for (name, value) in &open.given {
        let value = crate::estate::Untrusted::from(value.as_str()).shown().to_string();
        let room = say.room.saturating_sub(16).max(8);
        out.push(say.pair(name, Line::of(Role::Text, cut_middle(&value, room, say.glyphs.cut))));
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
        let title = plan.step(step).map_or(step, |s| s.title.as_str());
        let text = format!("{} cannot start: it would stop at \"{title}\": {why}", say.glyphs.now);
        out.extend(say.wrapped(Role::Now, &text));
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
        (Some(Risk::Destructive), None) => (Role::Now, say.glyphs.now),
        (Some(Risk::Ordinary | Risk::Containing | Risk::Releasing), None) => (Role::Soon, say.glyphs.soon),
        (None, None) => (Role::Dim, say.glyphs.dot),
    };
    let mut head = Line::of(role, format!("{sign} "))
        .and(Role::Dim, format!("{n:<3}"))
        .and(Role::Strong, step.title.clone());
    head = match step.risk {
        Some(Risk::Destructive) => head.and(Role::Now, "  destructive"),
        Some(Risk::Containing) => head.and(Role::Soon, "  contains"),
        Some(Risk::Releasing) => head.and(Role::Soon, "  ends a containment"),
        Some(Risk::Ordinary) | None => head,
    };
    // What it would do in a line, unless what it found or calls says the same.
    let repeated = step.calls.is_empty() && step.evidence.first().is_some_and(|e| *e == step.summary);
    if !step.summary.is_empty() && step.calls.is_empty() && !repeated && say.room >= 60 {
        head = head.and(Role::Dim, format!("  {}", step.summary));
    }
    let mut out = vec![head];
    let mut more = |role: Role, text: &str| {
        for part in super::line::wrap(text, say.room.saturating_sub(7).clamp(10, 110)) {
            out.push(Line::of(role, format!("     {part}")));
        }
    };
    if let Some(text) = &step.refusal {
        more(Role::Now, text);
    }
    // What was found is whole in the run; here each takes one line.
    let room = say.room.saturating_sub(7).max(10);
    for text in &step.evidence {
        more(Role::Dim, &super::line::cut_end(text, room.min(110), say.glyphs.cut));
    }
    let calls: Vec<Line> = step.calls.iter().map(|call| call_line(call, say)).collect();
    if step.allowed == Allowed::No {
        more(Role::Now, "you may not do this: IAM would deny it");
    }
    for text in &step.breaks {
        more(Role::Soon, &format!("breaks: {text}"));
    }
    for text in &step.undo {
        let role = if step.risk == Some(Risk::Destructive) { Role::Now } else { Role::Dim };
        more(role, &format!("undo: {text}"));
    }
    let at = 1 + step.refusal.iter().map(|t| rows(t, say)).sum::<usize>() + step.evidence.len();
    out.splice(at.min(out.len())..at.min(out.len()), calls);
    out
}

fn rows(text: &str, say: &Say<'_>) -> usize {
    super::line::wrap(text, say.room.saturating_sub(7).clamp(10, 110)).len()
}

/// A call in one line: what, on what (cut in its middle), and whether it is allowed.
fn call_line(call: &PlannedCall, say: &Say<'_>) -> Line {
    let (role, allowed) = match call.allowed {
        Allowed::Yes => (Role::Dim, "allowed"),
        Allowed::No => (Role::Now, "denied"),
        Allowed::Unknown => (Role::Dim, "allowed: unknown"),
    };
    let operation = format!("     {}", call.operation);
    let resource = call.resource.as_ref().map_or_else(
        || "what an earlier step makes".to_owned(),
        |r| {
            let text = r.shown().to_string();
            // Of an ARN, what tells it from others here: the account and the Region are the context's.
            let own = text.starts_with("arn:").then(|| text.splitn(6, ':').nth(5)).flatten();
            own.map_or(text.clone(), str::to_owned)
        },
    );
    let room = say.room.saturating_sub(2 + width(&operation) + 4 + 2 + width(allowed)).max(8);
    Line::of(Role::Text, operation)
        .and(Role::Text, format!(" on {}", cut_middle(&resource, room, say.glyphs.cut)))
        .ending(role, allowed)
}
