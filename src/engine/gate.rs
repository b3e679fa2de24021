//! The one gate that every AWS call passes: a budget for each account, Region and operation, shared by all
//! screens and commands. The rates are those of the table of questions.

use crate::estate::time::SignedDuration;
use crate::estate::{AccountId, At, Clock, Operation, Region, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many seconds' worth of calls may leave at once after a quiet time: AWS's own token buckets let a burst
/// through and refill at the published rate. A poll of 2,000 alarms is 20 pages every 30 s.
const BURST_S: f64 = 3.0;
/// Calls that were in flight together are throttled together; they count as one throttling.
const ONE_THROTTLING: SignedDuration = SignedDuration::from_secs(1);
/// What an answer adds to the pace: a throttled operation is back at its full rate after 20 answers at most.
const HEALING: f64 = 0.05;
/// A throttled operation is slowed to this part of its rate at the lowest.
const SLOWEST: f64 = 1.0 / 16.0;

/// The gate. Cloning shares it.
#[derive(Clone)]
pub struct Gate {
    clock: Arc<dyn Clock>,
    budgets: Arc<Mutex<HashMap<Key, Budget>>>,
}

type Key = (Option<AccountId>, Region, &'static str);

struct Budget {
    /// When the next call may leave if none may leave early.
    due: Timestamp,
    /// Part of the published rate that is used: halved by each throttling, healed by each success.
    pace: f64,
    /// When it was last throttled.
    throttled: Timestamp,
}

impl Gate {
    /// A gate that counts by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, budgets: Arc::default() }
    }

    /// Waits until a call of `operation` at `at` may leave.
    pub async fn pass(&self, at: &At, operation: &'static Operation) {
        let wait = self.reserve(at, operation, self.clock.now());
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// Takes the next place in the budget and says how long to wait for it.
    fn reserve(&self, at: &At, operation: &'static Operation, now: Timestamp) -> Duration {
        self.with(at, operation, |budget| {
            let step = 1.0 / (f64::from(operation.per_second.max(1)) * budget.pace);
            budget.due = budget.due.max(minus(now, BURST_S * budget.pace));
            let wait = budget.due.duration_since(now);
            budget.due = minus(budget.due, -step);
            Duration::try_from(wait).unwrap_or(Duration::ZERO)
        })
    }

    /// Notes that AWS throttled `operation`: it goes at half its pace from now on.
    pub fn throttled(&self, at: &At, operation: &'static Operation) {
        let now = self.clock.now();
        self.with(at, operation, |budget| {
            if now.duration_since(budget.throttled) >= ONE_THROTTLING {
                budget.pace = (budget.pace / 2.0).max(SLOWEST);
                budget.due = budget.due.max(now);
                budget.throttled = now;
            }
        });
    }

    /// Notes that AWS answered `operation`: its pace recovers by a little.
    pub fn answered(&self, at: &At, operation: &'static Operation) {
        self.with(at, operation, |budget| budget.pace = (budget.pace + HEALING).min(1.0));
    }

    fn with<T>(&self, at: &At, operation: &'static Operation, f: impl FnOnce(&mut Budget) -> T) -> T {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (at.account.clone(), at.region.clone(), operation.name);
        f(budgets.entry(key).or_insert(Budget { due: Timestamp::MIN, pace: 1.0, throttled: Timestamp::MIN }))
    }
}

fn minus(t: Timestamp, seconds: f64) -> Timestamp {
    let d = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX);
    t.saturating_sub(d).unwrap_or(t)
}

#[cfg(test)]
mod tests {
    use super::Gate;
    use crate::engine::clock::SystemClock;
    use crate::estate::ask::cloudwatch;
    use crate::estate::time::plus_seconds;
    use crate::estate::{Asks, At, Region, Timestamp};
    use std::sync::Arc;
    use std::time::Duration;

    fn at() -> At {
        At { account: None, region: Region::us_east_1() }
    }

    #[test]
    fn a_burst_leaves_at_once_and_the_rest_at_the_published_rate() {
        let op = cloudwatch::DescribeAlarms { names: vec![] }.ask().operation();
        let gate = Gate::new(Arc::new(SystemClock));
        let now = plus_seconds(Timestamp::UNIX_EPOCH, 1_000);
        let waits: Vec<Duration> = (0..27 + 9 * 10).map(|_| gate.reserve(&at(), op, now)).collect();
        assert!(waits[..27].iter().all(Duration::is_zero));
        let last = waits.last().copied().unwrap_or_default();
        assert!((9.5..10.5).contains(&last.as_secs_f64()), "{last:?}");
    }

    #[test]
    fn throttling_slows_and_answers_heal() {
        let op = cloudwatch::DescribeAlarms { names: vec![] }.ask().operation();
        let gate = Gate::new(Arc::new(SystemClock));
        let now = plus_seconds(Timestamp::UNIX_EPOCH, 1_000);
        let total = |gate: &Gate| (0..100).map(|_| gate.reserve(&at(), op, now)).max().unwrap_or_default();
        let before = total(&gate);
        let slow = Gate::new(Arc::new(SystemClock));
        slow.throttled(&at(), op);
        assert!(total(&slow) > before);
        let healed = Gate::new(Arc::new(SystemClock));
        healed.throttled(&at(), op);
        (0..20).for_each(|_| healed.answered(&at(), op));
        let pace = healed.with(&at(), op, |b| b.pace);
        assert!((pace - 1.0).abs() < f64::EPSILON);
    }
}
