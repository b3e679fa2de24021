//! What is under a point of the screen, for the mouse: the same rectangles that are drawn.

use super::frame::{frame, list, overview, systems_seen};
use crate::console::model::{Model, Screen, Tab};
use crate::console::sheet::line::width;
use ratatui::layout::Rect;

/// What is under the mouse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hit {
    /// A tab.
    Tab(Tab),
    /// A row of the current list, counted from the row at its top.
    Row(usize),
    /// A row of the current list, counted from the first of all.
    At(usize),
    /// A line of the detail, counted from the line at its top.
    Line(usize),
    /// Nothing that can be pressed.
    Nothing,
}

/// What is at `column` and `row`.
#[must_use]
pub fn hit(model: &Model, column: u16, row: u16) -> Hit {
    let (w, h) = model.size();
    let at = (column, row).into();
    let f = frame(model, Rect::new(0, 0, w, h));
    if f.tabs.contains(at) && !model.screen().is_detail() {
        return tabs(model, f.tabs)
            .into_iter()
            .find(|(_, r)| r.contains(at))
            .map_or(Hit::Nothing, |(t, _)| Hit::Tab(t));
    }
    let from_top = |r: Rect| usize::from(row.saturating_sub(r.y));
    if f.detail().contains(at) && model.screen().is_detail() {
        let line = from_top(f.detail());
        // What stays below the lines is no part of them.
        return if line < super::page(model) { Hit::Line(line) } else { Hit::Nothing };
    }
    let rows = match model.screen() {
        Screen::Overview => return on_overview(model, f.body, column, row),
        Screen::Alarms | Screen::Queues | Screen::Waf | Screen::Secrets | Screen::Runs => list(f.body).rows,
        Screen::Alarm(_)
        | Screen::Queue(_)
        | Screen::Acl(_)
        | Screen::Secret(_)
        | Screen::Runbook(_)
        | Screen::Plan
        | Screen::Run(_)
        | Screen::Incident(_)
        | Screen::Contain(_)
        | Screen::Freshness => {
            return Hit::Nothing;
        }
    };
    if rows.contains(at) { Hit::Row(from_top(rows)) } else { Hit::Nothing }
}

fn on_overview(model: &Model, body: Rect, column: u16, row: u16) -> Hit {
    let at = (column, row).into();
    let list = &model.lists.overview;
    let parts = overview(model, body);
    let line = |area: Rect| usize::from(row.saturating_sub(area.y));
    if parts.needs.rows.contains(at) {
        let index = list.offset(usize::from(parts.needs.rows.height)) + line(parts.needs.rows);
        return if index < list.things() { Hit::At(index) } else { Hit::Nothing };
    }
    if !parts.systems.rows.contains(at) {
        return Hit::Nothing;
    }
    let (first, seen) = systems_seen(model, usize::from(parts.systems.rows.height));
    let line = line(parts.systems.rows);
    let place = (line < seen).then_some(first + line);
    let found = list.order.iter().position(|row| row.system().is_some() && row.system() == place);
    found.map_or(Hit::Nothing, Hit::At)
}

/// The text of a tab: its digit, its name, and how many of its things need attention.
#[must_use]
pub fn tab_text(model: &Model, tab: Tab, number: usize) -> String {
    let count = model.picture.needing(tab);
    let count = if count == 0 || tab == Tab::Overview { String::new() } else { format!(" {count}") };
    format!("{number} {}{count}", tab.title())
}

/// Where each tab is. With too little room the names give way to their digits, but for the current one.
#[must_use]
pub fn tabs(model: &Model, area: Rect) -> Vec<(Tab, Rect)> {
    let full: Vec<u16> = Tab::ALL
        .iter()
        .enumerate()
        .map(|(i, t)| u16::try_from(width(&tab_text(model, *t, i + 1))).unwrap_or(u16::MAX))
        .collect();
    let fits = full.iter().map(|w| w + 3).sum::<u16>() <= area.width;
    let here = model.screen().tab();
    let mut x = area.x + 1;
    let mut out = Vec::new();
    for (tab, w) in Tab::ALL.into_iter().zip(full) {
        let w = if fits || tab == here { w } else { 1 };
        // The current one stands in brackets.
        let room = area.right().saturating_sub(x);
        let w = (w + 2).min(room);
        if w == 0 {
            break;
        }
        out.push((tab, Rect { x, y: area.y, width: w, height: area.height.min(1) }));
        x += w + 1;
    }
    out
}
