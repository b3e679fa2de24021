//! `queue.quiet`: after a redrive the queue does not fill again within twice the retries; else the run stops and says
//! what came back. How many messages there are does not tell whose they are; where a replay before it has looked, what it
//! recognised is told: what came back, what is new, and what was there before.

use super::{Known, QUEUE, known};
use crate::estate::Untrusted;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{instant, seconds};
use crate::runbook::verbs::queue::replay::TWICE_THE_RETRIES;
use crate::runbook::verbs::with::{list, number};
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
        "Watches a drained dead-letter queue for a while: asks a person if messages come back, and says which are its own \
         and which are new where a replay has looked."
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
                name: "ended",
                kind: ValueType::Time,
                optional: true,
                doc: "when a replay had invoked the last function, where it watched the queue since",
            },
            Param {
                name: "account",
                kind: ValueType::List,
                optional: true,
                doc: "what a replay recognised in the queue after it",
            },
            Param {
                name: "back",
                kind: ValueType::Number,
                optional: true,
                doc: "how many of those were its own",
            },
            Param {
                name: "new",
                kind: ValueType::Number,
                optional: true,
                doc: "how many came meanwhile from elsewhere",
            },
            Param {
                name: "stayed",
                kind: ValueType::Number,
                optional: true,
                doc: "how many were there before",
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
        let since = instant(v, "since").or_else(|| instant(v, "ended")).unwrap_or(v.began);
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
        match Recognised::of(v) {
            Some(known) => known.judge(&queue, there),
            None => Err(ask(
                format!(
                    "{} has {} after the redrive: some stayed, or came back. Peek at them, and say what they are.",
                    queue.name(),
                    queue.count()
                ),
                vec![format!("about {there} messages, {} after the redrive", said(span.unsigned_abs()))],
            )),
        }
    }
}

fn ask(text: String, evidence: Vec<String>) -> Need {
    let question = Question { text, evidence, words: true, accepts: Vec::new(), choices: Vec::new() };
    Need::Person(question)
}

/// What a replay recognised in the queue after it.
struct Recognised {
    said: Vec<String>,
    back: u64,
    new: u64,
    stayed: u64,
}

impl Recognised {
    fn of(v: &View<'_>) -> Option<Self> {
        let said = list(v, "account").iter().map(|said| said.shown().to_string()).collect::<Vec<_>>();
        let count = |name: &str| number(v, name).and_then(|n| u64::try_from(n).ok());
        let (back, new, stayed) = (count("back")?, count("new")?, count("stayed")?);
        (!said.is_empty()).then_some(Self { said, back, new, stayed })
    }

    /// Only what was there before is no sign of anything. What came from elsewhere may have failed of the same cause.
    fn judge(self, queue: &Known, there: u64) -> Result<Done, Need> {
        let mut evidence = self.said;
        let since = there.saturating_sub(self.back + self.new + self.stayed);
        if since > 0 {
            evidence.push(format!("about {since} more came since then, or were not looked at"));
        }
        if self.back == 0 && self.new == 0 && since == 0 {
            evidence.push(format!("what is in {} was there before: about {there} messages", queue.name()));
            return Ok(Done { evidence, ..Done::default() });
        }
        let mut of = Vec::new();
        for (n, what) in [
            (self.back, "came back"),
            (self.new, "came from elsewhere while it was watched"),
            (self.stayed, "were there before"),
            (since, "are not known"),
        ] {
            if n > 0 {
                of.push(format!("{n} {what}"));
            }
        }
        let text = format!(
            "{} has about {there} messages after the replay: {}. What is new may have failed of the same cause. Peek at them, \
             and say what they are.",
            queue.name(),
            of.join(", ")
        );
        Err(ask(text, evidence))
    }
}
