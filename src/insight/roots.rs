//! The questions that a walk of a source starts with, as far as they depend on what is known and wanted.
//! Pure; what follows from the answers is [`follow`](crate::estate::follow()).

use super::dead_letter::Roles;
use super::inventory::Inventory;
use super::source::{About, Broad, Source};
use crate::estate::ask::{Ask, Asks, Query, cloudwatch, iam, lambda, secretsmanager, sqs, sts, wafv2};
use crate::estate::{At, Region, Scope, Timestamp};

mod metrics;

pub(in crate::insight) use metrics::{
    TREND, WAF_METRICS, acl_region, acl_rule_metrics, alarm_period, oldest_age, queue_metric, waf_metric,
};
pub use metrics::{chart_period, trend_period};

/// What the questions depend on besides the source and what is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wants {
    /// The account and Region that are looked at.
    pub at: At,
    /// Now.
    pub now: Timestamp,
    /// Whether a system is told by its tags, so that tags are worth their calls.
    pub tags_wanted: bool,
}

/// How far back `GetSampledRequests` reaches ("the past three hours", WAFv2 API reference), less a margin for
/// clocks that differ and for the time that a walk takes.
const SAMPLES_BACK_S: i64 = 3 * 3600 - 300;

/// The questions to start a walk of `source` with. Empty: there is nothing to ask now, and the walk is over
/// at once.
#[must_use]
pub fn roots(source: &Source, inv: &Inventory, wants: &Wants) -> Vec<Query> {
    match source {
        Source::Broad(broad) => of_broad(*broad, inv, wants),
        Source::Detail(about) => of_detail(about, inv, wants),
    }
}

fn of_broad(broad: Broad, inv: &Inventory, wants: &Wants) -> Vec<Query> {
    let here = |ask: Ask| Query { at: wants.at.clone(), ask };
    match broad {
        Broad::Identity => {
            vec![here(sts::GetCallerIdentity {}.ask()), here(iam::ListAccountAliases {}.ask())]
        }
        Broad::Alarms => vec![here(cloudwatch::DescribeAlarms { names: Vec::new() }.ask())],
        Broad::Mutes => vec![here(cloudwatch::ListAlarmMuteRules {}.ask())],
        Broad::Queues => vec![here(sqs::ListQueues {}.ask())],
        Broad::QueueAges => metrics::queue_ages(inv, &Roles::of(inv), wants),
        Broad::Functions => {
            vec![here(lambda::ListFunctions {}.ask()), here(lambda::ListEventSourceMappings {}.ask())]
        }
        Broad::WebAcls(scope) => {
            vec![Query { at: at_of(scope, wants), ask: wafv2::ListWebACLs { scope }.ask() }]
        }
        Broad::WafCounts(scope) => metrics::waf_counts(inv, scope, wants),
        Broad::Secrets => vec![here(secretsmanager::ListSecrets {}.ask())],
        Broad::Tags => tags(inv, wants),
    }
}

fn of_detail(about: &About, inv: &Inventory, wants: &Wants) -> Vec<Query> {
    let here = |ask: Ask| Query { at: wants.at.clone(), ask };
    match about {
        About::OneAlarm(name) => {
            vec![here(cloudwatch::DescribeAlarms { names: vec![name.clone()] }.ask())]
        }
        About::AlarmChart(arn, reach) => inv
            .alarms
            .get(arn)
            .and_then(|alarm| metrics::alarm_chart(alarm, *reach, wants))
            .into_iter()
            .collect(),
        About::AlarmHistory(alarm) => {
            vec![here(cloudwatch::DescribeAlarmHistory { alarm: alarm.clone() }.ask())]
        }
        About::Contributors(alarm) => {
            vec![here(cloudwatch::DescribeAlarmContributors { alarm: alarm.clone() }.ask())]
        }
        About::QueueTrend(url, reach) => vec![metrics::queue_trend(url, *reach, wants)],
        About::AclSamples(arn) => samples(inv, arn, wants),
        About::AclResources(arn) => match inv.acl(arn).map(|row| row.summary.scope) {
            Some(Scope::Regional) => vec![here(wafv2::ListResourcesForWebACL { acl: arn.clone() }.ask())],
            // CloudFront distributions are asked of CloudFront, not of WAF (WAFv2 API reference).
            Some(Scope::CloudFront) | None => Vec::new(),
        },
        About::AclSeries(arn) => match inv.acl(arn).filter(|row| row.acl.value().is_some()) {
            Some(row) => WAF_METRICS.into_iter().map(|name| metrics::waf_series(row, name, wants)).collect(),
            None => Vec::new(),
        },
        About::AclUnlisted(arn) => metrics::waf_unlisted(inv, arn, wants),
        // What `ListSecrets` says may be five minutes behind; `DescribeSecret` is how to get the latest
        // (Secrets Manager API reference, `ListSecrets`).
        About::SecretVersions(arn) => vec![
            here(secretsmanager::ListSecretVersionIds { secret: arn.clone(), deprecated: true }.ask()),
            here(secretsmanager::DescribeSecret { secret: arn.clone() }.ask()),
        ],
    }
}

/// Where questions about a scope are asked.
pub(in crate::insight) fn at_of(scope: Scope, wants: &Wants) -> At {
    match scope {
        Scope::Regional => wants.at.clone(),
        Scope::CloudFront => At { account: wants.at.account.clone(), region: Region::us_east_1() },
    }
}

fn tags(inv: &Inventory, wants: &Wants) -> Vec<Query> {
    if !wants.tags_wanted {
        return Vec::new();
    }
    let here = |ask: Ask| Query { at: wants.at.clone(), ask };
    let alarms = inv
        .alarms
        .iter()
        .map(|(arn, _)| here(cloudwatch::ListTagsForResource { resource: arn.clone() }.ask()));
    let queues = inv.queues.iter().map(|(url, _)| here(sqs::ListQueueTags { queue: url.clone() }.ask()));
    let acls = [Scope::Regional, Scope::CloudFront].into_iter().flat_map(|scope| {
        inv.acls(scope).iter().map(move |(arn, _)| Query {
            at: at_of(scope, wants),
            ask: wafv2::ListTagsForResource { resource: arn.clone() }.ask(),
        })
    });
    alarms.chain(queues).chain(acls).collect()
}

fn samples(inv: &Inventory, arn: &crate::estate::Arn, wants: &Wants) -> Vec<Query> {
    let Some(acl) = inv.acl(arn).and_then(|row| row.acl.value()) else { return Vec::new() };
    let scope = acl.summary.scope;
    let window = metrics::back(wants.now, SAMPLES_BACK_S, 1);
    acl.rules
        .iter()
        .map(|rule| Query {
            at: at_of(scope, wants),
            ask: wafv2::GetSampledRequests {
                acl: arn.clone(),
                rule_metric: rule.metric.clone(),
                scope,
                window,
            }
            .ask(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
