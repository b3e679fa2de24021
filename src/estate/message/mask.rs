//! What of messages is never drawn: patterns for fields of a body and for attributes, and a message with their values
//! replaced. For looking only: what is sent, exported or imported is the message itself. Knows no configuration.
//!
//! `body.card.number`, `body.items.*.sku`, `body.**.password`, `/card/number`, `body` (all of it), `attr.Authorization`.
//! A part may have `*` and `?` in it; `**` is any number of parts; an item of a list has its number as its name. A
//! pattern for a body begins at the body, at the `detail`, `requestPayload` or `responsePayload` of an envelope, and at
//! JSON in a string (`Message` of SNS).

use super::{Attribute, AttributeValue, Message};
use crate::estate::edit::look::{Json, Kind, Token, Tokens, spelled};
use crate::estate::glob::Glob;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What is drawn in place of a masked value.
pub const HIDDEN: &str = "••••";
/// The most parts of a pattern: the work of each field of a body grows with them.
const MOST_PARTS: usize = 32;
/// The most patterns.
pub const MOST: usize = 100;
/// How many times JSON is looked for in a string of JSON; deeper ones are masked whole.
const NESTED: u8 = 4;
/// What holds an event of its own in an envelope.
const ROOTS: [&str; 3] = ["detail", "requestPayload", "responsePayload"];

/// Patterns for what is not drawn. Serialised as their texts.
#[derive(Clone, Default)]
pub struct Masks(Arc<[Mask]>);

/// One of them.
struct Mask {
    text: Box<str>,
    hides: Hides,
}

enum Hides {
    Body(Vec<Part>),
    Attribute(Glob),
}

enum Part {
    Any,
    Name(Glob),
}

/// Why a text is no mask.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MaskFault {
    /// It begins with something else.
    #[error("begins with neither `body`, `attr.` nor `/`")]
    Begin,
    /// A part of it is empty or too long.
    #[error("has an empty part or one that is longer than any name")]
    Part,
    /// It has too many parts.
    #[error("has more than 32 parts")]
    TooDeep,
    /// It has a control character, which would end it where masks are handed on as lines.
    #[error("has a control character")]
    Control,
    /// There are too many.
    #[error("is one of more than 100 masks")]
    TooMany,
}

impl Masks {
    /// Masks of these texts.
    ///
    /// # Errors
    /// The place of the first that is none, and why.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, (usize, MaskFault)> {
        let mut masks = Vec::new();
        for (n, text) in texts.into_iter().enumerate() {
            if n == MOST {
                return Err((n, MaskFault::TooMany));
            }
            masks.push(Mask { text: text.into(), hides: read(text).map_err(|why| (n, why))? });
        }
        Ok(Self(masks.into()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|m| &*m.text)
    }

    /// Whether the values of an attribute are not drawn.
    #[must_use]
    pub fn hide_attribute(&self, name: &str) -> bool {
        self.0.iter().any(|m| matches!(&m.hides, Hides::Attribute(glob) if glob.matches(name)))
    }

    /// A body with what is not drawn replaced; `None` if that is nothing. A body that begins like JSON and is none
    /// cannot be looked into: all of it is replaced where there is a mask for bodies.
    #[must_use]
    pub fn body(&self, body: &str) -> Option<Zeroizing<String>> {
        let patterns: Vec<&[Part]> = self.0.iter().filter_map(Mask::path).collect();
        if patterns.is_empty() {
            return None;
        }
        if patterns.iter().any(|p| p.is_empty()) {
            return Some(Zeroizing::new(HIDDEN.to_owned()));
        }
        within(&patterns, body, NESTED)
    }
}

impl Mask {
    fn path(&self) -> Option<&[Part]> {
        match &self.hides {
            Hides::Body(parts) => Some(parts),
            Hides::Attribute(_) => None,
        }
    }
}

/// A message as it may be drawn: values that are masked are [`HIDDEN`].
#[must_use]
pub fn masked<'a>(message: &'a Message, masks: &Masks) -> Cow<'a, Message> {
    if masks.is_empty() {
        return Cow::Borrowed(message);
    }
    let hidden: Vec<&String> = message.attributes.keys().filter(|name| masks.hide_attribute(name)).collect();
    let body = masks.body(message.body());
    if hidden.is_empty() && body.is_none() {
        return Cow::Borrowed(message);
    }
    let mut out = message.clone();
    for name in hidden {
        let value = AttributeValue::Text(Zeroizing::new(HIDDEN.to_owned()));
        out.attributes.insert(name.clone(), Attribute { data_type: "String".to_owned(), value });
    }
    Cow::Owned(match body {
        Some(body) => out.with_body(body),
        None => out,
    })
}

fn read(text: &str) -> Result<Hides, MaskFault> {
    if text.contains(char::is_control) {
        return Err(MaskFault::Control);
    }
    if let Some(name) = text.strip_prefix("attr.") {
        return Glob::new(name).map(Hides::Attribute).ok_or(MaskFault::Part);
    }
    let parts: Vec<String> = match text.strip_prefix("body") {
        Some("") => return Ok(Hides::Body(Vec::new())),
        // `items[0]` and `items[*]` are what filters write.
        Some(rest) if rest.starts_with(['.', '[']) => {
            let plain = rest.replace('[', ".").replace(']', "");
            plain.split('.').skip(1).map(str::to_owned).collect()
        }
        Some(_) | None => {
            let pointer = text.strip_prefix('/').ok_or(MaskFault::Begin)?;
            pointer.split('/').map(|p| p.replace("~1", "/").replace("~0", "~")).collect()
        }
    };
    if parts.len() > MOST_PARTS {
        return Err(MaskFault::TooDeep);
    }
    let part = |p: &String| match p.as_str() {
        "**" => Ok(Part::Any),
        name => Glob::new(name).map(Part::Name).ok_or(MaskFault::Part),
    };
    parts.iter().map(part).collect::<Result<_, _>>().map(Hides::Body)
}

/// How far a pattern has come: which, and the part that must fit next.
type State = (usize, usize);

/// An object or array that is being gone through.
struct Level {
    states: Vec<State>,
    root: bool,
    kind: Kind,
    next: usize,
    name: Option<String>,
}

/// A JSON text with its masked values replaced; `None` if there are none.
fn within(patterns: &[&[Part]], text: &str, nested: u8) -> Option<Zeroizing<String>> {
    let Some(json) = Json::structure(text) else {
        return looks_like_json(text).then(|| Zeroizing::new(HIDDEN.to_owned()));
    };
    let cuts = cuts(patterns, json, nested);
    if cuts.is_empty() {
        return None;
    }
    let size: usize = text.len() + cuts.iter().map(|(_, new)| new.len()).sum::<usize>();
    let mut out = Zeroizing::new(String::with_capacity(size));
    let mut at = 0;
    for (place, new) in &cuts {
        out.push_str(text.get(at..place.start).unwrap_or_default());
        out.push_str(&String::from_utf8_lossy(new));
        at = place.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Some(out)
}

/// Whether it begins as JSON does whose fields may be masked: a sentence in brackets does not.
fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start();
    let list = || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', '[', '"']));
    text.starts_with('{') || list()
}

type Cut = (Range<usize>, Zeroizing<Vec<u8>>);

fn cuts(patterns: &[&[Part]], json: Json<'_>, nested: u8) -> Vec<Cut> {
    let start = closed(patterns, (0..patterns.len()).map(|p| (p, 0)).collect());
    let mut out: Vec<Cut> = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut tokens = Tokens::of(json);
    let hide = || spelled(HIDDEN);
    loop {
        // What the next value is called, and what that makes of the patterns; nothing at the very beginning.
        let before = levels.last_mut();
        let (states, root, whole) = match before {
            None => (start.clone(), true, false),
            Some(level) => {
                let name = match level.kind {
                    Kind::Object => level.name.take(),
                    Kind::Array | Kind::Text | Kind::Bare => Some(level.next.to_string()),
                };
                match name {
                    None => (Vec::new(), false, false),
                    Some(name) => {
                        let (mut states, whole) = step(patterns, &level.states, &name);
                        let root = level.root && ROOTS.contains(&name.as_str());
                        if root {
                            states.extend(&start);
                            states = closed(patterns, states);
                        }
                        (states, root, whole)
                    }
                }
            }
        };
        // A member's name comes first; it is remembered and the value looked at next.
        let mut ahead = tokens.clone();
        match ahead.next() {
            None => return out,
            Some(Token::Close) => {
                tokens = ahead;
                levels.pop();
                if levels.is_empty() {
                    return out;
                }
            }
            Some(Token::Name(name, _)) => {
                tokens = ahead;
                if let Some(level) = levels.last_mut() {
                    level.name = Some(name.text());
                }
            }
            Some(Token::Open(_) | Token::Value(_)) if whole => {
                let Some(value) = tokens.skip_value() else { return out };
                out.push((value.place(), hide()));
                count(levels.last_mut());
            }
            Some(Token::Open(kind)) => {
                tokens = ahead;
                count(levels.last_mut());
                levels.push(Level { states, root, kind, next: 0, name: None });
            }
            Some(Token::Value(value)) => {
                tokens = ahead;
                count(levels.last_mut());
                if let Some(new) = embedded(patterns, value, nested) {
                    out.push((value.place(), new));
                }
                if levels.is_empty() {
                    return out;
                }
            }
        }
    }
}

fn count(level: Option<&mut Level>) {
    if let Some(level) = level {
        level.next += 1;
    }
}

/// JSON in a string: the string with its masked values replaced.
fn embedded(patterns: &[&[Part]], value: Json<'_>, nested: u8) -> Option<Zeroizing<Vec<u8>>> {
    // Most strings are told by their beginning.
    let beginning = value.text_within(64)?;
    if !beginning.trim_start().is_empty() && !beginning.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let text = value.text()?;
    match nested.checked_sub(1) {
        Some(nested) => within(patterns, &text, nested).map(|new| spelled(&new)),
        None => looks_like_json(&text).then(|| spelled(HIDDEN)),
    }
}

/// The states after a name, and whether a pattern has come to its end there.
fn step(patterns: &[&[Part]], states: &[State], name: &str) -> (Vec<State>, bool) {
    let mut next = Vec::with_capacity(states.len());
    for (pattern, at) in states {
        let parts = patterns.get(*pattern).copied().unwrap_or_default();
        let last = at + 1 == parts.len();
        match parts.get(*at) {
            Some(Part::Any) if last => return (Vec::new(), true),
            Some(Part::Any) => next.push((*pattern, *at)),
            Some(Part::Name(glob)) if glob.matches(name) => {
                if last {
                    return (Vec::new(), true);
                }
                next.push((*pattern, at + 1));
            }
            Some(Part::Name(_)) | None => {}
        }
    }
    (closed(patterns, next), false)
}

/// With what follows a `**` that stands for nothing.
fn closed(patterns: &[&[Part]], mut states: Vec<State>) -> Vec<State> {
    let mut at = 0;
    while let Some((pattern, part)) = states.get(at).copied() {
        let parts = patterns.get(pattern).copied().unwrap_or_default();
        if matches!(parts.get(part), Some(Part::Any)) && part + 1 < parts.len() {
            states.push((pattern, part + 1));
        }
        at += 1;
    }
    states.sort_unstable();
    states.dedup();
    states
}

impl fmt::Debug for Masks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.texts()).finish()
    }
}

impl PartialEq for Masks {
    fn eq(&self, other: &Self) -> bool {
        self.texts().eq(other.texts())
    }
}

impl Eq for Masks {}

impl Hash for Masks {
    fn hash<H: Hasher>(&self, to: &mut H) {
        self.texts().for_each(|t| t.hash(to));
    }
}

impl Serialize for Masks {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.texts())
    }
}

impl<'de> Deserialize<'de> for Masks {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        Self::new(texts.iter().map(String::as_str)).map_err(|(_, why)| serde::de::Error::custom(why))
    }
}

#[cfg(test)]
mod tests;
