//! The weather: the same for the same seed, whatever is asked; something every minute; nothing that AWS
//! would not do.

use super::{Practice, all, calm, one, quiet, with};
use crate::estate::ask::{cloudwatch, secretsmanager, sqs, wafv2};
use crate::estate::time::plus_seconds;
use crate::estate::*;
use crate::practice::Options;
use crate::practice::world::Due;
use std::sync::Arc;

fn url(name: &str) -> QueueUrl {
    QueueUrl::new(format!("https://sqs.us-east-1.amazonaws.com/000000000000/{name}"))
}

fn alarms(p: &Practice) -> Vec<Alarm> {
    all(p, cloudwatch::DescribeAlarms { names: vec![] }).into_iter().map(Arc::unwrap_or_clone).collect()
}

#[test]
fn the_same_seed_makes_the_same_world_however_time_is_cut() {
    let (one_step, clock) = calm(9);
    clock.go(40_000);
    let (many_steps, other) = calm(9);
    for _ in 0..40 {
        all(&many_steps, sqs::ListQueues {});
        other.go(1_000);
    }
    assert!(one_step.snapshot().unwrap() == many_steps.snapshot().unwrap());
    let (another, third) = calm(10);
    third.go(40_000);
    assert!(one_step.snapshot().unwrap() != another.snapshot().unwrap());
}

#[test]
fn something_happens_on_every_screen_in_every_minute() {
    let (p, clock) = calm(2);
    let acls = || {
        let now = plus_seconds(crate::estate::Clock::now(&*clock), 0);
        let queries = vec![blocked("OmniTrackWebACL")];
        one(
            &p,
            cloudwatch::GetMetricData {
                queries,
                window: Window { from: plus_seconds(now, -3_600), to: now },
            },
        )
        .unwrap()
    };
    let secrets = || all(&p, secretsmanager::ListSecrets {}).into_iter().map(|s| s.arn).collect::<Vec<_>>();
    let depths = || {
        all(&p, sqs::ListQueues {})
            .into_iter()
            .map(|queue| one(&p, sqs::GetQueueAttributes { queue }).unwrap().messages)
            .collect::<Vec<_>>()
    };
    let states = || alarms(&p).into_iter().map(|a| a.state).collect::<Vec<_>>();
    let mut before = (states(), depths(), acls(), secrets());
    for minute in 0..90 {
        clock.go(60);
        let after = (states(), depths(), acls(), secrets());
        assert_ne!(before.0, after.0, "alarms in minute {minute}");
        assert_ne!(before.1, after.1, "queues in minute {minute}");
        assert_ne!(before.2, after.2, "waf in minute {minute}");
        assert_ne!(before.3, after.3, "secrets in minute {minute}");
        before = after;
    }
}

pub(super) fn blocked(acl: &str) -> MetricQuery {
    let dims = [("Region", "us-east-1"), ("WebACL", acl), ("Rule", "ALL")];
    query("m1", MetricId::of("AWS/WAFV2", "BlockedRequests", &dims), "Sum", 60)
}

pub(super) fn query(id: &str, metric: MetricId, stat: &str, period_s: u32) -> MetricQuery {
    let source =
        crate::estate::metric::MetricSource::Stat { metric, stat: stat.into(), period_s, unit: None };
    MetricQuery { id: id.into(), source, return_data: true, label: None }
}

#[test]
fn the_first_dead_letters_are_lost_on_time_and_no_message_outlives_its_retention() {
    let (p, clock) = calm(3);
    let failures =
        || one(&p, sqs::GetQueueAttributes { queue: url("orders-failures") }).unwrap().messages.unwrap();
    let start = failures();
    clock.go(10_200); // 2 h 50: the earliest that can be said from outside
    assert!(failures() >= start);
    clock.go(700); // 3 h and a little: the latest
    let after = failures();
    assert!(after + 37 <= start + 20, "37 are gone for ever, a few may have come: {start} {after}");
    for _ in 0..12 {
        clock.go(43_000);
        let now = p.now();
        for queue in all(&p, sqs::ListQueues {}) {
            let facts = one(&p, sqs::GetQueueAttributes { queue: queue.clone() }).unwrap();
            let name = queue.name();
            let metric =
                MetricId::of("AWS/SQS", "ApproximateAgeOfOldestMessage", &[("QueueName", name.wire())]);
            let queries = vec![query("a", metric, "Maximum", 60)];
            let window = Window { from: plus_seconds(now, -300), to: now };
            let ages = one(&p, cloudwatch::GetMetricData { queries, window }).unwrap().remove(0).points;
            let oldest = ages.last().unwrap().1;
            assert!(oldest <= facts.retention_s.unwrap() as f64, "{name:?} {oldest}");
        }
    }
}

#[test]
fn counts_are_approximate_for_a_minute_and_then_settle() {
    let (p, clock) = calm(1);
    let mut reads = Vec::new();
    for _ in 0..2_000 {
        clock.go(7);
        let facts =
            one(&p, sqs::GetQueueAttributes { queue: url("mte-prod-LambdaDeadLetterQueue") }).unwrap();
        reads.push((p.now().as_second().div_euclid(60) * 60, facts.messages.unwrap() as f64));
    }
    clock.go(300);
    all(&p, sqs::ListQueues {});
    let metric = MetricId::of(
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        &[("QueueName", "mte-prod-LambdaDeadLetterQueue")],
    );
    let window = Window { from: plus_seconds(p.now(), -15_000), to: p.now() };
    let ask = cloudwatch::GetMetricData { queries: vec![query("d", metric, "Maximum", 60)], window };
    let points = one(&p, ask).unwrap().remove(0).points;
    let at = |minute: i64| points.iter().find(|(t, _)| t.as_second() == minute).map(|(_, v)| *v);
    let (mut settled, mut off) = (0, 0);
    for (minute, read) in reads {
        let measured = at(minute);
        if [-120, -60, 60].iter().all(|d| at(minute + d) == measured) {
            assert_eq!(Some(read), measured, "nothing moved for two minutes");
            settled += 1;
        } else if Some(read) != measured {
            off += 1;
        }
    }
    assert!(settled > 1_000 && off > 10, "{settled} {off}");
}

#[test]
fn a_move_task_keeps_to_its_rate_and_ends() {
    let (p, clock) = calm(1);
    let queue = Arn::new("arn:aws:sqs:us-east-1:000000000000:billing-events-dlq");
    let task = || one(&p, sqs::ListMessageMoveTasks { queue: queue.clone() }).unwrap();
    let first = task().remove(0);
    clock.go(100);
    let second = task().remove(0);
    assert_eq!(second.moved - first.moved, 500, "5 a second for 100 s");
    assert_eq!(second.to_move, first.to_move, "fixed at the start");
    clock.go(i64::try_from(first.to_move.unwrap()).unwrap() / 5 + 60);
    let done = task().remove(0);
    assert_eq!((done.status, Some(done.moved)), (MoveTaskStatus::Completed, first.to_move));
    clock.go(86_400);
    let tasks = task();
    assert!(tasks.len() <= 10 && tasks.iter().filter(|t| t.status == MoveTaskStatus::Running).count() <= 1);
    assert!(tasks.len() > 4, "others were started since");
}

/// The data points that CloudWatch has for what an alarm watches, up to its last change of state.
fn watched(p: &Practice, a: &Alarm, upto: Timestamp) -> Option<(u32, Vec<(Timestamp, f64)>)> {
    let (queries, period) = match &a.subject {
        alarm::Subject::Metric(q) => (vec![q.clone()], period(q)),
        alarm::Subject::Expression(all) => (all.clone(), period(&all[0])),
        alarm::Subject::Rule(_) | alarm::Subject::Other(_) => return None,
    };
    let n = a.evaluation_periods.unwrap_or(1);
    let end = upto.as_second().div_euclid(i64::from(period)) * i64::from(period);
    let to = Timestamp::from_second(end).unwrap();
    let window = Window { from: plus_seconds(to, -i64::from(period * n)), to };
    let series = one(p, cloudwatch::GetMetricData { queries, window }).unwrap();
    // of several series it is the worst that counts
    let highest = |s: &Series| s.points.iter().map(|(_, v)| *v).fold(f64::MIN, f64::max);
    let worst = series.into_iter().max_by(|a, b| highest(a).total_cmp(&highest(b)));
    Some((n, worst.unwrap().points))
}

fn period(q: &MetricQuery) -> u32 {
    match &q.source {
        metric::MetricSource::Stat { period_s, .. } => *period_s,
        metric::MetricSource::Expression { period_s, .. } => period_s.unwrap_or(60),
    }
}

#[test]
fn alarms_and_the_metrics_they_watch_tell_the_same_story() {
    let (p, clock) = calm(4);
    let (mut in_alarm, mut silent) = (0, 0);
    for _ in 0..30 {
        clock.go(7_207);
        for a in alarms(&p) {
            let Some(since) = a.since.filter(|s| *s > "2026-11-08T00:00:00Z".parse().unwrap()) else {
                continue;
            };
            let Some((n, points)) = watched(&p, &a, since) else { continue };
            let t = a.threshold.unwrap();
            let bad = points.iter().filter(|(_, v)| match a.comparison.as_ref().unwrap().wire() {
                "GreaterThanThreshold" => *v > t,
                "GreaterThanOrEqualToThreshold" => *v >= t,
                "LessThanThreshold" => *v < t,
                _ => *v <= t,
            });
            let bad = bad.count();
            let needed = a.datapoints_to_alarm.unwrap_or(n) as usize;
            let missing = n as usize - points.len();
            match (&a.state, a.treat_missing.as_ref().unwrap().wire()) {
                (AlarmState::Alarm, "breaching") => assert!(bad + missing >= needed, "{a:?} {points:?}"),
                (AlarmState::Alarm, "missing") => {
                    assert!(bad >= needed.min(points.len()).max(1), "{a:?} {points:?}")
                }
                (AlarmState::Alarm, _) => assert!(bad >= needed, "{a:?} {points:?}"),
                (AlarmState::InsufficientData, _) => assert!(points.is_empty(), "{a:?} {points:?}"),
                (AlarmState::Ok, _) => assert!(bad < needed, "{a:?} {points:?}"),
                (AlarmState::Other(_), _) => panic!("{a:?}"),
            }
            in_alarm += usize::from(a.state == AlarmState::Alarm);
            silent += usize::from(a.state == AlarmState::InsufficientData);
        }
    }
    assert!(in_alarm > 60 && silent > 15, "{in_alarm} {silent}");
}

#[test]
fn history_is_a_chain_of_states_that_ends_in_the_present_one() {
    let (p, clock) = calm(6);
    clock.go(86_400);
    let mut turns = 0;
    for a in alarms(&p) {
        let items = all(&p, cloudwatch::DescribeAlarmHistory { alarm: a.name.clone() });
        let updates: Vec<&HistoryItem> = items.iter().filter(|i| i.kind.wire() == "StateUpdate").collect();
        assert!(updates.windows(2).all(|w| w[0].at >= w[1].at), "newest first");
        for pair in updates.windows(2) {
            let (newer, older) = (pair[0].summary.wire(), pair[1].summary.wire());
            let from = newer.split(" from ").nth(1).unwrap().split(" to ").next().unwrap();
            assert!(older.ends_with(&format!(" to {from}")), "{older} / {newer}");
        }
        if let Some(newest) = updates.first() {
            assert_eq!(Some(newest.at), a.since);
            let state = match a.state {
                AlarmState::Alarm => "ALARM",
                AlarmState::Ok => "OK",
                AlarmState::InsufficientData => "INSUFFICIENT_DATA",
                AlarmState::Other(_) => panic!("{a:?}"),
            };
            assert!(newest.summary.wire().ends_with(&format!(" to {state}")), "{newest:?}");
        }
        turns += updates.len();
    }
    assert!(turns > 300, "{turns}");
}

#[test]
fn what_an_asynchronous_function_fails_on_becomes_dead_letters_and_nothing_else_does() {
    let (p, clock) = calm(1);
    let depth =
        || one(&p, sqs::GetQueueAttributes { queue: url("shop-notify-failures") }).unwrap().messages.unwrap();
    let before = depth();
    spell(&p, "shop-mail-errors", 600, 1_200);
    clock.go(660);
    assert_eq!(depth(), before, "not before the retries are over");
    clock.go(1_800);
    let dead = (depth() - before) as f64;
    let metric = MetricId::of("AWS/Lambda", "Errors", &[("FunctionName", "shop-mail")]);
    let window = Window { from: plus_seconds(p.now(), -2_700), to: p.now() };
    let ask = cloudwatch::GetMetricData { queries: vec![query("e", metric, "Sum", 300)], window };
    let errors: f64 = one(&p, ask).unwrap()[0].points.iter().map(|(_, v)| v).sum();
    assert!(errors > 40.0 && (dead - errors / 3.0).abs() <= 10.0, "{errors} errors, {dead} dead letters");

    let central = || {
        let queue = url("mte-prod-LambdaDeadLetterQueue");
        one(&p, sqs::GetQueueAttributes { queue }).unwrap().messages.unwrap()
    };
    let with_chat = central();
    spell(&p, "mte-prod-ChatFunction-Errors", 600, 6_000);
    clock.go(6_600);
    assert!(central() < with_chat + 120, "its callers wait for the answer: no event is left behind");
}

/// Puts a spell on the metric of an alarm, `after` seconds from now.
fn spell(p: &Practice, alarm: &str, after: i64, lasts: i64) {
    all(p, sqs::ListQueues {});
    let mut state = p.inner.lock();
    let world = &mut state.made(&p.inner.options).unwrap().world;
    let key = world.alarms[world.alarm(alarm).unwrap()].watches().remove(0);
    let s = world.index.signals[&key];
    let from = world.now + after;
    let spell = world.signals[s].add(from, from + lasts, false).unwrap();
    world.plan(spell.from, Due::Edge(s));
    world.plan(spell.to, Due::Edge(s));
}

#[test]
fn actions_are_carried_out_unless_muted_or_switched_off() {
    let (p, clock) = calm(1);
    let names = ["shop-returns-errors", "shop-cart-errors", "shop-noise"];
    for name in &names[..2] {
        spell(&p, name, 600, 600);
    }
    clock.go(3_000);
    let actions = |name: &str| {
        let items = all(&p, cloudwatch::DescribeAlarmHistory { alarm: AlarmName::new(name) });
        let recent = items.into_iter().filter(|i| i.at > plus_seconds(p.now(), -3_000));
        let kinds: Vec<String> = recent.map(|i| i.kind.wire().to_owned()).collect();
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        (count("StateUpdate"), count("Action"))
    };
    assert_eq!(actions(names[0]), (2, 0), "muted");
    assert_eq!(actions(names[1]), (2, 1), "one on ALARM, none is set for OK");
    let (updates, acted) = actions(names[2]);
    assert!(updates > 4 && acted == 0, "switched off");
}

#[test]
fn composites_follow_their_children() {
    let (p, clock) = calm(1);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        clock.go(47);
        let all = alarms(&p);
        let is = |name: &str| all.iter().any(|a| a.name.wire() == name && a.state == AlarmState::Alarm);
        let noise = is("sandbox-spot-interruptions") || is("sandbox-ci-queue-wait");
        // a second may lie between a child's change and its parent's
        let fresh = all.iter().any(|a| {
            a.name.wire().starts_with("sandbox-") && a.since.is_some_and(|s| s >= plus_seconds(p.now(), -1))
        });
        assert!(fresh || is("shop-noise") == noise);
        seen.insert(noise);
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn keys_grow_older_and_rotations_happen_or_fail() {
    let (p, clock) = calm(1);
    let current = |name: &str| {
        let secret = all(&p, secretsmanager::ListSecrets {}).into_iter().find(|s| s.name.wire() == name)?;
        let ask = secretsmanager::ListSecretVersionIds { secret: secret.arn.clone(), deprecated: true };
        let versions = one(&p, ask).unwrap();
        let id = versions.iter().find(|v| v.has_stage("AWSCURRENT")).unwrap().id.clone();
        assert_eq!(versions.iter().filter(|v| v.has_stage("AWSCURRENT")).count(), 1);
        assert!(versions.iter().filter(|v| v.has_stage("AWSPREVIOUS")).count() <= 1);
        Some((id, secret))
    };
    let (rotated, stuck) = (current("json-stack/aurora").unwrap(), current("shop/warehouse-sftp").unwrap());
    assert!(current("shop/old-erp").is_some());
    clock.go(12 * 86_400);
    let (later, still) = (current("json-stack/aurora").unwrap(), current("shop/warehouse-sftp").unwrap());
    assert_ne!(rotated.0, later.0);
    assert!(later.1.next_rotation > rotated.1.next_rotation);
    assert_eq!(stuck.0, still.0);
    assert!(still.1.next_rotation.unwrap() < p.now(), "a failed rotation stays in the past");
    assert!(current("shop/old-erp").is_none(), "its planned deletion has taken place");
    let read = current("logapi/api-key").unwrap().1.last_accessed.unwrap();
    assert_eq!(read.as_second() % 86_400, 0, "known by day only");
}

#[test]
fn attacks_come_and_go() {
    let (p, clock) = calm(1);
    let rate = || {
        let now = p.now();
        let window = Window { from: plus_seconds(now, -600), to: now };
        let series = one(&p, cloudwatch::GetMetricData { queries: vec![blocked("OmniTrackWebACL")], window });
        let points = series.unwrap().remove(0).points;
        points.iter().map(|(_, v)| v).sum::<f64>() / points.len().max(1) as f64
    };
    all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
    assert!(rate() > 1_500.0, "{}", rate());
    let (mut calm_spells, mut attacks) = (0, 0);
    for _ in 0..96 {
        clock.go(1_800);
        all(&p, wafv2::ListWebACLs { scope: Scope::Regional });
        if rate() > 300.0 { attacks += 1 } else { calm_spells += 1 }
    }
    assert!(attacks > 3 && calm_spells > 40, "{attacks} {calm_spells}");
}

#[test]
fn incidents_strike_and_name_things_that_exist() {
    for (name, about) in Practice::incidents().unwrap() {
        assert!(about.ends_with('.'));
        let (p, clock) = with(Options { incident: Some(name.clone()), ..quiet() });
        let (without, other) = calm(1);
        all(&p, sqs::ListQueues {});
        assert!(super::super::incident::aims(&p), "{name} names something that is not there");
        clock.go(1_500);
        other.go(1_500);
        assert!(p.snapshot().unwrap() != without.snapshot().unwrap(), "{name}");
    }
    let (p, clock) = with(Options { incident: Some("dlq-flood".into()), ..quiet() });
    let depth = || {
        one(&p, sqs::GetQueueAttributes { queue: url("mte-prod-LambdaDeadLetterQueue") }).unwrap().messages
    };
    let before = depth().unwrap();
    clock.go(1_200);
    assert!(depth().unwrap() >= before + 2_000);
    let a = one(
        &p,
        cloudwatch::DescribeAlarms { names: vec![AlarmName::new("mte-prod-ProcessAnalysisFunction-Errors")] },
    );
    assert_eq!(a.unwrap()[0].state, AlarmState::Alarm);
}
