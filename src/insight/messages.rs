//! What a peek of a queue tells: its messages, when each is lost, and what they have failed of. Pure: it is given the
//! messages, and draws none of what is masked. Knows no journal: nothing of this is kept.

pub mod cost;
pub mod draw;
pub mod json;
pub mod likely;
pub mod offer;

use super::expiry::LONGEST_RETENTION_S;
use crate::estate::message::envelope::{self, By, Wrap};
use crate::estate::message::whose::{Request, Said};
use crate::estate::message::{Group, Masks, Message, group, masked};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{FunctionName, MessageId, QueueFacts, Timestamp, Untrusted};
use std::collections::BTreeMap;

/// When a message is deleted for ever: `retention` after its clock started, which is when `SentTimestamp` says. In a
/// standard queue that is the first send, which a move does not change; in a FIFO queue a move resets it, and what
/// Lambda or a topic delivers starts at its arrival (SQS developer guide, "Configuring dead-letter queue retention").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expiry {
    /// When.
    pub at: Timestamp,
    /// The retention is known; else it was taken to be the longest there is, and `at` is the latest possible.
    pub exact: bool,
}

impl Expiry {
    /// Of a message of a queue that keeps messages for so many seconds.
    #[must_use]
    pub fn of(sent: Option<Timestamp>, retention_s: Option<u64>) -> Option<Self> {
        let seconds = i64::try_from(retention_s.unwrap_or(LONGEST_RETENTION_S)).unwrap_or(i64::MAX);
        sent.map(|sent| Self { at: plus_seconds(sent, seconds), exact: retention_s.is_some() })
    }

    /// Seconds until then, never below 0; `None` where it is not exact.
    #[must_use]
    pub fn in_s(&self, now: Timestamp) -> Option<i64> {
        self.exact.then(|| seconds_between(now, self.at).max(0))
    }
}

/// A message that was looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// As it may be drawn: masked values are replaced.
    pub message: Message,
    /// Bytes that the whole message has, before masking.
    pub bytes: usize,
    /// Something of it is masked.
    pub masked: bool,
    /// Who put it into the queue, as it says itself.
    pub wrap: Wrap,
    /// Its error, as it came; `None` if it says none.
    pub error: Option<Untrusted>,
    /// The key of its group.
    pub group: Untrusted,
    /// The function that failed, and how that is known.
    pub function: Option<(FunctionName, By)>,
    /// The id of the invocation, by which logs are searched.
    pub request: Option<Untrusted>,
    /// When it is lost.
    pub expires: Option<Expiry>,
}

/// Messages of one cause, with when they are lost.
#[derive(Clone, PartialEq, Debug)]
pub struct Cause {
    /// Key, count, times, example, functions.
    pub group: Group,
    /// When the first of them is lost.
    pub first_lost: Option<Expiry>,
    /// When the last is.
    pub last_lost: Option<Expiry>,
}

/// What a peek tells.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Peeked {
    /// The messages, without doubles, in the order they came.
    pub messages: Vec<Told>,
    /// By cause, the largest first.
    pub groups: Vec<Cause>,
    /// The message that is lost first, and when.
    pub first_lost: Option<(MessageId, Expiry)>,
}

/// What these messages of a queue tell. Of a message that came twice, the last receive counts.
#[must_use]
pub fn peeked<'a>(
    messages: impl IntoIterator<Item = &'a Message>,
    retention_s: Option<u64>,
    masks: &Masks,
) -> Peeked {
    let mut told: Vec<Told> = Vec::new();
    let mut places: BTreeMap<MessageId, usize> = BTreeMap::new();
    for message in messages {
        let one = tell(message, retention_s, masks);
        match places.get(&message.id) {
            Some(at) => told[*at] = one,
            None => {
                places.insert(message.id.clone(), told.len());
                told.push(one);
            }
        }
    }
    let mut found = BTreeMap::new();
    for one in &told {
        let function = one.function.as_ref().map(|(name, _)| name.clone());
        group::add(&mut found, one.group.clone(), &one.message, function);
    }
    let cause = |group: Group| Cause {
        first_lost: Expiry::of(group.oldest, retention_s),
        last_lost: Expiry::of(group.newest, retention_s),
        group,
    };
    let first =
        told.iter().filter_map(|t| Some((t.message.id.clone(), t.expires?))).min_by_key(|(_, e)| e.at);
    Peeked {
        groups: group::sorted(found).into_iter().map(cause).collect(),
        first_lost: first,
        messages: told,
    }
}

/// What one message tells.
#[must_use]
pub fn tell(message: &Message, retention_s: Option<u64>, masks: &Masks) -> Told {
    let drawn = masked(message, masks);
    let is_masked = matches!(drawn, std::borrow::Cow::Owned(_));
    let opened = envelope::open(&drawn);
    // What a message is does not depend on what is masked of it.
    let wrap = if is_masked { envelope::wrap_of(message) } else { opened.wrap };
    let (error, function, request) = (
        opened.failed.text(),
        opened.function.as_ref().map(|f| (f.name.clone(), f.by)),
        opened.request.clone(),
    );
    let group = group::key_of(&opened, drawn.body().len());
    let expires = Expiry::of(message.sent, retention_s);
    Told {
        bytes: message.size(),
        masked: is_masked,
        wrap,
        error,
        group,
        function,
        request,
        expires,
        message: drawn.into_owned(),
    }
}

/// What the messages that were looked at say of their failures, by which whose they are is looked for in logs.
#[must_use]
pub fn said(peeked: &Peeked) -> Vec<Said> {
    let of = |told: &Told| {
        let request = told.request.as_ref().zip(told.message.sent);
        let request = request.and_then(|(id, sent)| Request::of(id, sent));
        Said { request, own: told.function.clone(), error: told.group.clone() }
    };
    peeked.messages.iter().map(of).collect()
}

/// How long a queue keeps messages, where that was read.
#[must_use]
pub fn retention(facts: Option<&QueueFacts>) -> Option<u64> {
    facts.and_then(|f| f.retention_s)
}

#[cfg(test)]
mod tests;
