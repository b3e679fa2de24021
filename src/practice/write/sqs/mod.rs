//! Writes to queues: messages are received, sent, hidden and deleted in batches, and moved by tasks. What is
//! received goes straight onto the vault's shelf. Source: SQS API reference, of each call its page; the words of
//! refusals are those of the service.

mod receive;
mod send;
mod tasks;

pub(super) use self::send::kept;

use super::Write;
use crate::estate::change::Failed;
use crate::estate::change::sqs::Call;
use crate::estate::message::{Held, MOST_IN_A_BATCH};
use crate::estate::names::{MessageId, QueueUrl};
use crate::estate::{Fault, FaultKind, Receipt};
use crate::practice::faults;
use crate::practice::weather::changed;
use crate::practice::world::Second;
use crate::practice::world::queue::Queue;
use crate::practice::world::queue::name::Handle;
use std::sync::Arc;

/// The longest that a message is hidden, in seconds ("12 hours").
const LONGEST: u32 = 43_200;

pub(super) fn make(mut write: Write<'_>, call: &Call) -> Result<Receipt, Fault> {
    match call {
        Call::ReceiveMessage { queue, nth: _, most, visibility_s, wait_s, select } => {
            receive::receive(&mut write, queue, (*most, *visibility_s, *wait_s), select)
        }
        Call::SendMessageBatch { to, messages, run, body } => {
            send::send(&mut write, to, messages, run, body.as_ref())
        }
        Call::DeleteMessageBatch { queue, messages } => delete(&mut write, queue, messages),
        Call::ChangeMessageVisibilityBatch { queue, messages, seconds } => {
            hide(&mut write, queue, messages, *seconds)
        }
        Call::StartMessageMoveTask { queue, to, rate, before: _ } => {
            tasks::start(&mut write, queue, to.as_ref(), *rate)
        }
        Call::CancelMessageMoveTask { queue: _, handle } => tasks::cancel(&mut write, handle.wire()),
        Call::PurgeQueue { queue } => purge(&mut write, queue),
    }
}

/// A refusal in the words of SQS, with the kind that the port for AWS reads in its code.
fn refused(write: &Write<'_>, code: &'static str, message: &str) -> Fault {
    let kind = match code {
        "InvalidParameterValue" | "InvalidAddress" => FaultKind::Invalid,
        "UnsupportedOperation" => FaultKind::Unsupported,
        "ResourceNotFoundException" | "QueueDoesNotExist" => FaultKind::NotFound,
        other => FaultKind::Other(other.into()),
    };
    Fault::new(kind, write.op.name, format!("{code}: {message}")).without_effect()
}

/// A customer key of a queue that may not be used.
fn no_key(write: &Write<'_>, action: &'static str, key: &str) -> Fault {
    let kind = FaultKind::Denied { action: action.into(), resource: Some(key.into()) };
    let message = format!("KmsAccessDenied: {} is not authorized to perform: {action}", faults::PRINCIPAL);
    Fault::new(kind, write.op.name, message)
}

/// Where a queue is.
fn find(write: &Write<'_>, url: &QueueUrl) -> Result<usize, Fault> {
    let place = write.world.queue(url.name().wire()).filter(|_| write.here);
    let found = place.filter(|q| write.world.queues.get(*q).is_some_and(|row| row.url() == url.wire()));
    found.ok_or_else(|| faults::no_queue(write.op))
}

fn row<'a>(write: &'a mut Write<'_>, q: usize) -> Result<&'a mut Queue, Fault> {
    let op = write.op;
    write.world.queues.get_mut(q).ok_or_else(|| faults::no_queue(op))
}

/// What a batch is made of: what is in hand, and a failure for each that is not, which is not even sent.
fn in_hand(write: &Write<'_>, messages: &[MessageId]) -> (Vec<Arc<Held>>, Vec<Failed>) {
    let mut gone = Vec::new();
    let held = messages.iter().filter_map(|id| {
        let held = write.vault.shelf().get(id);
        if held.is_none() {
            gone.push(Failed { id: id.clone(), code: "NotInHand".into(), sender: true });
        }
        held
    });
    (held.collect(), gone)
}

fn fits(write: &Write<'_>, entries: usize) -> Result<(), Fault> {
    if entries > MOST_IN_A_BATCH {
        let message = "Maximum number of entries per request are 10. You have sent more.";
        return Err(refused(write, "TooManyEntriesInBatchRequest", message));
    }
    Ok(())
}

fn failed(held: &Held, code: &str) -> Failed {
    Failed { id: held.message.id.clone(), code: code.into(), sender: true }
}

/// What a handle says of queue `q`.
fn handle(write: &Write<'_>, q: usize, held: &Held) -> Result<Handle, Failed> {
    let handle = Handle::open(write.world.seed, &held.handle).filter(|h| h.queue == q);
    handle.ok_or_else(|| failed(held, "ReceiptHandleIsInvalid"))
}

/// Deletes what is in hand. With an old handle a standard queue says yes and deletes nothing; a FIFO queue refuses a
/// handle whose time has passed (developer guide, "Deleting a message"; API reference, `DeleteMessage`).
fn delete(write: &mut Write<'_>, url: &QueueUrl, messages: &[MessageId]) -> Result<Receipt, Fault> {
    let (at, q) = (write.at, find(write, url)?);
    fits(write, messages.len())?;
    let (held, mut bad) = in_hand(write, messages);
    let mut done = Vec::new();
    for held in held {
        let handle = match handle(write, q, &held) {
            Ok(handle) => handle,
            Err(failed) => {
                bad.push(failed);
                continue;
            }
        };
        let queue = row(write, q)?;
        let newest = queue.touched.get(&handle.spot).is_none_or(|t| t.receipt == handle.receipt);
        if queue.fifo() && queue.has(handle.spot) && (!newest || !queue.in_hand(handle.spot)) {
            bad.push(failed(&held, "InvalidParameterValue"));
            continue;
        }
        if newest {
            queue.remove(handle.spot);
        }
        done.push(held.message.id.clone());
    }
    done.iter().for_each(|id| drop(write.vault.shelf().take(id)));
    told(write, q);
    Ok(Receipt::Batch { at: time(at), done, failed: bad })
}

/// Hides messages for another time, from now on; with 0 they are back.
fn hide(
    write: &mut Write<'_>,
    url: &QueueUrl,
    messages: &[MessageId],
    seconds: u32,
) -> Result<Receipt, Fault> {
    let (at, q) = (write.at, find(write, url)?);
    fits(write, messages.len())?;
    let (held, mut bad) = in_hand(write, messages);
    let mut done = Vec::new();
    for held in held {
        let handle = match handle(write, q, &held) {
            Ok(handle) if seconds <= LONGEST => handle,
            Ok(_) => {
                bad.push(failed(&held, "InvalidParameterValue"));
                continue;
            }
            Err(failed) => {
                bad.push(failed);
                continue;
            }
        };
        let queue = row(write, q)?;
        let newest = queue.touched.get(&handle.spot).is_some_and(|t| t.receipt == handle.receipt);
        if newest && queue.in_hand(handle.spot) {
            queue.hide(at, handle.spot, at + i64::from(seconds));
            done.push(held.message.id.clone());
        } else {
            // "Message does not exist or is not available for visibility timeout change"
            bad.push(failed(&held, "InvalidParameterValue"));
        }
    }
    if seconds == 0 {
        messages.iter().for_each(|id| drop(write.vault.shelf().take(id)));
    }
    told(write, q);
    Ok(Receipt::Batch { at: time(at), done, failed: bad })
}

/// Deletes everything, what is in flight as well; once in 60 seconds.
fn purge(write: &mut Write<'_>, url: &QueueUrl) -> Result<Receipt, Fault> {
    let (at, q) = (write.at, find(write, url)?);
    if row(write, q)?.purged.is_some_and(|before| at - before < 60) {
        let message =
            format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", url.name().wire());
        return Err(refused(write, "PurgeQueueInProgress", &message));
    }
    let queue = row(write, q)?;
    queue.purged = Some(at);
    queue.wipe(at);
    told(write, q);
    Ok(Receipt::Done)
}

/// What changed in a queue is marked and looked at.
fn told(write: &mut Write<'_>, q: usize) {
    let at = write.at;
    if let Some(queue) = write.world.queues.get_mut(q) {
        queue.mark(at);
    }
    changed(write.world, at, q);
}

fn time(at: Second) -> crate::estate::Timestamp {
    crate::practice::answer::time(at)
}
