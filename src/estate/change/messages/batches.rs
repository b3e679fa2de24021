//! How messages in hand are cut into the batches that SQS takes, in the order of their coming.

use super::Hand;
use crate::estate::message::{BATCH, MOST_IN_A_BATCH};
use crate::estate::names::{MessageId, QueueUrl};

pub(super) fn unique<'a>(queues: impl Iterator<Item = &'a QueueUrl>) -> Vec<&'a QueueUrl> {
    let mut out: Vec<&QueueUrl> = Vec::new();
    for queue in queues {
        if !out.contains(&queue) {
            out.push(queue);
        }
    }
    out
}

pub(super) fn ids(hands: &[Hand]) -> Vec<MessageId> {
    hands.iter().map(|h| h.head.id.clone()).collect()
}

/// Batches of at most ten messages and 256 KiB, in the order in which they came. What came in one receive and belongs
/// to one FIFO group is never in two batches that fly at once, or their order would be that of the answers.
pub(super) fn batches<'a>(hands: impl Iterator<Item = &'a Hand>) -> Vec<Vec<MessageId>> {
    let mut out: Vec<Vec<MessageId>> = Vec::new();
    let mut waiting: Vec<(u32, u8)> = Vec::new();
    let (mut batch, mut bytes, mut receive): (Vec<MessageId>, usize, Option<u32>) = (Vec::new(), 0, None);
    let mut groups: Vec<(u32, u8)> = Vec::new();
    for hand in hands {
        let size = hand.head.bytes as usize;
        let group = hand.head.group.map(|g| (hand.receive, g));
        // An earlier batch of this round holds messages of the same group: these wait for its answer.
        if group.is_some_and(|g| waiting.contains(&g)) {
            continue;
        }
        let ordered = group.is_some() && receive.is_some_and(|r| r != hand.receive);
        if batch.len() == MOST_IN_A_BATCH || (bytes + size > BATCH && !batch.is_empty()) || ordered {
            out.push(std::mem::take(&mut batch));
            waiting.append(&mut groups);
            bytes = 0;
            if group.is_some_and(|g| waiting.contains(&g)) {
                continue;
            }
        }
        groups.extend(group);
        batch.push(hand.head.id.clone());
        bytes += size;
        receive = Some(hand.receive);
    }
    if !batch.is_empty() {
        out.push(batch);
    }
    out
}
