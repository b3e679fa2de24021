//! A filter for messages: terms that must all hold, as a person types them. What a term means is here, how it is read
//! in `parse`. A filter is stored as its text.
//!
//! `body.kind=order`, `body.items[0].sku~abc`, `body.items[*].n>3`, `attr.ErrorCode=500`, `error~timeout`, `age>2d`,
//! `receives>3`, `size>100kb`, `group="..."`, `id=...`, `from=queue`, a bare word. `!` or `-` before a term turns it round.

mod parse;
mod search;

pub use parse::{FIELDS, FilterFault};

use super::envelope::{self, Envelope};
use super::mask::{Masks, masked};
use super::{Message, group};
use crate::estate::edit::look::{Json, Kind};
use crate::estate::time::{Timestamp, seconds_between};
use crate::estate::untrusted::Untrusted;
use search::contains;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// A filter. Equal are those of the same text.
#[derive(Clone)]
pub struct Filter {
    text: Untrusted,
    terms: Arc<[Term]>,
}

/// One term.
#[derive(Clone, PartialEq, Debug)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, PartialEq, Debug)]
enum Test {
    /// A field of the body, or of what is inside of its envelopes.
    Body(Vec<Part>, Compare),
    /// A message attribute.
    Attribute(String, Compare),
    /// Type, message, or both of the error.
    Error(Compare),
    Group(Compare),
    Id(Compare),
    /// The queue it was moved here from.
    From(Compare),
    /// Seconds since it was sent.
    Age(Op, f64),
    Receives(Op, f64),
    /// Bytes, attributes included.
    Size(Op, f64),
    /// A word somewhere in body or error.
    Word(String),
}

/// A part of a path into a body.
#[derive(Clone, PartialEq, Debug)]
enum Part {
    Name(String),
    Item(usize),
    /// `[*]`: any item of a list.
    Any,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Op {
    Is,
    IsNot,
    Has,
    More,
    Less,
    AtLeast,
    AtMost,
}

#[derive(Clone, PartialEq, Debug)]
struct Compare {
    op: Op,
    value: String,
}

impl Op {
    fn numbers(self, a: f64, b: f64) -> bool {
        match self {
            Op::Is | Op::Has => a == b,
            Op::IsNot => a != b,
            Op::More => a > b,
            Op::Less => a < b,
            Op::AtLeast => a >= b,
            Op::AtMost => a <= b,
        }
    }
}

impl Compare {
    /// Of texts: equal, or in it whatever the case; order is for numbers.
    fn text(&self, other: &str) -> bool {
        let number = |t: &str| t.trim().parse::<f64>().ok();
        match self.op {
            Op::Is | Op::IsNot => other == self.value,
            Op::Has => contains(other, &self.value),
            Op::More | Op::Less | Op::AtLeast | Op::AtMost => {
                matches!((number(other), number(&self.value)), (Some(a), Some(b)) if self.op.numbers(a, b))
            }
        }
    }

    /// `!=` is the opposite of `=`, of what is not there, too.
    fn any<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        texts.into_iter().any(|t| self.text(t)) != (self.op == Op::IsNot)
    }

    fn json(&self, json: Json<'_>) -> bool {
        match json.kind() {
            Kind::Text => match self.op {
                Op::Is | Op::IsNot => json.says(&self.value),
                Op::Has | Op::More | Op::Less | Op::AtLeast | Op::AtMost => {
                    json.text().is_some_and(|t| self.text(&t))
                }
            },
            // `1.0` is `1`, as far as a number tells.
            Kind::Bare => {
                let same = || matches!((json.raw().parse::<f64>(), self.value.parse::<f64>()), (Ok(a), Ok(b)) if a == b);
                self.text(json.raw()) || matches!(self.op, Op::Is | Op::IsNot) && same()
            }
            Kind::Object | Kind::Array => self.text(json.raw()),
        }
    }
}

impl Filter {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> &Untrusted {
        &self.text
    }

    /// Whether it lets a message pass at `now`. A message whose age is not known is not let pass by a term about age,
    /// turned round or not. Keys of groups are compared as they are made with these masks.
    #[must_use]
    pub fn passes(&self, message: &Message, masks: &Masks, now: Timestamp) -> bool {
        let looked = Looked { message, masks, now, opened: envelope::open(message) };
        self.terms.iter().all(|term| looked.holds(term))
    }
}

struct Looked<'a> {
    message: &'a Message,
    masks: &'a Masks,
    now: Timestamp,
    opened: Envelope<'a>,
}

impl Looked<'_> {
    fn holds(&self, term: &Term) -> bool {
        match self.test(&term.test) {
            Some(holds) => holds != term.negated,
            None => false,
        }
    }

    /// `None`: it cannot be told.
    fn test(&self, test: &Test) -> Option<bool> {
        let number = |op: &Op, a: f64, b: &f64| Some(op.numbers(a, *b));
        match test {
            Test::Body(path, compare) => Some(self.body(path, compare)),
            Test::Attribute(name, compare) => Some(compare.any(self.message.attribute(name))),
            Test::Error(compare) => {
                let failed = &self.opened.failed;
                let all = failed.text();
                let texts = [&all, &failed.kind, &failed.message, &failed.condition];
                Some(compare.any(texts.into_iter().flatten().map(Untrusted::wire)))
            }
            Test::Group(compare) => {
                let key = group::key(&masked(self.message, self.masks));
                Some(compare.any([key.wire()]))
            }
            Test::Id(compare) => Some(compare.any([self.message.id.wire()])),
            Test::From(compare) => {
                let arn = self.message.source.as_ref();
                let name = arn.map(|a| a.resource());
                Some(compare.any(arn.map(|a| a.wire()).into_iter().chain(name.as_ref().map(Untrusted::wire))))
            }
            Test::Age(op, seconds) => {
                let age = seconds_between(self.message.sent?, self.now);
                number(op, age as f64, seconds)
            }
            Test::Receives(op, n) => number(op, f64::from(self.message.receive_count), n),
            Test::Size(op, bytes) => number(op, self.message.size() as f64, bytes),
            Test::Word(word) => {
                let inner = match &self.opened.inner {
                    // A span of the body was searched with it.
                    envelope::Inner::Span(_) => None,
                    envelope::Inner::Decoded(text) => Some(text.as_str()),
                };
                let error = self.opened.failed.text();
                let texts = [Some(self.message.body()), inner, error.as_ref().map(Untrusted::wire)];
                Some(texts.into_iter().flatten().any(|t| contains(t, word)))
            }
        }
    }

    /// In the body as it is, in the event that a record is about, or in what is inside of that.
    fn body(&self, path: &[Part], compare: &Compare) -> bool {
        let body = self.message.body();
        let inner: &str = &self.opened.inner;
        let event = super::event_of(self.message);
        let mut found = false;
        for (n, text) in [body, event, inner].into_iter().enumerate() {
            if n > 0 && std::ptr::eq(text, body) {
                continue;
            }
            found = match Json::structure(text) {
                Some(json) => anywhere(json, path, compare),
                None => path.is_empty() && compare.text(text),
            };
            if found {
                break;
            }
        }
        found != (compare.op == Op::IsNot)
    }
}

/// Whether a value at a path fits, one of several where the path has `[*]`.
fn anywhere(json: Json<'_>, path: &[Part], compare: &Compare) -> bool {
    let mut here = vec![json];
    for part in path {
        here = match part {
            Part::Name(name) => here.into_iter().filter_map(|j| j.field(name)).collect(),
            Part::Item(n) => here.into_iter().filter_map(|j| j.items().nth(*n)).collect(),
            Part::Any => here.into_iter().flat_map(Json::items).collect(),
        };
    }
    here.into_iter().any(|j| compare.json(j))
}

impl FromStr for Filter {
    type Err = FilterFault;

    fn from_str(text: &str) -> Result<Self, FilterFault> {
        let terms = parse::terms(text)?;
        Ok(Self { text: text.trim().into(), terms: terms.into() })
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Filter").field(&self.text).finish()
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Filter {}

impl Hash for Filter {
    fn hash<H: Hasher>(&self, to: &mut H) {
        self.text.hash(to);
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
