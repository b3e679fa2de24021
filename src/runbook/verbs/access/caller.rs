//! `access.caller`: who was denied what on what, from the message and from what is said beside it; and who looks. A
//! principal of another account is looked at there.

use super::message::read;
use super::{one, principal};
use crate::estate::ask::sts::GetCallerIdentity;
use crate::estate::{Arn, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::text;
use crate::runbook::verbs::with::{needed, optional};
use crate::runbook::view::View;

/// Reads the message.
pub struct Caller;

impl Verb for Caller {
    fn name(&self) -> &'static str {
        "access.caller"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Takes an access-denied message apart: who, which action, on what, and what kind of policy it blames; stops where \
         that is not known, or where the principal is of another account than whoever looks."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            needed("message", ValueType::Text, "the message, as it came"),
            optional("action", ValueType::Text, "the IAM action that was tried, if the message does not say"),
            optional("resource", ValueType::Text, "what it was tried on, if the message does not say"),
            optional("principal", ValueType::Text, "who tried it, if the message does not say"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "principal", kind: ValueType::Text },
            Output { name: "action", kind: ValueType::Text },
            Output { name: "resource", kind: ValueType::Text },
            Output { name: "reason", kind: ValueType::Text },
            Output { name: "kms", kind: ValueType::Flag },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let said = read(v.text("message")?.wire());
        let me = one(v, GetCallerIdentity {})?;
        let given = |name: &str| text(v, name).map(|t| t.wire().to_owned());
        let who = given("principal").or_else(|| said.who.clone());
        let session = Arn::new(who.clone().unwrap_or_else(|| me.arn.wire().to_owned()));
        let Some(role) = principal(&session) else {
            return Err(Need::Refuse(format!(
                "{} has no policies of IAM to be looked at: the root user is denied by the organization's policies and by \
                 explicit denies of resources only, and a federated user has those of whoever made the session",
                session.shown()
            )));
        };
        let account = me.account.to_string();
        if role.account() != Some(account.as_str()) {
            return Err(Need::Refuse(format!(
                "{} is of another account than {account}, in which this looks: start it there; the resource's own policy \
                 must allow it too, and the key's",
                role.shown()
            )));
        }
        let action = given("action").or_else(|| said.action.clone()).ok_or_else(|| missing("action"))?;
        let resource =
            given("resource").or_else(|| said.resource.clone()).ok_or_else(|| missing("resource"))?;
        let shown = |t: &str| Untrusted::from(t).shown().to_string();
        let mut evidence = vec![format!("{} tried {} on {}", role.shown(), shown(&action), shown(&resource))];
        evidence.push(match who {
            Some(_) => format!("you are {}", me.principal().shown()),
            None => "the message does not say who tried it: you are taken for it".to_owned(),
        });
        evidence.push(match (said.blames, said.explicit) {
            (Some(kind), true) => format!("the message blames an explicit deny in {}", words(kind)),
            (Some(kind), false) => format!("the message blames that nothing allows it in {}", words(kind)),
            (None, _) => "the message does not say what kind of policy: each is looked at".to_owned(),
        });
        if said.kms {
            evidence.push("the message is about a key: most often it is the key, not the thing".to_owned());
        }
        let value = |t: String| Value::Text(t.into());
        let mut outputs = vec![
            ("principal".to_owned(), Value::Text(role.text().clone())),
            ("action".to_owned(), value(action)),
            ("resource".to_owned(), value(resource)),
            ("kms".to_owned(), Value::Flag(said.kms)),
        ];
        outputs.extend(said.blames.map(|kind| ("reason".to_owned(), Value::Text(kind.into()))));
        Ok(Done { evidence, outputs: outputs.into_iter().collect() })
    }
}

fn missing(what: &str) -> Need {
    Need::Refuse(format!("the message does not say the {what}: start again with `--set {what}=...`"))
}

/// A kind of policy as it is said.
fn words(kind: &str) -> &'static str {
    match kind {
        "organization" => "a policy of the organization",
        "boundary" => "a permissions boundary",
        "endpoint" => "the policy of a VPC endpoint",
        "session" => "a session policy (given when the role was assumed: look where it is assumed)",
        "resource" => "the resource's own policy",
        _ => "the identity's own policies",
    }
}
