//! Incidents in the console's hands, backstage: orders become records in an incident's journal, and what comes of them
//! goes to the loop's inbox. What contains belongs to the incident that is open, and never waits for it.

use crate::config::Tell;
use crate::console::{IncidentNews, IncidentOrder, Saying};
use crate::engine::Archive;
use crate::engine::incidents::{IncidentFault, Incidents, Listeners, Opening, author};
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
            IncidentOrder::SetAside { id, due, why } => {
                match self.writer().await.set_aside(&id, &due, why.wire()).await {
                    Ok(_) => IncidentNews::Done("it is set aside, and why is kept".to_owned()),
                    Err(fault) => IncidentNews::Trouble(fault.to_string()),
                }
            }
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

    /// Attaches a run to the newest open incident that it belongs to; what came of it is to be said, and holds nothing
    /// up.
    pub async fn takes(&self, plan: &Plan, run: &RunId) -> Option<IncidentNews> {
        if self.read_only {
            return None;
        }
        let homes = self.archive.homes(plan, self.ports.practice).await;
        let open = homes.unwrap_or_default().into_iter().next()?; // a list that cannot be read says so itself
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SystemClock;
    use crate::estate::ask::Query;
    use crate::estate::{
        AccountId, At, BoxFuture, Canary, Cursor, Fault, FaultKind, Listener, Outside, Page, Reads, Region,
        Risk, Vault,
    };
    use crate::runbook::definition::shipped;
    use crate::runbook::incident::Phase;
    use crate::runbook::plan::{Allowed, PlannedStep};
    use std::sync::{Arc, Mutex};

    /// An estate that answers nothing, and whoever is told: they hear it, or are deaf.
    #[derive(Default)]
    struct Silent {
        heard: Mutex<Vec<String>>,
        deaf: bool,
    }

    impl Reads for Silent {
        fn fetch<'a>(&'a self, _: &'a Query, _: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
            Box::pin(async { Err(Fault::new(FaultKind::Unreachable, "sts", "nobody answers")) })
        }
    }

    impl Outside for Silent {
        fn canary<'a>(&'a self, _: &'a Canary, _: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
            Box::pin(async { Err(Fault::new(FaultKind::Unsupported, "", "no")) })
        }

        fn tell<'a>(
            &'a self,
            _: &'a Listener,
            text: &'a str,
            _: &'a Vault,
        ) -> BoxFuture<'a, Result<(), Fault>> {
            Box::pin(async move {
                if self.deaf {
                    return Err(Fault::new(FaultKind::Unreachable, "sns", "refused"));
                }
                self.heard.lock().unwrap().push(text.to_owned());
                Ok(())
            })
        }
    }

    fn book(estate: &Arc<Silent>, topic: bool, read_only: bool) -> Book {
        let ports = Ports {
            reads: estate.clone(),
            writes: None,
            outside: estate.clone(),
            clock: Arc::new(SystemClock),
            region: Region::new("eu-central-1").unwrap(),
            practice: false,
        };
        let topic = topic.then(|| "arn:aws:sns:eu-central-1:123456789012:incidents".to_owned());
        let (archive, context) = (Archive::in_memory(), Untrusted::from("prod-eu"));
        Book { archive, ports, context, read_only, tell: Tell { topic, webhook_file: None } }
    }

    async fn news(book: &Book, order: IncidentOrder) -> IncidentNews {
        match book.work(order).await {
            Came::News(news) => news,
            Came::Report(text) => panic!("{text}"),
        }
    }

    async fn opened(book: &Book, name: &str) -> IncidentId {
        let order = IncidentOrder::Open { name: name.into(), suspected: "a key is public".into() };
        match news(book, order).await {
            IncidentNews::Opened(id) => id,
            other => panic!("{other:?}"),
        }
    }

    fn plan(risk: Option<Risk>) -> Plan {
        let definition = shipped("role-sessions-revoked").unwrap().unwrap();
        let step = PlannedStep {
            id: "revoke".into(),
            title: "x".into(),
            kind: crate::runbook::StepKind::Change,
            skipped: false,
            summary: String::new(),
            changes: vec![],
            calls: vec![],
            risk,
            undo: vec![],
            breaks: vec![],
            leaves: vec![],
            allowed: Allowed::Unknown,
            evidence: vec![],
            outputs: [].into(),
            refusal: None,
        };
        Plan {
            definition,
            inputs: [].into(),
            at: At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() },
            run: RunId::new("7f3a0b1c").unwrap(),
            steps: vec![step],
            hash: String::new(),
        }
    }

    #[tokio::test]
    async fn orders_become_records_and_what_came_of_them_is_news() {
        let book = book(&Arc::new(Silent::default()), false, false);
        let id = opened(&book, "leak").await;
        let say = |what, text: &str| IncidentOrder::Say { id: id.clone(), what, text: text.into() };
        for (what, says) in [
            (Saying::Note, "noted"),
            (Saying::Decision, "the decision is written down"),
            (Saying::Phase(Phase::Containment), "the phase containment is entered"),
        ] {
            assert_eq!(news(&book, say(what, "so it is")).await, IncidentNews::Done(says.to_owned()));
        }
        let IncidentNews::Trouble(why) = news(&book, say(Saying::Note, "  ")).await else { panic!() };
        assert!(why.contains("nothing was said"), "{why}");
        let IncidentNews::Read(picture) = news(&book, IncidentOrder::Read(id.clone())).await else {
            panic!()
        };
        let incident = &picture.incident;
        assert_eq!((incident.notes.len(), incident.decisions.len(), incident.entered.len()), (1, 1, 1));
        assert_eq!(incident.at.account, None, "AWS did not say");
        let IncidentNews::List(Ok(list)) = book.list().await else { panic!() };
        assert_eq!(list.iter().map(|line| &line.id).collect::<Vec<_>>(), [&id]);
        let Came::Report(text) = book.work(IncidentOrder::Report(id.clone())).await else { panic!() };
        assert!(text.starts_with("# Incident: leak (open)"), "{text}");
        let aside = IncidentOrder::SetAside { id: id.clone(), due: "0a1b2c".into(), why: "x".into() };
        let IncidentNews::Trouble(why) = news(&book, aside).await else { panic!() };
        assert!(why.contains("0a1b2c"), "{why}");
        let attach = IncidentOrder::Attach { id: id.clone(), run: RunId::new("7f3a0b1c").unwrap() };
        assert!(matches!(news(&book, attach).await, IncidentNews::Trouble(_)), "there is no such run");
        let closed = news(&book, say(Saying::Close, "a drill")).await;
        assert_eq!(closed, IncidentNews::Done(format!("incident {id} is closed")));
        assert!(matches!(news(&book, say(Saying::Decision, "late")).await, IncidentNews::Trouble(_)));
    }

    #[tokio::test]
    async fn nothing_is_written_read_only() {
        let writes = book(&Arc::new(Silent::default()), true, false);
        let id = opened(&writes, "leak").await;
        let reads = Book { read_only: true, ..writes.clone() };
        let open = IncidentOrder::Open { name: "x".into(), suspected: "y".into() };
        let note = IncidentOrder::Say { id: id.clone(), what: Saying::Note, text: "x".into() };
        for order in [open, note] {
            assert!(matches!(news(&reads, order).await, IncidentNews::Trouble(_)));
        }
        let run = RunId::new("7f3a0b1c").unwrap();
        assert_eq!(reads.takes(&plan(Some(Risk::Containing)), &run).await, None);
        assert_eq!(writes.archive.incident(id.as_str()).await.unwrap().chain.records, 1);
    }

    #[tokio::test]
    async fn what_contains_belongs_to_the_open_incident_and_never_waits_for_it() {
        let book = book(&Arc::new(Silent::default()), false, false);
        let run = RunId::new("7f3a0b1c").unwrap();
        assert_eq!(book.takes(&plan(Some(Risk::Containing)), &run).await, None, "none is open");
        let id = opened(&book, "leak").await;
        assert_eq!(book.takes(&plan(Some(Risk::Ordinary)), &run).await, None, "it contains nothing");
        let news = book.takes(&plan(Some(Risk::Containing)), &run).await;
        let Some(IncidentNews::Trouble(why)) = news else { panic!("{news:?}") };
        assert!(why.contains(&format!("is not attached to {id}")), "what cannot be attached is said: {why}");
    }

    #[tokio::test]
    async fn others_are_told_and_who_is_deaf_is_news() {
        let estate = Arc::new(Silent::default());
        let told = book(&estate, true, false);
        let id = opened(&told, "leak\u{1b}[2J").await;
        assert_eq!(told.tell(&id, Telling::Opened).await, []);
        let heard = estate.heard.lock().unwrap().clone();
        assert!(heard.len() == 1 && heard[0].contains("a key is public") && !heard[0].contains('\u{1b}'));
        let nobody = Book { tell: Tell::default(), ..told.clone() };
        assert_eq!(nobody.tell(&id, Telling::Opened).await, []);
        assert_eq!(estate.heard.lock().unwrap().len(), 1);
        let deaf = book(&Arc::new(Silent { deaf: true, ..Silent::default() }), true, false);
        let id = opened(&deaf, "leak").await;
        let news = deaf.tell(&id, Telling::Opened).await;
        assert!(
            matches!(&news[..], [IncidentNews::Trouble(why)] if why.contains("could not be told")),
            "{news:?}"
        );
        let kept = deaf.archive.incident(id.as_str()).await.unwrap().incident;
        assert!(kept.told[0].failed.is_some());
    }
}
