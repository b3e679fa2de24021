//! `gateway.delete`: the old key, for ever. Only a disabled one.

use super::{key_of, plans};
use crate::estate::ask::apigateway::GetApiKey;
use crate::estate::change::apigateway::Act as GatewayAct;
use crate::estate::{Act, ApiKey, ApiKeyId, Change};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{again, made};
use crate::runbook::view::{View, is_missing, refusal};

/// Deletes a key.
pub struct Delete;

impl Verb for Delete {
    fn name(&self) -> &'static str {
        "gateway.delete"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Deletes a disabled API key for ever; its id must be typed."
    }

    fn takes(&self) -> &'static [Param] {
        &[Param { name: "old", kind: ValueType::Text, optional: false, doc: "the id of the old key" }]
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let is = |a: &Act| matches!(a, Act::ApiGateway(GatewayAct::DeleteKey { .. }));
        let deleted = made(v, is).is_some();
        let Some(old) = key_of(v, "old")? else {
            let old = ApiKeyId::new(v.text("old")?.wire());
            return if deleted { Ok(Done::default()) } else { Err(proposal(v, &old, None)?) };
        };
        let seen = match v.pages(GetApiKey { key: old.clone() })? {
            Ok(keys) => keys.into_iter().next(),
            Err(fault) if is_missing(&fault) => None,
            Err(fault) => return Err(refusal(fault)),
        };
        match seen {
            Some(key) if !deleted => {
                if key.enabled && !v.planning {
                    return Err(Need::Refuse(format!(
                        "{} is enabled again: somebody needs it; a key is only deleted after it was disabled",
                        old.shown()
                    )));
                }
                Err(proposal(v, &old, Some(&key))?)
            }
            Some(_) if !v.planning => Err(again(2, "the old key still shows")),
            Some(_) | None => {
                Ok(Done { evidence: vec![format!("{} is deleted", old.shown())], ..Done::default() })
            }
        }
    }
}

fn proposal(v: &View<'_>, old: &ApiKeyId, seen: Option<&ApiKey>) -> Result<Need, Need> {
    let name = seen.map_or_else(|| "the old key".into(), |k| k.name.clone());
    let act = GatewayAct::DeleteKey { key: old.clone(), name };
    let mut breaks = vec!["it cannot be undone: a key with its value can only be made anew".to_owned()];
    if seen.is_some() {
        let names: Vec<String> = plans(v, old)?.iter().map(|p| p.name.shown().to_string()).collect();
        if !names.is_empty() {
            breaks.push(format!("it leaves the usage plans {}, with its usage so far", names.join(", ")));
        }
    }
    let changes = vec![Change { at: v.at.clone(), act: Act::ApiGateway(act) }];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, ..Proposal::default() })))
}
