//! Verbs about dead-letter queues. What they share: finding the queue that is meant, who feeds it, what may be done
//! with its messages, and what is told of a change that went through a queue.

pub mod account;
mod back;
pub mod cancel;
pub mod evidence;
pub mod healthy;
pub mod import;
pub mod purge;
pub mod quiet;
pub mod redrive;
pub mod replay;
#[cfg(test)]
mod tests;
pub mod whose;

use crate::estate::ask::lambda::{ListEventSourceMappings, ListFunctions};
use crate::estate::ask::sqs::{
    GetQueueAttributes, ListDeadLetterSourceQueues, ListMessageMoveTasks, ListQueues,
};
use crate::estate::change::messages::Act as MessagesAct;
use crate::estate::message::envelope::function_of;
use crate::estate::message::{Filter, Masks, Select};
use crate::estate::{
    Act, Arn, Change, FaultKind, FunctionName, MoveTask, MoveTaskStatus, QueueFacts, QueueUrl, Untrusted,
};
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::Param;
use crate::runbook::verbs::key::{all, one, text};
use crate::runbook::view::{View, refusal};

pub(super) const QUEUE: Param = Param {
    name: "queue",
    kind: ValueType::Text,
    optional: false,
    doc: "the name, URL or ARN of the dead-letter queue",
};
pub(super) const GROUP: Param =
    Param { name: "group", kind: ValueType::Text, optional: true, doc: "only those of this error" };
pub(super) const FILTER: Param =
    Param { name: "filter", kind: ValueType::Text, optional: true, doc: "only those that it holds for" };
pub(super) const MAX: Param =
    Param { name: "max", kind: ValueType::Number, optional: true, doc: "how many messages at most" };
pub(super) const MASKS: Param = Param {
    name: "masks",
    kind: ValueType::Text,
    optional: true,
    doc: "what was masked, a line each, when the names of errors were made that `group` has one of",
};
/// The fastest that messages are passed on batch by batch, a second (ours: no queue's quota, but a slip of a digit is caught).
const FASTEST: i64 = 10_000;
pub(super) const RATE: Param = Param {
    name: "rate",
    kind: ValueType::Number,
    optional: true,
    doc: "messages a second at most, 1 to 500 for a move task of SQS and up to 10000 batch by batch",
};

/// What is known of a queue that is to be drained.
pub(super) struct Known {
    /// Its URL.
    pub url: QueueUrl,
    /// Its attributes.
    pub facts: QueueFacts,
    /// The queues that name it as their dead-letter queue.
    pub sources: Vec<(Arn, QueueUrl)>,
}

impl Known {
    /// Its name, safe to draw.
    pub fn name(&self) -> String {
        self.url.name().shown().to_string()
    }

    /// Its messages, in words.
    pub fn count(&self) -> String {
        self.facts.messages.map_or_else(
            || "an unknown number of messages".to_owned(),
            |n| match n {
                1 => "1 message".to_owned(),
                n => format!("about {n} messages"),
            },
        )
    }
}

/// The queue that the parameter `queue` names, and who feeds it.
///
/// # Errors
/// `Know`; `Refuse`, if there is none, with the nearest name.
pub(super) fn known(v: &View<'_>) -> Result<Known, Need> {
    let url = find(v, v.text(QUEUE.name)?)?;
    let facts = one(v, GetQueueAttributes { queue: url.clone() })?;
    let sources = sources(v, &url, &facts.arn)?;
    Ok(Known { url, facts, sources })
}

/// The URL of the queue that `said` names.
///
/// # Errors
/// As [`known`].
pub(super) fn find(v: &View<'_>, said: &Untrusted) -> Result<QueueUrl, Need> {
    if said.wire().starts_with("http://") || said.wire().starts_with("https://") {
        return Ok(QueueUrl::new(said.wire()));
    }
    let name =
        Arn::new(said.wire()).service().map_or_else(|| said.clone(), |_| Arn::new(said.wire()).resource());
    let urls = v.must(ListQueues {})?.concat();
    let found: Vec<&QueueUrl> = urls.iter().filter(|url| url.name() == name).collect();
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let names: Vec<Untrusted> = urls.iter().map(QueueUrl::name).collect();
            let near = crate::diagnose::nearest(name.wire(), names.iter().map(Untrusted::wire));
            let hint = near.map(|n| format!("; did you mean {}?", Untrusted::from(n).shown()));
            Err(Need::Refuse(format!("there is no queue {}{}", name.shown(), hint.unwrap_or_default())))
        }
        [_, ..] => Err(Need::Refuse(format!("there are several queues {}; give its URL", name.shown()))),
    }
}

/// The queues that name this one as their dead-letter queue: as SQS lists them, or where it cannot, by the redrive
/// policy of every queue.
fn sources(v: &View<'_>, url: &QueueUrl, arn: &Arn) -> Result<Vec<(Arn, QueueUrl)>, Need> {
    let urls = match v.pages(ListDeadLetterSourceQueues { queue: url.clone() })? {
        Ok(pages) => pages.concat(),
        Err(fault) if matches!(fault.kind, FaultKind::Denied { .. }) => return Err(refusal(fault)),
        Err(_) => {
            let urls = v.must(ListQueues {})?.concat();
            let pages = urls.iter().map(|url| v.pages(GetQueueAttributes { queue: url.clone() }));
            let points =
                |facts: &QueueFacts| facts.redrive.as_ref().is_some_and(|p| p.dead_letter_target == *arn);
            let read = all(pages)?;
            let read = urls.into_iter().zip(read);
            read.filter(|(_, page)| page.as_ref().is_ok_and(|p| p.iter().any(points)))
                .map(|(u, _)| u)
                .collect()
        }
    };
    Ok(urls.into_iter().map(|source| (beside(arn, &source.name()), source)).collect())
}

/// The ARN of a queue beside another: a source is in the account and Region of its dead-letter queue (SQS developer
/// guide, "Using dead-letter queues").
pub(super) fn beside(arn: &Arn, name: &Untrusted) -> Arn {
    let text = arn.wire();
    let head = text.rfind(':').map_or("", |cut| &text[..=cut]);
    Arn::new(format!("{head}{}", name.wire()))
}

/// Functions that send their failures here.
pub(super) struct Functions {
    /// By their dead-letter configuration or by an event source mapping's destination.
    pub pointing: Vec<FunctionName>,
    /// Every function there is, by which a message's sender is recognised.
    pub all: Vec<FunctionName>,
    /// Why they could not be read.
    pub gap: Option<String>,
}

/// The functions that send their failures to a queue. An event invocation's destination is only told function by
/// function, and its records say themselves which function it was.
///
/// # Errors
/// `Know`.
pub(super) fn functions(v: &View<'_>, arn: &Arn) -> Result<Functions, Need> {
    let listed = v.pages(ListFunctions {});
    let mappings = v.pages(ListEventSourceMappings {});
    let (listed, mappings) = match (listed, mappings) {
        (Err(Need::Know(mut a)), Err(Need::Know(b))) => {
            a.extend(b);
            return Err(Need::Know(a));
        }
        (listed, mappings) => (listed?, mappings?),
    };
    let mut out = Functions { pointing: Vec::new(), all: Vec::new(), gap: None };
    match listed {
        Ok(pages) => {
            for function in pages.concat() {
                if function.dead_letter.as_ref() == Some(arn) {
                    out.pointing.push(function.name.clone());
                }
                out.all.push(function.name);
            }
        }
        Err(fault) => out.gap = Some(fault.to_string()),
    }
    if let Ok(pages) = mappings {
        for mapping in pages.concat().into_iter().filter(|m| m.on_failure.as_ref() == Some(arn)) {
            out.pointing.push(named(mapping.function.wire()));
        }
    }
    out.pointing.sort();
    out.pointing.dedup();
    Ok(out)
}

/// The function that a name or an ARN means; what stands behind its name in an ARN is a version or an alias.
pub(super) fn named(said: &str) -> FunctionName {
    function_of(said).map_or_else(|| FunctionName::new(said), |named| named.name)
}

/// The move tasks of a queue, the newest first; none where the server knows no move tasks.
///
/// # Errors
/// `Know`; `Refuse`, where they may not be read.
pub(super) fn tasks(v: &View<'_>, arn: &Arn) -> Result<Result<Vec<MoveTask>, String>, Need> {
    match v.pages(ListMessageMoveTasks { queue: arn.clone() })? {
        Ok(pages) => Ok(Ok(pages.concat())),
        Err(fault) => Ok(Err(fault.to_string())),
    }
}

/// The task that is at work.
pub(super) fn running(tasks: &[MoveTask]) -> Option<&MoveTask> {
    tasks.iter().find(|t| matches!(t.status, MoveTaskStatus::Running | MoveTaskStatus::Cancelling))
}

/// How far a task is, in words.
pub(super) fn how_far(task: &MoveTask) -> String {
    let total = task.to_move.map(|n| format!(" of {n}")).unwrap_or_default();
    let rate = task.rate.map(|n| format!(", at most {n} a second")).unwrap_or_default();
    let left = match (task.to_move, task.rate) {
        (Some(total), Some(rate)) if rate > 0 && total > task.moved => {
            let seconds = (total - task.moved).div_ceil(u64::from(rate));
            format!(", {} left at that rate", crate::runbook::words::said(seconds))
        }
        _ => String::new(),
    };
    format!("{}{total} moved{rate}{left}", task.moved)
}

/// Which messages are meant: by the parameters `filter` and `group`, whose names are made under `masks`.
///
/// # Errors
/// `Refuse`, where the filter or a mask cannot be read.
pub(super) fn select(v: &View<'_>) -> Result<Select, Need> {
    let filter = text(v, "filter").map(|said| said.wire().parse::<Filter>());
    let filter = filter.transpose().map_err(|wrong| Need::Refuse(wrong.to_string()))?;
    let masks = text(v, "masks").map_or("", |said| said.wire());
    let masks = Masks::new(masks.lines().filter(|line| !line.is_empty()))
        .map_err(|(_, wrong)| Need::Refuse(wrong.to_string()))?;
    let groups = text(v, "group").into_iter().cloned().collect();
    Ok(Select { ids: None, groups, filter, masks })
}

/// Whether some messages are meant and others not.
pub(super) fn chooses(v: &View<'_>) -> bool {
    text(v, "filter").is_some() || text(v, "group").is_some()
}

/// A look at so many messages that tells whose they are and what they failed of; or why there is none.
///
/// # Errors
/// `Refuse`, where the masks cannot be read.
fn look_at(
    v: &View<'_>,
    queue: &Known,
    most: u64,
    leaves: Vec<String>,
) -> Result<Result<Proposal, String>, Need> {
    let dead_end = queue.facts.redrive.as_ref().and_then(|policy| policy.max_receive_count);
    if matches!(dead_end, Some(0 | 1)) {
        return Ok(Err("the queue passes on what is received once more".to_owned()));
    }
    let whose = Some(select(v)?.masks);
    let act = MessagesAct::Peek { from: queue.url.clone(), most: Some(most), dead_end, whose };
    let mut breaks = vec![
        "each message that is looked at has a receive count that is higher by one then, and is hidden from others for a \
         minute at most"
            .to_owned(),
    ];
    if dead_end.is_some() {
        breaks
            .push("the queue passes messages on itself: it stops before a receive would do that".to_owned());
    }
    let changes = vec![Change { at: v.at.clone(), act: Act::Messages(act) }];
    Ok(Ok(Proposal { changes, breaks, leaves, differs: None }))
}

/// A step is done with a queue: later ones are told which, and since when.
pub(super) fn finished(v: &View<'_>, queue: &Known, evidence: Vec<String>) -> Done {
    let outputs =
        [("queue".to_owned(), Value::Text(queue.url.text().clone())), ("at".to_owned(), Value::Time(v.now))];
    Done { evidence, outputs: outputs.into() }
}

/// A whole number among the parameters.
///
/// # Errors
/// `Refuse`, if it is outside of `from..=to`.
pub(super) fn number(v: &View<'_>, name: &str, from: i64, to: i64) -> Result<Option<u64>, Need> {
    match v.with.get(name) {
        Some(Value::Number(n)) if (from..=to).contains(n) => Ok(Some(n.unsigned_abs())),
        Some(Value::Number(n)) => Err(Need::Refuse(format!("{name} is {from} to {to}, not {n}"))),
        Some(_) | None => Ok(None),
    }
}
