//! Others at work on the same secret: nothing is overwritten unseen.

use crate::bed::{Bed, Fuse, SCRIPTS, Script, TYPED, Weather};
use crate::crash::memory;
use crate::face::raw;
use bartizan::estate::Arn;
use bartizan::practice::Colleague;
use bartizan::runbook::{Halt, RunState};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const SECRET: &str = "logapi/api-key";

async fn versions(bed: &Bed) -> Vec<String> {
    let lines = raw(bed, "logapi").await;
    lines.into_iter().filter(|l| l.starts_with(&format!("secret {SECRET} "))).collect()
}

/// The text of the version that is current.
async fn current(bed: &Bed) -> String {
    let lines = versions(bed).await;
    let line = lines.iter().find(|l| l.contains("AWSCURRENT")).unwrap();
    line.split_once("] ").unwrap().1.to_owned()
}

/// The value of the field that the colleague writes: the last one.
fn last_field(text: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    json["issuer"].as_str().unwrap().to_owned()
}

fn backup(text: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    json["backup"].as_str().unwrap().to_owned()
}

/// A colleague puts a new value just before the `nth` call of that kind, counted from the beginning.
async fn disturbed(kind: &'static str, nth: usize) -> bool {
    let script = Script::named("secret-update");
    let bed = Bed::of(script, Arc::new(memory()), Fuse::never()).await;
    let practice = bed.practice.clone();
    let done = Arc::new(Mutex::new(false));
    let did = done.clone();
    *bed.wire.sky.lock().unwrap() = Box::new(move |k, n| {
        if k == kind && n == nth {
            *did.lock().unwrap() = practice.colleague(&Colleague::PutsSecretValue(Arn::new(SECRET))).unwrap();
        }
        Weather::Fine
    });
    let before = current(&bed).await;
    let mut live = match bed.start(script).await {
        Ok(live) => live,
        Err(why) => {
            // Planning has seen it: nothing was changed by us, and a person is told who was faster.
            assert!(why.contains("somebody else was faster"), "{why}");
            assert!(*done.lock().unwrap() && bed.wire.made.lock().unwrap().0.is_empty());
            return true;
        }
    };
    let halt = bed.go_again(&mut live, 3).await;
    if !*done.lock().unwrap() {
        return false;
    }
    // The colleague's value is current, whether the run got its own in beside it, or was refused.
    let now = current(&bed).await;
    let theirs = last_field(&now);
    assert_ne!(theirs, last_field(&before), "{kind} {nth}: the colleague's value is overwritten: {halt:?}");
    match &halt {
        Halt::Over(RunState::Done) => {
            let ours = backup(&now) == TYPED;
            let refused = live.run().steps.iter().any(|s| s.failure.is_some());
            // A colleague's plain put copies the text that was current: ours is in it if it was promoted before.
            assert!(ours || refused, "{kind} {nth}");
        }
        Halt::Failed { .. } | Halt::Decide { .. } => {}
        other => panic!("{kind} {nth}: {other:?}"),
    }
    true
}

#[tokio::test]
async fn a_colleague_who_puts_a_value_at_any_point_is_never_overwritten() {
    let mut rounds = 0;
    while rounds < 200 {
        let before = rounds;
        for kind in ["read", "load", "write"] {
            for nth in 0.. {
                if !disturbed(kind, nth).await {
                    break;
                }
                rounds += 1;
            }
        }
        assert!(rounds > before);
    }
    println!("{rounds} rounds");
}

/// One store: whoever comes second is told who holds it, and changes nothing.
#[tokio::test]
async fn two_runs_of_one_store_never_hold_one_secret() {
    let script = Script::named("secret-update");
    let store = memory();
    let bed = Bed::of(script, Arc::new(store.clone()), Fuse::never()).await;
    let mut first = bed.start(script).await.unwrap();
    let second = bed.next(Arc::new(store), Fuse::never());
    let Err(why) = second.start(script).await else { panic!("two runs hold one secret") };
    assert!(why.contains(first.run().id.as_str()), "{why}");
    assert_eq!(bed.go(&mut first).await, Halt::Over(RunState::Done));
    second.start(script).await.unwrap();
}

/// Two stores, as on two bastions: after each has gone some way the other goes on; only AWS stands between them.
#[tokio::test]
async fn of_two_runs_of_two_stores_none_overwrites_the_other_unseen() {
    let update = Script::named("secret-update");
    let other = Script {
        name: "the other",
        system: "logapi",
        runbook: "secret-update",
        inputs: &[("secret", SECRET), ("field", "current"), ("new", "generated")],
    };
    let mut ends = BTreeSet::new();
    for round in 0..200_u64 {
        let one = Bed::of(update, Arc::new(memory()), Fuse::never()).await;
        let two = one.next(Arc::new(memory()), Fuse::never());
        let before = current(&one).await;
        let (mut a, mut b) = (one.start(update).await.unwrap(), two.start(&other).await.unwrap());
        let mut luck = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut over = [None, None];
        let mut failed = 0;
        for _ in 0..200 {
            luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let first = luck >> 63 == 0;
            let (bed, live) = if first { (&one, &mut a) } else { (&two, &mut b) };
            let place = usize::from(!first);
            if over[place].is_some() {
                continue;
            }
            // One answer at a time.
            let halt = live.go(None).await.unwrap();
            if !bed.answer(live, &halt).await {
                if matches!(halt, Halt::Failed { .. }) && failed < 6 {
                    failed += 1;
                    continue;
                }
                over[place] = Some(halt);
            }
            if over.iter().all(Option::is_some) {
                break;
            }
        }
        let now = current(&one).await;
        let json: serde_json::Value = serde_json::from_str(&now).unwrap();
        let was: serde_json::Value = serde_json::from_str(&before).unwrap();
        let done = |halt: &Option<Halt>| matches!(halt, Some(Halt::Over(RunState::Done)));
        // Who says that it is done has its value there, unless the other has seen it and says so.
        if done(&over[0]) {
            assert_eq!(json["backup"], TYPED, "round {round}: {over:?}");
        }
        if done(&over[1]) {
            assert_ne!(json["current"], was["current"], "round {round}: {over:?}");
        }
        assert_eq!(json["issuer"], was["issuer"]);
        ends.insert((done(&over[0]), done(&over[1])));
    }
    println!("{ends:?} of {} scripts", SCRIPTS.len());
    assert!(ends.iter().any(|(a, b)| *a || *b));
}
