//! A text as it is spelled in a document: plain, or inside a JSON string with escapes. It is looked at
//! decoded, unit by unit and without a copy, while its bytes stay where they are. Knows no objects, no lists.

use super::EditFault;
use std::cmp::Ordering;
use zeroize::Zeroizing;

/// A part of a document, from byte to byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// Its bytes; none if it does not lie in the document.
    pub fn of(self, document: &[u8]) -> &[u8] {
        document.get(self.start..self.end).unwrap_or_default()
    }
}

/// How a text is spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Byte for byte.
    Plain,
    /// As between the quotes of a JSON string.
    Json,
}

/// A text where it is in a document.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub document: &'a [u8],
    pub span: Span,
    pub spelling: Spelling,
}

/// The smallest part of a text that is kept or dropped as one: a byte, or an escape.
pub(super) struct Unit {
    pub span: Span,
    decoded: [u8; 4],
    len: usize,
    /// One half of a surrogate pair without the other, which no text can hold.
    lone: bool,
}

impl Unit {
    fn byte(at: usize, end: usize, byte: u8) -> Self {
        Self { span: Span { start: at, end }, decoded: [byte, 0, 0, 0], len: 1, lone: false }
    }

    fn char(start: usize, end: usize, c: char) -> Self {
        let mut decoded = [0; 4];
        let len = c.encode_utf8(&mut decoded).len();
        Self { span: Span { start, end }, decoded, len, lone: false }
    }

    /// The one byte it stands for, if it is one.
    pub fn ascii(&self) -> Option<u8> {
        (self.len == 1).then_some(self.decoded[0])
    }
}

impl<'a> Text<'a> {
    /// The whole of a document.
    pub fn whole(document: &'a [u8]) -> Self {
        Self { document, span: Span { start: 0, end: document.len() }, spelling: Spelling::Plain }
    }

    /// A part of it.
    pub fn part(self, span: Span) -> Self {
        Self { span, ..self }
    }

    /// What it is made of.
    pub fn units(self) -> impl Iterator<Item = Unit> + 'a {
        let mut at = self.span.start;
        std::iter::from_fn(move || {
            if at >= self.span.end {
                return None;
            }
            let unit = match self.spelling {
                Spelling::Plain => Unit::byte(at, at + 1, *self.document.get(at)?),
                Spelling::Json => json_unit(self.document, at)?,
            };
            at = unit.span.end;
            Some(unit)
        })
    }

    /// What it says, byte by byte.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        self.units().flat_map(|u| u.decoded.into_iter().take(u.len))
    }

    /// Whether it says `other`.
    pub fn says(self, other: &[u8]) -> bool {
        self.bytes().eq(other.iter().copied())
    }

    /// Whether both say the same, and else which comes first.
    pub fn compare(self, other: Text<'_>) -> Ordering {
        self.bytes().cmp(other.bytes())
    }

    /// How many bytes it says.
    pub fn len(self) -> usize {
        self.units().map(|u| u.len).sum()
    }

    /// What it says, in a buffer that did not grow.
    pub fn decoded(self) -> Zeroizing<Vec<u8>> {
        // Decoding never lengthens: the shortest escapes of 1, 2, 3 and 4 bytes are 2, 6, 6 and 12 long.
        let mut out = Zeroizing::new(Vec::with_capacity(self.span.end.saturating_sub(self.span.start)));
        self.units().for_each(|u| out.extend_from_slice(&u.decoded[..u.len]));
        out
    }

    /// Refuses half surrogate pairs: what they say cannot be written as UTF-8, so readers differ on it.
    pub fn sound(self) -> Result<Self, EditFault> {
        match self.units().find(|u| u.lone) {
            Some(unit) => Err(EditFault::NotJson(unit.span.start)),
            None => Ok(self),
        }
    }
}

/// The unit of a JSON string at `at`. `None` only where the document is not JSON.
fn json_unit(document: &[u8], at: usize) -> Option<Unit> {
    let first = *document.get(at)?;
    if first != b'\\' {
        return Some(Unit::byte(at, at + 1, first));
    }
    let plain = match *document.get(at + 1)? {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return escaped_char(document, at),
        other => other,
    };
    Some(Unit::byte(at, at + 2, plain))
}

fn escaped_char(document: &[u8], at: usize) -> Option<Unit> {
    let high = hex(document, at)?;
    if let Some(c) = char::from_u32(high) {
        return Some(Unit::char(at, at + 6, c));
    }
    if (0xd800..0xdc00).contains(&high)
        && document.get(at + 6..at + 8) == Some(b"\\u".as_slice())
        && let Some(low @ 0xdc00..0xe000) = hex(document, at + 6)
        && let Some(c) = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    {
        return Some(Unit::char(at, at + 12, c));
    }
    // As three bytes that no UTF-8 text has (as WTF-8 does), so that it equals nothing but itself.
    let low_bits = |shift: u32| 0x80 | (high >> shift & 0x3f) as u8;
    let decoded = [0xed, low_bits(6), low_bits(0), 0];
    Some(Unit { span: Span { start: at, end: at + 6 }, decoded, len: 3, lone: true })
}

/// The number of `\uXXXX` at `at`.
fn hex(document: &[u8], at: usize) -> Option<u32> {
    let digits = document.get(at + 2..at + 6)?;
    digits.iter().try_fold(0, |n, d| Some(n << 4 | char::from(*d).to_digit(16)?))
}

/// One piece of a document that is being written.
pub(super) enum Piece<'a> {
    /// As it is.
    Raw(&'a [u8]),
    /// A value, to be spelled.
    Value(&'a [u8], Spelling),
}

/// A document with one part replaced, in a buffer of the right size.
pub(super) fn spliced(document: &[u8], part: Span, pieces: &[Piece<'_>]) -> Zeroizing<Vec<u8>> {
    let before = document.get(..part.start).unwrap_or_default();
    let after = document.get(part.end..).unwrap_or_default();
    let new: usize = pieces.iter().map(Piece::len).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(before.len() + new + after.len()));
    out.extend_from_slice(before);
    pieces.iter().for_each(|p| p.write(&mut out));
    out.extend_from_slice(after);
    out
}

impl Piece<'_> {
    fn len(&self) -> usize {
        match self {
            Piece::Raw(bytes) | Piece::Value(bytes, Spelling::Plain) => bytes.len(),
            Piece::Value(bytes, Spelling::Json) => bytes.iter().map(|b| escape(*b).1).sum(),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Piece::Raw(bytes) | Piece::Value(bytes, Spelling::Plain) => out.extend_from_slice(bytes),
            Piece::Value(bytes, Spelling::Json) => {
                for byte in *bytes {
                    let (spelled, len) = escape(*byte);
                    out.extend_from_slice(&spelled[..len]);
                }
            }
        }
    }
}

/// A byte of UTF-8 as a JSON string spells it, with no more escapes than RFC 8259 section 7 demands.
fn escape(byte: u8) -> ([u8; 6], usize) {
    let short = |c: u8| ([b'\\', c, 0, 0, 0, 0], 2);
    match byte {
        b'"' | b'\\' => short(byte),
        0x08 => short(b'b'),
        0x09 => short(b't'),
        0x0a => short(b'n'),
        0x0c => short(b'f'),
        0x0d => short(b'r'),
        0..0x20 => {
            let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
            ([b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)], 6)
        }
        0x20.. => ([byte, 0, 0, 0, 0, 0], 1),
    }
}
