//! A detail: its sheet, from the line it is scrolled to, with the selected link marked.

use crate::console::model::{Model, Screen};
use crate::console::sheet;
use crate::console::widgets::Paint;
use crate::controls::Role;
use ratatui::layout::Rect;

/// Draws the sheet of `screen` in `area`; `active` if the keys go to it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect, screen: &Screen, active: bool) {
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    let lines = sheet::of(model, screen, columns, rows);
    let foot = sheet::foot(model, screen, columns, rows);
    let page = rows.saturating_sub(foot.len()).max(1);
    let reading = if active { model.reading(screen, &lines, page) } else { Default::default() };
    let scroll = reading.scroll.min(lines.len().saturating_sub(page));
    let links = lines.iter().filter(|l| l.is_stop()).count();
    let selected = lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.is_stop())
        .nth(reading.link.min(links.saturating_sub(1)))
        .map(|(i, _)| i);
    for (i, line) in lines.iter().enumerate().skip(scroll).take(page) {
        let y = area.y + u16::try_from(i - scroll).unwrap_or(0);
        let row = Rect { y, height: 1, ..area };
        let inner = Rect { x: row.x + 1, width: row.width.saturating_sub(2), ..row };
        paint.line(inner, line);
        if active && selected == Some(i) {
            paint.select(row, true);
        }
    }
    let bottom = area.y + u16::try_from(page).unwrap_or(area.height).min(area.height);
    for (y, line) in (bottom..area.bottom()).zip(&foot) {
        paint.line(Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: 1 }, line);
    }
    let below = lines.len().saturating_sub(scroll + page);
    if below > 0 && page > 2 && area.width > 12 {
        let words = format!(" {} {below} more ", paint.glyphs.descending);
        let w = u16::try_from(crate::console::sheet::line::width(&words)).unwrap_or(0);
        paint.text(area.right().saturating_sub(w + 1), bottom.saturating_sub(1), w, Role::Dim, &words);
    }
}

/// Draws the detail beside its list: the open one, or as much as is known of the selected row.
pub fn beside(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if let Some(screen) = model.thing() {
        draw(model, paint, area, screen, model.screen().is_detail());
    }
}
