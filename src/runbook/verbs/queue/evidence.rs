//! `queue.evidence`: what is in a dead-letter queue and who put it there, before anything is done about it.

use super::{QUEUE, functions, how_far, known, running, tasks};
use crate::estate::{FunctionName, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;
use crate::runbook::words::said;

/// Looks.
pub struct Evidence;

impl Verb for Evidence {
    fn name(&self) -> &'static str {
        "queue.evidence"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells what is in a dead-letter queue, for how long it is kept, who feeds it, and which kind of redrive fits: \
         `redrive` for messages of queues, `replay` for failed invocations of functions."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[QUEUE];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "queue", kind: ValueType::Text },
            Output { name: "messages", kind: ValueType::Number },
            Output { name: "sources", kind: ValueType::List },
            Output { name: "functions", kind: ValueType::List },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let queue = known(v)?;
        let fed = functions(v, &queue.facts.arn)?;
        let tasks = tasks(v, &queue.facts.arn)?.unwrap_or_default();
        let mut evidence = vec![format!(
            "{} has {}, {} in flight",
            queue.name(),
            queue.count(),
            queue.facts.in_flight.map_or_else(|| "an unknown number".to_owned(), |n| n.to_string())
        )];
        if let Some(kept) = queue.facts.retention_s {
            evidence.push(format!("messages are kept for {}", said(kept)));
        }
        let names = |them: Vec<String>| them.join(", ");
        let sources: Vec<Untrusted> = queue.sources.iter().map(|(_, url)| url.name()).collect();
        if !sources.is_empty() {
            evidence.push(format!(
                "fed by the queues {}",
                names(sources.iter().map(|s| s.shown().to_string()).collect())
            ));
        }
        if !fed.pointing.is_empty() {
            evidence.push(format!(
                "fed by {} functions: {}",
                fed.pointing.len(),
                names(fed.pointing.iter().take(8).map(|f| f.shown().to_string()).collect())
            ));
        }
        if let Some(gap) = &fed.gap {
            evidence.push(format!("whether functions feed it is not known: {gap}"));
        }
        if let Some(policy) = &queue.facts.redrive {
            evidence.push(format!(
                "it has a dead-letter queue of its own, {}: what is received too often moves on",
                policy.dead_letter_target.resource().shown()
            ));
        }
        if let Some(task) = running(&tasks) {
            return Err(Need::Refuse(format!(
                "a move task of {} is running: {}",
                queue.name(),
                how_far(task)
            )));
        }
        let texts = |names: Vec<Untrusted>| Value::List(names);
        let functions: Vec<Untrusted> = fed.pointing.iter().map(FunctionName::text).cloned().collect();
        let mut outputs: std::collections::BTreeMap<String, Value> = [
            ("queue".to_owned(), Value::Text(queue.url.text().clone())),
            ("sources".to_owned(), texts(sources)),
            ("functions".to_owned(), texts(functions)),
        ]
        .into();
        if let Some(n) = queue.facts.messages {
            outputs.insert("messages".to_owned(), Value::Number(i64::try_from(n).unwrap_or(i64::MAX)));
        }
        Ok(Done { evidence, outputs })
    }
}
