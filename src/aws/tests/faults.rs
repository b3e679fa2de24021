//! What goes wrong on the wire, in each protocol, becomes the right fault.

use super::server::{Reply, Server, cbor, json, reply, xml};
use super::{KEYS, Person, ask, at, context, open, patient};
use crate::estate::ask::{cloudwatch, iam, lambda, secretsmanager, sqs, sts, wafv2};
use crate::estate::{Asks, Estates, Fault, FaultKind, Query, Scope};
use serde_json::json as value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The fault of `a` when the server answers so; exactly one request is sent.
async fn fault<A: Asks>(a: A, make: impl Fn() -> Reply + Send + Sync + 'static) -> Fault
where
    A::Out: std::fmt::Debug,
{
    let server = Server::new(move |_| make());
    let ports = open(&server).await;
    let fault = ask(&*ports.reads, a, None).await.unwrap_err();
    assert_eq!(server.requests().len(), 1, "one fetch is one call");
    fault
}

fn denied(action: &str, resource: Option<&str>) -> FaultKind {
    FaultKind::Denied { action: action.into(), resource: resource.map(Into::into) }
}

#[tokio::test]
async fn denied_in_json_xml_and_cbor() {
    let f = fault(sqs::ListQueues {}, || {
        json(
            403,
            r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"User: arn:aws:iam::123456789012:user/a is not authorized to perform: sqs:listqueues on resource: arn:aws:sqs:eu-central-1:123456789012: because no identity-based policy allows the sqs:listqueues action"}"#,
        )
    });
    let f = f.await;
    assert_eq!(f.kind, denied("sqs:ListQueues", Some("arn:aws:sqs:eu-central-1:123456789012:")));
    assert_eq!(f.operation, "sqs:ListQueues");

    let f = fault(iam::ListAccountAliases {}, || {
        xml(
            403,
            r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/a is not authorized to perform: iam:ListAccountAliases on resource: * because no identity-based policy allows it</Message></Error><RequestId>x</RequestId></ErrorResponse>"#,
        )
    });
    assert_eq!(f.await.kind, denied("iam:ListAccountAliases", Some("*")));

    let f = fault(cloudwatch::DescribeAlarms { names: vec![] }, || {
        cbor(
            403,
            &value!({"__type": "AccessDenied", "message": "User: x is not authorized to perform: cloudwatch:DescribeAlarms on resource: arn:aws:cloudwatch:eu-central-1:123456789012:alarm:*"}),
        )
    });
    let expected =
        denied("cloudwatch:DescribeAlarms", Some("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:*"));
    assert_eq!(f.await.kind, expected);

    let f = fault(lambda::ListFunctions {}, || {
        let headers = vec![("x-amzn-errortype", "AccessDeniedException".to_owned())];
        Reply::Http { status: 403, headers, body: br#"{"Message":"no"}"#.to_vec() }
    });
    assert_eq!(f.await.kind, denied("lambda:ListFunctions", None));
}

#[tokio::test]
async fn throttled_in_json_xml_and_cbor() {
    let f = fault(sqs::ListQueues {}, || {
        json(400, r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow down"}"#)
    });
    assert_eq!(f.await.kind, FaultKind::Throttled);
    let f = fault(secretsmanager::ListSecrets {}, || json(400, r#"{"__type":"ThrottlingException"}"#));
    assert_eq!(f.await.kind, FaultKind::Throttled);
    let f = fault(iam::ListAccountAliases {}, || {
        xml(
            400,
            "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
        )
    });
    assert_eq!(f.await.kind, FaultKind::Throttled);
    let f = fault(cloudwatch::ListAlarmMuteRules {}, || {
        cbor(
            400,
            &value!({"__type": "com.amazonaws.cloudwatch#ThrottlingException", "message": "Rate exceeded"}),
        )
    });
    assert_eq!(f.await.kind, FaultKind::Throttled);
    let f = fault(lambda::ListFunctions {}, || {
        let headers = vec![("x-amzn-errortype", "TooManyRequestsException:http://internal/".to_owned())];
        Reply::Http { status: 429, headers, body: br#"{"Reason":"CallerRateLimitExceeded"}"#.to_vec() }
    });
    assert_eq!(f.await.kind, FaultKind::Throttled);
    assert_eq!(fault(sqs::ListQueues {}, || reply(429, "text/plain", "")).await.kind, FaultKind::Throttled);
}

#[tokio::test]
async fn expired_in_json_xml_and_cbor() {
    let said = "The security token included in the request is expired";
    let all = [
        fault(sqs::ListQueues {}, move || {
            json(403, &value!({"__type": "com.amazon.coral.service#ExpiredTokenException", "message": said}).to_string())
        })
        .await,
        fault(sts::GetCallerIdentity {}, move || {
            xml(403, &format!("<ErrorResponse><Error><Code>ExpiredToken</Code><Message>{said}</Message></Error></ErrorResponse>"))
        })
        .await,
        fault(cloudwatch::ListAlarmMuteRules {}, move || {
            cbor(403, &value!({"__type": "ExpiredToken", "message": said}))
        })
        .await,
    ];
    for f in all {
        let FaultKind::Expired { mend } = f.kind else { panic!("{f:?}") };
        assert!(mend.wire().contains("environment variables"), "{mend:?}");
    }
}

#[tokio::test]
async fn clock_skew_is_measured() {
    let f = fault(secretsmanager::ListSecrets {}, || {
        let an_hour_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
        let date =
            jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&an_hour_ago).unwrap();
        let headers = vec![("date", date)];
        let body = br#"{"__type":"InvalidSignatureException","message":"Signature not yet current: 20261121T100000Z is still later than 20261121T090500Z (20261121T090000Z + 5 min.)"}"#;
        Reply::Http { status: 400, headers, body: body.to_vec() }
    });
    let FaultKind::ClockSkew { ahead_s: Some(s) } = f.await.kind else { panic!("no skew") };
    assert!((3598..3610).contains(&s), "{s}");
}

#[tokio::test]
async fn what_is_not_there() {
    let f = fault(cloudwatch::ListAlarmMuteRules {}, || {
        cbor(404, &value!({"__type": "com.amazon.coral.service#UnknownOperationException"}))
    });
    assert_eq!(f.await.kind, FaultKind::Unsupported);
    assert_eq!(
        fault(cloudwatch::ListAlarmMuteRules {}, || reply(404, "", "")).await.kind,
        FaultKind::Unsupported
    );
    assert_eq!(fault(lambda::ListFunctions {}, || reply(501, "", "")).await.kind, FaultKind::Unsupported);
    let queue = crate::estate::QueueUrl::new("http://127.0.0.1/1/q");
    let f = fault(sqs::GetQueueAttributes { queue }, || {
        let headers =
            vec![("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender".to_owned())];
        let body = br#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#;
        Reply::Http { status: 400, headers, body: body.to_vec() }
    });
    assert_eq!(f.await.kind, FaultKind::NotFound);
    let f = fault(wafv2::ListWebACLs { scope: Scope::Regional }, || {
        json(400, r#"{"__type":"WAFInvalidParameterException","Message":"bad scope"}"#)
    });
    let f = f.await;
    assert_eq!((f.kind, f.message.wire()), (FaultKind::Invalid, "bad scope"));
}

#[tokio::test]
async fn what_cannot_be_understood() {
    let portal = "<!DOCTYPE html><html><title>Hotel</title>Log in</html>";
    let f = fault(sqs::ListQueues {}, move || reply(200, "text/html", portal)).await;
    assert_eq!(f.kind, FaultKind::Malformed);
    assert!(f.message.wire().contains("captive portal"), "{f}");
    let f = fault(cloudwatch::ListAlarmMuteRules {}, move || reply(200, "text/html", portal)).await;
    assert_eq!(f.kind, FaultKind::Malformed, "{f}");
    let f = fault(iam::ListAccountAliases {}, || xml(200, "<ListAccountAliasesResponse><ListAcc")).await;
    assert_eq!(f.kind, FaultKind::Malformed, "{f}");
    let f = fault(sqs::ListQueues {}, || json(200, r#"{"QueueUrls":["http://"#)).await;
    assert_eq!(f.kind, FaultKind::Malformed, "{f}");
    assert!(!f.message.wire().contains("portal"), "{f}");
    let f = fault(sqs::ListQueues {}, || json(200, "not json")).await;
    assert_eq!(f.kind, FaultKind::Malformed, "{f}");
    let f =
        fault(cloudwatch::ListAlarmMuteRules {}, || reply(200, "application/cbor", vec![0xbf, 0x61])).await;
    assert_eq!(f.kind, FaultKind::Malformed, "{f}");
    let f = fault(sqs::ListQueues {}, || {
        let headers = vec![("location", "http://portal/".to_owned())];
        Reply::Http { status: 302, headers, body: vec![] }
    });
    assert_eq!(f.await.kind, FaultKind::Malformed);
    // A body that ends before its length says so.
    let f = fault(sqs::ListQueues {}, || {
        Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"QueueUrls\":[".to_vec())
    });
    let f = f.await;
    assert_eq!(f.kind, FaultKind::Malformed, "{f}");
}

#[tokio::test]
async fn a_403_without_a_body_that_can_be_read_is_denied() {
    for make in [|| reply(403, "", ""), || reply(403, "text/html", "<html>Forbidden by proxy</html>")] {
        let f = fault(sqs::ListQueues {}, make).await;
        assert_eq!(f.kind, denied("sqs:ListQueues", None), "{f}");
        let f = fault(cloudwatch::DescribeAlarms { names: vec![] }, make).await;
        assert_eq!(f.kind, denied("cloudwatch:DescribeAlarms", None), "{f}");
        let f = fault(iam::ListAccountAliases {}, make).await;
        assert_eq!(f.kind, denied("iam:ListAccountAliases", None), "{f}");
    }
}

#[tokio::test]
async fn nobody_answers_or_hangs_up() {
    let f = fault(sqs::ListQueues {}, || Reply::Raw(Vec::new())).await;
    assert_eq!(f.kind, FaultKind::Unreachable, "{f}");
    let server = Server::new(|_| Reply::Silence);
    let ports = open(&server).await;
    let host = server.url().replace("http://", "");
    drop(server);
    let f = ask(&*ports.reads, sqs::ListQueues {}, None).await.unwrap_err();
    assert_eq!(f.kind, FaultKind::Unreachable, "{f}");
    assert!(f.message.wire().starts_with(&format!("{host}: Connection refused")), "{f}");
}

#[tokio::test]
async fn silence_times_out_and_a_dropped_fetch_hangs_up() {
    let server = Server::new(|_| Reply::Silence);
    let hasty = patient(&KEYS, Duration::from_millis(300));
    let ports = hasty.open(&context(&server), Arc::new(Person::default())).await.unwrap();
    let f = ask(&*ports.reads, sqs::ListQueues {}, None).await.unwrap_err();
    assert_eq!((f.kind, server.requests().len()), (FaultKind::TimedOut, 1));

    let server = Server::new(|_| Reply::Silence);
    let ports = open(&server).await;
    let q = Query { at: at("eu-central-1"), ask: sqs::ListQueues {}.ask() };
    let given_up = tokio::time::timeout(Duration::from_millis(500), ports.reads.fetch(&q, None)).await;
    assert!(given_up.is_err() && server.requests().len() == 1);
    let until = Instant::now() + Duration::from_secs(5);
    while !server.saw_close() {
        assert!(Instant::now() < until, "the connection outlives the fetch");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_server_error_is_not_retried_and_keeps_its_code() {
    let f =
        fault(sqs::ListQueues {}, || json(500, r#"{"__type":"InternalFailure","message":"sorry"}"#)).await;
    assert_eq!(f.kind, FaultKind::Other("InternalFailure".into()));
    assert_eq!(f.message.wire(), "sorry");
}
