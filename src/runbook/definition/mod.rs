//! A runbook's definition, as data: inputs, and steps that name verbs of the closed registry. The only
//! condition is that an input equals one of some values, so that definitions stay data. A run embeds the
//! definition it was started with, whole: an edit during a wait changes nothing.

mod check;
mod parse;
mod shipped;
mod words;

pub use check::check;
pub use parse::read;
#[cfg(test)]
pub use parse::unchecked;
pub use shipped::{COMMANDS, SHIPPED, command, shipped};
pub use words::{KINDS, TYPES, kind_word, type_word};

use super::event::Failure;
use super::value::{Value, ValueType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A runbook.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// Its name, e.g. `api-key-rotation`.
    pub name: String,
    /// Counts up with every change of what it does.
    pub version: u32,
    /// One line for lists.
    pub title: String,
    /// What it is for, when to use it and when not; a few sentences.
    pub about: String,
    /// Its inputs, in the order in which they are asked for.
    pub inputs: Vec<Input>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// An input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Input {
    /// Its name, as in `--set name=value`.
    pub name: String,
    /// Its type.
    pub kind: ValueType,
    /// What it means: the question that a person reads.
    pub doc: String,
    /// The only values it may have, where they are few.
    pub choices: Vec<String>,
    /// What it is without being given; `None`: it must be given (where its condition holds), or is asked
    /// for when it is needed if it is `late`.
    pub default: Option<Value>,
    /// It may be given later, with `resume --set`.
    pub late: bool,
    /// It may be left out.
    pub optional: bool,
    /// It only matters when this holds.
    pub when: Condition,
}

/// A step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Its id, unique in the runbook, e.g. `disable`: what `--confirm disable=...` names.
    pub id: String,
    /// One line for trees.
    pub title: String,
    /// What it is; must be that of its verb.
    pub kind: StepKind,
    /// The verb, e.g. `secret.stage`.
    pub verb: String,
    /// The verb's parameters: literals, `$input`, or `step.output` of an earlier step.
    pub with: BTreeMap<String, Argument>,
    /// It is done only when this holds; else it is skipped.
    pub when: Condition,
    /// What is at risk while this step waits or is under way: one sentence for the NOW paragraph.
    pub now: String,
}

/// A parameter of a step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// Itself.
    Literal(Value),
    /// What this input holds.
    Input(String),
    /// What an earlier step gave: step and output. A skipped step gives nothing.
    Output(String, String),
}

/// When something holds: every input named equals one of its values. Empty: always.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Condition(pub BTreeMap<String, Vec<String>>);

/// What a step is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Looks, and stops the run if it must not go on.
    Check,
    /// Changes AWS, with consent.
    Change,
    /// Lets time pass, or waits for what a person says.
    Wait,
    /// A person does something and says so.
    Manual,
    /// Looks whether it worked.
    Verify,
    /// Says something.
    Note,
}

impl Definition {
    /// The input of that name.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The late inputs that may be said when a step has failed for want of them. Records of before say so in the sentence
    /// only, as the command line takes them: `--set NAME=`.
    #[must_use]
    pub fn asked_by(&self, failure: &Failure) -> Vec<String> {
        let asked = |name: &String| match failure.asks.as_slice() {
            [] => failure.text.contains(&format!("--set {name}=")),
            asks => asks.contains(name),
        };
        self.inputs.iter().filter(|i| i.late && asked(&i.name)).map(|i| i.name.clone()).collect()
    }

    /// The step of that id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}

impl Condition {
    /// Whether it holds for these inputs. An input that is not there equals nothing.
    #[must_use]
    pub fn holds(&self, inputs: &BTreeMap<String, Value>) -> bool {
        self.0.iter().all(|(name, values)| {
            inputs.get(name).and_then(word_of).is_some_and(|word| values.contains(&word))
        })
    }

    /// Whether `other` holds wherever this one does, whatever the inputs are.
    #[must_use]
    pub fn implies(&self, other: &Condition) -> bool {
        other.0.iter().all(|(name, wide)| {
            self.0.get(name).is_some_and(|narrow| narrow.iter().all(|value| wide.contains(value)))
        })
    }
}

/// The word by which a condition knows a value; `None` for what no condition can name.
fn word_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.wire().to_owned()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::List(_)
        | Value::Duration(_)
        | Value::Time(_)
        | Value::Secret(_)
        | Value::Home(_)
        | Value::Findings(_) => None,
    }
}

#[cfg(test)]
mod tests;
