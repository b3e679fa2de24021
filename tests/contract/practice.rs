//! The practice estate as a place: it is asked what it finds, what is not there, in a Region where nothing was
//! ever made, by somebody who may do nothing, and more often than its rates allow.

use super::places::{CHANGES, MISSING};
use super::question::{Place, Question, Wrong, ask, holds, same};
use super::{denied, empty, found, logs};
use crate::asking::{Asking, REGION, context};
use crate::suite::fill::Filled;
use bartizan::estate::ask::{operations, wafv2};
use bartizan::estate::{BoxFuture, Clock, FaultKind, Region, Scope, Timestamp};
use bartizan::practice::{Options, Practice};
use libtest_mimic::Trial;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Time that moves only when somebody sleeps; or by so many milliseconds whenever it is looked at, so that
/// what was written has spread before the next call.
struct Still(AtomicI64, i64);

impl Still {
    fn new() -> Arc<Still> {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        Arc::new(Still(AtomicI64::new(start.as_millisecond()), 0))
    }
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.fetch_add(self.1, Ordering::SeqCst)).unwrap()
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        self.0.fetch_add(i64::try_from(d.as_millis()).unwrap(), Ordering::SeqCst);
        Box::pin(async {})
    }
}

/// A place whose things can be changed.
fn changeable() -> Place {
    let mut clock = Still::new();
    if let Some(clock) = Arc::get_mut(&mut clock) {
        clock.1 = 20_000;
    }
    let practice = Practice::new(calm(), clock).unwrap();
    let context = bartizan::estate::Context { region: None, read_only: false, ..context("practice", None) };
    let asking = Asking::open(&practice, &context).unwrap();
    Place { name: "practice", asking, filled: Filled::default() }
}

/// What the practice estate has of what a server is filled with.
const OWN: [&str; 5] = ["plan", "messages", "mapping", "databases", "keys of KMS"];

/// The changes that make their own things, or need only what is there: the practice estate is never filled.
fn changes() -> Vec<Trial> {
    let place: Arc<OnceLock<Place>> = Arc::default();
    let own = |q: &&Question| q.needs.is_none_or(|needs| OWN.contains(&needs));
    let trial = |question: &'static Question| {
        let place = place.clone();
        let name = format!("practice::changed::{}", question.name);
        Trial::test(name, move || ask(place.get_or_init(changeable), question))
    };
    let all = CHANGES.iter().copied().flatten().filter(own).chain(logs::OF_A_DEAD_LETTER);
    all.map(trial).collect()
}

fn calm() -> Options {
    Options { latency: None, quotas: false, hiccup: None, ..Options::default() }
}

fn open(options: Options, region: Option<&str>, clock: Arc<Still>) -> Asking {
    let practice = Practice::new(options, clock).unwrap();
    let region = region.and_then(Region::new);
    Asking::open(&practice, &bartizan::estate::Context { region, ..context("practice", None) }).unwrap()
}

const SEEDS: [u64; 2] = [1, 77];

/// Too many calls in no time are throttled, and time heals it.
const RATES: &[Question] = &[Question {
    name: "more_than_the_rate_is_throttled",
    source: "AWS WAF quotas: 5 calls a second; \"the token bucket refills\"",
    needs: None,
    check: rates,
}];

fn rates(e: &Asking) -> Result<(), Wrong> {
    let ask = || e.first(wafv2::ListWebACLs { scope: Scope::Regional });
    let refused = (0..50).find_map(|n| Some((n, ask().err()?)));
    let (n, fault) = refused.ok_or("50 calls at once were answered")?;
    same("fault", fault.kind, FaultKind::Throttled)?;
    holds(format!("it was throttled after {n} calls"), n >= 5)?;
    e.wait(Duration::from_secs(2));
    ask().map_err(Wrong::from)?;
    Ok(())
}

pub fn trials() -> Vec<Trial> {
    let mut out = Vec::new();
    for seed in SEEDS {
        let options = Options { seed, ..calm() };
        out.extend(of(&format!("seed_{seed}"), options, None, &[&[found::FOUND], MISSING].concat()));
    }
    out.extend(of("elsewhere", calm(), Some(REGION), &[empty::REGIONAL]));
    let all = operations().map(|op| op.iam_action.to_owned()).filter(|a| !a.is_empty()).collect();
    out.extend(of("denied", Options { denied: all, ..calm() }, None, &[denied::DENIED]));
    out.extend(changes());
    out.extend(of("rates", Options { quotas: true, ..calm() }, None, &[RATES]));
    out
}

fn of(
    state: &str,
    options: Options,
    region: Option<&'static str>,
    questions: &[&'static [Question]],
) -> Vec<Trial> {
    let place: Arc<OnceLock<Place>> = Arc::default();
    let trial = |question: &'static Question| {
        let (place, options) = (place.clone(), options.clone());
        Trial::test(format!("practice::{state}::{}", question.name), move || {
            let place = place.get_or_init(|| {
                let asking = open(options, region, Still::new());
                Place { name: "practice", asking, filled: Filled::default() }
            });
            ask(place, question)
        })
    };
    questions.iter().flat_map(|q| q.iter()).map(trial).collect()
}
