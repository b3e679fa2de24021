//! `alarms list`, `alarms show` and `alarms history`: what they read and how they say it. It makes no
//! conclusions of its own.

use super::facts::Facts;
use super::say;
use super::scene::{Scene, instant, snake};
use super::table::{Block, Cell, Column, Table, Tone};
use crate::estate::HistoryItem;
use crate::estate::alarm::{Alarm, AlarmState, Subject};
use crate::insight::action_target;
use crate::insight::document::alarm::{self as document, kind, metric};
use crate::insight::{About, Broad, Detail, Source};
use serde_json::{Value, json};

fn tone(state: &AlarmState) -> Tone {
    match state {
        AlarmState::Alarm => Tone::Now,
        AlarmState::InsufficientData | AlarmState::Other(_) => Tone::Unknown,
        AlarmState::Ok => Tone::Good,
    }
}

/// The state as a person reads it, with its glyph.
fn badge(state: &AlarmState) -> Cell {
    let words = match state {
        AlarmState::Alarm => "✖ ALARM".to_owned(),
        AlarmState::InsufficientData => "○ INSUFFICIENT_DATA".to_owned(),
        AlarmState::Ok => "● OK".to_owned(),
        AlarmState::Other(other) => format!("? {}", other.shown()),
    };
    Cell::toned(words, tone(state))
}

/// Alarms in the order of a list: those in ALARM first, then by name.
fn sorted<'a>(scene: &'a Scene<'_>) -> Vec<&'a Alarm> {
    let mut alarms: Vec<&Alarm> = scene.inv.alarms.values().map(AsRef::as_ref).collect();
    alarms.sort_by(|a, b| (&a.state, &a.name).cmp(&(&b.state, &b.name)));
    alarms
}

/// `alarms list` as a document.
#[must_use]
pub fn list_document(scene: &Scene<'_>, facts: &Facts) -> Value {
    let look = facts.look(scene);
    let alarms = sorted(scene).into_iter().map(|a| Value::Object(document::json(a, &look))).collect();
    let alarms = scene.listed(&[Source::Broad(Broad::Alarms)], alarms);
    scene.document("alarms", vec![("alarms", alarms)])
}

/// `alarms list` for a person.
#[must_use]
pub fn list_blocks(scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let mut table = Table::new(vec![
        Column::text("STATE", 0),
        Column::name("NAME", 0),
        Column::text("SINCE", 1),
        Column::text("ACTIONS", 2),
        Column::text("KIND", 4),
        Column::name("SYSTEM", 3),
        Column::words("REASON", 5),
    ]);
    for alarm in sorted(scene) {
        table.row(vec![
            badge(&alarm.state),
            alarm.name.shown().to_string().into(),
            alarm.since.map_or_else(String::new, |t| say::age(t, scene.now)).into(),
            actions(alarm, scene, facts),
            Cell::toned(kind(&alarm.kind), Tone::Faint),
            Cell::toned(
                facts.system_of_alarm(alarm).map(|s| s.shown().to_string()).unwrap_or_default(),
                Tone::Faint,
            ),
            Cell::toned(alarm.reason.shown().to_string(), Tone::Faint),
        ]);
    }
    vec![Block::Table(table)]
}

fn actions(alarm: &Alarm, scene: &Scene<'_>, facts: &Facts) -> Cell {
    match facts.muted_until(&alarm.name) {
        Some(until) => Cell::toned(format!("muted, ends {}", say::until(until, scene.now)), Tone::Soon),
        None if facts.is_muted(&alarm.name) => Cell::toned("muted", Tone::Soon),
        None if !alarm.actions_enabled => Cell::toned("disabled", Tone::Soon),
        None => Cell::toned("on", Tone::Faint),
    }
}

/// `alarms show` as a document.
#[must_use]
pub fn show_document(alarm: &Alarm, scene: &Scene<'_>, facts: &Facts) -> Value {
    document::show(alarm, &scene.head_of(), &facts.look(scene))
}

/// `alarms show` for a person.
#[must_use]
pub fn show_blocks(alarm: &Alarm, scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let mut lines = say::Facts::new();
    lines.head(vec![
        badge(&alarm.state),
        Cell::plain("  "),
        Cell::toned(alarm.name.shown().to_string(), Tone::Title),
    ]);
    if let Some(since) = alarm.since {
        lines.add("since", format!("{} ({})", say::instant(since), say::age(since, scene.now)));
    }
    lines.add("reason", alarm.reason.shown().to_string());
    if let Some(text) = &alarm.description {
        lines.add("description", text.shown().to_string());
    }
    lines.add("kind", kind(&alarm.kind));
    if let Some(m) = metric(alarm) {
        lines.add("metric", format!("{} {}", m.namespace.shown(), m.name.shown()));
        for (name, value) in &m.dimensions {
            lines.add("", format!("{} = {}", name.shown(), value.shown()));
        }
    }
    if let Subject::Rule(rule) | Subject::Other(rule) = &alarm.subject {
        lines.add("rule", rule.shown().to_string());
    }
    if let (Some(threshold), Some(comparison)) = (alarm.threshold, &alarm.comparison) {
        lines.add("threshold", format!("{} {threshold}", comparison.shown()));
    }
    if let (Some(n), Some(of)) =
        (alarm.datapoints_to_alarm.or(alarm.evaluation_periods), alarm.evaluation_periods)
    {
        lines.add("evaluated", format!("{n} of {of} data points"));
    }
    lines.add(
        "missing data",
        alarm.treat_missing.as_ref().map_or("missing".to_owned(), |t| t.shown().to_string()),
    );
    let cell = actions(alarm, scene, facts);
    lines.add_cell("actions", cell);
    for arn in document::targets(alarm) {
        let target = action_target::of(&facts.look(scene), &alarm.arn, arn);
        let what = match target.standing.words() {
            "" => target.kind.words().to_owned(),
            words => format!("{}, {words}", target.kind.words()),
        };
        lines.add("", format!("{} ({what})", arn.shown()));
    }
    if let Some(system) = facts.system_of_alarm(alarm) {
        lines.add("system", system.shown().to_string());
    }
    lines.add("arn", alarm.arn.shown().to_string());
    if let Some(Detail::Contributors(all)) =
        scene.inv.detail(&Source::Detail(About::Contributors(alarm.name.clone()))).and_then(|l| l.value())
    {
        for c in all {
            let what: Vec<String> =
                c.attributes.iter().map(|(k, v)| format!("{} = {}", k.shown(), v.shown())).collect();
            lines.add("contributor", format!("{}: {}", what.join(", "), c.reason.shown()));
        }
    }
    lines.blocks()
}

fn history<'a>(alarm: &Alarm, scene: &'a Scene<'_>) -> Option<&'a [HistoryItem]> {
    match scene.inv.detail(&Source::Detail(About::AlarmHistory(alarm.name.clone())))?.value()? {
        Detail::History(items) => Some(items),
        _ => None,
    }
}

/// `alarms history` as a document.
#[must_use]
pub fn history_document(alarm: &Alarm, scene: &Scene<'_>) -> Value {
    let items: Option<Vec<Value>> = history(alarm, scene).map(|items| {
        items
            .iter()
            .map(
                |i| json!({ "at": instant(i.at), "kind": snake(i.kind.wire()), "summary": i.summary.wire() }),
            )
            .collect()
    });
    scene.document("alarm_history", vec![("name", json!(alarm.name.wire())), ("history", json!(items))])
}

/// `alarms history` for a person.
#[must_use]
pub fn history_blocks(alarm: &Alarm, scene: &Scene<'_>) -> Vec<Block> {
    let mut table =
        Table::new(vec![Column::text("AT", 0), Column::text("KIND", 1), Column::words("WHAT", 0)]);
    for item in history(alarm, scene).unwrap_or_default() {
        table.row(vec![
            say::instant(item.at).into(),
            Cell::toned(item.kind.shown().to_string(), Tone::Faint),
            item.summary.shown().to_string().into(),
        ]);
    }
    vec![Block::Table(table)]
}
