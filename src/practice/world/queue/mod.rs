//! A queue: messages in batches that came together, and the trace of how many there were. Dead letters stay
//! until they are moved, cleared, or past their retention, which is counted as AWS counts it. Sources: SQS
//! developer guide, "Using dead-letter queues" (retention); SQS API reference, `StartMessageMoveTask`.

pub(in crate::practice) mod batch;
pub(in crate::practice) mod hold;
pub(in crate::practice) mod item;
mod lanes;
pub(in crate::practice) mod name;
mod task;

pub(in crate::practice) use self::batch::Batch;
pub(in crate::practice) use self::task::{Task, TaskStatus};

use self::item::{Own, Touch, pairs};
use self::lanes::Lanes;
use self::name::Spot;
use crate::practice::letters::Letter;
use crate::practice::prng::{Prng, mix, unit};
use crate::practice::world::{ACCOUNT, DAY, REGION, Second, arn};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A queue without messages for so long is not active any more.
const IDLE: i64 = 6 * 3_600;
/// The metrics of a queue that wakes come so many seconds late, at least (ours) and at most.
const EARLIEST: i64 = 5 * 60;
pub(in crate::practice) const LATEST: i64 = 15 * 60;

/// How many messages there were from some second on, and since when the oldest of them was here.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Mark {
    pub(in crate::practice) at: Second,
    pub(in crate::practice) visible: u64,
    pub(in crate::practice) oldest: Option<Second>,
    /// Messages in flight.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(in crate::practice) hidden: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde gives a reference
fn is_none(n: &u64) -> bool {
    *n == 0
}

/// How dead letters come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Bursts {
    pub(in crate::practice) every: i64,
    pub(in crate::practice) size: u64,
    pub(in crate::practice) cleared: i64,
}

/// How a queue is redriven again and again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Redrives {
    pub(in crate::practice) rate: u32,
    pub(in crate::practice) every: i64,
}

/// A queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Queue {
    pub(in crate::practice) name: String,
    pub(in crate::practice) created: Second,
    pub(in crate::practice) retention: i64,
    pub(in crate::practice) visibility: i64,
    /// The name of its dead-letter queue, and after how many receives.
    pub(in crate::practice) redrive: Option<(String, u32)>,
    pub(in crate::practice) allow: Option<String>,
    pub(in crate::practice) encryption: String,
    pub(in crate::practice) tags: Vec<(String, String)>,
    /// About so many messages of live traffic are waiting.
    pub(in crate::practice) flow: u64,
    /// Seconds that a dead letter spent elsewhere before it came.
    pub(in crate::practice) stay: i64,
    pub(in crate::practice) bursts: Option<Bursts>,
    pub(in crate::practice) redrives: Option<Redrives>,
    /// Newest first.
    pub(in crate::practice) tasks: Vec<Task>,
    /// Dead letters that the seed files foresee: when, how many.
    pub(in crate::practice) foreseen: VecDeque<(Second, u64)>,
    /// What a seed file says of what is in it; of others it follows from who sends there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::practice) told: Vec<Letter>,
    /// The largest message that it takes, in bytes.
    #[serde(default = "largest")]
    pub(in crate::practice) largest: usize,
    /// Oldest arrival first.
    pub(in crate::practice) batches: VecDeque<Batch>,
    #[serde(default, with = "pairs", skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::practice) touched: BTreeMap<Spot, Touch>,
    /// What somebody wrote.
    #[serde(default, with = "pairs", skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::practice) own: BTreeMap<Spot, Box<Own>>,
    /// Deduplication ids of a FIFO queue, as numbers, and when they were seen.
    #[serde(default, with = "pairs", skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::practice) seen: BTreeMap<u64, Second>,
    #[serde(default)]
    pub(in crate::practice) purged: Option<Second>,
    pub(in crate::practice) trace: Vec<Mark>,
    pub(in crate::practice) next_id: u64,
    pub(in crate::practice) rng: Prng,
    /// Made from the tables; never stored.
    #[serde(skip)]
    pub(in crate::practice) made: Made,
}

/// What is made from the tables.
#[derive(Clone, Debug, Default)]
pub(in crate::practice) struct Made {
    /// Its own place in its table.
    pub(in crate::practice) place: u16,
    /// What may be in it.
    pub(in crate::practice) letters: Vec<Letter>,
    /// In flight, by the second in which they come back.
    hidden: BTreeSet<(Second, Spot)>,
    /// Came back and were not received since.
    back: BTreeSet<Spot>,
    lanes: Lanes,
}

/// 1 MiB (SQS developer guide, "Amazon SQS message quotas").
pub(in crate::practice) fn largest() -> usize {
    crate::estate::message::LARGEST
}

impl Queue {
    pub(in crate::practice) fn arn(&self) -> String {
        arn("sqs", &self.name)
    }

    pub(in crate::practice) fn url(&self) -> String {
        format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{}", self.name)
    }

    pub(in crate::practice) fn fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }

    /// Writes down what there is now; at most one mark a minute is kept, the last.
    pub(in crate::practice) fn mark(&mut self, at: Second) {
        let oldest = self.oldest();
        let mark = Mark { at, visible: self.visible(), oldest, hidden: self.hidden() };
        match self.trace.last_mut() {
            Some(last) if last.at.div_euclid(60) == at.div_euclid(60) => *last = mark,
            Some(_) | None => self.trace.push(mark),
        }
        let old = self.trace.partition_point(|m| m.at < at - 15 * DAY);
        if old > 256 {
            self.trace.drain(..old - 1);
        }
    }

    /// What there was at the end of second `at`.
    pub(in crate::practice) fn mark_at(&self, at: Second) -> Option<Mark> {
        let after = self.trace.partition_point(|m| m.at <= at);
        self.trace.get(after.checked_sub(1)?).copied()
    }

    /// When the last message came that woke the queue, if it was idle before and its metrics of since then are
    /// not to be seen at `now` yet: "a delay of up to 15 minutes occurs in CloudWatch metrics when a queue is
    /// activated from an inactive state", which it is in after six hours without messages (SQS developer guide,
    /// "Available CloudWatch metrics for Amazon SQS"). That asking about it keeps a queue awake as well is left
    /// out: nothing that is asked changes the world.
    pub(in crate::practice) fn late_since(&self, seed: u64, now: Second) -> Option<Second> {
        if self.flow > 0 {
            return None;
        }
        let first = self.trace.partition_point(|m| m.at <= now - LATEST);
        let woke = (first..self.trace.len()).rev().find(|i| self.woke(*i))?;
        let at = self.trace.get(woke)?.at;
        let name = crate::practice::prng::word(&self.name);
        let lag =
            EARLIEST + ((LATEST - EARLIEST) as f64 * unit(mix(seed ^ name, at.unsigned_abs(), 10))) as i64;
        (at <= now && now < at + lag).then_some(at)
    }

    /// Whether mark `i` ended six idle hours.
    fn woke(&self, i: usize) -> bool {
        let Some(mark) = self.trace.get(i).filter(|m| m.visible > 0) else { return false };
        let before = i.checked_sub(1).and_then(|b| self.trace.get(b));
        before.is_none_or(|b| b.visible == 0 && mark.at - b.at >= IDLE)
    }

    /// Live traffic waiting at `at`: it comes and goes all the time, none of it stays.
    pub(in crate::practice) fn waiting(&self, seed: u64, at: Second) -> u64 {
        if self.flow == 0 {
            return 0;
        }
        let beat = at.div_euclid(10).unsigned_abs();
        let noise = unit(mix(seed ^ crate::practice::prng::word(&self.name), beat, 3));
        let day = (at.rem_euclid(DAY)) as f64 / DAY as f64;
        let wave = 0.8 + 0.2 * (std::f64::consts::TAU * (day - 0.3)).sin();
        (self.flow as f64 * wave * (0.5 + noise)).round() as u64
    }

    /// Live traffic being worked on at `at`.
    pub(in crate::practice) fn in_flight(&self, seed: u64, at: Second) -> u64 {
        self.waiting(seed ^ 0x5eed, at) / 3
    }

    /// Seconds that the oldest message of the live traffic has waited at `at`.
    pub(in crate::practice) fn lag(&self, seed: u64, at: Second) -> i64 {
        if self.waiting(seed, at) == 0 {
            return 0;
        }
        let minute = at.div_euclid(60).unsigned_abs();
        1 + (20.0 * unit(mix(seed ^ crate::practice::prng::word(&self.name), minute, 4))) as i64
    }

    /// `ApproximateNumberOfMessages` at `now`: for a minute after a change the servers that are asked may
    /// know of it or not (SQS API reference, `GetQueueAttributes`: "may not settle until at least 1 minute
    /// after the producers stop").
    pub(in crate::practice) fn approximate(&self, seed: u64, now: Second) -> u64 {
        let held = self.visible();
        let recent = self.trace.last().is_some_and(|m| now - m.at < 60);
        let beat = mix(seed ^ crate::practice::prng::word(&self.name), now.div_euclid(5).unsigned_abs(), 5);
        let shown = match self.mark_at(now - 60) {
            Some(before) if recent && before.visible != held && beat.is_multiple_of(3) => {
                before.visible.midpoint(held)
            }
            Some(_) | None => held,
        };
        shown + self.waiting(seed, now)
    }
}
