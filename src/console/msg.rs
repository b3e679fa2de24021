//! Everything that can happen to the console, as one closed list: keys, answers, time. Messages hold no
//! secret and no future; whoever makes them is not known here.

use super::incidents::IncidentNews;
use super::model::peek::{Sample, Whose};
use crate::controls::key::Key;
use crate::estate::{Fault, QueueUrl, Region, RunId, Ticket, Timestamp};
use crate::insight::messages::offer::Offer;
use crate::insight::{Source, WalkEvent};
use crate::runbook::Definition;
use crate::runbook::halt::{Halt, RunLine};
use crate::runbook::plan::Plan;
use crate::runbook::run::Run;
use std::sync::Arc;

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
    /// Something about runs.
    Runs(RunsNews),
    /// No key has come since this was asked for.
    Still(Ticket),
    /// Text went to the clipboard (what is to be said about it), or could not.
    Copied(Result<String, String>),
}

/// What became known about runs.
#[derive(Clone, PartialEq, Debug)]
pub enum RunsNews {
    /// What can be started here.
    Ready {
        /// The runbooks.
        books: Vec<Arc<Definition>>,
        /// What is made a run of without being listed.
        commands: Vec<Arc<Definition>>,
        /// Why nothing can be changed (read-only, no state directory), in a sentence.
        refused: Option<String>,
    },
    /// The runs, newest first; or why they cannot be read.
    List(Result<Vec<RunLine>, String>),
    /// A plan, or why there is none.
    Planned {
        /// Which request.
        ticket: Ticket,
        /// The plan.
        plan: Result<Arc<Plan>, String>,
    },
    /// A run began here.
    Began(Arc<Run>),
    /// A run moved on.
    Progress(Arc<Run>),
    /// A run does not go on by itself.
    Halted {
        /// The run.
        run: Arc<Run>,
        /// Why.
        halt: Halt,
    },
    /// Something could not be done; nothing was sent for it.
    Trouble {
        /// Of which run.
        run: Option<RunId>,
        /// Why, and what to do about it.
        words: String,
    },
    /// Messages of a queue were looked at, or why they could not be.
    Peeked {
        /// Which look.
        ticket: Ticket,
        /// Of which queue.
        queue: QueueUrl,
        /// What was seen.
        result: Result<Arc<Sample>, String>,
    },
    /// How far an export is, safe to draw.
    Exporting {
        /// Which.
        ticket: Ticket,
        /// Of which queue.
        queue: QueueUrl,
        /// In words.
        words: String,
    },
    /// An export is over.
    Exported {
        /// Which.
        ticket: Ticket,
        /// Of which queue.
        queue: QueueUrl,
        /// What it came to, safe to draw, or why there is none.
        result: Result<Vec<String>, String>,
    },
    /// It was looked whose the messages of a queue are.
    Whose {
        /// Which search.
        ticket: Ticket,
        /// Of which queue.
        queue: QueueUrl,
        /// What it came to, or why to nothing.
        result: Result<Arc<Whose>, String>,
    },
    /// The newest export of a queue that was made here and is still there, if there is one.
    Offered {
        /// Which request.
        ticket: Ticket,
        /// Of which queue.
        queue: QueueUrl,
        /// The export.
        offer: Option<Offer>,
    },
    /// A run or an incident as Markdown.
    Report(String),
    /// Something about incidents.
    Incident(IncidentNews),
    /// Nothing is in flight any more: the program may end.
    Left,
}
