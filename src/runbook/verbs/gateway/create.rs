//! `gateway.create`: a new API key, disabled. It admits nobody, and its value can be read back, so that no
//! crash can lose it: the new key's first home.

use super::{home_of, key_of, look, replaces};
use crate::estate::ask::apigateway::GetApiKeys;
use crate::estate::change::apigateway::Act as GatewayAct;
use crate::estate::edit::{Fingerprint, Place};
use crate::estate::{Act, ApiKeyId, Change, Receipt, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::list::{new_key, new_slot, unreadable};
use crate::runbook::verbs::key::{LENGTH, VALUE, again, entered, fetch, made, print};
use crate::runbook::view::{View, is_missing, refusal};

/// Makes a key, disabled.
pub struct Create;

impl Verb for Create {
    fn name(&self) -> &'static str {
        "gateway.create"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Makes an API key, disabled and named after the run, with a new value that can be read back from it."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 3] = [
            Param {
                name: "old",
                kind: ValueType::Text,
                optional: false,
                doc: "the id of the key it replaces",
            },
            VALUE,
            LENGTH,
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "key", kind: ValueType::Text },
            Output { name: "home", kind: ValueType::Home },
            Output { name: "print", kind: ValueType::Text },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let is = |a: &Act| matches!(a, Act::ApiGateway(GatewayAct::CreateKey { .. }));
        if let Some(made) = made(v, is) {
            let key = made.made.iter().find_map(|m| match &m.receipt {
                Receipt::ApiKey(key) => Some(key.clone()),
                _ => None,
            });
            let key = key.ok_or_else(|| Need::Refuse("the id of the new key is not known".into()))?;
            return done(v, &key);
        }
        if v.planning {
            return Err(proposal(v)?);
        }
        let name = Untrusted::from(v.run.label());
        let there = v.must(GetApiKeys { name_prefix: Some(name.clone()) })?.concat();
        // `nameQuery` is a prefix. A key of this run's name is of this run: made before, and taken over.
        if let Some(ours) = there.iter().find(|k| k.name == name) {
            return done(v, &ours.id.clone());
        }
        new_key(v)?;
        if entered(v).is_some() {
            takes(v)?;
        }
        Err(proposal(v)?)
    }
}

/// A value that API Gateway takes: 20 to 128 characters ("Usage plans and API keys for REST APIs").
fn takes(v: &View<'_>) -> Result<(), Need> {
    let shape = v.shape(&new_slot(v), &Place::Whole)?.map_err(|e| unreadable("the new key", &e))?;
    if (20..=128).contains(&shape.bytes) {
        return Ok(());
    }
    Err(Need::Refuse(format!("the new key has {} characters; API Gateway takes 20 to 128", shape.bytes)))
}

fn proposal(v: &View<'_>) -> Result<Need, Need> {
    let what = key_of(v, "old")?.map_or_else(String::new, |old| format!("{}; ", replaces(&old)));
    let act = GatewayAct::CreateKey {
        name: v.run.label().into(),
        value: new_slot(v),
        description: format!("{what}made by bartizan, run {}", v.run).into(),
    };
    let changes = vec![Change { at: v.at.clone(), act: Act::ApiGateway(act) }];
    let leaves = vec!["it admits nobody until it is in a usage plan and enabled".to_owned()];
    Ok(Need::Consent(Box::new(Proposal { changes, leaves, ..Proposal::default() })))
}

fn done(v: &View<'_>, key: &ApiKeyId) -> Result<Done, Need> {
    let home = home_of(key);
    let mut done = Done::default();
    if !v.planning {
        let seen = match v.pages(crate::estate::ask::apigateway::GetApiKey { key: key.clone() })? {
            Ok(_) => look(v, key)?,
            Err(fault) if is_missing(&fault) => return Err(again(2, "the new key does not show yet")),
            Err(fault) => return Err(refusal(fault)),
        };
        let state = if seen.enabled { "enabled" } else { "disabled" };
        done.evidence.push(format!("gateway key {}, named {}, {state}", key.shown(), seen.name.shown()));
        if let Some(print) = kept(v, &home)? {
            done.outputs.insert("print".into(), Value::Text(print.hex().into()));
        }
    }
    done.outputs.insert("key".into(), Value::Text(key.text().clone()));
    done.outputs.insert("home".into(), Value::Home(home));
    Ok(done)
}

/// The fingerprint of a generated value, of what the gateway keeps: so it is known that it can be read back.
/// What a person typed gets none.
fn kept(v: &View<'_>, home: &crate::runbook::value::Home) -> Result<Option<Fingerprint>, Need> {
    fetch(v, home, &new_slot(v))?;
    if entered(v).is_some() { Ok(None) } else { print(v, &new_slot(v)) }
}
