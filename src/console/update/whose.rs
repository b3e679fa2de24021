//! Looks whose the dead letters of a queue are, in a sample and in the logs of functions. The first key says what that costs,
//! the next begins, and while it is under way stops it; what was found begins the inputs of a replay.

use super::{confirm, forms, noted};
use crate::console::effect::{Effect, RunsOrder, WhoseOrder};
use crate::console::model::peek::{SAMPLE, Stage, Whose, WhoseBox};
use crate::console::model::{Model, Note, Overlay};
use crate::estate::change::messages::{Act as MessagesAct, VISIBILITY_S};
use crate::estate::message::whose::Verdict;
use crate::estate::{Act, Change, QueueUrl, Ticket};
use crate::insight::messages::{cost, likely};
use std::sync::Arc;

/// One step further with the queue that is open or selected.
pub fn whose(model: &mut Model) -> Vec<Effect> {
    let Some(queue) = model.dead_letters_here().cloned() else { return Vec::new() };
    match model.searches.get(&queue).map(|open| open.stage.clone()) {
        Some(Stage::Busy) => {
            let mut effects = noted(model, Note::good("stopping: what was looked at is given back"));
            effects.push(Effect::Runs(RunsOrder::StopWhose(queue)));
            effects
        }
        Some(Stage::Found(found)) if !matches!(found.verdict, Verdict::None(_)) => {
            replay(model, &queue, &found)
        }
        Some(Stage::Offered) => begin(model, queue),
        Some(Stage::Found(_) | Stage::Trouble(_)) | None => offer(model, queue),
    }
}

/// Says what it costs.
fn offer(model: &mut Model, queue: QueueUrl) -> Vec<Effect> {
    let facts = model.inventory.queues.get(&queue).and_then(|row| row.facts.value());
    let Some(of) = facts.map(|facts| facts.arn.clone()) else {
        return noted(model, Note::bad("What this queue is could not be read; nothing is looked for"));
    };
    if let Some(why) = cost::of(facts, VISIBILITY_S).refused {
        return noted(model, Note::bad(why));
    }
    if let Some(only) = likely::alone(&model.inventory, &of) {
        let words = format!("{} alone names this queue: nothing is looked for in logs", only.shown());
        return noted(model, Note::good(words));
    }
    let ticket = model.walks.ticket();
    model.searches.insert(queue, WhoseBox { ticket, stage: Stage::Offered });
    model.change.surely = true;
    noted(model, Note::good("what it costs is said on the page; the same key again looks"))
}

/// Begins.
fn begin(model: &mut Model, queue: QueueUrl) -> Vec<Effect> {
    let Some(at) = model.at().filter(|at| at.account.is_some()) else {
        return noted(model, Note::bad("Whose account this is is not known yet"));
    };
    let Some(facts) = model.inventory.queues.get(&queue).and_then(|row| row.facts.value()) else {
        return noted(model, Note::bad("What this queue is could not be read; nothing is looked for"));
    };
    let (of, cost) = (facts.arn.clone(), cost::of(Some(facts), VISIBILITY_S));
    let act =
        MessagesAct::Peek { from: queue.clone(), most: Some(SAMPLE), dead_end: cost.dead_end, whose: None };
    let Some(consent) = confirm::look_at(Change { at, act: Act::Messages(act) }) else { return Vec::new() };
    let functions: Vec<_> =
        likely::pointing(&model.inventory, &of).map(|(name, points)| (name.clone(), points)).collect();
    if functions.is_empty() {
        return noted(
            model,
            Note::bad("Which functions there are is not known yet: no log can be looked through"),
        );
    }
    let ticket = model.walks.ticket();
    model.searches.insert(queue.clone(), WhoseBox { ticket, stage: Stage::Busy });
    model.change.surely = true;
    let masks = model.setup.config.masks.clone();
    vec![Effect::Runs(RunsOrder::Whose(Box::new(WhoseOrder { ticket, queue, functions, masks, consent })))]
}

/// What came of it. It opens nothing by itself: a key that was meant for the page must not land in a form.
pub fn found(model: &mut Model, ticket: Ticket, queue: &QueueUrl, result: Result<Arc<Whose>, String>) {
    let Some(open) = model.searches.get_mut(queue).filter(|open| open.ticket == ticket) else { return };
    open.stage = match result {
        Ok(found) => Stage::Found(found),
        Err(words) => Stage::Trouble(words),
    };
}

/// What a replay is told of it.
pub fn given(model: &Model, queue: &QueueUrl) -> Vec<(String, String)> {
    let Some(Stage::Found(found)) = model.searches.get(queue).map(|open| &open.stage) else {
        return Vec::new();
    };
    let input = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match &found.verdict {
        Verdict::One(function, sure) => vec![input("found", function.wire()), input("sure", sure)],
        Verdict::Each(sure) => vec![input("sure", sure)],
        Verdict::None(_) => Vec::new(),
    }
}

/// The inputs of a replay, begun with what was found.
fn replay(model: &mut Model, queue: &QueueUrl, found: &Whose) -> Vec<Effect> {
    let Some(book) = model.book("queue-replay").cloned() else {
        return noted(model, Note::bad("There is no runbook queue-replay here"));
    };
    let mut inputs = vec![("queue".to_owned(), queue.wire().to_owned())];
    inputs.extend(given(model, queue));
    let effects = forms::start(model, &book, &inputs, false);
    if let Some(Overlay::Form(form)) = &mut model.overlay {
        form.about.push(match &found.verdict {
            Verdict::One(function, sure) => format!(
                "Found: {sure}. A message that says its own function goes there, one that does not to {}.",
                function.shown()
            ),
            Verdict::Each(sure) => format!("Found: {sure}."),
            Verdict::None(why) => format!("Not found: {why}."),
        });
    }
    effects
}
