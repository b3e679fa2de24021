//! `status`: totals, systems and what needs attention, as `insight` concludes them.

use super::facts::Facts;
use super::gaps;
use super::run::usd;
use super::say;
use super::scene::{Scene, maybe_instant};
use super::table::{Block, Cell, Column, Table, Tone};
use crate::insight::Subject;
use crate::insight::attention::{Attention, Severity};
use crate::insight::status::{Status, Totals};
use crate::insight::words;
use crate::runbook::RunState;
use serde_json::{Value, json};

fn status(scene: &Scene<'_>, facts: &Facts) -> Status {
    Status::of(&facts.look(scene))
}

/// Whether something needs attention. What could not be read is a gap and not that.
#[must_use]
pub fn needs_attention(scene: &Scene<'_>, facts: &Facts) -> bool {
    status(scene, facts).attention.iter().any(|a| match (&a.subject, a.severity) {
        (Subject::Source(_), _) | (_, Severity::Unknown) => false,
        (_, Severity::Now | Severity::Soon) => true,
    })
}

fn attention_json(a: &Attention) -> Value {
    json!({
        "severity": a.severity.word(),
        "kind": a.kind.word(),
        "name": a.name.wire(),
        "reason": a.reason,
        "by": maybe_instant(a.by),
        // No version before the runbooks has one to name.
        "runbook": Value::Null,
    })
}

/// The runs that are kept here, by how they stand; null where they could not be read.
fn runs(scene: &Scene<'_>) -> Value {
    let Some(runs) = scene.runs else { return Value::Null };
    let count = |state: RunState| runs.iter().filter(|r| r.state == Some(state)).count();
    json!({
        "active": count(RunState::Active),
        "waiting": count(RunState::Waiting),
        "in_doubt": count(RunState::InDoubt),
    })
}

/// As a document.
#[must_use]
pub fn document(scene: &Scene<'_>, facts: &Facts) -> Value {
    let status = status(scene, facts);
    let Totals { alarms, queues, waf, secrets } = status.totals;
    let spend = scene.inv.spend;
    let attention: Vec<Value> = status.attention.iter().map(attention_json).collect();
    scene.document(
        "status",
        vec![
            ("alarms", json!(alarms)),
            ("queues", json!(queues)),
            ("waf", json!(waf)),
            ("secrets", json!(secrets)),
            // Later versions have recurring duties.
            ("duties", Value::Null),
            ("runs", runs(scene)),
            ("systems", json!(status.systems)),
            ("attention", Value::Array(attention)),
            (
                "calls",
                json!({
                    "count": spend.calls,
                    "throttled": spend.throttled,
                    "usd_estimate": usd(spend.micro_usd),
                }),
            ),
        ],
    )
}

/// For a person.
#[must_use]
pub fn blocks(scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let status = status(scene, facts);
    let mut blocks = vec![Block::Line(identity(scene)), Block::Line(Vec::new())];
    if status.attention.is_empty() {
        let words = if scene.gaps.complete() {
            "Nothing needs you."
        } else {
            "Nothing that could be read needs you."
        };
        blocks.push(Block::Line(vec![Cell::toned(words, gaps::tone(scene.gaps))]));
    } else {
        let n = status.attention.len() as u64;
        blocks.push(Block::Line(vec![Cell::toned(format!("NEEDS YOU · {}", words::count(n)), Tone::Title)]));
        blocks.push(Block::Table(attention(&status.attention)));
    }
    blocks.push(Block::Line(Vec::new()));
    blocks.push(Block::Table(totals(&status)));
    blocks
}

fn identity(scene: &Scene<'_>) -> Vec<Cell> {
    let mut parts = vec![scene.context.name.shown().to_string()];
    if let Some(identity) = scene.inv.identity.value() {
        let alias = scene.inv.alias.value().and_then(Option::as_ref);
        let alias = alias.map(|a| format!("{} ", a.shown())).unwrap_or_default();
        parts.push(format!("{alias}{}", identity.account));
        parts.push(scene.region.to_string());
        parts.push(identity.principal().shown().to_string());
    } else {
        parts.push(scene.region.to_string());
        parts.push("? identity not known".to_owned());
    }
    if scene.practice {
        parts.insert(0, "PRACTICE".to_owned());
    }
    if scene.context.read_only {
        parts.push("read-only".to_owned());
    }
    parts.push(say::instant(scene.now));
    vec![Cell::toned(parts.join(" · "), Tone::Title)]
}

fn attention(list: &[Attention]) -> Table {
    let mut table = Table::new(vec![Column::text("", 0), Column::name("WHAT", 0), Column::words("WHY", 0)]);
    for a in list {
        let (glyph, tone) = match a.severity {
            Severity::Now => ("✖", Tone::Now),
            Severity::Soon => ("▲", Tone::Soon),
            Severity::Unknown => ("○", Tone::Unknown),
        };
        table.row(vec![
            Cell::toned(glyph, tone),
            a.name.shown().to_string().into(),
            Cell::plain(a.reason.clone()),
        ]);
    }
    table
}

/// The systems, then everything.
fn totals(status: &Status) -> Table {
    let mut table = Table::new(vec![
        Column::name("SYSTEM", 0),
        Column::number("ALARM", 0),
        Column::number("OK", 4),
        Column::number("NO DATA", 3),
        Column::number("DEAD LETTERS", 0),
        Column::number("BLOCKED/MIN", 1),
        Column::number("OVERDUE", 0),
        Column::number("SECRETS", 5),
    ]);
    for system in &status.systems {
        let name = system.name.as_ref().map_or("(no system)".to_owned(), |n| n.shown().to_string());
        table.row(row(name, &system.totals));
    }
    table.row(row("all".to_owned(), &status.totals));
    table
}

fn row(name: String, totals: &Totals) -> Vec<Cell> {
    let number = |n: Option<u64>, loud: Tone| match n {
        None => Cell::toned("?", Tone::Unknown),
        Some(0) => Cell::toned("0", Tone::Faint),
        Some(n) => Cell::toned(words::count(n), loud),
    };
    // Of what there is none, nothing can be said to be 0: as on the screen.
    let some = |of: Option<u64>, cell: Cell| match of {
        Some(0) => Cell::toned("–", Tone::Faint),
        Some(_) | None => cell,
    };
    let letters = number(totals.queues.messages, Tone::Now);
    let blocked = number(totals.waf.blocked_per_min, Tone::Plain);
    vec![
        name.into(),
        number(totals.alarms.alarm, Tone::Now),
        number(totals.alarms.ok, Tone::Plain),
        number(totals.alarms.insufficient_data, Tone::Unknown),
        some(totals.queues.dead_letter, letters),
        some(totals.waf.web_acls, blocked),
        number(totals.secrets.overdue, Tone::Now),
        number(totals.secrets.total, Tone::Plain),
    ]
}
