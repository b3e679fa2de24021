//! Somebody who has a database's password and sits in it: when he signs in, what of a measure he notices, and how he was
//! dealt with. A new password and a rule that is gone leave the sessions that he has; a reboot ends them, and he comes back
//! by whatever was left. Deterministic by the seed, and the same however the time passes.

use super::prng::Prng;
use super::score::told;
use super::world::database::Database;
use super::world::text::Text;
use super::world::{Due, Second, World};
use crate::estate::ask::{Ask, ec2 as network, rds as asks};
use crate::estate::change::ec2::Call as Ec2;
use crate::estate::network::{Ingress, Peer};
use crate::estate::{Call, Query, SecurityGroupId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// He has been in for so long when the practice begins.
const BEFORE: i64 = 1_500;
/// So many sessions he keeps open.
const SESSIONS: usize = 3;
/// Once he has seen that he is being shut out he reads so many times as fast.
const HASTE: i64 = 3;
/// The application may be without the database for so long while the password changes hands.
const GRACE: i64 = 300;
/// His turns on the agenda; the other adversary has 0.
pub(super) const TURN: usize = 1;

/// Whose database he sits in, and by which ways he comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Den {
    /// The database.
    database: String,
    /// The function that is its application, and the variable that it signs in with.
    function: String,
    variable: String,
    /// The security group that this function is in.
    group: String,
    /// A range that somebody let in beside what the seed says, and what they wrote beside it.
    hole: String,
    says: String,
    /// From where he comes.
    from: Vec<String>,
}

/// He, and what happened as far as it counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Squatter {
    den: Den,
    /// The password that he knows.
    password: Text,
    /// What waited for the maintenance window when he came.
    waits: Vec<String>,
    /// How often the database had been rebooted when each of his sessions was opened.
    sessions: Vec<u32>,
    /// He has seen that he is being shut out.
    hurries: bool,
    rows_a_minute: i64,
    rng: Prng,
    start: Second,
    /// What he reads is counted up to then.
    counted: Second,
    read_s: i64,
    /// Sixtieths of rows, so that it does not matter when it is counted.
    sixtieths: i64,
    last: Option<Second>,
    detected: Option<Second>,
    contained: Option<Second>,
    evicted: Option<Second>,
    recovered: Option<Second>,
    /// Since when the application cannot connect, and how long it could not at most before.
    locked: Option<Second>,
    longest: i64,
    mistakes: BTreeSet<String>,
}

/// The score of somebody who practised on a database that another was in. Times are seconds after the practice began, each
/// of something that has held ever since.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Intrusion {
    /// When the database was first looked at by its name.
    pub detected_s: Option<i64>,
    /// When he could open no session any more: neither the password nor a way in was left.
    pub contained_s: Option<i64>,
    /// When his sessions had been ended, too.
    pub evicted_s: Option<i64>,
    /// When the application could connect with the new password, with him out.
    pub recovered_s: Option<i64>,
    /// When he last read; negative before the practice began.
    pub last_read_s: Option<i64>,
    /// For how many seconds he has read in all.
    pub read_s: i64,
    /// How many rows.
    pub rows: i64,
    /// How many sessions he has open.
    pub sessions: usize,
    /// What of three is left to be done.
    pub left: Vec<String>,
    /// What was done wrong.
    pub mistakes: Vec<String>,
}

/// What somebody who knows the runbook needs, in seconds: to look, to contain, to have him out, to have the application back.
pub const PAR: [(&str, i64); 4] =
    [("detected", 300), ("contained", 900), ("evicted", 1_200), ("recovered", 1_500)];

impl Intrusion {
    /// Whether he is out, the application has the new password, and nothing was done wrong.
    #[must_use]
    pub fn is_solved(&self) -> bool {
        self.evicted_s.is_some() && self.recovered_s.is_some() && self.mistakes.is_empty()
    }

    /// The score in lines, each time beside its par.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let times = [self.detected_s, self.contained_s, self.evicted_s, self.recovered_s];
        let facts = [format!("he read for {} minutes: {} rows", self.read_s / 60, self.rows)];
        let verdict = match (self.is_solved(), self.evicted_s) {
            (true, _) => "solved".to_owned(),
            (false, None) => format!("NOT SOLVED: {}", self.left.join("; ")),
            (false, Some(_)) => {
                "NOT SOLVED: he is out; the application is not back, or something was done wrong".to_owned()
            }
        };
        told(&PAR, times, facts, &self.mistakes, &verdict)
    }
}

/// Puts him into a world that is about to begin.
pub(super) fn enter(world: &mut World, den: &Den) {
    let Some(database) = world.database(&den.database).and_then(|d| world.databases.get(d)) else { return };
    let hole = Ingress {
        protocol: "tcp".into(),
        from: i32::try_from(database.port).ok(),
        to: i32::try_from(database.port).ok(),
        peer: Peer::V4(den.hole.as_str().into()),
        description: Some(den.says.as_str().into()),
    };
    let (password, waits) = (database.password.clone(), database.waits.clone());
    let first = database.groups.first().cloned();
    if let Some(group) = world.groups.iter_mut().find(|g| Some(&g.id) == first.as_ref()) {
        group.ingress.push(hole);
    }
    let mut rng = Prng::of(world.seed, "squatter");
    let at = world.start - BEFORE;
    world.squatter = Some(Squatter {
        den: den.clone(),
        password,
        waits,
        sessions: Vec::new(),
        hurries: false,
        rows_a_minute: rng.between(900, 2_400),
        rng,
        start: world.start,
        counted: at,
        read_s: 0,
        sixtieths: 0,
        last: None,
        detected: None,
        contained: None,
        evicted: None,
        recovered: None,
        locked: None,
        longest: 0,
        mistakes: BTreeSet::new(),
    });
    world.plan(at, Due::Intrude(TURN));
}

/// He does something: he keeps his sessions, and tries whether he could open another.
pub(super) fn act(world: &mut World, at: Second) {
    reckon(world);
    let Some(mut he) = world.squatter.take() else { return };
    let found = world.database(&he.den.database).and_then(|d| world.databases.get(d));
    if let Some(db) = found {
        let rebooting = db.status(at) == "rebooting";
        if !rebooting && he.knows(db) && !he.ways(world, db).is_empty() {
            if he.sessions.len() < SESSIONS {
                he.sessions.push(db.reboots);
            }
        } else {
            he.hurries = true;
        }
    }
    let wait = match (he.hurries, he.sessions.is_empty()) {
        (false, _) => he.rng.between(120, 300),
        (true, false) => he.rng.between(60, 120),
        (true, true) => he.rng.between(90, 240),
    };
    world.squatter = Some(he);
    world.again(at, at + wait, Due::Intrude(TURN));
}

/// Somebody inside has ended every session but the application's: KILL, or a network ACL.
pub(super) fn thrown_out(world: &mut World, database: &str) -> bool {
    reckon(world);
    let Some(he) = world.squatter.as_mut().filter(|he| he.den.database == database) else { return false };
    he.sessions.clear();
    reckon(world);
    true
}

/// The operator asks something. Whether it is the first sign that they know.
pub(super) fn asked(world: &mut World, query: &Query) -> bool {
    let now = world.now;
    let Some(he) = world.squatter.as_ref().filter(|he| he.detected.is_none()) else { return false };
    let looked = match &query.ask {
        Ask::Rds(asks::Ask::DescribeDBInstances(q)) => {
            q.instance.as_ref().is_some_and(|i| i.wire() == he.den.database)
        }
        Ask::Ec2(network::Ask::DescribeSecurityGroups(q)) => {
            q.groups.iter().any(|g| guards(world, &he.den.database, g))
        }
        _ => false,
    };
    if let Some(he) = world.squatter.as_mut().filter(|_| looked) {
        he.detected = Some(now);
    }
    looked
}

/// The operator has changed something.
pub(super) fn wrote(world: &mut World, call: &Call) {
    let now = world.now;
    let Some(he) = &world.squatter else { return };
    let touched = match call {
        Call::Rds(_) => true,
        Call::Ec2(
            Ec2::RevokeSecurityGroupIngress { group, .. } | Ec2::AuthorizeSecurityGroupIngress { group, .. },
        ) => guards(world, &he.den.database, group),
        _ => false,
    };
    let cut = match call {
        Call::Ec2(Ec2::RevokeSecurityGroupIngress { rule, .. }) if touched => he.is_the_applications(rule),
        _ => false,
    };
    if let Some(he) = world.squatter.as_mut().filter(|_| touched) {
        he.detected.get_or_insert(now);
        if cut {
            let wrong = format!("the application's own way in was cut, that from {}", he.den.group);
            he.mistakes.insert(wrong);
        }
    }
    reckon(world);
}

/// Whether a security group is one of a database's.
fn guards(world: &World, database: &str, group: &SecurityGroupId) -> bool {
    let found = world.database(database).and_then(|d| world.databases.get(d));
    found.is_some_and(|d| d.groups.iter().any(|g| g == group.wire()))
}

/// Where things stand now. To be called whenever something has changed that he lives by.
pub(super) fn reckon(world: &mut World) {
    let Some(mut he) = world.squatter.take() else { return };
    he.reckon(world);
    world.squatter = Some(he);
}

impl Squatter {
    fn reckon(&mut self, world: &World) {
        let now = world.now;
        let Some(db) = world.database(&self.den.database).and_then(|d| world.databases.get(d)) else {
            return;
        };
        let passed = (now - self.counted).max(0);
        if passed > 0 && !self.sessions.is_empty() {
            self.read_s += passed;
            self.sixtieths += passed * self.rows_a_minute * if self.hurries { HASTE } else { 1 };
            self.last = Some(now);
        }
        self.counted = self.counted.max(now);
        self.sessions.retain(|reboots| *reboots == db.reboots);
        let shut = !self.knows(db) && self.ways(world, db).is_empty();
        let out = shut && self.sessions.is_empty();
        let connects = self.connects(world, db, now);
        since(&mut self.contained, shut, now);
        since(&mut self.evicted, out, now);
        // whoever reboots has it back when that is over
        since(&mut self.recovered, out && connects, db.rebooting.map_or(now, |until| until.max(now)));
        if connects {
            self.longest = self.longest.max(self.locked.take().map_or(0, |from| now - from));
        } else {
            self.locked.get_or_insert(now);
        }
    }

    fn knows(&self, db: &Database) -> bool {
        db.password == self.password
    }

    /// The addresses of his that are let in.
    fn ways(&self, world: &World, db: &Database) -> Vec<&str> {
        let rules: Vec<&Ingress> = rules(world, db).collect();
        self.den
            .from
            .iter()
            .map(String::as_str)
            .filter(|ip| rules.iter().any(|r| lets_in(&r.peer, ip)))
            .collect()
    }

    fn is_the_applications(&self, rule: &Ingress) -> bool {
        matches!(&rule.peer, Peer::Group { group, .. } if group.wire() == self.den.group)
    }

    /// Whether the application can connect, were the database not just rebooting.
    fn connects(&self, world: &World, db: &Database, now: Second) -> bool {
        let function = world.function(&self.den.function).and_then(|f| world.functions.get(f));
        let held = function.and_then(|f| f.serving(None, now)).and_then(|(_, v)| v.get(&self.den.variable));
        held == Some(&db.password) && rules(world, db).any(|r| self.is_the_applications(r))
    }

    /// Whether everything that he lives by is there.
    #[cfg(test)]
    pub(super) fn aims(&self, world: &World) -> bool {
        let found = world.database(&self.den.database).and_then(|d| world.databases.get(d));
        found.is_some_and(|db| {
            self.ways(world, db).len() == self.den.from.len() && self.connects(world, db, world.now)
        })
    }
}

/// The rules that open a database's port.
fn rules<'w>(world: &'w World, db: &'w Database) -> impl Iterator<Item = &'w Ingress> {
    let groups = world.groups.iter().filter(|g| db.groups.contains(&g.id));
    groups.flat_map(|g| &g.ingress).filter(|r| r.opens(db.port))
}

/// Since when something holds that may cease to.
fn since(held: &mut Option<Second>, holds: bool, at: Second) {
    if holds {
        held.get_or_insert(at);
    } else {
        *held = None;
    }
}

/// Whether a rule for `peer` lets an address in.
fn lets_in(peer: &Peer, ip: &str) -> bool {
    let Peer::V4(range) = peer else { return false };
    let (base, bits) = range.wire().split_once('/').unwrap_or((range.wire(), "32"));
    let (Some(base), Some(ip), Ok(bits)) = (number(base), number(ip), bits.parse::<u32>()) else {
        return false;
    };
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0);
    base & mask == ip & mask
}

/// An IPv4 address as a number.
fn number(address: &str) -> Option<u32> {
    let parts: Vec<u8> = address.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(parts).ok().map(u32::from_be_bytes)
}

/// The score, where somebody sits in a database.
pub(super) fn of(world: &World) -> Option<Intrusion> {
    let he = world.squatter.as_ref()?;
    let db = world.databases.get(world.database(&he.den.database)?)?;
    let since = |at: Option<Second>| at.filter(|at| *at <= world.now).map(|at| at - he.start);
    let mut left = Vec::new();
    if he.knows(db) {
        left.push("the password that he knows is in force".to_owned());
    }
    left.extend(he.ways(world, db).iter().map(|ip| format!("{ip} is let in")));
    if !he.sessions.is_empty() {
        left.push(format!("{} of his sessions are open", he.sessions.len()));
    }
    let mut mistakes = he.mistakes.clone();
    let locked = he.longest.max(he.locked.map_or(0, |from| world.now - from));
    if locked > GRACE {
        mistakes.insert(format!(
            "the application could not connect for {} minutes: {} of {} must have what the database takes, and its way in stay",
            locked / 60,
            he.den.variable,
            he.den.function
        ));
    }
    if he.waits.iter().any(|w| !db.waits.contains(w)) {
        mistakes.insert(
            "ApplyImmediately was used: what waited for the maintenance window was applied with the password"
                .to_owned(),
        );
    }
    Some(Intrusion {
        detected_s: since(he.detected),
        contained_s: since(he.contained),
        evicted_s: since(he.evicted),
        recovered_s: since(he.recovered),
        last_read_s: since(he.last),
        read_s: he.read_s,
        rows: he.sixtieths / 60,
        sessions: he.sessions.len(),
        left,
        mistakes: mistakes.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Peer, lets_in};

    #[test]
    fn a_range_lets_its_addresses_in() {
        for (range, ip, lets) in [
            ("198.51.100.0/24", "198.51.100.23", true),
            ("198.51.100.0/24", "198.51.101.23", false),
            ("203.0.113.64/26", "203.0.113.77", true),
            ("203.0.113.0/26", "203.0.113.77", false),
            ("203.0.113.77/32", "203.0.113.77", true),
            ("203.0.113.78/32", "203.0.113.77", false),
            ("0.0.0.0/0", "203.0.113.77", true),
            ("203.0.113/0", "203.0.113.77", false),
        ] {
            assert_eq!(lets_in(&Peer::V4(range.into()), ip), lets, "{range} {ip}");
        }
        assert!(!lets_in(&Peer::PrefixList("pl-1".into()), "203.0.113.77"));
    }
}
