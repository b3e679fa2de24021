//! Evidence and preconditions: a table of what is wrong with a secret and what is said of it.

use super::{bench, go, refusal, text, world};
use crate::estate::change::secretsmanager::CURRENT;
use crate::estate::edit::{EditFault, Place, Shape};
use crate::estate::{Fault, FaultKind};
use crate::runbook::need::{Fact, Need, Want};
use crate::runbook::testing::secrets::{Secrets, arn, version};
use crate::runbook::testing::{Answers, Bench, World, beginning};
use crate::runbook::value::Value;
use crate::runbook::verbs::find;

#[test]
fn evidence_tells_age_rotation_versions_and_labels() {
    let mut world = world();
    world.secret.tags.push(("aws:cloudformation:stack-name".into(), "omnitrack-prod".into()));
    world.versions.push(version("v9", &["bartizan-00000001-prev", "mine"], 300 * 86_400, beginning()));
    let done =
        go("secret.look", &mut Bench::with(&[("secret", text("omnitrack/api-keys"))]), &mut world).unwrap();
    assert_eq!(
        done.evidence,
        [
            "the value is 97 days old: version v1 of 12 Aug 2026, 10:00 UTC",
            "rotation is off",
            "3 versions, 1 label of earlier runs",
            "the stack omnitrack-prod made it: a deployment that sets the value would revert a change",
        ]
    );
    assert_eq!(done.outputs["secret"], Value::Text(arn().text().clone()));
    assert_eq!(done.outputs["version"], text("v1"));
}

#[test]
fn a_secret_that_is_not_there_or_has_no_value_is_refused() {
    for (name, hint) in [
        ("no/such", "`bartizan secrets list` tells which there are"),
        ("omnitrack/apikeys", "did you mean omnitrack/api-keys?"),
    ] {
        let words = refusal(go("secret.look", &mut Bench::with(&[("secret", text(name))]), &mut world()));
        assert!(words.contains(&format!("no secret {name} in")) && words.ends_with(hint), "{words}");
    }
    let mut empty = world();
    empty.versions.clear();
    let words = refusal(go("secret.look", &mut bench(&[]), &mut empty));
    assert!(words.contains("has no current version"), "{words}");
}

/// What makes a secret unfit, and what is said.
type Unfit = (&'static str, fn(&mut Secrets));

#[test]
fn a_secret_that_must_not_be_written_is_refused_with_the_way_out() {
    let now = beginning();
    let cases: &[Unfit] = &[
        ("managed by rds", |w| w.secret.owning_service = Some("rds".into())),
        ("is a replica; change the primary, with `--region eu-west-1`", |w| {
            w.secret.primary_region = Some("eu-west-1".into());
        }),
        ("marked for deletion", |w| w.secret.deletion_at = Some(beginning())),
        ("go on with `--set override=REASON`", |w| w.secret.rotation_enabled = true),
        ("version v2 of 17 Nov 2026, 10:00 UTC carries AWSPENDING", |w| {
            w.versions.push(version("v2", &["AWSPENDING"], 0, beginning()));
        }),
        ("2 versions were written in the last 10 min; AWS asks", |w| {
            w.versions.push(version("v2", &[], 300, beginning()));
            w.versions.push(version("v3", &[], 599, beginning()));
        }),
        ("6 versions were written in the last 1 h", |w| {
            let made = |n: i64| version("v", &[], 601 + n * 400, beginning());
            w.versions.extend((0..6).map(made));
        }),
        ("19 labels of at most 20 are in use, and a run needs 2; take some off with", |w| {
            let label = |n| version("v", &[&format!("mine-{n}")], 86_400, beginning());
            w.versions.extend((0..17).map(label));
        }),
        ("17 labels of earlier runs: start with `--set sweep=true`", |w| {
            let label = |n| version("v", &[&format!("bartizan-000000{n:02}-prev")], 86_400, beginning());
            w.versions.extend((0..17).map(label));
        }),
    ];
    for (want, spoil) in cases {
        let mut world = world();
        spoil(&mut world);
        for planning in [false, true] {
            let mut bench = bench(&[("field", "slackWebhookUrl")]);
            bench.planning = planning;
            let words = refusal(go("secret.ready", &mut bench, &mut world));
            assert!(words.contains(want), "{words}");
            assert_eq!(bench.now, now, "nobody waited");
        }
    }
}

#[test]
fn one_correction_is_no_rate_and_a_finished_rotation_is_none() {
    let mut world = world();
    world.versions.push(version("v2", &[], 300, beginning()));
    world.versions[1].stages.push("AWSPENDING".into());
    let done = go("secret.ready", &mut bench(&[("field", "slackWebhookUrl")]), &mut world).unwrap();
    assert!(done.evidence.contains(&"1 version written in the last ten minutes".to_owned()), "{done:?}");
}

#[test]
fn the_wait_after_too_many_writes_is_long_enough() {
    let mut world = world();
    world.versions.push(version("v2", &[], 300, beginning()));
    world.versions.push(version("v3", &[], 500, beginning()));
    let words = refusal(go("secret.ready", &mut bench(&[]), &mut world));
    assert!(words.ends_with("resume after 17 Nov 2026, 10:02 UTC"), "{words}");
    let mut later = bench(&[]);
    later.now = "2026-11-17T10:02:40Z".parse().unwrap();
    assert!(go("secret.ready", &mut later, &mut world).is_ok());
}

#[test]
fn rotation_that_is_on_needs_a_reason_which_is_kept() {
    let mut world = world();
    world.secret.rotation_enabled = true;
    let mut bench = bench(&[("override", "the rotation function is broken\u{1b}[2J")]);
    let done = go("secret.ready", &mut bench, &mut world).unwrap();
    assert_eq!(done.evidence[0], "rotation is on; gone on because: the rotation function is broken\\x1b[2J");
}

#[test]
fn a_field_must_be_there_or_be_wanted() {
    let mut world = world();
    let said = |bench: &mut Bench, world: &mut Secrets| {
        go("secret.ready", bench, world).unwrap().evidence.last().unwrap().clone()
    };
    assert_eq!(
        said(&mut bench(&[("field", "slackWebhookUrl")]), &mut world),
        "the field /slackWebhookUrl is there; 1204 bytes, 2 fields: bedrockApiKey, slackWebhookUrl"
    );
    assert!(said(&mut bench(&[]), &mut world).starts_with("the whole text is replaced"));
    let words = refusal(go("secret.ready", &mut bench(&[("field", "slackWebhookURL")]), &mut world));
    assert_eq!(
        words,
        "there is no field /slackWebhookURL (did you mean slackWebhookUrl?); a run with `--set create=true` makes it"
    );
    let mut create = bench(&[("field", "teamsWebhookUrl")]);
    create.with.insert("create".to_owned(), Value::Flag(true));
    assert!(said(&mut create, &mut world).starts_with("the field /teamsWebhookUrl is not there and is made"));
}

/// What could not be made is told before anybody has agreed to anything.
#[test]
fn a_field_needs_an_object_that_can_hold_it() {
    let mut world = world();
    let mut create = bench(&[("field", "/db/password")]);
    create.with.insert("create".to_owned(), Value::Flag(true));
    let words = refusal(go("secret.ready", &mut create, &mut world));
    assert!(words.starts_with("there is no /db in which the field /db/password could be made"), "{words}");
    world.fields.push("db");
    create.facts = crate::runbook::need::Facts::default();
    let words = refusal(go("secret.ready", &mut create, &mut world));
    assert_eq!(words, "/db is a string: no field /db/password can be made in it");
    let mut top = bench(&[("field", "password")]);
    top.with.insert("create".to_owned(), Value::Flag(true));
    let words = refusal(top.next(
        find("secret.ready").unwrap(),
        &mut Answers(|want: &Want| match (want, World::answer(&mut world, beginning(), want)) {
            (Want::Shape { .. }, Fact::Shape(Ok(shape))) => Fact::Shape(Ok(Shape { fields: None, ..shape })),
            (_, fact) => fact,
        }),
    ));
    assert!(words.contains("no JSON object"), "{words}");
}

#[test]
fn an_edit_is_tried_before_anybody_agrees_to_it() {
    let mut world = world();
    world.tried = Err(EditFault::TooLarge { bytes: 70_000, limit: 65_536 });
    let mut bench = bench(&[("expected", "v1"), ("field", "slackWebhookUrl")]);
    let words = refusal(go("secret.stage", &mut bench, &mut world));
    assert_eq!(words, "nothing was written: it would be 70000 bytes, of which at most 65536 are taken");
    assert!(bench.proposed.is_empty() && world.calls.is_empty());
}

#[test]
fn what_cannot_be_edited_is_said_without_its_bytes() {
    for (fault, want) in [
        (
            EditFault::NotJson(17),
            "the document is not JSON (byte 17); without `field` the whole text is replaced",
        ),
        (EditFault::Duplicate(17), "twice"),
    ] {
        let mut world = world();
        let mut bench = bench(&[("field", "a")]);
        let words = refusal(bench.next(
            find("secret.ready").unwrap(),
            &mut Answers(|want: &Want| match want {
                Want::Shape { .. } => Fact::Shape(Err(fault.clone())),
                other => World::answer(&mut world, beginning(), other),
            }),
        ));
        assert!(words.contains(want), "{words}");
    }
}

#[test]
fn a_field_that_is_no_string_is_not_replaced() {
    let mut world = world();
    let words = refusal(bench(&[("field", "slackWebhookUrl")]).next(
        find("secret.ready").unwrap(),
        &mut Answers(|want: &Want| match (want, World::answer(&mut world, beginning(), want)) {
            (Want::Shape { place: Place::Field(_), .. }, Fact::Shape(Ok(shape))) => {
                Fact::Shape(Ok(Shape { entries: None, ..shape }))
            }
            (_, fact) => fact,
        }),
    ));
    assert_eq!(words, "the field /slackWebhookUrl is no string; only strings are replaced");
}

#[test]
fn a_binary_secret_and_a_missing_permission_are_told_in_the_words_of_the_fault() {
    for kind in [FaultKind::Unsupported, FaultKind::Denied { action: "kms:Decrypt".into(), resource: None }] {
        let fault = Fault::new(kind, "secretsmanager:GetSecretValue", "the secret is binary");
        let mut world = world();
        let words = refusal(bench(&[]).next(
            find("secret.ready").unwrap(),
            &mut Answers(|want: &Want| match want {
                Want::Load { .. } => Fact::Loaded(Err(fault.clone())),
                other => World::answer(&mut world, beginning(), other),
            }),
        ));
        assert_eq!(words, fault.to_string());
    }
}

#[test]
fn labels_of_old_runs_are_swept_and_those_of_young_ones_stay() {
    let now = beginning();
    let mut world = world();
    world.versions = vec![
        version("old", &["bartizan-00000001-prev", "mine"], 400 * 86_400, now),
        version("left", &["bartizan-00000002"], 45 * 86_400, now),
        // Replaced only yesterday: its label is of yesterday, however old the version is.
        version("former", &["bartizan-00000003-prev", "AWSPREVIOUS"], 20 * 86_400, now),
        version("v1", &[CURRENT, "bartizan-nothex00"], 86_400, now),
        version("young", &["bartizan-00000004", "bartizan-7f3a0b1c"], 3_600, now),
    ];
    let mut bench = bench(&[]);
    let done = go("secret.sweep", &mut bench, &mut world).unwrap();
    assert_eq!(done.evidence, ["taken off: bartizan-00000001-prev, bartizan-00000002"]);
    assert_eq!(world.holder("mine"), Some("old"));
    for stays in ["bartizan-00000003-prev", "bartizan-00000004", "bartizan-7f3a0b1c", "bartizan-nothex00"] {
        assert!(world.holder(stays).is_some(), "{stays}");
    }
    let made = bench.done.clone();
    let undone = bench.undo(find("secret.sweep").unwrap(), &made[0], &mut world).unwrap();
    assert_eq!(undone.evidence, ["2 labels stay off: nothing reads them"]);
    let nothing = go("secret.sweep", &mut super::bench(&[]), &mut world).unwrap();
    assert!(nothing.evidence[0].contains("2 labels of later ones stay"), "{nothing:?}");
}

#[test]
fn a_refusal_is_no_panic_where_a_parameter_is_missing() {
    let ours = |name: &str| {
        name.starts_with("secret.")
            || ["canary.send", "function.errors", "wait", "manual", "note"].contains(&name)
    };
    for verb in crate::runbook::verbs::all().iter().filter(|v| ours(v.name())) {
        let mut nothing = Answers(|want: &Want| panic!("{want:?}"));
        let result = Bench::default().next(*verb, &mut nothing);
        let fine = matches!(&result, Err(Need::Refuse(words)) if words.contains("is missing"))
            // Without a URL or a function these say that they do nothing.
            || matches!(verb.name(), "canary.send" | "function.errors");
        assert!(fine, "{}: {result:?}", verb.name());
    }
}
