//! What a step has found and what is to be dealt with, as the journal keeps it: by what it is known again, whoever made
//! it and whenever that became known, beside the sentence that a person reads.

use crate::estate::{Timestamp, Untrusted};
use serde::{Deserialize, Serialize};

/// What kind of thing was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A user.
    User,
    /// A long-term access key.
    Key,
    /// A console password.
    Password,
    /// An MFA device.
    Device,
    /// A role, or its trust.
    Role,
    /// A policy.
    Policy,
    /// A function.
    Function,
    /// The URL of a function.
    Url,
    /// A layer of functions.
    Layer,
    /// What runs by the clock or by events, and where it goes.
    Rule,
    /// An instance.
    Instance,
    /// An identity provider.
    Provider,
    /// A trail.
    Trail,
    /// Something else.
    Other,
}

impl Kind {
    /// The word that records have for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Key => "key",
            Kind::Password => "password",
            Kind::Device => "device",
            Kind::Role => "role",
            Kind::Policy => "policy",
            Kind::Function => "function",
            Kind::Url => "url",
            Kind::Layer => "layer",
            Kind::Rule => "rule",
            Kind::Instance => "instance",
            Kind::Provider => "provider",
            Kind::Trail => "trail",
            Kind::Other => "other",
        }
    }
}

/// A thing that was found.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its name, or that of whose it is; empty where nothing names it.
    pub name: Untrusted,
    /// The event that tells of it, where nothing names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Untrusted>,
    /// When it was made or changed, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// It in words, with who made it, as far as that was known then, and what contains it. Safe to draw.
    pub text: String,
}

impl Found {
    /// How the sentence of a step begins that tells of one.
    pub const MARK: &'static str = "FINDING: ";

    /// What was found, by its name.
    #[must_use]
    pub fn named(kind: Kind, name: Untrusted, at: Option<Timestamp>, text: String) -> Self {
        Self { kind, name, event: None, at, text }
    }

    /// By what it is known again: never who made it, which is often learnt only later.
    #[must_use]
    pub fn identity(&self) -> [&str; 3] {
        [self.kind.word(), self.name.wire(), self.event.as_ref().map_or("", Untrusted::wire)]
    }

    /// Whether it is the same thing, whatever is said of it.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    /// The sentence for the step's evidence.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}{}", Self::MARK, self.text)
    }
}
