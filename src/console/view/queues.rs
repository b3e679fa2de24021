//! The list of queues: dead-letter queues with messages first, with what is lost when.

use super::overview::sign;
use crate::console::layout::Column;
use crate::console::model::{Model, Screen, Tab};
use crate::console::sheet::Span;
use crate::console::widgets::table::{Cell, Table, cell, named};
use crate::console::widgets::{ListView, Paint};
use crate::controls::Role;
use crate::estate::{Field, MoveTaskStatus};
use crate::insight::dead_letter::{Origin, Role as Kind};
use crate::insight::expiry::{self, Loss, Missing};
use crate::insight::freshness::fault_word;
use crate::insight::{Broad, QueueRow, Source, words};
use ratatui::layout::Rect;

const COLUMNS: [Column; 5] = [
    Column::name("  queue", 14, 26),
    Column::number("messages", 9, 1),
    Column::number("in flight", 9, 4),
    Column::fixed("dead letters", 13, 3),
    Column::words("first lost", 18, 30, 2),
];

/// Draws it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let list = ListView {
        tab: Tab::Queues,
        columns: &COLUMNS,
        sorted: &[(4, true), (0, true), (1, false), (4, true)],
        sources: &[Source::Broad(Broad::Queues)],
        what: "queues",
    };
    list.draw(model, paint, area, |row, table| {
        let Screen::Queue(url) = &row.screen else { return Vec::new() };
        model.inventory.queues.get(url).map_or(Vec::new(), |q| cells(model, q, table))
    });
}

fn cells(model: &Model, row: &QueueRow, table: &Table<'_>) -> Vec<Cell> {
    let glyphs = model.glyphs();
    let kind = model.picture.base.roles.role(&row.url);
    let held = row.facts.value().and_then(expiry::holds);
    let (messages, in_flight) = match &row.facts {
        Field::Unread => (cell(Role::Dim, glyphs.loading), cell(Role::Dim, glyphs.loading)),
        Field::Gap { fault, stale: None } => {
            let word = format!("{} {}", glyphs.unreadable, fault_word(fault));
            (cell(Role::Unreadable, word), cell(Role::Dim, ""))
        }
        Field::Read { value, .. } => {
            (count(value.messages, kind), cell(Role::Dim, words::maybe_count(value.in_flight)))
        }
        Field::Gap { stale: Some((value, _)), .. } => (
            cell(Role::Stale, format!("{}{}", glyphs.stale, words::maybe_count(value.messages))),
            cell(Role::Stale, words::maybe_count(value.in_flight)),
        ),
    };
    let role = match (kind.is_dead_letter(), held, row.facts.fault()) {
        (_, _, Some(_)) => Role::Unreadable,
        (_, None, None) => Role::Unknown,
        (true, Some(n), None) if n > 0 => Role::Now,
        (_, Some(_), None) => Role::Ok,
    };
    let mark = if matches!(row.facts, Field::Unread) { glyphs.loading } else { sign(glyphs, role) };
    let last = if table.shows(4) { last(model, row, kind) } else { Vec::new() };
    vec![
        named(
            role,
            mark,
            if role == Role::Now { Role::Strong } else { Role::Text },
            row.url.name().shown().to_string(),
        ),
        messages,
        in_flight,
        cell(Role::Dim, kind_word(row, kind)),
        last,
    ]
}

fn count(n: Option<u64>, kind: &Kind) -> Cell {
    match n {
        None => cell(Role::Unreadable, "?"),
        Some(0) => cell(Role::Dim, "0"),
        Some(n) if kind.is_dead_letter() => cell(Role::Now, words::count(n)),
        Some(n) => cell(Role::Text, words::count(n)),
    }
}

/// Where its dead letters come from, if it holds any.
fn kind_word(row: &QueueRow, kind: &Kind) -> String {
    let fifo = if row.facts.value().is_some_and(|f| f.fifo) { " FIFO" } else { "" };
    let from = match kind {
        Kind::DeadLetter { .. } => match kind.origin() {
            Origin::Sqs => "from SQS",
            Origin::Lambda => "from Lambda",
            Origin::Sns => "from SNS",
            Origin::Events => "from events",
            Origin::Unknown => "from unknown",
        },
        Kind::Suspect => "by its name",
        Kind::Plain => "",
    };
    format!("{from}{fifo}").trim().to_owned()
}

/// What is lost when, and how far something has moved the messages on.
fn last(model: &Model, row: &QueueRow, kind: &Kind) -> Cell {
    let mut cells = lost(model, row, kind);
    let running = row.tasks.value().into_iter().flatten().find(|t| t.status == MoveTaskStatus::Running);
    if let Some(task) = running {
        let of = task.to_move.map_or(String::new(), |n| format!(" of {}", words::count(n)));
        let gap = if cells.is_empty() { "" } else { ", " };
        let text = format!("{gap}moving {}{of}", words::count(task.moved));
        cells.push(Span { role: Role::Accent, text });
    }
    cells
}

fn lost(model: &Model, row: &QueueRow, kind: &Kind) -> Cell {
    if !kind.is_dead_letter() {
        return Vec::new();
    }
    if matches!(row.facts, Field::Unread) {
        return cell(Role::Dim, model.glyphs().loading);
    }
    let now = model.minute();
    let loss = expiry::loss(&model.inventory, row, kind, now);
    match &loss {
        Loss::Nothing => Vec::new(),
        Loss::Unknown(Missing::Reading) => {
            cell(Role::Unreadable, format!("{} not read", model.glyphs().unreadable))
        }
        Loss::Unknown(Missing::Age | Missing::Count | Missing::Retention) => {
            cell(Role::Unknown, format!("{} not known yet", model.glyphs().unknown))
        }
        Loss::Within(bounds) => {
            let near = model.look().is_soon(bounds.earliest);
            let text = expiry::sentence(&loss, now)
                .trim_start_matches("first lost ")
                .replace(" - ", &format!(" {} ", model.glyphs().dash));
            cell(if near { Role::Now } else { Role::Soon }, text)
        }
    }
}
