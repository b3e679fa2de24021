//! When a single field of a secret was changed. AWS dates whole versions, so that a write of one field makes all of
//! them look young; the dates of fields are kept in tags of the secret. They are text that anybody with
//! `TagResource` may write: what is no date, or none that can be, is no date.
//! Source: "Tagging secrets in AWS Secrets Manager".

use super::time::{Timestamp, floor};
use super::untrusted::Untrusted;

/// What the keys of these tags begin with; the field follows.
pub const PREFIX: &str = "bartizan:changed:";

/// What stands before an instant of which only is known that the field was not changed since.
const BOUND: &str = "before ";

/// Characters of a tag's key.
const LONGEST_KEY: usize = 128;

/// Tags that a secret may have, those of AWS itself apart.
pub const MOST_TAGS: usize = 50;

/// What the keys of tags begin with that belong to AWS.
const OF_AWS: &str = "aws:";

/// When a field was changed, as it was recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FieldDate {
    /// Then.
    On(Timestamp),
    /// Not since then: it is at least so old.
    Before(Timestamp),
}

impl FieldDate {
    /// The instant that ages count from.
    #[must_use]
    pub fn at(self) -> Timestamp {
        match self {
            FieldDate::On(at) | FieldDate::Before(at) => at,
        }
    }

    /// Whether the field may be older than that.
    #[must_use]
    pub fn is_bound(self) -> bool {
        matches!(self, FieldDate::Before(_))
    }

    /// The value of its tag, whole seconds in UTC.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            FieldDate::On(at) => floor(at, 1).to_string(),
            FieldDate::Before(at) => format!("{BOUND}{}", floor(at, 1)),
        }
    }

    /// What the value of a tag says; `None` if it is no date.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(BOUND) {
            Some(at) => at.parse().ok().map(FieldDate::Before),
            None => text.parse().ok().map(FieldDate::On),
        }
    }
}

/// A tag of ours, as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// The field: the name of a top-level one, or a JSON pointer.
    pub field: Untrusted,
    /// What is said of it.
    pub text: Untrusted,
    /// When it was changed; `None` if that is no date.
    pub date: Option<FieldDate>,
}

/// The dates that a secret's tags record, in the order of the tags.
#[must_use]
pub fn recorded(tags: &[(Untrusted, Untrusted)]) -> Vec<Recorded> {
    let ours = tags.iter().filter_map(|(key, text)| Some((key.wire().strip_prefix(PREFIX)?, text)));
    let of = |(field, text): (&str, &Untrusted)| Recorded {
        field: field.into(),
        text: text.clone(),
        date: FieldDate::parse(text.wire()),
    };
    ours.filter(|(field, _)| !field.is_empty()).map(of).collect()
}

/// The key of the tag for a field; `None` if its name cannot be one.
#[must_use]
pub fn key_of(field: &str) -> Option<Untrusted> {
    let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let key = format!("{PREFIX}{field}");
    let fits = !field.is_empty() && key.chars().count() <= LONGEST_KEY && key.chars().all(allowed);
    fits.then(|| key.into())
}

/// Whether a tag counts among [`MOST_TAGS`].
#[must_use]
pub fn counts(key: &Untrusted) -> bool {
    !key.wire().starts_with(OF_AWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let at = t("2026-08-12T09:30:59.75Z");
        assert_eq!(FieldDate::On(at).text(), "2026-08-12T09:30:59Z");
        assert_eq!(FieldDate::Before(at).text(), "before 2026-08-12T09:30:59Z");
        for date in [FieldDate::On(t("2026-08-12T09:30:59Z")), FieldDate::Before(t("2026-08-12T09:30:59Z"))] {
            assert_eq!(FieldDate::parse(&date.text()), Some(date));
        }
    }

    #[test]
    fn hostile_text_is_no_date() {
        for text in
            ["", "before", "before ", "yesterday", "2026-13-45T00:00:00Z", "\u{1b}[31m", "before before 2026"]
        {
            assert_eq!(FieldDate::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_tags_of_ours_are_dates() {
        let tags = [
            ("bartizan:changed:apiKey", "2026-08-12T09:30:59Z"),
            ("bartizan:changed:", "2026-08-12T09:30:59Z"),
            ("changed:apiKey", "2026-08-12T09:30:59Z"),
            ("bartizan:changed:other", "never"),
        ];
        let tags: Vec<_> = tags.map(|(k, v)| (k.into(), v.into())).into();
        let found = recorded(&tags);
        let said: Vec<_> = found.iter().map(|r| (r.field.wire(), r.date.is_some())).collect();
        assert_eq!(said, [("apiKey", true), ("other", false)]);
    }

    #[test]
    fn a_name_that_no_tag_can_have_has_no_key() {
        assert_eq!(key_of("apiKey").unwrap().wire(), "bartizan:changed:apiKey");
        assert_eq!(key_of("/db/password").unwrap().wire(), "bartizan:changed:/db/password");
        assert!(key_of(&"a".repeat(LONGEST_KEY - PREFIX.len())).is_some());
        for field in ["", "a~b", "a\"b", "a\u{202e}b", "a,b", &"a".repeat(LONGEST_KEY - PREFIX.len() + 1)] {
            assert_eq!(key_of(field), None, "{field:?}");
        }
    }

    #[test]
    fn tags_of_aws_do_not_count() {
        assert!(counts(&"App".into()) && !counts(&"aws:cloudformation:stack-name".into()));
    }
}
