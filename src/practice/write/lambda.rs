//! Writes to functions: the environment under its revision, versions, aliases, and invocations. Source:
//! Lambda API reference, `UpdateFunctionConfiguration`, `PublishVersion`, `UpdateAlias`, `Invoke`; quotas.

mod contain;
mod replay;

pub(in crate::practice) use self::contain::mapped;

use super::Write;
use crate::estate::change::lambda::Call;
use crate::estate::edit::{self, Edit};
use crate::estate::names::{AliasName, FunctionName, FunctionVersion, RevisionId};
use crate::estate::{Fault, Receipt, Slot, Untrusted};
use crate::practice::faults;
use crate::practice::world::Due;
use crate::practice::world::function::{Config, Function, Variables};
use crate::practice::world::secret::uuid;
use crate::practice::world::text::Text;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What names and values of all variables may take together ("Lambda quotas": 4 KB).
const LARGEST: usize = 4_096;
/// Seconds until a version with SnapStart is there: its snapshot takes minutes ("Lambda SnapStart").
const SNAPSHOT: i64 = 150;
/// Seconds until provisioned concurrency is there again after an alias moved.
const PROVISIONING: i64 = 45;

pub(super) fn make(mut write: Write<'_>, call: &Call) -> Result<Receipt, Fault> {
    match call {
        Call::UpdateFunctionConfiguration { function, revision, environment, edit } => {
            configure(&mut write, function, revision, environment, edit)
        }
        Call::PublishVersion { function, revision, code_sha256, description } => {
            publish(&mut write, function, revision, code_sha256, description)
        }
        Call::UpdateAlias { function, alias, version, revision } => {
            point(&mut write, function, alias, version, revision.as_ref())
        }
        Call::Contain(call) => contain::make(&mut write, call),
        Call::Invoke { function, qualifier, payload, value } => {
            invoke(&write, function, qualifier.as_ref(), payload, value.as_ref())
        }
        Call::InvokeMessage { function, qualifier, message, wait } => {
            replay::invoke(&mut write, function, qualifier.as_ref(), message, *wait)
        }
    }
}

fn find(write: &Write<'_>, name: &FunctionName) -> Result<usize, Fault> {
    let place = write.world.function(name.wire()).filter(|_| write.here);
    place.ok_or_else(|| faults::no_function(write.op, name.wire()))
}

fn row<'a>(write: &'a mut Write<'_>, place: usize) -> Result<&'a mut Function, Fault> {
    let op = write.op;
    write.world.functions.get_mut(place).ok_or_else(|| faults::no_function(op, ""))
}

/// Refuses while an update is on its way, or when the function is not the one that was looked at.
fn unmoved(write: &mut Write<'_>, place: usize, revision: &RevisionId) -> Result<(), Fault> {
    let op = write.op;
    let f = row(write, place)?;
    if f.update.is_some() {
        let message = format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            f.arn()
        );
        return Err(faults::conflict(op, "ResourceConflictException", &message));
    }
    if f.latest.revision != revision.wire() {
        return Err(outdated(write));
    }
    Ok(())
}

fn outdated(write: &Write<'_>) -> Fault {
    let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
    faults::conflict(write.op, "PreconditionFailedException", message)
}

fn configure(
    write: &mut Write<'_>,
    name: &FunctionName,
    revision: &RevisionId,
    environment: &Slot,
    edit: &Edit,
) -> Result<Receipt, Fault> {
    let op = write.op;
    let before = write.held(environment)?;
    let edited = edit::apply(edit, &before, write.vault).map_err(|e| write.refused(e.to_string()))?;
    let wanted: BTreeMap<String, String> = serde_json::from_slice(&edited)
        .map_err(|_| write.refused("an environment is a JSON object of strings"))?;
    let wanted: BTreeMap<String, Zeroizing<Vec<u8>>> =
        wanted.into_iter().map(|(n, v)| (n, Zeroizing::new(v.into_bytes()))).collect();
    let place = find(write, name)?;
    unmoved(write, place, revision)?;
    let wrong = |message: &str| faults::invalid(op, "InvalidParameterValueException", message);
    if wanted.iter().map(|(n, v)| n.len() + v.len()).sum::<usize>() > LARGEST {
        return Err(wrong(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.",
        ));
    }
    if let Some(odd) = wanted.keys().find(|n| !is_name(n)) {
        return Err(wrong(&format!("{odd} does not match [a-zA-Z]([a-zA-Z0-9_])+")));
    }
    let old = row(write, place)?.latest.variables.clone();
    let mut variables = Variables::new();
    for (name, bytes) in wanted {
        let same = old.get(&name).filter(|t| t.bytes() == bytes.as_slice()).cloned();
        let text = same.or_else(|| Text::written(bytes, true, &mut write.world.known));
        let text = text.ok_or_else(|| wrong("a variable is not UTF-8"))?;
        variables.insert(name, text);
    }
    let at = write.at;
    let f = row(write, place)?;
    let through = at + f.rng.between(3, 9);
    f.configure(variables, at, through);
    let revision = RevisionId::new(f.latest.revision.as_str());
    write.world.plan(through, Due::Through(place));
    Ok(Receipt::Revision(revision))
}

fn is_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn publish(
    write: &mut Write<'_>,
    name: &FunctionName,
    revision: &RevisionId,
    code: &Untrusted,
    description: &Untrusted,
) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let place = find(write, name)?;
    unmoved(write, place, revision)?;
    let f = row(write, place)?;
    if f.latest.code != code.wire() {
        let message = format!(
            "CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). Please try again with the CodeSHA256 in $LATEST.",
            code.wire(),
            f.latest.code
        );
        return Err(faults::conflict(op, "InvalidParameterValueException", &message));
    }
    let last = f.versions.last();
    if let Some(same) = last.filter(|v| v.is_like(&f.latest)) {
        return Ok(Receipt::Published(FunctionVersion::new(same.version.as_str())));
    }
    let number = last.and_then(|v| v.version.parse::<u64>().ok()).unwrap_or(0) + 1;
    let version = Config {
        version: number.to_string(),
        revision: uuid(&mut f.rng),
        description: description.wire().to_owned(),
        active_at: if f.latest.snap_start { at + SNAPSHOT } else { at },
        ..f.latest.clone()
    };
    f.versions.push(version);
    Ok(Receipt::Published(FunctionVersion::new(number.to_string())))
}

fn point(
    write: &mut Write<'_>,
    name: &FunctionName,
    alias: &AliasName,
    version: &FunctionVersion,
    revision: Option<&RevisionId>,
) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let place = find(write, name)?;
    let stale = outdated(write);
    let f = row(write, place)?;
    let missing = |message: String| faults::missing(op, "ResourceNotFoundException", &message);
    let arn = f.arn();
    let there = f.version(version.wire()).is_some();
    let fresh = uuid(&mut f.rng);
    let Some(row) = f.aliases.iter_mut().find(|a| a.name == alias.wire()) else {
        return Err(missing(format!("Cannot find alias arn: {arn}:{}", alias.wire())));
    };
    if !there {
        return Err(missing(format!("Function not found: {arn}:{}", version.wire())));
    }
    if revision.is_some_and(|r| r.wire() != row.revision) {
        return Err(stale);
    }
    if let Some((_, ready)) = row.provisioned.as_mut().filter(|_| row.version != version.wire()) {
        *ready = at + PROVISIONING;
    }
    version.wire().clone_into(&mut row.version);
    row.revision = fresh;
    Ok(Receipt::Done)
}

/// Refuses what is waited for while nothing of the function runs.
fn runs(write: &Write<'_>, place: usize) -> Result<(), Fault> {
    match write.world.functions.get(place) {
        Some(f) if f.is_off() => Err(faults::throttled(write.op)),
        Some(_) | None => Ok(()),
    }
}

/// The variables that a call to `qualifier` runs on.
fn serving<'a>(
    write: &'a Write<'_>,
    place: usize,
    name: &FunctionName,
    qualifier: Option<&Untrusted>,
) -> Result<&'a Variables, Fault> {
    let op = write.op;
    let qualifier = qualifier.map(Untrusted::wire);
    let serving = write.world.functions.get(place).and_then(|f| f.serving(qualifier, write.at));
    let Some((config, variables)) = serving else {
        let message = format!("Function not found: {}:{}", name.wire(), qualifier.unwrap_or_default());
        return Err(faults::missing(op, "ResourceNotFoundException", &message));
    };
    if write.at < config.active_at {
        let message = "The operation cannot be performed at this time. The function is currently in the following state: Pending";
        return Err(faults::conflict(op, "ResourceConflictException", message));
    }
    Ok(variables)
}

/// A function whose keys are in a variable fails on an event without one of them, as an authorizer does.
fn invoke(
    write: &Write<'_>,
    name: &FunctionName,
    qualifier: Option<&Untrusted>,
    payload: &Untrusted,
    value: Option<&Slot>,
) -> Result<Receipt, Fault> {
    let op = write.op;
    let place = find(write, name)?;
    runs(write, place)?;
    let key = value.map(|slot| write.held(slot)).transpose()?;
    if serde_json::from_str::<serde::de::IgnoredAny>(payload.wire()).is_err() {
        let message = "Could not parse request body into json";
        return Err(faults::invalid(op, "InvalidRequestContentException", message));
    }
    let variables = serving(write, place, name, qualifier)?;
    let api = write.world.apis.iter().find(|a| write.world.function(&a.function) == Some(place));
    let list = api.and_then(|a| a.variable.as_ref()).and_then(|v| variables.get(v));
    let knows = |list: &Text| key.as_ref().is_some_and(|k| list.lists(k));
    let failed = list.is_some_and(|list| !knows(list));
    Ok(Receipt::Invoked { status: 200, function_error: failed.then(|| "Unhandled".into()), request: None })
}
