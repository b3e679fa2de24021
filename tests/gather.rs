//! The engine reads a whole estate once: everything is asked, what depends on answers comes after them, and
//! what is denied is a gap while the rest is there.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use bartizan::engine::{SystemClock, gather};
use bartizan::estate::{Clock, Context, Estates, FaultKind, Loadable, Ports, Prompt, Scope};
use bartizan::insight::{Broad, Inventory, Source};
use bartizan::practice::{Options, Practice};
use std::sync::Arc;
use zeroize::Zeroizing;

struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> bartizan::estate::BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

async fn practice(denied: &[&str]) -> Ports {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let options = Options {
        seed: 7,
        latency: None,
        denied: denied.iter().map(|d| (*d).to_owned()).collect(),
        ..Options::default()
    };
    let context = Context::named("practice");
    Practice::new(options, clock).unwrap().open(&context, Arc::new(Nobody)).await.unwrap()
}

const BROAD: [Source; 11] = [
    Source::Broad(Broad::WafCounts(Scope::Regional)),
    Source::Broad(Broad::WafCounts(Scope::CloudFront)),
    Source::Broad(Broad::QueueAges),
    Source::Broad(Broad::Identity),
    Source::Broad(Broad::Alarms),
    Source::Broad(Broad::Mutes),
    Source::Broad(Broad::Queues),
    Source::Broad(Broad::Functions),
    Source::Broad(Broad::WebAcls(Scope::Regional)),
    Source::Broad(Broad::WebAcls(Scope::CloudFront)),
    Source::Broad(Broad::Secrets),
];

#[tokio::test]
async fn everything_is_read_in_whatever_order_it_was_named() {
    let mut inventory = Inventory::default();
    gather(&practice(&[]).await, &BROAD, false, &mut inventory).await;
    for source in &BROAD {
        let standing = inventory.standing(source);
        assert!(matches!(standing, Loadable::Ready(_)), "{source:?}: {standing:?}");
    }
    assert!(inventory.alarms.len() > 100 && inventory.queues.len() > 50 && inventory.secrets.len() > 20);
    assert!(inventory.queues.values().all(|q| q.facts.value().is_some()));
    let ages =
        inventory.metrics(&Source::Broad(Broad::QueueAges)).expect("ages were asked for after the queues");
    assert!(ages.series.values().any(|points| !points.is_empty()), "and answered");
    let waf =
        inventory.metrics(&Source::Broad(Broad::WafCounts(Scope::Regional))).expect("counts after the ACLs");
    assert!(waf.series.values().any(|points| !points.is_empty()));
}

#[tokio::test]
async fn what_is_denied_is_a_gap_and_the_rest_is_there() {
    let mut inventory = Inventory::default();
    let ports = practice(&["secretsmanager:ListSecrets", "lambda:ListFunctions"]).await;
    gather(&ports, &BROAD, false, &mut inventory).await;
    let Loadable::Failed { fault, .. } = inventory.standing(&Source::Broad(Broad::Secrets)) else {
        panic!("not denied")
    };
    assert!(
        matches!(&fault.kind, FaultKind::Denied { action, .. } if action.wire() == "secretsmanager:ListSecrets")
    );
    assert!(inventory.secrets.is_empty());
    assert!(!inventory.event_sources.is_empty(), "the other half of the Functions walk is there");
    assert!(!inventory.alarms.is_empty() && !inventory.queues.is_empty());
}
