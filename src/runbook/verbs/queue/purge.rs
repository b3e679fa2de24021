//! `queue.purge`: deletes messages for ever. Exactly those that an export holds; or everything, where a fresh export holds
//! all of it, or for a reason that is kept. Source: SQS API reference, `PurgeQueue`.

use super::account::account;
use super::{QUEUE, find};
use crate::estate::ask::sqs::GetQueueAttributes;
use crate::estate::change::{messages, sqs};
use crate::estate::message::Select;
use crate::estate::time::seconds_between;
use crate::estate::{Act, Change, QueueFacts, QueueUrl, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Export, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::one;
use crate::runbook::verbs::with;
use crate::runbook::view::View;
use crate::runbook::words;

/// How old an export may be that everything is deleted against, in seconds: what has come since is in none.
const FRESH_S: i64 = 15 * 60;

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
        "Deletes exactly the messages that an export holds; or everything in a queue, where a fresh export holds all of it \
         or for a reason that the journal keeps."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 4] = [
            QUEUE,
            with::optional("export", ValueType::Text, "the export whose messages are deleted"),
            with::optional("whole", ValueType::Flag, "everything is deleted, not only what the export holds"),
            with::optional("reason", ValueType::Text, "why nothing of it need be kept"),
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let queue = find(v, v.text(QUEUE.name)?)?;
        if let Some(made) = v.done.first() {
            let said = match made.change.tallied() {
                Some(act) => account(act, &made.tally),
                None => {
                    vec![format!("{} is purged; SQS takes up to 60 seconds for it", queue.name().shown())]
                }
            };
            return Ok(Done { evidence: if v.planning { Vec::new() } else { said }, ..Done::default() });
        }
        let facts = one(v, GetQueueAttributes { queue: queue.clone() })?;
        let proposal = match (v.maybe_text("export"), v.maybe_text("reason")) {
            (Some(_), Some(_)) => return refuse("give an export or a reason for not having one, not both"),
            (None, None) => {
                return refuse(
                    "everything would be deleted and nothing of it kept: export it first and give the file, or say why \
                     not (`--without-export REASON`)",
                );
            }
            (None, Some(reason)) => {
                whole(v, queue, &facts, format!("nothing of it is kept: {}", reason.shown()))
            }
            (Some(file), None) => {
                let kept = export(v, file, &queue, &facts)?;
                match v.flag("whole") {
                    true => against(v, queue, &facts, &kept)?,
                    false => exactly(v, queue, &kept),
                }
            }
        };
        Err(Need::Consent(Box::new(proposal)))
    }
}

fn refuse<T>(why: &str) -> Result<T, Need> {
    Err(Need::Refuse(why.to_owned()))
}

/// The export, which must be of this queue.
fn export(v: &View<'_>, file: &Untrusted, queue: &QueueUrl, facts: &QueueFacts) -> Result<Export, Need> {
    let kept = v.export(file)?.map_err(Need::Refuse)?;
    if kept.queue != facts.arn {
        let (of, name) = (kept.queue.resource(), queue.name());
        return Err(Need::Refuse(format!("the export is of {}, not of {}", of.shown(), name.shown())));
    }
    if kept.listed.count == 0 {
        return refuse("there is nothing in the export");
    }
    Ok(kept)
}

fn age(v: &View<'_>, kept: &Export) -> String {
    words::said(seconds_between(kept.at, v.now).max(0).unsigned_abs())
}

/// Deletes what the export holds and nothing else.
fn exactly(v: &View<'_>, queue: QueueUrl, kept: &Export) -> Proposal {
    let breaks = vec![format!(
        "{} messages that were exported {} ago are deleted for ever; the file keeps them",
        kept.listed.count,
        age(v, kept)
    )];
    let leaves = vec![
        "everything else stays, with a receive count that may be higher by one".to_owned(),
        "what another redrive or consumer took since is not found and not deleted".to_owned(),
    ];
    let act = messages::Act::Discard {
        from: queue,
        select: Select::default(),
        most: None,
        listed: Some(kept.listed.clone()),
    };
    let change = Change { at: v.at.clone(), act: Act::Messages(act) };
    Proposal { changes: vec![change], breaks, leaves, differs: None }
}

/// Deletes everything, which the export must hold.
fn against(v: &View<'_>, queue: QueueUrl, facts: &QueueFacts, kept: &Export) -> Result<Proposal, Need> {
    if seconds_between(kept.at, v.now) > FRESH_S {
        let words = format!(
            "the export is {} old: what came since is in none. Export again, or delete only what it holds",
            age(v, kept)
        );
        return Err(Need::Refuse(words));
    }
    if !kept.complete {
        return refuse("the export says that it does not hold everything: delete only what it holds");
    }
    match about(facts) {
        Some(n) if n <= u64::from(kept.listed.count) => {}
        Some(n) => {
            let words = format!(
                "the queue has about {n} messages and the export {}: export again",
                kept.listed.count
            );
            return Err(Need::Refuse(words));
        }
        None => {
            return refuse("how many messages the queue has is not known: delete only what the export holds");
        }
    }
    let words = format!("the export of {} messages is {} old", kept.listed.count, age(v, kept));
    Ok(whole(v, queue, facts, words))
}

fn whole(v: &View<'_>, queue: QueueUrl, facts: &QueueFacts, why: String) -> Proposal {
    let change = Change { at: v.at.clone(), act: Act::Sqs(sqs::Act::Purge { queue }) };
    let breaks = vec![
        format!("{} are deleted for ever, hidden and delayed ones too", counted(facts)),
        "what comes in within 60 seconds may be deleted as well".to_owned(),
        why,
    ];
    Proposal { changes: vec![change], breaks, ..Proposal::default() }
}

/// About how many messages are in a queue, hidden and delayed ones among them; `None` if AWS did not say.
fn about(facts: &QueueFacts) -> Option<u64> {
    Some(facts.messages? + facts.in_flight.unwrap_or(0) + facts.delayed.unwrap_or(0))
}

/// The same in words.
fn counted(facts: &QueueFacts) -> String {
    match about(facts) {
        Some(1) => "about 1 message".to_owned(),
        Some(n) => format!("about {n} messages"),
        None => "an unknown number of messages".to_owned(),
    }
}
