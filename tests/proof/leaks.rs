//! No secret byte is in what layers above the ports hand to each other, nor in what a panic says: plans, effects,
//! messages and halts of whole runs, and ports that fall over with all they were handed in their words.

use crate::bed::{Bed, Fuse, SCRIPTS, Script, yes};
use crate::crash::{as_undisturbed, memory, undisturbed};
use crate::face::{nowhere, raw, secrets};
use bartizan::console::effect::{Effect, RunsOrder};
use bartizan::console::msg::{Msg, RunsNews};
use bartizan::estate::{Ticket, Vault};
use bartizan::runbook::{Halt, RunState};
use std::fmt::Write;
use std::sync::Arc;

/// Everything that is said of a run on the way from its plan to its end, as `Debug` writes it.
async fn said(bed: &Bed, script: &Script) -> String {
    let mut told = String::new();
    let mut tell = |what: &dyn std::fmt::Debug| writeln!(told, "{what:?}").unwrap();
    let (definition, runs) = (script.definition(), bed.runs());
    let inputs = script.inputs(&definition);
    let plan = Arc::new(runs.plan(&definition, &inputs).await.unwrap());
    tell(&inputs);
    tell(&Msg::Runs(RunsNews::Planned { ticket: Ticket(1), plan: Ok(plan.clone()) }));
    tell(&Effect::Runs(RunsOrder::Start { plan: plan.clone() }));
    let mut live = runs.start((*plan).clone(), Vault::default()).await.unwrap();
    let id = live.run().id.clone();
    for _ in 0..300 {
        let halt = live.go(None).await.unwrap();
        tell(&Msg::Runs(RunsNews::Halted { run: live.run(), halt: halt.clone() }));
        tell(live.vault());
        if let Halt::Consent { proposal, .. } = &halt {
            tell(&Effect::Runs(RunsOrder::Consent { run: id.clone(), consents: yes(proposal) }));
        }
        if !bed.answer(&mut live, &halt).await {
            assert_eq!(halt, Halt::Over(RunState::Done), "{}", script.name);
            return told;
        }
    }
    panic!("the run goes round in circles: {:?}", live.run().waiting);
}

#[tokio::test]
async fn no_plan_no_effect_and_no_message_holds_a_secret() {
    for script in SCRIPTS {
        let bed = Bed::of(script, Arc::new(memory()), Fuse::never()).await;
        let mut all = secrets(&raw(&bed, script.system).await);
        let told = said(&bed, script).await;
        all.extend(secrets(&raw(&bed, script.system).await));
        // What is looked for is there to be found, and so is what may be said.
        assert!(told.contains("Planned") && told.contains("Consent") && told.len() > 10_000);
        nowhere(&all, &told, "what is said of the run");
    }
}

/// The port falls over at its `nth` write, before or after the effect; what the panic says. `None`: it never came to
/// that write.
async fn falls(script: &Script, nth: usize, after: bool) -> Option<()> {
    let whole = undisturbed(script).await;
    let store = memory();
    let bed = Bed::of(script, Arc::new(store.clone()), Fuse::never()).await;
    let mut live = bed.start(script).await.unwrap();
    let id = live.run().id.clone();
    *bed.wire.falls.lock().unwrap() = Some((nth, after));
    let bed = Arc::new(bed);
    let at_work = bed.clone();
    let ended = tokio::spawn(async move { at_work.go(&mut live).await }).await;
    let words = match ended {
        Ok(_) => return None,
        Err(fell) => *fell.into_panic().downcast::<String>().unwrap(),
    };
    let what = format!("{} fell over at write {nth}, after its effect: {after}", script.name);
    assert!(words.starts_with("the port fell over: "), "{what}: {words}");
    let now = raw(&bed, script.system).await;
    let mut all = secrets(&now);
    all.extend(secrets(&whole.before));
    nowhere(&all, &words, &what);
    // It is like a crash: whoever comes next finishes the work, once.
    let next = bed.next(Arc::new(crate::crash::left(&store, &id)), Fuse::never());
    let mut live = next.resume(&id).await;
    assert_eq!(next.go(&mut live).await, Halt::Over(RunState::Done), "{what}");
    as_undisturbed(&next, &live, script, &whole, &what).await;
    Some(())
}

#[tokio::test]
async fn a_port_that_falls_over_says_no_secret_and_is_followed_by_one_that_finishes() {
    let mut fell = 0;
    for script in SCRIPTS {
        for after in [false, true] {
            let mut nth = 0;
            while falls(script, nth, after).await.is_some() {
                nth += 1;
            }
            assert!(nth >= 1, "{}: {nth} writes", script.name);
            fell += nth;
        }
    }
    println!("{fell} panics");
}
