//! When the oldest message of a dead-letter queue is deleted for ever, as honest bounds. Knows the rules of
//! retention (DOMAIN A) and no screens.
//!
//! A message is deleted `retention` after its clock started. On a standard queue that another queue feeds,
//! the clock started when the message was first sent, and a move does not reset it; the metric's age counts
//! from the move. So only bounds are known: not later than `now + retention - age`, and not earlier than that
//! less the longest time it can have spent in its source. A FIFO move resets the clock, and what Lambda or a
//! topic delivers starts at its arrival: there the metric tells all, to the minute.
//! Source: SQS developer guide, "Configuring dead-letter queue retention".

use super::dead_letter::{Origin, Pointer, Role};
use super::inventory::{Inventory, MetricKey, QueueRow};
use super::roots::oldest_age;
use super::source::{Broad, Source};
use super::words;
use crate::estate::time::plus_seconds;
use crate::estate::{QueueFacts, Timestamp};

/// The longest retention that SQS allows: 14 days (SQS API reference, `MessageRetentionPeriod`).
pub const LONGEST_RETENTION_S: u64 = 1_209_600;
/// A point of the age metric stands for the minute it starts, and ages grow: it is true at its end.
const POINT_S: i64 = 60;

/// When the first of the messages in a queue is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Not before this.
    pub earliest: Timestamp,
    /// Not after this.
    pub latest: Timestamp,
    /// Both are the same, and as exact as a metric by the minute is.
    pub exact: bool,
    /// A retention that is not known was taken to be the longest that there is.
    pub assumed: bool,
}

/// What can be said about the loss of messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// There is no message to lose.
    Nothing,
    /// There are messages, and this is when the first is lost.
    Within(Bounds),
    /// There are or may be messages, and when the first is lost is not known.
    Unknown(Missing),
}

/// What is missing to tell when messages are lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// How many messages there are.
    Count,
    /// How old the oldest is: CloudWatch has no point yet.
    Age,
    /// The same, and CloudWatch could not be read.
    Reading,
    /// How long the queue keeps them.
    Retention,
}

impl Bounds {
    /// The time by which queues are told apart: what is certainly lost within the hour comes before what is lost within a
    /// day and may be lost already, for all that anybody knows.
    #[must_use]
    pub fn pressing(&self, now: Timestamp) -> Timestamp {
        if self.assumed || self.earliest <= now { self.latest } else { self.earliest }
    }
}

impl Loss {
    /// The bounds, where they are known.
    #[must_use]
    pub fn bounds(&self) -> Option<&Bounds> {
        match self {
            Loss::Within(bounds) => Some(bounds),
            Loss::Nothing | Loss::Unknown(_) => None,
        }
    }
}

/// The age of a queue's oldest message in seconds and the instant it was true at, if CloudWatch told.
#[must_use]
pub fn oldest(inv: &Inventory, row: &QueueRow) -> Option<(i64, Timestamp)> {
    let metrics = inv.metrics(&Source::Broad(Broad::QueueAges))?;
    let points = metrics.series.get(&MetricKey::Stat(oldest_age(&row.url), "Maximum".into()))?;
    let (start, age) = points.last()?;
    // An age is neither negative nor beyond any retention; a cast of what is would be a lie.
    (age.is_finite() && *age >= 0.0).then_some((*age as i64, plus_seconds(*start, POINT_S)))
}

/// When the first message of a queue is lost.
#[must_use]
pub fn loss(inv: &Inventory, row: &QueueRow, role: &Role, now: Timestamp) -> Loss {
    let Some(facts) = row.facts.value() else { return Loss::Unknown(Missing::Count) };
    match holds(facts) {
        Some(0) => return Loss::Nothing,
        Some(_) => {}
        None => return Loss::Unknown(Missing::Count),
    }
    let Some(retention) = facts.retention_s else { return Loss::Unknown(Missing::Retention) };
    let Some((age, measured)) = oldest(inv, row) else {
        let unread = inv.trouble(&Source::Broad(Broad::QueueAges)).is_some();
        return Loss::Unknown(if unread { Missing::Reading } else { Missing::Age });
    };
    let stay = longest_stay(inv, facts, role);
    Loss::Within(bounds(retention, age, stay, measured.min(now), now))
}

/// How many messages a queue holds in all, in flight and delayed ones included; `None` if it may hold some
/// and that is not known.
#[must_use]
pub fn holds(facts: &QueueFacts) -> Option<u64> {
    let all = [facts.messages, facts.in_flight, facts.delayed];
    let known: u64 = all.iter().flatten().sum();
    (known > 0 || all.iter().all(Option::is_some)).then_some(known)
}

/// How long a message can have been elsewhere while its clock ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stay {
    /// Not at all: the clock starts at arrival.
    None,
    /// At most so many seconds.
    AtMost {
        /// Seconds.
        seconds: u64,
        /// A source's retention is not known and taken to be the longest there is.
        assumed: bool,
    },
}

fn longest_stay(inv: &Inventory, facts: &QueueFacts, role: &Role) -> Stay {
    if facts.fifo {
        return Stay::None;
    }
    let pointers = match role {
        Role::DeadLetter { pointed_by, .. } => pointed_by,
        Role::Suspect | Role::Plain => return Stay::AtMost { seconds: LONGEST_RETENTION_S, assumed: true },
    };
    let mut stay = Stay::None;
    for pointer in pointers {
        let here = match pointer {
            Pointer::Queue(url) => retention(inv.queues.get(url)),
            Pointer::AllowedQueue(arn) => retention(inv.queue_at(arn)),
            Pointer::AllowsAll => None,
            Pointer::Function(_) | Pointer::Destination(_) | Pointer::EventSource(_) => continue,
        };
        let (seconds, assumed) = here.map_or((LONGEST_RETENTION_S, true), |s| (s, false));
        stay = match stay {
            Stay::AtMost { seconds: s, assumed: a } if s > seconds => {
                Stay::AtMost { seconds: s, assumed: a || assumed }
            }
            Stay::AtMost { assumed: a, .. } => Stay::AtMost { seconds, assumed: a || assumed },
            Stay::None => Stay::AtMost { seconds, assumed },
        };
    }
    stay
}

fn retention(row: Option<&QueueRow>) -> Option<u64> {
    row?.facts.value()?.retention_s
}

/// The bounds, from a queue's retention and the age that its metric gave at `measured`.
#[must_use]
pub fn bounds(retention_s: u64, age_s: i64, stay: Stay, measured: Timestamp, now: Timestamp) -> Bounds {
    let retention = i64::try_from(retention_s).unwrap_or(i64::MAX);
    let latest = plus_seconds(measured, retention.saturating_sub(age_s));
    match stay {
        Stay::None => Bounds { earliest: latest, latest, exact: true, assumed: false },
        Stay::AtMost { seconds, assumed } => {
            let before = i64::try_from(seconds).unwrap_or(i64::MAX);
            let earliest = plus_seconds(latest, -before);
            // What is there now was not lost before now.
            Bounds { earliest: earliest.max(now.min(latest)), latest, exact: false, assumed }
        }
    }
}

/// The bounds in words: `first lost in 2 h 50 - 3 h`, `first lost in 3 h`, `first lost within 13 days`.
#[must_use]
pub fn sentence(loss: &Loss, now: Timestamp) -> String {
    match loss {
        Loss::Nothing => "nothing to lose".to_string(),
        Loss::Unknown(Missing::Count) => "whether it holds any is not known".to_string(),
        Loss::Unknown(Missing::Age) => "when the first is lost is not known: no age yet".to_string(),
        Loss::Unknown(Missing::Reading) => {
            "when the first is lost is not known: its age could not be read".to_string()
        }
        Loss::Unknown(Missing::Retention) => "when the first is lost is not known: no retention".to_string(),
        Loss::Within(b) => {
            let latest = words::until(b.latest, now);
            let earliest = words::until(b.earliest, now);
            let text = if b.latest <= now {
                "being lost now".to_string()
            } else if earliest == latest {
                format!("first lost {latest}")
            } else if b.earliest <= now {
                format!("first lost within {}", latest.trim_start_matches("in "))
            } else {
                format!("first lost {earliest} - {}", latest.trim_start_matches("in "))
            };
            if b.assumed { format!("{text}, if kept 14 days before") } else { text }
        }
    }
}

/// Of a role, the word that marks what its bounds rest on.
#[must_use]
pub fn rests_on(role: &Role) -> &'static str {
    match role {
        Role::DeadLetter { origins, .. } if origins.contains(&Origin::Sqs) => "counted from the first send",
        Role::DeadLetter { .. } => "counted from arrival",
        Role::Suspect | Role::Plain => "origin unknown: the longest stay before is assumed",
    }
}

#[cfg(test)]
mod tests;
