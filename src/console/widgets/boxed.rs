//! A box over the screen, with a title. Used only for what lies over something else.

use super::Paint;
use crate::controls::Role;
use ratatui::layout::Rect;

/// Paints an empty box of at most `width` x `height` with `title` in the middle of `area`; returns the room
/// inside it. Where there is no room for a border there is none.
pub fn boxed(paint: &mut Paint<'_>, area: Rect, width: u16, height: u16, title: &str) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    let outer =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height };
    frame(paint, outer, title)
}

/// Paints an empty box with `title` at `outer`; returns the room inside it.
pub fn frame(paint: &mut Paint<'_>, outer: Rect, title: &str) -> Rect {
    paint.clear(outer);
    if outer.width < 12 || outer.height < 4 {
        return outer;
    }
    let [tl, tr, bl, br] = paint.glyphs.corners;
    let bottom = outer.bottom() - 1;
    paint.rule(Rect { height: 1, ..outer });
    paint.rule(Rect { y: bottom, height: 1, ..outer });
    paint.wall(outer.x, outer);
    paint.wall(outer.right() - 1, outer);
    for (x, y, sign) in [
        (outer.x, outer.y, tl),
        (outer.right() - 1, outer.y, tr),
        (outer.x, bottom, bl),
        (outer.right() - 1, bottom, br),
    ] {
        paint.text(x, y, 1, Role::Rule, sign);
    }
    let room = outer.width - 4;
    if !title.is_empty() {
        paint.text(outer.x + 1, outer.y, room, Role::Accent, &format!(" {title} "));
    }
    Rect { x: outer.x + 2, y: outer.y + 1, width: outer.width - 4, height: outer.height - 2 }
}
