//! What must stop a run before anything is sent.

use super::way::{ROTATION, agrees, definition, go_all_the_way, inputs, journal, rotated, start, yes};
use super::world::{Shelf, World};
use crate::engine::runs::desk::{Desk, News, Order};
use crate::engine::runs::{Class, RunsFault};
use crate::estate::{Consent, FaultKind, Given, RunId, Untrusted, Vault};
use crate::journal::{RunName, Store};
use crate::runbook::{Event, Halt, RunState};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

fn sent(world: &World) -> usize {
    world.aws.state.lock().unwrap().log.len()
}

#[tokio::test]
async fn read_only_and_without_a_journal_nothing_begins() {
    let definition = definition(ROTATION);
    let mut world = World::new();
    let plan = || async { World::new().runs().plan(&definition, &inputs(&definition)).await.unwrap() };
    world.read_only = true;
    let refused = world.runs().start(plan().await, Vault::default()).await.err().unwrap();
    assert_eq!((refused.class(), refused), (Class::Refused, RunsFault::ReadOnly));
    world.read_only = false;
    world.site.read_only = true;
    assert_eq!(world.runs().start(plan().await, Vault::default()).await.err(), Some(RunsFault::ReadOnly));
    world.site.read_only = false;
    let who = super::super::Who { principal: Untrusted::from("a"), host: Untrusted::from("b"), pid: 1 };
    let none = crate::engine::Runs::new(world.ports(), None, who, world.site.clone());
    assert_eq!(none.start(plan().await, Vault::default()).await.err(), Some(RunsFault::NoState));
    assert_eq!(none.list().await.unwrap(), []);
    assert!(world.store.inner.runs().await.unwrap().is_empty());
    // A plan is made all the same: it changes nothing.
    world.read_only = true;
    world.runs().plan(&definition, &inputs(&definition)).await.unwrap();
    assert_eq!(sent(&world), 0);
}

#[tokio::test]
async fn an_intent_that_cannot_be_saved_sends_nothing() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    live.consent(yes(&proposal)).await.unwrap();
    world.store.full_from.store(0, Ordering::SeqCst);
    let before = live.run();
    let fault = live.go(None).await.unwrap_err();
    assert_eq!(fault.class(), Class::Refused);
    assert_eq!(sent(&world), 0);
    assert_eq!(live.run(), before, "what is not on the disk is not in the run");
    world.store.full_from.store(i64::MAX, Ordering::SeqCst);
    go_all_the_way(&world, &mut live).await.unwrap();
    rotated(&world);
}

#[tokio::test]
async fn an_outcome_that_cannot_be_saved_is_a_doubt_and_settled() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    live.consent(yes(&proposal)).await.unwrap();
    world.store.full_from.store(1, Ordering::SeqCst); // the intent fits, the outcome does not
    assert!(live.go(None).await.is_err());
    assert_eq!(sent(&world), 1);
    world.store.full_from.store(i64::MAX, Ordering::SeqCst);
    go_all_the_way(&world, &mut live).await.unwrap();
    rotated(&world);
    agrees(&world, &live);
}

#[tokio::test]
async fn a_production_account_is_armed_by_its_name_once() {
    let mut world = World::new();
    world.site.production = true;
    let mut live = start(&world, ROTATION).await;
    let Halt::Arm { alias } = live.go(None).await.unwrap() else { panic!() };
    assert_eq!(alias.wire(), "acme-prod");
    assert_eq!(live.arm("acme-dev").await.unwrap_err().class(), Class::Refused);
    assert!(matches!(live.go(None).await.unwrap(), Halt::Arm { .. }));
    live.arm("acme-prod").await.unwrap();
    assert!(matches!(live.go(None).await.unwrap(), Halt::Consent { .. }));
    go_all_the_way(&world, &mut live).await.unwrap();
    let armed = journal(&world, &live.run().id).iter().filter(|(_, e)| *e == Event::Armed).count();
    assert_eq!(armed, 1);
}

#[tokio::test]
async fn a_run_is_bound_to_its_account_its_region_and_its_estate() {
    let world = World::new();
    let live = start(&world, ROTATION).await;
    let id = live.run().id.clone();
    live.close().await.unwrap();
    *world.aws.account.lock().unwrap() = "210987654321";
    let fault = world.runs().resume(&id, Vault::default()).await.err().unwrap();
    assert!(matches!(fault, RunsFault::Elsewhere { .. }) && fault.class() == Class::Refused);
    assert!(fault.to_string().contains("123456789012") && fault.to_string().contains("210987654321"));
    *world.aws.account.lock().unwrap() = "123456789012";
    let mut ports = world.ports();
    ports.practice = true;
    let store: Arc<dyn Store> = Arc::new(Shelf(world.store.clone()));
    let who = super::super::Who { principal: Untrusted::from("a"), host: Untrusted::from("b"), pid: 1 };
    let practising = crate::engine::Runs::new(ports, Some(store), who, world.site.clone());
    assert!(matches!(practising.resume(&id, Vault::default()).await.err(), Some(RunsFault::OtherWorld(..))));
    assert_eq!(journal(&world, &id).len(), 1, "nothing was written");
}

#[tokio::test]
async fn two_processes_and_two_runs_do_not_touch_the_same_thing() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    let id = live.run().id.clone();
    let fault = world.runs().resume(&id, Vault::default()).await.err().unwrap();
    assert!(fault.to_string().contains("in hand: process 7 on bastion (ops/alice)"), "{fault}");
    // Another run that would change the same function: told who has it, and not even begun.
    let definition = definition(ROTATION);
    let plan = world.runs().plan(&definition, &inputs(&definition)).await.unwrap();
    let fault = world.runs().start(plan, Vault::default()).await.err().unwrap();
    assert_eq!(fault.class(), Class::Refused);
    assert!(fault.to_string().contains(&format!("held by run {id}")), "{fault}");
    assert_eq!(world.store.inner.runs().await.unwrap().len(), 1);
    // It is held through a wait without a process, and free when the run is stopped.
    live.abort().await.unwrap();
    assert!(world.store.inner.leases().await.unwrap().is_empty());
    assert!(live.abort().await.is_err());
    assert_eq!(live.go(None).await.unwrap(), Halt::Over(RunState::Aborted));
    live.close().await.unwrap();
    start(&world, ROTATION).await;
}

/// A run that failed before it changed anything keeps nobody from the resource; one of which something stands does.
#[tokio::test]
async fn a_failed_run_holds_what_it_changed_and_nothing_else() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    assert!(!world.store.inner.leases().await.unwrap().is_empty(), "taken from the plan");
    *world.aws.read_sky.lock().unwrap() = Box::new(|_, _| Some(FaultKind::Unreachable));
    assert!(matches!(live.go(None).await.unwrap(), Halt::Failed { .. }));
    assert!(world.store.inner.leases().await.unwrap().is_empty(), "it changed nothing");
    *world.aws.read_sky.lock().unwrap() = Box::new(|_, _| None);
    // Another one may begin; who comes back to the first is told when something would be changed.
    let mut other = start(&world, ROTATION).await;
    let mut refused = None;
    for _ in 0..50 {
        let halt = live.go(None).await.unwrap();
        if let Err(fault) = super::way::answer(&world, &mut live, &halt).await {
            refused = Some(fault.to_string());
            break;
        }
    }
    assert!(refused.is_some_and(|why| why.contains(&format!("held by run {}", other.run().id))));
    other.abort().await.unwrap();

    // Of this one a key stands: it holds what it has changed.
    let denied = || FaultKind::Denied { action: Untrusted::from("x:Y"), resource: None };
    *world.aws.sky.lock().unwrap() = Box::new(move |_, n| match n {
        1 => super::aws::Weather::Fine,
        _ => super::aws::Weather::Before(denied()),
    });
    let halt = go_all_the_way(&world, &mut live).await.unwrap();
    assert!(matches!(halt, Halt::Failed { .. }) && live.run().holds(), "{halt:?}");
    assert!(!world.store.inner.leases().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_journal_is_not_followed() {
    let mut world = World::new();
    let mut live = start(&world, ROTATION).await;
    go_all_the_way(&world, &mut live).await.unwrap();
    let id = live.run().id.clone();
    let name: RunName = id.as_str().parse().unwrap();
    let mut bytes = world.store.inner.bytes(&name);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    world.restart_with(&name, bytes);
    let before = sent(&world);
    let fault = world.runs().resume(&id, Vault::default()).await.err().unwrap();
    assert_eq!(fault.class(), Class::Refused);
    assert!(fault.to_string().contains("does not verify"), "{fault}");
    assert_eq!(sent(&world), before);
    let line = &world.runs().list().await.unwrap()[0];
    assert!(line.state.is_none() && line.waiting.contains("does not verify"));
}

#[tokio::test]
async fn only_what_was_proposed_can_be_agreed_to() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    assert!(live.consent(Vec::new()).await.is_err(), "nothing is proposed yet");
    let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    assert!(live.consent(Vec::new()).await.is_err());
    let mut other = proposal.changes[0].clone();
    other.at.account = None;
    let forged = Consent::give(other, Given::Yes).unwrap();
    assert_eq!(live.consent(vec![forged]).await.unwrap_err().class(), Class::Refused);
    let mut twice = yes(&proposal);
    twice.extend(yes(&proposal));
    assert!(live.consent(twice).await.is_err());
    assert!(!journal(&world, &live.run().id).iter().any(|(_, e)| matches!(e, Event::Consented { .. })));
    assert!(live.attest("yes").await.is_err(), "consent is not given in words");
    live.consent(yes(&proposal)).await.unwrap();
    assert!(live.consent(yes(&proposal)).await.is_err(), "an answer counts once");
}

#[tokio::test]
async fn a_proposal_that_stood_on_a_screen_for_long_is_made_anew() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    world.clock.jump(Duration::from_secs(2 * 3600));
    let fault = live.consent(yes(&proposal)).await.unwrap_err();
    assert!(fault.class() == Class::Refused && fault.to_string().contains("looks at AWS anew"), "{fault}");
    assert_eq!(sent(&world), 0);
    let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    live.consent(yes(&proposal)).await.unwrap();
    go_all_the_way(&world, &mut live).await.unwrap();
    agrees(&world, &live);
}

/// What a change stands on can grow too old while a person reads it, and between the answer and the call.
#[tokio::test]
async fn nothing_is_purged_against_an_export_that_has_grown_old_meanwhile() {
    for agreed in [false, true] {
        let world = World::new();
        let mut live = start(&world, &[("purge", "t.purge")]).await;
        let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
        if agreed {
            live.consent(yes(&proposal)).await.unwrap();
        }
        world.clock.jump(Duration::from_secs(601));
        if !agreed {
            let fault = live.consent(yes(&proposal)).await.unwrap_err();
            assert!(fault.class() == Class::Refused && fault.to_string().contains("too old"), "{fault}");
        }
        let Halt::Failed { failure, .. } = live.go(None).await.unwrap() else { panic!() };
        assert!(failure.text.contains("the export is too old"), "{failure:?}");
        assert_eq!(sent(&world), 0);
        let void = live.run().step("purge").unwrap().changes.first().and_then(|c| c.void.clone());
        assert_eq!(void.is_some_and(|why| why.contains("stands on has grown too old")), agreed);
        agrees(&world, &live);
    }
}

#[tokio::test]
async fn a_step_with_a_flaw_fails_instead_of_going_round() {
    let world = World::new();
    for (verb, words) in [("t.spin", "asks what it knows"), ("t.ever", "an hour has passed")] {
        let mut live = start(&world, &[("odd", verb)]).await;
        let halt = live.go(None).await.unwrap();
        assert!(matches!(&halt, Halt::Failed { failure, .. } if failure.text.contains(words)), "{halt:?}");
    }
}

#[tokio::test]
async fn a_run_that_is_not_there_is_wrong_usage() {
    let world = World::new();
    let unknown = RunId::new("00000000").unwrap();
    assert_eq!(world.runs().read(&unknown).await.unwrap_err().class(), Class::Usage);
}

#[tokio::test]
async fn a_desk_drives_a_run_and_is_left_at_a_safe_point() {
    let world = World::new();
    let live = start(&world, ROTATION).await;
    let id = live.run().id.clone();
    let (tell, mut news) = tokio::sync::mpsc::unbounded_channel();
    let desk = Desk::seat(live, tell);
    assert!(desk.order(Order::Note("create".into(), "careful".into())).is_ok());
    assert!(desk.order(Order::Go).is_ok());
    let mut halts = 0;
    while let Some(what) = news.recv().await {
        match what {
            News::Halt(Halt::Consent { proposal, .. }) => {
                halts += 1;
                assert!(desk.order(Order::Consent(yes(&proposal))).is_ok());
            }
            News::Halt(Halt::Time { .. }) => break,
            News::Halt(other) => panic!("{other:?}"),
            News::Fault(fault) => panic!("{fault}"),
            News::Run(_) | News::Doing(_) | News::Aborted(_) | News::Revealed | News::Left => {}
        }
    }
    assert_eq!(halts, 5);
    desk.leave().await;
    let run = world.runs().read(&id).await.unwrap();
    assert_eq!(run.state(), RunState::Waiting);
    assert_eq!(run.step("create").unwrap().notes.len(), 1);
    world.runs().resume(&id, Vault::default()).await.unwrap();
}
