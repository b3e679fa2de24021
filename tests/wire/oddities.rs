//! Answers that are well-formed and odd: hostile names, bytes that are no text, words that this version does
//! not know, fields that are missing or out of range, and what must never be kept.

use crate::asking::Asking;
use crate::cbor;
use crate::faults::open;
use crate::server::{Manner, Reply, Server};
use crate::services::{alarm, function, json_answer, queue_url, secret, web_acl, xml_answer};
use bartizan::estate::ask::{cloudwatch, iam, lambda, secretsmanager, sqs, wafv2};
use bartizan::estate::{
    AlarmState, Arn, FaultKind, MoveTaskStatus, MuteRuleName, QueueFacts, QueueUrl, RuleAction, Scope,
    Service, WebAclId,
};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

fn served(reply: Reply) -> Asking {
    // the server lives in its threads, which end with the tests
    open(Server::start(Manner::Answers(Box::new(move |_| reply.clone()))).url())
}

fn over(service: Service, body: &Value) -> Asking {
    served(json_answer(service, body))
}

fn queue() -> QueueUrl {
    QueueUrl::new(queue_url("orders"))
}

fn facts(attributes: &Value) -> Result<QueueFacts, bartizan::estate::Fault> {
    over(Service::Sqs, &json!({ "Attributes": attributes })).first(sqs::GetQueueAttributes { queue: queue() })
}

/// Names that try to draw, to hide or to reorder; and the longest.
fn hostile() -> Vec<String> {
    vec![
        "\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned(),
        "\u{202e}evil\u{2066}\u{200b}".to_owned(),
        "line\r\nline\tline\u{9b}31m".to_owned(),
        "👩‍👩‍👧‍👦".repeat(36),
        "x".repeat(255),
        "\u{0}".to_owned(),
        " ".to_owned(),
    ]
}

fn hostile_names_arrive_byte_for_byte() {
    for name in hostile() {
        let name = name.as_str();
        let e = over(Service::CloudWatch, &json!({ "MetricAlarms": [alarm(name)] }));
        assert_eq!(e.first(cloudwatch::DescribeAlarms { names: vec![] }).unwrap()[0].name.wire(), name);
        let e = over(Service::Wafv2, &json!({ "WebACLs": [web_acl(name)] }));
        let acls = e.first(wafv2::ListWebACLs { scope: Scope::Regional }).unwrap();
        assert_eq!(acls[0].name.wire(), name);
        let e = over(Service::SecretsManager, &json!({ "SecretList": [secret(name)] }));
        assert_eq!(e.first(secretsmanager::ListSecrets {}).unwrap()[0].name.wire(), name);
        let e = over(Service::Lambda, &json!({ "Functions": [function(name)] }));
        assert_eq!(e.first(lambda::ListFunctions {}).unwrap()[0].name.wire(), name);
        let e = over(Service::Sqs, &json!({ "QueueUrls": [name] }));
        assert_eq!(e.first(sqs::ListQueues {}).unwrap()[0].wire(), name);
    }
    // XML 1.0 cannot say control characters at all
    let list = "<IsTruncated>false</IsTruncated><AccountAliases><member>\u{202e}a&lt;b&amp;👩‍👧</member>\
                </AccountAliases>";
    let e = served(xml_answer("ListAccountAliases", list));
    assert_eq!(e.first(iam::ListAccountAliases {}).unwrap()[0].wire(), "\u{202e}a<b&👩‍👧");
}

/// A name in bytes that are no UTF-8 is a fault, not a name with holes.
fn invalid_utf8_is_malformed() {
    let spoil = |service: Service, body: &Value| {
        let mut reply = json_answer(service, body);
        let at = reply.body.windows(5).position(|w| w == b"spoil").unwrap();
        reply.body[at] = 0xff;
        served(reply)
    };
    let malformed =
        |fault: bartizan::estate::Fault| assert_eq!(fault.kind, FaultKind::Malformed, "{fault:?}");
    let e = spoil(Service::CloudWatch, &json!({ "MetricAlarms": [alarm("spoil")] }));
    malformed(e.first(cloudwatch::DescribeAlarms { names: vec![] }).unwrap_err());
    let e = spoil(Service::Sqs, &json!({ "QueueUrls": ["spoil"] }));
    malformed(e.first(sqs::ListQueues {}).unwrap_err());
    let e = spoil(Service::Wafv2, &json!({ "WebACLs": [web_acl("spoil")] }));
    malformed(e.first(wafv2::ListWebACLs { scope: Scope::Regional }).unwrap_err());
    let e = spoil(Service::SecretsManager, &json!({ "SecretList": [secret("spoil")] }));
    malformed(e.first(secretsmanager::ListSecrets {}).unwrap_err());
    let e = spoil(Service::Lambda, &json!({ "Functions": [function("spoil")] }));
    malformed(e.first(lambda::ListFunctions {}).unwrap_err());
}

fn words_of_tomorrow_are_kept() {
    let mut a = alarm("a");
    a["StateValue"] = json!("SNOOZED");
    a["EvaluationState"] = json!("CONFUSED");
    a["ComparisonOperator"] = json!("RoughlyEquals");
    a["FutureField"] = json!({ "x": [1, { "y": null }] });
    let e = over(Service::CloudWatch, &json!({ "MetricAlarms": [a], "QuantumAlarms": [{}] }));
    let got = e.first(cloudwatch::DescribeAlarms { names: vec![] }).unwrap().remove(0);
    assert_eq!(got.state, AlarmState::Other("SNOOZED".into()));
    assert_eq!(got.evaluation.as_ref().unwrap().wire(), "CONFUSED");
    assert_eq!(got.comparison.as_ref().unwrap().wire(), "RoughlyEquals");

    let task = json!({ "Status": "PAUSED", "SourceArn": "arn:aws:sqs:eu-central-1:123456789012:d",
        "ApproximateNumberOfMessagesMoved": 7, "StartedTimestamp": 1_795_000_000_123_i64 });
    let e = over(Service::Sqs, &json!({ "Results": [task] }));
    let arn = Arn::new("arn:aws:sqs:eu-central-1:123456789012:d");
    let got = e.first(sqs::ListMessageMoveTasks { queue: arn }).unwrap().remove(0);
    assert_eq!(got.status, MoveTaskStatus::Other("PAUSED".into()));
    assert_eq!((got.moved, got.to_move, got.rate), (7, None, None));
    assert_eq!(got.started.unwrap().as_millisecond(), 1_795_000_000_123);

    let rule = json!({ "AlarmMuteRuleArn": "arn:x", "Name": "night", "Status": "HIBERNATING",
        "Rule": { "Schedule": { "Expression": "cron(0 2 * * *)", "Duration": "PT4H" } },
        "MuteTargets": { "AlarmNames": ["a", "b"] } });
    let e = over(Service::CloudWatch, &rule);
    let got = e.first(cloudwatch::GetAlarmMuteRule { name: MuteRuleName::new("night") }).unwrap();
    assert_eq!((got.status.wire(), got.targets.len()), ("HIBERNATING", 2));
}

/// A rule as AWS will write it one day, between two that are known.
fn an_unknown_rule_action_hides_no_other_rule() {
    let visible = |name: &str| json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name });
    let rule = |name: &str, priority: i32, action: Value| {
        json!({ "Name": name, "Priority": priority, "Action": action, "VisibilityConfig": visible(name),
            "Statement": { "GeoMatchStatement": { "CountryCodes": ["KP"] } } })
    };
    let acl = json!({
        "Name": "edge", "Id": "i", "ARN": "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/edge/i",
        "DefaultAction": { "Allow": {} }, "VisibilityConfig": visible("edgeMetric"), "Capacity": 42,
        "Rules": [
            rule("third", 30, json!({ "Count": {} })),
            rule("second", 20, json!({ "Teleport": {} })),
            rule("first", 10, json!({ "Block": { "CustomResponse": { "ResponseCode": 429 } } })),
        ],
    });
    let e = over(Service::Wafv2, &json!({ "WebACL": acl, "LockToken": "t" }));
    let ask = wafv2::GetWebACL { name: "edge".into(), id: WebAclId::new("i"), scope: Scope::Regional };
    let got = e.first(ask).unwrap();
    let names: Vec<&str> = got.rules.iter().map(|r| r.name.wire()).collect();
    assert_eq!(names, ["first", "second", "third"], "by priority");
    assert_eq!(got.rules[0].action, RuleAction::Block(Some(429)));
    assert!(matches!(got.rules[1].action, RuleAction::Other(_)), "{:?}", got.rules[1].action);
    assert_eq!(got.rules[2].action, RuleAction::Count);
    assert_eq!((got.metric.wire(), got.capacity), ("edgeMetric", Some(42)));
    assert_eq!(got.default_action, RuleAction::Allow);
}

fn what_a_model_requires_and_is_missing_is_malformed() {
    let kind = |r: Result<(), bartizan::estate::Fault>| r.unwrap_err().kind;
    let e = over(Service::SecretsManager, &json!({ "SecretList": [{ "Name": "no-arn" }] }));
    assert_eq!(kind(e.first(secretsmanager::ListSecrets {}).map(drop)), FaultKind::Malformed);
    let e = over(Service::CloudWatch, &json!({ "MetricAlarms": [{ "StateValue": "OK" }] }));
    let ask = cloudwatch::DescribeAlarms { names: vec![] };
    assert_eq!(kind(e.first(ask).map(drop)), FaultKind::Malformed);
    let e = over(Service::Lambda, &json!({ "Functions": [{ "Runtime": "python3.13" }] }));
    assert_eq!(kind(e.first(lambda::ListFunctions {}).map(drop)), FaultKind::Malformed);
    let e = over(Service::Wafv2, &json!({ "LockToken": "t" }));
    let ask = wafv2::GetWebACL { name: "edge".into(), id: WebAclId::new("i"), scope: Scope::Regional };
    assert_eq!(kind(e.first(ask).map(drop)), FaultKind::Malformed);
    assert_eq!(kind(facts(&json!({})).map(drop)), FaultKind::Malformed);
}

const QUEUE_ARN: &str = "arn:aws:sqs:eu-central-1:123456789012:orders";

fn a_count_that_is_not_in_the_answer_is_none_and_never_0() {
    let got = facts(&json!({ "QueueArn": QUEUE_ARN })).unwrap();
    assert_eq!((got.messages, got.in_flight, got.delayed, got.retention_s), (None, None, None, None));
    let got = facts(&json!({ "QueueArn": QUEUE_ARN, "ApproximateNumberOfMessages": "0" })).unwrap();
    assert_eq!(got.messages, Some(0));
    for bad in ["-1", "many", "1e3", "99999999999999999999"] {
        let got = facts(&json!({ "QueueArn": QUEUE_ARN, "ApproximateNumberOfMessages": bad }));
        assert_eq!(got.unwrap_err().kind, FaultKind::Malformed, "{bad}");
    }
}

fn a_redrive_policy_that_cannot_be_read_is_no_absence_of_one() {
    let with = |policy: &str| facts(&json!({ "QueueArn": QUEUE_ARN, "RedrivePolicy": policy }));
    let got =
        with(r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:1:d","maxReceiveCount":"3"}"#).unwrap();
    assert_eq!(got.redrive.unwrap().max_receive_count, Some(3));
    for bad in ["{", "[]", "null", r#"{"deadLetterTargetArn":7}"#] {
        assert_eq!(with(bad).unwrap_err().kind, FaultKind::Malformed, "{bad}");
    }
}

fn numbers_and_dates_out_of_range_do_no_harm() {
    let mut s = secret("s");
    s["LastAccessedDate"] = json!(1e17);
    s["CreatedDate"] = json!(-1e17);
    s["RotationRules"] = json!({ "AutomaticallyAfterDays": -7 });
    let e = over(Service::SecretsManager, &json!({ "SecretList": [s] }));
    if let Ok(got) = e.first(secretsmanager::ListSecrets {}) {
        assert_eq!((got[0].last_accessed, got[0].created, got[0].rotation_days), (None, None, None));
    }
    let mut a = alarm("a");
    a["Period"] = json!(-60);
    a["EvaluationPeriods"] = json!(-1);
    a["Threshold"] = json!(1e308);
    a["StateTransitionedTimestamp"] = json!({ "$time": 1e17 });
    let e = over(Service::CloudWatch, &json!({ "MetricAlarms": [a] }));
    if let Ok(got) = e.first(cloudwatch::DescribeAlarms { names: vec![] }) {
        assert_eq!((got[0].evaluation_periods, got[0].since), (None, None));
        assert_eq!(got[0].threshold, Some(1e308));
    }
}

/// The environment of a function is secret, and is dropped unread.
fn the_environment_of_a_function_is_never_kept() {
    let e = over(Service::Lambda, &json!({ "Functions": [function("f")] }));
    let page = e.page(lambda::ListFunctions {}, None).unwrap();
    let text = format!("{page:?}");
    assert!(text.contains("arn:aws:sqs:eu-central-1:123456789012:dead"), "{text}");
    assert!(!text.contains("swordfish") && !text.contains("DB_PASSWORD"), "{text}");
}

/// Nested deeper than any answer of AWS; a recursive reader would end the process.
fn deep_nesting_does_not_end_the_process() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = format!("{{\"QueueUrls\":[],\"FutureField\":{deep}}}").into_bytes();
    let e = served(Reply { body, ..json_answer(Service::Sqs, &json!({})) });
    if let Err(fault) = e.first(sqs::ListQueues {}) {
        assert_eq!(fault.kind, FaultKind::Malformed);
    }
    let mut body = cbor::bytes(&json!({ "FutureField": 0 }));
    body.pop();
    body.extend(std::iter::repeat_n(0x81, 200_000));
    body.push(0xf6);
    let e = served(Reply { body, ..json_answer(Service::CloudWatch, &json!({})) });
    if let Err(fault) = e.first(cloudwatch::DescribeAlarms { names: vec![] }) {
        assert_eq!(fault.kind, FaultKind::Malformed);
    }
}

pub fn trials() -> Vec<Trial> {
    let all: [(&str, fn()); 11] = [
        ("hostile_names_arrive_byte_for_byte", hostile_names_arrive_byte_for_byte),
        ("invalid_utf8_is_malformed", invalid_utf8_is_malformed),
        ("words_of_tomorrow_are_kept", words_of_tomorrow_are_kept),
        ("an_unknown_rule_action_hides_no_other_rule", an_unknown_rule_action_hides_no_other_rule),
        (
            "what_a_model_requires_and_is_missing_is_malformed",
            what_a_model_requires_and_is_missing_is_malformed,
        ),
        (
            "a_count_that_is_not_in_the_answer_is_none_and_never_0",
            a_count_that_is_not_in_the_answer_is_none_and_never_0,
        ),
        (
            "a_redrive_policy_that_cannot_be_read_is_no_absence_of_one",
            a_redrive_policy_that_cannot_be_read_is_no_absence_of_one,
        ),
        ("numbers_and_dates_out_of_range_do_no_harm", numbers_and_dates_out_of_range_do_no_harm),
        ("the_environment_of_a_function_is_never_kept", the_environment_of_a_function_is_never_kept),
        ("deep_nesting_does_not_end_the_process", deep_nesting_does_not_end_the_process),
        ("the_writer_of_cbor_is_right", the_writer_of_cbor_is_right),
    ];
    all.into_iter()
        .map(|(name, check)| {
            Trial::test(format!("odd::{name}"), move || {
                check();
                Ok::<(), Failed>(())
            })
        })
        .collect()
}

/// Examples of RFC 8949, appendix A.
fn the_writer_of_cbor_is_right() {
    assert_eq!(cbor::bytes(&json!(0)), [0x00]);
    assert_eq!(cbor::bytes(&json!(24)), [0x18, 0x18]);
    assert_eq!(cbor::bytes(&json!(1000)), [0x19, 0x03, 0xe8]);
    assert_eq!(cbor::bytes(&json!(1_000_000)), [0x1a, 0x00, 0x0f, 0x42, 0x40]);
    assert_eq!(cbor::bytes(&json!(-100)), [0x38, 0x63]);
    assert_eq!(cbor::bytes(&json!(1.1)), [0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]);
    assert_eq!(cbor::bytes(&json!({ "$time": 1_363_896_240 })), [0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0]);
    assert_eq!(cbor::bytes(&json!("ü")), [0x62, 0xc3, 0xbc]);
    assert_eq!(cbor::bytes(&json!([1, [2, 3]])), [0x82, 0x01, 0x82, 0x02, 0x03]);
    assert_eq!(cbor::bytes(&json!({ "a": true })), [0xa1, 0x61, 0x61, 0xf5]);
}
