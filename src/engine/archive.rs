//! What is kept of runs, read and verified without asking any estate: the list, one run, everything. And where
//! it is kept: the state directory, beside a practice estate, or in memory. It changes nothing.

use super::incidents::Standings;
use super::messages::known;
use super::runs::{Runs, Site, Who};
use crate::estate::{Ports, Timestamp, Untrusted};
use crate::journal::{self, Damage, Files, Memory, Store, Verified};
use crate::runbook::event::WaitingFor;
use crate::runbook::incident::IncidentId;
use crate::runbook::run::Stamp;
use crate::runbook::{Event, Run, RunLine, RunState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use crate::journal::Report as Verification;

/// The shortest beginning of an id that names a run.
const SHORTEST_PREFIX: usize = 4;

/// Where runs are kept.
#[derive(Clone)]
pub struct Archive {
    store: Option<Arc<dyn Store>>,
    /// The directory, where it is one.
    dir: Option<PathBuf>,
    /// How each incident stood when it was last read.
    pub(super) standings: Standings,
    /// Exports that were made by this process.
    pub(super) exports: known::Memory,
}

/// Why a run cannot be read. The words are safe to draw.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArchiveFault {
    /// There is nowhere to keep a journal.
    #[error("there is no state directory to keep journals in; name one with --state-dir")]
    NoState,
    /// The journal cannot be read.
    #[error("{0}")]
    Journal(journal::Error),
    /// It does not verify.
    #[error("the journal does not verify: {0}; `bartizan journal verify` tells all")]
    Damaged(Damage),
    /// It verifies, and what it says makes no sense to this version.
    #[error("the journal of run {run} cannot be followed: {why}")]
    Nonsense {
        /// The run.
        run: String,
        /// Why not.
        why: String,
    },
    /// No run begins like that.
    #[error("there is no run {}; `bartizan runs list` shows them", .0.shown())]
    NoRun(Untrusted),
    /// What was given is too short to mean one run, whatever runs there are.
    #[error("{} is too short: name at least the first 4 characters of a run", .0.shown())]
    Short(Untrusted),
    /// Several runs begin like that.
    #[error("several runs begin with {}: {}", .prefix.shown(), .runs.join(", "))]
    Ambiguous {
        /// What was given.
        prefix: Untrusted,
        /// The runs.
        runs: Vec<String>,
    },
}

impl From<journal::Error> for ArchiveFault {
    fn from(error: journal::Error) -> Self {
        Self::Journal(error)
    }
}

/// A run that was read and verified.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What its records add up to.
    pub run: Run,
    /// How many records there are.
    pub records: u64,
    /// The hash of the last line.
    pub head: String,
    pub(super) events: Vec<(Stamp, Event)>,
    verified: Verified,
}

impl Kept {
    /// Its records as JSON values, the oldest first.
    ///
    /// # Errors
    /// One is no JSON: cannot be, they are verified.
    pub fn lines(&self) -> Result<Vec<serde_json::Value>, ArchiveFault> {
        let parse = |line: &[u8]| serde_json::from_slice(line);
        self.verified.iter().map(|r| parse(r.line()).map_err(|e| nonsense(&self.verified, &e))).collect()
    }
}

impl Archive {
    /// In a directory, which is made with the first run; nowhere, if there is none.
    #[must_use]
    pub fn below(dir: Option<&Path>) -> Self {
        let store = dir.map(|dir| -> Arc<dyn Store> { Arc::new(Files::new(dir, Files::here())) });
        Self {
            store,
            dir: dir.map(Path::to_owned),
            standings: Standings::default(),
            exports: known::Memory::default(),
        }
    }

    /// In memory, gone with this process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(Some(Arc::new(Memory::new(Files::here()))))
    }

    /// Whether there is no place for a journal.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.store.is_none()
    }

    /// Where the runs of `store` are kept.
    #[must_use]
    pub fn of(store: Option<Arc<dyn Store>>) -> Self {
        Self { store, dir: None, standings: Standings::default(), exports: known::Memory::default() }
    }

    pub(super) fn store(&self) -> Result<&Arc<dyn Store>, ArchiveFault> {
        self.store.as_ref().ok_or(ArchiveFault::NoState)
    }

    /// The directory that it is in, where it is one.
    pub(super) fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// The runs that are kept here, over an opened estate.
    #[must_use]
    pub fn over(&self, ports: Ports, site: Site) -> Runs {
        let here = Files::here();
        let who =
            Who { principal: Untrusted::from("unknown"), host: Untrusted::from(here.host), pid: here.pid };
        Runs::new(ports, self.store.clone(), who, site)
    }

    /// All runs, the newest first; those that cannot be read say why and come first of all. Without a state
    /// directory there are none.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn runs(&self) -> Result<Vec<RunLine>, ArchiveFault> {
        Ok(self.each().await?.into_iter().map(|(line, _)| line).collect())
    }

    /// The same, with the runs themselves as far as they can be read.
    ///
    /// # Errors
    /// As [`Archive::runs`].
    pub async fn each(&self) -> Result<Vec<(RunLine, Option<Run>)>, ArchiveFault> {
        let Some(store) = &self.store else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for name in store.runs().await?.into_iter().filter(|name| !IncidentId::names(name.as_str())) {
            let read = store.read(&name).await.map_err(ArchiveFault::from);
            let kept = read.and_then(|reading| match reading.sound() {
                Ok(records) => kept(records.clone()),
                Err(damage) => Err(ArchiveFault::Damaged(damage.clone())),
            });
            // What is sent and not answered is in doubt only if nobody is at it.
            let at_it = store.holder(&name).await?.is_some();
            found.extend(match kept {
                Ok(None) => None,
                Ok(Some(kept)) => Some((line(&kept.run, at_it), Some(kept.run))),
                Err(fault) => damaged(name.as_str(), &fault).map(|line| (line, None)),
            });
        }
        found.sort_by_key(|(l, _)| std::cmp::Reverse(l.started.unwrap_or(Timestamp::MAX)));
        Ok(found)
    }

    /// The run whose id is `name` or alone begins with it.
    ///
    /// # Errors
    /// There is none or there are several, or it cannot be read and verified.
    pub async fn read(&self, name: &str) -> Result<Kept, ArchiveFault> {
        let store = self.store()?;
        let given = || Untrusted::from(name);
        let mut all = store.runs().await?;
        all.retain(|journal| !IncidentId::names(journal.as_str()));
        let exact = all.iter().find(|run| run.as_str() == name);
        let found = match exact {
            Some(run) => run,
            None if name.len() < SHORTEST_PREFIX => return Err(ArchiveFault::Short(given())),
            None => {
                let mut alike = all.iter().filter(|run| run.as_str().starts_with(name));
                match (alike.next(), alike.next()) {
                    (Some(one), None) => one,
                    (None, _) => return Err(ArchiveFault::NoRun(given())),
                    (Some(one), Some(two)) => {
                        let runs = [one, two].into_iter().chain(alike).map(ToString::to_string).collect();
                        return Err(ArchiveFault::Ambiguous { prefix: given(), runs });
                    }
                }
            }
        };
        let reading = store.read(found).await?;
        let records = reading.sound().map_err(|d| ArchiveFault::Damaged(d.clone()))?;
        kept(records.clone())?.ok_or_else(|| ArchiveFault::NoRun(given()))
    }

    /// Verifies everything.
    ///
    /// # Errors
    /// The store cannot be read. That it is damaged is told by the report.
    pub async fn verify(&self) -> Result<Verification, ArchiveFault> {
        match &self.store {
            Some(store) => Ok(store.verify().await?),
            None => Err(ArchiveFault::NoState),
        }
    }
}

/// The run that records add up to; `None` without records: a process died before the first was written.
fn kept(verified: Verified) -> Result<Option<Kept>, ArchiveFault> {
    let mut events = Vec::with_capacity(verified.len());
    for record in verified.iter() {
        let event: Event = record.body().map_err(|e| nonsense(&verified, &e))?;
        let (by, host) = (Untrusted::from(record.by()), Untrusted::from(record.host()));
        events.push((Stamp { seq: record.seq(), at: record.at(), by, host }, event));
    }
    if events.is_empty() {
        return Ok(None);
    }
    let run = Run::fold(events.iter().map(|(stamp, event)| (stamp.clone(), event)))
        .map_err(|misfit| nonsense(&verified, &misfit))?;
    let head = verified.head();
    Ok(Some(Kept { run, records: head.count, head: head.hash.to_string(), events, verified }))
}

fn nonsense(verified: &Verified, why: &dyn std::fmt::Display) -> ArchiveFault {
    let why = Untrusted::from(why.to_string()).shown().to_string();
    ArchiveFault::Nonsense { run: verified.run().to_string(), why }
}

/// A run in a list; a process may be at it.
fn line(run: &Run, at_it: bool) -> RunLine {
    let state = if at_it { run.state() } else { run.state_at_rest() };
    let waiting = run.waiting.as_ref().filter(|_| state == RunState::Waiting);
    let (why, until) = match waiting.map(|w| &w.for_what) {
        Some(WaitingFor::Time { until, why, .. } | WaitingFor::Settle { until, why }) => {
            (why.clone(), Some(*until))
        }
        Some(WaitingFor::Person { why, .. }) => (why.clone(), None),
        None => (String::new(), None),
    };
    RunLine {
        id: run.id.clone(),
        runbook: run.definition.name.clone(),
        state: Some(state),
        waiting: why,
        until,
        started: Some(run.started_at),
        by: run.started_by.clone(),
    }
}

/// A run that cannot be read. A file of another name than ours is no run of ours: `verify` tells of it.
fn damaged(name: &str, fault: &ArchiveFault) -> Option<RunLine> {
    Some(RunLine {
        id: crate::estate::RunId::new(name)?,
        runbook: String::new(),
        state: None,
        waiting: fault.to_string(),
        until: None,
        started: None,
        by: Untrusted::from(""),
    })
}
