//! Runs in the console: from keys to orders, and what comes back; what their pages look like. The runs are made
//! by hand from the shipped definitions.

use super::drive::{Bench, setup};
use super::world::{ACCOUNT, DAY, REGION, World, ago, now, secret_arn};
use crate::console::model::{Overlay, Screen};
use crate::console::{Effect, Msg, RunsNews, RunsOrder};
use crate::controls::Glyphs;
use crate::estate::change::{iam, secretsmanager};
use crate::estate::edit::Salt;
use crate::estate::names::{AccessKeyId, StageLabel, UserName, VersionId};
use crate::estate::time::plus_seconds;
use crate::estate::{AccountId, Act, At, Change, Region, RunId, Slot, Ticket};
use crate::runbook::definition::shipped;
use crate::runbook::event::{Failure, WaitingFor};
use crate::runbook::halt::{Doubt, Halt, RunLine};
use crate::runbook::plan::{Allowed, Plan, PlannedCall, PlannedStep};
use crate::runbook::run::{Run, RunState, StepRecord, StepState, Waiting};
use crate::runbook::{Definition, Inputs, Proposal, Question};
use std::collections::BTreeMap;
use std::sync::Arc;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

pub fn book(name: &str) -> Arc<Definition> {
    Arc::new(shipped(name).unwrap().unwrap())
}

pub fn id() -> RunId {
    RunId::new("7f3a12cd").unwrap()
}

fn at() -> At {
    At { account: AccountId::new(ACCOUNT), region: Region::new(REGION).unwrap() }
}

/// A run of a rotation over two stores: all before `here` is done, `here` stands as said.
fn run(here: &str, state: StepState) -> Run {
    let definition = book("api-key-rotation");
    let given =
        [("store", "api-gateway,lambda-env"), ("function", "logapi-authorizer"), ("variable", "API_KEYS")];
    let given: Vec<(String, String)> = given.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
    let inputs = Inputs::read(&definition, &given).unwrap().into_values();
    let mut before = true;
    let steps = definition.steps.iter().map(|s| {
        let mut step = StepRecord::todo(&s.id);
        if !s.when.holds(&inputs) {
            step.state = StepState::Skipped;
        } else if s.id == here {
            before = false;
            step.state = state;
            step.began = Some(ago(3 * DAY + 7_200));
        } else if before {
            step.state = StepState::Done;
            step.began = Some(ago(3 * DAY + 10_000));
            step.ended = Some(ago(3 * DAY + 9_000));
            step.by = Some(format!("arn:aws:sts::{ACCOUNT}:assumed-role/ops/alice").as_str().into());
            step.evidence = vec![
                format!("{} was looked at and 41,204 calls were found in a week", s.id),
                "and there is a second sentence of evidence that says how that is known".into(),
            ];
        }
        step
    });
    let steps = steps.collect();
    Run {
        id: id(),
        inputs,
        late: BTreeMap::new(),
        at: at(),
        context: "prod-eu".into(),
        alias: None,
        armed: false,
        practice: false,
        salt: Salt("00".into()),
        plan_hash: "0".repeat(64),
        planned: BTreeMap::new(),
        started_at: ago(3 * DAY + 20_000),
        started_by: format!("arn:aws:sts::{ACCOUNT}:assumed-role/ops/alice").as_str().into(),
        steps,
        waiting: None,
        undoing: false,
        aborted: None,
        ended: false,
        revealed: Vec::new(),
        seq: 40,
        last_at: ago(60),
        definition,
    }
}

/// A run that waits for clients to migrate.
fn waiting() -> (Run, Halt) {
    let mut run = run("migrate", StepState::Waiting);
    let until = plus_seconds(ago(3 * DAY + 7_200), 7 * DAY);
    let why = "2 of 9 callers still use the old key: 203.0.113.7, 198.51.100.24".to_owned();
    let accepts = vec!["migrated".to_owned()];
    run.waiting = Some(Waiting {
        step: "migrate".into(),
        for_what: WaitingFor::Time { until, accepts: accepts.clone(), why: why.clone() },
        since: ago(60),
    });
    (run, Halt::Time { step: "migrate".into(), until, accepts, why })
}

fn promote() -> Change {
    let act = secretsmanager::Act::Promote {
        secret: secret_arn("logapi/api-keys"),
        from: VersionId::new("28b4f07f-f7cd-4915-a518-00feacf9311f"),
        to: VersionId::new("51f790aa-a65f-8037-a8c8-469d8c79c3cb"),
        strip: Some(StageLabel::new("bartizan-7f3a12cd")),
        keep: None,
    };
    Change { at: at(), act: Act::SecretsManager(act) }
}

fn delete_key(key: &str) -> Change {
    let act = iam::Act::DeleteAccessKey { user: UserName::new("deploy-bot"), key: AccessKeyId::new(key) };
    Change { at: at(), act: Act::Iam(act) }
}

fn consent(step: &str, changes: Vec<Change>) -> Halt {
    let proposal = Proposal {
        changes,
        breaks: vec!["Consumers read the new value from then on.".into()],
        leaves: vec!["Code that keeps the value in memory goes on with the old one.".into()],
        differs: None,
    };
    Halt::Consent { step: step.into(), proposal }
}

fn line(id: &str, state: Option<RunState>, waiting: &str, until: Option<i64>) -> RunLine {
    RunLine {
        id: RunId::new(id).unwrap(),
        runbook: if state.is_some() { "api-key-rotation".into() } else { String::new() },
        state,
        waiting: waiting.into(),
        until: until.map(|s| plus_seconds(now(), s)),
        started: Some(ago(3 * DAY)),
        by: "ops/alice".into(),
    }
}

pub fn ready() -> Msg {
    let books = vec![book("api-key-rotation"), book("secret-update")];
    Msg::Runs(RunsNews::Ready { books, refused: None })
}

/// A console that knows the runbooks and these runs.
fn bench(size: (u16, u16), lines: Vec<RunLine>) -> Bench {
    let mut bench = Bench::open(World::night(), size);
    bench.tell(ready());
    bench.tell(Msg::Runs(RunsNews::List(Ok(lines))));
    bench
}

/// A console at the page of a run that stopped.
fn halted(size: (u16, u16), run: Run, halt: Halt) -> Bench {
    let mut bench = bench(size, vec![line("7f3a12cd", Some(run.state()), "clients migrated?", None)]);
    bench.keys("6 enter");
    assert_eq!(*bench.model.screen(), Screen::Run(id()));
    bench.tell(Msg::Runs(RunsNews::Halted { run: Arc::new(run), halt }));
    bench
}

fn last(bench: &Bench) -> &RunsOrder {
    bench.orders().into_iter().rfind(|o| **o != RunsOrder::List).unwrap()
}

fn plan(refusal: Option<&str>) -> Plan {
    let definition = shipped("secret-update").unwrap().unwrap();
    let given = [("secret".to_owned(), "logapi/api-keys".to_owned())];
    let inputs = Inputs::read(&definition, &given).unwrap().into_values();
    let step = |s: &crate::runbook::Step| PlannedStep {
        id: s.id.clone(),
        title: s.title.clone(),
        kind: s.kind,
        skipped: !s.when.holds(&inputs),
        summary: "the value is 97 days old".into(),
        changes: Vec::new(),
        calls: Vec::new(),
        risk: None,
        undo: Vec::new(),
        breaks: Vec::new(),
        allowed: Allowed::Yes,
        evidence: vec!["the value is 97 days old".into(), "rotation is off".into()],
        refusal: None,
    };
    let mut steps: Vec<PlannedStep> = definition.steps.iter().map(step).collect();
    for planned in &mut steps {
        let change = match planned.id.as_str() {
            "promote" => promote(),
            "close" => delete_key("AKIAIOSFODNN7EXAMPLE"),
            _ => continue,
        };
        let calls = change.calls();
        planned.risk = Some(change.risk());
        planned.undo = vec![change.undo().to_string()];
        planned.breaks = vec!["Consumers read the new value from then on.".into()];
        planned.evidence.clear();
        planned.calls = calls
            .iter()
            .map(|c| PlannedCall {
                operation: c.operation().name,
                resource: Some(secret_arn("logapi/api-keys").text().clone()),
                iam_action: c.operation().name,
                cli: c.cli(&crate::estate::IdempotencyKey::derive(&id(), "promote", 0, 1)),
                allowed: Allowed::Unknown,
            })
            .collect();
        planned.changes = vec![change];
    }
    if let Some(why) = refusal {
        steps[1].refusal = Some(why.into());
    }
    let mut plan = Plan { definition, inputs, at: at(), run: id(), steps, hash: String::new() };
    plan.hash = plan.hash_of();
    plan
}

/// The ticket of the newest plan that was asked for.
fn asked_plan(bench: &Bench) -> Ticket {
    match last(bench) {
        RunsOrder::Plan { ticket, .. } => *ticket,
        other => panic!("{other:?}"),
    }
}

fn planned(size: (u16, u16), refusal: Option<&str>) -> Bench {
    let mut bench = bench(size, Vec::new());
    bench.go(Screen::Secret(secret_arn("logapi/api-keys")));
    bench.keys("u enter");
    let ticket = asked_plan(&bench);
    bench.tell(Msg::Runs(RunsNews::Planned { ticket, plan: Ok(Arc::new(plan(refusal))) }));
    bench
}

fn each_size(name: &str, make: impl Fn((u16, u16)) -> Bench) {
    for size in SIZES {
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), make(size).screen());
    }
}

fn some_lines() -> Vec<RunLine> {
    vec![
        line("7f3a12cd", Some(RunState::Waiting), "clients migrated?", None),
        line("00c0ffee", Some(RunState::InDoubt), "UpdateUsagePlan: nobody knows", None),
        line("0badf00d", None, "line 12 does not follow line 11", None),
        line("11111111", Some(RunState::Waiting), "the overlap", Some(2 * DAY)),
        line("22222222", Some(RunState::Done), "", None),
    ]
}

#[test]
fn the_pages_of_runs() {
    each_size("runs", |size| {
        let mut bench = bench(size, some_lines());
        bench.keys("6");
        bench
    });
    each_size("overview_with_runs", |size| bench(size, some_lines()));
    each_size("runbook", |size| {
        let mut bench = bench(size, Vec::new());
        bench.keys("6 enter");
        bench
    });
    each_size("plan", |size| planned(size, None));
    each_size("plan_refused", |size| planned(size, Some("rotation of this secret is switched on")));
    each_size("run_waiting", |size| {
        let (run, halt) = waiting();
        halted(size, run, halt)
    });
    each_size("run_in_doubt", |size| {
        let doubt = Doubt {
            call: "DeleteApiKey of a1b2c3".into(),
            why: "the answer was lost, and AWS does not say who deleted it".into(),
            evidence: vec!["the key is not there any more".into()],
            if_happened: "the run goes on to its check".into(),
            if_not: "the key is deleted again".into(),
        };
        halted(size, run("delete", StepState::InDoubt), Halt::Decide { step: "delete".into(), doubt })
    });
    each_size("run_failed", |size| {
        let text = "AWS refused apigateway:UpdateUsagePlan: not allowed; ask for the permission".to_owned();
        let failure = Failure { kind: "denied".into(), text };
        let mut run = run("enable", StepState::Failed);
        run.steps.iter_mut().find(|s| s.id == "enable").unwrap().failure = Some(failure.clone());
        halted(size, run, Halt::Failed { step: "enable".into(), failure })
    });
    each_size("run_done", |size| {
        let mut run = run("no step", StepState::Todo);
        run.ended = true;
        halted(size, run, Halt::Over(RunState::Done))
    });
    each_size("run_asks", |size| {
        let question = Question {
            text: "Is the old key revoked where it was issued?".into(),
            evidence: vec!["it was last used 3 days ago".into()],
            accepts: Vec::new(),
            choices: Vec::new(),
        };
        let halt = Halt::Person { step: "unused".into(), question };
        let mut bench = halted(size, run("unused", StepState::Waiting), halt);
        bench.keys("m");
        bench
    });
    let (run, halt) = waiting();
    insta::assert_snapshot!("wide_run", halted((200, 50), run, halt).screen());
}

#[test]
fn forms_and_confirmations() {
    each_size("form", |size| {
        let mut bench = bench(size, Vec::new());
        bench.go(Screen::Secret(secret_arn("logapi/api-keys")));
        bench.keys("r");
        bench
    });
    let asking = |changes: Vec<Change>| {
        move |size| {
            let mut bench =
                halted(size, run("delete", StepState::Active), consent("delete", changes.clone()));
            bench.rest();
            bench
        }
    };
    each_size("consent", asking(vec![promote()]));
    each_size("consent_typed", asking(vec![delete_key("AKIAIOSFODNN7EXAMPLE")]));
    each_size("consent_grouped", asking(vec![promote(), delete_key("AKIAIOSFODNN7EXAMPLE")]));
}

#[test]
fn nothing_of_runs_is_drawn_with_foreign_signs_in_ascii() {
    let (run, halt) = waiting();
    let setup = crate::console::Setup { glyphs: Glyphs::ASCII, ..setup((80, 24)) };
    let mut bench = Bench::with(World::night(), setup);
    bench.open_now();
    bench.tell(ready());
    bench.tell(Msg::Runs(RunsNews::List(Ok(some_lines()))));
    let check = |bench: &mut Bench| {
        let screen = bench.screen();
        assert!(screen.is_ascii(), "{screen}");
    };
    bench.keys("6");
    check(&mut bench);
    bench.keys("enter");
    bench.tell(Msg::Runs(RunsNews::Halted { run: Arc::new(run.clone()), halt }));
    check(&mut bench);
    bench.tell(Msg::Runs(RunsNews::Halted { run: Arc::new(run), halt: consent("migrate", vec![promote()]) }));
    check(&mut bench);
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
fn agreeing_needs_a_quiet_keyboard_before_and_after() {
    let asked = || halted((80, 24), run("delete", StepState::Active), consent("delete", vec![promote()]));
    // A key that is held down when the question comes up, or typed on, does not count.
    let mut bench = asked();
    bench.keys("y y y y");
    assert!(bench.agreed.is_empty());
    bench.rest();
    bench.keys("y");
    assert!(bench.agreed.is_empty(), "it holds only if nothing follows it at once");
    bench.rest();
    assert_eq!(bench.agreed, [(id(), vec![promote()])]);
    // Held down after it: nothing.
    let mut bench = asked();
    bench.rest();
    bench.keys("y y");
    bench.rest();
    assert!(bench.agreed.is_empty());
    // Enter alone does nothing, and a paste does not confirm.
    let mut bench = asked();
    bench.rest();
    bench.keys("enter");
    bench.tell(Msg::Paste("y".into()));
    bench.rest();
    assert!(bench.agreed.is_empty());
    assert!(bench.model.overlay.is_some());
    // A press of the mouse neither agrees nor declines.
    bench.tell(Msg::Mouse { kind: crate::console::MouseKind::Press, column: 5, row: 5 });
    assert!(bench.model.overlay.is_some());
}

#[test]
fn what_was_declined_is_asked_again_with_the_key_that_goes_on() {
    let mut bench = halted((80, 24), run("delete", StepState::Active), consent("delete", vec![promote()]));
    bench.rest();
    bench.keys("n");
    assert!(bench.model.overlay.is_none() && bench.agreed.is_empty());
    assert!(bench.screen().contains("The run waits: c asks again"), "{}", bench.screen());
    let orders = bench.orders().len();
    bench.keys("c");
    assert!(matches!(bench.model.overlay, Some(Overlay::Consent(_))));
    assert_eq!(bench.orders().len(), orders, "the question is at hand: AWS is not asked for it");
    bench.rest();
    bench.keys("y");
    bench.rest();
    assert_eq!(bench.agreed.len(), 1);
}

#[test]
fn a_name_is_typed_for_what_cannot_be_undone() {
    let key = "AKIAIOSFODNN7EXAMPLE";
    let change = delete_key(key);
    let crate::estate::Demand::Name(name) = change.demand() else { panic!("a key is deleted for ever") };
    let mut bench =
        halted((80, 24), run("delete", StepState::Active), consent("delete", vec![change.clone()]));
    bench.rest();
    bench.keys("y enter");
    bench.rest();
    assert!(bench.agreed.is_empty(), "y is not the name");
    bench.keys("ctrl-u");
    bench.tell(Msg::Paste(name.wire().to_owned()));
    bench.keys("enter");
    bench.rest();
    assert!(bench.agreed.is_empty(), "a pasted name is not typed");
    bench.type_in(name.wire());
    bench.keys("enter");
    assert!(bench.agreed.is_empty());
    bench.rest();
    assert_eq!(bench.agreed, [(id(), vec![change])]);
}

#[test]
fn nothing_is_agreed_to_before_its_last_line_was_seen() {
    let many: Vec<Change> = (0..12).map(|_| promote()).collect();
    let mut bench = halted((80, 24), run("delete", StepState::Active), consent("delete", many));
    bench.rest();
    assert!(bench.screen().contains("more lines"), "{}", bench.screen());
    bench.keys("y");
    bench.rest();
    assert!(bench.agreed.is_empty());
    assert!(bench.screen().contains("more to read"), "{}", bench.screen());
    for _ in 0..80 {
        bench.keys("down");
    }
    let screen = bench.screen();
    assert!(!screen.contains("more lines") && screen.contains("goes on with the old one"), "{screen}");
    bench.keys("y");
    bench.rest();
    assert_eq!(bench.agreed.len(), 1);
}

#[test]
fn the_aws_lines_of_a_question_are_copied_and_leave_it_there() {
    let mut bench = halted((80, 24), run("delete", StepState::Active), consent("delete", vec![promote()]));
    bench.rest();
    let effects = bench.keys("ctrl-y");
    let copied = effects.iter().find_map(|e| match e {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.unwrap();
    assert!(copied.starts_with("aws secretsmanager update-secret-version-stage"), "{copied}");
    assert!(matches!(bench.model.overlay, Some(Overlay::Consent(_))));
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

/// A change that was made, with all its calls.
fn made(change: Change) -> crate::runbook::run::ChangeRecord {
    use crate::runbook::run::{CallRecord, CallState, ChangeRecord};
    let calls = change.calls().into_iter().zip(0..).map(|(what, call)| CallRecord {
        call,
        attempt: 1,
        key: crate::estate::IdempotencyKey::derive(&id(), "create", call, 1),
        what,
        intent_at: ago(DAY),
        state: CallState::Done(crate::estate::Receipt::Done),
    });
    ChangeRecord {
        calls: calls.collect(),
        what: change,
        given: crate::estate::Given::Yes,
        by: "ops/alice".into(),
        at: ago(DAY),
        void: None,
        changed: Some(ago(DAY)),
        undoes: None,
        undone: None,
        passed_over: false,
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
    bench.tell(Msg::Runs(RunsNews::Ready { books: vec![book("secret-update")], refused }));
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

/// For property tests: what could come back about runs at any time.
pub fn news(which: u8) -> RunsNews {
    let (run_waiting, halt) = waiting();
    match which % 9 {
        0 => RunsNews::List(Ok(some_lines())),
        1 => RunsNews::Halted { run: Arc::new(run_waiting), halt },
        2 => RunsNews::Halted {
            run: Arc::new(run("delete", StepState::Active)),
            halt: consent("delete", vec![promote()]),
        },
        3 => RunsNews::Halted {
            run: Arc::new(run("delete", StepState::Active)),
            halt: consent("delete", vec![delete_key("AKIAIOSFODNN7EXAMPLE")]),
        },
        4 => RunsNews::Planned { ticket: Ticket(u64::from(which)), plan: Ok(Arc::new(plan(None))) },
        5 => RunsNews::Began(Arc::new(run("evidence", StepState::Active))),
        6 => RunsNews::Trouble { run: Some(id()), words: "no".into() },
        7 => RunsNews::Halted {
            run: Arc::new(run("delete", StepState::Active)),
            halt: Halt::Arm { alias: "acme-prod".into() },
        },
        _ => RunsNews::Ready { books: vec![book("api-key-rotation"), book("secret-update")], refused: None },
    }
}
