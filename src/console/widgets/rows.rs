//! A list: its heading, its column titles and only those of its rows that are seen.

use super::Paint;
use super::table::{Cell, Table};
use crate::console::layout;
use crate::console::model::lists::Row;
use crate::console::model::{List, Model, Tab};
use crate::controls::Role;
use crate::estate::Loadable;
use crate::insight::Source;
use ratatui::layout::Rect;

/// Paints the rows of `list` in `area` with `cells`; the selected one marked.
pub fn rows(
    paint: &mut Paint<'_>,
    area: Rect,
    list: &List,
    table: &Table<'_>,
    active: bool,
    cells: impl Fn(&Row) -> Vec<Cell>,
) {
    let page = usize::from(area.height);
    let offset = list.offset(page);
    for (i, row) in list.order.iter().enumerate().take(list.things()).skip(offset).take(page) {
        let y = area.y + u16::try_from(i - offset).unwrap_or(0);
        let at = Rect { y, height: 1, ..area };
        table.row(paint, at, &cells(row));
        if i == list.cursor.index() {
            paint.select(at, active);
        }
    }
}

/// What stands where rows would be when there are none: that they are on the way, could not be read, do not
/// pass the filter, or are not there.
pub fn empty(model: &Model, paint: &mut Paint<'_>, area: Rect, tab: Tab, sources: &[Source], what: &str) {
    let list = model.lists.of(tab);
    if !list.order.is_empty() || area.height == 0 {
        return;
    }
    let (role, text) = if list.total > 0 {
        (Role::Dim, format!("none of {} passes the filter", list.total))
    } else {
        let mut all_read = true;
        let mut fault = None;
        for source in sources {
            let standing = model.inventory.standing(source);
            fault = fault.or(model.inventory.trouble(source).cloned()).or(standing.fault().cloned());
            all_read &= standing.seen().is_some() || matches!(standing, Loadable::Failed { .. });
        }
        match fault {
            Some(fault) => (Role::Unreadable, format!("{} {fault}", paint.glyphs.unreadable)),
            None if all_read => (Role::Dim, format!("no {what} here")),
            None => (Role::Dim, format!("{} {what} on the way", paint.glyphs.loading)),
        }
    };
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    for (y, line) in (area.y..area.bottom()).zip(crate::console::sheet::line::wrap(&text, room)) {
        paint.text(area.x + 1, y, area.width.saturating_sub(1), role, &line);
    }
}

/// Paints a list with its column titles.
pub struct ListView<'a> {
    /// Which list.
    pub tab: Tab,
    /// Its columns.
    pub columns: &'a [layout::Column],
    /// For each of its sort orders: which column it sorts, and whether from small to large.
    pub sorted: &'a [(usize, bool)],
    /// What it is made of.
    pub sources: &'a [Source],
    /// What its things are called, in the plural.
    pub what: &'a str,
}

impl ListView<'_> {
    /// Paints it into `area`.
    pub fn draw(
        &self,
        model: &Model,
        paint: &mut Paint<'_>,
        area: Rect,
        cells: impl Fn(&Row, &Table<'_>) -> Vec<Cell>,
    ) {
        let parts = layout::list(area);
        let list = model.lists.of(self.tab);
        let table = Table::new(self.columns, area.width);
        let sorted = self.sorted.get(model.sort_of(self.tab)).map(|(c, up)| (*c, *up != list.reverse));
        table.head(paint, parts.head, sorted);
        corner(model, paint, parts.head, list);
        rows(paint, parts.rows, list, &table, !model.screen().is_detail(), |row| cells(row, &table));
        empty(model, paint, parts.rows, self.tab, self.sources, self.what);
    }
}

/// At the right end of the titles: how many are shown of how many, by which filter; nothing without one.
pub fn corner(model: &Model, paint: &mut Paint<'_>, head: Rect, list: &List) {
    let typed = model.overlay == Some(crate::console::model::Overlay::Filter);
    if head.height == 0 || typed || list.filter.is_empty() {
        return;
    }
    let shown = crate::estate::Untrusted::from(list.filter.text()).shown().to_string();
    let shown = crate::console::sheet::line::cut_end(&shown, 24, paint.glyphs.cut);
    let text = format!(" /{shown} {} {} of {} ", paint.glyphs.dot, list.order.len(), list.total);
    let w = u16::try_from(crate::console::sheet::line::width(&text)).unwrap_or(0);
    if w < head.width {
        paint.text(head.right() - w, head.y, w, Role::Accent, &text);
    }
}
