//! Makes a world from the seed files: rows for what they name, and the first entries of the agenda. How
//! things go on from there is weather's.

mod access;
mod acls;
mod alarms;
mod functions;
mod levels;
mod network;
mod queues;
mod scale;
mod secrets;
pub(super) mod values;

use super::Trouble;
use super::incident::Incident;
use super::prng::Prng;
use super::seed::{self, Seed};
use super::world::alarm::wake;
use super::world::signal::SeriesKey;
use super::world::{Due, PAST, Second, World, arn};
use std::collections::BTreeMap;

/// What a world is made of.
#[derive(Default)]
pub(super) struct Matter {
    pub(super) seed: u64,
    pub(super) start: Second,
    /// Only these systems; everything when empty.
    pub(super) systems: Vec<String>,
    pub(super) incident: Option<Incident>,
    pub(super) scale: usize,
}

/// The world at the moment at which the practice begins, with a fortnight of weather behind it.
pub(super) fn make(matter: &Matter) -> Result<World, Trouble> {
    let mut seeds = seed::shipped(&matter.systems)?;
    if let Some(incident) = &matter.incident {
        seeds.extend(seed::of_incident(&incident.name)?);
    }
    let mut world = World::empty(matter.seed, matter.start - PAST, matter.start);
    let mut maker = Maker { world: &mut world, first: Vec::new() };
    for seed in &seeds {
        maker.file(seed);
    }
    scale::add(maker.world, matter.scale);
    let first = maker.first;
    sort(&mut world);
    world.reindex();
    begin(&mut world, &first);
    if let Some(incident) = &matter.incident {
        super::incident::plan(&mut world, incident);
    }
    world.step(matter.start);
    Ok(world)
}

/// Something for the agenda about a row that has no place yet.
enum First {
    Signal(SeriesKey, Second, bool),
    Queue(String, Second, fn(usize) -> Due),
    Secret(String, Second, fn(usize) -> Due),
    Acl(String, Second),
}

fn sort(world: &mut World) {
    world.alarms.sort_by(|a, b| a.name.cmp(&b.name));
    world.signals.sort_by(|a, b| a.key.cmp(&b.key));
    world.queues.sort_by(|a, b| a.name.cmp(&b.name));
    world.acls.sort_by(|a, b| a.name.cmp(&b.name));
    world.secrets.sort_by(|a, b| a.name.cmp(&b.name));
    world.functions.sort_by(|a, b| a.name.cmp(&b.name));
    world.users.sort_by(|a, b| a.name.cmp(&b.name));
    world.roles.sort_by(|a, b| a.name.cmp(&b.name));
    world.databases.sort_by(|a, b| a.name.cmp(&b.name));
    world.mappings.sort_by(|a, b| a.id.cmp(&b.id));
    world.mutes.sort_by(|a, b| a.name.cmp(&b.name));
}

fn begin(world: &mut World, first: &[First]) {
    for entry in first {
        match entry {
            First::Signal(key, at, is_edge) => {
                if let Some(&s) = world.index.signals.get(key) {
                    world.plan(*at, if *is_edge { Due::Edge(s) } else { Due::Spell(s) });
                }
            }
            First::Queue(name, at, due) => {
                if let Some(q) = world.queue(name) {
                    world.plan(*at, due(q));
                }
            }
            First::Secret(name, at, due) => {
                if let Some(s) = world.secrets.iter().position(|s| s.name == *name) {
                    world.plan(*at, due(s));
                }
            }
            First::Acl(name, at) => {
                if let Some(a) = world.acls.iter().position(|a| a.name == *name) {
                    world.plan(*at, Due::Attack(a));
                }
            }
        }
    }
    for a in 0..world.acls.len() {
        for now in world.acls.get(a).map(|x| x.attacks.clone()).unwrap_or_default() {
            for alarm in world.index.of_acl.get(&a).cloned().unwrap_or_default() {
                wake(world, alarm, now.from, now.to);
            }
        }
    }
    // a first look at everything, as soon as there is a full set of data points
    for a in 0..world.alarms.len() {
        let settled = world.alarms.get(a).map_or(0, |x| x.period * i64::from(x.periods + 1));
        let from = world.now + settled;
        wake(world, a, from, from);
    }
}

struct Maker<'w> {
    world: &'w mut World,
    first: Vec<First>,
}

impl Maker<'_> {
    fn file(&mut self, file: &Seed) {
        let mut tags: Vec<(String, String)> = file.tags.clone().into_iter().collect();
        tags.extend(file.system.iter().map(|s| ("system".to_owned(), s.clone())));
        file.function.iter().for_each(|f| self.functions(f, &tags));
        file.mapping.iter().for_each(|m| self.mapping(m));
        file.api.iter().for_each(|a| self.api(a));
        file.plan.iter().for_each(|p| self.plan(p));
        file.key.iter().for_each(|k| self.key(k, &tags));
        file.user.iter().for_each(|u| self.user(u, &tags));
        file.role.iter().for_each(|r| self.role(r));
        file.database.iter().for_each(|d| self.database(d));
        file.security_group.iter().for_each(|g| self.group(g));
        file.flow_log.iter().for_each(|l| self.flow_log(l));
        file.kms_key.iter().for_each(|k| self.kms_key(k));
        for q in &file.queue {
            seed::each(&q.each).into_iter().for_each(|word| self.queue(q, word, &tags));
        }
        for a in &file.alarm {
            seed::each(&a.each).into_iter().for_each(|word| self.alarm(a, word, &tags));
        }
        for m in &file.mute {
            self.mute(m);
        }
        for a in &file.acl {
            self.acl(a, &tags);
        }
        for s in &file.secret {
            seed::each(&s.each).into_iter().for_each(|word| self.secret(s, word, &tags));
        }
    }

    fn rng(&self, name: &str) -> Prng {
        Prng::of(self.world.seed, name)
    }
}

/// A queue's name, `sns:TOPIC` or a whole ARN, as an ARN.
fn target(text: &str) -> String {
    match text.strip_prefix("sns:") {
        Some(name) => arn("sns", name),
        None if text.starts_with("arn:") => text.to_owned(),
        None => arn("sqs", text),
    }
}

fn topic(text: &str) -> String {
    if text.starts_with("arn:") { text.to_owned() } else { arn("sns", text) }
}

fn with(common: &[(String, String)], own: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> = common.iter().cloned().collect();
    all.extend(own.clone());
    all.into_iter().collect()
}
