//! What a question of the contract is, what it is asked of, and how an answer that is not the model's is
//! told apart from a difference that is known.

use super::differences;
use super::fill::Filled;
use crate::asking::Asking;
use bartizan::estate::{Fault, FaultKind};
use libtest_mimic::Failed;
use std::fmt::Debug;

/// Something that answers questions: a server behind the ports over the SDK, or the practice estate.
pub struct Place {
    pub name: &'static str,
    pub asking: Asking,
    /// What it could not be filled with; nothing where it was not filled.
    pub filled: Filled,
}

/// One question (or a few that belong together) with the answer that the published model has.
#[derive(Clone, Copy)]
pub struct Question {
    pub name: &'static str,
    /// Where the expected answer is from.
    pub source: &'static str,
    /// What it was filled with, where it needs that.
    pub needs: Option<&'static str>,
    pub check: fn(&Asking) -> Result<(), Wrong>,
}

/// How an answer differs from the model's, in one line.
#[derive(Debug)]
pub struct Wrong(pub String);

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Wrong(format!("{:?} {}: {:?}", fault.kind, fault.operation, fault.message))
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Wrong(text)
    }
}

impl From<&str> for Wrong {
    fn from(text: &str) -> Self {
        Wrong(text.to_owned())
    }
}

/// `got` is what the model says.
pub fn same<T: PartialEq + Debug>(what: &str, got: T, model: T) -> Result<(), Wrong> {
    if got == model { Ok(()) } else { Err(format!("{what}: the model says {model:?}, it is {got:?}").into()) }
}

/// `holds`, or else it is wrong in the way that `what` says.
pub fn holds(what: impl Into<String>, holds: bool) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(Wrong(what.into())) }
}

/// The answer is a fault of this kind.
pub fn refused<T: Debug>(answer: Result<T, Fault>, model: &FaultKind) -> Result<(), Wrong> {
    match answer {
        Err(fault) if fault.kind == *model => Ok(()),
        Err(fault) => Err(format!("the model says {model:?}, it is {:?}", Wrong::from(fault).0).into()),
        Ok(answer) => {
            let text: String = format!("{answer:?}").chars().take(120).collect();
            Err(format!("the model says {model:?}, it is answered: {text}").into())
        }
    }
}

/// Nothing stands twice in `names`.
pub fn distinct<T: Ord + Debug + Clone>(what: &str, names: &[T]) -> Result<(), Wrong> {
    let mut sorted = names.to_vec();
    sorted.sort();
    match sorted.windows(2).find(|w| w[0] == w[1]) {
        Some(twice) => Err(format!("{what}: {:?} stands twice", twice[0]).into()),
        None => Ok(()),
    }
}

/// Asks `question` of `place`. A known difference must still be there, in its own words.
pub fn ask(place: &Place, question: &Question) -> Result<(), Failed> {
    let outcome = match question.needs.and_then(|n| place.filled.gap(n)) {
        Some(why) => Err(Wrong(format!("it could not be filled: {why}"))),
        None => (question.check)(&place.asking),
    };
    let known = differences::known(place.name, question.name);
    match (outcome, known) {
        (Ok(()), None) => Ok(()),
        (Err(Wrong(how)), Some(d)) if how.contains(d.shows) => Ok(()),
        (Err(Wrong(how)), None) => {
            Err(format!("{how}\nthe expected answer is from: {}", question.source).into())
        }
        (Ok(()), Some(d)) => {
            Err(format!("it answers as the model says now; remove the known difference \"{}\"", d.what)
                .into())
        }
        (Err(Wrong(how)), Some(d)) => {
            Err(format!("it differs in another way than \"{}\" ({}): {how}", d.what, d.shows).into())
        }
    }
}
