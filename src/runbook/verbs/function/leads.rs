//! `function.leads`: what else is in wrong hands when a function is: the sessions of its role, what its variables hold, the
//! secrets that its role may read; and what brings back what it missed. Each with the command that does it. Looks only.

use super::stopped::drain;
use super::{FUNCTION, config, function};
use crate::estate::ask::iam::{GetRolePolicy, ListAttachedRolePolicies, ListRolePolicies};
use crate::estate::{Arn, InlinePolicy, RoleName, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::shell::quote;
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::contain::{revoke_command, together, wants};
use crate::runbook::verbs::key::{all, text};
use crate::runbook::verbs::with::{list, optional};
use crate::runbook::view::View;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Says what to do next.
pub struct Leads;

/// What in a variable's name says that its value is a secret.
const SECRET: &[&str] =
    &["KEY", "SECRET", "TOKEN", "PASS", "PWD", "CREDENTIAL", "URI", "DSN", "AUTH", "WEBHOOK"];

impl Verb for Leads {
    fn name(&self) -> &'static str {
        "function.leads"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Names what whoever ran code in a function may have taken: its role's sessions, the values of its variables, the \
         secrets that its role may read; and the queues to drain once it runs again. Each with its command."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            FUNCTION,
            optional("role", ValueType::Text, "the name of its role"),
            optional("dead", ValueType::List, "the ARNs of where its failed events go"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "secrets", kind: ValueType::List }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let name = function(v)?;
        let config = config(v, &name)?;
        let mut said = Vec::new();
        let mut secrets = BTreeSet::new();
        if let Some(role) = text(v, "role") {
            said.push(format!(
                "OPEN: whoever ran code in it has the sessions of its role {}: `{}`",
                role.shown(),
                revoke_command(role.wire())
            ));
            let role = RoleName::new(role.wire());
            let names = v.pages(ListRolePolicies { role: role.clone() });
            let attached = v.pages(ListAttachedRolePolicies { role: role.clone() });
            together([wants(&names), wants(&attached)])?;
            match names? {
                Ok(pages) => {
                    let ask = |policy| v.pages(GetRolePolicy { role: role.clone(), policy });
                    for policy in all(pages.concat().into_iter().map(ask))? {
                        match policy {
                            Ok(policies) => policies.iter().for_each(|p| secrets.extend(readable(p))),
                            Err(fault) => said.push(format!("an inline policy could not be read: {fault}")),
                        }
                    }
                }
                Err(fault) => said.push(format!("which secrets its role may read is not known: {fault}")),
            }
            match attached? {
                Ok(pages) => {
                    let names: Vec<String> =
                        pages.concat().iter().map(|p| p.name.shown().to_string()).collect();
                    if !names.is_empty() {
                        said.push(format!(
                            "its role's managed policies are not read here, and may let it read more: {}",
                            names.join(", ")
                        ));
                    }
                }
                Err(fault) => said.push(format!("its role's managed policies: not known ({fault})")),
            }
        }
        for secret in &secrets {
            said.push(match secret.as_str() {
                "*" => "OPEN: its role may read EVERY secret: rotate those that the application uses".to_owned(),
                one => format!(
                    "OPEN: its role may read the secret {}: `bartizan runbook start secret-update --set secret={}`",
                    Untrusted::from(one).shown(),
                    quote(one)
                ),
            });
        }
        for variable in config.variables.iter().filter(|n| is_secret(n.wire())) {
            said.push(format!(
                "OPEN: the value of its variable {} was readable by whoever ran code in it: `bartizan runbook start \
                 api-key-rotation --set store=lambda-env --set function={} --set variable={}`, or where it is issued",
                variable.shown(),
                quote(name.wire()),
                quote(variable.wire())
            ));
        }
        let queues = list(v, "dead").iter().map(|a| Arn::new(a.wire()));
        for queue in queues.filter(|a| a.service() == Some("sqs")) {
            let queue = queue.resource();
            said.push(format!(
                "LATER: what it missed is in {}; when it runs again: `{}` (it refuses while the concurrency is 0)",
                queue.shown(),
                drain(&queue)
            ));
        }
        said.push(format!(
            "it stays stopped until `bartizan runbook undo {}` gives back its concurrency and then its event sources",
            v.run
        ));
        let secrets = secrets.into_iter().map(Untrusted::from).collect();
        Ok(Done { evidence: said, outputs: [("secrets".to_owned(), Value::List(secrets))].into() })
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET.iter().any(|word| name.contains(word))
}

/// The secrets that a policy lets its role read; `*` for all of them.
fn readable(policy: &InlinePolicy) -> BTreeSet<String> {
    let Ok(document) = serde_json::from_str::<Json>(policy.document.wire()) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for statement in listed(&document["Statement"]) {
        let action = |a: &Json| {
            let action = a.as_str().unwrap_or_default().to_ascii_lowercase();
            let reads = ["secretsmanager:getsecretvalue", "secretsmanager:batchgetsecretvalue"];
            let matches = |whole: &str| match action.split_once('*') {
                Some((head, _)) => whole.starts_with(head),
                None => action == whole,
            };
            reads.iter().any(|r| matches(r))
        };
        if statement["Effect"] != "Allow" || !listed(&statement["Action"]).into_iter().any(action) {
            continue;
        }
        for resource in listed(&statement["Resource"]).into_iter().filter_map(Json::as_str) {
            match resource {
                "*" => found.insert("*".to_owned()),
                one if one.contains(":secret:*") => found.insert("*".to_owned()),
                one if one.contains(":secretsmanager:") => found.insert(one.to_owned()),
                _ => false,
            };
        }
    }
    found
}

/// A value, or each of a list's.
fn listed(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::PolicyName;

    #[test]
    fn which_secrets_a_policy_reads() {
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-AbCdEf";
        let of = |document: String| {
            readable(&InlinePolicy { name: PolicyName::new("p"), document: document.into() })
        };
        for (action, resource, found) in [
            (r#""secretsmanager:GetSecretValue""#, format!(r#""{arn}""#), vec![arn]),
            (r#"["a:B","secretsmanager:*"]"#, format!(r#"["{arn}","arn:aws:s3:::x"]"#), vec![arn]),
            (r#""secretsmanager:Get*""#, r#""*""#.to_owned(), vec!["*"]),
            (r#""*""#, r#""*""#.to_owned(), vec!["*"]),
            (r#""secretsmanager:DescribeSecret""#, r#""*""#.to_owned(), vec![]),
            (r#""s3:*""#, format!(r#""{arn}""#), vec![]),
        ] {
            let document =
                format!(r#"{{"Statement":{{"Effect":"Allow","Action":{action},"Resource":{resource}}}}}"#);
            assert_eq!(of(document).iter().map(String::as_str).collect::<Vec<_>>(), found, "{action}");
        }
        let denied = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
        assert!(of(denied.into()).is_empty() && of("{".into()).is_empty());
    }

    #[test]
    fn which_variables_hold_secrets_by_their_names() {
        for (name, secret) in
            [("DB_PASSWORD", true), ("API_KEYS", true), ("MONGODB_URI", true), ("STAGE", false)]
        {
            assert_eq!(is_secret(name), secret, "{name}");
        }
    }
}
