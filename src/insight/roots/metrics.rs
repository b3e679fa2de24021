//! The `GetMetricData` questions: which series, over which window, in the fewest calls. Query ids are `q0`,
//! `q1`, ... within a call.

use super::{Roles, Wants, at_of};
use crate::estate::alarm::Subject;
use crate::estate::ask::{Asks, Query, cloudwatch};
use crate::estate::metric::{MAX_DATAPOINTS, MAX_QUERIES, MetricSource};
use crate::estate::time::plus_seconds;
use crate::estate::{Alarm, Arn, At, MetricId, MetricQuery, QueueUrl, Scope, Timestamp, Untrusted, Window};
use crate::insight::inventory::{AclRow, Inventory, QueueRow};
use crate::insight::source::Reach;
use crate::insight::waf_counts;

/// Queue metrics come late by up to 15 minutes when a queue was idle (DOMAIN A), so ages are looked for over
/// twice that.
const AGES_BACK_S: i64 = 30 * 60;
/// What the counts of a web ACL are shown over.
const WAF_BACK_S: i64 = 3600;
/// What is called usual is the mean of so long before.
const USUAL_BACK_S: i64 = 24 * 3600;
/// How much of an alarm's metric is drawn at least.
const CHART_BACK_S: i64 = 3 * 3600;
/// CloudWatch keeps nothing longer than 455 days (CloudWatch user guide, "Metrics retention").
const KEPT_S: i64 = 455 * 86_400;
const TREND_BACK_S: i64 = 6 * 3600;
const DAY_S: i64 = 24 * 3600;
const WEEK_S: i64 = 7 * DAY_S;
const TREND_PERIOD_S: u32 = 300;

/// The window that ends at the end of the current `step` and reaches `seconds` back, aligned so that every
/// period in it is whole. CloudWatch answers fastest when start and end are on whole minutes (API reference,
/// `GetMetricData`, `StartTime`).
pub(super) fn back(now: Timestamp, seconds: i64, step: i64) -> Window {
    let second = now.as_second();
    let end = second - second.rem_euclid(step) + step;
    let instant = |s| Timestamp::from_second(s).unwrap_or(now);
    Window { from: instant(end - seconds), to: instant(end) }
}

fn stat(metric: MetricId, stat: &Untrusted, period_s: u32) -> MetricSource {
    MetricSource::Stat { metric, stat: stat.clone(), period_s, unit: None }
}

/// The series in as few calls as the limits allow.
fn batched(at: &At, window: Window, points_each: usize, sources: Vec<MetricSource>) -> Vec<Query> {
    let per_call = (MAX_DATAPOINTS / points_each.max(1)).clamp(1, MAX_QUERIES);
    let mut calls = Vec::new();
    let mut sources = sources.into_iter().peekable();
    while sources.peek().is_some() {
        let queries: Vec<MetricQuery> = sources
            .by_ref()
            .take(per_call)
            .enumerate()
            .map(|(i, source)| MetricQuery {
                id: format!("q{i}").into(),
                source,
                return_data: true,
                label: None,
            })
            .collect();
        calls.push(Query { at: at.clone(), ask: cloudwatch::GetMetricData { queries, window }.ask() });
    }
    calls
}

pub(super) fn queue_ages(inv: &Inventory, roles: &Roles, wants: &Wants) -> Vec<Query> {
    let maximum = Untrusted::from("Maximum");
    let sources = roles
        .dead_letters(inv)
        .filter(|(row, _)| may_hold_messages(row))
        .map(|(row, _)| stat(oldest_age(&row.url), &maximum, 60))
        .collect();
    let points = AGES_BACK_S as usize / 60;
    batched(&wants.at, back(wants.now, AGES_BACK_S, 60), points, sources)
}

/// Whether it holds messages, or might for all we know.
fn may_hold_messages(row: &QueueRow) -> bool {
    row.facts
        .value()
        .is_none_or(|f| [f.messages, f.in_flight, f.delayed].iter().any(|n| n.is_none_or(|n| n > 0)))
}

/// The metric of a queue's oldest message.
pub(in crate::insight) fn oldest_age(url: &QueueUrl) -> MetricId {
    queue_metric(url, "ApproximateAgeOfOldestMessage")
}

/// A metric of a queue.
pub(in crate::insight) fn queue_metric(url: &QueueUrl, name: &str) -> MetricId {
    MetricId::of("AWS/SQS", name, &[("QueueName", url.name().wire())])
}

/// Over a longer time only the depth is asked for: it is what is drawn, and each series is paid for.
pub(super) fn queue_trend(url: &QueueUrl, reach: Reach, wants: &Wants) -> Query {
    let (series, seconds) = match reach {
        Reach::Near => (&TREND[..], TREND_BACK_S),
        Reach::Day => (&TREND[..1], DAY_S),
        Reach::Week => (&TREND[..1], WEEK_S),
    };
    let period = trend_period(reach);
    let queries = series
        .iter()
        .enumerate()
        .map(|(i, (name, how))| MetricQuery {
            id: format!("q{i}").into(),
            source: stat(queue_metric(url, name), &Untrusted::from(*how), period),
            return_data: true,
            label: None,
        })
        .collect();
    let window = back(wants.now, seconds, i64::from(period));
    Query { at: wants.at.clone(), ask: cloudwatch::GetMetricData { queries, window }.ask() }
}

/// The seconds that a point of a queue's trend stands for.
#[must_use]
pub fn trend_period(reach: Reach) -> u32 {
    match reach {
        Reach::Near | Reach::Day => TREND_PERIOD_S,
        Reach::Week => 3600,
    }
}

/// What the trend of a queue is made of.
pub(in crate::insight) const TREND: [(&str, &str); 5] = [
    ("ApproximateNumberOfMessagesVisible", "Maximum"),
    ("ApproximateNumberOfMessagesNotVisible", "Maximum"),
    ("NumberOfMessagesSent", "Sum"),
    ("NumberOfMessagesDeleted", "Sum"),
    ("ApproximateAgeOfOldestMessage", "Maximum"),
];

/// The two metrics of WAF that are counted.
pub(in crate::insight) const WAF_METRICS: [&str; 2] = ["BlockedRequests", "CountedRequests"];

/// The metric of a rule. `Region` is a dimension of every regional series and of no CloudFront one; a query
/// that gets it wrong answers nothing (DOMAIN C).
pub(in crate::insight) fn waf_metric(
    name: &str,
    acl: &Untrusted,
    rule: &Untrusted,
    scope: Scope,
    region: &Untrusted,
) -> MetricId {
    let mut dimensions =
        vec![(Untrusted::from("WebACL"), acl.clone()), (Untrusted::from("Rule"), rule.clone())];
    match scope {
        Scope::Regional => dimensions.push((Untrusted::from("Region"), region.clone())),
        Scope::CloudFront => {}
    }
    MetricId { namespace: "AWS/WAFV2".into(), name: name.into(), dimensions }
}

/// The Region an ACL's metrics carry: that of its ARN.
pub(in crate::insight) fn acl_region(row: &AclRow) -> Untrusted {
    Untrusted::from(row.summary.arn.region().unwrap_or_default())
}

/// The metric names of everything in an ACL that can block or count: its rules and, where it blocks, its
/// default action, which is found under the ACL's own metric name.
pub(in crate::insight) fn acl_rule_metrics(row: &AclRow) -> Vec<&Untrusted> {
    let Some(acl) = row.acl.value() else { return Vec::new() };
    let mut names: Vec<&Untrusted> =
        acl.rules.iter().filter(|r| r.metrics_on && r.metric.wire() != "ALL").map(|r| &r.metric).collect();
    if matches!(acl.default_action, crate::estate::RuleAction::Block(_)) {
        names.push(&acl.metric);
    }
    names.sort();
    names.dedup();
    names
}

pub(super) fn waf_counts(inv: &Inventory, scope: Scope, wants: &Wants) -> Vec<Query> {
    let sum = Untrusted::from("Sum");
    let at = at_of(scope, wants);
    let metrics: Vec<MetricId> = inv
        .acls(scope)
        .values()
        .flat_map(|row| {
            let region = acl_region(row);
            acl_rule_metrics(row).into_iter().flat_map(move |rule| {
                let region = region.clone();
                WAF_METRICS.into_iter().filter_map(move |name| {
                    let acl = row.acl.value()?;
                    Some(waf_metric(name, &acl.metric, rule, scope, &region))
                })
            })
        })
        .collect();
    let hour = wants.now.as_second().div_euclid(3600);
    let usual: Vec<MetricSource> = metrics
        .iter()
        .filter(|m| m.name.wire() == WAF_METRICS[0] && !inv.usual_is_known(m, hour))
        .map(|m| stat(m.clone(), &sum, 3600))
        .collect();
    let sources = metrics.into_iter().map(|m| stat(m, &sum, 60)).collect();
    let mut calls = batched(&at, back(wants.now, WAF_BACK_S, 60), WAF_BACK_S as usize / 60, sources);
    let before = plus_seconds(wants.now, -3600); // the whole hours before this one
    calls.extend(batched(&at, back(before, USUAL_BACK_S, 3600), USUAL_BACK_S as usize / 3600, usual));
    calls
}

/// Which series CloudWatch has of a metric of WAF, where this ACL lives.
pub(super) fn waf_series(row: &AclRow, name: &str, wants: &Wants) -> Query {
    let ask = cloudwatch::ListMetrics { namespace: "AWS/WAFV2".into(), name: name.into() }.ask();
    Query { at: at_of(row.summary.scope, wants), ask }
}

/// The last hour of the series of an ACL that none of its own rules stands for.
pub(super) fn waf_unlisted(inv: &Inventory, arn: &Arn, wants: &Wants) -> Vec<Query> {
    let Some(row) = inv.acl(arn) else { return Vec::new() };
    let sum = Untrusted::from("Sum");
    let sources = waf_counts::unlisted_series(inv, row).map(|id| stat(id.clone(), &sum, 60)).collect();
    let at = at_of(row.summary.scope, wants);
    batched(&at, back(wants.now, WAF_BACK_S, 60), WAF_BACK_S as usize / 60, sources)
}

/// What an alarm watches, over a window that shows at least what it is judged by; none for composites and
/// for what this version does not know. One call, whatever the window: a metric costs the same for a week as
/// for an hour (DOMAIN B).
pub(super) fn alarm_chart(alarm: &Alarm, reach: Reach, wants: &Wants) -> Option<Query> {
    let mut queries = match &alarm.subject {
        Subject::Metric(query) => vec![MetricQuery { id: "q0".into(), return_data: true, ..query.clone() }],
        Subject::Expression(queries) if !queries.is_empty() => queries.clone(),
        Subject::Expression(_) | Subject::Rule(_) | Subject::Other(_) => return None,
    };
    if queries.iter().all(|q| !q.return_data) {
        queries.iter_mut().for_each(|q| q.return_data = true);
    }
    let least = chart_period(alarm, reach);
    let seconds = match reach {
        Reach::Near => near_seconds(alarm),
        Reach::Day | Reach::Week => {
            queries.iter_mut().for_each(|q| lengthen(&mut q.source, least));
            if reach == Reach::Day { DAY_S } else { WEEK_S }
        }
    };
    let window = back(wants.now, seconds, i64::from(least).clamp(1, 86_400));
    Some(Query { at: wants.at.clone(), ask: cloudwatch::GetMetricData { queries, window }.ask() })
}

fn near_seconds(alarm: &Alarm) -> i64 {
    let period = i64::from(alarm_period(alarm));
    let judged = period * i64::from(alarm.evaluation_periods.unwrap_or(1).max(1));
    let seconds = (judged * 2).max(CHART_BACK_S).max(period * 30).min(KEPT_S);
    // Points of less than a minute are kept for 3 h only (CloudWatch user guide, "Metrics retention").
    if period < 60 { seconds.min(CHART_BACK_S) } else { seconds }
}

/// The seconds that a point of an alarm's chart stands for: what the alarm is judged by, since a sum over a
/// longer time cannot be compared with its limit; more only where shorter ones are not kept, or where all
/// of them would not fit into one answer.
#[must_use]
pub fn chart_period(alarm: &Alarm, reach: Reach) -> u32 {
    let own = alarm_period(alarm);
    let seconds = match reach {
        Reach::Near => return own,
        Reach::Day => DAY_S,
        Reach::Week => WEEK_S,
    };
    let series = match &alarm.subject {
        Subject::Expression(queries) => queries.len(),
        Subject::Metric(_) | Subject::Rule(_) | Subject::Other(_) => 1,
    };
    let most = i64::try_from(MAX_DATAPOINTS / series.max(1)).unwrap_or(i64::MAX);
    let fits = |period: &u32| *period >= own && seconds / i64::from(*period) <= most;
    [own.max(60), 300, 900].into_iter().find(fits).unwrap_or(own.max(3600))
}

fn lengthen(source: &mut MetricSource, least: u32) {
    match source {
        MetricSource::Stat { period_s, .. } => *period_s = (*period_s).max(least),
        MetricSource::Expression { period_s, .. } => *period_s = period_s.map(|p| p.max(least)),
    }
}

/// The longest period, in seconds, of what an alarm watches: the step at which it is judged.
pub(in crate::insight) fn alarm_period(alarm: &Alarm) -> u32 {
    let period = |q: &MetricQuery| match &q.source {
        MetricSource::Stat { period_s, .. } => Some(*period_s),
        MetricSource::Expression { period_s, .. } => *period_s,
    };
    let longest = match &alarm.subject {
        Subject::Metric(query) => period(query),
        Subject::Expression(queries) => queries.iter().filter_map(period).max(),
        Subject::Rule(_) | Subject::Other(_) => None,
    };
    longest.unwrap_or(60).max(1)
}
