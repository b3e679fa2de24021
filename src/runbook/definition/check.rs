//! Whether a definition makes sense: names are unique and of the right form, verbs exist and get what they take,
//! outputs come from earlier steps that are done whenever they are needed. It looks at the definition alone;
//! where a thing stands in a file is told by marks that the parser kept.

use super::{Argument, Condition, Definition, Input, Step, StepKind, kind_word, type_word};
use crate::diagnose::{Diagnosis, one_of, quoted};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Param, Verb};
use crate::runbook::verbs;

/// A place in a definition, from the whole down to one key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Spot {
    /// A key of the outermost table.
    Top(&'static str),
    /// A key of the nth input; empty for the input itself.
    Input(usize, &'static str),
    /// A condition of the nth input, by the name of the input it asks.
    InputWhen(usize, String),
    /// A key of the nth step; empty for the step itself.
    Step(usize, &'static str),
    /// A parameter of the nth step.
    With(usize, String),
    /// A condition of the nth step.
    StepWhen(usize, String),
}

/// What is wrong, where. The diagnosis has no file and no line yet.
pub(super) type Found = Vec<(Spot, Diagnosis)>;

/// Step ids that mean something else: `--confirm account=ALIAS` arms a production context.
const RESERVED: &[&str] = &["account"];

/// What is wrong with a definition, as far as it can be told without its file: one that a journal embeds may
/// name a verb that this version no longer has.
#[must_use]
pub fn check(definition: &Definition) -> Vec<Diagnosis> {
    findings(definition)
        .into_iter()
        .map(|(_, found)| Diagnosis { file: definition.name.clone(), ..found })
        .collect()
}

pub(super) fn findings(definition: &Definition) -> Found {
    let mut found = Found::new();
    top(definition, &mut found);
    for (nth, input) in definition.inputs.iter().enumerate() {
        an_input(definition, nth, input, &mut found);
    }
    for (nth, step) in definition.steps.iter().enumerate() {
        a_step(definition, nth, step, &mut found);
    }
    unread(definition, &mut found);
    found
}

fn say(what: impl Into<String>) -> Diagnosis {
    Diagnosis::of("", what)
}

fn is_name(text: &str, joint: u8) -> bool {
    text.len() <= 40
        && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == joint)
}

/// A text of one line that a person reads.
fn one_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

fn top(definition: &Definition, found: &mut Found) {
    if !is_name(&definition.name, b'-') {
        let what = "a runbook's name begins with a lower-case letter and has at most 40 of `a` to `z`, `0` to `9` and `-`";
        found.push((Spot::Top("name"), say(what)));
    }
    if !one_line(&definition.title) {
        found.push((Spot::Top("title"), say("`title` must be a text of one line")));
    }
    if definition.about.trim().is_empty() {
        found.push((Spot::Top("about"), say("`about` must say what the runbook is for")));
    }
    if definition.steps.is_empty() {
        found.push((Spot::Top("step"), say("a runbook needs at least one step, begun by `[[step]]`")));
    }
}

fn an_input(definition: &Definition, nth: usize, input: &Input, found: &mut Found) {
    let mut wrong = |key, what: String| found.push((Spot::Input(nth, key), say(what)));
    let earlier = &definition.inputs[..nth];
    if !is_name(&input.name, b'_') {
        let what = "an input's name begins with a lower-case letter and has at most 40 of `a` to `z`, `0` to `9` and `_`";
        wrong("name", what.to_owned());
    }
    if earlier.iter().any(|e| e.name == input.name) {
        wrong("name", format!("there are two inputs {}", quoted(&input.name)));
    }
    if input.doc.trim().is_empty() {
        wrong("doc", "`doc` must be the question that a person reads".to_owned());
    }
    if !input.choices.is_empty() && input.kind != ValueType::Text {
        wrong("choices", format!("only a text has choices, not a {}", type_word(input.kind)));
    }
    match input.kind {
        ValueType::Home | ValueType::Findings => {
            wrong("type", format!("a `{}` comes from a step, never from an input", type_word(input.kind)));
        }
        ValueType::Secret if input.default.is_some() => {
            wrong("default", "a secret cannot stand in a file; it is entered".to_owned());
        }
        ValueType::Text
        | ValueType::List
        | ValueType::Number
        | ValueType::Flag
        | ValueType::Duration
        | ValueType::Time
        | ValueType::Secret => {}
    }
    if input.default.is_some() && (input.optional || input.late) {
        wrong(
            "default",
            "what has a default is always there: it cannot be `optional` or `late` too".to_owned(),
        );
    }
    if let (Some(Value::Text(text)), false) = (&input.default, input.choices.is_empty())
        && !input.choices.iter().any(|c| c == text.wire())
    {
        let what = format!("the default must be {}", one_of(input.choices.iter().map(String::as_str)));
        let near = say(what).near(text.wire(), input.choices.iter().map(String::as_str));
        found.push((Spot::Input(nth, "default"), near));
    }
    condition(earlier, &input.when, |name| Spot::InputWhen(nth, name), found);
}

/// Conditions ask inputs that are settled before, for values that they may have.
fn condition(asked: &[Input], when: &Condition, spot: impl Fn(String) -> Spot, found: &mut Found) {
    for (name, values) in &when.0 {
        let Some(input) = asked.iter().find(|i| i.name == *name) else {
            let what = format!("there is no input {} before this", quoted(name));
            found.push((spot(name.clone()), say(what).near(name, asked.iter().map(|i| i.name.as_str()))));
            continue;
        };
        if input.late {
            let what = format!("{} may come late, when this has been decided", quoted(name));
            found.push((spot(name.clone()), say(what)));
        }
        if values.is_empty() {
            found.push((spot(name.clone()), say("a condition needs at least one value")));
        }
        let flags = ["true".to_owned(), "false".to_owned()];
        let possible: &[String] = match input.kind {
            ValueType::Flag => &flags,
            ValueType::Text => &input.choices,
            ValueType::Number => &[],
            ValueType::List
            | ValueType::Duration
            | ValueType::Time
            | ValueType::Secret
            | ValueType::Home
            | ValueType::Findings => {
                let what = format!("a {} cannot be a condition", type_word(input.kind));
                found.push((spot(name.clone()), say(what)));
                continue;
            }
        };
        let words = || possible.iter().map(String::as_str);
        for value in values.iter().filter(|v| !possible.is_empty() && !possible.contains(v)) {
            let what = format!("{} is {}, never {}", quoted(name), one_of(words()), quoted(value));
            found.push((spot(name.clone()), say(what).near(value, words())));
        }
    }
}

fn a_step(definition: &Definition, nth: usize, step: &Step, found: &mut Found) {
    let wrong = |key, what: String| (Spot::Step(nth, key), say(what));
    if !is_name(&step.id, b'-') {
        let what = "a step's id begins with a lower-case letter and has at most 40 of `a` to `z`, `0` to `9` and `-`";
        found.push(wrong("id", what.to_owned()));
    }
    if RESERVED.contains(&step.id.as_str()) {
        let what =
            format!("{} cannot be a step: `--confirm account=ALIAS` means the account", quoted(&step.id));
        found.push(wrong("id", what));
    }
    if definition.steps[..nth].iter().any(|e| e.id == step.id) {
        found.push(wrong("id", format!("there are two steps {}", quoted(&step.id))));
    }
    if !one_line(&step.title) {
        found.push(wrong("title", "`title` must be a text of one line".to_owned()));
    }
    condition(&definition.inputs, &step.when, |name| Spot::StepWhen(nth, name), found);
    let Some(verb) = verbs::find(&step.verb) else {
        let what = format!("there is no verb {}", quoted(&step.verb));
        let mut missing = say(what).near(&step.verb, verbs::all().iter().map(|v| v.name()));
        if missing.nearest.is_none() {
            missing = missing.hint("`docs/runbooks.md` lists them");
        }
        found.push((Spot::Step(nth, "verb"), missing));
        return;
    };
    if verb.kind() != step.kind {
        let is = kind_word(verb.kind());
        let what = format!("{} is a {is}, not a {}", quoted(verb.name()), kind_word(step.kind));
        found.push(wrong("kind", what));
    }
    if step.now.trim().is_empty() && matters_while_waiting(step.kind) {
        let what = "`now` must say what is at risk while this step is under way or waits";
        found.push(wrong("now", what.to_owned()));
    }
    parameters(definition, nth, step, verb, found);
}

/// Steps at which a run stands still for people, so that what is at risk must be said.
fn matters_while_waiting(kind: StepKind) -> bool {
    match kind {
        StepKind::Change | StepKind::Wait | StepKind::Manual => true,
        StepKind::Check | StepKind::Verify | StepKind::Note => false,
    }
}

fn parameters(definition: &Definition, nth: usize, step: &Step, verb: &dyn Verb, found: &mut Found) {
    for (name, argument) in &step.with {
        let spot = Spot::With(nth, name.clone());
        let Some(param) = verb.takes().iter().find(|p| p.name == name) else {
            let known = || verb.takes().iter().map(|p| p.name);
            let mut unknown =
                say(format!("{} takes no {}", quoted(verb.name()), quoted(name))).near(name, known());
            if unknown.nearest.is_none() && !verb.takes().is_empty() {
                unknown = unknown.hint(format!("it takes {}", one_of(known())));
            }
            found.push((spot, unknown));
            continue;
        };
        if let Err(wrong) = an_argument(definition, nth, step, param, argument) {
            found.push((spot, wrong));
        }
    }
    for param in verb.takes().iter().filter(|p| !p.optional && !step.with.contains_key(p.name)) {
        let what = format!("{} needs {}: {}", quoted(verb.name()), quoted(param.name), param.doc);
        found.push((Spot::Step(nth, "with"), say(what)));
    }
}

fn an_argument(
    definition: &Definition,
    nth: usize,
    step: &Step,
    param: &Param,
    argument: &Argument,
) -> Result<(), Diagnosis> {
    let must = |kind: ValueType| {
        let wanted = type_word(param.kind);
        let what = format!("{} must be a {wanted}, and this is a {}", quoted(param.name), type_word(kind));
        if kind == param.kind { Ok(()) } else { Err(say(what)) }
    };
    match argument {
        Argument::Literal(value) => {
            must(value.kind())?;
            // What ends a wait is a late input, by name.
            if let (verbs::ACCEPTS, Value::Text(name)) = (param.name, value) {
                return late_input(definition, name.wire());
            }
            Ok(())
        }
        Argument::Input(name) => {
            let Some(input) = definition.input(name) else {
                let names = definition.inputs.iter().map(|i| i.name.as_str());
                return Err(say(format!("there is no input {}", quoted(name))).near(name, names));
            };
            must(input.kind)?;
            let given = input.default.is_some() || !(input.optional || input.late);
            if param.optional || given && step.when.implies(&input.when) {
                return Ok(());
            }
            Err(say(format!(
                "{} needs {} always, and the input {} may be missing here",
                quoted(&step.verb),
                quoted(param.name),
                quoted(name)
            )))
        }
        Argument::Output(from, output) => an_output(definition, nth, step, param, (from, output), must),
    }
}

fn late_input(definition: &Definition, name: &str) -> Result<(), Diagnosis> {
    let late = || definition.inputs.iter().filter(|i| i.late).map(|i| i.name.as_str());
    if late().any(|l| l == name) {
        return Ok(());
    }
    Err(say(format!("there is no late input {}", quoted(name))).near(name, late()))
}

fn an_output(
    definition: &Definition,
    nth: usize,
    step: &Step,
    param: &Param,
    (from, output): (&str, &str),
    must: impl Fn(ValueType) -> Result<(), Diagnosis>,
) -> Result<(), Diagnosis> {
    let earlier = &definition.steps[..nth];
    let Some(source) = earlier.iter().find(|e| e.id == from) else {
        let later = definition.steps.iter().any(|s| s.id == from);
        let what = if later {
            format!("the step {} comes later; only earlier steps give something", quoted(from))
        } else {
            format!("there is no step {} before this", quoted(from))
        };
        return Err(say(what)
            .near(from, earlier.iter().map(|s| s.id.as_str()))
            .hint("a text that looks like `step.output` is written `{ text = \"...\" }`"));
    };
    // An unknown verb is told at its own step.
    let Some(verb) = verbs::find(&source.verb) else { return Ok(()) };
    let Some(given) = verb.gives().iter().find(|o| o.name == output) else {
        let known = || verb.gives().iter().map(|o| o.name);
        let mut unknown =
            say(format!("the step {} gives no {}", quoted(from), quoted(output))).near(output, known());
        if unknown.nearest.is_none() && !verb.gives().is_empty() {
            unknown = unknown.hint(format!("it gives {}", one_of(known())));
        }
        return Err(unknown);
    };
    must(given.kind)?;
    if param.optional || step.when.implies(&source.when) {
        return Ok(());
    }
    Err(say(format!(
        "{} needs {} always, and the step {} may be skipped where this one is not",
        quoted(&step.verb),
        quoted(param.name),
        quoted(from)
    )))
}

/// An input that nothing reads is a slip of the pen. Late ones are read by verbs, by their names.
fn unread(definition: &Definition, found: &mut Found) {
    for (nth, input) in definition.inputs.iter().enumerate().filter(|(_, i)| !i.late) {
        let name = &input.name;
        let asked = definition.inputs.iter().any(|i| i.when.0.contains_key(name))
            || definition.steps.iter().any(|s| s.when.0.contains_key(name));
        let taken = definition
            .steps
            .iter()
            .flat_map(|s| s.with.values())
            .any(|a| matches!(a, Argument::Input(taken) if taken == name));
        if !asked && !taken {
            found.push((Spot::Input(nth, "name"), say(format!("no step reads the input {}", quoted(name)))));
        }
    }
}
