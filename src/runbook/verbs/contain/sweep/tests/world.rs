//! The account of the sweep's tables, as a test says it is.

use super::super::Sweep;
use crate::estate::ask::{cloudtrail, ec2, events, iam, lambda, sts};
use crate::estate::time::plus_seconds;
use crate::estate::*;
use crate::runbook::need::{Done, Fact, Want};
use crate::runbook::testing::{Answers, Bench, beginning, seen};
use crate::runbook::value::Value;

pub const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub const ME: &str = "arn:aws:sts::123456789012:assumed-role/ops/alice";
pub const BOB: &str = "arn:aws:iam::123456789012:user/bob";
pub const HERE: &str = "eu-central-1";

pub fn ago(minutes: i64) -> Option<Timestamp> {
    Some(plus_seconds(beginning(), -60 * minutes))
}

/// Long before.
pub fn old() -> Option<Timestamp> {
    ago(60 * 24 * 90)
}

/// What the tables differ in.
#[derive(Clone, Default)]
pub struct Estate {
    pub who: Authorization,
    pub keys: Vec<(&'static str, &'static str, bool, Option<Timestamp>)>,
    pub passwords: Vec<(&'static str, Option<Timestamp>)>,
    pub functions: Vec<(&'static str, Option<Timestamp>)>,
    pub urls: Vec<(&'static str, &'static str, Option<Timestamp>)>,
    pub layers: Vec<(&'static str, Option<Timestamp>)>,
    pub instances: Vec<Instance>,
    pub providers: Vec<(&'static str, Option<Timestamp>)>,
    pub trail: Option<(bool, Option<Timestamp>)>,
    /// Name and state.
    pub rules: Vec<(&'static str, &'static str)>,
    pub events: Vec<TrailEvent>,
    /// Operations that are denied.
    pub denied: &'static [&'static str],
}

pub fn user(name: &str, created: Option<Timestamp>, policies: &[&str]) -> UserDetail {
    UserDetail {
        name: UserName::new(name),
        arn: Arn::new(format!("arn:aws:iam::123456789012:user/{name}")),
        created,
        attached: attached(policies),
    }
}

pub fn role(
    name: &str,
    path: &str,
    created: Option<Timestamp>,
    trusts: &str,
    policies: &[&str],
) -> RoleDetail {
    RoleDetail {
        name: RoleName::new(name),
        arn: Arn::new(format!("arn:aws:iam::123456789012:role{path}{name}")),
        path: path.into(),
        created,
        trust: Some(
            format!(r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{trusts}"}}}}}}"#).into(),
        ),
        attached: attached(policies),
    }
}

pub fn attached(names: &[&str]) -> Vec<AttachedPolicy> {
    let one = |name: &&str| AttachedPolicy {
        name: PolicyName::new(*name),
        arn: Arn::new(format!("arn:aws:iam::aws:policy/{name}")),
    };
    names.iter().map(one).collect()
}

pub fn machine(id: &str, state: &str, launched: Option<Timestamp>, group: Option<&str>) -> Instance {
    Instance {
        id: id.into(),
        state: state.into(),
        launched,
        kind: "p4d.24xlarge".into(),
        key: Some("his\u{1b}[2J".into()),
        profile: None,
        group: group.map(Into::into),
    }
}

pub fn event(at: Option<Timestamp>, name: &str, who: &str, key: &str, target: Option<&str>) -> TrailEvent {
    let at = at.unwrap();
    TrailEvent {
        id: format!("{at}{name}{target:?}").into(),
        at,
        name: name.into(),
        source: "x.amazonaws.com".into(),
        region: Some(HERE.into()),
        source_ip: None,
        user_agent: None,
        key: Some(AccessKeyId::new(key)),
        principal: Some(Arn::new(who)),
        error: None,
        read_only: Some(false),
        secret: None,
        minted: None,
        target: target.map(Into::into),
    }
}

impl Estate {
    fn of(&self, query: &Query) -> Result<Answer, Fault> {
        let op = query.ask.operation().name;
        if self.denied.contains(&op) {
            let kind = FaultKind::Denied { action: op.into(), resource: None };
            return Err(Fault::new(kind, op, "said the table"));
        }
        let here = query.at.region.as_str() == HERE;
        let arn =
            |service: &str, rest: String| Arn::new(format!("arn:aws:{service}:{HERE}:123456789012:{rest}"));
        Ok(match &query.ask {
            Ask::Sts(sts::Ask::GetCallerIdentity(_)) => {
                Answer::Sts(sts::Answer::GetCallerIdentity(Identity {
                    account: AccountId::new("123456789012").unwrap(),
                    arn: Arn::new(ME),
                    user_id: "x".into(),
                    key: None,
                    ahead_s: None,
                }))
            }
            Ask::Iam(iam::Ask::GetAccountAuthorizationDetails(_)) => {
                Answer::Iam(iam::Answer::GetAccountAuthorizationDetails(self.who.clone()))
            }
            Ask::Iam(iam::Ask::ListSAMLProviders(_)) => {
                let one = |(name, created): &(&str, Option<Timestamp>)| IdentityProvider {
                    arn: Arn::new(format!("arn:aws:iam::123456789012:saml-provider/{name}")),
                    created: *created,
                };
                Answer::Iam(iam::Answer::ListSAMLProviders(self.providers.iter().map(one).collect()))
            }
            Ask::Iam(iam::Ask::ListOpenIDConnectProviders(_)) => Answer::Iam(
                iam::Answer::ListOpenIDConnectProviders(vec![Arn::new("arn:aws:iam::1:oidc-provider/x")]),
            ),
            Ask::Iam(iam::Ask::GetOpenIDConnectProvider(q)) => {
                let provider = IdentityProvider { arn: q.provider.clone(), created: old() };
                Answer::Iam(iam::Answer::GetOpenIDConnectProvider(provider))
            }
            Ask::Iam(iam::Ask::ListAccessKeys(q)) => {
                let his = self.keys.iter().filter(|(user, ..)| *user == q.user.wire());
                let one = |(_, id, active, created): &(&str, &str, bool, Option<Timestamp>)| AccessKey {
                    id: AccessKeyId::new(*id),
                    user: q.user.clone(),
                    active: *active,
                    created: *created,
                };
                Answer::Iam(iam::Answer::ListAccessKeys(his.map(one).collect()))
            }
            Ask::Iam(iam::Ask::GetLoginProfile(q)) => {
                let his = self.passwords.iter().find(|(user, _)| *user == q.user.wire());
                let profile =
                    his.map(|(_, created)| LoginProfile { created: *created, reset_required: false });
                Answer::Iam(iam::Answer::GetLoginProfile(profile))
            }
            Ask::Iam(iam::Ask::ListMFADevices(_)) => Answer::Iam(iam::Answer::ListMFADevices(vec![])),
            Ask::Lambda(lambda::Ask::ListFunctions(_)) => {
                let one = |(name, modified): &(&str, Option<Timestamp>)| Function {
                    name: FunctionName::new(*name),
                    arn: arn("lambda", format!("function:{name}")),
                    dead_letter: None,
                    modified: *modified,
                };
                let all = self.functions.iter().filter(|_| here).map(one).collect();
                Answer::Lambda(lambda::Answer::ListFunctions(all))
            }
            Ask::Lambda(lambda::Ask::ListFunctionUrlConfigs(q)) => {
                let his = self.urls.iter().filter(|(name, ..)| *name == q.function.wire());
                let one = |(name, auth, created): &(&str, &str, Option<Timestamp>)| ListedUrl {
                    function: arn("lambda", format!("function:{name}:live")),
                    url: FunctionUrl { url: "https://x".into(), auth: (*auth).into() },
                    created: *created,
                    modified: *created,
                };
                Answer::Lambda(lambda::Answer::ListFunctionUrlConfigs(his.map(one).collect()))
            }
            Ask::Lambda(lambda::Ask::ListLayers(_)) => {
                let one = |(name, published): &(&str, Option<Timestamp>)| Layer {
                    name: (*name).into(),
                    newest: arn("lambda", format!("layer:{name}:3")),
                    published: *published,
                };
                let all = self.layers.iter().filter(|_| here).map(one).collect();
                Answer::Lambda(lambda::Answer::ListLayers(all))
            }
            Ask::CloudTrail(cloudtrail::Ask::DescribeTrails(_)) => {
                let one = |_: &(bool, Option<Timestamp>)| Trail {
                    name: "main".into(),
                    arn: arn("cloudtrail", "trail/main".into()),
                    home: Some(HERE.into()),
                    everywhere: true,
                };
                Answer::CloudTrail(cloudtrail::Answer::DescribeTrails(self.trail.iter().map(one).collect()))
            }
            Ask::CloudTrail(cloudtrail::Ask::GetTrailStatus(_)) => {
                let (logging, stopped) = self.trail.unwrap();
                let status = TrailStatus { logging, started: old(), stopped };
                Answer::CloudTrail(cloudtrail::Answer::GetTrailStatus(status))
            }
            Ask::CloudTrail(cloudtrail::Ask::LookupEvents(q)) => {
                let made = |e: &TrailEvent| match &e.minted {
                    Some(Minted::Key { key, user }) => {
                        vec![key.text().clone(), user.clone().unwrap().text().clone()]
                    }
                    _ => vec![],
                };
                let wanted = |e: &&TrailEvent| match &q.by {
                    Lookup::Key(key) => e.key.as_ref() == Some(key),
                    Lookup::Resource(name) => e.target.as_ref() == Some(name) || made(e).contains(name),
                    Lookup::Event(name) => e.name == *name,
                    other @ Lookup::User(_) => panic!("{other:?}"),
                };
                let all = self.events.iter().filter(|_| here).filter(wanted).cloned().collect();
                Answer::CloudTrail(cloudtrail::Answer::LookupEvents(all))
            }
            Ask::Ec2(ec2::Ask::DescribeInstances(_)) => {
                let all = self.instances.iter().filter(|_| here).cloned().collect();
                Answer::Ec2(ec2::Answer::DescribeInstances(all))
            }
            Ask::Events(events::Ask::ListRules(_)) => {
                let one = |(name, state): &(&str, &str)| EventRule {
                    name: (*name).into(),
                    state: (*state).into(),
                    schedule: Some("rate(5 minutes)\u{1b}[2J".into()),
                    managed_by: name.starts_with("aws-").then(|| "autoscaling.amazonaws.com".into()),
                };
                let all = self.rules.iter().filter(|_| here).map(one).collect();
                Answer::Events(events::Answer::ListRules(all))
            }
            Ask::Events(events::Ask::ListTargetsByRule(q)) => {
                let target = arn("lambda", format!("function:of-{}", q.rule.wire()));
                let all = vec![RuleTarget { id: "1".into(), arn: target }];
                Answer::Events(events::Answer::ListTargetsByRule(all))
            }
            other => panic!("{other:?}"),
        })
    }

    pub fn swept(&self, known: &[&str]) -> Done {
        let mut world = Answers(|want: &Want| {
            let (Want::Pages(query) | Want::Try(query)) = want else { panic!("{want:?}") };
            Fact::Pages(self.of(query).map(|answer| seen(vec![answer], beginning())))
        });
        let list = |all: &[&str]| Value::List(all.iter().map(|t| (*t).into()).collect());
        let with = [
            ("key", Value::Text(KEY.into())),
            ("regions", list(&[HERE, "us-west-2"])),
            ("known", list(known)),
        ];
        Bench::with(&with).next(&Sweep, &mut world).unwrap()
    }

    pub fn said(&self) -> String {
        self.swept(&[]).evidence.join("\n")
    }
}
