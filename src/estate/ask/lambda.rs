//! The questions to Lambda: an optional grant, since the answers of `ListFunctions` hold environment
//! variables (which the port drops unread). "Lambda quotas": control-plane reads 15 a second in sum, so each is kept low.

use super::asks;
use crate::estate::function::{EventSource, Function, OnFailure};
use crate::estate::names::FunctionName;

asks! { Lambda, "lambda";
    /// All functions with their dead-letter targets, 50 a page.
    ListFunctions {} => Vec<Function>, "lambda:ListFunctions" @ 3;
    /// The failure destinations of a function's asynchronous invocations.
    ListFunctionEventInvokeConfigs {
        /// Which function.
        function: FunctionName,
    } => Vec<OnFailure>, "lambda:ListFunctionEventInvokeConfigs" @ 10;
    /// All event source mappings: who consumes which queue.
    ListEventSourceMappings {} => Vec<EventSource>, "lambda:ListEventSourceMappings" @ 2;
}
