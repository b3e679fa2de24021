//! What rules block.

use super::*;
use crate::estate::Scope;
use crate::insight::examples::*;
use crate::insight::roots::{Wants, roots};

fn shop() -> crate::estate::WebAcl {
    let mut quiet = rule("Quiet", RuleAction::Count);
    quiet.priority = 1;
    acl("shop", Scope::Regional, vec![quiet, rule("SQLi", RuleAction::Block(None))])
}

fn row(inv: &Inventory) -> &AclRow {
    inv.regional_acls.values().next().unwrap()
}

#[test]
fn nothing_read_is_nothing_known() {
    let mut inv = Inventory::default();
    acls(&mut inv, Scope::Regional, &[shop()]);
    let count = of(&inv, row(&inv));
    assert_eq!((count.blocked_1h, count.blocked_per_min, count.usual_per_min), (None, None, None));
    assert_eq!(count.rules.len(), 2);
    assert!(!count.is_spike());
}

#[test]
fn absent_means_zero_and_rates_leave_the_running_minute_out() {
    let mut inv = Inventory::default();
    acls(&mut inv, Scope::Regional, &[shop()]);
    // Asked at 09:41:00: minutes 36 to 40 are whole, 41 still runs.
    blocks(&mut inv, Scope::Regional, "SQLiMetric", &[(40, 2_000.0), (39, 1_500.0), (41, 7.0)], 100.0);
    let count = of(&inv, row(&inv));
    assert_eq!(count.blocked_1h, Some(3_507));
    assert_eq!(count.counted_1h, Some(0));
    assert_eq!(count.blocked_per_min, Some(700));
    assert_eq!(count.top_rule().unwrap().name.wire(), "SQLi");
    assert_eq!(count.rules[0].name.wire(), "SQLi", "by priority");
    assert_eq!(count.rules[1].blocked_1h, Some(0));
    assert!((count.usual_per_min.unwrap() - 100.0 / 1_440.0).abs() < 1e-9);
    assert!(count.is_spike());
    let minutes = minutes(&inv, row(&inv), &"SQLiMetric".into(), true, now());
    assert_eq!(minutes.len(), 60);
    assert_eq!(minutes[57..], [1_500, 2_000, 7]);
}

#[test]
fn little_is_no_spike_however_rare() {
    let mut inv = Inventory::default();
    acls(&mut inv, Scope::Regional, &[shop()]);
    blocks(&mut inv, Scope::Regional, "SQLiMetric", &[(40, 50.0)], 0.0);
    assert!(!of(&inv, row(&inv)).is_spike());
    assert_eq!(of(&inv, row(&inv)).times_usual(), None);
}

#[test]
fn the_usual_is_asked_once_an_hour() {
    let mut inv = Inventory::default();
    acls(&mut inv, Scope::Regional, &[shop()]);
    let wants = |now| Wants { at: at(), now, tags_wanted: false };
    let source = Source::WafCounts(Scope::Regional);
    assert_eq!(roots(&source, &inv, &wants(now())).len(), 2);
    blocks(&mut inv, Scope::Regional, "SQLiMetric", &[], 5.0);
    assert_eq!(roots(&source, &inv, &wants(now())).len(), 1);
    assert_eq!(roots(&source, &inv, &wants(ago(-3600))).len(), 2);
}

#[test]
fn a_silent_rule_is_said_and_not_summed() {
    let mut inv = Inventory::default();
    let mut acl = shop();
    acl.rules[0].metrics_on = false;
    acls(&mut inv, Scope::Regional, &[acl]);
    blocks(&mut inv, Scope::Regional, "SQLiMetric", &[(40, 10.0)], 0.0);
    let count = of(&inv, row(&inv));
    assert_eq!((count.silent_rules, count.blocked_1h), (1, Some(10)));
    assert_eq!(count.rules.iter().find(|r| r.name.wire() == "Quiet").unwrap().blocked_1h, None);
}
