//! What a verb says when it is asked how to go on: it is done, or it needs something. Needs are data; the
//! engine gets them and asks the verb again.

use super::value::Value;
use crate::estate::change::messages::Listed;
use crate::estate::edit::{Edit, EditFault, Shape};
use crate::estate::message::whose::{Request, Search};
use crate::estate::{
    Answer, Arn, Canary, Change, Entry, Fault, Fingerprint, FunctionName, MaterialSource, MaterialVersion,
    Place, Query, Risk, Seen, Slot, Timestamp, Untrusted,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// A step is done.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Done {
    /// Short true sentences with numbers, safe to draw. Journalled.
    pub evidence: Vec<String>,
    /// What later steps may use, by the names that the verb declares. Journalled.
    pub outputs: BTreeMap<String, Value>,
}

/// What a verb needs before it can go on.
#[derive(Clone, PartialEq, Debug)]
pub enum Need {
    /// To know things; ask again with all of them.
    Know(Vec<Want>),
    /// A person's consent to changes, which are then made; ask again with what was made.
    Consent(Box<Proposal>),
    /// To look again after a while (an update under way, eventual consistency): facts are forgotten. For
    /// seconds to minutes; the run does not count as waiting, unless its front end leaves.
    Again {
        /// After how long.
        after: Duration,
        /// What it waits for, in words.
        why: String,
    },
    /// That time passes: the run is waiting, for days if need be.
    Time {
        /// Until when.
        until: Timestamp,
        /// The late inputs that end the wait sooner, e.g. `migrated`.
        accepts: Vec<String>,
        /// What it waits for, in words.
        why: String,
    },
    /// That a person answers: the run is waiting.
    Person(Question),
    /// That a person enters something secret into a slot (typed twice, or from a file): the run is waiting.
    /// What was entered before is lost with its process.
    Enter {
        /// Where it goes.
        slot: Slot,
        /// The input it is, e.g. `value`.
        input: String,
    },
    /// The step cannot go on: nothing was changed by it (or what was is in the journal). The sentence says
    /// what, why and what to do next. The run has failed at this step; resuming tries the step again.
    Refuse(String),
    /// The same, for want of something that can still be said.
    Lacks {
        /// The sentence.
        text: String,
        /// The late inputs that go on with it.
        asks: Vec<String>,
    },
}

impl Need {
    /// The step cannot go on before that late input is given.
    #[must_use]
    pub fn lacks(input: &str, text: String) -> Self {
        Need::Lacks { text, asks: vec![input.to_owned()] }
    }
}

/// What a verb wants to know.
#[derive(Clone, PartialEq, Debug)]
pub enum Want {
    /// Every page of the answers to a question.
    Pages(Query),
    /// The same, where it is as good to know why there is no answer: a Region that cannot be reached does not stop
    /// the step.
    Try(Query),
    /// A material in a slot (read once a pass; not read in planning).
    Load {
        /// What.
        source: MaterialSource,
        /// Where to.
        into: Slot,
    },
    /// A part of a document in another slot.
    Extract {
        /// The document's slot.
        from: Slot,
        /// Where in it.
        place: Place,
        /// Which entry of a list.
        entry: Option<Entry>,
        /// Where to.
        into: Slot,
    },
    /// One entry of a list by place (from 0), in another slot.
    ExtractNth {
        /// The document's slot.
        from: Slot,
        /// Where in it.
        place: Place,
        /// Which, from 0.
        nth: usize,
        /// Where to.
        into: Slot,
    },
    /// What may be known of a document.
    Shape {
        /// Its slot.
        of: Slot,
        /// Whose entries are wanted.
        place: Place,
    },
    /// Whether two JSON objects are the same but for some fields.
    SameBut {
        /// One.
        a: Slot,
        /// The other.
        b: Slot,
        /// Fields that may differ.
        fields: Vec<Untrusted>,
    },
    /// Whether an edit of a document can be made, and how many bytes come of it. Nothing of it is kept.
    Tried {
        /// The document's slot.
        of: Slot,
        /// The edit.
        edit: Edit,
        /// How many bytes it may have at most.
        limit: usize,
    },
    /// A new value: letters and digits from the system's randomness. A slot that holds one already keeps it.
    Make {
        /// Where to.
        into: Slot,
        /// How many characters, 20 to 128.
        length: usize,
    },
    /// The fingerprint of what a slot holds.
    Print(Slot),
    /// The status that a canary request gets.
    Status(Canary),
    /// What a file keeps of a queue, verified whole; asked in planning, too.
    Export(Untrusted),
    /// Whose these requests are, as the logs of these functions say, the likeliest first. So many are read and no more.
    Whose {
        /// The requests.
        requests: Vec<Request>,
        /// The functions.
        functions: Vec<FunctionName>,
    },
}

/// What is known of an export that agrees with its manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    /// The file, its hash, and how many messages are in it.
    pub listed: Listed,
    /// The batches that its lines are cut into.
    pub batches: Vec<(u8, u32)>,
    /// Its largest message, in bytes.
    pub largest: usize,
    /// The queue it is of.
    pub queue: Arn,
    /// Whether that is a FIFO queue.
    pub fifo: bool,
    /// When it was begun: what came later may not be in it.
    pub at: Timestamp,
    /// Whether everything that could be received is in it.
    pub complete: bool,
}

/// What came back for a [`Want`].
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)] // each answers the want of its name
pub enum Fact {
    Pages(Result<Seen<Vec<Answer>>, Fault>),
    Loaded(Result<Seen<MaterialVersion>, Fault>),
    Extracted(Result<(), EditFault>),
    Shape(Result<Shape, EditFault>),
    Same(Result<bool, EditFault>),
    Tried(Result<usize, EditFault>),
    Made(Option<Fingerprint>),
    Print(Option<Fingerprint>),
    Status(Result<u16, Fault>),
    Export(Result<Export, String>),
    Whose(Search),
}

/// What is known in this pass of a step.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Facts(pub Vec<(Want, Fact)>);

impl Facts {
    /// The fact for a want.
    #[must_use]
    pub fn get(&self, want: &Want) -> Option<&Fact> {
        self.0.iter().find(|(w, _)| w == want).map(|(_, f)| f)
    }
}

/// Changes that belong together on one screen, each with a consent of its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proposal {
    /// What is changed, in order.
    pub changes: Vec<Change>,
    /// What each breaks or what must be known before saying yes, one sentence each; safe to draw.
    pub breaks: Vec<String>,
    /// What it does not do; safe to draw.
    pub leaves: Vec<String>,
    /// How it differs from what was planned; then nothing confirms it but a person who has read this.
    pub differs: Option<String>,
}

impl Proposal {
    /// Whether all of it contains a compromise: then a production account's alias is not asked for first, for the
    /// names that are typed say enough and minutes count.
    #[must_use]
    pub fn contains(&self) -> bool {
        self.changes.iter().all(|c| c.risk() == Risk::Containing)
    }
}

/// A question to a person.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// The question, in full sentences; safe to draw.
    pub text: String,
    /// What is known that helps to answer; safe to draw.
    pub evidence: Vec<String>,
    /// The late inputs that answer it (`migrated`, `override`, `old`).
    pub accepts: Vec<String>,
    /// An attestation in words answers it, kept in the journal; so it does where no input is accepted.
    pub words: bool,
    /// The values to choose from, where they are few.
    pub choices: Vec<String>,
}

impl Question {
    /// Whether words answer it.
    #[must_use]
    pub fn takes_words(&self) -> bool {
        self.words || self.accepts.is_empty()
    }
}
