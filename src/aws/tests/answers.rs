//! Good answers, second pages and odd ones, in each protocol.

use super::server::{Reply, Server, cbor, json, xml};
use super::{ask, at, open};
use crate::estate::alarm::Subject;
use crate::estate::ask::{cloudwatch, lambda, secretsmanager, sqs, sts, wafv2};
use crate::estate::{
    AlarmKind, AlarmState, Asks, Cursor, FaultKind, FunctionName, MetricId, MetricQuery, Query, QueueUrl,
    RuleAction, Scope, Timestamp, WebAclId, Window,
};
use serde_json::json as value;

fn instant(s: i64) -> Timestamp {
    Timestamp::from_second(s).unwrap()
}

#[tokio::test]
async fn alarms_of_all_three_types_are_asked_for_and_read() {
    let server = Server::new(|_| {
        cbor(
            200,
            &value!({
                "MetricAlarms": [{
                    "AlarmName": "cpu", "AlarmArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:cpu",
                    "StateValue": "ALARM", "StateReason": "r", "Namespace": "AWS/RDS", "MetricName": "CPUUtilization",
                    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "db"}], "Statistic": "Average",
                    "Period": 300, "EvaluationPeriods": 2, "Threshold": 80.0, "ActionsEnabled": false,
                    "ComparisonOperator": "GreaterThanThreshold", "EvaluationState": "PARTIAL_DATA",
                    "StateTransitionedTimestamp": {"$time": 1_800_000_000.25},
                    "StateUpdatedTimestamp": {"$time": 1_800_000_500.0},
                }],
                "CompositeAlarms": [{
                    "AlarmName": "all", "AlarmArn": "arn:c", "StateValue": "OK", "AlarmRule": "ALARM(cpu)",
                }],
                "LogAlarms": [{
                    "AlarmName": "log", "AlarmArn": "arn:l", "StateValue": "SOMETHING_NEW",
                    "ScheduledQueryConfiguration": {"QueryString": "fields @message", "AggregationExpression": "count(*)"},
                }],
                "NextToken": "",
            }),
        )
    });
    let ports = open(&server).await;
    let (alarms, next) =
        ask(&*ports.reads, cloudwatch::DescribeAlarms { names: vec![] }, None).await.unwrap();
    assert_eq!((alarms.len(), next), (3, None), "an empty token is the end");
    let [cpu, all, log] = &alarms[..] else { panic!() };
    assert_eq!((&cpu.kind, &cpu.state, cpu.actions_enabled), (&AlarmKind::Metric, &AlarmState::Alarm, false));
    assert_eq!(cpu.since.unwrap().as_millisecond(), 1_800_000_000_250);
    assert_eq!(cpu.evaluation.as_ref().unwrap().wire(), "PARTIAL_DATA");
    let Subject::Metric(q) = &cpu.subject else { panic!("{:?}", cpu.subject) };
    let crate::estate::metric::MetricSource::Stat { metric, stat, period_s, .. } = &q.source else {
        panic!()
    };
    assert_eq!(*metric, MetricId::of("AWS/RDS", "CPUUtilization", &[("DBInstanceIdentifier", "db")]));
    assert_eq!((stat.wire(), *period_s), ("Average", 300));
    assert_eq!((&all.kind, &all.subject), (&AlarmKind::Composite, &Subject::Rule("ALARM(cpu)".into())));
    assert_eq!((&log.kind, &log.state), (&AlarmKind::Log, &AlarmState::Other("SOMETHING_NEW".into())));
    assert_eq!(log.subject, Subject::Other("count(*) of fields @message".into()));
    let body = server.requests()[0].text();
    for kind in ["MetricAlarm", "CompositeAlarm", "LogAlarm"] {
        assert!(body.contains(kind), "{kind} is not asked for");
    }
}

#[tokio::test]
async fn a_server_without_log_alarms_is_asked_without_them_in_a_call_of_its_own() {
    let server = Server::new(|r| {
        if r.text().contains("LogAlarm") {
            let m =
                "1 validation error detected: Value 'LogAlarm' at 'alarmTypes' failed to satisfy constraint";
            return cbor(400, &value!({"__type": "ValidationError", "message": m}));
        }
        cbor(200, &value!({"MetricAlarms": [{"AlarmName": "a", "AlarmArn": "arn:a", "StateValue": "OK"}]}))
    });
    let ports = open(&server).await;
    let q = || cloudwatch::DescribeAlarms { names: vec![] };
    let (alarms, next) = ask(&*ports.reads, q(), None).await.unwrap();
    assert!(alarms.is_empty() && next.is_some() && server.requests().len() == 1);
    let (alarms, next) = ask(&*ports.reads, q(), next.as_ref()).await.unwrap();
    assert_eq!((alarms.len(), next), (1, None));
    let (alarms, _) = ask(&*ports.reads, q(), None).await.unwrap();
    assert_eq!((alarms.len(), server.requests().len()), (1, 3), "and it is remembered");
}

#[tokio::test]
async fn an_alarm_without_a_name_is_malformed() {
    let server = Server::new(|_| cbor(200, &value!({"MetricAlarms": [{"AlarmArn": "arn:a"}]})));
    let ports = open(&server).await;
    let f = ask(&*ports.reads, cloudwatch::DescribeAlarms { names: vec![] }, None).await.unwrap_err();
    assert_eq!((f.kind, f.message.wire()), (FaultKind::Malformed, "AlarmName is missing"));
}

#[tokio::test]
async fn series_are_sorted_and_partial_only_counts_on_the_last_page() {
    let server = Server::new(|r| {
        let second = r.text().contains("second");
        let (status, token) =
            if second { ("InternalError", value!(null)) } else { ("PartialData", value!("second")) };
        cbor(
            200,
            &value!({"NextToken": token, "MetricDataResults": [{
                "Id": "m1", "Label": "l", "StatusCode": status,
                "Timestamps": [{"$time": 120.0}, {"$time": 60.0}], "Values": [2.0, 1.0],
            }]}),
        )
    });
    let ports = open(&server).await;
    let source = crate::estate::metric::MetricSource::Stat {
        metric: MetricId::of("AWS/SQS", "NumberOfMessagesSent", &[("QueueName", "q")]),
        stat: "Sum".into(),
        period_s: 60,
        unit: None,
    };
    let query = MetricQuery { id: "m1".into(), source, return_data: true, label: None };
    let window = Window { from: instant(0), to: instant(180) };
    let q = || cloudwatch::GetMetricData { queries: vec![query.clone()], window };
    let (series, next) = ask(&*ports.reads, q(), None).await.unwrap();
    assert_eq!(series[0].points, [(instant(60), 1.0), (instant(120), 2.0)]);
    assert_eq!((series[0].trouble.clone(), next.clone()), (None, Some(Cursor("second".into()))));
    let (series, next) = ask(&*ports.reads, q(), next.as_ref()).await.unwrap();
    assert_eq!((series[0].trouble.as_ref().unwrap().wire(), next), ("InternalError", None));
}

#[tokio::test]
async fn mute_rules_are_named_by_their_arns() {
    let server = Server::new(|r| match r.operation().as_str() {
        "ListAlarmMuteRules" => cbor(
            200,
            &value!({"AlarmMuteRuleSummaries": [{
                "AlarmMuteRuleArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm-mute-rule:night/shift",
            }]}),
        ),
        "GetAlarmMuteRule" => cbor(
            200,
            &value!({"Name": "night/shift", "Status": "ACTIVE", "MuteTargets": {"AlarmNames": ["a", "b"]},
                "Rule": {"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT4H"}}}),
        ),
        _ => Reply::Raw(Vec::new()),
    });
    let ports = open(&server).await;
    let (names, _) = ask(&*ports.reads, cloudwatch::ListAlarmMuteRules {}, None).await.unwrap();
    assert_eq!(names[0].wire(), "night/shift");
    let rule = cloudwatch::GetAlarmMuteRule { name: names[0].clone() };
    let (rule, _) = ask(&*ports.reads, rule, None).await.unwrap();
    assert_eq!((rule.status.wire(), rule.targets.len()), ("ACTIVE", 2));
    assert_eq!(rule.duration.unwrap().wire(), "PT4H");
}

#[tokio::test]
async fn queues_page_by_a_thousand() {
    let server = Server::new(|r| {
        if r.text().contains("NextToken") {
            json(200, r#"{"QueueUrls":["https://sqs/1/b"]}"#)
        } else {
            json(200, r#"{"QueueUrls":["https://sqs/1/a"],"NextToken":"t"}"#)
        }
    });
    let ports = open(&server).await;
    let (urls, next) = ask(&*ports.reads, sqs::ListQueues {}, None).await.unwrap();
    assert_eq!((urls[0].wire(), next.clone()), ("https://sqs/1/a", Some(Cursor("t".into()))));
    let (urls, next) = ask(&*ports.reads, sqs::ListQueues {}, next.as_ref()).await.unwrap();
    assert_eq!((urls[0].wire(), next), ("https://sqs/1/b", None));
    let first = &server.requests()[0];
    assert!(first.text().contains(r#""MaxResults":1000"#));
    let agents = [first.header("user-agent"), first.header("x-amz-user-agent")];
    assert!(agents.iter().any(|a| a.contains("app/bartizan-")), "{agents:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_calls_at_once_wait_once() {
    let server = Server::new(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        json(200, "{}")
    });
    let ports = open(&server).await;
    let since = std::time::Instant::now();
    let all = (0..64).map(|_| ask(&*ports.reads, sqs::ListQueues {}, None));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok));
    assert!(since.elapsed().as_millis() < 64 * 100 / 4, "{:?}", since.elapsed());
}

#[tokio::test]
async fn no_queues_at_all_is_an_empty_list() {
    let server = Server::new(|_| json(200, "{}"));
    let ports = open(&server).await;
    let (urls, next) = ask(&*ports.reads, sqs::ListQueues {}, None).await.unwrap();
    assert!(urls.is_empty() && next.is_none());
    let queue = QueueUrl::new("https://sqs/1/a");
    let f = ask(&*ports.reads, sqs::GetQueueAttributes { queue }, None).await.unwrap_err();
    assert_eq!(f.kind, FaultKind::Malformed);
}

#[tokio::test]
async fn environments_of_functions_are_not_in_the_answer() {
    let server = Server::new(|_| {
        json(
            200,
            r#"{"Functions":[{"FunctionName":"f","FunctionArn":"arn:f","Environment":{"Variables":{"PASSWORD":"hunter2"}},"DeadLetterConfig":{"TargetArn":"arn:q"}},{"FunctionName":"g","FunctionArn":"arn:g","DeadLetterConfig":{}}],"NextMarker":"m"}"#,
        )
    });
    let ports = open(&server).await;
    let (functions, next) = ask(&*ports.reads, lambda::ListFunctions {}, None).await.unwrap();
    assert!(!format!("{functions:?}").contains("hunter2"));
    assert_eq!(functions[0].dead_letter.as_ref().unwrap().wire(), "arn:q");
    assert_eq!((functions[1].dead_letter.clone(), next), (None, Some(Cursor("m".into()))));
}

#[tokio::test]
async fn invoke_configs_without_a_failure_destination_say_nothing() {
    let server = Server::new(|_| {
        json(
            200,
            r#"{"FunctionEventInvokeConfigs":[{"FunctionArn":"arn:f:1","DestinationConfig":{"OnFailure":{"Destination":"arn:q"},"OnSuccess":{}}},{"FunctionArn":"arn:f:2","DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}]}"#,
        )
    });
    let ports = open(&server).await;
    let q = lambda::ListFunctionEventInvokeConfigs { function: FunctionName::new("f") };
    let (all, _) = ask(&*ports.reads, q, None).await.unwrap();
    assert_eq!((all.len(), all[0].destination.wire()), (1, "arn:q"));
}

#[tokio::test]
async fn secrets_planned_for_deletion_are_asked_for() {
    let server = Server::new(|_| {
        json(
            200,
            r#"{"SecretList":[{"ARN":"arn:s","Name":"s","CreatedDate":1.8E9,"DeletedDate":1800000060.457}]}"#,
        )
    });
    let ports = open(&server).await;
    let (secrets, _) = ask(&*ports.reads, secretsmanager::ListSecrets {}, None).await.unwrap();
    assert_eq!(secrets[0].created, Some(instant(1_800_000_000)));
    assert_eq!(secrets[0].deletion_at.unwrap().as_millisecond(), 1_800_000_060_457);
    assert_eq!((secrets[0].rotation_enabled, secrets[0].last_rotated), (false, None));
    assert!(server.requests()[0].text().contains(r#""IncludePlannedDeletion":true"#));
}

#[tokio::test]
async fn cloudfront_is_asked_in_us_east_1_and_nowhere_in_china() {
    let server = Server::new(|_| json(200, r#"{"WebACLs":[],"NextMarker":""}"#));
    let ports = open(&server).await;
    for (scope, region) in [(Scope::CloudFront, "us-east-1"), (Scope::Regional, "eu-central-1")] {
        ask(&*ports.reads, wafv2::ListWebACLs { scope }, None).await.unwrap();
        let signed = server.requests().last().unwrap().header("authorization").to_owned();
        assert!(signed.contains(&format!("/{region}/wafv2/")), "{signed}");
    }
    let q = Query { at: at("cn-north-1"), ask: wafv2::ListWebACLs { scope: Scope::CloudFront }.ask() };
    let f = ports.reads.fetch(&q, None).await.unwrap_err();
    assert_eq!((f.kind, server.requests().len()), (FaultKind::Unsupported, 2), "no call is made for it");
}

#[tokio::test]
async fn a_web_acl_is_read_with_its_rules_by_priority() {
    let vis = |name: &str| value!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name});
    let acl = value!({"WebACL": {
        "Name": "omnitrack", "Id": "i", "ARN": "arn:acl", "Capacity": 700, "DefaultAction": {"Block": {}},
        "VisibilityConfig": vis("acl-metric"),
        "Rules": [
            {"Name": "Geo", "Priority": 5, "Action": {"Block": {}}, "VisibilityConfig": vis("geo"),
             "Statement": {"GeoMatchStatement": {"CountryCodes": ["CN", "RU", "KP"]}}},
            {"Name": "Sqli", "Priority": 3, "OverrideAction": {"Count": {}}, "VisibilityConfig": vis("sqli"),
             "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet",
                "RuleActionOverrides": [{"Name": "SQLi_BODY", "ActionToUse": {"Count": {}}},
                    {"Name": "SQLi_COOKIE", "ActionToUse": {"Block": {}}}]}}},
            {"Name": "Agent", "Priority": 4, "Action": {"Captcha": {}}, "VisibilityConfig": vis("agent"),
             "Statement": {"NotStatement": {"Statement": {"LabelMatchStatement": {"Scope": "LABEL", "Key": "ok"}}}}},
            {"Name": "Rate", "Priority": 0, "Action": {"Block": {"CustomResponse": {"ResponseCode": 429}}},
             "VisibilityConfig": vis("rate"),
             "Statement": {"RateBasedStatement": {"Limit": 2000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}}},
        ],
    }});
    let server = Server::new(move |_| json(200, &acl.to_string()));
    let ports = open(&server).await;
    let q = wafv2::GetWebACL { name: "omnitrack".into(), id: WebAclId::new("i"), scope: Scope::Regional };
    let (acl, _) = ask(&*ports.reads, q, None).await.unwrap();
    assert_eq!((acl.metric.wire(), &acl.default_action), ("acl-metric", &RuleAction::Block(None)));
    let said: Vec<_> =
        acl.rules.iter().map(|r| (r.name.wire(), r.action.clone(), r.statement.wire().to_owned())).collect();
    let expected = [
        ("Rate", RuleAction::Block(Some(429)), "rate 2000 per 300 s by IP"),
        ("Sqli", RuleAction::GroupCount, "managed AWSManagedRulesSQLiRuleSet"),
        ("Agent", RuleAction::Captcha, "not (label ok)"),
        ("Geo", RuleAction::Block(None), "country in CN, RU, KP"),
    ];
    assert_eq!(said, expected.map(|(n, a, s)| (n, a, s.to_owned())));
    assert_eq!(acl.rules[1].overridden_to_count, ["SQLi_BODY".into()]);
}

#[tokio::test]
async fn samples_keep_what_strangers_sent() {
    let body = value!({"PopulationSize": 900, "TimeWindow": {"StartTime": 100.0, "EndTime": 200.0}, "SampledRequests": [{
        "Request": {"ClientIP": "192.0.2.1", "Country": "DE", "URI": "/\u{1b}[2J", "Method": "GET",
            "Headers": [{"Name": "user-Agent", "Value": "curl"}]},
        "Weight": 3, "Timestamp": 150.0, "Action": "BLOCK", "RuleNameWithinRuleGroup": "group#rule",
    }]});
    let server = Server::new(move |_| json(200, &body.to_string()));
    let ports = open(&server).await;
    let window = Window { from: instant(0), to: instant(300) };
    let acl = crate::estate::Arn::new("arn:acl");
    let q = wafv2::GetSampledRequests { acl, rule_metric: "m".into(), scope: Scope::Regional, window };
    let (samples, _) = ask(&*ports.reads, q, None).await.unwrap();
    assert_eq!(samples.window, Some(Window { from: instant(100), to: instant(200) }));
    let s = &samples.requests[0];
    assert_eq!((samples.population, s.weight, s.rule.wire()), (900, 3, "group#rule"));
    assert_eq!((s.uri.wire(), s.user_agent.as_ref().unwrap().wire()), ("/\u{1b}[2J", "curl"));
}

#[tokio::test]
async fn each_type_of_protected_resource_is_a_page() {
    let server = Server::new(|r| {
        if r.text().contains("AMPLIFY") || r.text().contains("APP_RUNNER") {
            json(400, r#"{"__type":"WAFInvalidParameterException","message":"not here"}"#)
        } else if r.text().contains("API_GATEWAY") {
            json(200, r#"{"ResourceArns":["arn:api"]}"#)
        } else {
            json(200, "{}")
        }
    });
    let ports = open(&server).await;
    let (mut all, mut from) = (Vec::new(), None);
    loop {
        let q = wafv2::ListResourcesForWebACL { acl: crate::estate::Arn::new("arn:acl") };
        let (arns, next) = ask(&*ports.reads, q, from.as_ref()).await.unwrap();
        all.extend(arns);
        from = next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!((all.len(), all[0].wire(), server.requests().len()), (1, "arn:api", 7));
}

#[tokio::test]
async fn identity_is_read_and_an_odd_account_is_malformed() {
    let identity = |account: &str| {
        format!(
            r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/ops/alice</Arn><UserId>AROA:alice</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"#
        )
    };
    let good = identity("123456789012");
    let server = Server::new(move |_| xml(200, &good));
    let ports = open(&server).await;
    let (id, _) = ask(&*ports.reads, sts::GetCallerIdentity {}, None).await.unwrap();
    assert_eq!((id.account.to_string().as_str(), id.principal().wire()), ("123456789012", "ops/alice"));
    let odd = identity("alice");
    let server = Server::new(move |_| xml(200, &odd));
    let ports = open(&server).await;
    let f = ask(&*ports.reads, sts::GetCallerIdentity {}, None).await.unwrap_err();
    assert_eq!(f.kind, FaultKind::Malformed);
}
