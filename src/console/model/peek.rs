//! What was seen in dead-letter queues: the newest look at each, as it may be drawn. Nothing of it is kept.

use crate::estate::message::whose::Verdict;
use crate::estate::{QueueUrl, Ticket, Timestamp};
use crate::insight::messages::Peeked;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many messages a look takes.
pub const SAMPLE: u64 = 10;

/// What a look at a queue came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// When its first message was asked for.
    pub at: Timestamp,
    /// The messages, masked, by cause.
    pub told: Peeked,
    /// What was done with them and what could not be, a sentence each, safe to draw.
    pub account: Vec<String>,
}

/// The newest look at a queue.
#[derive(Clone, Debug)]
pub struct PeekBox {
    /// The look that is under way or came last: the answer to an older one is dropped.
    pub ticket: Ticket,
    /// It is under way.
    pub busy: bool,
    /// What was seen last.
    pub sample: Option<Arc<Sample>>,
    /// Why nothing was.
    pub trouble: Option<String>,
}

/// The newest export of a queue.
#[derive(Clone, Debug)]
pub struct ExportBox {
    /// The export that is under way or came last.
    pub ticket: Ticket,
    /// It is under way.
    pub busy: bool,
    /// How far it is, or what it came to; safe to draw.
    pub said: Vec<String>,
    /// Why there is none.
    pub trouble: Option<String>,
}

/// The newest search for whose the messages of a queue are.
#[derive(Clone, Debug)]
pub struct WhoseBox {
    /// The search that is under way or came last.
    pub ticket: Ticket,
    /// How far it is.
    pub stage: Stage,
}

/// How far a search for whose messages are is.
#[derive(Clone, PartialEq, Debug)]
pub enum Stage {
    /// It was said what it costs: the same key once more begins it.
    Offered,
    /// It is under way.
    Busy,
    /// It came to this.
    Found(Arc<Whose>),
    /// It came to nothing, and why; safe to draw.
    Trouble(String),
}

/// What a search for whose messages are came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Whose {
    /// What the messages say themselves and what the logs say, a sentence each, safe to draw.
    pub said: Vec<String>,
    /// Whom they name.
    pub verdict: Verdict,
}

/// The searches, by queue.
pub type Searches = BTreeMap<QueueUrl, WhoseBox>;

/// The exports, by queue.
pub type Exports = BTreeMap<QueueUrl, ExportBox>;

/// The looks, by queue.
pub type Peeks = BTreeMap<QueueUrl, PeekBox>;
