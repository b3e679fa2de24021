//! The dates of fields: what is set, what stays, what is told and does not fail, and the undo.

use super::{bench, go, world};
use crate::estate::change::secretsmanager::{Act as SecretAct, Call as SecretCall};
use crate::estate::{Act, FaultKind, Untrusted};
use crate::runbook::testing::secrets::Secrets;
use crate::runbook::testing::{Bench, beginning};
use crate::runbook::verbs::find;

/// When the version that is current was made, and the one before.
const NOW: &str = "2026-08-12T10:00:00Z";
const BEFORE: &str = "before 2026-05-11T10:00:00Z";

fn dating(more: &[(&str, &str)]) -> Bench {
    let mut bench = bench(&[("version", "v1"), ("former", "v0"), ("field", "slackWebhookUrl")]);
    bench.with.extend(super::bench(more).with);
    bench
}

fn tagged(world: &mut Secrets, tags: &[(&str, &str)]) {
    world.secret.tags.extend(tags.iter().map(|(k, v)| (Untrusted::from(*k), Untrusted::from(*v))));
}

fn tags(world: &Secrets) -> Vec<(&str, &str)> {
    let mut tags: Vec<_> = world.secret.tags.iter().map(|(k, v)| (k.wire(), v.wire())).collect();
    tags.sort_unstable();
    tags
}

const SLACK: &str = "bartizan:changed:slackWebhookUrl";
const BEDROCK: &str = "bartizan:changed:bedrockApiKey";

#[test]
fn what_was_changed_is_dated_and_the_rest_bounded_once() {
    let mut world = world();
    tagged(&mut world, &[("App", "omnitrack")]);
    let mut bench = dating(&[]);
    let done = go("secret.date", &mut bench, &mut world).unwrap();
    assert_eq!(tags(&world), [("App", "omnitrack"), (BEDROCK, BEFORE), (SLACK, NOW)]);
    assert_eq!(done.evidence.len(), 1, "{:?}", done.evidence);
    assert!(done.evidence[0].contains("slackWebhookUrl changed 12 Aug"), "{:?}", done.evidence);
    let calls = world.calls.len();
    let done = go("secret.date", &mut dating(&[]), &mut world).unwrap();
    assert_eq!((world.calls.len(), done.evidence.len()), (calls, 1), "it stands already");
}

#[test]
fn a_date_that_can_be_true_stays_and_those_of_fields_that_are_gone_go() {
    let mut world = world();
    tagged(
        &mut world,
        &[
            (BEDROCK, "before 2026-01-01T00:00:00Z"),
            (SLACK, "nonsense"),
            ("bartizan:changed:gone", NOW),
            ("bartizan:changed:/slackWebhookUrl/x", NOW),
            ("gone", "mine"),
        ],
    );
    let mut bench = dating(&[]);
    go("secret.date", &mut bench, &mut world).unwrap();
    assert_eq!(tags(&world), [(BEDROCK, "before 2026-01-01T00:00:00Z"), (SLACK, NOW), ("gone", "mine")]);
    let [SecretCall::UntagResource { keys, .. }, SecretCall::TagResource { .. }] = &world.calls[..] else {
        panic!("{:?}", world.calls)
    };
    assert_eq!(keys.len(), 2);
    // A date of after the value is none.
    world.secret.tags.retain(|(key, _)| key.wire() != BEDROCK);
    tagged(&mut world, &[(BEDROCK, "2026-10-01T00:00:00Z")]);
    go("secret.date", &mut dating(&[]), &mut world).unwrap();
    assert!(tags(&world).contains(&(BEDROCK, BEFORE)));
}

#[test]
fn beside_the_old_value_a_field_is_as_old_as_it_was() {
    let mut world = world();
    go("secret.date", &mut dating(&[("format", "list")]), &mut world).unwrap();
    assert_eq!(tags(&world), [(BEDROCK, BEFORE), (SLACK, BEFORE)]);
    // The old value is out: it is as old as the version in which the new one came.
    go("secret.date", &mut dating(&[("as_of", "v0")]), &mut world).unwrap();
    assert_eq!(tags(&world), [(BEDROCK, BEFORE), (SLACK, "2026-05-11T10:00:00Z")]);
}

#[test]
fn a_field_further_in_makes_nothing_around_it_young() {
    let mut world = world();
    go("secret.date", &mut dating(&[("field", "/slackWebhookUrl/key")]), &mut world).unwrap();
    assert_eq!(
        tags(&world),
        [("bartizan:changed:/slackWebhookUrl/key", NOW), (BEDROCK, BEFORE), (SLACK, BEFORE)]
    );
}

#[test]
fn whatever_aws_refuses_is_told_and_nothing_fails() {
    for kind in [FaultKind::Denied { action: "x:Y".into(), resource: None }, FaultKind::Invalid] {
        let mut world = world();
        world.untaggable = Some(kind);
        let mut bench = dating(&[]);
        let done = go("secret.date", &mut bench, &mut world).unwrap();
        assert!(done.evidence[0].starts_with("the ages of its fields cannot be kept"), "{:?}", done.evidence);
        assert_eq!(world.calls.len(), 1, "once");
        assert!(tags(&world).is_empty());
    }
}

#[test]
fn names_that_no_tag_can_have_and_too_many_tags_are_told() {
    let mut world = world();
    world.fields.extend(["a~b", "/c"]);
    let done = go("secret.date", &mut dating(&[]), &mut world).unwrap();
    assert_eq!(done.evidence.len(), 3, "{:?}", done.evidence);
    assert!(done.evidence[2].contains("a~b cannot be dated"), "{:?}", done.evidence);
    assert_eq!(tags(&world), [(BEDROCK, BEFORE), (SLACK, NOW)]);

    let mut world = self::world();
    let others: Vec<String> = (0..49).map(|n| format!("t{n}")).collect();
    tagged(&mut world, &others.iter().map(|t| (t.as_str(), "")).collect::<Vec<_>>());
    tagged(&mut world, &[("aws:cloudformation:stack-name", "S")]);
    let mut bench = dating(&[]);
    let done = go("secret.date", &mut bench, &mut world).unwrap();
    assert!(tags(&world).contains(&(BEDROCK, BEFORE)), "the version says of the other what its tag would");
    assert!(!tags(&world).iter().any(|(key, _)| *key == SLACK));
    assert!(done.evidence.iter().any(|e| e.contains("1 field cannot be dated")), "{:?}", done.evidence);
}

#[test]
fn what_somebody_wrote_since_is_not_dated() {
    let mut world = world();
    world.colleague_writes("v2", beginning());
    let done = go("secret.date", &mut dating(&[]), &mut world).unwrap();
    assert!(done.evidence[0].contains("somebody wrote since"), "{:?}", done.evidence);
    assert!(world.calls.is_empty());
}

#[test]
fn undo_puts_the_tags_back_but_those_that_somebody_set_since() {
    let mut world = world();
    let before = [(SLACK, "2026-02-01T00:00:00Z"), ("bartizan:changed:gone", NOW), ("App", "omnitrack")];
    tagged(&mut world, &before);
    let was = tags(&world).iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
    let mut bench = dating(&[]);
    go("secret.date", &mut bench, &mut world).unwrap();
    let made = bench.done[0].clone();
    let Act::SecretsManager(SecretAct::Tag { tags: set, .. }) = &made.change.act else { panic!() };
    assert_eq!(set.len(), 3);
    let mut undoing = bench.clone();
    undoing.undo(find("secret.date").unwrap(), &made, &mut world).unwrap();
    let now: Vec<_> = tags(&world).iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    assert_eq!(now, was);

    go("secret.date", &mut dating(&[]), &mut world).unwrap();
    world.secret.tags.retain(|(key, _)| key.wire() != SLACK);
    tagged(&mut world, &[(SLACK, "2026-11-16T00:00:00Z")]);
    bench.undo(find("secret.date").unwrap(), &made, &mut world).unwrap();
    assert!(tags(&world).contains(&(SLACK, "2026-11-16T00:00:00Z")), "{:?}", tags(&world));
    assert!(!tags(&world).iter().any(|(key, _)| *key == BEDROCK));

    // An undo that may not touch tags goes on, too.
    go("secret.date", &mut dating(&[]), &mut world).unwrap();
    world.untaggable = Some(FaultKind::Denied { action: "x:Y".into(), resource: None });
    let done = bench.undo(find("secret.date").unwrap(), &made, &mut world).unwrap();
    assert!(done.evidence[0].starts_with("the tags stay"), "{:?}", done.evidence);

    // What this run wrote is not current any more, and is not given back.
    world.untaggable = None;
    let before = tags(&world).len();
    world.colleague_writes("v2", beginning());
    let done = bench.undo(find("secret.date").unwrap(), &made, &mut world).unwrap();
    assert!(done.evidence[0].starts_with("somebody wrote since"), "{:?}", done.evidence);
    assert_eq!(tags(&world).len(), before);
}
