//! What the detail of a queue says: how much is in it, what is lost when, how that came to be, who sends
//! and who reads, and whether something moves it on.

use super::alarm::{span, window};
use super::chart::{Curve, curve};
use super::line::Line;
use super::say::Say;
use crate::console::model::enabled::QUEUE_HOURS;
use crate::console::model::{Model, Screen};
use crate::controls::Role;
use crate::estate::{Encryption, MoveTask, MoveTaskStatus, QueueFacts, QueueUrl};
use crate::insight::dead_letter::{Origin, Pointer, Role as Kind};
use crate::insight::expiry::{self, Loss, Missing};
use crate::insight::roots::trend_period;
use crate::insight::{About, MetricKey, QueueRow, Source, words};

/// The lines of the queue `url`.
pub fn lines(model: &Model, url: &QueueUrl, say: &Say<'_>) -> Vec<Line> {
    let Some(row) = model.inventory.queues.get(url) else {
        let loaded = model.inventory.queues.load().seen().is_some();
        let text = if loaded { "This queue is no longer there." } else { "Queues are on the way." };
        return vec![Line::of(Role::Dim, text)];
    };
    let kind = model.picture.base.roles.role(url);
    let mut out = Vec::new();
    match say.field(&row.facts, "its attributes are on the way") {
        Ok((facts, old)) => {
            out.extend(counts(facts, say));
            out.extend(old.map(|span| Line { left: vec![span], ..Line::default() }));
        }
        Err(span) => out.push(Line { left: vec![span], ..Line::default() }),
    }
    out.extend(loss(model, row, kind, say));
    out.push(Line::blank());
    out.extend(chart(model, url, say));
    if kind.is_dead_letter() {
        out.extend(super::sample::lines(model, url, say));
    }
    out.extend(origin(model, kind, say));
    out.extend(sources(row, kind, say));
    out.extend(consumers(model, row, say));
    out.extend(tasks(row, kind, say));
    out.extend(policy(row, say));
    out.extend(super::related(model, &Screen::Queue(url.clone()), say));
    out
}

fn counts(facts: &QueueFacts, say: &Say<'_>) -> Vec<Line> {
    let number = |n: Option<u64>, one: &str| match n {
        Some(n) => words::counted(n, one),
        None => format!("? {one}s"),
    };
    let mut parts = vec![
        (Role::Strong, number(facts.messages, "message")),
        (Role::Text, format!("{} in flight", words::maybe_count(facts.in_flight))),
    ];
    if facts.delayed != Some(0) {
        parts.push((Role::Text, format!("{} delayed", words::maybe_count(facts.delayed))));
    }
    if let Some(kept) = facts.retention_s {
        let kept = words::duration(i64::try_from(kept).unwrap_or(i64::MAX)).replace(" days", " d");
        parts.push((Role::Dim, format!("kept {kept}")));
    }
    if facts.fifo {
        parts.push((Role::Dim, "FIFO".to_owned()));
    }
    parts.push(match &facts.encryption {
        Encryption::None => (Role::Soon, "not encrypted".to_owned()),
        Encryption::SqsManaged => (Role::Dim, "SQS-managed key".to_owned()),
        Encryption::Kms(key) => (Role::Dim, format!("KMS {}", key.shown())),
    });
    let mut lines = Vec::new();
    let mut line = Line::default();
    for (role, text) in parts {
        let wide = super::line::width(&text);
        if line.width() > 0 && line.width() + 5 + wide > say.room.saturating_sub(2) {
            lines.push(std::mem::take(&mut line));
        }
        if line.width() > 0 {
            line = line.and(Role::Text, "     ");
        }
        line = line.and(role, text);
    }
    lines.push(line);
    lines
}

fn loss(model: &Model, row: &QueueRow, kind: &Kind, say: &Say<'_>) -> Vec<Line> {
    if !kind.is_dead_letter() {
        return Vec::new();
    }
    let loss = expiry::loss(&model.inventory, row, kind, say.now);
    let sentence = expiry::sentence(&loss, say.now).replace(" - ", &format!(" {} ", say.glyphs.dash));
    let (role, sign) = match &loss {
        Loss::Nothing => return Vec::new(),
        Loss::Within(bounds) => {
            if model.look().is_soon(bounds.earliest) {
                (Role::Now, say.glyphs.now)
            } else {
                (Role::Soon, say.glyphs.soon)
            }
        }
        Loss::Unknown(Missing::Reading) => (Role::Unreadable, say.glyphs.unreadable),
        Loss::Unknown(Missing::Age | Missing::Count | Missing::Retention) => {
            (Role::Unknown, say.glyphs.unknown)
        }
    };
    let mut line = Line::of(role, format!("{sign} {sentence}"));
    if let Loss::Within(bounds) = &loss {
        let when = if bounds.exact || bounds.earliest <= say.now {
            format!("   {}", words::instant(bounds.latest, say.now))
        } else {
            format!(
                "   {} {} {}",
                words::instant(bounds.earliest, say.now).replace(" UTC", ""),
                say.glyphs.dash,
                words::instant(bounds.latest, say.now)
            )
        };
        line = line.and(Role::Text, when);
    }
    let mut lines = vec![line];
    if let Loss::Within(bounds) = &loss
        && !bounds.exact
    {
        let why = "Bounds: a message's clock started when it was first sent, the metric's when it came here.";
        lines.extend(say.wrapped(Role::Dim, why));
    }
    lines
}

fn chart(model: &Model, url: &QueueUrl, say: &Say<'_>) -> Vec<Line> {
    let (hours, reach) = model.chart_span(QUEUE_HOURS);
    let source = Source::Detail(About::QueueTrend(url.clone(), reach));
    let mut lines = vec![Line::of(Role::Header, format!("depth, {}", span(hours)))];
    let standing = say.standing(model.inventory.detail(&source), "the trend");
    if let Some(metrics) = model.inventory.metrics(&source) {
        let depth = metrics.series.iter().find_map(|(key, points)| match key {
            MetricKey::Stat(metric, _) if metric.name.wire() == "ApproximateNumberOfMessagesVisible" => {
                Some(points)
            }
            MetricKey::Stat(..) | MetricKey::Expression(_) => None,
        });
        match depth {
            Some(points) if !points.is_empty() => {
                let drawn = Curve {
                    points,
                    window: window(say, i64::from(hours)),
                    period_s: i64::from(trend_period(reach)),
                    limit: None,
                    glyphs: say.glyphs,
                };
                lines.extend(curve(&drawn, say.room.saturating_sub(2).min(140), say.chart_rows()));
            }
            Some(_) | None if standing.is_none() => lines.push(Line::of(
                Role::Dim,
                "no data: a queue that nothing touched for 6 h sends no metrics, and is up to 15 min late after",
            )),
            Some(_) | None => {}
        }
    }
    lines.extend(standing);
    lines.push(Line::blank());
    lines
}

fn origin(model: &Model, kind: &Kind, say: &Say<'_>) -> Vec<Line> {
    let (role, text) = match kind {
        Kind::DeadLetter { origins, .. } if origins.contains(&Origin::Lambda) => (
            Role::Soon,
            "Cannot be redriven by SQS: Lambda functions send here, and only queues that SQS feeds are eligible.",
        ),
        Kind::DeadLetter { origins, .. } if origins.iter().all(|o| *o == Origin::Sqs) => {
            (Role::Dim, "Fed by queues: SQS can redrive it to them.")
        }
        Kind::DeadLetter { .. } => (Role::Dim, "Where its messages come from is not known."),
        Kind::Suspect => (
            Role::Unknown,
            "A suspect: its name says dead letters, but nothing that could be read points at it.",
        ),
        Kind::Plain => return Vec::new(),
    };
    let mut lines = say.wrapped(role, text);
    if !model.picture.base.roles.functions_known() {
        let fault = model.inventory.functions.load().fault().cloned();
        let why = fault.map_or_else(
            || "Functions are not read yet; they may send here too.".to_owned(),
            |f| format!("{} Functions could not be read, and may send here too: {f}", say.glyphs.unreadable),
        );
        lines.extend(say.wrapped(Role::Unreadable, &why));
    }
    lines.push(Line::blank());
    lines
}

fn sources(row: &QueueRow, kind: &Kind, say: &Say<'_>) -> Vec<Line> {
    let pointed = kind.pointed_by();
    if pointed.is_empty() && !kind.is_dead_letter() {
        return Vec::new();
    }
    let mut lines = vec![say.heading("SOURCES", Some(pointed.len()))];
    for pointer in pointed {
        lines.push(match pointer {
            Pointer::Queue(url) => say
                .pair("queue", Line::of(Role::Text, url.name().shown().to_string()))
                .to(Screen::Queue(url.clone())),
            Pointer::AllowedQueue(arn) => say.pair(
                "queue",
                Line::of(Role::Text, arn.resource().shown().to_string())
                    .and(Role::Dim, "   allowed, not pointing here now"),
            ),
            Pointer::AllowsAll => say.pair("queues", Line::of(Role::Dim, "every queue is allowed to")),
            Pointer::Function(arn) => say.pair("function", Line::of(Role::Text, function(arn))),
            Pointer::Destination(arn) => {
                say.pair("function", Line::of(Role::Text, function(arn)).and(Role::Dim, "   on failure"))
            }
            Pointer::EventSource(arn) => say.pair(
                "function",
                Line::of(Role::Text, function(arn)).and(Role::Dim, "   failed stream records"),
            ),
        });
    }
    if let Err(span) = say.field(&row.sources, "more may follow") {
        lines.push(say.pair("SQS's list", Line { left: vec![span], ..Line::default() }));
    }
    lines.push(Line::blank());
    lines
}

/// A function's name out of its ARN, which may end with a version or an alias.
fn function(arn: &crate::estate::Arn) -> String {
    let name = arn.wire().split(':').nth(6).unwrap_or(arn.wire()).to_owned();
    crate::estate::Untrusted::from(name).shown().to_string()
}

fn consumers(model: &Model, row: &QueueRow, say: &Say<'_>) -> Vec<Line> {
    let Some(arn) = row.facts.value().map(|f| &f.arn) else { return Vec::new() };
    let mut lines: Vec<Line> = model
        .inventory
        .event_sources
        .values()
        .filter(|m| m.source.as_ref() == Some(arn))
        .map(|m| {
            let state = m.state.shown().to_string();
            let role = if state == "Enabled" { Role::Dim } else { Role::Soon };
            say.pair(
                "function",
                Line::of(Role::Text, function(&m.function)).and(role, format!("   {}", state.to_lowercase())),
            )
        })
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let count = lines.len();
    lines.insert(0, say.heading("CONSUMERS", Some(count)));
    lines.push(Line::blank());
    lines
}

fn tasks(row: &QueueRow, kind: &Kind, say: &Say<'_>) -> Vec<Line> {
    let tasks = match say.field(&row.tasks, "move tasks are on the way") {
        Ok((tasks, _)) => tasks,
        Err(span) if kind.is_dead_letter() => {
            let mut line = Line::of(Role::Dim, "move tasks ");
            line.left.push(span);
            return vec![line, Line::blank()];
        }
        Err(_) => return Vec::new(),
    };
    if tasks.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![say.heading("MOVE TASKS", Some(tasks.len()))];
    for task in tasks {
        lines.extend(task_lines(task, say));
    }
    lines.push(Line::blank());
    lines
}

fn task_lines(task: &MoveTask, say: &Say<'_>) -> Vec<Line> {
    let role = match &task.status {
        MoveTaskStatus::Running | MoveTaskStatus::Cancelling => Role::Accent,
        MoveTaskStatus::Failed => Role::Now,
        MoveTaskStatus::Completed | MoveTaskStatus::Cancelled | MoveTaskStatus::Other(_) => Role::Dim,
    };
    let mut line = Line::of(role, words::move_task(&task.status));
    line = match task.to_move {
        Some(total) if total > 0 => {
            // Counts of messages: far below where a float loses whole numbers.
            #[allow(clippy::cast_precision_loss)]
            let share = task.moved as f64 / total as f64;
            line.and(Role::Chart, format!("  {} ", super::chart::bar(share, 20, say.glyphs))).and(
                Role::Text,
                format!(
                    "{} of {} moved, {:.0} %",
                    words::count(task.moved),
                    words::count(total),
                    (share * 100.0).floor()
                ),
            )
        }
        Some(_) | None => line.and(Role::Text, format!("  {} moved", words::count(task.moved))),
    };
    if let Some(rate) = task.rate {
        line = line.and(Role::Dim, format!("   {rate}/s"));
    }
    let to = task.destination.as_ref().map_or("its sources".to_owned(), |d| d.resource().shown().to_string());
    line = line.and(Role::Dim, format!("   {} {to}", say.glyphs.arrow));
    if let Some(started) = task.started {
        line = line.ending(Role::Dim, words::instant(started, say.now));
    }
    let mut lines = vec![line];
    if let Some(why) = &task.failure {
        lines.extend(say.quoted(Role::Now, why));
    }
    lines
}

fn policy(row: &QueueRow, say: &Say<'_>) -> Vec<Line> {
    let Some(facts) = row.facts.value() else { return Vec::new() };
    let mut lines = Vec::new();
    if let Some(redrive) = &facts.redrive {
        let after = redrive
            .max_receive_count
            .map_or(String::new(), |n| format!(" after {}", words::counted(u64::from(n), "receive")));
        let target = row.url.sibling(redrive.dead_letter_target.resource().wire());
        lines.push(
            say.pair(
                "failed go",
                Line::of(Role::Text, format!("to {}{after}", redrive.dead_letter_target.resource().shown())),
            )
            .to(Screen::Queue(target)),
        );
    }
    if let Some(seconds) = facts.visibility_s {
        lines.push(say.pair(
            "hidden for",
            Line::of(Role::Text, format!("{} s", words::count(seconds))).and(Role::Dim, " after a receive"),
        ));
    }
    if let Some(created) = facts.created {
        lines.push(say.pair("created", Line::of(Role::Text, words::date(created, say.now))));
    }
    if let Some(policy) = &facts.redrive_allow {
        lines.push(say.pair("allows", Line::of(Role::Dim, policy.shown().to_string())));
    }
    if !lines.is_empty() {
        lines.insert(0, say.heading("POLICY", None));
        lines.push(Line::blank());
    }
    lines
}
