//! What becomes of what is moved: move tasks, consumers, functions, retention, and what is kept of it.

use super::messages::{DEAD, ORDERS, batch, delete, drain, facts, in_hand, queue, receive, send};
use super::*;
use crate::estate::ask::{logs, sqs};
use crate::estate::change::lambda::LOG_TAIL;
use crate::estate::change::sqs::Call as Write;
use crate::estate::message::Held;
use crate::practice::{Colleague, Score};
use base64::Engine as _;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

fn arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:sqs:us-east-1:000000000000:{name}"))
}

fn start(from: &str, to: Option<&str>, rate: Option<u32>) -> Call {
    Call::Sqs(Write::StartMessageMoveTask { queue: arn(from), to: to.map(arn), rate, before: vec![] })
}

fn tasks(p: &Practice, name: &str) -> Vec<MoveTask> {
    one(p, sqs::ListMessageMoveTasks { queue: arn(name) }).unwrap()
}

fn held_in(p: &Practice, name: &str) -> u64 {
    let now = p.inner.clock.now().as_second();
    let mut state = p.inner.lock();
    let world = &mut state.made(&p.inner.options).unwrap().world;
    world.step(now);
    world.queues[world.queue(name).unwrap()].held()
}

fn deploy(p: &Practice, name: &str) {
    assert!(p.colleague(&Colleague::Deploys(FunctionName::new(name))).unwrap());
}

/// Lets time go by in small steps, as a watch does.
fn watch(p: &Practice, clock: &Still, seconds: i64) {
    for _ in 0..seconds / 5 {
        clock.go(5);
        facts(p, ORDERS);
    }
}

fn poisoned() -> (Practice, std::sync::Arc<Still>) {
    with(Options { incident: Some("poisoned-queue".into()), ..quiet() })
}

#[test]
fn a_task_is_refused_in_the_words_of_sqs() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    let said = |call: Call| {
        let fault = apply(&p, &call, 1, &vault).unwrap_err();
        assert!(!fault.may_have_happened(), "{fault:?}");
        (fault.kind, fault.message.wire().to_owned())
    };
    let (kind, why) = said(start(DEAD, None, None));
    assert_eq!(kind, FaultKind::Invalid);
    assert!(why.contains("must be configured as a Dead Letter Queue"), "{why}");
    assert_eq!(said(start("nowhere", None, None)).0, FaultKind::NotFound);
    assert_eq!(said(start(ORDERS, Some("nowhere"), None)).0, FaultKind::NotFound);
    assert_eq!(said(start(ORDERS, Some("ledger.fifo"), None)).0, FaultKind::Invalid);
    assert_eq!(said(start(ORDERS, Some(ORDERS), None)).0, FaultKind::Invalid);
    assert_eq!(said(start(ORDERS, None, Some(501))).0, FaultKind::Invalid);
    let Receipt::MoveTask(Some(handle)) = apply(&p, &start(ORDERS, None, Some(1)), 1, &vault).unwrap() else {
        panic!("no handle")
    };
    let (kind, why) = said(start(ORDERS, None, None));
    assert!(kind == FaultKind::Unsupported && why.contains("Only one active task"), "{why}");
    assert_eq!(tasks(&p, ORDERS)[0].handle, Some(handle));
}

#[test]
fn a_task_moves_at_its_rate_and_stops_when_it_is_cancelled() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    deploy(&p, "shop-orders-worker");
    let before = held_in(&p, ORDERS);
    let Receipt::MoveTask(Some(handle)) =
        apply(&p, &start(ORDERS, Some("shop-tax-export-dlq"), Some(2)), 1, &vault).unwrap()
    else {
        panic!("no handle")
    };
    clock.go(20);
    let task = tasks(&p, ORDERS).remove(0);
    assert_eq!((task.rate, task.to_move), (Some(2), Some(before)));
    assert_eq!(&task.status, &MoveTaskStatus::Running);
    assert_eq!(task.destination, Some(arn("shop-tax-export-dlq")));
    assert!((30..=42).contains(&task.moved), "{task:?}");
    let cancel = Call::Sqs(Write::CancelMessageMoveTask { queue: arn(ORDERS), handle });
    assert_eq!(apply(&p, &cancel, 1, &vault).unwrap(), Receipt::Done);
    assert_eq!(tasks(&p, ORDERS)[0].status, MoveTaskStatus::Cancelling);
    clock.go(2);
    let task = tasks(&p, ORDERS).remove(0);
    assert_eq!((&task.status, &task.handle), (&MoveTaskStatus::Cancelled, &None));
    assert_eq!(kind(apply(&p, &cancel, 1, &vault)), FaultKind::NotFound, "it has ended");
    assert_eq!(held_in(&p, ORDERS) + task.moved, before, "what was moved stays moved");
    // it is new there, and was sent just now
    let ids = drain(&p, "shop-tax-export-dlq", &vault);
    let message = &in_hand(vault.shelf(), ids.last().unwrap()).message;
    assert!(message.source.is_none() && message.receive_count == 1);
    assert!(time::seconds_between(message.sent.unwrap(), p.now()) < 30);
}

#[test]
fn a_task_to_the_sources_ends_where_a_message_has_none() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let ids = receive(&p, DEAD, 1, 600, &vault);
    batch(&p, send("batch-dead-letters", &ids), &vault);
    apply(&p, &start("batch-dead-letters", None, None), 1, &vault).unwrap();
    clock.go(30);
    let task = tasks(&p, "batch-dead-letters").remove(0);
    assert_eq!(task.status, MoveTaskStatus::Failed);
    assert!(task.failure.unwrap().wire().starts_with("CouldNotDetermineMessageSource") && task.moved > 10);
}

#[test]
fn what_is_sent_back_too_early_fails_again_and_what_is_mended_is_consumed() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    assert!(p.colleague(&Colleague::Breaks(FunctionName::new("shop-orders-worker"))).unwrap());
    let ids = drain(&p, ORDERS, &vault);
    let some = &ids[..10];
    batch(&p, send("orders", some), &vault);
    batch(&p, delete(ORDERS, some), &vault);
    let left = held_in(&p, ORDERS);
    clock.go(20);
    assert_eq!(held_in(&p, "orders"), 10, "they fail, and wait for their next try");
    clock.go(100); // three receives of 30 seconds
    assert_eq!(held_in(&p, "orders"), 0);
    let also = held_in(&p, ORDERS) - left - 10;
    assert!(also < 5, "back they are, and what else has failed meanwhile");
    let back = drain(&p, ORDERS, &vault);
    assert!(back.len() >= 10 && back.iter().all(|id| !some.contains(id)), "as new messages");
    let message = &in_hand(vault.shelf(), back.last().unwrap()).message;
    assert_eq!((message.source.clone(), message.receive_count), (Some(arn("orders")), 4));
    // mended: all but poison succeed
    deploy(&p, "shop-orders-worker");
    batch(&p, send("orders", &back[..10]), &vault);
    batch(&p, delete(ORDERS, &back[..10]), &vault);
    clock.go(10);
    let poison = held_in(&p, "orders");
    assert!(poison <= 3, "{poison}");
    clock.go(200);
    assert_eq!((held_in(&p, "orders"), held_in(&p, ORDERS)), (0, left + also + poison));
}

#[test]
fn a_redrive_to_a_queue_that_nobody_consumes_waits_there() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let ids = receive(&p, ORDERS, 5, 600, &vault);
    batch(&p, send("shipping", &ids), &vault); // its mapping is disabled
    clock.go(1_000);
    assert_eq!(held_in(&p, "shipping"), 5);
}

fn invoke(function: &str, message: &MessageId, wait: bool) -> Call {
    Call::Lambda(function_call::Call::InvokeMessage {
        function: FunctionName::new(function),
        qualifier: None,
        message: message.clone(),
        wait,
    })
}

fn function_of(vault: &Vault, id: &MessageId) -> String {
    let sender = in_hand(vault.shelf(), id).message.sender.clone().unwrap();
    sender.wire().split_once(':').unwrap().1.to_owned()
}

#[test]
fn a_replayed_event_succeeds_or_is_a_dead_letter_again_after_two_retries() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let all = drain(&p, DEAD, &vault);
    let name = "mte-prod-FeedbackFunction";
    let of: Vec<MessageId> = all
        .iter()
        .filter(|id| function_of(&vault, id) == name)
        .filter(|id| {
            serde_json::from_str::<serde_json::Value>(in_hand(vault.shelf(), id).message.body()).is_ok()
        })
        .cloned()
        .collect();
    let error =
        |id: &MessageId| in_hand(vault.shelf(), id).message.attribute("ErrorMessage").unwrap().to_owned();
    let broken: Vec<&MessageId> = of.iter().filter(|id| error(id).contains("TypeError")).collect();
    let healed: Vec<&MessageId> =
        of.iter().filter(|id| !error(id).contains("Error:") && !error(id).contains("TypeError")).collect();
    assert!(broken.len() > 3 && healed.len() > 3);
    // canaries
    let canary = |id: &MessageId| {
        let receipt = apply(&p, &invoke(name, id, true), 1, &vault).unwrap();
        let Receipt::Invoked { status: 200, function_error, .. } = receipt else { panic!("{receipt:?}") };
        let log = held(&vault, LOG_TAIL);
        let log = base64::engine::general_purpose::STANDARD.decode(log).unwrap();
        (function_error.is_some(), String::from_utf8(log).unwrap())
    };
    let (failed, log) = canary(broken[0]);
    assert!(failed && log.contains("TypeError") && log.starts_with("START"), "{log}");
    assert!(!canary(healed[0]).0);
    // queued
    let queued = |id: &MessageId| {
        let receipt = apply(&p, &invoke(name, id, false), 1, &vault).unwrap();
        let Receipt::Invoked { status: 202, function_error: None, request: Some(request) } = receipt else {
            panic!("{receipt:?}")
        };
        request.wire().to_owned()
    };
    let (request, other) = (queued(broken[1]), queued(healed[1]));
    assert_ne!(request, other);
    let body = in_hand(vault.shelf(), broken[1]).message.body().to_owned();
    batch(&p, delete(DEAD, &[broken[1].clone(), healed[1].clone()]), &vault);
    let come_back = |p: &Practice| {
        let vault = Vault::default();
        let new = drain(p, DEAD, &vault);
        // It says the request that it failed in.
        let says = |m: &Message| m.body() == body && m.attribute("RequestID") == Some(&request);
        new.iter().filter(|id| says(&in_hand(vault.shelf(), id).message)).count()
    };
    clock.go(175);
    assert_eq!(come_back(&p), 0, "its last try is still to come");
    clock.go(10);
    assert_eq!(come_back(&p), 1);
    // a deployment mends it
    deploy(&p, name);
    assert!(!canary(broken[2]).0);
    // what is no JSON is taken from nobody, and says nothing of the others
    let (garbage, until) = (MessageId::new("garbage"), in_hand(vault.shelf(), healed[0]).until);
    let message = Message::new(garbage.clone(), Zeroizing::new("no JSON".to_owned()));
    vault.shelf().put(Held { message, handle: Zeroizing::new("handle".to_owned()), until });
    let receipt = apply(&p, &invoke(name, &garbage, false), 1, &vault).unwrap();
    let Receipt::Invoked { status: 400, function_error: Some(code), request: None } = receipt else {
        panic!("{receipt:?}")
    };
    assert_eq!(code.wire(), "InvalidRequestContentException");
}

#[test]
fn an_incident_is_solved_by_waiting_for_the_mending() {
    let (p, clock) = poisoned();
    let vault = Vault::default();
    let score = || p.score().unwrap().unwrap();
    let first = score();
    assert!(first.good > 200 && first.poisoned >= 3 && first.lost == 0 && first.waiting == first.good);
    let alarm = || {
        let all = all(&p, crate::estate::ask::cloudwatch::DescribeAlarms { names: vec![] });
        all.into_iter().find(|a| a.name.wire() == "shop-orders-worker-errors").unwrap().state.clone()
    };
    watch(&p, &clock, 600);
    assert_eq!(alarm(), AlarmState::Alarm);
    watch(&p, &clock, 900);
    assert_eq!(alarm(), AlarmState::Ok, "mended");
    apply(&p, &start(ORDERS, None, None), 1, &vault).unwrap();
    watch(&p, &clock, 300);
    let last = score();
    assert!(last.is_solved() && last.lost == 0 && last.doubled == 0 && last.poisoned_gone == 0, "{last:?}");
}

#[test]
fn an_incident_that_nobody_works_on_loses_messages() {
    let (p, clock) = poisoned();
    let vault = Vault::default();
    // the oldest are lost within the hour, one by one
    let first = held_in(&p, ORDERS);
    let mut counts = BTreeSet::new();
    for _ in 0..60 {
        clock.go(60);
        facts(&p, ORDERS);
        counts.insert(p.score().unwrap().unwrap().lost);
    }
    let score: Score = p.score().unwrap().unwrap();
    assert!(score.lost > 30 && counts.len() >= 4, "{score:?} of {first}: {counts:?}");
    // deleted is lost, too, and sent twice is doubled
    let ids = drain(&p, ORDERS, &vault);
    batch(&p, delete(ORDERS, &ids[..10]), &vault);
    assert!(p.score().unwrap().unwrap().lost > score.lost + 5);
    batch(&p, send("orders", &ids[20..30]), &vault);
    batch(&p, send("orders", &ids[20..30]), &vault);
    clock.go(60);
    let score = p.score().unwrap().unwrap();
    assert!(score.doubled >= 7 && !score.is_solved(), "{score:?}");
}

#[test]
fn a_message_whose_body_was_mended_succeeds() {
    let (p, clock) = poisoned();
    let vault = Vault::default();
    clock.go(1_200); // the trouble that the incident began with is over
    deploy(&p, "shop-orders-worker");
    let ids = drain(&p, ORDERS, &vault);
    let is_poison =
        |id: &&MessageId| !in_hand(vault.shelf(), id).message.body().contains("\"currency\":\"EUR\"");
    let poison = ids.iter().find(is_poison).unwrap().clone();
    put(&vault, "body", "{\"kind\":\"order\",\"amount\":12}");
    let run = RunId::new("7f3a0b1c").unwrap();
    let messages = vec![poison.clone()];
    let body = Some(slot("body"));
    batch(&p, Write::SendMessageBatch { to: queue("orders"), messages, run, body }, &vault);
    batch(&p, send("orders", &[poison]), &vault);
    clock.go(10);
    assert_eq!(held_in(&p, "orders"), 1, "the one that is as it was fails on");
}

#[test]
fn what_was_touched_is_kept() {
    let (p, clock) = poisoned();
    let vault = Vault::default();
    let ids = receive(&p, ORDERS, 10, 600, &vault);
    batch(&p, delete(ORDERS, &ids[..3]), &vault);
    put(&vault, "body", "{\"typed\":\"hunter2 by a person\"}");
    let run = RunId::new("7f3a0b1c").unwrap();
    let messages = ids[3..4].to_vec();
    let body = Some(slot("body"));
    batch(&p, Write::SendMessageBatch { to: queue("shipping"), messages, run, body }, &vault);
    batch(&p, send("orders", &ids[4..6]), &vault);
    let bytes = p.snapshot().unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "what somebody typed is in no snapshot");
    let later = Still::at(clock.now());
    let q = Practice::restore(&bytes, quiet(), later.clone()).unwrap();
    assert_eq!(facts(&q, ORDERS).in_flight, Some(7));
    for c in [&clock, &later] {
        c.go(700);
    }
    let (a, b) = (Vault::default(), Vault::default());
    let all = drain(&p, ORDERS, &a);
    assert_eq!(drain(&q, ORDERS, &b), all);
    for id in &all {
        assert_eq!(in_hand(a.shelf(), id).message, in_hand(b.shelf(), id).message);
    }
    assert_eq!(p.score().unwrap(), q.score().unwrap());
}

#[test]
fn an_estate_of_before_is_read() {
    let (p, clock) = calm(1);
    let mut stored: serde_json::Value = serde_json::from_slice(&p.snapshot().unwrap()).unwrap();
    let world = stored["world"].as_object_mut().unwrap();
    for field in ["deployed", "broken", "ledger", "functions_waiting"] {
        world.remove(field);
    }
    for queue in world["queues"].as_array_mut().unwrap() {
        let queue = queue.as_object_mut().unwrap();
        queue.retain(|name, _| !["told", "largest", "purged"].contains(&name.as_str()));
        for batch in queue["batches"].as_array_mut().unwrap() {
            batch
                .as_object_mut()
                .unwrap()
                .retain(|name, _| ["id", "sent", "arrived", "count"].contains(&name.as_str()));
        }
    }
    let q = Practice::restore(&serde_json::to_vec(&stored).unwrap(), quiet(), clock).unwrap();
    let vault = Vault::default();
    assert_eq!(drain(&q, ORDERS, &vault).len() as u64, held_in(&p, ORDERS));
    assert_eq!(
        receive(&q, "payments-dlq.fifo", 10, 60, &vault).len() as u64,
        held_in(&p, "payments-dlq.fifo").min(10)
    );
}

#[test]
fn the_log_of_a_function_names_the_requests_that_failed_and_no_other_log_does() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let ids = drain(&p, DEAD, &vault);
    clock.go(1);
    let ask = |id: &MessageId, function: &str, shift: i64| {
        let message = &in_hand(vault.shelf(), id).message;
        let (request, sent) = (message.attribute("RequestID").unwrap(), message.sent.unwrap());
        let at = |s| crate::estate::time::plus_seconds(sent, s + shift);
        let group = format!("/aws/lambda/{function}").into();
        one(
            &p,
            logs::FilterLogEvents { group, text: request.into(), from: at(-1_800), to: at(300), said: false },
        )
    };
    for id in ids.iter().take(20) {
        let function = function_of(&vault, id);
        let found = ask(id, &function, 0).unwrap();
        assert_eq!(found.len(), 1, "{function}");
        assert_eq!(Some(found[0].at), in_hand(vault.shelf(), id).message.sent);
        assert!(ask(id, &function, 86_400).unwrap().is_empty(), "not at another time");
        assert!(ask(id, "shop-returns", 0).unwrap().is_empty() || function == "shop-returns");
        assert_eq!(ask(id, "no-such", 0).unwrap_err().kind, FaultKind::NotFound);
    }
}
