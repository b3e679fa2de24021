//! What comes back after a replay is told from what others put into the same queue at the same time.

use super::*;
use bartizan::runbook::Halt;

const DEAD: &str = "shop-functions-dlq";

/// Puts events into the queue that no function can read.
async fn bad(ports: &Ports, count: u32) {
    let vault = Vault::default();
    let ids: Vec<MessageId> = (0..count).map(|n| held(&vault, &format!("[\"unreadable\",{n}]"), n)).collect();
    let run = RunId::new("7f3a0b1c").unwrap();
    let send = SqsCall::SendMessageBatch { to: url(DEAD), messages: ids, run, body: None };
    let Receipt::Batch { done, .. } = apply(ports, send, &vault).await else { panic!() };
    assert_eq!(done.len(), count as usize);
}

fn held(vault: &Vault, body: &str, n: u32) -> MessageId {
    let id = MessageId::new(format!("{n:08x}-0000-4000-8000-000000000000"));
    let message = Message::new(id.clone(), Zeroizing::new(body.to_owned()));
    vault.shelf().put(Held { message, handle: Zeroizing::new(String::new()), until: Timestamp::MAX });
    id
}

/// Somebody else's event, on which the same function fails.
async fn stranger(ports: &Ports, body: &str) {
    let vault = Vault::default();
    let message = held(&vault, body, 99);
    let invoke = LambdaCall::InvokeMessage {
        function: FunctionName::new("shop-returns"),
        qualifier: None,
        message,
        wait: false,
    };
    let key = IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "other", 0, 1);
    let writes = ports.writes.as_ref().unwrap();
    let receipt = writes.changes.apply(&at(), &Call::Lambda(invoke), &key, &vault).await.unwrap();
    assert!(matches!(receipt, Receipt::Invoked { status: 202, request: Some(_), .. }), "{receipt:?}");
}

#[tokio::test]
async fn a_replay_knows_its_own_among_what_strangers_send() {
    for another_process in [false, true] {
        let (practice, ports, _) = opened(&empty()).await;
        bad(&ports, 6).await;
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("estate.json"), practice.snapshot().unwrap()).unwrap();
        let bed = bed_in(dir.path(), Fuse::never()).await;
        bed.clock.to(bed.clock.now().saturating_add(time::SignedDuration::from_secs(90)).unwrap());
        let inputs = &[("function", "shop-returns"), ("rate", "10000"), ("canary", "false"), ("max", "5")];
        let tale = Tale { name: "replay", command: "queue-replay", from: DEAD, to: "", inputs };
        let mut live = start(&bed, &tale, dir.path()).await;
        let halt = live.go(None).await.unwrap();
        assert!(matches!(&halt, Halt::Consent { .. }), "{halt:?}");
        // One is like nothing that was there, one is like all of those that were.
        stranger(&bed.ports, "[\"another\"]").await;
        for n in 0..6 {
            stranger(&bed.ports, &format!("[\"unreadable\",{n}]")).await;
        }
        assert!(bed.answer(&mut live, &halt).await);
        let halt = live.go(None).await.unwrap();
        let Halt::Consent { proposal, .. } = &halt else { panic!("{halt:?}") };
        assert!(proposal.changes[0].sentence().contains("to see what came back"), "{proposal:?}");
        assert!(proposal.breaks[0].contains("higher by one"));
        if another_process {
            let id = live.run().id.clone();
            drop(live);
            live = bed.resume(&id).await;
        }
        let halt = bed.go(&mut live).await;
        assert!(matches!(halt, Halt::Over(_)), "{halt:?}");
        let told = live.run().step("replay").unwrap().evidence.join("; ");
        let expected: &[&str] = match another_process {
            false => &[
                "5 of 5 that were invoked came back: 5 of ",
                "5 more hold an event",
                "2 came meanwhile from elsewhere",
            ],
            // The events are not known any more; the requests are.
            true => &["5 of 5 that were invoked came back: 5 of ", "7 came meanwhile from elsewhere"],
        };
        for said in expected.iter().chain(&["1 were there before"]) {
            assert!(told.contains(said), "{said}: {told}");
        }
        let journal = std::fs::read_dir(dir.path().join("state")).unwrap().count();
        assert!(journal > 0);
        assert!(!everything_in(&dir.path().join("state")).contains("unreadable"), "a body is in the journal");
        // All of it is there, once more, and nothing is lost.
        bed.clock.to(bed.clock.now().saturating_add(time::SignedDuration::from_secs(70)).unwrap());
        assert_eq!(all(&bed.ports, &url(DEAD)).await.len(), 13);
    }
}

/// The text of every file in a folder.
fn everything_in(dir: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &everything_in(&path);
        } else {
            text += &String::from_utf8_lossy(&std::fs::read(&path).unwrap());
        }
    }
    text
}
