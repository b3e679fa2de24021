//! Plans: a dry run over the live estate that changes nothing and reads nothing secret.

use super::way::{ROTATION, definition, go_all_the_way, inputs, start};
use super::world::World;
use crate::estate::{FaultKind, Risk, Vault};
use crate::runbook::{Allowed, Halt};

#[tokio::test]
async fn a_plan_says_every_call_and_whether_it_is_allowed() {
    let world = World::new();
    let definition = definition(ROTATION);
    let plan = world.runs().plan(&definition, &inputs(&definition)).await.unwrap();
    let operations: Vec<Vec<&str>> =
        plan.steps.iter().map(|s| s.calls.iter().map(|c| c.operation).collect()).collect();
    let joins = "apigateway:CreateUsagePlanKey";
    let expected: Vec<Vec<&str>> = vec![
        vec![],
        vec!["apigateway:CreateApiKey"],
        vec!["lambda:UpdateFunctionConfiguration"],
        vec![joins, joins, joins],
        vec!["apigateway:UpdateApiKey"],
        vec!["lambda:InvokeFunction"],
        vec![],
        vec![],
        vec!["apigateway:UpdateApiKey"],
        vec!["apigateway:DeleteApiKey"],
    ];
    assert_eq!(operations, expected);
    let step = |id: &str| plan.step(id).unwrap();
    assert_eq!(step("remove").risk, Some(Risk::Destructive));
    assert_eq!(step("remove").allowed, Allowed::No);
    assert_eq!(step("create").allowed, Allowed::Yes);
    // Which key is enabled is only known when it was made.
    assert_eq!(step("enable").calls[0].resource, None);
    assert_eq!(step("enable").allowed, Allowed::Unknown);
    assert_eq!(step("disable").calls[0].resource.as_ref().unwrap().wire(), "old1");
    assert_eq!(step("evidence").evidence, ["1 keys"]);
    assert_eq!(step("migrate").summary, "waits for clients to migrate");
    let state = world.aws.state.lock().unwrap();
    assert!(state.log.is_empty());
}

#[tokio::test]
async fn the_hash_is_that_of_what_matters() {
    let world = World::new();
    let definition = definition(ROTATION);
    let plan = || async { world.runs().plan(&definition, &inputs(&definition)).await.unwrap() };
    let (one, other) = (plan().await, plan().await);
    assert_ne!(one.run, other.run);
    assert_eq!(one.hash, other.hash);
    assert_eq!(one.hash.len(), 64);
    world.aws.state.lock().unwrap().keys.get_mut("old1").unwrap().plans.remove("tin");
    assert_ne!(plan().await.hash, one.hash, "a plan less is another plan");
}

#[tokio::test]
async fn a_preflight_that_may_not_ask_knows_nothing() {
    let world = World::new();
    *world.aws.read_sky.lock().unwrap() = Box::new(|q, _| {
        (q.ask.operation().name == "iam:SimulatePrincipalPolicy").then_some(FaultKind::Unsupported)
    });
    let definition = definition(ROTATION);
    let plan = world.runs().plan(&definition, &inputs(&definition)).await.unwrap();
    let asked = plan.steps.iter().filter(|s| !s.calls.is_empty());
    assert!(asked.into_iter().all(|s| s.allowed == Allowed::Unknown));
}

#[tokio::test]
async fn what_the_plan_did_not_say_is_said_when_it_is_proposed() {
    let world = World::new();
    let definition = definition(ROTATION);
    let mut plan = world.runs().plan(&definition, &inputs(&definition)).await.unwrap();
    let make = plan.steps.iter_mut().find(|s| s.id == "create").unwrap();
    make.calls.clear();
    let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
    let halt = live.go(None).await.unwrap();
    let Halt::Consent { proposal, .. } = &halt else { panic!("{halt:?}") };
    assert!(proposal.differs.as_ref().unwrap().contains("apigateway:CreateApiKey"));
}

#[tokio::test]
async fn a_run_does_what_its_plan_said() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    loop {
        let halt = live.go(None).await.unwrap();
        if let Halt::Consent { proposal, .. } = &halt {
            assert_eq!(proposal.differs, None);
        }
        if !super::way::answer(&world, &mut live, &halt).await.unwrap() {
            break;
        }
    }
    go_all_the_way(&world, &mut live).await.unwrap();
}

/// A step that only says what it does when something is over has not said it: such a plan is not begun.
#[tokio::test]
async fn a_step_that_has_to_look_again_is_waited_for_and_then_refused() {
    let world = World::new();
    let definition = definition(&[("odd", "t.ever")]);
    let plan = world.runs().plan(&definition, &inputs(&definition)).await.unwrap();
    let (step, why) = plan.refusal().unwrap();
    assert_eq!(step, "odd");
    assert_eq!(
        why,
        "what this step would change is not known while it never comes; plan again when that is over"
    );
}
