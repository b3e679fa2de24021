//! The palette: every action and every named thing by a few letters, best first. A pasted name that is
//! known leads straight there.

use super::{go, keys};
use crate::console::effect::Effect;
use crate::console::model::overlay::{Found, Target};
use crate::console::model::{Model, Overlay, PaletteBox, Screen};
use crate::runbook::suspect::{Kind, Suspect};

/// Opens it, empty.
pub fn open(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(Overlay::Palette(PaletteBox::default()));
    search(model);
    Vec::new()
}

/// Opens it with only these things in it.
pub fn among(model: &mut Model, targets: Vec<Screen>) -> Vec<Effect> {
    let among = Some(targets);
    model.overlay = Some(Overlay::Palette(PaletteBox { among, ..PaletteBox::default() }));
    search(model);
    Vec::new()
}

/// Text was pasted where nothing is typed: it most often is a name.
pub fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let name = text.trim();
    if name.is_empty() {
        return Vec::new();
    }
    if let Some(screen) = model.named(name) {
        return go::to(model, screen);
    }
    // The id of a key is what is pasted in the hour when it leaked: its page only looks.
    if let Some(suspect) = Suspect::named(name).filter(|s| s.kind == Kind::Key) {
        return go::to(model, Screen::Contain(suspect));
    }
    let mut open = PaletteBox::default();
    open.typing.insert(name);
    model.overlay = Some(Overlay::Palette(open));
    search(model);
    Vec::new()
}

/// Finds what matches what is typed.
pub fn search(model: &mut Model) {
    let Some(Overlay::Palette(open)) = &model.overlay else { return };
    let found: Vec<Found> = model.found(open);
    if let Some(Overlay::Palette(open)) = &mut model.overlay {
        open.found = found;
        open.selected = 0;
    }
}

/// More is known now: who typed a name before it was is not left with nothing. What was found stays as it is, for nothing
/// moves under the cursor.
pub fn learned(model: &mut Model) {
    if matches!(&model.overlay, Some(Overlay::Palette(open)) if open.found.is_empty()) {
        search(model);
    }
}

/// Does what is selected.
pub fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Palette(open)) = &model.overlay else { return Vec::new() };
    let Some(target) = open.found.get(open.selected).map(|f| f.target.clone()) else { return Vec::new() };
    model.overlay = None;
    match target {
        Target::Do(action) => keys::act(model, action),
        Target::Go(screen) => go::to(model, screen),
    }
}
