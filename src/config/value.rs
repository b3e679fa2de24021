//! Values checked by their kind, from TOML with its types or from the text of a variable or an option.

use super::effective::toml_text;
use super::setting::{Kind, Value};
use crate::diagnose::walk::{Item, Problems};
use crate::diagnose::{Diagnosis, one_of, quoted};
use crate::estate::Region;

const YES: &[&str] = &["1", "true", "yes", "on"];
const NO: &[&str] = &["0", "false", "no", "off", ""];

/// The value of an item of a file.
pub(super) fn from_item(item: &Item<'_>, kind: &Kind, problems: &mut Problems) -> Option<Value> {
    match kind {
        Kind::Flag => item.flag(problems).map(Value::Flag),
        Kind::Number(range) => item.number(range.clone(), problems).map(Value::Number),
        Kind::Word(words) => item.word(words, problems).map(|w| Value::Text(w.to_owned())),
        Kind::Name | Kind::Text | Kind::Region | Kind::Url => {
            let text = item.text(problems)?;
            match wrong(text, kind) {
                None => Some(Value::Text(text.to_owned())),
                Some(want) => {
                    let what = format!("`{}` must be {want}, not {}", item.path, quoted(text));
                    problems.push(item.at_value(what));
                    None
                }
            }
        }
    }
}

/// The value of a variable or an option named `name`.
pub(super) fn from_text(name: &str, text: &str, kind: &Kind) -> Result<Value, Diagnosis> {
    let lower = text.to_ascii_lowercase();
    let must = |want: &str| Diagnosis::of(name, format!("must be {want}, not {}", quoted(text)));
    match kind {
        Kind::Flag if YES.contains(&lower.as_str()) => Ok(Value::Flag(true)),
        Kind::Flag if NO.contains(&lower.as_str()) => Ok(Value::Flag(false)),
        Kind::Flag => Err(must("`1` or `0`")),
        Kind::Number(range) => match text.trim().parse::<i64>() {
            Ok(n) if range.contains(&n) => Ok(Value::Number(n)),
            Ok(_) | Err(_) => Err(must(&format!("a whole number from {} to {}", range.start(), range.end()))),
        },
        Kind::Word(words) if words.contains(&text) => Ok(Value::Text(text.to_owned())),
        Kind::Word(words) => Err(must(&one_of(words.iter().copied())).near(text, words.iter().copied())),
        Kind::Name | Kind::Text | Kind::Region | Kind::Url => match wrong(text, kind) {
            None => Ok(Value::Text(text.to_owned())),
            Some(want) => Err(must(want)),
        },
    }
}

/// What a text should have been, if it is not that.
fn wrong(text: &str, kind: &Kind) -> Option<&'static str> {
    let good = match kind {
        // A name becomes part of a path, and must not lead out of its directory.
        Kind::Name => {
            (1..=64).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        }
        Kind::Text => !text.trim().is_empty() && text.len() <= 2_048 && !text.chars().any(char::is_control),
        Kind::Region => Region::new(text).is_some(),
        Kind::Url => host(text).is_some(),
        Kind::Flag | Kind::Number(_) | Kind::Word(_) => true,
    };
    if good {
        return None;
    }
    Some(match kind {
        Kind::Name => "a name of letters, digits, `-` and `_`",
        Kind::Region => "the code of a Region such as `eu-central-1`",
        Kind::Url => "an address such as `https://host:port`",
        Kind::Text | Kind::Flag | Kind::Number(_) | Kind::Word(_) => "a text of one line that is not empty",
    })
}

/// The host of an address, without user, port and path.
fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let fine = !authority.is_empty()
        && !authority.contains('@') // credentials in an address end up on screens and in logs
        && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    (fine && !host.is_empty()).then_some(host)
}

/// Whether this address is another machine's and not encrypted.
pub(super) fn is_plain_http_abroad(url: &str) -> bool {
    let here =
        |h: &str| matches!(h, "localhost" | "::1") || h.starts_with("127.") || h.ends_with(".localhost");
    url.starts_with("http://") && host(url).is_some_and(|h| !here(h))
}

/// The text of a value that is one.
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        Value::Flag(_) | Value::Number(_) | Value::Unset => None,
    }
}

/// The value as TOML writes it; empty if there is none.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Flag(v) => v.to_string(),
        Value::Number(v) => v.to_string(),
        Value::Text(v) => toml_text(v),
        Value::Unset => String::new(),
    }
}
