//! `journal list`, `journal verify` and `journal export`. It asks no estate and changes nothing.

use super::args::{ExportFormat, Output};
use super::exit::{Exit, Failure};
use super::out::Out;
use super::runs::{failure, head};
use super::setup::Setup;
use super::table::{Block, Cell, Column, Table, Tone};
use crate::diagnose::Neutral;
use crate::engine::Archive;
use crate::engine::archive::Verification;
use crate::estate::Timestamp;
use crate::runbook::report::{Chain, markdown};
use crate::runbook::words::counted;
use serde_json::{Value, json};

/// `journal list`.
///
/// # Errors
/// The journals cannot be read, or the answer cannot be written.
pub async fn list(archive: &Archive, now: Timestamp, setup: &Setup, out: &mut Out) -> Result<Exit, Failure> {
    let found = archive.verify().await.map_err(|f| failure(&f))?;
    match setup.output {
        Output::Json => {
            let mut document = head("journals", now, setup, None, None);
            let journals = found.heads.iter().map(|(run, head)| {
                json!({ "run": run.as_str(), "records": head.count, "head": head.hash.to_string(),
                        "ok": !damaged(&found, run.as_str()) })
            });
            document.insert("journals".into(), journals.collect());
            out.document(&Value::Object(document), false)?;
        }
        Output::Text if found.heads.is_empty() => {
            out.blocks(&[Block::Line(vec![Cell::plain("No journals.")])])?;
        }
        Output::Text => {
            let mut table = Table::new(vec![
                Column::text("RUN", 0),
                Column::number("RECORDS", 0),
                Column::text("STATE", 0),
                Column::text("HEAD", 1),
            ]);
            for (run, head) in &found.heads {
                let state = if damaged(&found, run.as_str()) {
                    Cell::toned("✖ damaged", Tone::Now)
                } else {
                    Cell::toned("● verified", Tone::Good)
                };
                let hash: String = head.hash.to_string().chars().take(16).collect();
                table.row(vec![run.to_string().into(), head.count.to_string().into(), state, hash.into()]);
            }
            out.blocks(&[Block::Table(table)])?;
        }
    }
    Ok(Exit::Done)
}

fn damaged(found: &Verification, run: &str) -> bool {
    found.damage.iter().any(|d| d.place.to_string() == format!("run {run}"))
}

/// `journal verify`.
///
/// # Errors
/// The journals cannot be read, or the answer cannot be written. Damage is told, and exit 6.
pub async fn verify(
    archive: &Archive,
    now: Timestamp,
    setup: &Setup,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let found = archive.verify().await.map_err(|f| failure(&f))?;
    match setup.output {
        Output::Json => {
            let mut document = head("journal", now, setup, None, None);
            document.insert("records".into(), json!(found.records));
            document.insert("head".into(), json!(found.head().to_string()));
            document.insert("ok".into(), json!(found.is_sound()));
            document.insert("first_bad".into(), first_bad(&found));
            out.document(&Value::Object(document), false)?;
        }
        Output::Text => {
            out.blocks(&verify_blocks(&found))?;
        }
    }
    Ok(if found.is_sound() { Exit::Done } else { Exit::Decision })
}

/// The first damage: where, at which line, why.
fn first_bad(found: &Verification) -> Value {
    let Some(damage) = found.damage.first() else { return Value::Null };
    let place = damage.place.to_string();
    let run = place.strip_prefix("run ");
    json!({ "run": run, "line": damage.line, "reason": damage.reason.to_string() })
}

fn verify_blocks(found: &Verification) -> Vec<Block> {
    let line = |text: String, tone: Tone| Block::Line(vec![Cell::toned(text, tone)]);
    let (runs, records) = (found.heads.len(), found.records);
    let mut blocks = Vec::new();
    if found.is_sound() {
        let (records, runs) =
            (counted(usize::try_from(records).unwrap_or(usize::MAX), "record"), counted(runs, "run"));
        blocks.push(line(format!("● {records} of {runs} verified"), Tone::Good));
    }
    for damage in &found.damage {
        blocks.push(line(format!("✖ {}", Neutral(&damage.to_string())), Tone::Now));
    }
    for run in &found.stopped {
        let text = format!(
            "  run {run}: not written to any more, for a lost head may hide lost records; read it (`bartizan journal \
             export {run}`), look at AWS, and finish by hand what it left"
        );
        blocks.push(line(text, Tone::Soon));
    }
    if !found.is_sound() {
        let text = "  keep the state directory as it is, as evidence; runs that are not named here and new ones go on, and \
                    nothing repairs what is damaged. What a damaged run holds is freed by removing its file under leases/";
        blocks.push(line(text.to_owned(), Tone::Plain));
    }
    for (run, bytes) in &found.torn {
        let text = format!("  run {run}: a last line of {bytes} bytes is torn; mended when it is resumed");
        blocks.push(line(text, Tone::Plain));
    }
    for (run, by) in &found.behind {
        let text = format!("  run {run}: the head is {by} records behind; mended when it is resumed");
        blocks.push(line(text, Tone::Plain));
    }
    blocks.push(line(format!("head {}", found.head()), Tone::Faint));
    blocks
}

/// `journal export`.
///
/// # Errors
/// The run cannot be read, or the answer cannot be written.
pub async fn export(
    name: &str,
    format: ExportFormat,
    archive: &Archive,
    now: Timestamp,
    setup: &Setup,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let kept = archive.read(name).await.map_err(|f| failure(&f))?;
    match format {
        ExportFormat::Md => {
            let chain = Chain { records: kept.records, head: kept.head.clone() };
            out.raw(&markdown(&kept.run, &chain))?;
        }
        ExportFormat::Json => {
            let mut document = head("journal_export", now, setup, Some(&kept.run.at), None);
            document.insert("run".into(), json!(kept.run.id.as_str()));
            document.insert("head".into(), json!(kept.head));
            document.insert("records".into(), kept.lines().map_err(|f| failure(&f))?.into());
            out.document(&Value::Object(document), false)?;
        }
    }
    Ok(Exit::Done)
}
