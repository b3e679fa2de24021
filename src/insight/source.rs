//! The sources of the watch: the units that are walked together, polled at one interval, and whose age and
//! completeness are said on screen.

use crate::estate::{AlarmName, Arn, QueueUrl, Scope};

/// A source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// Who is asking, and the account's alias.
    Identity,
    /// All alarms.
    Alarms,
    /// The mute rules with their targets.
    Mutes,
    /// All queues with attributes, sources and move tasks.
    Queues,
    /// The age of the oldest message of each dead-letter queue that holds any.
    QueueAges,
    /// Functions and event source mappings, as origins of dead letters: an optional grant.
    Functions,
    /// The web ACLs of a scope with their rules.
    WebAcls(Scope),
    /// Blocked and counted requests of those ACLs, per rule and minute over one hour.
    WafCounts(Scope),
    /// All secrets with the versions that carry a label.
    Secrets,
    /// Tags of alarms, queues and ACLs; walked only where a system is told by tags.
    Tags,
    /// One alarm by name.
    OneAlarm(AlarmName),
    /// What an alarm's metric did lately.
    AlarmChart(Arn),
    /// What an alarm did in the last 30 days.
    AlarmHistory(AlarmName),
    /// The series that hold an alarm in its state.
    Contributors(AlarmName),
    /// The depth of a queue over some hours.
    QueueTrend(QueueUrl),
    /// Sampled requests of every rule of an ACL.
    AclSamples(Arn),
    /// What an ACL protects.
    AclResources(Arn),
    /// All versions of a secret, those without a label included.
    SecretVersions(Arn),
}

/// The broad sources, in the order in which they are named on screen.
pub const BROAD: [Source; 12] = [
    Source::Identity,
    Source::Alarms,
    Source::Mutes,
    Source::Queues,
    Source::QueueAges,
    Source::Functions,
    Source::WebAcls(Scope::Regional),
    Source::WebAcls(Scope::CloudFront),
    Source::WafCounts(Scope::Regional),
    Source::WafCounts(Scope::CloudFront),
    Source::Secrets,
    Source::Tags,
];

/// The sources whose answers are rows, kept on a shelf of their own; all others are held as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Listed {
    Alarms,
    Mutes,
    Queues,
    Functions,
    WebAcls(Scope),
    Secrets,
}

impl Source {
    /// Which shelf its rows are on; `None` for what is held as a whole.
    pub(super) fn listed(&self) -> Option<Listed> {
        match self {
            Source::Alarms => Some(Listed::Alarms),
            Source::Mutes => Some(Listed::Mutes),
            Source::Queues => Some(Listed::Queues),
            Source::Functions => Some(Listed::Functions),
            Source::WebAcls(scope) => Some(Listed::WebAcls(*scope)),
            Source::Secrets => Some(Listed::Secrets),
            Source::Identity
            | Source::QueueAges
            | Source::WafCounts(_)
            | Source::Tags
            | Source::OneAlarm(_)
            | Source::AlarmChart(_)
            | Source::AlarmHistory(_)
            | Source::Contributors(_)
            | Source::QueueTrend(_)
            | Source::AclSamples(_)
            | Source::AclResources(_)
            | Source::SecretVersions(_) => None,
        }
    }

    /// What it is called on screen.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Source::Identity => "identity",
            Source::Alarms => "alarms",
            Source::Mutes => "mutes",
            Source::Queues => "queues",
            Source::QueueAges => "queue ages",
            Source::Functions => "functions",
            Source::WebAcls(Scope::Regional) => "web ACLs",
            Source::WebAcls(Scope::CloudFront) => "CloudFront ACLs",
            Source::WafCounts(Scope::Regional) => "WAF counts",
            Source::WafCounts(Scope::CloudFront) => "CloudFront counts",
            Source::Secrets => "secrets",
            Source::Tags => "tags",
            Source::OneAlarm(_) => "alarm",
            Source::AlarmChart(_) => "chart",
            Source::AlarmHistory(_) => "history",
            Source::Contributors(_) => "contributors",
            Source::QueueTrend(_) => "trend",
            Source::AclSamples(_) => "samples",
            Source::AclResources(_) => "resources",
            Source::SecretVersions(_) => "versions",
        }
    }

    /// Its name in the JSON of gaps.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Source::Identity => "identity",
            Source::Alarms => "alarms",
            Source::Mutes => "mutes",
            Source::Queues => "queues",
            Source::QueueAges => "queue_ages",
            Source::Functions => "functions",
            Source::WebAcls(Scope::Regional) => "web_acls",
            Source::WebAcls(Scope::CloudFront) => "cloudfront_acls",
            Source::WafCounts(Scope::Regional) => "waf_counts",
            Source::WafCounts(Scope::CloudFront) => "cloudfront_counts",
            Source::Secrets => "secrets",
            Source::Tags => "tags",
            Source::OneAlarm(_) => "alarm",
            Source::AlarmChart(_) => "alarm_chart",
            Source::AlarmHistory(_) => "alarm_history",
            Source::Contributors(_) => "contributors",
            Source::QueueTrend(_) => "queue_trend",
            Source::AclSamples(_) => "acl_samples",
            Source::AclResources(_) => "acl_resources",
            Source::SecretVersions(_) => "secret_versions",
        }
    }

    /// Whether it is a part of the whole picture, as opposed to a detail that is read when looked at.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        match self {
            Source::Identity
            | Source::Alarms
            | Source::Mutes
            | Source::Queues
            | Source::QueueAges
            | Source::Functions
            | Source::WebAcls(_)
            | Source::WafCounts(_)
            | Source::Secrets
            | Source::Tags => true,
            Source::OneAlarm(_)
            | Source::AlarmChart(_)
            | Source::AlarmHistory(_)
            | Source::Contributors(_)
            | Source::QueueTrend(_)
            | Source::AclSamples(_)
            | Source::AclResources(_)
            | Source::SecretVersions(_) => false,
        }
    }
}
