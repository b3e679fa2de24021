//! Containment of IAM credentials, and the questions that go with it: policies attached to users, revocations of roles'
//! sessions, whose a key is, and CloudTrail.

use super::change_secrets::key;
use super::fill::changed::{role, user};
use super::question::{Question, Wrong, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::cloudtrail::LookupEvents;
use bartizan::estate::ask::iam::{
    GetLoginProfile, GetRole, GetRolePolicy, GetUser, ListAccessKeys, ListAttachedRolePolicies,
    ListAttachedUserPolicies, ListGroupsForUser, ListMFADevices, ListRolePolicies, ListUserPolicies,
};
use bartizan::estate::ask::sts::{GetAccessKeyInfo, GetCallerIdentity};
use bartizan::estate::change::iam::contain::{Write, deny_all, document, revocation};
use bartizan::estate::change::{Receipt, iam};
use bartizan::estate::{
    AccessKeyId, Call, Fault, FaultKind, Lookup, PolicyName, RoleName, RunId, UserName, Vault, time,
};

const ATTACH: &str = "IAM API reference, AttachUserPolicy, DetachUserPolicy, ListAttachedUserPolicies";
const REVOKE: &str = "IAM user guide, Revoke IAM role temporary security credentials; PutRolePolicy";

pub const CHANGES: &[Question] = &[
    Question { name: "deny_all_attached_and_detached", source: ATTACH, needs: Some("users"), check: denied },
    Question {
        name: "deny_all_detached_twice",
        source: "IAM service model: NoSuchEntity, read as done",
        needs: Some("users"),
        check: detached_twice,
    },
    Question {
        name: "deny_all_on_a_user_that_is_not",
        source: "IAM service model: NoSuchEntity",
        needs: None,
        check: |e| {
            let attach = Write::AttachUserPolicy { user: UserName::new("nobody"), policy: deny_all("aws") };
            refused(write(e, attach), &FaultKind::NotFound)
        },
    },
    Question { name: "sessions_revoked_and_restored", source: REVOKE, needs: Some("roles"), check: revoked },
    Question {
        name: "sessions_of_a_role_that_is_not",
        source: "IAM service model: NoSuchEntity",
        needs: None,
        check: |e| {
            let put = Write::PutRolePolicy { role: RoleName::new("nobody"), policy: name(), before: e.now() };
            refused(write(e, put), &FaultKind::NotFound)
        },
    },
    Question {
        name: "what_a_user_is",
        source: "IAM API reference, GetUser",
        needs: Some("users"),
        check: told,
    },
    Question {
        name: "what_a_bare_user_has",
        source: "IAM API reference, ListUserPolicies, ListGroupsForUser, ListMFADevices",
        needs: Some("users"),
        check: bare,
    },
    Question {
        name: "no_console_password",
        source: "IAM API reference, GetLoginProfile: 404 (NoSuchEntity)",
        needs: Some("users"),
        check: |e| same("profile", e.first(GetLoginProfile { user: UserName::new(user(6)) })?, None),
    },
    Question {
        name: "what_a_role_is",
        source: "IAM API reference, GetRole",
        needs: Some("roles"),
        check: role_told,
    },
    Question {
        name: "role_that_is_not",
        source: "IAM service model: NoSuchEntity",
        needs: None,
        check: |e| refused(e.first(GetRole { role: RoleName::new("nobody") }), &FaultKind::NotFound),
    },
    Question {
        name: "account_of_a_key",
        source: "STS API reference, GetAccessKeyInfo",
        needs: Some("users"),
        check: whose,
    },
    Question {
        name: "no_events_of_a_key_that_was_never_used",
        source: "CloudTrail API reference, LookupEvents",
        needs: None,
        check: |e| {
            let by = Lookup::Key(AccessKeyId::new("AKIAIOSFODNN7EXAMPLE"));
            let from = time::plus_seconds(e.now(), -3_600);
            same("events", e.all(LookupEvents { by, from })?, vec![])
        },
    },
];

fn name() -> PolicyName {
    revocation(&RunId::new("7f3a0b1c").unwrap(), false)
}

fn write(e: &Asking, write: Write) -> Result<Receipt, Fault> {
    e.apply(&Call::Iam(iam::Call::Contain(write)), &key("access", 1), &Vault::default())
}

fn attached(e: &Asking, n: usize) -> Result<Vec<String>, Fault> {
    let all = e.all(ListAttachedUserPolicies { user: UserName::new(user(n)) })?;
    Ok(all.into_iter().map(|p| p.arn.wire().to_owned()).collect())
}

fn denied(e: &Asking) -> Result<(), Wrong> {
    let (user, policy) = (UserName::new(user(6)), deny_all("aws"));
    for _ in 0..2 {
        let attach = Write::AttachUserPolicy { user: user.clone(), policy: policy.clone() };
        same("receipt", write(e, attach)?, Receipt::Done)?;
        same("attached", attached(e, 6)?, vec![policy.wire().to_owned()])?;
    }
    same("receipt", write(e, Write::DetachUserPolicy { user, policy })?, Receipt::Done)?;
    same("attached", attached(e, 6)?, vec![])
}

fn detached_twice(e: &Asking) -> Result<(), Wrong> {
    let detach = || Write::DetachUserPolicy { user: UserName::new(user(7)), policy: deny_all("aws") };
    same("receipt", write(e, detach())?, Receipt::Done)?;
    same("receipt", write(e, detach())?, Receipt::Done)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn revoked(e: &Asking) -> Result<(), Wrong> {
    let role = RoleName::new(role(0));
    let names = || e.all(ListRolePolicies { role: role.clone() });
    for later in [0, 120] {
        let before = time::plus_seconds(e.now(), later);
        let put = Write::PutRolePolicy { role: role.clone(), policy: name(), before };
        same("receipt", write(e, put)?, Receipt::Done)?;
        same("policies", names()?, vec![name()])?;
        let read = e.first(GetRolePolicy { role: role.clone(), policy: name() })?;
        same("document", json(read.document.wire()), json(&document(before)))?;
    }
    for _ in 0..2 {
        let delete = Write::DeleteRolePolicy { role: role.clone(), policy: name() };
        same("receipt", write(e, delete)?, Receipt::Done)?;
        same("policies", names()?, vec![])?;
    }
    Ok(())
}

fn told(e: &Asking) -> Result<(), Wrong> {
    let told = e.first(GetUser { user: UserName::new(user(6)) })?;
    same("name", told.name.wire(), user(6).as_str())?;
    same("boundary", told.boundary, None)?;
    holds(format!("its ARN is {:?}", told.arn), told.arn.wire().ends_with(&format!(":user/{}", user(6))))?;
    holds("CreateDate is missing", told.created.is_some())
}

fn bare(e: &Asking) -> Result<(), Wrong> {
    let user = UserName::new(user(6));
    same("inline policies", e.all(ListUserPolicies { user: user.clone() })?, vec![])?;
    same("groups", e.all(ListGroupsForUser { user: user.clone() })?, vec![])?;
    same("MFA devices", e.all(ListMFADevices { user })?, vec![])
}

fn role_told(e: &Asking) -> Result<(), Wrong> {
    let told = e.first(GetRole { role: RoleName::new(role(1)) })?;
    same("longest session", told.max_session_s, 7_200)?;
    let trust = told.trust.as_ref().map(|t| json(t.wire())["Version"].clone());
    same("version of its trust", trust, Some("2012-10-17".into()))?;
    same("policies", e.all(ListAttachedRolePolicies { role: RoleName::new(role(1)) })?, vec![])
}

fn whose(e: &Asking) -> Result<(), Wrong> {
    let keys = e.all(ListAccessKeys { user: UserName::new(user(5)) })?;
    let key = keys.first().ok_or("it has no key")?.id.clone();
    same("account", e.first(GetAccessKeyInfo { key })?, e.first(GetCallerIdentity {})?.account)
}
