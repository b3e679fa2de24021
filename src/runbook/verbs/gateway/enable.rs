//! `gateway.enable`: the new key into every usage plan of the old one, and enabled.

use super::{key_of, look, plans};
use crate::estate::ask::apigateway::GetUsagePlans;
use crate::estate::change::Purpose;
use crate::estate::change::apigateway::Act as GatewayAct;
use crate::estate::{Act, ApiKeyId, Change, UsagePlan, UsagePlanId};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::again;
use crate::runbook::view::View;

/// Joins the plans and enables.
pub struct Enable;

impl Verb for Enable {
    fn name(&self) -> &'static str {
        "gateway.enable"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Adds the new API key to every usage plan of the old one (or to the one that is named), and enables it."
    }

    fn takes(&self) -> &'static [Param] {
        &[
            Param { name: "key", kind: ValueType::Text, optional: false, doc: "the id of the new key" },
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the id of the old key" },
            Param {
                name: "usage_plan",
                kind: ValueType::Text,
                optional: true,
                doc: "only this plan of the old key, by id or name",
            },
        ]
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let wanted = match key_of(v, "old")? {
            Some(old) => plans(v, &old)?,
            None => Vec::new(),
        };
        if v.planning && v.done.is_empty() {
            let key = ApiKeyId::new(v.text("key")?.wire());
            return Err(proposal(v, &key, v.run.label().as_str(), &wanted, &wanted));
        }
        let Some(key) = key_of(v, "key")? else { return Ok(Done::default()) };
        let joined = v.must(GetUsagePlans { key: Some(key.clone()) })?.concat();
        let seen = look(v, &key)?;
        let missing: Vec<UsagePlan> =
            wanted.iter().filter(|p| !joined.iter().any(|j| j.id == p.id)).cloned().collect();
        let was_made = |is: fn(&GatewayAct) -> bool| {
            v.done.iter().any(|c| matches!(&c.change.act, Act::ApiGateway(act) if is(act)))
        };
        let to_join = !missing.is_empty() && !was_made(|a| matches!(a, GatewayAct::JoinPlans { .. }));
        let to_enable = !seen.enabled && !was_made(|a| matches!(a, GatewayAct::SetEnabled { .. }));
        if to_join || to_enable {
            let missing = if to_join { missing } else { Vec::new() };
            return Err(proposal(v, &key, seen.name.wire(), &wanted, &missing));
        }
        if !missing.is_empty() || !seen.enabled {
            return Err(again(2, "what was changed does not show yet"));
        }
        let names: Vec<String> = wanted.iter().map(|p| p.name.shown().to_string()).collect();
        let place = if names.is_empty() {
            "in no usage plan, as the old one".to_owned()
        } else {
            format!("in plans {}", names.join(", "))
        };
        Ok(Done { evidence: vec![format!("{} is enabled, {place}", key.shown())], ..Done::default() })
    }
}

fn proposal(v: &View<'_>, key: &ApiKeyId, name: &str, wanted: &[UsagePlan], missing: &[UsagePlan]) -> Need {
    let mut acts = Vec::new();
    if !missing.is_empty() {
        let plans: Vec<UsagePlanId> = missing.iter().map(|p| p.id.clone()).collect();
        acts.push(GatewayAct::JoinPlans { key: key.clone(), plans });
    }
    acts.push(GatewayAct::SetEnabled {
        key: key.clone(),
        name: name.into(),
        enabled: true,
        purpose: Purpose::Routine,
    });
    let breaks = if wanted.is_empty() {
        vec!["the old key is in no usage plan: stages that want a plan admit neither".to_owned()]
    } else {
        Vec::new()
    };
    let changes =
        acts.into_iter().map(|act| Change { at: v.at.clone(), act: Act::ApiGateway(act) }).collect();
    let leaves = vec!["the old key works on".to_owned()];
    Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None }))
}
