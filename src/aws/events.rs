//! The questions to EventBridge, which speaks JSON 1.1: two signed requests, for which a whole SDK crate would be too much.
//! Source: EventBridge API reference, `ListRules`, `ListTargetsByRule`; "AWS JSON 1.1 protocol" (Smithy).

use super::clients::Clients;
use super::convert::{malformed, need, next, text, token};
use super::fault::Judge;
use super::logs::understood;
use super::query::{Sent, exchange};
use crate::estate::ask::events::{Answer, Ask};
use crate::estate::{Arn, Cursor, EventRule, Fault, Region, RuleTarget, Service, Untrusted};
use aws_credential_types::Credentials;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// "Valid Range: ... Maximum value of 100."
const PAGE: u32 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rules {
    rules: Vec<Rule>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    name: Option<String>,
    state: Option<String>,
    schedule_expression: Option<String>,
    managed_by: Option<String>,
}

/// Of a target nothing else is taken over: what it sends may be secret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    id: Option<String>,
    arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Targets {
    targets: Vec<Target>,
    next_token: Option<String>,
}

/// To whom, and from where on.
struct To<'a> {
    clients: &'a Clients,
    at: &'a Region,
    credentials: &'a Credentials,
    from: Option<&'a Cursor>,
}

pub(super) async fn ask(
    clients: &Clients,
    at: &Region,
    credentials: &Credentials,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let (op, to) = (judge.operation(), To { clients, at, credentials, from });
    match ask {
        Ask::ListRules(_) => {
            let page: Rules = asked(&to, "AWSEvents.ListRules", json!({}), judge).await?;
            let rules = page.rules.into_iter().map(|r| {
                Ok(EventRule {
                    name: Untrusted::from(need(op, "Name", r.name)?),
                    state: Untrusted::from(r.state.unwrap_or_default()),
                    schedule: text(r.schedule_expression),
                    managed_by: text(r.managed_by),
                })
            });
            Ok((Answer::ListRules(rules.collect::<Result<_, Fault>>()?), next(op, from, page.next_token)?))
        }
        Ask::ListTargetsByRule(q) => {
            let wanted = json!({ "Rule": q.rule.wire() });
            let page: Targets = asked(&to, "AWSEvents.ListTargetsByRule", wanted, judge).await?;
            let targets = page.targets.into_iter().map(|t| {
                let id = Untrusted::from(t.id.unwrap_or_default());
                Ok(RuleTarget { id, arn: Arn::new(need(op, "Arn", t.arn)?) })
            });
            let targets = targets.collect::<Result<_, Fault>>()?;
            Ok((Answer::ListTargetsByRule(targets), next(op, from, page.next_token)?))
        }
    }
}

async fn asked<T: DeserializeOwned>(
    to: &To<'_>,
    target: &'static str,
    mut wanted: Value,
    judge: &Judge<'_>,
) -> Result<T, Fault> {
    wanted["Limit"] = json!(PAGE);
    if let Some(token) = token(to.from) {
        wanted["NextToken"] = json!(token);
    }
    let body = serde_json::to_vec(&wanted).map_err(|e| malformed(judge.operation(), e.to_string()))?;
    let sent = Sent { kind: "application/x-amz-json-1.1", target: Some(target), body: Zeroizing::new(body) };
    exchange(to.clients, (Service::Events, to.at), to.credentials, sent, judge, understood).await
}
