//! What surrounds a body: the fields of a record, how one becomes a line and how a line is read. It knows
//! nothing of the lines around it, nor of where they are kept.

use super::damage::Reason;
use super::name::RunName;
use crate::estate::time::Timestamp;
use serde::de::{self, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;

/// The version of the format that is written. docs/journal.md says what each version is.
pub const VERSION: u64 = 1;

/// Longest line, in bytes, with its newline.
pub const LONGEST_LINE: usize = 1024 * 1024;

/// SHA-256 over the raw bytes of a line with its newline. Text: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineHash([u8; 32]);

impl LineHash {
    /// What the first record names as the hash of the line before it.
    pub const NONE: Self = Self([0; 32]);

    /// The hash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash that `text` spells; `None` unless it is 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(hash))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for LineHash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LineHash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Hex;
        impl Visitor<'_> for Hex {
            type Value = LineHash;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 lower-case hexadecimal digits")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<LineHash, E> {
                LineHash::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Other("a text"), &self))
            }
        }
        from.deserialize_str(Hex)
    }
}

/// Who writes: the machine and the process, for the records and for whoever finds a run taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Here {
    /// The name of the machine.
    pub host: String,
    /// The process.
    pub pid: u32,
}

/// A record that is not yet part of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    at: Timestamp,
    by: String,
    body: String,
}

impl Draft {
    /// What happened at `at`, by the principal `by` (an ARN, or a word where there is none). The body is any
    /// JSON value and must hold no secret: it is kept for ever and read by others.
    ///
    /// # Errors
    /// The body is not JSON that can be read again: a map with keys that are no texts, a number that is none,
    /// more than 128 levels.
    pub fn new<T: Serialize + ?Sized>(at: Timestamp, by: &str, body: &T) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(body)?;
        // what is written must be readable after a crash; serde_json writes deeper than it reads
        serde_json::from_str::<serde_json::Value>(&body)?;
        Ok(Self { at, by: by.to_owned(), body })
    }
}

/// The fields before the body, in the order in which they are written.
#[derive(Serialize)]
struct Outer<'a> {
    v: u64,
    run: &'a RunName,
    seq: u64,
    at: Timestamp,
    by: &'a str,
    host: &'a str,
    pid: u32,
    prev: LineHash,
}

/// The line, with its newline, that makes `draft` the record `seq` of `run` after a line with the hash `prev`.
/// Its length is the caller's to check.
///
/// # Errors
/// Never seen: every field can be written as JSON.
pub(super) fn line(
    run: &RunName,
    seq: u64,
    prev: LineHash,
    here: &Here,
    draft: &Draft,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = Vec::with_capacity(320 + draft.by.len() + draft.body.len());
    let (at, by) = (draft.at, draft.by.as_str());
    serde_json::to_writer(
        &mut line,
        &Outer { v: VERSION, run, seq, at, by, host: &here.host, pid: here.pid, prev },
    )?;
    line.pop(); // the brace that closes, to put the body inside
    line.extend_from_slice(b",\"body\":");
    line.extend_from_slice(draft.body.as_bytes());
    line.extend_from_slice(b"}\n");
    Ok(line)
}

/// A line of version 1 as it was read. Fields that the version does not know are skipped here, and hashed with
/// the rest.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    v: u64,
    #[serde(borrow)]
    pub(super) run: Cow<'a, str>,
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    #[serde(borrow)]
    pub(super) by: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) host: Cow<'a, str>,
    pub(super) pid: u32,
    pub(super) prev: LineHash,
    #[serde(rename = "body")]
    _body: IgnoredAny,
}

/// The field of every version.
#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// Only the body of a line.
#[derive(Deserialize)]
pub(super) struct Body<T> {
    pub(super) body: T,
}

/// Reads a line, with or without its newline.
///
/// # Errors
/// It is of another version, or not a record.
pub(super) fn read(line: &[u8]) -> Result<Envelope<'_>, Reason> {
    // a body is skipped unread, so this alone would not see that it is no text
    let line = std::str::from_utf8(line).map_err(|_| Reason::Unreadable("not UTF-8".to_owned()))?;
    match serde_json::from_str::<Envelope<'_>>(line) {
        Ok(envelope) if envelope.v == VERSION => Ok(envelope),
        Ok(envelope) => Err(Reason::Version(envelope.v)),
        // another version may lack a field of this one
        Err(why) => match serde_json::from_str::<Version>(line) {
            Ok(Version { v }) if v != VERSION => Err(Reason::Version(v)),
            Ok(_) | Err(_) => Err(Reason::unreadable(&why)),
        },
    }
}
