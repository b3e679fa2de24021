//! Whether anything that can be seen has changed. Keys say so themselves; after a refresh or a minute, what
//! is drawn is compared with what was, so that a quiet estate costs not one byte.

use super::{Effect, Model, Msg, update as moves, view};
use view::fingerprint;

/// Tells the console what happened, and gives what it wants done.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if model.change.drawn.is_none() && !model.change.surely && moves::is_quiet(model, &msg) {
        model.change.drawn = Some(fingerprint(model));
    }
    moves::update(model, msg)
}

impl Model {
    /// Whether the screen must be drawn again; asked once after each batch of messages.
    pub fn take_dirty(&mut self) -> bool {
        moves::settle(self);
        let change = self.change;
        if change.surely {
            self.change = super::model::Change::default();
            return true;
        }
        if !change.maybe {
            return false;
        }
        let drawn = Some(fingerprint(self));
        self.change.maybe = false;
        self.change.drawn = drawn;
        change.drawn != drawn
    }
}
