//! What can be done with the messages of a queue, and why not the rest: a redrive by SQS, a replay of functions, a
//! redrive message by message. From what the inventory knows; asks nobody.
//!
//! "Only DLQs whose sources are other SQS queues": a queue that functions feed too is taken to be none of them, since
//! what SQS says of a mixture is documented nowhere. Source: SQS API reference, `StartMessageMoveTask`; SQS developer
//! guide, "Learn how to configure a dead-letter queue redrive".

use super::dead_letter::{Pointer, Role, Roles};
use super::inventory::{Inventory, QueueRow};
use super::words;
use crate::estate::message::envelope::{By, Envelope, function_of};
use crate::estate::{Arn, FunctionName, MoveTask, MoveTaskStatus, QueueUrl, Untrusted};

/// A way to get messages back to work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Way {
    /// SQS moves them itself: `StartMessageMoveTask`.
    Native,
    /// Functions are invoked with them.
    Replay,
    /// They are received, sent and deleted, message by message.
    Selective,
}

impl Way {
    /// The word of commands and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Way::Native => "native",
            Way::Replay => "replay",
            Way::Selective => "selective",
        }
    }
}

/// Whether something can be done. The reasons are sentences, safe to draw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Can {
    /// It can.
    Yes,
    /// It can, if one says where to or what with.
    With(String),
    /// It cannot.
    No(String),
    /// What it depends on could not be read, or was not read yet.
    Unknown(String),
}

impl Can {
    /// Whether nothing is missing.
    #[must_use]
    pub fn yes(&self) -> bool {
        matches!(self, Can::Yes)
    }

    /// The reason, where there is one.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Can::Yes => None,
            Can::With(why) | Can::No(why) | Can::Unknown(why) => Some(why),
        }
    }
}

/// What can be done with a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ways {
    /// A redrive by SQS.
    pub native: Can,
    /// Invoking functions.
    pub replay: Can,
    /// Message by message.
    pub selective: Can,
    /// The queues that send their dead letters here.
    pub sources: Vec<QueueUrl>,
    /// The functions whose failures come here, by the inventory: their ARNs, no doubles.
    pub functions: Vec<Arn>,
    /// The move task that is under way.
    pub running: Option<MoveTask>,
    /// What is to be known of it: order, limits. Sentences, safe to draw.
    pub notes: Vec<String>,
}

impl Ways {
    /// The way to offer first; `None` if there is none that needs nothing else.
    #[must_use]
    pub fn first(&self) -> Option<Way> {
        let all =
            [(Way::Native, &self.native), (Way::Replay, &self.replay), (Way::Selective, &self.selective)];
        all.into_iter().find(|(_, can)| can.yes()).map(|(way, _)| way)
    }

    /// The sentence for the queue's page: what cannot be done, and what can instead; `None` if SQS can redrive it.
    #[must_use]
    pub fn headline(&self) -> Option<String> {
        let why = self.native.why()?;
        let instead = match (self.replay.yes(), self.selective.yes()) {
            (true, _) => " Replay instead.",
            (false, true) => " Redrive message by message instead.",
            (false, false) => "",
        };
        Some(format!("{why}{instead}"))
    }
}

/// What can be done with the messages of a queue; `None` if there is no such queue.
#[must_use]
pub fn of(inv: &Inventory, roles: &Roles, url: &QueueUrl) -> Option<Ways> {
    let row = inv.queues.get(url)?;
    let role = roles.role(url);
    let mut sources: Vec<QueueUrl> = Vec::new();
    let mut functions: Vec<Arn> = Vec::new();
    // A record of a stream's failure holds no event: an event source's functions cannot be invoked with it.
    let mut streams = false;
    for pointer in role.pointed_by() {
        match pointer {
            Pointer::Queue(source) => sources.push(source.clone()),
            Pointer::Function(arn) | Pointer::Destination(arn) => functions.push(plain(arn)),
            Pointer::EventSource(_) => streams = true,
            Pointer::AllowedQueue(_) | Pointer::AllowsAll => {}
        }
    }
    functions.sort();
    functions.dedup();
    let lambda = !functions.is_empty() || streams;
    let running = running(row);
    Some(Ways {
        native: native(row, role, lambda, &sources, running.as_ref()),
        replay: replay(roles, &functions, streams),
        selective: selective(&sources, running.as_ref()),
        notes: notes(row, &sources, streams),
        sources,
        functions,
        running,
    })
}

/// The function, without version or alias.
fn plain(arn: &Arn) -> Arn {
    match function_of(arn.wire()) {
        Some(named) => {
            let bare = named.qualifier.and_then(|q| arn.wire().strip_suffix(q.wire())?.strip_suffix(':'));
            bare.map_or_else(|| arn.clone(), Arn::new)
        }
        None => arn.clone(),
    }
}

fn running(row: &QueueRow) -> Option<MoveTask> {
    let under_way = |t: &&MoveTask| match &t.status {
        MoveTaskStatus::Running | MoveTaskStatus::Cancelling => true,
        MoveTaskStatus::Completed
        | MoveTaskStatus::Cancelled
        | MoveTaskStatus::Failed
        | MoveTaskStatus::Other(_) => false,
    };
    row.tasks.value()?.iter().find(under_way).cloned()
}

fn native(
    row: &QueueRow,
    role: &Role,
    lambda: bool,
    sources: &[QueueUrl],
    running: Option<&MoveTask>,
) -> Can {
    let no = |why: &str| Can::No(format!("Cannot be redriven by SQS: {why}"));
    match (lambda, sources.is_empty()) {
        (true, true) => return no("its sources are Lambda functions."),
        (true, false) => return no("Lambda functions send here too, and a mixture is taken to be refused."),
        (false, false) => {}
        (false, true) => {
            if let Some(fault) = row.sources.fault() {
                let why = format!("who sends dead letters here could not be read ({}).", fault.word());
                return Can::Unknown(format!("Whether SQS can redrive it is not known: {why}"));
            }
            if row.sources.value().is_none() && role.is_dead_letter() {
                return Can::Unknown(
                    "Whether SQS can redrive it is not known: its sources were not read yet.".to_owned(),
                );
            }
            return no("no queue sends its dead letters here.");
        }
    }
    match running {
        Some(task) => {
            no(&format!("a move task is {}, and a queue has one at a time.", words::move_task(&task.status)))
        }
        None => Can::Yes,
    }
}

fn replay(roles: &Roles, functions: &[Arn], streams: bool) -> Can {
    match (functions.len(), streams) {
        (0, true) => Can::No(
            "Cannot be replayed: an event source's failures say where the records are in the stream, and hold none."
                .to_owned(),
        ),
        (0, false) if roles.functions_known() => Can::No("Cannot be replayed: no function sends here.".to_owned()),
        (0, false) => Can::With(
            "Which functions send here is not known: not all could be read. A function can be named for the replay."
                .to_owned(),
        ),
        (_, _) => Can::Yes,
    }
}

fn selective(sources: &[QueueUrl], running: Option<&MoveTask>) -> Can {
    if let Some(task) = running {
        let status = words::move_task(&task.status);
        return Can::No(format!("Not while a move task is {status}: it takes the same messages."));
    }
    if sources.is_empty() {
        return Can::With("No queue sends its dead letters here: a destination must be named.".to_owned());
    }
    Can::Yes
}

fn notes(row: &QueueRow, sources: &[QueueUrl], streams: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let facts = row.facts.value();
    if facts.is_some_and(|f| f.fifo) {
        notes.push(
            "FIFO: messages go to a FIFO queue only, and come after what is in it already; the order within a group \
             is kept."
                .to_owned(),
        );
    }
    if !sources.is_empty() {
        notes.push(
            "A move task moves everything, oldest first, for 36 hours at most; each message gets a new id and its \
             time begins anew."
                .to_owned(),
        );
    }
    if streams {
        notes.push(
            "Failures of an event source hold no records: they are read again from the stream.".to_owned(),
        );
    }
    notes
}

/// How sure it is which function a message belongs to, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sure {
    /// The message's record names it.
    Recorded,
    /// It is the only one that sends here, and the sender's session is its name.
    Both,
    /// It is the only one that sends here.
    Configured,
    /// Several send here, and the sender's session is the name of this one.
    Sender,
    /// The sender's session is its name, and the configuration does not say that it sends here.
    SenderAlone,
}

impl Sure {
    /// How it is known, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Sure::Recorded => "its record says so",
            Sure::Both => "only this function sends here, and the sender bears its name",
            Sure::Configured => "only this function sends here",
            Sure::Sender => "the sender bears its name, and it is one of those that send here",
            Sure::SenderAlone => "the sender bears its name, but its configuration does not point here",
        }
    }

    /// Whether that is enough to invoke it without asking which is meant.
    #[must_use]
    pub fn enough(self) -> bool {
        match self {
            Sure::Recorded | Sure::Both | Sure::Configured | Sure::Sender => true,
            Sure::SenderAlone => false,
        }
    }
}

/// The function to replay a message with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Its name.
    pub function: FunctionName,
    /// Version or alias that the record names; `$LATEST` is none.
    pub qualifier: Option<Untrusted>,
    /// How sure it is.
    pub sure: Sure,
}

/// Which function a message belongs to, among those that send here; `None`: it cannot be told, and a search of logs for
/// the request's id may.
#[must_use]
pub fn target(envelope: &Envelope<'_>, functions: &[Arn]) -> Option<Target> {
    let names: Vec<FunctionName> =
        functions.iter().filter_map(|a| Some(function_of(a.wire())?.name)).collect();
    let here = |name: &FunctionName| names.contains(name);
    let only = match names.as_slice() {
        [only] => Some(only),
        [] | [_, _, ..] => None,
    };
    let plain = |function: &FunctionName, sure| Target { function: function.clone(), qualifier: None, sure };
    match &envelope.function {
        Some(named) => match named.by {
            By::Record => Some(Target {
                qualifier: named.qualifier.clone().filter(|q| q.wire() != "$LATEST"),
                ..plain(&named.name, Sure::Recorded)
            }),
            By::Sender if only == Some(&named.name) => Some(plain(&named.name, Sure::Both)),
            By::Sender if here(&named.name) => Some(plain(&named.name, Sure::Sender)),
            // What one configuration says is documented, what a session's name says is not.
            By::Sender => Some(match only {
                Some(only) => plain(only, Sure::Configured),
                None => plain(&named.name, Sure::SenderAlone),
            }),
        },
        None => only.map(|only| plain(only, Sure::Configured)),
    }
}

#[cfg(test)]
mod tests;
