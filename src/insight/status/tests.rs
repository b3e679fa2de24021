//! Totals, and what is null.

use super::*;
use crate::config::{Glob, Policy, System};
use crate::estate::ask::{secretsmanager, sqs};
use crate::estate::{Alarm, QueueFacts};
use crate::insight::Picture;
use crate::insight::examples::*;
use crate::insight::gaps::Gaps;

fn status(inv: &Inventory, rules: &[System]) -> Status {
    let picture = Picture::of(inv, rules);
    let policy = Policy::default();
    Status::of(&Look { inv, picture: &picture, policy: &policy, runs: &[], incidents: &[], now: now() })
}

#[test]
fn what_was_never_read_is_null() {
    let s = status(&Inventory::default(), &[]);
    assert_eq!(s.totals, Totals::default());
    let json = serde_json::to_value(s.totals).unwrap();
    assert!(json["alarms"]["alarm"].is_null());
    assert!(json["queues"]["messages"].is_null());
}

#[test]
fn an_empty_estate_is_all_zeros() {
    let mut inv = Inventory::default();
    alarms(&mut inv, &[]);
    queues(&mut inv, &[]);
    acls(&mut inv, Scope::Regional, &[]);
    secrets(&mut inv, &[]);
    let s = status(&inv, &[]);
    assert_eq!(s.totals.alarms.alarm, Some(0));
    assert_eq!(s.totals.alarms.muted, None, "mutes were not read");
    assert_eq!((s.totals.queues.messages, s.totals.queues.oldest_age_s), (Some(0), None));
    assert_eq!(s.totals.waf.blocked_per_min, Some(0));
    assert_eq!(s.totals.secrets.overdue, Some(0));
    assert!(!s.needs_attention());
}

#[test]
fn counts_by_state_and_system() {
    let mut inv = Inventory::default();
    let silent = Alarm { actions_enabled: false, ..alarm("b-2") };
    alarms(&mut inv, &[in_alarm("a-1"), alarm("a-2"), alarm("b-1"), silent, alarm("c")]);
    let full = |n: &str, messages| QueueFacts { messages, ..facts(n) };
    queues(&mut inv, &[full("a-dlq", Some(3)), full("b-dlq", None), full("orders", Some(99))]);
    ages(&mut inv, &[("a-dlq", 120.0)]);
    secrets(&mut inv, &[(secret("a-key"), Some(91)), (secret("b-key"), Some(80)), (secret("c"), None)]);
    let rule =
        |n: &str| System { name: n.into(), names: vec![Glob::new(&format!("{n}-*")).unwrap()], tags: vec![] };
    let s = status(&inv, &[rule("a"), rule("b")]);
    let t = &s.totals;
    assert_eq!((t.alarms.alarm, t.alarms.ok, t.alarms.actions_disabled), (Some(1), Some(4), Some(1)));
    assert_eq!(
        (t.queues.dead_letter, t.queues.messages, t.queues.oldest_age_s),
        (Some(2), Some(3), Some(120))
    );
    assert_eq!(
        (t.secrets.total, t.secrets.overdue, t.secrets.due_soon, t.secrets.unknown),
        (Some(3), Some(1), Some(1), Some(1))
    );
    let names: Vec<_> = s.systems.iter().map(|s| s.name.as_ref().map(|n| n.wire())).collect();
    assert_eq!(names, [Some("a"), Some("b"), None]);
    assert_eq!(s.systems[0].totals.queues.messages, Some(3));
    assert_eq!(s.systems[1].totals.queues.messages, None, "it is not known, not 0");
    assert_eq!(s.systems[2].totals.queues.messages, Some(0), "there is no such queue");
    assert!(s.needs_attention());
}

#[test]
fn a_source_that_fails_after_it_was_read_keeps_its_numbers_and_is_a_gap() {
    let mut inv = Inventory::default();
    secrets(&mut inv, &[(secret("a"), Some(1))]);
    refuse(
        &mut inv,
        Source::Broad(Broad::Secrets),
        query(secretsmanager::ListSecrets {}),
        denied("secretsmanager:ListSecrets"),
    );
    refuse(&mut inv, Source::Broad(Broad::Queues), query(sqs::ListQueues {}), denied("sqs:ListQueues"));
    let s = status(&inv, &[]);
    assert_eq!(s.totals.secrets.total, Some(1));
    assert_eq!(s.totals.queues.dead_letter, None);
    let gaps = Gaps::of(&inv, &[Broad::Queues, Broad::Secrets].map(Source::Broad));
    let kinds: Vec<_> = gaps.missing.iter().map(|g| (g.source, g.kind)).collect();
    assert_eq!(kinds, [("queues", "denied"), ("secrets", "denied")]);
    assert!(gaps.missing[0].words.contains("bartizan policy"));
    // While it is tried again it is no less missing, and what is known no older.
    inv.begin(&Source::Broad(Broad::Queues), ticket());
    inv.begin(&Source::Broad(Broad::Secrets), ticket());
    assert_eq!(Gaps::of(&inv, &[Broad::Queues, Broad::Secrets].map(Source::Broad)), gaps);
    assert!(!s.needs_attention(), "what is not known is not the same as what needs somebody");
}

#[test]
fn what_is_being_looked_at_is_a_dead_letter_too() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[QueueFacts { messages: Some(3), in_flight: Some(1), ..facts("a-dlq") }]);
    assert_eq!(status(&inv, &[]).totals.queues.messages, Some(4), "as the attention list has it");
}
