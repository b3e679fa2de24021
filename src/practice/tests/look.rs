//! What the practice estate looks like at its beginning: what the documents promise is there.

use super::{Practice, all, calm, one, quiet, with};
use crate::estate::alarm::Subject;
use crate::estate::ask::{cloudwatch, iam, lambda, secretsmanager, sqs, sts, wafv2};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{
    Alarm, AlarmKind, AlarmState, Arn, BoxFuture, Context, Encryption, Estates as _, MoveTaskStatus, Prompt,
    QueueUrl, Region, RuleAction, Scope,
};
use crate::practice::world::rule::Rule;
use crate::practice::{Options, Trouble};
use futures_util::FutureExt as _;
use std::sync::Arc;

fn alarms(p: &Practice) -> Vec<Alarm> {
    all(p, cloudwatch::DescribeAlarms { names: vec![] }).into_iter().map(Arc::unwrap_or_clone).collect()
}

fn url(name: &str) -> QueueUrl {
    QueueUrl::new(format!("https://sqs.us-east-1.amazonaws.com/000000000000/{name}"))
}

#[test]
fn who_it_is_cannot_be_taken_for_anybody_real() {
    let (p, _) = calm(1);
    let identity = one(&p, sts::GetCallerIdentity {}).unwrap();
    assert_eq!(identity.account.to_string(), "000000000000");
    assert_eq!(identity.principal().wire(), "ops/alice");
    let alias = one(&p, iam::ListAccountAliases {}).unwrap();
    assert_eq!(alias[0].wire(), "practice");
}

#[test]
fn opening_settles_the_region_and_says_that_it_is_practice() {
    struct Nobody;
    impl Prompt for Nobody {
        fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<zeroize::Zeroizing<String>>> {
            Box::pin(async { None })
        }
    }
    let (p, _) = calm(1);
    let mut context = Context::named("PRACTICE");
    let ports = p.open(&context, std::sync::Arc::new(Nobody)).now_or_never().unwrap().unwrap();
    assert!(ports.practice);
    assert_eq!(ports.region, Region::us_east_1());
    context.region = Region::new("eu-central-1");
    let ports = p.open(&context, std::sync::Arc::new(Nobody)).now_or_never().unwrap().unwrap();
    assert_eq!(ports.region.as_str(), "eu-central-1");
}

#[test]
fn the_five_systems_are_there() {
    let (p, _) = calm(1);
    assert_eq!(Practice::systems(), ["mte", "logapi", "json-stack", "mongo-api", "omnitrack"]);
    let functions = all(&p, lambda::ListFunctions {});
    let mte = functions.iter().filter(|f| f.name.wire().starts_with("mte-prod-"));
    let dlq = "arn:aws:sqs:us-east-1:000000000000:mte-prod-LambdaDeadLetterQueue";
    assert_eq!(mte.filter(|f| f.dead_letter.as_ref().is_some_and(|d| d.wire() == dlq)).count(), 35);
    let central = one(&p, sqs::GetQueueAttributes { queue: url("mte-prod-LambdaDeadLetterQueue") }).unwrap();
    assert_eq!(central.retention_s, Some(14 * 86_400));
    assert_eq!(central.encryption, Encryption::Kms("alias/mte-lambda-prod".into()));

    let all_alarms = alarms(&p);
    let lambda_errors: Vec<&Alarm> =
        all_alarms.iter().filter(|a| a.name.wire().contains("-LambdaErrorAlarm")).collect();
    assert_eq!(lambda_errors.len(), 2, "the name stands in two stacks");
    let tags = one(&p, cloudwatch::ListTagsForResource { resource: lambda_errors[0].arn.clone() }).unwrap();
    assert!(tags.iter().any(|(n, v)| n.wire() == "system" && v.wire() == "json-stack"));

    let acls = one(&p, wafv2::ListWebACLs { scope: Scope::Regional }).unwrap();
    let summary = acls.iter().find(|a| a.name.wire() == "omnitrack-api-protection").unwrap();
    let ask = wafv2::GetWebACL { name: summary.name.clone(), id: summary.id.clone(), scope: Scope::Regional };
    let acl = one(&p, ask).unwrap();
    assert_eq!(acl.rules.len(), 6);
    assert_eq!(acl.rules[0].action, RuleAction::Block(Some(429)));
}

#[test]
fn patterns_tell_a_systems_things_from_all_others() {
    let (p, _) = calm(1);
    let patterns = Practice::patterns().unwrap();
    assert_eq!(patterns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), Practice::systems());
    let matches = |name: &str, pattern: &str| name.starts_with(pattern.trim_end_matches('*'));
    for a in alarms(&p) {
        let tags = one(&p, cloudwatch::ListTagsForResource { resource: a.arn.clone() }).unwrap();
        let tagged = tags.iter().find(|(n, _)| n.wire() == "system").map(|(_, v)| v.wire().to_owned());
        let named = patterns.iter().find(|(_, all)| all.iter().any(|x| matches(a.name.wire(), x)));
        assert_eq!(tagged.as_ref(), named.map(|(name, _)| name), "{a:?}");
    }
}

#[test]
fn several_things_need_attention_from_the_start() {
    for seed in 1..4 {
        let (p, _) = calm(seed);
        let all_alarms = alarms(&p);
        let state = |part: &str| &all_alarms.iter().find(|a| a.name.wire().contains(part)).unwrap().state;
        assert_eq!(state("StepFunctionFailureAlarm"), &AlarmState::Alarm);
        assert_eq!(state("omnitrack-waf-blocked"), &AlarmState::Alarm);
        assert_eq!(state("orders-replica"), &AlarmState::InsufficientData);
        let failures = one(&p, sqs::GetQueueAttributes { queue: url("orders-failures") }).unwrap();
        assert!(failures.messages.unwrap() >= 214);
        let secrets = all(&p, secretsmanager::ListSecrets {});
        let key = secrets.iter().find(|s| s.name.wire() == "logapi/api-key").unwrap();
        let ask = secretsmanager::ListSecretVersionIds { secret: key.arn.clone(), deprecated: false };
        let versions = one(&p, ask).unwrap();
        let current = versions.iter().find(|v| v.has_stage("AWSCURRENT")).unwrap();
        let age = seconds_between(current.created.unwrap(), "2026-11-20T09:41:00Z".parse().unwrap());
        assert_eq!(age / 86_400, 97);
        assert!(versions.iter().any(|v| v.has_stage("AWSPREVIOUS")));
        // the date of the last change must not be good for an age
        assert!(seconds_between(current.created.unwrap(), key.last_changed.unwrap()) > 30 * 86_400);
        let billing = Arn::new("arn:aws:sqs:us-east-1:000000000000:billing-events-dlq");
        let tasks = one(&p, sqs::ListMessageMoveTasks { queue: billing }).unwrap();
        assert_eq!(tasks[0].status, MoveTaskStatus::Running);
        assert!(tasks[0].moved > 0 && tasks[0].moved < tasks[0].to_move.unwrap());
        assert!(tasks.iter().any(|t| t.status == MoveTaskStatus::Failed && t.failure.is_some()));
    }
}

#[test]
fn lists_are_long_and_of_every_kind() {
    let (p, _) = calm(1);
    let all_alarms = alarms(&p);
    assert!(all_alarms.len() > 170, "{}", all_alarms.len());
    for kind in [AlarmKind::Metric, AlarmKind::Composite, AlarmKind::Log] {
        assert!(all_alarms.iter().any(|a| a.kind == kind), "{kind:?}");
    }
    assert!(all_alarms.iter().any(|a| a.name.wire().chars().count() == 255));
    assert!(
        all_alarms.iter().any(|a| a.name.wire().contains('\u{1b}') && a.name.wire().contains('\u{202e}'))
    );
    assert!(all(&p, sqs::ListQueues {}).len() > 60);
    let secrets = all(&p, secretsmanager::ListSecrets {});
    assert!(secrets.len() > 25);
    let begin = "2026-11-20T09:41:00Z".parse().unwrap();
    assert!(secrets.iter().any(|s| s.rotation_enabled && s.next_rotation.is_some_and(|n| n < begin)));
    assert!(secrets.iter().any(|s| s.rotation_enabled && s.next_rotation.is_some_and(|n| n > begin)));
    assert!(secrets.iter().any(|s| s.deletion_at.is_some()));
    assert!(secrets.iter().any(|s| s.owning_service.is_some()));
    assert!(secrets.iter().any(|s| s.primary_region.is_some()));
    assert_eq!(one(&p, wafv2::ListWebACLs { scope: Scope::CloudFront }).unwrap().len(), 1);
    assert_eq!(all(&p, cloudwatch::ListAlarmMuteRules {}).len(), 4);
}

#[test]
fn every_target_that_is_a_queue_exists() {
    let (p, _) = calm(1);
    let names: Vec<String> = all(&p, sqs::ListQueues {}).iter().map(|q| q.name().wire().to_owned()).collect();
    let mut targets: Vec<Arn> = Vec::new();
    for queue in all(&p, sqs::ListQueues {}) {
        let facts = one(&p, sqs::GetQueueAttributes { queue: queue.clone() }).unwrap();
        if let Some(policy) = facts.redrive {
            let sources = one(
                &p,
                sqs::ListDeadLetterSourceQueues {
                    queue: queue.sibling(policy.dead_letter_target.resource().wire()),
                },
            );
            assert!(sources.unwrap().contains(&queue));
            targets.push(policy.dead_letter_target);
        }
    }
    for f in all(&p, lambda::ListFunctions {}) {
        let ask = lambda::ListFunctionEventInvokeConfigs { function: f.name.clone() };
        targets.extend(one(&p, ask).unwrap().into_iter().map(|o| o.destination));
        targets.extend(f.dead_letter);
    }
    for m in all(&p, lambda::ListEventSourceMappings {}) {
        targets.extend(m.source);
        targets.extend(m.on_failure);
    }
    let queues: Vec<&Arn> = targets.iter().filter(|t| t.service() == Some("sqs")).collect();
    assert!(queues.len() > 60);
    for target in queues {
        assert!(names.contains(&target.resource().wire().to_owned()), "{target:?}");
    }
}

#[test]
fn rules_and_expressions_of_alarms_are_sound() {
    let (p, _) = calm(1);
    let all_alarms = alarms(&p);
    let (mut rules, mut expressions) = (0, 0);
    for a in &all_alarms {
        match &a.subject {
            Subject::Rule(text) => {
                let names = Rule::parse(text.wire()).expect("a rule").names();
                assert!(names.iter().all(|n| all_alarms.iter().any(|x| x.name.wire() == n)), "{a:?}");
                rules += 1;
            }
            Subject::Expression(queries) => {
                let window = crate::estate::Window { from: plus_seconds(p.now(), -7_200), to: p.now() };
                let ask = cloudwatch::GetMetricData { queries: queries.clone(), window };
                assert!(!one(&p, ask).unwrap()[0].points.is_empty(), "{a:?}");
                expressions += 1;
            }
            Subject::Metric(_) | Subject::Other(_) => {}
        }
    }
    assert!(rules >= 6 && expressions >= 2, "{rules} {expressions}");
}

#[test]
fn one_system_alone_and_unknown_ones() {
    let (p, _) = with(Options { systems: vec!["logapi".into()], ..quiet() });
    assert!(alarms(&p).iter().all(|a| a.name.wire().starts_with("logapi-")));
    assert!(all(&p, sqs::ListQueues {}).is_empty());
    let clock = super::Still::at("2026-11-20T09:41:00Z".parse().unwrap());
    let wrong = Practice::new(Options { systems: vec!["logap".into()], ..quiet() }, clock.clone());
    assert!(matches!(wrong, Err(Trouble::UnknownSystem { ref known, .. }) if known.len() == 5));
    let wrong = Practice::new(Options { incident: Some("flood".into()), ..quiet() }, clock);
    assert!(matches!(wrong, Err(Trouble::UnknownIncident { .. })));
}
