//! Changes to functions: the environment under the revision that was read, versions, aliases, a canary; and
//! the questions that go with them.

use super::change_secrets::{NEW, key, set, vault, without_effect};
use super::fill::changed::{ALIAS, function};
use super::question::{Question, Wrong, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::lambda::{
    GetFunctionConfiguration, GetProvisionedConcurrencyConfig, ListAliases, ListFunctions, ListTags,
    ListVersionsByFunction,
};
use bartizan::estate::change::lambda::Call as Write;
use bartizan::estate::{
    Alias, AliasName, Call, Fault, FaultKind, FunctionConfig, FunctionName, FunctionVersion, MaterialSource,
    MaterialVersion, Receipt, RevisionId, Slot, Untrusted, Vault,
};
use serde_json::{Value, json};
use std::time::Duration;

const UPDATE: &str =
    "Lambda API reference, UpdateFunctionConfiguration, RevisionId: PreconditionFailedException";
const PUBLISH: &str = "Lambda API reference, PublishVersion";
const MOVE: &str = "Lambda API reference, UpdateAlias";
const READ: &str = "Lambda API reference, FunctionConfiguration";

pub const CHANGES: &[Question] = &[
    Question { name: "function_configuration", source: READ, needs: Some("functions"), check: configuration },
    Question { name: "environment_edit", source: UPDATE, needs: Some("functions"), check: edited },
    Question {
        name: "environment_edit_with_a_stale_revision",
        source: UPDATE,
        needs: Some("functions"),
        check: stale,
    },
    Question { name: "publish_a_version", source: PUBLISH, needs: Some("functions"), check: published },
    Question {
        name: "publish_with_a_stale_revision",
        source: PUBLISH,
        needs: Some("functions"),
        check: publish_stale,
    },
    Question {
        name: "publish_other_code",
        source: "Lambda API reference, PublishVersion, CodeSha256: it is no longer what was looked at",
        needs: Some("functions"),
        check: publish_other,
    },
    Question { name: "move_an_alias", source: MOVE, needs: Some("aliases"), check: moved },
    Question {
        name: "move_an_alias_with_a_stale_revision",
        source: MOVE,
        needs: Some("aliases"),
        check: move_stale,
    },
    Question {
        name: "no_provisioned_concurrency",
        source: "Lambda API reference, GetProvisionedConcurrencyConfig",
        needs: Some("aliases"),
        check: |e| {
            let ask = GetProvisionedConcurrencyConfig { function: name(6), alias: AliasName::new(ALIAS) };
            same("provisioned", e.first(ask)?, None)
        },
    },
    Question {
        name: "tags_of_a_function",
        source: "Lambda API reference, ListTags",
        needs: Some("functions"),
        check: |e| {
            let all = e.all(ListFunctions {})?;
            let function = all.into_iter().find(|f| f.name == name(6)).ok_or("it is not listed")?.arn;
            same("tags", e.first(ListTags { function })?, vec![("system".into(), "shop".into())])
        },
    },
    Question {
        name: "canary_of_a_function_without_its_handler",
        source: "Lambda API reference, Invoke, FunctionError",
        needs: Some("functions"),
        check: canary,
    },
    Question {
        name: "environment_of_a_function_that_is_not",
        source: "Lambda service model: ResourceNotFoundException",
        needs: None,
        check: |e| {
            let from = MaterialSource::Environment { function: FunctionName::new("no-such"), version: None };
            refused(e.load(&from, "none", &Vault::default()), &FaultKind::NotFound)
        },
    },
];

fn name(n: usize) -> FunctionName {
    FunctionName::new(function(n))
}

/// The configuration of `$LATEST` once no update is on its way.
fn config(e: &Asking, n: usize) -> Result<FunctionConfig, Wrong> {
    for _ in 0..100 {
        let c = e.first(GetFunctionConfiguration { function: name(n), version: None })?;
        if c.last_update.wire() != "InProgress" && c.state.wire() != "Pending" {
            return Ok(c);
        }
        e.wait(Duration::from_millis(100));
    }
    Err("its update does not come to an end".into())
}

/// Reads the variables into `slot`.
fn read(e: &Asking, n: usize, slot: &str, vault: &Vault) -> Result<(RevisionId, Value), Wrong> {
    config(e, n)?;
    let from = MaterialSource::Environment { function: name(n), version: None };
    let MaterialVersion::Function(revision) = e.load(&from, slot, vault)? else {
        return Err("that is no revision".into());
    };
    let document = vault.with(&Slot::new(slot), |d| serde_json::from_slice(d).ok());
    Ok((revision, document.flatten().ok_or("no document")?))
}

fn update(e: &Asking, n: usize, revision: RevisionId, vault: &Vault) -> Result<Receipt, Fault> {
    let (function, environment, edit) = (name(n), Slot::new("environment"), set("/API_KEYS", "new"));
    let call = Write::UpdateFunctionConfiguration { function, revision, environment, edit };
    e.apply(&Call::Lambda(call), &key("environment", 1), vault)
}

fn configuration(e: &Asking) -> Result<(), Wrong> {
    let c = config(e, 0)?;
    same("version", c.version.wire(), "$LATEST")?;
    same("names", c.variables.clone(), ["API_KEYS", "EMPTY", "STAGE"].map(Untrusted::from).to_vec())?;
    same("bytes", c.environment_bytes, 18 + 29 + "prod é \"\\".len() as u32)?;
    same("handler and time-out", (c.handler.wire(), c.timeout_s), ("index.handler", 3))?;
    same(
        "error, key and SnapStart",
        (&c.environment_error, &c.kms_key, c.snap_start),
        (&None, &None, false),
    )?;
    holds("CodeSha256 or Role is missing", !c.code_sha256.is_empty() && !c.role.is_empty())?;
    holds("a variable's value was kept", !format!("{c:?}").contains("MARK"))?;
    same("state and update", (c.state.wire(), c.last_update.wire()), ("Active", "Successful"))
}

fn edited(e: &Asking) -> Result<(), Wrong> {
    let vault = vault();
    let (revision, mut document) = read(e, 1, "environment", &vault)?;
    let Receipt::Revision(_) = update(e, 1, revision.clone(), &vault)? else {
        return Err("that is no revision".into());
    };
    let (after, now) = read(e, 1, "after", &vault)?;
    document["API_KEYS"] = json!(NEW);
    holds("the variables are not the edited ones", now == document)?;
    holds("the revision is the same", after != revision)
}

fn stale(e: &Asking) -> Result<(), Wrong> {
    let vault = vault();
    let (old, document) = read(e, 2, "environment", &vault)?;
    update(e, 2, old.clone(), &vault)?;
    let (_, edited) = read(e, 2, "after", &vault)?;
    holds("nothing was edited", edited != document)?;
    without_effect(update(e, 2, old, &vault), &FaultKind::Conflict)
}

fn publish(
    e: &Asking,
    n: usize,
    revision: RevisionId,
    code: Untrusted,
    text: &str,
) -> Result<Receipt, Fault> {
    let description = Untrusted::from(text);
    let call = Write::PublishVersion { function: name(n), revision, code_sha256: code, description };
    e.apply(&Call::Lambda(call), &key("publish", 1), &Vault::default())
}

/// Changes the configuration, for unchanged ones are not published again, and publishes it.
fn publish_changed(e: &Asking, n: usize) -> Result<FunctionVersion, Wrong> {
    let vault = vault();
    let (revision, _) = read(e, n, "environment", &vault)?;
    update(e, n, revision, &vault)?;
    let c = config(e, n)?;
    match publish(e, n, c.revision, c.code_sha256, "bartizan-7f3a0b1c")? {
        Receipt::Published(version) => Ok(version),
        other => Err(format!("it gave {other:?}").into()),
    }
}

fn published(e: &Asking) -> Result<(), Wrong> {
    let version = publish_changed(e, 3)?;
    let all = e.all(ListVersionsByFunction { function: name(3) })?;
    holds("a variable's value was kept", !format!("{all:?}").contains("MARK"))?;
    let made = all.iter().find(|v| v.version == version).ok_or("the version is not listed")?;
    same("description", made.description.as_ref().map(|d| d.wire()), Some("bartizan-7f3a0b1c"))?;
    let one = e.first(GetFunctionConfiguration { function: name(3), version: Some(version.clone()) })?;
    same("version", one.version, version)
}

fn publish_stale(e: &Asking) -> Result<(), Wrong> {
    let c = config(e, 4)?;
    let stale = RevisionId::new("01234567-89ab-cdef-0123-456789abcdef");
    without_effect(publish(e, 4, stale, c.code_sha256, "x"), &FaultKind::Conflict)
}

fn publish_other(e: &Asking) -> Result<(), Wrong> {
    let c = config(e, 4)?;
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
    without_effect(publish(e, 4, c.revision, other, "x"), &FaultKind::Conflict)
}

fn alias(e: &Asking, n: usize) -> Result<Alias, Wrong> {
    let all = e.all(ListAliases { function: name(n) })?;
    Ok(all.into_iter().find(|a| a.name.wire() == ALIAS).ok_or("the alias is not listed")?)
}

fn point(e: &Asking, n: usize, version: &FunctionVersion, revision: &RevisionId) -> Result<Receipt, Fault> {
    let (alias, version, revision) = (AliasName::new(ALIAS), version.clone(), Some(revision.clone()));
    let call = Write::UpdateAlias { function: name(n), alias, version, revision };
    e.apply(&Call::Lambda(call), &key("alias", 1), &Vault::default())
}

fn moved(e: &Asking) -> Result<(), Wrong> {
    let version = publish_changed(e, 5)?;
    let before = alias(e, 5)?;
    holds("it is weighted", !before.weighted)?;
    same("receipt", point(e, 5, &version, &before.revision)?, Receipt::Done)?;
    let after = alias(e, 5)?;
    same("version", after.version, version)?;
    holds("the revision is the same", after.revision != before.revision)
}

fn move_stale(e: &Asking) -> Result<(), Wrong> {
    let before = alias(e, 6)?;
    let stale = RevisionId::new("01234567-89ab-cdef-0123-456789abcdef");
    without_effect(point(e, 6, &FunctionVersion::new("$LATEST"), &stale), &FaultKind::Conflict)?;
    same("version", alias(e, 6)?.version, before.version)
}

fn canary(e: &Asking) -> Result<(), Wrong> {
    let (payload, value) = (Untrusted::from("{\"key\":\"{key}\"}"), Some(Slot::new("new")));
    let call = Write::Invoke { function: name(7), qualifier: None, payload, value };
    match e.apply(&Call::Lambda(call), &key("canary", 1), &vault())? {
        Receipt::Invoked { status: 200, function_error: Some(_), .. } => Ok(()),
        other => Err(format!("it gave {other:?}").into()),
    }
}
