//! `config show` and `config check`: every value in force with its origin, and whether the files that a
//! person wrote can be understood.

use super::exit::Failure;
use super::setup::Setup;
use super::table::{Block, Cell, Column, Table, Tone};
use crate::config::Origin;
use crate::controls::ColourDepth;
use crate::diagnose::Neutral;
use serde_json::{Value, json};

fn origin(origin: &Origin) -> Value {
    match origin {
        Origin::Default => json!({ "kind": "default" }),
        Origin::File { file, line } => json!({ "kind": "file", "file": file, "line": line }),
        Origin::Environment(name) => json!({ "kind": "environment", "name": name }),
        Origin::CommandLine(option) => json!({ "kind": "option", "name": option }),
    }
}

fn path(setup: &Setup) -> Option<String> {
    setup.paths.config_file.as_ref().map(|p| p.display().to_string())
}

/// `config show` as a document. The values are as TOML writes them.
#[must_use]
pub fn document(setup: &Setup) -> Value {
    let values: Vec<Value> = setup
        .config
        .effective
        .list()
        .iter()
        .map(|v| json!({ "key": v.key, "value": v.value, "origin": origin(&v.origin) }))
        .collect();
    json!({
        "schema": "bartizan.config/1",
        "file": path(setup),
        "values": values,
        "warnings": setup.warnings,
    })
}

/// `config show` for a person.
#[must_use]
pub fn blocks(setup: &Setup) -> Vec<Block> {
    let mut table =
        Table::new(vec![Column::name("KEY", 0), Column::words("VALUE", 0), Column::words("ORIGIN", 1)]);
    for v in setup.config.effective.list() {
        let quiet = matches!(v.origin, Origin::Default);
        let tone = if quiet { Tone::Faint } else { Tone::Plain };
        table.row(vec![
            Neutral(&v.key).to_string().into(),
            Neutral(&v.value).to_string().into(),
            Cell::toned(v.origin.to_string(), tone),
        ]);
    }
    vec![Block::Table(table)]
}

/// `config check`: the configuration itself was understood, else there were no setup; the keymap and the
/// theme that it names must be too.
///
/// # Errors
/// One of them is not there or is wrong.
pub fn check(setup: &Setup) -> Result<Vec<Block>, Failure> {
    setup.keymap()?;
    setup.theme(ColourDepth::True)?;
    let there = setup.paths.config_file.as_ref().is_some_and(|p| p.exists());
    let words = match path(setup) {
        Some(path) if there => format!("{}: all is well", Neutral(&path)),
        Some(path) => format!("{}: there is no such file, and none is needed", Neutral(&path)),
        None => "no home directory: no file is read, and none is needed".to_owned(),
    };
    Ok(vec![Block::Line(vec![Cell::plain(words)])])
}

/// The same as a document.
///
/// # Errors
/// As [`check`].
pub fn check_document(setup: &Setup) -> Result<Value, Failure> {
    check(setup)?;
    Ok(json!({
        "schema": "bartizan.config_check/1",
        "file": path(setup),
        "ok": true,
        "warnings": setup.warnings,
    }))
}
