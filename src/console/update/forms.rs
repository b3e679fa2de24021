//! Forms: the inputs of a runbook, and the words for what a run asks. Accepting the inputs of a new run asks
//! for its plan; nothing is started by a form.

use super::{go, incidents, noted};
use crate::console::effect::{Effect, RunsOrder};
use crate::console::model::form::{FieldBox, FormBox, Purpose};
use crate::console::model::runs::PlanBox;
use crate::console::model::{Model, Note, Overlay, Screen, Typing};
use crate::estate::{RunId, Timestamp};
use crate::runbook::value::ValueType;
use crate::runbook::{Definition, Input};
use std::sync::Arc;

/// Opens the inputs of a runbook, begun with what is known.
pub fn start(
    model: &mut Model,
    book: &Arc<Definition>,
    given: &[(String, String)],
    late: bool,
) -> Vec<Effect> {
    let mut form = FormBox::start(book, given, late);
    for field in &mut form.fields {
        field.known = known(model, &field.name);
    }
    model.overlay = Some(Overlay::Form(Box::new(form)));
    Vec::new()
}

/// The names that an input can mean, as far as the inventory has them. Inputs of the shipped runbooks that name
/// a thing are called after its kind.
fn known(model: &Model, input: &str) -> Vec<String> {
    let mut names: Vec<String> = match input {
        "secret" | "target_secret" => {
            model.inventory.secrets.iter().map(|(_, row)| row.secret.name.wire().to_owned()).collect()
        }
        "function" => {
            model.inventory.functions.iter().map(|(_, f)| f.function.name.wire().to_owned()).collect()
        }
        _ => Vec::new(),
    };
    names.sort();
    names
}

/// Opens a form with one field for words.
pub fn words(model: &mut Model, purpose: Purpose, title: &str, doc: &str, about: Vec<String>) -> Vec<Effect> {
    let field = FieldBox {
        name: String::new(),
        doc: doc.to_owned(),
        choices: Vec::new(),
        otherwise: String::new(),
        needed: true,
        secret: false,
        known: Vec::new(),
        typing: Typing::default(),
    };
    let form = FormBox {
        purpose,
        title: title.to_owned(),
        about,
        fields: vec![field],
        selected: 0,
        complaint: None,
        doubted: None,
        late: true,
    };
    model.overlay = Some(Overlay::Form(Box::new(form)));
    Vec::new()
}

/// Adds to a form for words a second field for words, which may be left empty.
pub fn also(model: &mut Model, name: &str, doc: &str) {
    let Some(Overlay::Form(form)) = &mut model.overlay else { return };
    if let Some(words) = form.fields.first_mut() {
        words.name = "name".into();
    }
    let more = form.fields.first().cloned();
    form.fields.extend(more.map(|first| FieldBox {
        name: name.to_owned(),
        doc: doc.to_owned(),
        otherwise: "the same".into(),
        needed: false,
        ..first
    }));
}

/// Adds to a form for words the late inputs that answer the same question.
pub fn or_else(model: &mut Model, book: &Definition, accepts: &[String]) {
    let Some(Overlay::Form(form)) = &mut model.overlay else { return };
    for input in book.inputs.iter().filter(|i| accepts.contains(&i.name)) {
        if let Some(words) = form.fields.first_mut() {
            words.needed = false;
            words.name = "words".into();
        }
        form.fields.push(FieldBox { needed: false, ..FieldBox::of(input, "") });
    }
}

/// Opens the late inputs that a run accepts now.
pub fn late(
    model: &mut Model,
    run: &RunId,
    book: &Definition,
    accepts: &[String],
    choices: &[String],
    about: Vec<String>,
) -> Vec<Effect> {
    // An instant is most often now, and nobody types one with a light heart.
    let now = Timestamp::from_second(model.now.as_second()).unwrap_or(model.now).to_string();
    let begins =
        |i: &Input| if i.kind == ValueType::Time && accepts.len() == 1 { now.clone() } else { String::new() };
    let mut fields: Vec<FieldBox> = book
        .inputs
        .iter()
        .filter(|i| accepts.contains(&i.name))
        .map(|i| FieldBox::of(i, &begins(i)))
        .collect();
    if fields.is_empty() {
        return noted(model, Note::bad("It waits for nothing that can be said here"));
    }
    for field in &mut fields {
        field.needed = false;
        if field.choices.is_empty() && accepts.len() == 1 {
            field.choices = choices.to_vec();
        }
    }
    let form = FormBox {
        purpose: Purpose::Set(run.clone()),
        title: "What it waits for".into(),
        about,
        fields,
        selected: 0,
        complaint: None,
        doubted: None,
        late: true,
    };
    model.overlay = Some(Overlay::Form(Box::new(form)));
    Vec::new()
}

/// Opens the question whether a call in doubt happened.
pub fn decide(model: &mut Model, run: &RunId, about: Vec<String>) -> Vec<Effect> {
    let field = FieldBox {
        name: "it".into(),
        doc: "Say only what you have seen at AWS; the answer is kept in the journal with your name.".into(),
        choices: vec!["happened".into(), "did not happen".into()],
        otherwise: "nothing is decided".into(),
        needed: true,
        secret: false,
        known: Vec::new(),
        typing: Typing::default(),
    };
    let form = FormBox {
        purpose: Purpose::Decide(run.clone()),
        title: "AWS cannot tell: you decide".into(),
        about,
        fields: vec![field],
        selected: 0,
        complaint: None,
        doubted: None,
        late: true,
    };
    model.overlay = Some(Overlay::Form(Box::new(form)));
    Vec::new()
}

/// Takes what is filled in.
pub fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = &mut model.overlay else { return Vec::new() };
    form.complaint = None;
    if form.to_missing() {
        return Vec::new();
    }
    let given = form.given();
    let text = form.fields.first().map(|f| f.typing.text().trim().to_owned()).unwrap_or_default();
    match form.purpose.clone() {
        Purpose::Start(book) => {
            if let Err(wrong) = crate::runbook::inputs::Inputs::read(&book, &given) {
                let words: Vec<String> = wrong.iter().map(ToString::to_string).collect();
                form.complaint = Some(words.join("; "));
                return Vec::new();
            }
            if let Some(doubt) = form.unknown_name() {
                form.complaint = Some(doubt);
                return Vec::new();
            }
            plan(model, book, given)
        }
        Purpose::Set(run) => {
            if given.is_empty() {
                form.complaint = Some("nothing was filled in; esc leaves it waiting".into());
                return Vec::new();
            }
            order(model, run.clone(), RunsOrder::Set { run, values: given })
        }
        Purpose::Decide(run) => match text.as_str() {
            "happened" => order(model, run.clone(), RunsOrder::Decide { run, happened: true }),
            "did not happen" => order(model, run.clone(), RunsOrder::Decide { run, happened: false }),
            _ => {
                form.complaint = Some("choose with left and right".into());
                Vec::new()
            }
        },
        Purpose::Attest(run) => {
            let instead: Vec<_> = given.into_iter().skip(usize::from(!text.is_empty())).collect();
            match (text.is_empty(), instead.is_empty()) {
                (false, true) => {
                    order(model, run.clone(), RunsOrder::Attest { run, text: text.as_str().into() })
                }
                (true, false) => order(model, run.clone(), RunsOrder::Set { run, values: instead }),
                (true, true) => {
                    form.complaint = Some("nothing was filled in; esc leaves it waiting".into());
                    Vec::new()
                }
                (false, false) => {
                    form.complaint = Some("one of the two answers it: empty the other".into());
                    Vec::new()
                }
            }
        }
        Purpose::PassOver(run) => {
            order(model, run.clone(), RunsOrder::PassOver { run, why: text.as_str().into() })
        }
        purpose @ (Purpose::OpenIncident | Purpose::Say(..) | Purpose::SetAside(..)) => {
            let texts: Vec<String> = form.fields.iter().map(|f| f.typing.text().trim().to_owned()).collect();
            incidents::accepted(model, &purpose, &texts)
        }
        Purpose::Note(run) => {
            // A note is taken beside everything else: the run is not at work for it.
            model.overlay = None;
            vec![Effect::Runs(RunsOrder::Note { run, text: text.as_str().into() })]
        }
    }
}

fn plan(model: &mut Model, book: Arc<Definition>, given: Vec<(String, String)>) -> Vec<Effect> {
    planned(model, book, given, false)
}

/// Asks for a plan, to be looked at or, `at_once`, to be started as soon as it is there.
pub fn planned(
    model: &mut Model,
    book: Arc<Definition>,
    given: Vec<(String, String)>,
    at_once: bool,
) -> Vec<Effect> {
    let ticket = model.walks.ticket();
    model.runs.plan = Some(PlanBox {
        ticket,
        book: book.clone(),
        given: given.clone(),
        plan: None,
        started: false,
        trouble: None,
        at_once,
    });
    model.overlay = None;
    let mut effects = go::to(model, Screen::Plan);
    effects.push(Effect::Runs(RunsOrder::Plan { ticket, book, given }));
    effects
}

fn order(model: &mut Model, run: RunId, order: RunsOrder) -> Vec<Effect> {
    model.overlay = None;
    model.runs.open.entry(run).or_default().busy = true;
    vec![Effect::Runs(order)]
}
