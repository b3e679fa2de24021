//! What the mouse does: it presses tabs, rows and lines, and turns pages. The rectangles are those that are
//! drawn.

use super::{go, moves, settle};
use crate::console::effect::Effect;
use crate::console::layout::{self, Hit};
use crate::console::model::{Model, Overlay};
use crate::console::msg::MouseKind;

/// How many rows a turn of the wheel moves.
const WHEEL: isize = 3;

/// The mouse did something.
pub fn mouse(model: &mut Model, kind: MouseKind, column: u16, row: u16) -> Vec<Effect> {
    settle(model);
    model.change.surely = true;
    model.note = None;
    model.pending.clear();
    if model.secret.is_some() {
        return Vec::new();
    }
    match kind {
        MouseKind::ScrollDown => moves::scroll(model, WHEEL),
        MouseKind::ScrollUp => moves::scroll(model, -WHEEL),
        MouseKind::Press if matches!(model.overlay, Some(Overlay::Consent(_))) => Vec::new(),
        MouseKind::Press if model.overlay.is_some() => {
            model.overlay = None;
            Vec::new()
        }
        MouseKind::Press => match layout::hit(model, column, row) {
            Hit::Tab(tab) => go::to(model, tab.screen()),
            Hit::Row(line) => {
                let page = layout::page(model);
                let list = model.lists.of(model.trail.here().tab());
                select(model, list.cursor.offset(page) + line)
            }
            Hit::At(index) => select(model, index),
            Hit::Line(line) => {
                let line = model.reading_here().scroll + line;
                let pressed = model.sheet().into_iter().nth(line);
                pressed.map_or(Vec::new(), |line| go::follow(model, line))
            }
            Hit::Nothing => Vec::new(),
        },
    }
}

/// Selects the row at `index`; the one that is selected already is opened.
fn select(model: &mut Model, index: usize) -> Vec<Effect> {
    let page = layout::page(model);
    let list = model.lists.of_mut(model.trail.here().tab());
    if index >= list.order.len() {
        return Vec::new();
    }
    if list.cursor.index() == index && list.cursor.is_touched() {
        return go::open(model);
    }
    list.cursor.select(&list.order, index, page);
    Vec::new()
}
