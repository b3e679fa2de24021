//! Walks a source: asks its first questions, every page of them and everything that follows, with a bounded
//! fan-out through the gate, and tells each answer as it comes. A newer walk of a source ends the older.

use super::gate::Gate;
use crate::estate::ask::{Ask, cloudwatch};
use crate::estate::{Cursor, Fault, FaultKind, Page, Ports, Query, Service, Ticket, Timestamp, follow};
use crate::insight::{Source, Spend, Step, WalkEvent};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc::UnboundedSender};
use tokio::task::AbortHandle;

/// Calls in flight of one walk.
const FAN_OUT: usize = 48;
/// Calls in flight of all walks that nobody waits for, so that what is looked at always finds a place.
const BACKGROUND: usize = 64;
/// A throttled question is asked so many times before it becomes a gap.
const TRIES_THROTTLED: u32 = 6;
/// A question that was not answered (reset, time-out) is asked once more: after a suspended laptop the
/// pooled connections are dead, and the second attempt makes a new one.
const TRIES_UNANSWERED: u32 = 2;

/// Walks sources. Cloning shares it.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    ports: Ports,
    gate: Gate,
    background: Semaphore,
    out: UnboundedSender<WalkEvent>,
    running: Mutex<HashMap<Source, AbortHandle>>,
}

impl Engine {
    /// An engine over `ports` that tells everything to `out`. Needs a tokio runtime when it walks.
    #[must_use]
    pub fn new(ports: Ports, out: UnboundedSender<WalkEvent>) -> Self {
        let gate = Gate::new(ports.clock.clone());
        let background = Semaphore::new(BACKGROUND);
        Self { shared: Arc::new(Shared { ports, gate, background, out, running: Mutex::default() }) }
    }

    /// The gate that its calls pass.
    #[must_use]
    pub fn gate(&self) -> Gate {
        self.shared.gate.clone()
    }

    /// Starts walk `ticket` of `source` from `roots` and returns at once. An older walk of it is cancelled;
    /// this one ends with [`Step::End`] unless it is cancelled too. `urgent` walks do not wait behind those
    /// that nobody looks at.
    pub fn walk(&self, source: Source, ticket: Ticket, roots: Vec<Query>, urgent: bool) {
        let mut running = self.shared.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(older) = running.remove(&source) {
            older.abort();
        }
        let walk = Walk::new(self.shared.clone(), source.clone(), ticket, urgent);
        running.insert(source, tokio::spawn(walk.run(roots)).abort_handle());
    }

    /// Passes on that a person wants what failed to be tried again: only then may someone be asked for
    /// another MFA code.
    pub fn try_again(&self) {
        self.shared.ports.reads.try_again();
    }

    /// Cancels the walk of `source`, if one is under way.
    pub fn stop(&self, source: &Source) {
        let mut running = self.shared.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(walk) = running.remove(source) {
            walk.abort();
        }
    }
}

/// One walk under way.
struct Walk {
    shared: Arc<Shared>,
    source: Source,
    ticket: Ticket,
    urgent: bool,
    seen: HashSet<Query>,
    waiting: VecDeque<Errand>,
    spend: Spend,
}

/// A question to ask, from a page on.
#[derive(Clone)]
struct Errand {
    query: Query,
    from: Option<Cursor>,
    root: bool,
}

/// How an errand ended, and what it cost on the way.
struct Return {
    errand: Errand,
    result: Result<Page, Fault>,
    spend: Spend,
}

impl Walk {
    fn new(shared: Arc<Shared>, source: Source, ticket: Ticket, urgent: bool) -> Self {
        Self {
            shared,
            source,
            ticket,
            urgent,
            seen: HashSet::new(),
            waiting: VecDeque::new(),
            spend: Spend::default(),
        }
    }

    async fn run(mut self, roots: Vec<Query>) {
        let began = self.shared.ports.clock.now();
        for query in roots {
            self.want(query, true);
        }
        let mut flying = FuturesUnordered::new();
        loop {
            while flying.len() < FAN_OUT
                && let Some(errand) = self.waiting.pop_front()
            {
                flying.push(ask(self.shared.clone(), errand, self.urgent));
            }
            let Some(back) = flying.next().await else { break };
            self.spend += back.spend;
            match back.result {
                Ok(page) => self.answered(back.errand, page),
                Err(fault) => {
                    // Without credentials no other question of this walk can be answered either.
                    let hopeless = fault.is_about_credentials();
                    let fault = Arc::new(fault);
                    self.tell_gap(back.errand, fault.clone());
                    if hopeless {
                        for errand in std::mem::take(&mut self.waiting) {
                            self.tell_gap(errand, fault.clone());
                        }
                    }
                }
            }
        }
        let spend = self.spend;
        self.tell(Step::End { began, spend });
    }

    /// Puts a question in the queue, unless this walk has asked it already.
    fn want(&mut self, query: Query, root: bool) {
        if self.seen.insert(query.clone()) {
            self.waiting.push_back(Errand { query, from: None, root });
        }
    }

    fn answered(&mut self, errand: Errand, page: Page) {
        for query in follow(&errand.query, &page) {
            self.want(query, false);
        }
        let next = page.next.clone();
        let first = errand.from.is_none();
        self.tell(Step::Page { query: errand.query.clone(), page, first });
        match next {
            // A server that gives the page it was asked from would be walked for ever.
            Some(next) if errand.from.as_ref() == Some(&next) => {
                let operation = errand.query.ask.operation().name;
                let fault = Fault::new(FaultKind::Malformed, operation, "the next page is the same page");
                self.tell_gap(errand, Arc::new(fault));
            }
            // The list itself comes before what follows from it.
            Some(next) => self.waiting.push_front(Errand { from: Some(next), ..errand }),
            None => {}
        }
    }

    fn tell_gap(&self, errand: Errand, fault: Arc<Fault>) {
        self.tell(Step::Gap { query: errand.query, root: errand.root, fault });
    }

    fn tell(&self, step: Step) {
        let event = WalkEvent { source: self.source.clone(), ticket: self.ticket, step };
        if self.shared.out.send(event).is_err() {
            // Whoever listened is gone and so is the need to tell.
        }
    }
}

/// Asks one page of one question, again where that may help.
async fn ask(shared: Arc<Shared>, errand: Errand, urgent: bool) -> Return {
    let operation = errand.query.ask.operation();
    let mut spend = Spend::default();
    let mut tries = 0;
    loop {
        tries += 1;
        shared.gate.pass(&errand.query.at, operation).await;
        let place = if urgent { None } else { shared.background.acquire().await.ok() };
        let result = shared.ports.reads.fetch(&errand.query, errand.from.as_ref()).await;
        drop(place);
        spend.calls += 1;
        spend.micro_usd += price(&errand.query.ask);
        let fault = match result {
            Ok(page) => {
                shared.gate.answered(&errand.query.at, operation);
                return Return { errand, result: Ok(page), spend };
            }
            Err(fault) => fault,
        };
        let again = match &fault.kind {
            FaultKind::Throttled => {
                spend.throttled += 1;
                shared.gate.throttled(&errand.query.at, operation);
                tries < TRIES_THROTTLED
            }
            FaultKind::Unreachable | FaultKind::TimedOut => tries < TRIES_UNANSWERED,
            FaultKind::Denied { .. }
            | FaultKind::Expired { .. }
            | FaultKind::NoCredentials { .. }
            | FaultKind::ClockSkew { .. }
            | FaultKind::Unsupported
            | FaultKind::NotFound
            | FaultKind::Invalid
            | FaultKind::Malformed
            | FaultKind::Conflict
            | FaultKind::Declined
            | FaultKind::Other(_) => false,
        };
        if !again {
            return Return { errand, result: Err(fault), spend };
        }
        shared.ports.clock.sleep(pause(tries, shared.ports.clock.now())).await;
    }
}

/// Doubling from 200 ms, with up to as much again by chance so that parallel questions spread out. The
/// chance is taken from the clock's fine digits, which differ from call to call.
pub(super) fn pause(tries: u32, now: Timestamp) -> Duration {
    let base = Duration::from_millis(200 << (tries - 1).min(5));
    let part = u32::try_from(now.subsec_nanosecond().rem_euclid(1_000)).unwrap_or(0);
    base + base * part / 1_000
}

/// Millionths of a US dollar for one call of `ask`; see [`Spend`].
fn price(ask: &Ask) -> u64 {
    match ask {
        Ask::CloudWatch(cloudwatch::Ask::GetMetricData(asked)) => 10 * asked.queries.len() as u64,
        other => match other.operation().service {
            Service::CloudWatch => 10,
            Service::Sqs
            | Service::Wafv2
            | Service::SecretsManager
            | Service::Sts
            | Service::Lambda
            | Service::Iam
            | Service::ApiGateway
            | Service::CloudTrail
            | Service::Rds
            | Service::Ec2
            | Service::Sns
            | Service::Kms
            | Service::Logs
            | Service::Events => 0,
        },
    }
}

#[cfg(test)]
mod tests;
