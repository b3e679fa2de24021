//! What can be typed after `/`. Terms stand between spaces and must all hold:
//!
//! | term | holds where |
//! |---|---|
//! | `text` | the name contains it, capitals or not |
//! | `"two words"` | the same, with spaces in it |
//! | `state:alarm` | the word begins so: also `kind:`, `origin:`, `scope:`, `system:`; a system's whole name is that one |
//! | `is:muted` | the flag is set: `disabled`, `dlq`, `suspect`, `fifo`, `empty`, `encrypted`, `moving`, `spike`, `rotating`, `failed`, `deleted`, `replica`, `managed`, `unknown` |
//! | `age>2d` | the number compares so, with `>`, `<`, `>=`, `<=` or `=`: `age` (s, m, h, d, w), `messages`, `in_flight`, `blocked`, `counted`, `rate`, `versions` |
//! | `-term` | `term` does not hold |
//!
//! A half-typed term (`state:`, `age>`) holds everywhere, so that the list does not jump while somebody
//! types. A number that is not known fits no comparison. A word before `:` that is none of these belongs to
//! the text: names may hold colons.

use super::rows::Facts;
use crate::diagnose::nearest;
use crate::estate::Untrusted;

/// A filter, parsed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, PartialEq, Debug)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, PartialEq, Debug)]
enum Test {
    Text(String),
    Word {
        key: String,
        begins: String,
    },
    /// A system, by its whole name.
    System(String),
    Is(String),
    Number {
        key: String,
        how: How,
        than: f64,
    },
    /// Half typed.
    Open,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    More,
    Less,
    AtLeast,
    AtMost,
    Equal,
}

/// The keys of words.
pub const WORDS: [&str; 5] = ["state", "kind", "origin", "scope", "system"];
/// The keys of numbers.
pub const NUMBERS: [&str; 7] = ["age", "messages", "in_flight", "blocked", "counted", "rate", "versions"];
/// The flags of `is:`.
pub const FLAGS: [&str; 15] = [
    "muted",
    "disabled",
    "dlq",
    "dead_letter",
    "suspect",
    "fifo",
    "empty",
    "encrypted",
    "moving",
    "spike",
    "rotating",
    "failed",
    "deleted",
    "replica",
    "managed",
];

impl Filter {
    /// Parses what was typed. Everything means something; [`complaint`](Self::complaint) says what probably
    /// was meant otherwise.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { terms: split(text).into_iter().map(|(t, quoted)| term(&t, quoted)).collect() }
    }

    /// The same filter for an estate of these systems: where `system:` names one of them wholly it is that one, and
    /// not those as well whose names only begin so. Half-typed names find all that begin so.
    #[must_use]
    pub fn among(&self, systems: &[Untrusted]) -> Self {
        let is_one = |text: &str| systems.iter().any(|s| s.wire().to_lowercase() == text);
        let terms = self.terms.iter().map(|term| match &term.test {
            Test::Word { key, begins } if key == "system" && is_one(begins) => {
                Term { negated: term.negated, test: Test::System(begins.clone()) }
            }
            Test::Word { .. }
            | Test::System(_)
            | Test::Text(_)
            | Test::Is(_)
            | Test::Number { .. }
            | Test::Open => term.clone(),
        });
        Self { terms: terms.collect() }
    }

    /// Whether it holds everywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.iter().all(|t| t.test == Test::Open)
    }

    /// Whether a row fits.
    pub fn fits(&self, row: &dyn Facts) -> bool {
        self.terms.iter().all(|term| match &term.test {
            Test::Open => true,
            Test::Text(text) => contains(row.name(), text) != term.negated,
            Test::Word { key, begins } => row.word(key).is_some_and(|w| starts(w, begins)) != term.negated,
            Test::System(name) => {
                row.word("system").is_some_and(|w| w.to_lowercase() == *name) != term.negated
            }
            Test::Is(flag) => row.is(flag) != term.negated,
            Test::Number { key, how, than } => {
                row.number(key).is_some_and(|n| how.holds(n, *than) != term.negated)
            }
        })
    }

    /// Whether a line that has only texts fits: each term of text stands in one of them. Other terms hold
    /// everywhere.
    #[must_use]
    pub fn fits_texts(&self, texts: &[&str]) -> bool {
        self.terms.iter().all(|term| match &term.test {
            Test::Text(text) => texts.iter().any(|t| contains(t, text)) != term.negated,
            Test::Open | Test::Word { .. } | Test::System(_) | Test::Is(_) | Test::Number { .. } => true,
        })
    }

    /// What is probably a slip: a flag that nothing has.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        self.terms.iter().find_map(|term| match &term.test {
            Test::Is(flag) if !FLAGS.contains(&flag.as_str()) && flag != "unknown" => {
                let near = nearest(flag, FLAGS).map(|near| format!("; is:{near}?")).unwrap_or_default();
                Some(format!("nothing is {}{near}", Untrusted::from(flag.as_str()).shown()))
            }
            Test::Is(_)
            | Test::Text(_)
            | Test::Word { .. }
            | Test::System(_)
            | Test::Number { .. }
            | Test::Open => None,
        })
    }
}

impl How {
    fn holds(self, n: f64, than: f64) -> bool {
        match self {
            How::More => n > than,
            How::Less => n < than,
            How::AtLeast => n >= than,
            How::AtMost => n <= than,
            How::Equal => (n - than).abs() < 0.5,
        }
    }
}

/// The terms, and whether each stood in quotes.
fn split(text: &str) -> Vec<(String, bool)> {
    let mut terms = Vec::new();
    let mut word = String::new();
    let (mut inside, mut quoted) = (false, false);
    for c in text.chars() {
        match c {
            '"' => {
                inside = !inside;
                quoted = true;
            }
            c if c.is_whitespace() && !inside => {
                terms.push((std::mem::take(&mut word), std::mem::take(&mut quoted)));
            }
            c => word.push(c),
        }
    }
    terms.push((word, quoted));
    terms.retain(|(word, _)| !word.is_empty());
    terms
}

fn term(text: &str, quoted: bool) -> Term {
    let (negated, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest.is_empty() {
        return Term { negated, test: Test::Open };
    }
    let test = if quoted && !rest.contains(':') { None } else { special(rest) };
    Term { negated, test: test.unwrap_or_else(|| Test::Text(rest.to_lowercase())) }
}

fn special(text: &str) -> Option<Test> {
    if let Some((key, value)) = text.split_once(':') {
        let key = key.to_lowercase();
        let value = value.to_lowercase();
        if key == "is" {
            return Some(if value.is_empty() { Test::Open } else { Test::Is(value) });
        }
        if WORDS.contains(&key.as_str()) {
            return Some(if value.is_empty() { Test::Open } else { Test::Word { key, begins: value } });
        }
    }
    let at = text.find(['>', '<', '='])?;
    let key = text[..at].to_lowercase();
    if !NUMBERS.contains(&key.as_str()) {
        return None;
    }
    let rest = &text[at..];
    let (how, value) = if let Some(v) = rest.strip_prefix(">=") {
        (How::AtLeast, v)
    } else if let Some(v) = rest.strip_prefix("<=") {
        (How::AtMost, v)
    } else if let Some(v) = rest.strip_prefix('>') {
        (How::More, v)
    } else if let Some(v) = rest.strip_prefix('<') {
        (How::Less, v)
    } else {
        (How::Equal, rest.strip_prefix('=')?)
    };
    if value.is_empty() {
        return Some(Test::Open);
    }
    let than = number(value, key == "age")?;
    Some(Test::Number { key, how, than })
}

/// A number, with thousands as `k` and, for ages, with a unit of time; an age without one is in days.
fn number(text: &str, time: bool) -> Option<f64> {
    let text = text.to_lowercase();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(text.len());
    let value: f64 = text[..split].replace(',', "").parse().ok()?;
    let factor = match (&text[split..], time) {
        ("", false) => 1.0,
        ("k", false) => 1_000.0,
        ("m", false) => 1_000_000.0,
        ("s", true) => 1.0,
        ("m" | "min", true) => 60.0,
        ("h", true) => 3_600.0,
        ("" | "d", true) => 86_400.0,
        ("w", true) => 604_800.0,
        _ => return None,
    };
    Some(value * factor)
}

/// Whether `text` contains `part`, which is in small letters, capitals or not. Names are nearly always
/// ASCII, and 20,000 of them are searched at each key.
fn contains(text: &str, part: &str) -> bool {
    if !text.is_ascii() || !part.is_ascii() {
        return text.to_lowercase().contains(part);
    }
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some(first) = part.first() else { return true };
    let Some(last) = text.len().checked_sub(part.len()) else { return false };
    (0..=last)
        .any(|i| text[i].to_ascii_lowercase() == *first && text[i..i + part.len()].eq_ignore_ascii_case(part))
}

/// Whether `text` begins with `part`, which is in small letters, capitals or not.
fn starts(text: &str, part: &str) -> bool {
    text.to_lowercase().starts_with(part)
}
