//! How a function was dealt with that ran away: when somebody acted, when it was held down, when it was given back, what it
//! cost meanwhile, and what was done wrong. Pure counts over the world.

use super::score::told;
use super::world::function::Function;
use super::world::queue::name::Name;
use super::world::{Second, World};
use super::{load, score};
use crate::estate::Call;
use crate::estate::change::lambda::Call as Lambda;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What happened, as far as it counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tale {
    /// The function's name, and the place of the queue that feeds it.
    function: String,
    queue: u16,
    /// What was reserved before.
    reserved: Option<u32>,
    /// When it began to call itself, and when that was mended.
    began: Option<Second>,
    mended: Option<Second>,
    /// When somebody first changed something of it.
    acted: Option<Second>,
    /// When its event source was last changed, or took a message last.
    fed: Option<Second>,
    /// Messages that went on to the dead-letter queue.
    spilled: BTreeSet<Name>,
}

/// The score of somebody who practised on a function that ran away. Times are seconds after the practice began.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Runaway {
    /// When something of it was first changed.
    pub acted_s: Option<i64>,
    /// When less than a tenth of what it would have run was let through.
    pub contained_s: Option<i64>,
    /// When it had what it had before, was fed, and had worked off what waited; only after it was mended.
    pub recovered_s: Option<i64>,
    /// Invocations that nobody wanted.
    pub wasted: u64,
    /// Messages that came to its queue.
    pub messages: u64,
    /// Of these, those that were worked off.
    pub done: u64,
    /// Of these, those that are nowhere any more.
    pub lost: u64,
    /// What was done wrong.
    pub mistakes: Vec<String>,
}

/// What somebody who knows the runbooks needs, in seconds: to act, to contain, to recover.
pub const PAR: [(&str, i64); 3] = [("acted", 300), ("contained", 600), ("recovered", 3_000)];

impl Runaway {
    /// Whether it runs as before, nothing was lost and nothing was done wrong.
    #[must_use]
    pub fn is_solved(&self) -> bool {
        self.contained_s.is_some()
            && self.recovered_s.is_some()
            && self.done == self.messages
            && self.mistakes.is_empty()
    }

    /// The score in lines, each time beside its par.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let facts = [
            format!("invocations that nobody wanted: {}", self.wasted),
            format!(
                "messages: {}, of which {} were worked off, LOST {}",
                self.messages, self.done, self.lost
            ),
        ];
        let verdict = if self.is_solved() { "solved" } else { "NOT SOLVED" };
        told(&PAR, [self.acted_s, self.contained_s, self.recovered_s], facts, &self.mistakes, verdict)
    }
}

/// A function of which a tale is told, fed by a queue.
pub(super) fn begin(world: &mut World, function: &str, queue: &str) {
    let place = world.queue(queue).and_then(|q| u16::try_from(q).ok());
    let found = world.function(function).and_then(|f| world.functions.get(f));
    let (Some(queue), Some(f)) = (place, found) else { return };
    world.runaway = Some(Tale {
        function: f.name.clone(),
        queue,
        reserved: f.reserved,
        began: None,
        mended: None,
        acted: None,
        fed: None,
        spilled: BTreeSet::new(),
    });
}

/// It calls itself from now on, so many times as often as usual.
pub(super) fn run_away(world: &mut World, at: Second, function: &str, times: u32) {
    let Some(place) = world.function(function) else { return };
    if let Some(f) = world.functions.get_mut(place) {
        f.surges.push((at, Second::MAX, times));
    }
    if let Some(tale) = world.runaway.as_mut().filter(|t| t.function == function) {
        tale.began = Some(at);
    }
}

/// It is mended.
pub(super) fn mend(world: &mut World, at: Second, function: &str) {
    let Some(place) = world.function(function) else { return };
    if let Some(f) = world.functions.get_mut(place) {
        f.surges.iter_mut().for_each(|(_, to, _)| *to = (*to).min(at));
    }
    if let Some(tale) = world.runaway.as_mut().filter(|t| t.function == function && t.began.is_some()) {
        tale.mended = Some(at);
    }
}

/// The operator has changed something.
pub(super) fn note_write(world: &mut World, call: &Call) {
    let Call::Lambda(Lambda::Contain(write)) = call else { return };
    let now = world.now;
    let Some(tale) = world.runaway.as_mut() else { return };
    if write.function_name().wire().ends_with(tale.function.as_str()) {
        tale.acted = tale.acted.or(tale.began.map(|_| now));
        tale.fed = Some(now);
    }
}

/// A message of its queue was worked off.
pub(super) fn worked(world: &mut World, of: &Name) {
    let now = world.now;
    if let Some(tale) = world.runaway.as_mut().filter(|t| t.queue == of.queue) {
        tale.fed = Some(now);
    }
}

/// A message went on to a dead-letter queue.
pub(super) fn spilled(world: &mut World, of: &Name) {
    if let Some(tale) = world.runaway.as_mut().filter(|t| t.queue == of.queue) {
        tale.spilled.insert(*of);
    }
}

/// The changes of what is reserved, each with what holds from then on.
fn changes(f: &Function) -> Vec<(Second, Option<u32>)> {
    let after = f.limits.iter().skip(1).map(|(_, was)| *was).chain([f.reserved]);
    f.limits.iter().map(|(at, _)| *at).zip(after).collect()
}

/// The score, where an incident has such a function.
pub(super) fn of(world: &World) -> Option<Runaway> {
    let tale = world.runaway.as_ref()?;
    let f = world.functions.get(world.function(&tale.function)?)?;
    let messages = score::of(world).unwrap_or_default();
    let since = |at: Second| at - world.start;
    let began = tale.began.unwrap_or(Second::MAX);
    let holds = |limit: Option<u32>| load::holds(f, limit, began);
    let changes: Vec<(Second, Option<u32>)> = changes(f).into_iter().filter(|(at, _)| *at >= began).collect();
    let contained = changes.iter().find(|(_, limit)| holds(*limit)).map(|(at, _)| *at);
    let contained = contained.filter(|at| tale.mended.is_none_or(|mended| *at <= mended));
    let mut mistakes = Vec::new();
    if !tale.spilled.is_empty() {
        mistakes.push(format!(
            "{} messages went to the dead-letter queue: they were throttled, and its event source was not disabled first",
            tale.spilled.len()
        ));
    }
    let early = |(at, limit): &&(Second, Option<u32>)| {
        contained.is_some_and(|c| c < *at) && tale.mended.is_none_or(|m| *at < m) && !holds(*limit)
    };
    if changes.iter().any(|c| early(&c)) {
        mistakes.push("it was given back before it was mended".to_owned());
    }
    if messages.lost > 0 {
        mistakes.push(format!("{} messages are lost", messages.lost));
    }
    let source = world.queues.get(usize::from(tale.queue)).map(|q| q.arn());
    let fed = world.mappings.iter().any(|m| Some(&m.source) == source.as_ref() && m.state == "Enabled");
    let whole = fed && f.reserved == tale.reserved && messages.good > 0 && messages.consumed == messages.good;
    let last = changes.last().map_or(began, |(at, _)| *at).max(tale.fed.unwrap_or(0));
    let recovered = tale.mended.filter(|_| whole && contained.is_some()).map(|mended| mended.max(last));
    Some(Runaway {
        acted_s: tale.acted.map(since),
        contained_s: contained.map(since),
        recovered_s: recovered.map(since),
        wasted: load::wasted(world.seed, f, tale.began, world.now),
        messages: messages.good,
        done: messages.consumed,
        lost: messages.lost,
        mistakes,
    })
}
