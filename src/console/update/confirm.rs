//! Confirmations: the only place of the console that gives consent. The safe answer is the default, Enter
//! alone does nothing, and neither a held-down key nor a paste can confirm: the keyboard must be still before
//! an answer counts and once more before it holds.

use super::noted;
use crate::console::effect::{Effect, RunsOrder};
use crate::console::layout;
use crate::console::model::consent::{Asked, ConsentBox, Hands};
use crate::console::model::{Model, Note, Overlay};
use crate::controls::{Action, Place};
use crate::estate::change::messages;
use crate::estate::{Change, Consent, Demand, Given, RunId, Ticket};

/// Puts a question on screen.
pub fn ask(model: &mut Model, run: RunId, asked: Asked) -> Vec<Effect> {
    let still = model.walks.ticket();
    model.overlay = Some(Overlay::Consent(Box::new(ConsentBox::new(run, asked, still))));
    model.pending.clear();
    model.change.surely = true;
    vec![Effect::Still(still)]
}

/// A key comes while a question is on screen. Returns whether it counts; if not, the keyboard must be still
/// again first.
pub fn counts(model: &mut Model) -> Result<(), Vec<Effect>> {
    let still = model.walks.ticket();
    let Some(Overlay::Consent(open)) = &mut model.overlay else { return Ok(()) };
    match open.hands {
        Hands::Ready => Ok(()),
        Hands::Unquiet(_) => {
            open.hands = Hands::Unquiet(still);
            Err(vec![Effect::Still(still)])
        }
        Hands::Given(_) => {
            open.hands = Hands::Unquiet(still);
            open.typed.clear();
            open.complaint = Some("Another key followed at once, so that did not count".into());
            Err(vec![Effect::Still(still)])
        }
    }
}

/// The keyboard was still.
pub fn still(model: &mut Model, ticket: Ticket) -> Vec<Effect> {
    let Some(Overlay::Consent(open)) = &mut model.overlay else { return Vec::new() };
    match open.hands {
        Hands::Unquiet(t) if t == ticket => {
            open.hands = Hands::Ready;
            model.change.surely = true;
            Vec::new()
        }
        Hands::Given(t) if t == ticket => done(model),
        Hands::Unquiet(_) | Hands::Given(_) | Hands::Ready => Vec::new(),
    }
}

/// The key that agrees, where a key is enough.
pub fn agree(model: &mut Model) -> Vec<Effect> {
    let still = model.walks.ticket();
    let Some(Overlay::Consent(open)) = &mut model.overlay else { return Vec::new() };
    if open.is_typed() || !is_read(open) {
        return Vec::new();
    }
    open.complaint = None;
    open.hands = Hands::Given(still);
    vec![Effect::Still(still)]
}

/// Enter after a name was typed.
pub fn accept(model: &mut Model) -> Vec<Effect> {
    let still = model.walks.ticket();
    let Some(Overlay::Consent(open)) = &mut model.overlay else { return Vec::new() };
    let Some(wanted) = open.wanted() else { return Vec::new() };
    if !is_read(open) {
        return Vec::new();
    }
    if open.typing.text() != wanted.wire() {
        open.complaint = Some(if open.typing.is_empty() {
            "Nothing is typed; esc leaves everything as it is".into()
        } else {
            "That is another name; nothing was done".into()
        });
        return Vec::new();
    }
    open.complaint = None;
    open.typing.clear();
    open.typed.push(wanted);
    if open.wanted().is_some() {
        return Vec::new();
    }
    open.hands = Hands::Given(still);
    vec![Effect::Still(still)]
}

/// Nothing is agreed to whose last line was never on screen.
fn is_read(open: &mut ConsentBox) -> bool {
    if !open.read {
        open.complaint = Some("There is more to read first: the down key shows it".into());
    }
    open.read
}

/// What of the question is on screen now: called after everything that happens.
pub fn look(model: &mut Model) {
    let Some(Overlay::Consent(open)) = &model.overlay else { return };
    let asking = layout::asking(model, open);
    if let Some(Overlay::Consent(open)) = &mut model.overlay {
        open.scroll = asking.from;
        open.read |= asking.is_at_end();
    }
}

/// The safe answer.
pub fn decline(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Consent(open)) = model.overlay.take() else { return Vec::new() };
    let again = model.keymap().and_then(|k| k.hint(Place::RunDetail, Action::GoOn)).unwrap_or_default();
    noted(
        model,
        Note::good(match open.asked {
            Asked::Changes { .. } | Asked::Alias(_) => {
                format!("Left as it is; nothing was changed. The run waits: {again} asks again")
            }
            Asked::Abort => "It was not stopped".into(),
            Asked::Undo => "Nothing is undone".into(),
        }),
    )
}

/// A paste cannot confirm.
pub fn pasted(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Consent(open)) = &mut model.overlay {
        open.complaint = Some("A paste does not confirm: type it".into());
    }
    Vec::new()
}

/// What was agreed to is passed on.
fn done(model: &mut Model) -> Vec<Effect> {
    model.change.surely = true;
    let Some(Overlay::Consent(open)) = model.overlay.take() else { return Vec::new() };
    let changes: Vec<Change> = open.changes().into_iter().cloned().collect();
    let ConsentBox { run, asked, typed, .. } = *open;
    let order = match asked {
        Asked::Changes { .. } => {
            let mut consents = Vec::new();
            for change in changes {
                let given = match change.demand() {
                    Demand::Yes => Given::Yes,
                    Demand::Name(_) => match typed.iter().find(|t| change.is_named_by(t)) {
                        Some(name) => Given::Typed(name.clone()),
                        None => Given::Yes,
                    },
                };
                match Consent::give(change, given) {
                    Ok(consent) => consents.push(consent),
                    Err(_) => return noted(model, Note::bad("Not confirmed; nothing was changed")),
                }
            }
            RunsOrder::Consent { run: run.clone(), consents }
        }
        Asked::Alias(alias) => {
            RunsOrder::Arm { run: run.clone(), alias: typed.first().cloned().unwrap_or(alias) }
        }
        Asked::Abort => RunsOrder::Abort(run.clone()),
        Asked::Undo => RunsOrder::Undo(run.clone()),
    };
    let open = model.runs.open.entry(run).or_default();
    open.busy = true;
    open.halt = None;
    vec![Effect::Runs(order)]
}

/// The consent to a look at messages: asking for one is its consent, for every message is given back.
pub fn look_at(change: Change) -> Option<Consent> {
    match change.tallied() {
        Some(messages::Act::Peek { .. }) => Consent::give(change, Given::Yes).ok(),
        Some(_) | None => None,
    }
}
