//! What is asked at the start of each walk.

use super::{Wants, roots};
use crate::estate::alarm::Subject;
use crate::estate::ask::{Ask, Query, cloudwatch, wafv2};
use crate::estate::metric::MetricSource;
use crate::estate::time::seconds_between;
use crate::estate::{Alarm, MetricQuery, RuleAction, Scope, Window};
use crate::insight::examples::*;
use crate::insight::{About, Broad, Inventory, Reach, Source};
use std::collections::BTreeSet;

fn wants() -> Wants {
    Wants { at: at(), now: now(), tags_wanted: false }
}

fn metric_calls(queries: &[Query]) -> Vec<(&Vec<MetricQuery>, Window)> {
    queries
        .iter()
        .map(|q| match &q.ask {
            Ask::CloudWatch(cloudwatch::Ask::GetMetricData(m)) => (&m.queries, m.window),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn an_unknown_estate_asks_only_for_lists() {
    let inv = Inventory::default();
    for (source, count) in [
        (Source::Broad(Broad::Identity), 2),
        (Source::Broad(Broad::Alarms), 1),
        (Source::Broad(Broad::Mutes), 1),
        (Source::Broad(Broad::Queues), 1),
        (Source::Broad(Broad::QueueAges), 0),
        (Source::Broad(Broad::Functions), 2),
        (Source::Broad(Broad::WebAcls(Scope::Regional)), 1),
        (Source::Broad(Broad::WafCounts(Scope::Regional)), 0),
        (Source::Broad(Broad::Secrets), 1),
        (Source::Broad(Broad::Tags), 0),
        (Source::Detail(About::AlarmChart(alarm_arn("a"), Reach::Near)), 0),
        (Source::Detail(About::AclSamples(alarm_arn("a"))), 0),
        (Source::Detail(About::AclResources(alarm_arn("a"))), 0),
        (Source::Detail(About::AclSeries(alarm_arn("a"))), 0),
        (Source::Detail(About::AclUnlisted(alarm_arn("a"))), 0),
    ] {
        assert_eq!(roots(&source, &inv, &wants()).len(), count, "{source:?}");
    }
}

#[test]
fn cloudfront_is_asked_in_us_east_1() {
    let inv = Inventory::default();
    let asked = roots(&Source::Broad(Broad::WebAcls(Scope::CloudFront)), &inv, &wants());
    assert_eq!(asked[0].at.region.as_str(), "us-east-1");
    assert_eq!(asked[0].at.account, at().account);
}

#[test]
fn ages_are_asked_for_dead_letter_queues_that_may_hold_messages() {
    let mut inv = Inventory::default();
    let mut full = facts("full-dlq");
    full.messages = Some(3);
    let mut flying = facts("flying-dlq");
    flying.in_flight = Some(1);
    let mut unknown = facts("unknown-dlq");
    unknown.messages = None;
    let mut plain = facts("orders");
    plain.messages = Some(9);
    queues(&mut inv, &[full, flying, unknown, plain, facts("empty-dlq")]);
    let asked = roots(&Source::Broad(Broad::QueueAges), &inv, &wants());
    let calls = metric_calls(&asked);
    assert_eq!(calls.len(), 1);
    let names: Vec<_> = calls[0]
        .0
        .iter()
        .map(|q| match &q.source {
            MetricSource::Stat { metric, .. } => metric.dimension("QueueName").unwrap().wire().to_string(),
            MetricSource::Expression { .. } => panic!(),
        })
        .collect();
    assert_eq!(names, ["flying-dlq", "full-dlq", "unknown-dlq"]);
    assert_eq!(calls[0].1.to.to_string(), "2026-11-21T09:42:00Z");
    assert_eq!(calls[0].1.from.to_string(), "2026-11-21T09:12:00Z");
}

#[test]
fn many_ages_are_batched_with_ids_of_their_own() {
    let mut inv = Inventory::default();
    let all: Vec<_> = (0..1201)
        .map(|i| {
            let mut f = facts(&format!("q{i}-dlq"));
            f.messages = Some(1);
            f
        })
        .collect();
    queues(&mut inv, &all);
    let asked = roots(&Source::Broad(Broad::QueueAges), &inv, &wants());
    let calls = metric_calls(&asked);
    assert_eq!(calls.iter().map(|(q, _)| q.len()).collect::<Vec<_>>(), [500, 500, 201]);
    for (queries, _) in calls {
        let ids: BTreeSet<_> = queries.iter().map(|q| q.id.wire()).collect();
        assert_eq!(ids.len(), queries.len());
    }
}

#[test]
fn waf_counts_name_the_region_only_where_it_is_a_dimension() {
    for (scope, dims) in [(Scope::Regional, 3), (Scope::CloudFront, 2)] {
        let mut inv = Inventory::default();
        let mut silent = rule("silent", RuleAction::Block(None));
        silent.metrics_on = false;
        let mut shop = acl("shop", scope, vec![rule("SQLi", RuleAction::Block(None)), silent]);
        shop.default_action = RuleAction::Block(None);
        acls(&mut inv, scope, &[shop]);
        let asked = roots(&Source::Broad(Broad::WafCounts(scope)), &inv, &wants());
        let calls = metric_calls(&asked);
        assert_eq!(calls.len(), 2);
        assert_eq!(calls[0].0.len(), 4, "blocked and counted of one rule and of the default action");
        assert_eq!(calls[1].0.len(), 2, "blocked over the day before");
        assert_eq!(seconds_between(calls[0].1.from, calls[0].1.to), 3600);
        assert_eq!(calls[1].1.to.to_string(), "2026-11-21T09:00:00Z");
        assert_eq!(seconds_between(calls[1].1.from, calls[1].1.to), 86_400);
        for query in calls[0].0 {
            let MetricSource::Stat { metric, .. } = &query.source else { panic!() };
            assert_eq!(metric.dimensions.len(), dims);
            assert_ne!(metric.dimension("Rule").unwrap().wire(), "ALL");
        }
    }
}

#[test]
fn no_acl_no_counts() {
    let mut inv = Inventory::default();
    acls(&mut inv, Scope::Regional, &[]);
    assert!(roots(&Source::Broad(Broad::WafCounts(Scope::Regional)), &inv, &wants()).is_empty());
}

fn chart(alarm: Alarm) -> Vec<Query> {
    let mut inv = Inventory::default();
    let arn = alarm.arn.clone();
    alarms(&mut inv, &[alarm]);
    roots(&Source::Detail(About::AlarmChart(arn, Reach::Near)), &inv, &wants())
}

#[test]
fn a_chart_shows_at_least_what_the_alarm_is_judged_by() {
    let minute = chart(alarm("a"));
    let (_, window) = metric_calls(&minute)[0];
    assert_eq!(seconds_between(window.from, window.to), 3 * 3600);
    let mut daily = alarm("a");
    daily.evaluation_periods = Some(7);
    if let Subject::Metric(q) = &mut daily.subject
        && let MetricSource::Stat { period_s, .. } = &mut q.source
    {
        *period_s = 86_400;
    }
    let daily = chart(daily);
    let (queries, window) = metric_calls(&daily)[0];
    assert!(seconds_between(window.from, window.to) >= 14 * 86_400);
    assert_eq!(queries[0].id.wire(), "q0");
    assert_eq!(window.to.as_second() % 86_400, 0);
}

#[test]
fn composites_have_no_chart() {
    let mut composite = alarm("c");
    composite.subject = Subject::Rule("ALARM(a)".into());
    assert!(chart(composite).is_empty());
}

#[test]
fn samples_stay_within_three_hours() {
    let mut inv = Inventory::default();
    let shop =
        acl("shop", Scope::Regional, vec![rule("a", RuleAction::Count), rule("b", RuleAction::Block(None))]);
    let arn = shop.summary.arn.clone();
    acls(&mut inv, Scope::Regional, &[shop]);
    let asked = roots(&Source::Detail(About::AclSamples(arn.clone())), &inv, &wants());
    assert_eq!(asked.len(), 2);
    for query in &asked {
        let Ask::Wafv2(wafv2::Ask::GetSampledRequests(s)) = &query.ask else { panic!() };
        let back = seconds_between(s.window.from, now());
        assert!(back < 3 * 3600 && back > 2 * 3600, "{back}");
    }
    assert_eq!(roots(&Source::Detail(About::AclResources(arn)), &inv, &wants()).len(), 1);
}

#[test]
fn tags_are_asked_only_where_a_system_is_told_by_them() {
    let mut inv = Inventory::default();
    alarms(&mut inv, &[alarm("a")]);
    queues(&mut inv, &[facts("q")]);
    let mut wants = wants();
    assert!(roots(&Source::Broad(Broad::Tags), &inv, &wants).is_empty());
    wants.tags_wanted = true;
    assert_eq!(roots(&Source::Broad(Broad::Tags), &inv, &wants).len(), 2);
}

#[test]
fn a_long_chart_is_one_call_and_judged_as_the_alarm_is() {
    let chart = |alarm: &Alarm, reach| {
        let mut inv = Inventory::default();
        alarms(&mut inv, std::slice::from_ref(alarm));
        let asked = roots(&Source::Detail(About::AlarmChart(alarm.arn.clone(), reach)), &inv, &wants());
        let calls = metric_calls(&asked);
        assert_eq!(calls.len(), 1);
        let (queries, window) = calls[0];
        let MetricSource::Stat { period_s, .. } = &queries[0].source else { panic!() };
        let seconds = seconds_between(window.from, window.to);
        let points = queries.len() * usize::try_from(seconds / i64::from(*period_s)).unwrap();
        assert!(points <= crate::estate::metric::MAX_DATAPOINTS, "{points}");
        assert_eq!(*period_s, super::chart_period(alarm, reach));
        (*period_s, seconds / 3600)
    };
    let by_minute = alarm("a");
    assert_eq!(chart(&by_minute, Reach::Day), (60, 24));
    assert_eq!(chart(&by_minute, Reach::Week), (60, 168));

    let Subject::Metric(query) = &by_minute.subject else { panic!() };
    let every = |period: u32| {
        let mut query = query.clone();
        let MetricSource::Stat { period_s, .. } = &mut query.source else { panic!() };
        *period_s = period;
        query
    };
    let of = |subject| Alarm { subject, ..by_minute.clone() };
    // Points of ten seconds are not kept for a day.
    assert_eq!(chart(&of(Subject::Metric(every(10))), Reach::Near).0, 10);
    assert_eq!(chart(&of(Subject::Metric(every(10))), Reach::Day), (60, 24));
    assert_eq!(chart(&of(Subject::Metric(every(3600))), Reach::Week), (3600, 168));
    let many = (0..20).map(|i| MetricQuery { id: format!("m{i}").into(), ..every(60) }).collect();
    assert_eq!(chart(&of(Subject::Expression(many)), Reach::Week), (300, 168));
}
