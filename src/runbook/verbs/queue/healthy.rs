//! `consumer.healthy`: whether what will get the messages can take them: functions that are not switched off, event
//! sources that are enabled, no errors and no throttles lately. Sources: Lambda developer guide, "Asynchronous
//! invocation", "Using Lambda with Amazon SQS"; CloudWatch metrics of Lambda.

use super::{QUEUE, functions, known, named};
use crate::estate::ask::cloudwatch::GetMetricData;
use crate::estate::ask::lambda::{GetFunctionConcurrency, ListEventSourceMappings};
use crate::estate::time::plus_seconds;
use crate::estate::{FunctionName, Untrusted, Window};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::function_errors::{by_minute, minute};
use crate::runbook::verbs::key::{all, text};
use crate::runbook::view::View;

/// Checks.
pub struct Healthy;

/// How far back errors count, in seconds.
const LATELY: i64 = 600;
/// Functions whose errors are looked at; of more, the first ones, which is said.
const LOOKED_AT: usize = 40;

impl Verb for Healthy {
    fn name(&self) -> &'static str {
        "consumer.healthy"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Checks that the functions which will get a queue's messages are not switched off, their event sources enabled, and \
         that they had no errors and throttles in the last ten minutes; asks a person where they had."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            QUEUE,
            Param {
                name: "function",
                kind: ValueType::Text,
                optional: true,
                doc: "the consuming function, where it is known",
            },
            Param {
                name: "found",
                kind: ValueType::Text,
                optional: true,
                doc: "the consuming function, where a former step has found it",
            },
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let queue = known(v)?;
        let mut consumers: Vec<FunctionName> = Vec::new();
        let mut evidence = Vec::new();
        match text(v, "function").or_else(|| text(v, "found")) {
            Some(name) => consumers.push(named(name.wire())),
            None => {
                consumers.extend(functions(v, &queue.facts.arn)?.pointing);
                match v.pages(ListEventSourceMappings {})? {
                    Ok(pages) => {
                        for mapping in pages.concat() {
                            let of =
                                queue.sources.iter().any(|(arn, _)| mapping.source.as_ref() == Some(arn));
                            if !of {
                                continue;
                            }
                            let name = named(mapping.function.wire());
                            if !mapping.state.wire().eq_ignore_ascii_case("enabled") {
                                return Err(Need::Refuse(format!(
                                    "the event source mapping of {} is {}: nothing would take the messages. Enable it first",
                                    name.shown(),
                                    mapping.state.shown()
                                )));
                            }
                            evidence.push(format!("the event source mapping of {} is enabled", name.shown()));
                            consumers.push(name);
                        }
                    }
                    Err(fault) => evidence.push(format!("event source mappings could not be read: {fault}")),
                }
            }
        }
        consumers.sort();
        consumers.dedup();
        if consumers.is_empty() {
            evidence.push(
                "no function is known to consume these messages: whether the consumer is well cannot be told"
                    .into(),
            );
            return Ok(Done { evidence, ..Done::default() });
        }
        let reserved = consumers.iter().map(|f| v.pages(GetFunctionConcurrency { function: f.clone() }));
        for (function, reserved) in consumers.iter().zip(all(reserved)?) {
            if reserved.is_ok_and(|pages| pages.contains(&Some(0))) {
                return Err(Need::Refuse(format!(
                    "{} has a reserved concurrency of 0: it takes nothing. Restore it first",
                    function.shown()
                )));
            }
        }
        if v.planning {
            evidence.push(format!(
                "the errors and throttles of {} functions would be looked at",
                consumers.len()
            ));
            return Ok(Done { evidence, ..Done::default() });
        }
        let bad = troubled(v, &consumers, &mut evidence)?;
        match (bad, v.attested) {
            (None, _) => {
                evidence.push(format!("no errors and no throttles of {} in the last ten minutes", list(&consumers)));
                Ok(Done { evidence, ..Done::default() })
            }
            (Some(bad), Some(words)) => {
                evidence.push(bad);
                evidence.push(format!("a person says: {}", Untrusted::from(words).shown()));
                Ok(Done { evidence, ..Done::default() })
            }
            (Some(bad), None) => Err(Need::Person(Question {
                text: "The consumer does not look well: what is redriven now may come back. Say why to go on all the same, \
                       or leave it."
                    .into(),
                evidence: vec![bad],
                words: true,
                accepts: Vec::new(),
                choices: Vec::new(),
            })),
        }
    }
}

fn list(functions: &[FunctionName]) -> String {
    match functions {
        [only] => only.shown().to_string(),
        several => format!("{} functions", several.len()),
    }
}

/// What is wrong with the consumers, as far as CloudWatch tells.
fn troubled(
    v: &View<'_>,
    consumers: &[FunctionName],
    evidence: &mut Vec<String>,
) -> Result<Option<String>, Need> {
    let looked: &[FunctionName] = consumers.get(..LOOKED_AT).unwrap_or(consumers);
    if looked.len() < consumers.len() {
        evidence.push(format!("of {} functions the first {LOOKED_AT} are looked at", consumers.len()));
    }
    let mut queries = Vec::new();
    for (n, function) in looked.iter().enumerate() {
        for metric in ["Errors", "Throttles"] {
            queries.push(by_minute(&format!("{}{n}", metric.to_lowercase()), metric, function.text()));
        }
    }
    // By the time of this look: who looks again after an hour is not told of the errors of an hour ago.
    let to = minute(v.since);
    let window = Window { from: plus_seconds(to, -LATELY), to };
    let series = match v.pages(GetMetricData { queries, window })? {
        Ok(pages) => pages.concat(),
        Err(fault) => return Ok(Some(format!("errors could not be read: {fault}"))),
    };
    let mut bad = Vec::new();
    for (n, function) in looked.iter().enumerate() {
        for metric in ["errors", "throttles"] {
            let id = format!("{metric}{n}");
            let sum: f64 =
                series.iter().filter(|s| s.id.wire() == id).flat_map(|s| &s.points).map(|(_, n)| n).sum();
            if sum > 0.0 {
                bad.push(format!("{} had {sum:.0} {metric} in the last ten minutes", function.shown()));
            }
        }
    }
    Ok((!bad.is_empty()).then(|| bad.join("; ")))
}
