//! Why an alarm is in its state, in few words, decoded from what CloudWatch says: `ALARM 12 min: 4 failures,
//! limit 1`. Everything from outside goes through `shown()`.

use super::roots::alarm_period;
use super::words;
use crate::estate::alarm::Subject;
use crate::estate::metric::MetricSource;
use crate::estate::{Alarm, AlarmState, Arn, MetricQuery, Timestamp, Untrusted};
use serde_json::Value;

/// The most of AWS's own words that are quoted in one line.
const QUOTED: usize = 120;

/// State, since when, and why. Safe to draw.
#[must_use]
pub fn sentence(alarm: &Alarm, now: Timestamp) -> String {
    let state = words::alarm_state(&alarm.state);
    let since = alarm.since.map_or_else(String::new, |t| format!(" {}", words::age(t, now)));
    match &alarm.state {
        AlarmState::Alarm => format!("{state}{since}: {}", why(alarm)),
        AlarmState::InsufficientData => {
            format!(
                "{state}{since}, {}",
                words::treat_missing(alarm.treat_missing.as_ref().map(|t| t.wire()))
            )
        }
        AlarmState::Ok => format!("{state}{since}"),
        AlarmState::Other(_) => format!("{state}{since}: {}", quoted(&alarm.reason)),
    }
}

/// Why an alarm is in its state: its value against its limit, the alarms behind a composite, or AWS's own
/// words. Safe to draw.
#[must_use]
pub fn why(alarm: &Alarm) -> String {
    let data = alarm.reason_data.as_ref().and_then(|d| serde_json::from_str::<Value>(d.wire()).ok());
    match &alarm.subject {
        Subject::Rule(_) => {
            let triggers = data.as_ref().map(triggers).unwrap_or_default();
            match triggers.as_slice() {
                [] => turned_by(&alarm.reason),
                [one] => format!("because of {}", one.shown()),
                [one, rest @ ..] => format!("because of {} and {} more", one.shown(), rest.len()),
            }
        }
        Subject::Metric(_) | Subject::Expression(_) => {
            data.and_then(|d| against_limit(alarm, &d)).unwrap_or_else(|| quoted(&alarm.reason))
        }
        Subject::Other(_) => quoted(&alarm.reason),
    }
}

/// What an alarm watches for, as a sentence part: `errors Sum >= 1 for 2 of 3 periods of 1 min`. Safe to
/// draw.
#[must_use]
pub fn condition(alarm: &Alarm) -> String {
    let operator = words::comparison(alarm.comparison.as_ref().map(|c| c.wire()));
    let limit = alarm.threshold.map_or_else(|| "its band".to_string(), |t| words::measured(t, unit(alarm)));
    let periods = alarm.evaluation_periods.unwrap_or(1);
    let enough = alarm.datapoints_to_alarm.unwrap_or(periods);
    let each = period(alarm_period(alarm));
    let span = if periods == 1 {
        format!("for {each}")
    } else {
        format!("for {enough} of {periods} periods of {each}")
    };
    match &alarm.subject {
        Subject::Rule(rule) => rule.shown().to_string(),
        Subject::Other(text) => text.shown().to_string(),
        Subject::Metric(_) | Subject::Expression(_) => {
            let stat = stat(alarm).map_or_else(String::new, |s| format!(" {}", s.shown()));
            format!("{}{stat} {operator} {limit} {span}", watched(alarm))
        }
    }
}

fn period(seconds: u32) -> String {
    if seconds < 60 { format!("{seconds} s") } else { words::duration(i64::from(seconds)) }
}

/// The value that decided, against the limit.
fn against_limit(alarm: &Alarm, data: &Value) -> Option<String> {
    let limit = alarm.threshold.or_else(|| data.get("threshold")?.as_f64());
    let below = alarm.comparison.as_ref().is_some_and(|c| c.wire().starts_with("LessThan"));
    let values = values(data);
    let worst =
        if below { values.iter().copied().reduce(f64::min) } else { values.iter().copied().reduce(f64::max) };
    let unit = unit(alarm).or_else(|| data.get("unit")?.as_str());
    let limit_words = match limit {
        Some(l) if below => format!("should be at least {}", words::measured(l, unit)),
        Some(l) => format!("limit {}", words::measured(l, unit)),
        None => "outside its band".to_string(),
    };
    let Some(worst) = worst else {
        let breaching = alarm.treat_missing.as_ref().is_some_and(|t| t.wire() == "breaching");
        return breaching.then(|| format!("no data for {}, which counts as breaching", watched(alarm)));
    };
    let value = words::measured(worst, unit);
    let what = watched(alarm);
    let summed = matches!(unit, None | Some("Count" | "None"))
        && stat(alarm).is_some_and(|s| matches!(s.wire(), "Sum" | "SampleCount"));
    Some(if summed {
        format!("{value} {what}, {limit_words}")
    } else {
        format!("{what} {value}, {limit_words}")
    })
}

/// The values that were judged: `evaluatedDatapoints` where it is there, else `recentDatapoints`.
fn values(data: &Value) -> Vec<f64> {
    let evaluated: Vec<f64> = data
        .get("evaluatedDatapoints")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|point| point.get("value")?.as_f64())
        .collect();
    if !evaluated.is_empty() {
        return evaluated;
    }
    let recent = data.get("recentDatapoints").and_then(Value::as_array);
    recent.into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// The alarms that a composite's reason names.
fn triggers(data: &Value) -> Vec<Untrusted> {
    data.get("triggeringAlarms")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|t| t.get("state").and_then(|s| s.get("value")).is_none_or(|v| v == "ALARM"))
        .filter_map(|t| Some(Arn::new(t.get("arn")?.as_str()?).resource()))
        .collect()
}

/// The reason of a composite without data: its first word is the ARN of the alarm that turned it.
fn turned_by(reason: &Untrusted) -> String {
    let first = Arn::new(reason.wire().split_whitespace().next().unwrap_or_default());
    match first.service() {
        Some("cloudwatch") => format!("because of {}", first.resource().shown()),
        Some(_) | None => quoted(reason),
    }
}

/// The query whose values are judged.
#[must_use]
pub fn judged(alarm: &Alarm) -> Option<&MetricQuery> {
    match &alarm.subject {
        Subject::Metric(query) => Some(query),
        Subject::Expression(queries) => queries.iter().find(|q| q.return_data).or_else(|| queries.last()),
        Subject::Rule(_) | Subject::Other(_) => None,
    }
}

fn stat(alarm: &Alarm) -> Option<&Untrusted> {
    match &judged(alarm)?.source {
        MetricSource::Stat { stat, .. } => Some(stat),
        MetricSource::Expression { .. } => None,
    }
}

/// The unit of what an alarm watches, where it says one or where AWS's own metric has a known one.
fn unit(alarm: &Alarm) -> Option<&str> {
    let MetricSource::Stat { metric, unit, .. } = &judged(alarm)?.source else { return None };
    match unit {
        Some(unit) => Some(unit.wire()),
        // "CPUUtilization: Percentage" in the metric tables of RDS, EC2 and ECS.
        None if metric.namespace.wire().starts_with("AWS/")
            && metric.name.wire().ends_with("Utilization") =>
        {
            Some("Percent")
        }
        None => None,
    }
}

/// What an alarm watches, as words. Safe to draw.
fn watched(alarm: &Alarm) -> String {
    let text = match judged(alarm) {
        None => return "value".to_string(),
        Some(query) => match (&query.label, &query.source) {
            (Some(label), MetricSource::Expression { .. }) if !label.is_empty() => label.shown().to_string(),
            (_, MetricSource::Stat { metric, .. }) => words::metric_name(&metric.name.shown().to_string()),
            (_, MetricSource::Expression { text, .. }) => text.shown().to_string(),
        },
    };
    cut(text)
}

fn quoted(reason: &Untrusted) -> String {
    cut(reason.shown().to_string())
}

fn cut(text: String) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::examples::*;

    fn with_data(data: &str) -> Alarm {
        Alarm { reason_data: Some(data.into()), ..in_alarm("a") }
    }

    #[test]
    fn a_metric_alarm_names_its_value_and_limit() {
        let alarm = with_data(r#"{"version":"1.0","recentDatapoints":[4.0],"threshold":1.0}"#);
        assert_eq!(sentence(&alarm, now()), "ALARM 12 min: 4 errors, limit 1");
    }

    #[test]
    fn a_composite_without_data_names_the_alarm_that_turned_it() {
        let reason = "arn:aws:cloudwatch:eu-central-1:1:alarm:vault-sealed transitioned to ALARM at Friday";
        let rule = Subject::Rule("ALARM(vault-sealed)".into());
        let mut alarm = Alarm { reason: reason.into(), subject: rule, ..in_alarm("a") };
        assert_eq!(why(&alarm), "because of vault-sealed");
        alarm.reason = "its rule was edited".into();
        assert_eq!(why(&alarm), "its rule was edited");
    }

    #[test]
    fn the_worst_of_the_judged_values_counts() {
        let data = r#"{"recentDatapoints":[1],"evaluatedDatapoints":[{"value":3},{"value":9},{}]}"#;
        assert_eq!(why(&with_data(data)), "9 errors, limit 1");
        let mut low = with_data(data);
        low.comparison = Some("LessThanThreshold".into());
        low.threshold = Some(5.0);
        assert_eq!(why(&low), "3 errors, should be at least 5");
    }

    #[test]
    fn a_utilization_is_a_percentage() {
        let mut cpu = with_data(r#"{"recentDatapoints":[93.04]}"#);
        cpu.threshold = Some(80.0);
        if let Subject::Metric(q) = &mut cpu.subject
            && let MetricSource::Stat { metric, stat, .. } = &mut q.source
        {
            *metric = crate::estate::MetricId::of("AWS/RDS", "CPUUtilization", &[]);
            *stat = "Average".into();
        }
        assert_eq!(why(&cpu), "CPU utilization 93 %, limit 80 %");
    }

    #[test]
    fn data_that_cannot_be_read_leaves_awss_own_words() {
        for data in ["{", "[]", r#"{"recentDatapoints":["x"]}"#, r#"{"recentDatapoints":[]}"#] {
            assert_eq!(why(&with_data(data)), "Threshold Crossed", "{data}");
        }
        let mut hostile = in_alarm("a");
        hostile.reason = format!("\u{1b}[2J{}", "x".repeat(500)).as_str().into();
        let text = why(&hostile);
        assert!(text.starts_with("\\x1b[2J") && text.chars().count() <= QUOTED + 1, "{text}");
    }

    #[test]
    fn missing_data_that_breaches_is_said() {
        let mut alarm = with_data(r#"{"recentDatapoints":[]}"#);
        alarm.treat_missing = Some("breaching".into());
        assert_eq!(why(&alarm), "no data for errors, which counts as breaching");
    }

    #[test]
    fn a_composite_names_what_triggered_it() {
        let mut alarm = with_data(
            r#"{"triggeringAlarms":[{"arn":"arn:aws:cloudwatch:eu-central-1:1:alarm:api-5xx","state":{"value":"ALARM"}},
               {"arn":"arn:aws:cloudwatch:eu-central-1:1:alarm:fine","state":{"value":"OK"}}]}"#,
        );
        alarm.subject = Subject::Rule("ALARM(\"api-5xx\")".into());
        assert_eq!(why(&alarm), "because of api-5xx");
    }

    #[test]
    fn insufficient_data_says_what_missing_means() {
        let mut alarm = alarm("a");
        alarm.state = AlarmState::InsufficientData;
        alarm.since = Some(ago(3 * 3600));
        alarm.treat_missing = Some("notBreaching".into());
        assert_eq!(sentence(&alarm, now()), "INSUFFICIENT_DATA 3 h, treats missing as ok");
        assert_eq!(condition(&alarm), "errors Sum >= 1 for 1 min");
    }
}
