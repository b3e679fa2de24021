//! Looking into a JSON document without making anything of it: values are spans of the text, found in loops, so that
//! what is handed on is byte for byte what came, and no nesting exhausts the stack. Knows no messages.

use super::json::{check, space, string, string_end, value};
use super::text::{Span, Spelling, Text};
use zeroize::Zeroizing;

/// A value of a JSON document.
#[derive(Clone, Copy)]
pub struct Json<'a> {
    document: &'a str,
    span: Span,
}

/// What a JSON value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `{...}`.
    Object,
    /// `[...]`.
    Array,
    /// `"..."`.
    Text,
    /// A number, `true`, `false` or `null`.
    Bare,
}

impl<'a> Json<'a> {
    /// The one value of a document; `None` if it is not one JSON value.
    #[must_use]
    pub fn of(document: &'a str) -> Option<Self> {
        let bytes = document.as_bytes();
        check(bytes).ok()?;
        let span = value(bytes, space(bytes, 0)).ok()?;
        Some(Self { document, span })
    }

    /// The object or array that a document is; `None` of everything else, without looking at more than its beginning
    /// where that tells.
    #[must_use]
    pub fn structure(document: &'a str) -> Option<Self> {
        document.trim_start().starts_with(['{', '[']).then(|| Self::of(document))?
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.document.as_bytes().get(self.span.start) {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::Text,
            Some(_) | None => Kind::Bare,
        }
    }

    /// Byte for byte as it is spelled.
    #[must_use]
    pub fn raw(self) -> &'a str {
        // A value begins and ends with an ASCII byte or the document, so both ends are between characters.
        self.document.get(self.span.start..self.span.end).unwrap_or_default()
    }

    /// Where it is in the document, from byte to byte.
    #[must_use]
    pub fn place(self) -> std::ops::Range<usize> {
        self.span.start..self.span.end
    }

    /// The members of an object in their order, doubles too; none of everything else.
    pub fn members(self) -> impl Iterator<Item = (Name<'a>, Json<'a>)> + use<'a> {
        let bytes = self.document.as_bytes();
        let mut next = (self.kind() == Kind::Object).then_some(self.span.start + 1);
        std::iter::from_fn(move || {
            let quote = space(bytes, next.take()?);
            if bytes.get(quote) != Some(&b'"') {
                return None;
            }
            let end = string_end(bytes, quote).ok()?;
            let span = value(bytes, space(bytes, space(bytes, end) + 1)).ok()?;
            let after = space(bytes, span.end);
            next = (bytes.get(after) == Some(&b',')).then_some(after + 1);
            let name = Span { start: quote + 1, end: end - 1 };
            Some((Name(text(self.document, name)), Json { document: self.document, span }))
        })
    }

    /// The values of an array in their order; none of everything else.
    pub fn items(self) -> impl Iterator<Item = Json<'a>> + use<'a> {
        let bytes = self.document.as_bytes();
        let mut next = (self.kind() == Kind::Array).then_some(self.span.start + 1);
        std::iter::from_fn(move || {
            let start = space(bytes, next.take()?);
            if bytes.get(start) == Some(&b']') {
                return None;
            }
            let span = value(bytes, start).ok()?;
            let after = space(bytes, span.end);
            next = (bytes.get(after) == Some(&b',')).then_some(after + 1);
            Some(Json { document: self.document, span })
        })
    }

    /// The member of a name. Of doubles the last: it is the one that most readers take.
    #[must_use]
    pub fn field(self, name: &str) -> Option<Json<'a>> {
        self.members().filter(|(n, _)| n.is(name)).last().map(|(_, value)| value)
    }

    /// What a string says, at most so many bytes of its spelling looked at; `None` if it is none. Half a surrogate
    /// pair is drawn as U+FFFD.
    #[must_use]
    pub fn text_within(self, most: usize) -> Option<Zeroizing<String>> {
        let mut all = string(self.document.as_bytes(), self.span)?;
        let cut = all.span.start.saturating_add(most);
        all.span.end = all.span.end.min(cut);
        let bytes = all.decoded();
        Some(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// What a string says; `None` if it is none.
    #[must_use]
    pub fn text(self) -> Option<Zeroizing<String>> {
        self.text_within(usize::MAX)
    }

    /// Whether it is a string that says this.
    #[must_use]
    pub fn says(self, other: &str) -> bool {
        string(self.document.as_bytes(), self.span).is_some_and(|t| t.says(other.as_bytes()))
    }
}

/// The name of a member.
#[derive(Clone, Copy)]
pub struct Name<'a>(Text<'a>);

impl Name<'_> {
    /// Whether it says this.
    #[must_use]
    pub fn is(self, name: &str) -> bool {
        self.0.says(name.as_bytes())
    }

    /// What it says.
    #[must_use]
    pub fn text(self) -> String {
        String::from_utf8_lossy(&self.0.decoded()).into_owned()
    }
}

fn text(document: &str, span: Span) -> Text<'_> {
    Text { document: document.as_bytes(), span, spelling: Spelling::Json }
}

/// A piece of a JSON document, in the order of the text. Commas, colons and white space are between them.
#[derive(Clone, Copy)]
pub enum Token<'a> {
    /// `{` or `[`.
    Open(Kind),
    /// `}` or `]`.
    Close,
    /// The name of a member.
    Name(Name<'a>, Json<'a>),
    /// A string, a number, `true`, `false` or `null`.
    Value(Json<'a>),
}

/// The pieces of a value, in one pass. A hole can be made: [`Tokens::skip_value`].
#[derive(Clone)]
pub struct Tokens<'a> {
    document: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Tokens<'a> {
    /// Those of a value.
    #[must_use]
    pub fn of(json: Json<'a>) -> Self {
        Self { document: json.document, at: json.span.start, end: json.span.end }
    }

    /// Passes over the value that comes next, whole; tells what it is.
    pub fn skip_value(&mut self) -> Option<Json<'a>> {
        let bytes = self.document.as_bytes();
        let span = value(bytes, self.between()).ok()?;
        self.at = span.end;
        Some(Json { document: self.document, span })
    }

    /// Where the next piece begins.
    fn between(&mut self) -> usize {
        let bytes = self.document.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            self.at += 1;
        }
        self.at
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.document.as_bytes();
        let start = self.between();
        if start >= self.end {
            return None;
        }
        match *bytes.get(start)? {
            b'{' | b'[' => {
                self.at = start + 1;
                let kind = if bytes.get(start) == Some(&b'{') { Kind::Object } else { Kind::Array };
                Some(Token::Open(kind))
            }
            b'}' | b']' => {
                self.at = start + 1;
                Some(Token::Close)
            }
            first => {
                let span = value(bytes, start).ok()?;
                self.at = span.end;
                let json = Json { document: self.document, span };
                let named = first == b'"' && bytes.get(space(bytes, span.end)) == Some(&b':');
                let name = Span { start: span.start + 1, end: span.end.saturating_sub(1) };
                let token = if named {
                    Token::Name(Name(text(self.document, name)), json)
                } else {
                    Token::Value(json)
                };
                Some(token)
            }
        }
    }
}

/// A text as a JSON string spells it, with its quotes.
#[must_use]
pub fn spelled(text: &str) -> Zeroizing<Vec<u8>> {
    use super::text::{Piece, spliced};
    let pieces = [Piece::Raw(b"\""), Piece::Value(text.as_bytes(), Spelling::Json), Piece::Raw(b"\"")];
    spliced(b"", Span { start: 0, end: 0 }, &pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_items_and_texts_are_found_where_they_are() {
        let text = " {\"a\\u0062\" : [1, {\"x\":\"\\u00e9\"} ,\"\"],\"c\":{}, \"c\":-1.50e3 } ";
        let json = Json::of(text).unwrap();
        assert_eq!(json.kind(), Kind::Object);
        let list = json.field("ab").unwrap();
        let raw: Vec<&str> = list.items().map(Json::raw).collect();
        assert_eq!(raw, ["1", "{\"x\":\"\\u00e9\"}", "\"\""]);
        let inner = list.items().nth(1).unwrap().field("x").unwrap();
        assert_eq!(inner.text().unwrap().as_str(), "é");
        assert!(inner.says("é") && !inner.says("e"));
        assert_eq!(json.field("c").unwrap().raw(), "-1.50e3");
        assert_eq!(&text[json.field("c").unwrap().place()], "-1.50e3");
        assert!(json.field("d").is_none() && json.field("c").unwrap().text().is_none());
        assert!(Json::of("{} x").is_none() && Json::of("").is_none());
        assert!(Json::structure("\"a\"").is_none() && Json::structure("[").is_none());
        assert_eq!(&*spelled("a\"\n\u{1}é"), "\"a\\\"\\n\\u0001é\"".as_bytes());
    }

    #[test]
    fn deep_documents_are_looked_into_without_a_stack() {
        let deep = format!("{}1{}", "[".repeat(500_000), "]".repeat(500_000));
        let json = Json::of(&deep).unwrap();
        assert_eq!(Tokens::of(json).count(), 1_000_001);
        assert_eq!(json.items().next().unwrap().raw().len(), deep.len() - 2);
    }

    proptest! {
        #[test]
        fn agrees_with_serde(text in "[\\[\\]{}:,\"a1 \\\\nté]{0,30}", json in prop::collection::vec("[a-c\"\\\\é]{0,3}", 0..5)) {
            // Any text: no panic, and it is JSON if serde says so.
            let ours = Json::of(&text);
            prop_assert_eq!(ours.is_some(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
            if let Some(it) = ours {
                prop_assert_eq!(it.raw(), text.trim_matches([' ', '\n', '\t', '\r']));
            }
            let map: serde_json::Map<String, serde_json::Value> =
                json.iter().enumerate().map(|(n, name)| (name.clone(), serde_json::json!({ "n": n, "t": name }))).collect();
            let text = serde_json::to_string_pretty(&map).unwrap();
            let ours = Json::of(&text).unwrap();
            prop_assert_eq!(ours.members().count(), map.len());
            for (name, value) in &map {
                let found = ours.field(name).unwrap();
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(found.raw()).unwrap(), value);
                let said = found.field("t").unwrap().text().unwrap();
                prop_assert_eq!(said.as_str(), name.as_str());
            }
        }
    }
}
