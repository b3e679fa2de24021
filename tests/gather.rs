//! The engine reads a whole estate once: everything is asked, what depends on answers comes after them, and
//! what is denied is a gap while the rest is there.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use bartizan::engine::incidents::{Author, Gathering, Incidents, Opening};
use bartizan::engine::runs::Site;
use bartizan::engine::{Archive, SystemClock, gather};
use bartizan::estate::ask::logs;
use bartizan::estate::{
    AccountId, Answer, ApiKeyId, Ask, At, BoxFuture, Clock, Context, Cursor, Estates, Fault, FaultKind,
    Loadable, Logged, Page, Ports, Prompt, Query, Reads, Region, Scope, Timestamp,
};
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

/// An access log without an end.
struct Endless(Ports);

impl Reads for Endless {
    fn fetch<'a>(&'a self, q: &'a Query, from: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        let Ask::Logs(logs::Ask::FilterLogEvents(_)) = &q.ask else { return self.0.reads.fetch(q, from) };
        let page: u32 = from.map_or(0, |c| c.0.parse().unwrap());
        Box::pin(async move {
            let line = Logged {
                at: Timestamp::UNIX_EPOCH,
                stream: "s".into(),
                said: Some(format!("line {page}").into()),
            };
            let answer = Answer::Logs(logs::Answer::FilterLogEvents(vec![line]));
            Ok(Page {
                answer,
                next: Some(Cursor((page + 1).to_string().into())),
                sent: Timestamp::UNIX_EPOCH,
            })
        })
    }
}

/// What is gathered of a key's requests: the last file as JSON, and what it is said to hold.
async fn access_log(ports: Ports) -> (serde_json::Value, String) {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let archive = Archive::below(Some(&state));
    let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
    let author = Author { by: "ops/alice".into(), host: "bastion".into(), at: at.clone(), known: true };
    let incidents = Incidents::new(archive.clone(), ports.clock.clone(), author, false);
    let opening = Opening {
        name: "abuse".into(),
        suspected: "a key is public".into(),
        known: None,
        at,
        context: "practice".into(),
        practice: true,
    };
    let id = incidents.open(opening).await.unwrap().id;
    let site = Site { context: "practice".into(), read_only: false, production: false };
    let what = Gathering {
        api_keys: vec![ApiKeyId::new("k8d3v6z1xq")],
        log_groups: vec!["/aws/apigateway/logapi".into()],
        back_s: 3_600,
        ..Gathering::default()
    };
    let mut doing = Vec::new();
    let kept =
        incidents.gather(&id, &archive.over(ports, site), &what, |d| doing.push(d.to_owned())).await.unwrap();
    assert!(doing.last().unwrap().contains("/aws/apigateway/logapi, for k8d3v6z1xq"), "{doing:?}");
    let last = kept.last().unwrap();
    let bytes = std::fs::read(state.join("incidents").join(id.as_str()).join(&last.file)).unwrap();
    (serde_json::from_slice(&bytes).unwrap(), last.holds.clone())
}

#[tokio::test]
async fn an_access_log_that_may_not_be_read_or_has_no_end_is_told() {
    let (log, holds) = access_log(practice(&[]).await).await;
    assert!(!log["lines"].as_array().unwrap().is_empty() && log["gaps"] == serde_json::json!([]), "{log}");
    assert!(!holds.contains("NOT HAD"), "{holds}");

    let (log, holds) = access_log(practice(&["logs:FilterLogEvents"]).await).await;
    assert!(holds.starts_with("0 lines of the access log") && holds.contains("NOT HAD: 1 answer"), "{holds}");
    let why = log["gaps"][0]["why"].as_str().unwrap();
    assert!(why.contains("logs:FilterLogEvents"), "it says what is denied: {why}");

    let ports = practice(&[]).await;
    let endless = Ports { reads: Arc::new(Endless(ports.clone())), ..ports };
    let (log, holds) = access_log(endless).await;
    let lines = log["lines"].as_array().unwrap().len();
    assert!(lines == 40 && holds.contains("NOT HAD: 1 answer"), "what was read is kept: {lines} {holds}");
    assert!(log["gaps"][0]["why"].as_str().unwrap().contains("40 pages"), "{}", log["gaps"]);
}
