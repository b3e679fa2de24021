//! Dead letters that need a person.

use super::{Attention, Hint, Kind, Rank, Severity, class};
use crate::estate::MoveTaskStatus;
use crate::insight::dead_letter::Role;
use crate::insight::expiry::{self, Loss};
use crate::insight::inventory::QueueRow;
use crate::insight::look::Look;
use crate::insight::subject::Subject;
use crate::insight::words;

pub(super) fn find(look: &Look<'_>, all: &mut Vec<Attention>) {
    for (row, role) in look.picture.roles.dead_letters(look.inv) {
        if let Some(line) = dead_letters(look, row, role) {
            all.push(line);
        }
        if let Some(line) = failed_task(row) {
            all.push(line);
        }
    }
}

fn dead_letters(look: &Look<'_>, row: &QueueRow, role: &Role) -> Option<Attention> {
    let held = expiry::holds(row.facts.value()?);
    if held == Some(0) {
        return None;
    }
    let name = row.url.name();
    let loss = expiry::loss(look.inv, row, role, look.now);
    let bounds = loss.bounds().copied();
    let held = held.map_or_else(
        || "an unknown number of dead letters".to_string(),
        |n| words::counted(n, "dead letter"),
    );
    let mut reason = format!("{held}; {}", expiry::sentence(&loss, look.now));
    if role.is_suspect() {
        reason.push_str("; dead letters by its name only");
    }
    if let Some(moving) = running_task(row) {
        reason.push_str("; ");
        reason.push_str(&moving);
    }
    let severity = match loss {
        Loss::Within(b) if b.assumed => {
            if look.is_soon(b.latest) {
                Severity::Now
            } else {
                Severity::Soon
            }
        }
        Loss::Within(b) => {
            if look.is_soon(b.earliest) {
                Severity::Now
            } else {
                Severity::Soon
            }
        }
        Loss::Nothing | Loss::Unknown(_) => Severity::Soon,
    };
    let deadline = bounds.map(|b| if b.assumed { b.latest } else { b.earliest });
    let mut rank = Rank::of(class::LOSS, &name);
    if let Some(bounds) = bounds {
        rank = rank.by(bounds.pressing(look.now));
    }
    Some(Attention {
        severity,
        kind: Kind::DeadLetters,
        subject: Subject::Queue(row.url.clone()),
        name,
        reason,
        next: Hint::Queue,
        by: deadline,
        rank,
    })
}

/// A move task under way, in words. Safe to draw.
#[must_use]
pub fn running_task(row: &QueueRow) -> Option<String> {
    let task = row
        .tasks
        .value()?
        .iter()
        .find(|t| matches!(t.status, MoveTaskStatus::Running | MoveTaskStatus::Cancelling))?;
    Some(match task.to_move {
        Some(total) => format!("being moved: {} of {}", words::count(task.moved), words::count(total)),
        None => format!("being moved: {}", words::count(task.moved)),
    })
}

/// The newest task, if it failed.
fn failed_task(row: &QueueRow) -> Option<Attention> {
    let newest = row.tasks.value()?.iter().max_by_key(|t| t.started)?;
    if newest.status != MoveTaskStatus::Failed {
        return None;
    }
    let name = row.url.name();
    let why = newest.failure.as_ref().map_or_else(String::new, |f| format!(": {}", f.shown()));
    Some(Attention {
        severity: Severity::Soon,
        kind: Kind::MoveTask,
        subject: Subject::Queue(row.url.clone()),
        reason: format!("move task failed after {}{why}", words::counted(newest.moved, "message")),
        next: Hint::Queue,
        by: None,
        rank: Rank::of(class::TASK, &name),
        name,
    })
}
