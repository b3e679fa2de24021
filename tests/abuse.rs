//! Taking an application's key away from whoever abuses it, over the practice estate and by the engine with its journal: the
//! gateway first, the function or the secret then, nothing deleted, and nothing given back without a reason.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "rotation/bed.rs"]
#[allow(dead_code)] // this target uses its part
mod bed;

use bartizan::engine::Live;
use bartizan::estate::ask::apigateway::GetApiKey;
use bartizan::estate::time::plus_seconds;
use bartizan::estate::*;
use bartizan::runbook::{Halt, RunState, Value};
use bed::{Bed, calls, go, go_until, said};

const RUNBOOK: &str = "api-key-compromised";
const KEY: &str = "k8d3v6z1xq";
const URL: &str = "https://q7w2m5k9ra.execute-api.us-east-1.amazonaws.com/prod/logs";
const BOTH: &[(&str, &str)] = &[
    ("store", "api-gateway,lambda-env"),
    ("key", KEY),
    ("function", "logapi-handler"),
    ("canary_url", URL),
    ("api", "logapi"),
    ("stage", "prod"),
];

async fn start(bed: &Bed, inputs: &[(&str, &str)]) -> Live {
    bed.begin(RUNBOOK, inputs).await
}

async fn admits(bed: &Bed) -> bool {
    bed.all(GetApiKey { key: ApiKeyId::new(KEY) }).await.unwrap().enabled
}

#[tokio::test]
async fn the_gateway_comes_first_and_the_function_then() {
    let bed = Bed::of("logapi").await;
    let before = bed.variable("logapi-handler", None, "API_KEYS").await;
    let began = bed.clock.now();
    let mut live = start(&bed, BOTH).await;
    let Halt::Consent { step, proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    let change = &proposal.changes[0];
    assert_eq!((step.as_str(), change.risk()), ("disable", Risk::Containing));
    assert_eq!(change.demand(), Demand::Name(KEY.into()));
    assert!(Consent::give(change.clone(), Given::Yes).is_err());
    assert!(Consent::give(change.clone(), Given::Typed("logapi-partner".into())).is_ok(), "its name will do");
    assert!(proposal.breaks.iter().any(|b| b.contains("no overlap")), "{:?}", proposal.breaks);
    let halt = go_until(&bed, &mut live, Some("disable")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    assert!(!admits(&bed).await);
    assert_eq!(bed.variable("logapi-handler", None, "API_KEYS").await, before, "the gateway alone, so far");
    let Halt::Consent { step, proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    assert_eq!((step.as_str(), proposal.changes[0].risk()), ("remove", Risk::Containing));
    assert_eq!(proposal.changes[0].demand(), Demand::Name("logapi-handler".into()));
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    // the other entry byte for byte
    assert_eq!(bed.variable("logapi-handler", None, "API_KEYS").await, before.split_once(',').unwrap().1);
    assert!(said(&live, "refused").contains("refused the old key with 40"), "{}", said(&live, "refused"));
    assert!(bed.clock.now() >= plus_seconds(began, 15 * 60), "a quarter of an hour");
    assert!(said(&live, "quiet").contains("(4XX)"), "{}", said(&live, "quiet"));
    let run = live.run().id.clone();
    for deletes in ["apigateway:DeleteApiKey", "apigateway:DeleteUsagePlanKey"] {
        assert_eq!(calls(&bed, &run, deletes).await, 0, "nothing is deleted");
    }

    // a false alarm: nobody has said so at first
    live.undo().await.unwrap();
    let halt = live.go(None).await.unwrap();
    let Halt::Person { step, question } = &halt else { panic!("{halt:?}") };
    assert_eq!((step.as_str(), question.accepts.as_slice()), ("remove", &["false_positive".to_owned()][..]));
    live.set("false_positive", Value::Text("it was the example of the handbook".into())).await.unwrap();
    let Halt::Consent { proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    assert_eq!(proposal.changes[0].risk(), Risk::Releasing);
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone));
    assert!(admits(&bed).await);
    assert_eq!(bed.variable("logapi-handler", None, "API_KEYS").await, before);
}

#[tokio::test]
async fn of_a_function_behind_an_alias_the_versions_are_named_that_keep_the_key() {
    let bed = Bed::of("mongo-api").await;
    let inputs =
        [("store", "lambda-env"), ("function", "mongo-api-prod-authorizer"), ("key", "1"), ("quiet", "1m")];
    let mut live = start(&bed, &inputs).await;
    // two aliases: which one do the callers use?
    let halt = live.go(None).await.unwrap();
    let Halt::Person { step, question } = &halt else { panic!("{halt:?}") };
    assert!(step == "served" && question.choices.contains(&"canary".to_owned()), "{question:?}");
    live.set("alias", Value::Text("live".into())).await.unwrap();
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{halt:?} {:#?}", bed::evidence(&live));
    let told = said(&live, "remove");
    assert!(told.contains("OPEN: the versions 7, 6, 5, 4, 3, 2, 1 keep the old key"), "{told}");
    let keys = bed.variable("mongo-api-prod-authorizer", Some("8"), "API_KEYS").await;
    assert!(!keys.contains(','), "one entry is left in what the alias serves");
    assert!(said(&live, "quiet").contains("a person attests it"), "{}", said(&live, "quiet"));
}

#[tokio::test]
async fn out_of_a_secret_only_where_another_entry_is_left() {
    let bed = Bed::of("logapi").await;
    let mut live =
        start(&bed, &[("store", "secret"), ("secret", "logapi/api-key"), ("field", "current")]).await;
    let before = bed.secret("logapi/api-key").await;
    let halt = go(&bed, &mut live).await;
    let Halt::Failed { step, failure } = &halt else { panic!("{halt:?}") };
    assert_eq!(step, "remove-entry");
    for word in ["only entry", "api-key-rotation", "function-isolated"] {
        assert!(failure.text.contains(word), "{word}: {}", failure.text);
    }
    assert_eq!(bed.secret("logapi/api-key").await, before);
}

#[tokio::test]
async fn what_is_counted_afterwards_is_for_a_person_to_judge() {
    let bed = Bed::of("logapi").await;
    let mut live = start(&bed, &[("store", "api-gateway"), ("key", KEY), ("quiet", "15m")]).await;
    let halt = go_until(&bed, &mut live, Some("disable")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    // a colleague enables it again by hand, and it is used for hours
    let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
    let key = IdempotencyKey::derive(&RunId::new("00000000").unwrap(), "somebody", 0, 1);
    let on = change::apigateway::Call::UpdateApiKey { key: ApiKeyId::new(KEY), enabled: true };
    bed.practice.apply(&at, &Call::ApiGateway(on), &key, &Vault::default()).await.unwrap();
    bed.clock.to(plus_seconds(bed.clock.now(), 4 * 3_600));
    let mut halt = live.go(None).await.unwrap();
    for _ in 0..20 {
        match &halt {
            Halt::Person { step, .. } if step == "block" => live.attest("none").await.unwrap(),
            Halt::Time { until, .. } => bed.clock.to(*until),
            _ => break,
        }
        halt = live.go(None).await.unwrap();
    }
    let Halt::Person { step, question } = &halt else { panic!("{halt:?}") };
    assert!(step == "quiet" && question.text.contains("were counted since it was disabled"), "{question:?}");
}
