//! Looking at messages and keeping them, over a small queue: everything goes back, whatever happens.

mod damage;
mod queue;
mod whose;

use super::{Account, Hands, Peeked, Sought, Wish, export, peek, verify};
use crate::engine::runs::{Brake, RunsFault};
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::message::Select;
use crate::estate::{Arn, Call, Consent, FaultKind, Ports};
use queue::{Queue, consent, messages, other_consent};
use std::path::Path;
use std::sync::Arc;

async fn look(queue: &Arc<Queue>, consent: &Consent, brake: &Brake) -> Result<Peeked, RunsFault> {
    let (ports, gate) = (queue.ports(), queue.gate());
    let sought = Sought { select: &Select::default(), enough: None };
    peek(&Hands { ports: &ports, gate: &gate, brake }, consent, &sought, &|_| {}).await
}

fn gone_back(queue: &Queue, account: &Account, n: u64) {
    assert_eq!((account.received, account.returned, account.left), (n, n, 0), "{account:?}");
    assert!(account.until.is_none());
    assert_eq!(queue.visible(), usize::try_from(n).unwrap());
}

#[tokio::test]
async fn a_sample_is_seen_once_and_goes_back() {
    let queue = Queue::of(messages(35));
    let seen = look(&queue, &consent(Some(10), None), &Brake::default()).await.unwrap();
    assert_eq!(seen.messages.len(), 10);
    assert_eq!((seen.account.received, seen.account.returned, seen.account.left), (10, 10, 0));
    assert_eq!((queue.visible(), queue.most_receives()), (35, 1));
    let all = look(&queue, &consent(None, None), &Brake::default()).await.unwrap();
    let mut ids: Vec<&str> = all.messages.iter().map(|h| h.message.id.wire()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 35);
    gone_back(&queue, &all.account, 35);
    assert!(!format!("{:?} {:?}", all.account, all.messages[0].message).contains("hunter2"));
}

#[tokio::test]
async fn it_is_read_on_until_enough_of_those_meant_were_found() {
    let meant = |n: std::ops::Range<usize>| Select {
        ids: Some(messages(200).drain(n).map(|m| m.id).collect()),
        ..Select::default()
    };
    let sought = async |select: Select, enough, most| {
        let (queue, brake) = (Queue::of(messages(200)), Brake::default());
        let (ports, gate) = (queue.ports(), queue.gate());
        let hands = Hands { ports: &ports, gate: &gate, brake: &brake };
        let sought = Sought { select: &select, enough };
        let seen = peek(&hands, &consent(most, None), &sought, &|_| {}).await.unwrap();
        assert_eq!((seen.account.returned, seen.account.left), (seen.account.received, 0));
        assert_eq!((queue.visible(), queue.most_receives()), (200, 1));
        (seen.messages.len(), seen.account.received, seen.enough)
    };
    let (found, read, enough) = sought(meant(150..170), Some(10), None).await;
    assert!(found == 10 && (160..=200).contains(&read) && enough, "{found} {read}");
    // Bounded, and then it says that it did not find enough.
    assert_eq!(sought(meant(150..170), Some(10), Some(100)).await, (0, 100, false));
    assert_eq!(sought(meant(150..153), Some(10), None).await, (3, 200, false));
    let (found, read, _) = sought(meant(0..200), Some(10), Some(10)).await;
    assert_eq!((found, read), (10, 10));
}

#[tokio::test]
async fn a_chained_queue_is_left_when_a_message_is_at_its_end() {
    let mut some = messages(30);
    some[3].receive_count = 4;
    let queue = Queue::of(some);
    let seen = look(&queue, &consent(None, Some(5)), &Brake::default()).await.unwrap();
    assert!(seen.account.dead_end);
    gone_back_of(&queue, &seen, 10, 30);
}

fn gone_back_of(queue: &Queue, seen: &Peeked, read: u64, visible: usize) {
    assert_eq!((seen.account.received, seen.account.returned), (read, read));
    assert_eq!(queue.visible(), visible);
}

#[tokio::test]
async fn a_fault_or_the_brake_in_the_middle_gives_back_what_is_in_hand() {
    let queue = Queue::of(messages(60));
    *queue.fails.lock().unwrap() = vec![(2, FaultKind::NotFound)];
    let seen = look(&queue, &consent(None, None), &Brake::default()).await.unwrap();
    assert!(seen.fault.is_some() && seen.account.gaps.len() == 1);
    assert!(!seen.messages.is_empty());
    assert_eq!((seen.account.returned, queue.visible()), (seen.account.received, 60));

    let (queue, brake) = (Queue::of(messages(60)), Brake::default());
    *queue.brake_at.lock().unwrap() = Some((1, brake.clone()));
    let seen = look(&queue, &consent(None, None), &brake).await.unwrap();
    assert!(seen.account.stopped && seen.account.received < 60);
    assert_eq!((seen.account.returned, queue.visible()), (seen.account.received, 60));
}

#[tokio::test]
async fn what_cannot_be_given_back_is_told_with_its_time() {
    let queue = Queue::of(messages(5));
    *queue.fails.lock().unwrap() = (3..20).map(|n| (n, FaultKind::Unreachable)).collect();
    let seen = look(&queue, &consent(None, None), &Brake::default()).await.unwrap();
    assert_eq!((seen.messages.len(), seen.account.left), (5, 5), "{:?}", seen.account);
    assert!(seen.account.until.is_some() && seen.fault.is_some());
}

#[tokio::test]
async fn nothing_leaves_without_the_right_consent_or_in_a_read_only_context() {
    let queue = Queue::of(messages(5));
    assert!(matches!(look(&queue, &other_consent(), &Brake::default()).await, Err(RunsFault::Refused(_))));
    let (ports, gate) = (Ports { writes: None, ..queue.ports() }, queue.gate());
    let brake = Brake::default();
    let hands = Hands { ports: &ports, gate: &gate, brake: &brake };
    let sought = Sought { select: &Select::default(), enough: None };
    let refused = peek(&hands, &consent(None, None), &sought, &|_| {}).await;
    assert!(matches!(refused, Err(RunsFault::Refused(_))));
    assert!(queue.asked.lock().unwrap().is_empty());
}

async fn keep(
    queue: &Arc<Queue>,
    to: &Path,
    (gzip, select, most): (bool, Select, Option<u64>),
) -> Result<super::Exported, RunsFault> {
    let (ports, gate, brake) = (queue.ports(), queue.gate(), Brake::default());
    let wish = Wish {
        to,
        gzip,
        select,
        by: "alice".into(),
        queue: Arn::new("arn:aws:sqs:eu-central-1:123456789012:orders-dlq"),
        fifo: false,
        counted: Some(345),
    };
    export(&Hands { ports: &ports, gate: &gate, brake: &brake }, &consent(most, None), &wish, &|_| {}).await
}

#[tokio::test]
async fn an_export_is_whole_private_and_verifies_and_the_messages_are_back() {
    use std::os::unix::fs::PermissionsExt;
    for gzip in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let (queue, file) = (Queue::of(messages(345)), dir.path().join("kept.jsonl"));
        let done = keep(&queue, &file, (gzip, Select::default(), None)).await.unwrap();
        gone_back(&queue, &done.account, 345);
        assert!(done.manifest.complete && done.manifest.not_exported.is_empty(), "{:?}", done.manifest);
        assert_eq!(queue.most_receives(), 1);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing else is left");
        let kept = verify(&file).unwrap();
        assert_eq!((kept.ids.len(), kept.batches.clone()), (345, vec![(10, 34), (5, 1)]));
        let mut reading = kept.open().unwrap();
        for n in [1, 2, 345, 344, 17] {
            let message = reading.line(n).unwrap();
            let number = message.id.wire().strip_prefix("id-").unwrap().to_owned();
            assert_eq!(message.body(), format!("hunter2 {number}"));
        }
        assert!(reading.line(346).is_err() && reading.line(0).is_err());
        let again = keep(&queue, &file, (gzip, Select::default(), None)).await.unwrap_err();
        assert!(again.to_string().contains("already"), "{again}");
    }
}

#[tokio::test]
async fn what_is_not_meant_goes_back_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (queue, file) = (Queue::of(messages(40)), dir.path().join("kept.jsonl"));
    let ids = messages(3).into_iter().map(|m| m.id).collect();
    let done =
        keep(&queue, &file, (false, Select { ids: Some(ids), ..Select::default() }, None)).await.unwrap();
    assert_eq!(done.manifest.count, 3);
    assert!(!done.manifest.complete);
    assert!(done.manifest.not_exported[0].starts_with("37 messages"), "{:?}", done.manifest);
    gone_back(&queue, &done.account, 40);
}

#[tokio::test]
async fn a_fault_keeps_what_was_read_and_says_what_was_not() {
    let dir = tempfile::tempdir().unwrap();
    let (queue, file) = (Queue::of(messages(345)), dir.path().join("kept.jsonl"));
    *queue.fails.lock().unwrap() = vec![(3, FaultKind::NotFound)];
    let done = keep(&queue, &file, (false, Select::default(), None)).await.unwrap();
    assert!(done.fault.is_some() && !done.manifest.complete && done.manifest.count > 0);
    assert_eq!(verify(&file).unwrap().ids.len(), done.manifest.count as usize);
    assert_eq!((done.account.left, queue.visible()), (0, 345));
}

/// The answers of receives and of giving back are lost now and then: what a lost receive took comes back and is kept too.
#[tokio::test]
async fn lost_answers_end_no_export() {
    let dir = tempfile::tempdir().unwrap();
    let (queue, file) = (Queue::of(messages(345)), dir.path().join("kept.jsonl"));
    *queue.fails.lock().unwrap() = (1..60).step_by(4).map(|n| (n, FaultKind::TimedOut)).collect();
    let done = keep(&queue, &file, (false, Select::default(), None)).await.unwrap();
    assert_eq!((&done.fault, done.manifest.count, done.manifest.complete), (&None, 345, true));
    assert_eq!(verify(&file).unwrap().ids.len(), 345);
    assert_eq!((done.account.left, queue.visible()), (0, 345));
    assert!(queue.most_receives() > 1, "what a lost receive took was received again");
}

#[tokio::test]
async fn where_no_file_can_be_made_nothing_is_read() {
    let (queue, dir) = (Queue::of(messages(20)), tempfile::tempdir().unwrap());
    let missing = dir.path().join("no-such/kept.jsonl");
    assert!(keep(&queue, &missing, (false, Select::default(), None)).await.is_err());
    assert!(queue.asked.lock().unwrap().is_empty(), "nothing was read for nothing");
}

#[tokio::test]
async fn only_looking_leaves_from_here() {
    let queue = Queue::of(messages(25));
    look(&queue, &consent(None, None), &Brake::default()).await.unwrap();
    for call in &*queue.asked.lock().unwrap() {
        assert!(matches!(
            call,
            Call::Sqs(SqsCall::ReceiveMessage { .. } | SqsCall::ChangeMessageVisibilityBatch { .. })
        ));
    }
}
