//! What the detail of an alarm says: its state and why, the curve of its metric with its limit, what it
//! sets in motion and whether that is known, what mutes it, what holds it, what it did.

use super::chart::{Curve, curve};
use super::line::{Line, Span};
use super::say::Say;
use crate::console::model::enabled::ALARM_HOURS;
use crate::console::model::{Model, Screen};
use crate::controls::Role;
use crate::estate::alarm::Subject;
use crate::estate::metric::MetricSource;
use crate::estate::{Alarm, AlarmKind, AlarmState, Arn, MetricQuery, Window};
use crate::insight::action_target::{self, Standing};
use crate::insight::roots::chart_period;
use crate::insight::{About, Detail, MetricKey, Metrics, Reach, Source, words};
use std::collections::BTreeSet;

/// The lines of the alarm `arn`.
pub fn lines(model: &Model, arn: &Arn, say: &Say<'_>) -> Vec<Line> {
    let Some(alarm) = model.inventory.alarms.get(arn) else {
        let loaded = model.inventory.alarms.load().seen().is_some();
        let text = if loaded { "This alarm is no longer there." } else { "Alarms are on the way." };
        return vec![Line::of(Role::Dim, text)];
    };
    let mut out = state(alarm, say);
    out.extend(reason(model, alarm, say));
    out.push(Line::blank());
    out.extend(chart(model, alarm, say));
    out.extend(watched(alarm, say));
    out.extend(actions(model, alarm, say));
    out.extend(mutes(model, alarm, say));
    out.extend(contributors(model, alarm, say));
    out.extend(super::related(model, &Screen::Alarm(arn.clone()), say));
    out.extend(history(model, alarm, say));
    out
}

fn state(alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let (role, sign) = match &alarm.state {
        AlarmState::Alarm => (Role::Now, say.glyphs.now),
        AlarmState::Ok => (Role::Ok, say.glyphs.ok),
        AlarmState::InsufficientData | AlarmState::Other(_) => (Role::Unknown, say.glyphs.unknown),
    };
    let mut line = Line::of(role, format!("{sign} {}", words::alarm_state(&alarm.state)));
    if let Some(since) = alarm.since {
        line = line
            .and(Role::Text, format!(" for {}", words::age(since, say.now)))
            .and(Role::Dim, format!("   since {}", words::instant(since, say.now)));
    }
    if let Some(evaluation) = &alarm.evaluation {
        line = line.and(Role::Soon, format!("   {}", evaluation.shown()));
    }
    let mut lines = vec![line];
    if let Some(text) = &alarm.description {
        lines.extend(say.quoted(Role::Dim, text));
    }
    lines
}

fn reason(model: &Model, alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(sentence) = model.alarm_sentence(alarm) {
        lines.extend(say.wrapped(Role::Strong, &sentence));
    }
    if !alarm.reason.is_empty() {
        lines.extend(say.quoted(Role::Text, &alarm.reason));
    }
    for key in model.keys_told(&alarm.arn) {
        let name = key.name.shown().to_string();
        let line = Line::of(Role::Soon, format!("contain the key {name}"));
        lines.push(line.and(Role::Accent, format!("  {}", say.glyphs.arrow)).to(Screen::Contain(key)));
    }
    lines
}

/// The query whose values are compared with the threshold, and its key in the answers.
fn watched_query(alarm: &Alarm) -> Option<(&MetricQuery, MetricKey)> {
    let query = match &alarm.subject {
        Subject::Metric(query) => query,
        Subject::Expression(queries) => queries.iter().find(|q| q.return_data)?,
        Subject::Rule(_) | Subject::Other(_) => return None,
    };
    let key = match &query.source {
        MetricSource::Stat { metric, stat, .. } => MetricKey::Stat(metric.clone(), stat.clone()),
        MetricSource::Expression { .. } => MetricKey::Expression(query.id.clone()),
    };
    Some((query, key))
}

fn points<'m>(metrics: &'m Metrics, key: &MetricKey) -> &'m [(crate::estate::Timestamp, f64)] {
    metrics.series.get(key).or_else(|| metrics.series.values().next()).map_or(&[], Vec::as_slice)
}

fn chart(model: &Model, alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let (hours, reach) = model.chart_span(ALARM_HOURS);
    let source = Source::Detail(About::AlarmChart(alarm.arn.clone(), reach));
    let Some((query, key)) = watched_query(alarm) else { return Vec::new() };
    let (name, period) = match &query.source {
        MetricSource::Stat { metric, period_s, stat, .. } => (
            format!("{} ({})", words::metric_name(&metric.name.shown().to_string()), stat.shown()),
            *period_s,
        ),
        MetricSource::Expression { text, period_s } => (text.shown().to_string(), period_s.unwrap_or(300)),
    };
    let period = match reach {
        Reach::Near => period,
        Reach::Day | Reach::Week => chart_period(alarm, reach),
    };
    let time = span(hours);
    let mut lines = vec![
        Line::of(Role::Header, format!("{name}, {time}"))
            .ending(Role::Dim, format!("by {}", words::duration(i64::from(period)).replace("< ", ""))),
    ];
    let load = model.inventory.detail(&source);
    let standing = say.standing(load, "the curve");
    if let Some(metrics) = model.inventory.metrics(&source) {
        let several = metrics.labels.get(&key).map_or(0, BTreeSet::len);
        if several > 1 {
            lines.push(Line::of(Role::Dim, format!("the highest of {several} series at each time")));
        }
        let points = points(metrics, &key);
        if points.is_empty() && standing.is_none() {
            lines.push(Line::of(Role::Dim, format!("no data in {time}; it {}", missing(alarm))));
        } else if !points.is_empty() {
            let drawn = Curve {
                points,
                window: window(say, i64::from(hours)),
                period_s: i64::from(period),
                limit: alarm.threshold,
                glyphs: say.glyphs,
            };
            lines.extend(curve(&drawn, say.room.saturating_sub(2).min(140), say.chart_rows()));
        }
        for (_, trouble) in &metrics.trouble {
            lines.push(Line::of(
                Role::Unreadable,
                format!("{} CloudWatch says: {}", say.glyphs.unreadable, trouble.shown()),
            ));
        }
    }
    lines.extend(standing);
    lines.push(Line::blank());
    lines
}

/// The span of a chart in words.
pub fn span(hours: u32) -> String {
    if hours > 24 { format!("{} d", hours / 24) } else { format!("{hours} h") }
}

/// The last `hours`, ending with the minute that has begun.
pub fn window(say: &Say<'_>, hours: i64) -> Window {
    Window { from: crate::estate::time::plus_seconds(say.now, -hours * 3600), to: say.now }
}

fn missing(alarm: &Alarm) -> &'static str {
    words::treat_missing(alarm.treat_missing.as_ref().map(crate::estate::Untrusted::wire))
}

fn watched(alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    match &alarm.subject {
        Subject::Rule(rule) => {
            lines.push(say.heading("RULE", None));
            lines.extend(say.quoted(Role::Text, rule));
        }
        Subject::Other(text) => {
            lines.push(say.heading("WATCHES", None));
            lines.extend(say.quoted(Role::Text, text));
        }
        Subject::Metric(query) => {
            lines.push(say.heading("WATCHES", None));
            lines.extend(query_lines(query, say));
        }
        Subject::Expression(queries) => {
            lines.push(say.heading("WATCHES", None));
            for query in queries {
                lines.extend(query_lines(query, say));
            }
        }
    }
    if let Some(limit) = alarm.threshold {
        let sign = words::comparison(alarm.comparison.as_ref().map(crate::estate::Untrusted::wire));
        let mut text = format!("{sign} {}", words::number(limit));
        if let Some(n) = alarm.evaluation_periods {
            let m = alarm.datapoints_to_alarm.unwrap_or(n);
            text.push_str(&format!(" in {m} of {n} {}", if n == 1 { "period" } else { "periods" }));
        }
        lines.push(
            say.pair(
                "alarm when",
                Line::of(Role::Text, text).and(Role::Dim, format!("   {}", missing(alarm))),
            ),
        );
    } else if alarm.kind == AlarmKind::Metric {
        lines.push(say.pair(
            "alarm when",
            Line::of(Role::Text, "outside its anomaly band").and(Role::Dim, format!("   {}", missing(alarm))),
        ));
    }
    lines.push(Line::blank());
    lines
}

fn query_lines(query: &MetricQuery, say: &Say<'_>) -> Vec<Line> {
    match &query.source {
        MetricSource::Stat { metric, stat, period_s, .. } => {
            let mut lines = vec![
                say.pair(
                    "metric",
                    Line::of(Role::Text, format!("{} {}", metric.namespace.shown(), metric.name.shown()))
                        .and(Role::Dim, format!("   {} by {period_s} s", stat.shown())),
                ),
            ];
            for (name, value) in &metric.dimensions {
                lines.push(
                    say.pair(
                        "",
                        Line::of(Role::Dim, format!("{} ", name.shown()))
                            .and(Role::Text, value.shown().to_string()),
                    ),
                );
            }
            lines
        }
        MetricSource::Expression { text, .. } => {
            vec![say.pair("expression", Line::of(Role::Text, text.shown().to_string()))]
        }
    }
}

fn actions(model: &Model, alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let mut lines = vec![if alarm.actions_enabled {
        say.heading("ACTIONS", None)
    } else {
        Line::of(Role::Header, "ACTIONS")
            .and(Role::Soon, format!("  {} disabled: nobody is told", say.glyphs.soon))
    }];
    let groups = [
        ("on ALARM", &alarm.alarm_actions),
        ("on OK", &alarm.ok_actions),
        ("on no data", &alarm.insufficient_data_actions),
    ];
    for (label, arns) in groups {
        for (i, arn) in arns.iter().enumerate() {
            let target = action_target::of(&model.look(), &alarm.arn, arn);
            let role = match target.standing {
                Standing::There => Role::Ok,
                Standing::Missing | Standing::Malformed => Role::Now,
                Standing::Elsewhere => Role::Soon,
                Standing::NotNeeded | Standing::NotLookedUp => Role::Dim,
            };
            let line = Line::of(Role::Text, format!("{} {}", target.kind.words(), arn.resource().shown()));
            let line = match target.standing.words() {
                "" => line,
                words => line.and(role, format!("   {words}")),
            };
            lines.push(say.pair(if i == 0 { label } else { "" }, line));
        }
    }
    if groups.iter().all(|(_, arns)| arns.is_empty()) {
        lines.push(Line::of(Role::Soon, format!("{} none: nobody is told when it fires", say.glyphs.soon)));
    }
    lines.push(Line::blank());
    lines
}

fn mutes(model: &Model, alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, rule) in model.inventory.mutes.iter() {
        let Some(rule) = rule.value() else { continue };
        if !rule.targets.contains(&alarm.name) {
            continue;
        }
        let mut line = Line::of(Role::Strong, name.shown().to_string())
            .and(Role::Dim, format!("   {}", rule.status.shown().to_string().to_lowercase()));
        if let Some(schedule) = &rule.schedule {
            line = line.and(Role::Dim, format!("   {}", schedule.shown()));
        }
        if let Some(length) = &rule.duration {
            line = line.and(Role::Dim, format!(" for {}", length.shown()));
        }
        lines.push(line);
    }
    if !lines.is_empty() {
        let count = lines.len();
        lines.insert(0, say.heading("MUTED BY", Some(count)));
        lines.push(Line::of(
            Role::Dim,
            "While a rule is active the actions of all three states are held back.",
        ));
        lines.push(Line::blank());
    } else if let Some(fault) = model.inventory.mutes.load().fault() {
        let left = vec![Span { role: Role::Dim, text: "mute rules ".to_owned() }, say.gap(fault)];
        lines.push(Line { left, ..Line::default() });
        lines.push(Line::blank());
    }
    lines
}

fn contributors(model: &Model, alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let load = model.inventory.detail(&Source::Detail(About::Contributors(alarm.name.clone())));
    let Some(Detail::Contributors(all)) = load.and_then(|l| l.value()) else { return Vec::new() };
    if all.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![say.heading("CONTRIBUTORS", Some(all.len()))];
    for c in all {
        let names: Vec<String> =
            c.attributes.iter().map(|(n, v)| format!("{} {}", n.shown(), v.shown())).collect();
        let mut line = Line::of(Role::Text, names.join(", "));
        if let Some(since) = c.since {
            line = line.ending(Role::Dim, words::age(since, say.now));
        }
        lines.push(line);
    }
    lines.push(Line::blank());
    lines
}

fn history(model: &Model, alarm: &Alarm, say: &Say<'_>) -> Vec<Line> {
    let load = model.inventory.detail(&Source::Detail(About::AlarmHistory(alarm.name.clone())));
    let items = match load.and_then(|l| l.value()) {
        Some(Detail::History(items)) => items.as_slice(),
        Some(_) | None => &[],
    };
    let standing = say.standing(load, "the history");
    let mut lines = vec![say.heading("HISTORY", Some(items.len()).filter(|n| *n > 0))];
    if items.is_empty() && standing.is_none() {
        lines.push(Line::of(Role::Dim, "nothing happened to it in the 30 days that CloudWatch keeps"));
    }
    lines.extend(standing);
    for item in items {
        let what = item.kind.shown().to_string();
        let role = if what == "StateUpdate" { Role::Text } else { Role::Dim };
        lines.push(
            Line::of(Role::Dim, format!("{:<18}", words::instant(item.at, say.now).replace(" UTC", "")))
                .and(role, item.summary.shown().to_string()),
        );
    }
    lines
}
