//! What is in messages. Nothing of it is stored: it follows from where a message was born and from the letters of
//! that queue, which say who failed on it, and why. Sources: SQS API reference, `ReceiveMessage`; Lambda
//! developer guide, "Adding a dead-letter queue", "Capturing records of Lambda asynchronous invocations";
//! SNS developer guide, "Dead-letter queues"; EventBridge user guide, "Using dead-letter queues".

mod body;
mod recipe;

pub(super) use self::recipe::fill;

use super::world::queue::item::{Item, Via};
use super::world::queue::name::{ANY, Name, Spot};
use super::world::{Second, World, arn};
use crate::estate::message::{Attribute, AttributeValue, Message};
use crate::estate::names::{Arn, MessageId};
use crate::practice::prng::mix;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Why a message failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cause {
    /// Something was not there for a while, and is back unless it is broken.
    Passing,
    /// A mistake in the consumer: until somebody deploys.
    Bug,
    /// The message itself: it never succeeds.
    Poison,
}

/// Where a message failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum From {
    /// The consumer of this queue received it too often.
    Queue(String),
    /// This function failed on it for good.
    Function(String),
    /// This topic could not deliver it.
    Topic(String),
    /// This rule could not deliver it.
    Rule(String),
    /// Somebody put it there.
    Somebody,
}

/// How what was sent to a queue is wrapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Envelope {
    /// Not at all.
    #[default]
    None,
    /// As a notification of a topic without raw delivery.
    Sns,
    /// As an event of a bus.
    EventBridge,
}

/// Messages of a queue that are alike.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    pub(super) from: From,
    /// How many there are of them, beside the shares of the others.
    pub(super) share: u32,
    /// Who fails: a function, or a queue whose consumer is none.
    #[serde(default)]
    pub(super) consumer: String,
    pub(super) cause: Cause,
    /// `ErrorCode`.
    #[serde(default = "two_hundred")]
    pub(super) code: u16,
    /// `ErrorMessage`, `{n}` for a number and `{id}` for an id in it.
    pub(super) error: String,
    /// What the event is about.
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) envelope: Envelope,
}

fn two_hundred() -> u16 {
    200
}

/// The letter of a queue that a message was born as.
pub(super) fn letter<'w>(world: &'w World, of: &Name) -> Option<&'w Letter> {
    let letters = &world.queues.get(usize::from(of.queue))?.made.letters;
    if of.cause != ANY {
        return letters.get(usize::from(of.cause));
    }
    let total: u64 = letters.iter().map(|l| u64::from(l.share)).sum();
    let mut drawn = of.number(world.seed, 1) % total.max(1);
    letters.iter().find(|l| {
        let found = drawn < u64::from(l.share);
        drawn = drawn.saturating_sub(u64::from(l.share));
        found
    })
}

/// The event that a consumer gets: what was invoked, or sent, in the first place.
pub(super) fn event(world: &World, of: &Name) -> String {
    letter(world, of).map_or_else(|| "{}".to_owned(), |letter| body::event(world.seed, of, letter))
}

/// `ErrorMessage`.
pub(super) fn error(world: &World, of: &Name) -> String {
    let Some(letter) = letter(world, of) else { return String::new() };
    let number = of.number(world.seed, 2);
    let id = format!("{:08x}-{:04x}", number >> 32, number & 0xffff);
    letter.error.replace("{n}", &(number % 9_000 + 100).to_string()).replace("{id}", &id)
}

/// A message of queue `q` as somebody receives it who has received it just now.
pub(super) fn message(world: &World, q: usize, spot: Spot) -> Option<Message> {
    let queue = world.queues.get(q)?;
    let item = queue.item(spot)?;
    let letter = letter(world, &item.of);
    let mut m = match queue.written(spot) {
        Some(own) => {
            let body = String::from_utf8_lossy(own.body.bytes()).into_owned();
            let mut m = Message::new(MessageId::new(item.name.id(world.seed)), Zeroizing::new(body));
            for (name, (data_type, value)) in &own.attributes {
                m.attributes.insert(name.clone(), attribute(data_type, value.bytes()));
            }
            m.trace = own.trace.as_deref().map(Into::into);
            // what failed anew says so anew
            if let Via::Function(_) = item.via {
                add(&mut m, "RequestID", "String", &request_id(world.seed, &item.name));
                add(&mut m, "ErrorCode", "Number", "200");
                add(&mut m, "ErrorMessage", "String", "Error: the event cannot be read");
            }
            m
        }
        None => said(world, &item)?,
    };
    m.sent = Some(super::answer::time(item.sent));
    let touch = queue.touched.get(&spot).copied().unwrap_or_default();
    m.first_received = (touch.first > 0).then(|| super::answer::time(touch.first));
    let from = letter.map(|l| &l.from);
    m.receive_count =
        touch.here + item.before + if item.via == Via::Letter { before(world, from) } else { 0 };
    m.sender = Some(sender(world, &item, from).into());
    m.source = source_of(world, &item).map(Arn::new);
    if queue.fifo() {
        m.group = Some(queue.group(spot).into());
        m.deduplication = Some(format!("{:016x}", item.name.number(world.seed, 22)).into());
        m.sequence =
            Some(format!("{:020}", 18_000_000_000_000 + spot.0 * 100_000_000 + u64::from(spot.1)).into());
    } else if let Some(group) = queue.written(spot).and_then(|own| own.group.as_deref()) {
        m.group = Some(group.into());
    }
    Some(m)
}

/// The function at whose place a message of queue `q` was given up, the id of that invocation, and when it was.
pub(super) fn failed(world: &World, q: usize, spot: Spot) -> Option<(usize, String, Second)> {
    let item = world.queues.get(q)?.item(spot)?;
    match item.via {
        Via::Function(f) => Some((usize::from(f), request_id(world.seed, &item.name), item.sent)),
        Via::Letter | Via::Sent | Via::Queue(_) => match &letter(world, &item.of)?.from {
            From::Function(name) => {
                Some((world.function(name)?, request_id(world.seed, &item.of), item.of.at))
            }
            From::Queue(_) | From::Topic(_) | From::Rule(_) | From::Somebody => None,
        },
    }
}

/// `DeadLetterQueueSourceArn` of a message of queue `q`.
pub(super) fn source(world: &World, q: usize, spot: Spot) -> Option<String> {
    source_of(world, &world.queues.get(q)?.item(spot)?)
}

fn source_of(world: &World, item: &Item) -> Option<String> {
    match (item.via, letter(world, &item.of).map(|l| &l.from)) {
        (Via::Queue(at), _) => world.queues.get(usize::from(at)).map(|s| s.arn()),
        (Via::Letter, Some(From::Queue(name))) => Some(arn("sqs", name)),
        (Via::Letter | Via::Sent | Via::Function(_), _) => None,
    }
}

/// What a message says that nobody wrote anew: body, attributes and trace header.
pub(super) fn said(world: &World, item: &Item) -> Option<Message> {
    let (seed, of) = (world.seed, &item.of);
    let letter = letter(world, of)?;
    let event = body::event(seed, of, letter);
    let id = MessageId::new(item.name.id(seed));
    // what failed anew says so anew; what was sent on says what it said before
    let (failure, at) = match item.via {
        Via::Function(_) => (&item.name, item.sent),
        Via::Letter | Via::Sent | Via::Queue(_) => (of, of.at),
    };
    let failed = match (item.via, &letter.from) {
        (Via::Function(f), _) => world.functions.get(usize::from(f)),
        (Via::Letter | Via::Sent | Via::Queue(_), From::Function(name)) => {
            world.function(name).and_then(|f| world.functions.get(f))
        }
        (
            Via::Letter | Via::Sent | Via::Queue(_),
            From::Queue(_) | From::Topic(_) | From::Rule(_) | From::Somebody,
        ) => None,
    };
    if let Some(function) = failed {
        let request = request_id(seed, failure);
        if function.dead_letter.is_none() && function.on_failure.is_some() {
            let error = error(world, of);
            let record = body::record(&function.arn(), &request, at, &event, &error);
            return Some(Message::new(id, Zeroizing::new(record)));
        }
        let mut m = Message::new(id, Zeroizing::new(event));
        add(&mut m, "RequestID", "String", &request);
        add(&mut m, "ErrorCode", "Number", &letter.code.to_string());
        add(&mut m, "ErrorMessage", "String", &error(world, of));
        return Some(m);
    }
    let text = match letter.envelope {
        Envelope::None => event,
        Envelope::Sns => body::notification(seed, of, &letter.kind, &event),
        Envelope::EventBridge => body::bus_event(seed, of, &letter.kind, &event),
    };
    let mut m = Message::new(id, Zeroizing::new(text));
    match &letter.from {
        From::Topic(_) => {
            add(&mut m, "RequestID", "String", &request_id(seed, of));
            add(&mut m, "ErrorCode", "Number", &letter.code.to_string());
            add(&mut m, "ErrorMessage", "String", &error(world, of));
        }
        From::Rule(rule) => {
            add(&mut m, "RULE_ARN", "String", &arn("events", &format!("rule/{rule}")));
            add(&mut m, "TARGET_ARN", "String", &arn("lambda", &format!("function:{}", letter.consumer)));
            add(&mut m, "ERROR_CODE", "String", "NO_PERMISSIONS");
            add(&mut m, "ERROR_MESSAGE", "String", &error(world, of));
            add(&mut m, "RETRY_ATTEMPTS", "String", "185");
        }
        From::Queue(_) | From::Somebody => extras(seed, of, &letter.kind, &mut m),
        From::Function(_) => {}
    }
    Some(m)
}

/// Attributes of senders who use them, some of them binary.
fn extras(seed: u64, of: &Name, kind: &str, m: &mut Message) {
    let number = of.number(seed, 3);
    if number.is_multiple_of(3) {
        add(m, "schema", "String", &format!("{kind}.v{}", number % 4 + 1));
        add(m, "priority", "Number.int", &(number % 10).to_string());
    }
    if number.is_multiple_of(7) {
        let bytes: Vec<u8> = (0..3).flat_map(|n| mix(number, n, 4).to_be_bytes()).collect();
        let value = AttributeValue::Binary(Zeroizing::new(bytes));
        m.attributes.insert("checksum".to_owned(), Attribute { data_type: "Binary.sha".to_owned(), value });
    }
    if number.is_multiple_of(2) {
        m.trace = Some(
            format!("Root=1-{:08x}-{:016x}{:08x};Sampled=1", of.at, number, number & 0xffff_ffff).into(),
        );
    }
}

fn add(m: &mut Message, name: &str, data_type: &str, text: &str) {
    let value = AttributeValue::Text(Zeroizing::new(text.to_owned()));
    m.attributes.insert(name.to_owned(), Attribute { data_type: data_type.to_owned(), value });
}

/// An attribute from the form it is kept in.
fn attribute(data_type: &str, kept: &[u8]) -> Attribute {
    let text = String::from_utf8_lossy(kept).into_owned();
    let value = match data_type.starts_with("Binary") {
        // a stand-in is no base64: its own bytes take its place
        true => {
            AttributeValue::Binary(Zeroizing::new(STANDARD.decode(kept).unwrap_or_else(|_| kept.to_vec())))
        }
        false => AttributeValue::Text(Zeroizing::new(text)),
    };
    Attribute { data_type: data_type.to_owned(), value }
}

/// The id of the invocation that failed on what became the message of this name.
pub(super) fn request_id(seed: u64, name: &Name) -> String {
    let (a, b) = (name.number(seed, 5), name.number(seed, 6));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        0x8000 | (b >> 48) & 0x3fff,
        b & 0xffff_ffff_ffff
    )
}

/// How often a message was received before it came here.
fn before(world: &World, from: Option<&From>) -> u32 {
    let Some(From::Queue(name)) = from else { return 0 };
    let source = world.queue(name).and_then(|q| world.queues.get(q));
    source.and_then(|s| s.redrive.as_ref()).map_or(0, |(_, most)| *most)
}

/// `SenderId`.
fn sender(world: &World, item: &Item, from: Option<&From>) -> String {
    let role = |name: &str| format!("AROA{:017X}:{name}", crate::practice::prng::word(name) >> 4);
    match (item.via, from) {
        (Via::Function(f), _) => {
            world.functions.get(usize::from(f)).map_or_else(String::new, |f| role(&f.name))
        }
        (Via::Letter, Some(From::Function(name))) => role(name),
        (Via::Letter, Some(From::Topic(_))) => "AIDAPRACTICESNSSERVICE".to_owned(),
        (Via::Letter, Some(From::Rule(_))) => "AIDAPRACTICEEVENTSBUS".to_owned(),
        (Via::Letter | Via::Queue(_), Some(From::Queue(name))) => role(&format!("{name}-producer")),
        (Via::Letter | Via::Queue(_) | Via::Sent, _) => role("alice"),
    }
}

/// Whether a consumer of this name fails on a message of this name at `at`.
pub(super) fn fails(world: &World, consumer: &str, of: &Name, own: Option<bool>, at: Second) -> bool {
    if world.is_in_trouble(consumer, at) {
        return true;
    }
    let letter = letter(world, of);
    let his = letter.is_some_and(|l| l.consumer == consumer);
    match (letter.map(|l| l.cause), own) {
        (Some(Cause::Poison), None) => true,
        (_, Some(false)) => true,
        (Some(Cause::Bug), _) => his && !world.deployed.contains(consumer),
        (Some(Cause::Passing), _) => his && world.broken.contains(consumer),
        (Some(Cause::Poison) | None, Some(true)) | (None, None) => false,
    }
}

/// The name of a message that comes to queue `q` at `at`, the `place`th of then, and on which its consumer does not fail
/// by itself.
pub(super) fn harmless(world: &World, q: usize, at: Second, place: u32) -> Option<Name> {
    let letters = &world.queues.get(q)?.made.letters;
    let cause = letters.iter().position(|l| l.cause == Cause::Passing).and_then(|n| u8::try_from(n).ok());
    let (queue, batch) = (u16::try_from(q).ok()?, u32::MAX);
    Some(Name { queue, batch, place, at, cause: cause.unwrap_or(ANY) })
}

/// Whether a message never succeeds.
pub(super) fn is_poison(world: &World, of: &Name) -> bool {
    letter(world, of).is_some_and(|l| l.cause == Cause::Poison)
}

/// The number of the letter of queue `q` that this consumer fails on by this cause.
pub(super) fn number(world: &World, q: usize, consumer: &str, cause: Cause) -> Option<u8> {
    let letters = &world.queues.get(q)?.made.letters;
    let place = letters.iter().position(|l| l.consumer == consumer && l.cause == cause)?;
    u8::try_from(place).ok()
}
