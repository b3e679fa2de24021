//! `queue.quiet`: after a redrive the queue does not fill again within twice the retries; else the run stops and says
//! what came back.

use super::{QUEUE, known};
use crate::estate::Untrusted;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{instant, seconds};
use crate::runbook::verbs::queue::replay::TWICE_THE_RETRIES;
use crate::runbook::view::View;
use crate::runbook::words::said;
use std::time::Duration;

/// Watches.
pub struct Quiet;

impl Verb for Quiet {
    fn name(&self) -> &'static str {
        "queue.quiet"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Watches a drained dead-letter queue for a while: asks a person if messages come back."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            QUEUE,
            Param {
                name: "since",
                kind: ValueType::Time,
                optional: true,
                doc: "when the redrive ended; when the step begins without it",
            },
            Param {
                name: "for",
                kind: ValueType::Duration,
                optional: true,
                doc: "how long; twice the retries of Lambda, six minutes, by default",
            },
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let span = seconds(v, "for", TWICE_THE_RETRIES);
        let done = |text: String| Ok(Done { evidence: vec![text], ..Done::default() });
        if v.planning {
            return done(format!("the queue would be watched for {}", said(span.unsigned_abs())));
        }
        if let Some(words) = v.attested {
            return done(format!("a person judged what came back: {}", Untrusted::from(words).shown()));
        }
        let queue = known(v)?;
        let since = instant(v, "since").unwrap_or(v.began);
        let there = queue.facts.messages.unwrap_or(0) + queue.facts.in_flight.unwrap_or(0);
        let left = seconds_between(v.now, plus_seconds(since, span));
        if left > 0 {
            let why = format!(
                "{} without messages coming back; {} has {}",
                said(left.unsigned_abs()),
                queue.name(),
                queue.count()
            );
            return Err(Need::Again { after: Duration::from_secs(left.clamp(1, 15).unsigned_abs()), why });
        }
        if there == 0 {
            return done(format!("{} stayed empty for {}", queue.name(), said(span.unsigned_abs())));
        }
        Err(Need::Person(Question {
            text: format!(
                "{} has {} after the redrive: some stayed, or came back. Peek at them, and say what they are.",
                queue.name(),
                queue.count()
            ),
            evidence: vec![format!(
                "about {there} messages, {} after the redrive",
                said(span.unsigned_abs())
            )],
            words: true,
            accepts: Vec::new(),
            choices: Vec::new(),
        }))
    }
}
