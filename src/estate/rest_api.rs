//! REST APIs of gateways and where their stages write who called. Source: API Gateway API reference, `RestApi`, `Stage`,
//! `AccessLogSettings`.

use super::names::{Arn, RestApiId};
use super::untrusted::Untrusted;

/// A REST API.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestApi {
    /// Its id.
    pub id: RestApiId,
    /// Its name; not unique.
    pub name: Untrusted,
}

/// A stage of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stage {
    /// Its name.
    pub name: Untrusted,
    /// Where its access log goes: a log group of CloudWatch Logs, or a stream of Firehose; nowhere without.
    pub log: Option<Arn>,
    /// What a line of it says, in variables of the gateway.
    pub format: Option<Untrusted>,
}
