//! A table: columns of fixed places, of which only the rows that are seen are painted.

use super::Paint;
use crate::console::layout::columns::{Column, GAP, widths};
use crate::console::sheet::Span;
use crate::console::sheet::line::{cut_end, cut_middle, width};
use crate::controls::Role;
use ratatui::layout::Rect;

/// What a row shows in one column.
pub type Cell = Vec<Span>;

/// A cell of one text.
pub fn cell(role: Role, text: impl Into<String>) -> Cell {
    vec![Span { role, text: text.into() }]
}

/// A cell of a name after the sign of its state.
pub fn named(sign_role: Role, sign: &str, role: Role, name: String) -> Cell {
    vec![Span { role: sign_role, text: format!("{sign} ") }, Span { role, text: name }]
}

/// The columns of a table, in the room they have.
pub struct Table<'a> {
    columns: &'a [Column],
    widths: Vec<u16>,
}

impl<'a> Table<'a> {
    /// The table of `columns` in `room`, of which the first is for the mark of the selected row.
    #[must_use]
    pub fn new(columns: &'a [Column], room: u16) -> Self {
        Self { columns, widths: widths(columns, room.saturating_sub(MARGIN)) }
    }

    /// Whether column `i` is there.
    #[must_use]
    pub fn shows(&self, i: usize) -> bool {
        self.widths.get(i).is_some_and(|w| *w > 0)
    }

    /// Paints the headings; the one at `sorted` with the sign of its order.
    pub fn head(&self, paint: &mut Paint<'_>, area: Rect, sorted: Option<(usize, bool)>) {
        for (i, x, w) in self.places(area) {
            let column = &self.columns[i];
            let sign = match sorted {
                Some((s, true)) if s == i => paint.glyphs.ascending,
                Some((s, false)) if s == i => paint.glyphs.descending,
                Some(_) | None => "",
            };
            let room = usize::from(w).saturating_sub(width(sign));
            let title = cut_end(column.title, room, paint.glyphs.cut);
            let text = format!("{title}{sign}");
            let shift = if column.right { usize::from(w).saturating_sub(width(&text)) } else { 0 };
            let shift = u16::try_from(shift).unwrap_or(0);
            paint.text(x + shift, area.y, w - shift, Role::Header, &text);
        }
    }

    /// Paints a row.
    pub fn row(&self, paint: &mut Paint<'_>, area: Rect, cells: &[Cell]) {
        for (i, x, w) in self.places(area) {
            let Some(cell) = cells.get(i) else { continue };
            let column = &self.columns[i];
            let wide: usize = cell.iter().map(|s| width(&s.text)).sum();
            let shift = if column.right { usize::from(w).saturating_sub(wide) } else { 0 };
            let mut used = u16::try_from(shift).unwrap_or(0);
            for span in cell {
                let room = usize::from(w - used);
                let text = if width(&span.text) <= room {
                    std::borrow::Cow::Borrowed(span.text.as_str())
                } else if column.name {
                    cut_middle(&span.text, room, paint.glyphs.cut).into()
                } else {
                    cut_end(&span.text, room, paint.glyphs.cut).into()
                };
                used += paint.text(x + used, area.y, w - used, span.role, &text);
                if room == 0 && !span.text.is_empty() && !column.name {
                    // what found no room at all leaves a mark too: a sign without its number would be a lie
                    paint.text(x + w - 1, area.y, 1, Role::Dim, paint.glyphs.cut);
                }
            }
        }
    }

    /// Column, left edge and width of what is shown.
    fn places(&self, area: Rect) -> Vec<(usize, u16, u16)> {
        let mut x = area.x + MARGIN.min(area.width);
        let mut out = Vec::with_capacity(self.widths.len());
        if area.height == 0 {
            return out;
        }
        for (i, w) in self.widths.iter().enumerate().filter(|(_, w)| **w > 0) {
            let w = (*w).min(area.right().saturating_sub(x));
            if w == 0 {
                break;
            }
            out.push((i, x, w));
            x += w + GAP;
        }
        out
    }
}

/// Columns before the first one, for the mark of the selected row.
pub const MARGIN: u16 = 1;
