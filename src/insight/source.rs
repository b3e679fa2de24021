//! The sources of the watch: the units that are walked together, polled at one interval, and whose age and
//! completeness are said on screen. Two levels: what lists and is a part of the whole picture, and what is
//! about one thing and read only when looked at. Knows no row and no question.

use crate::estate::{AlarmName, Arn, QueueUrl, Scope};

/// A source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// A part of the whole picture.
    Broad(Broad),
    /// About one thing, read when it is looked at.
    Detail(About),
}

/// What lists: a part of the whole picture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Broad {
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
}

/// What is about one thing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum About {
    /// One alarm by name.
    OneAlarm(AlarmName),
    /// What an alarm's metric did lately, or over a longer time where a person wants it.
    AlarmChart(Arn, Reach),
    /// What an alarm did in the last 30 days.
    AlarmHistory(AlarmName),
    /// The series that hold an alarm in its state.
    Contributors(AlarmName),
    /// The depth of a queue over some hours, or a longer time where a person wants it.
    QueueTrend(QueueUrl, Reach),
    /// Sampled requests of every rule of an ACL.
    AclSamples(Arn),
    /// What an ACL protects.
    AclResources(Arn),
    /// Which series CloudWatch has of an ACL: those of rules inside rule groups are named nowhere else.
    AclSeries(Arn),
    /// Blocked and counted requests of the series that no rule of the ACL itself stands for.
    AclUnlisted(Arn),
    /// All versions of a secret, those without a label included.
    SecretVersions(Arn),
}

/// How far back a chart reaches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reach {
    /// Some hours: what is read for every thing that is looked at.
    Near,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
}

/// The broad sources, in the order in which they are named on screen.
pub const BROAD: [Broad; 12] = [
    Broad::Identity,
    Broad::Alarms,
    Broad::Mutes,
    Broad::Queues,
    Broad::QueueAges,
    Broad::Functions,
    Broad::WebAcls(Scope::Regional),
    Broad::WebAcls(Scope::CloudFront),
    Broad::WafCounts(Scope::Regional),
    Broad::WafCounts(Scope::CloudFront),
    Broad::Secrets,
    Broad::Tags,
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

impl From<Broad> for Source {
    fn from(broad: Broad) -> Self {
        Source::Broad(broad)
    }
}

impl From<About> for Source {
    fn from(about: About) -> Self {
        Source::Detail(about)
    }
}

impl Source {
    /// Which shelf its rows are on; `None` for what is held as a whole.
    pub(super) fn listed(&self) -> Option<Listed> {
        match self {
            Source::Broad(broad) => broad.listed(),
            Source::Detail(_) => None,
        }
    }

    /// What it is called on screen.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Source::Broad(broad) => broad.words(),
            Source::Detail(about) => about.words(),
        }
    }

    /// Its name in the JSON of gaps.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Source::Broad(broad) => broad.word(),
            Source::Detail(about) => about.word(),
        }
    }

    /// Whether it is a part of the whole picture, as opposed to a detail that is read when looked at.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        matches!(self, Source::Broad(_))
    }

    /// Whether its first questions are taken from the answers of `other`, so that it waits for them, and is
    /// asked anew when they have changed.
    #[must_use]
    pub fn comes_after(&self, other: &Source) -> bool {
        match (self, other) {
            (Source::Broad(this), Source::Broad(other)) => this.comes_after(*other),
            (Source::Detail(this), Source::Broad(other)) => this.comes_after(*other),
            (Source::Detail(About::AclUnlisted(this)), Source::Detail(About::AclSeries(other))) => {
                this == other
            }
            (_, Source::Detail(_)) => false,
        }
    }
}

impl Broad {
    fn listed(self) -> Option<Listed> {
        match self {
            Broad::Alarms => Some(Listed::Alarms),
            Broad::Mutes => Some(Listed::Mutes),
            Broad::Queues => Some(Listed::Queues),
            Broad::Functions => Some(Listed::Functions),
            Broad::WebAcls(scope) => Some(Listed::WebAcls(scope)),
            Broad::Secrets => Some(Listed::Secrets),
            Broad::Identity | Broad::QueueAges | Broad::WafCounts(_) | Broad::Tags => None,
        }
    }

    fn comes_after(self, other: Broad) -> bool {
        match self {
            Broad::QueueAges => matches!(other, Broad::Queues | Broad::Functions),
            Broad::WafCounts(scope) => other == Broad::WebAcls(scope),
            Broad::Tags => matches!(other, Broad::Alarms | Broad::Queues | Broad::WebAcls(_)),
            Broad::Identity
            | Broad::Alarms
            | Broad::Mutes
            | Broad::Queues
            | Broad::Functions
            | Broad::WebAcls(_)
            | Broad::Secrets => false,
        }
    }

    /// What a person reads.
    pub(super) fn words(self) -> &'static str {
        match self {
            Broad::Identity => "identity",
            Broad::Alarms => "alarms",
            Broad::Mutes => "mute rules",
            Broad::Queues => "queues",
            Broad::QueueAges => "queue ages",
            Broad::Functions => "functions",
            Broad::WebAcls(Scope::Regional) => "web ACLs",
            Broad::WebAcls(Scope::CloudFront) => "CloudFront ACLs",
            Broad::WafCounts(Scope::Regional) => "WAF counts",
            Broad::WafCounts(Scope::CloudFront) => "CloudFront counts",
            Broad::Secrets => "secrets",
            Broad::Tags => "tags",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Broad::Identity => "identity",
            Broad::Alarms => "alarms",
            Broad::Mutes => "mutes",
            Broad::Queues => "queues",
            Broad::QueueAges => "queue_ages",
            Broad::Functions => "functions",
            Broad::WebAcls(Scope::Regional) => "web_acls",
            Broad::WebAcls(Scope::CloudFront) => "cloudfront_acls",
            Broad::WafCounts(Scope::Regional) => "waf_counts",
            Broad::WafCounts(Scope::CloudFront) => "cloudfront_counts",
            Broad::Secrets => "secrets",
            Broad::Tags => "tags",
        }
    }
}

impl About {
    fn comes_after(&self, other: Broad) -> bool {
        match self {
            About::AlarmChart(..) => other == Broad::Alarms,
            About::AclSamples(_) | About::AclResources(_) | About::AclSeries(_) | About::AclUnlisted(_) => {
                matches!(other, Broad::WebAcls(_))
            }
            About::OneAlarm(_)
            | About::AlarmHistory(_)
            | About::Contributors(_)
            | About::QueueTrend(..)
            | About::SecretVersions(_) => false,
        }
    }

    fn words(&self) -> &'static str {
        match self {
            About::OneAlarm(_) => "alarm",
            About::AlarmChart(..) => "chart",
            About::AlarmHistory(_) => "history",
            About::Contributors(_) => "contributors",
            About::QueueTrend(..) => "trend",
            About::AclSamples(_) => "samples",
            About::AclResources(_) => "resources",
            About::AclSeries(_) => "series",
            About::AclUnlisted(_) => "counts inside groups",
            About::SecretVersions(_) => "versions",
        }
    }

    fn word(&self) -> &'static str {
        match self {
            About::OneAlarm(_) => "alarm",
            About::AlarmChart(..) => "alarm_chart",
            About::AlarmHistory(_) => "alarm_history",
            About::Contributors(_) => "contributors",
            About::QueueTrend(..) => "queue_trend",
            About::AclSamples(_) => "acl_samples",
            About::AclResources(_) => "acl_resources",
            About::AclSeries(_) => "acl_series",
            About::AclUnlisted(_) => "acl_unlisted",
            About::SecretVersions(_) => "secret_versions",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{About, BROAD, Broad, Source};
    use crate::estate::{Arn, Scope};

    fn after(first: &Source) -> Vec<Broad> {
        BROAD.into_iter().filter(|next| Source::Broad(*next).comes_after(first)).collect()
    }

    #[test]
    fn what_is_taken_from_others_comes_after_them() {
        let acls = Source::Broad(Broad::WebAcls(Scope::CloudFront));
        assert_eq!(after(&acls), [Broad::WafCounts(Scope::CloudFront), Broad::Tags]);
        assert_eq!(after(&Source::Broad(Broad::Functions)), [Broad::QueueAges]);
        let of = |about: fn(Arn) -> About, acl: &str| Source::Detail(about(Arn::new(acl)));
        assert!(of(About::AclUnlisted, "a").comes_after(&of(About::AclSeries, "a")));
        assert!(!of(About::AclUnlisted, "a").comes_after(&of(About::AclSeries, "b")));
        assert!(of(About::AclSeries, "a").comes_after(&acls));
    }

    #[test]
    fn nothing_waits_in_a_circle() {
        for broad in BROAD.map(Source::Broad) {
            let waits = BROAD.into_iter().any(|other| broad.comes_after(&Source::Broad(other)));
            assert!(!waits || after(&broad).is_empty(), "{broad:?}");
        }
    }
}
