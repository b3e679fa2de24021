//! What a queue does with messages that its function was too often throttled on: each receive counts, and after so many the
//! message goes to the queue's own dead-letter queue. Sources: Lambda developer guide, "Using Lambda with Amazon SQS"; SQS
//! developer guide, "Using dead-letter queues in Amazon SQS".

use super::called;
use crate::estate::ask::sqs::{GetQueueAttributes, ListQueues};
use crate::estate::queue::RedrivePolicy;
use crate::estate::{Arn, EventSource, QueueUrl, SourceKind, Untrusted};
use crate::runbook::need::Need;
use crate::runbook::verbs::key::all;
use crate::runbook::view::View;

/// A queue that feeds a function and takes from it what is throttled too often.
pub(super) struct Spill {
    /// The queue, as people call it.
    from: String,
    /// Where its messages go in the end, and after how many receives; or why that is not known.
    to: Result<Option<RedrivePolicy>, String>,
    /// For how long a message is out of sight after each.
    visibility_s: u64,
}

impl Spill {
    /// The dead-letter queue.
    pub(super) fn target(&self) -> Option<&Arn> {
        self.to.as_ref().ok().and_then(|to| to.as_ref()).map(|to| &to.dead_letter_target)
    }

    /// So many seconds pass at the most until a message that is throttled each time is there.
    pub(super) fn after_s(&self) -> u64 {
        let to = self.to.as_ref().ok().and_then(|to| to.as_ref());
        let most = to.and_then(|to| to.max_receive_count).map_or(0, u64::from);
        most.saturating_mul(self.visibility_s)
    }

    /// What lowering the function's concurrency does to the messages of the queue, in words.
    pub(super) fn burns(&self) -> String {
        let from = &self.from;
        match &self.to {
            Ok(Some(to)) => {
                let most = to.max_receive_count.map_or_else(|| "so many".to_owned(), |n| n.to_string());
                format!(
                    "the {from} is still taken from: a message that is throttled counts as received, and after {most} \
                     receives it goes to {} undone. `how=off` disables the event source instead",
                    to.dead_letter_target.resource().shown()
                )
            }
            Ok(None) => format!(
                "the {from} is still taken from: what is throttled comes back to it until it expires, for it has no \
                 dead-letter queue"
            ),
            Err(why) => format!(
                "the {from} is still taken from, and what becomes of messages that are throttled too often is not known: \
                 {why}"
            ),
        }
    }
}

/// The queues among the event sources that are on.
///
/// # Errors
/// `Know`, until their attributes are.
pub(super) fn spills(v: &View<'_>, feeds: &[EventSource]) -> Result<Vec<Spill>, Need> {
    let fed: Vec<&EventSource> =
        feeds.iter().filter(|m| m.kind() == SourceKind::Queue && !m.is_off()).collect();
    if fed.is_empty() {
        return Ok(Vec::new());
    }
    let urls = match v.pages(ListQueues {})? {
        Ok(pages) => pages.concat(),
        Err(fault) => {
            let why = fault.to_string();
            let unknown = |m: &&EventSource| Spill { from: called(m), to: Err(why.clone()), visibility_s: 0 };
            return Ok(fed.iter().map(unknown).collect());
        }
    };
    let url = |m: &EventSource| named(&urls, m.source.as_ref()?).cloned();
    let told = all(fed.iter().filter_map(|m| url(m)).map(|queue| v.pages(GetQueueAttributes { queue })))?;
    let mut told = told.into_iter();
    let each = |m: &&EventSource| {
        let facts = match url(m).and_then(|_| told.next()) {
            Some(Ok(facts)) => Ok(facts.into_iter().next()),
            Some(Err(fault)) => Err(fault.to_string()),
            None => Err("it is not among the queues of this Region".to_owned()),
        };
        let visibility_s = facts.as_ref().ok().and_then(|f| f.as_ref()?.visibility_s).unwrap_or(0);
        Spill { from: called(m), to: facts.map(|f| f.and_then(|f| f.redrive)), visibility_s }
    };
    Ok(fed.iter().map(each).collect())
}

fn named<'u>(urls: &'u [QueueUrl], arn: &Arn) -> Option<&'u QueueUrl> {
    urls.iter().find(|url| url.name() == arn.resource())
}

/// How many messages are in dead-letter queues together; `None` where one does not say.
///
/// # Errors
/// `Know`, until it is known.
pub(super) fn waiting(v: &View<'_>, queues: &[Untrusted]) -> Result<Option<u64>, Need> {
    let arns: Vec<Arn> = queues.iter().map(|a| Arn::new(a.wire())).collect();
    if arns.is_empty() {
        return Ok(Some(0));
    }
    let Ok(pages) = v.pages(ListQueues {})? else { return Ok(None) };
    let urls = pages.concat();
    let found: Vec<&QueueUrl> = arns.iter().filter_map(|arn| named(&urls, arn)).collect();
    if found.len() < arns.len() {
        return Ok(None);
    }
    let told = all(found.iter().map(|u| v.pages(GetQueueAttributes { queue: (*u).clone() })))?;
    let count = |facts: Result<Vec<crate::estate::QueueFacts>, crate::estate::Fault>| {
        facts.ok().and_then(|f| f.into_iter().next()).and_then(|f| f.messages)
    };
    Ok(told.into_iter().map(count).sum())
}
