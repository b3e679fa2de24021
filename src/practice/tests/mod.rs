//! Tests over whole practice estates, asked as the engine asks them: through the ports.

mod data;
mod look;
mod pages;
mod refuse;
mod store;
mod weather;
mod write;

use super::{Options, Practice};
use crate::estate::ask::Ask;
use crate::estate::time::plus_seconds;
use crate::estate::{Asks, At, BoxFuture, Clock, Cursor, Fault, Page, Query, Reads, Region, Timestamp};
use futures_util::FutureExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A clock that stands still unless it is moved, or somebody sleeps by it.
struct Still(Mutex<Timestamp>);

impl Still {
    fn at(t: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(t)))
    }
    fn go(&self, seconds: i64) {
        let mut now = self.0.lock().expect("lock");
        *now = plus_seconds(*now, seconds);
    }
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("lock")
    }
    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        let mut now = self.0.lock().expect("lock");
        *now = now.checked_add(d).expect("in the calendar");
        Box::pin(async {})
    }
}

/// An estate without latency, quotas and hiccups, and its clock.
fn calm(seed: u64) -> (Practice, Arc<Still>) {
    with(Options { seed, ..quiet() })
}

fn quiet() -> Options {
    Options { latency: None, quotas: false, hiccup: None, ..Options::default() }
}

fn with(options: Options) -> (Practice, Arc<Still>) {
    let clock = Still::at("2026-11-20T09:41:00Z".parse().expect("a time"));
    let practice = Practice::new(options, clock.clone()).expect("a practice estate");
    (practice, clock)
}

fn fetch_at(p: &Practice, region: &str, ask: Ask, from: Option<&Cursor>) -> Result<Page, Fault> {
    let at = At { account: None, region: Region::new(region).expect("a Region") };
    p.fetch(&Query { at, ask }, from).now_or_never().expect("nothing to wait for")
}

fn fetch(p: &Practice, ask: Ask, from: Option<&Cursor>) -> Result<Page, Fault> {
    fetch_at(p, "us-east-1", ask, from)
}

/// The answer to a question of one page.
fn one<A: Asks>(p: &Practice, ask: A) -> Result<A::Out, Fault> {
    A::open(fetch(p, ask.ask(), None)?.answer)
}

/// The pages of the answer to a question about a list.
fn pages<A: Asks<Out = Vec<T>> + Clone, T>(p: &Practice, ask: A) -> Vec<Vec<T>> {
    let (mut pages, mut from) = (Vec::new(), None);
    loop {
        let page = fetch(p, ask.clone().ask(), from.as_ref()).expect("a page");
        pages.push(A::open(page.answer).expect("its answer"));
        match page.next {
            Some(next) => from = Some(next),
            None => return pages,
        }
    }
}

/// All rows of the answer.
fn all<A: Asks<Out = Vec<T>> + Clone, T>(p: &Practice, ask: A) -> Vec<T> {
    pages(p, ask).into_iter().flatten().collect()
}
