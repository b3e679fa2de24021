//! `queue.purge`: deletes messages for ever. Exactly those that an export holds, however old it is: nothing else can be hit.
//! Or everything, where a fresh export holds all of it, for what came since is in none; or for a reason that is kept. The age
//! of an export counts from its beginning. Source: SQS API reference, `PurgeQueue`.

use super::account::account;
use super::{QUEUE, find};
use crate::estate::ask::sqs::GetQueueAttributes;
use crate::estate::change::messages;
use crate::estate::change::sqs::{self, Against};
use crate::estate::message::Select;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Act, Change, QueueFacts, QueueUrl, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Export, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{one, seconds};
use crate::runbook::verbs::with;
use crate::runbook::view::View;
use crate::runbook::words;

/// How old an export may be that everything is deleted against, in seconds, if nothing else is said.
pub const FRESH_S: u64 = 15 * 60;
/// The first digits of a hash that are told.
const DIGITS: usize = 16;

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
        static TAKES: [Param; 5] = [
            QUEUE,
            with::optional("export", ValueType::Text, "the export whose messages are deleted"),
            with::optional("whole", ValueType::Flag, "everything is deleted, not only what the export holds"),
            with::optional(
                "fresh",
                ValueType::Duration,
                "how old that export may be where everything is deleted; 15 minutes by default",
            ),
            with::optional(
                "reason",
                ValueType::Text,
                "why everything is deleted without an export that is fresh and whole",
            ),
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let queue = find(v, v.text(QUEUE.name)?)?;
        if let Some(made) = v.done.first() {
            let said = match (&made.change.act, made.change.tallied()) {
                (Act::Sqs(sqs::Act::Purge { against, .. }), _) => vec![
                    format!("{} is purged; SQS takes up to 60 seconds for it", queue.name().shown()),
                    stood_on(against.as_ref(), v.maybe_text("reason")),
                ],
                (_, Some(act)) => account(act, &made.tally),
                (_, None) => Vec::new(),
            };
            return Ok(Done { evidence: if v.planning { Vec::new() } else { said }, ..Done::default() });
        }
        let facts = one(v, GetQueueAttributes { queue: queue.clone() })?;
        let (reason, everything) = (v.maybe_text("reason"), v.flag("whole"));
        let proposal = match (v.maybe_text("export"), reason) {
            (None, None) => {
                return refuse(
                    "everything would be deleted and nothing of it kept: export it first and give the file, or say why \
                     not (`--without-export REASON`)",
                );
            }
            (None, Some(reason)) => {
                let why = format!("nothing of it is kept: {}", reason.shown());
                whole(v, queue, &facts, (None, vec![why]))
            }
            (Some(file), _) if everything => {
                let kept = export(v, file, &queue, &facts)?;
                against(v, queue, &facts, &kept, reason)?
            }
            (Some(_), Some(_)) => {
                return refuse(
                    "a reason is for deleting everything: what an export holds is deleted without one (`whole` deletes \
                     everything)",
                );
            }
            (Some(file), None) => exactly(v, queue.clone(), &export(v, file, &queue, &facts)?),
        };
        Err(Need::Consent(Box::new(proposal)))
    }
}

/// On what everything was deleted, for the record.
fn stood_on(against: Option<&Against>, reason: Option<&Untrusted>) -> String {
    let why = reason.map_or_else(|| "none was given".to_owned(), |r| r.shown().to_string());
    let Some(Against { export, until }) = against else {
        return format!("nothing of it was kept, for this reason: {why}");
    };
    let hash: String = export.sha256.chars().take(DIGITS).collect();
    let kept =
        format!("the export {} of {} messages (SHA-256 {hash}...)", export.name().shown(), export.count);
    match until {
        Some(until) => format!("against {kept}, which counted as fresh until {}", words::instant(*until)),
        None => format!("against {kept}, which was not fresh and whole, for this reason: {why}"),
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

/// Deletes everything, which the export must hold; or a person says why it need not.
fn against(
    v: &View<'_>,
    queue: QueueUrl,
    facts: &QueueFacts,
    kept: &Export,
    reason: Option<&Untrusted>,
) -> Result<Proposal, Need> {
    let fresh = seconds(v, "fresh", FRESH_S);
    let until = plus_seconds(kept.at, fresh);
    let lacks = lacks(v, facts, kept, fresh);
    let (until, why) = match (lacks.first(), reason) {
        (None, _) => {
            let left = seconds_between(v.now, until).max(0).unsigned_abs();
            let words = format!(
                "the export of {} messages is {} old, counted from its beginning, and counts as fresh for {} more",
                kept.listed.count,
                age(v, kept),
                words::said(left)
            );
            (Some(until), vec![words])
        }
        (Some(first), None) => {
            return Err(Need::Refuse(format!(
                "{first}. Export again, or delete only what the export holds (without `whole`), or say why everything is \
                 deleted all the same (`--waive REASON`)"
            )));
        }
        (Some(_), Some(reason)) => {
            let mut why = lacks;
            why.push(format!("everything is deleted all the same: {}", reason.shown()));
            (None, why)
        }
    };
    let stands = Against { export: kept.listed.clone(), until };
    Ok(whole(v, queue, facts, (Some(stands), why)))
}

/// Why an export is none that everything may be deleted against.
fn lacks(v: &View<'_>, facts: &QueueFacts, kept: &Export, fresh: i64) -> Vec<String> {
    let mut out = Vec::new();
    let old = seconds_between(kept.at, v.now);
    if old > fresh {
        out.push(format!(
            "the export was begun {} ago and counts as fresh for {}: what came since is not in it",
            age(v, kept),
            words::said(fresh.max(0).unsigned_abs())
        ));
    }
    // A clock that went back says nothing of what came since.
    if old < -60 {
        out.push(format!("the export was begun at {}, which is still to come", words::instant(kept.at)));
    }
    if !kept.complete {
        out.push("the export says that it does not hold everything".to_owned());
    }
    match about(facts) {
        Some(n) if n <= u64::from(kept.listed.count) => {}
        Some(n) => {
            out.push(format!("the queue has about {n} messages and the export {}", kept.listed.count));
        }
        None => out.push("how many messages the queue has is not known".to_owned()),
    }
    out
}

fn whole(
    v: &View<'_>,
    queue: QueueUrl,
    facts: &QueueFacts,
    (against, why): (Option<Against>, Vec<String>),
) -> Proposal {
    let change = Change { at: v.at.clone(), act: Act::Sqs(sqs::Act::Purge { queue, against }) };
    let mut breaks = vec![
        format!("{} are deleted for ever, hidden and delayed ones too", counted(facts)),
        "what comes in within 60 seconds may be deleted as well".to_owned(),
    ];
    breaks.extend(why);
    Proposal { changes: vec![change], breaks, ..Proposal::default() }
}

/// About how many messages are in a queue, hidden and delayed ones among them; `None` if AWS did not say.
#[must_use]
pub fn about(facts: &QueueFacts) -> Option<u64> {
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
