//! Messages in hand: received, hidden, given back, deleted, sent, and what SQS refuses.

use super::*;
use crate::estate::ask::sqs;
use crate::estate::change::sqs::Call as Write;
use crate::estate::message::{AttributeValue, Head, Select, Shelf};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) const DEAD: &str = "mte-prod-LambdaDeadLetterQueue";
pub(super) const ORDERS: &str = "orders-failures";

pub(super) fn queue(name: &str) -> QueueUrl {
    QueueUrl::new(format!("https://sqs.us-east-1.amazonaws.com/000000000000/{name}"))
}

pub(super) fn receive_for(name: &str, most: u8, visibility_s: u32) -> Call {
    let (queue, select) = (queue(name), Select::default());
    Call::Sqs(Write::ReceiveMessage { queue, nth: 0, most, visibility_s, wait_s: 0, select })
}

pub(super) fn heads(outcome: Result<Receipt, Fault>) -> Vec<Head> {
    let Receipt::Received { messages, .. } = outcome.unwrap() else { panic!("no messages") };
    messages
}

pub(super) fn receive(
    p: &Practice,
    name: &str,
    most: u8,
    visibility_s: u32,
    vault: &Vault,
) -> Vec<MessageId> {
    heads(apply(p, &receive_for(name, most, visibility_s), 1, vault)).into_iter().map(|h| h.id).collect()
}

/// Everything that can be received.
pub(super) fn drain(p: &Practice, name: &str, vault: &Vault) -> Vec<MessageId> {
    let mut all = Vec::new();
    loop {
        let some = receive(p, name, 10, 3_600, vault);
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

/// What a batch was done with, and the codes of what failed.
pub(super) fn batch(p: &Practice, call: Write, vault: &Vault) -> (Vec<MessageId>, Vec<String>) {
    let Receipt::Batch { done, failed, .. } = apply(p, &Call::Sqs(call), 1, vault).unwrap() else {
        panic!("no batch")
    };
    (done, failed.into_iter().map(|f| f.code.wire().to_owned()).collect())
}

pub(super) fn delete(name: &str, messages: &[MessageId]) -> Write {
    Write::DeleteMessageBatch { queue: queue(name), messages: messages.to_vec() }
}

pub(super) fn hide(name: &str, messages: &[MessageId], seconds: u32) -> Write {
    Write::ChangeMessageVisibilityBatch { queue: queue(name), messages: messages.to_vec(), seconds }
}

pub(super) fn send(name: &str, messages: &[MessageId]) -> Write {
    let run = RunId::new("7f3a0b1c").unwrap();
    Write::SendMessageBatch { to: queue(name), messages: messages.to_vec(), run, body: None }
}

pub(super) fn facts(p: &Practice, name: &str) -> QueueFacts {
    one(p, sqs::GetQueueAttributes { queue: queue(name) }).unwrap()
}

pub(super) fn in_hand(shelf: &Shelf, id: &MessageId) -> Arc<crate::estate::message::Held> {
    shelf.get(id).expect("in hand")
}

#[test]
fn a_lambda_dead_letter_is_its_event_with_why_and_whose() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    let ids = drain(&p, DEAD, &vault);
    assert!(ids.len() > 150 && ids.iter().collect::<BTreeSet<_>>().len() == ids.len());
    let (mut functions, mut errors) = (BTreeSet::new(), BTreeSet::new());
    let (mut odd, mut good) = (0, 0);
    for id in &ids {
        let message = &in_hand(vault.shelf(), id).message;
        let (role, function) = message.sender.as_ref().unwrap().wire().split_once(':').unwrap();
        assert!(role.starts_with("AROA") && function.starts_with("mte-prod-"), "{role}:{function}");
        functions.insert(function.to_owned());
        assert_eq!(message.attributes["ErrorCode"].data_type, "Number");
        assert!(message.attribute("RequestID").unwrap().len() == 36);
        let error = message.attribute("ErrorMessage").unwrap();
        errors.insert((
            function.to_owned(),
            error.chars().filter(|c| !c.is_ascii_digit()).take(12).collect::<String>(),
        ));
        assert!(message.source.is_none() && message.receive_count == 1 && message.sent.unwrap() < p.now());
        match serde_json::from_str::<serde_json::Value>(message.body()) {
            Ok(event) if event["amount"].is_number() => good += 1,
            Ok(_) | Err(_) => odd += 1,
        }
    }
    assert!(functions.len() == 4 && errors.len() > 8, "{errors:?}");
    assert!(good > 100 && odd > 2, "{good} {odd}");
}

#[test]
fn an_sqs_dead_letter_keeps_its_source_and_its_age() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    let ids = drain(&p, ORDERS, &vault);
    let (mut binary, mut traced, mut sent) = (0, 0, Vec::new());
    for id in &ids {
        let message = &in_hand(vault.shelf(), id).message;
        assert_eq!(message.source, Some(Arn::new("arn:aws:sqs:us-east-1:000000000000:orders")));
        assert_eq!(message.receive_count, 4, "three receives in its source, and this one");
        let is_binary = |v: &AttributeValue| matches!(v, AttributeValue::Binary(b) if b.len() == 24);
        binary += message.attributes.values().filter(|a| is_binary(&a.value)).count();
        traced += usize::from(message.trace.is_some());
        sent.push(message.sent.unwrap());
    }
    assert!(binary > 5 && traced > 50 && sent.is_sorted() && sent[0] < sent[36], "{binary} {traced}");
    // others are wrapped, or fed by services
    let rule = drain(&p, "legacy-import-dlq", &vault);
    assert!(in_hand(vault.shelf(), &rule[0]).message.attribute("RULE_ARN").is_some());
    let topic = drain(&p, "sns-delivery-dlq", &vault);
    assert!(in_hand(vault.shelf(), &topic[0]).message.body().contains("\"TopicArn\""));
}

#[test]
fn some_bodies_are_hostile_unreadable_or_large() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    let ids: Vec<MessageId> = drain(&p, "billing-events-dlq", &vault);
    assert!(ids.len() > 5_000);
    let bodies = || ids.iter().map(|id| in_hand(vault.shelf(), id).message.body().to_owned());
    assert!(bodies().any(|b| b.contains('\u{9b}') && b.contains('\u{202e}') && b.contains("\\u001b")));
    assert!(bodies().any(|b| b.contains('\u{fffd}')));
    assert!(bodies().any(|b| b.len() > 150_000) && bodies().all(|b| b.len() < 256 * 1024));
}

#[test]
fn a_received_message_is_hidden_counted_and_comes_back() {
    let (p, clock) = calm(3);
    let vault = Vault::default();
    let before = facts(&p, ORDERS);
    let first = receive(&p, ORDERS, 10, 60, &vault);
    assert_eq!(first.len(), 10);
    clock.go(1);
    let during = facts(&p, ORDERS);
    assert_eq!(during.in_flight, Some(10));
    clock.go(58);
    assert!(receive(&p, ORDERS, 10, 60, &vault).iter().all(|id| !first.contains(id)));
    clock.go(1);
    let again = receive(&p, ORDERS, 10, 60, &vault);
    assert_eq!(again, first, "they are back, and the oldest first");
    let message = &in_hand(vault.shelf(), &first[0]).message;
    assert_eq!(message.receive_count, 5);
    assert!(message.first_received.unwrap() < p.now());
    // given back at once
    let (done, failed) = batch(&p, hide(ORDERS, &again, 0), &vault);
    assert!(done.len() == 10 && failed.is_empty() && !vault.shelf().holds(&again[0]));
    clock.go(70);
    let after = facts(&p, ORDERS);
    assert_eq!((after.messages, after.in_flight), (before.messages, Some(0)));
}

#[test]
fn an_old_handle_deletes_nothing_and_the_newest_does_even_late() {
    let (p, clock) = calm(3);
    let (old, new) = (Vault::default(), Vault::default());
    let ids = receive(&p, ORDERS, 2, 30, &old);
    clock.go(31);
    // late, and nobody else has it: deleted
    assert_eq!(batch(&p, delete(ORDERS, &ids[..1]), &old), (ids[..1].to_vec(), vec![]));
    assert_eq!(receive(&p, ORDERS, 1, 30, &new), ids[1..]);
    // SQS says yes to an old handle, and the message stays
    assert_eq!(batch(&p, delete(ORDERS, &ids[1..]), &old), (ids[1..].to_vec(), vec![]));
    assert_eq!(batch(&p, hide(ORDERS, &ids[1..], 90), &new).0, ids[1..]);
    clock.go(40);
    assert_eq!(facts(&p, ORDERS).in_flight, Some(1));
    assert_eq!(batch(&p, delete(ORDERS, &ids[1..]), &new).0, ids[1..]);
    assert_eq!(facts(&p, ORDERS).in_flight, Some(0));
    // what is not in flight cannot be hidden, what is not in hand is not even sent
    let some = receive(&p, ORDERS, 1, 5, &new);
    clock.go(6);
    assert_eq!(batch(&p, hide(ORDERS, &some, 60), &new).1, ["InvalidParameterValue"]);
    assert_eq!(batch(&p, delete(ORDERS, &ids), &new).1, ["NotInHand", "NotInHand"]);
    // a handle of another queue
    assert_eq!(batch(&p, delete(DEAD, &some), &new).1, ["ReceiptHandleIsInvalid"]);
}

#[test]
fn a_long_poll_waits_by_the_clock() {
    let (p, clock) = calm(3);
    let vault = Vault::default();
    let all = drain(&p, "legacy-import-dlq", &vault);
    assert_eq!(all.len(), 2);
    batch(&p, hide("legacy-import-dlq", &all, 7), &vault);
    let (queue, select) = (queue("legacy-import-dlq"), Select::default());
    let call = |wait_s| {
        let (queue, select) = (queue.clone(), select.clone());
        Call::Sqs(Write::ReceiveMessage { queue, nth: 0, most: 10, visibility_s: 600, wait_s, select })
    };
    let start = clock.now();
    assert_eq!(heads(apply(&p, &call(3), 1, &vault)).len(), 0);
    assert_eq!(time::seconds_between(start, clock.now()), 3);
    assert_eq!(heads(apply(&p, &call(20), 1, &vault)).len(), 2);
    assert_eq!(time::seconds_between(start, clock.now()), 7);
}

#[test]
fn a_group_is_blocked_while_one_of_it_is_in_flight_and_keeps_its_order() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    {
        let mut state = p.inner.lock();
        let now = clock.now().as_second();
        let made = state.made(&p.inner.options).unwrap();
        made.world.step(now);
        let q = made.world.queue("ledger-dead.fifo").unwrap();
        made.world.queues[q].arrive(now, 300, None);
    }
    let group = |id: &MessageId| in_hand(vault.shelf(), id).message.group.clone().unwrap();
    let sequence = |id: &MessageId| in_hand(vault.shelf(), id).message.sequence.clone().unwrap();
    let first = receive(&p, "ledger-dead.fifo", 10, 60, &vault);
    assert_eq!(first.iter().map(group).collect::<BTreeSet<_>>().len(), 1, "one group as far as it goes");
    let blocked = group(&first[0]);
    let rest = drain(&p, "ledger-dead.fifo", &vault);
    assert!(!rest.is_empty() && rest.iter().all(|id| group(id) != blocked));
    for name in rest.iter().map(group).collect::<BTreeSet<_>>() {
        let of: Vec<_> = rest.iter().filter(|id| group(id) == name).map(sequence).collect();
        assert!(of.is_sorted(), "{name:?}");
    }
    // nine of ten are deleted: still blocked; then the tenth comes back and is first again
    batch(&p, delete("ledger-dead.fifo", &first[..9]), &vault);
    assert_eq!(receive(&p, "ledger-dead.fifo", 10, 60, &vault), []);
    clock.go(61);
    // a FIFO queue refuses a handle whose time has passed
    assert_eq!(batch(&p, delete("ledger-dead.fifo", &first[9..]), &vault).1, ["InvalidParameterValue"]);
    let next = receive(&p, "ledger-dead.fifo", 10, 60, &vault);
    assert!(next[0] == first[9] && next.iter().all(|id| group(id) == blocked));
}

#[test]
fn looking_too_often_moves_a_message_on() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    {
        let mut state = p.inner.lock();
        let now = clock.now().as_second();
        let made = state.made(&p.inner.options).unwrap();
        made.world.step(now);
        let q = made.world.queue("shipping-retry").unwrap();
        made.world.queues[q].arrive(now, 3, None);
    }
    let parked = facts(&p, "shipping-parking").messages.unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        let ids = receive(&p, "shipping-retry", 10, 5, &vault);
        assert!(ids.len() >= 3);
        seen.extend(ids);
        clock.go(6);
    }
    assert_eq!(receive(&p, "shipping-retry", 10, 5, &vault), [], "five receives were the most");
    clock.go(65);
    assert!(facts(&p, "shipping-parking").messages.unwrap() >= parked + 3);
    let ids = drain(&p, "shipping-parking", &vault);
    assert!(seen.iter().all(|id| ids.contains(id)), "they keep their ids");
    let source = in_hand(vault.shelf(), seen.first().unwrap()).message.source.clone();
    assert_eq!(source, Some(Arn::new("arn:aws:sqs:us-east-1:000000000000:shipping-retry")));
}

#[test]
fn about_120_000_may_be_in_flight() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    {
        let mut state = p.inner.lock();
        let now = clock.now().as_second();
        let made = state.made(&p.inner.options).unwrap();
        made.world.step(now);
        let q = made.world.queue("omnitrack-agent-failures").unwrap();
        let queue = &mut made.world.queues[q];
        queue.arrive(now, 120_050, None);
        for _ in 0..119_995 {
            let spot = queue.next(None).unwrap();
            queue.give(now, spot, now + 600);
        }
    }
    let ids = receive(&p, "omnitrack-agent-failures", 10, 600, &vault);
    assert_eq!(ids.len(), 5, "up to the quota");
    let outcome = apply(&p, &receive_for("omnitrack-agent-failures", 10, 60), 1, &vault);
    let fault = outcome.unwrap_err();
    assert!(fault.kind == FaultKind::Other("OverLimit".into()) && !fault.may_have_happened(), "{fault:?}");
}

#[test]
fn what_sqs_does_not_take() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    let ids = receive(&p, ORDERS, 10, 600, &vault);
    let eleven: Vec<MessageId> = ids.iter().chain(&ids[..1]).cloned().collect();
    let code = |outcome: Result<Receipt, Fault>| {
        let fault = outcome.unwrap_err();
        assert!(!fault.may_have_happened(), "{fault:?}");
        fault.message.wire().split(':').next().unwrap().to_owned()
    };
    let apply = |call: Write| apply(&p, &Call::Sqs(call), 1, &vault);
    assert_eq!(code(apply(send("orders", &eleven))), "TooManyEntriesInBatchRequest");
    assert_eq!(code(apply(send("nowhere", &ids))), "QueueDoesNotExist");
    assert_eq!(kind(super::apply(&p, &receive_for(ORDERS, 11, 30), 1, &vault)), FaultKind::Invalid);
    assert_eq!(kind(super::apply(&p, &receive_for(ORDERS, 1, 43_201), 1, &vault)), FaultKind::Invalid);
    // the whole batch is too large; one message is; one has what XML has not
    let body = |text: String| vault.put(slot("body"), Zeroizing::new(text.into_bytes()));
    let edited = |to: &str, messages: &[MessageId]| {
        let run = RunId::new("7f3a0b1c").unwrap();
        let body = Some(slot("body"));
        Write::SendMessageBatch { to: queue(to), messages: messages.to_vec(), run, body }
    };
    body("x".repeat(600_000));
    assert_eq!(code(apply(edited("orders", &ids[..2]))), "BatchRequestTooLong");
    body("x".repeat(300_000));
    assert_eq!(batch(&p, edited("batch-import", &ids[..1]), &vault).1, ["InvalidParameterValue"], "256 KiB");
    body("\u{1}".to_owned());
    assert_eq!(batch(&p, edited("orders", &ids[..1]), &vault).1, ["InvalidMessageContents"]);
    // purged once in a minute
    let purge = || apply(Write::PurgeQueue { queue: queue("billing-events-dlq") });
    assert_eq!(purge().unwrap(), Receipt::Done);
    assert_eq!(code(purge()), "PurgeQueueInProgress");
    assert_eq!(receive(&p, "billing-events-dlq", 10, 60, &vault), []);
}

#[test]
fn customer_keys_that_are_denied_are_said() {
    for (action, name) in [("kms:Decrypt", DEAD), ("kms:GenerateDataKey", "payments.fifo")] {
        let (p, _) = with(Options { denied: vec![action.to_owned()], ..quiet() });
        let vault = Vault::default();
        let call = match action {
            "kms:Decrypt" => receive_for(name, 10, 30),
            _ => Call::Sqs(send(name, &receive(&p, ORDERS, 3, 60, &vault))),
        };
        let FaultKind::Denied { action: said, .. } = kind(apply(&p, &call, 1, &vault)) else {
            panic!("{name}")
        };
        assert_eq!(said.wire(), action);
    }
}

#[test]
fn a_deduplication_id_seen_within_five_minutes_is_accepted_and_never_delivered() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let ids = receive(&p, "payments-dlq.fifo", 10, 3_600, &vault);
    assert!(!ids.is_empty());
    let here = || {
        let state = p.inner.lock();
        let world = &state.made.as_ref().unwrap().world;
        world.queues[world.queue("ledger-dead.fifo").unwrap()].held()
    };
    assert_eq!(batch(&p, send("ledger-dead.fifo", &ids), &vault).0, ids);
    assert_eq!(here(), ids.len() as u64);
    clock.go(299);
    assert_eq!(batch(&p, send("ledger-dead.fifo", &ids), &vault).0, ids, "accepted");
    assert_eq!(here(), ids.len() as u64, "and not delivered");
    clock.go(301);
    batch(&p, send("ledger-dead.fifo", &ids), &vault);
    assert_eq!(here(), 2 * ids.len() as u64, "now it is there twice");
    // group, body and attributes are the same; id and date are new
    let new = drain(&p, "ledger-dead.fifo", &vault);
    let (a, b) = (in_hand(vault.shelf(), &ids[0]), in_hand(vault.shelf(), &new[0]));
    assert!(a.message.body() == b.message.body() && a.message.attributes == b.message.attributes);
    assert_eq!(a.message.trace, b.message.trace);
    assert!(
        a.message.group == b.message.group && a.message.id != b.message.id && a.message.sent < b.message.sent
    );
}

#[test]
fn ten_thousand_messages_go_one_by_one_and_none_is_left() {
    let (p, clock) = calm(1);
    {
        let mut state = p.inner.lock();
        let now = clock.now().as_second();
        let made = state.made(&p.inner.options).unwrap();
        made.world.step(now);
        let q = made.world.queue("omnitrack-agent-failures").unwrap();
        made.world.queues[q].arrive(now, 10_000, None);
    }
    let there = {
        let state = p.inner.lock();
        let world = &state.made.as_ref().unwrap().world;
        usize::try_from(world.queues[world.queue("omnitrack-agent-failures").unwrap()].held()).unwrap()
    };
    assert!(there >= 10_000);
    let vault = Vault::default();
    let mut passed = 0;
    loop {
        let ids = receive(&p, "omnitrack-agent-failures", 10, 60, &vault);
        if ids.is_empty() {
            break;
        }
        // the large ones one by one
        for chunk in ids.chunks(1) {
            assert_eq!(batch(&p, send("sns-delivery-dlq", chunk), &vault).1, Vec::<String>::new());
        }
        passed += batch(&p, delete("omnitrack-agent-failures", &ids), &vault).0.len();
    }
    assert_eq!(passed, there);
}
