//! How old the value of a secret is, and whether that, its rotation or its planned deletion needs somebody.
//! The age counts from the creation of the AWSCURRENT version: `LastChangedDate` moves on any change, tags
//! included (DOMAIN D).

use super::inventory::SecretRow;
use crate::config::Policy;
use crate::estate::Timestamp;
use crate::estate::time::{plus_seconds, seconds_between};

const DAY: i64 = 86_400;

/// The state of a secret's age, as CONTRACT names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AgeState {
    /// Older than its policy allows.
    Overdue,
    /// Soon older than its policy allows.
    DueSoon,
    /// Not known.
    Unknown,
    /// Young enough.
    Ok,
}

impl AgeState {
    /// The word of the JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AgeState::Overdue => "overdue",
            AgeState::DueSoon => "due_soon",
            AgeState::Unknown => "unknown",
            AgeState::Ok => "ok",
        }
    }
}

/// What is said of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecretAge {
    /// When its current value was made, if that could be read.
    pub made: Option<Timestamp>,
    /// Whole days since.
    pub days: Option<i64>,
    /// The days its policy allows.
    pub policy_days: u32,
    /// The state of its age.
    pub state: AgeState,
    /// When it becomes, or became, overdue.
    pub due: Option<Timestamp>,
    /// It should have been rotated by now and was not: since when.
    pub rotation_failed: Option<Timestamp>,
    /// When its planned deletion takes place, at the earliest.
    pub deletion: Option<Timestamp>,
}

/// The age of a secret against its policy. One whose deletion is planned is never called overdue: nobody
/// should rotate it.
#[must_use]
pub fn of(row: &SecretRow, policy: &Policy, now: Timestamp) -> SecretAge {
    let secret = &row.secret;
    let current = row.versions.value().into_iter().flatten().find(|v| v.has_stage("AWSCURRENT"));
    let made = current.and_then(|v| v.created);
    let days = made.map(|t| seconds_between(t, now).max(0) / DAY);
    let policy_days = policy.days_for(secret.name.wire());
    let due = made.map(|t| plus_seconds(t, (i64::from(policy_days) + 1) * DAY));
    let state = match days {
        Some(_) if secret.deletion_at.is_some() => AgeState::Ok,
        None => AgeState::Unknown,
        Some(days) if days > i64::from(policy_days) => AgeState::Overdue,
        Some(days) if days + i64::from(policy.due_soon_days) >= i64::from(policy_days) => AgeState::DueSoon,
        Some(_) => AgeState::Ok,
    };
    let rotation_failed = secret
        .next_rotation
        .filter(|next| secret.rotation_enabled && *next < now && secret.deletion_at.is_none());
    SecretAge { made, days, policy_days, state, due, rotation_failed, deletion: secret.deletion_at }
}

/// The age in words: `97 days old, policy 90`, `age unknown`. Safe to draw.
#[must_use]
pub fn sentence(age: &SecretAge) -> String {
    match age.days {
        Some(days) => format!("{} old, policy {}", days_word(days), age.policy_days),
        None => "age unknown".to_string(),
    }
}

fn days_word(days: i64) -> String {
    match days {
        0 => "less than a day".to_string(),
        1 => "1 day".to_string(),
        n => format!("{} days", super::words::count(n.unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Glob, SecretPolicy};
    use crate::insight::Inventory;
    use crate::insight::examples::*;

    fn aged(days: i64, policy: &Policy) -> SecretAge {
        let mut inv = Inventory::default();
        secrets(&mut inv, &[(secret("app/key"), Some(days))]);
        of(inv.secrets.get(&secret_arn("app/key")).unwrap(), policy, now())
    }

    #[test]
    fn the_state_follows_the_policy() {
        let policy = Policy::default();
        for (days, state) in [
            (0, AgeState::Ok),
            (75, AgeState::Ok),
            (76, AgeState::DueSoon),
            (90, AgeState::DueSoon),
            (91, AgeState::Overdue),
            (97, AgeState::Overdue),
        ] {
            assert_eq!(aged(days, &policy).state, state, "{days}");
        }
        assert_eq!(sentence(&aged(97, &policy)), "97 days old, policy 90");
        let own = SecretPolicy { names: vec![Glob::new("app/*").unwrap()], days: 30 };
        let strict = Policy { secrets: vec![own], ..Policy::default() };
        assert_eq!(aged(31, &strict).state, AgeState::Overdue);
        assert_eq!(aged(30, &strict).state, AgeState::DueSoon);
    }

    #[test]
    fn overdue_starts_when_due_is_reached() {
        let age = aged(50, &Policy::default());
        let due = age.due.unwrap();
        let mut inv = Inventory::default();
        secrets(&mut inv, &[(secret("app/key"), Some(50))]);
        let row = inv.secrets.get(&secret_arn("app/key")).unwrap();
        assert_eq!(of(row, &Policy::default(), plus_seconds(due, -1)).state, AgeState::DueSoon);
        assert_eq!(of(row, &Policy::default(), due).state, AgeState::Overdue);
    }

    #[test]
    fn unread_versions_leave_the_age_unknown() {
        let mut inv = Inventory::default();
        secrets(&mut inv, &[(secret("app/key"), None)]);
        let age = of(inv.secrets.get(&secret_arn("app/key")).unwrap(), &Policy::default(), now());
        assert_eq!((age.state, age.days), (AgeState::Unknown, None));
        assert_eq!(sentence(&age), "age unknown");
    }

    #[test]
    fn a_past_rotation_date_is_a_failure_only_while_rotation_is_on() {
        let mut inv = Inventory::default();
        let mut late = secret("late");
        late.rotation_enabled = true;
        late.next_rotation = Some(ago(86_400));
        let mut off = late.clone();
        off.rotation_enabled = false;
        off.arn = secret_arn("off");
        let mut leaving = secret("leaving");
        leaving.deletion_at = Some(ago(-86_400));
        secrets(&mut inv, &[(late, Some(1)), (off, Some(1)), (leaving, Some(400))]);
        let get = |n: &str| of(inv.secrets.get(&secret_arn(n)).unwrap(), &Policy::default(), now());
        assert!(get("late").rotation_failed.is_some());
        assert!(get("off").rotation_failed.is_none());
        assert_eq!(get("leaving").state, AgeState::Ok);
        assert!(get("leaving").deletion.is_some());
    }
}
