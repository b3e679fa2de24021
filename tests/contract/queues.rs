//! Questions about queues: their attributes, what makes one a dead-letter queue, and move tasks.

use super::fill::sqs::{BULK, DEAD, FIFO, KEY, KMS, MESSAGES, MOVED, NAMED, SOURCES};
use super::question::{Question, Wrong, distinct, holds, refused, same};
use crate::asking::{Asking, REGION};
use bartizan::estate::ask::sqs::{
    GetQueueAttributes, ListDeadLetterSourceQueues, ListMessageMoveTasks, ListQueueTags, ListQueues,
};
use bartizan::estate::{
    Arn, Cursor, Encryption, FaultKind, MoveTask, MoveTaskStatus, QueueFacts, QueueUrl, time,
};
use std::time::{Duration, Instant};

const FACTS: &str = "SQS API reference, GetQueueAttributes, CreateQueue";
const SOURCE: &str = "SQS API reference, ListDeadLetterSourceQueues";
const TASKS: &str = "SQS API reference, ListMessageMoveTasks";
const GONE: &str = "SQS service model: QueueDoesNotExist";

pub const FILLED: &[Question] = &[
    Question {
        name: "queues_on_every_page",
        source: "SQS API reference, ListQueues: MaxResults up to 1,000, with a token",
        needs: Some("queues_bulk"),
        check: every,
    },
    Question { name: "queue_is_as_it_was_made", source: FACTS, needs: Some("queue_messages"), check: facts },
    Question { name: "queue_by_default", source: FACTS, needs: Some("queues_bulk"), check: default },
    Question { name: "redrive_policy", source: FACTS, needs: Some("queue_sources"), check: redrive },
    Question { name: "dead_letter_sources", source: SOURCE, needs: Some("queue_sources"), check: sources },
    Question {
        name: "sources_of_no_dead_letter_queue",
        source: SOURCE,
        needs: Some("queue_kms"),
        check: no_sources,
    },
    Question { name: "fifo_queue", source: FACTS, needs: Some("queue_fifo"), check: fifo },
    Question { name: "encrypted_queue", source: FACTS, needs: Some("queue_kms"), check: kms },
    Question {
        name: "queue_tags",
        source: "SQS API reference, ListQueueTags",
        needs: Some("queue"),
        check: tags,
    },
    Question { name: "move_task_that_ended", source: TASKS, needs: Some("move_task"), check: moved },
    Question { name: "no_move_tasks", source: TASKS, needs: Some("queue_sources"), check: no_tasks },
];

pub const MISSING: &[Question] = &[
    Question {
        name: "attributes_of_a_queue_that_is_not",
        source: GONE,
        needs: None,
        check: |e| refused(e.first(GetQueueAttributes { queue: nobody(e)? }), &FaultKind::NotFound),
    },
    Question {
        name: "tags_of_a_queue_that_is_not",
        source: GONE,
        needs: None,
        check: |e| refused(e.first(ListQueueTags { queue: nobody(e)? }), &FaultKind::NotFound),
    },
    Question {
        name: "sources_of_a_queue_that_is_not",
        source: GONE,
        needs: None,
        check: |e| refused(e.first(ListDeadLetterSourceQueues { queue: nobody(e)? }), &FaultKind::NotFound),
    },
    Question {
        name: "move_tasks_of_a_queue_that_is_not",
        source: "SQS service model, ListMessageMoveTasks: ResourceNotFoundException",
        needs: None,
        check: |e| {
            let url = first(e)?;
            let arn = e.first(GetQueueAttributes { queue: url })?.arn;
            let (account, _) = arn.wire().rsplit_once(':').ok_or("no ARN")?;
            let queue = Arn::new(format!("{account}:no-such-queue"));
            refused(e.first(ListMessageMoveTasks { queue }), &FaultKind::NotFound)
        },
    },
    Question {
        name: "queue_url_that_is_none",
        source: "SQS service model: InvalidAddress, QueueDoesNotExist",
        needs: None,
        check: |e| match e.first(GetQueueAttributes { queue: QueueUrl::new("what is this?") }) {
            Err(f) if matches!(f.kind, FaultKind::Invalid | FaultKind::NotFound) => Ok(()),
            other => Err(format!("the model says Invalid or NotFound, it is {other:?}").into()),
        },
    },
    Question {
        name: "queue_token_that_is_none",
        source: "SQS API reference, ListQueues, NextToken; Common errors, InvalidParameterValue",
        needs: None,
        check: |e| {
            let cursor = Cursor("none of yours".into());
            refused(e.page(ListQueues {}, Some(&cursor)), &FaultKind::Invalid)
        },
    },
];

fn first(e: &Asking) -> Result<QueueUrl, Wrong> {
    e.first(ListQueues {})?.into_iter().next().ok_or_else(|| "there are no queues".into())
}

fn nobody(e: &Asking) -> Result<QueueUrl, Wrong> {
    Ok(first(e)?.sibling("no-such-queue"))
}

fn url(e: &Asking, name: &str) -> Result<QueueUrl, Wrong> {
    Ok(first(e)?.sibling(name))
}

fn of(e: &Asking, name: &str) -> Result<QueueFacts, Wrong> {
    Ok(e.first(GetQueueAttributes { queue: url(e, name)? })?)
}

fn every(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(ListQueues {})?;
    let names: Vec<_> = pages.iter().flatten().map(|u| u.name().wire().to_owned()).collect();
    distinct("queues", &names)?;
    same("queues", names.len(), BULK + NAMED)?;
    for name in [DEAD, FIFO, KMS, MOVED, "bulk-0000", "bulk-1002"] {
        holds(format!("{name} is not in it"), names.iter().any(|n| n == name))?;
    }
    same("pages", pages.iter().map(Vec::len).collect::<Vec<_>>(), vec![1000, BULK + NAMED - 1000])
}

fn facts(e: &Asking) -> Result<(), Wrong> {
    let f = of(e, DEAD)?;
    same("ARN", (f.arn.service(), f.arn.region()), (Some("sqs"), Some(REGION)))?;
    same("ARN's name", f.arn.resource().wire(), DEAD)?;
    same("account", f.arn.account(), url(e, DEAD)?.account())?;
    same("messages", (f.messages, f.in_flight, f.delayed), (Some(MESSAGES), Some(0), Some(0)))?;
    same("retention", f.retention_s, Some(1_209_600))?;
    same("redrive policy", f.redrive, None)?;
    let age = time::seconds_between(f.created.ok_or("CreatedTimestamp is missing")?, e.now());
    holds(format!("it was made {age} s ago"), (-5..600).contains(&age))
}

/// 4 days, 30 s, standard, and "SqsManagedSseEnabled ... default".
fn default(e: &Asking) -> Result<(), Wrong> {
    let f = of(e, "bulk-0000")?;
    same("retention", f.retention_s, Some(345_600))?;
    same("visibility", f.visibility_s, Some(30))?;
    same("FIFO", f.fifo, false)?;
    same("policy", f.redrive_allow, None)?;
    same("encryption", f.encryption, Encryption::SqsManaged)
}

fn redrive(e: &Asking) -> Result<(), Wrong> {
    let dead = of(e, DEAD)?.arn;
    for (name, max) in SOURCES {
        let policy = of(e, name)?.redrive.ok_or("RedrivePolicy is missing")?;
        same("target", &policy.dead_letter_target, &dead)?;
        same("maxReceiveCount", policy.max_receive_count, Some(max))?;
    }
    Ok(())
}

fn sources(e: &Asking) -> Result<(), Wrong> {
    let found = e.all(ListDeadLetterSourceQueues { queue: url(e, DEAD)? })?;
    let mut names: Vec<String> = found.iter().map(|u| u.name().wire().to_owned()).collect();
    names.sort();
    same("sources", names, vec!["invoices".to_owned(), "orders".to_owned()])
}

fn no_sources(e: &Asking) -> Result<(), Wrong> {
    same("sources", e.all(ListDeadLetterSourceQueues { queue: url(e, KMS)? })?.len(), 0)
}

fn fifo(e: &Asking) -> Result<(), Wrong> {
    same("FIFO", of(e, FIFO)?.fifo, true)
}

fn kms(e: &Asking) -> Result<(), Wrong> {
    same("encryption", of(e, KMS)?.encryption, Encryption::Kms(KEY.into()))
}

fn tags(e: &Asking) -> Result<(), Wrong> {
    let mut tags = e.first(ListQueueTags { queue: url(e, DEAD)? })?;
    tags.sort();
    same("tags", tags, vec![("stage".into(), "prod".into()), ("system".into(), "shop".into())])?;
    same("tags of another", e.first(ListQueueTags { queue: url(e, KMS)? })?.len(), 0)
}

fn moved(e: &Asking) -> Result<(), Wrong> {
    let arn = of(e, MOVED)?.arn;
    let began = Instant::now();
    let task: MoveTask = loop {
        let mut tasks = e.first(ListMessageMoveTasks { queue: arn.clone() })?;
        same("tasks", tasks.len(), 1)?;
        let task = tasks.pop().ok_or("no task")?;
        if task.status != MoveTaskStatus::Running || began.elapsed() > Duration::from_secs(20) {
            break task;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    same("status", task.status, MoveTaskStatus::Completed)?;
    same("source", task.source, arn)?;
    same("destination", task.destination, None)?;
    same("moved", (task.moved, task.to_move), (2, Some(2)))?;
    let age = time::seconds_between(task.started.ok_or("StartedTimestamp is missing")?, e.now());
    holds(format!("it began {age} s ago"), (-5..600).contains(&age))
}

fn no_tasks(e: &Asking) -> Result<(), Wrong> {
    same("tasks", e.first(ListMessageMoveTasks { queue: of(e, DEAD)?.arn })?.len(), 0)
}
