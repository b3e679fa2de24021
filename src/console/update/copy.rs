//! Copying: the name, ARN or URL of a thing, the AWS CLI line that shows the same, what is known as JSON.

use super::noted;
use crate::console::effect::Effect;
use crate::console::model::{Model, Note, Screen};
use crate::estate::Untrusted;

/// Copies what `what` gives. What holds control characters is refused: pasted into a shell, a line end
/// would run what follows it.
pub fn copy(model: &mut Model, what: impl FnOnce(&Model) -> Option<Untrusted>) -> Vec<Effect> {
    match what(model) {
        Some(text) if text.wire().chars().any(char::is_control) => {
            noted(model, Note::bad("Not copied: it holds control characters, which a shell would obey"))
        }
        Some(text) => vec![Effect::Copy(text.wire().to_owned())],
        None => noted(model, Note::bad("It is not known yet")),
    }
}

/// The URL of the queue that is selected or open.
pub fn url(model: &Model) -> Option<Untrusted> {
    match model.thing()? {
        Screen::Queue(url) => Some(url.text().clone()),
        Screen::Overview
        | Screen::Alarms
        | Screen::Queues
        | Screen::Waf
        | Screen::Secrets
        | Screen::Alarm(_)
        | Screen::Acl(_)
        | Screen::Secret(_)
        | Screen::Runs
        | Screen::Runbook(_)
        | Screen::Plan
        | Screen::Run(_)
        | Screen::Incident(_)
        | Screen::Contain(_)
        | Screen::Freshness => None,
    }
}

/// Copies what is known as JSON, in which control characters are escapes.
pub fn json(model: &mut Model) -> Vec<Effect> {
    match model.json_of() {
        Some(text) => vec![Effect::Copy(text)],
        None => noted(model, Note::bad("It is not known yet")),
    }
}
