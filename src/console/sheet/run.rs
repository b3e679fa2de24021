//! What the page of a run says of its steps: one line each with the first thing that is known of it, and all
//! of it where a person opened the step or the run is at it. What is to be done now stands in `run_now`.

use super::line::{Line, cut_end, width, wrap};
use super::say::Say;
use crate::console::model::Model;
use crate::controls::Role;
use crate::estate::{RunId, Timestamp};
use crate::insight::words;
use crate::runbook::StepKind;
use crate::runbook::event::WaitingFor;
use crate::runbook::run::{CallState, Run, RunState, StepRecord, StepState};
use crate::runbook::verbs::queue::account::account;

/// The widest column for the titles of steps.
const TITLE: usize = 28;
/// A sheet of fewer columns has no room for a title and what is known of it in one line.
const NARROW: usize = 60;
const DAY: i64 = 86_400;

/// The lines of the steps of the run `id`.
pub fn lines(model: &Model, id: &RunId, say: &Say<'_>) -> Vec<Line> {
    let open = model.runs.open.get(id);
    let Some(run) = open.and_then(|o| o.run.as_ref()) else {
        let text = match open.and_then(|o| o.trouble.as_ref()) {
            Some(_) => "Its journal could not be read.".to_owned(),
            None => format!("{} its journal is being read", say.glyphs.loading),
        };
        return vec![Line::of(Role::Dim, text)];
    };
    let shown: Vec<&StepRecord> = run.steps.iter().filter(|s| s.state != StepState::Skipped).collect();
    let wide = shown.iter().map(|s| width(title(run, s))).max().unwrap_or(0).min(TITLE);
    let last_done = shown.iter().rposition(|s| s.state == StepState::Done);
    let mut out = Vec::new();
    for (n, step) in shown.iter().enumerate() {
        let page = Page { run, say, wide, number: n + 1, last_done: last_done == Some(n) };
        out.extend(page.step(step, model.is_unfolded(id, step)));
    }
    out
}

/// The words at the right of the heading.
#[must_use]
pub fn headline(run: &Run, now: Timestamp, dot: &str) -> String {
    let state = run.state();
    match (&run.waiting, state) {
        (Some(waiting), RunState::Waiting) => match &waiting.for_what {
            WaitingFor::Time { until, .. } => {
                let began = run.step(&waiting.step).and_then(|s| s.began).unwrap_or(waiting.since);
                waited(began, *until, now, dot)
            }
            WaitingFor::Person { .. } => "waits for you".into(),
            WaitingFor::Settle { .. } => "an outcome is settling".into(),
        },
        (_, state) => state_words(state).into(),
    }
}

/// How far a wait has come: by days where it takes some.
fn waited(began: Timestamp, until: Timestamp, now: Timestamp, dot: &str) -> String {
    let (b, u, n) = (began.as_second(), until.as_second(), now.as_second());
    if n >= u {
        return "may go on".into();
    }
    if u - b <= DAY {
        return format!("waiting until {}", words::instant(until, now));
    }
    let days = (u - b + DAY - 1) / DAY;
    format!("waiting {dot} day {} of {days}", ((n - b).max(0) / DAY + 1).min(days))
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

fn title<'r>(run: &'r Run, step: &'r StepRecord) -> &'r str {
    run.defined(&step.id).map_or(step.id.as_str(), |s| s.title.as_str())
}

/// The last part of a principal: the session's name.
fn short(by: &str) -> &str {
    by.rsplit('/').next().unwrap_or(by)
}

/// What the lines of a step are laid out by.
struct Page<'a> {
    run: &'a Run,
    say: &'a Say<'a>,
    /// Columns of the titles.
    wide: usize,
    /// The step's number among those that are shown.
    number: usize,
    /// No later step is done.
    last_done: bool,
}

impl Page<'_> {
    /// The columns inside the edges.
    fn room(&self) -> usize {
        self.say.room.saturating_sub(2)
    }

    fn is_narrow(&self) -> bool {
        self.say.room < NARROW
    }

    /// A step: its line, and what else is known of it if it is unfolded.
    fn step(&self, step: &StepRecord, unfolded: bool) -> Vec<Line> {
        let cut = self.say.glyphs.cut;
        let here = self.run.current().is_some_and(|s| s.id == step.id) && !self.run.state().over();
        let (role, sign) = self.sign(step, here);
        let text = match step.state {
            _ if here => Role::Strong,
            StepState::Todo | StepState::Skipped => Role::Dim,
            StepState::Done
            | StepState::Active
            | StepState::Waiting
            | StepState::InDoubt
            | StepState::Failed
            | StepState::Undone => Role::Text,
        };
        let head = Line::of(role, format!("{sign} ")).and(Role::Dim, format!("{:<3}", self.number));
        let mut said = self.known(step);
        // What the run waits for, or why it stopped, is whole under NOW.
        let told = here && matches!(step.state, StepState::Waiting | StepState::Failed);
        let mut line = if self.is_narrow() {
            if told && !said.is_empty() {
                said.remove(0);
            }
            let room = self.room().saturating_sub(head.width());
            head.and(text, cut_end(title(self.run, step), room, cut))
        } else {
            let wide = self.wide;
            head.and(text, format!("{:<wide$}  ", cut_end(title(self.run, step), wide, cut)))
        };
        let indent = line.width();
        if !self.is_narrow() && !said.is_empty() {
            let when = self.when(step);
            let all = self.room().saturating_sub(indent);
            // When the last done step was done, and by whom, is worth more than the end of a sentence.
            let reserved = if self.last_done { width(&when) + 2 } else { 0 };
            let room = if all > reserved + 20 { all - reserved } else { all };
            let (role, first) = said.remove(0);
            let fits = width(&first) <= room;
            line = line.and(role, cut_end(&first, room, cut));
            if !when.is_empty() && line.width() + 2 + width(&when) <= self.room() {
                line = line.ending(Role::Dim, when);
            }
            if !fits && !told {
                said.insert(0, (role, first));
            }
        }
        let mut out = vec![line.folding(&step.id)];
        if unfolded {
            let pad = if self.is_narrow() { 5 } else { 7 };
            let room = self.room().saturating_sub(pad).clamp(10, 100);
            for (role, text) in said {
                out.extend(wrap(&text, room).into_iter().map(|l| Line::of(role, format!("{:pad$}{l}", ""))));
            }
        }
        out
    }

    fn sign(&self, step: &StepRecord, here: bool) -> (Role, &'static str) {
        let glyphs = self.say.glyphs;
        match step.state {
            StepState::Done => (Role::Ok, glyphs.done),
            StepState::Active => (Role::Accent, glyphs.half),
            StepState::Waiting => (Role::Soon, glyphs.half),
            StepState::InDoubt => (Role::Now, glyphs.unreadable),
            StepState::Failed => (Role::Now, glyphs.now),
            StepState::Undone => (Role::Dim, glyphs.undone),
            StepState::Todo if here => (Role::Accent, glyphs.half),
            StepState::Todo | StepState::Skipped => (Role::Dim, glyphs.dot),
        }
    }

    /// When a step was done, and by whom.
    fn when(&self, step: &StepRecord) -> String {
        match (step.ended, &step.by) {
            (Some(at), Some(by)) if step.state == StepState::Done => {
                let by = by.shown().to_string();
                format!("{} {} {}", words::date(at, self.say.now), words::clock(at), short(&by))
            }
            _ => String::new(),
        }
    }

    /// What is known of a step, the most important first.
    fn known(&self, step: &StepRecord) -> Vec<(Role, String)> {
        let mut said: Vec<(Role, String)> = Vec::new();
        match step.state {
            StepState::Todo => said.push((Role::Dim, self.to_come(step))),
            StepState::Skipped => {}
            StepState::Failed => {
                said.extend(step.failure.iter().map(|f| (Role::Now, f.text.clone())));
            }
            StepState::Waiting => said.push((Role::Text, self.waits(step))),
            StepState::InDoubt => said.push((Role::Now, "nobody knows whether a call happened".into())),
            StepState::Done | StepState::Active | StepState::Undone => {}
        }
        for change in step.changes.iter().filter(|c| c.void.is_none()) {
            // What goes through a queue is told while it goes; when it is done, its evidence says the same.
            if let Some(act) = change.what.tallied().filter(|_| !step.over()) {
                said.extend(account(act, &change.tally).into_iter().map(|text| (Role::Text, text)));
            }
        }
        said.extend(step.evidence.iter().map(|e| (Role::Text, e.clone())));
        if step.state != StepState::Done || said.is_empty() {
            said.extend(calls(step));
        }
        if said.is_empty() && step.state == StepState::Active {
            said.push((Role::Accent, "under way".into()));
        }
        if step.state == StepState::Undone {
            said.insert(0, (Role::Dim, "undone".into()));
        }
        if let Some(text) = &step.attested {
            said.push((Role::Text, format!("attested: {}", text.shown())));
        }
        for note in &step.notes {
            let by = note.by.shown().to_string();
            let when = format!("{} {}", words::date(note.at, self.say.now), words::clock(note.at));
            said.push((Role::Dim, format!("note, {when} {}: {}", short(&by), note.text.shown())));
        }
        said
    }

    /// What a step waits for, in a few words; the whole of it is below, under NOW.
    fn waits(&self, step: &StepRecord) -> String {
        match self.run.waiting.as_ref().filter(|w| w.step == step.id).map(|w| &w.for_what) {
            Some(WaitingFor::Time { until, accepts, .. }) => {
                let sooner = if accepts.is_empty() { "" } else { ", or when you say so" };
                let until = words::instant(*until, self.say.now);
                format!("until {until}{sooner}")
            }
            Some(WaitingFor::Person { phrase_for: Some(_), .. }) => "your consent is needed".into(),
            Some(WaitingFor::Person { enter: Some(_), .. }) => "something secret is to be entered".into(),
            Some(WaitingFor::Person { why, .. } | WaitingFor::Settle { why, .. }) => why.clone(),
            None => "waiting".into(),
        }
    }

    /// What a step that has not begun will mean.
    fn to_come(&self, step: &StepRecord) -> String {
        let planned = self.run.planned.get(&step.id).map_or(0, Vec::len);
        let Some(defined) = self.run.defined(&step.id) else { return String::new() };
        match defined.kind {
            StepKind::Change if planned > 1 => format!("changes AWS in {planned} calls, after you agree"),
            StepKind::Change => "changes AWS, after you agree".into(),
            StepKind::Wait => "waits".into(),
            StepKind::Manual => "a person does this".into(),
            StepKind::Check | StepKind::Verify => "looks, changes nothing".into(),
            StepKind::Note => String::new(),
        }
    }
}

/// How the calls of a step stand.
fn calls(step: &StepRecord) -> Vec<(Role, String)> {
    // What goes through a queue is tallied.
    let listed = step.changes.iter().filter(|c| c.what.tallied().is_none());
    listed
        .flat_map(|c| &c.calls)
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
