//! `credential.reach`: what a leaked key could do, beside what it did: the actions that the user's inline policies allow, and
//! the roles that trust it. Managed policies are named by the evidence, not read. Looks only.

use super::role::principals;
use super::{USER, together, user, wants};
use crate::estate::ask::iam::{GetUser, GetUserPolicy, ListRoles, ListUserPolicies};
use crate::estate::{Arn, InlinePolicy, Role, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::all;
use crate::runbook::verbs::with::later;
use crate::runbook::view::{View, refusal};
use crate::runbook::words::counted;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Looks at what it could do.
pub struct Reach;

/// So many names of a list are said.
const SHOWN: usize = 12;

impl Verb for Reach {
    fn name(&self) -> &'static str {
        "credential.reach"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells what a user's inline policies allow and which roles trust it: what whoever had its key could have done."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[USER];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let user = user(v)?;
        if v.planning {
            let what = "what the key could have done, by its user's policies and the roles that trust it";
            return Ok(Done { evidence: vec![later(what)], ..Done::default() });
        }
        let told = v.pages(GetUser { user: user.clone() });
        let names = v.pages(ListUserPolicies { user: user.clone() });
        let roles = v.pages(ListRoles {});
        together([wants(&told), wants(&names), wants(&roles)])?;
        let mut evidence = Vec::new();
        match names? {
            Ok(names) => {
                let ask = |policy| v.pages(GetUserPolicy { user: user.clone(), policy });
                for policy in all(names.concat().into_iter().map(ask))? {
                    match policy {
                        Ok(policies) => evidence.extend(policies.iter().map(allows)),
                        Err(fault) => evidence.push(format!("an inline policy could not be read: {fault}")),
                    }
                }
            }
            Err(fault) => evidence.push(format!("inline policies: not known ({fault})")),
        }
        let told = told?.map_err(refusal)?;
        match (roles?, told.first()) {
            (Ok(roles), Some(told)) => evidence.push(trusting(&roles.concat(), &told.arn)),
            (Err(fault), _) => evidence.push(format!("which roles trust the user is not known: {fault}")),
            (Ok(_), None) => evidence.push("IAM tells nothing of the user itself".to_owned()),
        }
        evidence.push(
            "resource policies (buckets, queues, secrets, keys) may allow more; every secret that it could read is to be rotated"
                .to_owned(),
        );
        Ok(Done { evidence, ..Done::default() })
    }
}

fn allows(policy: &InlinePolicy) -> String {
    let name = policy.name.shown();
    let Ok(document) = serde_json::from_str::<Json>(policy.document.wire()) else {
        return format!("inline policy {name}: its document is no JSON");
    };
    let mut actions = BTreeSet::new();
    for statement in listed(&document["Statement"]) {
        if statement["Effect"] != "Allow" {
            continue;
        }
        if !statement["NotAction"].is_null() {
            actions.insert("everything but some actions".to_owned());
        }
        actions
            .extend(listed(&statement["Action"]).into_iter().filter_map(|a| a.as_str().map(str::to_owned)));
    }
    if actions.contains("*") {
        return format!("inline policy {name} allows EVERYTHING");
    }
    format!("inline policy {name} allows: {}", some(actions))
}

/// A value, or each of a list's.
fn listed(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

/// The roles whose trust names the user, its account or everybody.
fn trusting(roles: &[Role], user: &Arn) -> String {
    let account = user.account().unwrap_or_default();
    let root = format!("arn:{}:iam::{account}:root", super::partition(user));
    let trusts = |role: &&Role| {
        let named = role.trust.as_ref().map_or_else(Vec::new, |t| principals(t.wire()));
        named.iter().any(|who| who == "*" || *who == root || who == account || who == user.wire())
    };
    let names: BTreeSet<String> = roles.iter().filter(trusts).map(|r| r.name.wire().to_owned()).collect();
    if names.is_empty() {
        return format!("none of {} trusts the user or its whole account", counted(roles.len(), "role"));
    }
    format!(
        "{} of {} could be assumed if the user's policies allow it: {}",
        names.len(),
        counted(roles.len(), "role"),
        some(names)
    )
}

/// The first names of many, neutralised.
fn some(names: BTreeSet<String>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let mut said: Vec<String> =
        names.into_iter().take(SHOWN).map(|n| Untrusted::from(n).shown().to_string()).collect();
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{PolicyName, RoleName};

    #[test]
    fn what_a_policy_allows() {
        let of =
            |document: &str| allows(&InlinePolicy { name: PolicyName::new("p"), document: document.into() });
        for (document, said) in [
            (r#"{"Statement":{"Effect":"Allow","Action":"s3:*"}}"#, "inline policy p allows: s3:*"),
            (
                r#"{"Statement":[{"Effect":"Deny","Action":"*"},{"Effect":"Allow","Action":["a:B","c:D"]}]}"#,
                "inline policy p allows: a:B, c:D",
            ),
            (r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#, "inline policy p allows EVERYTHING"),
            (
                r#"{"Statement":[{"Effect":"Allow","NotAction":"iam:*"}]}"#,
                "inline policy p allows: everything but some actions",
            ),
            ("{", "inline policy p: its document is no JSON"),
        ] {
            assert_eq!(of(document), said, "{document}");
        }
    }

    #[test]
    fn which_roles_trust_a_user() {
        let user = Arn::new("arn:aws:iam::123456789012:user/ci");
        let role = |name: &str, who: &str| Role {
            name: RoleName::new(name),
            arn: Arn::new("arn:r"),
            path: "/".into(),
            created: None,
            max_session_s: 3_600,
            trust: Some(format!(r#"{{"Statement":{{"Principal":{{"AWS":"{who}"}}}}}}"#).into()),
            last_used: None,
        };
        let roles = [
            role("a", "arn:aws:iam::123456789012:user/ci"),
            role("b", "arn:aws:iam::123456789012:root"),
            role("c", "123456789012"),
            role("d", "*"),
            role("e", "arn:aws:iam::999999999999:root"),
        ];
        let said = trusting(&roles, &user);
        assert!(said.starts_with("4 of 5 roles") && said.ends_with(": a, b, c, d"), "{said}");
        assert!(trusting(&roles[4..], &user).starts_with("none of 1 role trusts"));
    }
}
