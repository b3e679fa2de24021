//! How verbs read their parameters, beyond what the view itself gives, and the patience that verifying verbs
//! share.

use super::super::need::{Fact, Need, Want};
use super::super::value::{Home, Value, ValueType};
use super::super::verb::Param;
use super::super::view::View;
use super::super::words;
use crate::estate::edit::EditFault;
use crate::estate::time::seconds_between;
use crate::estate::{Slot, Untrusted};
use std::time::Duration;

/// A parameter that must be there.
pub(super) const fn needed(name: &'static str, kind: ValueType, doc: &'static str) -> Param {
    Param { name, kind, optional: false, doc }
}

/// A parameter that may be left out.
pub(super) const fn optional(name: &'static str, kind: ValueType, doc: &'static str) -> Param {
    Param { name, kind, optional: true, doc }
}

fn missing(name: &str) -> Need {
    Need::Refuse(format!("the step's parameter {name} is missing"))
}

/// The seconds of a duration.
pub(super) fn seconds(view: &View<'_>, name: &str) -> Result<u64, Need> {
    match view.with.get(name) {
        Some(Value::Duration(seconds)) => Ok(*seconds),
        Some(_) | None => Err(missing(name)),
    }
}

/// A whole number, if it is there.
pub(super) fn number(view: &View<'_>, name: &str) -> Option<i64> {
    match view.with.get(name) {
        Some(Value::Number(number)) => Some(*number),
        Some(_) | None => None,
    }
}

/// Texts, if they are there.
pub(super) fn list<'a>(view: &'a View<'_>, name: &str) -> &'a [Untrusted] {
    match view.with.get(name) {
        Some(Value::List(texts)) => texts,
        Some(_) | None => &[],
    }
}

/// Where a value is at home.
pub(super) fn home<'a>(view: &'a View<'_>, name: &str) -> Result<&'a Home, Need> {
    match view.with.get(name) {
        Some(Value::Home(home)) => Ok(home),
        Some(_) | None => Err(missing(name)),
    }
}

/// The slot of a secret, if it is there.
pub(super) fn secret<'a>(view: &'a View<'_>, name: &str) -> Option<&'a Slot> {
    match view.with.get(name) {
        Some(Value::Secret(slot)) => Some(slot),
        Some(_) | None => None,
    }
}

/// Whether two documents are the same but for some top-level fields.
pub(super) fn same_but(
    view: &View<'_>,
    a: &Slot,
    b: &Slot,
    fields: Vec<Untrusted>,
) -> Result<Result<bool, EditFault>, Need> {
    let want = Want::SameBut { a: a.clone(), b: b.clone(), fields };
    match view.facts.get(&want) {
        Some(Fact::Same(same)) => Ok(same.clone()),
        Some(_) | None => Err(Need::Know(vec![want])),
    }
}

/// How long a verification waits for what AWS shows late.
const PATIENCE: i64 = 300;

/// To look again in five seconds, or, five minutes after this pass began, to give up with `lost`.
pub(super) fn again(view: &View<'_>, why: &str, lost: String) -> Need {
    if seconds_between(view.since, view.now) < PATIENCE {
        return Need::Again { after: Duration::from_secs(5), why: why.to_owned() };
    }
    let waited = words::said(PATIENCE.unsigned_abs());
    Need::Refuse(format!("{lost} after {waited}; `resume` looks again"))
}

/// What a plan says of a step that has nothing to look at yet.
pub(super) fn later(what: &str) -> String {
    format!("looked at when the run is there: {what}")
}

/// The evidence of a change: what was done; nothing in a plan, where it was not.
pub(super) fn done(view: &View<'_>, said: String) -> Vec<String> {
    if view.planning { Vec::new() } else { vec![said] }
}
