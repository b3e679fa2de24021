//! How old and complete.

use super::*;
use crate::estate::ask::{Answer, cloudwatch, secretsmanager};
use crate::insight::examples::*;

fn said(inv: &Inventory, now: Timestamp) -> Vec<String> {
    line(inv, &Intervals::default(), now).iter().map(|p| format!("{} {}", p.names, p.words)).collect()
}

#[test]
fn the_line_groups_what_stands_alike() {
    let mut inv = Inventory::default();
    assert_eq!(said(&inv, now()), ["alarms, queues, waf, secrets not read"]);
    inv.begin(&Source::Broad(Broad::Alarms), ticket());
    assert_eq!(said(&inv, now()), ["alarms loading", "queues, waf, secrets not read"]);
    alarms(&mut inv, &[]);
    queues(&mut inv, &[]);
    acls(&mut inv, crate::estate::Scope::Regional, &[]);
    refuse(&mut inv, Source::Broad(Broad::Secrets), query(secretsmanager::ListSecrets {}), denied("x"));
    assert_eq!(said(&inv, now()), ["alarms, queues, waf < 2 min", "secrets denied"]);
    let later = ago(-10 * 60);
    assert_eq!(
        said(&inv, later),
        ["alarms, queues stale, 10 min", "waf 10 min", "secrets denied"],
        "each by its own interval"
    );
}

#[test]
fn what_belongs_to_a_source_is_told_by_its_own_name() {
    let mut inv = Inventory::default();
    for broad in [Broad::Queues, Broad::Secrets] {
        inv.begin(&broad.into(), ticket());
    }
    alarms(&mut inv, &[]);
    refuse(&mut inv, Broad::Mutes.into(), query(cloudwatch::ListAlarmMuteRules {}), denied("x"));
    let said = said(&inv, now());
    assert_eq!(&said[..2], ["alarms < 2 min", "mute rules denied"]);
    refuse(&mut inv, Broad::Alarms.into(), query(cloudwatch::DescribeAlarms { names: vec![] }), denied("x"));
    assert!(
        line(&inv, &Intervals::default(), now()).iter().all(|p| !p.names.contains("mute")),
        "once is enough"
    );
}

#[test]
fn a_failure_keeps_its_word_while_it_is_tried_again_and_the_age_of_what_is_known() {
    let mut inv = Inventory::default();
    secrets(&mut inv, &[]);
    refuse(&mut inv, Source::Broad(Broad::Secrets), query(secretsmanager::ListSecrets {}), denied("x"));
    let word =
        |inv: &Inventory| of(inv, &Source::Broad(Broad::Secrets), &Intervals::default(), now()).words(now());
    assert_eq!(word(&inv), "denied, < 2 min old");
    inv.begin(&Source::Broad(Broad::Secrets), ticket());
    assert_eq!(word(&inv), "denied, < 2 min old");
}

#[test]
fn a_refresh_that_reads_the_same_shows_nothing() {
    let mut inv = Inventory::default();
    let all = [alarm("a"), in_alarm("b")];
    let answers = || {
        vec![(
            query(cloudwatch::DescribeAlarms { names: vec![] }),
            Answer::CloudWatch(cloudwatch::Answer::DescribeAlarms(
                all.iter().cloned().map(Into::into).collect(),
            )),
        )]
    };
    assert!(walk_at(&mut inv, Source::Broad(Broad::Alarms), answers(), ago(90)), "the first shows");
    let before = inv.revision();
    let row = inv.alarms.get(&alarm_arn("b")).unwrap().clone();
    assert!(!walk_at(&mut inv, Source::Broad(Broad::Alarms), answers(), ago(60)), "the second does not");
    assert!(std::sync::Arc::ptr_eq(&row, inv.alarms.get(&alarm_arn("b")).unwrap()), "the row is the same");
    assert_eq!(inv.revision(), before);
    assert!(
        walk_at(&mut inv, Source::Broad(Broad::Alarms), answers(), ago(-120)),
        "an age that had grown does"
    );
}

#[test]
fn the_words_change_at_the_next_step() {
    let mut inv = Inventory::default();
    alarms(&mut inv, &[]);
    let mut now = now();
    for _ in 0..6 {
        let fresh = of(&inv, &Source::Broad(Broad::Alarms), &Intervals::default(), now);
        let next = fresh.next_step(now).unwrap();
        assert!(next > now);
        let before = of(&inv, &Source::Broad(Broad::Alarms), &Intervals::default(), plus_seconds(next, -1));
        assert_eq!(before.words(plus_seconds(next, -1)), fresh.words(now));
        let after = of(&inv, &Source::Broad(Broad::Alarms), &Intervals::default(), next);
        assert_ne!(after.words(next), fresh.words(now));
        now = next;
    }
}
