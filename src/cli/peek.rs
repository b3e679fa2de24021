//! How messages that were looked at are written: the document, and groups and messages for a person. What they tell is
//! concluded in `insight::messages`.

use super::looking::Meant;
use super::read::Opened;
use super::runs::head;
use super::say;
use super::scene::maybe_instant;
use super::table::{Block, Cell, Column, Table, Tone};
use crate::engine::messages::{Account, Exported, Peeked as Seen, beside};
use crate::estate::{Timestamp, Untrusted};
use crate::insight::messages::draw::{Limit, body};
use crate::insight::messages::{Expiry, Peeked, json as told_json};
use serde_json::{Map, Value, json};
use std::path::Path;

/// The most of a body that a table shows, in characters.
const SHOWN: usize = 120;

fn account(account: &Account) -> Value {
    json!({
        "received": account.received,
        "given_back": account.returned,
        "not_given_back": account.left,
        "back_by": maybe_instant(account.until),
        "stopped": account.stopped,
        "dead_end": account.dead_end,
    })
}

fn gaps(document: &mut Map<String, Value>, account: &Account) {
    let gap = |text: &String| json!({ "source": "messages", "kind": "fault", "message": text });
    document.insert("complete".into(), json!(account.gaps.is_empty()));
    document.insert("gaps".into(), account.gaps.iter().map(gap).collect());
}

/// `queues peek` as a document.
pub(super) fn document(
    told: &Peeked,
    seen: &Seen,
    meant: &Meant,
    opened: &Opened<'_>,
    search: Option<Value>,
) -> Value {
    let mut document = head("messages", seen.at, opened.setup, Some(&meant.at), Some(&meant.by));
    gaps(&mut document, &seen.account);
    document.insert("queue".into(), json!(meant.url.name().wire()));
    let content = told_json::content(told, opened.ports.clock.now());
    document.extend(content.into_iter().map(|(name, value)| (name.to_owned(), value)));
    document.insert("account".into(), account(&seen.account));
    document.insert("more".into(), json!(seen.enough));
    document.extend(search.map(|found| ("search".to_owned(), found)));
    Value::Object(document)
}

/// `queues export` as a document.
pub(super) fn exported(done: &Exported, to: &Path, meant: &Meant, opened: &Opened<'_>) -> Value {
    let mut document = head("export", done.manifest.at, opened.setup, Some(&meant.at), Some(&meant.by));
    gaps(&mut document, &done.account);
    document.insert("complete".into(), json!(done.manifest.complete));
    document.insert("queue".into(), json!(meant.url.name().wire()));
    document.insert("file".into(), json!(to.display().to_string()));
    document.insert("manifest".into(), json!(beside(to).display().to_string()));
    document.insert("count".into(), json!(done.manifest.count));
    document.insert("sha256".into(), json!(done.manifest.sha256));
    document.insert("not_exported".into(), json!(done.manifest.not_exported));
    document.insert("account".into(), account(&done.account));
    Value::Object(document)
}

/// When a message is lost, in words.
fn lost(expires: Option<Expiry>, now: Timestamp) -> String {
    match expires {
        Some(Expiry { at, exact: true }) => say::until(at, now),
        Some(Expiry { at, exact: false }) => format!("at the latest {}", say::until(at, now)),
        None => String::new(),
    }
}

/// `queues peek` for a person: groups first.
pub(super) fn blocks(told: &Peeked, received: u64, now: Timestamp) -> Vec<Block> {
    let line = |text: String| Block::Line(vec![Cell::plain(text)]);
    if told.messages.is_empty() {
        return vec![line(match received {
            0 => "No messages were received.".to_owned(),
            n => format!("{n} messages were read, and none of them matches."),
        })];
    }
    let mut table = Table::new(vec![
        Column::number("COUNT", 0),
        Column::text("FIRST LOST", 1),
        Column::words("ERROR", 0),
    ]);
    for cause in &told.groups {
        table.row(vec![
            cause.group.count.to_string().into(),
            lost(cause.first_lost, now).into(),
            cause.group.key.shown().to_string().into(),
        ]);
    }
    let mut blocks = vec![Block::Table(table), Block::Line(Vec::new())];
    let mut table = Table::new(vec![
        Column::name("ID", 2),
        Column::text("SENT", 3),
        Column::number("RECEIVES", 4),
        Column::text("LOST", 1),
        Column::words("BODY", 0),
    ]);
    for one in &told.messages {
        let m = &one.message;
        // One line of it: neutralised, and masked where it is to be.
        let drawn = body(m.body(), Limit { lines: 8, columns: SHOWN });
        let text: String = drawn.lines.join(" ").chars().take(SHOWN).collect();
        let tone = if one.masked { Tone::Faint } else { Tone::Plain };
        table.row(vec![
            m.id.shown().to_string().into(),
            m.sent.map(say::instant).unwrap_or_default().into(),
            m.receive_count.to_string().into(),
            lost(one.expires, now).into(),
            Cell::toned(Untrusted::from(text).shown().to_string(), tone),
        ]);
    }
    blocks.push(Block::Table(table));
    blocks
}
