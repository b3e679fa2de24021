//! Verification: bytes and heads in, verified records out. Only here can a [`Verified`] be made, and only from
//! one can a body be read. Pure, and it borrows: a hundred thousand records are verified within a second.

use super::damage::{Damage, Place, Reason};
use super::envelope::{self, Body, LONGEST_LINE, LineHash};
use super::head::{Head, LAG};
use super::name::RunName;
use crate::estate::time::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// Records of a run that follow one from the other. There is no other way to read a body.
#[derive(Clone, Debug)]
pub struct Verified {
    run: RunName,
    bytes: Arc<Vec<u8>>,
    entries: Arc<Vec<Entry>>,
    head: Head,
}

/// What a record says beside its body. Names are shared by all records that repeat them.
#[derive(Clone, Debug)]
struct Entry {
    start: usize,
    end: usize,
    at: Timestamp,
    by: Arc<str>,
    host: Arc<str>,
    pid: u32,
}

impl Verified {
    /// The run.
    #[must_use]
    pub fn run(&self) -> &RunName {
        &self.run
    }

    /// How many there are, and the hash of the last.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The bytes from `from` on, which are no part of any record.
    pub(super) fn after(&self, from: usize) -> &[u8] {
        self.bytes.get(from..).unwrap_or_default()
    }

    /// The records, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Record<'_>> + ExactSizeIterator {
        self.entries.iter().enumerate().map(|(index, entry)| Record {
            seq: index as u64 + 1,
            line: &self.bytes[entry.start..entry.end],
            entry,
        })
    }
}

/// A verified record. What it says was written by us, on a disk that others may reach: show it as text from
/// outside.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    seq: u64,
    line: &'a [u8],
    entry: &'a Entry,
}

impl<'a> Record<'a> {
    /// Its number in the run, from 1.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// When it was written, by the writer's clock; clocks may step back.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.entry.at
    }

    /// The principal.
    #[must_use]
    pub fn by(&self) -> &'a str {
        &self.entry.by
    }

    /// The machine.
    #[must_use]
    pub fn host(&self) -> &'a str {
        &self.entry.host
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.entry.pid
    }

    /// The whole line, with its newline, byte for byte.
    #[must_use]
    pub fn line(&self) -> &'a [u8] {
        self.line
    }

    /// The hash of the line.
    #[must_use]
    pub fn hash(&self) -> LineHash {
        LineHash::of(self.line)
    }

    /// The body as a `T`, which may borrow from the record.
    ///
    /// # Errors
    /// The body is no such value.
    pub fn body<T: Deserialize<'a>>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice::<Body<T>>(self.line).map(|line| line.body)
    }
}

/// What follows the verified records of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// A last line without its end, as a crash or a full disk leaves it, from this byte on.
    Torn {
        /// Bytes of whole lines before it.
        from: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// Something that no crash leaves. The records before it are those that a later record or a head vouches for.
    Damaged(Damage),
}

/// The outcome of verifying a run.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The records that hold.
    pub records: Verified,
    /// What follows them.
    pub rest: Rest,
    /// Records after the last head: written, and not yet noted when something stopped the writer.
    pub behind: u64,
}

/// Verifies the file of a run against the heads that were noted for it, the oldest first. Without `heads`
/// nothing is known of what was noted (a copy of the file alone), and a file cut at the end of a line is whole.
#[must_use]
pub fn fold(run: &RunName, bytes: Vec<u8>, heads: Option<&[Head]>) -> Folded {
    let mut walk =
        Walk { run, heads: heads.unwrap_or_default(), vouched: 0, at: Head::EMPTY, entries: Vec::new() };
    let (mut damage, mut start, mut torn) = (walk.first_heads(heads.is_some()), 0, None);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if damage.is_some() {
            break;
        }
        if line.last() != Some(&b'\n') {
            torn = Some(start);
            break;
        }
        damage = walk.take(line, start).err().map(|reason| (walk.at.count + 1, reason));
        start += line.len();
    }
    let behind = walk.at.count.saturating_sub(heads.and_then(<[Head]>::last).map_or(0, |last| last.count));
    if damage.is_none() && heads.is_some() {
        damage = walk.last_heads(behind);
    }
    let rest = match (damage, torn) {
        (Some((line, reason)), _) => {
            walk.keep_vouched(&bytes);
            Rest::Damaged(Damage { place: Place::Run(run.clone()), line, reason })
        }
        (None, Some(from)) => Rest::Torn { from, bytes: bytes.len() - from },
        (None, None) => Rest::Nothing,
    };
    let behind = if heads.is_some() { behind } else { 0 };
    let records =
        Verified { run: run.clone(), bytes: Arc::new(bytes), entries: Arc::new(walk.entries), head: walk.at };
    Folded { records, rest, behind }
}

/// The state of a fold.
struct Walk<'a> {
    run: &'a RunName,
    /// Heads that are still to come.
    heads: &'a [Head],
    /// Count of the last head that was met.
    vouched: u64,
    at: Head,
    entries: Vec<Entry>,
}

impl Walk<'_> {
    /// A run that was begun has at least the head of its beginning, which stands for no line.
    fn first_heads(&mut self, known: bool) -> Option<(u64, Reason)> {
        if known && self.heads.is_empty() {
            return Some((1, Reason::NoHead));
        }
        self.meet().err().map(|reason| (1, reason))
    }

    fn take(&mut self, line: &[u8], start: usize) -> Result<(), Reason> {
        if line.len() > LONGEST_LINE {
            return Err(Reason::TooLong);
        }
        let read = envelope::read(line)?;
        if read.run != self.run.as_str() {
            return Err(match read.run.parse() {
                Ok(other) => Reason::OtherRun(other),
                Err(bad) => Reason::Unreadable(bad.to_string()),
            });
        }
        if read.seq != self.at.count + 1 {
            return Err(Reason::Number(read.seq));
        }
        if read.prev != self.at.hash {
            return Err(Reason::Chain);
        }
        let before = self.at;
        self.at = Head { count: read.seq, hash: LineHash::of(line) };
        if let Err(reason) = self.meet() {
            self.at = before;
            return Err(reason);
        }
        let last = self.entries.last();
        let shared = |text: &str, of: fn(&Entry) -> &Arc<str>| match last.map(of) {
            Some(same) if **same == *text => Arc::clone(same),
            Some(_) | None => Arc::from(text),
        };
        let entry = Entry {
            start,
            end: start + line.len(),
            at: read.at,
            by: shared(&read.by, |e| &e.by),
            host: shared(&read.host, |e| &e.host),
            pid: read.pid,
        };
        self.entries.push(entry);
        Ok(())
    }

    /// Compares with the head for this count, if there is one.
    fn meet(&mut self) -> Result<(), Reason> {
        let Some((next, rest)) = self.heads.split_first() else { return Ok(()) };
        if next.count != self.at.count {
            return Ok(());
        }
        if next.hash != self.at.hash {
            return Err(Reason::Hash);
        }
        (self.vouched, self.heads) = (next.count, rest);
        Ok(())
    }

    fn last_heads(&self, behind: u64) -> Option<(u64, Reason)> {
        let line = self.at.count + 1;
        match self.heads.last() {
            Some(head) => Some((line, Reason::Ahead { head: *head, lines: self.at.count })),
            None if behind > LAG => Some((line - behind, Reason::Behind { by: behind })),
            None => None,
        }
    }

    /// A record is vouched for by a head, or by the hash in the record after it. Where the chain breaks, the
    /// last record before the break has neither.
    fn keep_vouched(&mut self, bytes: &[u8]) {
        let keep = self.vouched.max(self.at.count.saturating_sub(1));
        self.entries.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        let hash =
            self.entries.last().map_or(LineHash::NONE, |last| LineHash::of(&bytes[last.start..last.end]));
        self.at = Head { count: self.entries.len() as u64, hash };
    }
}
