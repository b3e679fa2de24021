//! Access keys of IAM users: a second one is made and its pair goes at once into a secret; the old one is
//! deactivated and, in the end, deleted. There is no compare-and-swap: each verb looks first.
//! Source: IAM user guide, "Managing access keys for IAM users".

pub mod create;
pub mod deactivate;
pub mod delete;

use super::key::{days, is_stand_in, one, text};
use crate::estate::ask::iam::{GetAccessKeyLastUsed, ListAccessKeys};
use crate::estate::{AccessKey, AccessKeyId, KeyLastUsed, UserName};
use crate::runbook::need::{Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::Param;
use crate::runbook::verbs::near;
use crate::runbook::view::{View, is_missing};

pub(super) const USER: Param =
    Param { name: "user", kind: ValueType::Text, optional: true, doc: "the IAM user" };

/// The user that the step is about.
///
/// # Errors
/// `Refuse`, if the parameter is missing.
pub fn user(v: &View<'_>) -> Result<UserName, Need> {
    Ok(UserName::new(v.text("user")?.wire()))
}

/// The access keys of a user.
///
/// # Errors
/// As [`View::must`].
pub fn keys(v: &View<'_>, user: &UserName) -> Result<Vec<AccessKey>, Need> {
    let asked = || ListAccessKeys { user: user.clone() };
    match v.pages(asked())? {
        Err(fault) if is_missing(&fault) => Err(near::user(v, user)?),
        Ok(_) | Err(_) => Ok(v.must(asked())?.concat()),
    }
}

/// When a key was last used.
///
/// # Errors
/// As [`View::must`].
pub fn last_used(v: &View<'_>, key: &AccessKeyId) -> Result<KeyLastUsed, Need> {
    one(v, GetAccessKeyLastUsed { key: key.clone() })
}

/// What a parameter names as an access key; `None` where that is a stand-in of planning.
///
/// # Errors
/// `Refuse`, if the parameter is missing.
pub fn key_of(v: &View<'_>, param: &str) -> Result<Option<AccessKeyId>, Need> {
    let said = v.text(param)?;
    Ok((!is_stand_in(said)).then(|| AccessKeyId::new(said.wire())))
}

/// The key that is replaced: as said, else the only one.
///
/// # Errors
/// `Person`, if there are several; `Refuse`, if there is none. In planning nobody is asked: `Ok(None)`.
pub fn choose(v: &View<'_>, user: &UserName) -> Result<Option<AccessKey>, Need> {
    let there = keys(v, user)?;
    if let Some(said) = text(v, "old") {
        let found = there.iter().find(|k| k.id.text() == said);
        return found.cloned().map(Some).ok_or_else(|| {
            let ids = there.iter().map(|k| k.id.wire());
            let hint = near::hint(said, ids, "leave `old` out, and it is asked where there are several");
            Need::Refuse(format!("{} has no access key {}{hint}", user.shown(), said.shown()))
        });
    }
    match there.as_slice() {
        [] => Err(Need::Refuse(format!("{} has no access key that could be replaced", user.shown()))),
        [only] => Ok(Some(only.clone())),
        [_, ..] if v.planning => Ok(None),
        several => Err(Need::Person(Question {
            text: format!("{} has {} access keys. Which one is replaced?", user.shown(), several.len()),
            evidence: several.iter().map(|k| said_of(v, k)).collect(),
            words: false,
            accepts: vec!["old".into()],
            choices: several.iter().map(|k| k.id.wire().to_owned()).collect(),
        })),
    }
}

/// A key in words: id, state, age.
pub fn said_of(v: &View<'_>, key: &AccessKey) -> String {
    let state = if key.active { "active" } else { "inactive" };
    let age =
        key.created.map_or_else(|| "of unknown age".to_owned(), |t| format!("{} days old", days(t, v.now)));
    format!("{}, {state}, {age}", key.id.shown())
}
