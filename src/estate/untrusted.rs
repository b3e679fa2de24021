//! Text that came from outside. It is kept byte for byte and has no `Display`: a view or a table may call
//! [`Untrusted::shown`], which makes terminal escapes, control, bidirectional and invisible characters
//! visible and harmless; the ports, exports and JSON call [`Untrusted::wire`].

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// Text from AWS, from a file or from a person, which may be hostile. Cloning is cheap.
/// Serialised as it came: JSON is one of the places that get the raw text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(Arc<str>);

impl Serialize for Untrusted {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Untrusted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(from)?.into()))
    }
}

impl Untrusted {
    /// Takes the text as it came.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text made safe to draw: what cannot be drawn is written as an escape (`\x1b`, `\u{202e}`, `\n`).
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        Shown(&self.0)
    }

    /// The text as it came, for the ports, exports and JSON only.
    #[must_use]
    pub fn wire(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.shown())
    }
}

/// The neutralised form of an [`Untrusted`] text; one line, printable, in reading order.
#[derive(Clone, Copy)]
pub struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain_from = 0;
        for (i, c) in self.0.char_indices() {
            if harmless(c) {
                continue;
            }
            f.write_str(&self.0[plain_from..i])?;
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if (c as u32) < 0x100 => write!(f, "\\x{:02x}", c as u32)?,
                c => write!(f, "\\u{{{:x}}}", c as u32)?,
            }
            plain_from = i + c.len_utf8();
        }
        f.write_str(&self.0[plain_from..])
    }
}

/// Whether a terminal draws this character in its own cells and in order. Control characters (C0, DEL, C1),
/// the bidirectional marks of Unicode TR9 ("Trojan Source"), zero-width and other format characters, line
/// and paragraph separators, tags and non-characters are not.
fn harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::Untrusted;

    #[test]
    fn hostile_text_is_visible_and_inert() {
        let t = Untrusted::from("a\u{1b}[2J\u{202e}b\n\u{9b}31m\u{200b}é漢");
        assert_eq!(t.shown().to_string(), "a\\x1b[2J\\u{202e}b\\n\\x9b31m\\u{200b}é漢");
        assert_eq!(t.wire(), "a\u{1b}[2J\u{202e}b\n\u{9b}31m\u{200b}é漢");
    }
}
