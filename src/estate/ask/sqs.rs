//! The questions to SQS. AWS publishes no rate for these; the figures are ours and modest.

use super::asks;
use crate::estate::names::{Arn, QueueUrl};
use crate::estate::queue::{MoveTask, QueueFacts};
use crate::estate::untrusted::Untrusted;

asks! { Sqs, "sqs";
    /// The URLs of all queues, 1,000 a page.
    ListQueues {} => Vec<QueueUrl>, "sqs:ListQueues" @ 20;
    /// The attributes of one queue.
    GetQueueAttributes {
        /// Which queue.
        queue: QueueUrl,
    } => QueueFacts, "sqs:GetQueueAttributes" @ 400;
    /// The queues that name this one as their dead-letter queue.
    ListDeadLetterSourceQueues {
        /// The dead-letter queue.
        queue: QueueUrl,
    } => Vec<QueueUrl>, "sqs:ListDeadLetterSourceQueues" @ 100;
    /// The newest message move tasks (up to 10) of a dead-letter queue.
    ListMessageMoveTasks {
        /// The dead-letter queue.
        queue: Arn,
    } => Vec<MoveTask>, "sqs:ListMessageMoveTasks" @ 50;
    /// The tags of a queue.
    ListQueueTags {
        /// Which queue.
        queue: QueueUrl,
    } => Vec<(Untrusted, Untrusted)>, "sqs:ListQueueTags" @ 50;
}
