//! What is drawn, and that nothing hostile comes through.

use super::*;
use crate::estate::change::{CliLine, secretsmanager};
use crate::estate::{AccountId, At, Region, Risk, RunId};
use crate::runbook::definition::{Definition, StepKind, shipped};
use crate::runbook::plan::{Allowed, Plan, PlannedCall, PlannedStep};
use crate::runbook::value::Value;
use unicode_width::UnicodeWidthStr;

fn update() -> Definition {
    shipped("secret-update").unwrap().unwrap()
}

fn printed(lines: &[Line], width: usize) -> String {
    fold(lines, width).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_definition_names_every_input_and_step() {
    let text = printed(&definition(&update()), 80);
    insta::assert_snapshot!(text);
}

#[test]
fn lines_fit_where_their_words_do() {
    for width in [40, 80, 120, 200] {
        for (_, line) in fold(&definition(&update()), width) {
            let longest = line.split_whitespace().map(UnicodeWidthStr::width).max().unwrap_or(0);
            assert!(line.width() <= width || longest + 12 > width, "{width}: {line:?}");
        }
    }
}

#[test]
fn folding_loses_no_word() {
    let lines = definition(&update());
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let whole: Vec<String> = lines.iter().flat_map(|l| words(&l.text)).collect();
    for width in [1, 20, 80, 10_000] {
        assert_eq!(words(&printed(&lines, width)), whole, "{width}");
    }
}

#[test]
fn a_hostile_definition_is_drawn_inert() {
    let mut hostile = update();
    let bad = "x\u{1b}[2J\u{202e}\n\u{9b}";
    hostile.name = bad.into();
    hostile.title = bad.into();
    hostile.about = bad.into();
    hostile.inputs[0].doc = bad.into();
    hostile.inputs[0].name = bad.into();
    hostile.inputs[3].choices = vec![bad.into()];
    hostile.inputs[3].default = Some(Value::Text(bad.into()));
    hostile.inputs[4].when.0.insert(bad.into(), vec![bad.into()]);
    hostile.steps[0].id = bad.into();
    hostile.steps[0].verb = bad.into();
    hostile.steps[0].now = bad.into();
    hostile.steps[0].title = bad.into();
    hostile.steps[0].with.insert(bad.into(), crate::runbook::definition::Argument::Input(bad.into()));
    let text = printed(&definition(&hostile), 80);
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{text}");
}

fn planned() -> Plan {
    let definition = update();
    let call = |operation, action, allowed| PlannedCall {
        operation,
        resource: Some(
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:omnitrack/api-keys-AbCdEf".into(),
        ),
        iam_action: action,
        cli: CliLine::new("secretsmanager put-secret-value"),
        allowed,
    };
    let step = |id: &str, kind| PlannedStep {
        id: id.to_owned(),
        title: definition.step(id).unwrap().title.clone(),
        kind,
        skipped: false,
        summary: String::new(),
        changes: Vec::new(),
        calls: Vec::new(),
        risk: None,
        undo: Vec::new(),
        breaks: Vec::new(),
        allowed: Allowed::Yes,
        evidence: Vec::new(),
        refusal: None,
    };
    let steps = vec![
        PlannedStep {
            evidence: vec!["the value is 97 days old: version v1 of 12 Aug 2026, 10:00 UTC".to_owned()],
            ..step("evidence", StepKind::Check)
        },
        PlannedStep { skipped: true, ..step("sweep", StepKind::Change) },
        PlannedStep {
            calls: vec![call("secretsmanager:PutSecretValue", "secretsmanager:PutSecretValue", Allowed::No)],
            risk: Some(Risk::Ordinary),
            undo: vec!["take the label off; AWS then removes the version in its own time".to_owned()],
            breaks: vec!["Consumers read the new value from then on.".to_owned()],
            refusal: Some("rotation is on".to_owned()),
            ..step("stage", StepKind::Change)
        },
    ];
    let inputs = [("secret".to_owned(), Value::Text("omnitrack/api-keys".into()))].into();
    let (run, region) = (RunId::new("7f3a0b1c").unwrap(), Region::new("eu-central-1").unwrap());
    let at = At { account: AccountId::new("123456789012"), region };
    let mut plan = Plan { definition, inputs, at, run, steps, hash: String::new() };
    plan.hash = "0123456789abcdef".to_owned();
    plan
}

#[test]
fn a_plan_tells_calls_permissions_undo_and_where_it_would_stop() {
    // Not a guess at operations: they are in the tables.
    assert!(secretsmanager::OPERATIONS.iter().any(|o| o.name == "secretsmanager:PutSecretValue"));
    let text = printed(&plan(&planned(), &|cli| format!("aws {}", cli.command)), 80);
    insta::assert_snapshot!(text);
}

#[test]
fn a_plan_that_can_go_on_sums_up_what_it_does() {
    let mut good = planned();
    good.steps[2].refusal = None;
    let last = |p: &Plan| plan(p, &|_| String::new()).last().unwrap().text.clone();
    assert_eq!(last(&good), "1 AWS write; all of it can be undone; plan 0123456789ab");
    good.steps[2].risk = Some(Risk::Destructive);
    assert_eq!(last(&good), "1 AWS write; 1 step cannot be undone; plan 0123456789ab");
    let aws = fold(&plan(&good, &|_| format!("aws {}", "x ".repeat(100))), 40);
    assert_eq!(aws.iter().filter(|(part, _)| *part == Part::Aws).count(), 1, "an AWS line is never folded");
}
