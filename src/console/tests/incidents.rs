//! Incidents in the console: what their pages look like, and what keys order. Nothing is written here.

use super::book::{self, bench, some_lines};
use super::drive::Bench;
use super::world::{ago, now};
use crate::console::model::Screen;
use crate::console::{Effect, IncidentNews, IncidentOrder, Msg, RunsNews, RunsOrder, Saying};
use crate::estate::{RunId, Untrusted};
use crate::runbook::incident::{
    AttachedRun, Due, DueKind, Event, Incident, IncidentId, IncidentLine, Phase, Picture, RunThere, Stand,
    Way,
};
use crate::runbook::report::Chain;
use crate::runbook::run::Stamp;
use std::sync::Arc;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];
const HOSTILE: &str = "leaked\u{1b}[2J\u{202e}key";

fn id() -> IncidentId {
    IncidentId::new("i-0c0ffee0").unwrap()
}

fn stamp(seq: u64, at: i64, by: &str) -> Stamp {
    Stamp { seq, at: ago(at), by: Untrusted::from(by), host: Untrusted::from("bastion") }
}

fn own(name: &str, closed: bool) -> Vec<(Stamp, Event)> {
    let opened = Event::Opened {
        incident: id(),
        name: Untrusted::from(name),
        suspected: Untrusted::from("the key of deploy-bot is on a public site since the night"),
        known: ago(2_400),
        at: book::at(),
        context: Untrusted::from("prod-eu"),
        practice: false,
    };
    let mut events = vec![
        (stamp(1, 2_280, "ops/alice"), opened),
        (
            stamp(2, 2_000, "ops/alice"),
            Event::Attached { run: book::id(), runbook: "api-key-rotation".into() },
        ),
        (
            stamp(3, 1_900, "ops/bob"),
            Event::Decided { text: Untrusted::from("the partner is told at nine, by Bob") },
        ),
        (
            stamp(4, 1_800, "ops/bob"),
            Event::Entered { phase: Phase::Containment, why: Untrusted::from("the key works") },
        ),
    ];
    if closed {
        let reason = Some(Untrusted::from("another team goes on"));
        events.push((stamp(5, 60, "ops/bob"), Event::Closed { reason, open: vec!["a run waits".into()] }));
    }
    events
}

fn picture(name: &str, closed: bool) -> Picture {
    let events = own(name, closed);
    let incident = Incident::fold(events.iter().map(|(s, e)| (s.clone(), e))).unwrap();
    let (run, _) = book::waiting();
    let waits = AttachedRun {
        id: run.id.clone(),
        runbook: run.definition.name.clone(),
        there: RunThere::Read { run: Box::new(run), in_hand: false },
        events: Vec::new(),
        chain: None,
    };
    let damaged = AttachedRun {
        id: RunId::new("0badf00d").unwrap(),
        runbook: "iam-key-compromised".into(),
        there: RunThere::Unreadable("line 12 does not follow line 11".into()),
        events: Vec::new(),
        chain: None,
    };
    Picture::of(incident, &events, vec![waits, damaged], Chain { records: 4, head: "ab".repeat(32) })
}

fn line(closed: bool) -> IncidentLine {
    let phase = (!closed).then_some(Phase::Containment);
    IncidentLine { id: id(), there: Ok(picture("leaked-key", closed).incident), phase }
}

fn tell(bench: &mut Bench, news: IncidentNews) {
    bench.tell(Msg::Runs(RunsNews::Incident(news)));
}

/// A console in which an incident is known.
fn known(size: (u16, u16), closed: bool) -> Bench {
    let mut bench = bench(size, some_lines());
    tell(&mut bench, IncidentNews::List(Ok(vec![line(closed)])));
    bench
}

/// A console at the page of an incident.
fn at_page(size: (u16, u16), closed: bool) -> Bench {
    let mut bench = known(size, closed);
    bench.go(Screen::Incident(id()));
    tell(&mut bench, IncidentNews::Read(Arc::new(picture("leaked-key", closed))));
    bench
}

fn orders(bench: &Bench) -> Vec<&IncidentOrder> {
    let all = bench.orders().into_iter();
    all.filter_map(|o| if let RunsOrder::Incident(order) = o { Some(order) } else { None }).collect()
}

fn each_size(name: &str, make: impl Fn((u16, u16)) -> Bench) {
    for size in SIZES {
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), make(size).screen());
    }
}

#[test]
fn the_pages_of_incidents() {
    each_size("incident", |size| at_page(size, false));
    each_size("incident_closed", |size| at_page(size, true));
    each_size("runs_with_incident", |size| {
        let mut bench = known(size, false);
        bench.keys("6");
        bench
    });
}

#[test]
fn an_incident_is_opened_by_its_name_and_then_on_screen() {
    let mut bench = bench((80, 24), some_lines());
    tell(&mut bench, IncidentNews::List(Ok(Vec::new())));
    bench.keys("6 I");
    bench.type_in("leaked-key");
    bench.keys("tab");
    bench.type_in("a key is public");
    bench.keys("enter");
    let wanted = IncidentOrder::Open { name: "leaked-key".into(), suspected: "a key is public".into() };
    assert_eq!(orders(&bench), [&wanted]);
    tell(&mut bench, IncidentNews::Opened(id()));
    assert_eq!(*bench.model.screen(), Screen::Incident(id()));
    assert_eq!(orders(&bench).last(), Some(&&IncidentOrder::Read(id())), "its page is read");
}

/// Nobody opens an incident before the first containment: what contains already and belongs to none is taken in.
#[test]
fn an_incident_takes_in_what_contains_already() {
    let mut lines = some_lines();
    lines[0].runbook = "iam-key-compromised".into();
    lines[4].runbook = "iam-key-compromised".into();
    let mut bench = super::contain::bench((80, 24));
    bench.tell(Msg::Runs(RunsNews::List(Ok(lines.clone()))));
    tell(&mut bench, IncidentNews::List(Ok(Vec::new())));
    tell(&mut bench, IncidentNews::Opened(id()));
    let attaches = |bench: &Bench| -> Vec<IncidentOrder> {
        let all = orders(bench).into_iter().filter(|o| matches!(o, IncidentOrder::Attach { .. }));
        all.cloned().collect()
    };
    let wanted = IncidentOrder::Attach { id: id(), run: lines[0].id.clone() };
    assert_eq!(attaches(&bench), [wanted], "neither a rotation nor what is over");
}

#[test]
fn what_is_said_on_its_page_is_ordered_in_its_words() {
    for (key, what) in [
        ("n", Saying::Note),
        ("d", Saying::Decision),
        ("p", Saying::Phase(Phase::Remediation)),
        ("x", Saying::Close),
    ] {
        let mut bench = at_page((80, 24), false);
        bench.keys(key);
        bench.type_in("so it is");
        bench.keys("enter");
        let said = IncidentOrder::Say { id: id(), what, text: "so it is".into() };
        assert!(orders(&bench).contains(&&said), "{key}: {:?}", orders(&bench));
        assert!(bench.model.overlay.is_none());
    }
    let mut closed = at_page((80, 24), true);
    for key in ["d", "p", "x"] {
        closed.keys(key);
        assert!(closed.model.overlay.is_none(), "{key} does nothing in a closed incident");
    }
    closed.keys("n");
    assert!(closed.model.overlay.is_some(), "notes are still taken");
}

#[test]
fn a_run_is_attached_to_the_incident_that_is_open() {
    let mut bench = known((80, 24), false);
    bench.go(Screen::Run(book::id()));
    bench.keys("A");
    assert!(orders(&bench).contains(&&IncidentOrder::Attach { id: id(), run: book::id() }));
    let mut none = known((80, 24), true);
    none.go(Screen::Run(book::id()));
    none.keys("A");
    assert!(!orders(&none).iter().any(|o| matches!(o, IncidentOrder::Attach { .. })));
}

#[test]
fn the_report_and_the_json_are_copied_and_hostile_names_are_inert() {
    let mut bench = at_page((80, 24), false);
    bench.keys("e");
    assert!(orders(&bench).contains(&&IncidentOrder::Report(id())));
    tell(&mut bench, IncidentNews::Read(Arc::new(picture(HOSTILE, false))));
    let mut hostile = line(false);
    hostile.there = Ok(picture(HOSTILE, false).incident);
    tell(&mut bench, IncidentNews::List(Ok(vec![hostile])));
    let screen = bench.screen();
    assert!(screen.contains("leaked\\x1b[2J") && !screen.contains('\u{1b}') && !screen.contains('\u{202e}'));
    bench.keys("y j");
    let copied = bench.effects.iter().rev().find_map(|e| match e {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let document: serde_json::Value = serde_json::from_str(&copied.unwrap()).unwrap();
    assert_eq!(document["id"], "i-0c0ffee0");
    assert_eq!(document["open_ends"].as_array().unwrap().len(), 2);
}

#[test]
fn an_open_end_leads_to_its_run_and_a_page_is_read_again_every_minute() {
    let mut bench = at_page((80, 24), false);
    let before = orders(&bench).iter().filter(|o| ***o == IncidentOrder::Read(id())).count();
    bench.tell(Msg::Now(crate::estate::time::plus_seconds(now(), 61)));
    let after = orders(&bench).iter().filter(|o| ***o == IncidentOrder::Read(id())).count();
    assert_eq!(after, before + 1);
    bench.keys("enter");
    assert_eq!(*bench.model.screen(), Screen::Run(book::id()));
}

fn due(id: &str, kind: DueKind, text: &str, way: Way, stand: Stand) -> Due {
    Due { id: id.into(), kind, text: text.into(), from: book::id(), way, stand }
}

/// A console at the page of an incident of which something is to be recovered.
fn recovering(size: (u16, u16)) -> Bench {
    let mut bench = at_page(size, false);
    let mut picture = picture("leaked-key", false);
    let inputs = vec![("store", "iam-user".into()), ("user", "deploy-bot".into()), ("old", "AKIAOLD".into())];
    let new_key = Way::Start { runbook: "api-key-rotation", inputs };
    let done =
        Stand::Done { run: book::id(), at: ago(90), how: "run 7f3a0b1c of secret-update is done".into() };
    let hand = Way::Hand("end its sessions in IAM Identity Center".into());
    let secret = Way::Start { runbook: "secret-update", inputs: vec![("secret", "omni/db".into())] };
    picture.recovery = vec![
        due("00000a", DueKind::Revoke, "sessions of the role AWSReservedSSO_x\u{1b}[2J", hand, Stand::Open),
        due("00000b", DueKind::Rotate, "the secret omni/db was read", secret, done),
        due(
            "00000c",
            DueKind::GiveBack,
            "everything is denied to deploy-bot",
            Way::Undo(book::id()),
            Stand::Open,
        ),
        due("00000d", DueKind::Replace, "AKIAOLD stays inactive", new_key, Stand::Open),
    ];
    tell(&mut bench, IncidentNews::Read(Arc::new(picture)));
    bench
}

#[test]
fn the_recovery_list_is_on_the_page() {
    each_size("incident_recovery", recovering);
    let tall = recovering((120, 40)).screen();
    assert!(!tall.contains('\u{1b}'), "{tall}");
    // However narrow, what acts on the line under the cursor is offered first.
    let narrow = recovering((80, 24)).screen();
    let footer = narrow.lines().last().unwrap();
    assert!(
        footer.contains("s aside") && footer.contains("x close") && footer.contains("? keys"),
        "{narrow}"
    );
}

/// The page with the line of that id selected.
fn selected(id: &str) -> Bench {
    let mut bench = recovering((120, 40));
    for _ in 0..12 {
        if bench.model.due_here().is_some_and(|due| due.id == id) {
            return bench;
        }
        bench.keys("down");
    }
    panic!("{id} is not selected:\n{}", bench.screen());
}

#[test]
fn enter_on_a_line_leads_to_what_does_it_and_starts_nothing() {
    let mut form = selected("00000d");
    form.keys("enter");
    let screen = form.screen();
    for filled in ["api-key-rotation: its inputs", "iam-user", "deploy-bot", "AKIAOLD"] {
        assert!(screen.contains(filled), "{filled}:\n{screen}");
    }
    assert!(!form.orders().iter().any(|o| matches!(o, RunsOrder::Start { .. })));
    let mut undo = selected("00000c");
    undo.keys("enter");
    assert_eq!(*undo.model.screen(), Screen::Run(book::id()));
    let mut hand = selected("00000a");
    hand.keys("enter");
    assert!(hand.screen().contains("by hand: end its sessions in IAM Identity Center"), "{}", hand.screen());
}

#[test]
fn a_line_is_set_aside_for_a_reason_while_it_is_open() {
    let mut bench = selected("00000c");
    bench.keys("s");
    bench.type_in("the user is gone");
    bench.keys("enter");
    let wanted = IncidentOrder::SetAside { id: id(), due: "00000c".into(), why: "the user is gone".into() };
    assert!(orders(&bench).contains(&&wanted), "{:?}", orders(&bench));
    let mut top = recovering((120, 40));
    top.keys("s");
    assert!(top.model.overlay.is_none(), "an open end of a run is no line of the list");
}

#[test]
fn closing_says_what_is_to_be_done_too() {
    let mut bench = recovering((120, 40));
    bench.keys("x");
    let screen = bench.screen();
    assert!(
        screen.contains("00000d AKIAOLD stays inactive") && screen.contains("although this is open"),
        "{screen}"
    );
    assert!(!screen.contains("00000b the secret"), "what is done is not open: {screen}");
}

#[test]
fn an_open_incident_is_first_in_the_overview_and_enter_leads_to_it() {
    let mut bench = known((120, 40), false);
    assert_eq!(*bench.model.screen(), Screen::Overview);
    let screen = bench.screen();
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text} is not in\n{screen}"));
    assert!(at("open incident, known for 39 min, containment") < at("214 dead letters"), "{screen}");
    bench.keys("g g enter");
    assert_eq!(*bench.model.screen(), Screen::Incident(id()));
    let mut closed = known((120, 40), true);
    assert!(!closed.screen().contains("open incident"), "{}", closed.screen());
}

#[test]
fn the_next_line_of_the_list_is_one_key_away_and_shown_with_all_that_belongs_to_it() {
    let mut bench = recovering((80, 24));
    let reading = |bench: &Bench| bench.model.reading[bench.model.screen()];
    bench.keys("down");
    for n in 2..=5 {
        let before = reading(&bench);
        bench.keys("down");
        let now = reading(&bench);
        assert_eq!((before.link + 1, now.link), (n, n), "one key, one line:\n{}", bench.screen());
        assert!(now.scroll - before.scroll <= 12, "nothing is passed unseen");
    }
    let way = "bartizan runbook undo";
    assert!(bench.screen().contains(way), "the end of what is selected is seen:\n{}", bench.screen());
}

#[test]
fn a_runbook_that_is_begun_from_an_incident_or_a_run_has_its_suspect_filled_in() {
    let mut run = book::run("evidence", crate::runbook::StepState::Done);
    run.definition = book::book("iam-key-compromised");
    run.inputs =
        [("key".to_owned(), crate::runbook::Value::Text(Untrusted::from("AKIAIOSFODNN7EXAMPLE")))].into();
    let mut picture = picture("leaked-key", false);
    picture.runs[0].there = RunThere::Read { run: Box::new(run), in_hand: false };
    let mut bench = at_page((80, 24), false);
    let (books, commands) = (vec![book::book("persistence-sweep")], Vec::new());
    bench.tell(Msg::Runs(RunsNews::Ready { books, commands, refused: None }));
    tell(&mut bench, IncidentNews::Read(Arc::new(picture)));
    bench.keys(":");
    bench.type_in("persistence");
    bench.keys("enter");
    assert_eq!(
        *bench.model.screen(),
        Screen::Runbook("persistence-sweep".into()),
        "what is done comes before things"
    );
    bench.keys("s");
    assert!(bench.screen().contains("AKIAIOSFODNN7EXAMPLE"), "{}", bench.screen());
    assert!(!bench.orders().iter().any(|o| matches!(o, RunsOrder::Start { .. })));
}
