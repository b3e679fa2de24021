//! Runs of runbooks: lists and reads them, plans, starts and resumes them, and drives those in hand. It stands
//! between the pure step machine, the journal and the ports, and knows neither a screen nor a verb by name.

mod book;
pub mod desk;
mod driver;
mod executor;
mod fault;
mod leases;
mod live;
mod planning;
mod preflight;
pub(in crate::engine) mod reading;
mod recall;
mod settle;
mod supply;
mod wants;

pub use fault::{Class, RunsFault};
pub use live::{Brake, Live};

use super::archive::Archive;
use super::gate::Gate;
use crate::estate::{At, Identity, Ports, RunId, Salt, Untrusted, Vault};
use crate::journal::{Claim, RunName, Store};
use crate::runbook::run::{Run, Stamp};
use crate::runbook::{Event, Plan, RunLine, Verb};
use book::{Book, Scribe};
use live::Taken;
use reading::Reader;
use std::sync::Arc;

/// Finds a verb by its name.
pub type Registry = fn(&str) -> Option<&'static dyn Verb>;

/// Who is at work, for the records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// The principal as far as it is known; what AWS says replaces it.
    pub principal: Untrusted,
    /// The machine.
    pub host: Untrusted,
    /// The process.
    pub pid: u32,
}

/// What the context says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    /// Its name.
    pub context: Untrusted,
    /// Nothing may be changed in it.
    pub read_only: bool,
    /// Changes in it need the account's name typed, once for a run.
    pub production: bool,
}

/// The runs of a state directory, seen from one context. Cloning shares it.
#[derive(Clone)]
pub struct Runs {
    shared: Arc<Shared>,
}

struct Shared {
    reader: Reader,
    store: Option<Arc<dyn Store>>,
    who: Who,
    site: Site,
    verbs: Registry,
}

impl Runs {
    /// Runs over `ports`, kept in `store`; without a store there are none, and none can be started.
    #[must_use]
    pub fn new(ports: Ports, store: Option<Arc<dyn Store>>, who: Who, site: Site) -> Self {
        Self::with_verbs(ports, store, who, site, crate::runbook::verbs::find)
    }

    /// The same with other verbs than those of this version.
    #[must_use]
    pub fn with_verbs(
        ports: Ports,
        store: Option<Arc<dyn Store>>,
        who: Who,
        site: Site,
        verbs: Registry,
    ) -> Self {
        let gate = Gate::new(ports.clock.clone());
        let reader = Reader { ports, gate };
        Self { shared: Arc::new(Shared { reader, store, who, site, verbs }) }
    }

    /// The same behind another's gate, so that polls and runs share one budget.
    #[must_use]
    pub fn behind(self, gate: Gate) -> Self {
        let Shared { reader, store, who, site, verbs } = &*self.shared;
        let reader = Reader { ports: reader.ports.clone(), gate };
        let (store, who, site) = (store.clone(), who.clone(), site.clone());
        Self { shared: Arc::new(Shared { reader, store, who, site, verbs: *verbs }) }
    }

    /// Every run that was begun here, the newest first; damaged ones say what is wrong with them.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn list(&self) -> Result<Vec<RunLine>, RunsFault> {
        Ok(Archive::of(self.shared.store.clone()).runs().await?)
    }

    /// A run as its journal tells.
    ///
    /// # Errors
    /// There is no such run, or its journal is damaged.
    pub async fn read(&self, id: &RunId) -> Result<Run, RunsFault> {
        recall::run(&self.verified(id).await?)
    }

    /// Everything that happened in a run, for exports.
    ///
    /// # Errors
    /// As [`Runs::read`].
    pub async fn events(&self, id: &RunId) -> Result<Vec<(Stamp, Event)>, RunsFault> {
        recall::events(&self.verified(id).await?)
    }

    async fn verified(&self, id: &RunId) -> Result<crate::journal::Verified, RunsFault> {
        let store = self.shared.store.as_ref().ok_or_else(|| RunsFault::NoRun(id.to_string()))?;
        let reading = store.read(&name_of(id)?).await?;
        let damaged = |d: &crate::journal::Damage| crate::journal::Error::Damaged(Box::new(d.clone()));
        let records = reading.sound().map_err(damaged)?;
        if records.is_empty() { Err(RunsFault::NoRun(id.to_string())) } else { Ok(records.clone()) }
    }

    /// Begins a run from a plan, and takes what it will change.
    ///
    /// # Errors
    /// Nothing may be changed or kept here; the plan is of another account or Region; another run holds what
    /// it would change; AWS does not say who asks.
    pub async fn start(&self, plan: Plan, vault: Vault) -> Result<Live, RunsFault> {
        let store = self.writable()?;
        let (at, identity) = self.here().await?;
        if at != plan.at {
            let words = "the plan is of another account or Region; plan again here".to_owned();
            return Err(RunsFault::Refused(words));
        }
        let resources = leases::planned(&plan);
        leases::free(store, &plan.run, &resources).await?;
        let alias = match self.shared.site.production {
            true => Some(self.shared.reader.alias(&at).await?),
            false => None,
        };
        let started = Event::Started {
            run: plan.run.clone(),
            planned: plan.planned(),
            plan_hash: plan.hash,
            definition: Box::new(plan.definition),
            inputs: plan.inputs,
            at,
            context: self.shared.site.context.clone(),
            alias,
            practice: self.shared.reader.ports.practice,
            salt: salt()?,
        };
        let (scribe, claim) = self.scribe(&identity);
        let opened = store.create(&name_of(&plan.run)?, claim.clone()).await?;
        let run = book::begin(&opened.writer, &scribe, &started).await?;
        let book = Book::open(run, opened.writer.clone(), scribe);
        if let Err(held) = leases::take(&opened.writer, &claim, resources).await {
            // Somebody was faster after we looked: this run never changes anything.
            book.save(vec![Event::Aborted { left: Vec::new() }]).await?;
            leases::release(store, &opened.writer).await?;
            book.close().await?;
            return Err(held);
        }
        let taken = Taken {
            store: store.clone(),
            book,
            vault,
            consents: recall::Consents::new(),
            by: identity.principal(),
            mended: opened.mended,
        };
        Ok(Live::new(self.shared.clone(), taken))
    }

    /// Takes up a run that somebody left.
    ///
    /// # Errors
    /// Nothing may be changed or kept here; another process has it in hand; its journal is damaged; it
    /// belongs to another account, Region or estate; AWS does not say who asks.
    pub async fn resume(&self, id: &RunId, vault: Vault) -> Result<Live, RunsFault> {
        let store = self.writable()?;
        let before = self.read(id).await?;
        let practice = self.shared.reader.ports.practice;
        if before.practice != practice {
            return Err(RunsFault::OtherWorld(id.clone(), practice));
        }
        let (at, identity) = self.here().await?;
        if before.at != at {
            return Err(RunsFault::Elsewhere {
                run: id.clone(),
                home: before.at,
                context: before.context,
                here: at,
            });
        }
        let (scribe, claim) = self.scribe(&identity);
        let opened = store.open(&name_of(id)?, claim).await?;
        let run = recall::run(&opened.records)?;
        let consents = recall::consents(&opened.records, &run)?;
        if !run.state().over() {
            // They are held since they were agreed to, unless somebody has removed the leases by hand.
            let claim = Claim { at: scribe.clock.now(), by: scribe.by.wire().to_owned() };
            let agreed = run.steps.iter().flat_map(|s| &s.changes).filter(|c| c.open() || c.stands());
            let resources: Vec<String> = agreed.map(|c| leases::resource(&c.what)).collect();
            leases::take(&opened.writer, &claim, resources).await?;
        }
        let mut events = vec![Event::Resumed { pid: self.shared.who.pid }];
        events.extend(not_begun(&run));
        let book = Book::open(run, opened.writer, scribe);
        book.save(events).await?;
        let taken = Taken {
            store: store.clone(),
            book,
            vault,
            consents,
            by: identity.principal(),
            mended: opened.mended,
        };
        Ok(Live::new(self.shared.clone(), taken))
    }

    /// What reads for runs, through their gate.
    pub(in crate::engine) fn reader(&self) -> &Reader {
        &self.shared.reader
    }

    /// The store, if anything may be changed here.
    fn writable(&self) -> Result<&Arc<dyn Store>, RunsFault> {
        if self.shared.site.read_only || self.shared.reader.ports.writes.is_none() {
            return Err(RunsFault::ReadOnly);
        }
        self.shared.store.as_ref().ok_or(RunsFault::NoState)
    }

    /// The account and Region of this context, and who asks in it.
    async fn here(&self) -> Result<(At, Identity), RunsFault> {
        let identity = self.shared.reader.identity().await?;
        let region = self.shared.reader.ports.region.clone();
        Ok((At { account: Some(identity.account.clone()), region }, identity))
    }

    fn scribe(&self, identity: &Identity) -> (Scribe, Claim) {
        let clock = self.shared.reader.ports.clock.clone();
        let by = identity.principal();
        let claim = Claim { at: clock.now(), by: by.wire().to_owned() };
        (Scribe { clock, by, host: self.shared.who.host.clone() }, claim)
    }
}

/// What was agreed to before and of which nothing was sent is void: days may lie between, and AWS is looked at
/// before anything is done. The step proposes it again if it is still the thing to do.
fn not_begun(run: &Run) -> Vec<Event> {
    if run.state().over() {
        return Vec::new();
    }
    let why = "nothing of it was sent before the run was left: the step looks anew and asks anew";
    let changes = run.steps.iter().flat_map(|s| (0..).zip(&s.changes).map(move |(n, c)| (s, n, c)));
    changes
        .filter(|(_, _, c)| c.open() && c.calls.is_empty() && c.tally.is_empty())
        .map(|(s, change, _)| Event::Void { step: s.id.clone(), change, why: why.to_owned() })
        .collect()
}

fn name_of(id: &RunId) -> Result<RunName, RunsFault> {
    id.as_str().parse().map_err(|_| RunsFault::NoRun(id.to_string()))
}

/// Sixteen random bytes in hex.
fn salt() -> Result<Salt, RunsFault> {
    let mut bytes = [0_u8; 16];
    random(&mut bytes)?;
    Ok(Salt(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into()))
}

fn random(bytes: &mut [u8]) -> Result<(), RunsFault> {
    getrandom::fill(bytes)
        .map_err(|e| RunsFault::Refused(format!("the system gives no randomness: {e}; nothing is started")))
}

#[cfg(test)]
mod tests;
