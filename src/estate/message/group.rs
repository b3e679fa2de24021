//! What messages have failed of the same cause: the error of each folded into a key, where ids, numbers and instants
//! are replaced by a word; without an error, the key says what the message is. A key is made of hostile text: it is
//! short, on one line, and [`Untrusted`].

use super::Message;
use super::envelope::{self, Envelope, Event, Wrap};
use super::fold::{clip, fold};
use crate::estate::edit::look::{Json, Kind};
use crate::estate::names::{FunctionName, MessageId};
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;
use std::collections::BTreeMap;

/// Fields of a body whose short text says what kind of message it is.
const TELLING: [&str; 9] =
    ["kind", "type", "eventType", "event_type", "event", "messageType", "action", "command", "operation"];
/// The longest text of such a field that is a word, in bytes.
const WORD: usize = 40;
/// Names of fields that a shape says at most.
const NAMES: usize = 3;

/// The key of a message: of one that may be drawn only ([`super::masked`]), where there are masks.
#[must_use]
pub fn key(message: &Message) -> Untrusted {
    key_of(&envelope::open(message), message.body().len())
}

/// The key of an envelope around a body of so many bytes.
#[must_use]
pub fn key_of(envelope: &Envelope<'_>, bytes: usize) -> Untrusted {
    if let Some(error) = envelope.failed.text() {
        return fold(error.wire()).into();
    }
    if let Wrap::Stream(stream) = envelope.wrap {
        return format!("records of a {}", stream.name()).into();
    }
    match &envelope.event {
        Event::EventBridge { detail_type, source } => {
            clip(format!("{} from {}", fold(detail_type.wire()), fold(source.wire()))).into()
        }
        Event::Records { source, name, records: _ } => {
            let name = name.as_ref().map(|n| format!(", {}", fold(n.wire()))).unwrap_or_default();
            clip(format!("records of {}{name}", fold(source.wire()))).into()
        }
        Event::Notification { topic, subject: _ } => {
            let inside = shape(&envelope.inner, envelope.inner.len());
            match topic {
                Some(topic) => clip(format!("{}: {inside}", fold(topic.resource().wire()))).into(),
                None => inside.into(),
            }
        }
        Event::Json | Event::Text => shape(&envelope.inner, bytes).into(),
    }
}

/// What a body without an error is: a telling word, the names of its fields, or its text.
fn shape(text: &str, bytes: usize) -> String {
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let Some(json) = Json::structure(text) else {
        return if text.trim().is_empty() {
            "empty body".to_owned()
        } else if unreadable(text) {
            format!("unreadable body, {}", plural(bytes, "byte"))
        } else {
            fold(text)
        };
    };
    if json.kind() != Kind::Object {
        return "a list".to_owned();
    }
    let mut fields = 0;
    let mut names: Vec<String> = Vec::new();
    let mut words: [Option<String>; TELLING.len()] = Default::default();
    for (name, value) in json.members() {
        fields += 1;
        if names.len() < NAMES {
            names.push(fold(&name.text()));
        }
        if value.kind() == Kind::Text
            && value.raw().len() <= WORD + 2
            && let Some(at) = TELLING.iter().position(|t| name.is(t))
        {
            words[at] = value.text().map(|t| fold(&t)).filter(|t| !t.is_empty());
        }
    }
    let count = plural(fields, "field");
    match words.into_iter().flatten().next() {
        Some(word) => clip(format!("{word}, {count}")),
        None if names.is_empty() => "an empty object".to_owned(),
        None => {
            let more = if fields > names.len() { ", …" } else { "" };
            clip(format!("{}{more}, {count}", names.join(", ")))
        }
    }
}

/// Whether a text is none that a person would read: JSON that is broken, or control characters.
fn unreadable(text: &str) -> bool {
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    text.trim_start().starts_with('{') || text.chars().any(|c| control(c) || c == char::REPLACEMENT_CHARACTER)
}

/// Messages that have failed of the same cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Their key.
    pub key: Untrusted,
    /// How many.
    pub count: u64,
    /// When the oldest was sent.
    pub oldest: Option<Timestamp>,
    /// When the newest was sent.
    pub newest: Option<Timestamp>,
    /// One of them: the oldest.
    pub example: MessageId,
    /// The functions that failed, where that is told, no doubles.
    pub functions: Vec<FunctionName>,
}

/// The most functions that a group names.
const FUNCTIONS: usize = 20;

/// Messages by their keys, the largest group first; of equal ones the one with the oldest message.
#[must_use]
pub fn groups<'a>(messages: impl IntoIterator<Item = &'a Message>) -> Vec<Group> {
    let mut found: BTreeMap<Untrusted, Group> = BTreeMap::new();
    for message in messages {
        let opened = envelope::open(message);
        let key = key_of(&opened, message.body().len());
        add(&mut found, key, message, opened.function.map(|f| f.name));
    }
    sorted(found)
}

/// Adds a message to the group of its key.
pub fn add(
    found: &mut BTreeMap<Untrusted, Group>,
    key: Untrusted,
    message: &Message,
    function: Option<FunctionName>,
) {
    let group = found.entry(key.clone()).or_insert_with(|| Group {
        key,
        count: 0,
        oldest: None,
        newest: None,
        example: message.id.clone(),
        functions: Vec::new(),
    });
    group.count += 1;
    if let Some(sent) = message.sent {
        if group.oldest.is_none_or(|o| sent < o) {
            group.oldest = Some(sent);
            group.example = message.id.clone();
        }
        group.newest = group.newest.max(Some(sent));
    }
    if let Some(name) = function
        && group.functions.len() < FUNCTIONS
        && !group.functions.contains(&name)
    {
        group.functions.push(name);
    }
}

/// Groups in the order in which they are told.
#[must_use]
pub fn sorted(found: BTreeMap<Untrusted, Group>) -> Vec<Group> {
    let mut groups: Vec<Group> = found.into_values().collect();
    // What has no time comes after what has one; `None` would be the least.
    let order = |g: &Group| (std::cmp::Reverse(g.count), g.oldest.is_none(), g.oldest);
    groups.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key)));
    groups
}

#[cfg(test)]
mod tests;
