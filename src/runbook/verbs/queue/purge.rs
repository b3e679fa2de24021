//! `queue.purge`: deletes what is in a queue. Without an export of it there must be a reason, which is kept.

use super::{QUEUE, find};
use crate::estate::ask::sqs::GetQueueAttributes;
use crate::estate::change::sqs;
use crate::estate::{Act, Change, QueueFacts};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::one;
use crate::runbook::verbs::with;
use crate::runbook::view::View;

/// Deletes messages for ever.
pub struct Purge;

impl Verb for Purge {
    fn name(&self) -> &'static str {
        "queue.purge"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Deletes everything that is in a queue, for a reason that the journal keeps."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 2] =
            [QUEUE, with::optional("reason", ValueType::Text, "why nothing of it need be kept")];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let queue = find(v, v.text(QUEUE.name)?)?;
        let facts = one(v, GetQueueAttributes { queue: queue.clone() })?;
        let Some(reason) = v.maybe_text("reason") else {
            let words =
                "everything would be deleted and nothing of it kept: say why with `--without-export REASON`";
            return Err(Need::Refuse(words.to_owned()));
        };
        v.made(0, || {
            let act = Act::Sqs(sqs::Act::Purge { queue: queue.clone() });
            Ok(Proposal {
                changes: vec![Change { at: v.at.clone(), act }],
                breaks: vec![
                    format!("{} are deleted for ever, hidden and delayed ones too", counted(&facts)),
                    "what comes in within 60 seconds may be deleted as well".to_owned(),
                    format!("nothing of it is kept: {}", reason.shown()),
                ],
                ..Proposal::default()
            })
        })?;
        let name = queue.name();
        Ok(Done {
            evidence: with::done(v, format!("{} is purged; SQS takes up to 60 seconds for it", name.shown())),
            ..Done::default()
        })
    }
}

/// About how many messages are in a queue, hidden and delayed ones among them; `None` if AWS did not say.
pub(super) fn about(facts: &QueueFacts) -> Option<u64> {
    Some(facts.messages? + facts.in_flight.unwrap_or(0) + facts.delayed.unwrap_or(0))
}

/// The same in words.
pub(super) fn counted(facts: &QueueFacts) -> String {
    match about(facts) {
        Some(1) => "about 1 message".to_owned(),
        Some(n) => format!("about {n} messages"),
        None => "an unknown number of messages".to_owned(),
    }
}
