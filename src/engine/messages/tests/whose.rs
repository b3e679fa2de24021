//! Whose a dead letter is, looked for in logs: the likeliest first, so many groups and pages and no more.

use crate::engine::Gate;
use crate::engine::messages::whose::search;
use crate::engine::runs::Brake;
use crate::estate::ask::{Ask, logs};
use crate::estate::message::whose::{FUNCTIONS, Request, Search};
use crate::estate::time::plus_seconds;
use crate::estate::{
    AccountId, Answer, At, BoxFuture, Clock, Cursor, Fault, FaultKind, FunctionName, Logged, Page, Ports,
    Query, Reads, Region, Timestamp, outside::Nowhere,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn now() -> Timestamp {
    "2026-11-17T10:00:00Z".parse().unwrap()
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        now()
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

/// Logs of functions: which request is in whose, on which page.
#[derive(Default)]
struct Logs {
    lines: Vec<(&'static str, &'static str, usize)>,
    pages: usize,
    fails: Vec<(&'static str, FaultKind)>,
    throttled: Mutex<usize>,
    asked: Mutex<Vec<(String, String)>>,
}

impl Reads for Logs {
    fn fetch<'a>(&'a self, q: &'a Query, from: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        Box::pin(async move {
            let Ask::Logs(logs::Ask::FilterLogEvents(ask)) = &q.ask else { panic!("{q:?}") };
            assert_eq!(ask.from, plus_seconds(now(), -1_800));
            let function = ask.group.wire().strip_prefix("/aws/lambda/").unwrap().to_owned();
            self.asked.lock().unwrap().push((function.clone(), ask.text.wire().to_owned()));
            let fault = |kind| Err(Fault::new(kind, "logs:FilterLogEvents", "said the fake"));
            {
                let mut left = self.throttled.lock().unwrap();
                if *left > 0 {
                    *left -= 1;
                    return fault(FaultKind::Throttled);
                }
            }
            if let Some((_, kind)) = self.fails.iter().find(|(name, _)| *name == function) {
                return fault(kind.clone());
            }
            let page: usize = from.map_or(0, |c| c.0.parse().unwrap());
            let here = |l: &&(&str, &str, usize)| l.0 == function && l.1 == ask.text.wire() && l.2 == page;
            let lines =
                self.lines.iter().filter(here).map(|_| Logged { at: now(), stream: "s".into(), said: None });
            let answer = Answer::Logs(logs::Answer::FilterLogEvents(lines.collect()));
            let next = (page + 1 < self.pages).then(|| Cursor((page + 1).to_string().into()));
            Ok(Page { answer, next, sent: now() })
        })
    }
}

async fn look(reads: &Arc<Logs>, requests: &[&str], functions: &[&str]) -> Search {
    let ports = Ports {
        reads: reads.clone(),
        writes: None,
        outside: Arc::new(Nowhere),
        clock: Arc::new(Still),
        region: Region::new("eu-central-1").unwrap(),
        practice: false,
    };
    let at = At { account: AccountId::new("123456789012"), region: ports.region.clone() };
    let requests: Vec<Request> =
        requests.iter().map(|id| Request::of(&(*id).into(), now()).unwrap()).collect();
    let functions: Vec<FunctionName> = functions.iter().map(|name| FunctionName::new(*name)).collect();
    search((&ports, &Gate::new(Arc::new(Still)), &Brake::default()), &at, &requests, &functions).await
}

#[tokio::test]
async fn a_request_is_looked_for_until_a_log_names_it() {
    let lines = vec![("second", "request-1", 2), ("first", "request-2", 0)];
    let logs = Arc::new(Logs { lines, pages: 4, throttled: Mutex::new(3), ..Logs::default() });
    let found = look(&logs, &["request-1", "request-2"], &["first", "second", "third"]).await;
    let told: Vec<_> = found.found.iter().map(|f| (f.request.wire(), f.function.wire())).collect();
    assert_eq!(told, [("request-2", "first"), ("request-1", "second")]);
    assert!(found.not_found.is_empty() && found.gaps.is_empty(), "{found:?}");
    assert!(!logs.asked.lock().unwrap().iter().any(|(f, _)| f == "third"), "nothing is left to look for");
}

#[tokio::test]
async fn it_ends_and_says_where_it_looked_and_where_it_could_not() {
    let fails = vec![
        ("gone", FaultKind::NotFound),
        ("closed", FaultKind::Denied { action: "logs:FilterLogEvents".into(), resource: None }),
    ];
    let logs = Arc::new(Logs { pages: 1_000_000, fails, ..Logs::default() });
    let found = look(&logs, &["request-1", "request-2"], &["gone", "closed", "endless"]).await;
    assert_eq!(found.not_found.len(), 2);
    assert_eq!(found.without, [FunctionName::new("gone")]);
    assert!(found.gaps.iter().any(|g| g.starts_with("closed: ")), "{:?}", found.gaps);
    assert!(found.gaps.iter().any(|g| g.contains("not read to the end")), "{:?}", found.gaps);
    assert!(logs.asked.lock().unwrap().len() <= 2 + 2 + 2 * 20);
    let many: Vec<String> = (0..50).map(|n| format!("f{n}")).collect();
    let logs = Arc::new(Logs { pages: 1, ..Logs::default() });
    let found = look(&logs, &["request-1"], &many.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(found.looked.len(), FUNCTIONS);
}
