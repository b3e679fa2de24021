//! CloudWatch metrics: how a series is named, asked for and answered.
//! Source: CloudWatch API reference, `MetricDataQuery`, `MetricDataResult`.

use super::time::Timestamp;
use super::untrusted::Untrusted;

/// A metric and the dimensions that pick one series of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MetricId {
    /// Namespace, e.g. `AWS/SQS`.
    pub namespace: Untrusted,
    /// Metric name.
    pub name: Untrusted,
    /// Dimensions as name and value. Order does not matter to AWS.
    pub dimensions: Vec<(Untrusted, Untrusted)>,
}

impl MetricId {
    /// A metric of AWS's own, with its dimensions.
    #[must_use]
    pub fn of(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            dimensions: dimensions.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
        }
    }

    /// The value of dimension `name`.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&Untrusted> {
        self.dimensions.iter().find(|(n, _)| n.wire() == name).map(|(_, v)| v)
    }
}

/// What a query computes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MetricSource {
    /// A statistic of a metric.
    Stat {
        /// Which series.
        metric: MetricId,
        /// `Sum`, `Average`, `Maximum`, `p99`, ...
        stat: Untrusted,
        /// Seconds a data point stands for.
        period_s: u32,
        /// Unit, where the asker insists on one.
        unit: Option<Untrusted>,
    },
    /// Metric maths over the other queries.
    Expression {
        /// The expression as AWS writes it.
        text: Untrusted,
        /// Seconds a data point stands for, where set.
        period_s: Option<u32>,
    },
}

/// One query of `GetMetricData`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MetricQuery {
    /// Names the query within its request: a lower-case letter, then letters, digits and `_`.
    pub id: Untrusted,
    /// What it computes.
    pub source: MetricSource,
    /// Whether its values are wanted, or only used by expressions.
    pub return_data: bool,
    /// Label, where set.
    pub label: Option<Untrusted>,
}

/// A span of time, start inclusive, end exclusive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Window {
    /// First instant.
    pub from: Timestamp,
    /// The instant after the last.
    pub to: Timestamp,
}

/// The values of one query, oldest first.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// The query's id.
    pub id: Untrusted,
    /// Its label, as CloudWatch made it.
    pub label: Untrusted,
    /// The points: start of the period, value.
    pub points: Vec<(Timestamp, f64)>,
    /// `StatusCode` was neither Complete nor, before the last page, PartialData: what it said.
    pub trouble: Option<Untrusted>,
}

/// At most so many queries in one `GetMetricData` (CloudWatch API reference, `GetMetricData`).
pub const MAX_QUERIES: usize = 500;
/// At most so many data points in one `GetMetricData` answer (the same page).
pub const MAX_DATAPOINTS: usize = 100_800;
