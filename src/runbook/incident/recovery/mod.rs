//! What is to be done until everything works again as it should, and how each of it stands: what was contained with what
//! gives it back or takes its place, what the evidence names with what deals with it, what was missed. It is a list, not a
//! feeling: derived from the records alone, in the order in which it is to be done, and a line is done only by a run, or set
//! aside by a person who says why.

mod contained;
mod named;

#[cfg(test)]
pub(super) use named::namings;

use super::Incident;
use super::id::{IncidentId, digits};
use super::picture::AttachedRun;
use crate::estate::{RunId, Timestamp, Untrusted};
use crate::runbook::run::{Note, Run};
use crate::runbook::{RunState, Value, shell};

/// One thing that is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// Names it for good: made of what it is about, so that it stays when others come and go.
    pub id: String,
    /// What kind of thing.
    pub kind: DueKind,
    /// One sentence. It may hold names from outside.
    pub text: String,
    /// The run from whose records it follows.
    pub from: RunId,
    /// What does it.
    pub way: Way,
    /// How it stands.
    pub stand: Stand,
}

/// What kind of thing is to be done, in the order in which that is right: nobody may have a way back before anything is
/// given back, and what was missed is for something that works.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DueKind {
    /// Other credentials, users or functions are to be contained.
    Contain,
    /// Sessions of a role are to be revoked.
    Revoke,
    /// A finding that no runbook deals with.
    Look,
    /// A secret that was read is to be changed.
    Rotate,
    /// What was contained is to be given back, the last first.
    GiveBack,
    /// What was taken away is to be replaced by something new.
    Replace,
    /// What somebody else has made is to be removed.
    Remove,
    /// What was missed is to be made good.
    Replay,
}

impl DueKind {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DueKind::Contain => "contain",
            DueKind::Revoke => "revoke",
            DueKind::Look => "look",
            DueKind::Rotate => "rotate",
            DueKind::GiveBack => "give_back",
            DueKind::Replace => "replace",
            DueKind::Remove => "remove",
            DueKind::Replay => "replay",
        }
    }
}

/// What does it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// The undo of a run.
    Undo(RunId),
    /// A runbook with these inputs.
    Start {
        /// Which.
        runbook: &'static str,
        /// Its inputs, as they are typed.
        inputs: Vec<(&'static str, String)>,
    },
    /// A person, by hand.
    Hand(String),
}

impl Way {
    /// The command that does it; `None` by hand.
    #[must_use]
    pub fn command(&self, incident: &IncidentId) -> Option<String> {
        match self {
            Way::Undo(run) => Some(format!("bartizan runbook undo {run}")),
            Way::Start { runbook, inputs } => {
                let sets: String = inputs
                    .iter()
                    .map(|(name, value)| format!(" --set {}", shell::quote(&format!("{name}={value}"))))
                    .collect();
                Some(format!("bartizan runbook start {runbook}{sets} --incident {incident}"))
            }
            Way::Hand(_) => None,
        }
    }
}

/// How it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stand {
    /// Nobody has begun it.
    Open,
    /// A run is at it.
    UnderWay {
        /// Which.
        run: RunId,
    },
    /// It is done, as a run's records show.
    Done {
        /// Which run.
        run: RunId,
        /// When.
        at: Timestamp,
        /// How, in words.
        how: String,
    },
    /// A person set it aside, and said why.
    Aside {
        /// Who.
        by: Untrusted,
        /// When.
        at: Timestamp,
        /// Why.
        why: Untrusted,
    },
}

impl Stand {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Stand::Open => "open",
            Stand::UnderWay { .. } => "under_way",
            Stand::Done { .. } => "done",
            Stand::Aside { .. } => "set_aside",
        }
    }

    /// Whether nothing more is to be done.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Stand::Open | Stand::UnderWay { .. } => false,
            Stand::Done { .. } | Stand::Aside { .. } => true,
        }
    }

    /// How it stands, with its evidence, in words. It may hold what people wrote.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Stand::Open => "open".to_owned(),
            Stand::UnderWay { run } => format!("under way: run {run}"),
            Stand::Done { at, how, .. } => {
                format!("done {}: {how}", crate::runbook::words::instant(*at))
            }
            Stand::Aside { by, why, .. } => {
                format!("set aside by {}: {}", by.shown(), why.shown())
            }
        }
    }
}

/// The list, in the order in which it is to be done.
pub(super) fn recovery(incident: &Incident, runs: &[AttachedRun]) -> Vec<Due> {
    let found = named::all(runs);
    let mut back = contained::all(runs, &found);
    // The last that was contained is the first that is given back.
    back.sort_by_key(|(made, _)| std::cmp::Reverse(*made));
    let mut list = found;
    list.extend(back.into_iter().map(|(_, due)| due));
    list.extend(contained::missed(runs));
    list.sort_by_key(|due| due.kind);
    let mut known = std::collections::BTreeSet::new();
    list.retain(|due| known.insert(due.id.clone()));
    for due in &mut list {
        if let Some(note) = incident.aside.get(&due.id).filter(|_| !due.stand.is_over()) {
            let Note { at, by, text } = note.clone();
            due.stand = Stand::Aside { by, at, why: text };
        }
    }
    list
}

/// The id of a line: of what it is about.
fn id_of(kind: DueKind, about: &[&str]) -> String {
    let parts: Vec<&str> = std::iter::once(kind.word()).chain(about.iter().copied()).collect();
    digits(&parts)
}

/// How a name stands that one of `ways` (runbook and input) deals with, in a run that was not over before `from` began.
fn dealt(name: &str, ways: &[(&str, &str)], from: &Run, runs: &[AttachedRun]) -> Stand {
    let mut best = Stand::Open;
    for run in runs.iter().filter_map(AttachedRun::run) {
        let same = ways.iter().any(|(runbook, input)| {
            *runbook == run.definition.name && run.last_at >= from.started_at && is_about(run, input, name)
        });
        match run.state() {
            RunState::Done if same => {
                let how = format!("run {} of {} is done", run.id, run.definition.name);
                return Stand::Done { run: run.id.clone(), at: run.last_at, how };
            }
            RunState::Active | RunState::Waiting | RunState::InDoubt | RunState::Failed if same => {
                best = Stand::UnderWay { run: run.id.clone() };
            }
            RunState::Done
            | RunState::Aborted
            | RunState::Undone
            | RunState::Active
            | RunState::Waiting
            | RunState::InDoubt
            | RunState::Failed => {}
        }
    }
    best
}

/// Whether a run was given that name, or found that it is about it.
fn is_about(run: &Run, input: &str, name: &str) -> bool {
    let outputs = run.steps.iter().filter_map(|s| s.outputs.get(input));
    run.input(input).into_iter().chain(outputs).filter_map(Value::text).any(|text| bare(text) == bare(name))
}

/// A name without the ARN or the URL around it. That of a secret ends in a hyphen and six characters of Secrets Manager's
/// own.
pub(super) fn bare(name: &str) -> &str {
    if name.starts_with("https://") || name.starts_with("http://") {
        return name.rsplit('/').next().unwrap_or(name);
    }
    let Some(resource) = name.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) else {
        return name;
    };
    match resource.split_once(':') {
        Some(("secret", secret)) => {
            secret.len().checked_sub(7).and_then(|at| secret.get(..at)).unwrap_or(secret)
        }
        Some(("function", function)) => function.split(':').next().unwrap_or(function),
        Some(_) | None => resource.rsplit('/').next().unwrap_or(resource),
    }
}
