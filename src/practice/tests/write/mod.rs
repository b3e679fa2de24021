//! Tests of the writing half, through the ports: what a call does, and what AWS would refuse.

mod breach;
mod contain;
mod functions;
mod gateway;
mod isolate;
mod kept;
mod messages;
mod mishaps;
mod moves;
mod secrets;
mod settle;
mod shared;
mod users;

use super::{Practice, Still, all, calm, fetch_at, one, plus_seconds, quiet, with};
use crate::estate::ask::{apigateway, lambda, secretsmanager};
use crate::estate::change::{apigateway as api_call, lambda as function_call, secretsmanager as secret_call};
use crate::estate::edit::{Edit, EditOp, Entry, Place, Salt};
use crate::estate::*;
use crate::practice::Options;
use futures_util::FutureExt as _;
use zeroize::Zeroizing;

pub(super) const HANDLER: &str = "logapi-handler";
pub(super) const OLD: &str = "k8d3v6z1xq";
pub(super) const CANARY: &str = "https://q7w2m5k9ra.execute-api.us-east-1.amazonaws.com/prod/logs";

fn here() -> At {
    At { account: AccountId::new("000000000000"), region: Region::us_east_1() }
}

fn slot(name: &str) -> Slot {
    Slot::new(name)
}

fn put(vault: &Vault, name: &str, text: &str) {
    vault.put(slot(name), Zeroizing::new(text.as_bytes().to_vec()));
}

fn held(vault: &Vault, name: &str) -> String {
    vault.with(&slot(name), |b| String::from_utf8(b.to_vec()).unwrap()).unwrap()
}

fn token(attempt: u32) -> IdempotencyKey {
    IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "step", 0, attempt)
}

fn apply_at(p: &Practice, at: &At, call: &Call, attempt: u32, vault: &Vault) -> Result<Receipt, Fault> {
    p.apply(at, call, &token(attempt), vault).now_or_never().expect("nothing to wait for")
}

fn apply(p: &Practice, call: &Call, attempt: u32, vault: &Vault) -> Result<Receipt, Fault> {
    apply_at(p, &here(), call, attempt, vault)
}

fn kind(outcome: Result<Receipt, Fault>) -> FaultKind {
    outcome.unwrap_err().kind
}

fn load(p: &Practice, from: &MaterialSource, into: &str, vault: &Vault) -> Result<MaterialVersion, Fault> {
    let seen = p.load(&here(), from, slot(into), vault).now_or_never().expect("nothing to wait for")?;
    Ok(seen.value)
}

fn canary(p: &Practice, url: &str, key: &str, vault: &Vault) -> Result<u16, Fault> {
    let canary = Canary {
        method: "GET".into(),
        url: url.into(),
        header: "X-Api-Key".into(),
        prefix: "".into(),
        key: slot(key),
    };
    p.canary(&canary, vault).now_or_never().expect("nothing to wait for")
}

fn edit(ops: Vec<EditOp>) -> Edit {
    Edit { salt: Salt("salt".into()), ops }
}

fn set(field: &str, value: &str) -> Edit {
    edit(vec![EditOp::Set {
        place: Place::Field(field.into()),
        value: slot(value),
        print: None,
        create: false,
    }])
}

fn insert(field: &str, entry: &str, after: &str) -> Edit {
    edit(vec![EditOp::Insert {
        place: Place::Field(field.into()),
        entry: slot(entry),
        print: None,
        after: Some(Entry::Held(slot(after))),
    }])
}

fn remove(field: &str, entry: &str) -> Edit {
    edit(vec![EditOp::Remove { place: Place::Field(field.into()), entry: Entry::Held(slot(entry)) }])
}

// Secrets

fn arn_of(p: &Practice, name: &str) -> Arn {
    all(p, secretsmanager::ListSecrets {}).into_iter().find(|s| s.name.wire() == name).unwrap().arn
}

fn versions(p: &Practice, secret: &Arn) -> Vec<SecretVersion> {
    all(p, secretsmanager::ListSecretVersionIds { secret: secret.clone(), deprecated: true })
}

fn holder(p: &Practice, secret: &Arn, stage: &str) -> Option<VersionId> {
    versions(p, secret).into_iter().find(|v| v.has_stage(stage)).map(|v| v.id)
}

/// The text of the current version.
fn current(p: &Practice, secret: &Arn) -> String {
    let vault = Vault::default();
    let version = holder(p, secret, "AWSCURRENT").unwrap();
    load(p, &MaterialSource::Secret { secret: secret.clone(), version }, "it", &vault).unwrap();
    held(&vault, "it")
}

fn stage(secret: &Arn, stage: &str, to: Option<&VersionId>, from: Option<&VersionId>) -> Call {
    Call::SecretsManager(secret_call::Call::UpdateSecretVersionStage {
        secret: secret.clone(),
        stage: StageLabel::new(stage),
        move_to: to.cloned(),
        remove_from: from.cloned(),
    })
}

fn put_value(secret: &Arn, edit: Edit, label: &str) -> Call {
    Call::SecretsManager(secret_call::Call::PutSecretValue {
        secret: secret.clone(),
        base: slot("base"),
        edit,
        label: StageLabel::new(label),
    })
}

/// A vault with the current text of `secret` in `base` and something new in `new`.
fn vault_for(p: &Practice, secret: &Arn, new: &str) -> Vault {
    let vault = Vault::default();
    put(&vault, "base", &current(p, secret));
    put(&vault, "new", new);
    vault
}

// Functions

fn config(p: &Practice, function: &str) -> FunctionConfig {
    let function = FunctionName::new(function);
    one(p, lambda::GetFunctionConfiguration { function, version: None }).unwrap()
}

fn environment(p: &Practice, function: &str, vault: &Vault) -> Result<MaterialVersion, Fault> {
    let from = MaterialSource::Environment { function: FunctionName::new(function), version: None };
    load(p, &from, "environment", vault)
}

fn configure(function: &str, revision: &RevisionId, edit: Edit) -> Call {
    Call::Lambda(function_call::Call::UpdateFunctionConfiguration {
        function: FunctionName::new(function),
        revision: revision.clone(),
        environment: slot("environment"),
        edit,
    })
}

/// Edits the environment of a function as a run does.
fn edit_environment(p: &Practice, function: &str, edit: Edit, vault: &Vault) -> Result<Receipt, Fault> {
    let MaterialVersion::Function(revision) = environment(p, function, vault)? else { panic!("no function") };
    apply(p, &configure(function, &revision, edit), 1, vault)
}

// Gateways

fn gateway(call: api_call::Call) -> Call {
    Call::ApiGateway(call)
}

fn create_key(name: &str, value: &str) -> Call {
    let (name, description) = (name.into(), "made by a test".into());
    gateway(api_call::Call::CreateApiKey { name, value: slot(value), description })
}

fn made(outcome: Result<Receipt, Fault>) -> ApiKeyId {
    let Receipt::ApiKey(id) = outcome.unwrap() else { panic!("no key") };
    id
}

fn plans_of(p: &Practice, key: &ApiKeyId) -> Vec<UsagePlanId> {
    let plans = all(p, apigateway::GetUsagePlans { key: Some(key.clone()) });
    plans.into_iter().map(|plan| plan.id).collect()
}
