//! The overview: what needs a person, worst first, each with a reason in words and where to look next; then
//! the systems, where a healthy estate is quiet.

use crate::console::layout::{self, Column};
use crate::console::model::systems::{SystemLine, Total};
use crate::console::model::{Model, picture};
use crate::console::sheet::Span;
use crate::console::widgets::Paint;
use crate::console::widgets::rows::rows;
use crate::console::widgets::table::{Cell, Table, cell};
use crate::controls::Role;
use crate::estate::Loadable;
use crate::insight::Source;
use crate::insight::attention::{Attention, Severity};
use ratatui::layout::Rect;

/// A reason that is cut after two words says less than a hint saves: the hint leaves first.
const NARROW: [Column; 3] = [Column::name("", 10, 15), Column::words("", 20, 60, 1), Column::fixed("", 9, 2)];

const NEEDS: [Column; 3] = [Column::name("", 12, 18), Column::words("", 16, 60, 1), Column::fixed("", 9, 2)];

/// With room for both, a name is rarely cut.
const WIDE: [Column; 3] = [Column::name("", 12, 34), Column::words("", 16, 60, 1), Column::fixed("", 9, 2)];

const SYSTEMS: [Column; 5] = [
    Column::name("SYSTEMS", 8, 15),
    Column { best: 16, ..Column::fixed("alarms", 13, 1) },
    Column::fixed("dead letters", 12, 2),
    Column::fixed("blocked/min", 11, 4),
    Column::words("secrets", 10, 30, 3),
];

/// Draws it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let parts = layout::overview(model, area);
    let list = &model.lists.overview;
    heading(model, paint, parts.needs.head, usize::from(parts.needs.rows.height));
    let columns = match parts.needs.rows.width {
        ..60 => &NARROW,
        60..100 => &NEEDS,
        100.. => &WIDE,
    };
    let table = Table::new(columns, parts.needs.rows.width);
    rows(paint, parts.needs.rows, list, &table, true, |row| {
        let entry = model.picture.needs.iter().find(|n| picture::row_of(n) == *row);
        entry.map_or(Vec::new(), |n| need(model.glyphs(), n))
    });
    if list.things() == 0 {
        quiet(model, paint, parts.needs.rows);
    }
    systems(model, paint, parts.systems);
}

fn heading(model: &Model, paint: &mut Paint<'_>, area: Rect, page: usize) {
    if area.height == 0 {
        return;
    }
    let list = &model.lists.overview;
    let dot = paint.glyphs.dot;
    let reading = unread(model) > 0 && model.trouble().is_none();
    let count = if reading && list.total == 0 {
        format!("NEEDS YOU {dot} {}", paint.glyphs.loading)
    } else if reading {
        format!("NEEDS YOU {dot} {} so far", list.total)
    } else if list.filter.is_empty() {
        format!("NEEDS YOU {dot} {}", list.total)
    } else {
        format!("NEEDS YOU {dot} {} of {}", list.things(), list.total)
    };
    let mut x = area.x + 1;
    x += paint.text(x, area.y, area.width.saturating_sub(1), Role::Header, &count);
    let above = list.offset(page);
    let below = list.things().saturating_sub(above + page);
    for (n, sign) in [(above, paint.glyphs.ascending), (below, paint.glyphs.descending)] {
        if n > 0 {
            let text = format!("   {sign} {n} more");
            x += paint.text(x, area.y, area.right().saturating_sub(x), Role::Dim, &text);
        }
    }
}

fn need(glyphs: &crate::controls::Glyphs, entry: &Attention) -> Vec<Cell> {
    let (role, sign) = match entry.severity {
        Severity::Now => (Role::Now, glyphs.now),
        Severity::Soon => (Role::Soon, glyphs.soon),
        Severity::Unknown => (Role::Unknown, glyphs.unknown),
    };
    let name = vec![
        Span { role, text: format!("{sign} ") },
        Span { role: Role::Strong, text: entry.name.shown().to_string() },
    ];
    let hint = format!("{} {}", glyphs.arrow, entry.next.word());
    vec![
        name,
        cell(Role::Text, entry.reason.replace(" - ", &format!(" {} ", glyphs.dash))),
        cell(Role::Accent, hint),
    ]
}

/// How many parts of the whole were never read.
fn unread(model: &Model) -> usize {
    let never = |s: &Source| {
        matches!(model.inventory.standing(s), Loadable::Idle | Loadable::Loading { stale: None, .. })
    };
    Model::whole(false).into_iter().map(Source::Broad).filter(never).count()
}

/// Nothing needs anybody: said only where that is known.
fn quiet(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let (role, text) = if model.lists.overview.total > 0 {
        (Role::Dim, "nothing passes the filter".to_owned())
    } else if model.trouble().is_some() {
        (Role::Unknown, format!("{} nothing could be read: see above", paint.glyphs.unknown))
    } else if unread(model) > 0 {
        (Role::Dim, format!("{} reading the estate", paint.glyphs.loading))
    } else {
        (Role::Ok, format!("{} Nothing needs you.", paint.glyphs.ok))
    };
    paint.text(area.x + 1, area.y, area.width.saturating_sub(1), role, &text);
}

fn systems(model: &Model, paint: &mut Paint<'_>, parts: layout::ListArea) {
    if parts.rows.height == 0 && parts.head.height == 0 {
        return;
    }
    let table = Table::new(&SYSTEMS, parts.head.width.min(100));
    table.head(paint, parts.head, None);
    let lines = &model.picture.systems;
    let (first, seen) = layout::systems_seen(model, usize::from(parts.rows.height));
    let selected = model.lists.overview.selected_system();
    let mut at = Rect { height: parts.rows.height.min(1), ..parts.rows };
    for (i, line) in lines.iter().enumerate().skip(first).take(seen) {
        table.row(paint, at, &system(model, line));
        if selected == Some(i) {
            paint.select(at, true);
        }
        at.y += 1;
    }
    if seen < lines.len() && at.y < parts.rows.bottom() {
        let glyphs = paint.glyphs;
        let sign = if first + seen < lines.len() { glyphs.descending } else { glyphs.ascending };
        let text = format!("{sign} {} more systems", lines.len() - seen);
        paint.text(at.x + 1, at.y, at.width.saturating_sub(1), Role::Dim, &text);
    }
}

fn system(model: &Model, line: &SystemLine) -> Vec<Cell> {
    let name = match &line.name {
        Some(name) => cell(Role::Text, crate::estate::Untrusted::from(name.as_str()).shown().to_string()),
        None if model.setup.config.systems.is_empty() => cell(Role::Text, "everything"),
        None => cell(Role::Dim, "(no system)"),
    };
    vec![
        name,
        total(model, &line.alarms),
        total(model, &line.letters),
        total(model, &line.blocked),
        total(model, &line.secrets),
    ]
}

fn total(model: &Model, total: &Total) -> Cell {
    let glyphs = model.glyphs();
    match total {
        Total::None => cell(Role::Dim, glyphs.dash),
        Total::Unread => cell(Role::Dim, glyphs.loading),
        Total::Gap(word) => cell(Role::Unreadable, format!("{} {word}", glyphs.unreadable)),
        Total::Known(parts) => parts
            .iter()
            .enumerate()
            .flat_map(|(i, (role, text))| {
                let gap = if i > 0 { "  " } else { "" };
                [
                    Span { role: *role, text: format!("{gap}{} ", sign(glyphs, *role)) },
                    Span { role: if *role == Role::Ok { Role::Text } else { *role }, text: text.clone() },
                ]
            })
            .collect(),
    }
}

/// The sign of a severity.
pub fn sign(glyphs: &crate::controls::Glyphs, role: Role) -> &'static str {
    let signs = [
        (Role::Now, glyphs.now),
        (Role::Soon, glyphs.soon),
        (Role::Unknown, glyphs.unknown),
        (Role::Unreadable, glyphs.unreadable),
        (Role::Stale, glyphs.stale),
    ];
    signs.into_iter().find(|(r, _)| *r == role).map_or(glyphs.ok, |(_, sign)| sign)
}
