//! An alarm as JSON: what `alarms list` and `alarms show` say of it. It concludes nothing itself.

use super::{Head, instant, maybe_instant, maybe_text, snake, system};
use crate::estate::alarm::{Alarm, AlarmKind, AlarmState, Subject as Watched};
use crate::estate::metric::{MetricQuery, MetricSource};
use crate::estate::{Arn, MetricId, Untrusted};
use crate::insight::{About, Detail, Look, Reach, Source, Subject, action_target};
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

fn pairs(pairs: &[(Untrusted, Untrusted)]) -> Value {
    let map: Map<String, Value> = pairs.iter().map(|(k, v)| (k.wire().to_owned(), json!(v.wire()))).collect();
    Value::Object(map)
}

/// The one metric that an alarm watches, if it watches one.
#[must_use]
pub fn metric(alarm: &Alarm) -> Option<&MetricId> {
    match &alarm.subject {
        Watched::Metric(MetricQuery { source: MetricSource::Stat { metric, .. }, .. }) => Some(metric),
        Watched::Metric(_) | Watched::Expression(_) | Watched::Rule(_) | Watched::Other(_) => None,
    }
}

/// An alarm as `alarms list` has it.
#[must_use]
pub fn json(alarm: &Alarm, look: &Look<'_>) -> Map<String, Value> {
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
    out.insert(
        "muted_until".into(),
        maybe_instant(look.picture.mutes.get(&alarm.name).and_then(|m| m.until)),
    );
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
    out.insert("system".into(), system(look, &Subject::Alarm(alarm.arn.clone())));
    out
}

/// What an alarm sets in motion in any state, each target once.
#[must_use]
pub fn targets(alarm: &Alarm) -> Vec<&Arn> {
    let mut arns: Vec<&Arn> = Vec::new();
    for arn in alarm.alarm_actions.iter().chain(&alarm.ok_actions).chain(&alarm.insufficient_data_actions) {
        if !arns.contains(&arn) {
            arns.push(arn);
        }
    }
    arns
}

/// What only `alarms show` has.
fn more(alarm: &Alarm, look: &Look<'_>) -> Vec<(&'static str, Value)> {
    let target = |arn: &&Arn| {
        let target = action_target::of(look, &alarm.arn, arn);
        json!({ "arn": arn.wire(), "kind": target.kind.word(), "exists": target.standing.exists() })
    };
    let targets: Vec<Value> = targets(alarm).iter().map(target).collect();
    let arns = |arns: &[crate::estate::Arn]| json!(arns.iter().map(|a| a.wire()).collect::<Vec<_>>());
    let chart = look.inv.metrics(&Source::Detail(About::AlarmChart(alarm.arn.clone(), Reach::Near)));
    let series: Option<Vec<Value>> = chart.map(|metrics| {
        let points = |points: &[(crate::estate::Timestamp, f64)]| {
            points.iter().map(|(t, v)| json!({ "at": instant(*t), "value": v })).collect::<Vec<_>>()
        };
        metrics.series.values().map(|p| json!(points(p))).collect()
    });
    let contributors = match look
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
        Watched::Rule(rule) => json!(rule.wire()),
        Watched::Metric(_) | Watched::Expression(_) | Watched::Other(_) => Value::Null,
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

/// The document of an alarm.
#[must_use]
pub fn show(alarm: &Alarm, head: &Head<'_>, look: &Look<'_>) -> Value {
    let mut content = json(alarm, look);
    content.extend(more(alarm, look).into_iter().map(|(k, v)| (k.to_owned(), v)));
    head.document("alarm", vec![("alarm", Value::Object(content))])
}
