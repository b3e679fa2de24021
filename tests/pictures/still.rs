//! The practice estate at one instant, and walks over it without tasks: each page of each question in turn.

use bartizan::estate::time::Timestamp;
use bartizan::estate::{BoxFuture, Clock, Context, Estates, Ports, Prompt, Query, Ticket, follow};
use bartizan::insight::{Source, Spend, Step, WalkEvent};
use bartizan::practice::{Options, Practice};
use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context as Tasks, Poll, Waker};
use std::time::Duration;
use zeroize::Zeroizing;

/// 2026-11-21 10:19:30 UTC.
pub fn now() -> Timestamp {
    "2026-11-21T10:19:30Z".parse().unwrap()
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Whoever is asked and says nothing.
pub struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

/// Nothing here waits: the estate answers at once.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Tasks::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("the practice estate made somebody wait on a clock that stands still"),
    }
}

pub fn context() -> Context {
    Context::named("practice")
}

/// The whole estate, or some of its systems.
pub fn estate(systems: &[&str]) -> Ports {
    let options = Options {
        systems: systems.iter().map(|s| (*s).to_owned()).collect(),
        latency: None,
        quotas: false,
        hiccup: None,
        ..Options::default()
    };
    let practice = Practice::new(options, Arc::new(Still)).unwrap();
    at_once(practice.open(&context(), Arc::new(Nobody))).unwrap()
}

/// Everything that a walk of `source` tells.
pub fn walk(ports: &Ports, source: &Source, ticket: Ticket, roots: Vec<Query>) -> Vec<WalkEvent> {
    let mut steps = Vec::new();
    let mut asked: Vec<Query> = Vec::new();
    let mut todo: VecDeque<(Query, bool)> = roots.into_iter().map(|q| (q, true)).collect();
    let mut spend = Spend::default();
    while let Some((query, root)) = todo.pop_front() {
        if asked.contains(&query) {
            continue;
        }
        asked.push(query.clone());
        let mut from = None;
        loop {
            spend.calls += 1;
            match at_once(ports.reads.fetch(&query, from.as_ref())) {
                Ok(page) => {
                    todo.extend(follow(&query, &page).into_iter().map(|q| (q, false)));
                    let (next, first) = (page.next.clone(), from.is_none());
                    steps.push(Step::Page { query: query.clone(), page, first });
                    from = next;
                }
                Err(fault) => {
                    steps.push(Step::Gap { query: query.clone(), root, fault: Arc::new(fault) });
                    from = None;
                }
            }
            if from.is_none() {
                break;
            }
        }
    }
    steps.push(Step::End { began: now(), spend });
    steps.into_iter().map(|step| WalkEvent { source: source.clone(), ticket, step }).collect()
}
