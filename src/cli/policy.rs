//! `policy`: the IAM policy that this version needs, made from the closed list of questions, so that it
//! cannot ask for more or less than what is really called.

use super::args::PolicyRole;
use crate::estate::Service;
use crate::estate::ask::watched;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What `policy` says on stderr, for a person; the policy itself stays pure JSON.
pub const NOTE: &str = "\
Every statement but one is needed. `OptionalDeadLetterOrigins` tells which functions feed a queue; it is \
optional because the answer of lambda:ListFunctions holds environment variables (bartizan drops them unread): \
leave it out, and the origin is shown as unknown.
Nothing here can change anything or read the value of a secret or the body of a message.";

/// The statement that a service's questions belong to.
fn sid(service: Service) -> &'static str {
    match service {
        Service::CloudWatch => "Alarms",
        Service::Sqs => "Queues",
        Service::Wafv2 => "WebAcls",
        Service::SecretsManager => "SecretsWithoutValues",
        Service::Sts => "Identity",
        Service::Lambda => "OptionalDeadLetterOrigins",
        Service::Iam => "AccountAlias",
        Service::ApiGateway => "ApiKeys",
    }
}

/// The policy document.
///
/// The resource is `*` throughout. For the listing actions and those of CloudWatch's metrics nothing else
/// is possible ("Service Authorization Reference": they support no resource-level permissions), composite
/// alarms need it ("Permissions required for composite alarms": `DescribeAlarms` on `*`), and the others
/// read one thing after another of what those lists name, so that a narrower resource would only make gaps.
#[must_use]
pub fn document(role: PolicyRole) -> Value {
    match role {
        PolicyRole::Viewer => {}
    }
    let mut statements: BTreeMap<Service, BTreeSet<&'static str>> = BTreeMap::new();
    for op in watched().filter(|op| !op.iam_action.is_empty()) {
        statements.entry(op.service).or_default().insert(op.iam_action);
    }
    let statements: Vec<Value> = statements
        .into_iter()
        .map(|(service, actions)| {
            json!({ "Sid": sid(service), "Effect": "Allow", "Action": actions, "Resource": "*" })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[cfg(test)]
mod tests {
    use super::document;
    use crate::cli::args::PolicyRole;
    use crate::estate::ask::watched;

    fn actions() -> Vec<String> {
        let doc = document(PolicyRole::Viewer);
        doc["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|s| s["Action"].as_array().unwrap())
            .map(|a| a.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn it_grants_every_question_and_nothing_else() {
        let actions = actions();
        for op in watched() {
            assert!(op.iam_action.is_empty() || actions.iter().any(|a| a == op.iam_action), "{}", op.name);
        }
        for action in &actions {
            assert!(watched().any(|op| op.iam_action == action), "{action}");
        }
    }

    #[test]
    fn it_reads_no_value_and_changes_nothing() {
        for action in actions() {
            let verb = action.split(':').nth(1).unwrap();
            assert!(["Get", "List", "Describe"].iter().any(|v| verb.starts_with(v)), "{action}");
            for never in ["GetSecretValue", "ReceiveMessage", "GetFunctionConfiguration", "Decrypt"] {
                assert!(!verb.contains(never), "{action}");
            }
        }
    }

    #[test]
    fn statement_ids_are_what_iam_accepts() {
        let doc = document(PolicyRole::Viewer);
        for s in doc["Statement"].as_array().unwrap() {
            assert!(s["Sid"].as_str().unwrap().bytes().all(|b| b.is_ascii_alphanumeric()));
        }
        // A managed policy holds 6,144 characters without white space (IAM quotas).
        assert!(doc.to_string().len() < 6_144);
    }
}
