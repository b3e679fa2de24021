//! Checked reading of TOML: tables and values that know their place in the file, so that an unknown key or a
//! wrong type is reported with its line and all of them at once. It knows nothing of what the file is for.

use super::{Diagnosis, one_of, quoted};
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A text and the name of the file it came from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// As the person knows it.
    pub file: &'a str,
    /// All of it.
    pub text: &'a str,
}

/// Everything found wrong so far.
pub type Problems = Vec<Diagnosis>;

impl<'a> Source<'a> {
    /// Takes the bytes of a file, which must be UTF-8.
    ///
    /// # Errors
    /// A diagnosis with the line of the first byte that is not UTF-8.
    pub fn from_bytes(file: &'a str, bytes: &'a [u8]) -> Result<Self, Diagnosis> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { file, text }),
            Err(e) => {
                let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
                Err(Diagnosis::of(file, "not UTF-8 text").at(line, 0).hint("save the file as UTF-8"))
            }
        }
    }

    /// A diagnosis at a span of this text.
    #[must_use]
    pub fn diagnose(&self, span: Range<usize>, what: impl Into<String>) -> Diagnosis {
        let (line, column) = self.place(span.start);
        Diagnosis::of(self.file, what).at(line, column)
    }

    /// The line and column of a byte of this text, both from 1. It walks over all that comes before: a reader that
    /// marks many places keeps their bytes and asks for those that it needs.
    #[must_use]
    pub fn place(&self, byte: usize) -> (usize, usize) {
        let mut start = byte.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// Parses the text; every mistake of syntax is reported.
    pub fn parse(self, problems: &mut Problems) -> Option<Document<'a>> {
        const ENOUGH: usize = 20; // what follows the first mistakes is mostly caused by them
        let (root, errors) = DeTable::parse_recoverable(self.text);
        if errors.is_empty() {
            return Some(Document { source: self, root });
        }
        let mut last_line = 0;
        for error in errors.iter().take(ENOUGH) {
            let span = error.span().unwrap_or(0..0);
            let found = self.diagnose(span, format!("not valid TOML: {}", error.message()));
            if found.line != last_line {
                last_line = found.line;
                problems.push(found);
            }
        }
        None
    }
}

/// A parsed file.
pub struct Document<'a> {
    source: Source<'a>,
    root: Spanned<DeTable<'a>>,
}

impl Document<'_> {
    /// Its outermost table.
    #[must_use]
    pub fn table(&self) -> Table<'_> {
        Table { source: self.source, path: String::new(), span: 0..0, table: self.root.get_ref() }
    }
}

/// A table in a file.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    source: Source<'a>,
    path: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    /// What is under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Item<'a>> {
        let (found, value) = self.table.get_key_value(key)?;
        Some(self.item(found, value))
    }

    /// Everything in it, in the order of the file.
    #[must_use]
    pub fn items(&self) -> Vec<Item<'a>> {
        let mut items: Vec<Item<'a>> = self.table.iter().map(|(k, v)| self.item(k, v)).collect();
        items.sort_by_key(|i| i.key_span.start);
        items
    }

    /// Reports every key that is not one of `known`.
    pub fn only(&self, known: &[&str], problems: &mut Problems) {
        for item in self.items() {
            if !known.contains(&item.key) {
                let mut found = item
                    .at_key(format!("unknown key {}{}", quoted(item.key), self.inside()))
                    .near(item.key, known.iter().copied());
                if found.nearest.is_none() {
                    found = found.hint(format!("known are {}", one_of(known.iter().copied())));
                }
                problems.push(found);
            }
        }
    }

    /// The file it stands in.
    #[must_use]
    pub fn file(&self) -> &'a str {
        self.source.file
    }

    /// The byte at which it begins.
    #[must_use]
    pub fn begins(&self) -> usize {
        self.span.start
    }

    /// A diagnosis at the head of this table.
    #[must_use]
    pub fn diagnose(&self, what: impl Into<String>) -> Diagnosis {
        self.source.diagnose(self.span.clone(), what)
    }

    fn inside(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) }
    }

    fn item(&self, key: &'a Spanned<std::borrow::Cow<'a, str>>, value: &'a Spanned<DeValue<'a>>) -> Item<'a> {
        let name: &str = key.get_ref();
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Item { source: self.source, path, key: name, key_span: key.span(), value }
    }
}

/// A value in a file and the key it stands under.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    source: Source<'a>,
    /// The keys from the outermost table to here, with dots.
    pub path: String,
    /// Its own key; that of the array for an element.
    pub key: &'a str,
    key_span: Range<usize>,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Item<'a> {
    /// The file it stands in.
    #[must_use]
    pub fn file(&self) -> &'a str {
        self.source.file
    }

    /// The line of the value, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.at_value("").line
    }

    /// The byte at which its value begins.
    #[must_use]
    pub fn begins(&self) -> usize {
        self.value.span().start
    }

    /// A diagnosis at the key.
    #[must_use]
    pub fn at_key(&self, what: impl Into<String>) -> Diagnosis {
        self.source.diagnose(self.key_span.clone(), what)
    }

    /// A diagnosis at the value.
    #[must_use]
    pub fn at_value(&self, what: impl Into<String>) -> Diagnosis {
        self.source.diagnose(self.value.span(), what)
    }

    /// The text, which must be a string.
    pub fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        let found = self.value.get_ref().as_str();
        self.expected(found, "a string", problems)
    }

    /// The text, which must be one of `words`.
    pub fn word(&self, words: &[&str], problems: &mut Problems) -> Option<&'a str> {
        let text = self.text(problems)?;
        if words.contains(&text) {
            return Some(text);
        }
        let what = format!("`{}` must be {}, not {}", self.path, one_of(words.iter().copied()), quoted(text));
        problems.push(self.at_value(what).near(text, words.iter().copied()));
        None
    }

    /// `true` or `false`.
    pub fn flag(&self, problems: &mut Problems) -> Option<bool> {
        let found = self.value.get_ref().as_bool();
        self.expected(found, "`true` or `false`", problems)
    }

    /// A whole number within `range`.
    pub fn number(&self, range: RangeInclusive<i64>, problems: &mut Problems) -> Option<i64> {
        let Some(digits) = self.value.get_ref().as_integer() else {
            return self.expected(None, "a whole number", problems);
        };
        // The parser has taken the separators and the prefix away; what is left can only be too large.
        let number = i64::from_str_radix(digits.as_str(), digits.radix());
        match number {
            Ok(n) if range.contains(&n) => Some(n),
            Ok(_) | Err(_) => {
                let (least, most) = range.into_inner();
                let what = format!("`{}` must be from {least} to {most}, not {}", self.path, digits.as_str());
                problems.push(self.at_value(what));
                None
            }
        }
    }

    /// A table.
    pub fn table(&self, problems: &mut Problems) -> Option<Table<'a>> {
        let found = self.value.get_ref().as_table();
        let table = self.expected(found, "a table", problems)?;
        Some(Table { source: self.source, path: self.path.clone(), span: self.value.span(), table })
    }

    /// The elements of an array.
    pub fn array(&self, problems: &mut Problems) -> Option<Vec<Item<'a>>> {
        let found = self.value.get_ref().as_array();
        let array = self.expected(found, "an array", problems)?;
        Some(array.iter().map(|value| Item { value, ..self.clone() }).collect())
    }

    /// The tables of an array of tables, `[[key]]`.
    pub fn tables(&self, problems: &mut Problems) -> Option<Vec<Table<'a>>> {
        let found = self.value.get_ref().as_array();
        let want = format!("tables, each begun by `[[{}]]`", self.path);
        self.expected(found, &want, problems)?;
        Some(self.array(problems)?.iter().filter_map(|item| item.table(problems)).collect())
    }

    /// An array of strings.
    pub fn texts(&self, problems: &mut Problems) -> Option<Vec<&'a str>> {
        let found = self.value.get_ref().as_array();
        self.expected(found, "an array of strings", problems)?;
        Some(self.array(problems)?.iter().filter_map(|item| item.text(problems)).collect())
    }

    /// Whether this is a string.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    fn expected<T>(&self, found: Option<T>, want: &str, problems: &mut Problems) -> Option<T> {
        if found.is_none() {
            let got = match self.value.get_ref() {
                DeValue::String(s) => format!("the string {}", quoted(s)),
                DeValue::Integer(n) => format!("the number {}", n.as_str()),
                DeValue::Float(n) => format!("the number {}", n.as_str()),
                DeValue::Boolean(b) => format!("`{b}`"),
                DeValue::Datetime(_) => "a date".to_owned(),
                DeValue::Array(_) => "an array".to_owned(),
                DeValue::Table(_) => "a table".to_owned(),
            };
            problems.push(self.at_value(format!("`{}` must be {want}, not {got}", self.path)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, read: impl Fn(Table<'_>, &mut Problems)) -> Vec<String> {
        let mut problems = Problems::new();
        if let Some(doc) = (Source { file: "f.toml", text }).parse(&mut problems) {
            read(doc.table(), &mut problems);
        }
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn unknown_keys_are_all_reported_with_line_and_nearest() {
        let found = check("theme = 'x'\nthmee = 1\n\n[a]\nb = 1\nqq = 2\n", |t, p| {
            t.only(&["theme", "a"], p);
            t.get("a").and_then(|i| i.table(p)).unwrap().only(&["b"], p);
        });
        assert_eq!(
            found,
            [
                "f.toml:2: unknown key `thmee`; did you mean `theme`?",
                "f.toml:6: unknown key `qq` in `a`; known are `b`"
            ]
        );
    }

    #[test]
    fn wrong_types_say_what_was_expected_and_what_is_there() {
        let found = check("a = 3\nb = 'yes'\nc = ['x', 1]\nd = 99999999999999999999\ne = 2\n", |t, p| {
            t.get("a").unwrap().text(p);
            t.get("b").unwrap().flag(p);
            t.get("c").unwrap().texts(p);
            t.get("d").unwrap().number(0..=9, p);
            t.get("e").unwrap().number(5..=9, p);
            t.get("e").unwrap().tables(p);
            t.get("b").unwrap().word(&["yesterday", "no"], p);
        });
        assert_eq!(
            found,
            [
                "f.toml:1: `a` must be a string, not the number 3",
                "f.toml:2: `b` must be `true` or `false`, not the string `yes`",
                "f.toml:3: `c` must be a string, not the number 1",
                "f.toml:4: `d` must be from 0 to 9, not 99999999999999999999",
                "f.toml:5: `e` must be from 5 to 9, not 2",
                "f.toml:5: `e` must be tables, each begun by `[[e]]`, not the number 2",
                "f.toml:2: `b` must be `yesterday` or `no`, not `yes`; did you mean `yesterday`?",
            ]
        );
    }

    #[test]
    fn broken_syntax_names_its_lines() {
        let found = check("a = 1\nb = = 2\na = 3\n", |_, _| {});
        assert!(found[0].starts_with("f.toml:2: not valid TOML: "), "{found:?}");
        assert!(found.iter().any(|d| d.starts_with("f.toml:3: ") && d.contains("duplicate")), "{found:?}");
        let bad = Source::from_bytes("f.toml", b"a = 1\nb = '\xff'\n").unwrap_err();
        assert_eq!(bad.to_string(), "f.toml:2: not UTF-8 text; save the file as UTF-8");
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let found = check(&format!("a = {}1", "[".repeat(100_000)), |_, _| {});
        assert!(!found.is_empty());
    }
}
