//! The AWS CLI lines of what is asked about who has access and who did what: IAM, STS, KMS, CloudTrail and logs.

use super::Line;
use crate::estate::ask::{cloudtrail, events, iam, kms, logs, sts};
use crate::estate::names::{PolicyName, RoleName, UserName};
use crate::estate::{Lookup, Untrusted};

pub(super) fn of_sts(line: &mut Line, ask: &sts::Ask) {
    match ask {
        sts::Ask::GetCallerIdentity(_) => line.start("sts get-caller-identity"),
        sts::Ask::GetAccessKeyInfo(q) => {
            line.start("sts get-access-key-info");
            line.one("access-key-id", q.key.wire());
        }
    }
}

pub(super) fn of_cloudtrail(line: &mut Line, ask: &cloudtrail::Ask) {
    match ask {
        cloudtrail::Ask::LookupEvents(q) => {
            let (key, value) = match &q.by {
                Lookup::Key(key) => ("AccessKeyId", key.wire()),
                Lookup::User(name) => ("Username", name.wire()),
                Lookup::Event(name) => ("EventName", name.wire()),
                Lookup::Resource(name) => ("ResourceName", name.wire()),
            };
            line.start("cloudtrail lookup-events");
            line.one("lookup-attributes", &format!("AttributeKey={key},AttributeValue={value}"));
            line.one("start-time", &q.from.to_string());
        }
        cloudtrail::Ask::DescribeTrails(_) => line.start("cloudtrail describe-trails"),
        cloudtrail::Ask::GetTrailStatus(q) => {
            line.start("cloudtrail get-trail-status");
            line.one("name", q.trail.wire());
        }
    }
}

pub(super) fn of_kms(line: &mut Line, ask: &kms::Ask) {
    match ask {
        kms::Ask::DescribeKey(q) => {
            line.start("kms describe-key");
            line.one("key-id", q.key.wire());
        }
        kms::Ask::GetKeyPolicy(q) => {
            line.start("kms get-key-policy");
            line.one("key-id", q.key.wire());
            line.one("policy-name", "default");
        }
    }
}

pub(super) fn of_logs(line: &mut Line, ask: &logs::Ask) {
    match ask {
        logs::Ask::FilterLogEvents(q) => {
            line.start("logs filter-log-events");
            line.one("log-group-name", q.group.wire());
            line.one("filter-pattern", &format!("\"{}\"", q.text.wire()));
            line.one("start-time", &q.from.as_millisecond().to_string());
            line.one("end-time", &q.to.as_millisecond().to_string());
        }
    }
}

pub(super) fn of_events(line: &mut Line, ask: &events::Ask) {
    match ask {
        events::Ask::ListRules(_) => line.start("events list-rules"),
        events::Ask::ListTargetsByRule(q) => {
            line.start("events list-targets-by-rule");
            line.one("rule", q.rule.wire());
        }
    }
}

pub(super) fn of_iam(line: &mut Line, ask: &iam::Ask) {
    match ask {
        iam::Ask::ListAccountAliases(_) => line.start("iam list-account-aliases"),
        iam::Ask::ListAccessKeys(q) => user(line, "iam list-access-keys", &q.user),
        iam::Ask::GetAccessKeyLastUsed(q) => {
            line.start("iam get-access-key-last-used");
            line.one("access-key-id", q.key.wire());
        }
        iam::Ask::ListUserTags(q) => user(line, "iam list-user-tags", &q.user),
        iam::Ask::SimulatePrincipalPolicy(q) => {
            line.start("iam simulate-principal-policy");
            line.one("policy-source-arn", q.principal.wire());
            line.all("action-names", &q.actions.iter().map(Untrusted::wire).collect::<Vec<_>>());
            line.all("resource-arns", &q.resources.iter().map(Untrusted::wire).collect::<Vec<_>>());
        }
        iam::Ask::GetUser(q) => user(line, "iam get-user", &q.user),
        iam::Ask::ListAttachedUserPolicies(q) => user(line, "iam list-attached-user-policies", &q.user),
        iam::Ask::ListUserPolicies(q) => user(line, "iam list-user-policies", &q.user),
        iam::Ask::GetUserPolicy(q) => {
            user(line, "iam get-user-policy", &q.user);
            policy(line, &q.policy);
        }
        iam::Ask::ListGroupsForUser(q) => user(line, "iam list-groups-for-user", &q.user),
        iam::Ask::GetLoginProfile(q) => user(line, "iam get-login-profile", &q.user),
        iam::Ask::ListMFADevices(q) => user(line, "iam list-mfa-devices", &q.user),
        iam::Ask::ListUsers(_) => line.start("iam list-users"),
        iam::Ask::ListRoles(_) => line.start("iam list-roles"),
        iam::Ask::GetRole(q) => role(line, "iam get-role", &q.role),
        iam::Ask::ListAttachedRolePolicies(q) => role(line, "iam list-attached-role-policies", &q.role),
        iam::Ask::ListRolePolicies(q) => role(line, "iam list-role-policies", &q.role),
        iam::Ask::GetRolePolicy(q) => {
            role(line, "iam get-role-policy", &q.role);
            policy(line, &q.policy);
        }
        iam::Ask::GetAccountAuthorizationDetails(_) => {
            line.start("iam get-account-authorization-details");
            line.all("filter", &["User", "Role", "LocalManagedPolicy"]);
        }
        iam::Ask::GenerateCredentialReport(_) => line.start("iam generate-credential-report"),
        iam::Ask::GetCredentialReport(_) => {
            line.start("iam get-credential-report");
            line.one("query", "Content");
            line.one("output", "text");
        }
        iam::Ask::ListSAMLProviders(_) => line.start("iam list-saml-providers"),
        iam::Ask::ListOpenIDConnectProviders(_) => line.start("iam list-open-id-connect-providers"),
        iam::Ask::GetOpenIDConnectProvider(q) => {
            line.start("iam get-open-id-connect-provider");
            line.one("open-id-connect-provider-arn", q.provider.wire());
        }
    }
}

fn user(line: &mut Line, words: &'static str, name: &UserName) {
    line.start(words);
    line.one("user-name", name.wire());
}

fn role(line: &mut Line, words: &'static str, name: &RoleName) {
    line.start(words);
    line.one("role-name", name.wire());
}

fn policy(line: &mut Line, name: &PolicyName) {
    line.one("policy-name", name.wire());
}
