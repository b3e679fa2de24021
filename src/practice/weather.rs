//! The weather: what happens to the world by itself. Each process plans its own next event from its own
//! stream of randomness, so that the same seed makes the same weather whatever is asked in between.

use super::consume;
use super::genesis::values;
use super::incident;
use super::letters::{self, Cause};
use super::score;
use super::world::acl::Attack;
use super::world::alarm::{evaluate, wake};
use super::world::queue::{LATEST, Task, TaskStatus};
use super::world::signal::Climate;
use super::world::text::Text;
use super::world::{DAY, Due, Second, World};

/// `due` happens at `at`.
pub(super) fn happen(world: &mut World, at: Second, due: Due) {
    match due {
        Due::Spell(s) => spell(world, at, s),
        Due::Edge(s) => edge(world, at, s),
        Due::Fail(s) => fail(world, at, s),
        Due::Held(q) => foreseen(world, at, q),
        Due::Attack(a) => next_attack(world, at, a),
        Due::Burst(q) => burst(world, at, q),
        Due::Clear(q) => clear(world, at, q),
        Due::Redrive(q) => redrive(world, at, q),
        Due::Move(q) => move_on(world, at, q),
        Due::Expire(q) => expire(world, at, q),
        Due::Appear(q) => appear(world, at, q),
        Due::Consume(q) => consume::consume(world, at, q),
        Due::Attempt(f) => consume::attempt(world, at, f),
        Due::Rotate(s) => rotate(world, at, s),
        Due::Access(s) => access(world, at, s),
        Due::Flicker(s) => flicker(world, at, s),
        Due::Delete(s) => delete(world, at, s),
        Due::Modified(d) => {
            world.password_through(at, d);
            super::squatter::reckon(world);
        }
        Due::Through(f) => through(world, at, f),
        Due::Mapped(m) => super::write::mapped(world, m),
        Due::Purge(s) => purge(world, at, s),
        Due::Strike(n) => incident::happen(world, at, n),
        Due::Intrude(super::squatter::TURN) => super::squatter::act(world, at),
        Due::Intrude(_) => super::adversary::act(world, at),
        Due::Evaluate(a) => evaluate(world, a, at),
    }
}

fn spell(world: &mut World, at: Second, s: usize) {
    let Some(signal) = world.signals.get_mut(s) else { return };
    signal.forget(at - 15 * DAY);
    let (lasts, next) = match signal.climate {
        Climate::Calm => return,
        Climate::Rare { every, longest } => {
            let lasts = signal.rng.between(signal.period, longest.max(signal.period));
            (lasts, at + lasts + signal.rng.wait(every))
        }
        Climate::Beat { of, on } => (on, at + of),
    };
    let silent = signal.goes_silent;
    let added = signal.add(at, at + lasts, silent);
    world.again(at, next, Due::Spell(s));
    if let Some(spell) = added {
        world.plan(spell.from, Due::Edge(s));
        world.plan(spell.to, Due::Edge(s));
    }
}

/// Between the edges of a spell nothing changes, so alarms look only around them.
fn edge(world: &mut World, at: Second, s: usize) {
    for a in world.index.of_signal.get(&s).cloned().unwrap_or_default() {
        wake(world, a, at, at);
    }
    let Some(signal) = world.signals.get(s) else { return };
    let begins = signal.spell_at(at).is_some_and(|spell| !spell.silent);
    let period = signal.period;
    if begins && signal.key.errors_of().is_some_and(|f| world.dead_end(f).is_some()) {
        world.plan(at + period + RETRIES, Due::Fail(s));
    }
}

/// An event that a function fails on is tried again after one minute and after two more (Lambda developer
/// guide, "Error handling and automatic retries"); then it is a dead letter.
const RETRIES: i64 = 180;

fn fail(world: &mut World, at: Second, s: usize) {
    let Some(signal) = world.signals.get(s) else { return };
    let (from, period) = (at - RETRIES - signal.period, signal.period);
    if signal.spell_at(from).is_none() {
        return;
    }
    let errors: f64 = (0..period / 60).filter_map(|m| signal.weather(world.seed, from + m * 60)).sum();
    let function = signal.key.errors_of().unwrap_or_default().to_owned();
    let queue = world.dead_end(&function);
    world.again(at, at + period, Due::Fail(s));
    // each event failed three times before it was given up
    let dead = (errors / 3.0).ceil() as u64;
    if let Some(q) = queue.filter(|_| dead > 0) {
        let cause = letters::number(world, q, &function, Cause::Passing);
        dead_letters(world, at, q, dead, cause);
    }
}

fn foreseen(world: &mut World, at: Second, q: usize) {
    let due = world.queues.get_mut(q).and_then(|x| x.foreseen.pop_front());
    if let Some((_, count)) = due {
        dead_letters(world, at, q, count, None);
    }
}

fn next_attack(world: &mut World, at: Second, a: usize) {
    let Some(acl) = world.acls.get_mut(a) else { return };
    let targets: Vec<usize> =
        (0..acl.rules.len()).filter(|r| acl.rules.get(*r).is_some_and(|r| r.attack > 0.0)).collect();
    let lasts = acl.rng.between(600, 5_400);
    let force = 0.3 + acl.rng.unit();
    let pick = acl.rng.between(0, targets.len() as i64 - 1);
    let next = at + lasts + acl.rng.wait(acl.attack_every);
    world.again(at, next, Due::Attack(a));
    if let Some(&rule) = usize::try_from(pick).ok().and_then(|p| targets.get(p)) {
        attack(world, a, Attack { from: at, to: at + lasts, rule, force });
    }
}

/// An attack begins (or is written down as having begun).
pub(super) fn attack(world: &mut World, a: usize, attack: Attack) {
    let (from, to, now) = (attack.from, attack.to, world.now);
    if let Some(acl) = world.acls.get_mut(a) {
        acl.attacks.retain(|x| x.to > now - 15 * DAY);
        acl.attacks.push(attack);
    }
    for alarm in world.index.of_acl.get(&a).cloned().unwrap_or_default() {
        wake(world, alarm, from, to);
    }
}

fn burst(world: &mut World, at: Second, q: usize) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    let Some(bursts) = queue.bursts.clone() else { return };
    let count = queue.rng.between(1, bursts.size.min(100_000).cast_signed()).unsigned_abs();
    let next = at + queue.rng.wait(bursts.every);
    world.again(at, next, Due::Burst(q));
    dead_letters(world, at, q, count, None);
}

/// Dead letters arrive in queue `q`, all of the letter of that number if one is given.
pub(super) fn dead_letters(world: &mut World, at: Second, q: usize, count: u64, cause: Option<u8>) {
    filled(world, at, q);
    if let Some(queue) = world.queues.get_mut(q) {
        queue.arrive(at, count, cause);
        let last = queue.batches.back().and_then(|b| Some((b.id, b.parts.last()?.0)));
        if let Some((batch, from)) = last {
            score::born(world, q, batch, from);
        }
    }
    changed(world, at, q);
}

/// Something is about to come into queue `q`: whoever clears it is called by the first message in it.
pub(super) fn filled(world: &mut World, at: Second, q: usize) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    let mean = queue.bursts.as_ref().map_or(0, |b| b.cleared);
    let cleared = (mean > 0 && queue.held() == 0).then(|| at + queue.rng.wait(mean).max(600));
    if let Some(cleared) = cleared {
        world.plan(cleared, Due::Clear(q));
    }
}

/// Plans what follows from a change of a queue: the next loss, and a look of the alarms on it.
pub(super) fn changed(world: &mut World, at: Second, q: usize) {
    if let Some(loss) = world.queues.get(q).and_then(|x| x.next_loss()) {
        world.plan(loss, Due::Expire(q));
    }
    if let Some(back) = world.queues.get(q).and_then(|x| x.next_back()) {
        world.plan(back, Due::Appear(q));
    }
    let until = world.queues.get(q).and_then(|x| x.batches.back()).map_or(at, |b| b.sent + 15 * DAY);
    for a in world.index.of_queue.get(&q).cloned().unwrap_or_default() {
        // an age grows without anything happening
        let ages = world.alarms.get(a).is_some_and(|x| x.watches().iter().any(|k| k.name.contains("Age")));
        // and the metrics of a queue that wakes come late
        wake(world, a, at, if ages { until } else { at + LATEST });
    }
}

fn clear(world: &mut World, at: Second, q: usize) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    if queue.wipe(at) > 0 {
        changed(world, at, q);
    }
}

fn appear(world: &mut World, at: Second, q: usize) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    queue.wake(at);
    queue.mark(at);
    changed(world, at, q);
}

fn expire(world: &mut World, at: Second, q: usize) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    let gone = queue.expire(at);
    let next = queue.next_loss();
    if gone > 0 {
        changed(world, at, q);
    } else if let Some(next) = next.filter(|next| *next > at) {
        world.plan(next, Due::Expire(q));
    }
}

fn redrive(world: &mut World, at: Second, q: usize) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    let Some(redrives) = queue.redrives.clone() else { return };
    let to_move = queue.visible();
    let running = queue.tasks.first().is_some_and(Task::is_active);
    world.again(at, at + redrives.every, Due::Redrive(q));
    if to_move == 0 || running {
        return;
    }
    if let Some(queue) = world.queues.get_mut(q) {
        let rate = Some(redrives.rate);
        queue.tasks.insert(
            0,
            Task {
                status: TaskStatus::Running,
                started: at,
                moved: 0,
                to_move,
                rate,
                failure: None,
                to: None,
                by_hand: false,
            },
        );
        queue.tasks.truncate(10); // "up to 10" are listed: SQS API reference, ListMessageMoveTasks
    }
    world.plan(at + TICK, Due::Move(q));
}

/// Seconds between two steps of a move task.
const TICK: i64 = 10;

fn move_on(world: &mut World, at: Second, q: usize) {
    let Some(queue) = world.queues.get_mut(q) else { return };
    let Some(task) = queue.tasks.first().filter(|t| t.is_active()).cloned() else { return };
    if task.by_hand || task.status == TaskStatus::Cancelling {
        return consume::move_on(world, at, q, &task);
    }
    // what came after the start is moved only as far as the count of the start reaches
    let part = u64::from(task.rate.unwrap_or(500)) * TICK.unsigned_abs();
    let moved = queue.take(at, part.min(task.to_move.saturating_sub(task.moved)));
    let done = moved == 0 || task.moved + moved >= task.to_move;
    if let Some(task) = queue.tasks.first_mut() {
        task.moved += moved;
        if done {
            task.status = TaskStatus::Completed;
        }
    }
    if !done {
        world.plan(at + TICK, Due::Move(q));
    }
    changed(world, at, q);
}

fn rotate(world: &mut World, at: Second, s: usize) {
    let Some(secret) = world.secrets.get_mut(s) else { return };
    let Some(days) = secret.rotation_days else { return };
    if secret.rotation_fails {
        return; // and so its next rotation stays in the past
    }
    let text = values::next(world.seed, secret);
    world.known.learn(&text);
    secret.replace(at, Text::ours(&text));
    secret.rotated = Some(at);
    let next = at + i64::from(days) * DAY;
    secret.next_rotation = Some(next);
    world.again(at, next, Due::Rotate(s));
}

fn access(world: &mut World, at: Second, s: usize) {
    let Some(secret) = world.secrets.get_mut(s) else { return };
    secret.read(at);
    let next = at + secret.rng.between(3_600, DAY);
    world.again(at, next, Due::Access(s));
}

fn flicker(world: &mut World, at: Second, s: usize) {
    let Some(secret) = world.secrets.get_mut(s) else { return };
    let Some((there, away)) = secret.comes_and_goes else { return };
    let next = if secret.gone {
        let text = values::next(world.seed, secret);
        world.known.learn(&text);
        secret.make(at, Text::ours(&text));
        there
    } else {
        secret.gone = true;
        away
    };
    world.again(at, at + next, Due::Flicker(s));
}

fn delete(world: &mut World, at: Second, s: usize) {
    // a row is never taken out of its table: what is on the agenda names rows by their place
    if let Some(secret) = world.secrets.get_mut(s) {
        secret.gone = true;
        secret.changed = at;
    }
}

fn through(world: &mut World, at: Second, f: usize) {
    if let Some(function) = world.functions.get_mut(f) {
        function.settle(at);
    }
    super::migrate::settle(world, at);
    super::squatter::reckon(world);
}

fn purge(world: &mut World, at: Second, s: usize) {
    if let Some(secret) = world.secrets.get_mut(s) {
        secret.purge(at);
    }
}
