//! Messages: received, hidden, given back, deleted, sent on, and moved by SQS itself. The servers were filled with
//! some for each question; the practice estate has its own.

use super::change_secrets::without_effect;
use super::fill::messages::{DEAD, FIFO, FIFO_TO, SOURCE, TO, queue};
use super::question::{Question, Wrong, holds, same};
use crate::asking::Asking;
use bartizan::estate::ask::sqs::{GetQueueAttributes, ListMessageMoveTasks, ListQueues};
use bartizan::estate::change::sqs::Call as Write;
use bartizan::estate::message::{Head, Message, Select};
use bartizan::estate::{
    Call, FaultKind, IdempotencyKey, MessageId, MoveTaskStatus, QueueUrl, Receipt, RunId, Slot, Vault,
};
use std::collections::BTreeSet;
use std::time::Duration;
use zeroize::Zeroizing;

const RECEIVE: &str = "SQS API reference, ReceiveMessage; developer guide, visibility timeout";
const SEND: &str = "SQS API reference, SendMessageBatch";
const DELETE: &str = "SQS API reference, DeleteMessageBatch";
const MOVE: &str = "SQS API reference, StartMessageMoveTask";

pub const CHANGES: &[Question] = &[
    Question {
        name: "message_hidden_and_given_back",
        source: RECEIVE,
        needs: Some("messages"),
        check: hidden,
    },
    Question { name: "message_deleted", source: DELETE, needs: Some("messages"), check: deleted },
    Question { name: "message_sent_on_whole", source: SEND, needs: Some("messages"), check: sent_on },
    Question {
        name: "message_in_a_fifo_group",
        source: "SQS developer guide, FIFO delivery logic: no message of a group while one is in flight",
        needs: Some("messages"),
        check: grouped,
    },
    Question {
        name: "message_sent_twice_to_fifo",
        source: "SQS developer guide, Using the message deduplication ID: accepted, and not delivered",
        needs: Some("messages"),
        check: twice,
    },
    Question {
        name: "message_refused_in_a_batch",
        source: "SQS API reference, SendMessage: characters outside of #x9 | #xA | #xD | #x20... are rejected",
        needs: Some("messages"),
        check: refused_alone,
    },
    Question {
        name: "queue_purged",
        source: "SQS API reference, PurgeQueue",
        needs: Some("messages"),
        check: purged,
    },
    Question { name: "move_task_to_the_sources", source: MOVE, needs: Some("messages"), check: moved },
    Question {
        name: "move_task_of_no_dead_letter_queue",
        source: MOVE,
        needs: Some("messages"),
        check: |e| {
            let (from, _) = places(e, 4)?;
            let queue = e.first(GetQueueAttributes { queue: from })?.arn;
            let call = Write::StartMessageMoveTask { queue, to: None, rate: None, before: vec![] };
            without_effect(e.apply(&Call::Sqs(call), &key(), &Vault::default()), &FaultKind::Invalid)
        },
    },
    Question {
        name: "message_of_a_queue_that_is_not",
        source: "SQS service model: QueueDoesNotExist",
        needs: Some("messages"),
        check: |e| {
            let queue = any(e)?.sibling("no-such-queue");
            without_effect(
                e.apply(&receiving(&queue, 10, 30), &key(), &Vault::default()),
                &FaultKind::NotFound,
            )
        },
    },
];

/// Queues of the practice estate with messages, in the places of those that servers are filled with.
const PRACTICE: [&str; 5] = [
    "orders-failures",
    "mte-prod-LambdaDeadLetterQueue",
    "billing-events-dlq",
    "sns-delivery-dlq",
    "legacy-import-dlq",
];

fn key() -> IdempotencyKey {
    IdempotencyKey::derive(&run(), "messages", 0, 1)
}

fn run() -> RunId {
    RunId::new("7f3a0b1c").unwrap()
}

fn any(e: &Asking) -> Result<QueueUrl, Wrong> {
    e.first(ListQueues {})?.into_iter().next().ok_or_else(|| "there are no queues".into())
}

/// The queue of this name, or the one of the practice estate that stands for it.
fn named(e: &Asking, name: &str, practice: &str) -> Result<QueueUrl, Wrong> {
    let url = any(e)?;
    let is_practice = url.account() == Some("000000000000") && url.wire().contains("amazonaws.com");
    let all = if is_practice { e.all(ListQueues {})? } else { Vec::new() };
    let practice = url.sibling(practice);
    Ok(if all.contains(&practice) { practice } else { url.sibling(name) })
}

/// The queue of question `n`, and one to send to.
fn places(e: &Asking, n: usize) -> Result<(QueueUrl, QueueUrl), Wrong> {
    Ok((named(e, &queue(n), PRACTICE[n])?, named(e, TO, "json-upload-thumbnails-dlq")?))
}

fn receiving(queue: &QueueUrl, most: u8, visibility_s: u32) -> Call {
    let (queue, select) = (queue.clone(), Select::default());
    Call::Sqs(Write::ReceiveMessage { queue, nth: 0, most, visibility_s, wait_s: 1, select })
}

fn receive(e: &Asking, queue: &QueueUrl, most: u8, vault: &Vault) -> Result<Vec<Head>, Wrong> {
    match e.apply(&receiving(queue, most, 3_600), &key(), vault)? {
        Receipt::Received { messages, .. } => Ok(messages),
        other => Err(format!("it gave {other:?}").into()),
    }
}

/// Everything that is there.
fn drain(e: &Asking, queue: &QueueUrl, vault: &Vault) -> Result<Vec<Head>, Wrong> {
    let mut all = Vec::new();
    for _ in 0..2_000 {
        let some = receive(e, queue, 10, vault)?;
        if some.is_empty() {
            break;
        }
        all.extend(some);
    }
    Ok(all)
}

fn ids(heads: &[Head]) -> Vec<MessageId> {
    heads.iter().map(|h| h.id.clone()).collect()
}

fn batch(e: &Asking, call: Write, vault: &Vault) -> Result<(Vec<MessageId>, usize), Wrong> {
    match e.apply(&Call::Sqs(call), &key(), vault)? {
        Receipt::Batch { done, failed, .. } => Ok((done, failed.len())),
        other => Err(format!("it gave {other:?}").into()),
    }
}

fn send(to: &QueueUrl, messages: &[MessageId]) -> Write {
    Write::SendMessageBatch { to: to.clone(), messages: messages.to_vec(), run: run(), body: None }
}

fn body_of(vault: &Vault, id: &MessageId) -> Result<Message, Wrong> {
    Ok(vault.shelf().get(id).ok_or("it is not in hand")?.message.clone())
}

fn hidden(e: &Asking) -> Result<(), Wrong> {
    let (queue, _) = places(e, 0)?;
    let vault = Vault::default();
    let first = receive(e, &queue, 3, &vault)?;
    holds("nothing was received", !first.is_empty())?;
    let rest = drain(e, &queue, &Vault::default())?;
    holds("what is hidden came again", rest.iter().all(|h| !ids(&first).contains(&h.id)))?;
    let call =
        Write::ChangeMessageVisibilityBatch { queue: queue.clone(), messages: ids(&first), seconds: 0 };
    let (done, failed) = batch(e, call, &vault)?;
    same("given back", (done.len(), failed), (first.len(), 0))?;
    let again = drain(e, &queue, &vault)?;
    let same_ones: BTreeSet<_> = ids(&again).into_iter().collect();
    holds("they did not come back", ids(&first).iter().all(|id| same_ones.contains(id)))?;
    let count = |heads: &[Head], id: &MessageId| heads.iter().find(|h| h.id == *id).map(|h| h.receive_count);
    let of = &first[0].id;
    same("receive count", count(&again, of), count(&first, of).map(|n| n + 1))
}

fn deleted(e: &Asking) -> Result<(), Wrong> {
    let (queue, _) = places(e, 1)?;
    let vault = Vault::default();
    let some = ids(&receive(e, &queue, 3, &vault)?);
    holds("nothing was received", !some.is_empty())?;
    let call = Write::DeleteMessageBatch { queue: queue.clone(), messages: some.clone() };
    let (done, failed) = batch(e, call.clone(), &vault)?;
    same("deleted", (done.len(), failed), (some.len(), 0))?;
    let left = ids(&drain(e, &queue, &vault)?);
    holds("what was deleted came again", some.iter().all(|id| !left.contains(id)))?;
    // they are in nobody's hand any more
    same("deleted again", batch(e, call, &vault)?, (vec![], some.len()))
}

fn sent_on(e: &Asking) -> Result<(), Wrong> {
    let (from, to) = places(e, 2)?;
    let vault = Vault::default();
    let some = ids(&receive(e, &from, 3, &vault)?);
    holds("nothing was received", !some.is_empty())?;
    same("sent", batch(e, send(&to, &some), &vault)?, (some.clone(), 0))?;
    let there = Vault::default();
    let new = drain(e, &to, &there)?;
    for id in &some {
        let old = body_of(&vault, id)?;
        let copies = new.iter().map(|h| body_of(&there, &h.id)).collect::<Result<Vec<_>, _>>()?;
        let copy = copies.iter().find(|c| c.body() == old.body()).ok_or("its body is not there")?;
        holds("its attributes differ", copy.attributes == old.attributes)?;
        holds("it has no new id", copy.id != old.id)?;
    }
    Ok(())
}

fn grouped(e: &Asking) -> Result<(), Wrong> {
    let queue = named(e, FIFO, "payments-dlq.fifo")?;
    let vault = Vault::default();
    let first = receive(e, &queue, 1, &vault)?;
    holds("nothing was received", first.len() == 1)?;
    let group = body_of(&vault, &first[0].id)?.group;
    holds("MessageGroupId is missing", group.is_some())?;
    for head in drain(e, &queue, &vault)? {
        let other = body_of(&vault, &head.id)?;
        holds("a group with a message in flight was given", other.group != group)?;
    }
    Ok(())
}

fn twice(e: &Asking) -> Result<(), Wrong> {
    let (from, _) = places(e, 3)?;
    let to = named(e, FIFO_TO, "ledger-dead.fifo")?;
    let vault = Vault::default();
    let some = ids(&receive(e, &from, 2, &vault)?);
    holds("nothing was received", !some.is_empty())?;
    for _ in 0..2 {
        same("sent", batch(e, send(&to, &some), &vault)?, (some.clone(), 0))?;
    }
    let bodies = |vault: &Vault, ids: &[MessageId]| -> Result<Vec<String>, Wrong> {
        ids.iter().map(|id| Ok(body_of(vault, id)?.body().to_owned())).collect()
    };
    let there = Vault::default();
    let new = ids(&drain(e, &to, &there)?);
    same("delivered", bodies(&there, &new)?, bodies(&vault, &some)?)
}

fn refused_alone(e: &Asking) -> Result<(), Wrong> {
    let (from, to) = places(e, 3)?;
    let vault = Vault::default();
    let one = ids(&receive(e, &from, 1, &vault)?);
    holds("nothing was received", one.len() == 1)?;
    vault.put(Slot::new("body"), Zeroizing::new(b"a\x01b".to_vec()));
    let body = Some(Slot::new("body"));
    let call = Write::SendMessageBatch { to, messages: one, run: run(), body };
    same("refused", batch(e, call, &vault)?, (vec![], 1))
}

fn purged(e: &Asking) -> Result<(), Wrong> {
    let (queue, _) = places(e, 4)?;
    let call = Call::Sqs(Write::PurgeQueue { queue: queue.clone() });
    let vault = Vault::default();
    same("receipt", e.apply(&call, &key(), &vault)?, Receipt::Done)?;
    same("what is left", drain(e, &queue, &vault)?.len(), 0)
}

fn moved(e: &Asking) -> Result<(), Wrong> {
    let (dead, source) = (named(e, DEAD, "batch-dead-letters")?, named(e, SOURCE, "shipping")?);
    let arn = e.first(GetQueueAttributes { queue: dead })?.arn;
    let to = e.first(GetQueueAttributes { queue: source.clone() })?.arn;
    let task =
        Write::StartMessageMoveTask { queue: arn.clone(), to: Some(to), rate: Some(100), before: vec![] };
    let Receipt::MoveTask(handle) = e.apply(&Call::Sqs(task), &key(), &Vault::default())? else {
        return Err("that is no task".into());
    };
    holds("TaskHandle is missing", handle.is_some())?;
    for _ in 0..100 {
        let task =
            e.first(ListMessageMoveTasks { queue: arn.clone() })?.into_iter().next().ok_or("no task")?;
        if task.status != MoveTaskStatus::Running {
            same("status", task.status, MoveTaskStatus::Completed)?;
            same("moved", Some(task.moved), task.to_move)?;
            let vault = Vault::default();
            let there = drain(e, &source, &vault)?;
            return holds("what was moved is not there", there.len() as u64 >= task.moved && task.moved > 0);
        }
        e.wait(Duration::from_millis(100));
    }
    Err("it does not come to an end".into())
}
