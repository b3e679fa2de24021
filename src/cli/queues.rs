//! `queues list` and `queues show`: what they read and how they say it. It makes no conclusions of its own.

use super::facts::Facts;
use super::say;
use super::scene::Scene;
use super::table::{Block, Cell, Column, Table, Tone};
use crate::estate::Encryption;
use crate::insight::dead_letter::{Pointer, Role};
use crate::insight::document::queue::{self as document, status};
use crate::insight::expiry::{self, Loss};
use crate::insight::{Broad, QueueRow, Source};
use serde_json::Value;

/// Queues in the order of a list: dead-letter queues with messages first, then the others of them, then by name.
fn sorted<'a>(scene: &'a Scene<'_>, facts: &Facts) -> Vec<&'a QueueRow> {
    let mut rows: Vec<&QueueRow> = scene.inv.queues.values().collect();
    let rank = |row: &QueueRow| {
        let dead = facts.role(row).is_dead_letter();
        let full = row.facts.value().and_then(|f| f.messages).is_some_and(|n| n > 0);
        match (dead, full) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        }
    };
    rows.sort_by_cached_key(|row| (rank(row), row.url.name()));
    rows
}

/// `queues list` as a document.
#[must_use]
pub fn list_document(scene: &Scene<'_>, facts: &Facts) -> Value {
    let (head, look) = (scene.head_of(), facts.look(scene));
    let rows = sorted(scene, facts);
    let queues = rows.into_iter().map(|r| Value::Object(document::json(r, &head, &look))).collect();
    scene.document("queues", vec![("queues", scene.listed(&[Source::Broad(Broad::Queues)], queues))])
}

fn badge(row: &QueueRow, facts: &Facts) -> Cell {
    let messages = row.facts.value().and_then(|f| f.messages);
    match (facts.role(row), messages) {
        (Role::DeadLetter { .. }, Some(0)) => Cell::toned("● dead letters", Tone::Good),
        (Role::DeadLetter { .. }, Some(_)) => Cell::toned("✖ dead letters", Tone::Now),
        (Role::Suspect, Some(0)) => Cell::toned("● by its name", Tone::Good),
        (Role::Suspect, Some(_)) => Cell::toned("▲ by its name", Tone::Soon),
        (Role::Plain, Some(_)) => Cell::toned("· queue", Tone::Faint),
        (_, None) => Cell::toned("? unread", Tone::Unknown),
    }
}

/// When the first message is lost, in words; only of a dead-letter queue.
fn loss(row: &QueueRow, scene: &Scene<'_>, facts: &Facts) -> Cell {
    match facts.loss(row, scene) {
        None | Some(Loss::Nothing) => Cell::default(),
        Some(loss) => {
            let look = facts.look(scene);
            let tone = match &loss {
                Loss::Within(bounds) if look.is_soon(bounds.earliest) => Tone::Now,
                Loss::Within(_) | Loss::Nothing => Tone::Plain,
                Loss::Unknown(_) => Tone::Unknown,
            };
            Cell::toned(expiry::sentence(&loss, scene.now), tone)
        }
    }
}

fn number(n: Option<u64>) -> Cell {
    n.map_or_else(|| Cell::toned("?", Tone::Unknown), |n| say::count(n).into())
}

/// `queues list` for a person.
#[must_use]
pub fn list_blocks(scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let mut table = Table::new(vec![
        Column::text("KIND", 1),
        Column::name("NAME", 0),
        Column::number("MESSAGES", 0),
        Column::number("IN FLIGHT", 5),
        Column::number("OLDEST", 3),
        Column::text("FIRST LOST", 2),
        Column::text("FROM", 4),
        Column::name("SYSTEM", 6),
    ]);
    for row in sorted(scene, facts) {
        let known = row.facts.value();
        let role = facts.role(row);
        let origin = if role.is_dead_letter() { role.origin().word() } else { "" };
        table.row(vec![
            badge(row, facts),
            row.url.name().shown().to_string().into(),
            number(known.and_then(|f| f.messages)),
            number(known.and_then(|f| f.in_flight)),
            facts.oldest_age_s(row, scene).map(say::span).unwrap_or_default().into(),
            loss(row, scene, facts),
            Cell::toned(origin, Tone::Faint),
            Cell::toned(
                facts.system_of_queue(row).map(|s| s.shown().to_string()).unwrap_or_default(),
                Tone::Faint,
            ),
        ]);
    }
    vec![Block::Table(table)]
}

/// `queues show` as a document.
#[must_use]
pub fn show_document(row: &QueueRow, scene: &Scene<'_>, facts: &Facts) -> Value {
    document::show(row, &scene.head_of(), &facts.look(scene))
}

/// `queues show` for a person.
#[must_use]
pub fn show_blocks(row: &QueueRow, scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let mut lines = say::Facts::new();
    let name = Cell::toned(row.url.name().shown().to_string(), Tone::Title);
    lines.head(vec![badge(row, facts), Cell::plain("  "), name]);
    let known = row.facts.value();
    lines.add_cell("messages", number(known.and_then(|f| f.messages)));
    lines.add_cell("in flight", number(known.and_then(|f| f.in_flight)));
    lines.add_cell("delayed", number(known.and_then(|f| f.delayed)));
    if let Some(age) = facts.oldest_age_s(row, scene) {
        lines.add("oldest", say::span(age));
    }
    lines.add_cell("lost", loss(row, scene, facts));
    if let Some(kept) = known.and_then(|f| f.retention_s) {
        lines.add("kept", say::span(i64::try_from(kept).unwrap_or(i64::MAX)));
    }
    let role = facts.role(row);
    for (i, pointer) in role.pointed_by().iter().enumerate() {
        let words = match pointer {
            Pointer::Queue(url) => format!("queue {}", url.name().shown()),
            Pointer::AllowedQueue(arn) => format!("allowed: queue {}", arn.resource().shown()),
            Pointer::AllowsAll => "allowed: every queue".to_owned(),
            Pointer::Function(arn) => format!("function {}", arn.resource().shown()),
            Pointer::Destination(arn) => format!("function {}, failure destination", arn.resource().shown()),
            Pointer::EventSource(arn) => format!("function {}, event source", arn.resource().shown()),
        };
        lines.add(if i == 0 { "fed by" } else { "" }, words);
    }
    if role.is_dead_letter() && !facts.picture.roles.functions_known() {
        lines.add_cell("", Cell::toned("? functions could not be read: there may be more", Tone::Unknown));
    }
    if let Some(policy) = known.and_then(|f| f.redrive.as_ref()) {
        let after = policy.max_receive_count.map(|n| format!(" after {n} receives")).unwrap_or_default();
        lines.add("dead letters to", format!("{}{after}", policy.dead_letter_target.resource().shown()));
    }
    if let Some(known) = known {
        lines.add("fifo", if known.fifo { "yes" } else { "no" });
        let key = match &known.encryption {
            Encryption::None => "not encrypted".to_owned(),
            Encryption::SqsManaged => "by a key of SQS".to_owned(),
            Encryption::Kms(key) => format!("by KMS key {}", key.shown()),
        };
        lines.add("encryption", key);
    }
    for task in row.tasks.value().into_iter().flatten() {
        let total = task.to_move.map(|n| format!(" of {}", say::count(n))).unwrap_or_default();
        let rate = task.rate.map(|n| format!(", at most {n} a second")).unwrap_or_default();
        let words =
            format!("{}: {}{total} moved{rate}", say::safe(&status(&task.status)), say::count(task.moved));
        lines.add("move task", words);
    }
    if let Some(system) = facts.system_of_queue(row) {
        lines.add("system", system.shown().to_string());
    }
    lines.add("url", row.url.shown().to_string());
    lines.blocks()
}
