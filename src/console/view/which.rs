//! The box that says what may follow a key that began something.

use crate::console::model::Model;
use crate::console::sheet::line::width;
use crate::console::widgets::{Paint, boxed};
use crate::controls::{Key, Lookup, Role};
use ratatui::layout::Rect;

/// Draws it over the bottom of the screen, above the line `last`.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect, last: Rect) {
    if model.pending.is_empty() {
        return;
    }
    let Some(keymap) = model.keymap() else { return };
    let Lookup::Pending(next) = keymap.lookup(model.place(), &model.pending) else { return };
    let keys: Vec<String> = next.iter().map(|n| Key::print_sequence(&[n.key])).collect();
    let key_width = keys.iter().map(|k| width(k)).max().unwrap_or(1);
    let words = next.iter().map(|n| width(n.label)).max().unwrap_or(0);
    let wide = u16::try_from(key_width + words + 7).unwrap_or(area.width).min(area.width);
    let high = u16::try_from(next.len() + 2).unwrap_or(area.height).min(area.height.saturating_sub(1));
    let bottom = if last.y > area.y { last.y } else { area.bottom() };
    let outer = Rect {
        x: area.right().saturating_sub(wide + 1).max(area.x),
        y: bottom.saturating_sub(high).max(area.y),
        width: wide,
        height: high,
    };
    let inside = boxed::frame(paint, outer, &Key::print_sequence(&model.pending));
    for ((y, key), next) in (inside.y..inside.bottom()).zip(&keys).zip(&next) {
        let on = next.action.is_none_or(|a| model.enabled(a));
        let (key_role, doc) = if on { (Role::Key, Role::Text) } else { (Role::KeyOff, Role::KeyOff) };
        paint.text(inside.x, y, inside.width, key_role, key);
        let x = inside.x + u16::try_from(key_width + 2).unwrap_or(0);
        paint.text(x, y, inside.right().saturating_sub(x), doc, next.label);
    }
}
