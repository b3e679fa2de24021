//! What stands in the account, asked of its lists: they are not late, as CloudTrail is, and know of what was done with
//! credentials that nobody has named. Two rounds: the lists, then what only a question for each thing tells. What does not
//! answer is a gap that is said. The list of rules of EventBridge has no dates: CloudTrail is asked who made any.

use super::super::super::key::all;
use super::finding::{Finding, Findings, Kind};
use crate::estate::ask::cloudtrail::{DescribeTrails, GetTrailStatus, LookupEvents};
use crate::estate::ask::ec2::DescribeInstances;
use crate::estate::ask::events::{ListRules, ListTargetsByRule};
use crate::estate::ask::iam::{
    GetAccountAuthorizationDetails, GetLoginProfile, GetOpenIDConnectProvider, ListAccessKeys,
    ListMFADevices, ListOpenIDConnectProviders, ListSAMLProviders,
};
use crate::estate::ask::lambda::{ListFunctionUrlConfigs, ListFunctions, ListLayers};
use crate::estate::change::iam::contain::deny_all;
use crate::estate::{
    AccessKey, Arn, Asks, AttachedPolicy, Authorization, EventRule, Fault, Function, IdentityProvider,
    Instance, Layer, ListedUrl, LoginProfile, Lookup, MfaDevice, Region, RuleTarget, Timestamp, Trail,
    TrailEvent, TrailStatus, Untrusted, UserDetail, UserName,
};
use crate::runbook::need::Need;
use crate::runbook::verbs::contain::{partition, together, wants};
use crate::runbook::view::View;
use std::collections::BTreeMap;

/// Of so many users keys, password and devices are asked for: three calls for each, five a second.
pub(super) const USERS: usize = 400;
/// Of so many functions the URLs.
pub(super) const FUNCTIONS: usize = 300;
/// Of so many rules where they send.
const RULES: usize = 200;

/// Answers by Region.
type Regional<T> = Vec<(Region, Result<Vec<T>, Fault>)>;

/// The lists.
pub(super) struct Lists {
    pub who: Result<Authorization, Fault>,
    saml: Result<Vec<IdentityProvider>, Fault>,
    openid: Result<Vec<Arn>, Fault>,
    pub functions: Regional<Function>,
    pub layers: Regional<Layer>,
    pub trails: Regional<Trail>,
    pub instances: Regional<Instance>,
    pub rules: Regional<EventRule>,
    /// Who made or changed rules since, whoever it was.
    rule_makers: Regional<TrailEvent>,
}

/// A user with what only a question for each tells.
pub(super) struct OfUser {
    pub name: UserName,
    pub keys: Result<Vec<AccessKey>, Fault>,
    pub login: Result<Option<LoginProfile>, Fault>,
    pub devices: Result<Vec<MfaDevice>, Fault>,
}

/// What was asked for each.
pub(super) struct Details {
    pub users: Vec<OfUser>,
    pub urls: Regional<ListedUrl>,
    pub trails: Vec<(Region, Trail, Result<Option<TrailStatus>, Fault>)>,
    pub providers: Vec<IdentityProvider>,
    pub targets: Vec<(Region, EventRule, Result<Vec<RuleTarget>, Fault>)>,
    /// What was not looked at, a sentence each.
    pub gaps: Vec<String>,
}

/// A question whose answer holds a list, asked in every Region.
fn everywhere<T: Clone, Q: Asks<Out = Vec<T>>>(
    v: &View<'_>,
    regions: &[Region],
    ask: impl Fn() -> Q,
) -> Result<Regional<T>, Need> {
    all(regions.iter().map(|region| {
        let answer = v.attempt(region, ask())?;
        Ok((region.clone(), answer.map(|pages| pages.concat())))
    }))
}

impl Lists {
    /// The first round.
    pub(super) fn ask(v: &View<'_>, regions: &[Region], from: Timestamp) -> Result<Self, Need> {
        let home = &v.at.region;
        let who = v.attempt(home, GetAccountAuthorizationDetails {});
        let saml = v.attempt(home, ListSAMLProviders {});
        let openid = v.attempt(home, ListOpenIDConnectProviders {});
        let functions = everywhere(v, regions, || ListFunctions {});
        let layers = everywhere(v, regions, || ListLayers {});
        let trails = everywhere(v, regions, || DescribeTrails {});
        let instances = everywhere(v, regions, || DescribeInstances {});
        let rules = everywhere(v, regions, || ListRules {});
        let by = || Lookup::Event(Untrusted::from("PutRule"));
        let makers = everywhere(v, regions, || LookupEvents { by: by(), from });
        together([
            wants(&who),
            wants(&saml),
            wants(&openid),
            wants(&functions),
            wants(&layers),
            wants(&trails),
            wants(&instances),
            wants(&rules),
            wants(&makers),
        ])?;
        let who = who?.map(|pages| {
            pages.into_iter().fold(Authorization::default(), |mut all, page| {
                all.users.extend(page.users);
                all.roles.extend(page.roles);
                all.policies.extend(page.policies);
                all
            })
        });
        Ok(Self {
            who,
            saml: saml?.map(|pages| pages.concat()),
            openid: openid?.map(|pages| pages.concat()),
            functions: functions?,
            layers: layers?,
            trails: trails?,
            instances: instances?,
            rules: rules?,
            rule_makers: makers?,
        })
    }

    /// What CloudTrail tells of rules.
    pub(super) fn of_rules(&self) -> Vec<TrailEvent> {
        self.rule_makers.iter().flat_map(|(_, answer)| answer.iter().flatten().cloned()).collect()
    }

    /// Where rules send: of those that AWS's services have made for themselves it is not asked.
    #[allow(clippy::type_complexity)] // it is taken apart at once
    fn targets(
        &self,
        v: &View<'_>,
        gaps: &mut Vec<String>,
    ) -> Result<Vec<(Region, EventRule, Result<Vec<RuleTarget>, Fault>)>, Need> {
        let mut rules: Vec<(&Region, &EventRule)> = self
            .rules
            .iter()
            .flat_map(|(region, answer)| answer.iter().flatten().map(move |r| (region, r)))
            .filter(|(_, rule)| rule.managed_by.is_none())
            .collect();
        if rules.len() > RULES {
            gaps.push(format!(
                "NOT LOOKED AT: where {} of {} rules of EventBridge send",
                rules.len() - RULES,
                rules.len()
            ));
            rules.truncate(RULES);
        }
        all(rules.into_iter().map(|(region, rule)| {
            let answer = v.attempt(region, ListTargetsByRule { rule: rule.name.clone() })?;
            Ok((region.clone(), rule.clone(), answer.map(|pages| pages.concat())))
        }))
    }

    /// The user of this name, if the list is there.
    pub(super) fn user(&self, name: &str) -> Option<&UserDetail> {
        self.who.as_ref().ok()?.users.iter().find(|u| u.name.wire() == name)
    }

    /// The second round. Users that `found` names come first, then the newest.
    pub(super) fn details(&self, v: &View<'_>, found: &Findings) -> Result<Details, Need> {
        let named = |name: &str| {
            found.0.iter().any(|f| {
                let of = f.user.as_ref().is_some_and(|u| u.wire() == name);
                of || f.kind == Kind::User && f.name.wire() == name
            })
        };
        let mut users: Vec<(bool, Option<Timestamp>, UserName)> = match &self.who {
            Ok(who) => who.users.iter().map(|u| (named(u.name.wire()), u.created, u.name.clone())).collect(),
            // Without the list, those that events name.
            Err(_) => {
                let names = found.0.iter().filter_map(|f| match f.kind {
                    Kind::User => Some(&f.name),
                    _ => f.user.as_ref(),
                });
                let names: std::collections::BTreeSet<&str> =
                    names.map(|n| n.wire()).filter(|n| !n.is_empty()).collect();
                names.into_iter().map(|n| (true, None, UserName::new(n))).collect()
            }
        };
        users.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
        let mut gaps = self.gaps();
        if users.len() > USERS {
            gaps.push(format!(
                "NOT LOOKED AT: keys, passwords and MFA devices of {} of {} users, the older ones",
                users.len() - USERS,
                users.len()
            ));
            users.truncate(USERS);
        }
        let of_users = all(users.into_iter().map(|(_, _, name)| of_user(v, name)));
        let urls = self.urls(v, &mut gaps);
        let trails = self.statuses(v);
        let targets = self.targets(v, &mut gaps);
        let openid = match &self.openid {
            Ok(arns) => all(arns.iter().map(|arn| {
                let ask = GetOpenIDConnectProvider { provider: arn.clone() };
                Ok((arn, v.attempt(&v.at.region, ask)?))
            })),
            Err(_) => Ok(Vec::new()),
        };
        together([wants(&of_users), wants(&urls), wants(&trails), wants(&openid), wants(&targets)])?;
        let mut providers = self.saml.clone().unwrap_or_default();
        for (arn, answer) in openid? {
            match answer {
                Ok(pages) => providers.extend(pages),
                Err(fault) => {
                    gaps.push(format!("NOT LOOKED AT: the identity provider {}: {fault}", arn.shown()));
                }
            }
        }
        let (users, urls, trails, targets) = (of_users?, urls?, trails?, targets?);
        gaps.extend(gaps_of(
            "where rules of EventBridge send",
            targets.iter().map(|(_, r, a)| (r.name.shown().to_string(), a.as_ref().err())),
        ));
        gaps.extend(gaps_of(
            "keys",
            users.iter().map(|u| (u.name.shown().to_string(), u.keys.as_ref().err())),
        ));
        gaps.extend(gaps_of(
            "passwords",
            users.iter().map(|u| (u.name.shown().to_string(), u.login.as_ref().err())),
        ));
        gaps.extend(gaps_of(
            "MFA devices",
            users.iter().map(|u| (u.name.shown().to_string(), u.devices.as_ref().err())),
        ));
        gaps.extend(gaps_of(
            "URLs of functions",
            urls.iter().map(|(r, a)| (r.to_string(), a.as_ref().err())),
        ));
        gaps.extend(gaps_of(
            "whether trails write",
            trails.iter().map(|(_, t, a)| (t.name.shown().to_string(), a.as_ref().err())),
        ));
        Ok(Details { users, urls, trails, providers, targets, gaps })
    }

    fn urls(&self, v: &View<'_>, gaps: &mut Vec<String>) -> Result<Regional<ListedUrl>, Need> {
        let mut functions: Vec<(&Region, &Function)> = self
            .functions
            .iter()
            .flat_map(|(region, answer)| answer.iter().flatten().map(move |f| (region, f)))
            .collect();
        functions.sort_by_key(|(_, f)| std::cmp::Reverse(f.modified));
        if functions.len() > FUNCTIONS {
            gaps.push(format!(
                "NOT LOOKED AT: URLs of {} of {} functions, those that were changed longest ago",
                functions.len() - FUNCTIONS,
                functions.len()
            ));
            functions.truncate(FUNCTIONS);
        }
        all(functions.into_iter().map(|(region, f)| {
            let answer = v.attempt(region, ListFunctionUrlConfigs { function: f.name.clone() })?;
            Ok((region.clone(), answer.map(|pages| pages.concat())))
        }))
    }

    /// A trail that is everywhere is listed in every Region, and asked once.
    #[allow(clippy::type_complexity)] // it is taken apart at once
    fn statuses(
        &self,
        v: &View<'_>,
    ) -> Result<Vec<(Region, Trail, Result<Option<TrailStatus>, Fault>)>, Need> {
        let mut trails: BTreeMap<&Arn, (Region, &Trail)> = BTreeMap::new();
        for (region, answer) in &self.trails {
            for trail in answer.iter().flatten() {
                let home = trail.home.as_ref().and_then(|h| Region::new(h.wire()));
                trails.entry(&trail.arn).or_insert((home.unwrap_or_else(|| region.clone()), trail));
            }
        }
        all(trails.into_values().map(|(region, trail)| {
            let answer = v.attempt(&v.at.region, GetTrailStatus { trail: trail.arn.clone() })?;
            Ok((region, trail.clone(), answer.map(|pages| pages.into_iter().next())))
        }))
    }

    /// What of the first round did not answer.
    fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        let one = |what: &str, fault: Option<&Fault>| fault.map(|f| format!("NOT LOOKED AT: {what}: {f}"));
        gaps.extend(one("users, roles and policies", self.who.as_ref().err()));
        gaps.extend(one("SAML providers", self.saml.as_ref().err()));
        gaps.extend(one("OpenID Connect providers", self.openid.as_ref().err()));
        gaps.extend(gaps_by("functions", &self.functions));
        gaps.extend(gaps_by("layers", &self.layers));
        gaps.extend(gaps_by("trails", &self.trails));
        gaps.extend(gaps_by("instances", &self.instances));
        gaps.extend(gaps_by("rules of EventBridge", &self.rules));
        gaps.extend(gaps_by("who made rules of EventBridge", &self.rule_makers));
        gaps
    }

    /// Whether every Region answered.
    pub(super) fn whole<T>(answers: &Regional<T>) -> bool {
        answers.iter().all(|(_, answer)| answer.is_ok())
    }
}

fn of_user(v: &View<'_>, name: UserName) -> Result<OfUser, Need> {
    let home = &v.at.region;
    let keys = v.attempt(home, ListAccessKeys { user: name.clone() });
    let login = v.attempt(home, GetLoginProfile { user: name.clone() });
    let devices = v.attempt(home, ListMFADevices { user: name.clone() });
    together([wants(&keys), wants(&login), wants(&devices)])?;
    Ok(OfUser {
        name,
        keys: keys?.map(|pages| pages.concat()),
        login: login?.map(|pages| pages.into_iter().flatten().next()),
        devices: devices?.map(|pages| pages.concat()),
    })
}

/// Whether everything is denied to whoever has these policies.
pub(super) fn is_denied(arn: &Arn, attached: &[AttachedPolicy]) -> bool {
    let deny = deny_all(partition(arn));
    attached.iter().any(|p| p.arn == deny)
}

fn gaps_by<T>(what: &str, answers: &Regional<T>) -> Vec<String> {
    gaps_of(what, answers.iter().map(|(region, answer)| (region.to_string(), answer.as_ref().err())))
}

/// A sentence for each reason, with where it was met.
fn gaps_of<'f>(what: &str, answers: impl Iterator<Item = (String, Option<&'f Fault>)>) -> Vec<String> {
    const SHOWN: usize = 6;
    let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, fault) in answers {
        if let Some(fault) = fault {
            let places = by_reason.entry(fault.to_string()).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let one = |(why, places): (String, Vec<String>)| {
        let more = places.len().saturating_sub(SHOWN);
        let mut said = places.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
        if more > 0 {
            said.push_str(&format!(" and {more} more"));
        }
        format!("NOT LOOKED AT: {what} ({said}): {why}")
    };
    by_reason.into_iter().map(one).collect()
}

/// Something that belongs to a Region.
pub(super) fn there(region: &Region, finding: Finding) -> Finding {
    Finding { region: Some(region.clone()), ..finding }
}
