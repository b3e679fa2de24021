//! Named incidents to practise: what goes wrong, and when after the beginning. Data of
//! assets/practice/incidents.toml; what a strike does to the world is here, too.

use super::Trouble;
use super::consume;
use super::letters::{self, Cause};
use super::world::acl::Attack;
use super::world::queue::item::{Parcel, Via};
use super::world::secret::uuid;
use super::world::{Due, Ledger, Mapping, Second, World};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const FILE: &str = "incidents";
const TEXT: &str = include_str!("../../assets/practice/incidents.toml");

/// An incident.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Incident {
    /// Its name.
    #[serde(skip)]
    pub(super) name: String,
    /// What it is, in a sentence.
    pub(super) about: String,
    /// The queue whose messages are counted.
    pub(super) scored: Option<String>,
    /// A function that is fed by a queue in this incident, and of which a tale is told.
    feeds: Option<Feeds>,
    /// Messages that are there when it begins.
    #[serde(default)]
    holds: Vec<Old>,
    /// Somebody who acts and reacts.
    adversary: Option<Script>,
    /// Somebody who sits in a database.
    squatter: Option<super::squatter::Den>,
    pub(super) strike: Vec<Strike>,
}

/// An event source of an incident's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feeds {
    queue: String,
    function: String,
}

/// Who an adversary begins as, and what he is after.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// The user whose first key has leaked.
    pub(super) user: String,
    /// The role that this user may assume.
    pub(super) role: String,
    /// The user that he makes.
    pub(super) helper: String,
    /// The role that he makes, which trusts that user.
    pub(super) cover: String,
    /// The secrets that he reads, by name.
    pub(super) secrets: Vec<String>,
    /// The alarm whose description names the key.
    pub(super) told_by: String,
}

/// Messages that came before an incident begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Old {
    queue: String,
    ago_s: i64,
    count: u64,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Strike {
    after_s: i64,
    #[serde(flatten)]
    blow: Blow,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Blow {
    /// So many dead letters arrive in a queue.
    Flood {
        queue: String,
        count: u64,
        /// Whose they are; of all who send there without.
        #[serde(default)]
        function: Option<String>,
    },
    /// The metric of an alarm breaches.
    Breach { alarm: String, for_s: i64 },
    /// The metric of an alarm says nothing any more.
    Silence { alarm: String, for_s: i64 },
    /// A rule of an ACL is attacked.
    Attack { acl: String, rule: String, force: f64, for_s: i64 },
    /// An IAM action is denied.
    Deny(String),
    /// What a consumer needs is gone, so that it fails on everything that came to be a dead letter.
    Breaks(String),
    /// So many messages come to a queue that is consumed.
    Comes { queue: String, count: u64 },
    /// A function calls itself: so many times as often as usual, until it is mended.
    RunsAway { function: String, times: u32 },
    /// It is there again, and the consumer's mistakes are mended.
    Deploys(String),
}

/// All incidents, by name.
pub(super) fn shipped() -> Result<BTreeMap<String, Incident>, Trouble> {
    toml::from_str(TEXT).map_err(|e| Trouble::Seed { file: FILE, message: e.to_string() })
}

/// The incident `name`.
pub(super) fn named(name: &str) -> Result<Incident, Trouble> {
    let mut all = shipped()?;
    match all.remove(name) {
        Some(incident) => Ok(Incident { name: name.to_owned(), ..incident }),
        None => Err(Trouble::UnknownIncident { given: name.to_owned(), known: all.into_keys().collect() }),
    }
}

/// Puts the strikes of an incident on the agenda of a world that is about to begin.
pub(super) fn plan(world: &mut World, incident: &Incident) {
    world.strikes.clone_from(&incident.strike);
    for old in &incident.holds {
        let Some(q) = world.queue(&old.queue) else { continue };
        let at = world.start - old.ago_s;
        if let Some(queue) = world.queues.get_mut(q) {
            let place = queue.foreseen.partition_point(|(when, _)| *when <= at);
            queue.foreseen.insert(place, (at, old.count));
            world.plan(at, Due::Held(q));
        }
    }
    let scored = incident.scored.as_ref().and_then(|name| world.queue(name));
    world.ledger = scored.and_then(|q| u16::try_from(q).ok()).map(|queue| Ledger {
        queue,
        born: Vec::new(),
        consumed: BTreeMap::new(),
    });
    if let Some(feeds) = &incident.feeds {
        feed(world, feeds);
    }
    if let Some(script) = &incident.adversary {
        super::adversary::enter(world, script);
    }
    if let Some(den) = &incident.squatter {
        super::squatter::enter(world, den);
    }
    for (n, strike) in incident.strike.iter().enumerate() {
        world.plan(world.start + strike.after_s, Due::Strike(n));
    }
}

fn feed(world: &mut World, feeds: &Feeds) {
    let (Some(f), Some(q)) = (world.function(&feeds.function), world.queue(&feeds.queue)) else { return };
    let function = world.functions.get(f).map(|f| f.arn()).unwrap_or_default();
    let id = uuid(&mut world.fresh("mapping"));
    let Some(queue) = world.queues.get_mut(q) else { return };
    queue.flow = 0; // every message counts here
    let source = queue.arn();
    let mapping = Mapping { id, function, source, on_failure: None, state: "Enabled".into() };
    let place = world.mappings.partition_point(|m| m.id < mapping.id);
    world.mappings.insert(place, mapping);
    super::runaway::begin(world, &feeds.function, &feeds.queue);
}

/// Strike `n` happens.
pub(super) fn happen(world: &mut World, at: Second, n: usize) {
    let Some(strike) = world.strikes.get(n).cloned() else { return };
    match strike.blow {
        Blow::Flood { queue, count, function } => {
            if let Some(q) = world.queue(&queue) {
                let cause = function.and_then(|f| letters::number(world, q, &f, Cause::Bug));
                super::weather::dead_letters(world, at, q, count, cause);
            }
        }
        Blow::Comes { queue, count } => {
            let Some(q) = world.queue(&queue) else { return };
            for place in 0..u32::try_from(count).unwrap_or(u32::MAX) {
                let Some(name) = letters::harmless(world, q, at, place) else { return };
                let name = Some(name);
                let new = Parcel { name, of: None, sent: at, before: 0, via: Via::Sent, own: None };
                consume::deliver(world, at, q, new);
                name.iter().for_each(|name| super::score::came(world, q, name));
            }
            consume::settle(world, at, q);
        }
        Blow::RunsAway { function, times } => super::runaway::run_away(world, at, &function, times),
        // whoever is not there was left out with its system
        Blow::Breaks(consumer) => drop(consume::break_down(world, &consumer)),
        Blow::Deploys(consumer) => drop(consume::deploy(world, &consumer)),
        Blow::Breach { alarm, for_s } => spell(world, at, &alarm, for_s, false),
        Blow::Silence { alarm, for_s } => spell(world, at, &alarm, for_s, true),
        Blow::Attack { acl, rule, force, for_s } => {
            let place = world.acls.iter().position(|a| a.name == acl);
            let rule = place.and_then(|i| world.acls.get(i)?.rules.iter().position(|r| r.name == rule));
            if let (Some(acl), Some(rule)) = (place, rule) {
                super::weather::attack(world, acl, Attack { from: at, to: at + for_s, rule, force });
            }
        }
        Blow::Deny(action) => {
            world.denied.insert(action);
        }
    }
}

fn spell(world: &mut World, at: Second, alarm: &str, for_s: i64, silent: bool) {
    let key = world.alarm(alarm).and_then(|a| world.alarms.get(a)?.watches().into_iter().next());
    let Some(&s) = key.and_then(|k| world.index.signals.get(&k)) else { return };
    if let Some(spell) = world.signals.get_mut(s).and_then(|x| x.add(at, at + for_s, silent)) {
        world.plan(spell.from, Due::Edge(s));
        world.plan(spell.to, Due::Edge(s));
    }
}

/// Whether everything that the incident of an estate names is there.
#[cfg(test)]
pub(super) fn aims(p: &super::Practice) -> bool {
    let mut state = p.inner.lock();
    let world = &state.made(&p.inner.options).expect("a world").world;
    world.adversary.as_ref().is_none_or(|he| he.aims(world))
        && world.squatter.as_ref().is_none_or(|he| he.aims(world))
        && world.strikes.iter().all(|strike| match &strike.blow {
            Blow::Flood { queue, function, .. } => world.queue(queue).is_some_and(|q| {
                function.as_ref().is_none_or(|f| letters::number(world, q, f, Cause::Bug).is_some())
            }),
            Blow::Comes { queue, .. } => world.queue(queue).is_some(),
            Blow::RunsAway { function, .. } => world.function(function).is_some(),
            Blow::Breaks(consumer) | Blow::Deploys(consumer) => world.function(consumer).is_some(),
            Blow::Breach { alarm, .. } | Blow::Silence { alarm, .. } => world.alarm(alarm).is_some(),
            Blow::Attack { acl, rule, .. } => {
                world.acls.iter().any(|a| a.name == *acl && a.rules.iter().any(|r| r.name == *rule))
            }
            Blow::Deny(action) => crate::estate::ask::operations().any(|o| o.iam_action == action),
        })
}
