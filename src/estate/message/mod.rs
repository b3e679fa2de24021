//! A message of a queue, with everything that is needed to send it again. A body may hold anything, so it is in
//! memory that is wiped, and `Debug` tells its length only; who looks at it is told by [`Message::body`].
//! Source: SQS API reference, `ReceiveMessage`, `SendMessageBatch`.

pub mod envelope;
pub mod filter;
pub mod fold;
pub mod group;
pub mod ids;
pub mod mask;
pub mod select;
pub mod shelf;
#[cfg(test)]
pub(crate) mod testing;
pub mod trace;
pub mod whose;

use super::names::{Arn, FunctionName, MessageId};
use super::time::Timestamp;
use super::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

pub use envelope::{Envelope, event_of};
pub use filter::{Filter, FilterFault};
pub use group::Group;
pub use ids::Ids;
pub use mask::{HIDDEN, Masks, masked};
pub use select::Select;
pub use shelf::{Held, Shelf};
pub use trace::Trace;

/// The largest message, and the largest batch in sum, that every queue takes, in bytes: "1 MiB" since August
/// 2025; queues of before, and most emulators, take 256 KiB (SQS developer guide, "Amazon SQS message quotas").
pub const LARGEST: usize = 1024 * 1024;
/// The largest sum of a batch that is sent here, unless one message alone is larger: what every queue takes.
pub const BATCH: usize = 256 * 1024;
/// The most messages of a batch (SQS API reference, `SendMessageBatch`).
pub const MOST_IN_A_BATCH: usize = 10;

/// A message as it was received.
#[derive(Clone, PartialEq)]
pub struct Message {
    /// `MessageId`.
    pub id: MessageId,
    /// `Body`.
    body: Zeroizing<String>,
    /// `MessageAttributes`, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// `SentTimestamp`: when it was first sent. A move to a dead-letter queue keeps it in a standard queue.
    pub sent: Option<Timestamp>,
    /// `ApproximateFirstReceiveTimestamp`.
    pub first_received: Option<Timestamp>,
    /// `ApproximateReceiveCount`, this receive included.
    pub receive_count: u32,
    /// `SenderId`: of a Lambda dead letter, `roleId:session`.
    pub sender: Option<Untrusted>,
    /// `MessageGroupId`.
    pub group: Option<Untrusted>,
    /// `MessageDeduplicationId`.
    pub deduplication: Option<Untrusted>,
    /// `SequenceNumber`.
    pub sequence: Option<Untrusted>,
    /// `AWSTraceHeader`.
    pub trace: Option<Untrusted>,
    /// `DeadLetterQueueSourceArn`: the queue that it was moved here from.
    pub source: Option<Arn>,
}

/// A message attribute.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `DataType`: `String`, `Number`, `Binary`, each with a label of one's own after a dot.
    pub data_type: String,
    /// Its value.
    pub value: AttributeValue,
}

/// The value of a message attribute.
#[derive(Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// `StringValue`.
    Text(Zeroizing<String>),
    /// `BinaryValue`.
    Binary(Zeroizing<Vec<u8>>),
}

impl AttributeValue {
    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its text; `None` of what is binary.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Binary(_) => None,
        }
    }
}

impl Message {
    /// A message of which nothing but its id and body is known.
    #[must_use]
    pub fn new(id: MessageId, body: Zeroizing<String>) -> Self {
        Self {
            id,
            body,
            attributes: BTreeMap::new(),
            sent: None,
            first_received: None,
            receive_count: 0,
            sender: None,
            group: None,
            deduplication: None,
            sequence: None,
            trace: None,
            source: None,
        }
    }

    /// The body as it came: for ports, exports, and what draws it neutralised.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The same message with another body.
    #[must_use]
    pub fn with_body(self, body: Zeroizing<String>) -> Self {
        Self { body, ..self }
    }

    /// The same message under another id.
    #[must_use]
    pub fn renamed(self, id: MessageId) -> Self {
        Self { id, ..self }
    }

    /// The text of a message attribute; `None` if there is none of that name, or it is binary.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).and_then(|a| a.value.text())
    }

    /// The function that failed on it, as far as it says so: the one that a record of Lambda's names, or of a dead
    /// letter the session in `SenderId` (`roleId:session`), which is the function's name (not verified against AWS).
    #[must_use]
    pub fn function(&self) -> Option<FunctionName> {
        envelope::function(self).map(|f| f.name)
    }

    /// What counts against the limits: body, and names, types and values of attributes, in bytes (SQS API
    /// reference, `SendMessage`).
    #[must_use]
    pub fn size(&self) -> usize {
        let attributes = self.attributes.iter().map(|(n, a)| n.len() + a.data_type.len() + a.value.len());
        self.body.len() + attributes.sum::<usize>()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What is remembered of a message that was received: ids and numbers, nothing of its contents.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Its id.
    pub id: MessageId,
    /// Whether it is one of those meant.
    pub chosen: bool,
    /// [`Message::size`].
    pub bytes: u32,
    /// `ApproximateReceiveCount`, this receive included.
    pub receive_count: u32,
    /// The queue that it was moved here from, where SQS says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arn>,
    /// The function that sent it, where it says so: a name only, and whoever uses it checks that there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionName>,
    /// It belongs to a FIFO group, of this number in the receive: those of one group keep their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u8>,
    /// Whose it is, where it is looked at for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Box<Trace>>,
}

impl Head {
    /// What is remembered of a message. `groups` are the FIFO groups of its receive so far, which number them.
    #[must_use]
    pub fn of(message: &Message, chosen: bool, groups: &mut Vec<Untrusted>) -> Self {
        let group = message.group.as_ref().map(|group| {
            let place = groups.iter().position(|g| g == group).unwrap_or_else(|| {
                groups.push(group.clone());
                groups.len() - 1
            });
            u8::try_from(place).unwrap_or(u8::MAX)
        });
        Self {
            id: message.id.clone(),
            chosen,
            bytes: u32::try_from(message.size()).unwrap_or(u32::MAX),
            receive_count: message.receive_count,
            source: message.source.clone(),
            function: message.function(),
            group,
            trace: None,
        }
    }
}
