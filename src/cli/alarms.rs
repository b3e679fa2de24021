//! `alarms list`, `alarms show` and `alarms history`: what they read and how they say it. It makes no
//! conclusions of its own.

use super::facts::Facts;
use super::say;
use super::scene::{Scene, instant, maybe_instant, maybe_text, snake};
use super::table::{Block, Cell, Column, Table, Tone};
use crate::estate::alarm::{Alarm, AlarmKind, AlarmState, Subject};
use crate::estate::metric::{MetricQuery, MetricSource};
use crate::estate::{Arn, HistoryItem, MetricId, Untrusted};
use crate::insight::action_target::{self, ActionTarget};
use crate::insight::{About, Broad, Detail, Reach, Source};
use serde_json::{Map, Value, json};

/// The word for a kind of alarm.
#[must_use]
pub fn kind(kind: &AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Metric => "metric",
        AlarmKind::Composite => "composite",
        AlarmKind::Log => "log",
    }
}

/// The word for a state.
#[must_use]
pub fn state(state: &AlarmState) -> String {
    match state {
        AlarmState::Alarm => "alarm".to_owned(),
        AlarmState::InsufficientData => "insufficient_data".to_owned(),
        AlarmState::Ok => "ok".to_owned(),
        AlarmState::Other(other) => snake(other.wire()),
    }
}

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

fn pairs(pairs: &[(Untrusted, Untrusted)]) -> Value {
    let map: Map<String, Value> = pairs.iter().map(|(k, v)| (k.wire().to_owned(), json!(v.wire()))).collect();
    Value::Object(map)
}

/// The one metric that an alarm watches, if it watches one.
fn metric(alarm: &Alarm) -> Option<&MetricId> {
    match &alarm.subject {
        Subject::Metric(MetricQuery { source: MetricSource::Stat { metric, .. }, .. }) => Some(metric),
        Subject::Metric(_) | Subject::Expression(_) | Subject::Rule(_) | Subject::Other(_) => None,
    }
}

/// An alarm as `alarms list` has it.
#[must_use]
pub fn json(alarm: &Alarm, facts: &Facts) -> Map<String, Value> {
    let metric = metric(alarm);
    let word = |w: Option<&Untrusted>| w.map_or(Value::Null, |w| json!(snake(w.wire())));
    let mut out = Map::new();
    out.insert("name".into(), json!(alarm.name.wire()));
    out.insert("arn".into(), json!(alarm.arn.wire()));
    out.insert("kind".into(), json!(kind(&alarm.kind)));
    out.insert("state".into(), json!(state(&alarm.state)));
    out.insert("since".into(), maybe_instant(alarm.since));
    out.insert("reason".into(), json!(alarm.reason.wire()));
    out.insert("actions_enabled".into(), json!(alarm.actions_enabled));
    out.insert("muted_until".into(), maybe_instant(facts.muted_until(&alarm.name)));
    out.insert("namespace".into(), maybe_text(metric.map(|m| &m.namespace)));
    out.insert("metric".into(), maybe_text(metric.map(|m| &m.name)));
    out.insert("dimensions".into(), metric.map_or(Value::Null, |m| pairs(&m.dimensions)));
    out.insert("threshold".into(), json!(alarm.threshold));
    out.insert("comparison".into(), word(alarm.comparison.as_ref()));
    // "If you omit this parameter, the default behavior of missing is used" (PutMetricAlarm); composites
    // have none.
    let treat = match (&alarm.treat_missing, &alarm.kind) {
        (Some(treat), _) => json!(snake(treat.wire())),
        (None, AlarmKind::Metric) => json!("missing"),
        (None, AlarmKind::Composite | AlarmKind::Log) => Value::Null,
    };
    out.insert("treat_missing".into(), treat);
    out.insert("evaluation".into(), word(alarm.evaluation.as_ref()));
    out.insert("system".into(), maybe_text(facts.system_of_alarm(alarm)));
    out
}

/// What an alarm sets in motion in any state, each target once.
fn targets<'a>(alarm: &'a Alarm, scene: &Scene<'_>, facts: &Facts) -> Vec<(&'a Arn, ActionTarget)> {
    let mut arns: Vec<&Arn> = Vec::new();
    for arn in alarm.alarm_actions.iter().chain(&alarm.ok_actions).chain(&alarm.insufficient_data_actions) {
        if !arns.contains(&arn) {
            arns.push(arn);
        }
    }
    let look = facts.look(scene);
    arns.into_iter().map(|arn| (arn, action_target::of(&look, &alarm.arn, arn))).collect()
}

/// What only `alarms show` has.
fn more(alarm: &Alarm, scene: &Scene<'_>, facts: &Facts) -> Vec<(&'static str, Value)> {
    let target = |(arn, target): &(&Arn, ActionTarget)| json!({ "arn": arn.wire(), "kind": target.kind.word(), "exists": target.standing.exists() });
    let targets: Vec<Value> = targets(alarm, scene, facts).iter().map(target).collect();
    let arns = |arns: &[crate::estate::Arn]| json!(arns.iter().map(|a| a.wire()).collect::<Vec<_>>());
    let chart = scene.inv.metrics(&Source::Detail(About::AlarmChart(alarm.arn.clone(), Reach::Near)));
    let series: Option<Vec<Value>> = chart.map(|metrics| {
        let points = |points: &[(crate::estate::Timestamp, f64)]| {
            points.iter().map(|(t, v)| json!({ "at": instant(*t), "value": v })).collect::<Vec<_>>()
        };
        metrics.series.values().map(|p| json!(points(p))).collect()
    });
    let contributors = match scene
        .inv
        .detail(&Source::Detail(About::Contributors(alarm.name.clone())))
        .and_then(|l| l.value())
    {
        Some(Detail::Contributors(all)) => json!(
            all.iter()
                .map(|c| json!({
                    "attributes": pairs(&c.attributes),
                    "reason": c.reason.wire(),
                    "since": maybe_instant(c.since),
                }))
                .collect::<Vec<_>>()
        ),
        _ => Value::Null,
    };
    let rule = match &alarm.subject {
        Subject::Rule(rule) => json!(rule.wire()),
        Subject::Metric(_) | Subject::Expression(_) | Subject::Other(_) => Value::Null,
    };
    vec![
        ("description", maybe_text(alarm.description.as_ref())),
        ("evaluation_periods", json!(alarm.evaluation_periods)),
        ("datapoints_to_alarm", json!(alarm.datapoints_to_alarm)),
        ("rule", rule),
        ("alarm_actions", arns(&alarm.alarm_actions)),
        ("ok_actions", arns(&alarm.ok_actions)),
        ("insufficient_data_actions", arns(&alarm.insufficient_data_actions)),
        ("targets", Value::Array(targets)),
        ("contributors", contributors),
        ("series", json!(series)),
    ]
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
    let alarms = sorted(scene).into_iter().map(|a| Value::Object(json(a, facts))).collect();
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
    let mut content = json(alarm, facts);
    content.extend(more(alarm, scene, facts).into_iter().map(|(k, v)| (k.to_owned(), v)));
    scene.document("alarm", vec![("alarm", Value::Object(content))])
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
    for (arn, target) in targets(alarm, scene, facts) {
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
