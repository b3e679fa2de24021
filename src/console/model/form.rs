//! A form: the inputs of a runbook while they are filled in, or the words for one question of a run. Secret
//! inputs are not typed here: they are asked for by the terminal when they are needed.

use super::Typing;
use crate::console::incidents::Saying;
use crate::estate::{RunId, Untrusted};
use crate::runbook::incident::IncidentId;
use crate::runbook::{Definition, Input, Value, ValueType};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a form is for.
#[derive(Clone, PartialEq, Debug)]
pub enum Purpose {
    /// The inputs of a new run of this runbook.
    Start(Arc<Definition>),
    /// Late inputs of a run.
    Set(RunId),
    /// An attestation that a step of a run waits for.
    Attest(RunId),
    /// A note to a run.
    Note(RunId),
    /// Why the change whose undo has failed is left as it is.
    PassOver(RunId),
    /// Whether a call of a run happened that AWS cannot tell of.
    Decide(RunId),
    /// The name of a new incident, and what is suspected.
    OpenIncident,
    /// Why a line of an incident's recovery list is set aside.
    SetAside(IncidentId, String),
    /// What is said in an incident.
    Say(IncidentId, Saying),
}

/// A field of a form.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldBox {
    /// The input's name.
    pub name: String,
    /// The question.
    pub doc: String,
    /// The only values, where they are few.
    pub choices: Vec<String>,
    /// What it is when it is left empty, in words.
    pub otherwise: String,
    /// It must be given.
    pub needed: bool,
    /// It is secret: nothing is typed here.
    pub secret: bool,
    /// Names that it can mean, as far as they are known.
    pub known: Vec<String>,
    /// What is typed.
    pub typing: Typing,
}

/// A form.
#[derive(Clone, PartialEq, Debug)]
pub struct FormBox {
    /// What for.
    pub purpose: Purpose,
    /// Its heading.
    pub title: String,
    /// What is known that helps to answer.
    pub about: Vec<String>,
    /// Its fields; those whose condition does not hold are not shown.
    pub fields: Vec<FieldBox>,
    /// Which is being filled in, among those shown.
    pub selected: usize,
    /// What is wrong.
    pub complaint: Option<String>,
    /// A name that nothing known has, which was said once: who insists is believed.
    pub doubted: Option<String>,
    /// Whether inputs are asked that can be given late.
    pub late: bool,
}

/// A default as it would be typed.
fn said(value: &Value) -> String {
    match value {
        Value::Text(text) => text.wire().to_owned(),
        Value::List(texts) => texts.iter().map(Untrusted::wire).collect::<Vec<_>>().join(","),
        Value::Number(n) => n.to_string(),
        Value::Flag(yes) => yes.to_string(),
        Value::Duration(seconds) => crate::runbook::words::written(*seconds),
        Value::Time(at) => at.to_string(),
        Value::Secret(_) | Value::Home(_) | Value::Findings(_) => String::new(),
    }
}

impl FieldBox {
    /// The field of an input, with what it begins with.
    #[must_use]
    pub fn of(input: &Input, text: &str) -> Self {
        let mut typing = Typing::default();
        typing.insert(text);
        let otherwise = match &input.default {
            Some(value) => said(value),
            None if input.kind == ValueType::Secret => "asked for without echo when it is needed".into(),
            None if input.late => "asked for when it is needed".into(),
            None if input.optional => "none".into(),
            None => String::new(),
        };
        Self {
            name: input.name.clone(),
            doc: input.doc.clone(),
            choices: if input.kind == ValueType::Flag && input.choices.is_empty() {
                vec!["true".into(), "false".into()]
            } else {
                input.choices.clone()
            },
            otherwise,
            needed: input.default.is_none()
                && !input.late
                && !input.optional
                && input.kind != ValueType::Secret,
            secret: input.kind == ValueType::Secret,
            known: Vec::new(),
            typing,
        }
    }

    /// The known names that begin with what is typed, then those that have it in them; none once one of them
    /// is typed whole.
    #[must_use]
    pub fn suggested(&self) -> Vec<&str> {
        let typed = self.typing.text().trim().to_lowercase();
        if typed.is_empty() || self.known.iter().any(|k| k.to_lowercase() == typed) {
            return Vec::new();
        }
        let (mut first, mut then) = (Vec::new(), Vec::new());
        for name in &self.known {
            let lower = name.to_lowercase();
            if lower.starts_with(&typed) {
                first.push(name.as_str());
            } else if lower.contains(&typed) {
                then.push(name.as_str());
            }
        }
        first.extend(then);
        first.truncate(5);
        first
    }

    /// Completes what is typed to the first name that fits, if the cursor is at its end. Returns whether there
    /// was one.
    pub fn complete(&mut self) -> bool {
        if self.typing.before() != self.typing.text() {
            return false;
        }
        let Some(name) = self.suggested().first().map(|n| (*n).to_owned()) else { return false };
        self.typing.clear();
        self.typing.insert(&name);
        true
    }

    /// The next (or previous) of few values.
    pub fn turn(&mut self, forward: bool) {
        if self.choices.is_empty() {
            return;
        }
        let typed = self.typing.text().trim();
        let text = if typed.is_empty() { self.otherwise.as_str() } else { typed };
        let here = self.choices.iter().position(|c| c == text);
        let count = self.choices.len();
        let next = match (here, forward) {
            (Some(i), true) => (i + 1) % count,
            (Some(i), false) => (i + count - 1) % count,
            (None, true) => 0,
            (None, false) => count - 1,
        };
        self.typing.clear();
        self.typing.insert(&self.choices[next]);
    }
}

impl FormBox {
    /// A form for a new run, begun with what is known from where one was.
    #[must_use]
    pub fn start(book: &Arc<Definition>, given: &[(String, String)], late: bool) -> Self {
        let fields = book.inputs.iter().map(|input| {
            let text = given.iter().find(|(n, _)| *n == input.name).map_or("", |(_, v)| v.as_str());
            FieldBox::of(input, text)
        });
        let mut form = Self {
            purpose: Purpose::Start(book.clone()),
            title: format!("{}: its inputs", book.name),
            about: Vec::new(),
            fields: fields.collect(),
            selected: 0,
            complaint: None,
            doubted: None,
            late,
        };
        // What is known already need not be stepped over.
        let first =
            form.shown().iter().position(|f| form.fields[*f].needed && form.fields[*f].typing.is_empty());
        let empty = || form.shown().iter().position(|f| form.fields[*f].typing.is_empty());
        form.selected = first.or_else(empty).unwrap_or(0);
        form
    }

    /// The fields whose condition holds, by what is typed or stands without being typed.
    #[must_use]
    pub fn shown(&self) -> Vec<usize> {
        let Purpose::Start(book) = &self.purpose else { return (0..self.fields.len()).collect() };
        let texts: BTreeMap<&str, String> = book
            .inputs
            .iter()
            .zip(&self.fields)
            .map(|(input, field)| {
                let typed = field.typing.text().trim();
                let text = match (&input.default, typed) {
                    (Some(value), "") => said(value),
                    (_, typed) => typed.to_owned(),
                };
                (input.name.as_str(), text)
            })
            .collect();
        let holds = |input: &Input| {
            input.when.0.iter().all(|(name, values)| {
                texts.get(name.as_str()).is_some_and(|text| values.iter().any(|v| v == text))
            })
        };
        let asked = |input: &Input| holds(input) && (self.late || !input.late);
        (0..self.fields.len()).filter(|i| book.inputs.get(*i).is_some_and(asked)).collect()
    }

    /// The field that is being filled in.
    #[must_use]
    pub fn here(&self) -> Option<&FieldBox> {
        let shown = self.shown();
        shown.get(self.selected.min(shown.len().saturating_sub(1))).and_then(|i| self.fields.get(*i))
    }

    /// The field that is being filled in, to change.
    pub fn here_mut(&mut self) -> Option<&mut FieldBox> {
        let shown = self.shown();
        let at = *shown.get(self.selected.min(shown.len().saturating_sub(1)))?;
        self.fields.get_mut(at)
    }

    /// Another field.
    pub fn step(&mut self, by: isize) {
        let last = self.shown().len().saturating_sub(1);
        self.selected = self.selected.min(last).saturating_add_signed(by).min(last);
    }

    /// What was given: the fields that are shown and not empty, secret ones left out.
    #[must_use]
    pub fn given(&self) -> Vec<(String, String)> {
        self.shown()
            .into_iter()
            .filter_map(|i| self.fields.get(i))
            .filter(|f| !f.secret && !f.typing.text().trim().is_empty())
            .map(|f| (f.name.clone(), f.typing.text().trim().to_owned()))
            .collect()
    }

    /// Says of the first name that nothing known has which is nearest, once.
    pub fn unknown_name(&mut self) -> Option<String> {
        let doubt = self.shown().into_iter().filter_map(|i| self.fields.get(i)).find_map(|field| {
            let typed = field.typing.text().trim();
            let plain = !typed.is_empty() && !typed.starts_with("arn:") && !field.known.is_empty();
            if !plain || field.known.iter().any(|k| k == typed) || self.doubted.as_deref() == Some(typed) {
                return None;
            }
            let nearest = crate::diagnose::nearest(typed, field.known.iter().map(String::as_str));
            Some((field.name.clone(), typed.to_owned(), nearest.map(str::to_owned)))
        });
        let (name, typed, nearest) = doubt?;
        let hint = nearest.map_or(String::new(), |n| format!(" The nearest is {n}."));
        self.doubted = Some(typed.clone());
        Some(format!(
            "No {name} called {typed} is known here.{hint} Enter again asks AWS for it all the same."
        ))
    }

    /// Selects the first field that must be given and is not.
    pub fn to_missing(&mut self) -> bool {
        let shown = self.shown();
        let missing = shown
            .iter()
            .position(|i| self.fields[*i].needed && self.fields[*i].typing.text().trim().is_empty());
        if let Some(at) = missing {
            self.selected = at;
            self.complaint = Some(format!("{} is needed", self.fields[shown[at]].name));
        }
        missing.is_some()
    }
}
