//! Containing IAM credentials that are in wrong hands: what the verbs share. Who asks, where CloudTrail is asked, and
//! what a step says of the next command. Facts: AWS incident response playbook "IRP-CredCompromise"; IAM user guide,
//! "Disable permissions for temporary security credentials".

pub mod contained;
pub mod deactivate;
pub mod deny;
pub mod evidence;
pub mod guard;
pub mod owner;
pub mod quiet;
pub mod reach;
pub mod revoke;
pub mod revoked;
pub mod role;
pub mod sessions;
pub mod sweep;
#[cfg(test)]
mod tests;
mod trail;

pub use trail::ALWAYS;

use super::key::{one, text};
use super::with::needed;
use crate::estate::ask::sts::GetCallerIdentity;
use crate::estate::time::floor;
use crate::estate::{AccessKeyId, Arn, AttachedPolicy, Identity, RoleName, Timestamp, Untrusted, UserName};
use crate::runbook::need::{Need, Want};
use crate::runbook::value::ValueType;
use crate::runbook::verb::Param;
use crate::runbook::view::View;

/// The late input by which a person attests that there was no compromise.
pub const FALSE_POSITIVE: &str = "false_positive";

pub(super) const KEY: Param = needed("key", ValueType::Text, "the id of the leaked access key");
/// One key that leaked; where a user is meant, with whatever it has, there is none.
pub(super) const ONE: Param = super::with::optional(
    "key",
    ValueType::Text,
    "the id of the leaked access key; without it, whatever the user has is meant",
);
pub(super) const ALL: Param =
    super::with::optional("all", ValueType::List, "the ids of the user's keys, where the user is meant");
pub(super) const USER: Param = needed("user", ValueType::Text, "the IAM user that it belongs to");
pub(super) const ROLE: Param = needed("role", ValueType::Text, "the name of the IAM role");
pub(super) const REGIONS: Param = super::with::optional(
    "regions",
    ValueType::List,
    "the Regions in which CloudTrail is asked; those that every account has enabled without it",
);

/// Managed policies that AWS itself attaches to users whose keys it has found in public. They are never detached
/// here: V3 and V4 deny `cloudtrail:LookupEvents`, V3 `iam:UpdateAccessKey` too (AWS managed policy reference).
const QUARANTINE: &str = "AWSCompromisedKeyQuarantine";

/// Who runs this.
///
/// # Errors
/// As [`View::must`].
fn caller(v: &View<'_>) -> Result<Identity, Need> {
    one(v, GetCallerIdentity {})
}

fn user(v: &View<'_>) -> Result<UserName, Need> {
    Ok(UserName::new(v.text("user")?.wire()))
}

fn key(v: &View<'_>) -> Result<AccessKeyId, Need> {
    Ok(AccessKeyId::new(v.text("key")?.wire()))
}

/// The keys that are meant: the one that leaked, or all that the user has.
fn meant(v: &View<'_>) -> Vec<AccessKeyId> {
    match text(v, "key") {
        Some(key) => vec![AccessKeyId::new(key.wire())],
        None => super::with::list(v, "all").iter().map(|key| AccessKeyId::new(key.wire())).collect(),
    }
}

/// Keys in a sentence.
fn named(keys: &[AccessKeyId]) -> String {
    keys.iter().map(|key| key.shown().to_string()).collect::<Vec<_>>().join(" and ")
}

fn role_name(v: &View<'_>) -> Result<RoleName, Need> {
    Ok(RoleName::new(v.text("role")?.wire()))
}

/// The partition of an ARN: `aws`, `aws-cn`, `aws-us-gov`.
fn partition(arn: &Arn) -> &str {
    arn.wire().split(':').nth(1).unwrap_or("aws")
}

/// The user that an ARN is of, without its path.
fn user_of(arn: &Arn) -> Option<&str> {
    let resource = arn.wire().rsplit(':').next()?;
    resource.strip_prefix("user/").and_then(|rest| rest.rsplit('/').next())
}

/// The role that an ARN is of: a role's own, or that of a session of it.
pub(in crate::runbook::verbs) fn role_of(arn: &Arn) -> Option<&str> {
    let resource = arn.wire().rsplit(':').next()?;
    match resource.split_once('/')? {
        ("assumed-role", rest) => rest.split('/').next(),
        ("role", rest) => rest.rsplit('/').next(),
        _ => None,
    }
}

/// AWS's own quarantine among policies.
fn quarantines(policies: &[AttachedPolicy]) -> impl Iterator<Item = &AttachedPolicy> {
    policies.iter().filter(|p| p.name.wire().starts_with(QUARANTINE))
}

/// What is still wanted of an answer.
pub(in crate::runbook::verbs) fn wants<T>(answer: &Result<T, Need>) -> Vec<Want> {
    match answer {
        Err(Need::Know(wants)) => wants.clone(),
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// Asks for everything that is missing at once.
pub(in crate::runbook::verbs) fn together<const N: usize>(missing: [Vec<Want>; N]) -> Result<(), Need> {
    let all = missing.concat();
    if all.is_empty() { Ok(()) } else { Err(Need::Know(all)) }
}

/// The hour in which an instant is: planning asks the same question again and again, and time goes on meanwhile.
fn hour_of(t: Timestamp) -> Timestamp {
    floor(t, 3_600)
}

/// The command that contains a role's sessions.
pub(in crate::runbook::verbs) fn revoke_command(role: &str) -> String {
    let role = crate::runbook::shell::quote(role);
    format!("bartizan runbook start role-sessions-revoked --set role={role}")
}

/// The command that contains another key.
fn key_command(key: &AccessKeyId) -> String {
    let key = crate::runbook::shell::quote(key.wire());
    format!("bartizan runbook start iam-key-compromised --set key={key}")
}

/// The command that gives a secret a new value.
fn update_command(secret: &str) -> String {
    let secret = crate::runbook::shell::quote(secret);
    format!("bartizan runbook start secret-update --set secret={secret}")
}

/// The reason that a person gave for a false alarm.
fn false_alarm<'v>(v: &View<'v>) -> Option<&'v Untrusted> {
    text(v, FALSE_POSITIVE)
}
