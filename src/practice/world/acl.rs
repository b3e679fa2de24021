//! A web ACL, the attacks on it, and how many requests each rule matched in a minute: never stored, a hash
//! of rule and minute. Sources: WAFv2 API reference; AWS WAF developer guide, "AWS WAF metrics and
//! dimensions" (a minute without a match has no data point; `ALL` counts what the rules count again).

use crate::practice::prng::{Prng, mix, unit, word};
use crate::practice::world::{REGION, Second, arn};
use serde::{Deserialize, Serialize};

/// What a rule, or an ACL without one that matches, does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::practice) enum Action {
    Allow,
    Block,
    Count,
    Captcha,
    Challenge,
    /// A managed group: blocks.
    Group,
    /// A managed group that only counts.
    GroupCount,
}

impl Action {
    /// The metric in which its matches are counted.
    fn metric(self) -> &'static str {
        match self {
            Action::Allow => "AllowedRequests",
            Action::Block | Action::Group => "BlockedRequests",
            Action::Count | Action::GroupCount => "CountedRequests",
            Action::Captcha => "CaptchaRequests",
            Action::Challenge => "ChallengeRequests",
        }
    }
}

/// What the requests look like that a rule matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::practice) enum Looks {
    Sqli,
    Scanner,
    Flood,
    Agent,
    Geo,
    Form,
}

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct AclRule {
    pub(in crate::practice) name: String,
    pub(in crate::practice) metric: String,
    pub(in crate::practice) metrics_on: bool,
    pub(in crate::practice) action: Action,
    /// The status code of a block, where it is not 403.
    pub(in crate::practice) status: Option<u16>,
    pub(in crate::practice) statement: String,
    pub(in crate::practice) counted: Vec<String>,
    /// The metric names of the rules inside the group that this rule refers to, where it is the account's own.
    #[serde(default)]
    pub(in crate::practice) inside: Vec<String>,
    /// Matches a minute, as usual and under attack.
    pub(in crate::practice) usual: f64,
    pub(in crate::practice) attack: f64,
    pub(in crate::practice) looks: Looks,
}

/// An attack that meets one rule above all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Attack {
    pub(in crate::practice) from: Second,
    pub(in crate::practice) to: Second,
    pub(in crate::practice) rule: usize,
    /// Share of the rule's full attack.
    pub(in crate::practice) force: f64,
}

/// A web ACL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Acl {
    pub(in crate::practice) name: String,
    pub(in crate::practice) id: String,
    pub(in crate::practice) cloudfront: bool,
    pub(in crate::practice) metric: String,
    pub(in crate::practice) default: Action,
    pub(in crate::practice) capacity: u64,
    pub(in crate::practice) resources: Vec<String>,
    pub(in crate::practice) tags: Vec<(String, String)>,
    pub(in crate::practice) passes: f64,
    pub(in crate::practice) attack_every: i64,
    pub(in crate::practice) rules: Vec<AclRule>,
    pub(in crate::practice) attacks: Vec<Attack>,
    pub(in crate::practice) rng: Prng,
}

impl Acl {
    pub(in crate::practice) fn arn(&self) -> String {
        let scope = if self.cloudfront { "global" } else { "regional" };
        arn("wafv2", &format!("{scope}/webacl/{}/{}", self.name, self.id))
    }

    /// Requests that rule `r` matched in the minute that begins at `minute`.
    pub(in crate::practice) fn matched(&self, seed: u64, r: usize, minute: Second) -> u64 {
        let Some(rule) = self.rules.get(r) else { return 0 };
        let extra: f64 =
            self.attacks.iter().filter(|a| a.from <= minute && minute < a.to).map(|a| a.on(r, rule)).sum();
        scatter(rule.usual + extra, mix(seed ^ word(&self.id) ^ word(&rule.metric), minute.unsigned_abs(), 6))
    }

    /// Requests that no rule decided in that minute.
    pub(in crate::practice) fn undecided(&self, seed: u64, minute: Second) -> u64 {
        scatter(self.passes, mix(seed ^ word(&self.id), minute.unsigned_abs(), 7))
    }

    /// The value of a metric of `AWS/WAFV2` for a minute; nothing where nothing matched, or where the
    /// dimensions are not exactly those under which AWS keeps it.
    pub(in crate::practice) fn metric(
        &self,
        seed: u64,
        name: &str,
        dims: &[(String, String)],
        minute: Second,
    ) -> Option<f64> {
        let dim = |n: &str| dims.iter().find(|(d, _)| d == n).map(|(_, v)| v.as_str());
        let group = dim("RuleGroup");
        let own = 2 + usize::from(!self.cloudfront) + usize::from(group.is_some());
        let placed = dims.len() == own && (self.cloudfront || dim("Region") == Some(REGION));
        let wanted = dim("Rule").filter(|_| placed)?;
        if let Some(group) = group {
            return self.inside(seed, name, group, wanted, minute);
        }
        let by_rules: u64 = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, r)| {
                r.metrics_on && r.action.metric() == name && (wanted == "ALL" || wanted == r.metric)
            })
            .map(|(i, _)| self.matched(seed, i, minute))
            .sum();
        let by_default = if name == self.default.metric() && (wanted == "ALL" || wanted == "Default_Action") {
            self.undecided(seed, minute)
        } else {
            0
        };
        let all = by_rules + by_default;
        (all > 0).then_some(all as f64)
    }

    /// What rule `wanted` inside the rule group `group` did in a minute.
    fn inside(&self, seed: u64, name: &str, group: &str, wanted: &str, minute: Second) -> Option<f64> {
        let speaks = |r: &AclRule| r.tells_inside() && r.action.metric() == name && r.group() == Some(group);
        let all: u64 = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| speaks(rule))
            .map(|(r, rule)| rule.share(wanted, self.matched(seed, r, minute)))
            .sum();
        (all > 0).then_some(all as f64)
    }

    /// Every series that it has data in: metric name, rule group where it is of a rule inside one, and rule
    /// dimension.
    pub(in crate::practice) fn series(&self) -> Vec<(&'static str, Option<String>, String)> {
        let mut all = Vec::new();
        for r in self.rules.iter().filter(|r| r.metrics_on) {
            let metric = r.action.metric();
            all.extend([(metric, None, r.metric.clone()), (metric, None, "ALL".to_owned())]);
            if r.tells_inside() {
                let group = r.group().map(str::to_owned);
                all.extend(r.inside.iter().map(|rule| (metric, group.clone(), rule.clone())));
            }
        }
        let default = self.default.metric();
        all.extend([(default, None, "Default_Action".to_owned()), (default, None, "ALL".to_owned())]);
        all.sort();
        all.dedup();
        all
    }
}

impl AclRule {
    /// The rule group that it refers to, if that is the account's own: the metrics of the rules in others' groups
    /// are their owners' (AWS WAF developer guide, "AWS WAF metrics and dimensions").
    fn group(&self) -> Option<&str> {
        self.statement.strip_prefix("rule group ")
    }

    /// Whether the rules inside its group have metrics under the ACL: those that only count have none (the same).
    fn tells_inside(&self) -> bool {
        self.metrics_on && self.action == Action::Group && self.group().is_some()
    }

    /// How many of `matched` requests the rule `wanted` inside its group met: the first of them half of all, the
    /// next one half of the rest, the last one what is left, so that they add up.
    fn share(&self, wanted: &str, matched: u64) -> u64 {
        let mut left = matched;
        for (n, rule) in self.inside.iter().enumerate() {
            let part = if n + 1 == self.inside.len() { left } else { left.div_ceil(2) };
            if rule == wanted {
                return part;
            }
            left -= part;
        }
        0
    }
}

impl Attack {
    fn on(&self, r: usize, rule: &AclRule) -> f64 {
        // the others get their share: whoever attacks does not know which rule will stop it
        let share = if r == self.rule { 1.0 } else { 0.06 };
        rule.attack * self.force * share
    }
}

/// A whole number around `mean`, as independent events would make it: Poisson below 30, else its normal
/// approximation.
fn scatter(mean: f64, h: u64) -> u64 {
    if mean <= 0.0 {
        return 0;
    }
    if mean >= 30.0 {
        let z = (0..4).map(|i| unit(mix(h, i, 8))).sum::<f64>() - 2.0; // variance 1/3
        return (mean + z * (3.0 * mean).sqrt()).round().max(0.0) as u64;
    }
    let (mut k, mut p, mut sum) = (0_u64, (-mean).exp(), (-mean).exp());
    let u = unit(h);
    while u > sum && k < 200 {
        k += 1;
        p *= mean / k as f64;
        sum += p;
    }
    k
}
