//! A definition: what it is for, what it takes, what it does.

use super::{Line, Part, numbered, safe};
use crate::diagnose::one_of;
use crate::estate::Risk;
use crate::runbook::definition::{Argument, Condition, Definition, Input, Step, kind_word, type_word};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::{verbs, words};

/// A definition as a tree.
#[must_use]
pub fn definition(definition: &Definition) -> Vec<Line> {
    let title = format!("{} {}", safe(&definition.name), definition.version);
    let mut lines = vec![
        Line::new(0, Part::Title, format!("{title}: {}", safe(&definition.title))),
        Line::blank(),
        Line::new(0, Part::Text, safe(&definition.about)),
        Line::blank(),
        Line::new(0, Part::Heading, "Inputs"),
    ];
    if definition.inputs.is_empty() {
        lines.push(Line::new(1, Part::Text, "none"));
    }
    lines.extend(definition.inputs.iter().flat_map(input));
    lines.extend([Line::blank(), Line::new(0, Part::Heading, "Steps")]);
    let count = definition.steps.len();
    lines.extend(definition.steps.iter().enumerate().flat_map(|(nth, one)| step(nth, count, one)));
    lines
}

fn input(input: &Input) -> Vec<Line> {
    let mut facts = vec![type_word(input.kind).to_owned()];
    if !input.choices.is_empty() {
        facts = vec![safe(&one_of(input.choices.iter().map(String::as_str)))];
    }
    match &input.default {
        Some(default) => facts.push(format!("{} without it", value(default))),
        None if input.late => facts.push("may come later".to_owned()),
        None if input.optional => facts.push("optional".to_owned()),
        None if input.kind == ValueType::Secret => facts.push("asked for, never an argument".to_owned()),
        None => facts.push("must be given".to_owned()),
    }
    facts.extend(only(&input.when));
    vec![
        Line::new(1, Part::Input, format!("{}: {}", safe(&input.name), facts.join("; "))),
        Line::new(2, Part::Detail, safe(&input.doc)),
    ]
}

fn step(nth: usize, count: usize, step: &Step) -> Vec<Line> {
    let head = format!("{}  {}", numbered(nth, count), safe(&step.title));
    let mut about = format!("{}, {} `{}`", safe(&step.id), kind_word(step.kind), safe(&step.verb));
    if let Some(when) = only(&step.when) {
        about = format!("{about}; {when}");
    }
    let mut lines = vec![Line::new(1, Part::Step, head), Line::new(2, Part::Detail, about)];
    match verbs::find(&step.verb) {
        Some(verb) => lines.push(Line::new(2, Part::Detail, verb.doc())),
        None => lines.push(Line::new(2, Part::Refusal, "this version has no such verb")),
    }
    let with = step.with.iter().map(|(name, argument)| format!("{} = {}", safe(name), given(argument)));
    let with: Vec<String> = with.collect();
    if !with.is_empty() {
        lines.push(Line::new(2, Part::Detail, format!("with {}", with.join(", "))));
    }
    if !step.now.is_empty() {
        lines.push(Line::new(2, Part::Detail, format!("meanwhile: {}", safe(&step.now))));
    }
    lines
}

/// `only when store is secret`; nothing for what is always so.
fn only(when: &Condition) -> Option<String> {
    let parts = when.0.iter();
    let parts: Vec<String> = parts
        .map(|(name, values)| {
            format!("`{}` is {}", safe(name), safe(&one_of(values.iter().map(String::as_str))))
        })
        .collect();
    (!parts.is_empty()).then(|| format!("only when {}", parts.join(" and ")))
}

fn given(argument: &Argument) -> String {
    match argument {
        Argument::Literal(literal) => value(literal),
        Argument::Input(name) => format!("${}", safe(name)),
        Argument::Output(step, output) => safe(&format!("{step}.{output}")),
    }
}

/// A value as a definition writes it; of a secret its slot.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", text.shown()),
        Value::List(texts) => {
            let texts: Vec<String> = texts.iter().map(|t| format!("\"{}\"", t.shown())).collect();
            format!("[{}]", texts.join(", "))
        }
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Duration(seconds) => words::written(*seconds),
        Value::Time(instant) => words::instant(*instant),
        Value::Secret(_) => "entered".to_owned(),
        Value::Home(_) => "read back from where it was put".to_owned(),
    }
}

/// The word for a risk, as plans have it.
pub(super) fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Ordinary => "ordinary: asks for a yes",
        Risk::Destructive => "destructive: asks for the name of what it hits",
    }
}
