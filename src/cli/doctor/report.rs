//! What `doctor` says: as a document and for a person, and what the program exits with.

use super::Findings;
use super::checks::{Check, Permission, State, loses};
use crate::cli::args::Output;
use crate::cli::exit::{Exit, Failure};
use crate::cli::gaps::Gaps;
use crate::cli::out::Out;
use crate::cli::scene;
use crate::cli::setup::Setup;
use crate::cli::table::{Block, Cell, Column, Table, Tone};
use crate::estate::Timestamp;
use serde_json::{Value, json};

/// Everything that was found.
pub(super) struct Report<'a> {
    pub checks: Vec<Check>,
    pub permissions: Vec<Permission>,
    pub setup: Option<&'a Setup>,
    pub findings: Option<&'a Findings>,
    pub output: Output,
}

impl Report<'_> {
    /// A wrong configuration first, then open permissions, then what AWS does not answer.
    pub(super) fn exit(&self) -> Exit {
        let has = |exit: Exit| self.checks.iter().any(|c| c.exit == exit);
        if has(Exit::Usage) {
            Exit::Usage
        } else if has(Exit::Refused) {
            Exit::Refused
        } else if has(Exit::Unread) || self.denied().any(|p| !p.optional) {
            Exit::Unread
        } else {
            Exit::Done
        }
    }

    fn denied(&self) -> impl Iterator<Item = &Permission> {
        self.permissions.iter().filter(|p| p.allowed == "no")
    }

    pub(super) fn write(&self, out: &mut Out) -> Result<(), Failure> {
        // Whether somebody still listens does not change how well the machine is.
        match self.output {
            Output::Json => out.document(&self.document(), false).map(drop),
            Output::Text => out.blocks(&self.blocks()).map(drop),
        }
    }

    fn document(&self) -> Value {
        let reached = self.findings.and_then(|f| f.reached.as_ref().ok());
        let identity = reached.and_then(|r| r.identity.as_ref().ok());
        let context = self.setup.map(|s| &s.context);
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|c| {
                json!({
                    "group": c.group, "name": c.name, "state": c.state.word(), "found": c.found, "todo": c.todo,
                })
            })
            .collect();
        let permissions: Vec<Value> = self
            .permissions
            .iter()
            .map(|p| {
                json!({
                    "action": p.operation.iam_action,
                    "operation": p.operation.name,
                    "allowed": p.allowed,
                    "optional": p.optional,
                    "why": p.why,
                })
            })
            .collect();
        let now = self.findings.map_or_else(Timestamp::now, |f| f.now);
        json!({
            "schema": "bartizan.doctor/1",
            "at": scene::instant(Timestamp::from_second(now.as_second()).unwrap_or(now)),
            "context": {
                "name": context.map(|c| c.name.wire()),
                "account": identity.map(|i| i.account.to_string()),
                "region": reached.map(|r| r.region.as_str()),
                "principal": identity.map(|i| i.principal().wire().to_owned()),
                "read_only": context.map(|c| c.read_only),
            },
            "complete": self.permissions.iter().all(|p| p.allowed != "unknown"),
            "gaps": Gaps::default().json(),
            "ok": self.exit() == Exit::Done,
            "checks": checks,
            "permissions": permissions,
        })
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut group = "";
        for check in &self.checks {
            if check.group != group {
                if !group.is_empty() {
                    blocks.push(Block::Line(Vec::new()));
                }
                group = check.group;
                blocks.push(Block::Line(vec![Cell::toned(group.to_uppercase(), Tone::Title)]));
            }
            let mut lines = check.found.lines();
            let first = lines.next().unwrap_or_default();
            blocks.push(Block::Line(vec![
                Cell::toned(format!("{} ", check.state.glyph()), check.state.tone()),
                Cell::plain(format!("{:<16} {first}", check.name)),
            ]));
            blocks.extend(lines.map(|l| Block::Line(vec![Cell::plain(format!("{:<18} {l}", ""))])));
            if let Some(todo) = &check.todo {
                blocks.push(Block::Line(vec![Cell::toned(format!("{:<18} → {todo}", ""), Tone::Soon)]));
            }
        }
        if !self.permissions.is_empty() {
            blocks.push(Block::Line(Vec::new()));
            blocks.push(Block::Line(vec![Cell::toned("PERMISSIONS", Tone::Title)]));
            blocks.push(Block::Table(self.table()));
        }
        let denied = self.denied().count();
        blocks.push(Block::Line(Vec::new()));
        blocks.push(Block::Line(vec![self.verdict(denied)]));
        blocks
    }

    fn verdict(&self, denied: usize) -> Cell {
        let problems = self.checks.iter().filter(|c| c.state == State::Problem).count();
        match (problems, denied) {
            (0, 0) => Cell::toned("All is well.", Tone::Good),
            (0, n) => {
                let words = format!("{n} denied; `bartizan policy` prints what to grant.");
                Cell::toned(words, if self.exit() == Exit::Done { Tone::Soon } else { Tone::Now })
            }
            (n, _) => {
                Cell::toned(format!("{n} problem{} to mend.", if n == 1 { "" } else { "s" }), Tone::Now)
            }
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new(vec![
            Column::text("ALLOWED", 0),
            Column::text("ACTION", 0),
            Column::words("WITHOUT IT", 1),
        ]);
        for p in &self.permissions {
            let (glyph, tone) = match (p.allowed, p.optional) {
                ("yes", _) => ("●", Tone::Good),
                ("no", false) => ("✖", Tone::Now),
                ("no", true) => ("▲", Tone::Soon),
                _ => ("○", Tone::Unknown),
            };
            let without = match (&p.why, p.allowed) {
                (Some(why), _) => why.clone(),
                (None, "yes") => String::new(),
                (None, _) if p.optional => format!("not seen: {} (optional)", loses(p.operation.service)),
                (None, _) => format!("not seen: {}", loses(p.operation.service)),
            };
            table.row(vec![
                Cell::toned(format!("{glyph} {}", p.allowed), tone),
                p.operation.iam_action.into(),
                Cell::toned(without, Tone::Faint),
            ]);
        }
        table
    }
}
