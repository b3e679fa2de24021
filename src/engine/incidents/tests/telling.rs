//! Who is told what of an incident, and that nobody who cannot be told holds anything up.

use super::{opening, stores, writer};
use crate::config::Tell;
use crate::engine::incidents::Listeners;
use crate::estate::{BoxFuture, Canary, Fault, FaultKind, Listener, Outside, Vault};
use crate::runbook::incident::Telling;
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
