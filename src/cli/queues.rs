//! `queues list` and `queues show`: what they read and how they say it. It makes no conclusions of its own.

use super::facts::Facts;
use super::say;
use super::scene::{Scene, instant, maybe_instant, maybe_text};
use super::table::{Block, Cell, Column, Table, Tone};
use crate::estate::{Arn, Encryption, MoveTask, MoveTaskStatus, QueueFacts, QueueUrl};
use crate::insight::dead_letter::{Pointer, Role};
use crate::insight::expiry::{self, Loss};
use crate::insight::{About, Broad, QueueRow, Reach, Source};
use serde_json::{Map, Value, json};

fn arn_of(url: &QueueUrl, scene: &Scene<'_>) -> Option<Arn> {
    if let Some(known) = scene.inv.queues.get(url).and_then(|r| r.facts.value()) {
        return Some(known.arn.clone());
    }
    // The URL names the account, the Region is the one that was asked.
    let account = url.account()?;
    let name = url.name();
    Some(Arn::new(format!("arn:{}:sqs:{}:{account}:{}", scene.partition(), scene.region, name.wire())))
}

fn pointer_arn(pointer: &Pointer, scene: &Scene<'_>) -> Option<Arn> {
    match pointer {
        Pointer::Queue(url) => arn_of(url, scene),
        Pointer::AllowedQueue(arn)
        | Pointer::Function(arn)
        | Pointer::Destination(arn)
        | Pointer::EventSource(arn) => Some(arn.clone()),
        Pointer::AllowsAll => None,
    }
}

fn status(status: &MoveTaskStatus) -> String {
    match status {
        MoveTaskStatus::Running => "running".to_owned(),
        MoveTaskStatus::Completed => "completed".to_owned(),
        MoveTaskStatus::Cancelling => "cancelling".to_owned(),
        MoveTaskStatus::Cancelled => "cancelled".to_owned(),
        MoveTaskStatus::Failed => "failed".to_owned(),
        MoveTaskStatus::Other(other) => super::scene::snake(other.wire()),
    }
}

fn task_json(task: &MoveTask) -> Value {
    json!({ "status": status(&task.status), "moved": task.moved, "total": task.to_move, "rate": task.rate })
}

/// A queue as `queues list` has it.
#[must_use]
pub fn json(row: &QueueRow, scene: &Scene<'_>, facts: &Facts) -> Map<String, Value> {
    let known = row.facts.value();
    let role = facts.role(row);
    let sources: Vec<Value> =
        role.pointed_by().iter().filter_map(|p| pointer_arn(p, scene)).map(|arn| json!(arn.wire())).collect();
    let number = |f: fn(&QueueFacts) -> Option<u64>| json!(known.and_then(f));
    let expires = facts.loss(row, scene).as_ref().and_then(Loss::bounds).map_or(
        Value::Null,
        |e| json!({ "earliest": instant(e.earliest), "latest": instant(e.latest), "exact": e.exact }),
    );
    let mut out = Map::new();
    out.insert("name".into(), json!(row.url.name().wire()));
    out.insert("arn".into(), json!(arn_of(&row.url, scene).map(|a| a.wire().to_owned())));
    out.insert("url".into(), json!(row.url.wire()));
    out.insert("dead_letter".into(), json!(matches!(role, Role::DeadLetter { .. })));
    out.insert("suspect".into(), json!(role.is_suspect()));
    out.insert("origin".into(), json!(role.origin().word()));
    out.insert("sources".into(), json!(sources));
    out.insert("messages".into(), number(|f| f.messages));
    out.insert("in_flight".into(), number(|f| f.in_flight));
    out.insert("delayed".into(), number(|f| f.delayed));
    out.insert("oldest_age_s".into(), json!(facts.oldest_age_s(row, scene)));
    out.insert("retention_s".into(), number(|f| f.retention_s));
    out.insert("expires".into(), expires);
    out.insert("fifo".into(), json!(known.map(|f| f.fifo)));
    out.insert("encrypted".into(), json!(known.map(|f| f.encryption != Encryption::None)));
    let task = row.tasks.value().and_then(|t| t.first());
    out.insert("move_task".into(), task.map_or(Value::Null, task_json));
    out.insert("system".into(), maybe_text(facts.system_of_queue(row)));
    out
}

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
    let queues = sorted(scene, facts).into_iter().map(|r| Value::Object(json(r, scene, facts))).collect();
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
    let known = row.facts.value();
    let mut content = json(row, scene, facts);
    let target = known.and_then(|f| f.redrive.as_ref());
    content.insert(
        "redrive".into(),
        target.map_or(Value::Null, |p| {
            json!({ "dead_letter_target": p.dead_letter_target.wire(), "max_receive_count": p.max_receive_count })
        }),
    );
    content.insert("visibility_s".into(), json!(known.and_then(|f| f.visibility_s)));
    content.insert("created".into(), maybe_instant(known.and_then(|f| f.created)));
    content.insert("encryption".into(), json!(known.map(|f| encryption(&f.encryption))));
    let tasks = row.tasks.value().map(|t| t.iter().map(task_json).collect::<Vec<_>>());
    content.insert("move_tasks".into(), json!(tasks));
    let trend =
        scene.inv.metrics(&Source::Detail(About::QueueTrend(row.url.clone(), Reach::Near))).map(|m| {
            let series = |points: &Vec<(crate::estate::Timestamp, f64)>| {
                points.iter().map(|(t, v)| json!({ "at": instant(*t), "value": v })).collect::<Vec<_>>()
            };
            m.series.values().next().map(series).unwrap_or_default()
        });
    content.insert("trend".into(), json!(trend));
    scene.document("queue", vec![("queue", Value::Object(content))])
}

fn encryption(encryption: &Encryption) -> String {
    match encryption {
        Encryption::None => "none".to_owned(),
        Encryption::SqsManaged => "sqs_managed".to_owned(),
        Encryption::Kms(_) => "kms".to_owned(),
    }
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
        let words = format!("{}: {}{total} moved{rate}", status(&task.status), say::count(task.moved));
        lines.add("move task", words);
    }
    if let Some(system) = facts.system_of_queue(row) {
        lines.add("system", system.shown().to_string());
    }
    lines.add("url", row.url.shown().to_string());
    lines.blocks()
}
