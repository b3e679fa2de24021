//! A queue as JSON: what `queues list` and `queues show` say of it. It concludes nothing itself.

use super::{Head, instant, maybe_instant, snake, system};
use crate::estate::{Arn, Encryption, MoveTask, MoveTaskStatus, QueueFacts, QueueUrl};
use crate::insight::dead_letter::{Pointer, Role};
use crate::insight::expiry::{self, Loss};
use crate::insight::{About, Look, QueueRow, Reach, Source, Subject};
use serde_json::{Map, Value, json};

fn arn_of(url: &QueueUrl, head: &Head<'_>) -> Option<Arn> {
    if let Some(known) = head.inv.queues.get(url).and_then(|r| r.facts.value()) {
        return Some(known.arn.clone());
    }
    // The URL names the account, the Region is the one that was asked.
    let account = url.account()?;
    let name = url.name();
    Some(Arn::new(format!("arn:{}:sqs:{}:{account}:{}", head.partition(), head.region, name.wire())))
}

fn pointer_arn(pointer: &Pointer, head: &Head<'_>) -> Option<Arn> {
    match pointer {
        Pointer::Queue(url) => arn_of(url, head),
        Pointer::AllowedQueue(arn)
        | Pointer::Function(arn)
        | Pointer::Destination(arn)
        | Pointer::EventSource(arn) => Some(arn.clone()),
        Pointer::AllowsAll => None,
    }
}

/// The word for how a move task stands; of a word that AWS adds later, that word.
#[must_use]
pub fn status(status: &MoveTaskStatus) -> String {
    match status {
        MoveTaskStatus::Running => "running".to_owned(),
        MoveTaskStatus::Completed => "completed".to_owned(),
        MoveTaskStatus::Cancelling => "cancelling".to_owned(),
        MoveTaskStatus::Cancelled => "cancelled".to_owned(),
        MoveTaskStatus::Failed => "failed".to_owned(),
        MoveTaskStatus::Other(other) => snake(other.wire()),
    }
}

fn task_json(task: &MoveTask) -> Value {
    json!({ "status": status(&task.status), "moved": task.moved, "total": task.to_move, "rate": task.rate })
}

/// A queue as `queues list` has it.
#[must_use]
pub fn json(row: &QueueRow, head: &Head<'_>, look: &Look<'_>) -> Map<String, Value> {
    let known = row.facts.value();
    let role = look.picture.roles.role(&row.url);
    let sources: Vec<Value> =
        role.pointed_by().iter().filter_map(|p| pointer_arn(p, head)).map(|arn| json!(arn.wire())).collect();
    let number = |f: fn(&QueueFacts) -> Option<u64>| json!(known.and_then(f));
    let loss = role.is_dead_letter().then(|| expiry::loss(look.inv, row, role, look.now));
    let expires = loss.as_ref().and_then(Loss::bounds).map_or(
        Value::Null,
        |e| json!({ "earliest": instant(e.earliest), "latest": instant(e.latest), "exact": e.exact }),
    );
    let mut out = Map::new();
    out.insert("name".into(), json!(row.url.name().wire()));
    out.insert("arn".into(), json!(arn_of(&row.url, head).map(|a| a.wire().to_owned())));
    out.insert("url".into(), json!(row.url.wire()));
    out.insert("dead_letter".into(), json!(matches!(role, Role::DeadLetter { .. })));
    out.insert("suspect".into(), json!(role.is_suspect()));
    out.insert("origin".into(), json!(role.origin().word()));
    out.insert("sources".into(), json!(sources));
    out.insert("messages".into(), number(|f| f.messages));
    out.insert("in_flight".into(), number(|f| f.in_flight));
    out.insert("delayed".into(), number(|f| f.delayed));
    out.insert("oldest_age_s".into(), json!(expiry::oldest(look.inv, row).map(|(age, _)| age)));
    out.insert("retention_s".into(), number(|f| f.retention_s));
    out.insert("expires".into(), expires);
    out.insert("fifo".into(), json!(known.map(|f| f.fifo)));
    out.insert("encrypted".into(), json!(known.map(|f| f.encryption != Encryption::None)));
    let task = row.tasks.value().and_then(|t| t.first());
    out.insert("move_task".into(), task.map_or(Value::Null, task_json));
    out.insert("system".into(), system(look, &Subject::Queue(row.url.clone())));
    out
}

/// The document of a queue.
#[must_use]
pub fn show(row: &QueueRow, head: &Head<'_>, look: &Look<'_>) -> Value {
    let known = row.facts.value();
    let mut content = json(row, head, look);
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
    let trend = head.inv.metrics(&Source::Detail(About::QueueTrend(row.url.clone(), Reach::Near))).map(|m| {
        let series = |points: &Vec<(crate::estate::Timestamp, f64)>| {
            points.iter().map(|(t, v)| json!({ "at": instant(*t), "value": v })).collect::<Vec<_>>()
        };
        m.series.values().next().map(series).unwrap_or_default()
    });
    content.insert("trend".into(), json!(trend));
    head.document("queue", vec![("queue", Value::Object(content))])
}

fn encryption(encryption: &Encryption) -> String {
    match encryption {
        Encryption::None => "none".to_owned(),
        Encryption::SqsManaged => "sqs_managed".to_owned(),
        Encryption::Kms(_) => "kms".to_owned(),
    }
}
