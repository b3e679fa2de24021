//! What is overdue: `[policy]` and `[[policy.secret]]`.

use super::effective::{Effective, Origin, toml_texts};
use super::system::read_patterns;
use crate::diagnose::walk::{Problems, Table};
use crate::estate::Glob;

/// When something needs somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// A secret whose value is older, in days, is overdue.
    pub secret_days: u32,
    /// A secret that is overdue within so many days is due soon.
    pub due_soon_days: u32,
    /// A dead letter that may be deleted within so many hours needs somebody now.
    pub expiring_soon_hours: u32,
    /// Secrets with an age of their own, the first that fits wins.
    pub secrets: Vec<SecretPolicy>,
}

/// `[[policy.secret]]`: how old the value of some secrets may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretPolicy {
    /// The names it is for.
    pub names: Vec<Glob>,
    /// In days.
    pub days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { secret_days: 90, due_soon_days: 14, expiring_soon_hours: 24, secrets: Vec::new() }
    }
}

impl Policy {
    /// How old, in days, the value of the secret `name` may be.
    #[must_use]
    pub fn days_for(&self, name: &str) -> u32 {
        let own = self.secrets.iter().find(|p| p.names.iter().any(|glob| glob.matches(name)));
        own.map_or(self.secret_days, |p| p.days)
    }
}

/// Reads the tables of `[[policy.secret]]`.
pub(super) fn read(
    tables: &[Table<'_>],
    effective: &mut Effective,
    problems: &mut Problems,
) -> Vec<SecretPolicy> {
    let mut policies = Vec::new();
    for (i, table) in tables.iter().enumerate() {
        table.only(&["names", "days"], problems);
        let names = read_patterns(table, "names", problems);
        let days = match table.get("days") {
            Some(item) => item.number(1..=3_650, problems).map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
            None => None,
        };
        for key in ["names", "days"] {
            if table.get(key).is_none() {
                problems.push(table.diagnose(format!("this `[[policy.secret]]` needs `{key}`")));
            }
        }
        let (Some(names), Some(days)) = (names, days) else { continue };
        let origin = Origin::File { file: table.file().to_owned(), line: table.diagnose("").line };
        let key = format!("policy.secret.{}", i + 1);
        effective.set(&format!("{key}.names"), toml_texts(&names), origin.clone());
        effective.set(&format!("{key}.days"), days.to_string(), origin);
        policies.push(SecretPolicy { names, days });
    }
    policies
}
