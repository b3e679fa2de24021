//! What inputs hold and what steps give each other: plain data, never a secret byte.

use super::found::Found;
use crate::estate::{Entry, MaterialSource, Place, Slot, Timestamp, Untrusted};
use serde::{Deserialize, Serialize};

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Text: a name, an ARN, an id.
    Text,
    /// Texts, in order.
    List,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// Seconds; written `7d`, `24h`, `10m`, `30s`.
    Duration,
    /// An instant.
    Time,
    /// Something secret that a person enters: held in a slot, never recorded.
    Secret,
    /// Where a secret value can be read back from.
    Home,
    /// What a step has found that is to be dealt with.
    Findings,
}

/// A value.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text.
    Text(Untrusted),
    /// Texts.
    List(Vec<Untrusted>),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Seconds.
    Duration(u64),
    /// An instant.
    Time(Timestamp),
    /// The slot of something that a person enters.
    Secret(Slot),
    /// Where a secret value is at home.
    Home(Home),
    /// What was found.
    Findings(Vec<Found>),
}

/// Where a secret value that a run has made, or means, can be read back from after a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Home {
    /// What holds it.
    pub source: MaterialSource,
    /// Where in that document.
    pub place: Place,
    /// Which entry, where the text there is a list.
    pub entry: Option<Entry>,
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text.wire()),
            Value::List(_)
            | Value::Number(_)
            | Value::Flag(_)
            | Value::Duration(_)
            | Value::Time(_)
            | Value::Secret(_)
            | Value::Home(_)
            | Value::Findings(_) => None,
        }
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> ValueType {
        match self {
            Value::Text(_) => ValueType::Text,
            Value::List(_) => ValueType::List,
            Value::Number(_) => ValueType::Number,
            Value::Flag(_) => ValueType::Flag,
            Value::Duration(_) => ValueType::Duration,
            Value::Time(_) => ValueType::Time,
            Value::Secret(_) => ValueType::Secret,
            Value::Home(_) => ValueType::Home,
            Value::Findings(_) => ValueType::Findings,
        }
    }
}
