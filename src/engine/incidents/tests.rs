//! Incidents in a store: what several operators write at once is all there, what is refused, and what a list, a reading
//! and a verification see of them beside runs.

mod telling;

use super::*;
use crate::engine::SystemClock;
use crate::engine::archive::ArchiveFault;
use crate::estate::{AccountId, Region};
use crate::journal::store::BoxFuture;
use crate::journal::{Error, Files, Holder, Lease, Mark, Memory, Opened, Reading, Report};
use crate::runbook::Event as RunEvent;
use crate::runbook::incident::IncidentLine;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

fn place() -> At {
    At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() }
}

fn writer(archive: &Archive, by: &str, read_only: bool) -> Incidents {
    let author =
        Author { by: Untrusted::from(by), host: Untrusted::from("bastion"), at: place(), known: true };
    Incidents::new(archive.clone(), Arc::new(SystemClock), author, read_only)
}

fn opening(name: &str) -> Opening {
    Opening {
        name: Untrusted::from(name),
        suspected: Untrusted::from("a key is public"),
        known: None,
        at: place(),
        context: Untrusted::from("prod-eu"),
        practice: false,
    }
}

fn stores(dir: &Path) -> [Archive; 2] {
    [
        Archive::of(Some(Arc::new(Memory::new(Files::here())))),
        Archive::of(Some(Arc::new(Files::new(&dir.join("state"), Files::here())))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_operators_write_at_once_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    for archive in stores(dir.path()) {
        let id = writer(&archive, "ops/alice", false).open(opening("leak")).await.unwrap().id;
        let mut tasks = Vec::new();
        for operator in 0..4 {
            let (incidents, id) = (writer(&archive, &format!("ops/{operator}"), false), id.clone());
            tasks.push(tokio::spawn(async move {
                for n in 0..5 {
                    incidents.note(&id, &format!("note {n} of {operator}")).await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let kept = archive.incident(id.as_str()).await.unwrap();
        assert_eq!((kept.incident.notes.len(), kept.chain.records), (20, 21));
        for operator in 0..4 {
            let by = format!("ops/{operator}");
            let own: Vec<_> = kept.incident.notes.iter().filter(|n| n.by.wire() == by).collect();
            let texts: Vec<String> = own.iter().map(|n| n.text.wire().to_owned()).collect();
            assert_eq!(texts, (0..5).map(|n| format!("note {n} of {operator}")).collect::<Vec<_>>());
        }
        let verified = archive.verify().await.unwrap();
        assert!(verified.is_sound() && verified.records == 21, "{verified:?}");
    }
}

#[tokio::test]
async fn an_incident_is_found_by_its_beginning_and_is_no_run() {
    let dir = tempfile::tempdir().unwrap();
    for archive in stores(dir.path()) {
        let incident = writer(&archive, "ops/alice", false).open(opening("leak")).await.unwrap();
        let id = incident.id.as_str().to_owned();
        for name in [&id[..], &id[2..], &id[..7], &id[2..6]] {
            assert_eq!(archive.incident(name).await.unwrap().incident, incident, "{name}");
        }
        let called = incident.name.wire();
        assert_eq!(archive.incident(called).await.unwrap().incident, incident, "by what people call it");
        for name in ["", "i-", &id[..4], "i-zzzz", "zzzz"] {
            assert!(matches!(archive.incident(name).await, Err(IncidentFault::NoIncident(_))), "{name}");
        }
        assert_eq!(archive.runs().await.unwrap(), [], "a list of runs has none");
        assert!(matches!(archive.read(&id).await, Err(ArchiveFault::NoRun(_))));
        let lines = archive.incidents().await.unwrap();
        let phase = Some(Phase::Detection);
        assert_eq!(lines, [IncidentLine { id: incident.id.clone(), there: Ok(incident), phase }]);
    }
    assert_eq!(Archive::of(None).incidents().await.unwrap(), []);
}

#[tokio::test]
async fn of_those_that_are_called_alike_the_one_that_is_open_is_meant() {
    let dir = tempfile::tempdir().unwrap();
    for archive in stores(dir.path()) {
        let writer = writer(&archive, "ops/alice", false);
        let first = writer.open(opening("leaked-key")).await.unwrap();
        let second = writer.open(opening("leaked-key")).await.unwrap();
        let both = archive.incident("leaked-key").await;
        assert!(matches!(both, Err(IncidentFault::Ambiguous { all, .. }) if all.len() == 2));
        writer.close(&first.id, Some("another team goes on")).await.unwrap();
        assert_eq!(archive.incident("leaked-key").await.unwrap().incident.id, second.id);
    }
}

#[tokio::test]
async fn what_may_not_be_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for archive in stores(dir.path()) {
        let (incidents, reader) = (writer(&archive, "ops/alice", false), writer(&archive, "ops/bob", true));
        assert_eq!(reader.open(opening("leak")).await, Err(IncidentFault::ReadOnly));
        assert!(matches!(incidents.open(opening("  ")).await, Err(IncidentFault::Usage(_))));
        let ahead = Opening { known: Some("2999-01-01T00:00:00Z".parse().unwrap()), ..opening("leak") };
        assert!(matches!(incidents.open(ahead).await, Err(IncidentFault::Usage(_))));
        let id = incidents.open(opening("leak")).await.unwrap().id;
        assert_eq!(reader.note(&id, "x").await, Err(IncidentFault::ReadOnly));
        assert!(matches!(reader.attach(&id, "7f3a0b1c").await, Err(IncidentFault::ReadOnly)));
        assert_eq!(reader.close(&id, None).await, Err(IncidentFault::ReadOnly));
        assert!(matches!(incidents.note(&id, " \n").await, Err(IncidentFault::Usage(_))));
        assert!(matches!(
            incidents.attach(&id, "7f3a0b1c").await,
            Err(IncidentFault::Archive(ArchiveFault::NoRun(_)))
        ));
        let other = IncidentId::new("i-00000000").unwrap();
        let missing = incidents.note(&other, "x").await.unwrap_err();
        assert!(missing.to_string().contains("i-00000000"), "{missing}");
        assert_eq!(archive.incident(id.as_str()).await.unwrap().chain.records, 1);
        incidents.close(&id, None).await.unwrap();
        assert_eq!(incidents.close(&id, None).await, Err(IncidentFault::Closed(id.clone())));
        assert_eq!(incidents.decide(&id, "x").await, Err(IncidentFault::Closed(id.clone())));
        incidents.note(&id, "learned").await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_journal_is_told_and_not_written_to() {
    let dir = tempfile::tempdir().unwrap();
    let [_, archive] = stores(dir.path());
    let incidents = writer(&archive, "ops/alice", false);
    let id = incidents.open(opening("leak")).await.unwrap().id;
    incidents.note(&id, "it was alice").await.unwrap();
    let file = dir.path().join(format!("state/runs/{id}.jsonl"));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("it was alice", "it was a bot")).unwrap();
    let refused = incidents.note(&id, "more").await.unwrap_err();
    assert_eq!(refused.class(), crate::engine::runs::Class::Refused, "{refused}");
    let lines = archive.incidents().await.unwrap();
    assert!(lines[0].there.as_ref().is_err_and(|why| why.contains("does not verify")), "{lines:?}");
    assert!(!archive.verify().await.unwrap().is_sound());
    assert_eq!(archive.runs().await.unwrap(), []);
}

/// Counts how often a journal is read.
struct Counted(Memory, AtomicUsize);

impl Store for Counted {
    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunName>, Error>> {
        self.0.runs()
    }
    fn read<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Reading, Error>> {
        if !IncidentId::names(run.as_str()) {
            self.1.fetch_add(1, Ordering::SeqCst);
        }
        self.0.read(run)
    }
    fn mark<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Option<Mark>, Error>> {
        self.0.mark(run)
    }
    fn holder<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Option<Holder>, Error>> {
        self.0.holder(run)
    }
    fn leases(&self) -> BoxFuture<'_, Result<Vec<Lease>, Error>> {
        self.0.leases()
    }
    fn create<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>> {
        self.0.create(run, claim)
    }
    fn open<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>> {
        self.0.open(run, claim)
    }
    fn verify(&self) -> BoxFuture<'_, Result<Report, Error>> {
        self.0.verify()
    }
}

/// A list says how far each incident is; the runs are read for it only when something has changed.
#[tokio::test]
async fn a_list_reads_only_the_runs_of_what_has_changed() {
    let store = Arc::new(Counted(Memory::new(Files::here()), AtomicUsize::new(0)));
    let archive = Archive::of(Some(store.clone()));
    let incidents = writer(&archive, "ops/alice", false);
    let id = incidents.open(opening("leak")).await.unwrap().id;
    let run = RunId::from_random([1; 4]);
    let journal: RunName = run.as_str().parse().unwrap();
    let claim = Claim { at: SystemClock.now(), by: "ops/alice".into() };
    let began = store.create(&journal, claim).await.unwrap().writer;
    let draft = |event: &RunEvent| Draft::new(SystemClock.now(), "ops/alice", event).unwrap();
    let definition = crate::runbook::definition::shipped("iam-key-compromised").unwrap().unwrap();
    let started = RunEvent::Started {
        run: run.clone(),
        definition: Box::new(definition),
        inputs: [].into(),
        at: place(),
        context: "prod-eu".into(),
        alias: None,
        practice: false,
        salt: crate::estate::Salt("5a17".into()),
        plan_hash: "abcdef".into(),
        planned: [].into(),
    };
    began.append(vec![draft(&started)]).await.unwrap();
    incidents.attach(&id, run.as_str()).await.unwrap();
    let phase = async || archive.incidents().await.unwrap()[0].phase;
    let read = || store.1.swap(0, Ordering::SeqCst);
    read();
    assert_eq!((phase().await, read()), (Some(Phase::Detection), 1));
    assert_eq!((phase().await, read()), (Some(Phase::Detection), 0), "nothing has changed");
    began.append(vec![draft(&RunEvent::Began { step: "evidence".into() })]).await.unwrap();
    assert_eq!((phase().await, read()), (Some(Phase::Investigation), 1), "the run has");
    assert_eq!((phase().await, read()), (Some(Phase::Investigation), 0));
    incidents.enter(&id, Phase::Lessons, "over").await.unwrap();
    assert_eq!((phase().await, read()), (Some(Phase::Lessons), 1), "the incident has");
}

/// What a file was is told by more than its length.
#[tokio::test]
async fn a_journal_that_was_touched_has_another_mark() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::new(&dir.path().join("state"), Files::here());
    let archive = Archive::of(Some(Arc::new(files.clone())));
    let id = writer(&archive, "ops/alice", false).open(opening("leak")).await.unwrap().id;
    let journal: RunName = id.as_str().parse().unwrap();
    let before = files.mark(&journal).await.unwrap().unwrap();
    assert_eq!(files.mark(&journal).await.unwrap(), Some(before));
    let file = dir.path().join(format!("state/runs/{id}.jsonl"));
    let text = std::fs::read_to_string(&file).unwrap();
    let (modified, other) =
        (std::fs::metadata(&file).unwrap().modified().unwrap(), file.with_extension("other"));
    std::fs::write(&other, text.replace("leak", "leek")).unwrap();
    std::fs::File::open(&other).unwrap().set_modified(modified).unwrap();
    std::fs::rename(&other, &file).unwrap();
    let after = files.mark(&journal).await.unwrap().unwrap();
    assert!(after != before && after.length == before.length, "{before:?} {after:?}");
    assert_eq!(files.mark(&"i-00000000".parse().unwrap()).await.unwrap(), None);
}
