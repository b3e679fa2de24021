//! Everything the console wants done, as one closed list of data. Nothing here does it; a whole session can
//! be replayed and compared in a test.

use super::incidents::IncidentOrder;
use crate::estate::message::Masks;
use crate::estate::{
    Arn, Consent, Context, FunctionName, Loadable, Query, QueueUrl, RunId, Ticket, Timestamp, Untrusted,
};
use crate::insight::Source;
use crate::runbook::Definition;
use crate::runbook::plan::Plan;
use std::sync::Arc;

/// Something to be done outside.
#[derive(PartialEq, Debug)]
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
    /// Something about runs.
    Runs(RunsOrder),
    /// Say when no key has come for a moment of real time; replaces the former.
    Still(Ticket),
    /// Turn the mouse on or off.
    Mouse(bool),
    /// Give the terminal back until the shell continues this program.
    Suspend,
    /// Draw everything again: the screen may have been overwritten by others.
    Redraw,
    /// End with this code.
    Quit(i32),
}

/// What is to be done with runs. A consent is passed on, never copied: so an effect has no `Clone`.
#[derive(PartialEq, Debug)]
pub enum RunsOrder {
    /// Read the list of runs.
    List,
    /// Read the journal of a run.
    Read(RunId),
    /// Plan a runbook with these inputs, as typed; secret ones are left out.
    Plan {
        /// Which request.
        ticket: Ticket,
        /// The runbook.
        book: Arc<Definition>,
        /// The inputs.
        given: Vec<(String, String)>,
    },
    /// Start a run from this plan, and go on with it as far as it goes.
    Start {
        /// The plan.
        plan: Arc<Plan>,
    },
    /// Take a run over, look at AWS, and go on as far as it goes.
    GoOn(RunId),
    /// A person agreed to these changes of a run.
    Consent {
        /// Which run.
        run: RunId,
        /// What was agreed to.
        consents: Vec<Consent>,
    },
    /// The alias of the production account was typed.
    Arm {
        /// Which run.
        run: RunId,
        /// What was typed.
        alias: Untrusted,
    },
    /// Late inputs were given, as typed.
    Set {
        /// Which run.
        run: RunId,
        /// The inputs.
        values: Vec<(String, String)>,
    },
    /// A person attested what a step waits for.
    Attest {
        /// Which run.
        run: RunId,
        /// In these words.
        text: Untrusted,
    },
    /// A note to the step that a run is at.
    Note {
        /// Which run.
        run: RunId,
        /// The words.
        text: Untrusted,
    },
    /// A person decided whether a call in doubt happened.
    Decide {
        /// Which run.
        run: RunId,
        /// It did.
        happened: bool,
    },
    /// Look at messages of a queue, as the consent says, and give them back.
    Peek {
        /// Which look.
        ticket: Ticket,
        /// How long the queue keeps messages, in seconds, where that is known.
        retention_s: Option<u64>,
        /// What is not drawn.
        masks: Masks,
        /// To the look.
        consent: Box<Consent>,
    },
    /// Keep the messages of a queue in a file, and give them back.
    Export(Box<KeepOrder>),
    /// Receive no more for the export of this queue.
    StopExport(QueueUrl),
    /// Look whose the messages of a queue are, in a sample and in the logs of functions.
    Whose(Box<WhoseOrder>),
    /// Look no further for whose the messages of this queue are.
    StopWhose(QueueUrl),
    /// Find the newest export of a queue that was made here.
    FindExport {
        /// Which request.
        ticket: Ticket,
        /// Of which queue.
        queue: QueueUrl,
        /// Its ARN.
        of: Arn,
    },
    /// Move no more messages: what is in hand is finished or given back, and the run goes on from there.
    StopMoving(RunId),
    /// Stop a run; nothing is changed by that.
    Abort(RunId),
    /// Begin to undo a run.
    Undo(RunId),
    /// Leave the change whose undo has failed as it is, and go on undoing.
    PassOver {
        /// Which run.
        run: RunId,
        /// Why, in a person's words.
        why: Untrusted,
    },
    /// Write a run as Markdown.
    Report(RunId),
    /// Something about incidents.
    Incident(IncidentOrder),
    /// Let the call in flight come to its end, and then say so.
    Leave,
}

/// A search for whose messages are that is wanted.
#[derive(PartialEq, Debug)]
pub struct WhoseOrder {
    /// Which.
    pub ticket: Ticket,
    /// Of which queue.
    pub queue: QueueUrl,
    /// The functions there are, and whether each names the queue as the place of its failures.
    pub functions: Vec<(FunctionName, bool)>,
    /// What is not drawn.
    pub masks: Masks,
    /// To the look at a sample.
    pub consent: Consent,
}

/// An export that is wanted.
#[derive(PartialEq, Debug)]
pub struct KeepOrder {
    /// Which.
    pub ticket: Ticket,
    /// Of which queue.
    pub queue: QueueUrl,
    /// Its ARN.
    pub of: Arn,
    /// Whether it keeps an order.
    pub fifo: bool,
    /// About how many messages it has.
    pub counted: Option<u64>,
    /// Who wants it.
    pub by: Untrusted,
    /// To the look that it is.
    pub consent: Consent,
}
