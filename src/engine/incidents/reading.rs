//! Reads incidents: the list, one, and one with everything that its runs tell. It changes nothing and asks no estate.

use super::fault::IncidentFault;
use crate::engine::archive::{Archive, ArchiveFault};
use crate::estate::{RunId, Timestamp, Untrusted};
use crate::journal::{Mark, RunName, Store, Verified};
use crate::runbook::incident::{
    AttachedRun, Event, Incident, IncidentId, IncidentLine, Phase, Picture, RunThere,
};
use crate::runbook::report::Chain;
use crate::runbook::run::Stamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The shortest beginning of an id, without its letters, that names an incident.
const SHORTEST: usize = 4;

/// The verified end of an incident's journal, and the marks of those of its runs.
type State = (Chain, Vec<Mark>);
/// What the runs of an open incident say of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Standing {
    /// The last phase that it is in.
    phase: Option<Phase>,
    /// Since when it is known, at the latest.
    known: Timestamp,
}

/// What the runs of each open incident said when they were last read, and how everything stood then. Shared by those who
/// read the same archive; nothing of it is stored.
#[derive(Clone, Default)]
pub struct Standings(Arc<Mutex<BTreeMap<IncidentId, (State, Standing)>>>);

impl Standings {
    /// What they said, if everything stands as it did.
    fn of(&self, id: &IncidentId, state: &State) -> Option<Standing> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).filter(|(then, _)| then == state).map(|(_, standing)| *standing)
    }

    fn keep(&self, id: &IncidentId, state: State, standing: Standing) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), (state, standing));
    }
}

/// An incident that was read and verified.
#[derive(Clone, Debug)]
pub struct KeptIncident {
    /// What its records add up to.
    pub incident: Incident,
    /// The records.
    pub events: Vec<(Stamp, Event)>,
    /// What verifying it found.
    pub chain: Chain,
}

/// The incident that records add up to; `None` without records.
pub(super) fn fold(records: &Verified) -> Result<Option<KeptIncident>, IncidentFault> {
    let nonsense = |why: String| IncidentFault::Nonsense {
        id: records.run().to_string(),
        why: Untrusted::from(why).shown().to_string(),
    };
    let mut events = Vec::with_capacity(records.len());
    for record in records.iter() {
        let event: Event = record.body().map_err(|e| nonsense(e.to_string()))?;
        let (by, host) = (Untrusted::from(record.by()), Untrusted::from(record.host()));
        events.push((Stamp { seq: record.seq(), at: record.at(), by, host }, event));
    }
    if events.is_empty() {
        return Ok(None);
    }
    let folded = Incident::fold(events.iter().map(|(stamp, event)| (stamp.clone(), event)));
    let incident = folded.map_err(|m| nonsense(m.to_string()))?;
    let head = records.head();
    let chain = Chain { records: head.count, head: head.hash.to_string() };
    Ok(Some(KeptIncident { incident, events, chain }))
}

async fn kept(store: &Arc<dyn Store>, journal: &RunName) -> Result<Option<KeptIncident>, IncidentFault> {
    let reading = store.read(journal).await?;
    fold(reading.sound().map_err(|d| ArchiveFault::Damaged(d.clone()))?)
}

async fn journals(store: &Arc<dyn Store>) -> Result<Vec<RunName>, IncidentFault> {
    let mut all = store.runs().await?;
    all.retain(|journal| IncidentId::names(journal.as_str()));
    Ok(all)
}

/// The incident of that name. One that cannot be read has none.
async fn called(
    store: &Arc<dyn Store>,
    journals: &[RunName],
    name: &str,
) -> Result<KeptIncident, IncidentFault> {
    let mut found = Vec::new();
    for journal in journals {
        found.extend(kept(store, journal).await.ok().flatten().filter(|k| k.incident.name.wire() == name));
    }
    if found.len() > 1 && found.iter().any(|k| k.incident.closed.is_none()) {
        found.retain(|k| k.incident.closed.is_none());
    }
    match found.len() {
        0 | 1 => found.pop().ok_or_else(|| IncidentFault::none(name)),
        _ => {
            let all = found.iter().map(|k| k.incident.id.to_string()).collect();
            Err(IncidentFault::Ambiguous { prefix: Untrusted::from(name), all })
        }
    }
}

impl Archive {
    /// All incidents, the newest first; those that cannot be read come first of all. Without a state directory there
    /// are none.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn incidents(&self) -> Result<Vec<IncidentLine>, IncidentFault> {
        let Ok(store) = self.store() else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        for journal in journals(store).await? {
            // A journal of another name than ours is no incident of ours: `verify` tells of it.
            let Some(id) = IncidentId::new(journal.as_str()) else { continue };
            lines.extend(match kept(store, &journal).await {
                Ok(None) => None,
                Ok(Some(kept)) => {
                    let standing = self.standing(&kept).await?;
                    let phase = standing.and_then(|s| s.phase);
                    let known = standing.map_or(kept.incident.known, |s| s.known);
                    Some(IncidentLine { id, there: Ok(Incident { known, ..kept.incident }), phase })
                }
                Err(fault) => Some(IncidentLine { id, there: Err(fault.to_string()), phase: None }),
            });
        }
        let opened = |line: &IncidentLine| line.there.as_ref().map_or(Timestamp::MAX, |i| i.opened_at);
        lines.sort_by_key(|line| std::cmp::Reverse(opened(line)));
        Ok(lines)
    }

    /// The incident whose id is `name` or alone begins with it; `i-` may be left out. Else the one that people call so: the
    /// only one, or the only one of them that is open.
    ///
    /// # Errors
    /// There is none or there are several, or it cannot be read and verified.
    pub async fn incident(&self, name: &str) -> Result<KeptIncident, IncidentFault> {
        let store = self.store()?;
        let wanted = IncidentId::completed(name);
        let all = journals(store).await?;
        let found = match all.iter().find(|journal| journal.as_str() == wanted) {
            Some(journal) => journal,
            None if wanted.len() < "i-".len() + SHORTEST => return called(store, &all, name).await,
            None => {
                let mut alike = all.iter().filter(|j| j.as_str().starts_with(&wanted));
                match (alike.next(), alike.next()) {
                    (None, _) => return called(store, &all, name).await,
                    (Some(one), None) => one,
                    (Some(one), Some(two)) => {
                        let all = [one, two].into_iter().chain(alike).map(ToString::to_string).collect();
                        return Err(IncidentFault::Ambiguous { prefix: Untrusted::from(name), all });
                    }
                }
            }
        };
        kept(store, found).await?.ok_or_else(|| IncidentFault::none(name))
    }

    /// An incident with what its runs tell.
    ///
    /// # Errors
    /// As [`Archive::incident`]. A run that cannot be read is a part of the picture.
    pub async fn picture(&self, name: &str) -> Result<Picture, IncidentFault> {
        let KeptIncident { incident, events, chain } = self.incident(name).await?;
        self.pictured(incident, &events, chain).await
    }

    /// What the runs of an incident that is open say of it. Its runs are read only if one of them, or the incident, has changed
    /// since they were last: this is asked at every stop of a run and every minute.
    async fn standing(&self, kept: &KeptIncident) -> Result<Option<Standing>, IncidentFault> {
        if kept.incident.closed.is_some() {
            return Ok(None);
        }
        // Before the reading: what is written meanwhile is read the next time.
        let state = self.state_of(kept).await?;
        if let Some(standing) = state.as_ref().and_then(|state| self.standings.of(&kept.incident.id, state)) {
            return Ok(Some(standing));
        }
        let picture = self.pictured(kept.incident.clone(), &kept.events, kept.chain.clone()).await?;
        let phase = picture.phases.iter().map(|reached| reached.phase).max();
        let standing = Standing { phase, known: picture.clock.known };
        // One that cannot be read may be mended without being touched: the heads are of all runs.
        if let Some(state) = state.filter(|_| picture.runs.iter().all(|run| run.run().is_some())) {
            self.standings.keep(&kept.incident.id, state, standing);
        }
        Ok(Some(standing))
    }

    /// By what an incident and its runs are known not to have changed; `None` if one of them cannot be.
    async fn state_of(&self, kept: &KeptIncident) -> Result<Option<State>, IncidentFault> {
        let mut marks = Vec::with_capacity(kept.incident.runs.len());
        for attached in &kept.incident.runs {
            let Ok(journal) = attached.run.as_str().parse() else { return Ok(None) };
            match self.store()?.mark(&journal).await? {
                Some(mark) => marks.push(mark),
                None => return Ok(None),
            }
        }
        Ok(Some((kept.chain.clone(), marks)))
    }

    async fn pictured(
        &self,
        incident: Incident,
        events: &[(Stamp, Event)],
        chain: Chain,
    ) -> Result<Picture, IncidentFault> {
        let mut runs = Vec::with_capacity(incident.runs.len());
        for attached in &incident.runs {
            runs.push(self.attached(&attached.run, &attached.runbook).await?);
        }
        Ok(Picture::of(incident, events, runs, chain))
    }

    async fn attached(&self, id: &RunId, runbook: &str) -> Result<AttachedRun, IncidentFault> {
        let (id, runbook) = (id.clone(), runbook.to_owned());
        Ok(match self.read(id.as_str()).await {
            Ok(kept) => {
                let in_hand = match id.as_str().parse() {
                    Ok(journal) => self.store()?.holder(&journal).await?.is_some(),
                    Err(_) => false, // it was just read under that name
                };
                let chain = Some(Chain { records: kept.records, head: kept.head.clone() });
                let there = RunThere::Read { run: Box::new(kept.run), in_hand };
                AttachedRun { id, runbook, there, events: kept.events, chain }
            }
            Err(fault) => AttachedRun {
                id,
                runbook,
                there: RunThere::Unreadable(fault.to_string()),
                events: Vec::new(),
                chain: None,
            },
        })
    }
}
