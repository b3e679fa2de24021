//! What is said of a name that is not there: that, and the nearest one that is. Who may not list is told no other
//! name, and no reason why.

use crate::diagnose::nearest;
use crate::estate::Untrusted;
use crate::runbook::need::Need;

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
