//! Who is told what of an incident, and that nobody who cannot be told holds anything up.

use super::{opening, stores, writer};
use crate::config::Tell;
use crate::engine::incidents::Listeners;
use crate::estate::{
    BoxFuture, Canary, Fault, FaultKind, Listener, Outside, RunId, Timestamp, Untrusted, Vault,
};
use crate::runbook::definition::shipped;
use crate::runbook::incident::{Event, Telling};
use crate::runbook::need::Question;
use crate::runbook::run::{Run, Stamp};
use crate::runbook::{Event as RunEvent, Halt};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Hears everything; or answers with a fault.
#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<String>>,
    deaf: bool,
}

impl Outside for Ear {
    fn canary<'a>(&'a self, _: &'a Canary, _: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        Box::pin(async { Err(Fault::new(FaultKind::Unsupported, "", "no")) })
    }

    fn tell<'a>(
        &'a self,
        to: &'a Listener,
        text: &'a str,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            if let Listener::Webhook(slot) = to {
                assert!(vault.holds(slot), "the address is at hand");
            }
            if self.deaf {
                return Err(Fault::new(FaultKind::Unreachable, "webhook", "hooks.example: refused"));
            }
            self.heard.lock().unwrap().push(text.to_owned());
            Ok(())
        })
    }
}

fn file(dir: &Path, name: &str, text: &str, mode: u32) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_telling_is_heard_and_written_down_without_the_address() {
    let dir = tempfile::tempdir().unwrap();
    let [_, archive] = stores(dir.path());
    let incidents = writer(&archive, "ops/alice", false);
    let hook = file(dir.path(), "hook", "https://hooks.example/hunter2\n", 0o600);
    let topic = Some("arn:aws:sns:eu-central-1:123456789012:incidents".to_owned());
    let ear = Arc::new(Ear::default());
    let listeners = Listeners::of(&Tell { topic, webhook_file: Some(hook) }, ear.clone());
    let incident = incidents.open(opening("leak\u{1b}[2J")).await.unwrap();
    assert_eq!(incidents.tell(&listeners, &incident, Telling::Opened).await.unwrap(), Vec::<String>::new());
    let closed = incidents.close(&incident.id, None).await.unwrap();
    incidents.tell(&listeners, &closed, Telling::Closed).await.unwrap();
    let heard = ear.heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 4, "{heard:?}");
    assert!(heard[0].contains("leak\\x1b[2J") && heard[0].contains("opened by ops/alice: a key is public"));
    assert!(heard[3].contains("closed by ops/alice") && !heard.concat().contains('\u{1b}'));
    let kept = archive.incident(incident.id.as_str()).await.unwrap();
    let ways: Vec<&str> = kept.incident.told.iter().map(|t| t.way.wire()).collect();
    assert_eq!(ways, ["topic", "webhook", "topic", "webhook"]);
    assert!(kept.incident.told.iter().all(|t| t.failed.is_none()));
    let journal =
        std::fs::read_to_string(dir.path().join(format!("state/runs/{}.jsonl", incident.id))).unwrap();
    assert!(!journal.contains("hunter2"), "{journal}");
}

#[tokio::test]
async fn who_cannot_be_told_is_written_down_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let [archive, _] = stores(dir.path());
    let incidents = writer(&archive, "ops/alice", false);
    let ear = Arc::new(Ear { deaf: true, ..Ear::default() });
    let incident = incidents.open(opening("leak")).await.unwrap();
    for (hook, says) in [
        (file(dir.path(), "good", "https://hooks.example/x", 0o600), "refused"),
        (file(dir.path(), "open", "https://hooks.example/x", 0o644), "chmod 600"),
        (file(dir.path(), "empty", " \n", 0o600), "is empty"),
        (dir.path().join("none").to_str().unwrap().to_owned(), "is not there"),
    ] {
        let listeners = Listeners::of(&Tell { topic: None, webhook_file: Some(hook) }, ear.clone());
        let failed = incidents.tell(&listeners, &incident, Telling::Opened).await.unwrap();
        assert!(failed.len() == 1 && failed[0].contains(says), "{failed:?}");
    }
    let kept = archive.incident(incident.id.as_str()).await.unwrap().incident;
    assert_eq!(kept.told.iter().filter(|t| t.failed.is_some()).count(), 4);
    assert!(Listeners::of(&Tell::default(), ear).is_nobody());
}

fn stamped(seq: u64) -> Stamp {
    let at = Timestamp::from_second(1_790_000_000 + i64::try_from(seq).unwrap()).unwrap();
    Stamp { seq, at, by: Untrusted::from("ops/bob"), host: Untrusted::from("bastion") }
}

/// A run that stands at its manual step.
fn asking() -> Run {
    let inputs = [("role".to_owned(), crate::runbook::Value::Text("deploy".into()))];
    let started = RunEvent::Started {
        run: RunId::new("7f3a0b1c").unwrap(),
        definition: Box::new(shipped("role-sessions-revoked").unwrap().unwrap()),
        inputs: inputs.into(),
        at: super::place(),
        context: Untrusted::from("test"),
        alias: None,
        practice: false,
        salt: crate::estate::Salt("00".into()),
        plan_hash: String::new(),
        planned: [].into(),
    };
    let mut run = Run::begin(&stamped(1), &started).unwrap();
    run.apply(&stamped(2), &RunEvent::Began { step: "outage".into() }).unwrap();
    run
}

fn asks(text: &str) -> Halt {
    let question =
        Question { text: text.into(), evidence: vec![], accepts: vec![], words: true, choices: vec![] };
    Halt::Person { step: "outage".into(), question }
}

#[tokio::test]
async fn a_decision_is_told_once_over_restarts_and_its_answer_too() {
    let dir = tempfile::tempdir().unwrap();
    let topic = Some("arn:aws:sns:eu-central-1:123456789012:incidents".to_owned());
    for archive in stores(dir.path()) {
        let ear = Arc::new(Ear::default());
        let tell = Tell { topic: topic.clone(), webhook_file: None };
        let id = writer(&archive, "ops/alice", false).open(opening("leak")).await.unwrap().id;
        let run = asking();
        let attached = Event::Attached { run: run.id.clone(), runbook: run.definition.name.clone() };
        writer(&archive, "ops/alice", false).add(&id, attached).await.unwrap();
        // Each stop is another process: what it knows is in the journal.
        let stop = async |halt: Option<Halt>| {
            let incidents = writer(&archive, "ops/alice", false);
            let listeners = Listeners::of(&tell, ear.clone());
            let failed = incidents.tell_of_run(&listeners, &run, 0, halt.as_ref()).await.unwrap();
            assert_eq!(failed, Vec::<String>::new());
            ear.heard.lock().unwrap().len()
        };
        let outage = || Some(asks("Is the outage known?"));
        assert_eq!(stop(outage()).await, 1);
        assert_eq!(stop(outage()).await, 1, "it is told once");
        assert_eq!(stop(None).await, 1, "how it stands is not known");
        let waits =
            Halt::Time { step: "quiet".into(), until: stamped(9).at, accepts: vec![], why: "q".into() };
        assert_eq!(stop(Some(waits.clone())).await, 2);
        assert_eq!(stop(Some(waits)).await, 2, "its answer is told once");
        assert_eq!(stop(outage()).await, 3, "it is asked anew");
        assert_eq!(stop(Some(asks("Another?"))).await, 5, "one is answered, another is asked");
        let heard = ear.heard.lock().unwrap().clone();
        assert!(heard[0].contains("waits for a person at outage: Is the outage known?"), "{heard:?}");
        assert!(heard[1].contains("no longer waits at outage: ops/bob went on with it"), "{heard:?}");
        let kept = archive.incident(id.as_str()).await.unwrap().incident;
        let told: Vec<&str> = kept.told.iter().map(|t| t.what.word()).collect();
        assert_eq!(told, ["decision", "answered", "decision", "answered", "decision"]);
    }
}

#[tokio::test]
async fn who_did_not_hear_of_a_decision_is_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let [archive, _] = stores(dir.path());
    let incidents = writer(&archive, "ops/alice", false);
    let id = incidents.open(opening("leak")).await.unwrap().id;
    let run = asking();
    incidents.add(&id, Event::Attached { run: run.id.clone(), runbook: "r".into() }).await.unwrap();
    let hook = dir.path().join("hook");
    let topic = Some("arn:aws:sns:eu-central-1:123456789012:incidents".to_owned());
    let tell = Tell { topic, webhook_file: Some(hook.to_str().unwrap().to_owned()) };
    let ear = Arc::new(Ear::default());
    let halt = asks("Is the outage known?");
    let stop = async || {
        let listeners = Listeners::of(&tell, ear.clone());
        incidents.tell_of_run(&listeners, &run, 0, Some(&halt)).await.unwrap().len()
    };
    assert_eq!((stop().await, ear.heard.lock().unwrap().len()), (1, 1), "the webhook's file is missing");
    file(dir.path(), "hook", "https://hooks.example/x", 0o600);
    assert_eq!((stop().await, ear.heard.lock().unwrap().len()), (0, 2), "the topic has heard it");
    assert_eq!((stop().await, ear.heard.lock().unwrap().len()), (0, 2));
}
