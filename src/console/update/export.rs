//! Keeps the messages of a dead-letter queue in a file, and gives them back: asking for it is its consent, as for a look.
//! The same key stops it; what was kept until then is whole.

use super::{confirm, noted};
use crate::console::effect::{Effect, KeepOrder, RunsOrder};
use crate::console::model::peek::ExportBox;
use crate::console::model::{Model, Note};
use crate::estate::change::messages::Act as MessagesAct;
use crate::estate::{Act, Change, QueueUrl, Ticket};
use crate::insight::messages::cost;

/// Begins to export the queue that is open or selected, or stops the export that is under way.
pub fn export(model: &mut Model) -> Vec<Effect> {
    let (Some(queue), Some(at)) = (model.dead_letters_here().cloned(), model.at()) else { return Vec::new() };
    if model.exports.get(&queue).is_some_and(|e| e.busy) {
        let mut effects = noted(model, Note::good("stopping: what was received is kept and given back"));
        effects.push(Effect::Runs(RunsOrder::StopExport(queue)));
        return effects;
    }
    let identity = model.inventory.identity.value();
    let Some(by) = identity.map(|i| i.principal()) else {
        return noted(model, Note::bad("Whose account this is is not known yet"));
    };
    let Some(facts) = model.inventory.queues.get(&queue).and_then(|row| row.facts.value()).cloned() else {
        return noted(model, Note::bad("What this queue is could not be read; nothing is exported"));
    };
    let cost = cost::of(Some(&facts), 0);
    if let Some(why) = cost.refused {
        return noted(model, Note::bad(why));
    }
    let act = MessagesAct::Peek { from: queue.clone(), most: None, dead_end: cost.dead_end, whose: None };
    let Some(consent) = confirm::look_at(Change { at, act: Act::Messages(act) }) else { return Vec::new() };
    let ticket = model.walks.ticket();
    let said = vec!["exporting".to_owned()];
    model.exports.insert(queue.clone(), ExportBox { ticket, busy: true, said, trouble: None });
    model.change.surely = true;
    let (of, fifo, counted) = (facts.arn.clone(), facts.fifo, facts.messages);
    let order = KeepOrder { ticket, queue, of, fifo, counted, by, consent };
    vec![Effect::Runs(RunsOrder::Export(Box::new(order)))]
}

/// How far it is.
pub fn under_way(model: &mut Model, ticket: Ticket, queue: &QueueUrl, words: String) {
    if let Some(open) = model.exports.get_mut(queue).filter(|e| e.ticket == ticket) {
        open.said = vec![words];
    }
}

/// What came of it.
pub fn ended(model: &mut Model, ticket: Ticket, queue: &QueueUrl, result: Result<Vec<String>, String>) {
    let Some(open) = model.exports.get_mut(queue).filter(|e| e.ticket == ticket) else { return };
    open.busy = false;
    match result {
        Ok(said) => (open.said, open.trouble) = (said, None),
        Err(words) => (open.said, open.trouble) = (Vec::new(), Some(words)),
    }
}
