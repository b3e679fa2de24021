//! What becomes of messages that are moved and of events that functions are invoked with: a consumer takes them,
//! or fails by their cause, tries again, and gives them up into a dead-letter queue. Sources: SQS developer guide,
//! "Using dead-letter queues"; Lambda developer guide, "How Lambda handles errors and retries with asynchronous
//! invocation".

use super::letters;
use super::load;
use super::prng;
use super::score;
use super::weather::{changed, filled};
use super::world::queue::item::{Own, Parcel, Via};
use super::world::queue::name::{ANY, LARGEST, Name, Spot};
use super::world::queue::{Task, TaskStatus};
use super::world::{Due, Second, Waiting, World, alarm, arn};

/// Seconds until a consumer takes what has come.
const POLL: i64 = 2;
/// The most messages that a consumer takes at once; ten instances of a function do about this in the time.
const AT_ONCE: usize = 400;
/// Seconds between two steps of a move task that somebody started.
const STEP: i64 = 2;
/// Messages a second of a task without a rate: the largest rate that can be asked for.
const FASTEST: u32 = 500;
/// The batch that the numbers of invocations are of: no queue has so many.
const HANDED: u32 = LARGEST - 1;
/// An event that a function was throttled on is tried again after so many seconds.
const AGAIN: i64 = 60;
/// An event that a function fails on is tried again after one minute and after two more.
const RETRIES: [i64; 2] = [60, 120];

/// Who consumes queue `q`: a function's name, or the queue's own where live traffic flows and no function is known
/// to take it. Nobody where the mapping is disabled.
pub(super) fn consumer(world: &World, q: usize) -> Option<String> {
    let queue = world.queues.get(q)?;
    let source = queue.arn();
    match world.mappings.iter().find(|m| m.source == source) {
        Some(m) if m.state == "Enabled" => {
            world.functions.get(world.function(&m.function)?).map(|f| f.name.clone())
        }
        Some(_) => None,
        None => (queue.flow > 0).then(|| queue.name.clone()),
    }
}

/// A message comes into queue `q`.
pub(super) fn deliver(world: &mut World, at: Second, q: usize, parcel: Parcel) {
    filled(world, at, q);
    let consumed = consumer(world, q).is_some();
    if let Some(queue) = world.queues.get_mut(q) {
        queue.insert(at, parcel);
        if consumed {
            world.plan(at + POLL, Due::Consume(q));
        }
    }
}

/// What came into queue `q` is told: marks, alarms, retention.
pub(super) fn settle(world: &mut World, at: Second, q: usize) {
    if let Some(queue) = world.queues.get_mut(q) {
        queue.mark(at);
    }
    changed(world, at, q);
}

/// The consumer of queue `q` takes what is there.
pub(super) fn consume(world: &mut World, at: Second, q: usize) {
    let Some(who) = consumer(world, q) else { return };
    // What is received while no more of the function may run is throttled: it comes back, and has been received once more.
    let share = share(world, &who, at);
    let (mut failed, mut taken) = (0_u32, 0);
    let mut last = None;
    if let Some(queue) = world.queues.get_mut(q) {
        queue.wake(at);
    }
    while taken < AT_ONCE
        && let Some(spot) = world.queues.get(q).and_then(|queue| queue.next(last))
    {
        taken += 1;
        if is_spent(world, q, spot) {
            give_up(world, at, q, spot);
            continue;
        }
        let Some(queue) = world.queues.get(q) else { return };
        let Some(item) = queue.item(spot) else { return };
        let good = queue.written(spot).map(|own| own.good);
        let throttled = is_throttled(world, share, &item.of, at);
        if throttled || letters::fails(world, &who, &item.of, good, at) {
            failed += u32::from(!throttled);
            if let Some(queue) = world.queues.get_mut(q) {
                queue.give(at, spot, at + queue.visibility.max(1));
                last = Some(spot);
            }
        } else {
            if let Some(queue) = world.queues.get_mut(q) {
                queue.remove(spot);
            }
            score::consumed(world, &item.of);
        }
    }
    errors(world, at, &who, failed);
    let next = world.queues.get(q).and_then(|queue| match queue.next(None) {
        Some(_) => Some(at + POLL),
        None => queue.next_back(),
    });
    if let Some(next) = next {
        world.plan(next.max(at + 1), Due::Consume(q));
    }
    settle(world, at, q);
}

/// Which share of its calls the function of that name takes; all, where no function is known.
fn share(world: &World, name: &str, at: Second) -> f64 {
    let function = world.function(name).and_then(|f| world.functions.get(f));
    function.map_or(1.0, |f| load::share(world.seed, f, at))
}

/// Whether a message is among those that are not taken now, for so much else is called.
fn is_throttled(world: &World, share: f64, of: &Name, at: Second) -> bool {
    share < 1.0 && prng::unit(of.number(world.seed, at.unsigned_abs())) >= share
}

/// Whether nothing of the function of that name runs.
pub(super) fn is_off(world: &World, name: &str) -> bool {
    world.function(name).and_then(|f| world.functions.get(f)).is_some_and(|f| f.is_off())
}

/// Whether a message was received so often that its queue moves it on before it gives it again.
pub(super) fn is_spent(world: &World, q: usize, spot: Spot) -> bool {
    let Some(queue) = world.queues.get(q) else { return false };
    let here = queue.touched.get(&spot).map_or(0, |t| t.here);
    let target = queue.redrive.as_ref().filter(|(to, _)| world.queue(to).is_some());
    target.is_some_and(|(_, most)| here >= *most)
}

/// Moves a message on to the dead-letter queue of its queue. It keeps its id; in a standard queue its age, too.
pub(super) fn give_up(world: &mut World, at: Second, q: usize, spot: Spot) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    let Some((to, _)) = queue.redrive.clone() else { return };
    let (fifo, via) = (queue.fifo(), Via::Queue(queue.made.place));
    let Some(parcel) = queue.remove(spot) else { return };
    if let Some(of) = parcel.of.or(parcel.name) {
        super::runaway::spilled(world, &of);
    }
    let Some(dead) = world.queue(&to) else { return };
    let sent = if fifo { at } else { parcel.sent };
    deliver(world, at, dead, Parcel { sent, via, ..parcel });
    settle(world, at, dead);
}

/// `many` errors of a function are counted, and its alarms look.
pub(super) fn errors(world: &mut World, at: Second, function: &str, many: u32) {
    let Some(s) = world.errors_of(function).filter(|_| many > 0) else { return };
    if let Some(signal) = world.signals.get_mut(s) {
        signal.count(at, many);
    }
    for a in world.index.of_signal.get(&s).cloned().unwrap_or_default() {
        alarm::wake(world, a, at, at + 60);
    }
}

/// An event is handed to the function at place `f`, which gets it soon. Gives the id of the invocation.
pub(super) fn hand_over(
    world: &mut World,
    at: Second,
    f: usize,
    of: Option<Name>,
    own: Option<Box<Own>>,
) -> String {
    let queue = goes_when_dead(world, f).and_then(|q| u16::try_from(q).ok()).unwrap_or_default();
    world.handed = (world.handed + 1) % LARGEST;
    let request = Name { queue, batch: HANDED, place: world.handed, at, cause: ANY };
    wait(world, f, Waiting { at: at + 1, of, own, failed: 0, request: Some(request) });
    letters::request_id(world.seed, &request)
}

/// The place of the queue that events go to which the function at place `f` has failed on for good.
fn goes_when_dead(world: &World, f: usize) -> Option<usize> {
    let function = world.functions.get(f)?;
    let target = function.dead_letter.as_ref().or(function.on_failure.as_ref())?;
    world.queue(target.strip_prefix(&arn("sqs", ""))?)
}

fn wait(world: &mut World, f: usize, waiting: Waiting) {
    let at = waiting.at;
    let line = world.functions_waiting.entry(f).or_default();
    let place = line.partition_point(|w| w.at <= at);
    line.insert(place, waiting);
    world.plan(at, Due::Attempt(f));
}

/// Whether the function of that name fails on an event.
pub(super) fn fails(world: &World, name: &str, of: Option<&Name>, own: Option<bool>, at: Second) -> bool {
    match of {
        Some(of) => letters::fails(world, name, of, own, at),
        None => own == Some(false) || world.is_in_trouble(name, at),
    }
}

/// The function at place `f` gets the events that wait for it.
pub(super) fn attempt(world: &mut World, at: Second, f: usize) {
    let Some(name) = world.functions.get(f).map(|x| x.name.clone()) else { return };
    let mut failed = 0;
    while let Some(line) = world.functions_waiting.get_mut(&f)
        && line.front().is_some_and(|w| w.at <= at)
        && let Some(event) = line.pop_front()
    {
        let good = event.own.as_ref().map(|own| own.good);
        // "Lambda ... sends the event to the dead-letter queue or the failed-event destination, without any retries"
        if is_off(world, &name) {
            dead(world, at, f, event);
            continue;
        }
        // "Lambda ... attempts to run the function again ... for up to 6 hours": throttled is not failed
        let share = share(world, &name, at);
        if event.of.as_ref().is_some_and(|of| is_throttled(world, share, of, at)) {
            wait(world, f, Waiting { at: at + AGAIN, ..event });
            continue;
        }
        if !fails(world, &name, event.of.as_ref(), good, at) {
            if let Some(of) = &event.of {
                score::consumed(world, of);
            }
            continue;
        }
        failed += 1;
        match RETRIES.get(usize::from(event.failed)) {
            Some(after) => wait(world, f, Waiting { at: at + after, failed: event.failed + 1, ..event }),
            None => dead(world, at, f, event),
        }
    }
    if world.functions_waiting.get(&f).is_some_and(std::collections::VecDeque::is_empty) {
        world.functions_waiting.remove(&f);
    }
    errors(world, at, &name, failed);
}

/// An event has failed for good. It is a new message where the function's dead letters go, or gone.
fn dead(world: &mut World, at: Second, f: usize, event: Waiting) {
    let (Some(q), Ok(place)) = (goes_when_dead(world, f), u16::try_from(f)) else { return };
    let via = Via::Function(place);
    let name = event.request;
    deliver(world, at, q, Parcel { name, of: event.of, sent: at, before: 0, via, own: event.own });
    settle(world, at, q);
}

/// Mends the mistakes of a consumer, and whatever it waits for is there again; false if nobody of that name is known.
pub(super) fn deploy(world: &mut World, consumer: &str) -> bool {
    if !is_known(world, consumer) {
        return false;
    }
    world.broken.remove(consumer);
    super::runaway::mend(world, world.now, consumer);
    world.deployed.insert(consumer.to_owned());
    let now = world.now;
    if let Some(s) = world.errors_of(consumer)
        && let Some(end) = world.signals.get_mut(s).and_then(|signal| signal.heal(now))
    {
        world.plan(end, Due::Edge(s));
    }
    true
}

/// What a consumer waits for is gone; false if nobody of that name is known.
pub(super) fn break_down(world: &mut World, consumer: &str) -> bool {
    let known = is_known(world, consumer);
    if known {
        world.broken.insert(consumer.to_owned());
        world.deployed.remove(consumer);
    }
    known
}

fn is_known(world: &World, consumer: &str) -> bool {
    world.function(consumer).is_some()
        || world.queues.iter().any(|q| q.made.letters.iter().any(|l| l.consumer == consumer))
}

/// A move task that somebody started, or stopped, moves on.
pub(super) fn move_on(world: &mut World, at: Second, q: usize, task: &Task) {
    let (mut moved, mut end) = (0, None);
    if task.status == TaskStatus::Cancelling {
        end = Some((TaskStatus::Cancelled, None));
    }
    let most = u64::from(task.rate.unwrap_or(FASTEST)) * STEP.unsigned_abs();
    let most = most.min(task.to_move.saturating_sub(task.moved));
    let mut touched = std::collections::BTreeSet::new();
    while end.is_none() && moved < most {
        let Some(spot) = world.queues.get(q).and_then(|queue| queue.next(None)) else {
            end = Some((TaskStatus::Completed, None));
            break;
        };
        match goes_to(world, q, spot, task) {
            Ok(to) => {
                let parcel = world.queues.get_mut(q).and_then(|queue| queue.remove(spot));
                if let Some(parcel) = parcel {
                    let new = Parcel { name: None, sent: at, before: 0, via: Via::Sent, ..parcel };
                    deliver(world, at, to, new);
                    touched.insert(to);
                    moved += 1;
                }
            }
            Err(why) => end = Some((TaskStatus::Failed, Some(why))),
        }
    }
    if end.is_none() && task.moved + moved >= task.to_move {
        end = Some((TaskStatus::Completed, None));
    }
    if let Some(task) = world.queues.get_mut(q).and_then(|queue| queue.tasks.first_mut()) {
        task.moved += moved;
        if let Some((status, failure)) = end.clone() {
            task.status = status;
            task.failure = failure;
        }
    }
    if end.is_none() {
        world.plan(at + STEP, Due::Move(q));
    }
    for to in touched {
        settle(world, at, to);
    }
    settle(world, at, q);
}

/// Where a task moves a message to, or why it ends there. The reasons are words of ours but for their codes.
fn goes_to(world: &World, q: usize, spot: Spot, task: &Task) -> Result<usize, String> {
    let source = match &task.to {
        Some(to) => Some(to.clone()),
        None => letters::source(world, q, spot),
    };
    let Some(to) = source else {
        return Err("CouldNotDetermineMessageSource: a message was not moved here from a queue".to_owned());
    };
    let queue = to.strip_prefix(&arn("sqs", "")).and_then(|name| world.queue(name));
    let queue =
        queue.ok_or_else(|| "AWS.SimpleQueueService.NonExistentQueue: the destination is gone".to_owned())?;
    if world.denied.contains("sqs:SendMessage") {
        return Err("AccessDenied: sqs:SendMessage on the destination queue".to_owned());
    }
    Ok(queue)
}
