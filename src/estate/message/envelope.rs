//! What a message is: who wrapped it on its way here, what the wrapping says of a failure, and which part of it is the
//! event itself. Only looks: every part that is handed on is a span of the body, byte for byte. Knows no queue.
//!
//! Sources: Lambda developer guide, "Capturing records of Lambda asynchronous invocations", "Retain discarded batch
//! records"; SNS developer guide, "Parsing message formats"; EventBridge user guide, "Using dead-letter queues to
//! process undelivered events", "AWS service event metadata".

use super::Message;
use crate::estate::edit::look::{Json, Kind};
use crate::estate::names::{Arn, FunctionName};
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use zeroize::Zeroizing;

/// The longest text that is taken over from a message as what failed, in bytes: Lambda gives the first KB.
const LONGEST: usize = 4096;

/// Who put the message into the queue, by what it says itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Wrap {
    /// Nobody who says so: another queue's redrive policy, or a sender.
    Plain,
    /// Lambda's dead-letter queue: the body is the event, attributes say what failed.
    LambdaDeadLetter,
    /// Lambda's failure destination: a record around the event.
    LambdaDestination,
    /// An event source mapping's failure destination: says where the records are, and holds none of them.
    Stream(Stream),
    /// The dead-letter queue of an EventBridge rule: the body is the event, attributes say what failed.
    EventBridgeDeadLetter,
}

/// A stream that records are read from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stream {
    /// DynamoDB Streams: `DDBStreamBatchInfo`. Records stay for 24 hours.
    DynamoDb,
    /// Kinesis Data Streams: `KinesisBatchInfo`.
    Kinesis,
}

impl Stream {
    const ALL: [(Stream, &str); 2] =
        [(Stream::DynamoDb, "DDBStreamBatchInfo"), (Stream::Kinesis, "KinesisBatchInfo")];

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stream::DynamoDb => "DynamoDB stream",
            Stream::Kinesis => "Kinesis stream",
        }
    }
}

impl Wrap {
    /// The word of the JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Wrap::Plain => "plain",
            Wrap::LambdaDeadLetter => "lambda_dead_letter",
            Wrap::LambdaDestination => "lambda_destination",
            Wrap::Stream(Stream::DynamoDb) => "dynamodb_stream_record",
            Wrap::Stream(Stream::Kinesis) => "kinesis_stream_record",
            Wrap::EventBridgeDeadLetter => "events_dead_letter",
        }
    }

    /// Why a message of this kind cannot be sent or invoked again, where that is so.
    #[must_use]
    pub fn without_event(self) -> Option<&'static str> {
        match self {
            Wrap::Stream(Stream::DynamoDb) => Some(
                "holds no event: it says where the records are in the DynamoDB stream, which keeps them 24 hours",
            ),
            Wrap::Stream(Stream::Kinesis) => {
                Some("holds no event: it says where the records are in the Kinesis stream")
            }
            Wrap::Plain | Wrap::LambdaDeadLetter | Wrap::LambdaDestination | Wrap::EventBridgeDeadLetter => {
                None
            }
        }
    }
}

/// What the event looks like.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// `Type: Notification`: SNS without raw delivery.
    Notification {
        /// `TopicArn`.
        topic: Option<Arn>,
        /// `Subject`.
        subject: Option<Untrusted>,
    },
    /// `detail-type`, `detail`, `source`: EventBridge.
    EventBridge {
        /// `detail-type`.
        detail_type: Untrusted,
        /// `source`.
        source: Untrusted,
    },
    /// `Records[]`: S3, SQS, SNS, streams.
    Records {
        /// `eventSource` of the first: `aws:s3`.
        source: Untrusted,
        /// `eventName` of the first: `ObjectCreated:Put`.
        name: Option<Untrusted>,
        /// How many.
        records: usize,
    },
    /// Another JSON object or array.
    Json,
    /// Anything else.
    Text,
}

/// A function that a message has to do with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// Its name.
    pub name: FunctionName,
    /// Version or alias, where the message says it.
    pub qualifier: Option<Untrusted>,
    /// Its whole ARN, where the message says it.
    pub arn: Option<Arn>,
    /// How it is known.
    pub by: By,
}

/// How a message's function is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The record names it.
    Record,
    /// The session of `SenderId`, which "should be" the function's name and is documented nowhere.
    Sender,
}

/// What a message says of its failure.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Failed {
    /// The type of the error: `KeyError`, `Runtime.ExitError`.
    pub kind: Option<Untrusted>,
    /// Its message.
    pub message: Option<Untrusted>,
    /// Why it was given up: `RetriesExhausted`, `EventAgeExceeded`, `MaximumRetryAttempts`.
    pub condition: Option<Untrusted>,
    /// A status or code beside: Lambda's `ErrorCode`, EventBridge's `ERROR_CODE`.
    pub code: Option<Untrusted>,
}

impl Failed {
    /// `Type: message`, or the one of them that is known, or why it was given up; `None` if it says nothing.
    #[must_use]
    pub fn text(&self) -> Option<Untrusted> {
        match (&self.kind, &self.message) {
            (Some(kind), Some(message)) => Some(format!("{}: {}", kind.wire(), message.wire()).into()),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => match (&self.condition, &self.code) {
                (Some(condition), _) => Some(condition.clone()),
                (None, Some(code)) => Some(format!("error {}", code.wire()).into()),
                (None, None) => None,
            },
        }
    }
}

/// What is inside of all wrappings: a span of the body, or decoded from a string of it.
pub enum Inner<'a> {
    /// A part of the body, or all of it.
    Span(&'a str),
    /// What a string in the body says: `Message` of SNS.
    Decoded(Zeroizing<String>),
}

impl Deref for Inner<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Inner::Span(text) => text,
            Inner::Decoded(text) => text,
        }
    }
}

/// What a message is.
pub struct Envelope<'a> {
    /// Who wrapped it.
    pub wrap: Wrap,
    /// What the event looks like.
    pub event: Event,
    /// The function that failed, where that is told.
    pub function: Option<Named>,
    /// What failed.
    pub failed: Failed,
    /// The id of the invocation, by which logs are searched.
    pub request: Option<Untrusted>,
    /// What is inside of all of it: `detail`, `Message`, the event, or the body.
    pub inner: Inner<'a>,
}

/// What a message is. One pass over its body for each layer.
#[must_use]
pub fn open(message: &Message) -> Envelope<'_> {
    let body = message.body();
    let root = Json::structure(body);
    let wrap = wrap(message, root);
    let payload = root.filter(|_| wrap == Wrap::LambdaDestination).and_then(|r| r.field("requestPayload"));
    let (at, event_text) = match payload {
        Some(payload) => (Some(payload), payload.raw()),
        None => (root, body),
    };
    let (event, inner) = event(at, event_text);
    let (failed, function, request) = match wrap {
        Wrap::Plain => (own_error(root), None, None),
        Wrap::LambdaDeadLetter => {
            let failed = told(attribute(message, "ErrorMessage"), attribute(message, "ErrorCode"));
            (failed, sender(message), attribute(message, "RequestID"))
        }
        Wrap::EventBridgeDeadLetter => {
            let code = attribute(message, "ERROR_CODE");
            let failed = Failed {
                kind: code.clone(),
                message: attribute(message, "ERROR_MESSAGE"),
                condition: attribute(message, "EXHAUSTED_RETRY_CONDITION"),
                code,
            };
            (failed, message.attribute("TARGET_ARN").and_then(function_of), None)
        }
        Wrap::LambdaDestination | Wrap::Stream(_) => record(root),
    };
    Envelope { wrap, event, function, failed, request, inner }
}

/// The event that a function was invoked with and failed on: the body, or the `requestPayload` of a destination record
/// (Lambda developer guide, "Capturing records of asynchronous invocations"), byte for byte. Of what holds no event
/// (see [`Wrap::without_event`]) it is the body.
#[must_use]
pub fn event_of(message: &Message) -> &str {
    let body = message.body();
    let Some(root) = Json::structure(body) else { return body };
    match wrap(message, Some(root)) {
        Wrap::LambdaDestination => root.field("requestPayload").map_or(body, Json::raw),
        Wrap::Plain | Wrap::LambdaDeadLetter | Wrap::Stream(_) | Wrap::EventBridgeDeadLetter => body,
    }
}

/// The function that failed on a message, as [`open`] tells it; else the session of any sender that has one.
#[must_use]
pub fn function(message: &Message) -> Option<Named> {
    open(message).function.or_else(|| sender(message))
}

/// Who wrapped a message, as [`open`] tells it.
#[must_use]
pub fn wrap_of(message: &Message) -> Wrap {
    wrap(message, Json::structure(message.body()))
}

fn wrap(message: &Message, root: Option<Json<'_>>) -> Wrap {
    let has = |name: &str| message.attributes.contains_key(name);
    if has("RequestID") && (has("ErrorCode") || has("ErrorMessage")) {
        return Wrap::LambdaDeadLetter;
    }
    if has("RULE_ARN") && has("ERROR_CODE") {
        return Wrap::EventBridgeDeadLetter;
    }
    let Some(root) = root.filter(|r| r.kind() == Kind::Object) else { return Wrap::Plain };
    let context = root.field("requestContext");
    if context.and_then(|c| c.field("functionArn")).is_none() || root.field("version").is_none() {
        return Wrap::Plain;
    }
    if let Some((stream, _)) = Stream::ALL.iter().find(|(_, name)| root.field(name).is_some()) {
        return Wrap::Stream(*stream);
    }
    if root.field("requestPayload").is_some() { Wrap::LambdaDestination } else { Wrap::Plain }
}

fn event<'a>(at: Option<Json<'a>>, text: &'a str) -> (Event, Inner<'a>) {
    let whole = || Inner::Span(text);
    let Some(json) = at.filter(|j| matches!(j.kind(), Kind::Object | Kind::Array)) else {
        return (Event::Text, whole());
    };
    if json.field("Type").is_some_and(|t| t.says("Notification"))
        && let Some(inside) = json.field("Message").and_then(Json::text)
    {
        let topic = json.field("TopicArn").and_then(said).map(|t| Arn::new(t.wire()));
        let subject = json.field("Subject").and_then(said);
        return (Event::Notification { topic, subject }, Inner::Decoded(inside));
    }
    if let (Some(detail_type), Some(detail), Some(source)) =
        (json.field("detail-type").and_then(said), json.field("detail"), json.field("source").and_then(said))
    {
        return (Event::EventBridge { detail_type, source }, Inner::Span(detail.raw()));
    }
    if let Some(list) = json.field("Records").filter(|r| r.kind() == Kind::Array)
        && let Some(first) = list.items().next().filter(|r| r.kind() == Kind::Object)
        && let Some(source) = first.field("eventSource").or_else(|| first.field("EventSource")).and_then(said)
    {
        let records = list.items().count();
        let name = first.field("eventName").and_then(said);
        // A single record of a queue or a topic holds one text: that is what it is about.
        let one = || first.field("body").or_else(|| first.field("Sns")?.field("Message"))?.text();
        let inner = if records == 1 { one().map(Inner::Decoded) } else { None };
        return (Event::Records { source, name, records }, inner.unwrap_or_else(whole));
    }
    (Event::Json, whole())
}

/// Lambda's own record: `requestContext`, `responseContext`, `responsePayload`.
fn record(root: Option<Json<'_>>) -> (Failed, Option<Named>, Option<Untrusted>) {
    let Some(root) = root else { return (Failed::default(), None, None) };
    let of = |part: &str, name: &str| root.field(part)?.field(name).and_then(said);
    let answered = root.field("responsePayload").map(|p| error_in(p, Failed::default())).unwrap_or_default();
    let failed = Failed {
        kind: answered.kind.or_else(|| of("responseContext", "functionError")),
        condition: of("requestContext", "condition"),
        ..answered
    };
    let function = of("requestContext", "functionArn").and_then(|arn| function_of(arn.wire()));
    (failed, function, of("requestContext", "requestId"))
}

/// The error that a sender put into a body as Lambda would: both fields, or it is somebody's data.
fn own_error(root: Option<Json<'_>>) -> Failed {
    let both = |r: &Json<'_>| r.field("errorType").is_some() && r.field("errorMessage").is_some();
    root.filter(both).map(|r| error_in(r, Failed::default())).unwrap_or_default()
}

/// `errorType` and `errorMessage` of an object (Lambda developer guide, "Using Lambda retry behaviour").
fn error_in(json: Json<'_>, or: Failed) -> Failed {
    Failed {
        kind: json.field("errorType").and_then(said).or(or.kind),
        message: json.field("errorMessage").and_then(said).or(or.message),
        ..or
    }
}

/// An error from attributes, whose message may be Lambda's JSON of it.
fn told(message: Option<Untrusted>, code: Option<Untrusted>) -> Failed {
    let plain = Failed { message: message.clone(), code, ..Failed::default() };
    match message.as_ref().and_then(|m| Json::structure(m.wire())) {
        Some(json) => error_in(json, plain),
        None => plain,
    }
}

fn attribute(message: &Message, name: &str) -> Option<Untrusted> {
    let text = message.attribute(name).filter(|t| !t.is_empty())?;
    Some(cut(text).into())
}

/// What a string says, cut; of a number its digits.
fn said(json: Json<'_>) -> Option<Untrusted> {
    match json.kind() {
        Kind::Text => {
            let text = json.text_within(2 * LONGEST)?;
            (!text.is_empty()).then(|| cut(&text).into())
        }
        Kind::Bare => (json.raw() != "null").then(|| cut(json.raw()).into()),
        Kind::Object | Kind::Array => None,
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// `roleId:session` of `SenderId`: what Lambda sends as, where the session has the form of a function's name.
fn sender(message: &Message) -> Option<Named> {
    let (_, session) = message.sender.as_ref()?.wire().split_once(':')?;
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    // A function's name has 1 to 64 characters (Lambda API reference, `CreateFunction`).
    let named = (1..=64).contains(&session.len()) && session.bytes().all(good);
    named.then(|| Named { name: FunctionName::new(session), qualifier: None, arn: None, by: By::Sender })
}

/// The function of an ARN `arn:aws:lambda:region:account:function:NAME[:QUALIFIER]`.
#[must_use]
pub fn function_of(arn: &str) -> Option<Named> {
    let mut parts = arn.split(':');
    let service = parts.nth(2)?;
    let kind = parts.nth(2)?;
    let name = parts.next().filter(|n| !n.is_empty())?;
    let is_one = arn.starts_with("arn:") && service == "lambda" && kind == "function";
    is_one.then(|| Named {
        name: FunctionName::new(name),
        qualifier: parts.next().map(Untrusted::from),
        arn: Some(Arn::new(arn)),
        by: By::Record,
    })
}

#[cfg(test)]
mod tests;
