//! CloudWatch alarms, their history and the rules that mute them.
//! Source: CloudWatch API reference, `MetricAlarm`, `CompositeAlarm`, `AlarmHistoryItem`, `GetAlarmMuteRule`.

use super::metric::MetricQuery;
use super::names::{AlarmName, Arn, MuteRuleName};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// The types that `DescribeAlarms` knows; it leaves out all but metric alarms unless each is named.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AlarmKind {
    /// Watches a metric or an expression over metrics.
    Metric,
    /// Watches other alarms by a rule.
    Composite,
    /// Watches a log query.
    Log,
}

/// The state of an alarm.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AlarmState {
    /// Outside its threshold.
    Alarm,
    /// Not enough data to tell: neither fine nor broken.
    InsufficientData,
    /// Within its threshold.
    Ok,
    /// A state that this version does not know, as AWS says it.
    Other(Untrusted),
}

/// What an alarm watches.
#[derive(Clone, PartialEq, Debug)]
pub enum Subject {
    /// One metric.
    Metric(MetricQuery),
    /// Metric maths: all queries of it; the one with `return_data` is compared with the threshold.
    Expression(Vec<MetricQuery>),
    /// A rule over other alarms, as AWS writes it.
    Rule(Untrusted),
    /// A query over logs, or something that this version does not know.
    Other(Untrusted),
}

/// An alarm as `DescribeAlarms` gives it.
#[derive(Clone, PartialEq, Debug)]
pub struct Alarm {
    /// Its name.
    pub name: AlarmName,
    /// Its ARN, by which it is told apart over refreshes.
    pub arn: Arn,
    /// Its type.
    pub kind: AlarmKind,
    /// Its state.
    pub state: AlarmState,
    /// `StateTransitionedTimestamp`: since when it is in this state. (`StateUpdatedTimestamp` also moves
    /// when only the evaluation state changes.)
    pub since: Option<Timestamp>,
    /// `StateReason`, in AWS's words.
    pub reason: Untrusted,
    /// `StateReasonData`: JSON with the data points that decided. They are looked at where the state is a bad one, and
    /// are half of an alarm's size: a port leaves them out where it is OK.
    pub reason_data: Option<Untrusted>,
    /// `EvaluationState`: PARTIAL_DATA, EVALUATION_ERROR or EVALUATION_FAILURE.
    pub evaluation: Option<Untrusted>,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// `AlarmActions`.
    pub alarm_actions: Vec<Arn>,
    /// `OKActions`.
    pub ok_actions: Vec<Arn>,
    /// `InsufficientDataActions`.
    pub insufficient_data_actions: Vec<Arn>,
    /// What it watches.
    pub subject: Subject,
    /// The threshold, in the unit of the metric; none for composites and anomaly bands.
    pub threshold: Option<f64>,
    /// `ComparisonOperator` as AWS writes it, e.g. `GreaterThanThreshold`.
    pub comparison: Option<Untrusted>,
    /// `TreatMissingData`: `missing` (the default), `ignore`, `breaching` or `notBreaching`.
    pub treat_missing: Option<Untrusted>,
    /// `EvaluationPeriods`.
    pub evaluation_periods: Option<u32>,
    /// `DatapointsToAlarm`.
    pub datapoints_to_alarm: Option<u32>,
    /// `AlarmDescription`.
    pub description: Option<Untrusted>,
}

/// A line of an alarm's history, which CloudWatch keeps for 30 days.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryItem {
    /// When.
    pub at: Timestamp,
    /// `HistoryItemType`: StateUpdate, Action, ConfigurationUpdate, ...
    pub kind: Untrusted,
    /// `HistorySummary`.
    pub summary: Untrusted,
}

/// A series that keeps a multi-series alarm in its state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contributor {
    /// `ContributorAttributes`, by name.
    pub attributes: Vec<(Untrusted, Untrusted)>,
    /// `StateReason`.
    pub reason: Untrusted,
    /// `StateTransitionedTimestamp`.
    pub since: Option<Timestamp>,
}

/// A mute rule as `GetAlarmMuteRule` gives it. Muting stops the actions of all three states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MuteRule {
    /// Its name.
    pub name: MuteRuleName,
    /// Its ARN.
    pub arn: Option<Arn>,
    /// `Status`: SCHEDULED, ACTIVE or EXPIRED, as AWS says it.
    pub status: Untrusted,
    /// The alarms that it mutes.
    pub targets: Vec<AlarmName>,
    /// `Rule.Schedule.Expression`: `at(...)` or `cron(...)`.
    pub schedule: Option<Untrusted>,
    /// `Rule.Schedule.Duration`: ISO 8601, PT1M to P15D.
    pub duration: Option<Untrusted>,
    /// `Rule.Schedule.Timezone`; UTC when unset.
    pub timezone: Option<Untrusted>,
    /// `StartDate`.
    pub starts: Option<Timestamp>,
    /// `ExpireDate`.
    pub expires: Option<Timestamp>,
    /// `Description`.
    pub description: Option<Untrusted>,
}
