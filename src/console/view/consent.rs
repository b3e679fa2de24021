//! A confirmation over the screen: its words as far as they are seen, a mark where there are more, and the
//! question below them.

use super::chrome::typed;
use crate::console::layout;
use crate::console::model::Model;
use crate::console::model::consent::ConsentBox;
use crate::console::sheet::consent as words;
use crate::console::widgets::{Paint, boxed};
use crate::controls::Role;
use ratatui::layout::{Position, Rect};

/// Draws it; returns where the cursor is.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect, open: &ConsentBox) -> Option<Position> {
    let asking = layout::asking(model, open);
    let inside = boxed(paint, area, asking.width, asking.height, &words::title(open));
    let mut y = inside.y;
    for (role, line) in asking.lines.iter().skip(asking.from).take(asking.page) {
        paint.text(inside.x, y, inside.width, *role, line);
        y += 1;
    }
    let below = asking.lines.len().saturating_sub(asking.from + asking.page);
    if below > 0 {
        let lines = if below == 1 { "line" } else { "lines" };
        let text = format!("{} {below} more {lines} (down key)", paint.glyphs.descending);
        paint.text(inside.x, y, inside.width, Role::Accent, &text);
    }
    y = inside.bottom().saturating_sub(u16::try_from(asking.tail.len()).unwrap_or(1)).max(inside.y);
    let mut cursor = None;
    for (role, line) in &asking.tail {
        if y >= inside.bottom() {
            break;
        }
        let used = paint.text(inside.x, y, inside.width, *role, line);
        if *role == Role::Strong && line == words::PROMPT {
            let x = inside.x + used + 1;
            let left = inside.width.saturating_sub(used + 1);
            let text = typed(&open.typing, usize::from(left.saturating_sub(1)));
            paint.text(x, y, left, Role::Accent, &text.text);
            cursor = Some(Position { x: (x + text.cursor).min(inside.right().saturating_sub(1)), y });
        }
        y += 1;
    }
    cursor
}
