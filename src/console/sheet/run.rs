//! What the page of a run says: where am I, what happened and how do we know, what comes, what can still be
//! undone, and what is at risk while I do nothing.

use super::line::{Line, width};
use super::say::Say;
use crate::console::model::{Model, OpenRun};
use crate::controls::Role;
use crate::estate::RunId;
use crate::insight::words;
use crate::runbook::event::WaitingFor;
use crate::runbook::halt::Halt;
use crate::runbook::run::{CallState, Run, RunState, StepRecord, StepState};

/// The columns of a step's title.
const TITLE: usize = 20;

/// The lines of the run `id`.
pub fn lines(model: &Model, id: &RunId, say: &Say<'_>) -> Vec<Line> {
    let Some(open) = model.runs.open.get(id) else { return vec![Line::of(Role::Dim, "It is being read.")] };
    let mut out = Vec::new();
    if let Some(words) = &open.trouble {
        out.extend(say.wrapped(Role::Now, &format!("{} {words}", say.glyphs.now)));
        out.push(Line::blank());
    }
    let Some(run) = &open.run else {
        if open.trouble.is_none() {
            out.push(Line::of(Role::Dim, format!("{} its journal is being read", say.glyphs.loading)));
        }
        return out;
    };
    let undo_from = run.current().map(|s| s.id.clone());
    for (n, step) in run.steps.iter().enumerate() {
        if step.state != StepState::Skipped {
            out.extend(step_lines(run, step, n + 1, undo_from.as_deref() == Some(&step.id), say));
        }
    }
    out.push(Line::blank());
    out.extend(now(run, open, say));
    out.push(Line::blank());
    out.extend(safety(run, say));
    out
}

/// The words at the right of the heading.
#[must_use]
pub fn headline(run: &Run, now: crate::estate::Timestamp) -> String {
    let state = run.state();
    match (&run.waiting, state) {
        (Some(waiting), RunState::Waiting) => match &waiting.for_what {
            WaitingFor::Time { until, .. } => {
                format!("waiting until {}", words::instant(*until, now))
            }
            WaitingFor::Person { .. } => "waits for you".into(),
            WaitingFor::Settle { .. } => "an outcome is settling".into(),
        },
        (_, state) => state_words(state).into(),
    }
}

/// A state in words.
#[must_use]
pub fn state_words(state: RunState) -> &'static str {
    match state {
        RunState::Active => "under way",
        RunState::Waiting => "waiting",
        RunState::InDoubt => "in doubt",
        RunState::Failed => "stopped: a step failed",
        RunState::Aborted => "stopped by a person",
        RunState::Done => "done",
        RunState::Undone => "undone",
    }
}

/// The sign and role of a step.
fn sign(step: &StepRecord, say: &Say<'_>) -> (Role, &'static str) {
    match step.state {
        StepState::Done => (Role::Ok, say.glyphs.done),
        StepState::Active => (Role::Accent, say.glyphs.half),
        StepState::Waiting => (Role::Soon, say.glyphs.half),
        StepState::InDoubt => (Role::Now, say.glyphs.unreadable),
        StepState::Failed => (Role::Now, say.glyphs.now),
        StepState::Undone => (Role::Dim, say.glyphs.undone),
        StepState::Todo | StepState::Skipped => (Role::Dim, say.glyphs.dot),
    }
}

fn step_lines(run: &Run, step: &StepRecord, n: usize, here: bool, say: &Say<'_>) -> Vec<Line> {
    let title = run.defined(&step.id).map_or(step.id.as_str(), |s| s.title.as_str());
    let (role, sign) = sign(step, say);
    let text = match step.state {
        StepState::Todo => Role::Dim,
        StepState::Skipped => Role::Dim,
        _ if here => Role::Strong,
        StepState::Done
        | StepState::Active
        | StepState::Waiting
        | StepState::InDoubt
        | StepState::Failed
        | StepState::Undone => Role::Text,
    };
    let mark = if here { say.glyphs.here } else { " " };
    let head = Line::of(Role::Accent, mark)
        .and(role, format!("{sign} "))
        .and(Role::Dim, format!("{n:<3}"))
        .and(text, format!("{title:<TITLE$} "));
    let indent = head.width();
    let mut said: Vec<(Role, String)> = Vec::new();
    if let Some(failure) = &step.failure {
        said.push((Role::Now, failure.text.clone()));
    }
    match step.state {
        StepState::Todo => said.push((Role::Dim, todo(run, step))),
        StepState::Skipped => {}
        StepState::Done
        | StepState::Active
        | StepState::Waiting
        | StepState::InDoubt
        | StepState::Failed
        | StepState::Undone => {
            said.extend(step.evidence.iter().map(|e| (Role::Text, e.clone())));
            said.extend(calls(step));
        }
    }
    if let Some(text) = &step.attested {
        said.push((Role::Text, format!("attested: {}", text.shown())));
    }
    for note in &step.notes {
        said.push((Role::Dim, format!("note of {}: {}", words::clock(note.at), note.text.shown())));
    }
    let when = match (step.ended, &step.by) {
        (Some(at), Some(by)) if step.state == StepState::Done => {
            Some(format!("{} {}", words::instant(at, run.last_at), short(by.shown().to_string())))
        }
        _ => None,
    };
    laid(head, indent, said, when, say)
}

/// What the calls of a step were, where the evidence does not say it yet.
fn calls(step: &StepRecord) -> Vec<(Role, String)> {
    if step.state == StepState::Done {
        return Vec::new();
    }
    step.calls()
        .map(|call| {
            let name = call.what.operation().name;
            match &call.state {
                CallState::Sent => (Role::Soon, format!("{name}: sent, no answer yet")),
                CallState::InDoubt(f) => (Role::Now, format!("{name}: nobody knows ({})", f.text)),
                CallState::Done(_) => (Role::Text, format!("{name}: made")),
                CallState::Refused { failure, .. } => (Role::Soon, format!("{name}: {}", failure.text)),
                CallState::NotHappened => (Role::Dim, format!("{name}: did not happen")),
                CallState::Overtaken { words, .. } => (Role::Soon, format!("{name}: {words}")),
                CallState::Accepted(words) => (Role::Dim, format!("{name}: {words}")),
            }
        })
        .collect()
}

/// What a step that has not begun will mean.
fn todo(run: &Run, step: &StepRecord) -> String {
    let planned = run.planned.get(&step.id).map_or(0, Vec::len);
    let Some(defined) = run.defined(&step.id) else { return String::new() };
    use crate::runbook::StepKind;
    match defined.kind {
        StepKind::Change if planned > 1 => format!("{planned} calls"),
        StepKind::Change => String::from("changes AWS, after you agree"),
        StepKind::Wait => String::from("waits"),
        StepKind::Manual => String::from("a person does this"),
        StepKind::Check | StepKind::Verify => String::from("looks"),
        StepKind::Note => String::new(),
    }
}

/// A step's head with what is said beside it, or below it where there is no room.
fn laid(
    head: Line,
    indent: usize,
    said: Vec<(Role, String)>,
    when: Option<String>,
    say: &Say<'_>,
) -> Vec<Line> {
    let narrow = say.room < 60;
    let room = if narrow { say.room.saturating_sub(6) } else { say.room.saturating_sub(indent + 1) }.max(10);
    let mut lines = vec![head];
    let mut first = !narrow;
    for (role, text) in said {
        for part in super::line::wrap(&text, room) {
            if first {
                if let Some(line) = lines.last_mut() {
                    line.left.push(super::Span { role, text: part });
                }
                first = false;
            } else {
                let pad = if narrow { 6 } else { indent };
                lines.push(Line::of(role, format!("{:pad$}{part}", "")));
            }
        }
    }
    if let Some(when) = when
        && let Some(line) = lines.first_mut()
        && line.width() + width(&when) + 2 < say.room
    {
        line.right.push(super::Span { role: Role::Dim, text: when });
    }
    lines
}

/// The last part of a principal: the session's name.
fn short(by: String) -> String {
    by.rsplit('/').next().map_or(by.clone(), str::to_owned)
}

/// The paragraph that says what is to be done now, and what is at risk meanwhile.
fn now(run: &Run, open: &OpenRun, say: &Say<'_>) -> Vec<Line> {
    let mut text: Vec<(Role, String)> = Vec::new();
    if open.busy {
        text.push((Role::Accent, format!("{} at work; every key stays alive", say.glyphs.loading)));
    }
    match &open.halt {
        Some(halt) if !open.busy => text.extend(asked(run, halt, say)),
        Some(_) | None => {
            if let Some(waiting) = &run.waiting {
                let (WaitingFor::Time { why, .. }
                | WaitingFor::Person { why, .. }
                | WaitingFor::Settle { why, .. }) = &waiting.for_what;
                text.push((Role::Text, why.clone()));
            }
        }
    }
    if let Some(step) = run.current().filter(|_| !run.state().over())
        && let Some(defined) = run.defined(&step.id)
        && !defined.now.is_empty()
    {
        text.push((Role::Text, defined.now.clone()));
    }
    for left in run.aborted.iter().flatten() {
        text.push((Role::Soon, format!("left over: {left}")));
    }
    if text.is_empty() {
        text.push((Role::Text, format!("The run is {}.", state_words(run.state()))));
    }
    let mut out = Vec::new();
    for (role, sentence) in text {
        for part in super::line::wrap(&sentence, say.room.saturating_sub(7).max(10)) {
            let label = if out.is_empty() { "NOW  " } else { "     " };
            out.push(Line::of(Role::Header, label).and(role, part));
        }
    }
    out
}

/// What a person is asked, in words.
fn asked(run: &Run, halt: &Halt, say: &Say<'_>) -> Vec<(Role, String)> {
    match halt {
        Halt::Consent { proposal, .. } => {
            let mut out: Vec<(Role, String)> = vec![(Role::Strong, "Your consent is needed for:".into())];
            out.extend(proposal.changes.iter().map(|c| (Role::Text, c.sentence())));
            out
        }
        Halt::Arm { alias } => vec![(
            Role::Strong,
            format!("This account is marked production: its alias {} must be typed once.", alias.shown()),
        )],
        Halt::Time { until, why, .. } => vec![(
            Role::Text,
            format!("{why} (until {}, {})", words::instant(*until, run.last_at), words::clock(*until)),
        )],
        Halt::Person { question, .. } => {
            let mut out = vec![(Role::Strong, question.text.clone())];
            out.extend(question.evidence.iter().map(|e| (Role::Text, e.clone())));
            out
        }
        Halt::Enter { input, .. } => vec![(
            Role::Strong,
            format!(
                "The value of {input} must be entered; it is not shown and not kept after this program ends."
            ),
        )],
        Halt::Settle { until, why, .. } => {
            vec![(Role::Soon, format!("{why} (it can be judged from {})", words::clock(*until)))]
        }
        Halt::Decide { doubt, .. } => {
            let mut out = vec![
                (Role::Now, format!("{} {}", say.glyphs.now, doubt.call)),
                (Role::Text, doubt.why.clone()),
            ];
            out.extend(doubt.evidence.iter().map(|e| (Role::Text, e.clone())));
            out
        }
        Halt::Failed { failure, .. } => vec![(Role::Now, failure.text.clone())],
        Halt::Reached(_) | Halt::Paused => Vec::new(),
        Halt::Over(state) => vec![(Role::Text, format!("The run is {}.", state_words(*state)))],
    }
}

/// What happens if this program stops here.
fn safety(run: &Run, say: &Say<'_>) -> Vec<Line> {
    if run.state().over() {
        return say
            .wrapped(Role::Dim, &format!("Its journal: bartizan journal export {} --format md", run.id));
    }
    say.wrapped(
        Role::Dim,
        &format!(
            "If the program stops here, nothing is lost: any operator can go on with `bartizan runbook resume {}`.",
            run.id
        ),
    )
}
