//! What may stand in a seed file about functions and about who is let in: APIs, usage plans, keys and users.

use super::shape::yes;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Functions that share all but their name; `{}` in `name` is replaced by each of `each`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct FunctionSeed {
    pub(in crate::practice) name: String,
    #[serde(default)]
    pub(in crate::practice) each: Vec<String>,
    /// A queue's name, or `sns:TOPIC`.
    pub(in crate::practice) dead_letter: Option<String>,
    /// A queue's name, or `sns:TOPIC`.
    pub(in crate::practice) on_failure: Option<String>,
    /// Invoked asynchronously: what fails for good goes to one of these two. Nothing of a function that is
    /// invoked synchronously ever does.
    #[serde(default)]
    pub(in crate::practice) asynchronous: bool,
    /// Its variables: names and templates of values.
    #[serde(default)]
    pub(in crate::practice) variables: BTreeMap<String, String>,
    pub(in crate::practice) description: Option<String>,
    #[serde(default = "handler")]
    pub(in crate::practice) handler: String,
    #[serde(default = "half_a_minute")]
    pub(in crate::practice) timeout_s: u32,
    #[serde(default)]
    pub(in crate::practice) layers: Vec<String>,
    /// The customer key of its environment.
    pub(in crate::practice) kms: Option<String>,
    /// The error with which its environment is read.
    pub(in crate::practice) unreadable: Option<String>,
    #[serde(default)]
    pub(in crate::practice) snap_start: bool,
    /// So many versions are published, all like `$LATEST`...
    #[serde(default)]
    pub(in crate::practice) versions: u32,
    /// ...but for its code.
    #[serde(default)]
    pub(in crate::practice) drifted: bool,
    #[serde(default)]
    pub(in crate::practice) alias: Vec<AliasSeed>,
    /// Its reserved concurrency.
    pub(in crate::practice) reserved: Option<u32>,
    /// `AuthType` of its URL, if it has one.
    pub(in crate::practice) url: Option<String>,
    /// The services and accounts that may invoke it.
    #[serde(default)]
    pub(in crate::practice) invoked_by: Vec<String>,
    #[serde(default)]
    pub(in crate::practice) tags: BTreeMap<String, String>,
}

/// An alias of a function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct AliasSeed {
    pub(in crate::practice) name: String,
    /// The newest without.
    pub(in crate::practice) version: Option<u32>,
    /// The share of calls that the version before the newest gets.
    pub(in crate::practice) weight: Option<f64>,
    /// Provisioned concurrency.
    pub(in crate::practice) provisioned: Option<u32>,
}

/// An event source mapping.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct MappingSeed {
    pub(in crate::practice) function: String,
    /// A queue's name, or a whole ARN.
    pub(in crate::practice) source: String,
    pub(in crate::practice) on_failure: Option<String>,
    #[serde(default = "enabled")]
    pub(in crate::practice) state: String,
}

/// A REST API at `https://ID.execute-api.us-east-1.amazonaws.com/STAGE`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct ApiSeed {
    pub(in crate::practice) id: String,
    pub(in crate::practice) function: String,
    /// The alias that is called; `$LATEST` without.
    pub(in crate::practice) qualifier: Option<String>,
    /// The variable with the keys that the function takes; any without.
    pub(in crate::practice) variable: Option<String>,
    /// Stages in which the gateway wants a key of a usage plan.
    #[serde(default)]
    pub(in crate::practice) keyed: Vec<String>,
    /// Stages in which it wants none.
    #[serde(default)]
    pub(in crate::practice) open: Vec<String>,
    /// The log group that its stages write to; they write nothing without.
    pub(in crate::practice) log: Option<String>,
}

/// A usage plan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct PlanSeed {
    pub(in crate::practice) id: String,
    pub(in crate::practice) name: String,
    /// The id of its API, and the stage.
    pub(in crate::practice) api: String,
    pub(in crate::practice) stage: String,
    /// Requests that all its clients make in a day.
    pub(in crate::practice) per_day: u64,
}

/// An API key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct KeySeed {
    pub(in crate::practice) id: String,
    pub(in crate::practice) name: String,
    pub(in crate::practice) description: Option<String>,
    pub(in crate::practice) age_days: i64,
    /// A template.
    pub(in crate::practice) value: String,
    #[serde(default = "yes")]
    pub(in crate::practice) enabled: bool,
    /// Names of plans.
    #[serde(default)]
    pub(in crate::practice) plans: Vec<String>,
    /// Whether the clients of these plans use it.
    #[serde(default)]
    pub(in crate::practice) used: bool,
    #[serde(default)]
    pub(in crate::practice) tags: BTreeMap<String, String>,
}

/// An IAM user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct UserSeed {
    pub(in crate::practice) name: String,
    /// What its keys are used with.
    #[serde(default = "s3")]
    pub(in crate::practice) service: String,
    #[serde(default)]
    pub(in crate::practice) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(in crate::practice) key: Vec<UserKeySeed>,
    /// The name of the secret from which its clients take the pair.
    pub(in crate::practice) secret: Option<String>,
    /// Managed policies: `aws:NAME`, or the name of one of the account's own.
    #[serde(default)]
    pub(in crate::practice) policies: Vec<String>,
    /// Inline policies: names and documents.
    #[serde(default)]
    pub(in crate::practice) inline: BTreeMap<String, String>,
    #[serde(default)]
    pub(in crate::practice) groups: Vec<String>,
    pub(in crate::practice) boundary: Option<String>,
    /// It has a console password, so many days old.
    pub(in crate::practice) password_days: Option<i64>,
    /// The names of its virtual MFA devices.
    #[serde(default)]
    pub(in crate::practice) mfa: Vec<String>,
    /// The role that its clients assume now and then.
    pub(in crate::practice) assumes: Option<String>,
}

/// An IAM role.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct RoleSeed {
    pub(in crate::practice) name: String,
    #[serde(default = "root")]
    pub(in crate::practice) path: String,
    #[serde(default = "a_year")]
    pub(in crate::practice) age_days: i64,
    #[serde(default = "an_hour")]
    pub(in crate::practice) max_session_s: u32,
    /// Who may assume it: `user/NAME` or `root` of the account, or a service.
    pub(in crate::practice) trusts: String,
    /// `trusts` names a service.
    #[serde(default)]
    pub(in crate::practice) service: bool,
    #[serde(default)]
    pub(in crate::practice) policies: Vec<String>,
    #[serde(default)]
    pub(in crate::practice) inline: BTreeMap<String, String>,
}

/// An access key of a user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct UserKeySeed {
    pub(in crate::practice) age_days: i64,
    #[serde(default = "yes")]
    pub(in crate::practice) active: bool,
    /// Last used so many days ago; 0 for all the time, never without.
    pub(in crate::practice) used_days: Option<i64>,
}

fn enabled() -> String {
    "Enabled".into()
}
fn handler() -> String {
    "index.handler".into()
}
fn half_a_minute() -> u32 {
    30
}
fn root() -> String {
    "/".into()
}
fn a_year() -> i64 {
    365
}
fn an_hour() -> u32 {
    3_600
}
fn s3() -> String {
    "s3".into()
}
