//! The recovery list: what was contained with what gives it back or takes its place, in the order in which that is right; how
//! each line stands; and that every runbook, input and output that it names is there.

use super::*;
use crate::estate::change::lambda::{self, contain::Act as OfFunction};
use crate::estate::{AccessKeyId, FunctionName};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const MADE: &str = "AKIAMADE0000EXAMPLE1";
const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:orders-dead";

fn deactivation(key: &str) -> Change {
    let act = iam::contain::Act::Deactivate { user: UserName::new("deploy-bot"), key: AccessKeyId::new(key) };
    Change { at: place(), act: Act::Iam(iam::Act::Contain(act)) }
}

fn list(all: &[&str]) -> Value {
    Value::List(all.iter().map(|t| Untrusted::from(*t)).collect())
}

/// A step that has made one change, and is done.
fn made(step: &str, what: &Change) -> Vec<RunEvent> {
    let mut events = vec![began(step)];
    events.extend(change(step, what, 0, None, Some(Outcome::Done(Receipt::Done))));
    events.push(finished(step, "it is so", &[]));
    events
}

/// A run of `iam-key-compromised` that deactivated a key and denied everything to its user.
fn contained(n: u8, key: &str) -> Vec<RunEvent> {
    let mut events = vec![started(n, "iam-key-compromised", &[("key", key)])];
    for step in ["evidence", "guard"] {
        events.extend([began(step), finished(step, "so", &[])]);
    }
    events.extend(made("deactivate", &deactivation(key)));
    events.extend(made("deny", &containing(false)));
    events
}

fn of_function(act: OfFunction) -> Change {
    Change { at: place(), act: Act::Lambda(lambda::Act::Contain(act)) }
}

fn isolated() -> Vec<RunEvent> {
    let function = FunctionName::new("orders");
    let mut events = vec![started(4, "function-isolated", &[("function", "orders")]), began("evidence")];
    events.push(finished("evidence", "what it is", &[("dead", list(&[QUEUE, "arn:aws:sns:a:b:c"]))]));
    let disconnect =
        OfFunction::Disconnect { function: function.clone(), mapping: "m-1".into(), source: None };
    events.extend(made("disable", &of_function(disconnect)));
    events.extend(made("isolate", &of_function(OfFunction::Limit { function, to: 0, was: Some(5) })));
    events
}

fn sweep(n: u8, findings: &[&str], outputs: &[(&str, Value)]) -> Vec<RunEvent> {
    let outputs = outputs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    let evidence = findings.iter().map(|f| format!("FINDING: {f}")).collect();
    let done = RunEvent::Finished { step: "sweep".into(), evidence, outputs };
    vec![started(n, "persistence-sweep", &[("key", KEY)]), began("sweep"), done]
}

fn stands(picture: &Picture) -> Vec<(DueKind, &'static str)> {
    picture.recovery.iter().map(|due| (due.kind, due.stand.word())).collect()
}

#[test]
fn what_was_contained_is_given_back_backwards_and_a_dead_key_is_replaced() {
    let runs = || vec![attached(contained(1, KEY), 100, "a"), attached(isolated(), 1_000, "a")];
    let shown = picture(vec![opened()], runs());
    let kinds: Vec<DueKind> = shown.recovery.iter().map(|d| d.kind).collect();
    use DueKind::{GiveBack, Replace, Replay};
    assert_eq!(kinds, [GiveBack, GiveBack, GiveBack, Replace, Replay]);
    let texts: Vec<&str> = shown.recovery.iter().map(|d| d.text.as_str()).collect();
    // The concurrency before the event sources, and what was contained last before all.
    assert!(
        texts[0].contains("reserved concurrency becomes 0") && texts[0].contains("reserve 5 again"),
        "{texts:#?}"
    );
    assert!(texts[1].starts_with("Disable the event source m-1"), "{texts:#?}");
    assert!(texts[2].starts_with("Deny everything to the user deploy-bot"), "{texts:#?}");
    let command = |n: usize| shown.recovery[n].way.command(&shown.incident.id).unwrap();
    assert_eq!(command(0), format!("bartizan runbook undo {}", run_id(4)));
    assert_eq!(
        command(3),
        format!(
            "bartizan runbook start api-key-rotation --set store=iam-user --set user=deploy-bot --set old={KEY} --incident \
             i-7f3a0b1c"
        )
    );
    assert!(command(4).contains("dlq-drain --set queue=orders-dead "), "{}", command(4));
    let ids: std::collections::BTreeSet<&str> = shown.recovery.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(ids.len(), 5, "each has an id of its own");
    assert!(ids.iter().all(|id| id.len() == 6), "{ids:?}");
    // The same when more is known.
    let mut more = runs();
    more.insert(0, attached(role_run(), 10, "b"));
    let later = picture(vec![opened()], more);
    assert!(ids.iter().all(|id| later.due(id).is_some()));
    assert_eq!(shown.open().len() - shown.ends.len(), 5, "{:?}", shown.open());
}

#[test]
fn a_line_is_under_way_and_done_by_a_run_and_aside_by_a_person() {
    let contained = || attached(contained(1, KEY), 100, "a");
    let rotation = |over: bool, from: i64| {
        let old = [("store", "iam-user"), ("user", "deploy-bot"), ("old", KEY), ("target_secret", "app")];
        let mut events = vec![started(7, "api-key-rotation", &old)];
        if over {
            events.push(RunEvent::Ended);
        }
        attached(events, from, "b")
    };
    let with = |run| stands(&picture(vec![opened()], vec![contained(), run]));
    assert_eq!(with(rotation(false, 900))[1], (DueKind::Replace, "under_way"));
    assert_eq!(with(rotation(true, 900))[1], (DueKind::Replace, "done"));
    assert_eq!(
        with(rotation(true, 10))[1],
        (DueKind::Replace, "open"),
        "what was over before proves nothing"
    );
    let id = picture(vec![opened()], vec![contained()]).recovery[1].id.clone();
    let aside = Event::SetAside { due: id.clone(), what: "x".into(), why: HOSTILE.into() };
    let shown = picture(vec![opened(), aside.clone()], vec![contained()]);
    let said = shown.due(&id).unwrap().stand.said();
    assert!(said.starts_with("set aside by ops/alice: ") && !said.contains('\u{1b}'), "{said}");
    assert!(!shown.open().iter().any(|open| open.contains(&id)));
    assert!(shown.line.iter().any(|e| e.kind == EntryKind::Decision && e.text == "set aside: x"));
    let done = picture(vec![opened(), aside], vec![contained(), rotation(true, 900)]);
    assert_eq!(done.due(&id).unwrap().stand.word(), "done", "what is done is not set aside");
}

#[test]
fn what_is_undone_is_done_and_says_when() {
    let mut undone = contained(1, KEY);
    undone.push(RunEvent::Undoing);
    let under_way = picture(vec![opened()], vec![attached(undone.clone(), 0, "a")]);
    assert_eq!(stands(&under_way)[0], (DueKind::GiveBack, "under_way"));
    undone.extend(change("deny", &containing(true), 1, Some(0), Some(Outcome::Done(Receipt::Done))));
    let (step, evidence) = ("deny".to_owned(), vec!["detached".to_owned()]);
    undone.push(RunEvent::Undone { step, change: 0, evidence, passed_over: false });
    let count = i64::try_from(undone.len()).unwrap();
    let shown = picture(vec![opened()], vec![attached(undone, 0, "a")]);
    let Stand::Done { at: when, how, .. } = &shown.recovery[0].stand else { panic!("{:?}", shown.recovery) };
    assert_eq!(*when, at(10 * count));
    assert!(how.ends_with("has undone it: detached"), "{how}");
}

#[test]
fn what_a_sweep_finds_is_contained_looked_at_and_removed() {
    let hand = "deploy-bot wrote a policy evil (by hand); look at it, and take it back by hand";
    let named = format!("deploy-bot made an access key {MADE}");
    let outputs = [("keys", list(&[MADE])), ("users", list(&["backdoor"])), ("functions", list(&["miner"]))];
    let first = || attached(sweep(5, &[hand, &named], &outputs), 500, "a");
    let shown = picture(vec![opened()], vec![first()]);
    use DueKind::{Contain, GiveBack, Look, Remove};
    assert_eq!(stands(&shown), [(Contain, "open"), (Contain, "open"), (Contain, "open"), (Look, "open")]);
    assert_eq!(shown.recovery[3].text, hand);
    // What was found is contained: it is removed and not replaced. A second look no longer finds the rest.
    let mut over = contained(6, MADE);
    over.push(RunEvent::Ended);
    let again = attached(sweep(8, &[], &[]), 2_000, "a");
    let later = picture(vec![opened()], vec![first(), attached(over, 900, "a"), again]);
    let stands = stands(&later);
    assert_eq!(
        stands,
        [
            (Contain, "open"),
            (Contain, "done"),
            (Contain, "open"),
            (Look, "done"),
            (GiveBack, "open"),
            (Remove, "open")
        ]
    );
    let Way::Hand(how) = &later.recovery[5].way else { panic!("{:?}", later.recovery[5]) };
    assert!(how.contains("delete-access-key --user-name deploy-bot"), "{how}");
}

#[test]
fn a_key_that_was_deactivated_with_its_user_and_a_role_of_a_function_are_known() {
    let found = || attached(sweep(5, &[], &[("keys", list(&[MADE]))]), 500, "a");
    let mut user = vec![started(9, "iam-user-compromised", &[("user", "deploy-bot")])];
    for step in ["evidence", "guard"] {
        user.extend([began(step), finished(step, "so", &[])]);
    }
    user.extend(made("deactivate", &deactivation(MADE)));
    let shown = picture(vec![opened()], vec![found(), attached(user, 900, "a")]);
    assert_eq!(stands(&shown)[0], (DueKind::Contain, "done"), "{:?}", shown.recovery);

    let mut function = isolated();
    let role = [("role", Value::Text("orders-role".into())), ("dead", list(&[]))];
    function[2] = finished("evidence", "what it is", &role);
    let before = picture(vec![opened()], vec![attached(function.clone(), 100, "a")]);
    assert!(!stands(&before).iter().any(|(kind, _)| *kind == DueKind::Revoke), "it is only looked at");
    function.extend([began("stopped"), finished("stopped", "so", &[])]);
    function.extend([began("leads"), finished("leads", "so", &[])]);
    let after = picture(vec![opened()], vec![attached(function, 100, "a")]);
    assert_eq!(stands(&after)[0], (DueKind::Revoke, "open"));
    assert!(after.recovery[0].text.contains("orders-role"), "{:?}", after.recovery);
}

#[test]
fn every_runbook_and_input_that_it_leads_to_is_there() {
    let found = [("keys", list(&["AKIA1"])), ("roles", list(&["r"])), ("secrets", list(&["s"]))];
    let runs = vec![
        attached(contained(1, KEY), 100, "a"),
        attached(isolated(), 200, "a"),
        attached(sweep(5, &[], &found), 300, "a"),
        attached(sweep(6, &[], &[("users", list(&["u"])), ("functions", list(&["f"]))]), 400, "a"),
    ];
    let shown = picture(vec![opened()], runs);
    let mut led = 0;
    for due in &shown.recovery {
        let Way::Start { runbook, inputs } = &due.way else { continue };
        let book = shipped(runbook).unwrap().unwrap();
        for (name, _) in inputs {
            assert!(book.input(name).is_some(), "{runbook} takes no {name}");
            led += 1;
        }
    }
    assert_eq!(led, 9, "{:#?}", shown.recovery);
    for (verb, output) in
        recovery_namings().into_iter().chain([("function.evidence", "dead"), ("credential.evidence", "user")])
    {
        let verb = crate::runbook::verbs::find(verb).unwrap();
        assert!(verb.gives().iter().any(|o| o.name == output), "{} gives no {output}", verb.name());
    }
}

fn recovery_namings() -> Vec<(&'static str, &'static str)> {
    crate::runbook::incident::recovery::namings()
}
