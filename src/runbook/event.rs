//! What happens in a run, as the payloads of its journal's records. A run is a fold over them; nothing else is
//! remembered. They hold names, ids, versions and fingerprints of generated values: never a value.
//!
//! The envelope of each record (sequence, time, principal, host) is the journal's.

use super::definition::Definition;
use super::value::Value;
use crate::estate::{
    At, Call, Change, Given, IdempotencyKey, Receipt, RunId, Salt, Slot, Timestamp, Untrusted, Verdict,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run began. Always the first.
    Started {
        /// Its id.
        run: RunId,
        /// The whole definition.
        definition: Box<Definition>,
        /// The inputs as given and defaulted; secret ones name their slots.
        inputs: BTreeMap<String, Value>,
        /// Where: a run is bound to its account.
        at: At,
        /// The context's name.
        context: Untrusted,
        /// Changes need the account alias, this one, once.
        alias: Option<Untrusted>,
        /// It runs over the practice estate.
        practice: bool,
        /// Of its fingerprints.
        salt: Salt,
        /// The hash of the plan it was started from.
        plan_hash: String,
        /// What that plan said of each step: operations, and resources where they were known.
        planned: BTreeMap<String, Vec<Planned>>,
    },
    /// A process took the run over. Material without a home is lost with the former one.
    Resumed {
        /// Its process id.
        pid: u32,
    },
    /// The account alias was typed: changes are armed for this run.
    Armed,
    /// A late input was given.
    Set {
        /// Which.
        input: String,
        /// What.
        value: Value,
    },
    /// A step began.
    Began {
        /// Which.
        step: String,
    },
    /// A person agreed to a change of a step. The `change`-th of the step, from 0.
    Consented {
        /// Which step.
        step: String,
        /// Its number in the step, counting on over void ones and undos.
        change: u32,
        /// What was agreed to.
        what: Change,
        /// What was answered.
        given: Given,
        /// It undoes that change of the same step.
        undoes: Option<u32>,
    },
    /// A consented change will not be (further) made: its material was lost, or AWS refused.
    Void {
        /// Which step.
        step: String,
        /// Which change.
        change: u32,
        /// Why.
        why: String,
    },
    /// A call is about to leave. On disk before it does.
    Intent {
        /// Which step.
        step: String,
        /// Which change.
        change: u32,
        /// The number of the call in the step, from 0; with the attempt it makes the key.
        call: u32,
        /// Attempt, from 1.
        attempt: u32,
        /// Its key.
        key: IdempotencyKey,
        /// What.
        what: Call,
    },
    /// What came of it, as far as the answer told. On disk before the next step begins.
    Outcome {
        /// Which step.
        step: String,
        /// Which call.
        call: u32,
        /// Which attempt.
        attempt: u32,
        /// What came.
        result: Outcome,
    },
    /// A call in doubt was settled.
    Settled {
        /// Which step.
        step: String,
        /// Which call.
        call: u32,
        /// Which attempt.
        attempt: u32,
        /// How, and what it turned out to be.
        result: Settled,
    },
    /// A person wants no more of a change that goes through a queue: what is in hand is finished or given back.
    Stopped {
        /// Which step.
        step: String,
        /// Which change.
        change: u32,
    },
    /// A change was made completely.
    Changed {
        /// Which step.
        step: String,
        /// Which change.
        change: u32,
    },
    /// The run waits.
    Waiting {
        /// At which step.
        step: String,
        /// For what.
        for_what: WaitingFor,
    },
    /// A person said something that a step waits for, in words.
    Attested {
        /// Which step.
        step: String,
        /// The words.
        text: Untrusted,
    },
    /// A person added a note.
    Noted {
        /// At which step.
        step: String,
        /// The words.
        text: Untrusted,
    },
    /// A step is done.
    Finished {
        /// Which.
        step: String,
        /// Evidence.
        evidence: Vec<String>,
        /// What it gives.
        outputs: BTreeMap<String, Value>,
    },
    /// A step cannot go on; a resume tries it again.
    Failed {
        /// Which.
        step: String,
        /// Why.
        failure: Failure,
    },
    /// A person stopped the run; nothing was changed by that.
    Aborted {
        /// What is left over, one sentence each.
        left: Vec<String>,
    },
    /// A person began to undo what was done, backwards.
    Undoing,
    /// A change of a step was undone (or could not be and was passed over, in words).
    Undone {
        /// Which step.
        step: String,
        /// Which change.
        change: u32,
        /// How it went.
        evidence: Vec<String>,
        /// It could not be undone: it stands, and the undo has gone past it.
        #[serde(default)]
        passed_over: bool,
    },
    /// One field was shown to a person for some seconds.
    Revealed {
        /// Of which resource.
        resource: Untrusted,
        /// Which field.
        field: Untrusted,
    },
    /// The run is over: every step done, or every change undone.
    Ended,
}

/// A call that a plan named.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Planned {
    /// `service:Operation`.
    pub operation: String,
    /// What it hits, where that was known before.
    pub resource: Option<Untrusted>,
}

/// What came of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was made.
    Done(Receipt),
    /// It was refused before any effect.
    Refused(Failure),
    /// Nobody knows: no answer, a broken one, or a server in trouble.
    InDoubt(Failure),
}

/// How a call in doubt was settled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It has happened.
    Happened(Receipt),
    /// It has not, and will not any more.
    NotHappened,
    /// Somebody else was faster.
    Overtaken(String),
    /// A person decided that it has happened.
    PersonSaysHappened(Receipt),
    /// A person decided that it has not.
    PersonSaysNot,
    /// It does not matter whether it happened twice.
    Accepted(String),
}

/// Why something failed: the fault as words, and whether it passes by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// The kind as one word (`denied`, `throttled`, `conflict`, `refused`, ...).
    pub kind: String,
    /// One sentence: what, why, what to do next. Safe to draw.
    pub text: String,
    /// The late inputs for want of which it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
}

impl Failure {
    /// Something that failed for want of nothing that could be said.
    #[must_use]
    pub fn of(kind: &str, text: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), text: text.into(), asks: Vec::new() }
    }
}

/// What a run waits for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum WaitingFor {
    /// For time.
    Time {
        /// Until when.
        until: Timestamp,
        /// Late inputs that end it sooner.
        accepts: Vec<String>,
        /// In words.
        why: String,
    },
    /// For a person: an answer, or consent.
    Person {
        /// The question, or what is to be agreed to.
        why: String,
        /// Late inputs that answer it.
        accepts: Vec<String>,
        /// Words answer it too; they always do where nothing else does.
        #[serde(default)]
        words: bool,
        /// What must be typed to confirm, where a name is demanded.
        phrase_for: Option<Untrusted>,
        /// The slot that wants something entered.
        enter: Option<Slot>,
    },
    /// For an outcome to settle.
    Settle {
        /// A "no" counts from then on.
        until: Timestamp,
        /// In words.
        why: String,
    },
}

impl From<Verdict> for Option<Settled> {
    /// What a verdict settles; `None` if it does not.
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Happened(receipt) => Some(Settled::Happened(receipt)),
            Verdict::NotHappened => Some(Settled::NotHappened),
            Verdict::Overtaken(words) => Some(Settled::Overtaken(words)),
            Verdict::Unclear => None,
        }
    }
}
