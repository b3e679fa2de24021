//! API Gateway's keys and usage plans, as far as rotating a key goes; never a key's value.
//! Source: API Gateway API reference, `ApiKey`, `UsagePlan`, `Usage`.

use super::names::{ApiKeyId, UsagePlanId};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// An API key without its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name; not unique.
    pub name: Untrusted,
    /// Its description.
    pub description: Option<Untrusted>,
    /// Whether it admits anybody.
    pub enabled: bool,
    /// `createdDate`.
    pub created: Option<Timestamp>,
    /// `lastUpdatedDate`.
    pub updated: Option<Timestamp>,
    /// Tags.
    pub tags: Vec<(Untrusted, Untrusted)>,
}

/// A usage plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsagePlan {
    /// Its id.
    pub id: UsagePlanId,
    /// Its name.
    pub name: Untrusted,
}

/// What one key used in one plan: requests a day, oldest first. Best effort, by AWS's own words ("Usage
/// plans and API keys for REST APIs").
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyUsage {
    /// Requests of each day from the first asked for.
    pub per_day: Vec<u64>,
}
