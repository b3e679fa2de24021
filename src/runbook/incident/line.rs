//! The one time line of an incident: what people said, agreed to and decided, every change with its calls, and every
//! piece of evidence, folded from the incident's own records and from those of its runs. The words are not yet
//! neutralised for any place: whoever draws them does that.

use super::phase::{Phase, of_change};
use super::picture::{AttachedRun, says_contained};
use super::{Event, Telling, Timestamp};
use crate::estate::{Call, Change, Given, RunId, Untrusted};
use crate::runbook::event::{Event as RunEvent, Outcome, Settled};
use crate::runbook::report;
use crate::runbook::run::{Run, Stamp};
use crate::runbook::words::counted;
use std::collections::BTreeMap;

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Untrusted,
    /// What kind of thing.
    pub kind: EntryKind,
    /// In which run.
    pub run: Option<RunId>,
    /// At which step of it.
    pub step: Option<String>,
    /// The phase that it belongs to, where it is a change.
    pub phase: Option<Phase>,
    /// One sentence. It may hold names from outside.
    pub text: String,
    /// More of it: evidence, one sentence each.
    pub more: Vec<String>,
}

/// What kind of thing happened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EntryKind {
    /// The incident was opened or closed, a phase entered.
    Milestone,
    /// A person noted something.
    Note,
    /// A person decided, agreed, or said what a step waited for.
    Decision,
    /// A run was attached, started, stopped or ended.
    Run,
    /// A call to AWS, and what came of it.
    Call,
    /// A change was made, will not be made, or was undone.
    Change,
    /// What a step found.
    Evidence,
    /// A step could not go on.
    Trouble,
    /// Somebody outside was told.
    Told,
    /// A file was kept.
    Kept,
}

impl EntryKind {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EntryKind::Milestone => "milestone",
            EntryKind::Note => "note",
            EntryKind::Decision => "decision",
            EntryKind::Run => "run",
            EntryKind::Call => "call",
            EntryKind::Change => "change",
            EntryKind::Evidence => "evidence",
            EntryKind::Trouble => "trouble",
            EntryKind::Told => "told",
            EntryKind::Kept => "kept",
        }
    }
}

/// Everything, the oldest first. What was written at one instant keeps its order: the incident's own records, then
/// those of its runs.
pub(super) fn time_line(own: &[(Stamp, Event)], runs: &[AttachedRun]) -> Vec<Entry> {
    let mut line: Vec<Entry> = own.iter().flat_map(|(stamp, event)| of_incident(stamp, event)).collect();
    for attached in runs {
        if let Some(run) = attached.run() {
            line.extend(Teller::new(run).all(&attached.events));
        }
    }
    line.sort_by_key(|entry| entry.at);
    line
}

fn said(text: &Untrusted) -> String {
    text.shown().to_string()
}

fn of_incident(stamp: &Stamp, event: &Event) -> Vec<Entry> {
    let entry = |kind, text: String, more: Vec<String>| Entry {
        at: stamp.at,
        by: stamp.by.clone(),
        kind,
        run: None,
        step: None,
        phase: None,
        text,
        more,
    };
    match event {
        Event::Opened { name, suspected, known, .. } => {
            let opened = entry(
                EntryKind::Milestone,
                format!("the incident {} was opened", said(name)),
                vec![said(suspected)],
            );
            let mut known_at = entry(EntryKind::Milestone, "it became known".to_owned(), Vec::new());
            known_at.at = *known;
            if *known < stamp.at { vec![known_at, opened] } else { vec![opened] }
        }
        Event::Noted { text } => vec![entry(EntryKind::Note, said(text), Vec::new())],
        Event::Decided { text } => vec![entry(EntryKind::Decision, said(text), Vec::new())],
        Event::SetAside { what, why, .. } => {
            let text = format!("set aside: {}", Untrusted::from(what.as_str()).shown());
            vec![entry(EntryKind::Decision, text, vec![format!("because: {}", said(why))])]
        }
        Event::Entered { phase, why } => {
            let text = format!("the phase {} was entered", phase.word());
            let mut entered = entry(EntryKind::Milestone, text, vec![said(why)]);
            entered.phase = Some(*phase);
            vec![entered]
        }
        Event::Attached { run, runbook } => {
            let mut attached =
                entry(EntryKind::Run, format!("run {run} of {runbook} was attached"), Vec::new());
            attached.run = Some(run.clone());
            vec![attached]
        }
        Event::Told { what, way, failed, .. } => {
            let of = match what {
                Telling::Opened => "that it was opened",
                Telling::Contained => "of the containment",
                Telling::Decision => "that a decision is needed",
                Telling::Answered => "that it was decided",
                Telling::Closed => "that it is closed",
            };
            let text = match failed {
                None => format!("{} was told {of}", said(way)),
                Some(_) => format!("{} could NOT be told {of}", said(way)),
            };
            vec![entry(EntryKind::Told, text, failed.iter().cloned().collect())]
        }
        Event::Kept { file, sha256, bytes, holds } => {
            let text = format!("kept {file} ({bytes} bytes): {holds}");
            vec![entry(EntryKind::Kept, text, vec![format!("SHA-256 {sha256}")])]
        }
        Event::Closed { reason, open } => {
            let mut more: Vec<String> = reason.iter().map(|r| format!("the reason: {}", said(r))).collect();
            more.extend(open.iter().map(|o| format!("left open: {o}")));
            vec![entry(EntryKind::Milestone, "the incident was closed".to_owned(), more)]
        }
    }
}

/// Tells the records of one run, remembering what each change and each call of it was.
struct Teller<'r> {
    run: &'r Run,
    changes: BTreeMap<(String, u32), Change>,
    calls: BTreeMap<(String, u32, u32), (u32, Call)>,
}

impl<'r> Teller<'r> {
    fn new(run: &'r Run) -> Self {
        Self { run, changes: BTreeMap::new(), calls: BTreeMap::new() }
    }

    fn all(mut self, events: &[(Stamp, RunEvent)]) -> Vec<Entry> {
        events.iter().filter_map(|(stamp, event)| self.one(stamp, event)).collect()
    }

    fn one(&mut self, stamp: &Stamp, event: &RunEvent) -> Option<Entry> {
        let entry = |step: Option<&str>, kind, text: String, more: Vec<String>| {
            Some(Entry {
                at: stamp.at,
                by: stamp.by.clone(),
                kind,
                run: Some(self.run.id.clone()),
                step: step.map(str::to_owned),
                phase: None,
                text,
                more,
            })
        };
        match event {
            RunEvent::Started { definition, .. } => {
                let text =
                    format!("run {} of {} was started: {}", self.run.id, definition.name, definition.title);
                entry(None, EntryKind::Run, text, self.inputs())
            }
            RunEvent::Armed => entry(None, EntryKind::Decision, "changes were armed".to_owned(), Vec::new()),
            RunEvent::Set { input, value } => {
                let text = format!("{input} is {}", report::shown(value));
                entry(None, EntryKind::Decision, text, Vec::new())
            }
            RunEvent::Consented { step, change, what, given, undoes } => {
                let how = match given {
                    Given::Yes => "agreed".to_owned(),
                    Given::Typed(name) => format!("agreed, typing {}", said(name)),
                };
                let mut agreed =
                    entry(Some(step), EntryKind::Decision, format!("{how}: {}", what.sentence()), Vec::new());
                if let Some(agreed) = &mut agreed {
                    agreed.phase = Some(of_change(what, undoes.is_some()));
                }
                self.changes.insert((step.clone(), *change), what.clone());
                agreed
            }
            RunEvent::Void { step, change, why } => {
                let text = format!("not (further) made: {}", self.sentence(step, *change));
                entry(Some(step), EntryKind::Change, text, vec![why.clone()])
            }
            RunEvent::Intent { step, change, call, attempt, what, .. } => {
                self.calls.insert((step.clone(), *call, *attempt), (*change, what.clone()));
                None
            }
            RunEvent::Outcome { step, call, attempt, result } => {
                let (change, what) = self.calls.get(&(step.clone(), *call, *attempt))?.clone();
                // Thousands of calls of a change through a queue are one change: what it came to is told with that.
                let (trouble, came) = match result {
                    Outcome::Done(_) if self.tallied(step, change) => return None,
                    Outcome::Done(_) => (false, "done".to_owned()),
                    Outcome::Refused(f) => (true, format!("refused ({}): {}", f.kind, f.text)),
                    Outcome::InDoubt(f) => {
                        (true, format!("nobody knows whether it happened ({}): {}", f.kind, f.text))
                    }
                };
                let text = format!("{} on {}: {came}", what.operation().name, said(&what.resource()));
                entry(
                    Some(step),
                    if trouble { EntryKind::Trouble } else { EntryKind::Call },
                    text,
                    Vec::new(),
                )
            }
            RunEvent::Settled { step, call, attempt, result } => {
                let (_, what) = self.calls.get(&(step.clone(), *call, *attempt))?.clone();
                let came = match result {
                    Settled::Happened(_) => "it has happened, as a look at AWS shows".to_owned(),
                    Settled::NotHappened => "it has not happened, as a look at AWS shows".to_owned(),
                    Settled::Overtaken(words) => format!("overtaken: {words}"),
                    Settled::PersonSaysHappened(_) => "a person decided that it has happened".to_owned(),
                    Settled::PersonSaysNot => "a person decided that it has not happened".to_owned(),
                    Settled::Accepted(words) => format!("it does not matter whether it happened: {words}"),
                };
                let person = matches!(result, Settled::PersonSaysHappened(_) | Settled::PersonSaysNot);
                let kind = if person { EntryKind::Decision } else { EntryKind::Call };
                let text = format!("{} on {}: {came}", what.operation().name, said(&what.resource()));
                entry(Some(step), kind, text, Vec::new())
            }
            RunEvent::Changed { step, change } => {
                let mut made = entry(
                    Some(step),
                    EntryKind::Change,
                    format!("made: {}", self.sentence(step, *change)),
                    Vec::new(),
                );
                if let (Some(made), Some(what)) = (&mut made, self.changes.get(&(step.clone(), *change))) {
                    made.phase = Some(of_change(what, false));
                }
                made
            }
            RunEvent::Attested { step, text } => {
                entry(Some(step), EntryKind::Decision, said(text), Vec::new())
            }
            RunEvent::Noted { step, text } => entry(Some(step), EntryKind::Note, said(text), Vec::new()),
            RunEvent::Finished { step, evidence, .. } => {
                let defined = self.run.defined(step);
                let mut found = entry(
                    Some(step),
                    EntryKind::Evidence,
                    defined.map_or_else(|| step.clone(), |d| d.title.clone()),
                    evidence.clone(),
                );
                if let Some(found) = &mut found
                    && defined.is_some_and(|d| says_contained(&d.verb))
                {
                    found.phase = Some(Phase::Containment);
                }
                found
            }
            RunEvent::Failed { step, failure } => entry(
                Some(step),
                EntryKind::Trouble,
                format!("could not go on ({})", failure.kind),
                vec![failure.text.clone()],
            ),
            RunEvent::Stopped { step, .. } => entry(
                Some(step),
                EntryKind::Decision,
                "stopped: nothing more is begun".to_owned(),
                Vec::new(),
            ),
            RunEvent::Aborted { left } => {
                let text = format!(
                    "run {} was stopped for good; {} left over",
                    self.run.id,
                    counted(left.len(), "thing")
                );
                entry(None, EntryKind::Decision, text, left.clone())
            }
            RunEvent::Undoing => entry(
                None,
                EntryKind::Decision,
                format!("run {} is undone, backwards", self.run.id),
                Vec::new(),
            ),
            RunEvent::Undone { step, change, evidence, passed_over } => {
                let how = if *passed_over { "could not be undone and stands" } else { "undone" };
                let mut undone = entry(
                    Some(step),
                    EntryKind::Change,
                    format!("{how}: {}", self.sentence(step, *change)),
                    evidence.clone(),
                );
                if let Some(undone) = &mut undone {
                    undone.phase = Some(Phase::Recovery);
                }
                undone
            }
            RunEvent::Revealed { resource, field } => {
                let text = format!("{} of {} was shown to a person", said(field), said(resource));
                entry(None, EntryKind::Decision, text, Vec::new())
            }
            RunEvent::Ended => {
                entry(None, EntryKind::Run, format!("run {} is over", self.run.id), Vec::new())
            }
            // What a process does with a run, and how long it waits, is in its own page.
            RunEvent::Resumed { .. } | RunEvent::Began { .. } | RunEvent::Waiting { .. } => None,
        }
    }

    fn inputs(&self) -> Vec<String> {
        let known =
            self.run.definition.inputs.iter().filter_map(|i| Some((&i.name, self.run.inputs.get(&i.name)?)));
        known.map(|(name, value)| format!("{name} = {}", report::shown(value))).collect()
    }

    fn sentence(&self, step: &str, change: u32) -> String {
        self.changes
            .get(&(step.to_owned(), change))
            .map_or_else(|| format!("change {change}"), Change::sentence)
    }

    fn tallied(&self, step: &str, change: u32) -> bool {
        self.changes.get(&(step.to_owned(), change)).is_some_and(|c| c.tallied().is_some())
    }
}
