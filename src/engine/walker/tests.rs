//! Walks over a scripted estate: pages, what follows, faults, and newer walks.

use super::Engine;
use crate::estate::ask::{Answer, Ask, Cursor, Page, Query, sqs, sts};
use crate::estate::{
    Arn, Asks, At, BoxFuture, Clock, Encryption, Fault, FaultKind, Ports, QueueFacts, QueueUrl, Reads,
    RedrivePolicy, Region, Ticket, Timestamp,
};
use crate::insight::{Broad, Source, Step, WalkEvent};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// Time stands still, and sleeping only yields.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }
}

type Script = dyn Fn(&Query, Option<&Cursor>, usize) -> Result<Page, Fault> + Send + Sync;

/// Answers by a script, which is told how often the question was asked before.
struct Scripted {
    script: Box<Script>,
    asked: Mutex<HashMap<(Query, Option<Cursor>), usize>>,
    flying: AtomicUsize,
    most: AtomicUsize,
}

impl Reads for Scripted {
    fn fetch<'a>(&'a self, q: &'a Query, from: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        Box::pin(async move {
            self.most.fetch_max(self.flying.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            self.flying.fetch_sub(1, Ordering::SeqCst);
            let before = {
                let mut asked = self.asked.lock().unwrap();
                let n = asked.entry((q.clone(), from.cloned())).or_insert(0);
                *n += 1;
                *n - 1
            };
            (self.script)(q, from, before)
        })
    }
}

fn here(ask: Ask) -> Query {
    Query { at: At { account: None, region: Region::us_east_1() }, ask }
}

fn page(answer: Answer, next: Option<&str>) -> Result<Page, Fault> {
    Ok(Page { answer, next: next.map(|n| Cursor(n.into())), sent: Timestamp::UNIX_EPOCH })
}

fn urls(names: &[&str]) -> Answer {
    let urls = names.iter().map(|n| QueueUrl::new(format!("https://q/1/{n}"))).collect();
    Answer::Sqs(sqs::Answer::ListQueues(urls))
}

fn facts(name: &str, target: Option<&str>) -> Answer {
    let arn = |n: &str| Arn::new(format!("arn:aws:sqs:us-east-1:1:{n}"));
    Answer::Sqs(sqs::Answer::GetQueueAttributes(QueueFacts {
        arn: arn(name),
        messages: Some(0),
        in_flight: Some(0),
        delayed: Some(0),
        retention_s: Some(60),
        visibility_s: Some(30),
        created: None,
        redrive: target.map(|t| RedrivePolicy { dead_letter_target: arn(t), max_receive_count: Some(3) }),
        redrive_allow: None,
        policy: None,
        fifo: false,
        encryption: Encryption::None,
    }))
}

fn fault(kind: FaultKind) -> Result<Page, Fault> {
    Err(Fault::new(kind, "sqs:ListQueues", "scripted"))
}

fn engine(
    script: impl Fn(&Query, Option<&Cursor>, usize) -> Result<Page, Fault> + Send + Sync + 'static,
) -> (Engine, Arc<Scripted>, mpsc::UnboundedReceiver<WalkEvent>) {
    let reads = Arc::new(Scripted {
        script: Box::new(script),
        asked: Mutex::default(),
        flying: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    });
    let (out, events) = mpsc::unbounded_channel();
    let ports = Ports {
        reads: reads.clone(),
        writes: None,
        outside: Arc::new(crate::estate::outside::Nowhere),
        clock: Arc::new(Still),
        region: Region::us_east_1(),
        practice: false,
    };
    (Engine::new(ports, out), reads, events)
}

async fn steps(events: &mut mpsc::UnboundedReceiver<WalkEvent>) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(event) = events.recv().await {
        let end = matches!(event.step, Step::End { .. });
        steps.push(event.step);
        if end {
            break;
        }
    }
    steps
}

fn walk(engine: &Engine, ticket: u64) {
    engine.walk(Source::Broad(Broad::Queues), Ticket(ticket), vec![here(sqs::ListQueues {}.ask())], false);
}

#[tokio::test]
async fn pages_are_followed_and_no_question_is_asked_twice() {
    let (engine, reads, mut events) = engine(|q, from, _| match (&q.ask, from) {
        (Ask::Sqs(sqs::Ask::ListQueues(_)), None) => page(urls(&["a", "b"]), Some("2")),
        (Ask::Sqs(sqs::Ask::ListQueues(_)), Some(_)) => page(urls(&["dlq", "a"]), None),
        (Ask::Sqs(sqs::Ask::GetQueueAttributes(a)), _) => {
            let name = a.queue.name();
            page(facts(name.wire(), (name.wire() != "dlq").then_some("dlq")), None)
        }
        (Ask::Sqs(sqs::Ask::ListDeadLetterSourceQueues(_)), _) => {
            page(Answer::Sqs(sqs::Answer::ListDeadLetterSourceQueues(vec![])), None)
        }
        (Ask::Sqs(sqs::Ask::ListMessageMoveTasks(_)), _) => {
            page(Answer::Sqs(sqs::Answer::ListMessageMoveTasks(vec![])), None)
        }
        other => panic!("not expected: {other:?}"),
    });
    walk(&engine, 1);
    let steps = steps(&mut events).await;
    // Two pages, three queues, and once each what asks about the one dead-letter queue.
    assert_eq!(steps.len(), 2 + 3 + 2 + 1);
    assert!(reads.asked.lock().unwrap().values().all(|n| *n == 1));
    assert!(matches!(steps.last(), Some(Step::End { spend, .. }) if spend.calls == 7));
}

#[tokio::test]
async fn throttling_is_waited_out_and_counted() {
    let (engine, _, mut events) =
        engine(|_, _, before| if before < 3 { fault(FaultKind::Throttled) } else { page(urls(&[]), None) });
    walk(&engine, 1);
    let steps = steps(&mut events).await;
    assert!(matches!(&steps[0], Step::Page { first: true, .. }));
    assert!(matches!(&steps[1], Step::End { spend, .. } if spend.throttled == 3 && spend.calls == 4));
}

#[tokio::test]
async fn endless_throttling_becomes_a_gap() {
    let (engine, _, mut events) = engine(|_, _, _| fault(FaultKind::Throttled));
    walk(&engine, 1);
    let steps = steps(&mut events).await;
    assert!(matches!(&steps[0], Step::Gap { root: true, fault, .. } if fault.kind == FaultKind::Throttled));
    assert_eq!(steps.len(), 2);
}

#[tokio::test]
async fn a_denied_question_is_asked_once_and_the_rest_goes_on() {
    let denied = || FaultKind::Denied { action: "sqs:GetQueueAttributes".into(), resource: None };
    let (engine, reads, mut events) = engine(move |q, _, _| match &q.ask {
        Ask::Sqs(sqs::Ask::ListQueues(_)) => page(urls(&["a", "b"]), None),
        Ask::Sqs(sqs::Ask::GetQueueAttributes(a)) if a.queue.name().wire() == "a" => fault(denied()),
        _ => page(facts("b", None), None),
    });
    walk(&engine, 1);
    let steps = steps(&mut events).await;
    assert_eq!(steps.iter().filter(|s| matches!(s, Step::Page { .. })).count(), 2);
    assert_eq!(steps.iter().filter(|s| matches!(s, Step::Gap { root: false, .. })).count(), 1);
    assert!(reads.asked.lock().unwrap().values().all(|n| *n == 1));
}

#[tokio::test]
async fn without_credentials_the_rest_is_not_asked() {
    let names: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let (engine, reads, mut events) = engine(move |q, _, _| match &q.ask {
        Ask::Sqs(sqs::Ask::ListQueues(_)) => {
            page(urls(&names.iter().map(String::as_str).collect::<Vec<_>>()), None)
        }
        _ => fault(FaultKind::Expired { mend: "aws sso login".into() }),
    });
    walk(&engine, 1);
    let steps = steps(&mut events).await;
    assert_eq!(steps.iter().filter(|s| matches!(s, Step::Gap { .. })).count(), 500, "each row says so");
    assert!(reads.asked.lock().unwrap().len() < 120, "{}", reads.asked.lock().unwrap().len());
}

#[tokio::test]
async fn the_fan_out_is_bounded() {
    let names: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let (engine, reads, mut events) = engine(move |q, _, _| match &q.ask {
        Ask::Sqs(sqs::Ask::ListQueues(_)) => {
            page(urls(&names.iter().map(String::as_str).collect::<Vec<_>>()), None)
        }
        _ => page(facts("b", None), None),
    });
    walk(&engine, 1);
    steps(&mut events).await;
    let most = reads.most.load(Ordering::SeqCst);
    assert!((2..=super::FAN_OUT).contains(&most), "{most}");
}

#[tokio::test]
async fn a_server_that_gives_the_same_page_for_ever_is_left() {
    let (engine, _, mut events) = engine(|_, _, _| page(urls(&[]), Some("again")));
    walk(&engine, 1);
    let steps = steps(&mut events).await;
    assert!(steps.iter().any(|s| matches!(s, Step::Gap { fault, .. } if fault.kind == FaultKind::Malformed)));
}

#[tokio::test]
async fn a_newer_walk_ends_the_older() {
    let (engine, _, mut events) = engine(|q, _, _| match &q.ask {
        Ask::Sts(_) => fault(FaultKind::Other(format!("{:?}", sts::GetCallerIdentity {}).into())),
        _ => page(urls(&[]), None),
    });
    walk(&engine, 1);
    walk(&engine, 2);
    let steps = {
        let mut tickets = Vec::new();
        while let Some(event) = events.recv().await {
            tickets.push(event.ticket);
            if matches!(event.step, Step::End { .. }) && event.ticket == Ticket(2) {
                break;
            }
        }
        tickets
    };
    assert!(steps.iter().all(|t| *t == Ticket(2)), "{steps:?}");
}

#[tokio::test]
async fn nothing_to_ask_ends_at_once() {
    let (engine, _, mut events) = engine(|_, _, _| fault(FaultKind::Invalid));
    engine.walk(Source::Broad(Broad::QueueAges), Ticket(1), vec![], true);
    assert!(matches!(&steps(&mut events).await[..], [Step::End { spend, .. }] if spend.calls == 0));
}
