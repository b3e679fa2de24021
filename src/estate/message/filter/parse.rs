//! Reading a filter: words, quotes, operators, units. What is wrong is told with its place and the words that would
//! have been right; a front end makes a diagnosis of it.

use super::{Compare, Op, Part, Term, Test};
use std::fmt;

/// What a term may be about.
pub const FIELDS: &[&str] = &["body", "attr", "error", "group", "id", "from", "age", "receives", "size"];
/// The longest filter, in bytes: it is kept in the journal and asked of every message.
const LONGEST: usize = 4_096;
/// The most terms.
const TERMS: usize = 32;
/// The most parts of a path.
const PARTS: usize = 32;

const DURATIONS: &[(&str, f64)] =
    &[("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0), ("w", 604_800.0)];
const SIZES: &[(&str, f64)] = &[
    ("b", 1.0),
    ("k", 1_024.0),
    ("kb", 1_024.0),
    ("kib", 1_024.0),
    ("m", 1_048_576.0),
    ("mb", 1_048_576.0),
    ("mib", 1_048_576.0),
];
const DURATION_WORDS: &[&str] = &["30m", "2h", "2d"];
const SIZE_WORDS: &[&str] = &["500", "100kb", "1mb"];
const NUMBER_WORDS: &[&str] = &["3"];
const TEXT_OPS: &[&str] = &["=", "!=", "~"];
const NUMBER_OPS: &[&str] = &["=", "!=", ">", ">=", "<", "<="];

/// What is wrong with a filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterFault {
    /// Where the word is, in bytes of the filter.
    pub place: std::ops::Range<usize>,
    /// The word.
    pub word: String,
    /// What is wrong with it, as the end of a sentence that begins with it.
    pub what: &'static str,
    /// What would have been right, or examples of it.
    pub candidates: &'static [&'static str],
}

impl fmt::Display for FilterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = crate::estate::untrusted::Untrusted::from(self.word.as_str());
        write!(f, "in the filter, `{}` (at {}) {}", word.shown(), self.place.start + 1, self.what)?;
        match self.candidates {
            [] => Ok(()),
            some => write!(f, ": {}", some.join(", ")),
        }
    }
}

impl std::error::Error for FilterFault {}

type Read<T> = Result<T, FilterFault>;

/// A character, and whether it stood in quotes.
type Marked = (char, bool);

struct Word {
    place: std::ops::Range<usize>,
    chars: Vec<Marked>,
}

impl Word {
    fn fault<T>(&self, word: &[Marked], what: &'static str, candidates: &'static [&'static str]) -> Read<T> {
        Err(FilterFault { place: self.place.clone(), word: plain(word), what, candidates })
    }
}

fn plain(chars: &[Marked]) -> String {
    chars.iter().map(|(c, _)| c).collect()
}

/// The terms of a filter.
pub(super) fn terms(text: &str) -> Read<Vec<Term>> {
    let whole = |what| {
        let word = text.chars().take(40).collect();
        Err(FilterFault { place: 0..text.len(), word, what, candidates: &[] })
    };
    if text.len() > LONGEST {
        return whole("is longer than 4096 bytes");
    }
    let words = words(text)?;
    if words.is_empty() {
        return whole("is no filter: it has no word");
    }
    if words.len() > TERMS {
        return whole("has more than 32 terms");
    }
    words.iter().map(term).collect()
}

fn words(text: &str) -> Read<Vec<Word>> {
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.peek().copied() {
        if c.is_whitespace() {
            chars.next();
            continue;
        }
        let mut word = Word { place: start..start, chars: Vec::new() };
        let mut quote = None;
        let mut quoted = false;
        while let Some((at, c)) = chars.peek().copied() {
            if quote.is_none() && c.is_whitespace() {
                break;
            }
            chars.next();
            word.place.end = at + c.len_utf8();
            match quote {
                None if c == '"' => (quote, quoted) = (Some(at), true),
                Some(_) if c == '"' => quote = None,
                Some(_) if c == '\\' => match chars.next() {
                    Some((at, next)) => {
                        word.place.end = at + next.len_utf8();
                        word.chars.push((next, true));
                    }
                    None => break,
                },
                Some(_) => word.chars.push((c, true)),
                None => word.chars.push((c, false)),
            }
        }
        if quote.is_some() {
            return word.fault(&word.chars, "has a quote without its end", &[]);
        }
        if word.chars.is_empty() && quoted {
            return word.fault(&[], "is empty: it would be in every message", &[]);
        }
        words.push(word);
    }
    Ok(words)
}

fn term(word: &Word) -> Read<Term> {
    let (negated, chars) = match word.chars.as_slice() {
        [('!' | '-', false), rest @ ..] => (true, rest),
        all => (false, all),
    };
    if chars.is_empty() {
        return word.fault(&word.chars, "turns nothing round: a term follows it", &[]);
    }
    let is_op = |(c, quoted): &Marked| !quoted && matches!(c, '=' | '~' | '<' | '>' | '!');
    // A `!` belongs to an operator only before `=`.
    let at = (0..chars.len())
        .find(|i| is_op(&chars[*i]) && (chars[*i].0 != '!' || chars.get(i + 1) == Some(&('=', false))));
    let Some(at) = at else {
        let text = plain(chars);
        let unquoted = chars.iter().all(|(_, quoted)| !quoted);
        if unquoted && (text.starts_with("body.") || text.starts_with("attr.")) {
            return word.fault(
                chars,
                "needs an operator and a value, or quotes around it to be a word",
                &["=", "~", ">"],
            );
        }
        return Ok(Term { negated, test: Test::Word(text) });
    };
    let (op, length) = match (chars[at].0, chars.get(at + 1)) {
        ('!', _) => (Op::IsNot, 2),
        ('>', Some(('=', false))) => (Op::AtLeast, 2),
        ('<', Some(('=', false))) => (Op::AtMost, 2),
        ('>', _) => (Op::More, 1),
        ('<', _) => (Op::Less, 1),
        ('~', _) => (Op::Has, 1),
        _ => (Op::Is, 1),
    };
    let (field, value) = (&chars[..at], &chars[at + length..]);
    Ok(Term { negated, test: test(word, field, op, value)? })
}

fn test(word: &Word, field: &[Marked], op: Op, value: &[Marked]) -> Read<Test> {
    let name: String =
        field.iter().take_while(|(c, q)| !q && !matches!(c, '.' | '[')).map(|(c, _)| c).collect();
    let rest = &field[name.chars().count()..];
    let path = matches!(name.as_str(), "body" | "attr");
    if !FIELDS.contains(&name.as_str()) || !path && !rest.is_empty() {
        let what = "is nothing that a message has; quote the whole to look for it as a word. There are";
        return word.fault(field, what, FIELDS);
    }
    let value_text = plain(value);
    let compare = || Compare { op, value: value_text.clone() };
    let texts = |test: fn(Compare) -> Test| match op {
        Op::Is | Op::IsNot => Ok(test(compare())),
        Op::Has if !value.is_empty() => Ok(test(compare())),
        Op::Has => word.fault(field, "is looked through for nothing: a text follows the `~`", &[]),
        Op::More | Op::Less | Op::AtLeast | Op::AtMost => {
            word.fault(field, "is a text and has no order. There are", TEXT_OPS)
        }
    };
    let ordered = matches!(op, Op::More | Op::Less | Op::AtLeast | Op::AtMost);
    let sound = |what: Test| {
        if ordered && value_text.trim().parse::<f64>().is_err() {
            return word.fault(value, "is no number, and only numbers have an order", NUMBER_WORDS);
        }
        if op == Op::Has && value.is_empty() {
            return word.fault(field, "is looked through for nothing: a text follows the `~`", &[]);
        }
        Ok(what)
    };
    let number = |units: &[(&str, f64)], what, examples, test: fn(Op, f64) -> Test| {
        if op == Op::Has {
            return word.fault(field, "is a number. There are", NUMBER_OPS);
        }
        match measured(&value_text, units) {
            Some(n) => Ok(test(op, n)),
            None => word.fault(value, what, examples),
        }
    };
    match name.as_str() {
        "body" => sound(Test::Body(parts(word, rest)?, compare())),
        "attr" => match rest {
            [('.', false), name @ ..] if !name.is_empty() => sound(Test::Attribute(plain(name), compare())),
            _ => word.fault(field, "needs the name of an attribute", &["attr.ErrorCode"]),
        },
        "error" => texts(Test::Error),
        "group" => texts(Test::Group),
        "id" => texts(Test::Id),
        "from" => texts(Test::From),
        "age" => number(DURATIONS, "is no time: a number and a unit, as in", DURATION_WORDS, Test::Age),
        "receives" => number(&[("", 1.0)], "is no number", NUMBER_WORDS, Test::Receives),
        _ => number(SIZES, "is no size, as in", SIZE_WORDS, Test::Size),
    }
}

/// A number with one of these units; without a unit where that is a number of the smallest, and not a time.
fn measured(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let cut = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let n: f64 = text[..cut].parse().ok().filter(|n: &f64| n.is_finite())?;
    let unit = text[cut..].to_ascii_lowercase();
    let bare = unit.is_empty() && units.first().is_some_and(|(u, _)| *u == "b");
    if bare {
        return Some(n);
    }
    units.iter().find(|(u, _)| *u == unit).map(|(_, factor)| n * factor)
}

/// `.items[0].sku`, `["odd name"]`, `[*]`; nothing is the whole body.
fn parts(word: &Word, path: &[Marked]) -> Read<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        if parts.len() == PARTS {
            return word.fault(path, "has more than 32 parts", &[]);
        }
        if *first == ('[', false) {
            let Some(end) = after.iter().position(|m| *m == (']', false)) else {
                return word.fault(path, "has a bracket without its end", &[]);
            };
            let inside = &after[..end];
            let text = plain(inside);
            let part = if inside.iter().any(|(_, quoted)| *quoted) {
                Part::Name(text)
            } else if text == "*" {
                Part::Any
            } else {
                match text.parse() {
                    Ok(n) => Part::Item(n),
                    Err(_) => {
                        return word.fault(inside, "is no number of an item", &["0", "*", "\"a name\""]);
                    }
                }
            };
            parts.push(part);
            rest = &after[end + 1..];
            continue;
        }
        // A dot, by what `test` has taken off or what ended the part before.
        let end = after.iter().position(|m| matches!(m, ('.' | '[', false))).unwrap_or(after.len());
        let name = plain(&after[..end]);
        if name.is_empty() || *first != ('.', false) {
            return word.fault(path, "has an empty part", &[]);
        }
        parts.push(Part::Name(name));
        rest = &after[end..];
    }
    Ok(parts)
}
