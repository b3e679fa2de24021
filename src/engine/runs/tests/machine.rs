//! The step machine alone: records in, the next thing to do out.

use super::way::definition;
use crate::estate::change::apigateway;
use crate::estate::{
    AccountId, Act, ApiKeyId, At, Call, Change, Given, IdempotencyKey, Receipt, Region, RunId, Salt, Slot,
    Timestamp, Untrusted, UsagePlanId,
};
use crate::runbook::event::Outcome;
use crate::runbook::run::{Next, Run, Stamp, StepState};
use crate::runbook::{Event, Failure, RunState, Settled};
use std::collections::BTreeSet;

fn stamp(seq: u64) -> Stamp {
    let at = Timestamp::from_second(1_790_000_000 + i64::try_from(seq).unwrap()).unwrap();
    Stamp { seq, at, by: Untrusted::from("alice"), host: Untrusted::from("bastion") }
}

fn at() -> At {
    At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() }
}

fn begin() -> Run {
    let started = Event::Started {
        run: RunId::new("7f3a0b1c").unwrap(),
        definition: Box::new(definition(&[("one", "t.make"), ("two", "t.join")])),
        inputs: [].into(),
        at: at(),
        context: Untrusted::from("test"),
        alias: None,
        practice: false,
        salt: Salt("00".into()),
        plan_hash: String::new(),
        planned: [].into(),
    };
    // What is folded is what was read back.
    let text = serde_json::to_string(&started).unwrap();
    let read: Event = serde_json::from_str(&text).unwrap();
    assert_eq!(read, started);
    Run::begin(&stamp(1), &read).unwrap()
}

fn join() -> Change {
    let plans = ["a", "b"].map(UsagePlanId::new).to_vec();
    Change { at: at(), act: Act::ApiGateway(apigateway::Act::JoinPlans { key: ApiKeyId::new("k"), plans }) }
}

fn make() -> Change {
    let act = apigateway::Act::CreateKey {
        name: Untrusted::from("n"),
        value: Slot::new("new"),
        description: Untrusted::from("d"),
    };
    Change { at: at(), act: Act::ApiGateway(act) }
}

fn add(run: &mut Run, event: Event) {
    let text = serde_json::to_string(&event).unwrap();
    let read: Event = serde_json::from_str(&text).unwrap();
    run.apply(&stamp(run.seq + 1), &read).unwrap();
}

fn refuses(run: &mut Run, event: &Event) {
    let before = run.clone();
    run.apply(&stamp(run.seq + 1), event).unwrap_err();
    assert_eq!(*run, before, "a misfit changes nothing");
}

fn consented(change: u32, what: Change) -> Event {
    Event::Consented { step: "one".into(), change, what, given: Given::Yes, undoes: None }
}

fn intent(call: u32, attempt: u32, what: Call) -> Event {
    let key = IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "one", call, attempt);
    Event::Intent { step: "one".into(), change: 0, call, attempt, key, what }
}

fn outcome(call: u32, attempt: u32, result: Outcome) -> Event {
    Event::Outcome { step: "one".into(), call, attempt, result }
}

fn failure(kind: &str) -> Failure {
    Failure::of(kind, "it was refused")
}

fn next(run: &Run) -> Next {
    run.advance(&BTreeSet::new())
}

fn began() -> Run {
    let mut run = begin();
    assert_eq!(next(&run), Next::Save(vec![Event::Began { step: "one".into() }]));
    add(&mut run, Event::Began { step: "one".into() });
    run
}

#[test]
fn a_change_goes_out_call_by_call_and_is_noted_when_all_are_made() {
    let mut run = began();
    assert_eq!(next(&run), Next::Step("one".into()));
    add(&mut run, consented(0, join()));
    let Next::Send { calls, .. } = next(&run) else { panic!() };
    let numbers: Vec<_> = calls.iter().map(|c| (c.call, c.attempt)).collect();
    assert_eq!(numbers, [(0, 1), (1, 1)]);
    for c in &calls {
        add(&mut run, intent(c.call, c.attempt, c.what.clone()));
    }
    add(&mut run, outcome(1, 1, Outcome::Done(Receipt::Done)));
    assert!(matches!(next(&run), Next::Settle { call: 0, attempt: 1, .. }), "nobody is at it any more");
    add(&mut run, outcome(0, 1, Outcome::InDoubt(failure("timed_out"))));
    assert_eq!((run.state(), run.steps[0].state), (RunState::InDoubt, StepState::InDoubt));
    add(&mut run, Event::Settled { step: "one".into(), call: 0, attempt: 1, result: Settled::NotHappened });
    let Next::Send { calls, .. } = next(&run) else { panic!() };
    assert_eq!((calls.len(), calls[0].call, calls[0].attempt), (1, 0, 2));
    assert_ne!(calls[0].key, IdempotencyKey::derive(&run.id, "one", 0, 1));
    add(&mut run, intent(0, 2, calls[0].what.clone()));
    add(&mut run, outcome(0, 2, Outcome::Done(Receipt::Done)));
    assert_eq!(next(&run), Next::Save(vec![Event::Changed { step: "one".into(), change: 0 }]));
    add(&mut run, Event::Changed { step: "one".into(), change: 0 });
    assert_eq!(next(&run), Next::Step("one".into()));
    assert_eq!(run.steps[0].done(None).len(), 1);
}

#[test]
fn a_refusal_voids_or_keeps_by_what_was_made_and_why() {
    // (one of two calls was made before, why the other was refused, the change is void)
    let table = [
        (false, "denied", true),
        (false, "conflict", true),
        (false, "throttled", true),
        (true, "denied", false),
        (true, "throttled", false),
        (true, "expired", false),
        (true, "conflict", true),
        (true, "invalid", true),
        (true, "not_found", true),
    ];
    for (half, kind, void) in table {
        let mut run = began();
        add(&mut run, consented(0, join()));
        let calls = join().calls();
        add(&mut run, intent(0, 1, calls[0].clone()));
        add(&mut run, intent(1, 1, calls[1].clone()));
        add(
            &mut run,
            outcome(0, 1, if half { Outcome::Done(Receipt::Done) } else { Outcome::Refused(failure(kind)) }),
        );
        add(&mut run, outcome(1, 1, Outcome::Refused(failure(kind))));
        let Next::Save(events) = next(&run) else { panic!() };
        assert!(matches!(events.last(), Some(Event::Failed { .. })));
        assert_eq!(matches!(events[0], Event::Void { .. }), void, "{half} {kind}");
        for event in events {
            add(&mut run, event);
        }
        assert_eq!(run.state(), RunState::Failed);
        assert_eq!(run.leftovers().len(), usize::from(half));
        add(&mut run, Event::Began { step: "one".into() });
        match (void, next(&run)) {
            (true, Next::Step(_)) => {}
            (false, Next::Send { calls, .. }) => assert_eq!((calls[0].call, calls[0].attempt), (1, 2)),
            (_, other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_was_lost_with_its_process_voids_the_consent() {
    let mut run = began();
    add(&mut run, consented(0, make()));
    let held: BTreeSet<Slot> = [Slot::new("new")].into();
    assert!(matches!(run.advance(&held), Next::Send { .. }));
    add(&mut run, Event::Resumed { pid: 8 });
    let Next::Save(events) = next(&run) else { panic!() };
    assert!(matches!(&events[..], [Event::Void { change: 0, .. }]));
    for event in events {
        add(&mut run, event);
    }
    assert_eq!(next(&run), Next::Step("one".into()));
    // Once the call has left, it is looked for whether its material is there or not.
    let mut run = began();
    add(&mut run, consented(0, make()));
    add(&mut run, intent(0, 1, make().calls()[0].clone()));
    assert_eq!(run.state_at_rest(), RunState::InDoubt);
    add(&mut run, Event::Resumed { pid: 8 });
    assert_eq!(run.state(), RunState::InDoubt);
    assert!(matches!(next(&run), Next::Settle { .. }));
}

#[test]
fn records_that_do_not_fit_are_refused() {
    let mut run = began();
    let one = || "one".to_owned();
    refuses(&mut run, &consented(1, make()));
    refuses(&mut run, &Event::Began { step: "three".into() });
    refuses(&mut run, &intent(0, 1, make().calls()[0].clone()));
    refuses(&mut run, &Event::Changed { step: one(), change: 0 });
    refuses(&mut run, &Event::Undone { step: one(), change: 0, evidence: vec![], passed_over: false });
    refuses(&mut run, &Event::Set { input: "old".into(), value: crate::runbook::Value::Text("x".into()) });
    refuses(&mut run, &Event::Set { input: "migrated".into(), value: crate::runbook::Value::Number(1) });
    add(&mut run, consented(0, join()));
    let calls = join().calls();
    refuses(&mut run, &intent(0, 2, calls[0].clone()));
    add(&mut run, intent(0, 1, calls[0].clone()));
    refuses(&mut run, &intent(0, 2, calls[0].clone()));
    refuses(&mut run, &intent(0, 1, calls[1].clone()));
    add(&mut run, intent(0, 1, calls[0].clone())); // sent again under its own key
    refuses(&mut run, &Event::Changed { step: one(), change: 0 });
    refuses(&mut run, &Event::Finished { step: one(), evidence: vec![], outputs: [].into() });
    refuses(&mut run, &outcome(1, 1, Outcome::Done(Receipt::Done)));
    add(&mut run, outcome(0, 1, Outcome::Done(Receipt::Done)));
    refuses(&mut run, &outcome(0, 1, Outcome::Done(Receipt::Done)));
    let mut late = stamp(run.seq + 2);
    assert!(run.apply(&late, &Event::Armed).is_err());
    late.seq = run.seq + 1;
    add(&mut run, Event::Aborted { left: vec![] });
    assert!(run.apply(&stamp(run.seq + 1), &Event::Began { step: one() }).is_err());
    assert!(Run::fold(std::iter::empty()).is_err());
    assert!(Run::begin(&stamp(1), &Event::Armed).is_err());
}

#[test]
fn undoing_goes_backwards_over_what_was_really_made() {
    let mut run = began();
    add(&mut run, consented(0, join()));
    let calls = join().calls();
    add(&mut run, intent(0, 1, calls[0].clone()));
    add(&mut run, outcome(0, 1, Outcome::Done(Receipt::Done)));
    add(&mut run, Event::Undoing);
    // What was not finished is not finished now, and what was made of it is undone.
    let Next::Save(events) = next(&run) else { panic!() };
    assert!(matches!(&events[..], [Event::Void { .. }]));
    add(&mut run, events[0].clone());
    assert_eq!(next(&run), Next::Undo { step: "one".into(), change: 0 });
    let back = join().inverse(&run.steps[0].changes[0].made()).unwrap();
    assert_eq!(back.calls().len(), 1);
    let undo = Event::Consented {
        step: "one".into(),
        change: 1,
        what: back.clone(),
        given: Given::Yes,
        undoes: Some(0),
    };
    add(&mut run, undo);
    let Next::Send { change: 1, calls, .. } = next(&run) else { panic!() };
    assert_eq!((calls[0].call, calls[0].attempt), (1, 1), "calls are counted on");
    let key = calls[0].key.clone();
    add(
        &mut run,
        Event::Intent {
            step: "one".into(),
            change: 1,
            call: 1,
            attempt: 1,
            key,
            what: calls[0].what.clone(),
        },
    );
    add(&mut run, outcome(1, 1, Outcome::Done(Receipt::Done)));
    add(&mut run, Event::Changed { step: "one".into(), change: 1 });
    assert_eq!(run.steps[0].done(Some(0)).len(), 1);
    add(
        &mut run,
        Event::Undone {
            step: "one".into(),
            change: 0,
            evidence: vec!["taken out".into()],
            passed_over: false,
        },
    );
    assert_eq!(run.steps[0].state, StepState::Undone);
    assert_eq!(next(&run), Next::Save(vec![Event::Ended]));
    add(&mut run, Event::Ended);
    assert_eq!((run.state(), next(&run)), (RunState::Undone, Next::Over(RunState::Undone)));
}
