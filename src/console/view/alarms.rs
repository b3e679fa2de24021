//! The list of alarms: state, name, since when, why, and whether anybody would be told.

use super::overview::sign;
use crate::console::layout::Column;
use crate::console::model::{Model, Screen, Tab};
use crate::console::sheet::Span;
use crate::console::widgets::table::{Cell, Table, cell, named};
use crate::console::widgets::{ListView, Paint};
use crate::controls::Role;
use crate::estate::{Alarm, AlarmKind, AlarmState};
use crate::insight::{Broad, Source, alarm_words, words};
use ratatui::layout::Rect;

const COLUMNS: [Column; 5] = [
    Column::name("  alarm", 14, 26),
    Column::fixed("state", 9, 2),
    Column::number("for", 8, 1),
    Column::words("why", 18, 40, 3),
    Column::fixed("actions", 12, 4),
];

/// Draws it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let list = ListView {
        tab: Tab::Alarms,
        columns: &COLUMNS,
        sorted: &[(1, true), (0, true), (2, true)],
        sources: &[Source::Broad(Broad::Alarms)],
        what: "alarms",
    };
    list.draw(model, paint, area, |row, table| {
        let Screen::Alarm(arn) = &row.screen else { return Vec::new() };
        model.inventory.alarms.get(arn).map_or(Vec::new(), |a| cells(model, a, table))
    });
}

/// The role of a state.
pub fn role(state: &AlarmState) -> Role {
    match state {
        AlarmState::Alarm => Role::Now,
        AlarmState::Ok => Role::Ok,
        AlarmState::InsufficientData | AlarmState::Other(_) => Role::Unknown,
    }
}

fn cells(model: &Model, alarm: &Alarm, table: &Table<'_>) -> Vec<Cell> {
    let glyphs = model.glyphs();
    let now = model.minute();
    let role = role(&alarm.state);
    let calm = alarm.state == AlarmState::Ok;
    let state = match &alarm.state {
        AlarmState::InsufficientData => "NO DATA".to_owned(),
        other => words::alarm_state(other),
    };
    let why = if !table.shows(3) || calm {
        let kind = match alarm.kind {
            AlarmKind::Metric => String::new(),
            AlarmKind::Composite => "composite".to_owned(),
            AlarmKind::Log => "over logs".to_owned(),
        };
        cell(Role::Dim, kind)
    } else {
        cell(Role::Text, alarm_words::why(alarm))
    };
    vec![
        named(
            role,
            sign(glyphs, role),
            if calm { Role::Text } else { Role::Strong },
            alarm.name.shown().to_string(),
        ),
        cell(if calm { Role::Dim } else { role }, state),
        cell(Role::Text, alarm.since.map_or(String::new(), |t| words::age(t, now))),
        why,
        actions(model, alarm),
    ]
}

fn actions(model: &Model, alarm: &Alarm) -> Cell {
    if let Some(mute) = model.picture.base.mutes.get(&alarm.name) {
        // A time of day alone would be taken for today's.
        let near = |t| crate::estate::time::seconds_between(model.minute(), t) < 24 * 3600;
        let when = |t| if near(t) { words::clock(t) } else { words::date(t, model.minute()) };
        let until = mute.until.map_or("muted".to_owned(), |t| format!("muted {}", when(t)));
        return vec![Span { role: Role::Soon, text: until }];
    }
    if !alarm.actions_enabled {
        return cell(Role::Soon, "disabled");
    }
    let none = alarm.alarm_actions.is_empty();
    cell(Role::Dim, if none { "none" } else { "" })
}
