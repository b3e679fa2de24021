//! Keys of API Gateway: made disabled under the run's name, joined to every plan of the old one, enabled;
//! the old one disabled and, in the end, deleted. There is no compare-and-swap: each verb looks first.

pub mod create;
pub mod delete;
pub mod disable;
pub mod enable;
pub mod quiet;

pub mod usage;

use super::key::{is_stand_in, one, text};
use crate::estate::ask::apigateway::{GetApiKey, GetApiKeys, GetUsagePlans};
use crate::estate::edit::Place;
use crate::estate::{ApiKey, ApiKeyId, MaterialSource, UsagePlan};
use crate::runbook::need::{Need, Question};
use crate::runbook::value::Home;
use crate::runbook::verbs::near;
use crate::runbook::view::{View, is_missing};

/// At most so many keys are offered for choice; more than that are named by id.
const CHOICES: usize = 20;

/// Where a gateway's key can be read back from.
pub fn home_of(key: &ApiKeyId) -> Home {
    Home { source: MaterialSource::ApiKey { key: key.clone() }, place: Place::Whole, entry: None }
}

/// What a parameter names as a key; `None` where that is a stand-in of planning.
///
/// # Errors
/// `Refuse`, if the parameter is missing.
pub fn key_of(v: &View<'_>, param: &str) -> Result<Option<ApiKeyId>, Need> {
    let said = v.text(param)?;
    Ok((!is_stand_in(said)).then(|| ApiKeyId::new(said.wire())))
}

/// A key as it is now.
///
/// # Errors
/// As [`View::must`].
pub fn look(v: &View<'_>, key: &ApiKeyId) -> Result<ApiKey, Need> {
    let asked = || GetApiKey { key: key.clone() };
    if let Err(fault) = v.pages(asked())?
        && is_missing(&fault)
    {
        return Err(no_key(v, key)?);
    }
    one(v, asked())
}

/// A key is often called by its name; who may not list keys is told no other.
fn no_key(v: &View<'_>, key: &ApiKeyId) -> Result<Need, Need> {
    let there = v.pages(GetApiKeys { name_prefix: None })?.map(|pages| pages.concat()).unwrap_or_default();
    let otherwise = "`aws apigateway get-api-keys` tells which there are";
    Ok(match there.iter().find(|k| k.name == *key.text()) {
        Some(named) => Need::Refuse(format!(
            "{} is the name of an API key; name it by its id, {}",
            key.shown(),
            named.id.shown()
        )),
        None => near::missing("API key", key.text(), there.iter().map(|k| k.id.wire()), otherwise),
    })
}

/// The plans that a key is in; only the one named by `usage_plan`, where one is.
///
/// # Errors
/// As [`View::must`]; `Refuse`, if the key is not in the plan that was named.
pub fn plans(v: &View<'_>, key: &ApiKeyId) -> Result<Vec<UsagePlan>, Need> {
    let all = v.must(GetUsagePlans { key: Some(key.clone()) })?.concat();
    let Some(wanted) = text(v, "usage_plan") else { return Ok(all) };
    let found: Vec<UsagePlan> =
        all.iter().filter(|p| p.id.text() == wanted || p.name == *wanted).cloned().collect();
    if found.is_empty() {
        let there: Vec<String> = all.iter().map(|p| p.name.shown().to_string()).collect();
        return Err(Need::Refuse(format!(
            "the old key is not in the usage plan {}; it is in {}{}",
            wanted.shown(),
            if there.is_empty() { "none".into() } else { there.join(", ") },
            near::hint(wanted, all.iter().flat_map(|p| [p.name.wire(), p.id.wire()]), "")
        )));
    }
    Ok(found)
}

/// The key that is replaced: as said, else the only enabled one.
///
/// # Errors
/// `Person`, if there are several; `Refuse`, if there is none. In planning nobody is asked: `Ok(None)`.
pub fn choose(v: &View<'_>) -> Result<Option<ApiKey>, Need> {
    if let Some(said) = text(v, "old") {
        return look(v, &ApiKeyId::new(said.wire())).map(Some);
    }
    let all = v.must(GetApiKeys { name_prefix: None })?.concat();
    let own = v.run.label();
    let enabled: Vec<&ApiKey> = all.iter().filter(|k| k.enabled && k.name.wire() != own).collect();
    match enabled.as_slice() {
        [] => Err(Need::Refuse("no API key is enabled here: there is none to replace".into())),
        [only] => Ok(Some((*only).clone())),
        [_, ..] if v.planning => Ok(None),
        several => {
            let shown = several.iter().take(CHOICES);
            Err(Need::Person(Question {
                text: format!("{} API keys are enabled here. Which one is replaced?", several.len()),
                evidence: shown.clone().map(|k| said_of(v, k)).collect(),
                words: false,
                accepts: vec!["old".into()],
                choices: shown.map(|k| k.id.wire().to_owned()).collect(),
            }))
        }
    }
}

/// A key in words: id, name, age.
pub fn said_of(v: &View<'_>, key: &ApiKey) -> String {
    let age = key
        .created
        .map_or_else(|| "of unknown age".to_owned(), |t| format!("{} days old", super::key::days(t, v.now)));
    format!("{} ({}), {age}", key.id.shown(), key.name.shown())
}

/// What the description of a key says that replaces `old`: another run finds it.
pub fn replaces(old: &ApiKeyId) -> String {
    format!("replaces {}", old.wire())
}
