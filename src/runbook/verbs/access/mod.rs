//! Why access was denied, in the order in which AWS decides: the caller, the thing itself, the policies of the identity, of
//! the resource, boundaries and the organization's, the key. Reads only; each step says what it found and what to do, and
//! what it could not see. What they share is here: who counts as a principal, and how a finding is said. Source: IAM user
//! guide, "Policy evaluation logic", "Troubleshoot access denied error messages".

pub mod boundary;
pub mod caller;
pub mod identity;
pub mod key;
mod message;
mod policy;
pub mod resource;
pub mod target;
#[cfg(test)]
mod tests;

use super::key::one;
use super::with::{needed, optional};
use crate::estate::ask::iam::SimulatePrincipalPolicy;
use crate::estate::{Arn, Fault, FaultKind, Simulated, Untrusted};
use crate::runbook::need::Need;
use crate::runbook::value::ValueType;
use crate::runbook::verb::Param;
use crate::runbook::view::View;

pub(super) const PRINCIPAL: Param =
    needed("principal", ValueType::Text, "the ARN of the user or role whose policies count");
pub(super) const ACTION: Param = needed("action", ValueType::Text, "the IAM action that was tried");
pub(super) const RESOURCE: Param = needed("resource", ValueType::Text, "what it was tried on, an ARN");
pub(super) const REASON: Param =
    optional("reason", ValueType::Text, "what kind of policy the message blames, if it says");

/// Where the reason lies.
fn found(what: impl std::fmt::Display, todo: impl std::fmt::Display) -> String {
    format!("FOUND: {what}. Do: {todo}")
}

/// Where it may lie.
fn maybe(what: impl std::fmt::Display, todo: impl std::fmt::Display) -> String {
    format!("MAY BE IT: {what}. Do: {todo}")
}

fn not_it(what: impl std::fmt::Display) -> String {
    format!("not it: {what}")
}

/// What could not be looked at. That whoever looks may not is no finding about who was denied.
fn unknown(what: impl std::fmt::Display, fault: &Fault) -> String {
    format!("not known: {what} ({fault})")
}

/// The user or role whose policies count: a session's role, without its path, which a session does not tell. `None` of the
/// root user and of what is no principal.
fn principal(arn: &Arn) -> Option<Arn> {
    let text = arn.wire();
    let (partition, account) = (text.split(':').nth(1)?, arn.account()?);
    let resource = text.splitn(6, ':').nth(5)?;
    match arn.service()? {
        "iam" if resource.starts_with("user/") || resource.starts_with("role/") => Some(arn.clone()),
        "sts" => {
            let role = resource.strip_prefix("assumed-role/")?.split('/').next()?;
            Some(Arn::new(format!("arn:{partition}:iam::{account}:role/{role}")))
        }
        _ => None,
    }
}

fn arn(v: &View<'_>, name: &str) -> Result<Arn, Need> {
    Ok(Arn::new(v.text(name)?.wire()))
}

/// What IAM's simulator says of the action; an outer fault is that it may not be asked.
///
/// # Errors
/// `Know`.
fn simulated(v: &View<'_>, action: &str, resource: &Untrusted) -> Result<Result<Simulated, Fault>, Need> {
    let ask = SimulatePrincipalPolicy {
        principal: arn(v, PRINCIPAL.name)?,
        actions: vec![action.into()],
        resources: vec![resource.clone()],
    };
    Ok(v.pages(ask)?.and_then(|pages| {
        let nothing = || Fault::new(FaultKind::Malformed, "iam:SimulatePrincipalPolicy", "no result came");
        pages.concat().into_iter().next().ok_or_else(nothing)
    }))
}
