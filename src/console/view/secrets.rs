//! The list of secrets: how old each value is against its policy, and its rotation. Never a value.

use super::overview::sign;
use crate::console::layout::Column;
use crate::console::model::{Model, Screen, Tab};
use crate::console::widgets::table::{Cell, cell, named};
use crate::console::widgets::{ListView, Paint};
use crate::controls::Role;
use crate::estate::Field;
use crate::insight::freshness::fault_word;
use crate::insight::secret_age::{self, AgeState};
use crate::insight::{Broad, SecretRow, Source, words};
use ratatui::layout::Rect;

const COLUMNS: [Column; 5] = [
    Column::name("  secret", 14, 34),
    Column::number("age", 9, 1),
    Column::number("policy", 7, 4),
    Column::words("state", 15, 26, 2),
    Column::fixed("last read", 9, 3),
];

/// Draws it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let list = ListView {
        tab: Tab::Secrets,
        columns: &COLUMNS,
        sorted: &[(3, true), (0, true), (1, false)],
        sources: &[Source::Broad(Broad::Secrets)],
        what: "secrets",
    };
    list.draw(model, paint, area, |row, _| {
        let Screen::Secret(arn) = &row.screen else { return Vec::new() };
        model.inventory.secrets.get(arn).map_or(Vec::new(), |s| cells(model, s))
    });
}

fn cells(model: &Model, row: &SecretRow) -> Vec<Cell> {
    let glyphs = model.glyphs();
    let now = model.minute();
    let age = secret_age::of(row, &model.setup.config.policy, now);
    let (role, text) = if age.rotation_failed.is_some() {
        (Role::Now, "rotation failed".to_owned())
    } else if let Some(at) = age.deletion {
        (Role::Now, format!("deletion {}", words::date(at, now)))
    } else {
        match age.state {
            AgeState::Overdue => (Role::Soon, "overdue".to_owned()),
            AgeState::DueSoon => (
                Role::Soon,
                age.due.map_or("due soon".to_owned(), |t| format!("due {}", words::until(t, now))),
            ),
            AgeState::Ok => (Role::Ok, rotation(row)),
            AgeState::Unknown => (Role::Unknown, "age unknown".to_owned()),
        }
    };
    let days = match (&row.versions, age.days) {
        (Field::Unread, None) => cell(Role::Dim, glyphs.loading),
        (Field::Gap { fault, .. }, None) => {
            cell(Role::Unreadable, format!("{} {}", glyphs.unreadable, fault_word(fault)))
        }
        (_, Some(days)) => {
            let tone =
                if matches!(age.state, AgeState::Overdue | AgeState::DueSoon) { role } else { Role::Text };
            cell(tone, format!("{} d", words::count(days.unsigned_abs())))
        }
        (Field::Read { .. }, None) => cell(Role::Unknown, "no value"),
    };
    let unread = matches!(row.versions, Field::Unread) && role == Role::Unknown;
    vec![
        named(
            role,
            if unread { glyphs.loading } else { sign(glyphs, role) },
            if role == Role::Ok { Role::Text } else { Role::Strong },
            row.secret.name.shown().to_string(),
        ),
        days,
        cell(Role::Dim, format!("{} d", age.policy_days)),
        cell(if role == Role::Ok { Role::Dim } else { role }, if unread { String::new() } else { text }),
        cell(Role::Dim, row.secret.last_accessed.map_or("never".to_owned(), |t| words::date(t, now))),
    ]
}

fn rotation(row: &SecretRow) -> String {
    match (row.secret.rotation_enabled, row.secret.rotation_days) {
        (true, Some(days)) => format!("rotates every {days} d"),
        (true, None) => "rotates".to_owned(),
        (false, _) => String::new(),
    }
}
