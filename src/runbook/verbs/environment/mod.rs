//! Keys in a variable of a function: the whole environment is read under a revision, edited and sent back
//! under it, and what an alias serves is published and moved. Other variables are never looked at.

pub mod add;
pub mod publish;
pub mod remove;
pub mod served;
mod undo;

pub use self::undo::undo as undo_edit;

use super::key::list::unreadable;
use super::key::{again, managed, one, unqualified};
use crate::estate::ask::lambda::{GetFunctionConfiguration, ListFunctions, ListTags};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::edit::{Place, Shape};
use crate::estate::{Act, FunctionConfig, FunctionName, MaterialSource, MaterialVersion, Slot, Untrusted};
use crate::runbook::need::Need;
use crate::runbook::value::ValueType;
use crate::runbook::verb::Param;
use crate::runbook::verbs::near;
use crate::runbook::view::{ChangeMade, View, is_missing, refusal};

/// All names and values of an environment together: 4 KB (Lambda developer guide, "Lambda quotas").
pub const ENVIRONMENT_LIMIT: usize = 4096;

/// The slot of the environment that is edited.
const ENVIRONMENT: &str = "key.environment";

pub(super) const FUNCTION: Param =
    Param { name: "function", kind: ValueType::Text, optional: true, doc: "the function" };
pub(super) const VARIABLE: Param = Param {
    name: "variable",
    kind: ValueType::Text,
    optional: true,
    doc: "the variable of the function that holds the key",
};
pub(super) const ALIAS: Param = Param {
    name: "alias",
    kind: ValueType::Text,
    optional: true,
    doc: "the alias that callers use: a version is published and it is moved there; none: $LATEST serves",
};

/// The function that the step is about.
///
/// # Errors
/// `Refuse`, if the parameter is missing.
pub fn function(v: &View<'_>) -> Result<FunctionName, Need> {
    Ok(FunctionName::new(v.text("function")?.wire()))
}

/// Where in the environment the key is.
///
/// # Errors
/// `Refuse`, if the parameter is missing.
pub fn place(v: &View<'_>) -> Result<Place, Need> {
    let name = v.text("variable")?;
    Ok(Place::Field(format!("/{}", name.wire().replace('~', "~0").replace('/', "~1")).into()))
}

/// The configuration of `$LATEST`, once no update is under way: its revision changes when one comes through. A plan
/// does not wait for that: what would be sent is known, and the run waits before it sends it.
///
/// # Errors
/// `Again` while an update is under way; `Refuse` where variables could not be decrypted, for they come back
/// empty then and a merge would wipe them, and after an update that failed.
pub fn settled(v: &View<'_>, function: &FunctionName) -> Result<FunctionConfig, Need> {
    let asked = || GetFunctionConfiguration { function: function.clone(), version: None };
    if let Err(fault) = v.pages(asked())?
        && is_missing(&fault)
    {
        return Err(no_function(v, function)?);
    }
    let config = one(v, asked())?;
    usable(&config)?;
    let name = function.shown();
    match (config.state.wire(), config.last_update.wire()) {
        ("Pending", _) if !v.planning => Err(again(3, format!("{name} is being made"))),
        (_, "InProgress") if !v.planning => Err(again(3, format!("an update of {name} is under way"))),
        ("Failed", _) => Err(Need::Refuse(format!(
            "{name} is in state Failed: no version of it serves; mend it first (`aws lambda get-function` \
             says why)"
        ))),
        (_, "Failed") => Err(Need::Refuse(format!(
            "the last update of {name} failed: what it serves is not what its configuration says; mend that \
             first (`aws lambda get-function-configuration` says why)"
        ))),
        _ => Ok(config),
    }
}

/// There is no such function. Who may not list functions is told no other name.
///
/// # Errors
/// `Know`, until the others are listed.
pub fn no_function(v: &View<'_>, function: &FunctionName) -> Result<Need, Need> {
    let there = v.pages(ListFunctions {})?.map(|pages| pages.concat()).unwrap_or_default();
    let names = there.iter().map(|f| f.name.wire());
    let otherwise = "`aws lambda list-functions` tells which there are";
    Ok(near::missing("function", function.text(), names, otherwise))
}

/// Refuses a function that has no such variable.
///
/// # Errors
/// `Refuse`, with the nearest name and all there are.
pub fn has_variable(v: &View<'_>, config: &FunctionConfig) -> Result<(), Need> {
    let name = v.text("variable")?;
    if config.variables.contains(name) {
        return Ok(());
    }
    let names: Vec<String> = config.variables.iter().map(|n| n.shown().to_string()).collect();
    let there = match names.as_slice() {
        [] => "none".to_owned(),
        [_, ..] => names.join(", "),
    };
    Err(Need::Refuse(format!(
        "{} has no variable {}; it has {there}{}",
        config.name.shown(),
        name.shown(),
        near::hint(name, config.variables.iter().map(Untrusted::wire), "")
    )))
}

/// Refuses an environment that AWS could not decrypt.
///
/// # Errors
/// `Refuse`.
pub fn usable(config: &FunctionConfig) -> Result<(), Need> {
    match &config.environment_error {
        None => Ok(()),
        Some(why) => Err(Need::Refuse(format!(
            "the variables of {} come back empty, for they could not be decrypted ({}): an update would wipe \
             them; use a principal who may use the function's key {}",
            config.name.shown(),
            why.shown(),
            config.kms_key.as_ref().map(|k| k.shown().to_string()).unwrap_or_default()
        ))),
    }
}

/// The environment of `$LATEST` in a slot, and what may be known of the variable in it.
///
/// # Errors
/// As [`settled`]; `Again`, if it was changed between the two reads; `Refuse`, if the variable is not there.
pub fn read(v: &View<'_>, function: &FunctionName, into: &Slot) -> Result<(FunctionConfig, Shape), Need> {
    let config = settled(v, function)?;
    has_variable(v, &config)?;
    let source = MaterialSource::Environment { function: function.clone(), version: None };
    let version = v.load(&source, into)?.map_err(refusal)?;
    if version != MaterialVersion::Function(config.revision.clone()) {
        return Err(again(2, format!("{} was changed while it was read", function.shown())));
    }
    let shape = v.shape(into, &place(v)?)?.map_err(|e| unreadable("the variable", &e))?;
    if shape.entries.is_none() {
        return Err(Need::Refuse(format!("{} is no text", v.text("variable")?.shown())));
    }
    Ok((config, shape))
}

/// The configuration after `edited`, once it has come through and shows.
///
/// # Errors
/// `Again`, until then.
pub fn after(v: &View<'_>, function: &FunctionName, edited: &ChangeMade) -> Result<FunctionConfig, Need> {
    let config = settled(v, function)?;
    match &edited.change.act {
        Act::Lambda(LambdaAct::EditEnvironment { revision, .. }) if *revision == config.revision => {
            Err(again(2, format!("the update of {} does not show yet", function.shown())))
        }
        _ => Ok(config),
    }
}

/// Whether a change edits an environment.
pub fn edits(act: &Act) -> bool {
    matches!(act, Act::Lambda(LambdaAct::EditEnvironment { .. }))
}

/// What would put the old variable back, in a sentence.
///
/// # Errors
/// `Know`, until the tags are read. That they may not be read stops nothing.
pub fn template(v: &View<'_>, config: &FunctionConfig) -> Result<Option<String>, Need> {
    let tags: Result<Vec<Vec<(Untrusted, Untrusted)>>, _> =
        v.pages(ListTags { function: unqualified(&config.arn) })?;
    let name = config.name.shown();
    Ok(match tags {
        Ok(tags) => managed(&format!("the function {name}"), &tags.concat()),
        Err(fault) => Some(format!("whether a template manages {name} could not be read: {fault}")),
    })
}
