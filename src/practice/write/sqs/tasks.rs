//! Message move tasks: who may start one, and its end. What it does is `consume`'s. The words of refusals are
//! those that SQS was seen to use, as far as they are known.

use super::{refused, told};
use crate::estate::names::Arn;
use crate::estate::{Fault, Receipt, Untrusted};
use crate::practice::world::queue::{Task, TaskStatus};
use crate::practice::world::{Due, World};
use crate::practice::write::Write;

/// The largest rate, in messages a second.
const FASTEST: u32 = 500;
/// Tasks that are listed at most.
const LISTED: usize = 10;
/// "a maximum of 100 active message movement tasks per account".
const ACTIVE: usize = 100;

fn place(world: &World, arn: &str) -> Option<usize> {
    world.queues.iter().position(|q| q.arn() == arn)
}

pub(super) fn start(
    write: &mut Write<'_>,
    source: &Arn,
    to: Option<&Arn>,
    rate: Option<u32>,
) -> Result<Receipt, Fault> {
    let at = write.at;
    let missing = |write: &Write<'_>, which: &str| {
        let message = format!("The resource that you specified for the {which} parameter doesn't exist.");
        refused(write, "ResourceNotFoundException", &message)
    };
    let wrong = |write: &Write<'_>, message: &str| refused(write, "InvalidParameterValue", message);
    let q = place(write.world, source.wire()).filter(|_| write.here);
    let q = q.ok_or_else(|| missing(write, "SourceArn"))?;
    let target = match to {
        None => None,
        Some(to) => Some(place(write.world, to.wire()).ok_or_else(|| missing(write, "DestinationArn"))?),
    };
    if rate.is_some_and(|n| !(1..=FASTEST).contains(&n)) {
        let message =
            "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500.";
        return Err(wrong(write, message));
    }
    let name = write.world.queues.get(q).map(|x| x.name.clone()).unwrap_or_default();
    let feeds =
        |s: &crate::practice::world::queue::Queue| s.redrive.as_ref().is_some_and(|(to, _)| *to == name);
    if !write.world.queues.iter().any(feeds) {
        return Err(wrong(write, "Source queue must be configured as a Dead Letter Queue."));
    }
    if target == Some(q) {
        return Err(wrong(write, "Source queue arn and destination queue arn cannot be the same."));
    }
    let fifo = |q: usize| write.world.queues.get(q).is_some_and(|x| x.fifo());
    if target.is_some_and(|t| fifo(t) != fifo(q)) {
        return Err(wrong(write, "Source and destination queue must be of the same type."));
    }
    let active = |x: &crate::practice::world::queue::Queue| x.tasks.first().is_some_and(Task::is_active);
    if write.world.queues.get(q).is_some_and(active) {
        let message = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        return Err(refused(write, "UnsupportedOperation", message));
    }
    if write.world.queues.iter().filter(|x| active(x)).count() >= ACTIVE {
        return Err(refused(write, "OverLimit", "Too many active message movement tasks."));
    }
    let Some(queue) = write.world.queues.get_mut(q) else { return Err(missing(write, "SourceArn")) };
    queue.wake(at);
    // a handle names its task by its second: two in one cannot be told apart
    let started = queue.tasks.first().map_or(at, |t| at.max(t.started + 1));
    let task = Task {
        status: TaskStatus::Running,
        started,
        moved: 0,
        to_move: queue.visible(),
        rate,
        failure: None,
        to: to.map(|to| to.wire().to_owned()),
        by_hand: true,
    };
    let handle = task.handle(&queue.name);
    queue.tasks.insert(0, task);
    queue.tasks.truncate(LISTED);
    write.world.plan(at + 1, Due::Move(q));
    Ok(Receipt::MoveTask(Some(Untrusted::from(handle))))
}

pub(super) fn cancel(write: &mut Write<'_>, handle: &str) -> Result<Receipt, Fault> {
    let at = write.at;
    let here = write.here;
    let of = |q: &crate::practice::world::queue::Queue| {
        here && q
            .tasks
            .first()
            .is_some_and(|t| t.status == TaskStatus::Running && t.handle(&q.name) == handle)
    };
    let Some(q) = write.world.queues.iter().position(of) else {
        // a task that has ended has no handle any more
        return Err(refused(write, "ResourceNotFoundException", "Task does not exist."));
    };
    if let Some(task) = write.world.queues.get_mut(q).and_then(|x| x.tasks.first_mut()) {
        task.status = TaskStatus::Cancelling;
    }
    write.world.plan(at + 1, Due::Move(q));
    told(write, q);
    Ok(Receipt::Done)
}
