//! `policy`: the IAM policy that this version needs, made from the closed list of questions, so that it
//! cannot ask for more or less than what is really called.

use super::args::PolicyRole;
use crate::estate::ask::{Service, Tier, operations};
use crate::estate::change;
use crate::estate::change::iam::contain::deny_all;
use crate::estate::outside::PUBLISH;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What `policy` says on stderr, for a person; the policy itself stays pure JSON.
#[must_use]
pub fn note(role: PolicyRole) -> String {
    let watch = "Every statement but one is needed. `OptionalDeadLetterOrigins` tells which functions feed a \
                 queue; it is optional because the answer of lambda:ListFunctions holds environment variables \
                 (bartizan drops them unread): leave it out, and the origin is shown as unknown.";
    match role {
        PolicyRole::Viewer => format!(
            "{watch}\nNothing here can change anything or read the value of a secret or the body of a message."
        ),
        PolicyRole::Operator | PolicyRole::BreakGlass => format!(
            "{watch}\nThe statements of runbooks read secret values and change things. `Resource` is `*` where \
             this program cannot know your names: put the ARNs of the secrets, functions and users that \
             runbooks are for in its place.{}",
            if role == PolicyRole::BreakGlass { BREAK_GLASS } else { "" }
        ),
    }
}

/// What the break-glass role needs to be said of.
const BREAK_GLASS: &str = "\nThe break-glass statements want MFA. Only the ready-made deny-all may be attached to users. \
     iam:PutRolePolicy can grant anything to a role, and no condition can say otherwise: name the roles whose sessions \
     may have to be revoked in place of `role/*`, and watch who takes this role.";

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
        Service::CloudTrail => "Trail",
        Service::Rds => "Databases",
        Service::Ec2 => "SecurityGroups",
        Service::Sns => "Telling",
        Service::Kms => "Keys",
        Service::Logs => "FunctionLogs",
        Service::Events => "EventRules",
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
    let mut statements = statements(Tier::Viewer);
    match role {
        PolicyRole::Viewer => {}
        PolicyRole::Operator => statements.extend(more(&[Tier::Operator])),
        PolicyRole::BreakGlass => {
            statements.extend(more(&[Tier::Operator, Tier::BreakGlass]));
            statements.push(access_logs());
        }
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The access logs of an incident, wherever their stages or a person say they are: no name is known before.
fn access_logs() -> Value {
    json!({
        "Sid": "BreakGlassAccessLogs",
        "Effect": "Allow",
        "Action": [FILTER],
        "Resource": "arn:aws:logs:*:*:log-group:*",
        "Condition": mfa(),
    })
}

/// The one action on lines of logs.
const FILTER: &str = "logs:FilterLogEvents";

fn mfa() -> Value {
    json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } })
}

/// What these tiers need beyond the viewer.
fn more(tiers: &[Tier]) -> Vec<Value> {
    let mut all: Vec<Value> = tiers.iter().flat_map(|tier| statements(*tier)).collect();
    // Secrets and variables under a key of the customer's own; the services use it in the caller's name
    // ("Using the kms:ViaService condition key").
    all.push(json!({
        "Sid": "KeysThroughServices",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": { "StringLike": {
            "kms:ViaService": ["lambda.*.amazonaws.com", "secretsmanager.*.amazonaws.com"],
        } },
    }));
    all
}

/// The statements of one tier, a service each.
fn statements(tier: Tier) -> Vec<Value> {
    let mut actions: BTreeMap<(Service, Narrow), BTreeSet<&'static str>> = BTreeMap::new();
    let needed = operations().chain(change::operations()).chain([&PUBLISH]).filter(|op| op.tier == tier);
    for op in needed.filter(|op| !op.iam_action.is_empty()) {
        actions.entry((op.service, Narrow::of(op.iam_action))).or_default().insert(op.iam_action);
    }
    let statement = |((service, narrow), actions): ((Service, Narrow), BTreeSet<&'static str>)| {
        let sid = match tier {
            Tier::Viewer => sid(service).to_owned(),
            Tier::Operator => format!("Runbooks{}", word(service)),
            Tier::BreakGlass => format!("BreakGlass{}{}", word(service), narrow.word()),
        };
        let mut statement =
            json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource(service, tier) });
        if tier == Tier::BreakGlass {
            statement["Condition"] = mfa();
        }
        match narrow {
            Narrow::No => {}
            Narrow::DenyAll => {
                statement["Condition"]["ArnEquals"] = json!({ "iam:PolicyARN": deny_all("aws").wire() });
            }
            Narrow::Roles => statement["Resource"] = json!("arn:aws:iam::*:role/*"),
        }
        statement
    };
    actions.into_iter().map(statement).collect()
}

/// What an action of IAM must be narrowed to, since it could grant anything ("Actions, resources, and condition keys
/// for AWS Identity and Access Management").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Narrow {
    /// Nothing.
    No,
    /// The one policy that it is for.
    DenyAll,
    /// Roles.
    Roles,
}

impl Narrow {
    fn of(action: &str) -> Self {
        match action {
            "iam:AttachUserPolicy" | "iam:DetachUserPolicy" => Narrow::DenyAll,
            "iam:PutRolePolicy" | "iam:DeleteRolePolicy" => Narrow::Roles,
            _other => Narrow::No,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Narrow::No => "",
            Narrow::DenyAll => "DenyAll",
            Narrow::Roles => "Revocations",
        }
    }
}

/// What the actions of a service are allowed on. API Gateway's are HTTP methods: without a path they would
/// reach every API ("Actions, resources, and condition keys for Amazon API Gateway Management").
fn resource(service: Service, tier: Tier) -> Value {
    match service {
        // Of these only where stages write their access logs is asked.
        Service::ApiGateway if tier == Tier::BreakGlass => {
            json!(["arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*/stages"])
        }
        Service::ApiGateway => {
            json!(["arn:aws:apigateway:*::/apikeys*", "arn:aws:apigateway:*::/usageplans*"])
        }
        // Whose invocation a dead letter is is looked for in the logs of functions, and in no others.
        Service::Logs => json!("arn:aws:logs:*:*:log-group:/aws/lambda/*"),
        Service::CloudWatch
        | Service::Sqs
        | Service::Wafv2
        | Service::SecretsManager
        | Service::Sts
        | Service::Lambda
        | Service::Iam
        | Service::CloudTrail
        | Service::Rds
        | Service::Ec2
        | Service::Sns
        | Service::Kms
        | Service::Events => json!("*"),
    }
}

/// A service in a statement's id.
fn word(service: Service) -> &'static str {
    match service {
        Service::CloudWatch => "CloudWatch",
        Service::Sqs => "Sqs",
        Service::Wafv2 => "Waf",
        Service::SecretsManager => "SecretsManager",
        Service::Sts => "Sts",
        Service::Lambda => "Lambda",
        Service::Iam => "Iam",
        Service::ApiGateway => "ApiGateway",
        Service::CloudTrail => "CloudTrail",
        Service::Rds => "Rds",
        Service::Ec2 => "Ec2",
        Service::Sns => "Telling",
        Service::Kms => "Kms",
        Service::Logs => "Logs",
        Service::Events => "Events",
    }
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
            assert!(["Get", "List", "Describe", "Lookup"].iter().any(|v| verb.starts_with(v)), "{action}");
            for never in ["GetSecretValue", "ReceiveMessage", "GetFunctionConfiguration", "Decrypt"] {
                assert!(!verb.contains(never), "{action}");
            }
        }
    }

    #[test]
    fn each_role_holds_the_one_before_and_all_that_runbooks_call() {
        let roles = [PolicyRole::Viewer, PolicyRole::Operator, PolicyRole::BreakGlass].map(document);
        let statements = |n: usize| roles[n]["Statement"].as_array().unwrap();
        for n in [1, 2] {
            assert!(statements(n - 1).iter().all(|s| statements(n).contains(s)));
        }
        let text = roles[2].to_string();
        for op in crate::estate::change::operations().chain(crate::estate::ask::operations()) {
            assert!(text.contains(op.iam_action), "{}", op.name);
        }
        for action in ["secretsmanager:PutSecretValue", "secretsmanager:GetSecretValue", "kms:Decrypt"] {
            assert!(!roles[0].to_string().contains(action), "{action}");
            assert!(roles[1].to_string().contains(action), "{action}");
        }
        // API Gateway's actions are methods, which must never be allowed on everything.
        for s in statements(2).iter().filter(|s| s["Action"].to_string().contains("apigateway:")) {
            assert!(s["Resource"].is_array(), "{s}");
            let reads = s["Action"] == serde_json::json!(["apigateway:GET"]);
            assert!(
                reads || !s["Resource"].to_string().contains("restapis"),
                "an API is only looked at: {s}"
            );
        }
        assert!(text.contains("/restapis/*/stages") && !roles[1].to_string().contains("restapis"));
        // Logs of functions for dead letters; any log only for an incident, with MFA.
        let logs = |s: &&serde_json::Value| s["Action"].to_string().contains("logs:");
        let all: Vec<_> = statements(2).iter().filter(logs).collect();
        let wide = |s: &&&serde_json::Value| s["Resource"] == "arn:aws:logs:*:*:log-group:*";
        assert_eq!((all.len(), all.iter().filter(wide).count()), (2, 1), "{all:?}");
        assert!(
            all.iter().filter(wide).all(|s| s["Condition"]["Bool"]["aws:MultiFactorAuthPresent"] == "true")
        );
        assert_eq!(statements(1).iter().filter(logs).filter(|s| wide(&s)).count(), 0);
        assert!(text.len() < 6_144 * 2, "{}", text.len());
    }

    #[test]
    fn what_could_grant_anything_is_narrowed_and_wants_mfa() {
        let document = document(PolicyRole::BreakGlass);
        let statements = document["Statement"].as_array().unwrap();
        let of = |action: &str| {
            let has = |s: &&serde_json::Value| s["Action"].as_array().unwrap().iter().any(|a| a == action);
            let found: Vec<_> = statements.iter().filter(has).collect();
            assert_eq!(found.len(), 1, "{action}");
            found[0]
        };
        for action in ["iam:AttachUserPolicy", "iam:DetachUserPolicy"] {
            let policy = &of(action)["Condition"]["ArnEquals"]["iam:PolicyARN"];
            assert_eq!(policy, "arn:aws:iam::aws:policy/AWSDenyAll");
        }
        assert_eq!(of("iam:PutRolePolicy")["Resource"], "arn:aws:iam::*:role/*");
        for action in ["iam:AttachUserPolicy", "iam:PutRolePolicy", "sts:GetAccessKeyInfo", "iam:GetUser"] {
            assert_eq!(of(action)["Condition"]["Bool"]["aws:MultiFactorAuthPresent"], "true", "{action}");
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
