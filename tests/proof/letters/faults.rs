//! Messages while calls go wrong: throttled, refused, without an answer, receipts that have run out, a consumer that is slower
//! than the time for which messages are hidden, queues that are gone, that refill, or that somebody else drains too.

use super::{Before, N, all, at, fill, of, opened, start, tale, url};
use crate::bed::{Bed, Fuse, Jumping, Nobody, Weather, context, options};
use crate::crash::memory;
use bartizan::engine::runs::Live;
use bartizan::estate::time::SignedDuration;
use bartizan::estate::*;
use bartizan::journal::Store;
use bartizan::practice::Practice;
use bartizan::runbook::definition::shipped;
use bartizan::runbook::{Halt, Inputs, RunState};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A bed over the estate before a redrive, and a run of it.
async fn redriving(name: &str) -> (Bed, Live, Arc<Before>) {
    let before = of(tale(name)).await;
    let (practice, ports, clock) = opened(&before.estate).await;
    let store: Arc<dyn Store> = Arc::new(memory());
    let bed = Bed::over(practice, ports, clock, store, Fuse::never());
    let dir = tempfile::tempdir().unwrap();
    let live = start(&bed, tale(name), dir.path()).await;
    (bed, live, before)
}

/// Everything in the queue of a tale, and everything where it goes, as often as it is there.
async fn places(bed: &Bed, name: &str) -> (BTreeSet<String>, BTreeMap<String, usize>) {
    bed.clock.to(bed.clock.now().saturating_add(SignedDuration::from_secs(70)).unwrap());
    let here = all(&bed.ports, &url(tale(name).from)).await;
    let mut there = BTreeMap::new();
    for (_, body) in all(&bed.ports, &url(tale(name).to)).await {
        *there.entry(body).or_default() += 1;
    }
    (here.into_iter().map(|(_, body)| body).collect(), there)
}

/// That every message is there once, or is named where it is there twice, and none is left here.
async fn all_went(bed: &Bed, live: &Live, before: &Before, name: &str, what: &str) {
    let tally = live.run().steps[0].changes.last().unwrap().tally.clone();
    let (here, there) = places(bed, name).await;
    assert_eq!(here, BTreeSet::new(), "{what}: left here");
    let doubtful: BTreeSet<&String> = tally.doubtful.keys().map(|id| &before.messages[id]).collect();
    for body in before.messages.values() {
        let times = there.get(body).copied().unwrap_or(0);
        assert!(times == 1 || times > 1 && doubtful.contains(body), "{what}: {body} is there {times} times");
    }
}

/// That nothing went, and all is back at once.
async fn all_stayed(bed: &Bed, before: &Before, name: &str, what: &str) {
    let (here, there) = places(bed, name).await;
    assert_eq!(there, BTreeMap::new(), "{what}");
    assert_eq!(here, before.messages.values().cloned().collect::<BTreeSet<_>>(), "{what}");
}

/// The answers of a write in the way of a redrive. Each of the first sixty writes gets each of them once.
#[tokio::test]
async fn a_call_that_goes_wrong_loses_nothing() {
    let other = || FaultKind::Other(Untrusted::from("InternalError"));
    let ways = [
        Weather::Before(FaultKind::Throttled),
        Weather::Before(FaultKind::TimedOut),
        Weather::After(FaultKind::TimedOut),
        Weather::After(FaultKind::Unreachable),
        Weather::After(other()),
        Weather::Before(other()),
    ];
    for name in ["redrive", "fifo"] {
        for way in &ways {
            for nth in (0..20).chain((20..60).step_by(7)) {
                let (bed, mut live, before) = redriving(name).await;
                let told = way.clone();
                *bed.wire.sky.lock().unwrap() = Box::new(move |kind, n| match kind == "write" && n == nth {
                    true => told.clone(),
                    false => Weather::Fine,
                });
                let what = format!("{name}, write {nth} {way:?}");
                let halt = bed.go_again(&mut live, 3).await;
                assert_eq!(halt, Halt::Over(RunState::Done), "{what}");
                all_went(&bed, &live, &before, name, &what).await;
            }
        }
    }
}

/// Every call is throttled half of the time.
#[tokio::test]
async fn throttling_slows_it_and_loses_nothing() {
    let (bed, mut live, before) = redriving("redrive").await;
    *bed.wire.sky.lock().unwrap() = Box::new(|kind, n| match kind == "write" && n % 2 == 1 {
        true => Weather::Before(FaultKind::Throttled),
        false => Weather::Fine,
    });
    assert_eq!(bed.go_again(&mut live, 3).await, Halt::Over(RunState::Done));
    all_went(&bed, &live, &before, "redrive", "throttled").await;
}

/// The process is held up so long that what it has in hand was given to others meanwhile: its receipts are old.
#[tokio::test]
async fn receipts_that_ran_out_are_not_relied_on() {
    for nth in 0..30 {
        let (bed, mut live, before) = redriving("redrive").await;
        let clock = bed.clock.clone();
        *bed.wire.sky.lock().unwrap() = Box::new(move |kind, n| {
            if kind == "write" && n == nth {
                clock.to(clock.now().saturating_add(SignedDuration::from_secs(90)).unwrap());
            }
            Weather::Fine
        });
        let what = format!("held up before write {nth}");
        assert_eq!(bed.go_again(&mut live, 3).await, Halt::Over(RunState::Done), "{what}");
        all_went(&bed, &live, &before, "redrive", &what).await;
    }
}

/// Who may not send, for the key of the queue or for its own sake, or sends to a queue that is gone, changes nothing: what was
/// received is back.
#[tokio::test]
async fn where_nothing_can_be_sent_everything_stays() {
    let denied = FaultKind::Denied { action: "kms:GenerateDataKey".into(), resource: None };
    for kind in [denied, FaultKind::NotFound, FaultKind::Invalid] {
        let (bed, mut live, before) = redriving("redrive").await;
        let told = kind.clone();
        // Receives are first; whatever is written after them is refused, until nobody tries any more.
        *bed.wire.sky.lock().unwrap() = Box::new(move |k, n| match k == "write" && n == 1 {
            true => Weather::Before(told.clone()),
            false => Weather::Fine,
        });
        let halt = bed.go(&mut live).await;
        let Halt::Failed { failure, .. } = &halt else { panic!("{kind:?}: {halt:?}") };
        assert_eq!(failure.kind == "denied", matches!(kind, FaultKind::Denied { .. }), "{failure:?}");
        all_stayed(&bed, &before, "redrive", &format!("{kind:?}")).await;
    }
}

/// A consumer that takes one a second, and sixty to send: none of them is in hand for longer than it is hidden.
#[tokio::test]
async fn a_slow_consumer_gets_each_message_once() {
    let before = of(tale("slow")).await;
    let (practice, ports, clock) = opened(&before.estate).await;
    let store: Arc<dyn Store> = Arc::new(memory());
    let bed = Bed::over(practice, ports, clock, store, Fuse::never());
    let dir = tempfile::tempdir().unwrap();
    let began = bed.clock.now();
    let mut live = start(&bed, tale("slow"), dir.path()).await;
    assert_eq!(bed.go(&mut live).await, Halt::Over(RunState::Done));
    let took = bed.clock.now().duration_since(began);
    assert!(
        took >= SignedDuration::from_secs(i64::try_from(N).unwrap() - 2),
        "at most one a second: {took:?}"
    );
    all_went(&bed, &live, &before, "slow", "slow").await;
    assert_eq!(live.run().steps[0].changes[0].tally.doubtful.len(), 0);
}

/// More comes while it is drained: that is drained as well, or stays; nothing is lost.
#[tokio::test]
async fn a_queue_that_refills_is_drained_too() {
    let (bed, mut live, before) = redriving("redrive").await;
    let more = async {
        for _ in 0..40 {
            tokio::task::yield_now().await;
        }
        fill(&bed.ports, &url(tale("redrive").from)).await;
    };
    let (halt, ()) = tokio::join!(bed.go(&mut live), more);
    assert_eq!(halt, Halt::Over(RunState::Done));
    let passed = live.run().steps[0].changes[0].tally.passed_on();
    let (here, there) = places(&bed, "redrive").await;
    assert_eq!(there.len(), N);
    assert!(before.messages.values().all(|body| there.contains_key(body)));
    let went: usize = there.values().sum();
    assert_eq!((went as u64, went + here.len()), (passed, 2 * N), "the second filling went or stays");
}

/// What a queue holds is hostile, and goes on byte for byte.
#[tokio::test]
async fn hostile_text_goes_on_as_it_is() {
    let (bed, mut live, before) = redriving("hostile").await;
    assert!(before.messages.values().any(|body| body.contains('\u{202e}') && body.contains("\n")));
    assert_eq!(bed.go(&mut live).await, Halt::Over(RunState::Done));
    all_went(&bed, &live, &before, "hostile", "hostile").await;
    let events = bed.runs().events(&live.run().id.clone()).await.unwrap();
    let told = serde_json::to_string(&events.iter().map(|(_, e)| e).collect::<Vec<_>>()).unwrap();
    assert!(!told.contains("rm -rf"), "no body is in the journal");
    assert_eq!(live.run().at, at());
}

/// Two processes drain one queue: each message is passed on once, by one of them.
#[tokio::test]
async fn two_operators_drain_one_queue() {
    let tale = tale("redrive");
    let before = of(tale).await;
    let (practice, ports, clock) = opened(&before.estate).await;
    let bed = || {
        let store: Arc<dyn Store> = Arc::new(memory());
        Bed::over(practice.clone(), ports.clone(), clock.clone(), store, Fuse::never())
    };
    let (one, two) = (bed(), bed());
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (start(&one, tale, dir.path()).await, start(&two, tale, dir.path()).await);
    let (a, b) = tokio::join!(one.go(&mut first), two.go(&mut second));
    assert_eq!((a, b), (Halt::Over(RunState::Done), Halt::Over(RunState::Done)));
    let passed = |live: &Live| live.run().steps[0].changes[0].tally.passed_on();
    assert_eq!(passed(&first) + passed(&second), N as u64);
    let there = all(&ports, &url(tale.to)).await;
    let bodies: BTreeSet<&String> = there.iter().map(|(_, body)| body).collect();
    assert_eq!((there.len(), bodies.len()), (N, N));
    assert!(all(&ports, &url(tale.from)).await.is_empty());
}

/// What a plan pretends never shows at AWS: it is made without waiting for it.
#[tokio::test]
async fn a_plan_of_a_native_redrive_waits_for_nothing() {
    let clock = Jumping::at("2026-11-17T10:00:00Z".parse().unwrap());
    let practice = Practice::new(options(), Arc::new(clock.clone())).unwrap();
    let ports = practice.open(&context(), Arc::new(Nobody)).await.unwrap();
    let bed = Bed::over(practice, ports, clock.clone(), Arc::new(memory()), Fuse::never());
    let definition = shipped("queue-redrive").unwrap().unwrap();
    let pairs = [("queue", url("orders-failures").wire().to_owned()), ("how", "native".to_owned())];
    let inputs = Inputs::read(&definition, &pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    let before = clock.now();
    let plan = bed.runs().plan(&definition, &inputs).await.unwrap();
    assert!(plan.steps[0].summary.starts_with("Have SQS move all messages"), "{}", plan.steps[0].summary);
    let took = clock.now().duration_since(before);
    assert!(took < SignedDuration::from_secs(2), "{took:?}");
}
