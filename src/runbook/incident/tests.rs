//! What an incident adds up to: the fold, the one time line, the phases, what is open, and a report in which hostile
//! names stay text.

mod belongs;
mod recovery;

use super::*;
use crate::estate::change::{Act, iam};
use crate::estate::{
    AccountId, Arn, Change, Given, IdempotencyKey, Progress, Receipt, Region, Salt, UserName,
};
use crate::runbook::Value;
use crate::runbook::definition::shipped;
use crate::runbook::event::{Event as RunEvent, Failure, Outcome, WaitingFor};
use crate::runbook::report::Chain;
use crate::runbook::run::Run;

/// Tries to leave a table's cell, a code span and Markdown itself.
const HOSTILE: &str = "a`|b``\n# <b>[x](http://evil)\u{1b}[2J*";
const ROLE: &str = "json-stack-deploy";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

fn stamp(seq: u64, second: i64, by: &str) -> Stamp {
    Stamp { seq, at: at(second), by: Untrusted::from(by), host: Untrusted::from("bastion") }
}

fn place() -> At {
    At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() }
}

fn opened() -> Event {
    opened_at(-1_200)
}

fn opened_at(known: i64) -> Event {
    Event::Opened {
        incident: IncidentId::new("i-7f3a0b1c").unwrap(),
        name: Untrusted::from(HOSTILE),
        suspected: Untrusted::from("a key is on a public site"),
        known: at(known),
        at: place(),
        context: Untrusted::from("prod-eu"),
        practice: false,
    }
}

fn run_id(n: u8) -> RunId {
    RunId::from_random([0, 0, 0, n])
}

fn containing(undo: bool) -> Change {
    let user = UserName::new("deploy-bot");
    let deny = iam::contain::Act::Deny { user, policy: Arn::new("arn:aws:iam::aws:policy/AWSDenyAll") };
    let change = Change { at: place(), act: Act::Iam(iam::Act::Contain(deny)) };
    if undo { change.inverse(&[]).unwrap() } else { change }
}

fn started(n: u8, runbook: &str, inputs: &[(&str, &str)]) -> RunEvent {
    let inputs = inputs.iter().map(|(k, v)| ((*k).to_owned(), Value::Text(Untrusted::from(*v)))).collect();
    RunEvent::Started {
        run: run_id(n),
        definition: Box::new(shipped(runbook).unwrap().unwrap()),
        inputs,
        at: place(),
        context: Untrusted::from("prod-eu"),
        alias: None,
        practice: false,
        salt: Salt("5a17".into()),
        plan_hash: "abcdef".into(),
        planned: BTreeMap::new(),
    }
}

fn finished(step: &str, evidence: &str, outputs: &[(&str, Value)]) -> RunEvent {
    let outputs = outputs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    RunEvent::Finished { step: step.to_owned(), evidence: vec![evidence.to_owned()], outputs }
}

fn began(step: &str) -> RunEvent {
    RunEvent::Began { step: step.to_owned() }
}

/// A change of a step with its one call, up to its outcome.
fn change(step: &str, what: &Change, n: u32, undoes: Option<u32>, result: Option<Outcome>) -> Vec<RunEvent> {
    let call = what.next(&Progress::default()).remove(0);
    let key = IdempotencyKey::derive(&run_id(1), step, n, 1);
    let (s, given) = (step.to_owned(), Given::Typed(Untrusted::from("deploy-bot")));
    let mut events = vec![
        RunEvent::Consented { step: s.clone(), change: n, what: what.clone(), given, undoes },
        RunEvent::Intent { step: s.clone(), change: n, call: n, attempt: 1, key, what: call },
    ];
    if let Some(result) = result {
        let done = matches!(result, Outcome::Done(_));
        events.push(RunEvent::Outcome { step: s.clone(), call: n, attempt: 1, result });
        if done {
            events.push(RunEvent::Changed { step: s, change: n });
        }
    }
    events
}

fn attached(events: Vec<RunEvent>, from: i64, by: &str) -> AttachedRun {
    let events: Vec<(Stamp, RunEvent)> =
        (1..).zip(events).map(|(n, e)| (stamp(n, from + 10 * i64::try_from(n).unwrap(), by), e)).collect();
    let run = Run::fold(events.iter().map(|(s, e)| (s.clone(), e))).unwrap();
    AttachedRun {
        id: run.id.clone(),
        runbook: run.definition.name.clone(),
        there: RunThere::Read { run: Box::new(run), in_hand: false },
        events,
        chain: Some(Chain { records: 9, head: "ab".repeat(32) }),
    }
}

/// A leaked key that is contained as far as its sessions are looked up, and waits in its quiet time.
fn key_run(watch_over: bool) -> Vec<RunEvent> {
    let mut events = vec![started(1, "iam-key-compromised", &[("key", "AKIAIOSFODNN7EXAMPLE")])];
    for step in ["evidence", "guard"] {
        events.extend([began(step), finished(step, "the key is deploy-bot's", &[])]);
    }
    events.extend([began("deactivate"), finished("deactivate", "inactive", &[])]);
    events.push(began("deny"));
    events.extend(change("deny", &containing(false), 0, None, Some(Outcome::Done(Receipt::Done))));
    events.push(finished("deny", "everything is denied", &[]));
    let roles = Value::List(vec![Untrusted::from(ROLE), Untrusted::from("AWSReservedSSO_ops_1")]);
    let limit = "no event is no proof: CloudTrail comes about 5 minutes late";
    events.extend([began("sessions"), finished("sessions", limit, &[("roles", roles)])]);
    events.extend([began("reach"), finished("reach", "2 secrets", &[]), began("quiet")]);
    let wait =
        WaitingFor::Time { until: at(9_000), accepts: Vec::new(), why: "nobody may get through".into() };
    events.push(RunEvent::Waiting { step: "quiet".into(), for_what: wait });
    if watch_over {
        events.push(finished("quiet", "no successful use of 2 ids", &[]));
        events.extend([
            began("contained"),
            finished("contained", "the key is inactive", &[]),
            RunEvent::Ended,
        ]);
    }
    events
}

fn role_run() -> Vec<RunEvent> {
    let mut events = vec![started(2, "role-sessions-revoked", &[("role", ROLE)])];
    for step in ["evidence", "outage", "revoke", "revoke-again", "revoked"] {
        events.extend([began(step), finished(step, "it is so", &[])]);
    }
    events.push(RunEvent::Ended);
    events
}

fn picture(own: Vec<Event>, runs: Vec<AttachedRun>) -> Picture {
    let own: Vec<(Stamp, Event)> =
        (1..).zip(own).map(|(n, e)| (stamp(n, 60 * i64::try_from(n).unwrap(), "ops/alice"), e)).collect();
    let incident = Incident::fold(own.iter().map(|(s, e)| (s.clone(), e))).unwrap();
    Picture::of(incident, &own, runs, Chain { records: own.len() as u64, head: "cd".repeat(32) })
}

fn due(picture: &Picture) -> Vec<DueKind> {
    picture.recovery.iter().map(|due| due.kind).collect()
}

fn kinds(picture: &Picture) -> Vec<EndKind> {
    picture.ends.iter().map(|e| e.kind).collect()
}

#[test]
fn what_is_open_is_what_the_runs_and_their_evidence_leave() {
    let waits = picture(vec![opened()], vec![attached(key_run(false), 600, "ops/alice")]);
    assert_eq!(kinds(&waits), [EndKind::Unfinished, EndKind::Quiet]);
    assert_eq!(due(&waits), [DueKind::Revoke, DueKind::Revoke, DueKind::GiveBack]);
    let command = |picture: &Picture, n: usize| picture.recovery[n].way.command(&picture.incident.id);
    assert_eq!(
        command(&waits, 0).as_deref(),
        Some(
            "bartizan runbook start role-sessions-revoked --set role=json-stack-deploy --incident i-7f3a0b1c"
        )
    );
    assert_eq!(command(&waits, 1), None, "Identity Center's sessions end there: {:?}", waits.recovery[1]);
    assert_eq!((waits.clock.first_containing, waits.clock.contained), (Some(at(720)), None));
    let both = vec![attached(key_run(true), 600, "ops/alice"), attached(role_run(), 1_500, "ops/bob")];
    let done = picture(vec![opened()], both);
    assert_eq!(done.ends, []);
    let open: Vec<&str> = done.recovery.iter().map(|due| due.stand.word()).collect();
    assert_eq!(open, ["done", "open", "open"], "{:?}", done.recovery);
    assert_eq!(done.clock.contained, Some(at(1_610)), "both found it so");
}

#[test]
fn what_was_read_is_changed_and_what_was_made_is_contained() {
    let mut events = key_run(true);
    let list = |texts: &[&str]| Value::List(texts.iter().map(|t| Untrusted::from(*t)).collect());
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:omni/db-AbCdEf";
    let outputs = [("keys", list(&["AKIAMADE0000EXAMPLE1"])), ("secrets", list(&[arn, "plain"]))];
    let at = events.iter().position(|e| matches!(e, RunEvent::Finished { step, .. } if step == "sessions"));
    events[at.unwrap()] = finished("sessions", "found", &outputs);
    let alone = picture(vec![opened()], vec![attached(events.clone(), 600, "ops/alice")]);
    assert_eq!(due(&alone), [DueKind::Contain, DueKind::Rotate, DueKind::Rotate, DueKind::GiveBack]);
    let command = alone.recovery[0].way.command(&alone.incident.id).unwrap();
    assert!(command.contains("iam-key-compromised --set key=AKIAMADE0000EXAMPLE1"), "{command}");
    let changed = vec![started(3, "secret-update", &[("secret", "omni/db"), ("field", "password")])];
    let with =
        picture(vec![opened()], vec![attached(events, 600, "ops/alice"), attached(changed, 900, "ops/bob")]);
    assert_eq!(kinds(&with), [EndKind::Unfinished], "{:?}", with.ends);
    assert_eq!(with.recovery[1].stand, Stand::UnderWay { run: run_id(3) });
    let open: Vec<DueKind> = with.to_do().map(|due| due.kind).collect();
    assert_eq!(open, [DueKind::Contain, DueKind::Rotate, DueKind::GiveBack]);
    assert!(with.recovery[2].text.contains("plain"));
}

#[test]
fn a_doubt_a_failure_and_a_decision_are_open_and_a_false_alarm_leaves_nothing() {
    let mut doubt = key_run(false);
    doubt.truncate(8);
    doubt.extend(change("deny", &containing(false), 0, None, None));
    let doubted = picture(vec![opened()], vec![attached(doubt, 600, "ops/alice")]);
    assert_eq!(kinds(&doubted), [EndKind::InDoubt], "{:?}", doubted.ends);
    assert!(doubted.ends[0].text.contains("AttachUserPolicy"), "{:?}", doubted.ends);

    let mut failed = role_run();
    failed.truncate(2);
    let failure = Failure::of("denied", "iam:GetRole is not allowed");
    failed.push(RunEvent::Failed { step: "evidence".into(), failure });
    let mut asks = role_run();
    asks.truncate(4);
    let why = "Has whoever runs it been told?".to_owned();
    let person = WaitingFor::Person { why, accepts: vec![], words: true, phrase_for: None, enter: None };
    asks.push(RunEvent::Waiting { step: "outage".into(), for_what: person });
    let two = vec![attached(failed, 600, "ops/alice"), attached(asks, 700, "ops/alice")];
    assert_eq!(kinds(&picture(vec![opened()], two)), [EndKind::Stopped, EndKind::Decision]);

    let mut undone = key_run(true);
    undone.push(RunEvent::Undoing);
    undone.extend(change("deny", &containing(true), 1, Some(0), Some(Outcome::Done(Receipt::Done))));
    let step = "deny".to_owned();
    undone.push(RunEvent::Undone { step, change: 0, evidence: vec!["detached".into()], passed_over: false });
    undone.push(RunEvent::Ended);
    let alarm = picture(vec![opened()], vec![attached(undone, 600, "ops/alice")]);
    assert_eq!(alarm.ends, []);
    assert!(alarm.to_do().next().is_none(), "{:?}", alarm.recovery);
    let recovered = alarm.phases.iter().find(|r| r.phase == Phase::Recovery).unwrap();
    assert!(matches!(&recovered.why, Why::Run { step, .. } if step == "deny"));
}

#[test]
fn one_time_line_holds_what_everybody_did_in_its_order() {
    let own = vec![
        opened(),
        Event::Attached { run: run_id(1), runbook: "iam-key-compromised".into() },
        Event::Decided { text: Untrusted::from("the partner is told at nine") },
    ];
    let shown = picture(own, vec![attached(key_run(true), 100, "ops/bob")]);
    assert!(shown.line.is_sorted_by_key(|e| e.at));
    let texts: Vec<&str> = shown.line.iter().map(|e| e.text.as_str()).collect();
    assert_eq!(texts[0], "it became known");
    for (kind, said) in [
        (EntryKind::Decision, "the partner is told at nine"),
        (EntryKind::Decision, "agreed, typing deploy-bot: Deny everything to the user deploy-bot"),
        (EntryKind::Call, "iam:AttachUserPolicy on deploy-bot: done"),
        (EntryKind::Change, "made: Deny everything to the user deploy-bot"),
        (EntryKind::Evidence, "nobody gets through"),
    ] {
        let found = shown.line.iter().find(|e| e.text == said);
        assert_eq!(found.map(|e| e.kind), Some(kind), "{said}: {texts:#?}");
    }
    assert_eq!(shown.people().iter().map(Untrusted::wire).collect::<Vec<_>>(), ["ops/alice", "ops/bob"]);
    let phases: Vec<Phase> = shown.phases.iter().map(|r| r.phase).collect();
    assert_eq!(phases, [Phase::Detection, Phase::Investigation, Phase::Containment]);
}

#[test]
fn what_a_person_says_of_a_phase_counts_before_what_runs_show() {
    let said = Event::Entered { phase: Phase::Containment, why: Untrusted::from("now") };
    let shown = picture(vec![opened(), said], vec![attached(key_run(true), 600, "ops/bob")]);
    let reached = shown.phases.iter().find(|r| r.phase == Phase::Containment).unwrap();
    assert_eq!(reached.at, at(120));
    assert!(matches!(&reached.why, Why::Said { by, .. } if by.wire() == "ops/alice"));
}

#[test]
fn records_that_do_not_fit_are_refused_and_a_closed_incident_takes_notes_only() {
    let mut incident = Incident::begin(&stamp(1, 0, "a"), &opened()).unwrap();
    let note = |text: &str| Event::Noted { text: Untrusted::from(text) };
    assert!(incident.apply(&stamp(3, 0, "a"), &note("x")).is_err(), "a record is missing");
    assert!(incident.apply(&stamp(2, 0, "a"), &opened()).is_err());
    let attach = Event::Attached { run: run_id(1), runbook: "x".into() };
    incident.apply(&stamp(2, 0, "a"), &attach).unwrap();
    assert!(incident.apply(&stamp(3, 0, "a"), &attach).is_err(), "it is attached already");
    incident.apply(&stamp(3, 0, "a"), &Event::Closed { reason: None, open: vec![] }).unwrap();
    let before = incident.clone();
    for late in [Event::Decided { text: "x".into() }, attach, Event::Closed { reason: None, open: vec![] }] {
        assert!(incident.apply(&stamp(4, 0, "a"), &late).is_err());
    }
    assert_eq!(incident, before);
    incident.apply(&stamp(4, 0, "a"), &note("learned: rotate sooner")).unwrap();
    let lessons = Event::Entered { phase: Phase::Lessons, why: "review".into() };
    incident.apply(&stamp(5, 0, "a"), &lessons).unwrap();
    assert!(Incident::begin(&stamp(1, 0, "a"), &note("x")).is_err());
}

#[test]
fn events_are_written_as_they_are_read() {
    let kept = Event::Kept { file: "a.json".into(), sha256: "00".into(), bytes: 2, holds: "events".into() };
    let aside = Event::SetAside { due: "0a1b2c".into(), what: "a key".into(), why: "nobody uses it".into() };
    let told = Event::Told {
        what: Telling::Decision,
        way: "sns".into(),
        failed: Some("no answer".into()),
        about: None,
    };
    for event in [opened(), kept, aside, told, Event::Entered { phase: Phase::Lessons, why: "x".into() }] {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
    }
}

#[test]
fn the_report_says_what_was_verified_and_what_was_not_and_hostile_names_stay_text() {
    let own = vec![
        opened(),
        Event::Noted { text: Untrusted::from(HOSTILE) },
        Event::Closed { reason: Some(Untrusted::from(HOSTILE)), open: vec!["a role".into()] },
    ];
    let unreadable = AttachedRun {
        id: run_id(9),
        runbook: "cost-overrun".into(),
        there: RunThere::Unreadable("line 3 is cut short".into()),
        events: Vec::new(),
        chain: None,
    };
    let shown = picture(own, vec![attached(key_run(true), 600, "ops/bob"), unreadable]);
    let text = report::markdown(&shown, at(7_200));
    assert!(text.lines().all(|l| l.chars().all(|c| !c.is_control())), "{text}");
    for bad in ["<b>", "[x](", "\n# <", "\u{1b}"] {
        assert!(!text.contains(bad), "{bad:?} in {text}");
    }
    let section = |title: &str| {
        let from = text.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("{title}: {text}")).1;
        from.split("\n## ").next().unwrap().to_owned()
    };
    assert!(section("What was verified").contains("no successful use of 2 ids"));
    let not = section("What could not be verified");
    assert!(not.contains("no event is no proof") && not.contains("line 3 is cut short"), "{not}");
    assert!(section("What was done, and by whom").contains("made: Deny everything to the user deploy-bot"));
    let recovery = section("Recovery");
    assert!(
        recovery.contains("- [ ] **revoke**")
            && recovery.contains("bartizan runbook start role-sessions-revoked")
    );
    assert!(
        text.contains("| First containing change | 2025-11-24") && text.contains("32 min after it was known"),
        "{text}"
    );
}

#[test]
fn every_verb_that_says_contained_is_there() {
    let verbs =
        ["credential.contained", "role.revoked", "function.stopped", "database.verify", "gateway.quiet"];
    for verb in verbs {
        assert!(picture::says_contained(verb) && crate::runbook::verbs::find(verb).is_some(), "{verb}");
    }
    assert!(!picture::says_contained("trail.quiet"), "a watch is not yet the word");
}

/// Who contains first and opens the incident after it has known of it since then.
#[test]
fn what_contained_before_it_was_opened_was_known_then() {
    let shown = picture(vec![opened_at(7_000)], vec![attached(key_run(true), 600, "ops/bob")]);
    let run = shown.runs[0].run().unwrap();
    assert_eq!((shown.clock.known, shown.phases[0].at), (run.started_at, run.started_at));
    assert!(shown.clock.first_containing.unwrap() >= shown.clock.known);
}
