//! What is wrong with a journal, as data, and the sentence for a person. It knows nothing of how damage is
//! found, nor of files.

use super::head::Head;
use super::name::RunName;
use std::fmt;

/// Where something is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the records of a run.
    Run(RunName),
    /// In the heads, which are of all runs.
    Heads,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Run(run) => write!(f, "run {run}"),
            Place::Heads => f.write_str("the heads"),
        }
    }
}

/// Something in a journal that no crash can have left behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// Where.
    pub place: Place,
    /// The line, from 1, at which it shows.
    pub line: u64,
    /// How it shows.
    pub reason: Reason,
}

/// How damage shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The line is not a record (or a head): what the parser said, without any of the line's text.
    Unreadable(String),
    /// The line is longer than a record may be.
    TooLong,
    /// The line says a format version that this program does not know.
    Version(u64),
    /// The record says that it belongs to another run.
    OtherRun(RunName),
    /// The record has another number than its line.
    Number(u64),
    /// The record does not name the hash of the line before.
    Chain,
    /// Some head names another hash for this line.
    Hash,
    /// The head counts more records than there are.
    Ahead {
        /// What the head says.
        head: Head,
        /// Whole lines that are there.
        lines: u64,
    },
    /// There are more records after the last head than a crash can leave.
    Behind {
        /// Records after the last head.
        by: u64,
    },
    /// There is no head for this run at all.
    NoHead,
    /// The head does not agree with its own check.
    Check,
    /// The head of a run counts no more than the one before it in the file.
    Order,
}

impl Reason {
    /// What a parser said, without the text it said it of: that may be anything.
    pub(super) fn unreadable(why: &serde_json::Error) -> Self {
        let what = match why.classify() {
            serde_json::error::Category::Io => "no input",
            serde_json::error::Category::Syntax => "not JSON",
            serde_json::error::Category::Data => "a field is missing, doubled or wrong",
            serde_json::error::Category::Eof => "cut short",
        };
        Self::Unreadable(format!("{what}, byte {}", why.column()))
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.place, self.line, self.reason)
    }
}

impl std::error::Error for Damage {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Unreadable(why) => write!(f, "it cannot be read ({why})"),
            Reason::TooLong => f.write_str("it is longer than a record may be (1 MiB)"),
            Reason::Version(v) => {
                write!(f, "it has format version {v}, which this program does not know; use a newer bartizan")
            }
            Reason::OtherRun(run) => write!(f, "it is a record of run {run}"),
            Reason::Number(seq) => write!(f, "it has number {seq}; a line is missing, doubled or moved"),
            Reason::Chain => {
                f.write_str("it does not follow from the line before; one of the two was changed")
            }
            Reason::Hash => f.write_str("its hash is not the one that was noted when it was written"),
            Reason::Ahead { head, lines } => {
                write!(f, "{} records were written and {lines} are there", head.count)
            }
            Reason::Behind { by } => {
                write!(f, "{by} records follow the last head, more than a crash can leave")
            }
            Reason::NoHead => f.write_str("no head was noted for this run"),
            Reason::Check => f.write_str("it was changed: it does not agree with its own check"),
            Reason::Order => f.write_str("it counts no more than the head before it"),
        }
    }
}
