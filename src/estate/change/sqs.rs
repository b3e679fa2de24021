//! Writes to SQS: native redrives by move task, purging, and the calls that move messages by hand in batches. What
//! a person agrees to when messages are moved one batch after the other is [`super::messages`].
//! Source: SQS API reference, `StartMessageMoveTask`, `CancelMessageMoveTask`, `PurgeQueue`, `ReceiveMessage`,
//! `SendMessageBatch`, `DeleteMessageBatch`, `ChangeMessageVisibilityBatch`.

use super::messages::Listed;
use super::{CliLine, CliValue, IdempotencyKey, Made, Receipt, Risk, RunId, Settle, Verdict, writes};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::message::Select;
use crate::estate::names::{Arn, MessageId, QueueUrl};
use crate::estate::queue::MoveTaskStatus;
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Slot;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A move task that is not listed so long after its intent was not started. AWS says nothing of how soon it shows;
/// the figure covers a request still on its way.
const QUIET: Duration = Duration::from_secs(60);

// AWS publishes no rate for standard queues; FIFO queues without high throughput take 300 calls a second for each
// action (SQS developer guide, "Amazon SQS message quotas"). One active purge in 60 seconds is the quota of a queue.
writes! { Sqs, "sqs";
    Receive = "ReceiveMessage", "sqs:ReceiveMessage" @ 300;
    Send = "SendMessageBatch", "sqs:SendMessage" @ 300;
    Delete = "DeleteMessageBatch", "sqs:DeleteMessage" @ 300;
    Visibility = "ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility" @ 300;
    Start = "StartMessageMoveTask", "sqs:StartMessageMoveTask" @ 5;
    Cancel = "CancelMessageMoveTask", "sqs:CancelMessageMoveTask" @ 5;
    Purge = "PurgeQueue", "sqs:PurgeQueue" @ 2;
}

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Has SQS move everything in a dead-letter queue: a native redrive.
    StartMove {
        /// The dead-letter queue.
        queue: Arn,
        /// Where to; `None` is the queue that each message came from.
        to: Option<Arn>,
        /// Messages a second at most, 1 to 500; `None` is as fast as SQS sees fit.
        rate: Option<u32>,
        /// The tasks that were listed before, by the time of their start in milliseconds: a new one is this one.
        before: Vec<i64>,
    },
    /// Stops a move task. What was moved stays moved.
    CancelMove {
        /// The dead-letter queue.
        queue: Arn,
        /// The task.
        handle: Untrusted,
    },
    /// Deletes everything in a queue, and what comes in during the next 60 seconds.
    Purge {
        /// Which queue.
        queue: QueueUrl,
        /// The export that it stands on; `None`: nothing of it is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        against: Option<Against>,
    },
}

/// An export that everything in a queue is deleted against.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Against {
    /// The file, known by its hash.
    pub export: Listed,
    /// Until when it is fresh: after that nothing is sent. `None`: a person waived that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// One write.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Receives up to ten messages onto the vault's shelf. They are hidden from others until their time.
    ReceiveMessage {
        /// Which queue.
        queue: QueueUrl,
        /// The number of this receive in its change: no two are the same.
        nth: u32,
        /// How many at most, 1 to 10.
        most: u8,
        /// How long they are hidden, in seconds.
        visibility_s: u32,
        /// How long to wait for the first of them, in seconds, 0 to 20: long polling asks every server.
        wait_s: u8,
        /// Which of them are meant: the receipt says so of each.
        select: Select,
    },
    /// Sends messages from the shelf, with body, attributes, trace header and FIFO group.
    SendMessageBatch {
        /// Where to.
        to: QueueUrl,
        /// Which.
        messages: Vec<MessageId>,
        /// What deduplication ids of a FIFO queue are made of, with the message's own id: the same for every try, and
        /// never the old one, whose copy would be swallowed within five minutes.
        run: RunId,
        /// The slot of another body.
        body: Option<Slot>,
    },
    /// Deletes messages that are on the shelf.
    DeleteMessageBatch {
        /// From which queue.
        queue: QueueUrl,
        /// Which.
        messages: Vec<MessageId>,
    },
    /// Hides messages on the shelf for longer, or with 0 gives them back.
    ChangeMessageVisibilityBatch {
        /// Of which queue.
        queue: QueueUrl,
        /// Which.
        messages: Vec<MessageId>,
        /// For how long from now, in seconds; 0 gives them back.
        seconds: u32,
    },
    /// Starts a native redrive.
    StartMessageMoveTask {
        /// The dead-letter queue.
        queue: Arn,
        /// Where to; `None` is the original sources.
        to: Option<Arn>,
        /// Messages a second at most.
        rate: Option<u32>,
        /// The tasks that were listed before, by the time of their start in milliseconds.
        before: Vec<i64>,
    },
    /// Cancels a native redrive.
    CancelMessageMoveTask {
        /// The dead-letter queue.
        queue: Arn,
        /// The task.
        handle: Untrusted,
    },
    /// Purges a queue.
    PurgeQueue {
        /// Which queue.
        queue: QueueUrl,
    },
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::StartMove { .. } | Act::CancelMove { .. } => Risk::Ordinary,
            Act::Purge { .. } => Risk::Destructive,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Act::StartMove { queue, .. } | Act::CancelMove { queue, .. } => queue.resource(),
            Act::Purge { queue, .. } => queue.name(),
        }
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Act::StartMove { queue, to, rate, .. } => {
                let to = to.as_ref().map_or_else(
                    || "the queues they came from".to_owned(),
                    |to| to.resource().shown().to_string(),
                );
                let rate = rate.map_or_else(
                    || "as fast as SQS sees fit".to_owned(),
                    |n| format!("at most {n} a second"),
                );
                format!("Have SQS move all messages of {} to {to}, {rate}", queue.resource().shown())
            }
            Act::CancelMove { queue, .. } => {
                format!("Stop the running move task of {}", queue.resource().shown())
            }
            Act::Purge { queue, against } => {
                let kept = against.as_ref().map_or_else(String::new, |a| {
                    let waived = if a.until.is_none() { ", whatever it lacks" } else { "" };
                    format!(", against the export {}{waived}", a.export.name().shown())
                });
                format!("Delete every message of {} for ever{kept}", queue.name().shown())
            }
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::StartMove { .. } => {
                "it can be cancelled while it runs; what was moved stays moved, with a new id and a new date"
                    .into()
            }
            Act::CancelMove { .. } => "a new redrive moves the rest".into(),
            Act::Purge { .. } => {
                "cannot be undone; messages that come in within 60 seconds may be deleted as well".into()
            }
        }
    }

    pub(super) fn stands_until(&self) -> Option<Timestamp> {
        match self {
            Act::Purge { against, .. } => against.as_ref().and_then(|a| a.until),
            Act::StartMove { .. } | Act::CancelMove { .. } => None,
        }
    }

    pub(super) fn inverse(&self, _made: &[Made]) -> Option<Act> {
        match self {
            Act::StartMove { .. } | Act::CancelMove { .. } | Act::Purge { .. } => None,
        }
    }

    pub(super) fn next(&self, made: &[Made]) -> Vec<Call> {
        if !made.is_empty() {
            return Vec::new();
        }
        vec![match self {
            Act::StartMove { queue, to, rate, before } => Call::StartMessageMoveTask {
                queue: queue.clone(),
                to: to.clone(),
                rate: *rate,
                before: before.clone(),
            },
            Act::CancelMove { queue, handle } => {
                Call::CancelMessageMoveTask { queue: queue.clone(), handle: handle.clone() }
            }
            Act::Purge { queue, .. } => Call::PurgeQueue { queue: queue.clone() },
        }]
    }
}

impl Call {
    pub(super) fn operation(&self) -> &'static Operation {
        op(match self {
            Call::ReceiveMessage { .. } => Op::Receive,
            Call::SendMessageBatch { .. } => Op::Send,
            Call::DeleteMessageBatch { .. } => Op::Delete,
            Call::ChangeMessageVisibilityBatch { .. } => Op::Visibility,
            Call::StartMessageMoveTask { .. } => Op::Start,
            Call::CancelMessageMoveTask { .. } => Op::Cancel,
            Call::PurgeQueue { .. } => Op::Purge,
        })
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Call::ReceiveMessage { queue, .. }
            | Call::DeleteMessageBatch { queue, .. }
            | Call::ChangeMessageVisibilityBatch { queue, .. }
            | Call::PurgeQueue { queue } => queue.name(),
            Call::SendMessageBatch { to, .. } => to.name(),
            Call::StartMessageMoveTask { queue, .. } | Call::CancelMessageMoveTask { queue, .. } => {
                queue.text().clone()
            }
        }
    }

    pub(super) fn cli(&self, _key: &IdempotencyKey) -> CliLine {
        match self {
            Call::ReceiveMessage { queue, most, visibility_s, wait_s, .. } => {
                CliLine::new("sqs receive-message")
                    .with("queue-url", queue.wire())
                    .with("max-number-of-messages", most.to_string())
                    .with("visibility-timeout", visibility_s.to_string())
                    .with("wait-time-seconds", wait_s.to_string())
                    .with("message-attribute-names", "All")
                    .with("message-system-attribute-names", "All")
            }
            Call::SendMessageBatch { to, .. } => CliLine::new("sqs send-message-batch")
                .with("queue-url", to.wire())
                .also("entries", CliValue::File("MESSAGES.json")),
            Call::DeleteMessageBatch { queue, .. } => CliLine::new("sqs delete-message-batch")
                .with("queue-url", queue.wire())
                .also("entries", CliValue::File("HANDLES.json")),
            Call::ChangeMessageVisibilityBatch { queue, .. } => {
                CliLine::new("sqs change-message-visibility-batch")
                    .with("queue-url", queue.wire())
                    .also("entries", CliValue::File("HANDLES.json"))
            }
            Call::StartMessageMoveTask { queue, to, rate, .. } => {
                let line = CliLine::new("sqs start-message-move-task").with("source-arn", queue.wire());
                let line = match to {
                    Some(to) => line.with("destination-arn", to.wire()),
                    None => line,
                };
                match rate {
                    Some(rate) => line.with("max-number-of-messages-per-second", rate.to_string()),
                    None => line,
                }
            }
            Call::CancelMessageMoveTask { handle, .. } => {
                CliLine::new("sqs cancel-message-move-task").with("task-handle", handle.wire())
            }
            Call::PurgeQueue { queue } => CliLine::new("sqs purge-queue").with("queue-url", queue.wire()),
        }
    }

    pub(super) fn needs(&self) -> Vec<Slot> {
        match self {
            Call::SendMessageBatch { body, .. } => body.iter().cloned().collect(),
            Call::ReceiveMessage { .. }
            | Call::DeleteMessageBatch { .. }
            | Call::ChangeMessageVisibilityBatch { .. }
            | Call::StartMessageMoveTask { .. }
            | Call::CancelMessageMoveTask { .. }
            | Call::PurgeQueue { .. } => Vec::new(),
        }
    }

    pub(super) fn settle(&self, at: &At) -> Settle {
        match self {
            Call::ReceiveMessage { .. } => {
                Settle::Accept("what it may have received comes back when its time has passed")
            }
            Call::SendMessageBatch { .. } => {
                Settle::Accept("its messages are sent again: some may be there twice, and these are named")
            }
            Call::DeleteMessageBatch { .. } => {
                Settle::Accept("what was not deleted is deleted when it comes again")
            }
            Call::ChangeMessageVisibilityBatch { .. } => {
                Settle::Accept("the messages come back when their time has passed")
            }
            Call::StartMessageMoveTask { queue, .. } => Settle::Look {
                query: Query {
                    at: at.clone(),
                    ask: ask::sqs::ListMessageMoveTasks { queue: queue.clone() }.ask(),
                },
                quiet: QUIET,
            },
            // Cancelling what is cancelled is refused and changes nothing.
            Call::CancelMessageMoveTask { .. } => Settle::Repeat,
            Call::PurgeQueue { .. } => {
                Settle::Person("AWS does not tell whether a queue was purged; look at what is in it")
            }
        }
    }

    pub(super) fn verdict(&self, _key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        let Call::StartMessageMoveTask { before, to, rate, .. } = self else { return Verdict::Unclear };
        let mut new = Vec::new();
        for answer in answers {
            let Answer::Sqs(ask::sqs::Answer::ListMessageMoveTasks(tasks)) = answer else {
                return Verdict::Unclear;
            };
            let of_before =
                |t: &crate::estate::MoveTask| t.started.is_some_and(|t| before.contains(&t.as_millisecond()));
            new.extend(tasks.iter().filter(|t| !of_before(t)));
        }
        match new.as_slice() {
            [] => Verdict::NotHappened,
            // Whether this run or a colleague started it makes no difference to the messages, if it is alike.
            [task] if task.destination == *to && task.rate == *rate => {
                Verdict::Happened(Receipt::MoveTask(task.handle.clone()))
            }
            [task] if task.status == MoveTaskStatus::Running => {
                Verdict::Overtaken("another move task of this queue is running".into())
            }
            _ => Verdict::Unclear,
        }
    }

    pub(super) fn stand_in(&self) -> Receipt {
        match self {
            Call::ReceiveMessage { .. } => {
                Receipt::Received { at: crate::estate::Timestamp::UNIX_EPOCH, messages: Vec::new() }
            }
            Call::SendMessageBatch { messages, .. }
            | Call::DeleteMessageBatch { messages, .. }
            | Call::ChangeMessageVisibilityBatch { messages, .. } => Receipt::Batch {
                at: crate::estate::Timestamp::UNIX_EPOCH,
                done: messages.clone(),
                failed: Vec::new(),
            },
            Call::StartMessageMoveTask { .. } => Receipt::MoveTask(None),
            Call::CancelMessageMoveTask { .. } | Call::PurgeQueue { .. } => Receipt::Done,
        }
    }
}
