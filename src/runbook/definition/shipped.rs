//! The runbooks that come with the program, embedded as the text of their files.

use super::Definition;
use crate::diagnose::Diagnosis;
use crate::diagnose::walk::Source;

/// Name and text of each, in the order of lists.
pub const SHIPPED: &[(&str, &str)] = &[
    ("api-key-rotation", include_str!("../../../assets/runbooks/api-key-rotation.toml")),
    ("secret-update", include_str!("../../../assets/runbooks/secret-update.toml")),
    ("api-key-compromised", include_str!("../../../assets/runbooks/api-key-compromised.toml")),
    ("iam-key-compromised", include_str!("../../../assets/runbooks/iam-key-compromised.toml")),
    ("iam-user-compromised", include_str!("../../../assets/runbooks/iam-user-compromised.toml")),
    ("access-key-owner", include_str!("../../../assets/runbooks/access-key-owner.toml")),
    ("persistence-sweep", include_str!("../../../assets/runbooks/persistence-sweep.toml")),
    ("role-sessions-revoked", include_str!("../../../assets/runbooks/role-sessions-revoked.toml")),
    ("function-isolated", include_str!("../../../assets/runbooks/function-isolated.toml")),
    ("cost-overrun", include_str!("../../../assets/runbooks/cost-overrun.toml")),
    ("database-breach", include_str!("../../../assets/runbooks/database-breach.toml")),
    ("access-denied-triage", include_str!("../../../assets/runbooks/access-denied-triage.toml")),
    ("secret-reveal", include_str!("../../../assets/runbooks/secret-reveal.toml")),
    ("dlq-drain", include_str!("../../../assets/runbooks/dlq-drain.toml")),
];

/// The runs of one step that commands make (`queues purge` and its like): planned, confirmed, journalled and resumed
/// as all runs are, and in no list of runbooks.
pub const COMMANDS: &[(&str, &str)] = &[
    ("queue-redrive", include_str!("../../../assets/runbooks/queue-redrive.toml")),
    ("queue-replay", include_str!("../../../assets/runbooks/queue-replay.toml")),
    ("queue-cancel", include_str!("../../../assets/runbooks/queue-cancel.toml")),
    ("queue-import", include_str!("../../../assets/runbooks/queue-import.toml")),
    ("queue-purge", include_str!("../../../assets/runbooks/queue-purge.toml")),
];

/// The shipped runbook of that name, or what a command makes a run of; `None` if there is none.
///
/// # Errors
/// What is wrong with it: none that is shipped is, a test holds that.
#[must_use]
pub fn shipped(name: &str) -> Option<Result<Definition, Vec<Diagnosis>>> {
    among(SHIPPED, name).or_else(|| command(name))
}

/// The run of one step of that name; `None` if there is none.
///
/// # Errors
/// As [`shipped`].
#[must_use]
pub fn command(name: &str) -> Option<Result<Definition, Vec<Diagnosis>>> {
    among(COMMANDS, name)
}

fn among(list: &[(&str, &str)], name: &str) -> Option<Result<Definition, Vec<Diagnosis>>> {
    let (name, text) = list.iter().find(|(listed, _)| *listed == name)?;
    Some(super::read(Source { file: &format!("{name}.toml"), text }))
}
