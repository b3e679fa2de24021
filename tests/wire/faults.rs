//! Every service, every fault: what the other side sends or does, and the kind of fault that must come of
//! it. Codes and texts are those of each service's "Common errors" page and of the published models; not
//! verified against AWS.

use crate::asking::{Asking, RealClock, context};
use crate::server::{Manner, Reply, Server};
use crate::services::{self, Protocol, error, good, protocol};
use bartizan::aws::{AwsEstates, AwsOptions};
use bartizan::estate::outside::Nowhere;
use bartizan::estate::{Fault, FaultKind, Service, Timestamp};
use libtest_mimic::{Failed, Trial};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Calls are given up after this; what must be slow is slower, what must be quick is given time.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// Opens the server's estate.
pub fn open(url: String) -> Asking {
    let options = AwsOptions { connect_timeout: PATIENCE, call_timeout: PATIENCE };
    let estates = AwsEstates::new(options, Arc::new(RealClock), Arc::new(Nowhere));
    Asking::open(&estates, &context("wire", Some(url))).unwrap()
}

struct Case {
    name: &'static str,
    manner: fn(Service) -> Manner,
    expected: &'static str,
    right: fn(Service, &Fault) -> bool,
}

pub fn says(reply: Reply) -> Manner {
    Manner::Answers(Box::new(move |_| reply.clone()))
}

/// The words that STS and IAM, as Query services, have for what the others call differently.
fn by_protocol<'a>(service: Service, query: &'a str, others: &'a str) -> &'a str {
    match protocol(service) {
        Protocol::Xml => query,
        Protocol::Cbor | Protocol::Json | Protocol::Rest => others,
    }
}

fn http_date(ahead_s: i64) -> String {
    let t = Timestamp::from_second(Timestamp::now().as_second() - ahead_s).unwrap();
    t.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn throttled(s: Service) -> Manner {
    let (status, code) = match s {
        Service::CloudWatch | Service::Iam | Service::Sts | Service::Rds | Service::Sns => {
            (400, "Throttling")
        }
        Service::Ec2 => (503, "RequestLimitExceeded"),
        Service::Sqs => (403, "RequestThrottled"),
        Service::Wafv2
        | Service::SecretsManager
        | Service::CloudTrail
        | Service::Kms
        | Service::Logs
        | Service::Events => (400, "ThrottlingException"),
        Service::Lambda | Service::ApiGateway => (429, "TooManyRequestsException"),
    };
    says(error(s, status, code, "Rate exceeded"))
}

fn expired(s: Service) -> Manner {
    let code = by_protocol(s, "ExpiredToken", "ExpiredTokenException");
    says(error(s, 403, code, "The security token included in the request is expired"))
}

fn unknown_key(s: Service) -> Manner {
    let code = by_protocol(s, "InvalidClientTokenId", "UnrecognizedClientException");
    says(error(s, 403, code, "The security token included in the request is invalid."))
}

/// The word that some servers have for a page token that they did not give. It must not hold the whole watch
/// until somebody renews credentials that are good.
fn strange_page_token(s: Service) -> Manner {
    says(error(s, 400, "InvalidToken", "Invalid token"))
}

fn wrong_secret(s: Service) -> Manner {
    let code = by_protocol(s, "SignatureDoesNotMatch", "InvalidSignatureException");
    says(error(
        s,
        403,
        code,
        "The request signature we calculated does not match the signature you provided. Check your AWS \
         Secret Access Key and signing method.",
    ))
}

const SECRET_ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-a1B2c3";

fn denied(s: Service) -> Manner {
    let code = by_protocol(s, "AccessDenied", "AccessDeniedException");
    let action = services::operation(s);
    let message = format!(
        "User: arn:aws:sts::123456789012:assumed-role/ops/alice is not authorized to perform: {action} on \
         resource: {SECRET_ARN} because no identity-based policy allows the {action} action"
    );
    says(error(s, by_status(s), code, &message))
}

/// JSON services say 400 for a denial, the others 403.
fn by_status(s: Service) -> u16 {
    match protocol(s) {
        Protocol::Cbor | Protocol::Json => 400,
        Protocol::Rest | Protocol::Xml => 403,
    }
}

/// Clocks more than five minutes apart: the same codes as a wrong secret, told apart by the text.
fn skewed(s: Service) -> Manner {
    let code = by_protocol(s, "SignatureDoesNotMatch", "InvalidSignatureException");
    let text = "Signature expired: 20261121T070000Z is now earlier than 20261121T075500Z (20261121T080000Z - \
                5 min.)";
    says(error(s, 403, code, text).with("Date", http_date(-3600)))
}

pub fn html(s: Service, status: u16) -> Reply {
    let body = b"<!DOCTYPE html><html><body>Please sign in to the network</body></html>".to_vec();
    let reply = Reply { status, headers: vec![("Content-Type", "text/html".to_owned())], body };
    // a proxy that knows nothing of protocols sends no header of theirs; CloudWatch's client looks for one
    if protocol(s) == Protocol::Cbor { reply.with("smithy-protocol", "rpc-v2-cbor") } else { reply }
}

pub fn half(reply: &Reply) -> usize {
    reply.body.len() / 2
}

/// A body that is whole on the wire and cut in its own language.
fn cut(s: Service) -> Reply {
    let mut reply = good(s);
    let much = half(&reply);
    reply.body.truncate(much);
    reply
}

fn bare(status: u16) -> Manner {
    says(Reply { status, ..Reply::default() })
}

const CASES: &[Case] = &[
    Case {
        name: "throttled",
        manner: throttled,
        expected: "Throttled",
        right: |_, f| f.kind == FaultKind::Throttled,
    },
    Case {
        name: "page_token_that_is_none",
        manner: strange_page_token,
        expected: "Invalid",
        right: |_, f| f.kind == FaultKind::Invalid && !f.is_about_credentials(),
    },
    Case {
        name: "token_expired",
        manner: expired,
        expected: "Expired, with what mends it",
        right: |_, f| matches!(&f.kind, FaultKind::Expired { mend } if !mend.is_empty()),
    },
    Case {
        name: "key_unknown",
        manner: unknown_key,
        expected: "NoCredentials, with what mends it",
        right: |_, f| matches!(&f.kind, FaultKind::NoCredentials { mend } if !mend.is_empty()),
    },
    Case {
        name: "secret_key_wrong",
        manner: wrong_secret,
        expected: "NoCredentials",
        right: |_, f| matches!(&f.kind, FaultKind::NoCredentials { .. }),
    },
    Case {
        name: "denied_says_what_on_what",
        manner: denied,
        expected: "Denied with the action and the resource that AWS named",
        right: |s, f| {
            matches!(&f.kind, FaultKind::Denied { action, resource: Some(r) }
                if action.wire() == services::operation(s) && r.wire() == SECRET_ARN)
        },
    },
    Case {
        name: "denied_without_a_body",
        manner: |_| bare(403),
        expected: "Denied",
        right: |_, f| matches!(f.kind, FaultKind::Denied { .. }),
    },
    Case {
        name: "clock_an_hour_behind",
        manner: skewed,
        expected: "ClockSkew of an hour",
        right: |_, f| matches!(f.kind, FaultKind::ClockSkew { ahead_s: Some(s) } if (-3605..=-3595).contains(&s)),
    },
    Case {
        name: "no_such_operation",
        manner: |s| says(error(s, 400, by_protocol(s, "InvalidAction", "UnknownOperationException"), "")),
        expected: "Unsupported",
        right: |_, f| f.kind == FaultKind::Unsupported,
    },
    Case {
        name: "no_such_service",
        manner: |_| bare(404),
        expected: "Unsupported",
        right: |_, f| f.kind == FaultKind::Unsupported,
    },
    Case {
        name: "question_refused",
        manner: |s| says(error(s, 400, by_protocol(s, "ValidationError", "ValidationException"), "1 error")),
        expected: "Invalid",
        right: |_, f| f.kind == FaultKind::Invalid,
    },
    Case {
        name: "internal_failure",
        manner: |s| says(error(s, 500, by_protocol(s, "InternalFailure", "InternalFailure"), "sorry")),
        expected: "Other with AWS's code",
        right: |_, f| matches!(&f.kind, FaultKind::Other(code) if code.wire() == "InternalFailure"),
    },
    Case {
        name: "gateway_has_nobody_behind_it",
        manner: |s| says(html(s, 503)),
        expected: "a fault that passes",
        right: |_, f| f.is_passing(),
    },
    Case {
        name: "web_page_instead_of_an_answer",
        manner: |s| says(html(s, 200)),
        expected: "Malformed",
        right: |_, f| f.kind == FaultKind::Malformed,
    },
    Case {
        name: "body_cut_short_in_its_own_language",
        manner: |s| says(cut(s)),
        expected: "Malformed",
        right: |_, f| f.kind == FaultKind::Malformed,
    },
    Case {
        name: "body_cut_short_on_the_wire",
        manner: |s| Manner::Truncated(good(s), half(&good(s))),
        expected: "Malformed",
        right: |_, f| f.kind == FaultKind::Malformed,
    },
    Case {
        name: "garbage_bytes",
        manner: |s| says(Reply { body: vec![0xff, 0xfe, 0x00, 0x9b], ..good(s) }),
        expected: "Malformed",
        right: |_, f| f.kind == FaultKind::Malformed,
    },
    Case {
        name: "not_http",
        manner: |_| Manner::Babbles(b"SSH-2.0-OpenSSH_9.9\r\n"),
        expected: "Unreachable or Malformed",
        right: |_, f| matches!(f.kind, FaultKind::Unreachable | FaultKind::Malformed),
    },
    Case {
        name: "reset_before_the_answer",
        manner: |_| Manner::ResetsAtOnce,
        expected: "Unreachable",
        right: |_, f| f.kind == FaultKind::Unreachable,
    },
    Case {
        name: "reset_in_the_answer",
        manner: |s| Manner::ResetsAfter(good(s), half(&good(s))),
        expected: "Unreachable",
        right: |_, f| f.kind == FaultKind::Unreachable,
    },
    Case {
        name: "too_slow",
        manner: |s| Manner::Slow(PATIENCE * 2, good(s)),
        expected: "TimedOut",
        right: |_, f| f.kind == FaultKind::TimedOut,
    },
    Case {
        name: "silent",
        manner: |_| Manner::Silent,
        expected: "TimedOut",
        right: |_, f| f.kind == FaultKind::TimedOut,
    },
    Case {
        name: "stalled_in_the_answer",
        manner: |s| Manner::Stalled(good(s), half(&good(s))),
        expected: "TimedOut",
        right: |_, f| f.kind == FaultKind::TimedOut,
    },
];

fn check(case: &'static Case, service: Service) -> Result<(), Failed> {
    let server = Server::start((case.manner)(service));
    let estate = open(server.url());
    let began = Instant::now();
    let outcome = services::ask(&estate, service);
    let Err(fault) = outcome else {
        return Err(format!("expected {}, and it was answered", case.expected).into());
    };
    let took = began.elapsed();
    if !(case.right)(service, &fault) {
        return Err(format!("expected {}, got {fault:?}", case.expected).into());
    }
    if fault.operation != services::operation(service) {
        return Err(format!("the fault names {:?}", fault.operation).into());
    }
    if took > PATIENCE * 2 {
        return Err(format!("it took {took:?}, with calls given up after {PATIENCE:?}").into());
    }
    // no hidden retries: budgets count calls
    match server.requests() {
        1 => Ok(()),
        n => Err(format!("one fetch made {n} calls").into()),
    }
}

/// Nobody listens there: a port that was free a moment ago.
fn refused(service: Service) -> Result<(), Failed> {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let estate = open(format!("http://127.0.0.1:{port}"));
    match services::ask(&estate, service) {
        Err(fault) if fault.kind == FaultKind::Unreachable => Ok(()),
        other => Err(format!("expected Unreachable, got {other:?}").into()),
    }
}

/// The good answers really are good, or the faults above would prove nothing.
fn answered(service: Service) -> Result<(), Failed> {
    let server = Server::start(says(good(service)));
    services::ask(&open(server.url()), service).map_err(|f| format!("{f:?}").into())
}

pub fn trials() -> Vec<Trial> {
    let mut out = Vec::new();
    for service in services::ALL {
        let name = services::name(service);
        for case in CASES {
            out.push(Trial::test(format!("{}::{name}", case.name), move || check(case, service)));
        }
        out.push(Trial::test(format!("connection_refused::{name}"), move || refused(service)));
        out.push(Trial::test(format!("answered::{name}"), move || answered(service)));
    }
    out
}
