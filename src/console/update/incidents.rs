//! Incidents: what a person does with them, and what comes back. What is written here is written by the engine, in the
//! moment; the page shows it when it is on the disk.

use super::{forms, go, noted};
use crate::console::effect::{Effect, RunsOrder};
use crate::console::incidents::{IncidentNews, IncidentOrder, Saying};
use crate::console::layout;
use crate::console::model::form::Purpose;
use crate::console::model::{Model, Note, Screen};
use crate::estate::RunId;
use crate::runbook::incident::{IncidentId, Stand, Way};
use crate::runbook::suspect;

/// What becomes of words that a person writes.
const KEPT: &str = "It is kept in the incident's journal with your name; never write a secret here.";

fn order(order: IncidentOrder) -> Vec<Effect> {
    vec![Effect::Runs(RunsOrder::Incident(order))]
}

/// Asks what a new incident is called and what is suspected.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let about = vec!["From now on there is one time line for everything that is done about it.".to_owned()];
    forms::words(
        model,
        Purpose::OpenIncident,
        "Open an incident",
        "What people call it, e.g. leaked-key.",
        about,
    );
    forms::also(model, "suspected", "What is suspected, in a sentence. Never write a secret here.");
    Vec::new()
}

/// Asks for a note.
pub fn note(model: &mut Model, id: IncidentId) -> Vec<Effect> {
    ask(model, id, Saying::Note, "A note", Vec::new())
}

/// Asks for a decision.
pub fn decide(model: &mut Model) -> Vec<Effect> {
    match model.incident_here().cloned() {
        Some(id) => ask(model, id, Saying::Decision, "What is decided?", Vec::new()),
        None => Vec::new(),
    }
}

/// Asks for the words with which the next phase is entered.
pub fn next_phase(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.incident_here().cloned() else { return Vec::new() };
    let Some(phase) = model.next_phase(&id) else { return Vec::new() };
    let title = format!("Enter the phase {}: why now?", phase.word());
    ask(model, id, Saying::Phase(phase), &title, Vec::new())
}

/// Asks for the words with which it is closed; what is open is said.
pub fn close(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.incident_here().cloned() else { return Vec::new() };
    let open = model.incidents.read.get(&id).map_or(Vec::new(), |p| p.open());
    let title =
        if open.is_empty() { "Close it: how did it end?" } else { "Close it although this is open: why?" };
    let about = open.iter().map(|text| safe(text)).collect();
    ask(model, id, Saying::Close, title, about)
}

/// What does a line of the recovery list: the run that is at it or that is to be undone, or the runbook with its inputs
/// filled in. Nothing is started by that.
pub fn recover(model: &mut Model, due: &str) -> Vec<Effect> {
    let Some(due) = model.due_of(due).cloned() else { return Vec::new() };
    let (runbook, inputs) = match (due.stand, due.way) {
        (Stand::UnderWay { run } | Stand::Done { run, .. }, _) | (_, Way::Undo(run)) => {
            return go::to(model, Screen::Run(run));
        }
        (Stand::Open | Stand::Aside { .. }, Way::Hand(how)) => {
            let words = format!("by hand: {}; then set the line aside and say what was done", safe(&how));
            return noted(model, Note::good(words));
        }
        (Stand::Open | Stand::Aside { .. }, Way::Start { runbook, inputs }) => (runbook, inputs),
    };
    if let Some(words) = model.runs.refused.clone() {
        return noted(model, Note::bad(words));
    }
    let Some(book) = model.runs.books.iter().find(|b| b.name == runbook).cloned() else {
        return noted(model, Note::bad(format!("there is no runbook {runbook} here")));
    };
    let given: Vec<(String, String)> = inputs.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
    // What was given is shown, the late inputs among it too.
    let late = given.iter().any(|(name, _)| book.input(name).is_some_and(|i| i.late));
    forms::start(model, &book, &given, late)
}

/// Asks why the selected line of the recovery list is set aside.
pub fn set_aside(model: &mut Model) -> Vec<Effect> {
    let (Some(id), Some(due)) = (model.incident_here().cloned(), model.due_here().cloned()) else {
        return Vec::new();
    };
    let purpose = Purpose::SetAside(id, due.id);
    forms::words(model, purpose, "Why is it set aside, or who did it how?", KEPT, vec![safe(&due.text)])
}

fn safe(text: &str) -> String {
    crate::estate::Untrusted::from(text).shown().to_string()
}

fn ask(model: &mut Model, id: IncidentId, what: Saying, title: &str, about: Vec<String>) -> Vec<Effect> {
    forms::words(model, Purpose::Say(id, what), title, KEPT, about)
}

/// Attaches the run that is open or selected to the newest open incident.
pub fn attach(model: &mut Model) -> Vec<Effect> {
    match (model.run_here().cloned(), model.open_incident().cloned()) {
        (Some(run), Some(id)) => order(IncidentOrder::Attach { id, run }),
        (_, None) | (None, _) => Vec::new(),
    }
}

/// The runs that contain something, are not over and belong to no incident.
fn contained_before(model: &Model) -> Vec<RunId> {
    let contains = |name: &str| model.runs.books.iter().any(|b| b.name == name && suspect::contains(b));
    let taken = |run: &RunId| {
        let incidents = model.incident_list().iter().filter_map(|line| line.there.as_ref().ok());
        incidents.flat_map(|incident| &incident.runs).any(|attached| attached.run == *run)
    };
    let lines = model.runs.list.iter().flatten().flatten();
    lines
        .filter(|line| line.state.is_some_and(|state| !state.over()))
        .filter(|line| contains(&line.runbook) && !taken(&line.id))
        .map(|line| line.id.clone())
        .collect()
}

/// Has the incident written as Markdown, to be copied.
pub fn report(id: IncidentId) -> Vec<Effect> {
    order(IncidentOrder::Report(id))
}

/// What was filled in for an incident.
pub fn accepted(model: &mut Model, purpose: &Purpose, texts: &[String]) -> Vec<Effect> {
    let text = |n: usize| texts.get(n).map_or("", String::as_str);
    model.overlay = None;
    match purpose {
        Purpose::OpenIncident => {
            let suspected = if text(1).is_empty() { text(0) } else { text(1) };
            order(IncidentOrder::Open { name: text(0).into(), suspected: suspected.into() })
        }
        Purpose::Say(id, what) => {
            order(IncidentOrder::Say { id: id.clone(), what: *what, text: text(0).into() })
        }
        Purpose::SetAside(id, due) => {
            order(IncidentOrder::SetAside { id: id.clone(), due: due.clone(), why: text(0).into() })
        }
        Purpose::Start(_)
        | Purpose::Set(_)
        | Purpose::Attest(_)
        | Purpose::Note(_)
        | Purpose::PassOver(_)
        | Purpose::Decide(_) => Vec::new(),
    }
}

/// What the page of an incident needs: its journal and those of its runs, anew whenever it is opened.
pub fn opened(model: &mut Model) -> Vec<Effect> {
    let seen = matches!(model.screen(), Screen::Incident(_)) || layout::shows_selected(model);
    let here = model.incident_here().filter(|_| seen).cloned();
    if here == model.incidents.looked_at {
        return Vec::new();
    }
    model.incidents.looked_at.clone_from(&here);
    here.map_or(Vec::new(), |id| order(IncidentOrder::Read(id)))
}

/// Somebody else may have written, and its runs go on.
pub fn anew(model: &Model) -> Vec<Effect> {
    match model.screen() {
        Screen::Incident(id) => order(IncidentOrder::Read(id.clone())),
        _ => Vec::new(),
    }
}

/// Something came back.
pub fn news(model: &mut Model, news: IncidentNews) -> Vec<Effect> {
    match news {
        IncidentNews::List(list) => {
            model.incidents.list = Some(list);
            Vec::new()
        }
        IncidentNews::Read(picture) => {
            model.incidents.read.insert(picture.incident.id.clone(), picture);
            Vec::new()
        }
        IncidentNews::Opened(id) => {
            model.note =
                Some(Note::good(format!("incident {id} is open; what contains from now on belongs to it")));
            // What contains is started first and the incident opened after it: such runs belong to it too.
            let mut effects: Vec<Effect> = contained_before(model)
                .into_iter()
                .flat_map(|run| order(IncidentOrder::Attach { id: id.clone(), run }))
                .collect();
            // A person who has begun something else meanwhile is not pulled away.
            if model.overlay.is_none() {
                effects.extend(go::to(model, Screen::Incident(id)));
            }
            effects
        }
        IncidentNews::Done(words) => {
            let mut effects = noted(model, Note::good(words));
            effects.extend(anew(model));
            effects
        }
        IncidentNews::Trouble(words) => noted(model, Note::bad(words)),
    }
}
