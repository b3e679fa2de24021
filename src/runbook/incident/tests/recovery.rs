//! The recovery list: what was contained with what gives it back or takes its place, in the order in which that is right; how
//! each line stands; and that every runbook, input and output that it names is there.

use super::*;
use crate::estate::change::lambda::{self, contain::Act as OfFunction};
use crate::estate::{AccessKeyId, FunctionName};
use crate::runbook::found::{Found, Kind};

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

/// The same, as records tell it that have it as data.
fn swept(n: u8, found: &[Found], outputs: &[(&str, Value)]) -> Vec<RunEvent> {
    let mut events = sweep(n, &[], outputs);
    if let Some(RunEvent::Finished { evidence, outputs, .. }) = events.last_mut() {
        evidence.extend(found.iter().map(Found::sentence));
        outputs.insert("findings".into(), Value::Findings(found.to_vec()));
    }
    events
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

#[test]
fn a_finding_is_the_same_line_whoever_made_it_and_what_was_decided_of_it_stays() {
    let evil = |text: &str| Found::named(Kind::Policy, "evil".into(), Some(at(100)), text.to_owned());
    let unknown = evil("the policy evil was written (not known by whom: no event was found); look at it");
    let known = evil("backdoor wrote a policy evil (CreatePolicy), and 2 events after it; look at it");
    let first = || attached(swept(5, std::slice::from_ref(&unknown), &[]), 500, "a");
    let id = picture(vec![opened()], vec![first()]).recovery[0].id.clone();
    let aside = Event::SetAside { due: id.clone(), what: unknown.text.clone(), why: "ours".into() };
    // Whoever made it has a name that is on the list, too: it is a finding of its own all the same.
    let users = [("users", list(&["backdoor"]))];
    let second = || attached(swept(8, std::slice::from_ref(&known), &users), 2_000, "a");
    let runs = || vec![first(), second()];
    let later = picture(vec![opened(), aside], runs());
    assert_eq!(stands(&later), [(DueKind::Contain, "open"), (DueKind::Look, "set_aside")]);
    assert_eq!(
        (&later.recovery[1].id, &later.recovery[1].text),
        (&id, &known.text),
        "it says what is known now"
    );
    // It is gone once a look does not find it any more, and open again when a later one does.
    let mut all = runs();
    all.push(attached(swept(9, &[], &[]), 4_000, "a"));
    assert_eq!(stands(&picture(vec![opened()], all.clone()))[1], (DueKind::Look, "done"));
    all.push(attached(swept(10, std::slice::from_ref(&known), &[]), 6_000, "a"));
    assert_eq!(stands(&picture(vec![opened()], all))[1], (DueKind::Look, "open"));
    // Another thing, and one that only its event names, are lines of their own.
    let other = Found { name: "worse".into(), ..known.clone() };
    let event = |said: &str| Found { name: "".into(), event: Some(said.into()), ..known.clone() };
    let several = [known.clone(), other, event("PutRule 09:00"), event("PutRule 09:01")];
    let shown = picture(vec![opened()], vec![attached(swept(5, &several, &[]), 500, "a")]);
    let ids: std::collections::BTreeSet<&str> = shown.recovery.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(ids.len(), 4, "{:#?}", shown.recovery);
}

#[test]
fn a_look_that_could_not_have_found_it_does_not_end_a_line() {
    let evil = Found::named(Kind::Provider, "evil".into(), Some(at(100)), "evil; look at it".into());
    let stand = |outputs: &[(&str, Value)]| {
        let first = attached(swept(5, std::slice::from_ref(&evil), &[]), 500, "a");
        let again = attached(swept(8, &[], outputs), 9_000, "a");
        stands(&picture(vec![opened()], vec![first, again]))[0].1
    };
    assert_eq!(stand(&[]), "done");
    assert_eq!(stand(&[("whole", Value::Flag(true)), ("from", Value::Time(at(100)))]), "done");
    assert_eq!(stand(&[("whole", Value::Flag(false))]), "open", "a list did not answer");
    assert_eq!(stand(&[("from", Value::Time(at(101)))]), "open", "it looked at what came after");
}

#[test]
fn what_other_steps_found_is_on_the_list_and_old_records_are_read_by_their_sentences() {
    let mut user = vec![started(9, "iam-user-compromised", &[("user", "deploy-bot")])];
    let step = started(9, "iam-user-compromised", &[]);
    let RunEvent::Started { definition, .. } = step else { unreachable!() };
    let verb_of = |id: &str| definition.step(id).map(|s| s.verb.clone());
    assert_eq!(verb_of("contained").as_deref(), Some("credential.contained"));
    let found = Value::Findings(vec![
        Found::named(Kind::Key, MADE.into(), None, "a key; contain it".into()),
        Found::named(Kind::Password, "deploy-bot".into(), None, "a password; delete it".into()),
    ]);
    user.extend([began("contained"), finished("contained", "so", &[("findings", found)])]);
    let shown = picture(vec![opened()], vec![attached(user, 900, "a")]);
    assert_eq!(stands(&shown), [(DueKind::Contain, "open"), (DueKind::Look, "open")]);
    assert!(shown.recovery[0].text.contains(MADE), "{:?}", shown.recovery);
    // A record of before has the sentence only: the line is what it was, and so is what was decided of it.
    let old = picture(vec![opened()], vec![attached(sweep(5, &["x wrote y; look at it"], &[]), 500, "a")]);
    assert_eq!(old.recovery[0].id, digits(&["look", "x wrote y; look at it"]));
}

#[test]
fn several_dead_keys_of_a_user_are_one_line_and_one_new_key() {
    const OTHER: &str = "AKIAOTHER0000EXAMPLE";
    let one = || attached(contained(1, KEY), 100, "a");
    let both = || vec![one(), attached(contained(2, OTHER), 900, "a")];
    let alone = picture(vec![opened()], vec![one()]);
    let aside = |id: &str| Event::SetAside { due: id.into(), what: "x".into(), why: "no longer used".into() };
    let of_one = alone.recovery.iter().find(|d| d.kind == DueKind::Replace).unwrap().id.clone();
    let shown = picture(vec![opened(), aside(&of_one)], both());
    let lines =
        |p: &Picture| p.recovery.iter().filter(|d| d.kind == DueKind::Replace).cloned().collect::<Vec<_>>();
    let [line] = &lines(&shown)[..] else { panic!("{:#?}", shown.recovery) };
    assert_eq!(line.stand, Stand::Open, "what was decided of one key is not decided of both");
    for words in [KEY, OTHER, "one new key", "delete-access-key --user-name deploy-bot"] {
        assert!(line.text.contains(words), "{words}: {}", line.text);
    }
    let command = line.way.command(&shown.incident.id).unwrap();
    assert!(command.contains("--set store=iam-user --set user=deploy-bot --incident"), "{command}");
    // It may be set aside itself, in whichever order the runs are told.
    let mut back = both();
    back.reverse();
    assert_eq!(lines(&picture(vec![opened(), aside(&line.id)], back))[0].stand.word(), "set_aside");
    // A new key in the place of either is one in the place of both, but only if both were dead by then.
    let rotation = |from: i64| {
        let inputs =
            [("store", "iam-user"), ("user", "deploy-bot"), ("old", OTHER), ("target_secret", "app")];
        attached(vec![started(7, "api-key-rotation", &inputs), RunEvent::Ended], from, "b")
    };
    let with = |run| lines(&picture(vec![opened()], [both(), vec![run]].concat()))[0].stand.word();
    assert_eq!((with(rotation(5_000)), with(rotation(200))), ("done", "open"));
}
