//! Containment of IAM credentials, and the questions that go with it: policies attached to users, revocations of roles'
//! sessions, whose a key is, and CloudTrail.

use super::change_secrets::key;
use super::fill::changed::{role, user};
use super::question::{Question, Wrong, distinct, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::cloudtrail::{DescribeTrails, GetTrailStatus, LookupEvents};
use bartizan::estate::ask::ec2::DescribeInstances;
use bartizan::estate::ask::iam::{
    GenerateCredentialReport, GetAccountAuthorizationDetails, GetCredentialReport, GetLoginProfile,
    GetOpenIDConnectProvider, GetRole, GetRolePolicy, GetUser, ListAccessKeys, ListAttachedRolePolicies,
    ListAttachedUserPolicies, ListGroupsForUser, ListMFADevices, ListOpenIDConnectProviders,
    ListRolePolicies, ListRoles, ListSAMLProviders, ListUserPolicies, ListUsers,
};
use bartizan::estate::ask::lambda::{ListFunctionUrlConfigs, ListLayers};
use bartizan::estate::ask::sts::{GetAccessKeyInfo, GetCallerIdentity};
use bartizan::estate::change::iam::contain::{Write, deny_all, document, revocation};
use bartizan::estate::change::{Receipt, iam};
use bartizan::estate::{
    AccessKeyId, Arn, Call, Fault, FaultKind, FunctionName, Lookup, PolicyDetail, PolicyName, RoleName,
    RunId, UserName, Vault, time,
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
        name: "who_stands_in_the_account",
        source: "IAM API reference, GetAccountAuthorizationDetails, GetUser, ListUsers, ListRoles",
        needs: None,
        check: agree,
    },
    Question {
        name: "trails_and_whether_they_write",
        source: "CloudTrail API reference, DescribeTrails, GetTrailStatus: TrailNotFoundException",
        needs: None,
        check: trails,
    },
    Question {
        name: "credential_report",
        source: "IAM API reference, GenerateCredentialReport, GetCredentialReport: text/csv, a line for each user",
        needs: None,
        check: reported,
    },
    Question {
        name: "instances_and_layers",
        source: "EC2 API reference, DescribeInstances; Lambda API reference, ListLayers",
        needs: None,
        check: machines,
    },
    Question {
        name: "providers_by_which_others_sign_in",
        source: "IAM API reference, ListSAMLProviders, ListOpenIDConnectProviders, GetOpenIDConnectProvider",
        needs: None,
        check: providers,
    },
    Question {
        name: "urls_of_a_function_that_is_not",
        source: "Lambda service model: ResourceNotFoundException",
        needs: None,
        check: |e| {
            let ask = ListFunctionUrlConfigs { function: FunctionName::new("no-such-function") };
            refused(e.first(ask), &FaultKind::NotFound)
        },
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

/// Of what stands in an account; it needs nothing to be there.
fn agree(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(GetAccountAuthorizationDetails {})?;
    let users: Vec<_> = pages.iter().flat_map(|p| &p.users).collect();
    distinct("users", &users.iter().map(|u| u.name.clone()).collect::<Vec<_>>())?;
    for u in users.iter().take(5) {
        let told = e.first(GetUser { user: u.name.clone() })?;
        same("ARN", (&u.arn, u.created), (&told.arn, told.created))?;
        let mut attached = e.all(ListAttachedUserPolicies { user: u.name.clone() })?;
        let mut listed = u.attached.clone();
        attached.sort_by(|a, b| a.arn.cmp(&b.arn));
        listed.sort_by(|a, b| a.arn.cmp(&b.arn));
        same("policies", listed, attached)?;
    }
    let mut names: Vec<_> = users.iter().map(|u| u.name.clone()).collect();
    let mut told = e.all(ListUsers {})?;
    names.sort();
    told.sort();
    same("users", names, told)?;
    let mut roles: Vec<_> = pages.iter().flat_map(|p| &p.roles).map(|r| r.name.clone()).collect();
    let mut listed: Vec<_> = e.all(ListRoles {})?.into_iter().map(|r| r.name).collect();
    roles.sort();
    listed.sort();
    same("roles", roles, listed)?;
    let own = |p: &PolicyDetail| !p.arn.wire().contains(":iam::aws:");
    holds("a policy of AWS is listed", pages.iter().flat_map(|p| &p.policies).all(own))
}

fn reported(e: &Asking) -> Result<(), Wrong> {
    let ready = (0..10).find_map(|_| match e.first(GenerateCredentialReport {}) {
        Ok(false) => {
            e.wait(std::time::Duration::from_secs(1));
            None
        }
        Ok(true) => Some(Ok(())),
        Err(fault) => Some(Err(fault)),
    });
    ready.ok_or("it is not there after ten questions")??;
    let report = e.first(GetCredentialReport {})?;
    let lines: Vec<&str> = report.lines.wire().lines().collect();
    let columns = lines.first().ok_or("it is empty")?;
    holds(format!("its columns are {columns}"), columns.starts_with("user,arn,user_creation_time,"))?;
    let width = columns.split(',').count();
    holds("a line is of another width", lines.iter().all(|l| l.split(',').count() == width))?;
    holds("when it was made is missing", report.made.is_some())
}

fn trails(e: &Asking) -> Result<(), Wrong> {
    for trail in e.all(DescribeTrails {})? {
        let status = e.first(GetTrailStatus { trail: trail.arn.clone() })?;
        holds(
            format!("{:?} writes and never began", trail.name),
            !status.logging || status.started.is_some(),
        )?;
    }
    let trail = Arn::new("arn:aws:cloudtrail:us-east-1:123456789012:trail/no-such-trail");
    refused(e.first(GetTrailStatus { trail }), &FaultKind::NotFound)
}

fn machines(e: &Asking) -> Result<(), Wrong> {
    let all = e.all(DescribeInstances {})?;
    distinct("instances", &all.iter().map(|i| i.id.clone()).collect::<Vec<_>>())?;
    holds("one was never started", all.iter().all(|i| i.launched.is_some() && !i.state.is_empty()))?;
    let layers = e.all(ListLayers {})?;
    distinct("layers", &layers.into_iter().map(|l| l.name).collect::<Vec<_>>())
}

fn providers(e: &Asking) -> Result<(), Wrong> {
    let saml = e.all(ListSAMLProviders {})?;
    distinct("SAML providers", &saml.into_iter().map(|p| p.arn).collect::<Vec<_>>())?;
    for provider in e.all(ListOpenIDConnectProviders {})? {
        e.first(GetOpenIDConnectProvider { provider })?;
    }
    let provider = Arn::new("arn:aws:iam::123456789012:oidc-provider/no.such.example");
    refused(e.first(GetOpenIDConnectProvider { provider }), &FaultKind::NotFound)
}

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
