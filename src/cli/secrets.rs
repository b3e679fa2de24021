//! `secrets list`, `secrets show` and `secrets versions`: what they read and how they say it; never a value,
//! which no question of the watch asks for.

use super::facts::Facts;
use super::say;
use super::scene::Scene;
use super::table::{Block, Cell, Column, Table, Tone};
use crate::estate::{FieldDate, SecretVersion, Timestamp};
use crate::insight::document::secret::{self as document, version_json};
use crate::insight::secret_age::{self, AgeState, FieldAge, SecretAge};
use crate::insight::{About, Broad, Detail, SecretRow, Source};
use serde_json::{Value, json};

fn last_accessed(row: &SecretRow) -> Option<Timestamp> {
    row.secret.last_accessed
}

/// As the console has it: what goes for ever is more urgent than any age.
fn badge(age: &SecretAge) -> Cell {
    match age.state {
        _ if age.deletion.is_some() => Cell::toned("✖ deletion", Tone::Now),
        AgeState::Ok => Cell::toned("● ok", Tone::Good),
        AgeState::DueSoon => Cell::toned("▲ due soon", Tone::Soon),
        AgeState::Overdue => Cell::toned("✖ overdue", Tone::Now),
        AgeState::Unknown => Cell::toned("? unknown", Tone::Unknown),
    }
}

/// Secrets in the order of a list: the most urgent first, then by name.
fn sorted<'a>(scene: &'a Scene<'_>, facts: &Facts) -> Vec<&'a SecretRow> {
    let rank = |row: &SecretRow| {
        let age = facts.secret_age(row, scene);
        match age.state {
            _ if age.deletion.is_some() => 0,
            AgeState::Overdue => 1,
            AgeState::DueSoon => 2,
            AgeState::Unknown => 3,
            AgeState::Ok => 4,
        }
    };
    let mut rows: Vec<&SecretRow> = scene.inv.secrets.values().collect();
    rows.sort_by_cached_key(|row| (rank(row), row.secret.name.clone()));
    rows
}

/// `secrets list` as a document.
#[must_use]
pub fn list_document(scene: &Scene<'_>, facts: &Facts) -> Value {
    let look = facts.look(scene);
    let secrets = sorted(scene, facts).into_iter().map(|r| Value::Object(document::json(r, &look))).collect();
    scene.document("secrets", vec![("secrets", scene.listed(&[Source::Broad(Broad::Secrets)], secrets))])
}

fn days(days: Option<i64>) -> Cell {
    days.map_or_else(|| Cell::toned("?", Tone::Unknown), |n| n.to_string().into())
}

fn date(t: Option<Timestamp>) -> String {
    t.map(say::date).unwrap_or_default()
}

/// `secrets list` for a person.
#[must_use]
pub fn list_blocks(scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let mut table = Table::new(vec![
        Column::text("STATE", 0),
        Column::name("NAME", 0),
        Column::number("DAYS OLD", 1),
        Column::number("POLICY", 2),
        Column::text("ROTATION", 3),
        Column::text("LAST READ", 5),
        Column::text("DELETED ON", 4),
        Column::name("SYSTEM", 6),
    ]);
    for row in sorted(scene, facts) {
        let age = facts.secret_age(row, scene);
        table.row(vec![
            badge(&age),
            row.secret.name.shown().to_string().into(),
            days(age.days),
            age.policy_days.to_string().into(),
            rotation(row, &age),
            Cell::toned(date(last_accessed(row)), Tone::Faint),
            Cell::toned(date(row.secret.deletion_at), Tone::Soon),
            Cell::toned(
                facts.system_of_secret(row).map(|s| s.shown().to_string()).unwrap_or_default(),
                Tone::Faint,
            ),
        ]);
    }
    vec![Block::Table(table)]
}

fn rotation(row: &SecretRow, age: &SecretAge) -> Cell {
    if age.rotation_failed.is_some() {
        return Cell::toned("✖ failed", Tone::Now);
    }
    match (row.secret.rotation_enabled, row.secret.rotation_days) {
        (true, Some(days)) => Cell::plain(format!("every {days} days")),
        (true, None) => Cell::plain("on"),
        (false, _) => Cell::toned("off", Tone::Faint),
    }
}

/// `secrets show` as a document.
#[must_use]
pub fn show_document(row: &SecretRow, scene: &Scene<'_>, facts: &Facts) -> Value {
    document::show(row, &scene.head_of(), &facts.look(scene))
}

/// `secrets show` for a person.
#[must_use]
pub fn show_blocks(row: &SecretRow, scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let secret = &row.secret;
    let age = facts.secret_age(row, scene);
    let mut lines = say::Facts::new();
    let name = Cell::toned(secret.name.shown().to_string(), Tone::Title);
    lines.head(vec![badge(&age), Cell::plain("  "), name]);
    lines.add("age", secret_age::sentence(&age));
    lines.add_cell("rotation", rotation(row, &age));
    for (label, at) in [
        ("next rotation", secret.next_rotation),
        ("last rotated", secret.last_rotated),
        ("last changed", secret.last_changed),
        ("last read", secret.last_accessed),
        ("created", secret.created),
        ("deleted on", secret.deletion_at),
    ] {
        if let Some(at) = at {
            lines.add(label, say::instant(at));
        }
    }
    let texts = [
        ("description", secret.description.as_ref()),
        ("KMS key", secret.kms_key.as_ref()),
        ("managed by", secret.owning_service.as_ref()),
        ("replica of", secret.primary_region.as_ref()),
    ];
    for (label, text) in texts {
        if let Some(text) = text {
            lines.add(label, text.shown().to_string());
        }
    }
    if let Some(system) = facts.system_of_secret(row) {
        lines.add("system", system.shown().to_string());
    }
    lines.add("arn", secret.arn.shown().to_string());
    let mut blocks = lines.blocks();
    let fields = secret_age::fields(row, scene.now);
    if !fields.is_empty() {
        blocks.push(Block::Line(Vec::new()));
        blocks.push(Block::Table(field_table(&fields)));
        blocks.push(Block::Line(vec![Cell::toned(secret_age::FIELDS_NOTE, Tone::Faint)]));
    }
    if let Some(versions) = row.versions.value() {
        blocks.push(Block::Line(Vec::new()));
        blocks.push(Block::Table(version_table(versions)));
    }
    blocks
}

fn field_table(fields: &[FieldAge]) -> Table {
    let mut table =
        Table::new(vec![Column::name("FIELD", 0), Column::text("AGE", 0), Column::text("RECORDED", 1)]);
    for field in fields {
        let tone = if field.date.is_ok() { Tone::Plain } else { Tone::Unknown };
        table.row(vec![
            field.field.shown().to_string().into(),
            Cell::toned(secret_age::field_sentence(field), tone),
            date(field.date.ok().map(FieldDate::at)).into(),
        ]);
    }
    table
}

fn version_table(versions: &[SecretVersion]) -> Table {
    let mut table = Table::new(vec![
        Column::name("VERSION", 0),
        Column::text("STAGES", 0),
        Column::text("CREATED", 1),
        Column::text("LAST READ", 2),
    ]);
    for version in versions {
        let stages: Vec<String> = version.stages.iter().map(|s| s.shown().to_string()).collect();
        table.row(vec![
            version.id.shown().to_string().into(),
            stages.join(", ").into(),
            version.created.map(say::instant).unwrap_or_default().into(),
            Cell::toned(date(version.last_accessed), Tone::Faint),
        ]);
    }
    table
}

fn versions<'a>(row: &SecretRow, scene: &'a Scene<'_>) -> Option<&'a [SecretVersion]> {
    match scene.inv.detail(&Source::Detail(About::SecretVersions(row.secret.arn.clone())))?.value()? {
        Detail::Versions(versions) => Some(versions),
        _ => None,
    }
}

/// `secrets versions` as a document.
#[must_use]
pub fn versions_document(row: &SecretRow, scene: &Scene<'_>) -> Value {
    let all = versions(row, scene).map(|v| v.iter().map(version_json).collect::<Vec<_>>());
    let content = vec![
        ("name", json!(row.secret.name.wire())),
        ("arn", json!(row.secret.arn.wire())),
        ("versions", json!(all)),
    ];
    scene.document("secret_versions", content)
}

/// `secrets versions` for a person.
#[must_use]
pub fn versions_blocks(row: &SecretRow, scene: &Scene<'_>) -> Vec<Block> {
    vec![Block::Table(version_table(versions(row, scene).unwrap_or_default()))]
}
