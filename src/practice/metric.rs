//! What CloudWatch knows of a series: its value for a minute, and statistics over periods of minutes. It
//! knows where values come from (weather, queues, ACLs) and nothing of questions.

use super::load;
use super::maths;
use super::world::acl::Acl;
use super::world::alarm::Watch;
use super::world::function::Function;
use super::world::queue::Queue;
use super::world::signal::{SeriesKey, Signal};
use super::world::{PAST, Second, World};
use std::collections::BTreeMap;

/// Where the values of a series come from.
enum Source<'w> {
    Weather(&'w Signal),
    Queue(&'w Queue),
    Acl(&'w Acl),
    Function(&'w Function),
}

fn source<'w>(world: &'w World, key: &SeriesKey) -> Option<Source<'w>> {
    if let Some(s) = world.index.signals.get(key).and_then(|i| world.signals.get(*i)) {
        return Some(Source::Weather(s));
    }
    if let Some(name) = key.queue() {
        return world.queues.get(world.queue(name)?).map(Source::Queue);
    }
    if let Some(name) = key.function() {
        return world.functions.get(world.function(name)?).map(Source::Function);
    }
    let name = key.acl()?;
    world.acls.iter().find(|a| a.metric == name).map(Source::Acl)
}

/// The value for the minute that begins at `minute`; nothing for one that is not over, or before the
/// world's memory.
fn value(world: &World, source: &Source<'_>, key: &SeriesKey, minute: Second) -> Option<f64> {
    if minute + 60 > world.now || minute < world.start - PAST {
        return None;
    }
    match source {
        Source::Weather(signal) => load::held(world, key, minute, signal.at(world.seed, minute)),
        Source::Function(f) => load::of(world.seed, f, &key.name, minute),
        Source::Queue(queue) => {
            let late = queue.late_since(world.seed, world.now).is_some_and(|since| minute + 59 >= since);
            if late { None } else { of_queue(queue, world.seed, &key.name, minute) }
        }
        Source::Acl(acl) => acl.metric(world.seed, &key.name, &key.dims, minute),
    }
}

fn of_queue(q: &Queue, seed: u64, name: &str, minute: Second) -> Option<f64> {
    let end = minute + 59;
    let mark = q.mark_at(end);
    let waiting = q.waiting(seed, end);
    let value = match name {
        "ApproximateNumberOfMessagesVisible" => (mark.map_or(0, |m| m.visible) + waiting) as f64,
        "ApproximateAgeOfOldestMessage" => {
            let held = mark.and_then(|m| m.oldest).map_or(0, |o| (end - o).max(0));
            held.max(q.lag(seed, end)) as f64
        }
        "ApproximateNumberOfMessagesNotVisible" => {
            (mark.map_or(0, |m| m.hidden) + q.in_flight(seed, end)) as f64
        }
        "ApproximateNumberOfMessagesDelayed" => 0.0,
        // a move to a dead-letter queue by its source's redrive policy is no sending
        "NumberOfMessagesSent" | "NumberOfMessagesReceived" | "NumberOfMessagesDeleted" => {
            waiting as f64 * 3.0
        }
        _ => return None,
    };
    Some(value)
}

/// A statistic of the period that begins at `start`, over the minutes of it that are there.
fn stat(world: &World, key: &SeriesKey, stat: &str, period: i64, start: Second) -> Option<f64> {
    over(world, &source(world, key)?, key, stat, period, start)
}

fn over(
    world: &World,
    source: &Source<'_>,
    key: &SeriesKey,
    stat: &str,
    period: i64,
    start: Second,
) -> Option<f64> {
    let minutes = (period / 60).max(1);
    let values: Vec<f64> = (0..minutes).filter_map(|m| value(world, source, key, start + m * 60)).collect();
    summary(&values, stat)
}

fn summary(values: &[f64], stat: &str) -> Option<f64> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let sum: f64 = values.iter().sum();
    match stat {
        "Sum" => Some(sum),
        "SampleCount" => Some(n as f64),
        "Average" => Some(sum / n as f64),
        "Minimum" => values.iter().copied().reduce(f64::min),
        "Maximum" => values.iter().copied().reduce(f64::max),
        _ => percentile(values, stat.strip_prefix('p')?.parse().ok()?),
    }
}

fn percentile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (p / 100.0 * (sorted.len() - 1) as f64).round();
    sorted.get(place as usize).copied()
}

/// Whether `text` names a statistic that there is.
pub(super) fn is_stat(text: &str) -> bool {
    matches!(text, "Sum" | "SampleCount" | "Average" | "Minimum" | "Maximum")
        || text
            .strip_prefix('p')
            .and_then(|p| p.parse::<f64>().ok())
            .is_some_and(|p| (0.0..=100.0).contains(&p))
}

/// Whether a series has not said yet what it will say of the last minutes: that of a queue that has just woken.
pub(super) fn is_late(world: &World, key: &SeriesKey) -> bool {
    let queue = key.queue().and_then(|name| world.queues.get(world.queue(name)?));
    queue.is_some_and(|q| q.late_since(world.seed, world.now).is_some())
}

/// What an alarm compares with its threshold, for the period that begins at `start`.
pub(super) fn of_watch(world: &World, watch: &Watch, period: i64, start: Second) -> Option<f64> {
    match watch {
        Watch::Metric { key, stat: s } => stat(world, key, s, period, start),
        Watch::Log { key, .. } => stat(world, key, "Sum", period, start),
        Watch::Maths { inputs, stat: s, expression } => {
            let values = inputs
                .iter()
                .map(|(id, key)| {
                    (id.clone(), stat(world, key, s, period, start).map(|v| (start, v)).into_iter().collect())
                })
                .collect();
            let grid = [start];
            match maths::compute(expression, &values, &grid) {
                Ok(series) => series.get(&start).copied(),
                Err(_) => None, // a shipped expression that does not compute is caught by a test
            }
        }
        Watch::Select { .. } | Watch::Rule(_) => None,
    }
}

/// A series over a window: start of each period, value. One that nobody ever put is empty, no fault.
pub(super) fn series(
    world: &World,
    key: &SeriesKey,
    s: &str,
    period: i64,
    from: Second,
    to: Second,
) -> BTreeMap<Second, f64> {
    let Some(source) = source(world, key) else { return BTreeMap::new() };
    let value = |t| Some((t, over(world, &source, key, s, period, t)?));
    grid(period, from, to).into_iter().filter_map(value).collect()
}

/// The starts of the periods in a window. CloudWatch aligns them to multiples of the period.
pub(super) fn grid(period: i64, from: Second, to: Second) -> Vec<Second> {
    let period = period.max(1);
    let first = from - from.rem_euclid(period);
    let mut starts = Vec::new();
    let mut t = first;
    while t < to {
        if t + period > from {
            starts.push(t);
        }
        t += period;
    }
    starts
}
