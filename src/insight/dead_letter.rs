//! Which queues are dead-letter queues, and who puts messages there. A queue is one because something
//! points at it; a telling name alone makes it a suspect. Knows nothing of messages, ages or screens.
//!
//! Topics (SNS) and event buses point at dead-letter queues too, but only the subscriptions and rules
//! themselves say so and the watch has no question for them: such a queue is a suspect at best, and its
//! origin unknown.

use super::inventory::{Inventory, QueueRow};
use super::source::{Broad, Source};
use crate::estate::{Arn, QueueUrl};
use std::collections::HashMap;

/// Where dead letters come from, as CONTRACT names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// Lambda functions: failed asynchronous invocations or records of a stream. SQS cannot redrive these.
    Lambda,
    /// Subscriptions of SNS topics.
    Sns,
    /// Rules of EventBridge.
    Events,
    /// Other queues, by their redrive policy.
    Sqs,
    /// Not known.
    Unknown,
}

impl Origin {
    /// The word of the JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Origin::Sqs => "sqs",
            Origin::Lambda => "lambda",
            Origin::Sns => "sns",
            Origin::Events => "events",
            Origin::Unknown => "unknown",
        }
    }
}

/// Something that makes a queue a dead-letter queue.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pointer {
    /// A queue whose redrive policy names it, or that SQS lists as its source.
    Queue(QueueUrl),
    /// A queue that its redrive allow policy names; not seen among the queues, or not pointing here now.
    AllowedQueue(Arn),
    /// Its redrive allow policy invites every queue (`allowAll`).
    AllowsAll,
    /// A function whose dead-letter configuration names it.
    Function(Arn),
    /// A function whose failure destination names it.
    Destination(Arn),
    /// A function whose event source mapping sends failed records here.
    EventSource(Arn),
}

impl Pointer {
    /// Where the messages that come this way come from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        match self {
            Pointer::Queue(_) | Pointer::AllowedQueue(_) => Origin::Sqs,
            Pointer::AllowsAll => Origin::Unknown,
            Pointer::Function(_) | Pointer::Destination(_) | Pointer::EventSource(_) => Origin::Lambda,
        }
    }
}

/// What a queue is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// Something points at it.
    DeadLetter {
        /// Where its messages come from; never empty, no doubles.
        origins: Vec<Origin>,
        /// What points at it, in order, no doubles.
        pointed_by: Vec<Pointer>,
    },
    /// Nothing that could be read points at it, but its name says so.
    Suspect,
    /// A queue like others.
    Plain,
}

impl Role {
    /// Whether its messages are dead letters, by evidence or by name.
    #[must_use]
    pub fn is_dead_letter(&self) -> bool {
        match self {
            Role::DeadLetter { .. } | Role::Suspect => true,
            Role::Plain => false,
        }
    }

    /// Whether only the name says so.
    #[must_use]
    pub fn is_suspect(&self) -> bool {
        matches!(self, Role::Suspect)
    }

    /// The one origin to name: of several, the one that forbids a native redrive.
    #[must_use]
    pub fn origin(&self) -> Origin {
        match self {
            Role::DeadLetter { origins, .. } => origins.iter().min().copied().unwrap_or(Origin::Unknown),
            Role::Suspect | Role::Plain => Origin::Unknown,
        }
    }

    /// What points at it.
    #[must_use]
    pub fn pointed_by(&self) -> &[Pointer] {
        match self {
            Role::DeadLetter { pointed_by, .. } => pointed_by,
            Role::Suspect | Role::Plain => &[],
        }
    }
}

/// The role of every queue, and where each ARN is found. Made in one pass; keep it as long as
/// [`Inventory::revision`] stays.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    special: HashMap<QueueUrl, Role>,
    functions_known: bool,
}

static PLAIN: Role = Role::Plain;

impl Roles {
    /// Finds the role of every queue.
    #[must_use]
    pub fn of(inv: &Inventory) -> Self {
        let mut pointers: HashMap<QueueUrl, Vec<Pointer>> = HashMap::new();
        let mut point = |url: &QueueUrl, pointer| pointers.entry(url.clone()).or_default().push(pointer);
        for row in inv.queues.values() {
            for source in row.sources.value().into_iter().flatten() {
                point(&row.url, Pointer::Queue(source.clone()));
            }
            let Some(facts) = row.facts.value() else { continue };
            if let Some(policy) = &facts.redrive
                && let Some(target) = inv.queue_at(&policy.dead_letter_target)
            {
                point(&target.url, Pointer::Queue(row.url.clone()));
            }
            if let Some(allow) = &facts.redrive_allow {
                for pointer in allowed(allow.wire(), &facts.arn, inv) {
                    point(&row.url, pointer);
                }
            }
        }
        for row in inv.functions.values() {
            let function = &row.function;
            if let Some(target) = function.dead_letter.as_ref().and_then(|t| inv.queue_at(t)) {
                point(&target.url, Pointer::Function(function.arn.clone()));
            }
            for way in row.on_failure.value().into_iter().flatten() {
                if let Some(target) = inv.queue_at(&way.destination) {
                    point(&target.url, Pointer::Destination(function.arn.clone()));
                }
            }
        }
        for mapping in inv.event_sources.values() {
            if let Some(target) = mapping.on_failure.as_ref().and_then(|t| inv.queue_at(t)) {
                point(&target.url, Pointer::EventSource(mapping.function.clone()));
            }
        }
        let mut special: HashMap<QueueUrl, Role> =
            pointers.into_iter().map(|(url, pointed_by)| (url, dead_letter(pointed_by))).collect();
        for row in inv.queues.values() {
            if !special.contains_key(&row.url) && name_tells(row.url.name().wire()) {
                special.insert(row.url.clone(), Role::Suspect);
            }
        }
        let functions = inv.standing(&Source::Broad(Broad::Functions));
        let functions_known = functions.seen().is_some_and(|s| s.complete.gaps().is_empty());
        Self { special, functions_known }
    }

    /// The role of a queue.
    #[must_use]
    pub fn role(&self, url: &QueueUrl) -> &Role {
        self.special.get(url).unwrap_or(&PLAIN)
    }

    /// Whether all functions could be read, so that a queue at which nothing points has no origin among
    /// them.
    #[must_use]
    pub fn functions_known(&self) -> bool {
        self.functions_known
    }

    /// The dead-letter queues and suspects, by URL.
    pub fn dead_letters<'a>(&'a self, inv: &'a Inventory) -> impl Iterator<Item = (&'a QueueRow, &'a Role)> {
        let mut found: Vec<_> =
            self.special.iter().filter_map(|(url, role)| Some((inv.queues.get(url)?, role))).collect();
        found.sort_by(|(a, _), (b, _)| a.url.cmp(&b.url));
        found.into_iter()
    }
}

fn dead_letter(mut pointed_by: Vec<Pointer>) -> Role {
    pointed_by.sort();
    pointed_by.dedup();
    let mut origins: Vec<Origin> = pointed_by.iter().map(Pointer::origin).collect();
    origins.sort();
    origins.dedup();
    if origins.len() > 1 {
        origins.retain(|o| *o != Origin::Unknown);
    }
    Role::DeadLetter { origins, pointed_by }
}

/// Who a redrive allow policy lets in, apart from queues that point here anyway. `denyAll` says that no queue may use this one, which is no evidence;
/// a text that cannot be read is none either.
fn allowed(policy: &str, own: &Arn, inv: &Inventory) -> Vec<Pointer> {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(policy) else { return Vec::new() };
    match json.get("redrivePermission").and_then(|v| v.as_str()) {
        Some("allowAll") => vec![Pointer::AllowsAll],
        Some("byQueue") => json
            .get("sourceQueueArns")
            .and_then(|v| v.as_array())
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str())
            .map(Arn::new)
            .filter(|arn| inv.queue_at(arn).is_none_or(|row| targets(row) != Some(own)))
            .map(Pointer::AllowedQueue)
            .collect(),
        Some(_) | None => Vec::new(),
    }
}

fn targets(row: &QueueRow) -> Option<&Arn> {
    row.facts.value()?.redrive.as_ref().map(|policy| &policy.dead_letter_target)
}

/// Words of a name that people give to dead-letter queues.
const TELLING: [&str; 12] = [
    "dlq",
    "dlqs",
    "dl",
    "deadletter",
    "deadletters",
    "deadletterqueue",
    "failed",
    "failure",
    "failures",
    "poison",
    "undeliverable",
    "undelivered",
];

/// Whether a name says that the queue holds dead letters: word by word, where words end at punctuation, at
/// digits and where small letters turn into capitals.
#[must_use]
pub fn name_tells(name: &str) -> bool {
    let mut before = String::new();
    for word in words_of(name) {
        if TELLING.contains(&word.as_str())
            || (word.len() > 3 && word.ends_with("dlq"))
            || (before == "dead" && word.starts_with("letter"))
        {
            return true;
        }
        before = word;
    }
    false
}

fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        if !c.is_alphabetic() {
            words.push(String::new());
            continue;
        }
        let after_small = i > 0 && chars[i - 1].is_lowercase();
        // In `DLQHandler` a word starts at the capital that a small letter follows.
        let before_small =
            i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_small || before_small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests;
