//! The program stops before and after every single write, and another process takes the run up with empty hands: one
//! password, which the database takes and the application has; the extra ways in cut; nothing left behind.

use crate::bed::{Bed, answer, given};
use crate::dark::{Failing, until_dark};
use crate::{DB, HELD, STAGED, breach, database, let_in, no_value_in, takes, variable, variables};
use bartizan::engine::Live;
use bartizan::estate::*;
use bartizan::runbook::{Decision, Halt, RunState};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tokio::sync::Notify;

/// Goes to the end. A reboot is what a person looks at: its events tell whether it happened.
async fn to_the_end(bed: &Bed, live: &mut Live, happened: bool) -> usize {
    let mut decided = 0;
    for _ in 0..300 {
        let halt = live.go(None).await.unwrap();
        match &halt {
            Halt::Over(state) => {
                assert_eq!(*state, RunState::Done);
                return decided;
            }
            Halt::Decide { doubt, .. } => {
                assert!(doubt.call.contains("RebootDBInstance"), "{doubt:?}");
                decided += 1;
                let decision = if happened { Decision::Happened(None) } else { Decision::NotHappened };
                live.decide(decision).await.unwrap();
            }
            halt => assert!(answer(bed, live, halt).await, "{halt:?}"),
        }
    }
    panic!("round in circles: {:?}", live.run().waiting);
}

async fn everywhere(inputs: crate::Inputs<'_>, check: impl AsyncFn(&Bed) -> String) -> (usize, usize) {
    let (mut points, mut decided) = (0, 0);
    for after in [false, true] {
        for nth in 1.. {
            let mut bed = Bed::of("logapi").await;
            let (old, names) = (variable(&bed).await, variables(&bed).await);
            let writes = bed.ports.writes.clone().unwrap();
            let dark = Arc::new(Notify::new());
            let (inner, left) = (writes.changes.clone(), AtomicUsize::new(nth));
            let failing = Failing { inner, left, after, dark: dark.clone() };
            let ports = Ports {
                writes: Some(Writes { changes: Arc::new(failing), materials: writes.materials.clone() }),
                ..bed.ports.clone()
            };
            let (definition, runs) = (breach(), bed.over(ports));
            let plan = runs.plan(&definition, &given(&definition, inputs)).await.unwrap();
            let mut live = runs.start(plan, Vault::default()).await.unwrap();
            let id = live.run().id.clone();
            if !until_dark(&bed, &mut live, &dark).await {
                break;
            }
            points += 1;
            bed.crash(&id, live);
            let mut live = bed.runs().resume(&id, Vault::default()).await.unwrap();
            decided += to_the_end(&bed, &mut live, after).await;
            let new = check(&bed).await;
            let what = format!("write {nth}, after its effect: {after}");
            assert!(new != old && new.len() == 30, "{what}");
            assert!(takes(&bed, &new) && !takes(&bed, &old), "{what}");
            assert_eq!(let_in(&bed).await, ["sg-02c5e8f1a9b46d730"], "{what}");
            assert_eq!(variables(&bed).await, names, "{what}");
            assert!(!database(&bed).await.pending.password);
            let asked = ask::rds::DescribeDBSnapshots { instance: DbInstanceName::new(DB) };
            assert_eq!(bed.all(asked).await.unwrap().len(), 1, "{what}");
            no_value_in(&bed.journal(&id), &[&old, &new]);
        }
    }
    (points, decided)
}

#[tokio::test]
async fn a_variable() {
    let (points, decided) = everywhere(HELD, async |bed| variable(bed).await).await;
    assert_eq!(points, 2 * 6, "hold, rule, password, swap, reboot, snapshot: before and after each");
    assert_eq!(decided, 2, "only a reboot is asked about");
}

#[tokio::test]
async fn a_secret() {
    let (points, decided) = everywhere(STAGED, async |bed| bed.secret("logapi/db-password").await).await;
    assert_eq!(points, 2 * 8, "stage, rule, password, three of the promotion, reboot, snapshot");
    assert_eq!(decided, 2);
}
