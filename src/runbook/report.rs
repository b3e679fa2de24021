//! A run as a document in Markdown, as one attaches it to a ticket: what, where, who and when, each step with
//! its evidence, each call with its outcome and the AWS CLI line that does the same, and what is left over.
//! Pure; whatever came from outside is neutralised and escaped.

use super::event::WaitingFor;
use super::run::{CallRecord, CallState, ChangeRecord, Run, RunState, StepRecord, StepState};
use super::shell;
use super::value::Value;
use crate::estate::change::Receipt;
use crate::estate::{Given, Region, Timestamp, Untrusted};
use std::fmt::Write;

/// What verifying the journal of a run has found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    /// Records that were verified.
    pub records: u64,
    /// The hash of the last of them.
    pub head: String,
}

/// The run as Markdown.
#[must_use]
pub fn markdown(run: &Run, chain: &Chain) -> String {
    let mut out = Page::default();
    head(run, chain, &mut out);
    inputs(run, &mut out);
    out.line("\n## Steps");
    for (n, step) in run.steps.iter().enumerate() {
        self::step(n + 1, step, run, &mut out);
    }
    if !run.revealed.is_empty() {
        out.line("\n## Shown to a person\n");
        for seen in &run.revealed {
            let (field, of) = (code(&seen.field), code(&seen.resource));
            out.line(&format!("- {}: {field} of {of}, to {}", instant(seen.at), code(&seen.by)));
        }
    }
    out.line("\n## What is left over\n");
    let left = run.aborted.clone().unwrap_or_else(|| run.leftovers());
    if left.is_empty() {
        out.line("Nothing.");
    }
    left.iter().for_each(|sentence| out.line(&format!("- {}", plain(sentence))));
    out.0
}

/// The text that grows. Writing to a `String` cannot fail.
#[derive(Default)]
pub(super) struct Page(pub(super) String);

impl Page {
    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    pub(super) fn row(&mut self, label: &str, text: &str) {
        self.line(&format!("| {label} | {text} |"));
    }
}

fn head(run: &Run, chain: &Chain, out: &mut Page) {
    let definition = &run.definition;
    out.line(&format!("# {} ({})\n", plain(&definition.title), plain(run.state_at_rest().word())));
    out.line("| | |\n|---|---|");
    out.row("Run", &format!("`{}`", run.id));
    out.row("Runbook", &format!("{}, version {}", code_text(&definition.name), definition.version));
    out.row("State", &plain(&standing(run)));
    let account = run.at.account.as_ref().map_or_else(|| "unknown account".to_owned(), ToString::to_string);
    let estate = if run.practice { " (the practice estate: nothing of it is real)" } else { "" };
    out.row("Where", &format!("{account}, {}, context {}{estate}", run.at.region, code(&run.context)));
    out.row("Started", &format!("{} by {}", instant(run.started_at), code(&run.started_by)));
    out.row("Last record", &instant(run.last_at));
    out.row("Plan", &format!("`{}`", run.plan_hash));
    out.row("Journal", &format!("{} records verified, last hash `{}`", chain.records, chain.head));
    if let Some(alias) = &run.alias {
        let armed = if run.armed { "typed: changes are armed" } else { "not typed yet" };
        out.row("Production", &format!("account {}, {armed}", code(alias)));
    }
}

/// The state in a sentence.
fn standing(run: &Run) -> String {
    let state = run.state_at_rest();
    let waits = run.waiting.as_ref().filter(|_| state == RunState::Waiting);
    match waits.map(|w| (&w.step, &w.for_what)) {
        Some((step, WaitingFor::Time { until, why, .. } | WaitingFor::Settle { until, why })) => {
            format!("waiting at {step} until {}: {why}", instant(*until))
        }
        Some((step, WaitingFor::Person { why, .. })) => format!("waiting for a person at {step}: {why}"),
        None if state == RunState::InDoubt => "in doubt: nobody knows whether a call happened".to_owned(),
        None => state.word().replace('_', " "),
    }
}

fn inputs(run: &Run, out: &mut Page) {
    out.line("\n## Inputs\n");
    let known = run.definition.inputs.iter().filter_map(|i| Some((&i.name, run.input(&i.name)?)));
    let mut rows = known.peekable();
    if rows.peek().is_none() {
        return out.line("None.");
    }
    out.line("| input | value |\n|---|---|");
    for (name, value) in rows {
        let late = if run.late.contains_key(name) { " (given late)" } else { "" };
        out.row(&code_text(name), &format!("{}{late}", code_text(&shown(value))));
    }
}

/// A value for people; secret ones by the names of their slots.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.shown().to_string(),
        Value::List(texts) => texts.iter().map(|t| t.shown().to_string()).collect::<Vec<_>>().join(", "),
        Value::Number(n) => n.to_string(),
        Value::Flag(yes) => yes.to_string(),
        Value::Duration(seconds) => duration(*seconds),
        Value::Time(at) => instant(*at),
        Value::Secret(_) => "(secret, never recorded)".to_owned(),
        Value::Findings(all) => all.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join("; "),
        Value::Home(_) => "(where a secret value can be read back)".to_owned(),
    }
}

/// `7d`, `1d12h`, `90s`: as it is written in definitions.
fn duration(mut seconds: u64) -> String {
    let mut out = String::new();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if seconds >= length {
            out.push_str(&format!("{}{unit}", seconds / length));
            seconds %= length;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

fn step(number: usize, step: &StepRecord, run: &Run, out: &mut Page) {
    let title = run.defined(&step.id).map_or(step.id.as_str(), |d| d.title.as_str());
    out.line(&format!(
        "\n### {number}. {} ({}, {})\n",
        plain(title),
        code_text(&step.id),
        step.state.word().replace('_', " ")
    ));
    if let Some(began) = step.began {
        let ended = step.ended.map_or_else(String::new, |t| format!(", ended {}", instant(t)));
        let by = step.by.as_ref().map_or_else(String::new, |by| format!(", by {}", code(by)));
        out.line(&format!("Began {}{ended}{by}.\n", instant(began)));
    } else if step.state == StepState::Todo {
        out.line("Not begun.\n");
    }
    step.evidence.iter().for_each(|e| out.line(&format!("- {}", plain(e))));
    if let Some(words) = &step.attested {
        out.line(&format!("- attested: {}", plain_untrusted(words)));
    }
    for note in &step.notes {
        let text = plain_untrusted(&note.text);
        out.line(&format!("- note of {}, {}: {text}", code(&note.by), instant(note.at)));
    }
    if let Some(failure) = &step.failure {
        out.line(&format!("- **failed** ({}): {}", plain(&failure.kind), plain(&failure.text)));
    }
    for (n, made) in step.changes.iter().enumerate() {
        change(n, made, &run.at.region, out);
    }
}

fn change(n: usize, change: &ChangeRecord, region: &Region, out: &mut Page) {
    let what = match change.undoes {
        Some(undone) => format!("Change {n}, which undoes change {undone}"),
        None => format!("Change {n}"),
    };
    out.line(&format!("\n**{what}**: {}.\n", plain(&change.what.sentence())));
    let given = match &change.given {
        Given::Yes => "yes".to_owned(),
        Given::Typed(name) => format!("typed {}", code(name)),
    };
    out.line(&format!("- agreed to by {}, {} ({given})", code(&change.by), instant(change.at)));
    match (&change.void, change.changed) {
        (Some(why), _) => out.line(&format!("- not (further) made: {}", plain(why))),
        (None, Some(at)) => out.line(&format!("- made completely, {}", instant(at))),
        (None, None) => out.line("- not made completely yet"),
    }
    match &change.undone {
        Some(how) if change.passed_over => out.line(&format!("- {}", plain(&how.join("; ")))),
        Some(how) => out.line(&format!("- undone: {}", plain(&how.join("; ")))),
        None => out.line(&format!("- undo: {}", plain(&change.what.undo()))),
    }
    change.calls.iter().for_each(|c| call(c, region, out));
}

fn call(call: &CallRecord, region: &Region, out: &mut Page) {
    let operation = call.what.operation().name;
    let mut text = format!("- call {}", call.call);
    if call.attempt > 1 {
        // Writing to a String cannot fail.
        let written = write!(text, ", attempt {}", call.attempt);
        debug_assert!(written.is_ok());
    }
    out.line(&format!(
        "{text}, {}: `{operation}` on {}: {}",
        instant(call.intent_at),
        code(&call.what.resource()),
        plain(&outcome(&call.state))
    ));
    out.line(&format!("  - {}", code_text(&shell::line(&call.what.cli(&call.key), region))));
}

/// How a call stands, for people. Safe to draw.
#[must_use]
pub fn outcome(state: &CallState) -> String {
    match state {
        CallState::Sent => "it left, and no outcome is known".to_owned(),
        CallState::Done(receipt) => format!("done{}", self::receipt(receipt)),
        CallState::Refused { failure, .. } => format!("refused ({}): {}", failure.kind, failure.text),
        CallState::InDoubt(failure) => format!("in doubt ({}): {}", failure.kind, failure.text),
        CallState::NotHappened => "it has not happened".to_owned(),
        CallState::Overtaken { words, .. } => format!("overtaken: {words}"),
        CallState::Accepted(words) => format!("it does not matter whether it happened: {words}"),
    }
}

fn receipt(receipt: &Receipt) -> String {
    match receipt {
        Receipt::Done => String::new(),
        Receipt::Version(v) => format!(", version {}", v.shown()),
        Receipt::Revision(r) => format!(", revision {}", r.shown()),
        Receipt::Published(v) => format!(", published version {}", v.shown()),
        Receipt::ApiKey(id) => format!(", API key {}", id.shown()),
        Receipt::AccessKey(id) => format!(", access key {}", id.shown()),
        Receipt::Received { messages, .. } => match messages.len() {
            0 => ", no message".to_owned(),
            n => format!(", {n} messages"),
        },
        Receipt::Batch { done, failed, .. } if failed.is_empty() => format!(", {} messages", done.len()),
        Receipt::Batch { done, failed, .. } => {
            format!(", {} messages; refused: {}", done.len(), failed.len())
        }
        Receipt::MoveTask(_) => ", the move task is under way".to_owned(),
        Receipt::Invoked { status, function_error: None, .. } => format!(", status {status}"),
        Receipt::Invoked { status, function_error: Some(error), .. } => {
            format!(", status {status}, the function failed: {}", error.shown())
        }
    }
}

pub(super) fn instant(t: Timestamp) -> String {
    t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

pub(super) fn plain_untrusted(text: &Untrusted) -> String {
    plain(&text.shown().to_string())
}

/// Text that is safe to draw, with everything escaped that Markdown or HTML would read as more than text
/// (CommonMark 0.31.2, "Backslash escapes").
pub(super) fn plain(text: &str) -> String {
    let text = Untrusted::from(text).shown().to_string();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>|~&#!".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

pub(super) fn code(text: &Untrusted) -> String {
    code_text(&text.shown().to_string())
}

/// A code span; its fence is longer than any row of backquotes in it, and bars would end a table's cell.
pub(super) fn code_text(text: &str) -> String {
    let text = Untrusted::from(text).shown().to_string().replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 || text.is_empty() || text.trim() != text { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests;
