//! Incidents: opens them, reads them with their runs, and writes what people say into their journals, which are kept
//! beside those of runs under the same locks and the same verification. A journal is locked for the moment of one
//! record only, so that several operators write to one incident and nothing of theirs is lost. It knows no screen.

mod access;
mod evidence;
mod fault;
mod files;
mod homes;
mod reading;
mod tell;
#[cfg(test)]
mod tests;
mod traffic;
mod who;

pub use evidence::{Gathering, KeptFile};
pub use fault::IncidentFault;
pub use reading::{KeptIncident, Standings};
pub use tell::{Listeners, contained};
pub use who::{Author, author};

use super::archive::Archive;
use crate::estate::{At, Clock, RunId, Timestamp, Untrusted};
use crate::journal::{Claim, Draft, RunName, Store};
use crate::runbook::incident::{Event, Incident, IncidentId, Phase, Stand};
use crate::runbook::run::Stamp;
use std::sync::Arc;
use std::time::Duration;

/// How long another's record is waited for, in all; one takes the length of two syncs.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long between two tries.
const PAUSE: Duration = Duration::from_millis(25);

/// What is said when an incident is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opening {
    /// What people call it.
    pub name: Untrusted,
    /// What is suspected.
    pub suspected: Untrusted,
    /// Since when it is known; since now, without it.
    pub known: Option<Timestamp>,
    /// Where.
    pub at: At,
    /// The context's name.
    pub context: Untrusted,
    /// It is about the practice estate.
    pub practice: bool,
}

/// The incidents of a state directory, for somebody who writes to them. Cloning shares it.
#[derive(Clone)]
pub struct Incidents {
    archive: Archive,
    clock: Arc<dyn Clock>,
    author: Author,
    read_only: bool,
}

impl Incidents {
    /// Incidents that are kept in `archive`, written to by `author`.
    #[must_use]
    pub fn new(archive: Archive, clock: Arc<dyn Clock>, author: Author, read_only: bool) -> Self {
        Self { archive, clock, author, read_only }
    }

    /// Opens an incident.
    ///
    /// # Errors
    /// Nothing may be changed or kept here; it has no name; it is known only in the future.
    pub async fn open(&self, opening: Opening) -> Result<Incident, IncidentFault> {
        let store = self.writable()?;
        let now = self.clock.now();
        if opening.name.wire().trim().is_empty() {
            return Err(IncidentFault::Usage("an incident needs a name that people call it by".to_owned()));
        }
        let known = opening.known.unwrap_or(now);
        if known > now {
            return Err(IncidentFault::Usage(
                "an incident cannot be known since a time that is to come".to_owned(),
            ));
        }
        let id = IncidentId::from_random(random()?);
        let event = Event::Opened {
            incident: id.clone(),
            name: opening.name,
            suspected: opening.suspected,
            known,
            at: opening.at,
            context: opening.context,
            practice: opening.practice,
        };
        let stamp = self.stamp(1, now);
        let incident = Incident::begin(&stamp, &event).map_err(|m| IncidentFault::nonsense(&id, &m))?;
        let opened = store.create(&journal_of(&id)?, self.claim(now)).await?;
        opened.writer.append(vec![draft(&stamp, &event)?]).await?;
        opened.writer.close().await?;
        Ok(incident)
    }

    /// Notes something.
    ///
    /// # Errors
    /// Nothing was said; as [`Incidents::add`].
    pub async fn note(&self, id: &IncidentId, text: &str) -> Result<Incident, IncidentFault> {
        self.add(id, Event::Noted { text: words(text)? }).await
    }

    /// Writes down what was decided.
    ///
    /// # Errors
    /// As [`Incidents::note`].
    pub async fn decide(&self, id: &IncidentId, text: &str) -> Result<Incident, IncidentFault> {
        self.add(id, Event::Decided { text: words(text)? }).await
    }

    /// Says that a phase was entered.
    ///
    /// # Errors
    /// As [`Incidents::note`].
    pub async fn enter(&self, id: &IncidentId, phase: Phase, why: &str) -> Result<Incident, IncidentFault> {
        self.add(id, Event::Entered { phase, why: words(why)? }).await
    }

    /// Sets aside a line of the recovery list, for a reason.
    ///
    /// # Errors
    /// There is no such line, or it is done; no reason was given; as [`Incidents::add`].
    pub async fn set_aside(&self, id: &IncidentId, due: &str, why: &str) -> Result<Incident, IncidentFault> {
        self.writable()?;
        let why = words(why)?;
        let picture = self.archive.picture(id.as_str()).await?;
        let given = crate::diagnose::quoted(due);
        let Some(line) = picture.due(due) else {
            let known: Vec<&str> = picture.to_do().map(|line| line.id.as_str()).collect();
            let open = if known.is_empty() { "none is open".to_owned() } else { known.join(", ") };
            return Err(IncidentFault::Usage(format!(
                "the recovery list has no line {given}; open are: {open}"
            )));
        };
        if let Stand::Done { how, .. } = &line.stand {
            return Err(IncidentFault::Usage(format!("the line {given} is done: {how}")));
        }
        self.add(id, Event::SetAside { due: line.id.clone(), what: line.text.clone(), why }).await
    }

    /// Attaches a run; one that is attached already stays so.
    ///
    /// # Errors
    /// There is no such run, or it is of another world; as [`Incidents::add`].
    pub async fn attach(&self, id: &IncidentId, run: &str) -> Result<(Incident, RunId), IncidentFault> {
        self.writable()?;
        let kept = self.archive.read(run).await?;
        let incident = self.archive.incident(id.as_str()).await?.incident;
        let run = kept.run.id.clone();
        if incident.has(&run) {
            return Ok((incident, run));
        }
        if incident.practice != kept.run.practice {
            let words =
                format!("run {run} and incident {id} are of different worlds: one of them is practice");
            return Err(IncidentFault::Refused(words));
        }
        let event = Event::Attached { run: run.clone(), runbook: kept.run.definition.name.clone() };
        match self.add(id, event).await {
            Ok(incident) => Ok((incident, run)),
            // Somebody else attached it meanwhile.
            Err(fault) => match self.archive.incident(id.as_str()).await {
                Ok(now) if now.incident.has(&run) => Ok((now.incident, run)),
                Ok(_) | Err(_) => Err(fault),
            },
        }
    }

    /// Closes an incident. While something is open a reason is needed, and what is open is written down with it.
    ///
    /// # Errors
    /// Something is open and no reason was given; as [`Incidents::add`].
    pub async fn close(&self, id: &IncidentId, reason: Option<&str>) -> Result<Incident, IncidentFault> {
        self.writable()?;
        let picture = self.archive.picture(id.as_str()).await?;
        if picture.incident.closed.is_some() {
            return Err(IncidentFault::Closed(id.clone()));
        }
        let open = picture.open();
        let reason = reason.filter(|r| !r.trim().is_empty());
        if !open.is_empty() && reason.is_none() {
            return Err(IncidentFault::Open { id: id.clone(), ends: open });
        }
        let reason = reason.map(|r| Untrusted::from(r.trim()));
        self.add(id, Event::Closed { reason, open }).await
    }

    /// Writes one record. The journal is locked for that moment; who has it just then is waited for.
    ///
    /// # Errors
    /// Nothing may be changed or kept here; there is no such incident; it is closed; its journal is damaged, or in
    /// somebody's hands for longer than any record takes.
    pub async fn add(&self, id: &IncidentId, event: Event) -> Result<Incident, IncidentFault> {
        let store = self.writable()?;
        let journal = journal_of(id)?;
        let opened = self.taken(store, &journal).await?;
        let written = async {
            let folded = reading::fold(&opened.records)?;
            let mut incident = folded.ok_or_else(|| IncidentFault::none(id.as_str()))?.incident;
            let stamp = self.stamp(incident.seq + 1, self.clock.now());
            let was_closed = incident.closed.is_some();
            incident.apply(&stamp, &event).map_err(|misfit| match was_closed {
                true => IncidentFault::Closed(id.clone()),
                false => IncidentFault::Usage(misfit.why),
            })?;
            opened.writer.append(vec![draft(&stamp, &event)?]).await?;
            Ok(incident)
        };
        let written: Result<Incident, IncidentFault> = written.await;
        let closed = opened.writer.close().await;
        let incident = written?;
        closed?;
        Ok(incident)
    }

    async fn taken(
        &self,
        store: &Arc<dyn Store>,
        journal: &RunName,
    ) -> Result<crate::journal::Opened, IncidentFault> {
        let began = tokio::time::Instant::now();
        loop {
            match store.open(journal, self.claim(self.clock.now())).await {
                Err(crate::journal::Error::Held { .. }) if began.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                }
                taken => return Ok(taken?),
            }
        }
    }

    fn writable(&self) -> Result<&Arc<dyn Store>, IncidentFault> {
        if self.read_only {
            return Err(IncidentFault::ReadOnly);
        }
        Ok(self.archive.store()?)
    }

    fn stamp(&self, seq: u64, at: Timestamp) -> Stamp {
        Stamp { seq, at, by: self.author.by.clone(), host: self.author.host.clone() }
    }

    fn claim(&self, at: Timestamp) -> Claim {
        Claim { at, by: self.author.by.wire().to_owned() }
    }
}

fn words(text: &str) -> Result<Untrusted, IncidentFault> {
    match text.trim() {
        "" => Err(IncidentFault::Usage("nothing was said: the words are what is kept".to_owned())),
        text => Ok(Untrusted::from(text)),
    }
}

fn draft(stamp: &Stamp, event: &Event) -> Result<Draft, IncidentFault> {
    Draft::new(stamp.at, stamp.by.wire(), event)
        .map_err(|e| IncidentFault::Refused(format!("an event cannot be written as JSON: {e}")))
}

fn journal_of(id: &IncidentId) -> Result<RunName, IncidentFault> {
    id.as_str().parse().map_err(|_| IncidentFault::none(id.as_str()))
}

fn random() -> Result<[u8; 4], IncidentFault> {
    let mut bytes = [0_u8; 4];
    getrandom::fill(&mut bytes).map_err(|e| {
        IncidentFault::Refused(format!("the system gives no randomness: {e}; nothing is opened"))
    })?;
    Ok(bytes)
}
