//! Sends: messages from the shelf come into a queue, each taken or refused by itself. What says the same as the
//! message it was taken from is kept by that message's name; anything else is somebody's text.

use super::{failed, find, fits, in_hand, no_key, refused, row, time};
use crate::estate::message::{AttributeValue, Held, LARGEST, Message};
use crate::estate::names::{MessageId, QueueUrl};
use crate::estate::{Fault, Receipt, RunId, Slot};
use crate::practice::consume;
use crate::practice::letters;
use crate::practice::prng;
use crate::practice::world::World;
use crate::practice::world::queue::item::{Item, Own, Parcel, Via};
use crate::practice::world::queue::name::{Handle, Name};
use crate::practice::world::text::Text;
use crate::practice::write::Write;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// "Deduplication interval": 5 minutes (SQS developer guide, "Using the message deduplication ID").
const INTERVAL: i64 = 300;
/// Attributes of a message at most.
const ATTRIBUTES: usize = 10;
/// What the port for AWS calls the group of a message that had none.
const NO_GROUP: &str = "bartizan";

pub(super) fn send(
    write: &mut Write<'_>,
    url: &QueueUrl,
    messages: &[MessageId],
    run: &RunId,
    body: Option<&Slot>,
) -> Result<Receipt, Fault> {
    let (at, q) = (write.at, find(write, url)?);
    fits(write, messages.len())?;
    let edited = body.map(|slot| write.held(slot)).transpose()?;
    if edited.as_ref().is_some_and(|bytes| std::str::from_utf8(bytes).is_err()) {
        return Err(write.refused("the body is not UTF-8"));
    }
    let (held, mut bad) = in_hand(write, messages);
    let key = Some(row(write, q)?.encryption.clone()).filter(|k| k != "none" && k != "sqs");
    if let Some(key) = key.filter(|_| !write.encrypts) {
        return Err(no_key(write, "kms:GenerateDataKey", &key));
    }
    let size = |h: &Held| match &edited {
        Some(bytes) => h.message.size() - h.message.body().len() + bytes.len(),
        None => h.message.size(),
    };
    let all: usize = held.iter().map(|h| size(h)).sum();
    if all > LARGEST {
        let message =
            format!("Batch requests cannot be longer than {LARGEST} bytes. You have sent {all} bytes.");
        return Err(refused(write, "BatchRequestTooLong", &message));
    }
    let mut done = Vec::new();
    for held in &held {
        let m = &held.message;
        let text = edited.as_ref().and_then(|b| std::str::from_utf8(b).ok()).unwrap_or(m.body());
        if let Some(code) = fault_of(text, m, size(held), row(write, q)?.largest) {
            bad.push(failed(held, code));
            continue;
        }
        done.push(m.id.clone());
        if is_seen(write, q, run, &m.id)? {
            continue; // accepted, and never delivered
        }
        let fifo = row(write, q)?.fifo();
        let (of, own) = kept(write.world, held, edited.as_ref(), fifo);
        let parcel = Parcel { name: None, of, sent: at, before: 0, via: Via::Sent, own };
        consume::deliver(write.world, at, q, parcel);
    }
    consume::settle(write.world, at, q);
    Ok(Receipt::Batch { at: time(at), done, failed: bad })
}

/// The code with which a message is refused.
fn fault_of(text: &str, m: &Message, size: usize, largest: usize) -> Option<&'static str> {
    // #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF (API reference, `SendMessage`)
    let taken = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.is_empty() {
        return Some("MissingParameter");
    }
    if !text.chars().all(taken) {
        return Some("InvalidMessageContents");
    }
    if size > largest || m.attributes.len() > ATTRIBUTES {
        return Some("InvalidParameterValue");
    }
    m.attributes.values().any(|a| a.value.is_empty()).then_some("InvalidParameterValue")
}

/// Whether a FIFO queue has seen this deduplication id within five minutes; it has now.
fn is_seen(write: &mut Write<'_>, q: usize, run: &RunId, id: &MessageId) -> Result<bool, Fault> {
    let at = write.at;
    let queue = row(write, q)?;
    if !queue.fifo() {
        return Ok(false);
    }
    queue.seen.retain(|_, seen| at - *seen < INTERVAL);
    let number = prng::of(&(run.as_str(), id.wire()));
    let known = queue.seen.contains_key(&number);
    if !known {
        queue.seen.insert(number, at);
    }
    Ok(known)
}

/// What is kept of a message that is in hand: the name of what it says, and what somebody wrote beside.
pub(in crate::practice::write) fn kept(
    world: &mut World,
    held: &Held,
    edited: Option<&Zeroizing<Vec<u8>>>,
    fifo: bool,
) -> (Option<Name>, Option<Box<Own>>) {
    let m = &held.message;
    let found = item(world, held);
    let of = found.as_ref().map(|i| i.of);
    let group = m.group.as_ref().map(|g| g.wire().to_owned()).or_else(|| fifo.then(|| NO_GROUP.to_owned()));
    let as_born = found.as_ref().map(|i| crate::practice::world::queue::hold::group_of(&i.of));
    let grouped = !fifo || group == as_born;
    if edited.is_none() && grouped && (fifo || m.group.is_none()) {
        let said = found.as_ref().and_then(|i| letters::said(world, &Item { via: Via::Sent, ..*i }));
        if said.is_some_and(|s| s.body() == m.body() && s.attributes == m.attributes && s.trace == m.trace) {
            return (of, None);
        }
    }
    let body = edited.map_or_else(|| Zeroizing::new(m.body().as_bytes().to_vec()), Clone::clone);
    // whoever writes a body anew mends what was wrong with it, if it is an object at all
    let is_object = serde_json::from_slice::<BTreeMap<String, serde::de::IgnoredAny>>(&body).is_ok();
    let same = found.as_ref().is_some_and(|i| letters::event(world, &i.of).as_bytes() == body.as_slice());
    let good = is_object && !(same && of.is_some_and(|of| letters::is_poison(world, &of)));
    let body = Text::message(body, &mut world.known);
    let attributes = m.attributes.iter().map(|(name, a)| {
        let value = match &a.value {
            AttributeValue::Text(text) => Zeroizing::new(text.as_bytes().to_vec()),
            AttributeValue::Binary(bytes) => Zeroizing::new(STANDARD.encode(bytes.as_slice()).into_bytes()),
        };
        (name.clone(), (a.data_type.clone(), Text::message(value, &mut world.known)))
    });
    let attributes = attributes.collect();
    let trace = m.trace.as_ref().map(|t| t.wire().to_owned());
    (of, Some(Box::new(Own { body, attributes, group, trace, good })))
}

/// The message of this world that was received, or whose id it has.
fn item(world: &World, held: &Held) -> Option<Item> {
    let received = Handle::open(world.seed, &held.handle)
        .and_then(|h| world.queues.get(h.queue)?.item(h.spot))
        .filter(|i| i.name.id(world.seed) == held.message.id.wire());
    received.or_else(|| {
        let name = Name::of_id(world.seed, held.message.id.wire())?;
        let item = Item { name, of: name, sent: name.at, before: 0, via: Via::Sent };
        // the id of what was sent on once tells nothing of what is in it
        let said = letters::said(world, &item)?;
        (said.body() == held.message.body()).then_some(item)
    })
}
