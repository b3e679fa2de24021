//! Metric values, series and samples.

use super::weather::{blocked, query};
use super::{Practice, all, calm, fetch, one};
use crate::estate::ask::{cloudwatch, sqs, wafv2};
use crate::estate::metric::{MAX_DATAPOINTS, MetricSource};
use crate::estate::time::plus_seconds;
use crate::estate::*;

fn hours(p: &Practice, n: i64) -> Window {
    Window { from: plus_seconds(p.now(), -3_600 * n), to: p.now() }
}

fn values(p: &Practice, q: MetricQuery, window: Window) -> Vec<(Timestamp, f64)> {
    one(p, cloudwatch::GetMetricData { queries: vec![q], window }).unwrap().remove(0).points
}

fn total(points: &[(Timestamp, f64)]) -> f64 {
    points.iter().map(|(_, v)| v).sum()
}

fn waf(acl: &str, name: &str, rule: &str) -> MetricQuery {
    let dims = [("Region", "us-east-1"), ("WebACL", acl), ("Rule", rule)];
    query("m", MetricId::of("AWS/WAFV2", name, &dims), "Sum", 60)
}

#[test]
fn waf_counts_by_rule_and_all_of_them_again() {
    let (p, _) = calm(1);
    all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
    let names =
        all(&p, cloudwatch::ListMetrics { namespace: "AWS/WAFV2".into(), name: "BlockedRequests".into() });
    let rules: Vec<&str> = names
        .iter()
        .filter(|m| m.dimension("WebACL").is_some_and(|a| a.wire() == "OmniTrackWebACL"))
        .map(|m| m.dimension("Rule").unwrap().wire())
        .collect();
    assert_eq!(rules.len(), 7, "six rules and ALL: {rules:?}");
    let of = |rule: &str| total(&values(&p, waf("OmniTrackWebACL", "BlockedRequests", rule), hours(&p, 1)));
    let sum: f64 = rules.iter().filter(|r| **r != "ALL").map(|r| of(r)).sum();
    assert!(sum > 10_000.0);
    assert_eq!(of("ALL"), sum, "adding ALL to the sum counts everything twice");
}

#[test]
fn waf_needs_its_region_and_cloudfront_has_none() {
    let (p, _) = calm(1);
    all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
    let without = MetricId::of(
        "AWS/WAFV2",
        "BlockedRequests",
        &[("WebACL", "OmniTrackWebACL"), ("Rule", "RateLimitRule")],
    );
    assert_eq!(values(&p, query("m", without, "Sum", 60), hours(&p, 1)), vec![]);
    let edge =
        MetricId::of("AWS/WAFV2", "CountedRequests", &[("WebACL", "EdgeShop"), ("Rule", "AnonymousIp")]);
    assert!(total(&values(&p, query("m", edge, "Sum", 60), hours(&p, 1))) > 100.0);
    assert_eq!(values(&p, waf("EdgeShop", "CountedRequests", "AnonymousIp"), hours(&p, 1)), vec![]);
    // metrics are off for this one, though it counts
    let beta = MetricId::of("AWS/WAFV2", "CountedRequests", &[("WebACL", "EdgeShop"), ("Rule", "BetaRule")]);
    assert_eq!(values(&p, query("m", beta, "Sum", 60), hours(&p, 1)), vec![]);
    // a quiet rule has minutes without a data point, never a zero
    let quiet = values(&p, waf("JsonUploadApiWaf", "BlockedRequests", "CommonRuleSetMetric"), hours(&p, 12));
    assert!(!quiet.is_empty() && quiet.len() < 12 * 60 && quiet.iter().all(|(_, v)| *v > 0.0));
}

#[test]
fn periods_add_up_and_start_on_their_multiples() {
    let (p, _) = calm(1);
    all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
    let to = Timestamp::from_second(p.now().as_second() / 3_600 * 3_600).unwrap();
    let window = Window { from: plus_seconds(to, -7_200), to };
    let by_minute = values(&p, blocked("OmniTrackWebACL"), window);
    let mut wide = blocked("OmniTrackWebACL");
    if let MetricSource::Stat { period_s, .. } = &mut wide.source {
        *period_s = 3_600;
    }
    let by_hour = values(&p, wide, window);
    assert_eq!(by_hour.len(), 2);
    assert_eq!(total(&by_minute), total(&by_hour));
    assert!(by_hour.iter().all(|(t, _)| t.as_second() % 3_600 == 0));
    assert!(by_minute.windows(2).all(|w| w[0].0 < w[1].0), "oldest first");
}

#[test]
fn the_age_of_dead_letters_counts_from_their_arrival() {
    let (p, _) = calm(1);
    all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
    let of = |name| MetricId::of("AWS/SQS", name, &[("QueueName", "orders-failures")]);
    let age = values(&p, query("a", of("ApproximateAgeOfOldestMessage"), "Maximum", 60), hours(&p, 1));
    let last = age.last().unwrap();
    // the first came 334,800 s ago and was sent 480 s before that
    assert!((334_700.0..=334_800.0).contains(&last.1), "{last:?}");
    let depth =
        values(&p, query("d", of("ApproximateNumberOfMessagesVisible"), "Maximum", 300), hours(&p, 6));
    assert_eq!(depth.len(), 73, "six hours in periods of five minutes, the first and last in part");
    assert!(depth.first().unwrap().1 < depth.last().unwrap().1);
}

#[test]
fn expressions_are_computed_over_the_other_queries() {
    let (p, _) = calm(1);
    all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
    let of = |id: &str, name: &str| {
        let mut q = query(
            id,
            MetricId::of("AWS/ApiGateway", name, &[("ApiName", "logapi"), ("Stage", "prod")]),
            "Sum",
            300,
        );
        q.return_data = false;
        q
    };
    let maths = |text: &str| MetricQuery {
        id: "e1".into(),
        source: MetricSource::Expression { text: text.into(), period_s: None },
        return_data: true,
        label: Some("share".into()),
    };
    let ask = |text: &str| {
        let queries = vec![of("errors", "5XXError"), of("requests", "Count"), maths(text)];
        one(&p, cloudwatch::GetMetricData { queries, window: hours(&p, 3) })
    };
    let series = ask("100*FILL(errors,0)/requests").unwrap();
    assert_eq!((series.len(), series[0].label.wire()), (1, "share"));
    assert!(series[0].points.len() >= 36 && series[0].points.iter().all(|(_, v)| (0.0..5.0).contains(v)));
    let mut round = maths("e2 + 1");
    let mut back = maths("e1 + requests");
    (round.id, back.id) = ("e1".into(), "e2".into());
    let queries = vec![of("requests", "Count"), round, back];
    let circle = one(&p, cloudwatch::GetMetricData { queries, window: hours(&p, 1) });
    assert!(circle.unwrap_err().message.wire().contains("refers to itself"));
    for bad in ["SEARCH('{AWS/Lambda} Errors', 'Sum')", "nothing", "errors /"] {
        assert_eq!(ask(bad).unwrap_err().kind, FaultKind::Invalid, "{bad}");
    }
}

#[test]
fn wrong_metric_questions_are_refused() {
    let (p, _) = calm(1);
    let m = || {
        query("m1", MetricId::of("AWS/SQS", "NumberOfMessagesSent", &[("QueueName", "orders")]), "Sum", 60)
    };
    let ask = |queries, window| one(&p, cloudwatch::GetMetricData { queries, window }).map_err(|f| f.kind);
    assert!(ask(vec![m()], hours(&p, 1)).is_ok());
    let mut upper = m();
    upper.id = "M1".into();
    let mut silent = m();
    silent.return_data = false;
    let odd = query("m1", MetricId::of("AWS/SQS", "NumberOfMessagesSent", &[]), "Sum", 61);
    let stat = query("m1", MetricId::of("AWS/SQS", "NumberOfMessagesSent", &[]), "Most", 60);
    for queries in [vec![], vec![m(), m()], vec![upper], vec![silent], vec![odd], vec![stat]] {
        assert_eq!(ask(queries, hours(&p, 1)), Err(FaultKind::Invalid));
    }
    let many = (0..501).map(|n| query(&format!("q{n}"), MetricId::of("A", "B", &[]), "Sum", 60)).collect();
    assert_eq!(ask(many, hours(&p, 1)), Err(FaultKind::Invalid));
    let backwards = Window { from: p.now(), to: plus_seconds(p.now(), -60) };
    assert_eq!(ask(vec![m()], backwards), Err(FaultKind::Invalid));
    // what nobody ever put is no fault, only empty
    let none = query("m1", MetricId::of("Nobody", "Nothing", &[("A", "b")]), "Average", 60);
    assert_eq!(ask(vec![none], hours(&p, 1)).unwrap()[0].points, vec![]);
}

#[test]
fn too_many_data_points_come_in_pages() {
    let (p, _) = calm(1);
    let names = ["orders", "shipping", "clickstream", "billing-events", "orders-failures", "shipping-retry"];
    let queries: Vec<MetricQuery> = (0..12)
        .map(|n| {
            let metric =
                MetricId::of("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[("QueueName", names[n % 6])]);
            query(&format!("q{n}"), metric, "Maximum", 60)
        })
        .collect();
    let ask = cloudwatch::GetMetricData { queries, window: hours(&p, 24 * 13) };
    let (mut ids, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = fetch(&p, ask.clone().ask(), from.as_ref()).unwrap();
        let series = cloudwatch::GetMetricData::open(page.answer).unwrap();
        assert!(series.iter().map(|s| s.points.len()).sum::<usize>() <= MAX_DATAPOINTS);
        ids.extend(series.into_iter().map(|s| s.id.wire().to_owned()));
        pages += 1;
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    assert_eq!((pages, ids.len()), (3, 12));
}

#[test]
fn samples_weigh_what_they_stand_for_and_shrink_their_window() {
    let (p, _) = calm(1);
    let acls = all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
    let acl = acls.iter().find(|a| a.name.wire() == "omnitrack-api-protection").unwrap();
    let ask = |rule: &str, window| {
        let rule_metric = rule.into();
        one(
            &p,
            wafv2::GetSampledRequests { acl: acl.arn.clone(), rule_metric, scope: Scope::Regional, window },
        )
    };
    let calm_rule = ask("GeoBlockingRule", hours(&p, 1)).unwrap();
    assert!(calm_rule.requests.len() <= 500 && calm_rule.population <= 5_000);
    let weights: u64 = calm_rule.requests.iter().map(|r| r.weight).sum();
    assert!(weights.abs_diff(calm_rule.population) <= 40, "{weights} {}", calm_rule.population);
    let countries: Vec<&str> =
        calm_rule.requests.iter().filter_map(|r| r.country.as_ref().map(Untrusted::wire)).collect();
    assert!(countries.iter().all(|c| ["CN", "RU", "KP"].contains(c)));
    // ten hours are asked for, three are kept, and 5,000 requests fill less of an attack
    let stormy = ask("AWSManagedRulesSQLiRuleSet", hours(&p, 10)).unwrap();
    let window = stormy.window.unwrap();
    assert!(window.from >= plus_seconds(p.now(), -10_800) && window.to < p.now());
    assert!(stormy.requests.iter().all(|r| r.at.unwrap() >= window.from && r.at.unwrap() < window.to));
    assert!(stormy.requests.iter().any(|r| r.weight > 1) && stormy.requests.len() <= 500);
    assert!(stormy.requests.iter().any(|r| r.rule.wire().contains("SQLi_")));
    let scanned = ask("AWSManagedRulesCommonRuleSet", hours(&p, 3)).unwrap();
    assert!(
        scanned.requests.iter().any(|r| r.user_agent.as_ref().is_some_and(|a| a.wire().contains('\u{1b}')))
    );
    let old = Window { from: plus_seconds(p.now(), -20_000), to: plus_seconds(p.now(), -15_000) };
    assert_eq!(ask("RateLimitRule", old).unwrap_err().kind, FaultKind::Invalid);
    assert_eq!(ask("none", hours(&p, 1)).unwrap_err().kind, FaultKind::NotFound);
}

#[test]
fn muted_alarms_and_rules() {
    let (p, clock) = calm(1);
    let rule = |name: &str| one(&p, cloudwatch::GetAlarmMuteRule { name: MuteRuleName::new(name) }).unwrap();
    assert_eq!(rule("returns-migration").status.wire(), "ACTIVE");
    assert_eq!(rule("returns-migration").duration.unwrap().wire(), "PT8H");
    assert_eq!(rule("release-friday").status.wire(), "SCHEDULED");
    assert_eq!(rule("nightly-database-maintenance").status.wire(), "SCHEDULED");
    assert_eq!(rule("nightly-database-maintenance").schedule.unwrap().wire(), "cron(0 2 * * *)");
    let names: Vec<String> =
        all(&p, cloudwatch::DescribeAlarms { names: vec![] }).iter().map(|a| a.name.wire().into()).collect();
    for m in all(&p, cloudwatch::ListAlarmMuteRules {}) {
        for target in rule(m.wire()).targets {
            assert!(names.contains(&target.wire().to_owned()), "{target:?}");
        }
    }
    clock.go(8 * 3_600);
    assert_eq!(rule("returns-migration").status.wire(), "EXPIRED");
    clock.go(9 * 3_600);
    assert_eq!(rule("nightly-database-maintenance").status.wire(), "ACTIVE", "it is 02:41");
}

#[test]
fn rules_inside_an_own_group_are_known_by_their_metrics_and_add_up_to_the_group() {
    let (p, _) = calm(1);
    let all_of = |name: &str| {
        all(&p, cloudwatch::ListMetrics { namespace: "AWS/WAFV2".into(), name: name.into() })
            .into_iter()
            .filter(|m| m.dimension("RuleGroup").is_some())
            .collect::<Vec<_>>()
    };
    let found = all_of("BlockedRequests");
    assert_eq!(found.len(), 5, "three of CloudFront's, two regional: {found:?}");
    assert_eq!(all_of("CountedRequests"), vec![], "rules that only count have none under the ACL");
    let of = |id: MetricId| total(&values(&p, query("m", id, "Sum", 60), hours(&p, 1)));
    let edge: Vec<&MetricId> =
        found.iter().filter(|m| m.dimension("WebACL").unwrap().wire() == "EdgeShop").collect();
    assert!(edge.iter().all(|m| m.dimension("Region").is_none()));
    let inside: Vec<f64> = edge.iter().map(|m| of((*m).clone())).collect();
    let group = MetricId::of("AWS/WAFV2", "BlockedRequests", &[("WebACL", "EdgeShop"), ("Rule", "ShopBots")]);
    assert_eq!(inside.iter().sum::<f64>(), of(group));
    assert!(inside.iter().all(|n| *n > 100.0), "{inside:?}");
    // the dimensions decide: a Region too many, and there is nothing
    let mut elsewhere = edge[0].clone();
    elsewhere.dimensions.push(("Region".into(), "us-east-1".into()));
    assert_eq!(of(elsewhere), 0.0);
}

#[test]
fn an_alarm_over_several_series_says_which_of_them_breach() {
    let (p, clock) = calm(1);
    let name = AlarmName::new("shop-payment-failures");
    let alarm = || one(&p, cloudwatch::DescribeAlarms { names: vec![name.clone()] }).unwrap().remove(0);
    let who = || {
        let all = one(&p, cloudwatch::DescribeAlarmContributors { alarm: name.clone() }).unwrap();
        all.into_iter().map(|c| (c.attributes[0].1.wire().to_owned(), c)).collect::<Vec<_>>()
    };
    assert_eq!(alarm().state, AlarmState::Alarm);
    let found = who();
    assert_eq!(found.iter().map(|(v, _)| v.as_str()).collect::<Vec<_>>(), ["adyen"]);
    assert!(found[0].1.reason.wire().starts_with("Threshold Crossed: 1 out of the last 1 datapoints ["));
    assert_eq!(found[0].1.since, alarm().since, "one series: since it breaches, the alarm does");

    // one query answers with a series for each provider, and only that one is above the threshold now
    let crate::estate::alarm::Subject::Expression(queries) = alarm().subject.clone() else { panic!() };
    let series = one(&p, cloudwatch::GetMetricData { queries, window: hours(&p, 1) }).unwrap();
    let labels: Vec<&str> = series.iter().map(|s| s.label.wire()).collect();
    assert_eq!(labels, ["adyen", "klarna", "paypal", "stripe"]);
    assert!(series.iter().all(|s| s.id == series[0].id && !s.points.is_empty()));
    // the last period is not over
    let above: Vec<bool> = series.iter().map(|s| s.points[s.points.len() - 2].1 >= 25.0).collect();
    assert_eq!(above, [true, false, false, false]);

    clock.go(4 * 3_600);
    let after: Vec<String> = who().into_iter().map(|(v, _)| v).collect();
    assert_eq!(alarm().state == AlarmState::Alarm, !after.is_empty(), "{after:?}");
    assert!(!after.contains(&"adyen".to_owned()), "its spell is over");
    let other = AlarmName::new("orders-replica");
    assert_eq!(one(&p, cloudwatch::DescribeAlarmContributors { alarm: other }).unwrap(), vec![]);
}

#[test]
fn the_metrics_of_a_queue_that_wakes_come_late_and_its_attributes_do_not() {
    let (p, clock) = calm(1);
    all(&p, sqs::ListQueues {});
    let name = "platform-async-failures";
    let place = |w: &crate::practice::world::World| w.queue(name).unwrap();
    let woke = p.now();
    {
        let mut state = p.inner.lock();
        let world = &mut state.made.as_mut().unwrap().world;
        let q = place(world);
        assert!(world.queues[q].held() == 0 && world.queues[q].flow == 0, "a queue that was idle");
        world.queues[q].arrive(woke.as_second(), 3, None);
        crate::practice::weather::changed(world, woke.as_second(), q);
    }
    let depth = || {
        let id = MetricId::of("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[("QueueName", name)]);
        values(&p, query("d", id, "Maximum", 60), hours(&p, 1))
    };
    let held = || {
        let url = QueueUrl::new(format!("https://sqs.us-east-1.amazonaws.com/000000000000/{name}"));
        one(&p, sqs::GetQueueAttributes { queue: url }).unwrap().messages
    };
    clock.go(4 * 60);
    assert_eq!(held(), Some(3), "the attributes know");
    let points = depth();
    assert!(points.len() > 50 && points.iter().all(|(t, v)| *t < woke && *v == 0.0), "nothing is seen yet");
    clock.go(11 * 60);
    assert_eq!(held(), Some(3));
    let since = depth().into_iter().filter(|(t, _)| *t >= woke).map(|(_, v)| v).collect::<Vec<_>>();
    assert_eq!(since, [3.0; 15], "after a quarter of an hour all of it is there");
}
