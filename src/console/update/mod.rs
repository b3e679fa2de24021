//! What moves the model: a message in, effects out. A file per concern; each screen's own is with its name.
//! Knows no view.

mod confirm;
mod contain;
mod copy;
mod export;
mod forms;
mod go;
mod incidents;
mod keys;
mod mouse;
mod moves;
mod offers;
mod palette;
mod peek;
mod runs;
mod settle;
mod walks;
mod whose;

pub use settle::settle;
pub use walks::is_quiet;

use super::effect::Effect;
use super::model::{Link, Model, Note, SecretBox};
use super::msg::Msg;
use crate::estate::{Ticket, Timestamp};
use std::sync::Arc;

/// Moves `model` by `msg`.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Now(now) => tick(model, now),
        Msg::Key(key) => keys::key(model, key),
        Msg::Paste(text) => keys::paste(model, &text),
        Msg::Resize { width, height } => {
            if model.setup.size != (width, height) {
                model.setup.size = (width, height);
                model.change.surely = true;
                model.lists.spoil();
            }
            Vec::new()
        }
        Msg::Focus(focus) => {
            model.focus = focus;
            Vec::new()
        }
        Msg::Mouse { kind, column, row } => mouse::mouse(model, kind, column, row),
        Msg::Opened(Ok(opened)) => {
            model.link = Link::Open(opened);
            model.change.surely = true;
            Vec::new()
        }
        Msg::Opened(Err(fault)) => {
            model.link = Link::Failed(Arc::new(fault));
            model.change.surely = true;
            Vec::new()
        }
        Msg::Due(source) => walks::due(model, source),
        Msg::Walk(event) => walks::walked(model, event),
        Msg::AskSecret { ticket, question } => {
            model.secret = Some(SecretBox { ticket, question, len: 0 });
            model.pending.clear();
            model.change.surely = true;
            vec![Effect::CaptureSecret { ticket }]
        }
        Msg::SecretEntered { ticket, len } => {
            if let Some(secret) = asked(model, ticket) {
                secret.len = len;
                model.change.surely = true;
            }
            Vec::new()
        }
        Msg::SecretDone { ticket } => {
            if asked(model, ticket).is_some() {
                model.secret = None;
                model.change.surely = true;
            }
            Vec::new()
        }
        Msg::Runs(news) => runs::news(model, news),
        Msg::Still(ticket) => confirm::still(model, ticket),
        Msg::Copied(Ok(words)) => noted(model, Note::good(words)),
        Msg::Copied(Err(words)) => noted(model, Note::bad(words)),
    };
    confirm::look(model);
    effects.extend(runs::opened(model));
    effects.extend(incidents::opened(model));
    effects.extend(walks::follow(model));
    effects
}

fn asked(model: &mut Model, ticket: Ticket) -> Option<&mut SecretBox> {
    model.secret.as_mut().filter(|s| s.ticket == ticket)
}

/// Says something until the next key.
fn noted(model: &mut Model, note: Note) -> Vec<Effect> {
    model.note = Some(note);
    model.change.surely = true;
    Vec::new()
}

fn tick(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let before = model.minute();
    model.now = now;
    if model.minute() != before {
        model.picture.stale = true;
        model.lists.spoil();
        model.note = None;
        model.change.maybe = true;
        let mut effects = runs::minute(model);
        effects.extend(incidents::anew(model));
        return effects;
    }
    Vec::new()
}
