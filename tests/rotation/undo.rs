//! Undoing: the estate before, but for versions and times; and what cannot be undone is said.

use crate::bed::{Bed, go, go_until, said};
use crate::stores::{ALIASED, BOTH, SECRET, USER, gateway_key};
use bartizan::estate::ask::{apigateway, iam};
use bartizan::estate::*;
use bartizan::runbook::{Halt, RunState};

async fn undone(bed: &Bed, live: &mut bartizan::engine::Live) {
    live.undo().await.unwrap();
    let halt = go(bed, live).await;
    assert_eq!(halt, Halt::Over(RunState::Undone));
}

#[tokio::test]
async fn of_two_stores_before_the_old_key_is_deleted() {
    let bed = Bed::of("logapi").await;
    let before = bed.environment("logapi-handler", None).await;
    let old = gateway_key(&bed, "k8d3v6z1xq").await;
    let mut live = bed.start(BOTH).await;
    go_until(&bed, &mut live, Some("remove")).await;
    assert!(!bed.variable("logapi-handler", None, "API_KEYS").await.contains(&old));
    undone(&bed, &mut live).await;
    assert_eq!(bed.environment("logapi-handler", None).await, before, "byte for byte, in the same order");
    let key = bed.all(apigateway::GetApiKey { key: ApiKeyId::new("k8d3v6z1xq") }).await.unwrap();
    assert!(key.enabled);
    let ours = bed.all(apigateway::GetApiKeys { name_prefix: Some("bartizan-".into()) }).await.unwrap();
    assert!(ours.is_empty(), "{ours:?}");
}

#[tokio::test]
async fn of_a_variable_whose_old_key_only_a_version_still_has() {
    let bed = Bed::of("mongo-api").await;
    let function = "mongo-api-prod-authorizer";
    let before = bed.environment(function, None).await;
    let mut live = bed.start(ALIASED).await;
    go_until(&bed, &mut live, Some("works")).await;
    // Another process: nothing is held any more.
    let id = live.run().id.clone();
    live.close().await.unwrap();
    let mut live = bed.runs().resume(&id, Vault::default()).await.unwrap();
    undone(&bed, &mut live).await;
    assert_eq!(bed.environment(function, None).await, before);
    let aliases = bed.all(ask::lambda::ListAliases { function: FunctionName::new(function) }).await.unwrap();
    let served = &aliases.iter().find(|a| a.name.wire() == "live").unwrap().version;
    assert_eq!(bed.environment(function, Some(served.wire())).await, before);
}

#[tokio::test]
async fn of_a_secret() {
    let bed = Bed::of("omnitrack").await;
    let before = bed.secret("omnitrack/api-keys").await;
    let mut live = bed.start(SECRET).await;
    go_until(&bed, &mut live, Some("works")).await;
    undone(&bed, &mut live).await;
    assert_eq!(bed.secret("omnitrack/api-keys").await, before);
}

#[tokio::test]
async fn of_a_secret_that_a_colleague_wrote_since_is_refused() {
    let bed = Bed::of("omnitrack").await;
    let mut live = bed.start(SECRET).await;
    go_until(&bed, &mut live, Some("works")).await;
    let secret = bed
        .all(ask::secretsmanager::DescribeSecret { secret: Arn::new("omnitrack/api-keys") })
        .await
        .unwrap()
        .arn;
    assert!(bed.practice.colleague(&bartizan::practice::Colleague::PutsSecretValue(secret)).unwrap());
    let theirs = bed.secret("omnitrack/api-keys").await;
    live.undo().await.unwrap();
    let halt = go(&bed, &mut live).await;
    let Halt::Failed { failure, .. } = halt else { panic!("{halt:?}") };
    assert!(failure.text.contains("somebody wrote since"), "{}", failure.text);
    assert_eq!(bed.secret("omnitrack/api-keys").await, theirs);

    // A person leaves it as it is, for a reason that is kept; what was made before it is undone, and the run is over.
    assert!(live.pass_over(" ").await.is_err(), "a reason is wanted");
    // The run has promoted twice, and theirs is in the way of either.
    let mut halt = live.go(None).await.unwrap();
    for _ in 0..2 {
        assert!(matches!(halt, Halt::Failed { .. }), "{halt:?}");
        live.pass_over("theirs is the newer one").await.unwrap();
        halt = go(&bed, &mut live).await;
    }
    assert_eq!(halt, Halt::Over(RunState::Undone));
    assert_eq!(bed.secret("omnitrack/api-keys").await, theirs, "nothing of theirs was touched");
    let left = live.run().leftovers();
    assert!(left.iter().any(|l| l.contains("could not be undone")), "{left:?}");
    assert!(bed.journal(&live.run().id).contains("left as it is: theirs is the newer one"));
    assert!(live.pass_over("again").await.is_err(), "nothing has failed any more");
}

#[tokio::test]
async fn of_an_access_key() {
    let bed = Bed::of("logapi").await;
    let user = UserName::new("logapi-exporter");
    let before = bed.all(iam::ListAccessKeys { user: user.clone() }).await.unwrap();
    let text = bed.secret("logapi/exporter").await;
    let mut live = bed.start(USER).await;
    go_until(&bed, &mut live, Some("soak")).await;
    undone(&bed, &mut live).await;
    assert_eq!(bed.secret("logapi/exporter").await, text);
    assert_eq!(bed.all(iam::ListAccessKeys { user }).await.unwrap(), before);
}

#[tokio::test]
async fn what_a_colleague_wrote_in_between_is_kept_and_the_edit_made_on_top() {
    let bed = Bed::of("omnitrack").await;
    // A colleague of the practice estate changes the last field of the document; this is another one.
    let mut live =
        bed.start(&[("store", "secret"), ("secret", "omnitrack/api-keys"), ("field", "bedrockApiKey")]).await;
    let secret = bed
        .all(ask::secretsmanager::DescribeSecret { secret: Arn::new("omnitrack/api-keys") })
        .await
        .unwrap()
        .arn;
    let mut interfered = None;
    for _ in 0..100 {
        let halt = live.go(None).await.unwrap();
        if let Halt::Consent { proposal, .. } = &halt
            && interfered.is_none()
            && proposal.changes.iter().any(|c| c.sentence().contains("current"))
        {
            // The edit is staged; before it is promoted, a colleague writes.
            let put = bartizan::practice::Colleague::PutsSecretValue(secret.clone());
            assert!(bed.practice.colleague(&put).unwrap());
            interfered = Some(bed.secret("omnitrack/api-keys").await);
        }
        match &halt {
            Halt::Failed { .. } => {}
            halt if !crate::bed::answer(&bed, &mut live, halt).await => break,
            _ => {}
        }
    }
    assert_eq!(live.run().state(), RunState::Done, "{}", said(&live, "stage"));
    let field = |text: &str, name: &str| {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        json[name].as_str().unwrap().to_owned()
    };
    let (theirs, after) = (interfered.unwrap(), bed.secret("omnitrack/api-keys").await);
    assert_eq!(field(&after, "externalApiKey"), field(&theirs, "externalApiKey"), "theirs is kept");
    assert_eq!(field(&after, "bedrockApiKey").len(), 40);
    assert_ne!(field(&after, "bedrockApiKey"), field(&theirs, "bedrockApiKey"));
}

#[tokio::test]
async fn the_same_field_changed_by_a_colleague_stops_the_run() {
    let bed = Bed::of("omnitrack").await;
    let mut live = bed.start(SECRET).await;
    go_until(&bed, &mut live, Some("migrate")).await;
    let secret = bed
        .all(ask::secretsmanager::DescribeSecret { secret: Arn::new("omnitrack/api-keys") })
        .await
        .unwrap()
        .arn;
    // Their value is in the last field: neither old nor new is in it any more.
    assert!(bed.practice.colleague(&bartizan::practice::Colleague::PutsSecretValue(secret)).unwrap());
    let theirs = bed.secret("omnitrack/api-keys").await;
    go_until(&bed, &mut live, Some("remove-entry")).await;
    assert!(
        said(&live, "remove-entry").contains("not in the secret any more"),
        "{}",
        said(&live, "remove-entry")
    );
    let halt = go(&bed, &mut live).await;
    let Halt::Failed { step, failure } = halt else { panic!("{halt:?}") };
    assert_eq!(step, "verify");
    assert!(failure.text.contains("the new key is not in"), "{}", failure.text);
    assert_eq!(bed.secret("omnitrack/api-keys").await, theirs, "nothing of theirs is touched");
}
