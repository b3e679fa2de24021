//! What a verb sees when it is asked how to go on, and the words in which it asks back.

use super::need::{Done, Export, Fact, Facts, Need, Proposal, Want};
use super::value::{Home, Value};
use crate::estate::edit::{Edit, EditFault, Shape};
use crate::estate::message::whose::{Request, Search};
use crate::estate::{
    Answer, Asks, At, Canary, Change, Entry, Fault, FaultKind, Fingerprint, FunctionName, Made,
    MaterialSource, MaterialVersion, Place, Query, Region, RunId, Salt, Slot, Tally, Timestamp, Untrusted,
};
use std::collections::{BTreeMap, BTreeSet};

/// A change that this step made, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeMade {
    /// The change.
    pub change: Change,
    /// Its calls with their receipts, in the order of their intents.
    pub made: Vec<Made>,
    /// How far it came, if it went through a queue.
    pub tally: Tally,
}

impl ChangeMade {
    /// A change whose calls were made.
    #[must_use]
    pub fn of(change: Change, made: Vec<Made>) -> Self {
        Self { change, made, tally: Tally::default() }
    }
}

/// A change that AWS refused and that the run goes on without: it only keeps a note of what was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forgone {
    /// The change.
    pub change: Change,
    /// Why. Safe to draw.
    pub why: String,
}

/// The view of one step.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The run.
    pub run: &'a RunId,
    /// Where the run is at home.
    pub at: &'a At,
    /// Of the run's fingerprints.
    pub salt: &'a Salt,
    /// Now.
    pub now: Timestamp,
    /// When the run was started.
    pub started: Timestamp,
    /// When this step began; now, if it begins.
    pub began: Timestamp,
    /// Since when this pass looks: patience with what AWS shows late counts from here. It begins anew with
    /// every process, with every try, and when changes were made or undone; a step that a person left open
    /// for days has all its patience still.
    pub since: Timestamp,
    /// Nothing is changed and no material read: what would be done is wanted.
    pub planning: bool,
    /// The step's parameters, resolved; what is optional and not there is absent.
    pub with: &'a BTreeMap<String, Value>,
    /// Late inputs by their names, as far as given.
    pub late: &'a BTreeMap<String, Value>,
    /// What is known in this pass.
    pub facts: &'a Facts,
    /// The changes that this step has made completely, in order. In undoing: those that the undo made.
    pub done: &'a [ChangeMade],
    /// Its changes that were refused and that it goes on without; of the undo, in undoing.
    pub forgone: &'a [Forgone],
    /// The slots that hold something.
    pub held: &'a BTreeSet<Slot>,
    /// What a person attested for this step.
    pub attested: Option<&'a str>,
    /// It is the practice estate.
    pub practice: bool,
}

impl View<'_> {
    /// The text of a parameter.
    ///
    /// # Errors
    /// `Refuse`, if it is not there: the definition's check lets this happen only for optional ones.
    pub fn text(&self, name: &str) -> Result<&Untrusted, Need> {
        match self.with.get(name) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(Need::Refuse(format!("the step's parameter {name} is missing"))),
        }
    }

    /// The text of a parameter that may be missing.
    #[must_use]
    pub fn maybe_text(&self, name: &str) -> Option<&Untrusted> {
        match self.with.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether a flag among the parameters or the late inputs is set.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.with.get(name).or_else(|| self.late.get(name)), Some(Value::Flag(true)))
    }

    /// Every page of the answers to a question here, opened.
    ///
    /// # Errors
    /// `Know`, until it has been asked. The inner fault is AWS's.
    pub fn pages<Q: Asks>(&self, question: Q) -> Result<Result<Vec<Q::Out>, Fault>, Need> {
        let want = Want::Pages(Query { at: self.at.clone(), ask: question.ask() });
        match self.facts.get(&want) {
            Some(Fact::Pages(Ok(seen))) => {
                Ok(seen.value.iter().cloned().map(|a: Answer| Q::open(a)).collect())
            }
            Some(Fact::Pages(Err(fault))) => Ok(Err(fault.clone())),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// Every page of the answers to a question in another Region; whatever comes of it, the step goes on.
    ///
    /// # Errors
    /// `Know`, until it has been asked. The inner fault is AWS's.
    pub fn attempt<Q: Asks>(&self, region: &Region, question: Q) -> Result<Result<Vec<Q::Out>, Fault>, Need> {
        let at = At { account: self.at.account.clone(), region: region.clone() };
        let want = Want::Try(Query { at, ask: question.ask() });
        match self.facts.get(&want) {
            Some(Fact::Pages(Ok(seen))) => {
                Ok(seen.value.iter().cloned().map(|a: Answer| Q::open(a)).collect())
            }
            Some(Fact::Pages(Err(fault))) => Ok(Err(fault.clone())),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// As [`View::pages`], where a fault stops the step: its sentence is the refusal.
    ///
    /// # Errors
    /// `Know`, or `Refuse` with the fault's words; faults that pass by themselves are asked again.
    pub fn must<Q: Asks>(&self, question: Q) -> Result<Vec<Q::Out>, Need> {
        self.pages(question)?.map_err(refusal)
    }

    /// A material, read into a slot in this pass.
    ///
    /// # Errors
    /// `Know`, until it has been read. The inner fault is AWS's.
    pub fn load(&self, source: &MaterialSource, into: &Slot) -> Result<Result<MaterialVersion, Fault>, Need> {
        let want = Want::Load { source: source.clone(), into: into.clone() };
        match self.facts.get(&want) {
            Some(Fact::Loaded(Ok(seen))) => Ok(Ok(seen.value.clone())),
            Some(Fact::Loaded(Err(fault))) => Ok(Err(fault.clone())),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// The value that is at home somewhere, in a slot.
    ///
    /// # Errors
    /// `Know`, until it is there; `Refuse`, if it is no longer at home.
    pub fn fetch(&self, home: &Home, into: &Slot) -> Result<(), Need> {
        let document = Slot::new(format!("{}.document", into.name()));
        if home.place == Place::Whole && home.entry.is_none() {
            return self.load(&home.source, into)?.map(|_| ()).map_err(refusal);
        }
        self.load(&home.source, &document)?.map_err(refusal)?;
        self.extract(&document, &home.place, home.entry.as_ref(), into)?
            .map_err(|e| Need::Refuse(format!("the value is no longer where it was put: {e}")))
    }

    /// A part of a document, copied into a slot.
    ///
    /// # Errors
    /// `Know`, until it has been done. The inner fault says why it cannot be.
    pub fn extract(
        &self,
        from: &Slot,
        place: &Place,
        entry: Option<&Entry>,
        into: &Slot,
    ) -> Result<Result<(), EditFault>, Need> {
        let want = Want::Extract {
            from: from.clone(),
            place: place.clone(),
            entry: entry.cloned(),
            into: into.clone(),
        };
        match self.facts.get(&want) {
            Some(Fact::Extracted(result)) => Ok(result.clone()),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// What may be known of a document in a slot.
    ///
    /// # Errors
    /// `Know`, until it has been looked at. The inner fault says why it cannot be.
    pub fn shape(&self, of: &Slot, place: &Place) -> Result<Result<Shape, EditFault>, Need> {
        let want = Want::Shape { of: of.clone(), place: place.clone() };
        match self.facts.get(&want) {
            Some(Fact::Shape(result)) => Ok(result.clone()),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// How many bytes an edit makes of a document, tried in memory.
    ///
    /// # Errors
    /// `Know`, until it has been tried. The inner fault says why it cannot be made; `TooLarge` above `limit`.
    pub fn tried(&self, of: &Slot, edit: &Edit, limit: usize) -> Result<Result<usize, EditFault>, Need> {
        let want = Want::Tried { of: of.clone(), edit: edit.clone(), limit };
        match self.facts.get(&want) {
            Some(Fact::Tried(result)) => Ok(result.clone()),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// A new value in a slot, and its fingerprint.
    ///
    /// # Errors
    /// `Know`, until it is there.
    pub fn make(&self, into: &Slot, length: usize) -> Result<Option<Fingerprint>, Need> {
        let want = Want::Make { into: into.clone(), length };
        match self.facts.get(&want) {
            Some(Fact::Made(print)) => Ok(print.clone()),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// What a person entered for an input of type secret.
    ///
    /// # Errors
    /// `Enter`, if the slot is empty: never entered, or lost with the process that held it.
    pub fn entered(&self, input: &str, slot: &Slot) -> Result<(), Need> {
        if self.held.contains(slot) {
            Ok(())
        } else {
            Err(Need::Enter { slot: slot.clone(), input: input.to_owned() })
        }
    }

    /// The status that a canary gets.
    ///
    /// # Errors
    /// `Know`, until it has been sent. The inner fault says why none came.
    pub fn status(&self, canary: &Canary) -> Result<Result<u16, Fault>, Need> {
        let want = Want::Status(canary.clone());
        match self.facts.get(&want) {
            Some(Fact::Status(result)) => Ok(result.clone()),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// What a file keeps of a queue.
    ///
    /// # Errors
    /// `Know`, until it was read. The inner words say why it is not to be trusted.
    pub fn export(&self, file: &Untrusted) -> Result<Result<Export, String>, Need> {
        let want = Want::Export(file.clone());
        match self.facts.get(&want) {
            Some(Fact::Export(result)) => Ok(result.clone()),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// Whose requests are, as the logs of functions say.
    ///
    /// # Errors
    /// `Know`, until it was looked for.
    pub fn whose(&self, requests: &[Request], functions: &[FunctionName]) -> Result<Search, Need> {
        let want = Want::Whose { requests: requests.to_vec(), functions: functions.to_vec() };
        match self.facts.get(&want) {
            Some(Fact::Whose(search)) => Ok(search.clone()),
            _ => Err(Need::Know(vec![want])),
        }
    }

    /// The change of this step, made: the `nth` (from 0), or the need to make it.
    ///
    /// # Errors
    /// `Consent`, until it has been made.
    pub fn made(
        &self,
        nth: usize,
        propose: impl FnOnce() -> Result<Proposal, Need>,
    ) -> Result<&ChangeMade, Need> {
        match self.done.get(nth) {
            Some(done) => Ok(done),
            None => Err(Need::Consent(Box::new(propose()?))),
        }
    }
}

/// The refusal that a fault makes of a step.
#[must_use]
pub fn refusal(fault: Fault) -> Need {
    Need::Refuse(fault.to_string())
}

/// Whether a fault says that the thing does not exist.
#[must_use]
pub fn is_missing(fault: &Fault) -> bool {
    fault.kind == FaultKind::NotFound
}

/// Undoes a change by its inverse as it stands.
pub(super) fn undo_by_inverse(view: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
    view.made(0, || match change.inverse(made) {
        Some(inverse) => Ok(Proposal { changes: vec![inverse], ..Proposal::default() }),
        None => Err(Need::Refuse(format!("{}: {}", change.sentence(), change.undo()))),
    })?;
    Ok(Done { evidence: vec![format!("undone: {}", change.sentence())], ..Done::default() })
}
