//! The practice estate: a simulated AWS behind the same ports as the real one, seeded and deterministic, on
//! the clock it is given. Account 000000000000, Region us-east-1 (where one of its five systems says it
//! is). It reads no files: it makes and takes bytes. Import only `estate`; see `world` for its state,
//! `weather` for what happens, `answer` for how questions are answered.

mod adversary;
mod answer;
mod breach;
mod consume;
mod faults;
mod gate;
mod genesis;
mod incident;
mod intruder;
mod keep;
mod leaving;
mod letters;
mod load;
mod maths;
mod metric;
mod migrate;
mod paging;
mod prng;
mod runaway;
mod score;
mod seal;
mod seed;
mod select;
mod squatter;
mod store;
mod weather;
mod world;
mod write;

pub use self::breach::{Breach, PAR};
pub use self::intruder::{Deed, Refused};
pub use self::keep::Keeper;
pub use self::leaving::Leaving;
pub use self::runaway::{PAR as RUNAWAY_PAR, Runaway};
pub use self::score::Score;
pub use self::seal::Seal;
pub use self::squatter::{Intrusion, PAR as INTRUSION_PAR};
pub use self::write::{Colleague, Mishaps};

#[cfg(test)]
mod tests;

use self::gate::Gate;
use self::genesis::Matter;
use self::world::World;
use self::write::mishaps::Dice;
use crate::estate::{
    AccessKeyId, At, BoxFuture, Clock, Context, Cursor, DbInstanceName, Estates, Fault, FaultKind, Operation,
    Page, Ports, Prompt, Query, Reads, Region, Writes,
};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// What can be chosen about a practice estate.
#[derive(Clone, Debug)]
pub struct Options {
    /// The same seed makes the same estate and the same weather.
    pub seed: u64,
    /// Only these of the five systems; all of them and much else when empty.
    pub systems: Vec<String>,
    /// An incident to practise, by name; see [`Practice::incidents`].
    pub incident: Option<String>,
    /// How long an answer takes at least and at most, in the time of the clock; at once without.
    pub latency: Option<(Duration, Duration)>,
    /// IAM actions (`sqs:ListQueues`) that are denied.
    pub denied: Vec<String>,
    /// So many generated alarms more, a tenth as many queues and a twentieth as many secrets.
    pub scale: Option<usize>,
    /// Whether calls above the rates that the table of questions names are throttled.
    pub quotas: bool,
    /// One call in so many is throttled though the rates were kept; none without.
    pub hiccup: Option<u32>,
    /// What befalls writes.
    pub mishaps: Mishaps,
    /// Seals in a snapshot what persons typed and runs generated; without it they are gone with the process.
    pub seal: Option<Seal>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            systems: Vec::new(),
            incident: None,
            latency: Some((Duration::from_millis(8), Duration::from_millis(40))),
            denied: Vec::new(),
            scale: None,
            quotas: true,
            hiccup: Some(2_000),
            mishaps: Mishaps::default(),
            seal: None,
        }
    }
}

/// Why there is no practice estate.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is no such system.
    #[error("there is no system \"{given}\" in the practice estate; there are {}", known.join(", "))]
    UnknownSystem {
        /// What was asked for.
        given: String,
        /// What there is.
        known: Vec<String>,
    },
    /// There is no such incident.
    #[error("there is no incident \"{given}\" to practise; there are {}", known.join(", "))]
    UnknownIncident {
        /// What was asked for.
        given: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A shipped seed file is wrong, which a test would have shown.
    #[error("assets/practice/{file}.toml cannot be read: {message}")]
    Seed {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// Stored bytes are not a practice estate, or of a version that this one does not know.
    #[error("the stored practice estate cannot be read: {0}; start a new one under another name")]
    Stored(String),
    /// Another process that has it does not let it go, or it cannot be locked.
    #[error("the practice estate cannot be shared: {0}")]
    Shared(String),
}

/// A practice estate. Clones are handles of the same one.
#[derive(Clone)]
pub struct Practice {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    options: Options,
    state: Mutex<State>,
    keeper: OnceLock<Box<dyn Keeper>>,
}

/// The world is made at the first question: its fortnight of weather must not delay the first frame.
struct State {
    matter: Matter,
    made: Option<Made>,
    shelf: keep::Shelf,
}

/// The world, what stands before it, and the luck of writes.
struct Made {
    world: Box<World>,
    gate: Gate,
    dice: Dice,
}

impl Made {
    fn new(world: World, options: &Options) -> Self {
        let seed = world.seed;
        Self { world: Box::new(world), gate: Gate::new(seed, options), dice: Dice::new(seed) }
    }
}

impl Practice {
    /// A new practice estate that begins at the clock's now.
    ///
    /// # Errors
    /// There is no such system or incident.
    pub fn new(options: Options, clock: Arc<dyn Clock>) -> Result<Self, Trouble> {
        let known = seed::names();
        if let Some(given) = options.systems.iter().find(|s| !known.contains(s)) {
            return Err(Trouble::UnknownSystem { given: given.clone(), known });
        }
        let incident = match &options.incident {
            Some(name) => Some(incident::named(name)?),
            None => None,
        };
        let start = clock.now().as_second();
        let scale = options.scale.unwrap_or(0);
        let matter = Matter { seed: options.seed, start, systems: options.systems.clone(), incident, scale };
        let state = State { matter, made: None, shelf: keep::Shelf::default() };
        Ok(Self { inner: Arc::new(Inner::new(clock, options, state)) })
    }

    /// A practice estate as it was stored by [`Practice::snapshot`]. Of `options` only what is not part of
    /// the world counts: latency, denials, quotas, hiccups, mishaps and the seal.
    ///
    /// # Errors
    /// The bytes are not a stored practice estate of a version that is known here.
    pub fn restore(bytes: &[u8], options: Options, clock: Arc<dyn Clock>) -> Result<Self, Trouble> {
        let world = store::read(bytes, options.seal.as_ref())?;
        let matter = Matter { seed: world.seed, start: world.start, ..Matter::default() };
        let made = Some(Made::new(world, &options));
        let state = State { matter, made, shelf: keep::Shelf::default() };
        Ok(Self { inner: Arc::new(Inner::new(clock, options, state)) })
    }

    /// The whole estate as bytes, for [`Practice::restore`].
    ///
    /// # Errors
    /// It cannot be written as JSON, which would be a mistake of ours.
    pub fn snapshot(&self) -> Result<Vec<u8>, Trouble> {
        self.now_in(|world| store::write(world, self.inner.options.seal.as_ref()))?
    }

    /// Has `keeper` keep the estate after every write, before its answer is told: a process that is killed then
    /// finds the estate as it left it. It gets what [`Practice::snapshot`] gives, and says what failed. To be
    /// called before the estate is used; a second keeper is ignored.
    pub fn keep_by(&self, keeper: impl Fn(&[u8]) -> Result<(), String> + Send + Sync + 'static) {
        self.share_by(keep::Alone(keeper));
    }

    /// The same, where other processes may have the estate as well: each call sees what they have kept.
    pub fn share_by(&self, keeper: impl Keeper + 'static) {
        self.inner.keeper.get_or_init(|| Box::new(keeper));
    }

    /// Has the estate kept as it is now, where somebody keeps it.
    ///
    /// # Errors
    /// It cannot be kept, or another process does not let it go.
    pub fn keep(&self) -> Result<(), Trouble> {
        let now = self.inner.clock.now().as_second();
        let mut state = self.inner.enter()?;
        state.made(&self.inner.options)?.world.step(now);
        let unkept = self.inner.wrote(&mut state);
        drop(state);
        unkept.map_or(Ok(()), keep::Unkept::keep).map_err(Trouble::Shared)
    }

    /// How many values that persons typed or runs generated are gone, and stand-ins in their places: the estate was
    /// restored without the seal that it was kept with.
    #[must_use]
    pub fn stand_ins(&self) -> u32 {
        self.inner.lock().made.as_ref().map_or(0, |made| made.world.known.stand_ins().1)
    }

    /// The time that the estate has reached: a clock for a restored one starts here.
    #[must_use]
    pub fn now(&self) -> crate::estate::Timestamp {
        let state = self.inner.lock();
        answer::time(state.made.as_ref().map_or(state.matter.start, |made| made.world.now))
    }

    /// Lets a colleague do something at once, for practising and for tests; false if it cannot be done.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn colleague(&self, what: &Colleague) -> Result<bool, Trouble> {
        self.now_in(|world| write::colleague::act(world, what))
    }

    /// Lets somebody who has a credential use it at once, for practising and for tests; the id of what that made, if it
    /// made a credential, or why AWS refused.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn intrude(
        &self,
        with: &AccessKeyId,
        deed: &Deed,
    ) -> Result<Result<Option<AccessKeyId>, Refused>, Trouble> {
        self.now_in(|world| intruder::act(world, with, deed))
    }

    /// Whether a database takes this password of its master user now, for practising and for tests; false too of one that
    /// is not there or reboots.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn signs_in(&self, instance: &DbInstanceName, password: &[u8]) -> Result<bool, Trouble> {
        self.now_in(|world| {
            let found = world.database(instance.wire()).and_then(|d| world.databases.get(d));
            found.is_some_and(|d| d.status(world.now) != "rebooting" && d.password.bytes() == password)
        })
    }

    /// How the messages fared that the incident is about; nothing in an estate without such an incident.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn score(&self) -> Result<Option<Score>, Trouble> {
        self.now_in(|world| score::of(world))
    }

    /// How a function was dealt with that ran away; nothing in an estate without one.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn runaway(&self) -> Result<Option<Runaway>, Trouble> {
        self.now_in(|world| runaway::of(world))
    }

    /// How a leaked key was dealt with; nothing in an estate without an adversary.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn breach(&self) -> Result<Option<Breach>, Trouble> {
        self.now_in(|world| {
            breach::reckon(world);
            breach::of(world)
        })
    }

    /// How a database was dealt with that somebody was in; nothing in an estate without such an incident.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn intrusion(&self) -> Result<Option<Intrusion>, Trouble> {
        self.now_in(|world| {
            squatter::reckon(world);
            squatter::of(world)
        })
    }

    /// Does something in the world as it is now.
    fn now_in<T>(&self, what: impl FnOnce(&mut World) -> T) -> Result<T, Trouble> {
        let now = self.inner.clock.now().as_second();
        let mut state = self.inner.enter()?;
        let made = state.made(&self.inner.options)?;
        made.world.step(now);
        Ok(what(&mut made.world))
    }

    /// The names of the five systems.
    #[must_use]
    pub fn systems() -> Vec<String> {
        seed::names()
    }

    /// The systems with the name patterns (`*` stands for anything) that tell their things from others.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn patterns() -> Result<Vec<(String, Vec<String>)>, Trouble> {
        seed::patterns()
    }

    /// The incidents to practise, each with a sentence about it.
    ///
    /// # Errors
    /// A shipped file is wrong, which a test would have shown.
    pub fn incidents() -> Result<Vec<(String, String)>, Trouble> {
        Ok(incident::shipped()?.into_iter().map(|(name, i)| (name, i.about)).collect())
    }
}

impl Inner {
    fn new(clock: Arc<dyn Clock>, options: Options, state: State) -> Self {
        Self { clock, options, state: Mutex::new(state), keeper: OnceLock::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // a panic elsewhere leaves the world between two events at worst, which is a true state
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the `parts`-th part of the time pass that the answer to `asked` takes. What is asked together is not
    /// answered together.
    async fn wait(&self, asked: u64, parts: u32) {
        let Some((least, most)) = self.options.latency else { return };
        let now_ms = self.clock.now().as_millisecond();
        let share = prng::unit(prng::mix(self.options.seed ^ asked, now_ms.unsigned_abs(), 9));
        self.clock.sleep((least + most.saturating_sub(least).mul_f64(share)) / parts).await;
    }
}

impl Inner {
    /// Lets the time pass after which a caller gives an answer up; none where answers take none.
    async fn wait_in_vain(&self) {
        if self.options.latency.is_some() {
            self.clock.sleep(PATIENCE).await;
        }
    }
}

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

impl State {
    fn made(&mut self, options: &Options) -> Result<&mut Made, Trouble> {
        let made = match self.made.take() {
            Some(made) => made,
            None => {
                self.shelf.is_new = true;
                Made::new(genesis::make(&self.matter)?, options)
            }
        };
        Ok(self.made.insert(made))
    }

    /// The same, for a call of `op`.
    fn ready(&mut self, options: &Options, op: &Operation) -> Result<&mut Made, Fault> {
        self.made(options).map_err(|t| broken(op.name, &t))
    }
}

/// The estate itself cannot be made.
fn broken(operation: &'static str, trouble: &Trouble) -> Fault {
    Fault::new(FaultKind::Other("PracticeEstate".into()), operation, trouble.to_string())
}

impl Reads for Practice {
    fn fetch<'a>(&'a self, q: &'a Query, from: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        Box::pin(async move {
            let inner = &*self.inner;
            let sent = inner.clock.now();
            inner.wait(prng::of(&(q, from)), 1).await;
            let now = inner.clock.now().as_millisecond();
            let op = q.ask.operation();
            let mut state = inner.enter_for(op)?;
            let made = state.ready(&inner.options, op)?;
            made.world.step(now.div_euclid(1000));
            made.gate.pass(op, &q.at.region, now, &made.world.denied)?;
            let noted = breach::asked(&mut made.world, q) | squatter::asked(&mut made.world, q);
            let denied = made.gate.denied(&made.world.denied);
            let answer = answer::answer(&made.world, &denied, q, from);
            // whoever comes to it next comes to the same one, of whatever seed they would make another
            let is_new = std::mem::take(&mut state.shelf.is_new);
            let unkept = if noted || is_new { inner.wrote(&mut state) } else { None };
            drop(state);
            unkept.map_or(Ok(()), keep::Unkept::keep).map_err(|why| keep::unkept(op, &why))?;
            let (answer, next) = answer?;
            Ok(Page { answer, next, sent })
        })
    }
}

impl Estates for Practice {
    fn open<'a>(&'a self, context: &'a Context, _: Arc<dyn Prompt>) -> BoxFuture<'a, Result<Ports, Fault>> {
        Box::pin(async move {
            Ok(Ports {
                reads: Arc::new(self.clone()),
                writes: Some(Writes { changes: Arc::new(self.clone()), materials: Arc::new(self.clone()) }),
                outside: Arc::new(self.clone()),
                clock: Arc::clone(&self.inner.clock),
                region: context.region.clone().unwrap_or_else(Region::us_east_1),
                practice: true,
            })
        })
    }
}

/// Whether a question is asked where the practice estate is. In other Regions there is nothing, as in an
/// account that never used them.
fn is_here(at: &At) -> bool {
    at.region.as_str() == world::REGION
}
