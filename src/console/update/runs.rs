//! Runs: what a person does with them, and what comes back. Leaving a page never stops what is under way.

use super::{confirm, contain, export, forms, go, incidents, noted, offers, peek, whose};
use crate::console::effect::{Effect, RunsOrder};
use crate::console::layout;
use crate::console::model::consent::Asked;
use crate::console::model::form::Purpose;
use crate::console::model::lists::Row;
use crate::console::model::peek::Stage;
use crate::console::model::{Model, Note, OpenRun, Overlay, Screen};
use crate::console::msg::RunsNews;
use crate::controls::Action;
use crate::estate::{Arn, RunId};
use crate::insight::dead_letter::Origin;
use crate::runbook::halt::Halt;
use std::sync::Arc;

/// The inputs of a key rotation of the secret that is open, selected or at the top of what needs a person.
pub fn rotate(model: &mut Model) -> Vec<Effect> {
    match model.secret_here().cloned() {
        Some(secret) => of_secret(model, "api-key-rotation", &secret, &[("store", "secret")]),
        None => Vec::new(),
    }
}

/// The inputs of an update of the secret that is open or selected.
pub fn update_secret(model: &mut Model) -> Vec<Effect> {
    match model.secret_here().cloned() {
        Some(secret) => of_secret(model, "secret-update", &secret, &[]),
        None => Vec::new(),
    }
}

/// Redrives or replays the dead-letter queue that is open or selected, whichever fits: slowly, one first. Only its
/// confirmation stands between this and AWS.
pub fn redrive(model: &mut Model) -> Vec<Effect> {
    let Some(queue) = model.dead_letters_here().cloned() else { return Vec::new() };
    let (name, first) = match model.picture.base.roles.role(&queue).origin() {
        Origin::Lambda => ("queue-replay", ("canary", "true")),
        Origin::Sqs | Origin::Sns | Origin::Events | Origin::Unknown => ("queue-redrive", ("sample", "true")),
    };
    let Some(book) = model.book(name).cloned() else {
        return noted(model, Note::bad(format!("There is no runbook {name} here")));
    };
    let mut given =
        vec![("queue".to_owned(), queue.wire().to_owned()), (first.0.to_owned(), first.1.to_owned())];
    if name == "queue-replay" {
        given.extend(whose::given(model, &queue));
    }
    forms::planned(model, book, given, true)
}

/// The inputs of the runbook that drains the dead-letter queue that is open or selected.
pub fn drain(model: &mut Model) -> Vec<Effect> {
    let Some(queue) = model.dead_letters_here().cloned() else { return Vec::new() };
    let kind = match model.picture.base.roles.role(&queue).origin() {
        Origin::Lambda => "replay",
        Origin::Sqs | Origin::Sns | Origin::Events | Origin::Unknown => "redrive",
    };
    let Some(book) = model.book("dlq-drain").cloned() else {
        return noted(model, Note::bad("There is no runbook dlq-drain here"));
    };
    let given = [("queue".to_owned(), queue.wire().to_owned()), ("kind".to_owned(), kind.to_owned())];
    forms::start(model, &book, &given, false)
}

/// The inputs of an import, to the dead-letter queue that is open or selected if there is one.
pub fn import(model: &mut Model) -> Vec<Effect> {
    let queue = model.dead_letters_here().cloned();
    let to = queue.as_ref().map(|queue| ("to".to_owned(), queue.wire().to_owned()));
    let mut effects = command(model, "queue-import", &Vec::from_iter(to));
    effects.extend(queue.and_then(|queue| offers::ask(model, queue)));
    effects
}

/// The inputs of a purge of the dead-letter queue that is open or selected.
pub fn purge(model: &mut Model) -> Vec<Effect> {
    let Some(queue) = model.dead_letters_here().cloned() else { return Vec::new() };
    let mut effects = command(model, "queue-purge", &[("queue".to_owned(), queue.wire().to_owned())]);
    effects.extend(offers::ask(model, queue));
    effects
}

/// The inputs of a run of one step that is in no list of runbooks.
fn command(model: &mut Model, name: &str, given: &[(String, String)]) -> Vec<Effect> {
    match model.book(name).cloned() {
        Some(book) => forms::start(model, &book, given, false),
        None => noted(model, Note::bad(format!("There is no runbook {name} here"))),
    }
}

/// Moves no more messages; what is in hand is finished or given back.
pub fn stop_moving(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.run_here().cloned() else { return Vec::new() };
    let mut effects = noted(model, Note::good("what is in hand is finished or given back"));
    effects.push(Effect::Runs(RunsOrder::StopMoving(id)));
    effects
}

fn of_secret(model: &mut Model, name: &str, secret: &Arn, more: &[(&str, &str)]) -> Vec<Effect> {
    let Some(book) = model.book(name).cloned() else {
        return noted(model, Note::bad(format!("There is no runbook {name} here")));
    };
    let mut given: Vec<(String, String)> =
        more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    given.push(("secret".into(), secret.wire().to_owned()));
    forms::start(model, &book, &given, false)
}

/// Starts what is open: a runbook by its inputs, a plan by its steps.
pub fn start(model: &mut Model) -> Vec<Effect> {
    if let Some(book) = model.book_here().cloned() {
        let given = model.brought(&book);
        return forms::start(model, &book, &given, false);
    }
    let Some(open) = &mut model.runs.plan else { return Vec::new() };
    match &open.plan {
        Some(Ok(plan)) if !open.started => {
            // Another press before the run is there must not start a second one.
            open.started = true;
            open.trouble = None;
            model.note = Some(Note::good("starting"));
            vec![Effect::Runs(RunsOrder::Start { plan: plan.clone() })]
        }
        Some(_) | None => Vec::new(),
    }
}

/// The inputs of the plan on screen once more, those among them that are asked late too.
pub fn inputs(model: &mut Model) -> Vec<Effect> {
    let Some((book, given)) = model.runs.plan.as_ref().map(|p| (p.book.clone(), p.given.clone())) else {
        return Vec::new();
    };
    forms::start(model, &book, &given, true)
}

/// Why something about runs cannot be done now, where there is more to say than that.
pub fn why_not(model: &Model, action: Action) -> Option<String> {
    let changes = matches!(
        action,
        Action::Rotate
            | Action::UpdateSecret
            | Action::Peek
            | Action::Redrive
            | Action::Drain
            | Action::Export
            | Action::Whose
            | Action::Import
            | Action::Purge
            | Action::StartRun
            | Action::GoOn
            | Action::Answer
            | Action::AddNote
            | Action::Undo
            | Action::Abort
            | Action::NewIncident
            | Action::AttachRun
            | Action::Decide
            | Action::NextPhase
            | Action::SetAside
            | Action::CloseIncident
    );
    if !changes {
        return None;
    }
    if let Some(words) = &model.runs.refused {
        return Some(words.clone());
    }
    if let Some(id) = model.run_here()
        && model.is_busy(id)
    {
        return Some("The run is at work; it says when something is asked of you".into());
    }
    let plan = model.runs.plan.as_ref().filter(|_| *model.screen() == Screen::Plan)?;
    match &plan.plan {
        None => Some("The plan is being made".into()),
        Some(Err(_)) => Some("There is no plan to start from".into()),
        Some(Ok(_)) if plan.started => Some("It is being started".into()),
        Some(Ok(plan)) => plan.refusal().map(|(step, why)| format!("It would stop at {step}: {why}")),
    }
}

/// Goes on with the run: where a question is at hand, it is shown; else AWS is looked at.
pub fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.run_here().cloned() else { return Vec::new() };
    let mut effects = go::to(model, Screen::Run(id.clone()));
    if let Some(halt) = model.runs.open.get(&id).and_then(|o| o.halt.clone())
        && !model.is_busy(&id)
        && matches!(halt, Halt::Consent { .. } | Halt::Arm { .. })
    {
        effects.extend(show(model, &id, &halt));
        return effects;
    }
    let open = model.runs.open.entry(id.clone()).or_default();
    open.busy = true;
    open.trouble = None;
    effects.push(Effect::Runs(RunsOrder::GoOn(id)));
    effects
}

/// Lets a person answer what the run on screen asks.
pub fn answer(model: &mut Model) -> Vec<Effect> {
    let Some((id, halt)) = model.asked_here().map(|(i, h)| (i.clone(), h.clone())) else { return Vec::new() };
    show(model, &id, &halt)
}

/// What becomes of words that a person writes.
const KEPT: &str = "It is kept in the run's journal with your name; never write a secret here.";

/// A question of a run, on screen.
fn show(model: &mut Model, id: &RunId, halt: &Halt) -> Vec<Effect> {
    let run = model.runs.open.get(id).and_then(|o| o.run.clone());
    let title = |step: &str| {
        let found = run.as_ref().and_then(|r| r.definition.steps.iter().find(|s| s.id == step));
        found.map_or_else(|| step.to_owned(), |s| s.title.clone())
    };
    match halt {
        Halt::Consent { step, proposal, ahead } => {
            let (proposal, ahead) = (proposal.clone(), ahead.clone());
            let asked = Asked::Changes { step: step.clone(), title: title(step), proposal, ahead };
            confirm::ask(model, id.clone(), asked)
        }
        Halt::Arm { alias } => confirm::ask(model, id.clone(), Asked::Alias(alias.clone())),
        Halt::Time { accepts, why, .. } => match run {
            Some(run) => forms::late(model, id, &run.definition, accepts, &[], vec![why.clone()]),
            None => Vec::new(),
        },
        Halt::Person { step, question } if question.takes_words() => {
            let mut about = vec![question.text.clone()];
            about.extend(question.evidence.iter().cloned());
            let effects = forms::words(model, Purpose::Attest(id.clone()), &title(step), KEPT, about);
            if let Some(run) = run {
                forms::or_else(model, &run.definition, &question.accepts);
            }
            effects
        }
        Halt::Person { question, .. } => match run {
            Some(run) => {
                let mut about = vec![question.text.clone()];
                about.extend(question.evidence.iter().cloned());
                forms::late(model, id, &run.definition, &question.accepts, &question.choices, about)
            }
            None => Vec::new(),
        },
        Halt::Enter { .. } => {
            model.runs.open.entry(id.clone()).or_default().busy = true;
            vec![Effect::Runs(RunsOrder::GoOn(id.clone()))]
        }
        Halt::Decide { doubt, .. } => {
            let mut about = vec![doubt.call.clone(), doubt.why.clone()];
            about.extend(doubt.evidence.iter().cloned());
            about.push(format!("If it happened: {}", doubt.if_happened));
            about.push(format!("If it did not: {}", doubt.if_not));
            forms::decide(model, id, about)
        }
        Halt::Failed { step, failure } if run.as_ref().is_some_and(|r| r.stuck_undoing().is_some()) => {
            let about = vec![
                failure.text.clone(),
                format!(
                    "{}: what it made stays as it is, and the undo goes on with what was made before.",
                    title(step)
                ),
            ];
            forms::words(model, Purpose::PassOver(id.clone()), "Why is it left as it is?", KEPT, about)
        }
        // What it failed for want of can be said here as on the command line.
        Halt::Failed { failure, .. } => match run {
            Some(run) => {
                let named = run.definition.asked_by(failure);
                forms::late(model, id, &run.definition, &named, &[], vec![failure.text.clone()])
            }
            None => Vec::new(),
        },
        Halt::Settle { .. } | Halt::Reached(_) | Halt::Paused | Halt::Over(_) => Vec::new(),
    }
}

/// A note to the run on screen.
pub fn note(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.run_here().cloned() else { return Vec::new() };
    forms::words(model, Purpose::Note(id), "A note", KEPT, Vec::new())
}

/// Asks whether the run is to be undone.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    match model.run_here().cloned() {
        Some(id) => confirm::ask(model, id, Asked::Undo),
        None => Vec::new(),
    }
}

/// Asks whether the run is to be stopped.
pub fn abort(model: &mut Model) -> Vec<Effect> {
    match model.run_here().cloned() {
        Some(id) => confirm::ask(model, id, Asked::Abort),
        None => Vec::new(),
    }
}

/// Has the run written as Markdown from its verified journal, to be copied.
pub fn report(model: &mut Model) -> Vec<Effect> {
    match model.run_here().cloned() {
        Some(id) => vec![Effect::Runs(RunsOrder::Report(id))],
        None => Vec::new(),
    }
}

/// The end of the program; with a call in flight only when that has come to its end, or at a second wish.
pub fn leave(model: &mut Model) -> Effect {
    let at_work = model.runs.open.values().any(|o| o.busy)
        || model.exports.values().any(|e| e.busy)
        || model.searches.values().any(|open| open.stage == Stage::Busy);
    if !at_work || model.leaving {
        return Effect::Quit(0);
    }
    model.leaving = true;
    model.note = Some(Note::good("the call in flight comes to its end first; quit again leaves it in doubt"));
    Effect::Runs(RunsOrder::Leave)
}

/// What a newly opened page needs: the journal of a run that is on screen, or the list of all.
pub fn opened(model: &mut Model) -> Vec<Effect> {
    let mut effects = contain::opened(model);
    let seen = matches!(model.screen(), Screen::Run(_)) || layout::shows_selected(model);
    if let Some(id) = model.run_here().filter(|id| seen && !model.runs.open.contains_key(*id)).cloned() {
        model.runs.open.entry(id.clone()).or_default();
        effects.push(Effect::Runs(RunsOrder::Read(id)));
    }
    if model.runs.list.is_some() && model.runs.seen_from.as_ref() != Some(model.screen()) {
        if matches!(model.screen(), Screen::Overview | Screen::Runs) {
            effects.push(Effect::Runs(RunsOrder::List));
        }
        model.runs.seen_from = Some(model.screen().clone());
    }
    effects
}

/// A minute has begun: others may have gone on with runs that are not over.
pub fn minute(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.any_under_way() {
        effects.push(Effect::Runs(RunsOrder::List));
    }
    let due = |open: &OpenRun| matches!(&open.halt, Some(Halt::Time { until, .. }) if *until <= model.now);
    let again: Vec<RunId> = model
        .runs
        .open
        .iter()
        .filter(|(id, o)| due(o) && model.looks_by_itself(id))
        .map(|(id, _)| id.clone())
        .collect();
    for id in again {
        let open = model.runs.open.entry(id.clone()).or_default();
        open.busy = true;
        effects.push(Effect::Runs(RunsOrder::GoOn(id)));
    }
    // A run that is in hand here tells of itself.
    if let Screen::Run(id) = model.screen()
        && model.can_go_on(id)
        && model.runs.open.get(id).is_some_and(|o| o.halt.is_none())
    {
        effects.push(Effect::Runs(RunsOrder::Read(id.clone())));
    }
    effects
}

/// Something came back.
pub fn news(model: &mut Model, news: RunsNews) -> Vec<Effect> {
    model.change.surely = true;
    model.picture.stale = true;
    model.lists.runs.stale = true;
    match news {
        RunsNews::Incident(news) => incidents::news(model, news),
        RunsNews::Ready { books, commands, refused } => {
            model.runs.books = books;
            model.runs.commands = commands;
            model.runs.refused = refused;
            vec![Effect::Runs(RunsOrder::List)]
        }
        RunsNews::List(list) => {
            model.runs.list = Some(list);
            // A run that has just begun is on screen before it is in the list: it is the selected one there.
            if let Screen::Run(id) = model.screen().clone() {
                model.lists.runs.cursor.want(Row { screen: Screen::Run(id), part: 0 });
            }
            Vec::new()
        }
        RunsNews::Planned { ticket, plan } => {
            let mut effects = contain::planned(model, ticket, &plan);
            if let Some(open) = model.runs.plan.as_mut().filter(|p| p.ticket == ticket) {
                open.plan = Some(plan);
                let at_once = open.at_once && *model.trail.here() == Screen::Plan && model.overlay.is_none();
                model.reading.remove(&Screen::Plan);
                if at_once && model.enabled(Action::StartRun) {
                    effects.extend(start(model));
                }
            }
            effects
        }
        RunsNews::Began(run) => {
            let id = run.id.clone();
            let open = model.runs.open.entry(id.clone()).or_default();
            open.run = Some(run);
            open.busy = true;
            model.runs.plan = None;
            // A person who has gone elsewhere meanwhile is not pulled away; the page of the plan is no more.
            let mut effects = Vec::new();
            if *model.screen() == Screen::Plan && model.overlay.is_none() {
                model.trail.back();
                effects.extend(go::to(model, Screen::Run(id)));
            }
            effects.push(Effect::Runs(RunsOrder::List));
            effects
        }
        RunsNews::Progress(run) => {
            let open = model.runs.open.entry(run.id.clone()).or_default();
            if run.state().over() {
                open.busy = false;
                open.halt = None;
            }
            open.run = Some(run);
            Vec::new()
        }
        RunsNews::Halted { run, halt } => halted(model, run, halt),
        RunsNews::Trouble { run, words } => {
            if let Some(run) = run {
                if matches!(&model.overlay, Some(Overlay::Consent(open)) if open.run == run) {
                    model.overlay = None;
                }
                let open = model.runs.open.entry(run).or_default();
                open.busy = false;
                // It was put down: what it asked is asked anew once it is taken up again.
                open.halt = None;
                open.trouble = Some(words.clone());
            } else if let Some(plan) = model.runs.plan.as_mut().filter(|p| p.started) {
                plan.started = false;
                plan.trouble = Some(words.clone());
            }
            noted(model, Note::bad(words))
        }
        RunsNews::Peeked { ticket, queue, result } => {
            peek::seen(model, ticket, &queue, result);
            Vec::new()
        }
        RunsNews::Exporting { ticket, queue, words } => {
            export::under_way(model, ticket, &queue, words);
            Vec::new()
        }
        RunsNews::Exported { ticket, queue, result } => {
            export::ended(model, ticket, &queue, result);
            Vec::new()
        }
        RunsNews::Whose { ticket, queue, result } => {
            whose::found(model, ticket, &queue, result);
            Vec::new()
        }
        RunsNews::Offered { ticket, queue, offer } => {
            offers::offered(model, ticket, &queue, offer);
            Vec::new()
        }
        RunsNews::Report(text) => vec![Effect::Copy(text)],
        RunsNews::Left => vec![Effect::Quit(0)],
    }
}

fn halted(model: &mut Model, run: Arc<crate::runbook::run::Run>, halt: Halt) -> Vec<Effect> {
    let id = run.id.clone();
    let open = model.runs.open.entry(id.clone()).or_default();
    open.run = Some(run);
    open.busy = false;
    open.trouble = None;
    open.halt = Some(halt.clone());
    let mut effects = vec![Effect::Runs(RunsOrder::List)];
    if let Halt::Failed { failure, .. } = &halt
        && *model.screen() != Screen::Run(id.clone())
    {
        // Wherever a person is meanwhile: a use after a containment is an alarm.
        let words = format!("{}: {}", model.run_name(&id).shown(), failure.text);
        model.note = Some(Note::bad(words));
    }
    // A question comes up by itself only over the run's own page with nothing else on it.
    let here = *model.screen() == Screen::Run(id.clone());
    let free = match &model.overlay {
        None => true,
        Some(Overlay::Consent(open)) => open.run == id,
        Some(Overlay::Help { .. } | Overlay::Palette(_) | Overlay::Filter | Overlay::Form(_)) => false,
    };
    if matches!(&model.overlay, Some(Overlay::Consent(open)) if open.run == id) {
        // What was asked before is not what the run is at any more.
        model.overlay = None;
    }
    if here && free && matches!(halt, Halt::Consent { .. } | Halt::Arm { .. } | Halt::Decide { .. }) {
        effects.extend(show(model, &id, &halt));
    }
    effects
}
