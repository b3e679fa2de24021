//! The log of a function. CloudWatch Logs is spoken to without an SDK, as the port does, and without a signature: these
//! servers do not look at one.

use super::Filled;
use super::databases::post;
use bartizan::estate::Timestamp;
use serde_json::{Value, json};

/// The function whose log it is.
pub const FUNCTION: &str = "contract-logged";
/// The request that many of its lines name: more than a page has.
pub const MANY: &str = "8f5a2c1e-0000-4000-8000-00000000000a";
/// How many.
pub const LINES: usize = 25;
/// The request that one line names.
pub const ONE: &str = "8f5a2c1e-0000-4000-8000-00000000000b";

fn call(url: &str, operation: &str, body: &Value) -> Result<String, String> {
    let target = format!("X-Amz-Target: Logs_20140328.{operation}");
    let head = ["Content-Type: application/x-amz-json-1.1", target.as_str()];
    post(url, "logs", &head, &body.to_string()).map_err(|e| format!("{operation}: {e}"))
}

pub fn fill(url: &str, filled: &mut Filled) {
    let (group, stream) = (format!("/aws/lambda/{FUNCTION}"), "2026/11/17/[$LATEST]0");
    let now = Timestamp::now().as_millisecond();
    let line = |n: usize, request: &str| {
        let at = now - 60_000 + i64::try_from(n).unwrap_or(0) * 1_000;
        json!({ "timestamp": at, "message": format!("REPORT RequestId: {request}\tDuration: {n} ms") })
    };
    let mut events: Vec<Value> = (0..LINES).map(|n| line(n, MANY)).collect();
    events.push(line(LINES, ONE));
    let with = |mut body: Value| {
        body["logGroupName"] = json!(group);
        body
    };
    let made = call(url, "CreateLogGroup", &with(json!({})))
        .and_then(|_| call(url, "CreateLogStream", &with(json!({ "logStreamName": stream }))))
        .and_then(|_| {
            call(url, "PutLogEvents", &with(json!({ "logStreamName": stream, "logEvents": events })))
        });
    filled.note("log", made);
}
