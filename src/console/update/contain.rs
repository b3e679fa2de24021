//! Containing what may be in wrong hands: the choices with their plans, and the one that is taken. Taking one starts its
//! run, which changes nothing before its confirmation was answered with a name.

use super::{forms, go, noted, palette, runs};
use crate::console::effect::{Effect, RunsOrder};
use crate::console::model::contain::{Choice, ContainBox};
use crate::console::model::runs::PlanBox;
use crate::console::model::{Model, Note, Screen};
use crate::estate::Ticket;
use crate::runbook::plan::Plan;
use crate::runbook::suspect::Suspect;
use std::sync::Arc;

/// A plan that is older is made anew before its run is started.
const FRESH_S: i64 = 120;

/// To the page of what may be in wrong hands here, or the question of which.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let mut suspects = model.suspects_here();
    match suspects.len() {
        1 => suspects.pop().map_or(Vec::new(), |s| go::to(model, Screen::Contain(s))),
        _ => palette::among(model, suspects.into_iter().map(Screen::Contain).collect()),
    }
}

/// What the page needs that has just come on screen: its choices, each planned over the live estate, anew where it is old.
pub fn opened(model: &mut Model) -> Vec<Effect> {
    let Screen::Contain(suspect) = model.screen().clone() else { return Vec::new() };
    if model.runs.books.is_empty() || model.at().is_none() {
        return Vec::new();
    }
    let fresh = |b: &ContainBox| model.now.as_second() - b.asked.as_second() < FRESH_S;
    let arrived = model.runs.contain_seen.as_ref() != Some(model.screen());
    model.runs.contain_seen = Some(model.screen().clone());
    if model.runs.contain.get(&suspect).is_some_and(|b| !arrived || fresh(b)) {
        return Vec::new();
    }
    let mut page = ContainBox { choices: Vec::new(), asked: model.now };
    page.add(&model.runs.books, &suspect);
    model.runs.contain.insert(suspect.clone(), page);
    ask(model, &suspect)
}

/// Asks for the plans that were not asked for yet.
fn ask(model: &mut Model, suspect: &Suspect) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(page) = model.runs.contain.get_mut(suspect) else { return effects };
    for choice in page.choices.iter_mut().filter(|c| c.ticket.is_none() && c.is_planned()) {
        let ticket = model.walks.ticket();
        choice.ticket = Some(ticket);
        let (book, given) = (choice.book.clone(), choice.given());
        effects.push(Effect::Runs(RunsOrder::Plan { ticket, book, given }));
    }
    effects
}

/// A plan has come: whom it names can be contained too.
pub fn planned(model: &mut Model, ticket: Ticket, plan: &Result<Arc<Plan>, String>) -> Vec<Effect> {
    let pages = &mut model.runs.contain;
    let found = pages.iter_mut().find_map(|(suspect, page)| {
        let choice = page.choices.iter_mut().find(|c| c.ticket == Some(ticket))?;
        choice.plan = Some(plan.clone());
        Some((suspect.clone(), page))
    });
    let Some((suspect, page)) = found else { return Vec::new() };
    if let Ok(plan) = plan {
        for other in Suspect::among(plan.steps.iter().flat_map(|s| &s.outputs)) {
            page.add(&model.runs.books, &other);
        }
    }
    ask(model, &suspect)
}

/// Takes the choice that is selected: its run is started as soon as its plan is there, or its inputs are asked for.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let Some((_, choice)) = model.choice_here() else { return Vec::new() };
    let choice = choice.clone();
    if let Some(words) = &model.runs.refused {
        let words = words.clone();
        return noted(model, Note::bad(words));
    }
    if let Some(why) = choice.refusal() {
        let words = format!("It cannot be chosen: {why}");
        return noted(model, Note::bad(words));
    }
    let Choice { book, ticket, plan, .. } = &choice;
    let Some(ticket) = *ticket else { return forms::start(model, book, &choice.given(), false) };
    let Screen::Contain(suspect) = model.screen() else { return Vec::new() };
    let asked = model.runs.contain.get(suspect).map_or(0, |b| b.asked.as_second());
    if plan.is_some() && model.now.as_second() - asked >= FRESH_S {
        return forms::planned(model, book.clone(), choice.given(), true);
    }
    model.runs.plan = Some(PlanBox {
        ticket,
        book: book.clone(),
        given: choice.given(),
        plan: plan.clone(),
        started: false,
        trouble: None,
        at_once: true,
    });
    let mut effects = go::to(model, Screen::Plan);
    if plan.is_some() {
        effects.extend(runs::start(model));
    }
    effects
}
