//! Small builders for the tests of this room: an inventory is filled through the same walk events that the
//! engine sends.

use super::{Broad, Inventory, Source, Spend, Step, WalkEvent};
use crate::estate::alarm::Subject;
use crate::estate::ask::{Answer, Asks, Page, Query, cloudwatch, lambda, secretsmanager, sqs, wafv2};
use crate::estate::metric::MetricSource;
use crate::estate::{
    AccountId, Alarm, AlarmKind, AlarmName, AlarmState, Arn, At, Cursor, Encryption, EventSource, Fault,
    FaultKind, Function, FunctionName, MetricId, MetricQuery, OnFailure, QueueFacts, QueueUrl, RedrivePolicy,
    Region, Rule, RuleAction, Scope, Secret, SecretName, SecretVersion, Series, Ticket, Timestamp, VersionId,
    WebAcl, WebAclId, WebAclSummary,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-central-1";

/// 2026-11-21 09:41:30 UTC.
pub fn now() -> Timestamp {
    "2026-11-21T09:41:30Z".parse().unwrap()
}

pub fn ago(seconds: i64) -> Timestamp {
    crate::estate::time::plus_seconds(now(), -seconds)
}

pub fn at() -> At {
    At { account: AccountId::new(ACCOUNT), region: Region::new(REGION).unwrap() }
}

pub fn ticket() -> Ticket {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Ticket(NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn query(ask: impl Asks) -> Query {
    Query { at: at(), ask: ask.ask() }
}

/// Walks `source` with these answers. Returns whether anything showed.
pub fn walk(inv: &mut Inventory, source: Source, answers: Vec<(Query, Answer)>) -> bool {
    walk_at(inv, source, answers, ago(30))
}

pub fn walk_at(inv: &mut Inventory, source: Source, answers: Vec<(Query, Answer)>, began: Timestamp) -> bool {
    let ticket = ticket();
    let mut shows = inv.begin(&source, ticket);
    for (query, answer) in answers {
        let page = Page { answer, next: None, sent: began };
        shows |= inv.fold(WalkEvent {
            source: source.clone(),
            ticket,
            step: Step::Page { query, page, first: true },
        });
    }
    shows | inv.fold(WalkEvent { source, ticket, step: Step::End { began, spend: Spend::default() } })
}

/// A walk of which every question was refused.
pub fn refuse(inv: &mut Inventory, source: Source, query: Query, kind: FaultKind) -> bool {
    let ticket = ticket();
    inv.begin(&source, ticket);
    let fault = Arc::new(Fault::new(kind, query.ask.operation().name, "no"));
    let mut shows =
        inv.fold(WalkEvent { source: source.clone(), ticket, step: Step::Gap { query, root: true, fault } });
    shows |=
        inv.fold(WalkEvent { source, ticket, step: Step::End { began: ago(30), spend: Spend::default() } });
    shows
}

pub fn denied(action: &str) -> FaultKind {
    FaultKind::Denied { action: action.into(), resource: None }
}

pub fn url(name: &str) -> QueueUrl {
    QueueUrl::new(format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"))
}

pub fn queue_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"))
}

pub fn facts(name: &str) -> QueueFacts {
    QueueFacts {
        arn: queue_arn(name),
        messages: Some(0),
        in_flight: Some(0),
        delayed: Some(0),
        retention_s: Some(14 * 86_400),
        visibility_s: Some(30),
        created: None,
        redrive: None,
        redrive_allow: None,
        policy: None,
        fifo: name.ends_with(".fifo"),
        encryption: Encryption::None,
    }
}

pub fn to(target: &str) -> Option<RedrivePolicy> {
    Some(RedrivePolicy { dead_letter_target: queue_arn(target), max_receive_count: Some(3) })
}

pub fn queue_answers(all: &[QueueFacts]) -> Vec<(Query, Answer)> {
    let urls = all.iter().map(|f| url(f.arn.resource().wire())).collect();
    let mut answers = vec![(query(sqs::ListQueues {}), Answer::Sqs(sqs::Answer::ListQueues(urls)))];
    for facts in all {
        let queue = url(facts.arn.resource().wire());
        answers.push((
            query(sqs::GetQueueAttributes { queue }),
            Answer::Sqs(sqs::Answer::GetQueueAttributes(facts.clone())),
        ));
    }
    answers
}

pub fn queues(inv: &mut Inventory, all: &[QueueFacts]) -> bool {
    walk(inv, Source::Broad(Broad::Queues), queue_answers(all))
}

pub fn function_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"))
}

pub fn function(name: &str, dead_letter: Option<&str>) -> Function {
    Function {
        name: FunctionName::new(name),
        arn: function_arn(name),
        dead_letter: dead_letter.map(queue_arn),
        modified: None,
    }
}

pub fn functions(
    inv: &mut Inventory,
    all: &[Function],
    destinations: &[(&str, &str)],
    mappings: &[(&str, &str)],
) -> bool {
    let mut answers = vec![
        (query(lambda::ListFunctions {}), Answer::Lambda(lambda::Answer::ListFunctions(all.to_vec()))),
        (
            query(lambda::ListEventSourceMappings {}),
            Answer::Lambda(lambda::Answer::ListEventSourceMappings(
                mappings
                    .iter()
                    .map(|(name, target)| EventSource {
                        id: (*name).into(),
                        function: function_arn(name),
                        source: None,
                        on_failure: Some(queue_arn(target)),
                        state: "Enabled".into(),
                    })
                    .collect(),
            )),
        ),
    ];
    for (name, target) in destinations {
        answers.push((
            query(lambda::ListFunctionEventInvokeConfigs { function: FunctionName::new(*name) }),
            Answer::Lambda(lambda::Answer::ListFunctionEventInvokeConfigs(vec![OnFailure {
                function: function_arn(name),
                destination: queue_arn(target),
            }])),
        ));
    }
    walk(inv, Source::Broad(Broad::Functions), answers)
}

/// An age of the oldest message for each queue named.
pub fn ages(inv: &mut Inventory, all: &[(&str, f64)]) -> bool {
    let mut queries = Vec::new();
    let mut series = Vec::new();
    for (i, (name, age)) in all.iter().enumerate() {
        let id = format!("q{i}");
        queries.push(MetricQuery {
            id: id.as_str().into(),
            source: MetricSource::Stat {
                metric: super::roots::oldest_age(&url(name)),
                stat: "Maximum".into(),
                period_s: 60,
                unit: None,
            },
            return_data: true,
            label: None,
        });
        let points = vec![(ago(90), *age)];
        series.push(Series { id: id.as_str().into(), label: "".into(), points, trouble: None });
    }
    let window = crate::estate::Window { from: ago(1800), to: now() };
    walk(
        inv,
        Source::Broad(Broad::QueueAges),
        vec![(
            query(cloudwatch::GetMetricData { queries, window }),
            Answer::CloudWatch(cloudwatch::Answer::GetMetricData(series)),
        )],
    )
}

pub fn alarm_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"))
}

/// A metric alarm in order.
pub fn alarm(name: &str) -> Alarm {
    Alarm {
        name: AlarmName::new(name),
        arn: alarm_arn(name),
        kind: AlarmKind::Metric,
        state: AlarmState::Ok,
        since: Some(ago(12 * 60)),
        reason: "Threshold Crossed".into(),
        reason_data: None,
        evaluation: None,
        actions_enabled: true,
        alarm_actions: vec![Arn::new("arn:aws:sns:eu-central-1:123456789012:page")],
        ok_actions: vec![],
        insufficient_data_actions: vec![],
        subject: Subject::Metric(MetricQuery {
            id: "m1".into(),
            source: MetricSource::Stat {
                metric: MetricId::of("AWS/Lambda", "Errors", &[("FunctionName", "ingest")]),
                stat: "Sum".into(),
                period_s: 60,
                unit: None,
            },
            return_data: true,
            label: None,
        }),
        threshold: Some(1.0),
        comparison: Some("GreaterThanOrEqualToThreshold".into()),
        treat_missing: None,
        evaluation_periods: Some(1),
        datapoints_to_alarm: None,
        description: None,
    }
}

pub fn in_alarm(name: &str) -> Alarm {
    Alarm { state: AlarmState::Alarm, ..alarm(name) }
}

pub fn alarms(inv: &mut Inventory, all: &[Alarm]) -> bool {
    walk(
        inv,
        Source::Broad(Broad::Alarms),
        vec![(
            query(cloudwatch::DescribeAlarms { names: vec![] }),
            Answer::CloudWatch(cloudwatch::Answer::DescribeAlarms(
                all.iter().cloned().map(Into::into).collect(),
            )),
        )],
    )
}

pub fn rule(name: &str, action: RuleAction) -> Rule {
    Rule {
        name: name.into(),
        priority: 0,
        metric: format!("{name}Metric").into(),
        metrics_on: true,
        action,
        statement: "managed".into(),
        overridden_to_count: vec![],
    }
}

pub fn acl(name: &str, scope: Scope, rules: Vec<Rule>) -> WebAcl {
    let (region, kind) = match scope {
        Scope::Regional => (REGION, "regional"),
        Scope::CloudFront => ("us-east-1", "global"),
    };
    WebAcl {
        summary: WebAclSummary {
            name: name.into(),
            id: WebAclId::new(format!("id-{name}")),
            arn: Arn::new(format!("arn:aws:wafv2:{region}:{ACCOUNT}:{kind}/webacl/{name}/id-{name}")),
            scope,
        },
        metric: format!("{name}Acl").into(),
        rules,
        default_action: RuleAction::Allow,
        capacity: None,
    }
}

pub fn acls(inv: &mut Inventory, scope: Scope, all: &[WebAcl]) -> bool {
    let list = all.iter().map(|a| a.summary.clone()).collect();
    let mut answers =
        vec![(query(wafv2::ListWebACLs { scope }), Answer::Wafv2(wafv2::Answer::ListWebACLs(list)))];
    for acl in all {
        answers.push((
            query(wafv2::GetWebACL { name: acl.summary.name.clone(), id: acl.summary.id.clone(), scope }),
            Answer::Wafv2(wafv2::Answer::GetWebACL(acl.clone())),
        ));
    }
    walk(inv, Source::Broad(Broad::WebAcls(scope)), answers)
}

pub fn secret_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"))
}

pub fn secret(name: &str) -> Secret {
    Secret {
        name: SecretName::new(name),
        arn: secret_arn(name),
        description: None,
        created: Some(ago(400 * 86_400)),
        last_changed: Some(ago(86_400)),
        last_rotated: None,
        last_accessed: None,
        next_rotation: None,
        deletion_at: None,
        rotation_enabled: false,
        rotation_days: None,
        kms_key: None,
        owning_service: None,
        primary_region: None,
        tags: vec![],
    }
}

/// Secrets, each with a current version so many days old.
pub fn secrets(inv: &mut Inventory, all: &[(Secret, Option<i64>)]) -> bool {
    let list = all.iter().map(|(s, _)| s.clone()).collect();
    let mut answers = vec![(
        query(secretsmanager::ListSecrets {}),
        Answer::SecretsManager(secretsmanager::Answer::ListSecrets(list)),
    )];
    for (secret, days) in all {
        let Some(days) = days else { continue };
        answers.push((
            query(secretsmanager::ListSecretVersionIds { secret: secret.arn.clone(), deprecated: false }),
            Answer::SecretsManager(secretsmanager::Answer::ListSecretVersionIds(vec![SecretVersion {
                id: VersionId::new("v1"),
                stages: vec!["AWSCURRENT".into()],
                created: Some(ago(days * 86_400)),
                last_accessed: None,
            }])),
        ));
    }
    walk(inv, Source::Broad(Broad::Secrets), answers)
}

pub fn cursor(text: &str) -> Option<Cursor> {
    Some(Cursor(text.into()))
}

/// Answers what a walk of counts asks: one rule blocked so much in these minutes of the hour of
/// [`now`], and so much in the day before. Asked at 09:41:00.
pub fn blocks(inv: &mut Inventory, scope: Scope, rule: &str, minutes: &[(i64, f64)], day: f64) -> bool {
    let source = Source::Broad(Broad::WafCounts(scope));
    let wants = super::Wants { at: at(), now: now(), tags_wanted: false };
    let hour = now().as_second().div_euclid(3600) * 3600;
    let mut answers = Vec::new();
    for query in super::roots(&source, inv, &wants) {
        let crate::estate::Ask::CloudWatch(cloudwatch::Ask::GetMetricData(asked)) = &query.ask else {
            panic!()
        };
        let usual = crate::estate::time::seconds_between(asked.window.from, asked.window.to) > 7200;
        let series = asked
            .queries
            .iter()
            .map(|q| {
                let MetricSource::Stat { metric, .. } = &q.source else { panic!() };
                let hit = metric.name.wire() == "BlockedRequests"
                    && metric.dimension("Rule").unwrap().wire() == rule;
                let points = match (hit, usual) {
                    (false, _) => vec![],
                    (true, true) => vec![(asked.window.from, day)],
                    (true, false) => minutes
                        .iter()
                        .map(|(m, v)| (Timestamp::from_second(hour + m * 60).unwrap(), *v))
                        .collect(),
                };
                Series { id: q.id.clone(), label: "".into(), points, trouble: None }
            })
            .collect();
        let answer = Answer::CloudWatch(cloudwatch::Answer::GetMetricData(series));
        answers.push((query.clone(), answer));
    }
    walk(inv, source, answers)
}
