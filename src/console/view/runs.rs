//! The list of runs, and of the runbooks that can be started.

use crate::console::layout::{self, Column};
use crate::console::model::{Model, Screen};
use crate::console::sheet::run::state_words;
use crate::console::widgets::Paint;
use crate::console::widgets::rows::{corner, rows};
use crate::console::widgets::table::{Cell, Table, cell, named};
use crate::controls::Role;
use crate::insight::words;
use crate::runbook::halt::RunLine;
use crate::runbook::incident::IncidentId;
use crate::runbook::run::RunState;
use ratatui::layout::Rect;

const COLUMNS: [Column; 4] = [
    Column::name("  run", 14, 28),
    Column::fixed("state", 10, 1),
    Column::words("waits for", 16, 60, 2),
    Column::number("started", 8, 3),
];

/// Draws it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let parts = layout::list(area);
    let list = &model.lists.runs;
    let table = Table::new(&COLUMNS, area.width);
    table.head(paint, parts.head, None);
    corner(model, paint, parts.head, list);
    rows(paint, parts.rows, list, &table, !model.screen().is_detail(), |row| match &row.screen {
        Screen::Run(id) => match &model.runs.list {
            Some(Ok(lines)) => lines.iter().find(|l| l.id == *id).map_or(Vec::new(), |l| run(model, l)),
            Some(Err(_)) | None => Vec::new(),
        },
        Screen::Incident(id) => incident(model, id),
        Screen::Runbook(name) => model.book(name).map_or(Vec::new(), |b| {
            vec![
                named(Role::Dim, model.glyphs().dot, Role::Text, b.name.clone()),
                cell(Role::Dim, "runbook"),
                cell(Role::Dim, b.title.clone()),
            ]
        }),
        _ => Vec::new(),
    });
    let used = u16::try_from(list.order.len()).unwrap_or(u16::MAX);
    let left = parts.rows.height.saturating_sub(used);
    if left < 2 {
        return;
    }
    let y = parts.rows.y + used + 1;
    let (role, text) = match (&model.runs.list, &model.runs.refused) {
        (Some(Err(words)), _) => (Role::Unreadable, format!("{} {words}", paint.glyphs.unreadable)),
        (None, _) => (Role::Dim, format!("{} runs on the way", paint.glyphs.loading)),
        (Some(Ok(_)), _) if list.order.is_empty() && list.total > 0 => {
            (Role::Dim, format!("none of {} passes the filter", list.total))
        }
        (Some(Ok(_)), Some(words)) => (Role::ReadOnly, words.clone()),
        (Some(Ok(_)), None) => return,
    };
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    for (y, line) in (y..parts.rows.bottom()).zip(crate::console::sheet::line::wrap(&text, room)) {
        paint.text(area.x + 1, y, area.width.saturating_sub(1), role, &line);
    }
}

fn incident(model: &Model, id: &IncidentId) -> Vec<Cell> {
    let glyphs = model.glyphs();
    let line = model.incident_list().iter().find(|l| l.id == *id);
    let (role, sign, state, words, known) = match line.map(|l| &l.there) {
        Some(Ok(incident)) => {
            let (role, sign) = match &incident.closed {
                Some(_) => (Role::Dim, glyphs.done),
                None => (Role::Now, glyphs.now),
            };
            let suspected = incident.suspected.shown().to_string();
            (role, sign, incident.state_word(), suspected, words::age(incident.known, model.minute()))
        }
        Some(Err(why)) => (Role::Unreadable, glyphs.unreadable, "damaged", why.clone(), String::new()),
        None => return Vec::new(),
    };
    vec![
        named(role, sign, Role::Strong, model.incident_name(id).shown().to_string()),
        cell(role, state),
        cell(Role::Text, words),
        cell(Role::Dim, known),
    ]
}

fn run(model: &Model, line: &RunLine) -> Vec<Cell> {
    let glyphs = model.glyphs();
    let now = model.minute();
    let due = line.until.is_none_or(|t| t <= now);
    let (role, sign) = match line.state {
        None => (Role::Unreadable, glyphs.unreadable),
        Some(RunState::InDoubt | RunState::Failed) => (Role::Now, glyphs.now),
        Some(RunState::Waiting) if due => (Role::Soon, glyphs.soon),
        Some(RunState::Waiting) => (Role::Text, glyphs.half),
        Some(RunState::Active) => (Role::Accent, glyphs.half),
        Some(RunState::Done) => (Role::Ok, glyphs.done),
        Some(RunState::Aborted | RunState::Undone) => (Role::Dim, glyphs.undone),
    };
    let state = line.state.map_or("damaged", |s| match s {
        RunState::Failed => "failed",
        RunState::Aborted => "stopped",
        other => state_words(other),
    });
    vec![
        named(role, sign, Role::Strong, format!("{} {}", line.runbook, line.id).trim().to_owned()),
        cell(role, state),
        cell(Role::Text, line.waiting.clone()),
        cell(Role::Dim, line.started.map_or(String::new(), |t| words::age(t, now))),
    ]
}
