//! Finds the thing that was meant by what was typed: a name, an ARN, a URL or an id. Pure.

use super::exit::Failure;
use crate::diagnose::{Neutral, nearest, quoted};
use crate::estate::Untrusted;
use crate::insight::{AclRow, Inventory, QueueRow, SecretRow};

/// The failure of a name that nothing has, with the nearest that something has.
pub fn unknown<'a>(kind: &str, typed: &str, names: impl IntoIterator<Item = &'a str>) -> Failure {
    let near = nearest(typed, names);
    let hint = near.map(|n| format!("; did you mean `{}`?", Untrusted::from(n).shown())).unwrap_or_default();
    let quoted = quoted(typed);
    Failure::usage(format!("there is no {kind} {}{hint}", Neutral(&quoted)))
}

/// The failure of a name that several things have.
fn several<'a>(kind: &str, typed: &str, ids: impl IntoIterator<Item = &'a str>) -> Failure {
    let ids: Vec<String> = ids.into_iter().map(|i| Untrusted::from(i).shown().to_string()).collect();
    let quoted = quoted(typed);
    Failure::usage(format!("there are several {kind}s {}; name one of {}", Neutral(&quoted), ids.join(", ")))
}

/// The queue with this name, URL or ARN.
///
/// # Errors
/// There is none, or several.
pub fn queue<'a>(inv: &'a Inventory, typed: &str) -> Result<&'a QueueRow, Failure> {
    let is = |row: &&QueueRow| {
        row.url.wire() == typed
            || row.url.name().wire() == typed
            || row.facts.value().is_some_and(|f| f.arn.wire() == typed)
    };
    let found: Vec<&QueueRow> = inv.queues.values().filter(is).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let names: Vec<Untrusted> = inv.queues.values().map(|r| r.url.name()).collect();
            Err(unknown("queue", typed, names.iter().map(Untrusted::wire)))
        }
        many => Err(several("queue", typed, many.iter().map(|r| r.url.wire()))),
    }
}

/// The web ACL with this name, id or ARN.
///
/// # Errors
/// There is none, or several.
pub fn acl<'a>(inv: &'a Inventory, typed: &str) -> Result<&'a AclRow, Failure> {
    let all = || inv.regional_acls.values().chain(inv.cloudfront_acls.values());
    let found: Vec<&AclRow> = all()
        .filter(|r| {
            let s = &r.summary;
            s.name.wire() == typed || s.id.wire() == typed || s.arn.wire() == typed
        })
        .collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(unknown("web ACL", typed, all().map(|r| r.summary.name.wire()))),
        many => Err(several("web ACL", typed, many.iter().map(|r| r.summary.arn.wire()))),
    }
}

/// The secret with this name or ARN; an ARN may lack the six random characters at its end, as policies write
/// them.
///
/// # Errors
/// There is none, or several.
pub fn secret<'a>(inv: &'a Inventory, typed: &str) -> Result<&'a SecretRow, Failure> {
    let is = |row: &&SecretRow| {
        let arn = row.secret.arn.wire();
        let partial = arn.len() == typed.len() + 7
            && arn.strip_prefix(typed).is_some_and(|rest| rest.starts_with('-'))
            && typed.starts_with("arn:");
        row.secret.name.wire() == typed || arn == typed || partial
    };
    let found: Vec<&SecretRow> = inv.secrets.values().filter(is).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(unknown("secret", typed, inv.secrets.values().map(|r| r.secret.name.wire()))),
        many => Err(several("secret", typed, many.iter().map(|r| r.secret.arn.wire()))),
    }
}

#[cfg(test)]
mod tests {
    use super::unknown;
    use crate::cli::exit::Exit;

    #[test]
    fn what_is_not_there_is_wrong_usage_and_names_the_nearest() {
        let failure = unknown("queue", "orders-fialures", ["orders-failures", "other"]);
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(failure.words, "there is no queue `orders-fialures`; did you mean `orders-failures`?");
        let hostile = unknown("alarm", "\u{1b}[2J", ["a"]);
        assert!(!hostile.words.contains('\u{1b}'), "{hostile}");
    }
}
