//! The state of the practice estate: typed tables, and an agenda of what will happen to them. `step` is the
//! only thing that moves it, event by event in the order of time, so that one long step and many short ones
//! end in the same world. It knows no questions and no ports; times are whole seconds since 1970.

pub(super) mod acl;
pub(super) mod alarm;
pub(super) mod clients;
pub(super) mod database;
pub(super) mod function;
pub(super) mod gateway;
pub(super) mod json;
pub(super) mod kms;
pub(super) mod queue;
pub(super) mod role;
pub(super) mod rule;
pub(super) mod secret;
pub(super) mod signal;
pub(super) mod stale;
pub(super) mod standing;
pub(super) mod text;
pub(super) mod trail;
pub(super) mod user;

use self::acl::Acl;
use self::alarm::{Alarm, Mute};
use self::database::{Database, FlowLog, Group};
pub(super) use self::function::{Function, Mapping, Waiting};
use self::gateway::{Api, Key, Plan};
use self::kms::KmsKey;
use self::queue::Queue;
use self::role::{Role, Session};
use self::secret::Secret;
use self::signal::{SeriesKey, Signal};
use self::stale::Stale;
use self::standing::Standing;
use self::text::{Known, Text};
use self::trail::Entry;
use self::user::User;
use super::prng::Prng;
pub(super) use super::score::Ledger;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Seconds since 1970.
pub(super) type Second = i64;

/// A day.
pub(super) const DAY: i64 = 86_400;

/// How long before its beginning the practice estate has been running: the longest retention of a queue,
/// so that everything that can be in one came by the rules.
pub(super) const PAST: i64 = 14 * DAY;

/// Where everything is. AWS gives nobody this account.
pub(super) const ACCOUNT: &str = "000000000000";
/// The Region in which the practice estate lives: one of its five systems says us-east-1.
pub(super) const REGION: &str = "us-east-1";

/// What is due at some time. The order of the variants is the order at the same second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(super) enum Due {
    /// A spell of a signal begins.
    Spell(usize),
    /// A spell of a signal has just begun or ended.
    Edge(usize),
    /// An attack on an ACL begins.
    Attack(usize),
    /// The errors of a function, whose number this signal is, become dead letters.
    Fail(usize),
    /// Dead letters arrive that the seed files foresee.
    Held(usize),
    /// Dead letters arrive.
    Burst(usize),
    /// Somebody clears a queue.
    Clear(usize),
    /// A redrive begins.
    Redrive(usize),
    /// A running move task moves on.
    Move(usize),
    /// The oldest messages of a queue may be past their retention.
    Expire(usize),
    /// Messages in flight come back.
    Appear(usize),
    /// The consumer of a queue takes what is there.
    Consume(usize),
    /// A function is invoked with an event that waits for it.
    Attempt(usize),
    /// A secret is rotated, or that fails.
    Rotate(usize),
    /// A secret is read.
    Access(usize),
    /// A secret that comes and goes does so.
    Flicker(usize),
    /// The new password of a database comes into force.
    Modified(usize),
    /// A planned deletion of a secret takes place.
    Delete(usize),
    /// The update of a function is through.
    Through(usize),
    /// An event source mapping is enabled, or disabled.
    Mapped(usize),
    /// Versions of a secret that have had no label for long are removed.
    Purge(usize),
    /// A step of an incident.
    Strike(usize),
    /// An adversary does something: whoever has a key, or whoever sits in a database (`squatter::TURN`).
    Intrude(usize),
    /// An alarm is evaluated.
    Evaluate(usize),
}

/// Everything there is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct World {
    pub(super) seed: u64,
    /// When the practice began.
    pub(super) start: Second,
    /// Everything due up to and including this second has happened.
    pub(super) now: Second,
    /// By name, as are all tables.
    pub(super) alarms: Vec<Alarm>,
    pub(super) signals: Vec<Signal>,
    pub(super) mutes: Vec<Mute>,
    pub(super) queues: Vec<Queue>,
    pub(super) acls: Vec<Acl>,
    pub(super) secrets: Vec<Secret>,
    pub(super) functions: Vec<Function>,
    pub(super) mappings: Vec<Mapping>,
    pub(super) apis: Vec<Api>,
    pub(super) plans: Vec<Plan>,
    /// In the order of their making, those that were deleted too.
    pub(super) keys: Vec<Key>,
    pub(super) users: Vec<User>,
    #[serde(default)]
    pub(super) roles: Vec<Role>,
    #[serde(default)]
    pub(super) databases: Vec<Database>,
    #[serde(default)]
    pub(super) groups: Vec<Group>,
    #[serde(default)]
    pub(super) flow_logs: Vec<FlowLog>,
    #[serde(default)]
    pub(super) kms_keys: Vec<KmsKey>,
    #[serde(default)]
    pub(super) standing: Standing,
    /// Temporary credentials that intruders have.
    #[serde(default)]
    pub(super) sessions: Vec<Session>,
    /// What was done that does not follow from how keys are used, oldest first.
    #[serde(default)]
    pub(super) trail: Vec<Entry>,
    /// Which secret texts are made up.
    pub(super) known: Known,
    /// How many things writes made: each has a stream of randomness of its own.
    pub(super) made: u64,
    /// What was just written and is not seen everywhere yet. Not kept: a restart takes longer.
    #[serde(skip)]
    pub(super) stale: Vec<Stale>,
    /// What is denied to the practising operator, beside what a resource's own policy denies.
    pub(super) denied: BTreeSet<String>,
    /// The consumers whose mistakes somebody has mended.
    #[serde(default)]
    pub(super) deployed: BTreeSet<String>,
    /// The consumers for which what only passes by has not passed.
    #[serde(default)]
    pub(super) broken: BTreeSet<String>,
    /// The events that wait for a function, by its place in its table, in the order of their time.
    #[serde(default)]
    pub(super) functions_waiting: BTreeMap<usize, VecDeque<Waiting>>,
    /// How many events functions were handed: each has a number.
    #[serde(default)]
    pub(super) handed: u32,
    /// Every message of the queue that is practised on.
    #[serde(default)]
    pub(super) ledger: Option<Ledger>,
    /// A function that runs away.
    #[serde(default)]
    pub(super) runaway: Option<super::runaway::Tale>,
    /// Whoever has a leaked key.
    #[serde(default)]
    pub(super) adversary: Option<super::adversary::Adversary>,
    /// Whoever sits in a database.
    #[serde(default)]
    pub(super) squatter: Option<super::squatter::Squatter>,
    /// The rest of the incident that is being practised.
    pub(super) strikes: Vec<super::incident::Strike>,
    agenda: BTreeSet<(Second, Due)>,
    /// Made from the tables; never stored.
    #[serde(skip)]
    pub(super) index: Index,
}

/// Ways into the tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pub(super) signals: BTreeMap<SeriesKey, usize>,
    /// The alarms that look at a signal, at a queue, at an ACL (its metric name), at an alarm.
    pub(super) of_signal: BTreeMap<usize, Vec<usize>>,
    pub(super) of_queue: BTreeMap<usize, Vec<usize>>,
    pub(super) of_acl: BTreeMap<usize, Vec<usize>>,
    pub(super) of_alarm: BTreeMap<usize, Vec<usize>>,
}

impl World {
    /// An empty world at `now`, in which the practice begins at `start`.
    pub(super) fn empty(seed: u64, now: Second, start: Second) -> Self {
        Self {
            seed,
            start,
            now,
            alarms: Vec::new(),
            signals: Vec::new(),
            mutes: Vec::new(),
            queues: Vec::new(),
            acls: Vec::new(),
            secrets: Vec::new(),
            functions: Vec::new(),
            mappings: Vec::new(),
            apis: Vec::new(),
            plans: Vec::new(),
            keys: Vec::new(),
            users: Vec::new(),
            roles: Vec::new(),
            databases: Vec::new(),
            groups: Vec::new(),
            flow_logs: Vec::new(),
            kms_keys: Vec::new(),
            standing: Standing::first(start),
            sessions: Vec::new(),
            trail: Vec::new(),
            known: Known::default(),
            made: 0,
            stale: Vec::new(),
            denied: BTreeSet::new(),
            deployed: BTreeSet::new(),
            broken: BTreeSet::new(),
            functions_waiting: BTreeMap::new(),
            handed: 0,
            ledger: None,
            runaway: None,
            adversary: None,
            squatter: None,
            strikes: Vec::new(),
            agenda: BTreeSet::new(),
            index: Index::default(),
        }
    }

    /// Puts `due` on the agenda, never in the past.
    pub(super) fn plan(&mut self, at: Second, due: Due) {
        self.agenda.insert((at.max(self.now), due));
    }

    /// Puts `due`, which happens at `at`, on the agenda again: later, whatever the tables say, so that time
    /// goes on.
    pub(super) fn again(&mut self, at: Second, next: Second, due: Due) {
        self.plan(next.max(at + 1), due);
    }

    /// Lets everything happen that is due up to and including `to`. Time never runs backwards: a clock that
    /// was set back finds the world as it was.
    pub(super) fn step(&mut self, to: Second) {
        while let Some((at, due)) = self.agenda.first().copied().filter(|(at, _)| *at <= to) {
            self.agenda.remove(&(at, due));
            self.now = self.now.max(at);
            super::weather::happen(self, at, due);
        }
        self.now = self.now.max(to);
    }

    /// Makes the index; to be called once the tables are filled.
    pub(super) fn reindex(&mut self) {
        let mut index = Index {
            signals: self.signals.iter().enumerate().map(|(i, s)| (s.key.clone(), i)).collect(),
            ..Index::default()
        };
        for (a, alarm) in self.alarms.iter().enumerate() {
            for key in alarm.watches() {
                if let Some(&s) = index.signals.get(&key) {
                    index.of_signal.entry(s).or_default().push(a);
                } else if let Some(q) = key.queue().and_then(|name| self.queue(name)) {
                    index.of_queue.entry(q).or_default().push(a);
                } else if let Some(acl) = key.acl().and_then(|m| self.acls.iter().position(|c| c.metric == m))
                {
                    index.of_acl.entry(acl).or_default().push(a);
                }
            }
            for child in alarm.children() {
                if let Some(c) = self.alarm(&child) {
                    index.of_alarm.entry(c).or_default().push(a);
                }
            }
        }
        self.index = index;
        let now = self.now;
        for (place, queue) in self.queues.iter_mut().enumerate() {
            queue.index(u16::try_from(place).unwrap_or(u16::MAX), now);
        }
        super::letters::fill(self);
    }

    /// Whether the function of this name fails on everything: its errors are in a spell.
    pub(super) fn is_in_trouble(&self, function: &str, at: Second) -> bool {
        let signal = self.errors_of(function).and_then(|s| self.signals.get(s));
        signal.and_then(|s| s.spell_at(at)).is_some_and(|spell| !spell.silent)
    }

    /// The signal that counts the errors of a function.
    pub(super) fn errors_of(&self, function: &str) -> Option<usize> {
        let key = SeriesKey {
            namespace: "AWS/Lambda".into(),
            name: "Errors".into(),
            dims: vec![("FunctionName".into(), function.to_owned())],
        };
        self.index.signals.get(&key).copied()
    }

    /// Whether times and periods are such that it can go on; one that was stored may have been edited.
    pub(super) fn is_sound(&self) -> bool {
        let calendar = 0..=250_000_000_000; // up to the year 9892
        calendar.contains(&self.start)
            && calendar.contains(&self.now)
            && self.alarms.iter().all(|a| (60..=DAY).contains(&a.period) && a.periods <= 1_440)
            && self.signals.iter().all(|s| (60..=DAY).contains(&s.period))
    }

    /// Where the queue `name` is.
    pub(super) fn queue(&self, name: &str) -> Option<usize> {
        self.queues.binary_search_by(|q| q.name.as_str().cmp(name)).ok()
    }

    /// Where the events go for good that function `name` fails on, if that is a queue.
    pub(super) fn dead_end(&self, name: &str) -> Option<usize> {
        let place = self.functions.binary_search_by(|f| f.name.as_str().cmp(name)).ok()?;
        let function = self.functions.get(place).filter(|f| f.asynchronous)?;
        let arn = function.dead_letter.as_ref().or(function.on_failure.as_ref())?;
        self.queue(arn.strip_prefix(&arn_of("sqs"))?)
    }

    /// Where the alarm `name` is.
    pub(super) fn alarm(&self, name: &str) -> Option<usize> {
        self.alarms.binary_search_by(|a| a.name.as_str().cmp(name)).ok()
    }

    /// Every secret text there is.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut Text> {
        let secrets = self.secrets.iter_mut().flat_map(|s| &mut s.versions).map(|v| &mut v.text);
        let functions = self.functions.iter_mut().flat_map(|f| {
            let update = f.update.iter_mut().flat_map(|(_, before)| before.values_mut());
            let published = f.versions.iter_mut().flat_map(|v| v.variables.values_mut());
            update.chain(published).chain(f.latest.variables.values_mut())
        });
        let own = self.queues.iter_mut().flat_map(|q| q.own.values_mut());
        let waiting = self.functions_waiting.values_mut().flatten().filter_map(|w| w.own.as_mut());
        let messages = own.chain(waiting).flat_map(|own| {
            std::iter::once(&mut own.body).chain(own.attributes.values_mut().map(|(_, value)| value))
        });
        let databases = self
            .databases
            .iter_mut()
            .flat_map(|d| std::iter::once(&mut d.password).chain(d.change.iter_mut().map(|(_, text)| text)));
        let keys = self.keys.iter_mut().map(|k| &mut k.value);
        secrets.chain(functions).chain(keys).chain(messages).chain(databases)
    }

    /// Where the function with this name or ARN is.
    pub(super) fn function(&self, id: &str) -> Option<usize> {
        let name = id.strip_prefix(&arn("lambda", "function:")).unwrap_or(id);
        self.functions.binary_search_by(|f| f.name.as_str().cmp(name)).ok()
    }

    /// The stream of randomness of a thing that a write makes.
    pub(super) fn fresh(&mut self, what: &str) -> Prng {
        self.made += 1;
        Prng::of(self.seed, &format!("made {what} {}", self.made))
    }

    /// Where the secret with this ARN or name is.
    pub(super) fn secret(&self, id: &str) -> Option<usize> {
        self.secrets.iter().position(|s| s.name == id || s.arn() == id)
    }
}

/// The ARN of a thing of this account and Region.
pub(super) fn arn(service: &str, resource: &str) -> String {
    arn_of(service) + resource
}

fn arn_of(service: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:")
}
