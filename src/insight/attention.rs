//! What needs a person, most urgent first, each with a reason in words and the next thing to do. A pure
//! function of a look; the same list is drawn and printed.
//!
//! The order: an incident that is open, what makes everything else uncertain (credentials), then what is being lost or broken now, by
//! deadline and by how new it is, then what will be, then what is not known. Ties go by name. A child of a
//! composite alarm that is in ALARM comes right after it.

use super::look::Look;
use super::subject::Subject;
use crate::estate::{Timestamp, Untrusted};
use std::cmp::Reverse;

mod alarms;
mod incidents;
mod queues;
mod rest;
mod runs;

pub(in crate::insight) use alarms::children;

pub use queues::running_task;

/// How soon somebody must act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Something is broken, or about to be lost.
    Now,
    /// Something will be, unless somebody acts.
    Soon,
    /// It cannot be told.
    Unknown,
}

impl Severity {
    /// The word of the JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Now => "now",
            Severity::Soon => "soon",
            Severity::Unknown => "unknown",
        }
    }
}

/// What it is about, as the JSON output's `kind`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// An incident is open.
    Incident,
    /// The credentials are no good: nothing can be read.
    Credentials,
    /// A dead-letter queue, or a suspect, holds messages.
    DeadLetters,
    /// A move task failed.
    MoveTask,
    /// An alarm is in ALARM.
    Alarm,
    /// An alarm cannot be judged.
    AlarmUnknown,
    /// Alarms whose actions are switched off, which never ends by itself.
    ActionsDisabled,
    /// A web ACL blocks far more than usual.
    WafSpike,
    /// A secret's rotation failed.
    RotationFailed,
    /// A secret is older than its policy.
    SecretOverdue,
    /// A secret is going to be deleted.
    SecretDeletion,
    /// A run waits for a person, or its time has come.
    RunWaiting,
    /// Nobody knows whether a call of a run happened.
    RunInDoubt,
    /// A run stopped at a step, or its journal is damaged.
    RunFailed,
    /// Something could not be read.
    Gap,
}

impl Kind {
    /// The word of the JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Incident => "incident",
            Kind::Credentials => "credentials",
            Kind::DeadLetters => "dead_letters",
            Kind::MoveTask => "move_task",
            Kind::Alarm => "alarm",
            Kind::AlarmUnknown => "alarm_unknown",
            Kind::ActionsDisabled => "actions_disabled",
            Kind::WafSpike => "waf_spike",
            Kind::RotationFailed => "rotation_failed",
            Kind::SecretOverdue => "secret_overdue",
            Kind::SecretDeletion => "secret_deletion",
            Kind::RunWaiting => "run_waiting",
            Kind::RunInDoubt => "run_in_doubt",
            Kind::RunFailed => "run_failed",
            Kind::Gap => "gap",
        }
    }
}

/// Where Enter leads: only what this version can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hint {
    /// The chart of an alarm.
    Chart,
    /// A queue with its trend and expiry.
    Queue,
    /// The sampled requests of a web ACL.
    Samples,
    /// A secret with its versions.
    Secret,
    /// The list of a kind of thing.
    List,
    /// A run.
    Run,
    /// An incident.
    Incident,
    /// What is wrong with reading AWS, and what to do about it.
    Access,
}

impl Hint {
    /// The word after the arrow.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Hint::Chart => "chart",
            Hint::Queue => "queue",
            Hint::Samples => "samples",
            Hint::Secret => "secret",
            Hint::List => "list",
            Hint::Run => "run",
            Hint::Incident => "page",
            Hint::Access => "access",
        }
    }
}

/// A thing that needs a person.
#[derive(Clone, PartialEq, Debug)]
pub struct Attention {
    /// How soon.
    pub severity: Severity,
    /// What about.
    pub kind: Kind,
    /// The thing.
    pub subject: Subject,
    /// What people call it.
    pub name: Untrusted,
    /// Why, in words. Safe to draw.
    pub reason: String,
    /// Where to look next.
    pub next: Hint,
    /// When it is too late, where that is known.
    pub by: Option<Timestamp>,
    rank: Rank,
}

/// The order within a severity: kinds of trouble first, then deadlines, then the newest, then names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Rank {
    class: u8,
    deadline: Timestamp,
    since: Reverse<Timestamp>,
    group: Untrusted,
    child: bool,
}

impl Rank {
    fn of(class: u8, name: &Untrusted) -> Self {
        Self {
            class,
            deadline: Timestamp::MAX,
            since: Reverse(Timestamp::MIN),
            group: name.clone(),
            child: false,
        }
    }

    fn by(mut self, deadline: Timestamp) -> Self {
        self.deadline = deadline;
        self
    }

    fn since(mut self, since: Option<Timestamp>) -> Self {
        self.since = Reverse(since.unwrap_or(Timestamp::MIN));
        self
    }
}

/// The classes of [`Rank`], first to last.
mod class {
    pub(super) const INCIDENT: u8 = 0;
    pub(super) const CREDENTIALS: u8 = 1;
    pub(super) const LOSS: u8 = 2;
    pub(super) const ALARM: u8 = 3;
    pub(super) const TASK: u8 = 4;
    pub(super) const WAF: u8 = 5;
    pub(super) const RUN: u8 = 6;
    pub(super) const SECRET: u8 = 6;
    pub(super) const MUTED: u8 = 7;
    pub(super) const SETTING: u8 = 8;
    pub(super) const GAP: u8 = 9;
}

/// Everything that needs a person, most urgent first.
#[must_use]
pub fn attention(look: &Look<'_>) -> Vec<Attention> {
    let mut all = Vec::new();
    rest::access(look, &mut all);
    queues::find(look, &mut all);
    alarms::find(look, &mut all);
    rest::waf(look, &mut all);
    rest::secrets(look, &mut all);
    runs::find(look, &mut all);
    incidents::find(look, &mut all);
    all.sort_by(|a, b| {
        (a.severity, &a.rank, &a.name, &a.subject, a.kind)
            .cmp(&(b.severity, &b.rank, &b.name, &b.subject, b.kind))
    });
    all
}

/// How many are of a severity.
#[must_use]
pub fn count(all: &[Attention], severity: Severity) -> usize {
    all.iter().filter(|a| a.severity == severity).count()
}

#[cfg(test)]
mod tests;
