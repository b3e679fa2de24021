//! Holding a function down and giving it back, over the practice estate and by the engine with its journal: event sources
//! first, what was there remembered, and nothing of it given back without a reason.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "rotation/bed.rs"]
#[allow(dead_code)] // this target uses its part
mod bed;

use bartizan::estate::ask::lambda::{GetFunctionConcurrency, ListEventSourceMappings};
use bartizan::estate::change::lambda::{Call as Lambda, contain::Write};
use bartizan::estate::*;
use bartizan::runbook::definition::shipped;
use bartizan::runbook::{Halt, RunState, Value};
use bed::{Bed, given, go, go_until, said};

const ISOLATED: &str = "function-isolated";
const COST: &str = "cost-overrun";
const WORKER: &str = "mte-prod-ProcessAnalysisFunction";
const STREAM: &str = "mte-prod-SessionStreamHandler";

async fn reserved(bed: &Bed, function: &str) -> Option<u32> {
    bed.all(GetFunctionConcurrency { function: FunctionName::new(function) }).await.unwrap()
}

async fn state(bed: &Bed, function: &str) -> String {
    let all = bed.all(ListEventSourceMappings {}).await.unwrap();
    all.iter().find(|m| m.function.wire().ends_with(function)).unwrap().state.wire().to_owned()
}

async fn write(bed: &Bed, write: Write) {
    let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
    let key = IdempotencyKey::derive(&RunId::new("00000000").unwrap(), "somebody", 0, 1);
    let call = Call::Lambda(Lambda::Contain(write));
    bed.practice.apply(&at, &call, &key, &Vault::default()).await.unwrap();
}

#[tokio::test]
async fn a_function_is_isolated_and_given_back_in_reverse_order() {
    let bed = Bed::of("mte").await;
    let mut live = bed.begin(ISOLATED, &[("function", WORKER)]).await;
    let halt = go_until(&bed, &mut live, Some("disable")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    let told = said(&live, "evidence");
    for word in [
        "$LATEST",
        "queue mte-prod-AnalysisQueue (Enabled)",
        "goes to mte-prod-LambdaDeadLetterQueue",
        "no concurrency is reserved",
        "no resource policy",
        "it has no URL",
        "in the last hour",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert_eq!((state(&bed, WORKER).await.as_str(), reserved(&bed, WORKER).await), ("Disabled", None));
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert_eq!(reserved(&bed, WORKER).await, Some(0));
    assert!(said(&live, "disable").contains("is disabled, and was enabled"), "{}", said(&live, "disable"));
    assert!(said(&live, "isolate").contains("nothing was reserved before"), "{}", said(&live, "isolate"));
    let told = said(&live, "stopped");
    assert!(told.contains(": 0 invocations") && told.contains("dlq-drain --set queue="), "{told}");
    let told = said(&live, "leads");
    let role = format!("role-sessions-revoked --set role={WORKER}-role");
    assert!(told.contains(&role) && told.contains("runbook undo"), "{told}");
    assert!(told.contains("its variable AGENT_TOKEN") && !told.contains("variable STAGE"), "{told}");

    // nothing is given back without a reason
    live.undo().await.unwrap();
    let halt = live.go(None).await.unwrap();
    let Halt::Person { step, question } = &halt else { panic!("{halt:?}") };
    assert_eq!((step.as_str(), question.accepts.as_slice()), ("isolate", &["restore".to_owned()][..]));
    assert_eq!(reserved(&bed, WORKER).await, Some(0));
    live.set("restore", Value::Text("version 8 was read by two people".into())).await.unwrap();
    let halt = live.go(None).await.unwrap();
    let Halt::Consent { step, proposal, .. } = &halt else { panic!("{halt:?}") };
    assert_eq!(
        (step.as_str(), proposal.changes[0].risk()),
        ("isolate", Risk::Releasing),
        "it runs before it is fed"
    );
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone));
    assert_eq!((state(&bed, WORKER).await.as_str(), reserved(&bed, WORKER).await), ("Enabled", None));
}

#[tokio::test]
async fn one_screen_agrees_to_both_by_the_name_of_the_function() {
    let bed = Bed::of("mte").await;
    let mut live = bed.begin(ISOLATED, &[("function", WORKER)]).await;
    let halt = live.go(None).await.unwrap();
    let Halt::Consent { step, proposal, ahead: Some(ahead) } = &halt else { panic!("{halt:?}") };
    assert_eq!((step.as_str(), ahead.0.as_str()), ("disable", "isolate"));
    let changes: Vec<&Change> = proposal.changes.iter().chain(&ahead.1.changes).collect();
    for change in &changes {
        assert_eq!((change.risk(), change.demand()), (Risk::Containing, Demand::Name(WORKER.into())));
        assert!(Consent::give((*change).clone(), Given::Yes).is_err());
    }
    let give = |c: &&Change| Consent::give((*c).clone(), Given::Typed(WORKER.into())).unwrap();
    live.consent(changes.iter().map(give).collect()).await.unwrap();
    let halt = live.go(Some("isolate")).await.unwrap();
    assert_eq!(halt, Halt::Reached("isolate".into()), "nothing was asked in between");
    assert_eq!((state(&bed, WORKER).await.as_str(), reserved(&bed, WORKER).await), ("Disabled", Some(0)));
}

#[tokio::test]
async fn of_a_stream_the_time_is_said_until_something_is_lost() {
    let bed = Bed::of("mte").await;
    let mut live = bed.begin(ISOLATED, &[("function", STREAM)]).await;
    let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    let said = proposal.breaks.join("; ");
    assert!(said.contains("stream of the table mte-prod-SessionsTable keeps its records for 24 h"), "{said}");
}

#[tokio::test]
async fn what_somebody_enables_meanwhile_is_not_stopped_over_its_messages() {
    let bed = Bed::of("mte").await;
    let mut live = bed.begin(ISOLATED, &[("function", WORKER)]).await;
    go_until(&bed, &mut live, Some("disable")).await;
    let all = bed.all(ListEventSourceMappings {}).await.unwrap();
    let mapping = all.iter().find(|m| m.function.wire().ends_with(WORKER)).unwrap().id.clone();
    let function = FunctionName::new(WORKER);
    write(&bed, Write::UpdateEventSourceMapping { function, mapping, enabled: true }).await;
    let halt = go(&bed, &mut live).await;
    let Halt::Failed { step, failure } = &halt else { panic!("{halt:?}") };
    assert!(step == "isolate" && failure.text.contains("count as received"), "{}", failure.text);
    assert_eq!(reserved(&bed, WORKER).await, None);
}

#[tokio::test]
async fn an_undo_takes_nobody_elses_setting_back() {
    let bed = Bed::of("mongo-api").await;
    let mut live = bed.begin(ISOLATED, &[("function", "mongo-api-prod-app")]).await;
    let halt = go_until(&bed, &mut live, Some("isolate")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    assert!(said(&live, "disable").contains("no event source"), "{}", said(&live, "disable"));
    assert!(said(&live, "isolate").contains("it was 100"), "{}", said(&live, "isolate"));
    let function = FunctionName::new("mongo-api-prod-app");
    write(&bed, Write::PutFunctionConcurrency { function, reserved: 7, was: None }).await;
    live.undo().await.unwrap();
    live.set("restore", Value::Text("it is clean".into())).await.unwrap();
    let halt = live.go(None).await.unwrap();
    let Halt::Failed { failure, .. } = &halt else { panic!("{halt:?}") };
    assert!(failure.text.contains("7 is reserved"), "{}", failure.text);
    assert_eq!(reserved(&bed, "mongo-api-prod-app").await, Some(7));
}

#[tokio::test]
async fn a_cost_is_capped_and_the_cap_is_undone_to_what_was() {
    let bed = Bed::of("mongo-api").await;
    let app = "mongo-api-prod-app";
    let mut live = bed.begin(COST, &[("function", app), ("limit", "5")]).await;
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{halt:?} {:#?}", bed::evidence(&live));
    assert_eq!(reserved(&bed, app).await, Some(5));
    let told = said(&live, "evidence");
    assert!(
        told.contains("its reserved concurrency is 100") && told.contains("apigateway.amazonaws.com"),
        "{told}"
    );
    assert!(said(&live, "capped").contains("no more than 5 of"), "{}", said(&live, "capped"));
    live.undo().await.unwrap();
    live.set("restore", Value::Text("the loop is mended".into())).await.unwrap();
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone));
    assert_eq!(reserved(&bed, app).await, Some(100));
}

#[tokio::test]
async fn as_the_last_resort_it_stops_event_sources_first() {
    let bed = Bed::of("mte").await;
    let mut live = bed.begin(COST, &[("function", WORKER), ("how", "off")]).await;
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{halt:?} {:#?}", bed::evidence(&live));
    assert_eq!((state(&bed, WORKER).await.as_str(), reserved(&bed, WORKER).await), ("Disabled", Some(0)));
}

#[tokio::test]
async fn what_cannot_be_held_down_is_refused_with_what_to_do() {
    let bed = Bed::of("mongo-api").await;
    for (runbook, inputs, step, word) in [
        (ISOLATED, vec![("function", "mongo-api-prod-ap")], "evidence", "did you mean mongo-api-prod-app?"),
        (
            ISOLATED,
            vec![("function", "mongo-api-prod-authorizer")],
            "isolate",
            "delete-provisioned-concurrency-config --function-name mongo-api-prod-authorizer --qualifier live",
        ),
        (COST, vec![("function", "mongo-api-prod-app"), ("limit", "200")], "limit", "is 100 already"),
        (COST, vec![("function", "mongo-api-prod-app"), ("limit", "-1")], "limit", "0 to 10000"),
    ] {
        let definition = shipped(runbook).unwrap().unwrap();
        let plan = bed.runs().plan(&definition, &given(&definition, &inputs)).await.unwrap();
        let (at, why) = plan.refusal().unwrap_or_else(|| panic!("{inputs:?} is not refused"));
        assert!(at == step && why.contains(word), "{at}: {why}");
    }
}
