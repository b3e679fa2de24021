//! What messages of every kind say of themselves, and that their events stay byte for byte.

use super::*;
use crate::estate::message::testing::{dead_letter, destination, message};
use proptest::prelude::*;

fn wire(text: Option<&Untrusted>) -> Option<&str> {
    text.map(Untrusted::wire)
}

#[test]
fn a_lambda_dead_letter_says_what_failed_and_its_body_is_the_event() {
    let m = dead_letter("{\"order\": 1 }", "TimeoutError: POST bedrock");
    let e = open(&m);
    assert_eq!((e.wrap, &e.event), (Wrap::LambdaDeadLetter, &Event::Json));
    assert_eq!(wire(e.failed.text().as_ref()), Some("TimeoutError: POST bedrock"));
    assert_eq!(wire(e.failed.code.as_ref()), Some("200"));
    assert_eq!(wire(e.request.as_ref()), Some("c3b3b9a1-6d3e-4f3c-9a43-3ecf8d4e8c11"));
    let function = e.function.unwrap();
    assert_eq!((function.name.wire(), function.by), ("ProcessAnalysis", By::Sender));
    assert_eq!(event_of(&m), "{\"order\": 1 }");
    // As JSON of an error, too.
    let m = dead_letter("x", "{\"errorMessage\": \"'a'\", \"errorType\": \"KeyError\"}");
    assert_eq!(wire(open(&m).failed.text().as_ref()), Some("KeyError: 'a'"));
    assert_eq!(open(&m).event, Event::Text);
}

#[test]
fn a_sender_that_is_no_function_names_none() {
    for sender in ["AIDAEXAMPLE", "AROAX:alice@example.com", "AROAX:a:b", "AROAX:"] {
        let mut m = dead_letter("{}", "x");
        m.sender = Some(sender.into());
        assert!(open(&m).function.is_none(), "{sender}");
    }
}

#[test]
fn a_destination_record_holds_the_event_as_it_was_spelled() {
    let event = "{ \"id\" : 1.50e+3,\"a\":\"\\u00e9\", \"a\":2 , \"deep\":[[],{}] }";
    let m = message(&destination(event), &[]);
    let e = open(&m);
    assert_eq!((e.wrap, &*e.inner), (Wrap::LambdaDestination, event));
    assert_eq!(wire(e.failed.text().as_ref()), Some("KeyError: 'meetingLog'"));
    assert_eq!(wire(e.failed.condition.as_ref()), Some("RetriesExhausted"));
    assert_eq!(wire(e.request.as_ref()), Some("e4b46cbf-b738-xmpl-8880-a18cdf61200e"));
    let function = e.function.unwrap();
    assert_eq!((function.name.wire(), function.by), ("orders", By::Record));
    assert_eq!(wire(function.qualifier.as_ref()), Some("$LATEST"));
    assert_eq!(event_of(&m), event);
    for event in ["null", "\"text\"", "[1, 2]", "{}"] {
        assert_eq!(event_of(&message(&destination(event), &[])), event);
    }
}

#[test]
fn a_record_of_a_stream_holds_no_event() {
    for (field, stream) in [("DDBStreamBatchInfo", Stream::DynamoDb), ("KinesisBatchInfo", Stream::Kinesis)] {
        let body = format!(
            r#"{{"requestContext":{{"requestId":"1","functionArn":"arn:aws:lambda:eu-central-1:1:function:f","condition":"RetryAttemptsExhausted","approximateInvokeCount":1}},"responseContext":{{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}},"version":"1.0","timestamp":"2026-11-21T09:00:00Z","{field}":{{"shardId":"s","batchSize":1}}}}"#
        );
        let m = message(&body, &[]);
        let e = open(&m);
        assert_eq!(e.wrap, Wrap::Stream(stream));
        assert!(e.wrap.without_event().unwrap().contains("holds no event"));
        assert_eq!(wire(e.failed.text().as_ref()), Some("Unhandled"));
        assert_eq!(e.function.unwrap().name.wire(), "f");
        assert_eq!(event_of(&m), body);
    }
}

#[test]
fn events_are_known_by_their_form() {
    let sns = r#"{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:eu-central-1:1:orders","Subject":"hi","Message":"{\"kind\":\"order\"}"}"#;
    let m = message(sns, &[]);
    let e = open(&m);
    assert_eq!(&*e.inner, "{\"kind\":\"order\"}");
    assert!(
        matches!(&e.event, Event::Notification { topic: Some(t), subject: Some(s) } if t.resource().wire() == "orders" && s.wire() == "hi")
    );
    let m = message(r#"{"detail-type":"Order Placed","source":"shop","detail": {"kind": 1}}"#, &[]);
    let e = open(&m);
    assert_eq!(&*e.inner, "{\"kind\": 1}");
    assert_eq!(e.event, Event::EventBridge { detail_type: "Order Placed".into(), source: "shop".into() });
    let s3 = r#"{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}},{}]}"#;
    let m = message(s3, &[]);
    let e = open(&m);
    let want = Event::Records { source: "aws:s3".into(), name: Some("ObjectCreated:Put".into()), records: 2 };
    assert_eq!((e.event, &*e.inner), (want, s3));
    let one = message(r#"{"Records":[{"eventSource":"aws:sqs","body":"{\"a\":1}"}]}"#, &[]);
    assert_eq!(&*open(&one).inner, "{\"a\":1}");
    let one = message(r#"{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"hello"}}]}"#, &[]);
    assert_eq!(&*open(&one).inner, "hello");
    let rule = "arn:aws:events:eu-central-1:1:rule/r";
    let target = "arn:aws:lambda:eu-central-1:1:function:f";
    let attributes = [
        ("RULE_ARN", rule),
        ("TARGET_ARN", target),
        ("ERROR_CODE", "NO_PERMISSIONS"),
        ("ERROR_MESSAGE", "no"),
    ];
    let m = message("{\"detail-type\":\"a\",\"source\":\"b\",\"detail\":{}}", &attributes);
    let e = open(&m);
    assert_eq!((e.wrap, e.function.unwrap().name.wire()), (Wrap::EventBridgeDeadLetter, "f"));
    assert_eq!(wire(e.failed.text().as_ref()), Some("NO_PERMISSIONS: no"));
}

#[test]
fn what_only_looks_like_an_envelope_is_none() {
    for body in [
        r#"{"requestPayload":{"a":1}}"#,
        r#"{"version":"1.0","requestContext":{"http":{}},"requestPayload":{}}"#,
        r#"{"version":"1.0","requestContext":{"functionArn":"x"},"requestPayload":{}"#,
        r#"{"Type":"Notification","Message":{"not":"text"}}"#,
        r#"{"Records":[]}"#,
        r#"{"Records":[1]}"#,
        r#"{"errorMessage":"only this"}"#,
        "\u{1b}[2Jtext",
        "",
    ] {
        let m = message(body, &[]);
        let e = open(&m);
        assert_eq!(e.wrap, Wrap::Plain, "{body}");
        assert_eq!((event_of(&m), &*e.inner), (body, body));
        assert!(e.failed.text().is_none() && matches!(e.event, Event::Json | Event::Text), "{body}");
    }
}

proptest! {
    #[test]
    fn an_event_comes_out_as_it_went_in(
        names in prop::collection::vec("[a-z\\\\\"é\u{1b}\u{202e}]{0,6}", 0..6), blanks in "[ \t\n]{0,3}",
    ) {
        let map: serde_json::Map<String, serde_json::Value> =
            names.iter().map(|n| (n.clone(), serde_json::json!([n, { "requestPayload": n }]))).collect();
        let event = serde_json::to_string(&map).unwrap().replace(',', &format!("{blanks},"));
        let m = message(&destination(&event), &[]);
        prop_assert_eq!(event_of(&m), event);
    }

    #[test]
    fn no_body_panics(body in "\\PC{0,40}", error in "[\\[{\":a}\u{1b}\\]]{0,12}") {
        let m = dead_letter(&body, &error);
        drop(open(&m));
        prop_assert_eq!(event_of(&m), &body);
        let plain = message(&body, &[]);
        drop(open(&plain));
        prop_assert_eq!(event_of(&plain), body);
    }
}

#[test]
fn a_hostile_body_of_a_mebibyte_is_opened_in_time_that_grows_with_it() {
    let deep =
        format!("{{\"version\":1,\"requestContext\":{}1{}}}", "[".repeat(500_000), "]".repeat(500_000));
    let wide = format!("[{}1]", "{\"a\":1},".repeat(120_000));
    let names = format!("{{{}\"z\":1}}", "\"requestPayload\":{},".repeat(50_000));
    for body in [deep, wide, names] {
        let m = message(&body, &[]);
        assert_eq!(open(&m).wrap, Wrap::Plain);
        assert_eq!(event_of(&m).len(), body.len());
    }
}
