//! What the inventory holds: rows that are put together from several answers, and what is fetched as a
//! whole. Plain data.

use crate::estate::{
    Arn, Field, Function, HistoryItem, MetricId, MoveTask, OnFailure, QueueFacts, QueueUrl, Samples, Secret,
    SecretVersion, Timestamp, Untrusted, WebAcl, WebAclSummary,
};
use crate::insight::source::{About, Broad, Source};
use std::collections::{BTreeMap, BTreeSet};

/// A queue, put together from several answers.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// Its URL.
    pub url: QueueUrl,
    /// Its attributes.
    pub facts: Field<QueueFacts>,
    /// The queues that send their dead letters here (`ListDeadLetterSourceQueues`).
    pub sources: Field<Vec<QueueUrl>>,
    /// Its newest move tasks.
    pub tasks: Field<Vec<MoveTask>>,
    /// Its tags.
    pub tags: Field<Vec<(Untrusted, Untrusted)>>,
}

/// A web ACL, put together from several answers.
#[derive(Clone, Debug)]
pub struct AclRow {
    /// Name, id, ARN, scope.
    pub summary: WebAclSummary,
    /// Its rules.
    pub acl: Field<WebAcl>,
    /// Its tags.
    pub tags: Field<Vec<(Untrusted, Untrusted)>>,
}

/// A secret with its labelled versions.
#[derive(Clone, Debug)]
pub struct SecretRow {
    /// The secret.
    pub secret: Secret,
    /// Its versions that carry a label.
    pub versions: Field<Vec<SecretVersion>>,
}

/// A function with its failure destinations.
#[derive(Clone, Debug)]
pub struct FunctionRow {
    /// The function.
    pub function: Function,
    /// Where its failed asynchronous invocations go.
    pub on_failure: Field<Vec<OnFailure>>,
}

/// Names a series of [`Metrics`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MetricKey {
    /// A statistic of a metric.
    Stat(crate::estate::MetricId, Untrusted),
    /// An expression, by the id of its query.
    Expression(Untrusted),
}

/// Values of several series, oldest first, and what CloudWatch said where one was in trouble.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Metrics {
    /// The points of each series that was asked for; one without data is there and empty.
    pub series: BTreeMap<MetricKey, Vec<(Timestamp, f64)>>,
    /// The labels under which CloudWatch gave each. A query that groups answers with several series: then the points
    /// are the greatest of each time.
    pub labels: BTreeMap<MetricKey, BTreeSet<Untrusted>>,
    /// Series that CloudWatch could not compute, with its words.
    pub trouble: Vec<(MetricKey, Untrusted)>,
}

/// What a source that is fetched as a whole holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Detail {
    /// Metric values.
    Metrics(Metrics),
    /// An alarm's history, newest first.
    History(Vec<HistoryItem>),
    /// Contributors of an alarm.
    Contributors(Vec<crate::estate::alarm::Contributor>),
    /// Sampled requests by the rule that was asked.
    Samples(Vec<(Untrusted, Samples)>),
    /// What an ACL protects.
    Resources(Vec<Arn>),
    /// All versions of a secret.
    Versions(Vec<SecretVersion>),
    /// Which series there are.
    Series(Vec<MetricId>),
    /// Nothing of its own: it completes rows of a shelf.
    Rows,
}

impl Detail {
    pub(super) fn empty(source: &Source) -> Self {
        match source {
            Source::Broad(broad) => match broad {
                Broad::QueueAges | Broad::WafCounts(_) => Detail::Metrics(Metrics::default()),
                Broad::Identity
                | Broad::Alarms
                | Broad::Mutes
                | Broad::Queues
                | Broad::Functions
                | Broad::WebAcls(_)
                | Broad::Secrets
                | Broad::Tags => Detail::Rows,
            },
            Source::Detail(about) => match about {
                About::AlarmChart(..) | About::QueueTrend(..) | About::AclUnlisted(_) => {
                    Detail::Metrics(Metrics::default())
                }
                About::AlarmHistory(_) => Detail::History(Vec::new()),
                About::Contributors(_) => Detail::Contributors(Vec::new()),
                About::AclSamples(_) => Detail::Samples(Vec::new()),
                About::AclResources(_) => Detail::Resources(Vec::new()),
                About::AclSeries(_) => Detail::Series(Vec::new()),
                About::SecretVersions(_) => Detail::Versions(Vec::new()),
                About::OneAlarm(_) => Detail::Rows,
            },
        }
    }
}
