//! Writes to SQS. What is received goes straight onto the vault's shelf, and what is sent is taken from it; receipts
//! and faults hold ids, never a body.

use super::text;
use crate::aws::convert::{malformed, need};
use crate::aws::fault::Judge;
use crate::estate::change::sqs::Call;
use crate::estate::change::{Failed, RunId};
use crate::estate::message::{Attribute, AttributeValue, Head, Held, Message, Select, Shelf};
use crate::estate::time::plus_seconds;
use crate::estate::{
    Arn, Clock, Fault, FaultKind, MessageId, QueueUrl, Receipt, Slot, Timestamp, Untrusted, Vault,
};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageAttributeValue, MessageSystemAttributeName as System, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue, SendMessageBatchRequestEntry,
};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use zeroize::Zeroizing;

pub(super) struct Ports<'a> {
    pub(super) client: &'a Client,
    pub(super) clock: &'a dyn Clock,
    pub(super) vault: &'a Vault,
}

pub(super) async fn apply(ports: &Ports<'_>, call: &Call, judge: &Judge<'_>) -> Result<Receipt, Fault> {
    let client = ports.client;
    match call {
        Call::ReceiveMessage { queue, nth: _, most, visibility_s, wait_s, select } => {
            receive(ports, judge, queue, (*most, *visibility_s, *wait_s), select).await
        }
        Call::SendMessageBatch { to, messages, run, body } => {
            send(ports, judge, to, messages, (run, body.as_ref())).await
        }
        Call::DeleteMessageBatch { queue, messages } => {
            let at = ports.clock.now();
            let (held, gone) = in_hand(ports.vault.shelf(), messages);
            if held.is_empty() {
                return Ok(Receipt::Batch { at, done: Vec::new(), failed: gone });
            }
            let entry = |(n, h): (usize, &Arc<Held>)| {
                DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(&*h.handle).build()
            };
            let entries = held.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|e| unbuilt(judge, &e))?;
            let out = client.delete_message_batch().queue_url(queue.wire()).set_entries(Some(entries));
            let out = judge.of(out.send().await)?;
            let answer = Answered {
                done: out.successful.iter().map(|s| s.id.as_str()).collect(),
                failed: &out.failed,
            };
            let receipt = answer.receipt(judge, at, &held, gone)?;
            if let Receipt::Batch { done, .. } = &receipt {
                done.iter().for_each(|id| drop(ports.vault.shelf().take(id)));
            }
            Ok(receipt)
        }
        Call::ChangeMessageVisibilityBatch { queue, messages, seconds } => {
            let at = ports.clock.now();
            let (held, gone) = in_hand(ports.vault.shelf(), messages);
            if held.is_empty() {
                return Ok(Receipt::Batch { at, done: Vec::new(), failed: gone });
            }
            let seconds = i32::try_from(*seconds).unwrap_or(i32::MAX);
            let entry = |(n, h): (usize, &Arc<Held>)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(n.to_string());
                entry.receipt_handle(&*h.handle).visibility_timeout(seconds).build()
            };
            let entries = held.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|e| unbuilt(judge, &e))?;
            let out = client.change_message_visibility_batch().queue_url(queue.wire());
            let out = judge.of(out.set_entries(Some(entries)).send().await)?;
            let answer = Answered {
                done: out.successful.iter().map(|s| s.id.as_str()).collect(),
                failed: &out.failed,
            };
            let receipt = answer.receipt(judge, at, &held, gone)?;
            if seconds == 0 {
                messages.iter().for_each(|id| drop(ports.vault.shelf().take(id)));
            }
            Ok(receipt)
        }
        Call::StartMessageMoveTask { queue, to, rate, before: _ } => {
            let start = client.start_message_move_task().source_arn(queue.wire());
            let start = start.set_destination_arn(to.as_ref().map(|to| to.wire().to_owned()));
            let rate = rate.and_then(|n| i32::try_from(n).ok());
            let out = judge.of(start.set_max_number_of_messages_per_second(rate).send().await)?;
            Ok(Receipt::MoveTask(out.task_handle.filter(|h| !h.is_empty()).map(Untrusted::from)))
        }
        Call::CancelMessageMoveTask { queue: _, handle } => {
            judge.of(client.cancel_message_move_task().task_handle(handle.wire()).send().await)?;
            Ok(Receipt::Done)
        }
        Call::PurgeQueue { queue } => {
            judge.of(client.purge_queue().queue_url(queue.wire()).send().await)?;
            Ok(Receipt::Done)
        }
    }
}

async fn receive(
    ports: &Ports<'_>,
    judge: &Judge<'_>,
    queue: &QueueUrl,
    (most, visibility_s, wait_s): (u8, u32, u8),
    select: &Select,
) -> Result<Receipt, Fault> {
    let at = ports.clock.now();
    let out = ports.client.receive_message().queue_url(queue.wire()).max_number_of_messages(i32::from(most));
    let out = out
        .visibility_timeout(i32::try_from(visibility_s).unwrap_or(i32::MAX))
        .wait_time_seconds(i32::from(wait_s))
        .message_attribute_names("All")
        .message_system_attribute_names(System::All);
    let out = judge.of(out.send().await)?;
    // Hidden from when it was received, which is no earlier than it was asked for.
    let until = plus_seconds(at, i64::from(visibility_s));
    let mut groups: Vec<Untrusted> = Vec::new();
    let mut heads = Vec::new();
    for raw in out.messages.unwrap_or_default() {
        let handle = Zeroizing::new(need(judge.operation(), "ReceiptHandle", raw.receipt_handle.clone())?);
        let message = message(judge, raw)?;
        heads.push(Head::of(&message, select.chooses(&message, at), &mut groups));
        ports.vault.shelf().put(Held { message, handle, until });
    }
    Ok(Receipt::Received { at, messages: heads })
}

fn message(judge: &Judge<'_>, raw: aws_sdk_sqs::types::Message) -> Result<Message, Fault> {
    let id = MessageId::new(need(judge.operation(), "MessageId", raw.message_id)?);
    let mut message = Message::new(id, Zeroizing::new(raw.body.unwrap_or_default()));
    let mut system: HashMap<System, String> = raw.attributes.unwrap_or_default();
    let mut take = |name: System| system.remove(&name).filter(|v| !v.is_empty());
    let time = |ms: Option<String>| {
        let ms = ms?.split('.').next()?.parse::<i64>().ok()?;
        Timestamp::from_millisecond(ms).ok()
    };
    message.sent = time(take(System::SentTimestamp));
    message.first_received = time(take(System::ApproximateFirstReceiveTimestamp));
    message.receive_count = take(System::ApproximateReceiveCount).and_then(|n| n.parse().ok()).unwrap_or(0);
    message.sender = take(System::SenderId).map(Untrusted::from);
    message.group = take(System::MessageGroupId).map(Untrusted::from);
    message.deduplication = take(System::MessageDeduplicationId).map(Untrusted::from);
    message.sequence = take(System::SequenceNumber).map(Untrusted::from);
    message.trace = take(System::AwsTraceHeader).map(Untrusted::from);
    message.source = take(System::DeadLetterQueueSourceArn).map(Arn::new);
    for (name, value) in raw.message_attributes.unwrap_or_default() {
        let held = match (value.string_value, value.binary_value) {
            (Some(text), _) => AttributeValue::Text(Zeroizing::new(text)),
            (None, Some(bytes)) => AttributeValue::Binary(Zeroizing::new(bytes.into_inner())),
            (None, None) => return Err(malformed(judge.operation(), "a message attribute without a value")),
        };
        message.attributes.insert(name, Attribute { data_type: value.data_type, value: held });
    }
    Ok(message)
}

async fn send(
    ports: &Ports<'_>,
    judge: &Judge<'_>,
    to: &QueueUrl,
    messages: &[MessageId],
    (run, body): (&RunId, Option<&Slot>),
) -> Result<Receipt, Fault> {
    let at = ports.clock.now();
    let (held, gone) = in_hand(ports.vault.shelf(), messages);
    if held.is_empty() {
        return Ok(Receipt::Batch { at, done: Vec::new(), failed: gone });
    }
    let fifo = to.is_fifo();
    let mut entries = Vec::with_capacity(held.len());
    for (n, h) in held.iter().enumerate() {
        let m = &h.message;
        let text = match body {
            Some(slot) => text(ports.vault, slot, judge)?,
            None => m.body().to_owned(),
        };
        let mut entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(text);
        for (name, attribute) in &m.attributes {
            entry =
                entry.message_attributes(name, attribute_value(attribute).map_err(|e| unbuilt(judge, &e))?);
        }
        if let Some(trace) = &m.trace {
            let value = MessageSystemAttributeValue::builder().data_type("String").string_value(trace.wire());
            entry = entry.message_system_attributes(
                MessageSystemAttributeNameForSends::AwsTraceHeader,
                value.build().map_err(|e| unbuilt(judge, &e))?,
            );
        }
        // A standard queue takes a group, too (fair queues), and no deduplication id.
        entry = entry.set_message_group_id(m.group.as_ref().map(|g| g.wire().to_owned()));
        if fifo {
            if m.group.is_none() {
                entry = entry.message_group_id("bartizan");
            }
            entry = entry.message_deduplication_id(deduplication(run, &m.id));
        }
        entries.push(entry.build().map_err(|e| unbuilt(judge, &e))?);
    }
    let out = ports.client.send_message_batch().queue_url(to.wire()).set_entries(Some(entries));
    let out = judge.of(out.send().await)?;
    let answer =
        Answered { done: out.successful.iter().map(|s| s.id.as_str()).collect(), failed: &out.failed };
    answer.receipt(judge, at, &held, gone)
}

/// The deduplication id of a copy: of the run and the message's own id, the same for every try.
fn deduplication(run: &RunId, id: &MessageId) -> String {
    let hash = Sha256::new().chain_update(run.as_str()).chain_update([0]).chain_update(id.wire()).finalize();
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

fn attribute_value(
    attribute: &Attribute,
) -> Result<MessageAttributeValue, aws_smithy_types::error::operation::BuildError> {
    let value = MessageAttributeValue::builder().data_type(&attribute.data_type);
    match &attribute.value {
        AttributeValue::Text(text) => value.string_value(text.as_str()),
        AttributeValue::Binary(bytes) => value.binary_value(Blob::new(bytes.to_vec())),
    }
    .build()
}

/// The messages that are in hand, and a failure for each that is not: it went back when its time ran out.
fn in_hand(shelf: &Shelf, messages: &[MessageId]) -> (Vec<Arc<Held>>, Vec<Failed>) {
    let mut held = Vec::with_capacity(messages.len());
    let mut gone = Vec::new();
    for id in messages {
        match shelf.get(id) {
            Some(h) => held.push(h),
            None => gone.push(Failed { id: id.clone(), code: "NotInHand".into(), sender: true }),
        }
    }
    (held, gone)
}

/// What a batch was answered with: the entries' ids are their places in it.
struct Answered<'a> {
    done: Vec<&'a str>,
    failed: &'a [BatchResultErrorEntry],
}

impl Answered<'_> {
    fn receipt(
        &self,
        judge: &Judge<'_>,
        at: Timestamp,
        held: &[Arc<Held>],
        gone: Vec<Failed>,
    ) -> Result<Receipt, Fault> {
        let of = |place: &str| {
            let found = place.parse().ok().and_then(|n: usize| held.get(n)).map(|h| h.message.id.clone());
            found.ok_or_else(|| malformed(judge.operation(), "an entry is answered that was not sent"))
        };
        let done = self.done.iter().map(|place| of(place)).collect::<Result<Vec<_>, _>>()?;
        let mut failed = gone;
        for f in self.failed {
            failed.push(Failed { id: of(&f.id)?, code: f.code.as_str().into(), sender: f.sender_fault });
        }
        if done.len() + self.failed.len() < held.len() {
            // An entry without an answer may have been taken or not: the whole batch is in doubt.
            return Err(malformed(judge.operation(), "some entries of the batch were not answered"));
        }
        Ok(Receipt::Batch { at, done, failed })
    }
}

fn unbuilt(judge: &Judge<'_>, why: &aws_smithy_types::error::operation::BuildError) -> Fault {
    Fault::new(FaultKind::Invalid, judge.operation(), why.to_string())
}
