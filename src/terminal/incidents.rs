//! Incidents in the console's hands, backstage: orders become records in an incident's journal, and what comes of them
//! goes to the loop's inbox. What contains belongs to the incident that is open, and never waits for it.

use crate::config::Tell;
use crate::console::{IncidentNews, IncidentOrder, Saying};
use crate::engine::Archive;
use crate::engine::incidents::{IncidentFault, Incidents, Listeners, Opening, author};
use crate::estate::change::Risk;
use crate::estate::{Ports, RunId, Untrusted};
use crate::runbook::incident::{IncidentId, Telling, report};
use crate::runbook::{Halt, Plan, Run};

/// Incidents over an open estate.
#[derive(Clone)]
pub struct Book {
    /// Where they are kept.
    pub archive: Archive,
    /// Who says who writes.
    pub ports: Ports,
    /// The context's name.
    pub context: Untrusted,
    /// Nothing may be changed.
    pub read_only: bool,
    /// Who is told.
    pub tell: Tell,
}

/// What came of an order.
pub enum Came {
    /// News.
    News(IncidentNews),
    /// An incident as Markdown.
    Report(String),
}

impl Book {
    /// Does what is wanted.
    pub async fn work(&self, order: IncidentOrder) -> Came {
        Came::News(match order {
            IncidentOrder::Read(id) => match self.archive.picture(id.as_str()).await {
                Ok(picture) => IncidentNews::Read(std::sync::Arc::new(picture)),
                Err(fault) => IncidentNews::Trouble(fault.to_string()),
            },
            IncidentOrder::Report(id) => match self.archive.picture(id.as_str()).await {
                Ok(picture) => {
                    return Came::Report(report::markdown(&picture, self.ports.clock.now()));
                }
                Err(fault) => IncidentNews::Trouble(fault.to_string()),
            },
            IncidentOrder::Open { name, suspected } => match self.open(name, suspected).await {
                Ok(id) => IncidentNews::Opened(id),
                Err(fault) => IncidentNews::Trouble(fault.to_string()),
            },
            IncidentOrder::Say { id, what, text } => match self.say(&id, what, text.wire()).await {
                Ok(words) => IncidentNews::Done(words),
                Err(fault) => IncidentNews::Trouble(fault.to_string()),
            },
            IncidentOrder::Attach { id, run } => match self.attach(&id, &run).await {
                Ok(()) => IncidentNews::Done(format!("run {run} belongs to incident {id}")),
                Err(fault) => IncidentNews::Trouble(fault.to_string()),
            },
        })
    }

    /// The incidents.
    pub async fn list(&self) -> IncidentNews {
        IncidentNews::List(self.archive.incidents().await.map_err(|fault| fault.to_string()))
    }

    /// Attaches a run that contains something to the newest incident that is open; what came of it is to be said, and
    /// holds nothing up.
    pub async fn contains(&self, plan: &Plan, run: &RunId) -> Option<IncidentNews> {
        let contains = plan.steps.iter().any(|s| s.risk == Some(Risk::Containing));
        if !contains || self.read_only {
            return None;
        }
        let lines = self.archive.incidents().await.unwrap_or_default(); // a list that cannot be read says so itself
        let open = lines.into_iter().find(|l| l.there.as_ref().is_ok_and(|i| i.closed.is_none()))?;
        Some(match self.attach(&open.id, run).await {
            Ok(()) => IncidentNews::Done(format!("run {run} belongs to incident {}", open.id)),
            Err(fault) => IncidentNews::Trouble(format!("the run is not attached to {}: {fault}", open.id)),
        })
    }

    /// Tells what a run of an open incident has contained and what it waits for; what could not be told is news.
    pub async fn tell_of(&self, run: &Run, known: usize, halt: &Halt) -> Vec<IncidentNews> {
        let listeners = self.listeners();
        if listeners.is_nobody() || self.read_only {
            return Vec::new();
        }
        match self.writer().await.tell_of_run(&listeners, run, known, Some(halt)).await {
            Ok(failed) => failed.into_iter().map(IncidentNews::Trouble).collect(),
            Err(fault) => vec![IncidentNews::Trouble(format!("nobody could be told: {fault}"))],
        }
    }

    /// Tells that an incident was opened or closed; what could not be told is news.
    pub async fn tell(&self, id: &IncidentId, what: Telling) -> Vec<IncidentNews> {
        let listeners = self.listeners();
        if listeners.is_nobody() {
            return Vec::new();
        }
        let told = match self.archive.incident(id.as_str()).await {
            Ok(kept) => self.writer().await.tell(&listeners, &kept.incident, what).await,
            Err(fault) => Err(fault),
        };
        match told {
            Ok(failed) => failed.into_iter().map(IncidentNews::Trouble).collect(),
            Err(fault) => vec![IncidentNews::Trouble(format!("nobody could be told: {fault}"))],
        }
    }

    fn listeners(&self) -> Listeners {
        Listeners::of(&self.tell, self.ports.outside.clone())
    }

    async fn writer(&self) -> Incidents {
        let author = author(&self.ports).await;
        Incidents::new(self.archive.clone(), self.ports.clock.clone(), author, self.read_only)
    }

    async fn open(&self, name: Untrusted, suspected: Untrusted) -> Result<IncidentId, IncidentFault> {
        let author = author(&self.ports).await;
        let at = author.at.clone();
        let incidents =
            Incidents::new(self.archive.clone(), self.ports.clock.clone(), author, self.read_only);
        let (context, practice) = (self.context.clone(), self.ports.practice);
        let opening = Opening { name, suspected, known: None, at, context, practice };
        Ok(incidents.open(opening).await?.id)
    }

    async fn say(&self, id: &IncidentId, what: Saying, text: &str) -> Result<String, IncidentFault> {
        let incidents = self.writer().await;
        Ok(match what {
            Saying::Note => {
                incidents.note(id, text).await?;
                "noted".to_owned()
            }
            Saying::Decision => {
                incidents.decide(id, text).await?;
                "the decision is written down".to_owned()
            }
            Saying::Phase(phase) => {
                incidents.enter(id, phase, text).await?;
                format!("the phase {} is entered", phase.word())
            }
            Saying::Close => {
                incidents.close(id, Some(text)).await?;
                format!("incident {id} is closed")
            }
        })
    }

    async fn attach(&self, id: &IncidentId, run: &RunId) -> Result<(), IncidentFault> {
        self.writer().await.attach(id, run.as_str()).await.map(|_| ())
    }
}
