//! How old the value of a secret is, and whether that, its rotation or its planned deletion needs somebody.
//! The age counts from the creation of the AWSCURRENT version: `LastChangedDate` moves on any change, tags
//! included (DOMAIN D). A version that changed one field makes the others no younger: where tags record when a
//! field was changed, the oldest of them counts. A tag can make a value older than its version, never younger.

use super::inventory::SecretRow;
use crate::config::Policy;
use crate::estate::field_date::{self, FieldDate};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Field, Timestamp, Untrusted};

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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretAge {
    /// When its current value was made, if that could be read.
    pub made: Option<Timestamp>,
    /// Whole days since the oldest part of it that is known was changed.
    pub days: Option<i64>,
    /// The days its policy allows.
    pub policy_days: u32,
    /// The state of its age.
    pub state: AgeState,
    /// When it becomes, or became, overdue.
    pub due: Option<Timestamp>,
    /// The field that makes it older than its version, if one does.
    pub oldest: Option<Oldest>,
    /// It should have been rotated by now and was not: since when.
    pub rotation_failed: Option<Timestamp>,
    /// When its planned deletion takes place, at the earliest.
    pub deletion: Option<Timestamp>,
}

/// The oldest field of a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Oldest {
    /// Which.
    pub field: Untrusted,
    /// It may be older.
    pub at_least: bool,
    /// How many others are overdue with it.
    pub others: u64,
}

/// A field of a secret, as a tag records it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldAge {
    /// Which.
    pub field: Untrusted,
    /// When it was changed, or why what the tag says does not count.
    pub date: Result<FieldDate, Unusable>,
    /// Whole days since.
    pub days: Option<i64>,
}

/// Why a tag's date does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unusable {
    /// It is none.
    NoDate,
    /// It has not come yet.
    Later,
    /// No field can have been changed since the value was made.
    AfterValue,
}

impl Unusable {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Unusable::NoDate => "its tag holds no date",
            Unusable::Later => "its tag holds a date that has not come yet",
            Unusable::AfterValue => "its tag holds a date after the value was made",
        }
    }
}

/// When the current value was made.
fn made(row: &SecretRow) -> Option<Timestamp> {
    let current = row.versions.value().into_iter().flatten().find(|v| v.has_stage("AWSCURRENT"));
    current.and_then(|v| v.created)
}

fn days_since(at: Timestamp, now: Timestamp) -> i64 {
    seconds_between(at, now).max(0) / DAY
}

/// What tags record of the fields of a secret, the oldest first, and at the end what does not count. Whether a
/// field is still there is not known: the watch reads no value.
#[must_use]
pub fn fields(row: &SecretRow, now: Timestamp) -> Vec<FieldAge> {
    let made = made(row);
    let usable = |date: Option<FieldDate>| match (date, made) {
        (None, _) => Err(Unusable::NoDate),
        (Some(date), made) if date.at() > now && made.is_none_or(|made| date.at() > made) => {
            Err(Unusable::Later)
        }
        (Some(date), Some(made)) if date.at() > made => Err(Unusable::AfterValue),
        (Some(date), _) => Ok(date),
    };
    let mut all: Vec<FieldAge> = field_date::recorded(&row.secret.tags)
        .into_iter()
        .map(|r| {
            let date = usable(r.date);
            FieldAge { field: r.field, days: date.ok().map(|d| days_since(d.at(), now)), date }
        })
        .collect();
    all.sort_by_cached_key(|f| (f.date.is_err(), f.date.ok().map(FieldDate::at), f.field.clone()));
    all
}

/// The fields of a database's secret that tell where it is and as whom, and are nobody's secret: they stay as they are for
/// years, and their age says nothing. Source: "JSON structure of AWS Secrets Manager secrets".
const CONNECTION: [&str; 9] = [
    "engine",
    "host",
    "port",
    "dbname",
    "username",
    "dbInstanceIdentifier",
    "dbClusterIdentifier",
    "masterarn",
    "ssl",
];

/// Whether the age of a field counts: it may be a secret.
fn is_judged(field: &FieldAge) -> bool {
    let name = field.field.wire().rsplit('/').next().unwrap_or_default();
    !CONNECTION.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The age of a secret against its policy. One whose deletion is planned is never called overdue: nobody
/// should rotate it.
#[must_use]
pub fn of(row: &SecretRow, policy: &Policy, now: Timestamp) -> SecretAge {
    let secret = &row.secret;
    let policy_days = policy.days_for(secret.name.wire());
    let is_overdue = |days: i64| days > i64::from(policy_days);
    let made = made(row);
    let fields: Vec<FieldAge> = fields(row, now).into_iter().filter(is_judged).collect();
    // While its versions are on their way nothing is said; where they may not be read, tags are all there is.
    let counts = made.is_some() || matches!(row.versions, Field::Gap { .. });
    let oldest = fields.first().filter(|_| counts).and_then(|f| Some((f, f.date.ok()?)));
    let oldest = oldest.filter(|(_, date)| made.is_none_or(|made| date.at() < made));
    let since = oldest.map(|(_, date)| date.at()).or(made);
    let days = since.map(|t| days_since(t, now));
    let overdue = fields.iter().filter(|f| f.days.is_some_and(is_overdue)).count() as u64;
    let oldest = oldest.map(|(f, date)| Oldest {
        field: f.field.clone(),
        at_least: date.is_bound(),
        others: overdue.saturating_sub(1),
    });
    let due = since.map(|t| plus_seconds(t, (i64::from(policy_days) + 1) * DAY));
    let state = match days {
        Some(_) if secret.deletion_at.is_some() => AgeState::Ok,
        None => AgeState::Unknown,
        Some(days) if is_overdue(days) => AgeState::Overdue,
        Some(days) if days + i64::from(policy.due_soon_days) >= i64::from(policy_days) => AgeState::DueSoon,
        Some(_) => AgeState::Ok,
    };
    let rotation_failed = secret
        .next_rotation
        .filter(|next| secret.rotation_enabled && *next < now && secret.deletion_at.is_none());
    SecretAge { made, days, policy_days, state, due, oldest, rotation_failed, deletion: secret.deletion_at }
}

/// The age in words: `97 days old, policy 90`, `field apiKey is at least 97 days old, policy 90`, `age unknown`.
/// Safe to draw.
#[must_use]
pub fn sentence(age: &SecretAge) -> String {
    let Some(days) = age.days else { return "age unknown".to_string() };
    let Some(oldest) = &age.oldest else {
        return format!("{} old, policy {}", days_word(days), age.policy_days);
    };
    let others = match oldest.others {
        0 => String::new(),
        n => format!("; {} overdue too", super::words::counted(n, "other")),
    };
    let field = oldest.field.shown();
    format!("field {field} is {} old, policy {}{others}", at_least(days, oldest.at_least), age.policy_days)
}

/// The age of a field in words: `97 days old`, `at least 97 days old`, or why it is not known.
#[must_use]
pub fn field_sentence(field: &FieldAge) -> String {
    match (field.date, field.days) {
        (Ok(date), Some(days)) => format!("{} old", at_least(days, date.is_bound())),
        (Ok(_), None) => "age unknown".to_string(),
        (Err(why), _) => format!("age unknown: {}", why.words()),
    }
}

/// What has to be known of such dates.
pub const FIELDS_NOTE: &str = "As tags of the secret recorded it. No value is read here: whether a field is still \
                               there, and whether it was changed by other means, is not known.";

fn at_least(days: i64, at_least: bool) -> String {
    if at_least { format!("at least {}", days_word(days)) } else { days_word(days) }
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
    use crate::estate::time::floor;
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

    const BEFORE: &str = "before ";

    /// A secret whose version is so many days old, with tags of dates so many days ago.
    fn tagged(days: Option<i64>, tags: &[(&str, &str, i64)]) -> Inventory {
        let mut inv = Inventory::default();
        let mut secret = secret("app/key");
        secret.tags = tags
            .iter()
            .map(|(field, word, days)| {
                let text = format!("{word}{}", floor(ago(days * DAY), 1));
                (format!("{}{field}", field_date::PREFIX).into(), text.into())
            })
            .collect();
        secrets(&mut inv, &[(secret, days)]);
        inv
    }

    fn seen(inv: &Inventory) -> SecretAge {
        of(inv.secrets.get(&secret_arn("app/key")).unwrap(), &Policy::default(), now())
    }

    #[test]
    fn the_oldest_field_counts_and_is_named() {
        for (tags, said, state) in [
            (&[("a", "", 97), ("b", "", 1)][..], "field a is 97 days old, policy 90", AgeState::Overdue),
            (
                &[("b", "", 1), ("a", BEFORE, 97)],
                "field a is at least 97 days old, policy 90",
                AgeState::Overdue,
            ),
            (
                &[("b", BEFORE, 97), ("c", BEFORE, 97), ("a", "", 95)],
                "field b is at least 97 days old, policy 90; 2 others overdue too",
                AgeState::Overdue,
            ),
            (&[("a", BEFORE, 80)], "field a is at least 80 days old, policy 90", AgeState::DueSoon),
            // Where a database is, and as whom, is nobody's secret.
            (
                &[("host", BEFORE, 400), ("db/username", "", 400), ("password", BEFORE, 97)],
                "field password is at least 97 days old, policy 90",
                AgeState::Overdue,
            ),
            (&[("host", BEFORE, 400), ("password", "", 1)], "1 day old, policy 90", AgeState::Ok),
            // Nothing is older than the version.
            (&[("a", "", 1)], "1 day old, policy 90", AgeState::Ok),
        ] {
            let age = seen(&tagged(Some(1), tags));
            assert_eq!((sentence(&age).as_str(), age.state), (said, state));
        }
    }

    #[test]
    fn a_tag_that_can_be_no_date_is_ignored_and_said() {
        let mut inv = tagged(Some(97), &[("young", "", 3), ("next", "", -1)]);
        assert_eq!(sentence(&seen(&inv)), "97 days old, policy 90", "a tag makes nothing younger");
        let mut worse = secret("app/key");
        worse.tags = vec![("bartizan:changed:a\u{1b}[2J".into(), "\u{1b}[31mnever".into())];
        let row = inv.secrets.get(&secret_arn("app/key")).unwrap();
        let said: Vec<_> = fields(row, now()).iter().map(|f| (f.field.wire().to_owned(), f.date)).collect();
        assert_eq!(
            said,
            [("next".to_owned(), Err(Unusable::Later)), ("young".to_owned(), Err(Unusable::AfterValue))]
        );
        secrets(&mut inv, &[(worse, Some(3))]);
        let row = inv.secrets.get(&secret_arn("app/key")).unwrap();
        let all = fields(row, now());
        assert_eq!(field_sentence(&all[0]), "age unknown: its tag holds no date");
        assert_eq!(seen(&inv).state, AgeState::Ok);
    }

    #[test]
    fn tags_alone_say_nothing_while_the_versions_are_on_their_way() {
        assert_eq!(seen(&tagged(None, &[("a", "", 97)])).state, AgeState::Unknown);
    }
}
