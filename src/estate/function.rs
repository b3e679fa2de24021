//! Lambda functions, as far as dead letters go. The environment of a function is never in here: the port
//! drops it unread.

use super::names::{AliasName, Arn, FunctionName, FunctionVersion, RevisionId};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// A function as `ListFunctions` gives it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// Its name.
    pub name: FunctionName,
    /// Its ARN.
    pub arn: Arn,
    /// `DeadLetterConfig.TargetArn`: a queue or a topic.
    pub dead_letter: Option<Arn>,
    /// `LastModified`: when its code or its configuration was last changed.
    pub modified: Option<Timestamp>,
}

/// Where an asynchronous invocation goes that failed for good (`ListFunctionEventInvokeConfigs`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnFailure {
    /// The function, version or alias.
    pub function: Arn,
    /// `DestinationConfig.OnFailure.Destination`.
    pub destination: Arn,
}

/// An event source mapping (`ListEventSourceMappings`): who consumes a queue or a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventSource {
    /// Its id.
    pub id: Untrusted,
    /// The consuming function.
    pub function: Arn,
    /// The queue or stream.
    pub source: Option<Arn>,
    /// Where records go that failed for good.
    pub on_failure: Option<Arn>,
    /// `State`: Enabled, Disabled, ...
    pub state: Untrusted,
}

impl EventSource {
    /// Whether it takes from its source, or will in a moment.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self.state.wire(), "Enabled" | "Enabling" | "Creating")
    }

    /// Whether it takes nothing any more, or will not in a moment.
    #[must_use]
    pub fn is_off(&self) -> bool {
        matches!(self.state.wire(), "Disabled" | "Disabling" | "Deleting")
    }

    /// What its source is.
    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self.source.as_ref().and_then(Arn::service) {
            Some("sqs") => SourceKind::Queue,
            Some("dynamodb") => SourceKind::TableStream,
            Some("kinesis") => SourceKind::Stream,
            Some(_) | None => SourceKind::Other,
        }
    }
}

/// What an event source mapping takes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceKind {
    /// A queue: what is received and not taken counts as received, and moves on in the end.
    Queue,
    /// The stream of a DynamoDB table: records are gone after 24 hours ("Change data capture for DynamoDB Streams").
    TableStream,
    /// A Kinesis stream: records are gone after its retention, 24 hours at least ("Changing the data retention
    /// period").
    Stream,
    /// Kafka, MQ, DocumentDB, or what is not known here.
    Other,
}

/// The URL of a function (`GetFunctionUrlConfig`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FunctionUrl {
    /// Where.
    pub url: Untrusted,
    /// `AuthType`: `AWS_IAM`, or `NONE`: whoever knows the URL may call it.
    pub auth: Untrusted,
}

/// A URL of a function or of an alias of it, as lists tell it (`ListFunctionUrlConfigs`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedUrl {
    /// Of which function, with the alias where it is that of one.
    pub function: Arn,
    /// Where, and who may call it.
    pub url: FunctionUrl,
    /// `CreationTime`.
    pub created: Option<Timestamp>,
    /// `LastModifiedTime`.
    pub modified: Option<Timestamp>,
}

/// A layer with its newest version (`ListLayers`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layer {
    /// Its name.
    pub name: Untrusted,
    /// The ARN of its newest version.
    pub newest: Arn,
    /// When that was published.
    pub published: Option<Timestamp>,
}

/// A function's configuration (or that of one version), without the values of its variables.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FunctionConfig {
    /// The function's name.
    pub name: FunctionName,
    /// Its ARN, with the version where one was asked for.
    pub arn: Arn,
    /// `$LATEST` or a number.
    pub version: FunctionVersion,
    /// Changes with every update, and once more when an update has come through.
    pub revision: RevisionId,
    /// `State`: Pending, Active, Inactive, Failed.
    pub state: Untrusted,
    /// `LastUpdateStatus`: Successful, Failed, InProgress.
    pub last_update: Untrusted,
    /// `CodeSha256`.
    pub code_sha256: Untrusted,
    /// `Description`; that of a published version may be its own.
    pub description: Option<Untrusted>,
    /// Handler; empty for container images.
    pub handler: Untrusted,
    /// Role.
    pub role: Untrusted,
    /// Layer version ARNs in order.
    pub layers: Vec<Arn>,
    /// `Timeout` in seconds.
    pub timeout_s: u32,
    /// The customer key of the environment, where there is one.
    pub kms_key: Option<Untrusted>,
    /// `SnapStart.ApplyOn` is PublishedVersions.
    pub snap_start: bool,
    /// `DeadLetterConfig.TargetArn`: where asynchronous invocations go that failed for good.
    pub dead_letter: Option<Arn>,
    /// The names of the environment's variables, sorted.
    pub variables: Vec<Untrusted>,
    /// The bytes that names and values take together (Lambda allows 4 KB).
    pub environment_bytes: u32,
    /// `Environment.Error`: the variables could not be decrypted and came back empty; a merge would wipe
    /// them.
    pub environment_error: Option<Untrusted>,
}

/// An alias of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alias {
    /// Its name.
    pub name: AliasName,
    /// The version it points at.
    pub version: FunctionVersion,
    /// Changes with every update.
    pub revision: RevisionId,
    /// `RoutingConfig` sends a share of the traffic to another version (weighted, or CodeDeploy at work).
    pub weighted: bool,
}

/// The provisioned concurrency of an alias.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provisioned {
    /// `Status`: IN_PROGRESS, READY, FAILED.
    pub status: Untrusted,
    /// Requested.
    pub requested: u32,
    /// Available.
    pub available: u32,
}
