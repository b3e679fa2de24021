//! What the pages of runs, plans, forms and confirmations look like, at the sizes that are promised.

use super::book::*;
use super::drive::{Bench, setup};
use super::world::{World, secret_arn};
use crate::console::model::Screen;
use crate::console::{Msg, RunsNews};
use crate::controls::Glyphs;
use crate::estate::Change;
use crate::runbook::Question;
use crate::runbook::event::Failure;
use crate::runbook::halt::{Doubt, Halt};
use crate::runbook::run::{RunState, StepState};
use std::sync::Arc;

fn each_size(name: &str, make: impl Fn((u16, u16)) -> Bench) {
    for size in SIZES {
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), make(size).screen());
    }
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

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
        let failure = Failure::of("denied", text);
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
            words: false,
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
