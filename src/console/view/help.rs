//! The help of a screen: what may be pressed there, from the keymap in use and the registry.

use crate::console::layout::{self, help_lines};
use crate::console::model::Model;
use crate::console::widgets::{Paint, boxed};
use crate::controls::Role;
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect, scroll: usize) {
    let (wide, high) = layout::help_size(model);
    let title = format!("Keys {} {}", paint.glyphs.dot, model.screen().place().title());
    let inside = boxed(paint, area, wide, high, &title);
    let lines = help_lines(model, usize::from(inside.width));
    let page = usize::from(inside.height);
    let scroll = scroll.min(lines.len().saturating_sub(page));
    let below = lines.len().saturating_sub(scroll + page);
    if below > 0 && inside.bottom() < area.bottom() {
        let words = format!(" {} {below} more ", paint.glyphs.descending);
        paint.text(inside.x, inside.bottom(), inside.width, Role::Dim, &words);
    }
    for (i, line) in lines.iter().enumerate().skip(scroll).take(page) {
        let y = inside.y + u16::try_from(i - scroll).unwrap_or(0);
        paint.line(Rect { y, height: 1, ..inside }, line);
    }
}
