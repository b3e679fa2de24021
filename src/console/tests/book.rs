//! Runs, plans and what is asked of a person, made by hand from the shipped definitions, and consoles that show
//! them. What is tested with them is elsewhere.

use super::drive::Bench;
use super::world::{ACCOUNT, DAY, REGION, World, ago, now, secret_arn};
use crate::console::model::Screen;
use crate::console::{Msg, RunsNews, RunsOrder};
use crate::estate::change::{iam, secretsmanager};
use crate::estate::edit::Salt;
use crate::estate::names::{AccessKeyId, StageLabel, UserName, VersionId};
use crate::estate::time::plus_seconds;
use crate::estate::{AccountId, Act, At, Change, Region, RunId, Ticket};
use crate::runbook::definition::shipped;
use crate::runbook::event::WaitingFor;
use crate::runbook::halt::{Halt, RunLine};
use crate::runbook::plan::{Allowed, Plan, PlannedCall, PlannedStep};
use crate::runbook::run::{Run, RunState, StepRecord, StepState, Waiting};
use crate::runbook::{Definition, Inputs, Proposal};
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn book(name: &str) -> Arc<Definition> {
    Arc::new(shipped(name).unwrap().unwrap())
}

pub fn id() -> RunId {
    RunId::new("7f3a12cd").unwrap()
}

pub fn at() -> At {
    At { account: AccountId::new(ACCOUNT), region: Region::new(REGION).unwrap() }
}

/// A run of a rotation over two stores: all before `here` is done, `here` stands as said.
pub fn run(here: &str, state: StepState) -> Run {
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
pub fn waiting() -> (Run, Halt) {
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

pub fn promote() -> Change {
    let act = secretsmanager::Act::Promote {
        secret: secret_arn("logapi/api-keys"),
        from: VersionId::new("28b4f07f-f7cd-4915-a518-00feacf9311f"),
        to: VersionId::new("51f790aa-a65f-8037-a8c8-469d8c79c3cb"),
        strip: Some(StageLabel::new("bartizan-7f3a12cd")),
        keep: None,
        purpose: Default::default(),
    };
    Change { at: at(), act: Act::SecretsManager(act) }
}

pub fn delete_key(key: &str) -> Change {
    let act = iam::Act::DeleteAccessKey { user: UserName::new("deploy-bot"), key: AccessKeyId::new(key) };
    Change { at: at(), act: Act::Iam(act) }
}

/// A leaked key deactivated, and its user denied everything.
pub fn contain(key: &str) -> (Change, Change) {
    use crate::estate::change::iam::contain::{Act as Contain, deny_all};
    let (user, key) = (UserName::new("deploy-bot"), AccessKeyId::new(key));
    let change = |act| Change { at: at(), act: Act::Iam(iam::Act::Contain(act)) };
    let deny = Contain::Deny { user: user.clone(), policy: deny_all("aws") };
    (change(Contain::Deactivate { user, key }), change(deny))
}

pub fn consent(step: &str, changes: Vec<Change>) -> Halt {
    let proposal = Proposal {
        changes,
        breaks: vec!["Consumers read the new value from then on.".into()],
        leaves: vec!["Code that keeps the value in memory goes on with the old one.".into()],
        differs: None,
    };
    Halt::Consent { step: step.into(), proposal, ahead: None }
}

pub fn line(id: &str, state: Option<RunState>, waiting: &str, until: Option<i64>) -> RunLine {
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
    Msg::Runs(RunsNews::Ready {
        books,
        commands: ["queue-redrive", "queue-replay", "queue-import", "queue-purge"].map(book).into(),
        refused: None,
    })
}

/// A console that knows the runbooks and these runs.
pub fn bench(size: (u16, u16), lines: Vec<RunLine>) -> Bench {
    let mut bench = Bench::open(World::night(), size);
    bench.tell(ready());
    bench.tell(Msg::Runs(RunsNews::List(Ok(lines))));
    bench
}

/// A console at the page of a run that stopped.
pub fn halted(size: (u16, u16), run: Run, halt: Halt) -> Bench {
    let mut bench = bench(size, vec![line("7f3a12cd", Some(run.state()), "clients migrated?", None)]);
    bench.keys("6 enter");
    assert_eq!(*bench.model.screen(), Screen::Run(id()));
    bench.tell(Msg::Runs(RunsNews::Halted { run: Arc::new(run), halt }));
    bench
}

pub fn last(bench: &Bench) -> &RunsOrder {
    bench.orders().into_iter().rfind(|o| **o != RunsOrder::List).unwrap()
}

pub fn plan(refusal: Option<&str>) -> Plan {
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
        leaves: Vec::new(),
        outputs: BTreeMap::new(),
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
pub fn asked_plan(bench: &Bench) -> Ticket {
    match last(bench) {
        RunsOrder::Plan { ticket, .. } => *ticket,
        other => panic!("{other:?}"),
    }
}

pub fn planned(size: (u16, u16), refusal: Option<&str>) -> Bench {
    let mut bench = bench(size, Vec::new());
    bench.go(Screen::Secret(secret_arn("logapi/api-keys")));
    bench.keys("u enter");
    let ticket = asked_plan(&bench);
    bench.tell(Msg::Runs(RunsNews::Planned { ticket, plan: Ok(Arc::new(plan(refusal))) }));
    bench
}

pub fn some_lines() -> Vec<RunLine> {
    vec![
        line("7f3a12cd", Some(RunState::Waiting), "clients migrated?", None),
        line("00c0ffee", Some(RunState::InDoubt), "UpdateUsagePlan: nobody knows", None),
        line("0badf00d", None, "line 12 does not follow line 11", None),
        line("11111111", Some(RunState::Waiting), "the overlap", Some(2 * DAY)),
        line("22222222", Some(RunState::Done), "", None),
    ]
}

/// A change that was made, with all its calls.
pub fn made(change: Change) -> crate::runbook::run::ChangeRecord {
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
        tally: crate::estate::Tally::default(),
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
        _ => RunsNews::Ready {
            books: vec![book("api-key-rotation"), book("secret-update")],
            commands: Vec::new(),
            refused: None,
        },
    }
}
