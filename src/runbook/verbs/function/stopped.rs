//! `function.stopped`: nothing of a function runs any more, or no more than was allowed: by its metrics, once what ran
//! before has come to its end and CloudWatch has told of it. What came into its dead-letter queues meanwhile is said.

use super::evidence::greatest;
use super::spill::waiting;
use super::{FUNCTION, config, function};
use crate::estate::ask::cloudwatch::GetMetricData;
use crate::estate::ask::sqs::{GetQueueAttributes, ListQueues};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Arn, FunctionName, Series, Timestamp, Untrusted, Window};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::function_errors::{by_minute, minute};
use crate::runbook::verbs::key::{all, instant as time, seconds};
use crate::runbook::verbs::with::{later, list, optional};
use crate::runbook::view::View;
use crate::runbook::words::{instant, said as how_long};

/// Looks whether it has stopped.
pub struct Stopped;

/// Points of metrics come late: by so many seconds, as far as is known here.
const LATE: i64 = 180;
/// A function runs for 15 minutes at most ("Lambda quotas").
const LONGEST: u64 = 900;

impl Verb for Stopped {
    fn name(&self) -> &'static str {
        "function.stopped"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Waits until what ran is over and CloudWatch has told of it, then stops unless nothing of the function was invoked \
         since, or no more ran at once than `to`; says what came into its dead-letter queues meanwhile, and asks at once if \
         messages of the queues that feed it go to theirs."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            FUNCTION,
            optional("since", ValueType::Time, "when it was held down; when the step begins without it"),
            optional("to", ValueType::Number, "how many may run at once; 0 without it"),
            optional(
                "longest",
                ValueType::Duration,
                "how long an invocation lasts at most; 15 min without it",
            ),
            optional("dead", ValueType::List, "the ARNs of where its failed events go"),
            optional(
                "spills",
                ValueType::List,
                "the ARNs of the dead-letter queues of the queues that feed it",
            ),
            optional("spilled", ValueType::Number, "how many messages were in those before"),
            optional(
                "burns",
                ValueType::Duration,
                "how long a message takes to get there, if it is throttled each time",
            ),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let name = function(v)?;
        let to = match v.with.get("to") {
            Some(Value::Number(n)) => *n,
            Some(_) | None => 0,
        };
        if v.planning {
            config(v, &name)?;
            let what = match to {
                0 => "that nothing of it was invoked since, once its longest invocation is over".to_owned(),
                to => format!("that no more than {to} run at once, and what is throttled"),
            };
            return Ok(Done { evidence: vec![later(&what)], ..Done::default() });
        }
        let since = time(v, "since").unwrap_or(v.began);
        let until = plus_seconds(since, seconds(v, "longest", LONGEST).max(seconds(v, "burns", 0)) + LATE);
        let window = Window { from: minute(since), to: minute(plus_seconds(v.now, 60)) };
        let told = match v.pages(GetMetricData { queries: queries(&name), window })? {
            Ok(pages) => judge(&pages.concat(), since, to),
            Err(fault) => Err(fault.to_string()),
        };
        let told = match (told, v.attested) {
            (Ok(told), _) => told,
            (Err(why), Some(words)) => {
                let said =
                    format!("a person attests that it runs no more: {}", Untrusted::from(words).shown());
                return Ok(Done { evidence: vec![format!("its metrics: {why}"), said], ..Done::default() });
            }
            (Err(why), None) => {
                return Err(Need::Person(Question {
                    text: format!(
                        "The metrics of {} could not be read. How do you know that it runs no more than it may?",
                        name.shown()
                    ),
                    evidence: vec![why],
                    words: true,
                    ..Question::default()
                }));
            }
        };
        let figures = format!(
            "since {}: {:.0} invocations, {:.0} throttles, {:.0} at once at most",
            instant(since),
            told.calls,
            told.throttles,
            told.most
        );
        if told.over {
            return Err(Need::Refuse(format!(
                "NOT HELD DOWN: {} ran more than it may: {figures}. Somebody has changed its concurrency, or the metrics are \
                 of before: look, and resume",
                name.shown()
            )));
        }
        let burnt = burnt(v)?;
        if let (Some(more), None) = (burnt, v.attested) {
            return Err(Need::Person(burning(&name, more, &figures)));
        }
        if v.now < until {
            let left = seconds_between(v.now, until);
            let why = format!(
                "what ran before to come to its end, and for its metrics, which come late ({} to go); {figures}",
                how_long(left.unsigned_abs())
            );
            return Err(Need::Time { until: plus_seconds(v.now, left.min(300)), accepts: Vec::new(), why });
        }
        let mut evidence = vec![match to {
            0 => format!("nothing of {} runs: {figures}", name.shown()),
            to => format!("no more than {to} of {} run at once: {figures}", name.shown()),
        }];
        evidence.extend(burnt.zip(v.attested).map(|(more, words)| {
            format!("{}; a person goes on: {}", burns(more), Untrusted::from(words).shown())
        }));
        evidence.extend(letters(v)?);
        Ok(Done { evidence, ..Done::default() })
    }
}

/// How many messages more than before are in the dead-letter queues of the queues that feed it; `None` if there are none, or
/// nobody can tell.
fn burnt(v: &View<'_>) -> Result<Option<u64>, Need> {
    let Some(Value::Number(before)) = v.with.get("spilled") else { return Ok(None) };
    let now = waiting(v, list(v, "spills"))?;
    let before = u64::try_from(*before).unwrap_or(0);
    Ok(now.and_then(|now| now.checked_sub(before)).filter(|more| *more > 0))
}

fn burns(more: u64) -> String {
    format!("{more} messages more than before are in the dead-letter queues of the queues that feed it")
}

fn burning(name: &FunctionName, more: u64, figures: &str) -> Question {
    Question {
        text: format!(
            "MESSAGES ARE BURNT: {}. {} is throttled on them, each time counts as received, and they go on undone. Undo \
             this and stop it with its event sources disabled (`how=off`, or `bartizan runbook start \
             function-isolated`), or say why it may go on",
            burns(more),
            name.shown()
        ),
        evidence: vec![figures.to_owned()],
        words: true,
        ..Question::default()
    }
}

fn queries(name: &FunctionName) -> Vec<crate::estate::MetricQuery> {
    let name = name.text();
    vec![
        by_minute("calls", "Invocations", name),
        by_minute("throttles", "Throttles", name),
        greatest("concurrent", "ConcurrentExecutions", name),
    ]
}

/// What was seen since it was held down.
struct Told {
    calls: f64,
    throttles: f64,
    most: f64,
    /// It is more than it may be.
    over: bool,
}

/// The minute in which it was held down and the one after it tell of before, too.
fn judge(series: &[Series], since: Timestamp, to: i64) -> Result<Told, String> {
    if let Some(trouble) = series.iter().find_map(|s| s.trouble.as_ref()) {
        return Err(format!("CloudWatch: {}", trouble.shown()));
    }
    let from = plus_seconds(minute(since), 120);
    let points = |id: &str| {
        let of = series.iter().filter(move |s| s.id.wire() == id).flat_map(|s| &s.points);
        of.filter(|(t, _)| *t >= from).map(|(_, n)| *n).collect::<Vec<f64>>()
    };
    // a sum of nothing is -0
    let sum = |id: &str| points(id).into_iter().fold(0.0, |all, n| all + n);
    let calls = sum("calls");
    let most = points("concurrent").into_iter().fold(0.0, f64::max);
    let over = if to == 0 { calls > 0.0 } else { most > to as f64 };
    Ok(Told { calls, throttles: sum("throttles"), most, over })
}

/// What is in its dead-letter queues, and how it is sent back later.
fn letters(v: &View<'_>) -> Result<Vec<String>, Need> {
    let queues: Vec<Arn> =
        list(v, "dead").iter().map(|a| Arn::new(a.wire())).filter(|a| a.service() == Some("sqs")).collect();
    if queues.is_empty() {
        return Ok(Vec::new());
    }
    let urls = match v.pages(ListQueues {})? {
        Ok(pages) => pages.concat(),
        Err(fault) => return Ok(vec![format!("what is in its dead-letter queues is not known: {fault}")]),
    };
    let found = queues.iter().filter_map(|a| urls.iter().find(|u| u.name() == a.resource()));
    let found: Vec<_> = found.collect();
    let told = all(found.iter().map(|u| v.pages(GetQueueAttributes { queue: (*u).clone() })))?;
    let mut said = Vec::new();
    for (url, facts) in found.iter().zip(told) {
        let name = url.name();
        match facts.map(|f| f.into_iter().next().and_then(|f| f.messages)) {
            Ok(Some(0)) => said.push(format!("{} is empty", name.shown())),
            Ok(Some(n)) => said.push(format!(
                "{} has about {n} messages: when it runs again, `{}`",
                name.shown(),
                drain(&name)
            )),
            Ok(None) => said.push(format!("how many messages {} has is not told", name.shown())),
            Err(fault) => said.push(format!("{}: not known ({fault})", name.shown())),
        }
    }
    Ok(said)
}

/// The command that sends failed events back.
pub(super) fn drain(queue: &Untrusted) -> String {
    format!("bartizan runbook start dlq-drain --set queue={}", crate::runbook::shell::quote(queue.wire()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_before_is_no_alarm_and_what_runs_after_is() {
        let since: Timestamp = "2026-11-17T10:00:30Z".parse().unwrap();
        let at = |s: i64| plus_seconds(minute(since), s);
        let series = |id: &str, points: Vec<(Timestamp, f64)>| Series {
            id: id.into(),
            label: id.into(),
            points,
            trouble: None,
        };
        for (to, calls, most, over) in [
            (0, vec![(at(0), 40.0), (at(60), 3.0)], vec![(at(60), 9.0)], false),
            (0, vec![(at(120), 1.0)], vec![], true),
            (0, vec![], vec![], false),
            (5, vec![(at(120), 900.0)], vec![(at(60), 90.0), (at(120), 5.0)], false),
            (5, vec![(at(120), 900.0)], vec![(at(180), 6.0)], true),
        ] {
            let told = judge(&[series("calls", calls), series("concurrent", most)], since, to).unwrap();
            assert_eq!(told.over, over, "{to}");
        }
        let broken = Series { trouble: Some("no".into()), ..series("calls", vec![]) };
        assert!(judge(&[broken], since, 0).is_err());
    }
}
