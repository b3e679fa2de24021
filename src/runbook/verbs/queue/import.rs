//! `queue.import`: sends what an export keeps to a queue.

use super::account::account;
use super::find;
use crate::estate::ask::sqs::GetQueueAttributes;
use crate::estate::change::messages::{Act as MessagesAct, Import};
use crate::estate::{Act, Change, QueueUrl};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::one;
use crate::runbook::verbs::with;
use crate::runbook::view::View;

/// Sends from a file.
pub struct Send;

impl Verb for Send {
    fn name(&self) -> &'static str {
        "queue.import"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Sends the messages of an export, which is verified first, to a queue: batch by batch, each journalled."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 3] = [
            with::needed("file", ValueType::Text, "the export"),
            with::needed("to", ValueType::Text, "the name, URL or ARN of the queue that gets its messages"),
            super::RATE,
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        if let Some(made) = v.done.first() {
            let said = made.change.tallied().map(|act| account(act, &made.tally)).unwrap_or_default();
            return Ok(Done { evidence: if v.planning { Vec::new() } else { said }, ..Done::default() });
        }
        Err(Need::Consent(Box::new(propose(v)?)))
    }
}

fn propose(v: &View<'_>) -> Result<Proposal, Need> {
    let kept = v.export(v.text("file")?)?.map_err(Need::Refuse)?;
    let to: QueueUrl = find(v, v.text("to")?)?;
    let facts = one(v, GetQueueAttributes { queue: to.clone() })?;
    if kept.listed.count == 0 {
        return Err(Need::Refuse("there is nothing in the export".into()));
    }
    if kept.largest > crate::estate::message::LARGEST {
        return Err(Need::Refuse("a message of the export is larger than any queue takes".into()));
    }
    let mut leaves = vec![
        "every message gets a new id and a new date; the file stays as it is".to_owned(),
        "if this program dies, at most the messages in flight are there twice, and they are named".to_owned(),
    ];
    if facts.fifo && !kept.fifo {
        leaves.push(
            "the queue is FIFO and the export is of none: messages without a group go into one group".into(),
        );
    }
    if !facts.fifo && kept.fifo {
        leaves.push("the export is of a FIFO queue and this is none: their order is lost".into());
    }
    let age = crate::runbook::words::said(
        crate::estate::time::seconds_between(kept.at, v.now).max(0).unsigned_abs(),
    );
    let breaks = vec![
        format!("{} messages of {}, exported {age} ago", kept.listed.count, kept.queue.resource().shown()),
        "what its consumer has had already it gets again".to_owned(),
    ];
    let import = Import {
        from: kept.listed.clone(),
        batches: kept.batches.clone(),
        to,
        run: v.run.clone(),
        fifo: facts.fifo,
        pace: super::number(v, super::RATE.name, 1, super::FASTEST)?.and_then(|n| u32::try_from(n).ok()),
    };
    let change = Change { at: v.at.clone(), act: Act::Messages(MessagesAct::Import(import)) };
    Ok(Proposal { changes: vec![change], breaks, leaves, differs: None })
}
