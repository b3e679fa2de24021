//! WAFv2 web ACLs, their rules and sampled requests.
//! Source: WAFv2 API reference, `WebACL`, `Rule`, `GetSampledRequests`.

use super::metric::Window;
use super::names::{Arn, WebAclId};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// What a web ACL can be attached to. `CloudFront` lives in us-east-1 whatever the Region of the console.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// Load balancers, API Gateway stages, ... of a Region.
    Regional,
    /// CloudFront distributions.
    CloudFront,
}

/// A web ACL as `ListWebACLs` names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebAclSummary {
    /// Its name.
    pub name: Untrusted,
    /// Its id.
    pub id: WebAclId,
    /// Its ARN.
    pub arn: Arn,
    /// Its scope.
    pub scope: Scope,
}

/// What a rule does with a request that matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleAction {
    /// Lets it pass and ends the evaluation.
    Allow,
    /// Refuses it, with this status code where one is set.
    Block(Option<u16>),
    /// Counts it and goes on.
    Count,
    /// Puts up a puzzle.
    Captcha,
    /// Puts up a silent check.
    Challenge,
    /// A rule group: each of its rules does its own action.
    Group,
    /// A rule group whose result is only counted (`OverrideAction: Count`).
    GroupCount,
    /// Anything else, as AWS says it.
    Other(Untrusted),
}

/// A rule of a web ACL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its name.
    pub name: Untrusted,
    /// Lower is evaluated first.
    pub priority: i32,
    /// `VisibilityConfig.MetricName`: what its metrics and samples are found under.
    pub metric: Untrusted,
    /// Whether `CloudWatchMetricsEnabled`.
    pub metrics_on: bool,
    /// What it does.
    pub action: RuleAction,
    /// What it matches, in a few words (`rate 2,000 per 300 s`, `managed AWSManagedRulesSQLiRuleSet`).
    pub statement: Untrusted,
    /// Rules of a managed group that are overridden to Count.
    pub overridden_to_count: Vec<Untrusted>,
}

/// A web ACL in full, as far as the watch needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebAcl {
    /// Name, id, ARN and scope.
    pub summary: WebAclSummary,
    /// The ACL's own metric name, the `WebACL` dimension.
    pub metric: Untrusted,
    /// The rules by priority.
    pub rules: Vec<Rule>,
    /// What happens to a request that no rule decides.
    pub default_action: RuleAction,
    /// Capacity units used.
    pub capacity: Option<u64>,
}

/// A sampled request. All of it comes from strangers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample {
    /// When it came.
    pub at: Option<Timestamp>,
    /// The rule (or rule within a group) that matched.
    pub rule: Untrusted,
    /// ALLOW, BLOCK, COUNT, ...
    pub action: Untrusted,
    /// Client address.
    pub ip: Untrusted,
    /// Country code.
    pub country: Option<Untrusted>,
    /// HTTP method.
    pub method: Untrusted,
    /// URI path.
    pub uri: Untrusted,
    /// The `User-Agent` header.
    pub user_agent: Option<Untrusted>,
    /// How many requests this one stands for.
    pub weight: u64,
}

/// The answer to `GetSampledRequests`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Samples {
    /// The samples.
    pub requests: Vec<Sample>,
    /// `PopulationSize`: how many requests they were taken from.
    pub population: u64,
    /// The window that was really covered; it may be shorter than asked.
    pub window: Option<Window>,
}
