//! Looks at messages of a dead-letter queue: asking for one is its consent, and every message is given back.

use super::{confirm, noted};
use crate::console::effect::{Effect, RunsOrder};
use crate::console::model::peek::{PeekBox, SAMPLE, Sample};
use crate::console::model::{Model, Note};
use crate::estate::change::messages::{Act as MessagesAct, VISIBILITY_S};
use crate::estate::{Act, Change, QueueUrl, Ticket};
use crate::insight::messages::{cost, retention};
use std::sync::Arc;

/// Looks at the queue that is open or selected.
pub fn look(model: &mut Model) -> Vec<Effect> {
    let (Some(queue), Some(at)) = (model.dead_letters_here().cloned(), model.at()) else { return Vec::new() };
    if at.account.is_none() {
        return noted(model, Note::bad("Whose account this is is not known yet"));
    }
    let facts = model.inventory.queues.get(&queue).and_then(|row| row.facts.value());
    let (cost, retention_s) = (cost::of(facts, VISIBILITY_S), retention(facts));
    if let Some(why) = cost.refused {
        return noted(model, Note::bad(why));
    }
    if model.peeks.get(&queue).is_some_and(|p| p.busy) {
        return Vec::new();
    }
    let act =
        MessagesAct::Peek { from: queue.clone(), most: Some(SAMPLE), dead_end: cost.dead_end, whose: None };
    let Some(consent) = confirm::look_at(Change { at, act: Act::Messages(act) }) else { return Vec::new() };
    let ticket = model.walks.ticket();
    let sample = model.peeks.remove(&queue).and_then(|p| p.sample);
    model.peeks.insert(queue, PeekBox { ticket, busy: true, sample, trouble: None });
    let masks = model.setup.config.masks.clone();
    model.change.surely = true;
    vec![Effect::Runs(RunsOrder::Peek { ticket, retention_s, masks, consent: Box::new(consent) })]
}

/// What was seen.
pub fn seen(model: &mut Model, ticket: Ticket, queue: &QueueUrl, result: Result<Arc<Sample>, String>) {
    let Some(open) = model.peeks.get_mut(queue).filter(|p| p.ticket == ticket) else { return };
    open.busy = false;
    match result {
        Ok(sample) => (open.sample, open.trouble) = (Some(sample), None),
        Err(words) => open.trouble = Some(words),
    }
}
