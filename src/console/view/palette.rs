//! The palette: what is typed, and what it found.

use super::chrome::typed;
use crate::console::model::{Model, PaletteBox};
use crate::console::sheet::line::{cut_middle, width};
use crate::console::widgets::{Paint, boxed};
use crate::controls::Role;
use ratatui::layout::{Position, Rect};

/// Draws it; returns where the cursor is.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect, open: &PaletteBox) -> Option<Position> {
    let wide = area.width.min(76);
    let rows = u16::try_from(open.found.len().max(1)).unwrap_or(u16::MAX);
    let high = rows.saturating_add(4).min((area.height * 3 / 4).max(6)).min(area.height);
    let title = if open.among.is_some() { "Go to" } else { "Do or go to" };
    let inside = boxed(paint, area, wide, high, title);
    let x = inside.x + paint.text(inside.x, inside.y, inside.width, Role::Accent, ":");
    let room = inside.right().saturating_sub(x);
    let text = typed(&open.typing, usize::from(room));
    paint.text(x, inside.y, room, Role::Text, &text.text);
    let skip = if inside.height > 4 { 2 } else { 1 };
    let list = Rect { y: inside.y + skip, height: inside.height.saturating_sub(skip), ..inside };
    let page = usize::from(list.height);
    if open.found.is_empty() && page > 0 {
        paint.text(list.x, list.y, list.width, Role::Dim, "nothing has that name");
    }
    let from = (open.selected + 1).saturating_sub(page);
    let place = model.screen().place();
    for (i, found) in open.found.iter().enumerate().skip(from).take(page) {
        let y = list.y + u16::try_from(i - from).unwrap_or(0);
        let keys = match &found.target {
            crate::console::model::overlay::Target::Do(action) => {
                model.keymap().and_then(|k| k.hint(place, *action)).unwrap_or_default()
            }
            crate::console::model::overlay::Target::Go(_) => found.words.clone(),
        };
        let keys_width = u16::try_from(width(&keys)).unwrap_or(0);
        let room = list.width.saturating_sub(keys_width + 3);
        let name = cut_middle(&found.name, usize::from(room), paint.glyphs.cut);
        let used = paint.text(list.x + 1, y, room, Role::Text, &name);
        mark(paint, list.x + 1, y, &name, found);
        if let crate::console::model::overlay::Target::Do(_) = &found.target
            && room > used + 4
        {
            paint.text(list.x + 1 + used + 2, y, room - used - 2, Role::Dim, &found.words);
        }
        if keys_width + 3 < list.width {
            paint.text(list.right() - keys_width, y, keys_width, Role::Key, &keys);
        }
        if i == open.selected {
            paint.select(Rect { y, height: 1, ..list }, true);
        }
    }
    Some(Position { x: (x + text.cursor).min(inside.right().saturating_sub(1)), y: inside.y })
}

/// Marks the letters that matched, where the name was not cut.
fn mark(paint: &mut Paint<'_>, x: u16, y: u16, name: &str, found: &crate::console::model::overlay::Found) {
    if name != found.name {
        return;
    }
    let style = paint.style(Role::Match);
    let mut at = x;
    for (i, c) in name.chars().enumerate() {
        let wide = u16::try_from(width(c.encode_utf8(&mut [0; 4]))).unwrap_or(0);
        if u32::try_from(i).is_ok_and(|i| found.matched.contains(&i)) {
            paint
                .buf
                .set_style(Rect { x: at, y, width: wide, height: 1 }.intersection(paint.buf.area), style);
        }
        at += wide;
    }
}
