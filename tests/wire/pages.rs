//! Long answers: 20,000 things over as many pages as AWS makes of them, pages that are empty, tokens that
//! come back, and a fault in the middle. One fetch is one call, so that the engine can pay for each.

use crate::asking::Asking;
use crate::faults::open;
use crate::server::{Manner, Reply, Request, Server};
use crate::services::{alarm, api_key, error, function, json_answer, queue_url, secret, web_acl};
use bartizan::estate::ask::{apigateway, cloudwatch, lambda, secretsmanager, sqs, wafv2};
use bartizan::estate::{Fault, FaultKind, Scope, Service};
use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value, json};

/// A list that AWS gives in pages.
#[derive(Clone, Copy)]
struct List {
    service: Service,
    /// The field of the items, and that of the token.
    items: &'static str,
    token: &'static str,
    /// What AWS gives at most in one page (API reference of each).
    page: usize,
    item: fn(&str) -> Value,
    /// The names of everything, walked page by page.
    names: fn(&Asking) -> Result<Vec<String>, Fault>,
}

const LISTS: [List; 6] = [
    List {
        service: Service::ApiGateway,
        items: "item",
        token: "position",
        page: 500,
        item: api_key,
        names: |e| {
            let all = e.all(apigateway::GetApiKeys { name_prefix: None })?;
            Ok(all.iter().map(|k| k.name.wire().to_owned()).collect())
        },
    },
    List {
        service: Service::CloudWatch,
        items: "MetricAlarms",
        token: "NextToken",
        page: 100,
        item: alarm,
        names: |e| {
            let all = e.all(cloudwatch::DescribeAlarms { names: vec![] })?;
            Ok(all.iter().map(|a| a.name.wire().to_owned()).collect())
        },
    },
    List {
        service: Service::Sqs,
        items: "QueueUrls",
        token: "NextToken",
        page: 1000,
        item: |name| Value::String(queue_url(name)),
        names: |e| Ok(e.all(sqs::ListQueues {})?.iter().map(|q| q.name().wire().to_owned()).collect()),
    },
    List {
        service: Service::Wafv2,
        items: "WebACLs",
        token: "NextMarker",
        page: 100,
        item: web_acl,
        names: |e| {
            let all = e.all(wafv2::ListWebACLs { scope: Scope::Regional })?;
            Ok(all.iter().map(|a| a.name.wire().to_owned()).collect())
        },
    },
    List {
        service: Service::SecretsManager,
        items: "SecretList",
        token: "NextToken",
        page: 100,
        item: secret,
        names: |e| {
            Ok(e.all(secretsmanager::ListSecrets {})?.iter().map(|s| s.name.wire().to_owned()).collect())
        },
    },
    List {
        service: Service::Lambda,
        items: "Functions",
        token: "NextMarker",
        page: 50,
        item: function,
        names: |e| Ok(e.all(lambda::ListFunctions {})?.iter().map(|f| f.name.wire().to_owned()).collect()),
    },
];

fn named(n: usize) -> String {
    format!("thing-{n:05}")
}

impl List {
    fn answer(&self, items: impl Iterator<Item = usize>, token: Option<&str>) -> Reply {
        let mut body = Map::new();
        body.insert(self.items.to_owned(), items.map(|n| (self.item)(&named(n))).collect());
        if let Some(token) = token {
            body.insert(self.token.to_owned(), json!(token));
        }
        json_answer(self.service, &Value::Object(body))
    }

    /// Serves `total` things in pages of AWS's size.
    fn paged(self, total: usize) -> impl Fn(&Request) -> Reply + Send + Sync {
        move |request| {
            let from = request.page() * self.page;
            let to = total.min(from + self.page);
            let next = format!("page-{}", request.page() + 1);
            self.answer(from..to, (to < total).then_some(next.as_str()))
        }
    }

    fn served(self, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Server, Asking) {
        let server = Server::start(Manner::Answers(Box::new(answer)));
        let estate = open(server.url());
        (server, estate)
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, got: T, wanted: T) -> Result<(), Failed> {
    if got == wanted { Ok(()) } else { Err(format!("{what}: expected {wanted:?}, got {got:?}").into()) }
}

fn expect_kind<T: std::fmt::Debug>(got: Result<T, Fault>, wanted: &FaultKind) -> Result<(), Failed> {
    match got {
        Err(fault) if fault.kind == *wanted => Ok(()),
        other => Err(format!("expected {wanted:?}, got {other:?}").into()),
    }
}

fn twenty_thousand(list: List) -> Result<(), Failed> {
    let (server, estate) = list.served(list.paged(20_000));
    let names = (list.names)(&estate).map_err(|f| format!("{f:?}"))?;
    expect("all of them, in AWS's order", names, (0..20_000).map(named).collect())?;
    expect("calls", server.requests(), 20_000 / list.page)
}

fn exactly_one_page(list: List) -> Result<(), Failed> {
    let (server, estate) = list.served(list.paged(list.page));
    let names = (list.names)(&estate).map_err(|f| format!("{f:?}"))?;
    expect("things", names.len(), list.page)?;
    expect("calls", server.requests(), 1)
}

fn nothing(list: List) -> Result<(), Failed> {
    let (_server, estate) = list.served(move |_| list.answer(0..0, None));
    expect("things", (list.names)(&estate).map_err(|f| format!("{f:?}"))?.len(), 0)?;
    // a service may leave an empty list out
    let (_server, estate) = list.served(move |_| json_answer(list.service, &json!({})));
    expect("things", (list.names)(&estate).map_err(|f| format!("{f:?}"))?.len(), 0)
}

/// "The response might contain fewer items, or none, with a token": the walk goes on.
fn empty_page_in_the_middle(list: List) -> Result<(), Failed> {
    let (_server, estate) = list.served(move |r| match r.page() {
        0 => list.answer(0..2, Some("page-1")),
        1 => list.answer(0..0, Some("page-2")),
        _ => list.answer(2..3, Some("")), // and an empty token is none
    });
    expect("things", (list.names)(&estate).map_err(|f| format!("{f:?}"))?.len(), 3)
}

/// A walk that would never end is a fault.
fn token_that_comes_back(list: List) -> Result<(), Failed> {
    let (server, estate) = list.served(move |_| list.answer(0..1, Some("page-1")));
    expect_kind((list.names)(&estate), &FaultKind::Malformed)?;
    expect("calls", server.requests(), 2)
}

/// What was read before is no answer to the whole question.
fn fault_in_the_middle(list: List) -> Result<(), Failed> {
    let (_server, estate) = list.served(move |r| match r.page() {
        2 => error(list.service, 400, "ThrottlingException", "Rate exceeded"),
        n => list.answer(n..n + 1, Some(&format!("page-{}", n + 1))),
    });
    expect_kind((list.names)(&estate), &FaultKind::Throttled)
}

/// `DescribeAlarms` leaves out all but metric alarms unless each type is named, and `ListSecrets` those with a
/// planned deletion unless they are asked for (API references).
fn whole_question(service: Service, words: &'static [&'static str]) -> Result<(), Failed> {
    let list = LISTS.into_iter().find(|l| l.service == service).ok_or("no such list")?;
    let (server, estate) = list.served(move |_| list.answer(0..0, None));
    (list.names)(&estate).map_err(|f| format!("{f:?}"))?;
    let request = server.last().ok_or("nothing was asked")?;
    let body = String::from_utf8_lossy(&request.body).into_owned();
    match words.iter().find(|w| !body.contains(*w)) {
        None => Ok(()),
        Some(word) => Err(format!("{word} is not in the request: {body:?}").into()),
    }
}

pub fn trials() -> Vec<Trial> {
    type Check = fn(List) -> Result<(), Failed>;
    let checks: [(&str, Check); 6] = [
        ("twenty_thousand", twenty_thousand),
        ("exactly_one_page", exactly_one_page),
        ("nothing", nothing),
        ("empty_page_in_the_middle", empty_page_in_the_middle),
        ("token_that_comes_back", token_that_comes_back),
        ("fault_in_the_middle", fault_in_the_middle),
    ];
    let mut out = Vec::new();
    for (name, check) in checks {
        for list in LISTS {
            let service = crate::services::name(list.service);
            out.push(Trial::test(format!("pages::{name}::{service}"), move || check(list)));
        }
    }
    out.push(Trial::test("every_type_of_alarm_is_asked_for", || {
        whole_question(Service::CloudWatch, &["MetricAlarm", "CompositeAlarm", "LogAlarm"])
    }));
    out.push(Trial::test("secrets_about_to_be_deleted_are_asked_for", || {
        whole_question(Service::SecretsManager, &["\"IncludePlannedDeletion\":true"])
    }));
    out
}
