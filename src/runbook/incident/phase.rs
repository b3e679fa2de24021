//! The six phases of an incident, and since when each is under way: as a person said, else as the runs show. What the
//! runs show is never more than what was done: a containing change is the containment phase, not that it is over.

use super::picture::{AttachedRun, known};
use super::{Incident, Timestamp};
use crate::estate::change::{Act, Change, Risk};
use crate::estate::{RunId, Untrusted};
use crate::runbook::StepKind;
use crate::runbook::event::Event as RunEvent;
use serde::{Deserialize, Serialize};

/// A phase (NIST SP 800-61r2's, as the operators' own documents divide them).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It became known.
    Detection,
    /// What happened is looked at.
    Investigation,
    /// Whoever has what is not theirs loses it.
    Containment,
    /// What made it possible is put right: new keys, passwords, rights.
    Remediation,
    /// What was stopped works again, and what was missed is made good.
    Recovery,
    /// What is learned.
    Lessons,
}

/// All of them, in their order.
pub const ALL: [Phase; 6] = [
    Phase::Detection,
    Phase::Investigation,
    Phase::Containment,
    Phase::Remediation,
    Phase::Recovery,
    Phase::Lessons,
];

impl Phase {
    /// All of them, in their order.
    pub const ALL: [Phase; 6] = ALL;

    /// The word that JSON, the command line and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Phase::Detection => "detection",
            Phase::Investigation => "investigation",
            Phase::Containment => "containment",
            Phase::Remediation => "remediation",
            Phase::Recovery => "recovery",
            Phase::Lessons => "lessons",
        }
    }

    /// The phase of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        ALL.into_iter().find(|p| p.word() == word)
    }
}

/// Since when a phase is under way, and who says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// Which.
    pub phase: Phase,
    /// Since when.
    pub at: Timestamp,
    /// Who says so.
    pub why: Why,
}

/// Who says that a phase was entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// A person, in words.
    Said {
        /// Who.
        by: Untrusted,
        /// The words.
        text: Untrusted,
    },
    /// Since then it is known.
    Known,
    /// A step of a run.
    Run {
        /// Which run.
        run: RunId,
        /// Which step.
        step: String,
    },
}

/// Since when each phase is under way; those that nobody and nothing tells of are not there.
pub(super) fn reached(incident: &Incident, runs: &[AttachedRun]) -> Vec<Reached> {
    let one = |phase: Phase| {
        if let Some(said) = incident.entered.get(&phase) {
            let why = Why::Said { by: said.by.clone(), text: said.text.clone() };
            return Some(Reached { phase, at: said.at, why });
        }
        if phase == Phase::Detection {
            return Some(Reached { phase, at: known(incident, runs), why: Why::Known });
        }
        shown(phase, runs)
    };
    ALL.into_iter().filter_map(one).collect()
}

/// The first step of a run that belongs to the phase.
fn shown(phase: Phase, runs: &[AttachedRun]) -> Option<Reached> {
    let all = runs.iter().flat_map(|attached| {
        let of = move |step: &str, at| Reached {
            phase,
            at,
            why: Why::Run { run: attached.id.clone(), step: step.to_owned() },
        };
        attached.events.iter().filter_map(move |(stamp, event)| {
            let (step, is) = phase_of(event, attached)?;
            (is == phase).then(|| of(step, stamp.at))
        })
    });
    all.min_by_key(|r| r.at)
}

/// The step of an event and the phase that it shows.
fn phase_of<'e>(event: &'e RunEvent, attached: &AttachedRun) -> Option<(&'e str, Phase)> {
    match event {
        RunEvent::Consented { step, what, undoes, .. } => Some((step, of_change(what, undoes.is_some()))),
        RunEvent::Began { step } => {
            let kind = attached.run()?.defined(step)?.kind;
            (kind == StepKind::Check).then_some((step.as_str(), Phase::Investigation))
        }
        _ => None,
    }
}

/// The phase that a change belongs to.
pub(super) fn of_change(change: &Change, is_undo: bool) -> Phase {
    match (change.risk(), &change.act) {
        (Risk::Containing, _) => Phase::Containment,
        (Risk::Releasing, _) => Phase::Recovery,
        (Risk::Ordinary | Risk::Destructive, _) if is_undo => Phase::Recovery,
        (Risk::Ordinary | Risk::Destructive, Act::Sqs(_) | Act::Messages(_)) => Phase::Recovery,
        (Risk::Ordinary | Risk::Destructive, _) => Phase::Remediation,
    }
}
