//! Containment one screen away: from a pasted key id, from what is on screen, and what goes on by itself after it.

use super::book::*;
use super::drive::Bench;
use super::world::{World, ago, now, secret_arn};
use crate::console::model::{Overlay, Screen};
use crate::console::{Msg, RunsNews, RunsOrder};
use crate::estate::time::plus_seconds;
use crate::estate::{Change, RunId, Ticket, Untrusted};
use crate::runbook::event::{Failure, WaitingFor};
use crate::runbook::halt::{Halt, RunLine};
use crate::runbook::plan::{Allowed, Plan, PlannedStep};
use crate::runbook::run::{RunState, StepState, Waiting};
use crate::runbook::suspect::{Kind, Suspect};
use crate::runbook::{Inputs, Proposal, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SESSION: &str = "ASIAIOSFODNN7EXAMPLE";

pub(super) fn bench(size: (u16, u16)) -> Bench {
    let mut bench = Bench::open(World::night(), size);
    let names = ["secret-update", "iam-key-compromised", "access-key-owner", "role-sessions-revoked"];
    let books = names.map(book).into();
    let commands = vec![book("queue-redrive")];
    bench.tell(Msg::Runs(RunsNews::Ready { books, commands, refused: None }));
    bench
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|t| (*t).to_owned()).collect()
}

fn list(all: &[&str]) -> Value {
    Value::List(all.iter().map(|t| Untrusted::from(*t)).collect())
}

/// A plan of a runbook: what some of its steps found, gave or would change.
fn plan_of(name: &str, given: (&str, &str), tell: impl Fn(&str, &mut PlannedStep)) -> Plan {
    let definition = (*book(name)).clone();
    let inputs = Inputs::read(&definition, &[(given.0.into(), given.1.into())]).unwrap().into_values();
    let step = |s: &crate::runbook::Step| {
        let mut step = PlannedStep {
            id: s.id.clone(),
            title: s.title.clone(),
            kind: s.kind,
            skipped: false,
            summary: s.title.clone(),
            changes: Vec::new(),
            calls: Vec::new(),
            risk: None,
            undo: Vec::new(),
            breaks: Vec::new(),
            leaves: Vec::new(),
            allowed: Allowed::Yes,
            evidence: Vec::new(),
            outputs: BTreeMap::new(),
            refusal: None,
        };
        tell(&s.id, &mut step);
        step
    };
    let steps = definition.steps.iter().map(step).collect();
    let mut plan = Plan { definition, inputs, at: at(), run: id(), steps, hash: String::new() };
    plan.hash = plan.hash_of();
    plan
}

const OPEN: &str = "sessions of roles that were assumed with the key before: each role is revoked by itself";

fn changes(step: &mut PlannedStep, change: Change, breaks: &[&str], leaves: &[&str]) {
    step.summary = change.sentence();
    step.undo = vec![change.undo()];
    step.risk = Some(change.risk());
    step.breaks = texts(breaks);
    step.leaves = texts(leaves);
    step.changes = vec![change];
}

/// What AWS would tell of what is planned here, by runbook and suspect.
fn answer(name: &str, given: &str) -> Plan {
    match (name, given) {
        ("access-key-owner", KEY) => plan_of(name, ("key", given), |_, step| {
            step.evidence = texts(&[
                "AKIAIOSFODNN7EXAMPLE belongs to the user deploy-bot",
                "last used 09:37 UTC with codedeploy in eu-central-1 (IAM tells it with some delay)",
            ]);
            step.outputs = [
                ("user".to_owned(), Value::Text("deploy-bot".into())),
                ("keys".to_owned(), list(&[KEY, "AKIAI44QH8DHBEXAMPLE"])),
            ]
            .into();
        }),
        ("access-key-owner", _) => plan_of(name, ("key", given), |_, step| {
            step.evidence = texts(&[
                "ASIAIOSFODNN7EXAMPLE are temporary credentials and cannot be deactivated; they are a session of the \
                 role deploy",
            ]);
            step.outputs = [("role".to_owned(), Value::Text("deploy".into()))].into();
        }),
        ("iam-key-compromised", SESSION) => plan_of(name, ("key", given), |id, step| {
            if id == "evidence" {
                step.refusal = Some("they are temporary credentials of the role deploy".into());
            }
        }),
        ("iam-key-compromised", key) => plan_of(name, ("key", given), |id, step| {
            let (deactivate, deny) = contain(key);
            match id {
                "deactivate" => changes(
                    step,
                    deactivate,
                    &["last used 09:37 UTC with codedeploy", "what signs with it is refused"],
                    &["the key itself: it is not deleted"],
                ),
                "deny" => changes(step, deny, &["everything that works as this user is refused"], &[OPEN]),
                _ => {}
            }
        }),
        ("role-sessions-revoked", _) => plan_of(name, ("role", given), |id, step| {
            if id == "revoke" {
                step.breaks = texts(&["functions of this role are refused until they take new credentials"]);
                step.changes = vec![contain(KEY).1];
                step.summary = "Deny everything to sessions of the role deploy issued before now".into();
            }
        }),
        other => panic!("{other:?}"),
    }
}

/// The plans that are asked for and not answered, oldest first.
fn asked(bench: &Bench, after: usize) -> Vec<(Ticket, String, String)> {
    let plans = bench.orders().into_iter().filter_map(|o| match o {
        RunsOrder::Plan { ticket, book, given } => Some((*ticket, book.name.clone(), given[0].1.clone())),
        _ => None,
    });
    plans.skip(after).collect()
}

/// Answers every plan that is asked for, those that follow from an answer too.
fn answer_all(bench: &mut Bench) {
    let mut told = 0;
    loop {
        let open = asked(bench, told);
        if open.is_empty() {
            return;
        }
        for (ticket, name, given) in open {
            told += 1;
            let plan = Ok(Arc::new(answer(&name, &given)));
            bench.tell(Msg::Runs(RunsNews::Planned { ticket, plan }));
        }
    }
}

fn starts(bench: &Bench) -> Vec<(String, String)> {
    let started = bench.orders().into_iter().filter_map(|o| match o {
        RunsOrder::Start { plan } => {
            let given = plan.inputs.values().find_map(|v| match v {
                Value::Text(text) => Some(text.wire().to_owned()),
                _ => None,
            });
            Some((plan.definition.name.clone(), given.unwrap_or_default()))
        }
        _ => None,
    });
    started.collect()
}

/// A run of the containment, at a step.
fn contained(here: &str, state: StepState) -> crate::runbook::run::Run {
    let definition = book("iam-key-compromised");
    let mut run = run("no step", StepState::Todo);
    run.inputs = Inputs::read(&definition, &[("key".into(), KEY.into())]).unwrap().into_values();
    let at = definition.steps.iter().position(|s| s.id == here).unwrap();
    run.steps = definition
        .steps
        .iter()
        .enumerate()
        .map(|(n, s)| {
            let mut step = crate::runbook::run::StepRecord::todo(&s.id);
            step.state = if n < at {
                StepState::Done
            } else if n == at {
                state
            } else {
                StepState::Todo
            };
            step.began = (n <= at).then(|| ago(600));
            step
        })
        .collect();
    for step in &mut run.steps {
        match step.id.as_str() {
            "evidence" => {
                step.evidence = texts(&["AKIAIOSFODNN7EXAMPLE belongs to the user deploy-bot"]);
                step.outputs = [("user".to_owned(), Value::Text("deploy-bot".into()))].into();
            }
            "sessions" if at > 4 => {
                step.evidence = texts(&["2 sessions of the role deploy were made"]);
                step.outputs = [("roles".to_owned(), list(&["deploy"]))].into();
            }
            _ => {}
        }
    }
    run.definition = definition;
    run
}

fn grouped() -> Halt {
    let (deactivate, deny) = contain(KEY);
    let proposal = |change: Change, breaks: &[&str], leaves: &[&str]| Proposal {
        changes: vec![change],
        breaks: texts(breaks),
        leaves: texts(leaves),
        differs: None,
    };
    Halt::Consent {
        step: "deactivate".into(),
        proposal: proposal(
            deactivate,
            &["last used 09:37 UTC with codedeploy in eu-central-1"],
            &["the key itself: it is not deleted"],
        ),
        ahead: Some(Box::new((
            "deny".into(),
            proposal(deny, &["everything that works as this user is refused, the console too"], &[OPEN]),
        ))),
    }
}

/// Contain a pasted key: `:`, paste, Enter, choice, the typed name.
#[test]
fn a_pasted_key_is_contained_with_four_keys_and_a_name() {
    let mut bench = bench((80, 24));
    bench.keys(":");
    bench.tell(Msg::Paste(format!("{KEY}\n")));
    let screen = bench.screen();
    assert!(screen.contains("contain this key"), "{screen}");
    bench.keys("enter");
    assert_eq!(*bench.model.screen(), Screen::Contain(Suspect::new(Kind::Key, KEY)));
    answer_all(&mut bench);
    let screen = bench.screen();
    for words in [
        "belongs to the user deploy-bot",
        "Deactivate access key",
        "Deny everything to the user deploy-bot",
        "codedeploy",
        "does not end",
        "undo",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(starts(&bench).is_empty(), "nothing begins before it is chosen");
    bench.keys("enter");
    assert_eq!(starts(&bench), [("iam-key-compromised".to_owned(), KEY.to_owned())]);
    bench.tell(Msg::Runs(RunsNews::Began(Arc::new(contained("evidence", StepState::Active)))));
    assert_eq!(*bench.model.screen(), Screen::Run(id()));
    let halt = grouped();
    bench.tell(Msg::Runs(RunsNews::Halted {
        run: Arc::new(contained("deactivate", StepState::Active)),
        halt,
    }));
    bench.rest();
    assert!(!bench.screen().contains("more line"), "the question fits 80x24: {}", bench.screen());
    bench.type_in("deploy-bot");
    bench.keys("enter");
    bench.rest();
    let (deactivate, deny) = contain(KEY);
    assert_eq!(bench.agreed, [(id(), vec![deactivate, deny])]);
    // After the paste: Enter, Enter, and the Enter behind the name.
}

#[test]
fn a_choice_that_is_taken_before_its_plan_is_there_is_started_once() {
    let mut bench = bench((80, 24));
    bench.tell(Msg::Paste(KEY.into()));
    bench.keys("enter");
    bench.keys("s s");
    assert!(starts(&bench).is_empty());
    answer_all(&mut bench);
    assert_eq!(starts(&bench).len(), 1);
    bench.keys("s enter");
    assert_eq!(starts(&bench).len(), 1);
}

#[test]
fn a_session_leads_to_its_role_and_a_refusal_says_why() {
    let mut bench = bench((80, 24));
    bench.tell(Msg::Paste(SESSION.into()));
    answer_all(&mut bench);
    let screen = bench.screen();
    for words in ["temporary credentials", "not this one", "role deploy", "role-sessions-revoked"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    bench.keys("enter");
    assert!(starts(&bench).is_empty());
    assert!(bench.screen().contains("It cannot be chosen"), "{}", bench.screen());
    bench.keys("down enter");
    assert_eq!(starts(&bench), [("role-sessions-revoked".to_owned(), "deploy".to_owned())]);
}

#[test]
fn another_key_of_the_user_is_a_choice_too() {
    let mut bench = bench((80, 40));
    bench.tell(Msg::Paste(KEY.into()));
    answer_all(&mut bench);
    let screen = bench.screen();
    assert!(screen.contains("key AKIAI44QH8DHBEXAMPLE"), "{screen}");
    bench.keys("down enter");
    assert_eq!(starts(&bench), [("iam-key-compromised".to_owned(), "AKIAI44QH8DHBEXAMPLE".to_owned())]);
}

#[test]
fn a_user_that_is_pasted_is_contained_from_its_page_with_what_it_has() {
    let mut bench = Bench::open(World::night(), (80, 24));
    let books = ["iam-key-compromised", "iam-user-compromised", "access-key-owner"].map(book).into();
    bench.tell(Msg::Runs(RunsNews::Ready { books, commands: vec![], refused: None }));
    bench.keys(":");
    bench.tell(Msg::Paste("arn:aws:iam::123456789012:user/ci/deploy-bot\n".into()));
    bench.keys("enter");
    assert_eq!(*bench.model.screen(), Screen::Contain(Suspect::new(Kind::User, "deploy-bot")));
    let plans: Vec<_> = bench
        .orders()
        .into_iter()
        .filter_map(|o| match o {
            RunsOrder::Plan { ticket, book, given } => Some((*ticket, book.name.clone(), given.clone())),
            _ => None,
        })
        .collect();
    let [(ticket, name, given)] = plans.as_slice() else { panic!("{plans:?}") };
    assert_eq!(name, "iam-user-compromised", "a key's runbook takes no user");
    assert_eq!(*given, [("user".to_owned(), "deploy-bot".to_owned())]);
    let (deactivate, deny) = contain(KEY);
    let plan = plan_of(name, ("user", "deploy-bot"), |step, planned| match step {
        "deactivate" => planned.changes = vec![deactivate.clone()],
        "deny" => planned.changes = vec![deny.clone()],
        _ => {}
    });
    bench.tell(Msg::Runs(RunsNews::Planned { ticket: *ticket, plan: Ok(Arc::new(plan)) }));
    assert!(starts(&bench).is_empty(), "nothing begins before it is chosen");
    bench.keys("enter");
    let started = bench.orders().into_iter().find_map(|o| match o {
        RunsOrder::Start { plan } => Some(plan.definition.name.clone()),
        _ => None,
    });
    assert_eq!(started.as_deref(), Some("iam-user-compromised"));
}

#[test]
fn an_old_plan_is_made_anew_and_reading_only_starts_nothing() {
    let mut bench = bench((80, 24));
    bench.tell(Msg::Paste(KEY.into()));
    answer_all(&mut bench);
    bench.at(plus_seconds(now(), 600));
    let before = asked(&bench, 0).len();
    bench.keys("enter");
    assert!(starts(&bench).is_empty());
    assert_eq!(asked(&bench, 0).len(), before + 1);
    let mut bench = super::contain::bench((80, 24));
    bench.model.runs.refused = Some("This context is read-only".into());
    bench.tell(Msg::Paste(KEY.into()));
    answer_all(&mut bench);
    bench.keys("enter");
    assert!(starts(&bench).is_empty());
    assert!(bench.screen().contains("This context is read-only"), "{}", bench.screen());
}

#[test]
fn what_is_on_screen_can_be_contained() {
    let mut bench = bench((80, 24));
    bench.go(Screen::Secret(secret_arn("logapi/api-keys")));
    bench.keys("C");
    let secret = Suspect::new(Kind::Secret, secret_arn("logapi/api-keys").text().clone());
    assert_eq!(*bench.model.screen(), Screen::Contain(secret));
    bench.keys("enter");
    let Some(Overlay::Form(form)) = &bench.model.overlay else { panic!("{}", bench.screen()) };
    assert!(form.given().iter().any(|(n, _)| n == "secret"));
    // What a run names: the key, its user, the role that was assumed with it.
    let mut bench = super::contain::bench((80, 24));
    bench.tell(Msg::Runs(RunsNews::Began(Arc::new(contained("quiet", StepState::Active)))));
    bench.model.trail.go(Screen::Run(id()));
    bench.keys("C");
    let Some(Overlay::Palette(open)) = &bench.model.overlay else { panic!("{}", bench.screen()) };
    let names: Vec<&str> = open.found.iter().map(|f| f.name.as_str()).collect();
    // No runbook takes a user: it is contained by its keys.
    assert_eq!(names, ["deploy", KEY]);
    bench.keys("enter");
    assert_eq!(*bench.model.screen(), Screen::Contain(Suspect::new(Kind::Role, "deploy")));
}

fn quiet(until: i64) -> (crate::runbook::run::Run, Halt) {
    let mut run = contained("quiet", StepState::Waiting);
    let (until, why) =
        (plus_seconds(now(), until), "nobody to use what was contained; 3 attempts refused".to_owned());
    let accepts = vec!["contained_since".to_owned()];
    let for_what = WaitingFor::Time { until, accepts: accepts.clone(), why: why.clone() };
    run.waiting = Some(Waiting { step: "quiet".into(), for_what, since: ago(60) });
    (run, Halt::Time { step: "quiet".into(), until, accepts, why })
}

#[test]
fn the_quiet_watch_looks_by_itself_and_a_use_is_an_alarm_wherever_one_is() {
    let (run, halt) = quiet(300);
    let mut bench = halted((80, 24), run, halt);
    assert!(bench.screen().contains("looks again by itself"), "{}", bench.screen());
    let goes = |b: &Bench| b.orders().iter().filter(|o| matches!(o, RunsOrder::GoOn(_))).count();
    bench.at(plus_seconds(now(), 240));
    assert_eq!(goes(&bench), 0);
    bench.keys("1");
    bench.at(plus_seconds(now(), 301));
    assert_eq!(goes(&bench), 1, "nobody has to be on its page");
    bench.at(plus_seconds(now(), 400));
    assert_eq!(goes(&bench), 1, "not while it is at it");
    let text = "NOT CONTAINED: 2 calls succeeded after the containment".to_owned();
    let failure = Failure::of("refused", text.clone());
    let run = Arc::new(contained("quiet", StepState::Failed));
    bench.tell(Msg::Runs(RunsNews::Halted { run, halt: Halt::Failed { step: "quiet".into(), failure } }));
    let line = RunLine {
        id: RunId::new("7f3a12cd").unwrap(),
        runbook: "iam-key-compromised".into(),
        state: Some(RunState::Failed),
        waiting: text,
        until: None,
        started: Some(ago(600)),
        by: "ops/alice".into(),
    };
    bench.tell(Msg::Runs(RunsNews::List(Ok(vec![line]))));
    let screen = bench.screen();
    assert!(screen.contains("NOT CONTAINED: 2 calls"), "{screen}");
    let mut lines = screen.lines().filter(|l| l.contains("NOT CONTAINED"));
    assert!(lines.next().is_some_and(|l| l.contains('✖')), "{screen}");
    // A rotation that waits goes on when a person says so.
    let (run, mut halt) = waiting();
    if let Halt::Time { until, .. } = &mut halt {
        *until = plus_seconds(now(), 60);
    }
    let mut bench = halted((80, 24), run, halt);
    bench.at(plus_seconds(now(), 120));
    assert_eq!(goes(&bench), 0);
}

#[test]
fn pages() {
    for size in [(80, 24), (120, 40), (40, 12)] {
        let each = |name: &str, mut bench: Bench| {
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), bench.screen());
        };
        let key = |text: &str| {
            let mut bench = bench(size);
            bench.tell(Msg::Paste(text.into()));
            bench
        };
        each("contain_asked", key(KEY));
        let mut told = key(KEY);
        answer_all(&mut told);
        each("contain_key", told);
        let mut told = key(SESSION);
        answer_all(&mut told);
        each("contain_session", told);
        let mut told = bench(size);
        told.go(Screen::Secret(secret_arn("logapi/api-keys")));
        told.keys("C");
        each("contain_secret", told);
        let mut told = bench(size);
        told.keys(":");
        told.tell(Msg::Paste(KEY.into()));
        each("contain_palette", told);
        let mut told = halted(size, contained("deactivate", StepState::Active), grouped());
        told.rest();
        each("contain_consent", told);
        let (run, halt) = quiet(300);
        each("contain_quiet", halted(size, run, halt));
    }
}

#[test]
fn a_late_plan_of_a_page_that_was_left_starts_nothing() {
    let mut bench = bench((80, 24));
    bench.tell(Msg::Paste(KEY.into()));
    bench.keys("enter");
    bench.keys("esc esc esc");
    answer_all(&mut bench);
    assert!(starts(&bench).is_empty());
}
