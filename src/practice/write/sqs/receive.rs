//! Receives: up to ten messages are hidden and put on the shelf.

use super::{LONGEST, find, no_key, refused, row, time, told};
use crate::estate::message::{Head, Held, Select};
use crate::estate::names::QueueUrl;
use crate::estate::time::plus_seconds;
use crate::estate::{Fault, Receipt, Untrusted};
use crate::practice::consume;
use crate::practice::letters;
use crate::practice::world::queue::name::Handle;
use crate::practice::write::Write;
use zeroize::Zeroizing;

/// "For most standard queues (depending on queue traffic and message backlog), there can be a maximum of
/// approximately 120,000 in flight messages"; FIFO queues have the same quota (SQS developer guide, "Amazon SQS
/// message quotas").
const IN_FLIGHT: u64 = 120_000;
/// The longest long poll, in seconds.
const LONGEST_WAIT: u8 = 20;

pub(super) fn receive(
    write: &mut Write<'_>,
    url: &QueueUrl,
    (most, visibility_s, wait_s): (u8, u32, u8),
    select: &Select,
) -> Result<Receipt, Fault> {
    let (at, q) = (write.at, find(write, url)?);
    if !(1..=10).contains(&most) {
        let message = format!(
            "Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
        );
        return Err(refused(write, "InvalidParameterValue", &message));
    }
    if visibility_s > LONGEST || wait_s > LONGEST_WAIT {
        let message = "Value for parameter VisibilityTimeout or WaitTimeSeconds is invalid. Reason: Must be between 0 and 43200, or 0 and 20.";
        return Err(refused(write, "InvalidParameterValue", message));
    }
    let queue = row(write, q)?;
    let key = Some(queue.encryption.clone()).filter(|k| k != "none" && k != "sqs");
    if let Some(key) = key.filter(|_| !write.decrypts) {
        return Err(no_key(write, "kms:Decrypt", &key));
    }
    let queue = row(write, q)?;
    queue.wake(at);
    let room = IN_FLIGHT.saturating_sub(queue.hidden());
    if room == 0 && wait_s == 0 {
        let message = "Too many messages in flight: delete some, or let their time pass.";
        return Err(refused(write, "OverLimit", message));
    }
    let until = at + i64::from(visibility_s);
    let mut spots = Vec::new();
    while spots.len() < usize::from(most).min(usize::try_from(room).unwrap_or(usize::MAX))
        && let Some(spot) = row(write, q)?.next(spots.last().copied())
    {
        if consume::is_spent(write.world, q, spot) {
            consume::give_up(write.world, at, q, spot);
            continue;
        }
        row(write, q)?.give(at, spot, until);
        spots.push(spot);
    }
    let mut groups: Vec<Untrusted> = Vec::new();
    let mut heads = Vec::new();
    for spot in spots {
        let receipt = row(write, q)?.touched.get(&spot).map_or(0, |t| t.receipt);
        let Some(message) = letters::message(write.world, q, spot) else { continue };
        let handle = Handle { queue: q, spot, receipt }.shut(write.world.seed);
        heads.push(Head::of(&message, select.chooses(&message, time(at)), &mut groups));
        let until = plus_seconds(time(at), i64::from(visibility_s));
        write.vault.shelf().put(Held { message, handle: Zeroizing::new(handle), until });
    }
    if !heads.is_empty() {
        told(write, q);
    }
    Ok(Receipt::Received { at: time(at), messages: heads })
}
