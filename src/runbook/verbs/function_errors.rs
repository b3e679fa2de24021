//! `function.errors`: watches a function's errors for a while after a change, against as long a while before it.
//! Source: CloudWatch metrics of Lambda (`AWS/Lambda`): `Errors` and `Invocations`, by `FunctionName`.

use super::super::definition::StepKind;
use super::super::need::{Done, Need, Question};
use super::super::value::{Value, ValueType};
use super::super::verb::{Output, Param, Verb};
use super::super::view::View;
use super::super::words::said;
use super::with;
use crate::estate::ask::cloudwatch::GetMetricData;
use crate::estate::metric::MetricSource;
use crate::estate::time::{floor, plus_seconds, seconds_between};
use crate::estate::{MetricId, MetricQuery, Series, Timestamp, Untrusted, Window};
use std::time::Duration;

/// Watches.
pub struct Watch;

/// Points come late: the last ones are looked at this many seconds after the while is over.
const LATE: i64 = 120;

/// A rise: at least so many errors, and more than twice those before. Fewer are within what any function has.
const RISE: f64 = 3.0;

impl Verb for Watch {
    fn name(&self) -> &'static str {
        "function.errors"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Watches a function's errors after a change against those before it, minute by minute; asks a person if they \
         rose or cannot be read. Without a `function` nothing is watched, and that is said."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::optional("function", ValueType::Text, "the name of the function that reads the value"),
            with::optional(
                "since",
                ValueType::Time,
                "when the change was made; when the step begins without it",
            ),
            with::needed(
                "for",
                ValueType::Duration,
                "how long to watch, and how long before to compare with",
            ),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let done = |text: String| Ok(Done { evidence: vec![text], ..Done::default() });
        let Some(function) = view.maybe_text("function") else {
            return done("no function is named: errors were not watched".to_owned());
        };
        let span = i64::try_from(with::seconds(view, "for")?).unwrap_or(i64::MAX).max(60);
        let (name, length) = (function.shown(), said(span.unsigned_abs()));
        if view.planning {
            return done(format!("the errors of {name} would be watched for {length}"));
        }
        if let Some(words) = view.attested {
            return done(format!("a person judged the errors of {name}: {}", Untrusted::from(words).shown()));
        }
        let change = minute(match view.with.get("since") {
            Some(Value::Time(since)) => *since,
            Some(_) | None => view.began,
        });
        let window = Window { from: plus_seconds(change, -span), to: plus_seconds(change, span) };
        let ask = GetMetricData { queries: queries(function), window };
        let seen = match view.pages(ask)? {
            Ok(pages) => count(&pages.concat(), change),
            Err(fault) => Err(fault.to_string()),
        };
        let seen = seen.map_err(|why| {
            question(format!("The errors of {name} could not be read. Look yourself: does it work?"), why)
        })?;
        let figures = format!(
            "{name}: {:.0} errors in {:.0} calls since the change, {:.0} in {:.0} in {length} before it",
            seen.errors_after, seen.calls_after, seen.errors_before, seen.calls_before
        );
        if seen.errors_after >= RISE && seen.errors_after > 2.0 * seen.errors_before {
            let text = format!(
                "The errors of {name} rose after the change. Undo it, or say why it is not to blame."
            );
            return Err(question(text, figures));
        }
        let left = seconds_between(view.now, plus_seconds(window.to, LATE));
        if left > 0 {
            let after = Duration::from_secs(left.clamp(5, 60).unsigned_abs());
            return Err(Need::Again { after, why: format!("{length} to pass without errors; {figures}") });
        }
        let nothing =
            if seen.calls_after == 0.0 { "; it was not called, so this proves nothing" } else { "" };
        done(format!("{figures}{nothing}"))
    }
}

fn question(text: String, evidence: String) -> Need {
    Need::Person(Question { text, evidence: vec![evidence], words: true, ..Question::default() })
}

/// The beginning of its minute: points stand for whole minutes, and the window must be the same at every look.
pub(super) fn minute(t: Timestamp) -> Timestamp {
    floor(t, 60)
}

fn queries(function: &Untrusted) -> Vec<MetricQuery> {
    [("errors", "Errors"), ("calls", "Invocations")]
        .map(|(id, metric)| by_minute(id, metric, function))
        .into()
}

/// The sums, minute by minute, of a metric of a function.
pub(super) fn by_minute(id: &str, metric: &str, function: &Untrusted) -> MetricQuery {
    MetricQuery {
        id: id.into(),
        source: MetricSource::Stat {
            metric: MetricId::of("AWS/Lambda", metric, &[("FunctionName", function.wire())]),
            stat: "Sum".into(),
            period_s: 60,
            unit: None,
        },
        return_data: true,
        label: None,
    }
}

/// What was seen before and after the change. A minute without a point had none.
#[derive(Default)]
struct Seen {
    errors_before: f64,
    errors_after: f64,
    calls_before: f64,
    calls_after: f64,
}

fn count(series: &[Series], change: Timestamp) -> Result<Seen, String> {
    let mut seen = Seen::default();
    for one in series {
        if let Some(trouble) = &one.trouble {
            return Err(format!("CloudWatch: {}", trouble.shown()));
        }
        let sum = |after: bool| -> f64 {
            one.points.iter().filter(|(t, _)| (*t >= change) == after).map(|(_, value)| value).sum()
        };
        match one.id.wire() {
            "errors" => {
                (seen.errors_before, seen.errors_after) =
                    (seen.errors_before + sum(false), seen.errors_after + sum(true))
            }
            "calls" => {
                (seen.calls_before, seen.calls_after) =
                    (seen.calls_before + sum(false), seen.calls_after + sum(true))
            }
            _ => {}
        }
    }
    Ok(seen)
}
