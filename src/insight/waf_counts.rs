//! How much each rule of a web ACL blocked and counted in the last hour, and whether that is far more than
//! usual. A series without points means 0, one that was not read means not known (DOMAIN C).

use super::inventory::{AclRow, Detail, Inventory, MetricKey, Metrics};
use super::roots::{WAF_METRICS, acl_region, acl_rule_metrics, waf_metric};
use super::source::{About, Broad, Source};
use crate::estate::time::plus_seconds;
use crate::estate::{MetricId, Rule, RuleAction, Scope, Timestamp, Untrusted};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The counts of a rule.
#[derive(Clone, PartialEq, Debug)]
pub struct RuleCount {
    /// Its name; the ACL's default action has none of its own and is called `(default action)`.
    pub name: Untrusted,
    /// Its metric name.
    pub metric: Untrusted,
    /// What it does.
    pub action: RuleAction,
    /// Requests it blocked in the hour; `None` if not known.
    pub blocked_1h: Option<u64>,
    /// Requests it counted in the hour; `None` if not known.
    pub counted_1h: Option<u64>,
    /// Blocked in a minute, on the mean of the last five.
    pub blocked_per_min: Option<u64>,
}

/// The counts of an ACL.
#[derive(Clone, PartialEq, Debug)]
pub struct AclCount {
    /// By rule, in the order of evaluation.
    pub rules: Vec<RuleCount>,
    /// Requests blocked in the hour; `None` unless all its rules are known.
    pub blocked_1h: Option<u64>,
    /// Requests counted in the hour; `None` unless all its rules are known.
    pub counted_1h: Option<u64>,
    /// Blocked in a minute, on the mean of the last five.
    pub blocked_per_min: Option<u64>,
    /// The same on the mean of the day before this hour.
    pub usual_per_min: Option<f64>,
    /// Rules whose metrics are switched off: what they block is in no count.
    pub silent_rules: usize,
}

/// So many times the mean of the day before is far more than usual. Ours: an attack is hundreds of times,
/// a busy morning two or three.
const SPIKE_FACTOR: f64 = 10.0;
/// Below so many blocked requests a minute nothing is called a spike. Ours: a scanner makes fewer.
const SPIKE_FLOOR: u64 = 100;
/// The minutes that a rate is the mean of.
const RATE_MINUTES: i64 = 5;
/// Points come up to so many seconds late.
const LATE_S: i64 = 120;

impl AclCount {
    /// How many times as much as usual is blocked now; `None` if that cannot be said.
    #[must_use]
    pub fn times_usual(&self) -> Option<f64> {
        let (now, usual) = (self.blocked_per_min?, self.usual_per_min?);
        (usual > 0.0).then(|| now as f64 / usual)
    }

    /// Whether so much more than usual is blocked that somebody should look.
    #[must_use]
    pub fn is_spike(&self) -> bool {
        let Some(now) = self.blocked_per_min else { return false };
        now >= SPIKE_FLOOR && self.usual_per_min.is_some_and(|usual| now as f64 >= usual * SPIKE_FACTOR)
    }

    /// The rule that blocks most now.
    #[must_use]
    pub fn top_rule(&self) -> Option<&RuleCount> {
        self.rules
            .iter()
            .filter(|r| r.blocked_per_min.is_some_and(|n| n > 0))
            .min_by_key(|r| (Reverse(r.blocked_per_min), r.name.clone()))
    }
}

/// Whether a rule acts or only counts, as CONTRACT's `mode`.
#[must_use]
pub fn mode(rule: &Rule) -> &'static str {
    match rule.action {
        RuleAction::Count | RuleAction::GroupCount => "count",
        RuleAction::Allow
        | RuleAction::Block(_)
        | RuleAction::Captcha
        | RuleAction::Challenge
        | RuleAction::Group
        | RuleAction::Other(_) => {
            if rule.overridden_to_count.is_empty() {
                "enforce"
            } else {
                "partly_count"
            }
        }
    }
}

/// The counts of an ACL; everything is unknown until its rules and the metrics were read.
#[must_use]
pub fn of(inv: &Inventory, row: &AclRow) -> AclCount {
    let source = Source::Broad(Broad::WafCounts(row.summary.scope));
    let metrics = inv.metrics(&source);
    let rate_end = rate_end(inv, &source, row, metrics);
    let mut rules = Vec::new();
    let mut silent_rules = 0;
    if let Some(acl) = row.acl.value() {
        let mut all: Vec<&Rule> = acl.rules.iter().collect();
        all.sort_by_key(|r| r.priority);
        for rule in all {
            silent_rules += usize::from(!rule.metrics_on);
            rules.push(rule_count(row, metrics, rate_end, &rule.name, &rule.metric, &rule.action));
        }
        if matches!(acl.default_action, RuleAction::Block(_)) {
            let name = Untrusted::from("(default action)");
            rules.push(rule_count(row, metrics, rate_end, &name, &acl.metric, &acl.default_action));
        }
    }
    let audible = || rules.iter().filter(|r| is_audible(row, &r.metric));
    let total = |of: fn(&RuleCount) -> Option<u64>| -> Option<u64> {
        row.acl.value()?;
        metrics?;
        audible().map(of).sum()
    };
    let usual = metrics_of(row, WAF_METRICS[0])
        .map(|m| inv.usual_per_minute(&m))
        .sum::<Option<f64>>()
        .filter(|_| row.acl.value().is_some());
    AclCount {
        blocked_1h: total(|r| r.blocked_1h),
        counted_1h: total(|r| r.counted_1h),
        blocked_per_min: total(|r| r.blocked_per_min),
        usual_per_min: usual,
        silent_rules,
        rules,
    }
}

/// What a rule blocked (or counted) in each minute of the last hour, oldest first, ending with the minute
/// of `until`; empty if not known.
#[must_use]
pub fn minutes(inv: &Inventory, row: &AclRow, rule: &Untrusted, blocked: bool, until: Timestamp) -> Vec<u64> {
    let source = Source::Broad(Broad::WafCounts(row.summary.scope));
    let name = if blocked { WAF_METRICS[0] } else { WAF_METRICS[1] };
    let Some(points) = metric_of(row, name, rule).and_then(|m| points(inv.metrics(&source), &m)) else {
        return Vec::new();
    };
    let last = until.as_second().div_euclid(60);
    let mut out = vec![0; 60];
    for (t, v) in points {
        let back = last - t.as_second().div_euclid(60);
        if let Some(slot) = usize::try_from(59 - back).ok().and_then(|i| out.get_mut(i)) {
            *slot = whole(*v);
        }
    }
    out
}

/// Whether a series is of this ACL. `Region` is a dimension of every regional series and of no CloudFront one.
pub(super) fn is_of(row: &AclRow, id: &MetricId) -> bool {
    let region = id.dimension("Region");
    let here = match row.summary.scope {
        Scope::Regional => region == Some(&acl_region(row)),
        Scope::CloudFront => region.is_none(),
    };
    here && row.acl.value().is_some_and(|acl| id.dimension("WebACL") == Some(&acl.metric))
}

/// Whether a series of this ACL is that of a rule, and of none that `GetWebACL` names. `Rule=ALL` is their
/// sum, and series of labels count what other series count already (DOMAIN C).
fn is_unlisted(row: &AclRow, id: &MetricId) -> bool {
    let Some((acl, rule)) = row.acl.value().zip(id.dimension("Rule")) else { return false };
    let listed = acl.rules.iter().any(|r| r.metric == *rule) || acl.metric == *rule;
    let of_label = ["Label", "LabelNamespace"].iter().any(|name| id.dimension(name).is_some());
    is_of(row, id) && rule.wire() != "ALL" && !of_label && (!listed || group_of(id).is_some())
}

fn group_of(id: &MetricId) -> Option<&Untrusted> {
    ["RuleGroup", "ManagedRuleGroup"].iter().find_map(|name| id.dimension(name))
}

/// The series of an ACL that none of its own rules stands for, as far as they were read.
pub(super) fn unlisted_series<'a>(
    inv: &'a Inventory,
    row: &'a AclRow,
) -> impl Iterator<Item = &'a MetricId> + 'a {
    let source = Source::Detail(About::AclSeries(row.summary.arn.clone()));
    let found = match inv.detail(&source).and_then(|l| l.value()) {
        Some(Detail::Series(ids)) => ids.as_slice(),
        Some(_) | None => &[],
    };
    found.iter().filter(move |id| is_unlisted(row, id))
}

/// What a rule did that is only known by its metric: it is inside a rule group, or no longer in the ACL.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unlisted {
    /// The rule group it is in, by metric name, where the series says so.
    pub group: Option<Untrusted>,
    /// Its metric name.
    pub rule: Untrusted,
    /// Requests it blocked in the hour; `None` if not known.
    pub blocked_1h: Option<u64>,
    /// Requests it counted in the hour; `None` if not known.
    pub counted_1h: Option<u64>,
}

/// The rules that are only known by their metrics and did anything in the last hour, those that blocked most
/// first; `None` until they were read. They are in no sum: what a rule inside a group blocks, the group that
/// the ACL lists has blocked as well.
#[must_use]
pub fn unlisted(inv: &Inventory, row: &AclRow) -> Option<Vec<Unlisted>> {
    let metrics = inv.metrics(&Source::Detail(About::AclUnlisted(row.summary.arn.clone())))?;
    let mut all: BTreeMap<(Option<&Untrusted>, &Untrusted), [Option<u64>; 2]> = BTreeMap::new();
    for id in unlisted_series(inv, row) {
        let Some(rule) = id.dimension("Rule") else { continue };
        // A metric that has no series was never anything but 0.
        let counts = all.entry((group_of(id), rule)).or_insert([Some(0); 2]);
        for (count, name) in counts.iter_mut().zip(WAF_METRICS) {
            if id.name.wire() == name {
                *count = points(Some(metrics), id).map(sum);
            }
        }
    }
    let mut all: Vec<Unlisted> = all
        .into_iter()
        .filter(|(_, counts)| *counts != [Some(0); 2])
        .map(|((group, rule), [blocked_1h, counted_1h])| Unlisted {
            group: group.cloned(),
            rule: rule.clone(),
            blocked_1h,
            counted_1h,
        })
        .collect();
    all.sort_by_key(|u| (Reverse(u.blocked_1h), Reverse(u.counted_1h)));
    Some(all)
}

fn sum(points: &[(Timestamp, f64)]) -> u64 {
    whole(points.iter().map(|(_, v)| v).sum())
}

fn is_audible(row: &AclRow, metric: &Untrusted) -> bool {
    acl_rule_metrics(row).contains(&metric)
}

fn rule_count(
    row: &AclRow,
    metrics: Option<&Metrics>,
    rate_end: Option<Timestamp>,
    name: &Untrusted,
    rule: &Untrusted,
    action: &RuleAction,
) -> RuleCount {
    let series = |which| metric_of(row, which, rule).and_then(|m| points(metrics, &m));
    let blocked = series(WAF_METRICS[0]);
    let rate = blocked.zip(rate_end).map(|(points, end)| {
        let start = plus_seconds(end, -RATE_MINUTES * 60);
        let sum: f64 = points.iter().filter(|(t, _)| (start..end).contains(t)).map(|(_, v)| v).sum();
        whole((sum / RATE_MINUTES as f64).round())
    });
    RuleCount {
        name: name.clone(),
        metric: rule.clone(),
        action: action.clone(),
        blocked_1h: blocked.map(sum),
        counted_1h: series(WAF_METRICS[1]).map(sum),
        blocked_per_min: rate,
    }
}

/// Where the minutes end that a rate is taken from: the newest whole minute that has come. The minute that
/// still runs would halve it, and minutes that are late would be taken for quiet ones.
fn rate_end(inv: &Inventory, source: &Source, row: &AclRow, metrics: Option<&Metrics>) -> Option<Timestamp> {
    let standing = inv.standing(source);
    let asked = standing.seen()?.at;
    let running = Timestamp::from_second(asked.as_second().div_euclid(60) * 60).ok()?;
    let newest = metrics_of(row, WAF_METRICS[0])
        .filter_map(|m| points(metrics, &m)?.iter().rev().map(|(t, _)| *t).find(|t| *t < running))
        .max();
    let late = plus_seconds(running, -LATE_S);
    Some(newest.map_or(late, |t| plus_seconds(t, 60)).clamp(late, running))
}

fn metric_of(row: &AclRow, name: &str, rule: &Untrusted) -> Option<MetricId> {
    let acl = row.acl.value()?;
    Some(waf_metric(name, &acl.metric, rule, row.summary.scope, &acl_region(row)))
}

fn metrics_of<'a>(row: &'a AclRow, name: &'a str) -> impl Iterator<Item = MetricId> + 'a {
    acl_rule_metrics(row).into_iter().filter_map(move |rule| metric_of(row, name, rule))
}

fn points<'a>(metrics: Option<&'a Metrics>, metric: &MetricId) -> Option<&'a [(Timestamp, f64)]> {
    let metrics = metrics?;
    let key = MetricKey::Stat(metric.clone(), "Sum".into());
    if metrics.trouble.iter().any(|(k, _)| *k == key) {
        return None;
    }
    metrics.series.get(&key).map(Vec::as_slice)
}

/// A count out of a measured value: never negative, never more than can be.
fn whole(v: f64) -> u64 {
    if v.is_finite() && v > 0.0 { v as u64 } else { 0 }
}

#[cfg(test)]
mod tests;
