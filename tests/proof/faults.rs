//! Every write of both runbooks and every way in which it can go wrong, and every read with one of them: the run ends
//! done, waiting, failed or in doubt, and what the journal says is what the estate holds.

use crate::bed::{Bed, Fuse, SCRIPTS, Script, Weather};
use crate::crash::{adds_up, memory, undisturbed};
use crate::face::{neutral, raw};
use bartizan::estate::{FaultKind, Untrusted};
use bartizan::runbook::event::Outcome;
use bartizan::runbook::{Event, Halt, RunState, Settled};
use std::collections::BTreeMap;
use std::sync::Arc;

fn denied() -> FaultKind {
    FaultKind::Denied { action: Untrusted::from("x:Y"), resource: None }
}

fn broken() -> FaultKind {
    FaultKind::Other(Untrusted::from("InternalError"))
}

fn ways() -> Vec<Weather> {
    let doubtful = || [FaultKind::TimedOut, FaultKind::Unreachable, broken(), FaultKind::Malformed];
    let refused = [FaultKind::Invalid, denied(), FaultKind::Throttled];
    let before = refused.into_iter().chain(doubtful()).map(Weather::Before);
    before.chain(doubtful().into_iter().map(Weather::After)).collect()
}

/// What the journal says of each call, against what the wire has seen.
async fn is_true(bed: &Bed, id: &bartizan::estate::RunId, what: &str) {
    let made = bed.wire.made.lock().unwrap().0.clone();
    let mut keys: BTreeMap<(String, u32, u32), String> = BTreeMap::new();
    for (_, event) in bed.runs().events(id).await.unwrap() {
        match event {
            Event::Intent { step, call, attempt, key, .. } => {
                keys.insert((step, call, attempt), key.as_str().to_owned());
            }
            Event::Outcome { step, call, attempt, result } => {
                let happened = made.contains(&keys[&(step, call, attempt)]);
                match result {
                    Outcome::Done(_) => assert!(happened, "{what}: done, it says"),
                    Outcome::Refused(f) => assert!(!happened, "{what}: refused, it says: {}", f.text),
                    Outcome::InDoubt(_) => {}
                }
            }
            Event::Settled { step, call, attempt, result } => {
                let happened = made.contains(&keys[&(step, call, attempt)]);
                match result {
                    Settled::Happened(_) => assert!(happened, "{what}: happened, it says"),
                    Settled::NotHappened => assert!(!happened, "{what}: not happened, it says"),
                    Settled::Overtaken(_)
                    | Settled::PersonSaysHappened(_)
                    | Settled::PersonSaysNot
                    | Settled::Accepted(_) => {}
                }
            }
            _ => {}
        }
    }
}

async fn one(
    script: &Script,
    whole: &crate::crash::Undisturbed,
    kind: &'static str,
    nth: usize,
    way: Weather,
) -> bool {
    let what = format!("{} {kind} {nth} {way:?}", script.name);
    let told = way.clone();
    let bed = Bed::of(script, Arc::new(memory()), Fuse::never()).await;
    let mut live = bed.start(script).await.unwrap();
    let from = bed.wire.counts.lock().unwrap().get(kind).copied().unwrap_or(0);
    *bed.wire.sky.lock().unwrap() =
        Box::new(move |k, n| if k == kind && n == from + nth { way.clone() } else { Weather::Fine });
    let halt = bed.go_again(&mut live, 3).await;
    is_true(&bed, &live.run().id, &what).await;
    match &halt {
        Halt::Over(RunState::Done) => {
            // Who was refused in the middle of a promotion makes another one: then another version is the
            // previous one. Everything else is as if nothing had happened.
            let now = raw(&bed, script.system).await;
            let (id, previous) = (&live.run().id, "[\"AWSPREVIOUS\"]");
            // Nor does an update fail because its date could not be kept: it says so.
            let run = live.run();
            let mut evidence = run.steps.iter().flat_map(|s| &s.evidence);
            let undated = evidence.any(|e| e.contains("ages of its fields cannot be kept"));
            let plain = |lines: &[String]| -> Vec<String> {
                let passed = |l: &&String| l.contains(previous) || undated && l.starts_with("access tag");
                lines.iter().filter(|l| !passed(l)).cloned().collect()
            };
            let (now_plain, after) = (neutral(&whole.before, &plain(&now), id), plain(&whole.after));
            assert_eq!(now_plain, after, "{what}");
            adds_up(&bed, &live, whole, &now, &what).await;
        }
        // A call that AWS says is wrong is not sent again: the step says so, and a person looks.
        Halt::Failed { .. } if matches!(told, Weather::Before(FaultKind::Invalid)) => {
            adds_up(&bed, &live, whole, &raw(&bed, script.system).await, &what).await;
        }
        Halt::Decide { .. } => assert_eq!(live.run().state(), RunState::InDoubt, "{what}"),
        other => panic!("{what}: {other:?}"),
    }
    bed.wire.counts.lock().unwrap().get(kind).copied().unwrap_or(0) > from + nth
}

async fn every_write(script: &Script) -> usize {
    let whole = undisturbed(script).await;
    let mut tried = 0;
    for way in ways() {
        for nth in 0.. {
            if !one(script, &whole, "write", nth, way.clone()).await {
                break;
            }
            tried += 1;
        }
    }
    let reads = ways();
    for kind in ["read", "load", "canary"] {
        for nth in 0.. {
            if !one(script, &whole, kind, nth, reads[nth % 7].clone()).await {
                break;
            }
            tried += 1;
        }
    }
    println!("{}: {tried} faults", script.name);
    tried
}

#[tokio::test]
async fn whatever_a_call_answers_the_journal_says_what_the_estate_holds() {
    let mut tried = 0;
    for script in SCRIPTS {
        tried += every_write(script).await;
    }
    assert!(tried > 600, "{tried}");
}
