//! Everything the console wants done, as one closed list of data. Nothing here does it; a whole session can
//! be replayed and compared in a test.

use crate::estate::{Context, Loadable, Query, Ticket, Timestamp};
use crate::insight::Source;

/// Something to be done outside.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Open this context; answered by `Msg::Opened`.
    Open(Context),
    /// Walk a source from these questions; answered by `Msg::Walk` up to its end.
    Walk {
        /// What is walked.
        source: Source,
        /// Which walk.
        ticket: Ticket,
        /// The questions to begin with.
        roots: Vec<Query>,
        /// Whether a person waits for it.
        urgent: bool,
    },
    /// Nobody looks at this any more: end its walk.
    Stop(Source),
    /// What is on screen or needed, most important first; replaces the former list.
    Looking(Vec<Source>),
    /// How the newest walk of a source ended.
    Walked {
        /// What was walked.
        source: Source,
        /// How old and complete it is now.
        standing: Loadable<()>,
    },
    /// A person wants this source read now, whatever stood against it: what was declined is asked for again.
    RefreshNow(Source),
    /// What the questions of this source are taken from has changed: make it due at once. Nobody asked, so
    /// what waits for a person goes on waiting.
    AskAnew(Source),
    /// The next instant at which something drawn changes by itself; replaces the former.
    Wake(Timestamp),
    /// Put this on the clipboard.
    Copy(String),
    /// Send keys to the vault until this question is answered.
    CaptureSecret {
        /// Which question.
        ticket: Ticket,
    },
    /// Give up this question.
    CancelSecret {
        /// Which question.
        ticket: Ticket,
    },
    /// Turn the mouse on or off.
    Mouse(bool),
    /// Give the terminal back until the shell continues this program.
    Suspend,
    /// Draw everything again: the screen may have been overwritten by others.
    Redraw,
    /// End with this code.
    Quit(i32),
}
