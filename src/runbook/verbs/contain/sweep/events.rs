//! What CloudTrail's events leave behind: by the operation, which kind of thing, and what was done in words. The operations
//! are those of AWS's order (6) of a credential compromise; names are those of the IAM, Lambda, EventBridge, EC2 and
//! CloudTrail API references.

use super::finding::{Deed, Findings, Kind};
use crate::estate::{Minted, TrailEvent, Untrusted};

/// What an operation leaves behind.
pub(super) fn leaves(operation: &str) -> Option<(Kind, &'static str)> {
    // Lambda's operations carry the date of their API version in CloudTrail (`CreateFunction20150331`).
    let name = operation.trim_end_matches(|c: char| c.is_ascii_digit() || c == 'v');
    Some(match name {
        "CreateUser" => (Kind::User, "made a user"),
        "CreateAccessKey" => (Kind::Key, "made an access key"),
        "UpdateAccessKey" => (Kind::Other, "activated or deactivated an access key"),
        "CreateLoginProfile" | "UpdateLoginProfile" => (Kind::Password, "set a console password of"),
        "EnableMFADevice" | "DeactivateMFADevice" | "CreateVirtualMFADevice" => {
            (Kind::Device, "changed MFA devices of")
        }
        "CreateRole" => (Kind::Role, "made a role"),
        "UpdateAssumeRolePolicy" => (Kind::Role, "changed whom a role trusts"),
        "AttachUserPolicy" | "PutUserPolicy" | "DetachUserPolicy" | "AddUserToGroup" => {
            (Kind::User, "changed what a user may do")
        }
        "AttachRolePolicy" | "PutRolePolicy" | "DetachRolePolicy" => {
            (Kind::Role, "changed what a role may do")
        }
        "CreatePolicy" | "CreatePolicyVersion" | "SetDefaultPolicyVersion" => {
            (Kind::Policy, "wrote a policy")
        }
        "PutUserPermissionsBoundary" | "DeleteUserPermissionsBoundary" => (Kind::User, "changed a boundary"),
        "CreateFunction" | "UpdateFunctionCode" | "UpdateFunctionConfiguration" => {
            (Kind::Function, "made or changed a function")
        }
        "PublishLayerVersion" => (Kind::Layer, "published a layer"),
        "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig" => (Kind::Url, "opened a URL of a function"),
        "AddPermission" => (Kind::Function, "opened a function to others"),
        "PutRule" | "PutTargets" => (Kind::Rule, "made or changed the rule"),
        "CreateSchedule" => (Kind::Other, "made something that runs by the clock"),
        "RunInstances" => (Kind::Instance, "started instances"),
        "CreateKeyPair" | "ImportKeyPair" => (Kind::Other, "made keys of instances"),
        "CreateSAMLProvider" | "UpdateSAMLProvider" | "CreateOpenIDConnectProvider" => {
            (Kind::Provider, "made a way for others to sign in, the provider")
        }
        "StopLogging" | "DeleteTrail" | "UpdateTrail" | "PutEventSelectors" => {
            (Kind::Trail, "TOUCHED LOGGING, so that what came after may not be seen, of")
        }
        "DeleteFlowLogs" => (Kind::Other, "TOUCHED LOGGING, so that what came after may not be seen, of"),
        _ => return None,
    })
}

/// The name that a thing has in a list, of the name or ARN that an event gives.
pub(super) fn named(kind: Kind, text: &Untrusted) -> Untrusted {
    let wire = text.wire();
    if !wire.starts_with("arn:") {
        return text.clone();
    }
    let after = match kind {
        // `arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER`
        Kind::Function | Kind::Url | Kind::Layer => wire.split(':').nth(6),
        Kind::User
        | Kind::Key
        | Kind::Password
        | Kind::Device
        | Kind::Role
        | Kind::Policy
        | Kind::Rule
        | Kind::Instance
        | Kind::Provider
        | Kind::Trail
        | Kind::Other => wire.rsplit('/').next(),
    };
    after.filter(|name| !name.is_empty()).map_or_else(|| text.clone(), Untrusted::from)
}

/// The thing that an event was about, whose it is, and what was done.
pub(super) fn about(e: &TrailEvent) -> Option<(Kind, Untrusted, Option<Untrusted>, &'static str)> {
    let (kind, words) = leaves(e.name.wire())?;
    let (name, user) = match &e.minted {
        Some(Minted::Key { key, user }) => {
            (Some(key.text().clone()), user.as_ref().map(|u| u.text().clone()))
        }
        Some(Minted::Password { user }) => (Some(user.text().clone()), Some(user.text().clone())),
        Some(Minted::Role { .. } | Minted::User { .. }) | None => (e.target.clone(), None),
    };
    let name = name.map_or_else(|| Untrusted::from(""), |name| named(kind, &name));
    let user = match kind {
        Kind::Password | Kind::Device => user.or_else(|| Some(name.clone())),
        Kind::User
        | Kind::Key
        | Kind::Role
        | Kind::Policy
        | Kind::Function
        | Kind::Url
        | Kind::Layer
        | Kind::Rule
        | Kind::Instance
        | Kind::Provider
        | Kind::Trail
        | Kind::Other => user,
    };
    Some((kind, name, user, words))
}

/// Takes what events that were done left behind.
pub(super) fn take(found: &mut Findings, events: &[TrailEvent]) {
    for e in events.iter().filter(|e| e.succeeded()) {
        if let Some((kind, name, user, words)) = about(e) {
            found.did(kind, name, user, Deed::of(e, words));
        }
    }
}
