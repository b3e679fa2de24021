//! Rotations in bad weather: writes throttled, answers lost before and after the effect, reads that are behind,
//! colleagues in between. A run ends as one that nothing disturbed does, or says what stops it.

use crate::bed::{Bed, answer, given, rotation};
use crate::stores::{ALIASED, BOTH, SECRET, USER, new_key};
use bartizan::estate::ask::iam;
use bartizan::estate::*;
use bartizan::practice::Mishaps;
use bartizan::runbook::{Halt, RunState};

fn storm() -> Mishaps {
    Mishaps { throttled: 0.1, lost_before: 0.1, lost_after: 0.1, colleague: 0.0, behind: 0.4 }
}

/// Goes on, trying failed steps again, until the run is over; why its steps failed.
async fn weathered(bed: &Bed, inputs: &[(&str, &str)]) -> (RunId, Vec<String>) {
    let definition = rotation();
    let plan = bed.runs().plan(&definition, &given(&definition, inputs)).await.unwrap();
    let mut live = bed.runs().start(plan, Vault::default()).await.unwrap();
    let id = live.run().id.clone();
    let mut failed = Vec::new();
    for _ in 0..300 {
        let halt = live.go(None).await.unwrap();
        match &halt {
            Halt::Over(state) => {
                assert_eq!(*state, RunState::Done);
                return (id, failed);
            }
            Halt::Failed { step, failure } => {
                failed.push(format!("{step}: {}", failure.text));
                assert!(failed.len() < 20, "{failed:#?}");
            }
            halt => assert!(answer(bed, &mut live, halt).await, "{halt:?}"),
        }
    }
    panic!("round in circles: {:?}", live.run().waiting);
}

#[tokio::test]
async fn two_stores() {
    for seed in 1..=6 {
        let bed = Bed::unlucky(seed, "logapi", storm()).await;
        let (id, _) = weathered(&bed, BOTH).await;
        let key = new_key(&bed, &id).await;
        assert!(key.enabled, "seed {seed}");
        let new = bed.text(&MaterialSource::ApiKey { key: key.id }).await;
        let keys = bed.variable("logapi-handler", None, "API_KEYS").await;
        let entries: Vec<_> = keys.split(',').collect();
        assert_eq!((entries.len(), entries[0]), (2, new.as_str()), "seed {seed}");
    }
}

#[tokio::test]
async fn a_variable_behind_an_alias_with_colleagues() {
    for seed in 1..=6 {
        let bed = Bed::unlucky(seed, "mongo-api", Mishaps { colleague: 0.1, ..storm() }).await;
        let function = "mongo-api-prod-authorizer";
        let before = bed.variable(function, None, "API_KEYS").await;
        let (_, web) = before.split_once(", ").unwrap();
        let definition = rotation();
        let plan = bed.runs().plan(&definition, &given(&definition, ALIASED)).await.unwrap();
        let mut live = bed.runs().start(plan, Vault::default()).await.unwrap();
        let mut failed: Vec<String> = Vec::new();
        let ended = loop {
            let halt = live.go(None).await.unwrap();
            match &halt {
                Halt::Over(state) => break Some(*state),
                Halt::Failed { failure, .. } if failed.iter().filter(|f| **f == failure.text).count() > 3 => {
                    break None;
                }
                Halt::Failed { failure, .. } => failed.push(failure.text.clone()),
                halt => assert!(answer(&bed, &mut live, halt).await, "{halt:?}"),
            }
        };
        let now = bed.variable(function, None, "API_KEYS").await;
        assert!(now.ends_with(web), "the other entry is never touched: {now}");
        match ended {
            Some(state) => {
                assert_eq!((state, now.split(", ").count()), (RunState::Done, 2), "seed {seed}");
            }
            // A colleague's variable is in $LATEST: it is not shipped unseen.
            None => {
                let last = failed.last().unwrap();
                assert!(last.contains("publishing would ship"), "seed {seed}: {failed:#?}");
            }
        }
    }
}

#[tokio::test]
async fn a_secret() {
    for seed in 1..=6 {
        let bed = Bed::unlucky(seed, "omnitrack", storm()).await;
        let before = bed.secret("omnitrack/api-keys").await;
        weathered(&bed, SECRET).await;
        let after = bed.secret("omnitrack/api-keys").await;
        let field = |text: &str| {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            json["externalApiKey"].as_str().unwrap().to_owned()
        };
        assert_eq!(after, before.replace(&field(&before), &field(&after)), "seed {seed}");
        assert_eq!(field(&after).len(), 40);
    }
}

#[tokio::test]
async fn an_access_key() {
    for seed in 1..=6 {
        let bed = Bed::unlucky(seed, "logapi", storm()).await;
        weathered(&bed, USER).await;
        let user = UserName::new("logapi-exporter");
        let [key] = bed.all(iam::ListAccessKeys { user }).await.unwrap().try_into().unwrap();
        let json: serde_json::Value = serde_json::from_str(&bed.secret("logapi/exporter").await).unwrap();
        assert_eq!(json["accessKeyId"], key.id.wire(), "seed {seed}");
        assert!(key.active);
    }
}
