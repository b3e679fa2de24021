//! The smallest real question for each operation that the watch uses, so that every permission is tried as
//! it is needed. Those about a thing are asked about the first one that a list named; where there is none,
//! they cannot be tried. Pure.

use crate::estate::ask::{
    Answer, Ask, Asks, Operation, Query, cloudtrail, cloudwatch, iam, lambda, secretsmanager, sqs, sts,
    wafv2, watched,
};
use crate::estate::metric::{MetricQuery, MetricSource};
use crate::estate::time::plus_seconds;
use crate::estate::{
    AlarmName, Arn, At, FunctionName, Lookup, MetricId, MuteRuleName, QueueUrl, Region, Scope, Service,
    Timestamp, Untrusted, WebAclSummary, Window,
};

/// The first thing of each kind that the lists named.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Examples {
    alarm: Option<(AlarmName, Arn)>,
    mute: Option<MuteRuleName>,
    queue: Option<QueueUrl>,
    queue_arn: Option<Arn>,
    acl: Option<WebAclSummary>,
    rule: Option<Untrusted>,
    secret: Option<Arn>,
    function: Option<FunctionName>,
}

impl Examples {
    /// Takes the first thing out of an answer.
    pub fn learn(&mut self, answer: &Answer) {
        match answer {
            Answer::CloudWatch(cloudwatch::Answer::DescribeAlarms(alarms)) => {
                self.alarm = alarms.first().map(|a| (a.name.clone(), a.arn.clone()));
            }
            Answer::CloudWatch(cloudwatch::Answer::ListAlarmMuteRules(names)) => {
                self.mute = names.first().cloned();
            }
            Answer::Sqs(sqs::Answer::ListQueues(urls)) => self.queue = urls.first().cloned(),
            Answer::Sqs(sqs::Answer::GetQueueAttributes(facts)) => self.queue_arn = Some(facts.arn.clone()),
            Answer::Wafv2(wafv2::Answer::ListWebACLs(acls)) => {
                self.acl = self.acl.take().or_else(|| acls.first().cloned());
            }
            Answer::Wafv2(wafv2::Answer::GetWebACL(acl)) => {
                self.rule = Some(acl.rules.first().map_or_else(|| acl.metric.clone(), |r| r.metric.clone()));
            }
            Answer::SecretsManager(secretsmanager::Answer::ListSecrets(secrets)) => {
                self.secret = secrets.first().map(|s| s.arn.clone());
            }
            Answer::Lambda(lambda::Answer::ListFunctions(functions)) => {
                self.function = functions.first().map(|f| f.name.clone());
            }
            Answer::CloudWatch(_)
            | Answer::Sqs(_)
            | Answer::Wafv2(_)
            | Answer::SecretsManager(_)
            | Answer::Sts(_)
            | Answer::Lambda(_)
            | Answer::Iam(_)
            | Answer::ApiGateway(_)
            | Answer::CloudTrail(_)
            | Answer::Rds(_)
            | Answer::Ec2(_)
            | Answer::Kms(_)
            | Answer::Logs(_)
            | Answer::Events(_) => {}
        }
    }
}

/// Who is asking: it needs no permission, so what goes wrong here is the way to AWS itself.
#[must_use]
pub fn identity(at: &At) -> Query {
    Query { at: at.clone(), ask: sts::GetCallerIdentity {}.ask() }
}

/// The questions that need nothing to be there.
#[must_use]
pub fn lists(at: &At, now: Timestamp) -> Vec<Query> {
    let here = |ask: Ask| Query { at: at.clone(), ask };
    let window = Window { from: plus_seconds(now, -300), to: now };
    let sample = MetricQuery {
        id: "m1".into(),
        source: MetricSource::Stat {
            metric: MetricId::of(
                "AWS/SQS",
                "ApproximateAgeOfOldestMessage",
                &[("QueueName", "bartizan-doctor")],
            ),
            stat: "Maximum".into(),
            period_s: 300,
            unit: None,
        },
        return_data: true,
        label: None,
    };
    let us_east_1 = At { account: at.account.clone(), region: Region::us_east_1() };
    vec![
        here(cloudwatch::DescribeAlarms { names: Vec::new() }.ask()),
        here(cloudwatch::ListAlarmMuteRules {}.ask()),
        here(cloudwatch::GetMetricData { queries: vec![sample], window }.ask()),
        here(cloudwatch::ListMetrics { namespace: "AWS/WAFV2".into(), name: "BlockedRequests".into() }.ask()),
        here(sqs::ListQueues {}.ask()),
        here(wafv2::ListWebACLs { scope: Scope::Regional }.ask()),
        Query { at: us_east_1, ask: wafv2::ListWebACLs { scope: Scope::CloudFront }.ask() },
        here(secretsmanager::ListSecrets {}.ask()),
        here(lambda::ListFunctions {}.ask()),
        here(lambda::ListEventSourceMappings {}.ask()),
        here(iam::ListAccountAliases {}.ask()),
        here(cloudtrail::LookupEvents { by: Lookup::Event("ConsoleLogin".into()), from: window.from }.ask()),
    ]
}

/// The questions about a thing, for each kind of which there is an example.
#[must_use]
pub fn about(at: &At, examples: &Examples) -> Vec<Query> {
    let here = |ask: Ask| Query { at: at.clone(), ask };
    let mut queries = Vec::new();
    if let Some((name, arn)) = &examples.alarm {
        queries.push(here(cloudwatch::DescribeAlarmHistory { alarm: name.clone() }.ask()));
        queries.push(here(cloudwatch::DescribeAlarmContributors { alarm: name.clone() }.ask()));
        queries.push(here(cloudwatch::ListTagsForResource { resource: arn.clone() }.ask()));
    }
    if let Some(name) = &examples.mute {
        queries.push(here(cloudwatch::GetAlarmMuteRule { name: name.clone() }.ask()));
    }
    if let Some(queue) = &examples.queue {
        queries.push(here(sqs::GetQueueAttributes { queue: queue.clone() }.ask()));
        queries.push(here(sqs::ListDeadLetterSourceQueues { queue: queue.clone() }.ask()));
        queries.push(here(sqs::ListQueueTags { queue: queue.clone() }.ask()));
    }
    if let Some(acl) = &examples.acl {
        queries.extend(about_acl(at, acl));
    }
    if let Some(secret) = &examples.secret {
        let secret = secret.clone();
        queries.push(here(
            secretsmanager::ListSecretVersionIds { secret: secret.clone(), deprecated: false }.ask(),
        ));
        queries.push(here(secretsmanager::DescribeSecret { secret }.ask()));
    }
    if let Some(function) = &examples.function {
        queries.push(here(lambda::ListFunctionEventInvokeConfigs { function: function.clone() }.ask()));
        queries.push(here(lambda::GetFunctionConcurrency { function: function.clone() }.ask()));
    }
    queries
}

/// Where a web ACL is asked about.
fn place_of(at: &At, acl: &WebAclSummary) -> At {
    match acl.scope {
        Scope::Regional => at.clone(),
        Scope::CloudFront => At { account: at.account.clone(), region: Region::us_east_1() },
    }
}

fn about_acl(at: &At, acl: &WebAclSummary) -> Vec<Query> {
    let there = |ask: Ask| Query { at: place_of(at, acl), ask };
    let mut queries = vec![
        there(wafv2::GetWebACL { name: acl.name.clone(), id: acl.id.clone(), scope: acl.scope }.ask()),
        there(wafv2::ListTagsForResource { resource: acl.arn.clone() }.ask()),
    ];
    if acl.scope == Scope::Regional {
        queries.push(there(wafv2::ListResourcesForWebACL { acl: acl.arn.clone() }.ask()));
    }
    queries
}

/// The questions that need an answer about a thing first: what their APIs take is not named by the lists.
#[must_use]
pub fn deeper(at: &At, now: Timestamp, examples: &Examples) -> Vec<Query> {
    let mut queries = Vec::new();
    if let Some(queue) = &examples.queue_arn {
        let ask = sqs::ListMessageMoveTasks { queue: queue.clone() }.ask();
        queries.push(Query { at: at.clone(), ask });
    }
    if let (Some(acl), Some(rule)) = (&examples.acl, &examples.rule) {
        let ask = wafv2::GetSampledRequests {
            acl: acl.arn.clone(),
            rule_metric: rule.clone(),
            scope: acl.scope,
            window: Window { from: plus_seconds(now, -600), to: plus_seconds(now, -60) },
        };
        queries.push(Query { at: place_of(at, acl), ask: ask.ask() });
    }
    queries
}

/// What an operation cannot be tried without.
#[must_use]
pub fn needs(operation: &Operation) -> &'static str {
    match operation.service {
        Service::CloudWatch => "an alarm (or a mute rule)",
        Service::Sqs => "a queue",
        Service::Wafv2 => "a web ACL of that kind",
        Service::SecretsManager => "a secret",
        Service::Lambda => "a function",
        Service::ApiGateway => "an API key",
        Service::Rds => "a database",
        Service::Ec2 => "a security group",
        Service::Kms => "a key",
        Service::Logs => "a log group",
        Service::Events => "a rule",
        Service::Sts | Service::Iam | Service::CloudTrail => "an account",
        Service::Sns => "a topic",
    }
}

/// The operations of the watch that none of `asked` used.
pub fn untried<'a>(asked: &'a [Query]) -> impl Iterator<Item = &'static Operation> + 'a {
    watched().filter(|op| asked.iter().all(|q| q.ask.operation().name != op.name))
}

#[cfg(test)]
mod tests {
    use super::{Examples, about, deeper, identity, lists, untried};
    use crate::estate::{AlarmName, Arn, At, FunctionName, MuteRuleName, QueueUrl, Region, Scope, Timestamp};
    use crate::estate::{WebAclId, WebAclSummary};

    #[test]
    fn where_there_is_one_of_each_every_operation_is_tried() {
        let at = At { account: None, region: Region::new("eu-central-1").unwrap() };
        let now = Timestamp::UNIX_EPOCH;
        let arn = Arn::new("arn:aws:x:eu-central-1:123456789012:y");
        let examples = Examples {
            alarm: Some((AlarmName::new("a"), arn.clone())),
            mute: Some(MuteRuleName::new("m")),
            queue: Some(QueueUrl::new("https://sqs/1/q")),
            queue_arn: Some(arn.clone()),
            acl: Some(WebAclSummary {
                name: "w".into(),
                id: WebAclId::new("1"),
                arn: arn.clone(),
                scope: Scope::Regional,
            }),
            rule: Some("r".into()),
            secret: Some(arn),
            function: Some(FunctionName::new("f")),
        };
        let mut asked = vec![identity(&at)];
        asked.extend(lists(&at, now));
        asked.extend(about(&at, &examples));
        asked.extend(deeper(&at, now, &examples));
        assert_eq!(untried(&asked).map(|op| op.name).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn an_empty_account_leaves_questions_untried_and_asks_nothing_made_up() {
        let at = At { account: None, region: Region::new("eu-central-1").unwrap() };
        let examples = Examples::default();
        assert!(about(&at, &examples).is_empty());
        assert!(deeper(&at, Timestamp::UNIX_EPOCH, &examples).is_empty());
        let asked = lists(&at, Timestamp::UNIX_EPOCH);
        assert!(untried(&asked).any(|op| op.name == "sqs:GetQueueAttributes"));
    }
}
