//! Every call of a rotation and every way in which it can go wrong: what the journal says is what AWS holds, and
//! the run gets there in the end.

use super::aws::Weather;
use super::way::{ROTATION, agrees, answer, go_all_the_way, journal, rotated, start};
use super::world::World;
use crate::estate::{ApiKeyId, Call, FaultKind, Untrusted, change};
use crate::runbook::event::{Outcome, WaitingFor};
use crate::runbook::{Decision, Event, Halt, RunState, Settled};

/// The calls of an undisturbed rotation.
const CALLS: usize = 9;

async fn one_fault(nth: usize, weather: Weather) -> (World, Vec<Event>) {
    let world = World::new();
    let told = weather.clone();
    *world.aws.sky.lock().unwrap() =
        Box::new(move |_, n| if n == nth { told.clone() } else { Weather::Fine });
    let mut live = start(&world, ROTATION).await;
    let mut failures = 0;
    loop {
        match go_all_the_way(&world, &mut live).await.unwrap() {
            Halt::Failed { .. } if failures < 3 => failures += 1,
            Halt::Over(RunState::Done) => break,
            other => panic!("call {nth} {weather:?}: {other:?}"),
        }
    }
    rotated(&world);
    agrees(&world, &live);
    let events = journal(&world, &live.run().id).into_iter().map(|(_, e)| e).collect();
    (world, events)
}

fn denied() -> FaultKind {
    FaultKind::Denied { action: Untrusted::from("x:Y"), resource: None }
}

#[tokio::test]
async fn every_call_may_go_wrong_in_every_way_and_the_work_is_done_once() {
    let other = || FaultKind::Other(Untrusted::from("InternalError"));
    let ways = || {
        [
            Weather::Before(denied()),
            Weather::Before(FaultKind::Throttled),
            Weather::Before(FaultKind::Invalid),
            Weather::Before(FaultKind::Conflict),
            Weather::Before(FaultKind::Expired { mend: Untrusted::from("log in") }),
            Weather::Before(FaultKind::TimedOut),
            Weather::After(FaultKind::TimedOut),
            Weather::Before(FaultKind::Unreachable),
            Weather::After(FaultKind::Unreachable),
            Weather::Before(other()),
            Weather::After(other()),
            Weather::Before(FaultKind::Malformed),
            Weather::After(FaultKind::Malformed),
        ]
    };
    for nth in 1..=CALLS {
        for weather in ways() {
            one_fault(nth, weather).await;
        }
    }
}

#[tokio::test]
async fn a_write_that_lands_late_is_not_made_twice() {
    for nth in 1..=2 {
        for after in 1..6 {
            let (world, events) = one_fault(nth, Weather::Lands(after, FaultKind::TimedOut)).await;
            let settled = |e: &&Event| matches!(e, Event::Settled { result: Settled::Happened(_), .. });
            assert_eq!(events.iter().filter(settled).count(), 1, "call {nth} landing after {after}");
            assert_eq!(world.aws.state.lock().unwrap().log.len(), CALLS, "nothing was sent again");
        }
    }
}

#[tokio::test]
async fn a_no_counts_only_after_the_quiet_time_and_then_another_key_is_taken() {
    let (world, events) = one_fault(1, Weather::Before(FaultKind::TimedOut)).await;
    let state = world.aws.state.lock().unwrap();
    assert_ne!(state.log[0].1, state.log[1].1);
    assert_eq!(state.log[0].0, state.log[1].0);
    drop(state);
    let waited = |e: &Event| matches!(e, Event::Waiting { for_what: WaitingFor::Settle { .. }, .. });
    assert!(events.iter().any(waited));
    let no = |e: &Event| matches!(e, Event::Settled { result: Settled::NotHappened, attempt: 1, .. });
    assert!(events.iter().any(no));
}

#[tokio::test]
async fn what_was_throttled_is_sent_again_under_its_own_key() {
    let (world, events) = one_fault(1, Weather::Before(FaultKind::Throttled)).await;
    let state = world.aws.state.lock().unwrap();
    assert_eq!(state.log[0], state.log[1]);
    let intents = events
        .iter()
        .filter(|e| matches!(e, Event::Intent { call: 0, attempt: 1, step, .. } if step == "create"));
    assert_eq!(intents.count(), 2, "a quiet time counts from when it really left");
}

#[tokio::test]
async fn a_refusal_voids_what_was_agreed_to_and_asks_anew() {
    let (_, events) = one_fault(1, Weather::Before(denied())).await;
    let words: Vec<&str> = events
        .iter()
        .filter_map(|e| match e {
            Event::Consented { step, .. } if step == "create" => Some("consented"),
            Event::Outcome { step, result: Outcome::Refused(_), .. } if step == "create" => Some("refused"),
            Event::Void { step, .. } if step == "create" => Some("void"),
            Event::Failed { step, .. } if step == "create" => Some("failed"),
            Event::Changed { step, .. } if step == "create" => Some("changed"),
            _ => None,
        })
        .collect();
    assert_eq!(words, ["consented", "refused", "void", "failed", "consented", "changed"]);
}

#[tokio::test]
async fn half_of_a_change_stays_agreed_to_while_permission_is_mended() {
    let world = World::new();
    // Of three plans, the second may not be joined until somebody grants it.
    *world.aws.sky.lock().unwrap() = Box::new(|call, _| match call {
        Call::ApiGateway(change::apigateway::Call::CreateUsagePlanKey { plan, .. })
            if plan.wire() == "silver" =>
        {
            Weather::Before(denied())
        }
        _ => Weather::Fine,
    });
    let mut live = start(&world, ROTATION).await;
    let halt = go_all_the_way(&world, &mut live).await.unwrap();
    assert!(matches!(&halt, Halt::Failed { step, failure } if step == "join" && failure.kind == "denied"));
    assert_eq!(live.run().leftovers().len(), 3);
    assert!(live.run().leftovers()[2].contains("made in part"));
    *world.aws.sky.lock().unwrap() = Box::new(|_, _| Weather::Fine);
    // No new consent: what was agreed to is finished.
    assert!(matches!(live.go(Some("join")).await.unwrap(), Halt::Reached(_)));
    go_all_the_way(&world, &mut live).await.unwrap();
    rotated(&world);
    agrees(&world, &live);
}

#[tokio::test]
async fn patience_with_throttling_ends_and_nothing_is_lost() {
    let world = World::new();
    *world.aws.sky.lock().unwrap() = Box::new(|_, _| Weather::Before(FaultKind::Throttled));
    let mut live = start(&world, ROTATION).await;
    let halt = go_all_the_way(&world, &mut live).await.unwrap();
    assert!(matches!(&halt, Halt::Failed { failure, .. } if failure.kind == "throttled"));
    assert_eq!(world.aws.state.lock().unwrap().log.len(), 8);
    *world.aws.sky.lock().unwrap() = Box::new(|_, _| Weather::Fine);
    assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
    rotated(&world);
}

#[tokio::test]
async fn a_doubt_that_aws_cannot_settle_is_decided_by_a_person() {
    for (decision, keys) in
        [(Decision::NotHappened, 2), (Decision::Happened(Some(Untrusted::from("old1"))), 1)]
    {
        let world = World::new();
        *world.aws.sky.lock().unwrap() = Box::new(|_, n| match n {
            1 => Weather::Before(FaultKind::TimedOut),
            _ => Weather::Fine,
        });
        // Looking is not allowed.
        *world.aws.read_sky.lock().unwrap() =
            Box::new(|q, _| (q.ask.operation().name == "apigateway:GetApiKeys").then(denied));
        let mut live = start(&world, &[("create", "t.make")]).await;
        let halt = go_all_the_way(&world, &mut live).await.unwrap();
        let Halt::Decide { doubt, .. } = &halt else { panic!("{halt:?}") };
        assert!(doubt.why.starts_with("denied"), "{doubt:?}");
        assert_eq!(live.run().state(), RunState::InDoubt);
        // Asked again, it is the same doubt.
        assert_eq!(live.go(None).await.unwrap(), halt);
        assert!(live.decide(Decision::Happened(None)).await.is_err(), "an id is needed");
        live.decide(decision).await.unwrap();
        assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
        assert_eq!(world.aws.state.lock().unwrap().keys.len(), keys);
        assert!(live.decide(Decision::NotHappened).await.is_err());
        agrees(&world, &live);
    }
}

#[tokio::test]
async fn while_nobody_answers_the_doubt_waits() {
    let world = World::new();
    *world.aws.sky.lock().unwrap() = Box::new(|_, n| match n {
        1 => Weather::After(FaultKind::TimedOut),
        _ => Weather::Fine,
    });
    let mut live = start(&world, ROTATION).await;
    let mut halt = live.go(None).await.unwrap();
    *world.aws.read_sky.lock().unwrap() = Box::new(|_, _| Some(FaultKind::Unreachable));
    answer(&world, &mut live, &halt).await.unwrap();
    halt = live.go(None).await.unwrap();
    assert!(matches!(&halt, Halt::Settle { step, .. } if step == "create"), "{halt:?}");
    assert_eq!(live.run().state(), RunState::Waiting);
    *world.aws.read_sky.lock().unwrap() = Box::new(|_, _| None);
    assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
    rotated(&world);
}

#[tokio::test]
async fn expired_credentials_fail_the_step_with_their_own_words() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    let expired = || FaultKind::Expired { mend: Untrusted::from("run `aws sso login`") };
    *world.aws.read_sky.lock().unwrap() = Box::new(move |_, _| Some(expired()));
    let halt = live.go(None).await.unwrap();
    let Halt::Failed { failure, .. } = halt else { panic!("{halt:?}") };
    assert_eq!(failure.kind, "expired");
    assert!(failure.text.contains("aws sso login"));
    *world.aws.read_sky.lock().unwrap() = Box::new(|_, _| None);
    assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
}

#[tokio::test]
async fn a_passing_fault_of_a_question_is_asked_again() {
    let world = World::new();
    *world.aws.read_sky.lock().unwrap() = Box::new(|_, n| (n % 3 == 0).then_some(FaultKind::Throttled));
    let mut live = start(&world, ROTATION).await;
    assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
    rotated(&world);
}

#[tokio::test]
async fn a_key_made_by_somebody_else_meanwhile_is_not_taken_for_ours() {
    let world = World::new();
    *world.aws.sky.lock().unwrap() = Box::new(|_, n| match n {
        1 => Weather::Before(FaultKind::TimedOut),
        _ => Weather::Fine,
    });
    let theirs = super::aws::Key {
        name: "bartizan-other".into(),
        value: b"another-value-0123456789".to_vec(),
        enabled: true,
        plans: Default::default(),
    };
    world.aws.state.lock().unwrap().keys.insert(ApiKeyId::new("their").wire().to_owned(), theirs);
    let mut live = start(&world, ROTATION).await;
    assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
    assert_eq!(world.aws.state.lock().unwrap().keys.len(), 2);
}

/// A row of numbers that looks like chance and is the same for the same seed.
fn chance(seed: u64, n: usize) -> u64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (n as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 29;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 32)
}

#[tokio::test]
async fn weeks_of_bad_weather_with_many_operators_end_in_the_same_estate() {
    for seed in 0..40 {
        let world = World::new();
        *world.aws.sky.lock().unwrap() = Box::new(move |_, n| match chance(seed, n) % 20 {
            0 => Weather::Before(denied()),
            1 => Weather::Before(FaultKind::Throttled),
            2 => Weather::Before(FaultKind::Conflict),
            3 | 4 => Weather::Before(FaultKind::TimedOut),
            5 | 6 => Weather::After(FaultKind::TimedOut),
            7 => Weather::After(FaultKind::Malformed),
            8 => Weather::Before(FaultKind::Unreachable),
            _ => Weather::Fine,
        });
        *world.aws.read_sky.lock().unwrap() = Box::new(move |_, n| match chance(seed + 1_000, n) % 25 {
            0 => Some(FaultKind::Throttled),
            1 => Some(FaultKind::Unreachable),
            2 => Some(FaultKind::Expired { mend: Untrusted::from("log in") }),
            _ => None,
        });
        let mut live = loop {
            // Planning may fail for want of an answer; it is made again.
            let definition = super::way::definition(ROTATION);
            let runs = world.runs();
            let Ok(plan) = runs.plan(&definition, &super::way::inputs(&definition)).await else { continue };
            if let Ok(live) = runs.start(plan, crate::estate::Vault::default()).await {
                break live;
            }
        };
        let id = live.run().id.clone();
        for turn in 0.. {
            assert!(turn < 400, "seed {seed}: {:?}", live.run().steps);
            let halt = live.go(None).await.unwrap();
            match &halt {
                Halt::Over(state) => {
                    assert_eq!(*state, RunState::Done);
                    break;
                }
                Halt::Failed { .. } => {}
                Halt::Decide { .. } => live.decide(Decision::NotHappened).await.unwrap(),
                halt => assert!(answer(&world, &mut live, halt).await.unwrap(), "{halt:?}"),
            }
            if chance(seed, turn + 5_000).is_multiple_of(4) {
                live.close().await.unwrap();
                live = loop {
                    let vault = crate::estate::Vault::default();
                    if let Ok(live) = world.runs().resume(&id, vault).await {
                        break live;
                    }
                };
            }
            agrees(&world, &live);
        }
        rotated(&world);
    }
}
