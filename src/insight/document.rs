//! The JSON documents of things: what a command prints of one and what the console copies of it are the same
//! bytes, because both are made here. Text goes out as it came ([`Untrusted::wire`]): JSON escapes what a terminal
//! would obey. Knows no reader and no clipboard.

use super::gaps::Gaps;
use super::inventory::Inventory;
use super::look::Look;
use super::source::{About, Broad, Reach, Source};
use super::subject::Subject;
use crate::estate::{Context, Loadable, Region, Scope, Timestamp, Untrusted};
use serde_json::{Map, Value, json};

pub mod acl;
pub mod alarm;
pub mod incident;
pub mod queue;
pub mod secret;

/// What the head of every document says: when, as whom and how completely.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// What was read.
    pub inv: &'a Inventory,
    /// When it was.
    pub now: Timestamp,
    /// The context that was opened.
    pub context: &'a Context,
    /// The Region that was settled on.
    pub region: &'a Region,
    /// What could not be read.
    pub gaps: &'a Gaps,
}

impl Head<'_> {
    /// The head of a document: schema, time, context and completeness.
    #[must_use]
    pub fn fields(&self, noun: &str) -> Map<String, Value> {
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
        let mut document = self.fields(noun);
        document.extend(content.into_iter().map(|(key, value)| (key.to_owned(), value)));
        Value::Object(document)
    }
}

/// The document of a thing; none where it is not known, and of what is no thing.
#[must_use]
pub fn show(subject: &Subject, head: &Head<'_>, look: &Look<'_>) -> Option<Value> {
    match subject {
        Subject::Alarm(arn) => Some(alarm::show(head.inv.alarms.get(arn)?, head, look)),
        Subject::Queue(url) => Some(queue::show(head.inv.queues.get(url)?, head, look)),
        Subject::Acl(arn) => Some(acl::show(head.inv.acl(arn)?, head, look)),
        Subject::Secret(arn) => Some(secret::show(head.inv.secrets.get(arn)?, head, look)),
        Subject::Run(_) | Subject::Incident(_) | Subject::Source(_) => None,
    }
}

/// What the document of a thing stands on besides the lists that it is in.
#[must_use]
pub fn details(inv: &Inventory, subject: &Subject) -> Vec<Source> {
    let about = match subject {
        Subject::Alarm(arn) => {
            let Some(alarm) = inv.alarms.get(arn) else { return Vec::new() };
            vec![About::AlarmChart(arn.clone(), Reach::Near), About::Contributors(alarm.name.clone())]
        }
        Subject::Queue(url) => vec![About::QueueTrend(url.clone(), Reach::Near)],
        Subject::Acl(arn) => {
            let mut about = vec![About::AclSeries(arn.clone()), About::AclUnlisted(arn.clone())];
            if inv.acl(arn).is_some_and(|row| row.summary.scope == Scope::Regional) {
                about.insert(0, About::AclResources(arn.clone()));
            }
            about
        }
        Subject::Secret(arn) => vec![About::SecretVersions(arn.clone())],
        Subject::Run(_) | Subject::Incident(_) | Subject::Source(_) => Vec::new(),
    };
    let mut sources: Vec<Source> = about.into_iter().map(Source::Detail).collect();
    if let Subject::Alarm(arn) = subject
        && let Some(alarm) = inv.alarms.get(arn)
        && alarm::targets(alarm).iter().any(|target| target.service() == Some("lambda"))
    {
        // Whether a function is there is told by the list of all; only then is it worth its calls.
        sources.push(Source::Broad(Broad::Functions));
    }
    sources
}

/// The lists that a thing is in, and that the rest of its document is concluded from.
#[must_use]
pub fn lists(inv: &Inventory, subject: &Subject) -> Vec<Source> {
    let broad: &[Broad] = match subject {
        Subject::Alarm(_) => &[Broad::Alarms, Broad::Mutes],
        Subject::Queue(_) => &[Broad::Queues, Broad::QueueAges, Broad::Functions],
        Subject::Acl(arn) => match inv.acl(arn).map(|row| row.summary.scope) {
            Some(Scope::CloudFront) => {
                &[Broad::WebAcls(Scope::CloudFront), Broad::WafCounts(Scope::CloudFront)]
            }
            Some(Scope::Regional) | None => {
                &[Broad::WebAcls(Scope::Regional), Broad::WafCounts(Scope::Regional)]
            }
        },
        Subject::Secret(_) => &[Broad::Secrets],
        Subject::Run(_) | Subject::Incident(_) | Subject::Source(_) => &[],
    };
    std::iter::once(&Broad::Identity).chain(broad).copied().map(Source::Broad).collect()
}

/// The system of a thing, or null.
fn system(look: &Look<'_>, subject: &Subject) -> Value {
    maybe_text(look.picture.systems.system_of(subject))
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
