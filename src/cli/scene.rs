//! What an answer is made from: the inventory, the time, and who asked. It also makes the head that every
//! JSON document has. Pure.

use super::gaps::Gaps;
use crate::config::Config;
use crate::estate::{Context, Loadable, Region, Timestamp, Untrusted};
use crate::insight::{Inventory, Source};
use serde_json::{Map, Value, json};

/// Everything that an answer may use.
pub struct Scene<'a> {
    /// What was read.
    pub inv: &'a Inventory,
    /// When it was.
    pub now: Timestamp,
    /// The context that was opened.
    pub context: &'a Context,
    /// The Region that was settled on.
    pub region: &'a Region,
    /// The configuration.
    pub config: &'a Config,
    /// What could not be read.
    pub gaps: &'a Gaps,
    /// Whether this is the practice estate.
    pub practice: bool,
}

impl Scene<'_> {
    /// The head of a document: schema, time, context and completeness.
    #[must_use]
    pub fn head(&self, noun: &str) -> Map<String, Value> {
        let identity = self.inv.identity.value();
        let mut head = Map::new();
        head.insert("schema".into(), json!(format!("bartizan.{noun}/1")));
        head.insert("at".into(), instant(Timestamp::from_second(self.now.as_second()).unwrap_or(self.now)));
        head.insert(
            "context".into(),
            json!({
                "name": self.context.name.wire(),
                "account": identity.map(|i| i.account.to_string()),
                "region": self.region.as_str(),
                "principal": identity.map(|i| i.principal().wire().to_owned()),
                "read_only": self.context.read_only,
            }),
        );
        head.insert("complete".into(), json!(self.gaps.complete()));
        head.insert("gaps".into(), self.gaps.json());
        head
    }

    /// The partition that the ARNs of this Region are in.
    #[must_use]
    pub fn partition(&self) -> &str {
        let arn = self.inv.identity.value().map(|i| i.arn.wire());
        arn.and_then(|a| a.split(':').nth(1)).unwrap_or("aws")
    }

    /// A list, or null where none of the sources that would fill it could be read.
    #[must_use]
    pub fn listed(&self, sources: &[Source], rows: Vec<Value>) -> Value {
        let failed = |s: &Source| matches!(self.inv.standing(s), Loadable::Failed { .. });
        if sources.iter().all(failed) { Value::Null } else { Value::Array(rows) }
    }

    /// A document: the head, then `content`.
    #[must_use]
    pub fn document(&self, noun: &str, content: Vec<(&str, Value)>) -> Value {
        let mut document = self.head(noun);
        document.extend(content.into_iter().map(|(key, value)| (key.to_owned(), value)));
        Value::Object(document)
    }
}

/// An instant as RFC 3339.
#[must_use]
pub fn instant(t: Timestamp) -> Value {
    json!(t.to_string())
}

/// The same, or null.
#[must_use]
pub fn maybe_instant(t: Option<Timestamp>) -> Value {
    t.map_or(Value::Null, instant)
}

/// Text from outside as it came, or null.
#[must_use]
pub fn maybe_text(text: Option<&Untrusted>) -> Value {
    text.map_or(Value::Null, |t| json!(t.wire()))
}

/// A word of AWS (`GreaterThanThreshold`, `PARTIAL_DATA`, `notBreaching`) as our enumerations are written:
/// `greater_than_threshold`, `partial_data`, `not_breaching`. What is no plain word stays as it is.
#[must_use]
pub fn snake(word: &str) -> String {
    if word.is_empty() || !word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return word.to_owned();
    }
    let mut out = String::with_capacity(word.len() + 4);
    let mut before_small = false;
    for c in word.chars() {
        if c.is_ascii_uppercase() && before_small {
            out.push('_');
        }
        before_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn words_of_aws_become_snake_case() {
        for (from, to) in [
            ("GreaterThanOrEqualToThreshold", "greater_than_or_equal_to_threshold"),
            ("PARTIAL_DATA", "partial_data"),
            ("notBreaching", "not_breaching"),
            ("missing", "missing"),
            ("BLOCK", "block"),
            ("a\u{1b} B", "a\u{1b} B"),
            ("", ""),
        ] {
            assert_eq!(snake(from), to);
        }
    }
}
