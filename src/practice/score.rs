//! What became of the messages that an incident is about, a pure count over the world; and how the score of any incident is
//! told.

use super::letters::{self, Cause};
use super::world::World;
use super::world::queue::item::pairs;
use super::world::queue::name::{Name, Spot};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The messages of a queue that somebody practises on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// The place of the queue in its table.
    pub(super) queue: u16,
    /// Every message that was born there.
    pub(super) born: Vec<Name>,
    /// How often each was consumed.
    #[serde(default, with = "pairs")]
    pub(super) consumed: BTreeMap<Name, u32>,
}

/// How the messages of an incident fared. Each is counted once, under the worst that befell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Score {
    /// Good messages in all.
    pub good: u64,
    /// Good messages that were consumed at least once.
    pub consumed: u64,
    /// Good messages that are in some queue still, or on their way.
    pub waiting: u64,
    /// Good messages that are nowhere any more and were never consumed: expired, purged or deleted.
    pub lost: u64,
    /// Good messages that were consumed more than once.
    pub doubled: u64,
    /// Messages that never succeed, wherever they are.
    pub poisoned: u64,
    /// Of these, those that are in no queue any more.
    pub poisoned_gone: u64,
}

impl Score {
    /// The score in lines.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Self { good, consumed, waiting, lost, doubled, poisoned, poisoned_gone } = self;
        vec![
            format!(
                "good messages: {good}; consumed {consumed}, waiting {waiting}, LOST {lost}, doubled {doubled}"
            ),
            format!("poisoned messages: {poisoned}, of which {poisoned_gone} were removed"),
            if self.is_solved() { "solved".to_owned() } else { "NOT SOLVED".to_owned() },
        ]
    }

    /// Whether all good messages were consumed.
    #[must_use]
    pub fn is_solved(&self) -> bool {
        self.good > 0 && self.consumed == self.good
    }
}

/// What an incident came to, in lines: each time beside its par, facts, mistakes, and whether it is solved.
pub(super) fn told<const N: usize, S: std::fmt::Display>(
    par: &[(&str, i64); N],
    times: [Option<i64>; N],
    facts: impl IntoIterator<Item = String>,
    mistakes: &[S],
    verdict: &str,
) -> Vec<String> {
    let mut out = timed(par, times);
    out.extend(facts);
    if mistakes.is_empty() {
        out.push("no mistakes".to_owned());
    }
    out.extend(mistakes.iter().map(|m| format!("MISTAKE: {m}")));
    out.push(verdict.to_owned());
    out
}

/// Times in lines, each beside its par.
fn timed<const N: usize>(par: &[(&str, i64); N], times: [Option<i64>; N]) -> Vec<String> {
    let line = |((what, par), time): (&(&str, i64), Option<i64>)| match time {
        Some(s) if s <= *par => format!("{what:<10} after {}   par {}", minutes(s), minutes(*par)),
        Some(s) => format!("{what:<10} after {}   par {}: over", minutes(s), minutes(*par)),
        None => format!("{what:<10} not       par {}", minutes(*par)),
    };
    par.iter().zip(times).map(line).collect()
}

fn minutes(s: i64) -> String {
    format!("{}:{:02} min", s / 60, s % 60)
}

/// A message of this name was consumed.
pub(super) fn consumed(world: &mut World, of: &Name) {
    super::runaway::worked(world, of);
    if let Some(ledger) = world.ledger.as_mut().filter(|l| l.queue == of.queue) {
        *ledger.consumed.entry(*of).or_default() += 1;
    }
}

/// Takes note of a message that has just come to the queue at place `q`, where it begins.
pub(super) fn came(world: &mut World, q: usize, name: &Name) {
    if let Some(ledger) = world.ledger.as_mut().filter(|l| usize::from(l.queue) == q) {
        ledger.born.push(*name);
    }
}

/// Takes note of what has just been born in the queue at place `q`: all of a batch from a place on.
pub(super) fn born(world: &mut World, q: usize, batch: u64, from: u32) {
    let Some(queue) = world.queues.get(q) else { return };
    let Some(size) = queue.batches.iter().rfind(|b| b.id == batch).map(|b| b.size) else { return };
    let new: Vec<Name> =
        (from..size).filter_map(|place| queue.item(Spot(batch, place))).map(|i| i.of).collect();
    if let Some(ledger) = world.ledger.as_mut().filter(|l| usize::from(l.queue) == q) {
        ledger.born.extend(new);
    }
}

/// The score, where an incident has a ledger.
pub(super) fn of(world: &World) -> Option<Score> {
    let ledger = world.ledger.as_ref()?;
    let mut copies: BTreeMap<Name, u32> = BTreeMap::new();
    for queue in &world.queues {
        let here = queue.batches.iter().flat_map(|b| (0..b.size).map(|place| Spot(b.id, place)));
        for item in here.filter(|spot| queue.has(*spot)).filter_map(|spot| queue.item(spot)) {
            if item.of.queue == ledger.queue {
                *copies.entry(item.of).or_default() += 1;
            }
        }
    }
    for of in world.functions_waiting.values().flatten().filter_map(|w| w.of) {
        *copies.entry(of).or_default() += 1;
    }
    let mut score = Score::default();
    for name in &ledger.born {
        let consumed = ledger.consumed.get(name).copied().unwrap_or(0);
        let here = copies.contains_key(name);
        if letters::letter(world, name).is_some_and(|l| l.cause == Cause::Poison) {
            score.poisoned += 1;
            score.poisoned_gone += u64::from(!here);
            continue;
        }
        score.good += 1;
        score.consumed += u64::from(consumed > 0);
        score.doubled += u64::from(consumed > 1);
        score.waiting += u64::from(consumed == 0 && here);
        score.lost += u64::from(consumed == 0 && !here);
    }
    Some(score)
}
