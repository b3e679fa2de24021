//! What rules block.

use super::*;
use crate::estate::ask::{Answer, Ask, cloudwatch};
use crate::estate::{Scope, Series};
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
    let source = Source::Broad(Broad::WafCounts(Scope::Regional));
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

/// A series of the ACL `shopAcl`, with more dimensions.
fn series(name: &str, more: &[(&str, &str)]) -> MetricId {
    let mut dimensions = vec![("Region", REGION), ("WebACL", "shopAcl")];
    dimensions.extend(more);
    MetricId::of("AWS/WAFV2", name, &dimensions)
}

#[test]
fn rules_inside_groups_are_found_by_their_metrics_and_are_in_no_sum() {
    let mut inv = Inventory::default();
    acls(&mut inv, Scope::Regional, &[shop()]);
    blocks(&mut inv, Scope::Regional, "SQLiMetric", &[(40, 10.0)], 0.0);
    let before = of(&inv, row(&inv));
    assert_eq!(unlisted(&inv, row(&inv)), None, "not read is not none");

    let arn = row(&inv).summary.arn.clone();
    let wants = Wants { at: at(), now: now(), tags_wanted: false };
    let inside = [("Rule", "BadBots"), ("RuleGroup", "Bots")];
    let found = [
        series("BlockedRequests", &inside),
        series("BlockedRequests", &[("Rule", "Former")]),
        series("BlockedRequests", &[("Rule", "Gone")]),
        // Named by GetWebACL, the sum of all, of a label, of another ACL, of another Region.
        series("BlockedRequests", &[("Rule", "SQLiMetric")]),
        series("BlockedRequests", &[("Rule", "ALL")]),
        series("BlockedRequests", &[("Rule", "BadBots"), ("LabelNamespace", "awswaf"), ("Label", "x")]),
        MetricId::of("AWS/WAFV2", "BlockedRequests", &[("Region", REGION), ("WebACL", "o"), ("Rule", "x")]),
        MetricId::of("AWS/WAFV2", "BlockedRequests", &[("WebACL", "shopAcl"), ("Rule", "x")]),
    ];
    let source = Source::Detail(About::AclSeries(arn.clone()));
    let asked = roots(&source, &inv, &wants);
    assert_eq!(asked.len(), 2);
    let answer = |ids: &[MetricId]| Answer::CloudWatch(cloudwatch::Answer::ListMetrics(ids.to_vec()));
    let counted = [series("CountedRequests", &inside)];
    walk(&mut inv, source, vec![(asked[0].clone(), answer(&found)), (asked[1].clone(), answer(&counted))]);

    let source = Source::Detail(About::AclUnlisted(arn));
    let asked = roots(&source, &inv, &wants);
    let Ask::CloudWatch(cloudwatch::Ask::GetMetricData(ask)) = &asked[0].ask else { panic!() };
    assert_eq!((asked.len(), ask.queries.len()), (1, 4), "one call for the four that none stands for");
    let values = [7.0, 3.0, 0.0, 2.0];
    let all = ask.queries.iter().zip(values).map(|(q, v)| Series {
        id: q.id.clone(),
        label: "".into(),
        points: if v > 0.0 { vec![(ago(300), v)] } else { vec![] },
        trouble: None,
    });
    let data = Answer::CloudWatch(cloudwatch::Answer::GetMetricData(all.collect()));
    walk(&mut inv, source, vec![(asked[0].clone(), data)]);

    let unlisted = unlisted(&inv, row(&inv)).unwrap();
    let short: Vec<_> = unlisted
        .iter()
        .map(|u| (u.rule.wire(), u.group.as_ref().map(Untrusted::wire), u.blocked_1h, u.counted_1h))
        .collect();
    assert_eq!(
        short,
        [("BadBots", Some("Bots"), Some(7), Some(2)), ("Former", None, Some(3), Some(0))],
        "what did nothing is not listed"
    );
    assert_eq!(of(&inv, row(&inv)), before, "counted twice");
}
