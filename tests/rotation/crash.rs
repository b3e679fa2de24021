//! The program stops before and after every single write of a rotation, and another process takes the run up
//! with empty hands: the estate is that of a run that nothing disturbed, and keys are made exactly once.

use crate::bed::{Bed, answer};
use crate::dark::{Failing, until_dark};
use crate::stores::{ALIASED, BOTH, SECRET, USER, new_key};
use bartizan::engine::Live;
use bartizan::estate::ask::iam;
use bartizan::estate::*;
use bartizan::runbook::{Halt, RunState};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tokio::sync::Notify;

/// Goes to the end, taking failed steps up again: what the power left behind may make a step look anew.
async fn to_the_end(bed: &Bed, live: &mut Live) {
    let mut failed = 0;
    for _ in 0..300 {
        let halt = live.go(None).await.unwrap();
        match &halt {
            Halt::Over(state) => {
                assert_eq!(*state, RunState::Done);
                return;
            }
            Halt::Failed { failure, .. } => {
                failed += 1;
                assert!(failed < 5, "{}", failure.text);
            }
            halt => assert!(answer(bed, live, halt).await, "{halt:?}"),
        }
    }
    panic!("round in circles: {:?}", live.run().waiting);
}

async fn everywhere(system: &str, inputs: &[(&str, &str)], check: impl AsyncFn(&Bed, &RunId)) -> usize {
    let mut points = 0;
    for after in [false, true] {
        for nth in 1.. {
            let mut bed = Bed::of(system).await;
            let writes = bed.ports.writes.clone().unwrap();
            let dark = Arc::new(Notify::new());
            let failing = Failing {
                inner: writes.changes.clone(),
                left: AtomicUsize::new(nth),
                after,
                dark: dark.clone(),
            };
            let ports = Ports {
                writes: Some(Writes { changes: Arc::new(failing), materials: writes.materials.clone() }),
                ..bed.ports.clone()
            };
            let definition = crate::bed::rotation();
            let runs = bed.over(ports);
            let plan = runs.plan(&definition, &crate::bed::given(&definition, inputs)).await.unwrap();
            let mut live = runs.start(plan, Vault::default()).await.unwrap();
            let id = live.run().id.clone();
            if !until_dark(&bed, &mut live, &dark).await {
                break;
            }
            points += 1;
            bed.crash(&id, live);
            let mut live = bed.runs().resume(&id, Vault::default()).await.unwrap();
            to_the_end(&bed, &mut live).await;
            check(&bed, &id).await;
        }
    }
    points
}

#[tokio::test]
async fn two_stores() {
    let points = everywhere("logapi", BOTH, async |bed, id| {
        let key = new_key(bed, id).await;
        assert!(key.enabled);
        let new = bed.text(&MaterialSource::ApiKey { key: key.id }).await;
        let keys = bed.variable("logapi-handler", None, "API_KEYS").await;
        let entries: Vec<_> = keys.split(',').collect();
        assert_eq!((entries.len(), entries[0]), (2, new.as_str()));
    })
    .await;
    assert_eq!(points, 2 * 8, "before and after each write");
}

#[tokio::test]
async fn a_variable_behind_an_alias() {
    let points = everywhere("mongo-api", ALIASED, async |bed, _| {
        let function = "mongo-api-prod-authorizer";
        let keys = bed.variable(function, None, "API_KEYS").await;
        let entries: Vec<_> = keys.split(", ").collect();
        assert_eq!((entries.len(), entries[0].len(), entries[1].len()), (2, 40, 48), "{keys}");
        let aliases =
            bed.all(ask::lambda::ListAliases { function: FunctionName::new(function) }).await.unwrap();
        let served = &aliases.iter().find(|a| a.name.wire() == "live").unwrap().version;
        assert_eq!(bed.variable(function, Some(served.wire()), "API_KEYS").await, keys);
    })
    .await;
    assert_eq!(points, 2 * 6);
}

#[tokio::test]
async fn a_secret() {
    let points = everywhere("omnitrack", SECRET, async |bed, _| {
        let text = bed.secret("omnitrack/api-keys").await;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let key = json["externalApiKey"].as_str().unwrap();
        assert_eq!(key.len(), 40);
        assert!(key.bytes().all(|b| b.is_ascii_alphanumeric()), "one entry");
    })
    .await;
    assert!(points >= 2 * 9, "{points}");
}

#[tokio::test]
async fn an_access_key() {
    let points = everywhere("logapi", USER, async |bed, _| {
        let user = UserName::new("logapi-exporter");
        let [key] = bed.all(iam::ListAccessKeys { user }).await.unwrap().try_into().unwrap();
        let text = bed.secret("logapi/exporter").await;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["accessKeyId"], key.id.wire(), "no orphan, and the pair belongs together");
        assert!(key.active);
    })
    .await;
    assert!(points >= 2 * 8, "{points}");
}
