//! The runbooks that come with the program, embedded as the text of their files.

use super::Definition;
use crate::diagnose::Diagnosis;
use crate::diagnose::walk::Source;

/// Name and text of each, in the order of lists.
pub const SHIPPED: &[(&str, &str)] = &[
    ("api-key-rotation", include_str!("../../../assets/runbooks/api-key-rotation.toml")),
    ("secret-update", include_str!("../../../assets/runbooks/secret-update.toml")),
    ("iam-key-compromised", include_str!("../../../assets/runbooks/iam-key-compromised.toml")),
    ("role-sessions-revoked", include_str!("../../../assets/runbooks/role-sessions-revoked.toml")),
    ("secret-reveal", include_str!("../../../assets/runbooks/secret-reveal.toml")),
    ("dlq-drain", include_str!("../../../assets/runbooks/dlq-drain.toml")),
    ("queue-redrive", include_str!("../../../assets/runbooks/queue-redrive.toml")),
    ("queue-replay", include_str!("../../../assets/runbooks/queue-replay.toml")),
    ("queue-cancel", include_str!("../../../assets/runbooks/queue-cancel.toml")),
];

/// The shipped runbook of that name; `None` if there is none.
///
/// # Errors
/// What is wrong with it: none that is shipped is, a test holds that.
#[must_use]
pub fn shipped(name: &str) -> Option<Result<Definition, Vec<Diagnosis>>> {
    let (name, text) = SHIPPED.iter().find(|(shipped, _)| *shipped == name)?;
    Some(super::read(Source { file: &format!("{name}.toml"), text }))
}
