//! Runs in the console: from keys to orders, and what comes back.

use super::book::*;
use super::drive::Bench;
use super::world::{World, now, queue_url, secret_arn};
use crate::console::model::{Overlay, Screen};
use crate::console::{Effect, Msg, RunsNews, RunsOrder, Whose};
use crate::estate::message::whose::Verdict;
use crate::estate::time::plus_seconds;
use crate::estate::{Slot, Ticket};
use crate::insight::messages::offer::Offer;
use crate::runbook::halt::Halt;
use crate::runbook::run::{RunState, StepState};
use std::sync::Arc;

/// An export is one key, says how far it is and where it ended, and the same key stops it. Who leaves waits for it.
#[test]
fn messages_are_kept_by_one_key_and_it_stops_by_the_same() {
    let mut bench = Bench::open(World::night(), (120, 40));
    bench.tell(super::book::ready());
    let effects = bench.keys("enter e");
    let order = effects.iter().find_map(|e| match e {
        Effect::Runs(RunsOrder::Export(order)) => Some(order),
        _ => None,
    });
    let order = order.unwrap();
    let said = order.consent.change().sentence();
    assert_eq!(said, "Look at every message of orders-failures and give them back");
    let (ticket, queue) = (order.ticket, order.queue.clone());
    let words = "exporting: 120 of about 214 received".to_owned();
    bench.tell(Msg::Runs(RunsNews::Exporting { ticket, queue: queue.clone(), words }));
    assert!(bench.screen().contains("exporting: 120 of about 214 received"));
    let stops = |effects: &[Effect]| {
        effects.iter().any(|e| matches!(e, Effect::Runs(RunsOrder::StopExport(stopped)) if *stopped == queue))
    };
    assert!(stops(&bench.keys("e")));
    let leaves = bench.keys("q");
    assert!(leaves.iter().any(|e| matches!(e, Effect::Runs(RunsOrder::Leave))), "{leaves:?}");
    assert!(!leaves.iter().any(|e| matches!(e, Effect::Quit(_))), "what is in hand goes back first");
    let result = Ok(vec!["120 messages in /home/alice/orders-failures.jsonl.gz".to_owned()]);
    let late = RunsNews::Exported { ticket: Ticket(0), queue: queue.clone(), result: Err("late".into()) };
    bench.tell(Msg::Runs(late));
    bench.tell(Msg::Runs(RunsNews::Exported { ticket, queue: queue.clone(), result }));
    let screen = bench.screen();
    assert!(screen.contains("120 messages in /home/alice/") && !screen.contains("late"), "{screen}");
}

/// Whose dead letters are is looked for by one key, once it was said what that costs; it stops by the same key, and what was
/// found begins a replay.
#[test]
fn whose_they_are_is_looked_for_once_its_cost_was_said_and_begins_a_replay() {
    let mut bench = Bench::open(World::night(), (100, 60));
    bench.tell(ready());
    bench.go(Screen::Queue(queue_url("lambda-dlq")));
    let orders = |effects: &[Effect]| effects.iter().filter(|e| matches!(e, Effect::Runs(_))).count();
    assert_eq!(orders(&bench.keys("w")), 0, "nothing is read yet");
    let screen = bench.screen();
    assert!(screen.contains("AWS bills such requests") && screen.contains("receive counts rise"), "{screen}");
    let effects = bench.keys("w");
    let order = effects.iter().find_map(|e| match e {
        Effect::Runs(RunsOrder::Whose(order)) => Some(order),
        _ => None,
    });
    let order = order.unwrap();
    assert_eq!(
        order.consent.change().sentence(),
        "Look at up to 10 messages of lambda-dlq and give them back"
    );
    assert!(order.functions.iter().any(|(_, points)| *points), "{:?}", order.functions);
    let (ticket, queue) = (order.ticket, order.queue.clone());
    let function = order.functions[0].0.clone();
    let stops = |e: &Effect| matches!(e, Effect::Runs(RunsOrder::StopWhose(stopped)) if *stopped == queue);
    assert!(bench.keys("w").iter().any(stops));
    assert!(
        bench.keys("q").iter().any(|e| matches!(e, Effect::Runs(RunsOrder::Leave))),
        "what is in hand goes back"
    );
    let sure = format!("{}: its log names 2 of 2 requests", function.wire());
    let found =
        Whose { said: vec!["request r is of it".into()], verdict: Verdict::One(function, sure.clone()) };
    let late = RunsNews::Whose { ticket: Ticket(0), queue: queue.clone(), result: Err("late".into()) };
    bench.tell(Msg::Runs(late));
    bench.tell(Msg::Runs(RunsNews::Whose { ticket, queue: queue.clone(), result: Ok(Arc::new(found)) }));
    let screen = bench.screen();
    assert!(
        screen.contains(&sure) && screen.contains("request r is of it") && !screen.contains("late"),
        "{screen}"
    );
    assert!(bench.model.overlay.is_none(), "no form opens by itself under somebody's keys");
    bench.keys("w");
    let Some(Overlay::Form(form)) = &bench.model.overlay else { panic!("{}", bench.screen()) };
    assert!(form.given().contains(&("sure".to_owned(), sure)), "{:?}", form.given());
    assert!(form.about.join(" ").contains("says its own function goes there"), "{:?}", form.about);
}

/// The form of a purge offers the newest export of its queue; what was typed meanwhile is left, and a late answer too.
#[test]
fn the_newest_export_of_a_queue_is_offered_and_what_is_typed_is_left() {
    let export = |bench: &Bench| {
        let Some(Overlay::Form(form)) = &bench.model.overlay else { panic!("no form") };
        let field = form.fields.iter().find(|f| f.name == "export" || f.name == "file").unwrap();
        (field.typing.text().to_owned(), form.about.join(" "))
    };
    let asked = |effects: &[Effect]| {
        let found = effects.iter().find_map(|e| match e {
            Effect::Runs(RunsOrder::FindExport { ticket, queue, .. }) => Some((*ticket, queue.clone())),
            _ => None,
        });
        found.unwrap()
    };
    let offer = Offer { file: "/home/alice/kept.jsonl.gz".into(), at: now(), count: 214, complete: true };
    let tell = |bench: &mut Bench, (ticket, queue), offer: Option<Offer>| {
        bench.tell(Msg::Runs(RunsNews::Offered { ticket, queue, offer }));
    };
    for key in ["X", "i"] {
        let mut bench = Bench::open(World::night(), (100, 40));
        bench.tell(ready());
        bench.go(Screen::Queue(queue_url("orders-failures")));
        let first = asked(&bench.keys(key));
        tell(&mut bench, first.clone(), Some(offer.clone()));
        let (path, about) = export(&bench);
        assert_eq!(path, offer.file);
        assert!(about.contains("214 messages"), "{about}");
        bench.keys("esc");
        tell(&mut bench, first.clone(), Some(offer.clone()));
        assert!(bench.model.overlay.is_none());
        let second = asked(&bench.keys(key));
        tell(&mut bench, first, Some(offer.clone()));
        assert_eq!(export(&bench).0, "", "an answer to another form");
        tell(&mut bench, second, None);
        assert!(export(&bench).1.contains("type the path of one"), "{}", export(&bench).1);
        bench.keys("esc");
        let third = asked(&bench.keys(key));
        bench.keys("down / m y");
        let typed = export(&bench).0;
        tell(&mut bench, third, Some(offer.clone()));
        if !typed.is_empty() {
            assert_eq!(export(&bench).0, typed, "what is typed is left as it is");
        }
    }
}

/// Start the rotation of the overdue key at the top: Enter, r, then its inputs.
#[test]
fn rotating_begins_on_the_secret() {
    for keys in ["enter r", "r"] {
        let mut world = World::night();
        (world.alarms, world.queues, world.attack) = (Vec::new(), Vec::new(), Vec::new());
        let mut bench = Bench::open(world, (80, 24));
        bench.tell(ready());
        bench.keys(keys);
        let Some(Overlay::Form(form)) = &bench.model.overlay else { panic!("{}", bench.screen()) };
        let given = form.given();
        let secret = secret_arn("logapi/api-keys").wire().to_owned();
        assert!(given.contains(&("secret".to_owned(), secret)), "{given:?}");
        assert!(form.shown().iter().all(|i| form.fields[*i].name != "old"), "late inputs are not asked");
        bench.keys("enter");
        let RunsOrder::Plan { book, .. } = last(&bench) else { panic!("{:?}", bench.orders()) };
        assert_eq!(book.name, "api-key-rotation");
        assert_eq!(*bench.model.screen(), Screen::Plan);
    }
}

/// Go on with the run that waits for me: Enter.
#[test]
fn a_waiting_run_is_one_key_away() {
    let mut world = World::night();
    (world.alarms, world.queues, world.attack, world.secrets) = Default::default();
    let mut bench = Bench::open(world, (80, 24));
    bench.tell(ready());
    bench.tell(Msg::Runs(RunsNews::List(Ok(some_lines()[..1].to_vec()))));
    let screen = bench.screen();
    assert!(screen.contains("waits for you: clients migrated?") && screen.contains("6 Runs 1"), "{screen}");
    bench.keys("enter");
    assert_eq!(*bench.model.screen(), Screen::Run(id()));
    assert_eq!(*last(&bench), RunsOrder::Read(id()));
}

#[test]
fn a_plan_is_started_once_and_a_late_one_is_dropped() {
    let mut bench = planned((80, 24), None);
    let stale = asked_plan(&bench);
    let starts =
        |bench: &Bench| bench.orders().iter().filter(|o| matches!(o, RunsOrder::Start { .. })).count();
    // Other inputs, another plan: the answer to the first does not become the second.
    bench.keys("i enter");
    assert_ne!(asked_plan(&bench), stale);
    bench.tell(Msg::Runs(RunsNews::Planned { ticket: stale, plan: Ok(Arc::new(plan(None))) }));
    bench.keys("s");
    assert_eq!(starts(&bench), 0, "a plan that was replaced is not started");
    let ticket = asked_plan(&bench);
    bench.tell(Msg::Runs(RunsNews::Planned { ticket, plan: Ok(Arc::new(plan(None))) }));
    bench.keys("s s s");
    assert_eq!(starts(&bench), 1);
    // It could not be started, says so on the page, and may be tried again.
    let words = "run 00c0ffee changes this secret already: bob at bastion-2".to_owned();
    bench.tell(Msg::Runs(RunsNews::Trouble { run: None, words }));
    bench.keys("down");
    assert!(bench.screen().contains("bob at bastion-2"), "{}", bench.screen());
    bench.keys("s");
    assert_eq!(starts(&bench), 2);
}

#[test]
fn a_refused_plan_is_not_started_and_says_why() {
    let mut bench = planned((80, 24), Some("rotation of this secret is switched on"));
    bench.keys("s");
    assert!(!bench.orders().iter().any(|o| matches!(o, RunsOrder::Start { .. })));
    let screen = bench.screen();
    assert!(screen.lines().last().unwrap().contains("rotation of this secret is switched on"), "{screen}");
}

#[test]
fn steps_are_unfolded_where_a_person_wants() {
    let (run, halt) = waiting();
    let mut bench = halted((80, 24), run, halt);
    let second = "second sentence of evidence";
    assert!(!bench.screen().contains(second), "{}", bench.screen());
    bench.keys("g g enter");
    assert!(bench.screen().contains(second), "{}", bench.screen());
    for text in ["NOW", "2 of 9 callers", "runbook resume 7f3a12cd", "day 4 of 7"] {
        assert!(bench.screen().contains(text), "{text}\n{}", bench.screen());
    }
    bench.keys("enter");
    assert!(!bench.screen().contains(second));
}

#[test]
fn a_wait_is_ended_by_saying_so() {
    let (run, halt) = waiting();
    let mut bench = halted((80, 24), run, halt);
    bench.keys("m");
    let Some(Overlay::Form(form)) = &bench.model.overlay else { panic!("{}", bench.screen()) };
    assert_eq!(form.fields.len(), 1);
    bench.keys("right enter");
    let values = vec![("migrated".to_owned(), "true".to_owned())];
    assert_eq!(*last(&bench), RunsOrder::Set { run: id(), values });
}

#[test]
fn undoing_and_stopping_are_asked_for() {
    for (key, order) in [("x", RunsOrder::Abort(id())), ("u", RunsOrder::Undo(id()))] {
        let (mut run, halt) = waiting();
        let step = run.steps.iter_mut().find(|s| s.id == "create").unwrap();
        step.changes = vec![made(promote())];
        let mut bench = halted((80, 24), run, halt);
        bench.keys(key);
        assert!(matches!(bench.model.overlay, Some(Overlay::Consent(_))), "{key}\n{}", bench.screen());
        bench.rest();
        bench.keys("n");
        assert_ne!(*last(&bench), order);
        bench.keys(key);
        bench.rest();
        bench.keys("y");
        bench.rest();
        assert_eq!(*last(&bench), order);
    }
}

#[test]
fn something_secret_is_never_typed_into_a_form() {
    let mut bench = bench((80, 24), Vec::new());
    bench.go(Screen::Secret(secret_arn("logapi/api-keys")));
    bench.keys("u");
    while let Some(Overlay::Form(form)) = &bench.model.overlay
        && !form.here().unwrap().secret
    {
        bench.keys("tab");
    }
    bench.type_in("hunter2");
    bench.tell(Msg::Paste("hunter2".into()));
    assert!(!format!("{:?}", bench.model).contains("hunter2"));
    assert!(bench.screen().contains("Nothing secret is typed here"), "{}", bench.screen());
}

#[test]
fn a_secret_that_nobody_knows_is_doubted_once() {
    let mut bench = bench((80, 24), Vec::new());
    bench.go(Screen::Secret(secret_arn("logapi/api-keys")));
    bench.keys("u backtab");
    bench.keys("ctrl-u");
    bench.type_in("logapi/api-kyes");
    bench.keys("enter");
    assert!(bench.screen().contains("logapi/api-keys. Enter again"), "{}", bench.screen());
    assert!(!bench.orders().iter().any(|o| matches!(o, RunsOrder::Plan { .. })));
    bench.keys("enter");
    assert!(bench.orders().iter().any(|o| matches!(o, RunsOrder::Plan { .. })));
    // The beginning of a name is completed.
    let mut bench = self::bench((80, 24), Vec::new());
    bench.go(Screen::Secret(secret_arn("mte/bedrock")));
    bench.keys("u backtab ctrl-u l o g right enter");
    let RunsOrder::Plan { given, .. } = last(&bench) else { panic!("{:?}", bench.orders()) };
    assert_eq!(given[0], ("secret".to_owned(), "logapi/api-keys".to_owned()));
}

#[test]
fn read_only_says_why_nothing_is_done() {
    let mut bench = Bench::open(World::night(), (80, 24));
    let refused = Some("this context is read-only: nothing is changed here".to_owned());
    bench.tell(Msg::Runs(RunsNews::Ready {
        books: vec![book("secret-update")],
        commands: Vec::new(),
        refused,
    }));
    bench.tell(Msg::Runs(RunsNews::List(Ok(some_lines()))));
    bench.keys("6");
    assert!(bench.screen().contains("this context is read-only"), "{}", bench.screen());
    bench.keys("c");
    assert!(!bench.orders().iter().any(|o| matches!(o, RunsOrder::GoOn(_))));
    bench.go(Screen::Secret(secret_arn("logapi/api-keys")));
    bench.keys("u");
    assert!(bench.model.overlay.is_none());
    assert!(bench.screen().contains("this context is read-only"), "{}", bench.screen());
}

#[test]
fn runs_are_read_again_while_any_is_not_over() {
    let lists = |bench: &Bench| bench.orders().iter().filter(|o| ***o == RunsOrder::List).count();
    let mut busy = bench((80, 24), some_lines());
    let before = lists(&busy);
    busy.at(plus_seconds(now(), 60));
    assert_eq!(lists(&busy), before + 1);
    busy.keys("6");
    assert_eq!(lists(&busy), before + 2, "and when the tab is opened");
    let mut idle = bench((80, 24), vec![line("22222222", Some(RunState::Done), "", None)]);
    let before = lists(&idle);
    idle.at(plus_seconds(now(), 60));
    assert_eq!(lists(&idle), before);
}

#[test]
fn quitting_lets_a_call_in_flight_end_unless_it_is_wished_twice() {
    let mut bench = bench((80, 24), some_lines());
    bench.keys("6 enter c");
    assert_eq!(*last(&bench), RunsOrder::GoOn(id()));
    let effects = bench.keys("q");
    assert!(effects.contains(&Effect::Runs(RunsOrder::Leave)) && !effects.contains(&Effect::Quit(0)));
    assert!(bench.screen().contains("quit again"), "{}", bench.screen());
    let mut other = bench.model.clone();
    assert_eq!(crate::console::update(&mut other, Msg::Runs(RunsNews::Left)), [Effect::Quit(0)]);
    assert!(bench.keys("q").contains(&Effect::Quit(0)));
}

#[test]
fn trouble_with_a_run_stays_on_its_page_and_what_it_asked_is_asked_anew() {
    let mut bench = halted((80, 24), run("delete", StepState::Active), consent("delete", vec![promote()]));
    bench.rest();
    bench.keys("n");
    let words = "run 7f3a12cd is held by ops/bob on bastion-2 (pid 7)".to_owned();
    bench.tell(Msg::Runs(RunsNews::Trouble { run: Some(id()), words }));
    bench.keys("down");
    assert!(bench.screen().contains("held by ops/bob"), "{}", bench.screen());
    bench.keys("c");
    assert!(bench.model.overlay.is_none());
    assert_eq!(*last(&bench), RunsOrder::GoOn(id()));
}

#[test]
fn what_is_entered_is_no_part_of_the_console() {
    let halt = Halt::Enter { step: "stage".into(), slot: Slot::new("value"), input: "value".into() };
    let mut bench = halted((80, 24), run("add", StepState::Waiting), halt);
    assert!(bench.screen().contains("is to be entered: c asks"), "{}", bench.screen());
    bench.keys("c");
    assert_eq!(*last(&bench), RunsOrder::GoOn(id()));
}

/// A question that words answer and a late input as well: one of the two, and which is said by where it is typed.
#[test]
fn a_question_can_be_answered_in_words_or_by_a_late_input() {
    let asked = || {
        let question = crate::runbook::Question {
            text: "Is the old key unused?".into(),
            words: true,
            accepts: vec!["override".into()],
            ..crate::runbook::Question::default()
        };
        let halt = Halt::Person { step: "unused".into(), question };
        let mut bench = halted((80, 24), run("unused", StepState::Waiting), halt);
        bench.keys("m");
        let Some(Overlay::Form(form)) = &bench.model.overlay else { panic!("{}", bench.screen()) };
        assert_eq!(form.fields.len(), 2, "{}", bench.screen());
        bench
    };
    let mut bench = asked();
    bench.keys("enter");
    assert!(bench.screen().contains("nothing was filled in"), "{}", bench.screen());
    bench.keys("n o enter");
    assert_eq!(*last(&bench), RunsOrder::Attest { run: id(), text: "no".into() });
    let mut bench = asked();
    bench.keys("tab y e s enter");
    let values = vec![("override".to_owned(), "yes".to_owned())];
    assert_eq!(*last(&bench), RunsOrder::Set { run: id(), values });
    let mut bench = asked();
    bench.keys("n o tab y e s enter");
    assert!(bench.screen().contains("one of the two"), "{}", bench.screen());
}

/// A filter that stays on is seen on every list, the one of runs too.
#[test]
fn the_list_of_runs_says_its_filter() {
    let mut bench = Bench::open(World::night(), (80, 24));
    bench.tell(ready());
    bench.tell(Msg::Runs(RunsNews::List(Ok(Vec::new()))));
    bench.keys("6 / r o t a t i o n enter");
    let head = bench.screen().lines().nth(3).unwrap_or_default().to_owned();
    assert!(head.contains("/rotation · 1 of"), "{}", bench.screen());
    bench.keys("/ z z z enter");
    let screen = bench.screen();
    assert!(screen.contains("/rotationzzz · 0 of") && screen.contains("passes the filter"), "{screen}");
}

/// What a step failed for want of is said from the console too, where the sentence names it.
#[test]
fn a_failed_step_takes_what_it_names() {
    let fails = |text: &str, asks: &[&str]| {
        let run = run("create", StepState::Failed);
        let asks = asks.iter().map(|a| (*a).to_owned()).collect();
        let failure = crate::runbook::Failure { asks, ..crate::runbook::Failure::of("refused", text) };
        halted((80, 24), run, Halt::Failed { step: "create".into(), failure })
    };
    // Records of before say it in the sentence only; what records say for themselves outdoes what a sentence looks like.
    let mut bench = fails("old is in use still; go on with `--set override=REASON`", &[]);
    assert!(bench.screen().contains("m says what it names"), "{}", bench.screen());
    let mut bench = fails("write `--set old=...` nowhere", &["override", "no_input"]);
    assert!(bench.screen().contains("m says what it names"), "{}", bench.screen());
    bench.keys("m k n o w n enter");
    let values = vec![("override".to_owned(), "known".to_owned())];
    assert_eq!(*last(&bench), RunsOrder::Set { run: id(), values });
    let mut bench = fails("somebody wrote since", &[]);
    bench.keys("m");
    assert!(bench.model.overlay.is_none(), "{}", bench.screen());
}

/// An undo that cannot go on is left as it is for a reason, and the rest is undone.
#[test]
fn what_cannot_be_undone_is_left_for_a_reason() {
    let mut run = run("create", StepState::Failed);
    run.undoing = true;
    let step = run.steps.iter_mut().find(|s| s.id == "create").unwrap();
    step.changes = vec![made(promote())];
    let failure = crate::runbook::Failure::of("refused", "somebody wrote since");
    let mut bench =
        halted((80, 24), run.clone(), Halt::Failed { step: "create".into(), failure: failure.clone() });
    assert!(bench.screen().contains("m leaves it and undoes the rest"), "{}", bench.screen());
    bench.keys("m o u r s enter");
    assert_eq!(*last(&bench), RunsOrder::PassOver { run: id(), why: "ours".into() });
    // Going forwards nothing is left out.
    run.undoing = false;
    let mut bench = halted((80, 24), run, Halt::Failed { step: "create".into(), failure });
    bench.keys("m");
    assert!(bench.model.overlay.is_none(), "{}", bench.screen());
}
