//! What a run is started with: `--set key=value` read against a definition's inputs. A secret never comes this
//! way: an input of that type names a slot, and whoever can ask a person fills it.

use super::definition::{Definition, Input, type_word};
use super::value::{Value, ValueType};
use super::words;
use crate::diagnose::{Diagnosis, one_of, quoted};
use crate::estate::{Slot, Timestamp, Untrusted};
use std::collections::BTreeMap;

/// The values of a run's inputs, checked, with defaults filled in. What is optional or late and not given is
/// absent, and so is what does not matter because its condition does not hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inputs(BTreeMap<String, Value>);

/// What a value on the command line belongs to, in a diagnosis.
const SET: &str = "--set";

/// The longest text that an input takes, in bytes: ARNs and URLs have at most 2,048.
const LONGEST: usize = 4_096;

impl Inputs {
    /// Reads what was given, as pairs of name and text.
    ///
    /// # Errors
    /// Everything that is wrong: unknown or twice given names, values that do not fit, what is missing, and
    /// what was given although it does not matter.
    pub fn read(definition: &Definition, given: &[(String, String)]) -> Result<Self, Vec<Diagnosis>> {
        let mut problems = Vec::new();
        for (nth, (name, _)) in given.iter().enumerate() {
            if definition.input(name).is_none() {
                problems.push(unknown(definition, name));
            } else if given[..nth].iter().any(|(earlier, _)| earlier == name) {
                problems.push(Diagnosis::of(SET, format!("{} is given twice", quoted(name))));
            }
        }
        let mut values = BTreeMap::new();
        for input in &definition.inputs {
            let text = given.iter().find(|(name, _)| *name == input.name).map(|(_, text)| text.as_str());
            match one(input, text, &values) {
                Ok(Some(value)) => {
                    values.insert(input.name.clone(), value);
                }
                Ok(None) => {}
                Err(wrong) => problems.push(wrong),
            }
        }
        if problems.is_empty() { Ok(Self(values)) } else { Err(problems) }
    }

    /// Reads a value that is given while the run is under way (`resume --set`).
    ///
    /// # Errors
    /// There is no such late input, or the value does not fit.
    pub fn late(definition: &Definition, name: &str, text: &str) -> Result<Value, Diagnosis> {
        let late = || definition.inputs.iter().filter(|i| i.late);
        match definition.input(name) {
            Some(input) if input.late => parse(input, text),
            Some(_) if late().next().is_none() => {
                Err(Diagnosis::of(SET, format!("{} is settled when the run starts", quoted(name))))
            }
            Some(_) => Err(Diagnosis::of(SET, format!("{} is settled when the run starts", quoted(name)))
                .hint(format!("later come {}", one_of(late().map(|i| i.name.as_str()))))),
            None => Err(unknown(definition, name)),
        }
    }

    /// The values by name, as a run's first record keeps them.
    #[must_use]
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    /// The same, moved out.
    #[must_use]
    pub fn into_values(self) -> BTreeMap<String, Value> {
        self.0
    }
}

/// Splits `key=value`.
///
/// # Errors
/// There is no `=` in it, or nothing before it. What is after it is not repeated: it might be secret.
pub fn split(text: &str) -> Result<(String, String), Diagnosis> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err(Diagnosis::of(SET, "write `key=value`")),
    }
}

/// The inputs that matter for these values and are not among them yet, in order: what to ask for next.
#[must_use]
pub fn open<'a>(definition: &'a Definition, values: &BTreeMap<String, Value>) -> Vec<&'a Input> {
    let open = definition.inputs.iter().filter(|i| !values.contains_key(&i.name) && i.when.holds(values));
    open.collect()
}

/// The slot that an input of type secret fills. Slots of verbs have a dot in their names, inputs have not.
#[must_use]
pub fn slot(input: &str) -> Slot {
    Slot::new(input)
}

/// What is wrong with a secret input that was given, although with these values nothing will use it.
#[must_use]
pub fn unused(definition: &Definition, values: &BTreeMap<String, Value>, name: &str) -> Option<Diagnosis> {
    let input = definition.input(name).filter(|input| !input.when.holds(values))?;
    Some(does_not_matter("--set-file", input))
}

fn does_not_matter(option: &str, input: &Input) -> Diagnosis {
    let what = format!("{} does not matter here", quoted(&input.name));
    Diagnosis::of(option, what).hint(format!("it does when {}", when(input)))
}

fn one(
    input: &Input,
    text: Option<&str>,
    earlier: &BTreeMap<String, Value>,
) -> Result<Option<Value>, Diagnosis> {
    let matters = input.when.holds(earlier);
    match text {
        Some(_) if !matters => Err(does_not_matter(SET, input)),
        None if !matters => Ok(None),
        Some(text) => parse(input, text).map(Some),
        None if input.kind == ValueType::Secret => Ok(Some(Value::Secret(slot(&input.name)))),
        None if input.default.is_some() => Ok(input.default.clone()),
        None if input.optional || input.late => Ok(None),
        None => {
            let what = format!("{} is missing: {}", quoted(&input.name), input.doc.trim());
            Err(Diagnosis::of(SET, what).hint(format!("give it with `--set {}=...`", input.name)))
        }
    }
}

fn when(input: &Input) -> String {
    let parts = input.when.0.iter();
    let parts =
        parts.map(|(name, values)| format!("`{name}` is {}", one_of(values.iter().map(String::as_str))));
    parts.collect::<Vec<_>>().join(" and ")
}

fn unknown(definition: &Definition, name: &str) -> Diagnosis {
    let names = || definition.inputs.iter().map(|i| i.name.as_str());
    let found = Diagnosis::of(SET, format!("{} has no input {}", definition.name, quoted(name)));
    let found = found.near(name, names());
    if found.nearest.is_some() { found } else { found.hint(format!("it has {}", one_of(names()))) }
}

/// The value of an input from its text, as a form or the command line has it.
///
/// # Errors
/// It does not fit the input's type or is none of its choices.
pub fn parse(input: &Input, text: &str) -> Result<Value, Diagnosis> {
    let name = &input.name;
    let must =
        |want: String| Diagnosis::of(SET, format!("{} must be {want}, not {}", quoted(name), quoted(text)));
    match input.kind {
        ValueType::Text if !input.choices.is_empty() => {
            let choices = || input.choices.iter().map(String::as_str);
            if choices().any(|c| c == text) {
                Ok(Value::Text(Untrusted::from(text)))
            } else {
                Err(must(one_of(choices())).near(text, choices()))
            }
        }
        ValueType::Text => line(text).map(Value::Text).ok_or_else(|| must("a text of one line".to_owned())),
        ValueType::List => {
            let entries: Option<Vec<Untrusted>> = text.split(',').map(|e| line(e.trim())).collect();
            entries.map(Value::List).ok_or_else(|| must("entries separated by commas".to_owned()))
        }
        ValueType::Number => {
            text.trim().parse().map(Value::Number).map_err(|_| must("a whole number".to_owned()))
        }
        ValueType::Flag => match text.trim() {
            "true" | "yes" => Ok(Value::Flag(true)),
            "false" | "no" => Ok(Value::Flag(false)),
            _ => Err(must("`true` or `false`".to_owned())),
        },
        ValueType::Duration => match words::parse(text.trim()) {
            Ok(seconds) => Ok(Value::Duration(seconds)),
            Err(why) => Err(Diagnosis::of(SET, format!("{}: {why}, not {}", quoted(name), quoted(text)))),
        },
        ValueType::Time => text
            .trim()
            .parse::<Timestamp>()
            .map(Value::Time)
            .map_err(|_| must("an instant such as `2026-01-31T09:00:00Z`".to_owned())),
        // The text is not repeated: it is the secret.
        ValueType::Secret => {
            let what = format!("{} is secret and never comes from an argument", quoted(name));
            Err(Diagnosis::of(SET, what)
                .hint(format!("use `--set-file {name}=PATH`, `--set-fd {name}=N`, or be asked for it")))
        }
        ValueType::Home | ValueType::Findings => {
            let what = format!("{} is a {} and comes from a step", quoted(name), type_word(input.kind));
            Err(Diagnosis::of(SET, what))
        }
    }
}

fn line(text: &str) -> Option<Untrusted> {
    let good = !text.trim().is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    good.then(|| Untrusted::from(text))
}

#[cfg(test)]
mod tests;
