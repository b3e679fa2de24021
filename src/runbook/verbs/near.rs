//! What is said of a name that is not there: that, and the nearest one that is. Who may not list is told no other
//! name, and no reason why.

use crate::diagnose::nearest;
use crate::estate::ask::iam::ListUsers;
use crate::estate::{Untrusted, UserName};
use crate::runbook::need::Need;
use crate::runbook::view::View;

/// The nearest of `there`, as the end of a sentence: `; did you mean orders?`; else what tells which there are.
pub(super) fn hint<'a>(
    said: &Untrusted,
    there: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(said.wire(), there).map(Untrusted::from) {
        Some(name) => format!("; did you mean {}?", name.shown()),
        None if otherwise.is_empty() => String::new(),
        None => format!("; {otherwise}"),
    }
}

/// The refusal of a thing that AWS does not find.
pub(super) fn missing<'a>(
    what: &str,
    said: &Untrusted,
    there: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> Need {
    let hint = hint(said, there, otherwise);
    Need::Refuse(format!("there is no {what} {} (not found){hint}", said.shown()))
}

/// The refusal of a user that AWS does not find.
///
/// # Errors
/// `Know`, until the others are known.
pub(super) fn user(v: &View<'_>, user: &UserName) -> Result<Need, Need> {
    let there = v.pages(ListUsers {})?.map(|pages| pages.concat()).unwrap_or_default();
    let names = there.iter().map(UserName::wire);
    Ok(missing("user", user.text(), names, "`aws iam list-users` tells which there are"))
}
