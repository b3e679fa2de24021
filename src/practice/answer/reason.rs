//! The words in which CloudWatch gives the reason of an alarm's state, and the JSON beside them. Source:
//! CloudWatch API reference, `StateReason` and `StateReasonData`; the sentences are those of the console.

use super::time;
use crate::practice::world::Second;
use crate::practice::world::alarm::{
    Absent, Alarm, Comparison, Contributor, Points, State, Turn, Watch, Why,
};

/// The comparison as AWS writes it.
pub(super) fn operator(op: Comparison) -> &'static str {
    match op {
        Comparison::Above => "GreaterThanThreshold",
        Comparison::AtLeast => "GreaterThanOrEqualToThreshold",
        Comparison::Below => "LessThanThreshold",
        Comparison::AtMost => "LessThanOrEqualToThreshold",
    }
}

fn spoken(op: Comparison) -> &'static str {
    match op {
        Comparison::Above => "greater than",
        Comparison::AtLeast => "greater than or equal to",
        Comparison::Below => "less than",
        Comparison::AtMost => "less than or equal to",
    }
}

/// `StateReason`.
pub(super) fn words(a: &Alarm) -> String {
    match a.turns.last() {
        None => first_words(a),
        Some(turn) => match &turn.why {
            Why::Before => first_words(a),
            Why::Child(name, state) => format!(
                "{} transitioned to {} at {}",
                crate::practice::world::arn("cloudwatch", &format!("alarm:{name}")),
                state.word(),
                long(turn.at)
            ),
            Why::Data(points) => crossed(a, turn, points),
        },
    }
}

fn first_words(a: &Alarm) -> String {
    match a.watch {
        Watch::Rule(_) => {
            format!("{} was created and its alarm rule evaluates to {}", a.arn(), a.state.word())
        }
        Watch::Metric { .. } | Watch::Maths { .. } | Watch::Select { .. } | Watch::Log { .. } => {
            "Unchecked: Initial alarm creation".to_owned()
        }
    }
}

fn crossed(a: &Alarm, turn: &Turn, points: &Points) -> String {
    let there: Vec<String> =
        points.iter().filter_map(|(at, v)| v.map(|v| format!("{} ({})", number(v), short(*at)))).collect();
    let missing = points.len() - there.len();
    let are = |n: usize| if n == 1 { "was" } else { "were" };
    let plural = |n: usize, word: &str| if n == 1 { word.to_owned() } else { format!("{word}s") };
    if turn.to == State::Insufficient {
        return format!(
            "Insufficient Data: {missing} {} {} unknown.",
            plural(missing, "datapoint"),
            are(missing)
        );
    }
    if there.is_empty() {
        let treated = if a.missing == Absent::Breaching { "Breaching" } else { "NonBreaching" };
        return format!(
            "Threshold Crossed: no datapoints were received for {missing} {} and {missing} missing {} {} treated as [{treated}].",
            plural(missing, "period"),
            plural(missing, "datapoint"),
            are(missing)
        );
    }
    let deciding =
        points.iter().filter(|(_, v)| v.is_some_and(|v| a.breaches(v) == (turn.to == State::Alarm))).count();
    let needed = a.needed() as usize;
    format!(
        "Threshold Crossed: {deciding} out of the last {} datapoints [{}] {} {}{} the threshold ({}) (minimum {needed} {} for {} -> {} transition).",
        points.len(),
        there.join(", "),
        are(there.len()),
        if turn.to == State::Ok { "not " } else { "" },
        spoken(a.op),
        number(a.threshold),
        plural(needed, "datapoint"),
        turn.from.word(),
        turn.to.word()
    )
}

/// Why a series keeps an alarm over several in ALARM.
pub(super) fn of_contributor(a: &Alarm, c: &Contributor<'_>) -> String {
    let turn = Turn { at: c.since, from: State::Ok, to: State::Alarm, why: Why::Before, acted: false };
    crossed(a, &turn, &c.points)
}

/// `StateReasonData`.
pub(super) fn data(a: &Alarm) -> Option<String> {
    let turn = a.turns.last()?;
    match &turn.why {
        Why::Before => None,
        Why::Child(name, state) => Some(child(name, *state, turn.at)),
        Why::Data(points) => Some(judged(a, turn, points)),
    }
}

fn stamp(at: Second) -> String {
    time(at).strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// The alarm that turned a composite.
fn child(name: &str, state: State, at: Second) -> String {
    let arn = crate::practice::world::arn("cloudwatch", &format!("alarm:{name}"));
    let state = serde_json::json!({ "value": state.word(), "timestamp": stamp(at) });
    serde_json::json!({ "triggeringAlarms": [{ "arn": arn, "state": state }] }).to_string()
}

/// The data points that were judged.
fn judged(a: &Alarm, turn: &Turn, points: &Points) -> String {
    let values: Vec<f64> = points.iter().rev().filter_map(|(_, v)| *v).collect();
    let stat = match &a.watch {
        Watch::Metric { stat, .. } | Watch::Maths { stat, .. } | Watch::Select { stat, .. } => stat.as_str(),
        Watch::Log { .. } | Watch::Rule(_) => "Sum",
    };
    let evaluated: Vec<serde_json::Value> = points
        .iter()
        .filter_map(|(at, v)| Some(serde_json::json!({ "timestamp": stamp(*at), "value": (*v)? })))
        .collect();
    let json = serde_json::json!({
        "version": "1.0",
        "queryDate": stamp(turn.at),
        "startDate": points.last().map(|(at, _)| stamp(*at)),
        "statistic": stat,
        "period": a.period,
        "recentDatapoints": values,
        "threshold": a.threshold,
        "evaluatedDatapoints": evaluated,
    });
    json.to_string()
}

/// A number as CloudWatch prints it: always with a point.
fn number(v: f64) -> String {
    if v == v.trunc() && v.abs() < 1e15 { format!("{v:.1}") } else { format!("{v}") }
}

fn short(at: Second) -> String {
    time(at).strftime("%d/%m/%y %H:%M:%S").to_string()
}

fn long(at: Second) -> String {
    time(at).strftime("%A %d %B, %Y %H:%M:%S UTC").to_string()
}
