//! The questions to Lambda: an optional grant, since the answers of `ListFunctions` hold environment
//! variables (which the port drops unread). "Lambda quotas": control-plane reads 15 a second in sum, so each is kept low.

use super::asks;
use crate::estate::function::{
    Alias, EventSource, Function, FunctionConfig, FunctionUrl, Layer, ListedUrl, OnFailure, Provisioned,
};
use crate::estate::names::{AliasName, Arn, FunctionName, FunctionVersion};
use crate::estate::untrusted::Untrusted;

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
    /// The configuration of a function or of one of its versions. The answer holds environment variables;
    /// the port keeps their names and drops their values unread.
    GetFunctionConfiguration {
        /// Which function.
        function: FunctionName,
        /// Which version; `None` is `$LATEST`.
        version: Option<FunctionVersion>,
    } => FunctionConfig, "lambda:GetFunctionConfiguration" @ 10 for Operator;
    /// The published versions of a function and `$LATEST`, 50 a page. Values of variables are dropped unread.
    ListVersionsByFunction {
        /// Which function.
        function: FunctionName,
    } => Vec<FunctionConfig>, "lambda:ListVersionsByFunction" @ 5 for Operator;
    /// The aliases of a function.
    ListAliases {
        /// Which function.
        function: FunctionName,
    } => Vec<Alias>, "lambda:ListAliases" @ 5 for Operator;
    /// The provisioned concurrency of an alias; `None` if it has none.
    GetProvisionedConcurrencyConfig {
        /// Which function.
        function: FunctionName,
        /// Which alias.
        alias: AliasName,
    } => Option<Provisioned>, "lambda:GetProvisionedConcurrencyConfig" @ 5 for Operator;
    /// The reserved concurrency of a function; `None` if it has none, 0 if it is switched off.
    GetFunctionConcurrency {
        /// Which function.
        function: FunctionName,
    } => Option<u32>, "lambda:GetFunctionConcurrency" @ 10;
    /// The URL of a function or of one of its aliases; `None` if it has none.
    GetFunctionUrlConfig {
        /// Which function.
        function: FunctionName,
        /// Which alias; `None` is `$LATEST`.
        alias: Option<AliasName>,
    } => Option<FunctionUrl>, "lambda:GetFunctionUrlConfig" @ 5 for Operator;
    /// The resource policy of a function, JSON: who else may invoke it; `None` if it has none.
    GetPolicy {
        /// Which function.
        function: FunctionName,
        /// Which alias or version; `None` is the function itself.
        qualifier: Option<Untrusted>,
    } => Option<Untrusted>, "lambda:GetPolicy" @ 5 for Operator;
    /// The URLs of a function and of its aliases, 50 a page.
    ListFunctionUrlConfigs {
        /// Which function.
        function: FunctionName,
    } => Vec<ListedUrl>, "lambda:ListFunctionUrlConfigs" @ 5 for BreakGlass;
    /// The layers of the account with their newest versions, 50 a page.
    ListLayers {} => Vec<Layer>, "lambda:ListLayers" @ 3 for BreakGlass;
    /// The tags of a function.
    ListTags {
        /// Its ARN, without a version.
        function: Arn,
    } => Vec<(Untrusted, Untrusted)>, "lambda:ListTags" @ 5 for Operator;
}
