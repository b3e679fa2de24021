//! Every question of the closed list, asked by somebody who may do nothing: each must come back denied, with
//! the very action that the table of questions names, since the policy that the program prints is made of it.

use super::question::{Question, Wrong, holds};
use crate::asking::Asking;
use bartizan::estate::ask::{
    cloudtrail, cloudwatch, iam, lambda, logs, secretsmanager, sqs, sts, wafv2, watched,
};
use bartizan::estate::metric::Window;
use bartizan::estate::{
    AlarmName, Arn, Ask, Asks, FaultKind, FunctionName, Lookup, MuteRuleName, QueueUrl, Scope, Service,
    WebAclId, time,
};

const SOURCE: &str = "IAM user guide, \"Troubleshoot access denied\"; Service Authorization Reference";

/// By a principal without any permission.
pub const DENIED: &[Question] = &[
    Question {
        name: "denied_cloudwatch",
        source: SOURCE,
        needs: None,
        check: |e| denied(e, Service::CloudWatch),
    },
    Question { name: "denied_sqs", source: SOURCE, needs: None, check: |e| denied(e, Service::Sqs) },
    Question { name: "denied_wafv2", source: SOURCE, needs: None, check: |e| denied(e, Service::Wafv2) },
    Question {
        name: "denied_secretsmanager",
        source: SOURCE,
        needs: None,
        check: |e| denied(e, Service::SecretsManager),
    },
    Question { name: "denied_lambda", source: SOURCE, needs: None, check: |e| denied(e, Service::Lambda) },
    Question {
        name: "denied_cloudtrail",
        source: SOURCE,
        needs: None,
        check: |e| denied(e, Service::CloudTrail),
    },
    Question { name: "denied_logs", source: SOURCE, needs: None, check: |e| denied(e, Service::Logs) },
    Question { name: "denied_iam", source: SOURCE, needs: None, check: |e| denied(e, Service::Iam) },
    Question {
        name: "identity_cannot_be_denied",
        source: "STS API reference, GetCallerIdentity: no permissions are required",
        needs: None,
        check: |e| {
            e.first(sts::GetCallerIdentity {})?;
            Ok(())
        },
    },
];

/// One of each, about things that need not exist: who may not ask learns nothing of that either.
pub fn questions(e: &Asking) -> Vec<Ask> {
    let arn =
        |service: &str, rest: &str| Arn::new(format!("arn:aws:{service}:us-east-1:000000000000:{rest}"));
    let acl = || arn("wafv2", "regional/webacl/a/01234567-89ab-cdef-0123-456789abcdef");
    let id = WebAclId::new("01234567-89ab-cdef-0123-456789abcdef");
    let queue = || QueueUrl::new("https://sqs.us-east-1.amazonaws.com/000000000000/a");
    let window = Window { from: time::plus_seconds(e.now(), -3600), to: e.now() };
    let alarm = || AlarmName::new("a");
    let secret = || arn("secretsmanager", "secret:a-aBcDeF");
    vec![
        cloudwatch::DescribeAlarms { names: vec![] }.ask(),
        cloudwatch::DescribeAlarmHistory { alarm: alarm() }.ask(),
        cloudwatch::DescribeAlarmContributors { alarm: alarm() }.ask(),
        cloudwatch::ListAlarmMuteRules {}.ask(),
        cloudwatch::GetAlarmMuteRule { name: MuteRuleName::new("a") }.ask(),
        cloudwatch::GetMetricData { queries: vec![], window }.ask(),
        cloudwatch::ListMetrics { namespace: "AWS/SQS".into(), name: "a".into() }.ask(),
        cloudwatch::ListTagsForResource { resource: arn("cloudwatch", "alarm:a") }.ask(),
        sqs::ListQueues {}.ask(),
        sqs::GetQueueAttributes { queue: queue() }.ask(),
        sqs::ListDeadLetterSourceQueues { queue: queue() }.ask(),
        sqs::ListMessageMoveTasks { queue: arn("sqs", "a") }.ask(),
        sqs::ListQueueTags { queue: queue() }.ask(),
        wafv2::ListWebACLs { scope: Scope::Regional }.ask(),
        wafv2::GetWebACL { name: "a".into(), id, scope: Scope::Regional }.ask(),
        wafv2::GetSampledRequests { acl: acl(), rule_metric: "a".into(), scope: Scope::Regional, window }
            .ask(),
        wafv2::ListResourcesForWebACL { acl: acl() }.ask(),
        wafv2::ListTagsForResource { resource: acl() }.ask(),
        secretsmanager::ListSecrets {}.ask(),
        secretsmanager::ListSecretVersionIds { secret: secret(), deprecated: false }.ask(),
        secretsmanager::DescribeSecret { secret: secret() }.ask(),
        lambda::ListFunctions {}.ask(),
        lambda::ListFunctionEventInvokeConfigs { function: FunctionName::new("a") }.ask(),
        lambda::ListEventSourceMappings {}.ask(),
        lambda::GetFunctionConcurrency { function: FunctionName::new("a") }.ask(),
        iam::ListAccountAliases {}.ask(),
        logs::FilterLogEvents {
            group: "/aws/lambda/a".into(),
            text: "a".into(),
            from: window.from,
            to: window.to,
            said: false,
        }
        .ask(),
        cloudtrail::LookupEvents { by: Lookup::Event("ConsoleLogin".into()), from: window.from }.ask(),
    ]
}

fn denied(e: &Asking, service: Service) -> Result<(), Wrong> {
    let asks = questions(e);
    for op in watched().filter(|op| op.service == service) {
        holds(format!("{} is not asked here", op.name), asks.iter().any(|a| a.operation().name == op.name))?;
    }
    let mut wrong = Vec::new();
    for ask in asks.into_iter().filter(|a| a.operation().service == service) {
        let op = ask.operation();
        match e.fetch(ask, None) {
            Err(f) if matches!(&f.kind, FaultKind::Denied { action, .. } if action.wire() == op.iam_action) =>
                {}
            Err(f) => wrong.push(format!("{}: {:?}", op.name, f.kind)),
            Ok(_) => wrong.push(format!("{}: answered", op.name)),
        }
    }
    holds(wrong.join("; "), wrong.is_empty())
}
