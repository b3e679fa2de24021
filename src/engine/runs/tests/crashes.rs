//! A process that dies at every point where a record or a call happens, and one that comes after it.

use super::aws::Weather;
use super::way::{ROTATION, agrees, answer, go_all_the_way, journal, rotated, start};
use super::world::{Fuse, World};
use crate::engine::runs::Live;
use crate::estate::{Call, FaultKind, RunId, Vault, change};
use crate::journal::{RunName, Store};
use crate::runbook::run::Run;
use crate::runbook::{Decision, Event, Halt, RunState};
use std::time::Duration;

/// Runs until the fuse blows or the run is over; the id, once there is one.
async fn until_it_dies(world: &World, resume: Option<&RunId>) -> Option<Halt> {
    let work = async {
        let mut live: Live = match resume {
            Some(id) => world.runs().resume(id, Vault::default()).await.unwrap(),
            None => start(world, ROTATION).await,
        };
        go_all_the_way(world, &mut live).await.unwrap()
    };
    tokio::select! {
        biased;
        () = world.store.fuse.blown.notified() => None,
        halt = work => Some(halt),
    }
}

async fn the_run(world: &World) -> Option<RunId> {
    let names = world.store.inner.runs().await.unwrap();
    let id = names.first().and_then(|n| RunId::new(n.as_str()))?;
    let begun = !world.store.inner.bytes(&names[0]).is_empty();
    begun.then_some(id)
}

/// Dies at the `first` point, and the process after it at the `second`, counted from its beginning.
async fn die_and_come_back(first: i64, second: i64) -> bool {
    let mut world = World::with_fuse(Fuse::at(first));
    let ended = until_it_dies(&world, None).await;
    if ended.is_some() {
        return false;
    }
    let Some(id) = the_run(&world).await else { return true };
    if second >= 0 {
        world.after_a_crash(&id);
        world.aws.fuse.blow_at(second);
        if until_it_dies(&world, Some(&id)).await.is_some() {
            rotated(&world);
            return true;
        }
    }
    world.after_a_crash(&id);
    let mut live = world.runs().resume(&id, Vault::default()).await.unwrap();
    let halt = go_all_the_way(&world, &mut live).await.unwrap();
    assert_eq!(halt, Halt::Over(RunState::Done), "died at {first} and {second}: {:?}", live.run().steps);
    rotated(&world);
    agrees(&world, &live);
    let made = |e: &&Event| matches!(e, Event::Changed { .. });
    let events = journal(&world, &id);
    assert_eq!(events.iter().map(|(_, e)| e).filter(made).count(), 7, "each change was made once");
    let name: RunName = id.as_str().parse().unwrap();
    assert!(world.store.inner.read(&name).await.unwrap().sound().is_ok());
    true
}

#[tokio::test]
async fn whoever_dies_anywhere_is_followed_by_one_who_finishes_the_same_work() {
    let mut points = 0;
    while die_and_come_back(points, -1).await {
        points += 1;
    }
    assert!(points > 100, "{points} points were tried");
}

#[tokio::test]
async fn dying_again_while_coming_back_changes_nothing() {
    for first in (5..150).step_by(17) {
        for second in 0..8 {
            die_and_come_back(first, second).await;
        }
    }
}

/// Somebody agreed, the process died before anything was sent, and a week later the world is another.
#[tokio::test]
async fn what_was_agreed_to_and_never_sent_is_asked_anew() {
    let mut world = World::new();
    let mut live = start(&world, ROTATION).await;
    loop {
        let halt = live.go(None).await.unwrap();
        assert!(answer(&world, &mut live, &halt).await.unwrap(), "{halt:?}");
        if matches!(halt, Halt::Consent { step, .. } if step == "remove") {
            break;
        }
    }
    let id = live.run().id.clone();
    drop(live);
    let sent = world.aws.state.lock().unwrap().log.len();
    world.after_a_crash(&id);
    world.clock.jump(Duration::from_secs(7 * 86_400));
    let mut live = world.runs().resume(&id, Vault::default()).await.unwrap();
    let remove = live.run().step("remove").unwrap().changes[0].clone();
    assert!(remove.void.is_some_and(|why| why.contains("asks anew")) && remove.calls.is_empty());
    assert!(matches!(live.go(None).await.unwrap(), Halt::Consent { step, .. } if step == "remove"));
    assert_eq!(world.aws.state.lock().unwrap().log.len(), sent, "nothing was deleted on an old word");
    go_all_the_way(&world, &mut live).await.unwrap();
    rotated(&world);
    agrees(&world, &live);
}

/// A consent stands for an hour: a call that turned out not to have happened is sent again within it, and is asked
/// for anew after it.
#[tokio::test]
async fn a_call_that_did_not_happen_is_sent_again_within_the_hour_and_asked_anew_after_it() {
    for (later, asked) in [(600, false), (2 * 3_600, true)] {
        let mut world = World::new();
        *world.aws.sky.lock().unwrap() = Box::new(|_, n| match n {
            1 => Weather::Before(FaultKind::TimedOut),
            _ => Weather::Fine,
        });
        let mut live = start(&world, ROTATION).await;
        while !live.run().steps.iter().any(|s| !s.changes.is_empty()) {
            let halt = live.go(None).await.unwrap();
            assert!(answer(&world, &mut live, &halt).await.unwrap(), "{halt:?}");
        }
        // Nobody answers what came of it.
        *world.aws.read_sky.lock().unwrap() = Box::new(|_, _| Some(FaultKind::Unreachable));
        assert!(matches!(live.go(None).await.unwrap(), Halt::Settle { .. }));
        *world.aws.read_sky.lock().unwrap() = Box::new(|_, _| None);
        let id = live.run().id.clone();
        drop(live);
        world.after_a_crash(&id);
        world.clock.jump(Duration::from_secs(later));
        let mut live = world.runs().resume(&id, Vault::default()).await.unwrap();
        // The value was lost with the process that made it; here it is held, so that nothing else asks anew.
        live.vault().put(crate::estate::Slot::new("new"), zeroize::Zeroizing::new(vec![b'k'; 40]));
        let halt = live.go(None).await.unwrap();
        let Halt::Consent { step, .. } = &halt else { panic!("{halt:?}") };
        let sent = world.aws.state.lock().unwrap().log.len();
        assert_eq!((step.as_str(), sent), if asked { ("create", 1) } else { ("add", 2) });
        let void = live.run().step("create").unwrap().changes[0].void.clone();
        assert_eq!(void.is_some_and(|why| why.contains("more than an hour ago")), asked);
        go_all_the_way(&world, &mut live).await.unwrap();
        rotated(&world);
        agrees(&world, &live);
    }
}

/// Disabling a key twice does no harm, unless somebody has enabled it in between because it was needed.
#[tokio::test]
async fn a_call_that_may_be_repeated_is_not_repeated_days_later() {
    for (later, asked) in [(60, false), (7 * 86_400, true)] {
        let mut world = World::new();
        let disabling = |call: &Call| match call {
            Call::ApiGateway(change::apigateway::Call::UpdateApiKey { enabled, .. }) => !enabled,
            Call::ApiGateway(_)
            | Call::SecretsManager(_)
            | Call::Lambda(_)
            | Call::Iam(_)
            | Call::Sqs(_)
            | Call::Rds(_)
            | Call::Ec2(_) => false,
        };
        *world.aws.sky.lock().unwrap() = Box::new(move |call, _| match disabling(call) {
            true => Weather::Before(FaultKind::TimedOut),
            false => Weather::Fine,
        });
        let mut live = start(&world, ROTATION).await;
        loop {
            match live.go(None).await.unwrap() {
                Halt::Settle { .. } => break,
                halt => assert!(answer(&world, &mut live, &halt).await.unwrap(), "{halt:?}"),
            }
        }
        let id = live.run().id.clone();
        drop(live);
        *world.aws.sky.lock().unwrap() = Box::new(|_, _| Weather::Fine);
        world.after_a_crash(&id);
        world.clock.jump(Duration::from_secs(later));
        let sent = world.aws.state.lock().unwrap().log.len();
        let mut live = world.runs().resume(&id, Vault::default()).await.unwrap();
        let halt = live.go(None).await.unwrap();
        if asked {
            assert!(matches!(halt, Halt::Decide { doubt, .. } if doubt.why.contains("since")));
            assert_eq!(
                world.aws.state.lock().unwrap().log.len(),
                sent,
                "it was not sent behind a person's back"
            );
            live.decide(Decision::NotHappened).await.unwrap();
        } else {
            assert!(world.aws.state.lock().unwrap().log.len() > sent, "sent again");
        }
        go_all_the_way(&world, &mut live).await.unwrap();
        rotated(&world);
        agrees(&world, &live);
    }
}

/// Every prefix of a journal is a run that can be taken up, whatever has happened to the estate meanwhile.
#[tokio::test]
async fn any_prefix_of_a_journal_folds_and_can_be_resumed() {
    let whole = World::new();
    let mut live = start(&whole, ROTATION).await;
    go_all_the_way(&whole, &mut live).await.unwrap();
    let id = live.run().id.clone();
    let name: RunName = id.as_str().parse().unwrap();
    let bytes = whole.store.inner.bytes(&name);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let events = journal(&whole, &id);
    let mut grown: Option<Run> = None;
    for (n, (stamp, event)) in events.iter().enumerate() {
        match &mut grown {
            None => grown = Some(Run::begin(stamp, event).unwrap()),
            Some(run) => run.apply(stamp, event).unwrap(),
        }
        let prefix = events[..=n].iter().map(|(s, e)| (s.clone(), e));
        assert_eq!(grown.as_ref(), Some(&Run::fold(prefix).unwrap()));
        let mut world = World::new();
        world.restart_with(&name, lines[..=n].concat());
        let mut live = world.runs().resume(&id, Vault::default()).await.unwrap();
        go_all_the_way(&world, &mut live).await.unwrap();
        agrees(&world, &live);
        assert!(world.store.inner.read(&name).await.unwrap().sound().is_ok());
    }
}

/// A front end that gives up waiting at any point: the same process goes on with the same run.
#[tokio::test]
async fn a_future_that_is_dropped_anywhere_leaves_a_run_that_goes_on() {
    for polls in 0..120 {
        let world = World::new();
        let mut live = start(&world, ROTATION).await;
        for _ in 0..200 {
            let mut given = polls;
            let halt = {
                let go = live.go(None);
                tokio::pin!(go);
                std::future::poll_fn(|cx| {
                    if given == 0 {
                        return std::task::Poll::Ready(None);
                    }
                    given -= 1;
                    std::future::Future::poll(go.as_mut(), cx).map(Some)
                })
                .await
            };
            let Some(halt) = halt else { break };
            if !super::way::answer(&world, &mut live, &halt.unwrap()).await.unwrap() {
                break;
            }
        }
        assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
        rotated(&world);
        agrees(&world, &live);
    }
}
