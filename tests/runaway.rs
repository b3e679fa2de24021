//! The practice incident `runaway-function`: beaten by an operator who follows the runbooks, and not by the half-measure, a
//! concurrency of 0 over an event source that is still enabled, nor by giving it back too early. The same by the same seed.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "rotation/bed.rs"]
#[allow(dead_code)] // this target uses its part
mod bed;

use bartizan::engine::Live;
use bartizan::estate::ask::cloudwatch::DescribeAlarms;
use bartizan::estate::change::lambda::{Call as Lambda, contain::Write};
use bartizan::estate::time::plus_seconds;
use bartizan::estate::*;
use bartizan::practice::{Options, RUNAWAY_PAR, Runaway};
use bartizan::runbook::definition::shipped;
use bartizan::runbook::{Halt, RunState, Value};
use bed::{Bed, given, go};

const WORKER: &str = "shop-image-resize";

async fn estate(seed: u64) -> Bed {
    let incident = Some("runaway-function".to_owned());
    Bed::with(Options { seed, incident, latency: None, hiccup: None, quotas: false, ..Options::default() })
        .await
}

fn later(bed: &Bed, seconds: i64) {
    bed.clock.to(plus_seconds(bed.clock.now(), seconds));
}

fn score(bed: &Bed) -> Runaway {
    bed.practice.runaway().unwrap().unwrap()
}

async fn alarm(bed: &Bed) -> AlarmState {
    let asked = DescribeAlarms { names: vec![AlarmName::new("shop-image-resize-duration")] };
    bed.all(asked).await.unwrap()[0].state.clone()
}

async fn isolate(bed: &Bed) -> Live {
    let definition = shipped("function-isolated").unwrap().unwrap();
    let runs = bed.runs();
    let plan = runs.plan(&definition, &given(&definition, &[("function", WORKER)])).await.unwrap();
    assert_eq!(plan.refusal(), None);
    let mut live = runs.start(plan, Vault::default()).await.unwrap();
    assert_eq!(go(bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    live
}

async fn give_back(bed: &Bed, live: &mut Live) {
    live.undo().await.unwrap();
    live.set("restore", Value::Text("it no longer writes where it is called from".into())).await.unwrap();
    assert_eq!(go(bed, live).await, Halt::Over(RunState::Undone));
}

/// Waits until the alarm tells that it is mended.
async fn until_mended(bed: &Bed) {
    for _ in 0..100 {
        if alarm(bed).await == AlarmState::Ok {
            return;
        }
        later(bed, 60);
    }
    panic!("it is never mended");
}

async fn beaten(seed: u64) -> Runaway {
    let bed = estate(seed).await;
    later(&bed, 120);
    assert_eq!(alarm(&bed).await, AlarmState::Alarm, "somebody is told");
    let mut live = isolate(&bed).await;
    assert!(score(&bed).contained_s.is_some());
    // what came meanwhile waits
    later(&bed, 300);
    let halfway = score(&bed);
    assert!(halfway.done < halfway.messages && halfway.lost == 0, "{halfway:?}");
    // its alarm says nothing while nothing runs: who mends it says so
    while bed.clock.now() < plus_seconds("2026-11-17T10:00:00Z".parse().unwrap(), 1_860) {
        later(&bed, 60);
    }
    give_back(&bed, &mut live).await;
    later(&bed, 600);
    score(&bed)
}

#[tokio::test]
async fn who_follows_the_runbook_beats_it() {
    for seed in [1, 7] {
        let score = beaten(seed).await;
        assert!(score.is_solved(), "{score:?}");
        for ((what, par), time) in
            RUNAWAY_PAR.iter().zip([score.acted_s, score.contained_s, score.recovered_s])
        {
            assert!(time.unwrap() <= *par, "{what}: {score:?}");
        }
        assert!(score.lines().contains(&"solved".to_owned()));
        assert_eq!(score, beaten(seed).await, "the same by the same seed");
    }
}

#[tokio::test]
async fn a_concurrency_of_nothing_alone_burns_the_messages() {
    let bed = estate(7).await;
    later(&bed, 200);
    let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
    let key = IdempotencyKey::derive(&RunId::new("00000000").unwrap(), "in-a-hurry", 0, 1);
    let function = FunctionName::new(WORKER);
    let put = Write::PutFunctionConcurrency { function: function.clone(), reserved: 0, was: None };
    let write = |write| {
        let call = Call::Lambda(Lambda::Contain(write));
        let (bed, at, key) = (&bed, &at, &key);
        async move { bed.practice.apply(at, &call, key, &Vault::default()).await.unwrap() }
    };
    write(put).await;
    later(&bed, 1_700);
    write(Write::DeleteFunctionConcurrency { function }).await;
    later(&bed, 900);
    let score = score(&bed);
    assert!(score.contained_s.is_some() && !score.is_solved(), "{score:?}");
    assert!(score.done < score.messages, "what is in the dead-letter queue is not done: {score:?}");
    assert!(score.mistakes.iter().any(|m| m.contains("event source was not disabled")), "{score:?}");
}

/// Lowered, it is held down all right, and burns the messages of the queue that still feeds it: said before, and seen.
#[tokio::test]
async fn lowered_with_its_queue_on_it_burns_messages_and_a_person_is_asked() {
    let bed = estate(7).await;
    later(&bed, 200);
    let definition = shipped("cost-overrun").unwrap().unwrap();
    let (runs, inputs) = (bed.runs(), [("function", WORKER), ("limit", "2")]);
    let plan = runs.plan(&definition, &given(&definition, &inputs)).await.unwrap();
    let warned = plan.steps.iter().flat_map(|s| &s.breaks).any(|b| {
        b.contains("a message that is throttled counts as received") && b.contains("shop-image-resize-dlq")
    });
    assert!(warned, "{:#?}", plan.steps);
    let mut live = runs.start(plan, Vault::default()).await.unwrap();
    let question = loop {
        match live.go(None).await.unwrap() {
            Halt::Person { step, question } => {
                assert_eq!(step, "capped");
                break question;
            }
            halt => assert!(bed::answer(&bed, &mut live, &halt).await, "{halt:?}"),
        }
    };
    assert!(question.text.contains("MESSAGES ARE BURNT") && question.words, "{}", question.text);
    assert!(question.text.contains("how=off"), "{}", question.text);
    let score = score(&bed);
    assert!(score.contained_s.is_some() && score.done < score.messages, "{score:?}");
    assert!(score.mistakes.iter().any(|m| m.contains("they were throttled")), "{score:?}");
    // whoever says why may go on, and the run keeps what they said
    live.attest("the pictures can be made again").await.unwrap();
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    assert!(bed::said(&live, "capped").contains("a person goes on: the pictures can be made again"));
}

#[tokio::test]
async fn given_back_too_early_it_runs_away_again() {
    let bed = estate(7).await;
    later(&bed, 240);
    let mut live = isolate(&bed).await;
    let before = score(&bed).wasted;
    give_back(&bed, &mut live).await;
    later(&bed, 300);
    let after = score(&bed);
    assert!(after.wasted > before + 10_000, "{before} {after:?}");
    assert!(after.mistakes.iter().any(|m| m.contains("before it was mended")), "{after:?}");
    until_mended(&bed).await;
    later(&bed, 900);
    assert!(!score(&bed).is_solved());
}

#[tokio::test]
async fn who_does_nothing_pays() {
    let bed = estate(7).await;
    later(&bed, 3_600);
    let score = score(&bed);
    assert!(score.wasted > 50_000 && score.contained_s.is_none() && !score.is_solved(), "{score:?}");
    assert_eq!((score.messages, score.done, score.lost), (71, 71, 0), "it does its work all the while");
}
