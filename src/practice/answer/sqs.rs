//! Queues: URLs, attributes, sources and move tasks. Sources: SQS API reference, `ListQueues` (1,000 a
//! page), `GetQueueAttributes`, `ListDeadLetterSourceQueues`, `ListMessageMoveTasks`.

use super::{Asked, maybe, pairs, text, time};
use crate::estate::ask::Cursor;
use crate::estate::ask::sqs::{Answer, Ask, ListQueues};
use crate::estate::fault::Fault;
use crate::estate::names::{Arn, QueueUrl};
use crate::estate::queue::{Encryption, MoveTask, MoveTaskStatus, QueueFacts, RedrivePolicy};
use crate::practice::faults;
use crate::practice::world::queue::{Queue, Task, TaskStatus};
use crate::practice::world::{Second, arn};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    match ask {
        Ask::ListQueues(ListQueues {}) => {
            let rows = asked.rows(&asked.world.queues);
            let (page, next) = asked.page("", &rows, 1_000, |q| &q.name)?;
            Ok((Answer::ListQueues(page.into_iter().map(|q| QueueUrl::new(q.url())).collect()), next))
        }
        Ask::GetQueueAttributes(q) => {
            asked.single()?;
            let row = find(asked, &q.queue)?;
            Ok((Answer::GetQueueAttributes(facts(row, asked.world.seed, asked.world.now)), None))
        }
        Ask::ListDeadLetterSourceQueues(q) => {
            let target = &find(asked, &q.queue)?.name;
            let feeds = |s: &&Queue| s.redrive.as_ref().is_some_and(|(to, _)| to == target);
            let rows: Vec<&Queue> = asked.world.queues.iter().filter(feeds).collect();
            let (page, next) = asked.page(target, &rows, 1_000, |q| &q.name)?;
            let urls = page.into_iter().map(|q| QueueUrl::new(q.url())).collect();
            Ok((Answer::ListDeadLetterSourceQueues(urls), next))
        }
        Ask::ListMessageMoveTasks(q) => {
            asked.single()?;
            let rows = asked.rows(&asked.world.queues);
            let Some(row) = rows.into_iter().find(|r| r.arn() == q.queue.wire()) else {
                let message = "The resource that you specified for the SourceArn parameter doesn't exist.";
                return Err(faults::missing(asked.op, "ResourceNotFoundException", message));
            };
            let tasks = row.tasks.iter().take(10).map(|t| task(row, t)).collect();
            Ok((Answer::ListMessageMoveTasks(tasks), None))
        }
        Ask::ListQueueTags(q) => {
            asked.single()?;
            Ok((Answer::ListQueueTags(pairs(&find(asked, &q.queue)?.tags)), None))
        }
    }
}

fn find<'a>(asked: &Asked<'a>, url: &QueueUrl) -> Result<&'a Queue, Fault> {
    let place = asked.world.queue(url.name().wire()).filter(|_| asked.here);
    let row = place.and_then(|q| asked.world.queues.get(q)).filter(|q| q.url() == url.wire());
    row.ok_or_else(|| faults::no_queue(asked.op))
}

fn facts(q: &Queue, seed: u64, now: Second) -> QueueFacts {
    QueueFacts {
        arn: Arn::new(q.arn()),
        messages: Some(q.approximate(seed, now)),
        in_flight: Some(q.in_flight(seed, now) + q.hidden()),
        delayed: Some(0),
        retention_s: u64::try_from(q.retention).ok(),
        visibility_s: u64::try_from(q.visibility).ok(),
        created: Some(time(q.created)),
        redrive: q.redrive.as_ref().map(|(to, max)| RedrivePolicy {
            dead_letter_target: Arn::new(arn("sqs", to)),
            max_receive_count: Some(*max),
        }),
        redrive_allow: maybe(q.allow.as_ref()),
        policy: None,
        fifo: q.fifo(),
        encryption: match q.encryption.as_str() {
            "none" => Encryption::None,
            "sqs" => Encryption::SqsManaged,
            key => Encryption::Kms(text(key)),
        },
    }
}

fn task(q: &Queue, t: &Task) -> MoveTask {
    MoveTask {
        status: match t.status {
            TaskStatus::Running => MoveTaskStatus::Running,
            TaskStatus::Cancelling => MoveTaskStatus::Cancelling,
            TaskStatus::Completed => MoveTaskStatus::Completed,
            TaskStatus::Cancelled => MoveTaskStatus::Cancelled,
            TaskStatus::Failed => MoveTaskStatus::Failed,
        },
        source: Arn::new(q.arn()),
        destination: t.to.as_deref().map(Arn::new),
        moved: t.moved,
        to_move: Some(t.to_move),
        rate: t.rate,
        started: Some(time(t.started)),
        failure: maybe(t.failure.as_ref()),
        handle: (t.status == TaskStatus::Running).then(|| text(&t.handle(&q.name))),
    }
}
