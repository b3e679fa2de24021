//! SQS queues and what makes one of them a dead-letter queue.
//! Source: SQS API reference, `GetQueueAttributes`, `ListMessageMoveTasks`.

use super::names::Arn;
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// The `RedrivePolicy` of a source queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedrivePolicy {
    /// `deadLetterTargetArn`: where messages go that were received too often.
    pub dead_letter_target: Arn,
    /// `maxReceiveCount`; AWS writes it as a number or as text.
    pub max_receive_count: Option<u32>,
}

/// How a queue is encrypted at rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Encryption {
    /// Not at all.
    None,
    /// With a key that SQS owns (`SqsManagedSseEnabled`).
    SqsManaged,
    /// With this KMS key (`KmsMasterKeyId`): an id, ARN or alias.
    Kms(Untrusted),
}

/// The attributes of a queue. Counts are approximate: they may not settle until a minute after producers
/// stop. A count that was not in the answer is `None`, never 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueFacts {
    /// `QueueArn`.
    pub arn: Arn,
    /// `ApproximateNumberOfMessages`.
    pub messages: Option<u64>,
    /// `ApproximateNumberOfMessagesNotVisible`.
    pub in_flight: Option<u64>,
    /// `ApproximateNumberOfMessagesDelayed`.
    pub delayed: Option<u64>,
    /// `MessageRetentionPeriod`, seconds (60 to 1,209,600).
    pub retention_s: Option<u64>,
    /// `VisibilityTimeout`, seconds (0 to 43,200).
    pub visibility_s: Option<u64>,
    /// `CreatedTimestamp`.
    pub created: Option<Timestamp>,
    /// `RedrivePolicy`: this queue is a source.
    pub redrive: Option<RedrivePolicy>,
    /// `RedriveAllowPolicy`, raw JSON: this queue says who may use it as a dead-letter queue.
    pub redrive_allow: Option<Untrusted>,
    /// `Policy`, raw JSON: who else may do what with it; `None` if it has none.
    pub policy: Option<Untrusted>,
    /// Whether it is a FIFO queue (`FifoQueue`).
    pub fifo: bool,
    /// Encryption at rest.
    pub encryption: Encryption,
}

/// The status of a message move task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MoveTaskStatus {
    /// Moving.
    Running,
    /// All that was there at the start has been moved.
    Completed,
    /// A cancel was asked for; what has moved stays moved.
    Cancelling,
    /// Cancelled.
    Cancelled,
    /// Failed; see the reason.
    Failed,
    /// A status that this version does not know, as AWS says it.
    Other(Untrusted),
}

/// A message move task (a native redrive), at most one active for each source queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoveTask {
    /// Status.
    pub status: MoveTaskStatus,
    /// The dead-letter queue that is emptied.
    pub source: Arn,
    /// Where to; `None` is the original sources.
    pub destination: Option<Arn>,
    /// Messages moved so far.
    pub moved: u64,
    /// Messages to move, as counted at the start.
    pub to_move: Option<u64>,
    /// `MaxNumberOfMessagesPerSecond`; `None` is system-optimised.
    pub rate: Option<u32>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// Why it failed.
    pub failure: Option<Untrusted>,
    /// `TaskHandle`, which cancels it: told only while it runs.
    pub handle: Option<Untrusted>,
}
