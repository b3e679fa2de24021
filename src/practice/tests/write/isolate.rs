//! Holding a function down: what Lambda refuses, what becomes of what feeds it, and what its metrics say.

use super::*;
use crate::estate::ask::{cloudwatch, sqs};
use crate::estate::change::lambda::contain::Write;

const WORKER: &str = "mte-prod-ProcessAnalysisFunction";
const QUEUE: &str = "mte-prod-AnalysisQueue";
const DEAD: &str = "mte-prod-AnalysisQueueDLQ";

fn contain(p: &Practice, write: Write) -> Result<Receipt, Fault> {
    apply(p, &Call::Lambda(function_call::Call::Contain(write)), 1, &Vault::default())
}

fn reserve(p: &Practice, function: &str, reserved: u32) -> Result<Receipt, Fault> {
    contain(p, Write::PutFunctionConcurrency { function: FunctionName::new(function), reserved, was: None })
}

fn unreserve(p: &Practice, function: &str) -> Result<Receipt, Fault> {
    contain(p, Write::DeleteFunctionConcurrency { function: FunctionName::new(function) })
}

fn mapping(p: &Practice) -> EventSource {
    let all = all(p, lambda::ListEventSourceMappings {});
    all.into_iter().find(|m| m.function.wire().ends_with(WORKER)).unwrap()
}

fn plug(p: &Practice, enabled: bool) -> Result<Receipt, Fault> {
    let (function, mapping) = (FunctionName::new(WORKER), mapping(p).id);
    contain(p, Write::UpdateEventSourceMapping { function, mapping, enabled })
}

/// Messages in a queue, those in flight among them.
fn there(p: &Practice, name: &str) -> u64 {
    let url = all(p, sqs::ListQueues {}).into_iter().find(|u| u.name().wire() == name).unwrap();
    let facts = one(p, sqs::GetQueueAttributes { queue: url }).unwrap();
    facts.messages.unwrap() + facts.in_flight.unwrap()
}

/// Sends `n` messages to the queue that feeds the worker.
fn send(p: &Practice, n: usize) {
    let mut state = p.inner.lock();
    let world = &mut state.made(&p.inner.options).unwrap().world;
    let q = world.queue(QUEUE).unwrap();
    world.queues[q].flow = 0;
    let at = world.now;
    for _ in 0..n {
        let via = crate::practice::world::queue::item::Via::Sent;
        let parcel = crate::practice::world::queue::item::Parcel {
            name: None,
            of: None,
            sent: at,
            before: 0,
            via,
            own: None,
        };
        crate::practice::consume::deliver(world, at, q, parcel);
    }
}

#[test]
fn reserved_concurrency_has_its_limits() {
    let (p, _) = calm(1);
    let of =
        |name: &str| one(&p, lambda::GetFunctionConcurrency { function: FunctionName::new(name) }).unwrap();
    assert_eq!(of("mongo-api-prod-app"), Some(100));
    assert_eq!(reserve(&p, "mongo-api-prod-app", 0).unwrap(), Receipt::Done);
    assert_eq!(of("mongo-api-prod-app"), Some(0));
    // two are provisioned for an alias of the authorizer
    assert_eq!(kind(reserve(&p, "mongo-api-prod-authorizer", 1)), FaultKind::Invalid);
    assert_eq!(reserve(&p, "mongo-api-prod-authorizer", 2).unwrap(), Receipt::Done);
    assert_eq!(kind(reserve(&p, WORKER, 899)), FaultKind::Invalid, "100 stay unreserved");
    assert_eq!(kind(reserve(&p, "no-such", 1)), FaultKind::NotFound);
    for _ in 0..2 {
        unreserve(&p, "mongo-api-prod-app").unwrap();
        assert_eq!(of("mongo-api-prod-app"), None);
    }
}

#[test]
fn nothing_of_it_runs_for_who_waits_and_events_become_dead_letters_at_once() {
    let (p, _) = calm(1);
    let call = Call::Lambda(function_call::Call::Invoke {
        function: FunctionName::new("mongo-api-prod-app"),
        qualifier: None,
        payload: "{}".into(),
        value: None,
    });
    let invoke = || apply(&p, &call, 1, &Vault::default());
    assert!(invoke().is_ok());
    reserve(&p, "mongo-api-prod-app", 0).unwrap();
    assert_eq!(kind(invoke()), FaultKind::Throttled);
    unreserve(&p, "mongo-api-prod-app").unwrap();
    assert!(invoke().is_ok());
}

#[test]
fn at_zero_a_queue_burns_its_receives_unless_it_was_disabled_first() {
    let lost = |disabled: bool| {
        let (p, clock) = calm(1);
        let before = there(&p, DEAD);
        if disabled {
            plug(&p, false).unwrap();
            clock.go(20);
        }
        reserve(&p, WORKER, 0).unwrap();
        send(&p, 12);
        clock.go(4 * 900 + 60);
        let dead = there(&p, DEAD) - before;
        assert_eq!(there(&p, QUEUE) + dead, 12, "none is gone");
        // and back
        if disabled {
            plug(&p, true).unwrap();
        }
        unreserve(&p, WORKER).unwrap();
        clock.go(1_200);
        // one of twelve fails for a reason of its own and waits to be tried again
        assert!(there(&p, QUEUE) < 3, "what waited is taken");
        dead
    };
    assert_eq!((lost(false), lost(true)), (12, 0));
}

#[test]
fn a_mapping_takes_a_moment_and_refuses_meanwhile() {
    let (p, clock) = calm(1);
    assert_eq!(mapping(&p).state.wire(), "Enabled");
    plug(&p, false).unwrap();
    assert_eq!(mapping(&p).state.wire(), "Disabling");
    assert_eq!(kind(plug(&p, true)), FaultKind::Conflict);
    clock.go(20);
    assert_eq!(mapping(&p).state.wire(), "Disabled");
    plug(&p, false).unwrap();
    assert_eq!(mapping(&p).state.wire(), "Disabled", "it was already");
    plug(&p, true).unwrap();
    clock.go(20);
    assert_eq!(mapping(&p).state.wire(), "Enabled");
}

#[test]
fn metrics_are_those_of_their_time() {
    let (p, clock) = calm(1);
    let sum = |metric: &str, from: Timestamp, to: Timestamp| {
        let queries = vec![MetricQuery {
            id: "m".into(),
            source: crate::estate::metric::MetricSource::Stat {
                metric: MetricId::of("AWS/Lambda", metric, &[("FunctionName", "mongo-api-prod-app")]),
                stat: "Sum".into(),
                period_s: 60,
                unit: None,
            },
            return_data: true,
            label: None,
        }];
        let series = all(&p, cloudwatch::GetMetricData { queries, window: Window { from, to } });
        series.iter().flat_map(|s| &s.points).map(|(_, n)| n).sum::<f64>()
    };
    let start = clock.now();
    clock.go(600);
    let stopped = clock.now();
    reserve(&p, "mongo-api-prod-app", 0).unwrap();
    clock.go(600);
    let began = clock.now();
    unreserve(&p, "mongo-api-prod-app").unwrap();
    clock.go(600);
    assert!(sum("Invocations", start, stopped) > 50.0);
    assert_eq!(sum("Throttles", start, stopped), 0.0);
    let (from, to) = (plus_seconds(stopped, 60), plus_seconds(began, -60));
    assert_eq!(sum("Invocations", from, to), 0.0);
    assert!(sum("Throttles", from, to) > 50.0);
    assert!(sum("Invocations", plus_seconds(began, 60), clock.now()) > 50.0);
}

#[test]
fn who_can_reach_a_function_is_told() {
    let (p, _) = calm(1);
    let app = || FunctionName::new("mongo-api-prod-app");
    let policy = one(&p, lambda::GetPolicy { function: app(), qualifier: None }).unwrap().unwrap();
    assert!(policy.wire().contains("apigateway.amazonaws.com"), "{policy:?}");
    assert_eq!(one(&p, lambda::GetFunctionUrlConfig { function: app(), alias: None }).unwrap(), None);
    let none = lambda::GetPolicy { function: FunctionName::new(WORKER), qualifier: None };
    assert_eq!(one(&p, none).unwrap(), None);
}
