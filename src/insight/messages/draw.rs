//! How a body is drawn: JSON set out in lines, text, or hexadecimal digits; every line neutralised and cut, with the
//! true size said. Looks at no more of a body than is drawn, but for finding out whether it is JSON.

use crate::estate::Untrusted;
use crate::estate::edit::look::{Json, Kind, Token, Tokens};
use std::fmt::Write;

/// What a body is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A JSON object or array.
    Json,
    /// Text that a person can read.
    Text,
    /// Neither.
    Binary,
}

impl Form {
    /// Of a body.
    #[must_use]
    pub fn of(body: &str) -> Self {
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if Json::structure(body).is_some() {
            Form::Json
        } else if body.chars().any(|c| control(c) || c == char::REPLACEMENT_CHARACTER) {
            Form::Binary
        } else {
            Form::Text
        }
    }
}

/// How much is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Lines at most.
    pub lines: usize,
    /// Characters of a line at most, before what is neutralised is written out.
    pub columns: usize,
}

impl Default for Limit {
    fn default() -> Self {
        Self { lines: 2_000, columns: 1_000 }
    }
}

/// A body as it is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// What it is.
    pub form: Form,
    /// Its lines. Safe to draw.
    pub lines: Vec<String>,
    /// Bytes of the whole body.
    pub bytes: usize,
    /// Not all of it is drawn.
    pub cut: bool,
}

impl Drawn {
    /// What is said below it: its size, and whether it was cut. `JSON, 1,234 bytes, cut`.
    #[must_use]
    pub fn note(&self) -> String {
        let form = match self.form {
            Form::Json => "JSON",
            Form::Text => "text",
            Form::Binary => "not text",
        };
        let size = crate::insight::words::counted(self.bytes as u64, "byte");
        let cut = if self.cut { ", cut here" } else { "" };
        format!("{form}, {size}{cut}")
    }
}

/// Levels of a JSON body that are indented: deeper ones stay at the edge of the last.
const LEVELS: usize = 20;

struct Pen {
    limit: Limit,
    lines: Vec<String>,
    cut: bool,
}

impl Pen {
    fn full(&self) -> bool {
        self.lines.len() >= self.limit.lines
    }

    fn line(&mut self, text: &str) {
        if self.full() {
            self.cut = true;
            return;
        }
        let end = text.char_indices().nth(self.limit.columns).map(|(at, _)| at);
        let shown = Untrusted::from(&text[..end.unwrap_or(text.len())]).shown().to_string();
        match end {
            Some(_) => {
                self.cut = true;
                self.lines.push(format!("{shown}…"));
            }
            None => self.lines.push(shown),
        }
    }
}

/// A body as it is drawn.
#[must_use]
pub fn body(body: &str, limit: Limit) -> Drawn {
    let form = Form::of(body);
    let mut pen = Pen { limit, lines: Vec::new(), cut: false };
    match (form, Json::structure(body)) {
        (Form::Json, Some(json)) => pretty(json, &mut pen),
        (Form::Binary, _) => hex(body.as_bytes(), &mut pen),
        (Form::Json, None) | (Form::Text, _) => {
            for line in body.lines() {
                pen.line(line);
                if pen.cut && pen.full() {
                    break;
                }
            }
        }
    }
    Drawn { form, lines: pen.lines, bytes: body.len(), cut: pen.cut }
}

/// JSON with a line for each member and item; empty objects and arrays on one.
fn pretty(json: Json<'_>, pen: &mut Pen) {
    let mut depth: Vec<Kind> = Vec::new();
    let mut line = String::new();
    // The last piece was a value or an end: a comma comes before the next on this level.
    let mut after_value = false;
    let mut just_opened = false;
    let indent = |depth: usize| "  ".repeat(depth.min(LEVELS));
    for token in Tokens::of(json) {
        if pen.full() {
            pen.cut = true;
            return;
        }
        let named = line.ends_with(": ");
        match token {
            Token::Close => {
                let closed = depth.pop();
                let end = if closed == Some(Kind::Array) { "]" } else { "}" };
                if just_opened {
                    line.push_str(end);
                } else {
                    pen.line(&line);
                    line = format!("{}{end}", indent(depth.len()));
                }
                (after_value, just_opened) = (true, false);
            }
            Token::Open(_) | Token::Name(..) | Token::Value(_) => {
                if !named {
                    if after_value {
                        line.push(',');
                    }
                    if after_value || just_opened {
                        pen.line(&line);
                        line = indent(depth.len());
                    }
                }
                (after_value, just_opened) = (false, false);
                match token {
                    Token::Open(kind) => {
                        line.push(if kind == Kind::Array { '[' } else { '{' });
                        depth.push(kind);
                        just_opened = true;
                    }
                    Token::Name(_, spelled) => {
                        line.push_str(spelled.raw());
                        line.push_str(": ");
                    }
                    Token::Value(value) => {
                        line.push_str(value.raw());
                        after_value = true;
                    }
                    Token::Close => {}
                }
            }
        }
    }
    pen.line(&line);
}

/// Sixteen bytes a line: where, what, and as ASCII.
fn hex(bytes: &[u8], pen: &mut Pen) {
    for (n, row) in bytes.chunks(16).enumerate() {
        if pen.full() {
            pen.cut = true;
            return;
        }
        let mut digits = String::with_capacity(48);
        for byte in row {
            // Writing to a String cannot fail.
            write!(digits, "{byte:02x} ").unwrap_or_default();
        }
        let text: String =
            row.iter().map(|b| if (0x20..0x7f).contains(b) { char::from(*b) } else { '.' }).collect();
        pen.line(&format!("{:08x}  {digits:<48} {text}", n * 16));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(text: &str) -> Vec<String> {
        body(text, Limit::default()).lines
    }

    #[test]
    fn json_is_set_out_with_its_own_spelling() {
        let text = r#" {"a":1.50,"b" : [ ],"c":[1,{"x":"\u00e9"},[]],"d":{},"e: ":"f: "}"#;
        let want = [
            "{",
            "  \"a\": 1.50,",
            "  \"b\": [],",
            "  \"c\": [",
            "    1,",
            "    {",
            "      \"x\": \"\\u00e9\"",
            "    },",
            "    []",
            "  ],",
            "  \"d\": {},",
            "  \"e: \": \"f: \"",
            "}",
        ];
        assert_eq!(drawn(text), want);
        assert_eq!(drawn("[]"), ["[]"]);
        assert_eq!(drawn("[\"a: \",1]"), ["[", "  \"a: \",", "  1", "]"]);
    }

    #[test]
    fn hostile_bodies_are_inert_and_bytes_are_hexadecimal() {
        assert_eq!(drawn("{\"a\u{202e}\":\"\u{200b}\"}"), ["{", "  \"a\\u{202e}\": \"\\u{200b}\"", "}"]);
        assert_eq!(drawn("one\ntwo\u{202e}\r\n\tthree"), ["one", "two\\u{202e}", "\\tthree"]);
        let binary = body("\u{1b}[2J\u{1}", Limit::default());
        assert_eq!(binary.form, Form::Binary);
        assert_eq!(binary.lines, [format!("00000000  {:<48} .[2J.", "1b 5b 32 4a 01 ")]);
        assert_eq!(binary.note(), "not text, 5 bytes");
        assert!(drawn("").is_empty());
    }

    #[test]
    fn what_is_large_is_cut_and_its_size_said() {
        let limit = Limit { lines: 3, columns: 5 };
        let it = body("[1,2,3,4]", limit);
        assert_eq!(
            (it.lines.as_slice(), it.cut),
            (["[", "  1,", "  2,"].map(str::to_owned).as_slice(), true)
        );
        assert_eq!(it.note(), "JSON, 9 bytes, cut here");
        let it = body("abcdefgh\nb", limit);
        assert_eq!((it.lines.as_slice(), it.cut), (["abcde…", "b"].map(str::to_owned).as_slice(), true));
        let deep = format!("{}1{}", "[".repeat(500_000), "]".repeat(500_000));
        let it = body(&deep, Limit::default());
        assert!(it.cut && it.lines.len() == 2_000 && it.lines.iter().all(|l| l.len() <= 60));
        let exact = body("[1]", limit);
        assert!(!exact.cut && exact.lines.len() == 3);
    }

    proptest! {
        #[test]
        fn what_is_set_out_says_the_same(text in "[\\[\\]{}\":,a1 ]{0,30}", n in 0..5_usize) {
            let texts = [text, format!("{}[1,{{\"a\":[{{}},\"x\"]}}]{}", "[".repeat(n), "]".repeat(n))];
            for text in texts {
                let it = body(&text, Limit::default());
                prop_assert!(!it.cut && it.lines.iter().all(|l| !l.contains(char::is_control)));
                if it.form == Form::Json {
                    let again: serde_json::Value = serde_json::from_str(&it.lines.join("\n")).unwrap();
                    prop_assert_eq!(again, serde_json::from_str::<serde_json::Value>(&text).unwrap());
                }
            }
        }

        #[test]
        fn nothing_drawn_is_hostile(text in "\\PC{0,80}|[\u{0}-\u{ff}\u{202e}]{0,80}", lines in 0..4_usize, columns in 0..9_usize) {
            let it = body(&text, Limit { lines, columns });
            prop_assert!(it.lines.len() <= lines && it.bytes == text.len());
            let hostile = |l: &String| l.contains(char::is_control) || l.contains('\u{202e}');
            prop_assert!(!it.lines.iter().any(hostile));
        }
    }
}
