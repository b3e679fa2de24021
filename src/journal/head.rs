//! The heads: how many records each run has and the hash of its last line, as lines of one log that is only
//! appended to. Pure: parsing, writing a line, and what is left of the log when it is made short.

use super::damage::{Damage, Place, Reason};
use super::envelope::{LineHash, VERSION};
use super::name::RunName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most records that may follow the last head of a run which is on the disk. Heads are not synced one by one:
/// that would double the cost of a record. So a power cut can leave some behind, and never more than this.
pub const LAG: u64 = 1024;

/// How many records a run has, and the hash of its last line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Records.
    pub count: u64,
    /// The hash of the last line; [`LineHash::NONE`] where there is none.
    pub hash: LineHash,
}

impl Head {
    /// The head of a run without records.
    pub const EMPTY: Self = Self { count: 0, hash: LineHash::NONE };
}

/// A line of the log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    v: u64,
    run: RunName,
    count: u64,
    hash: LineHash,
    /// So that no line can be changed unseen, even one that is superseded.
    check: String,
}

/// `run count hash\n`: what is hashed where a head has to be recognised.
fn text(run: &RunName, head: Head) -> String {
    format!("{run} {} {}\n", head.count, head.hash)
}

/// The first 16 digits of the hash of that text.
fn check(run: &RunName, head: Head) -> String {
    let mut digits = LineHash::of(text(run, head).as_bytes()).to_string();
    digits.truncate(16);
    digits
}

/// The line, with its newline, that notes `head` for `run`.
///
/// # Errors
/// Never seen: every field can be written as JSON.
pub(super) fn line(run: &RunName, head: Head) -> Result<Vec<u8>, serde_json::Error> {
    let (count, hash, check) = (head.count, head.hash, check(run, head));
    let mut line = serde_json::to_vec(&Line { v: VERSION, run: run.clone(), count, hash, check })?;
    line.push(b'\n');
    Ok(line)
}

/// The log as it was read.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Heads {
    /// Every head of each run that is in the log, the oldest first.
    runs: BTreeMap<RunName, Vec<Head>>,
    /// The line of the last head of each run.
    lines: BTreeMap<RunName, u64>,
    /// The first line that is wrong.
    damage: Option<Damage>,
    /// The last line that is wrong and may be of any run.
    of_any: Option<Damage>,
    /// The last head of a run that is whole and does not follow from the one before it.
    disordered: BTreeMap<RunName, Damage>,
    /// Bytes up to the last newline.
    whole: usize,
}

impl Heads {
    /// Reads the log. What follows the last newline is a line that was being written and does not count.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let mut heads = Self { whole, ..Self::default() };
        for (line, number) in bytes[..whole].split_inclusive(|b| *b == b'\n').zip(1..) {
            if let Err((of, reason)) = heads.take(line, number) {
                let damage = Damage { place: Place::Heads, line: number, reason };
                heads.damage.get_or_insert(damage.clone());
                match of {
                    Some(run) => drop(heads.disordered.insert(run, damage)),
                    None => heads.of_any = Some(damage),
                }
            }
        }
        heads
    }

    /// Takes a line, or tells what is wrong with it, and of which run it is where that is certain.
    fn take(&mut self, line: &[u8], number: u64) -> Result<(), (Option<RunName>, Reason)> {
        let line: Line = serde_json::from_slice(line).map_err(|e| (None, Reason::unreadable(&e)))?;
        if line.v != VERSION {
            return Err((None, Reason::Version(line.v)));
        }
        let head = Head { count: line.count, hash: line.hash };
        if line.check != check(&line.run, head) {
            return Err((None, Reason::Check));
        }
        let of_run = self.runs.entry(line.run.clone()).or_default();
        if of_run.last().is_some_and(|last| last.count >= head.count) {
            return Err((Some(line.run), Reason::Order));
        }
        of_run.push(head);
        self.lines.insert(line.run, number);
        Ok(())
    }

    /// The first line that is wrong.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    /// The damage that a run may be touched by: a head of its own that does not follow from the one before it, or a
    /// line that nobody can read and that came after its last head, for it may have been a later one. What came
    /// before its last head is superseded: the chain of the records leads up to that.
    #[must_use]
    pub fn damage_of(&self, run: &RunName) -> Option<&Damage> {
        let last = self.lines.get(run).copied().unwrap_or(0);
        self.disordered.get(run).or_else(|| self.of_any.as_ref().filter(|damage| last < damage.line))
    }

    /// The heads of a run, the oldest first; none for a run that was never begun.
    #[must_use]
    pub fn of(&self, run: &RunName) -> &[Head] {
        self.runs.get(run).map_or(&[], Vec::as_slice)
    }

    /// The runs that have a head.
    pub fn runs(&self) -> impl Iterator<Item = &RunName> {
        self.runs.keys()
    }

    /// Bytes of the log that are whole lines.
    #[must_use]
    pub fn whole(&self) -> usize {
        self.whole
    }

    /// The log with the last head of each run only.
    ///
    /// # Errors
    /// Never seen, as with [`line`].
    pub(super) fn compacted(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = Vec::new();
        for (run, heads) in &self.runs {
            if let Some(last) = heads.last() {
                bytes.extend(line(run, *last)?);
            }
        }
        Ok(bytes)
    }
}

/// One hash for all runs, to write down in a ticket: over `run count hash\n` of each, sorted by name.
#[must_use]
pub fn digest(heads: &BTreeMap<RunName, Head>) -> LineHash {
    let text: String = heads.iter().map(|(run, head)| text(run, *head)).collect();
    LineHash::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Head, Heads, digest, line};
    use crate::journal::{LineHash, RunName};
    use std::collections::BTreeMap;

    fn run(name: &str) -> RunName {
        name.parse().unwrap()
    }

    fn head(count: u64) -> Head {
        Head { count, hash: LineHash::of(&count.to_le_bytes()) }
    }

    fn log(lines: &[(&str, u64)]) -> Vec<u8> {
        lines.iter().flat_map(|(name, count)| line(&run(name), head(*count)).unwrap()).collect()
    }

    #[test]
    fn heads_of_several_runs_are_told_apart_and_a_torn_end_does_not_count() {
        let mut bytes = log(&[("a", 1), ("b", 0), ("a", 3)]);
        let whole = bytes.len();
        bytes.extend_from_slice(br#"{"v":1,"run":"b","cou"#);
        let heads = Heads::parse(&bytes);
        assert_eq!((heads.damage(), heads.whole()), (None, whole));
        assert_eq!(heads.of(&run("a")), [head(1), head(3)]);
        assert_eq!(heads.of(&run("b")), [head(0)]);
        assert_eq!(heads.of(&run("c")), []);
        let short = Heads::parse(&heads.compacted().unwrap());
        assert_eq!((short.of(&run("a")), short.of(&run("b"))), (&[head(3)][..], &[head(0)][..]));
    }

    #[test]
    fn what_is_not_a_head_is_named_by_its_line() {
        for (second, says) in [
            ("nonsense\n", "not JSON"),
            ("{\"v\":2,\"run\":\"a\",\"count\":1,\"hash\":\"0\"}\n", "a field is missing"),
            ("\n", "cut short"),
        ] {
            let bytes = [log(&[("a", 1)]), second.as_bytes().to_vec(), log(&[("a", 2)])].concat();
            let damage = Heads::parse(&bytes).damage().cloned().unwrap();
            assert_eq!(damage.line, 2);
            assert!(damage.to_string().contains(says), "{damage}");
        }
        for doubled in [log(&[("a", 2), ("b", 1), ("a", 2)]), log(&[("b", 1), ("a", 2), ("a", 1)])] {
            let damage = Heads::parse(&doubled).damage().cloned().unwrap();
            assert_eq!(damage.to_string(), "the heads, line 3: it counts no more than the head before it");
        }
    }

    #[test]
    fn a_line_that_nobody_can_read_touches_the_runs_that_have_no_head_after_it() {
        let bytes = [log(&[("a", 1), ("b", 1)]), b"nonsense\n".to_vec(), log(&[("a", 2), ("c", 0)])].concat();
        let heads = Heads::parse(&bytes);
        let touched = |name: &str| heads.damage_of(&run(name)).is_some();
        assert_eq!((touched("a"), touched("b"), touched("c"), touched("d")), (false, true, false, true));
        // A head that is whole tells whose it is.
        let heads = Heads::parse(&log(&[("a", 2), ("b", 1), ("a", 1)]));
        let touched = |name: &str| heads.damage_of(&run(name)).is_some();
        assert_eq!((touched("a"), touched("b")), (true, false));
    }

    #[test]
    fn one_hash_stands_for_all_runs() {
        let mut heads = BTreeMap::from([(run("b"), head(2)), (run("a"), head(1))]);
        let before = digest(&heads);
        heads.insert(run("a"), head(2));
        assert_ne!(digest(&heads), before);
    }
}
