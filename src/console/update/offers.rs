//! The forms of an import and of a purge offer the newest export of their queue that was made here, so that nobody types its
//! path in a hurry. What is typed meanwhile is left as it is.

use crate::console::effect::{Effect, RunsOrder};
use crate::console::model::form::Purpose;
use crate::console::model::{Model, Overlay};
use crate::estate::{QueueUrl, Ticket};
use crate::insight::messages::offer::Offer;

/// Asks for it, where a form was opened.
pub fn ask(model: &mut Model, queue: QueueUrl) -> Option<Effect> {
    if !matches!(model.overlay, Some(Overlay::Form(_))) {
        return None;
    }
    let of = model.inventory.queues.get(&queue).and_then(|row| row.facts.value())?.arn.clone();
    let ticket = model.walks.ticket();
    model.offer_asked = Some(ticket);
    Some(Effect::Runs(RunsOrder::FindExport { ticket, queue, of }))
}

/// It came, or there is none.
pub fn offered(model: &mut Model, ticket: Ticket, queue: &QueueUrl, offer: Option<Offer>) {
    if model.offer_asked != Some(ticket) {
        return;
    }
    model.offer_asked = None;
    let facts = model.inventory.queues.get(queue).and_then(|row| row.facts.value()).cloned();
    let Some(Overlay::Form(form)) = &mut model.overlay else { return };
    let Purpose::Start(book) = &form.purpose else { return };
    let (field, about) = match (book.name.as_str(), &offer) {
        ("queue-import", Some(offer)) => ("file", offer.to_import(facts.as_ref(), model.now)),
        ("queue-purge", Some(offer)) => ("export", offer.to_purge(facts.as_ref(), model.now)),
        ("queue-import", None) => ("file", vec![NONE.to_owned()]),
        ("queue-purge", None) => ("export", vec![NONE.to_owned()]),
        _ => return,
    };
    form.about = about;
    let field = form.fields.iter_mut().find(|f| f.name == field && f.typing.is_empty());
    if let (Some(field), Some(offer)) = (field, offer) {
        field.typing.insert(&offer.file);
        form.complaint = None;
    }
}

/// What is said where none is known.
const NONE: &str =
    "No export of this queue that was made here is still there: type the path of one, or export it first.";
