//! The whole of secret-update: as a plan, as a run, and undone.

use super::{bench, go, refusal, world};
use crate::estate::change::secretsmanager::{Act as SecretAct, CURRENT};
use crate::estate::edit::{EditOp, Place};
use crate::estate::{Act, MaterialSource, Slot};
use crate::runbook::definition::shipped;
use crate::runbook::need::{Fact, Need, Want};
use crate::runbook::testing::secrets::{Secrets, version};
use crate::runbook::testing::{Bench, Ran, beginning, run};
use crate::runbook::value::{Home, Value};
use crate::runbook::verbs::find;

/// Runs it; what is asked for is entered, and the undo is closed by hand.
fn update(inputs: &[(&str, &str)], world: &mut Secrets) -> Ran {
    let definition = shipped("secret-update").unwrap().unwrap();
    run(&definition, inputs, &Bench::default(), world, |_, need, bench| match need {
        Need::Enter { slot, input } => {
            assert_eq!(input, "value");
            bench.held.insert(slot.clone())
        }
        Need::Time { accepts, .. } => {
            assert_eq!(accepts.as_slice(), ["close"]);
            bench.late.insert("close".to_owned(), Value::Flag(true));
            true
        }
        Need::Know(_)
        | Need::Consent(_)
        | Need::Again { .. }
        | Need::Person(_)
        | Need::Refuse(_)
        | Need::Lacks { .. } => false,
    })
}

const FIELD: [(&str, &str); 2] = [("secret", "omnitrack/api-keys"), ("field", "slackWebhookUrl")];

fn staged(ran: &Ran) -> String {
    match &ran.outputs["stage"]["version"] {
        Value::Text(id) => id.wire().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn steps(ran: &Ran) -> Vec<&str> {
    ran.changed.iter().map(|(step, _)| step.as_str()).collect()
}

#[test]
fn an_entered_value_becomes_current_and_no_label_is_left() {
    let mut world = world();
    let ran = update(&FIELD, &mut world);
    assert_eq!(ran.stopped, None);
    assert_eq!(steps(&ran), ["stage", "promote", "date", "close"]);
    let dated: Vec<_> = world.secret.tags.iter().map(|(key, text)| (key.wire(), text.wire())).collect();
    assert_eq!(
        dated,
        [
            ("bartizan:changed:bedrockApiKey", "before 2026-08-12T10:00:00Z"),
            ("bartizan:changed:slackWebhookUrl", "2026-11-17T10:00:00Z")
        ]
    );
    assert_eq!(world.holder(CURRENT), Some(staged(&ran).as_str()));
    assert_eq!(world.holder("AWSPREVIOUS"), Some("v1"));
    assert!(world.versions.iter().all(|v| !v.stages.iter().any(|s| s.wire().starts_with("bartizan"))));
    let Act::SecretsManager(SecretAct::Stage { edit, expected, label, .. }) = &ran.changed[0].1.change.act
    else {
        panic!("{:?}", ran.changed[0]);
    };
    assert_eq!((expected.wire(), label.wire()), ("v1", "bartizan-7f3a0b1c"));
    // What a person typed is never fingerprinted.
    let op = EditOp::Set {
        place: Place::Field("/slackWebhookUrl".into()),
        value: Slot::new("value"),
        print: None,
        create: false,
    };
    assert_eq!(edit.ops, [op]);
    assert_eq!(ran.evidence["canary"], ["no canary is configured: nothing was sent"]);
    assert_eq!(ran.evidence["watch"], ["no function is named: errors were not watched"]);
    assert!(ran.evidence["tell"][0].contains("runbook undo 7f3a0b1c"));
}

#[test]
fn a_generated_value_is_recognised_by_its_fingerprint_and_read_back_from_its_home() {
    let mut world = world();
    world.rest = Box::new(|want| match want {
        Want::Status(_) => Fact::Status(Ok(204)),
        other => panic!("{other:?}"),
    });
    let inputs =
        [FIELD[0], FIELD[1], ("new", "generated"), ("length", "64"), ("canary_url", "https://a/b?c=d")];
    let ran = update(&inputs, &mut world);
    assert_eq!(ran.stopped, None);
    let Act::SecretsManager(SecretAct::Stage { edit, .. }) = &ran.changed[0].1.change.act else { panic!() };
    assert!(matches!(&edit.ops[..], [EditOp::Set { print: Some(_), .. }]));
    let home = Home {
        source: MaterialSource::Secret {
            secret: world.secret.arn.clone(),
            version: crate::estate::VersionId::new(staged(&ran)),
        },
        place: Place::Field("/slackWebhookUrl".into()),
        entry: None,
    };
    assert_eq!(ran.outputs["stage"]["home"], Value::Home(home));
    assert_eq!(ran.evidence["canary"], ["GET https://a/b answered 204"]);
}

#[test]
fn a_plan_reads_no_value_and_names_every_change() {
    let definition = shipped("secret-update").unwrap().unwrap();
    let mut world = world();
    let bench = Bench { planning: true, ..Bench::default() };
    let inputs = [FIELD[0], FIELD[1], ("sweep", "true"), ("function", "f"), ("canary_url", "https://a/")];
    let ran = run(&definition, &inputs, &bench, &mut world, |_, _, _| false);
    assert_eq!(ran.stopped, None);
    assert_eq!(steps(&ran), ["stage", "promote", "date", "close"]);
    assert!(world.calls.is_empty(), "a plan changes nothing");
    assert!(
        ["stage", "promote", "date", "close"].iter().all(|step| ran.evidence[*step].is_empty()),
        "nor says it has"
    );
    let Act::SecretsManager(SecretAct::Promote { from, to, .. }) = &ran.changed[1].1.change.act else {
        panic!()
    };
    assert_eq!((from.wire(), to.wire()), ("v1", "<made by the step>"));
    assert!(ran.changed[2].1.change.sentence().contains("slackWebhookUrl <when the new version is made>"));
    let Act::SecretsManager(SecretAct::Sweep { labels, .. }) = &ran.changed[3].1.change.act else { panic!() };
    assert_eq!(
        labels.iter().map(|(l, v)| (l.wire(), v.wire())).collect::<Vec<_>>(),
        [("bartizan-7f3a0b1c-prev", "v1")]
    );
}

#[test]
fn replacing_a_whole_document_says_that_its_fields_go() {
    let mut world = world();
    let ran = update(&FIELD[..1], &mut world);
    assert_eq!(ran.stopped, None);
    let (_, proposal) = &ran.proposed[0];
    assert_eq!(
        proposal.breaks,
        ["The whole text is replaced, with all its 2 fields; name a `field` to replace one."]
    );
}

#[test]
fn undo_is_the_same_swap_reversed() {
    let mut world = world();
    let ran = update(&FIELD, &mut world);
    let made = staged(&ran);
    let before = world.versions.clone();
    let [stage, promote, close] = [0, 1, 2].map(|n| ran.changed[n].1.clone());
    let mut bench = bench(&[]);
    for (verb, change) in [("secret.close", &close), ("secret.promote", &promote), ("secret.stage", &stage)] {
        bench.step = format!("undo-{verb}");
        bench.undo(find(verb).unwrap(), change, &mut world).unwrap();
    }
    assert_eq!(world.holder(CURRENT), Some("v1"));
    assert_eq!(world.holder("AWSPREVIOUS"), Some(made.as_str()));
    assert_eq!(world.versions.len(), before.len());
    assert!(world.versions.iter().all(|v| !v.stages.iter().any(|s| s.wire().starts_with("bartizan"))));
}

#[test]
fn undo_before_the_close_takes_the_kept_label_off() {
    let mut world = world();
    let definition = shipped("secret-update").unwrap().unwrap();
    let ran = run(&definition, &FIELD, &Bench::default(), &mut world, |_, need, bench| match need {
        Need::Enter { slot, .. } => bench.held.insert(slot.clone()),
        _ => false,
    });
    assert!(matches!(&ran.stopped, Some((step, Need::Time { .. })) if step == "hold"), "{:?}", ran.stopped);
    assert_eq!(world.holder("bartizan-7f3a0b1c-prev"), Some("v1"));
    let mut bench = bench(&[]);
    bench.undo(find("secret.promote").unwrap(), &ran.changed[1].1, &mut world).unwrap();
    assert_eq!((world.holder(CURRENT), world.holder("bartizan-7f3a0b1c-prev")), (Some("v1"), None));
}

#[test]
fn a_staged_version_that_was_never_promoted_loses_its_label_in_an_undo() {
    let mut world = world();
    let mut bench = bench(&[("field", "slackWebhookUrl")]);
    go("secret.stage", &mut bench, &mut world).unwrap();
    let made = bench.done.clone();
    assert!(world.holder("bartizan-7f3a0b1c").is_some());
    bench.undo(find("secret.stage").unwrap(), &made[0], &mut world).unwrap();
    assert_eq!(world.holder("bartizan-7f3a0b1c"), None);
    assert_eq!(world.holder(CURRENT), Some("v1"));
}

#[test]
fn a_version_that_differs_in_more_than_was_meant_does_not_go_on() {
    let mut world = world();
    world.same = false;
    let ran = update(&FIELD, &mut world);
    let (step, need) = ran.stopped.unwrap();
    assert_eq!(step, "staged");
    assert!(refusal(Err(need)).contains("differs from its base in more than the field slackWebhookUrl"));
    assert_eq!(world.holder(CURRENT), Some("v1"));
}

#[test]
fn lengths_that_no_key_can_have_are_refused_before_anything_is_made() {
    for length in [-1, 0, 19, 129, i64::MAX] {
        for planning in [false, true] {
            let mut bench = bench(&[("field", "slackWebhookUrl")]);
            bench.with.insert("length".to_owned(), Value::Number(length));
            bench.planning = planning;
            let words = refusal(go("secret.stage", &mut bench, &mut world()));
            assert!(words.contains("20 to 128"), "{words}");
        }
    }
}

#[test]
fn a_value_that_was_lost_with_its_process_is_asked_for_again() {
    let mut bench = bench(&[("field", "slackWebhookUrl")]);
    bench.with.insert("value".to_owned(), Value::Secret(Slot::new("value")));
    let need = go("secret.stage", &mut bench, &mut world()).unwrap_err();
    assert_eq!(need, Need::Enter { slot: Slot::new("value"), input: "value".to_owned() });
}

#[test]
fn what_aws_shows_late_is_waited_for_and_not_for_ever() {
    let old = vec![version("v1", &[CURRENT], 86_400, beginning())];
    for (verb, why) in
        [("secret.staged", "does not show the label"), ("secret.current", "does not show as current")]
    {
        let mut world = world();
        world.versions.push(version("v2", &["bartizan-7f3a0b1c", CURRENT], 0, beginning()));
        world.versions.retain(|v| v.id.wire() == "v2");
        world.stale = vec![old.clone(); 3];
        let parameters = [("version", "v2"), ("base", "v1"), ("former", "v1")];
        let mut patient = bench(&parameters);
        go(verb, &mut patient, &mut world).unwrap();
        assert_eq!(patient.now.as_second() - beginning().as_second(), 15, "{verb}");
        world.stale = vec![old.clone(); 1_000];
        let words = refusal(go(verb, &mut bench(&parameters), &mut world));
        assert!(words.contains(why) && words.contains("after 5 min"), "{words}");
    }
}
