//! A colleague at the same secret: nothing is overwritten unseen, in both directions, and the one who lost is told
//! who won.

use super::{bench, go, refusal, world};
use crate::estate::change::secretsmanager::CURRENT;
use crate::runbook::need::Need;
use crate::runbook::testing::secrets::{Secrets, version};
use crate::runbook::testing::{Bench, beginning};
use crate::runbook::verbs::find;

/// A world in which this run has staged `v2` on top of `v1`.
fn staged() -> (Secrets, Bench) {
    let mut world = world();
    world.versions.push(version("v2", &["bartizan-7f3a0b1c"], 0, beginning()));
    (world, bench(&[("from", "v1"), ("to", "v2")]))
}

#[test]
fn a_colleagues_write_before_the_swap_is_not_overwritten() {
    let (mut world, mut bench) = staged();
    world.colleague_writes("theirs", beginning());
    let words = refusal(go("secret.promote", &mut bench, &mut world));
    assert!(
        words.starts_with("somebody else was faster: version theirs of 17 Nov 2026, 10:00 UTC is current")
    );
    assert!(words.contains("CloudTrail tells who") && words.contains("bartizan-7f3a0b1c"), "{words}");
    assert!(world.calls.is_empty(), "nothing was sent");
}

#[test]
fn another_run_that_was_faster_is_named() {
    let (mut world, mut bench) = staged();
    world.versions.push(version("theirs", &["bartizan-0badcafe"], 0, beginning()));
    world.colleague_writes("theirs", beginning());
    let words = refusal(go("secret.promote", &mut bench, &mut world));
    assert!(words.contains("the run that left the label bartizan-0badcafe"), "{words}");
}

#[test]
fn a_colleague_between_the_look_and_the_swap_makes_the_swap_fail_and_only_the_label_is_left() {
    let (mut world, mut bench) = staged();
    let looked_at = world.versions.clone();
    world.colleague_writes("theirs", beginning());
    // The look still shows the world before; the swap itself names whom it replaces.
    world.stale = vec![looked_at];
    let words = refusal(go("secret.promote", &mut bench, &mut world));
    assert!(words.contains("somebody else changed it"), "{words}");
    assert_eq!(world.holder(CURRENT), Some("theirs"));
    // What was made of the change is the label for the former version: undoing takes just that off.
    assert_eq!(world.holder("bartizan-7f3a0b1c-prev"), Some("v1"));
    let label = world.calls[0].clone();
    let change = promotion();
    let made = crate::estate::Made {
        call: crate::estate::Call::SecretsManager(label),
        receipt: crate::estate::Receipt::Done,
    };
    let partly = crate::runbook::view::ChangeMade::of(change, vec![made]);
    bench.undo(find("secret.promote").unwrap(), &partly, &mut world).unwrap();
    assert_eq!(world.holder("bartizan-7f3a0b1c-prev"), None);
    assert_eq!(world.holder(CURRENT), Some("theirs"));
    bench.undo(find("secret.promote").unwrap(), &partly, &mut world).unwrap();
}

/// The promotion that the bench proposes over an undisturbed world.
fn promotion() -> crate::estate::Change {
    let (mut world, mut bench) = staged();
    match bench.next(find("secret.promote").unwrap(), &mut world) {
        Err(Need::Consent(proposal)) => proposal.changes[0].clone(),
        other => panic!("{other:?}"),
    }
}

/// The swap was made and the call after it was refused: the run goes on from its own work.
#[test]
fn a_promotion_whose_last_call_was_refused_is_finished_and_not_taken_for_somebody_elses() {
    for mended in [true, false] {
        let (mut world, mut bench) = staged();
        world.refused = Some("bartizan-7f3a0b1c".to_owned());
        let words = refusal(go("secret.promote", &mut bench, &mut world));
        assert!(words.contains("You can't remove that label"), "{words}");
        assert_eq!(world.holder(CURRENT), Some("v2"));
        bench.facts = crate::runbook::need::Facts::default();
        if mended {
            world.refused = None;
        } else {
            // Somebody took it off by hand.
            world.versions.iter_mut().for_each(|v| v.stages.retain(|s| s.wire() != "bartizan-7f3a0b1c"));
        }
        let sent = world.calls.len();
        let done = go("secret.promote", &mut bench, &mut world).unwrap();
        assert!(done.evidence[0].starts_with("version v2 is current"), "{:?}", done.evidence);
        assert_eq!((world.holder(CURRENT), world.holder("bartizan-7f3a0b1c")), (Some("v2"), None));
        assert_eq!(world.calls.len() - sent, usize::from(mended), "the label only");

        let promote = find("secret.promote").unwrap();
        for swept in bench.done.clone() {
            let undone = bench.undo(promote, &swept, &mut world).unwrap();
            assert!(undone.evidence[0].contains("stay off"), "{undone:?}");
        }
        let made = world.calls[..2].iter().map(|call| crate::estate::Made {
            call: crate::estate::Call::SecretsManager(call.clone()),
            receipt: crate::estate::Receipt::Done,
        });
        let partly = crate::runbook::view::ChangeMade::of(promotion(), made.collect());
        bench.undo(promote, &partly, &mut world).unwrap();
        assert_eq!((world.holder(CURRENT), world.holder("bartizan-7f3a0b1c-prev")), (Some("v1"), None));
    }
}

/// What a former try has put there is not put there again.
#[test]
fn the_label_for_the_former_version_is_put_on_it_once() {
    let (mut world, mut bench) = staged();
    world.versions[1].stages.push("bartizan-7f3a0b1c-prev".into());
    go("secret.promote", &mut bench, &mut world).unwrap();
    assert_eq!(world.calls.len(), 2, "{:?}", world.calls);
    assert_eq!(world.holder("bartizan-7f3a0b1c-prev"), Some("v1"));
}

#[test]
fn a_rotation_that_began_in_between_is_let_go_first() {
    let (mut world, mut bench) = staged();
    world.versions.push(version("v3", &["AWSPENDING"], 0, beginning()));
    let words = refusal(go("secret.promote", &mut bench, &mut world));
    assert!(words.contains("a rotation has begun since"), "{words}");
}

#[test]
fn undo_does_not_take_back_what_a_colleague_wrote_since() {
    let (mut world, mut bench) = staged();
    go("secret.promote", &mut bench, &mut world).unwrap();
    let made = bench.done.clone();
    world.colleague_writes("theirs", beginning());
    let calls = world.calls.len();
    let words = refusal(bench.undo(find("secret.promote").unwrap(), &made[0], &mut world));
    assert!(
        words.contains("version theirs of 17 Nov 2026, 10:00 UTC is current, and this run made v2 current")
    );
    assert_eq!(world.calls.len(), calls, "nothing was sent");
    assert_eq!(world.holder(CURRENT), Some("theirs"));
}

#[test]
fn undo_of_a_version_that_aws_has_removed_says_so() {
    let (mut world, mut bench) = staged();
    go("secret.promote", &mut bench, &mut world).unwrap();
    let made = bench.done.clone();
    world.versions.retain(|v| v.id.wire() != "v1");
    let words = refusal(bench.undo(find("secret.promote").unwrap(), &made[0], &mut world));
    assert!(words.contains("version v1 is gone"), "{words}");
}

#[test]
fn a_write_between_the_look_and_the_staging_must_be_read_by_a_person() {
    let mut world = world();
    world.colleague_writes("theirs", beginning());
    let mut bench = bench(&[("expected", "v1"), ("field", "slackWebhookUrl")]);
    let done = go("secret.stage", &mut bench, &mut world).unwrap();
    let differs = bench.proposed[0].differs.clone().unwrap();
    assert!(
        differs.starts_with("version theirs of 17 Nov 2026, 10:00 UTC is current now and not v1"),
        "{differs}"
    );
    assert_eq!(done.outputs["base"], super::text("theirs"), "theirs is what is edited, so nothing is lost");
}

#[test]
fn a_write_after_the_promotion_is_noticed() {
    let mut world = world();
    world.colleague_writes("theirs", beginning());
    let words = refusal(go("secret.current", &mut bench(&[("version", "v2"), ("former", "v1")]), &mut world));
    assert!(words.contains("somebody wrote after this run did"), "{words}");
}
