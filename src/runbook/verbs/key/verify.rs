//! `key.verify`: at the end, the old key is really gone and the new one in its place, as AWS says now.

use super::list::{Format, count, fingerprint, has};
use super::{Store, again, secret, text};
use crate::estate::ask::apigateway::GetApiKey;
use crate::estate::edit::Shape;
use crate::estate::time::seconds_between;
use crate::estate::{ApiKeyId, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::{environment, gateway, iam};
use crate::runbook::view::{View, is_missing, refusal};

/// Looks whether the rotation is complete.
pub struct Verify;

/// How long reads may still tell of what was, in seconds.
const PATIENCE: i64 = 300;

impl Verb for Verify {
    fn name(&self) -> &'static str {
        "key.verify"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Looks whether the old key is gone from every store of the run and the new one is there and enabled."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 13] = [
            Param { name: "store", kind: ValueType::Text, optional: false, doc: "where the key is" },
            Param { name: "old", kind: ValueType::Text, optional: true, doc: "the old key, by id" },
            Param { name: "entry", kind: ValueType::Text, optional: true, doc: "the old key's fingerprint" },
            Param {
                name: "gateway_key",
                kind: ValueType::Text,
                optional: true,
                doc: "the id of the gateway's new key",
            },
            Param {
                name: "access_key",
                kind: ValueType::Text,
                optional: true,
                doc: "the id of the new access key",
            },
            Param {
                name: "function_print",
                kind: ValueType::Text,
                optional: true,
                doc: "the new key's fingerprint in the function's list: it must be there",
            },
            Param {
                name: "secret_print",
                kind: ValueType::Text,
                optional: true,
                doc: "the new key's fingerprint in the secret: it must be there",
            },
            Param { name: "format", kind: ValueType::Text, optional: true, doc: "`list` or `single`" },
            secret::SECRET,
            secret::FIELD,
            environment::FUNCTION,
            environment::VARIABLE,
            iam::USER,
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        if v.planning {
            return Ok(Done {
                evidence: vec!["looks whether the old key is gone and the new one is there".into()],
                ..Done::default()
            });
        }
        let mut said = Vec::new();
        match Store::of(v)? {
            Store::Secret => of_secret(v, &mut said)?,
            Store::LambdaEnv => of_environment(v, &mut said)?,
            Store::ApiGateway => of_gateway(v, &mut said)?,
            Store::IamUser => of_user(v, &mut said)?,
            Store::Both => {
                of_gateway(v, &mut said)?;
                of_environment(v, &mut said)?;
            }
        }
        Ok(Done { evidence: said, ..Done::default() })
    }
}

/// Looks again for a while, for reads may be old; then it is so.
fn not_so(v: &View<'_>, what: String) -> Need {
    if seconds_between(v.since, v.now) < PATIENCE {
        return again(5, what);
    }
    Need::Refuse(format!("{what}; look at it, mend it, and resume"))
}

fn of_list(v: &View<'_>, shape: &Shape, what: &str, new: &str, said: &mut Vec<String>) -> Result<(), Need> {
    let old = text(v, "entry").and_then(fingerprint);
    if old.as_ref().is_some_and(|old| has(shape, old)) {
        return Err(not_so(v, format!("the old key is still in {what}")));
    }
    let new = text(v, new).and_then(fingerprint);
    if new.as_ref().is_some_and(|new| !has(shape, new)) {
        return Err(not_so(v, format!("the new key is not in {what}: somebody changed it since")));
    }
    said.push(match (Format::of(v), &old) {
        (Format::List, Some(_)) => {
            format!("{what} has {} entries, and the old key is not among them", count(shape))
        }
        (Format::Single, Some(_)) => format!("{what} no longer holds the old key"),
        (_, None) => format!("{what} holds a text; the old one was too short to be told again"),
    });
    Ok(())
}

fn of_secret(v: &View<'_>, said: &mut Vec<String>) -> Result<(), Need> {
    let secret = secret::secret(v)?;
    let (version, shape) = secret::read(v, &secret, &secret::place(v), &Slot::new("key.verify"))?;
    let what = format!("version {} of {}", version.shown(), secret.resource().shown());
    of_list(v, &shape, &what, "secret_print", said)
}

fn of_environment(v: &View<'_>, said: &mut Vec<String>) -> Result<(), Need> {
    let function = environment::function(v)?;
    let (_, shape) = environment::read(v, &function, &Slot::new("key.verify"))?;
    let what = format!("{} of {}", v.text("variable")?.shown(), function.shown());
    of_list(v, &shape, &what, "function_print", said)
}

fn of_gateway(v: &View<'_>, said: &mut Vec<String>) -> Result<(), Need> {
    let old = ApiKeyId::new(v.text("old")?.wire());
    match v.pages(GetApiKey { key: old.clone() })? {
        Ok(_) => return Err(not_so(v, format!("the gateway still has {}", old.shown()))),
        Err(fault) if is_missing(&fault) => said.push(format!("the gateway has {} no more", old.shown())),
        Err(fault) => return Err(refusal(fault)),
    }
    let new = gateway::look(v, &ApiKeyId::new(v.text("gateway_key")?.wire()))?;
    if !new.enabled {
        return Err(not_so(v, format!("{} is disabled", new.id.shown())));
    }
    let plans = gateway::plans(v, &new.id)?.len();
    said.push(format!("{} is enabled, in {plans} usage plans", new.id.shown()));
    Ok(())
}

fn of_user(v: &View<'_>, said: &mut Vec<String>) -> Result<(), Need> {
    let user = iam::user(v)?;
    let there = iam::keys(v, &user)?;
    let (old, new) = (v.text("old")?, v.text("access_key")?);
    if there.iter().any(|k| k.id.text() == old) {
        return Err(not_so(v, format!("{} still has {}", user.shown(), old.shown())));
    }
    if !there.iter().any(|k| k.id.text() == new && k.active) {
        return Err(not_so(v, format!("{} has no active key {}", user.shown(), new.shown())));
    }
    said.push(format!("{} has {} and no longer {}", user.shown(), new.shown(), old.shown()));
    Ok(())
}
