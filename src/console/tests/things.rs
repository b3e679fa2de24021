//! The things of the tests' estate, each with what is ordinary about it.

use super::world::{ACCOUNT, DAY, REGION, ago};
use crate::estate::alarm::Subject;
use crate::estate::metric::MetricSource;
use crate::estate::{
    Alarm, AlarmKind, AlarmName, AlarmState, Arn, Encryption, MetricId, MetricQuery, QueueFacts, QueueUrl,
    RedrivePolicy, Rule, RuleAction, Scope, Secret, SecretName, SecretVersion, VersionId, WebAcl, WebAclId,
    WebAclSummary,
};

pub fn queue_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"))
}

pub fn queue_url(name: &str) -> QueueUrl {
    QueueUrl::new(format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"))
}

pub fn alarm_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"))
}

pub fn secret_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"))
}

pub fn acl_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/{name}/id-{name}"))
}

pub fn function_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"))
}

pub fn metric_query(metric: MetricId, stat: &str) -> MetricQuery {
    MetricQuery {
        id: "m1".into(),
        source: MetricSource::Stat { metric, stat: stat.into(), period_s: 60, unit: None },
        return_data: true,
        label: None,
    }
}

pub fn alarm(name: &str, state: AlarmState, since_s: i64) -> Alarm {
    let metric = MetricId::of("AWS/Lambda", "Errors", &[("FunctionName", "ingest")]);
    Alarm {
        name: AlarmName::new(name),
        arn: alarm_arn(name),
        kind: AlarmKind::Metric,
        state,
        since: Some(ago(since_s)),
        reason: "Threshold Crossed: 1 datapoint [4.0 (21/11/26 09:28:00)] was greater than the threshold (1.0)."
            .into(),
        reason_data: Some(
            r#"{"version":"1.0","statistic":"Sum","period":60,"recentDatapoints":[4.0],"threshold":1.0,"evaluatedDatapoints":[{"timestamp":"2026-11-21T09:28:00.000+0000","sampleCount":4.0,"value":4.0}]}"#
                .into(),
        ),
        evaluation: None,
        actions_enabled: true,
        alarm_actions: vec![Arn::new("arn:aws:sns:eu-central-1:123456789012:page")],
        ok_actions: Vec::new(),
        insufficient_data_actions: Vec::new(),
        subject: Subject::Metric(metric_query(metric, "Sum")),
        threshold: Some(1.0),
        comparison: Some("GreaterThanThreshold".into()),
        treat_missing: Some("notBreaching".into()),
        evaluation_periods: Some(1),
        datapoints_to_alarm: Some(1),
        description: None,
    }
}

pub fn queue(name: &str, messages: u64) -> QueueFacts {
    QueueFacts {
        arn: queue_arn(name),
        messages: Some(messages),
        in_flight: Some(0),
        delayed: Some(0),
        retention_s: Some(14 * 86_400),
        visibility_s: Some(30),
        created: Some(ago(400 * DAY)),
        redrive: None,
        redrive_allow: None,
        policy: None,
        fifo: false,
        encryption: Encryption::Kms("alias/mte-lambda-prod".into()),
    }
}

pub fn source_of(name: &str, target: &str) -> QueueFacts {
    QueueFacts {
        redrive: Some(RedrivePolicy { dead_letter_target: queue_arn(target), max_receive_count: Some(5) }),
        encryption: Encryption::SqsManaged,
        retention_s: Some(600),
        ..queue(name, 3)
    }
}

pub fn rule(name: &str, action: RuleAction, priority: i32) -> Rule {
    Rule {
        name: name.into(),
        priority,
        metric: name.into(),
        metrics_on: true,
        action,
        statement: "managed".into(),
        overridden_to_count: Vec::new(),
    }
}

pub fn acl(name: &str) -> WebAcl {
    WebAcl {
        summary: WebAclSummary {
            name: name.into(),
            id: WebAclId::new(format!("id-{name}")),
            arn: acl_arn(name),
            scope: Scope::Regional,
        },
        metric: format!("{name}-metric").into(),
        rules: vec![
            rule("RateLimitRule", RuleAction::Block(Some(429)), 1),
            rule("AWSManagedRulesSQLiRuleSet", RuleAction::Group, 2),
            rule("GeoCountOnly", RuleAction::Count, 3),
        ],
        default_action: RuleAction::Allow,
        capacity: Some(1_230),
    }
}

pub fn secret(name: &str, days: i64) -> (Secret, Vec<SecretVersion>) {
    let secret = Secret {
        name: SecretName::new(name),
        arn: secret_arn(name),
        description: None,
        created: Some(ago(400 * DAY)),
        last_changed: Some(ago(DAY)),
        last_rotated: None,
        last_accessed: Some(ago(DAY)),
        next_rotation: None,
        deletion_at: None,
        rotation_enabled: false,
        rotation_days: None,
        kms_key: None,
        owning_service: None,
        primary_region: None,
        tags: Vec::new(),
    };
    let version = |id: &str, stage: &str, days: i64| SecretVersion {
        id: VersionId::new(id),
        stages: vec![stage.into()],
        created: Some(ago(days * DAY)),
        last_accessed: Some(ago(DAY)),
    };
    let versions = vec![
        version("a1b2c3d4-1111", "AWSCURRENT", days),
        version("e5f6a7b8-2222", "AWSPREVIOUS", days + 90),
    ];
    (secret, versions)
}
