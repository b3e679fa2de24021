//! Bodies: events of several kinds, some of them odd on purpose, and the envelopes of services. All of it is made
//! up and says so where a person would take it for real.

use super::{Cause, Letter};
use crate::practice::answer::time;
use crate::practice::world::Second;
use crate::practice::world::queue::name::Name;
use crate::practice::world::{ACCOUNT, REGION, arn};

/// The event of a message.
pub(super) fn event(seed: u64, of: &Name, letter: &Letter) -> String {
    match letter.cause {
        Cause::Poison => poison(seed, of, &letter.kind),
        Cause::Passing | Cause::Bug => good(seed, of, &letter.kind),
    }
}

fn good(seed: u64, of: &Name, kind: &str) -> String {
    let number = of.number(seed, 11);
    let note = match number % 499 {
        0 => format!(",\"note\":\"{}\"", "a long note ".repeat(17_000)),
        1..=4 => format!(",\"note\":\"{}\"", "a long note ".repeat(1_700)),
        _ => String::new(),
    };
    format!(
        "{{\"kind\":\"{kind}\",\"id\":\"{kind}-{:08x}\",\"customer\":\"cust-{:04}\",\"amount\":{}.{:02},\
         \"currency\":\"EUR\",\"items\":[{{\"sku\":\"P-{:04}\",\"count\":{}}}],\"at\":\"{}\"{note}}}",
        number & 0xffff_ffff,
        (number >> 32) % 4_000,
        (number >> 20) % 900 + 4,
        number % 100,
        (number >> 12) % 9_999,
        number % 5 + 1,
        time(of.at)
    )
}

/// What no consumer can read.
fn poison(seed: u64, of: &Name, kind: &str) -> String {
    let number = of.number(seed, 12);
    let id = number & 0xffff_ffff;
    match number % 5 {
        // an amount that is no number
        0 => format!(
            "{{\"kind\":\"{kind}\",\"id\":\"{kind}-{id:08x}\",\"amount\":\"twelve\",\"currency\":null}}"
        ),
        // cut off
        1 => {
            let mut whole = good(seed, of, kind);
            whole.truncate(whole.floor_char_boundary(80));
            whole
        }
        // hostile: escape sequences as JSON has them, a C1 control and a bidirectional override as they are
        2 => format!(
            "{{\"kind\":\"{kind}\",\"id\":\"{kind}-{id:08x}\",\"customer\":\"\\u001b[2J\\u001b]0;owned\\u0007 \
             \u{9b}31m \u{202e}dnufer\u{200b}\",\"amount\":\"0; DROP TABLE {kind}s; --\"}}"
        ),
        // bytes of another language, taken for text
        3 => (0..48_u64)
            .map(|n| {
                char::from_u32(0xa0 + ((number.rotate_left(n as u32) ^ n) % 0x5f) as u32)
                    .unwrap_or('\u{fffd}')
            })
            .chain(['\u{fffd}', '\u{e000}', '\n', '\u{fffd}'])
            .collect(),
        _ => format!("{kind} {id:08x} see attachment"),
    }
}

/// The record of a destination (Lambda developer guide, "Capturing records of Lambda asynchronous invocations").
pub(super) fn record(function: &str, request: &str, at: Second, event: &str, error: &str) -> String {
    let payload = match serde_json::from_str::<serde::de::IgnoredAny>(event) {
        Ok(_) => event.to_owned(),
        Err(_) => quoted(event), // an event that is no JSON is told as text
    };
    let error = quoted(error);
    format!(
        "{{\"version\":\"1.0\",\"timestamp\":\"{}\",\"requestContext\":{{\"requestId\":\"{request}\",\
         \"functionArn\":\"{function}:$LATEST\",\"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":3}},\
         \"requestPayload\":{payload},\"responseContext\":{{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\
         \"functionError\":\"Unhandled\"}},\"responsePayload\":{{\"errorMessage\":{error},\"errorType\":\"Error\"}}}}",
        time(at)
    )
}

/// A notification of a topic without raw delivery (SNS developer guide, "HTTP/HTTPS notification JSON format").
pub(super) fn notification(seed: u64, of: &Name, kind: &str, event: &str) -> String {
    let number = of.number(seed, 13);
    format!(
        "{{\"Type\":\"Notification\",\"MessageId\":\"{:08x}-0000-5000-8000-{:012x}\",\"TopicArn\":\"{}\",\
         \"Message\":{},\"Timestamp\":\"{}\",\"SignatureVersion\":\"1\",\"Signature\":\"practice\",\
         \"SigningCertURL\":\"https://sns.{REGION}.amazonaws.com/practice.pem\",\
         \"MessageAttributes\":{{\"kind\":{{\"Type\":\"String\",\"Value\":\"{kind}\"}}}}}}",
        number >> 32,
        number & 0xffff_ffff_ffff,
        arn("sns", &format!("{kind}-events")),
        quoted(event),
        time(of.at)
    )
}

/// An event of a bus (EventBridge user guide, "Events").
pub(super) fn bus_event(seed: u64, of: &Name, kind: &str, event: &str) -> String {
    let number = of.number(seed, 14);
    let detail = match serde_json::from_str::<serde::de::IgnoredAny>(event) {
        Ok(_) => event.to_owned(),
        Err(_) => format!("{{\"raw\":{}}}", quoted(event)), // what is no JSON is told as text
    };
    format!(
        "{{\"version\":\"0\",\"id\":\"{:08x}-0000-4000-8000-{:012x}\",\"detail-type\":\"{kind} changed\",\
         \"source\":\"practice.{kind}\",\"account\":\"{ACCOUNT}\",\"time\":\"{}\",\"region\":\"{REGION}\",\
         \"resources\":[],\"detail\":{detail}}}",
        number >> 32,
        number & 0xffff_ffff_ffff,
        time(of.at)
    )
}

/// As a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
