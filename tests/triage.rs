//! Why access was denied, over the practice estate and by whole runs: the procedures of a system that reads its keys from
//! Secrets Manager, from end to end.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "rotation/bed.rs"]
#[allow(dead_code)] // this target uses its part
mod bed;

use bartizan::estate::*;
use bartizan::runbook::{Halt, RunState};
use bed::{Bed, go, said};
use std::sync::Arc;

/// The access-denied procedures of the fifth system, from end to end: each reason is found where it lies.
#[tokio::test]
async fn why_access_was_denied_is_found_where_it_lies() {
    const TRIAGE: &str = "access-denied-triage";
    const GET: (&str, &str) = ("action", "secretsmanager:GetSecretValue");
    let keys = ("resource", "omnitrack/api-keys");
    let denied = |action: &'static str| async move {
        let mut bed = Bed::unlucky(7, "", Default::default()).await;
        let options = bartizan::practice::Options {
            seed: 7,
            latency: None,
            hiccup: None,
            denied: vec![action.to_owned()],
            ..Default::default()
        };
        bed.practice = bartizan::practice::Practice::new(options, Arc::new(bed.clock.clone())).unwrap();
        bed.ports = bed.practice.open(&bed::context(), Arc::new(Silent)).await.unwrap();
        bed
    };
    // the identity may not read it
    let bed = denied("secretsmanager:GetSecretValue").await;
    let inputs = [("message", "AccessDeniedException"), GET, keys];
    let mut live = bed.begin(TRIAGE, &inputs).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(said(&live, "identity").starts_with("FOUND: no policy of"), "{}", said(&live, "identity"));
    assert!(said(&live, "key").contains("lets it in through the service"), "{}", said(&live, "key"));
    // the key's use is not allowed by any policy of it
    let bed = denied("kms:Decrypt").await;
    let inputs = [("message", "Access to KMS is not allowed"), GET, keys];
    let mut live = bed.begin(TRIAGE, &inputs).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(said(&live, "caller").contains("most often it is the key"), "{}", said(&live, "caller"));
    assert!(said(&live, "identity").starts_with("not it"), "{}", said(&live, "identity"));
    assert!(
        said(&live, "key").contains("allows kms:Decrypt on the key, which is needed"),
        "{}",
        said(&live, "key")
    );
    // the key lets somebody else in only
    let bed = Bed::unlucky(7, "", Default::default()).await;
    let inputs = [
        ("message", "KMS access was denied"),
        ("action", "kms:Decrypt"),
        ("resource", "arn:aws:kms:us-east-1:000000000000:key/c3a9d4f1-0b72-4e58-8d16-7e2f5b9a0c34"),
    ];
    let mut live = bed.begin(TRIAGE, &inputs).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(said(&live, "key").contains("FOUND: the key's policy lets"), "{}", said(&live, "key"));
    // it is marked for deletion; or its own policy keeps the operator out
    let secrets = bed.all(ask::secretsmanager::ListSecrets {}).await.unwrap();
    let deleted = secrets.iter().find(|s| s.deletion_at.is_some()).unwrap();
    let inputs = [("message", "InvalidRequestException"), GET, ("resource", deleted.arn.wire())];
    let mut live = bed.begin(TRIAGE, &inputs).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    assert!(said(&live, "target").contains("FOUND: it is marked for deletion"), "{}", said(&live, "target"));
    let mut kept_out = None;
    for secret in &secrets {
        let asked = ask::secretsmanager::DescribeSecret { secret: secret.arn.clone() };
        if matches!(bed.all(asked).await, Err(Fault { kind: FaultKind::Denied { .. }, .. })) {
            kept_out = Some(secret.arn.wire().to_owned());
        }
    }
    let arn = kept_out.expect("one keeps the operator out");
    let inputs =
        [("message", "denied"), ("action", "secretsmanager:DescribeSecret"), ("resource", arn.as_str())];
    let mut live = bed.begin(TRIAGE, &inputs).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    assert!(said(&live, "resource").contains("FOUND: statement KeepOut"), "{}", said(&live, "resource"));
    assert!(live.run().steps.iter().all(|s| s.changes.is_empty()), "nothing is changed by it");
}

struct Silent;

impl Prompt for Silent {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<zeroize::Zeroizing<String>>> {
        Box::pin(async { None })
    }
}
