//! The questions to CloudWatch. Rates: "CloudWatch service quotas"; those without a published one are ours.

use super::asks;
use crate::estate::alarm::{Alarm, Contributor, HistoryItem, MuteRule};
use crate::estate::metric::{MetricId, MetricQuery, Series, Window};
use crate::estate::names::{AlarmName, Arn, MuteRuleName};
use crate::estate::untrusted::Untrusted;
use std::sync::Arc;

asks! { CloudWatch, "cloudwatch";
    /// All alarms of all three types, 100 a page; or those named. One that is as it was may be the very row of before.
    DescribeAlarms {
        /// Empty for all; else at most 100.
        names: Vec<AlarmName>,
    } => Vec<Arc<Alarm>>, "cloudwatch:DescribeAlarms" @ 9;
    /// What an alarm did in the last 30 days, newest first.
    DescribeAlarmHistory {
        /// Which alarm.
        alarm: AlarmName,
    } => Vec<HistoryItem>, "cloudwatch:DescribeAlarmHistory" @ 20;
    /// The series that hold a multi-series alarm in its state.
    DescribeAlarmContributors {
        /// Which alarm.
        alarm: AlarmName,
    } => Vec<Contributor>, "cloudwatch:DescribeAlarmContributors" @ 9;
    /// The names of all mute rules; targets need [`GetAlarmMuteRule`].
    ListAlarmMuteRules {} => Vec<MuteRuleName>, "cloudwatch:ListAlarmMuteRules" @ 3;
    /// One mute rule with its targets.
    GetAlarmMuteRule {
        /// Which rule.
        name: MuteRuleName,
    } => MuteRule, "cloudwatch:GetAlarmMuteRule" @ 3;
    /// The values of up to 500 queries.
    GetMetricData {
        /// What to compute.
        queries: Vec<MetricQuery>,
        /// Over which span.
        window: Window,
    } => Vec<Series>, "cloudwatch:GetMetricData" @ 50;
    /// The series that exist of a metric.
    ListMetrics {
        /// Namespace.
        namespace: Untrusted,
        /// Metric name.
        name: Untrusted,
    } => Vec<MetricId>, "cloudwatch:ListMetrics" @ 25;
    /// The tags of an alarm.
    ListTagsForResource {
        /// The alarm.
        resource: Arn,
    } => Vec<(Untrusted, Untrusted)>, "cloudwatch:ListTagsForResource" @ 10;
}
