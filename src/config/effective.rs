//! The configuration in force as a list: every value and where it came from, for `config show`.

use std::fmt;

/// Where a value came from; later ones win over earlier ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Built in.
    Default,
    /// A line of a file.
    File {
        /// As the person knows it.
        file: String,
        /// From 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// An option.
    CommandLine(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { file, line } => {
                write!(f, "file {}:{line}", crate::diagnose::Neutral(file))
            }
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::CommandLine(option) => write!(f, "option {option}"),
        }
    }
}

/// One value in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    /// Its key with dots, as in the file: `intervals.alarms`, `context.prod-eu.region`.
    pub key: String,
    /// The value as TOML would have it.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Every value in force, in the order of the reference.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Effective(Vec<InForce>);

impl Effective {
    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[InForce] {
        &self.0
    }

    /// Where the value of `key` came from.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.0.iter().find(|v| v.key == key).map(|v| &v.origin)
    }

    /// What asked for the value of `key`, as a diagnosis names it: `config.toml:3`, `--theme`.
    #[must_use]
    pub fn asked_in(&self, key: &str) -> String {
        match self.origin(key) {
            Some(Origin::File { file, line }) => format!("{file}:{line}"),
            Some(Origin::Environment(word) | Origin::CommandLine(word)) => word.clone(),
            Some(Origin::Default) | None => key.to_owned(),
        }
    }

    /// Takes away what has no value: it was listed so that it would keep its place.
    pub(super) fn drop_unset(&mut self) {
        self.0.retain(|v| !v.value.is_empty());
    }

    /// Sets a value, in the place of an earlier one of the same key.
    pub(super) fn set(&mut self, key: &str, value: String, origin: Origin) {
        // A key may hold the name of a context or a system, which is text from a file.
        let key = crate::diagnose::Neutral(key).to_string();
        match self.0.iter_mut().find(|v| v.key == key) {
            Some(found) => {
                found.value = value;
                found.origin = origin;
            }
            None => self.0.push(InForce { key, value, origin }),
        }
    }
}

/// A text as TOML writes it: on one line, with what a terminal would obey escaped.
pub(super) fn toml_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let shown = crate::diagnose::Neutral(c.encode_utf8(&mut [0; 4])).to_string();
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if shown.starts_with('\\') => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Texts as a TOML array.
pub(super) fn toml_texts<T: ToString>(texts: &[T]) -> String {
    let quoted: Vec<String> = texts.iter().map(|t| toml_text(&t.to_string())).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_shown_reads_back_and_holds_nothing_hostile(text in any::<String>()) {
            let shown = toml_text(&text);
            prop_assert!(!shown.chars().any(char::is_control));
            let read: toml::Table = toml::from_str(&format!("a = {shown}")).unwrap();
            prop_assert_eq!(read["a"].as_str(), Some(text.as_str()));
        }
    }
}
