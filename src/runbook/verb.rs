//! What a verb is. The registry of all of them is closed; each is a file of its own in `verbs/`.

use super::definition::StepKind;
use super::need::{Done, Need};
use super::value::ValueType;
use super::view::View;
use crate::estate::{Change, Made};

/// A parameter that a verb takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Param {
    /// Its name in `with`.
    pub name: &'static str,
    /// Its type.
    pub kind: ValueType,
    /// It may be left out, or come from something that gives nothing.
    pub optional: bool,
    /// What it means.
    pub doc: &'static str,
}

/// Something that a verb gives to later steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Output {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: ValueType,
}

/// One thing that a step can do. Pure: the same view gives the same answer.
pub trait Verb: Sync {
    /// `noun.verb`, as definitions name it.
    fn name(&self) -> &'static str;
    /// What kind of step it makes.
    fn kind(&self) -> StepKind;
    /// One line of documentation.
    fn doc(&self) -> &'static str;
    /// What it takes.
    fn takes(&self) -> &'static [Param];
    /// What it gives.
    fn gives(&self) -> &'static [Output];

    /// How to go on. Called again and again, with more facts and with the changes that were made, until it
    /// is done. In planning ([`View::planning`]) materials are not read and consent is never given: the
    /// proposal is taken for what it plans, and `outputs` stand in for what is not known yet.
    ///
    /// # Errors
    /// What it needs first: this is how a verb asks, not a failure.
    fn next(&self, view: &View<'_>) -> Result<Done, Need>;

    /// How to undo a change that this step made. Called like [`Verb::next`]; the inverse of the change as it
    /// stands, unless the verb knows better (a fresh revision must be read first).
    ///
    /// # Errors
    /// What it needs first; `Refuse` where it cannot be undone.
    fn undo(&self, view: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        super::view::undo_by_inverse(view, change, made)
    }
}
