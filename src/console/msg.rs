//! Everything that can happen to the console, as one closed list: keys, answers, time. Messages hold no
//! secret and no future; whoever makes them is not known here.

use crate::controls::key::Key;
use crate::estate::{Fault, Region, Ticket, Timestamp};
use crate::insight::{Source, WalkEvent};

/// What a mouse did. Only what the console reacts to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// The wheel turned towards the person.
    ScrollDown,
    /// The wheel turned away.
    ScrollUp,
}

/// What became known by opening a context.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The Region that was settled on.
    pub region: Region,
    /// Whether it is the practice estate.
    pub practice: bool,
}

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
#[allow(clippy::large_enum_variant)] // most of what arrives is `Walk`, moved once
pub enum Msg {
    /// The time is now this. Sent first in every batch, and alone at the instant a `Wake` asked for.
    Now(Timestamp),
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The terminal got (or lost) the focus.
    Focus(bool),
    /// The mouse, where it is on.
    Mouse {
        /// What it did.
        kind: MouseKind,
        /// Where, counted from 0.
        column: u16,
        /// Where, counted from 0.
        row: u16,
    },
    /// The context was opened, or could not be.
    Opened(Result<Opened, Fault>),
    /// A source is due to be walked.
    Due(Source),
    /// A walk moved on.
    Walk(WalkEvent),
    /// Something secret is needed; the answer never comes here.
    AskSecret {
        /// Which question.
        ticket: Ticket,
        /// Its words.
        question: String,
    },
    /// So many characters of the answer have been typed.
    SecretEntered {
        /// Which question.
        ticket: Ticket,
        /// How many.
        len: usize,
    },
    /// The question was answered or given up.
    SecretDone {
        /// Which question.
        ticket: Ticket,
    },
    /// Text went to the clipboard (what is to be said about it), or could not.
    Copied(Result<String, String>),
}
