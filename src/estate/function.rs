//! Lambda functions, as far as dead letters go. The environment of a function is never in here: the port
//! drops it unread.

use super::names::{Arn, FunctionName};
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
