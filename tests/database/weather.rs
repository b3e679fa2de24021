//! Bad weather: writes throttled, answers lost before and after the effect, reads that are behind; a permission that is
//! missing; an instance that is busy. A run ends as one that nothing disturbed does, or says what stops it.

use crate::bed::{Bed, answer, context, given, go};
use crate::{DB, HELD, STAGED, breach, database, let_in, no_value_in, start, takes, variable};
use bartizan::estate::*;
use bartizan::practice::{Mishaps, Options, Practice};
use bartizan::runbook::{Decision, Halt, RunState};
use std::sync::Arc;

fn storm() -> Mishaps {
    Mishaps { throttled: 0.15, lost_before: 0.1, lost_after: 0.1, colleague: 0.0, behind: 0.4 }
}

#[tokio::test]
async fn it_ends_as_undisturbed() {
    for seed in 1..=8 {
        for inputs in [HELD, STAGED] {
            let bed = Bed::unlucky(seed, "logapi", storm()).await;
            let old = variable(&bed).await;
            let mut live = start(&bed, inputs).await;
            let mut failed: Vec<String> = Vec::new();
            for round in 0.. {
                assert!(round < 300, "round in circles: {:?}", live.run().waiting);
                let halt = live.go(None).await.unwrap();
                match &halt {
                    Halt::Over(state) => {
                        assert_eq!(*state, RunState::Done);
                        break;
                    }
                    Halt::Failed { step, failure } => {
                        failed.push(format!("{step}: {}", failure.text));
                        assert!(failed.len() < 20, "{failed:#?}");
                    }
                    // It is looked at whether it rebooted: twice does no harm here.
                    Halt::Decide { .. } => live.decide(Decision::NotHappened).await.unwrap(),
                    halt => assert!(answer(&bed, &mut live, halt).await, "{halt:?}"),
                }
            }
            let new = match inputs == HELD {
                true => variable(&bed).await,
                false => bed.secret("logapi/db-password").await,
            };
            assert!(takes(&bed, &new) && !takes(&bed, &old), "seed {seed}: {failed:#?}");
            assert_eq!(let_in(&bed).await, ["sg-02c5e8f1a9b46d730"], "seed {seed}");
            no_value_in(&bed.journal(&live.run().id), &[&old, &new]);
        }
    }
}

/// Every permission that a step needs, missing: it is said which, and nothing of that step is done.
#[tokio::test]
async fn a_missing_permission_is_said_and_leaves_the_step_undone() {
    for (action, step) in [
        ("rds:DescribeDBInstances", "evidence"),
        ("ec2:DescribeSecurityGroups", "evidence"),
        ("ec2:RevokeSecurityGroupIngress", "revoke"),
        ("rds:ModifyDBInstance", "password"),
        ("rds:RebootDBInstance", "reboot"),
        ("rds:CreateDBSnapshot", "snapshot"),
    ] {
        let mut bed = Bed::of("logapi").await;
        let denied = [action.to_owned()].into_iter().collect();
        let options = Options {
            seed: 7,
            systems: vec!["logapi".into()],
            latency: None,
            hiccup: None,
            denied,
            ..Options::default()
        };
        bed.practice = Practice::new(options, Arc::new(bed.clock.clone())).unwrap();
        bed.ports = bed.practice.open(&context(), Arc::new(Nobody)).await.unwrap();
        let old = variable(&bed).await;
        let definition = breach();
        let plan = bed.runs().plan(&definition, &given(&definition, HELD)).await.unwrap();
        if let Some((at, why)) = plan.refusal() {
            assert!(at == step && why.contains(action), "{action}: {at}: {why}");
            continue;
        }
        let mut live = bed.runs().start(plan, Vault::default()).await.unwrap();
        let halt = go(&bed, &mut live).await;
        let Halt::Failed { step: at, failure } = halt else { panic!("{action}: {halt:?}") };
        assert!(at == step && failure.text.contains(action), "{action}: {at}: {}", failure.text);
        assert_eq!(takes(&bed, &old), matches!(step, "revoke" | "password"), "{action}");
        if step == "password" {
            assert!(!database(&bed).await.pending.password);
        }
    }
}

struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<zeroize::Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

/// Somebody else reboots it in between: the run waits until it is available, and goes on.
#[tokio::test]
async fn a_busy_instance_is_waited_for() {
    let bed = Bed::of("logapi").await;
    let mut live = start(&bed, HELD).await;
    crate::bed::go_until(&bed, &mut live, Some("outage")).await;
    let reboot = change::rds::Call::RebootDBInstance { instance: DbInstanceName::new(DB) };
    let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
    let key = IdempotencyKey::derive(&RunId::new("00000000").unwrap(), "x", 0, 1);
    let writes = bed.ports.writes.clone().unwrap();
    writes.changes.apply(&at, &Call::Rds(reboot), &key, &Vault::default()).await.unwrap();
    assert_eq!(database(&bed).await.status.wire(), "rebooting");
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", crate::bed::evidence(&live));
    let new = variable(&bed).await;
    assert!(takes(&bed, &new));
}
