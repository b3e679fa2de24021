//! `queue.redrive`: messages go back to where they failed. By a move task of SQS where its rules allow that and all are
//! meant; else one batch after the other. Source: SQS developer guide, "Configuring dead-letter queue redrive".

use super::account::account;
use super::{
    FASTEST, FILTER, GROUP, Known, MASKS, MAX, QUEUE, RATE, chooses, find, finished, functions, how_far,
    known, number, running, select, tasks,
};
use crate::estate::change::messages::{Act as MessagesAct, Route};
use crate::estate::change::sqs::Act as SqsAct;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Act, Change, MoveTask, MoveTaskStatus, QueueUrl, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::text;
use crate::runbook::view::{ChangeMade, View};
use std::time::Duration;

/// Redrives.
pub struct Redrive;

/// How fast by default, in messages a second: slow, for a consumer that has just recovered (ours).
pub const SLOW: u32 = 10;
/// The fastest move task, in messages a second. Source: SQS API reference, `StartMessageMoveTask`,
/// `MaxNumberOfMessagesPerSecond`.
const FASTEST_TASK: i64 = 500;
/// How long the end of a move task is waited for in one go, in seconds.
const PATIENCE: i64 = 600;
/// After which time a move task that takes longer is looked at again, in seconds.
const LATER: i64 = 300;

/// How messages are moved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Native,
    Selective,
}

impl Verb for Redrive {
    fn name(&self) -> &'static str {
        "queue.redrive"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Sends the messages of a dead-letter queue back to where they failed: by a move task of SQS where all are meant \
         and only queues feed it, else batch by batch, each deleted only when its copy was taken."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            QUEUE,
            Param { name: "to", kind: ValueType::Text, optional: true, doc: "another queue to send them to" },
            Param {
                name: "how",
                kind: ValueType::Text,
                optional: true,
                doc: "auto, native (a move task of SQS) or selective (batch by batch)",
            },
            GROUP,
            FILTER,
            MASKS,
            MAX,
            RATE,
            Param {
                name: "sample",
                kind: ValueType::Flag,
                optional: true,
                doc: "send one first, and ask again before the rest",
            },
            Param {
                name: "body",
                kind: ValueType::Secret,
                optional: true,
                doc: "another body, for exactly one message",
            },
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "queue", kind: ValueType::Text }, Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let queue = known(v)?;
        let to = text(v, "to").map(|said| find(v, said)).transpose()?;
        let sample = v.flag("sample");
        let mut made = v.done.iter();
        let mut evidence = Vec::new();
        if sample {
            match made.next() {
                None => return Err(sample_of(v, &queue, to.as_ref())?),
                Some(sampled) => evidence.extend(told(sampled)),
            }
        }
        let Some(change) = made.next() else {
            let how = how(v, &queue, to.as_ref())?;
            if sample && queue.facts.messages == Some(0) {
                evidence.push("nothing else is in the queue".into());
                return Ok(finished(v, &queue, evidence));
            }
            return Err(match how {
                How::Native => native(v, &queue, to.as_ref())?,
                How::Selective => selective(v, &queue, to.as_ref())?,
            });
        };
        match &change.change.act {
            Act::Messages(_) => {
                evidence.extend(told(change));
                Ok(finished(v, &queue, evidence))
            }
            Act::Sqs(_) => {
                evidence.push(moved(v, &queue, change)?);
                Ok(finished(v, &queue, evidence))
            }
            Act::SecretsManager(_)
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Iam(_)
            | Act::Rds(_)
            | Act::Ec2(_) => {
                Err(Need::Refuse("the journal tells of a change that this step does not make".into()))
            }
        }
    }
}

/// What a change through the queue came to.
pub(super) fn told(made: &ChangeMade) -> Vec<String> {
    made.change.tallied().map(|act| account(act, &made.tally)).unwrap_or_default()
}

/// Whether SQS may do it, and whether it is to.
fn how(v: &View<'_>, queue: &Known, to: Option<&QueueUrl>) -> Result<How, Need> {
    let some = chooses(v) || v.with.contains_key(MAX.name) || v.with.contains_key("body");
    let refused = |why: String| Err(Need::Refuse(why));
    let wanted = text(v, "how").map_or("auto", |how| how.wire());
    let fed = functions(v, &queue.facts.arn)?;
    let why_not = if queue.sources.is_empty() && !fed.pointing.is_empty() {
        Some(format!(
            "{} cannot be redriven by SQS: its sources are Lambda functions ({})",
            queue.name(),
            names(&fed.pointing)
        ))
    } else if queue.sources.is_empty() {
        Some(format!(
            "{} cannot be redriven by SQS: no queue names it as its dead-letter queue",
            queue.name()
        ))
    } else if !fed.pointing.is_empty() {
        Some(format!(
            "{} is fed by queues and by Lambda functions ({}): SQS is not known to redrive that",
            queue.name(),
            names(&fed.pointing)
        ))
    } else if some {
        Some(
            "a move task of SQS takes every message: it knows no filter, no number and no other body"
                .to_owned(),
        )
    } else {
        None
    };
    match (wanted, why_not) {
        ("native", Some(why)) => refused(why),
        ("selective", _) => routed(queue, to, &fed.pointing).map(|()| How::Selective),
        ("auto" | "native", None) => Ok(How::Native),
        ("auto", Some(_)) => routed(queue, to, &fed.pointing).map(|()| How::Selective),
        (other, _) => refused(format!("how is auto, native or selective, not {other:?}")),
    }
}

fn names(functions: &[crate::estate::FunctionName]) -> String {
    let mut said: Vec<String> = functions.iter().take(3).map(|f| f.shown().to_string()).collect();
    if functions.len() > 3 {
        said.push(format!("{} more", functions.len() - 3));
    }
    said.join(", ")
}

/// Whether there is anywhere to send them.
fn routed(
    queue: &Known,
    to: Option<&QueueUrl>,
    functions: &[crate::estate::FunctionName],
) -> Result<(), Need> {
    match (to, queue.sources.is_empty()) {
        (Some(_), _) | (None, false) => Ok(()),
        (None, true) if functions.is_empty() => Err(Need::Refuse(format!(
            "no queue names {} as its dead-letter queue: say where its messages go with `to`",
            queue.name()
        ))),
        (None, true) => Err(Need::Refuse(format!(
            "{} holds failed invocations of Lambda functions ({}): replay them instead (`queues replay`), or say where \
             its messages go with `to`",
            queue.name(),
            names(functions)
        ))),
    }
}

fn rate(v: &View<'_>, fastest: i64) -> Result<u32, Need> {
    Ok(number(v, RATE.name, 1, fastest)?.and_then(|n| u32::try_from(n).ok()).unwrap_or(SLOW))
}

/// Batch by batch, of as many as `most` says.
fn through(v: &View<'_>, queue: &Known, to: Option<&QueueUrl>, most: Option<u64>) -> Result<Change, Need> {
    let route = match to {
        Some(to) => Route { back: Vec::new(), other: Some(to.clone()) },
        None => Route {
            back: queue.sources.clone(),
            other: match queue.sources.as_slice() {
                [(_, only)] => Some(only.clone()),
                // Which of several it came from, each message has to say itself.
                [] | [_, ..] => None,
            },
        },
    };
    let fifo = route.queues().all(QueueUrl::is_fifo);
    let body: Option<Slot> = match v.with.get("body") {
        Some(Value::Secret(slot)) => Some(slot.clone()),
        Some(_) | None => None,
    };
    if body.is_some() && most != Some(1) {
        return Err(Need::Refuse("another body is for exactly one message: choose it, and say max=1".into()));
    }
    if let Some(slot) = body.as_ref().filter(|_| !v.planning) {
        v.entered("body", slot)?;
    }
    let act = MessagesAct::Redrive {
        from: queue.url.clone(),
        to: route,
        select: select(v)?,
        most,
        pace: Some(rate(v, FASTEST)?),
        run: v.run.clone(),
        fifo,
        body,
    };
    Ok(Change { at: v.at.clone(), act: Act::Messages(act) })
}

fn selective(v: &View<'_>, queue: &Known, to: Option<&QueueUrl>) -> Result<Need, Need> {
    let most = number(v, MAX.name, 1, i64::MAX)?;
    let change = through(v, queue, to, most)?;
    let mut breaks = vec![format!("{} has {}", queue.name(), queue.count())];
    if queue.facts.fifo {
        breaks.push(
            "a FIFO queue gives a group's messages one after the other: one that is not chosen holds back those behind it"
                .into(),
        );
    }
    breaks.extend(at_work(v, queue)?);
    let leaves = vec![
        "what is not chosen stays, with a receive count that is higher by one".to_owned(),
        "a copy has a new id and a new date; if this program dies, at most those in flight are there twice, and they \
         are named"
            .to_owned(),
    ];
    Ok(Need::Consent(Box::new(Proposal { changes: vec![change], breaks, leaves, differs: None })))
}

/// One message first.
fn sample_of(v: &View<'_>, queue: &Known, to: Option<&QueueUrl>) -> Result<Need, Need> {
    let fed = functions(v, &queue.facts.arn)?;
    routed(queue, to, &fed.pointing)?;
    let change = through(v, queue, to, Some(1))?;
    let breaks =
        vec![format!("{} has {}; this sends the oldest that comes first", queue.name(), queue.count())];
    let leaves =
        vec!["the rest is asked about when it was sent: look first whether it comes back".to_owned()];
    Ok(Need::Consent(Box::new(Proposal { changes: vec![change], breaks, leaves, differs: None })))
}

/// A task of somebody else that is at work on the same queue.
fn at_work(v: &View<'_>, queue: &Known) -> Result<Option<String>, Need> {
    let tasks = tasks(v, &queue.facts.arn)?.unwrap_or_default();
    match running(&tasks) {
        Some(task) => Err(Need::Refuse(format!(
            "a move task of {} is running already: {}; wait for it, or cancel it with `queues cancel`",
            queue.name(),
            how_far(task)
        ))),
        None => Ok(None),
    }
}

fn native(v: &View<'_>, queue: &Known, to: Option<&QueueUrl>) -> Result<Need, Need> {
    let listed = tasks(v, &queue.facts.arn)?.map_err(Need::Refuse)?;
    at_work(v, queue)?;
    let to_arn = to.map(|to| super::beside(&queue.facts.arn, &to.name()));
    if queue.facts.fifo && to.is_some_and(|to| !to.is_fifo()) {
        return Err(Need::Refuse("SQS moves messages of a FIFO queue to FIFO queues only".into()));
    }
    let before = listed.iter().filter_map(|t| t.started).map(|t| t.as_millisecond()).collect();
    let act = SqsAct::StartMove {
        queue: queue.facts.arn.clone(),
        to: to_arn,
        rate: Some(rate(v, FASTEST_TASK)?),
        before,
    };
    let change = Change { at: v.at.clone(), act: Act::Sqs(act) };
    let sources: Vec<String> = queue.sources.iter().map(|(_, url)| url.name().shown().to_string()).collect();
    let back = match to {
        Some(to) => to.name().shown().to_string(),
        None => sources.join(", "),
    };
    let breaks = vec![format!("{} has {}; they go to {back}", queue.name(), queue.count())];
    let mut leaves = vec![
        "every moved message gets a new id and a new date: its retention begins anew".to_owned(),
        "what was moved is not moved back by cancelling".to_owned(),
    ];
    if queue.facts.fifo {
        leaves.push(
            "the order of a FIFO queue is that of the move, behind what is in its source already".into(),
        );
    }
    Ok(Need::Consent(Box::new(Proposal { changes: vec![change], breaks, leaves, differs: None })))
}

/// How the move task of this step ended.
fn moved(v: &View<'_>, queue: &Known, change: &ChangeMade) -> Result<String, Need> {
    let Act::Sqs(SqsAct::StartMove { queue: arn, before, .. }) = &change.change.act else {
        return Err(Need::Refuse("the journal tells of a change that this step does not make".into()));
    };
    let listed = tasks(v, arn)?.map_err(Need::Refuse)?;
    let ours = ours(&listed, before);
    let waited = seconds_between(v.since, v.now);
    let again = |seconds: u64, why: String| {
        if waited < PATIENCE {
            Need::Again { after: Duration::from_secs(seconds), why }
        } else {
            Need::Time { until: plus_seconds(v.now, LATER), accepts: Vec::new(), why }
        }
    };
    let Some(task) = ours else {
        return Err(again(2, "the move task does not show yet".into()));
    };
    match &task.status {
        MoveTaskStatus::Running | MoveTaskStatus::Cancelling => Err(again(2, how_far(task))),
        MoveTaskStatus::Completed => Ok(format!("SQS moved {} messages of {}", task.moved, queue.name())),
        MoveTaskStatus::Cancelled => Ok(format!(
            "the move task was cancelled: {} messages were moved and stay moved; {} has {} now",
            task.moved,
            queue.name(),
            queue.count()
        )),
        MoveTaskStatus::Failed => Err(Need::Refuse(format!(
            "the move task failed after {} messages: {}. They stay moved; mend the cause and start another redrive",
            task.moved,
            task.failure
                .as_ref()
                .map_or_else(|| "SQS does not say why".to_owned(), |f| f.shown().to_string())
        ))),
        MoveTaskStatus::Other(status) => Err(again(5, format!("the move task is {}", status.shown()))),
    }
}

/// The task that was not there before.
fn ours<'a>(listed: &'a [MoveTask], before: &[i64]) -> Option<&'a MoveTask> {
    listed.iter().find(|t| t.started.is_none_or(|t| !before.contains(&t.as_millisecond())))
}
