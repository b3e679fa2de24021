//! The question to CloudWatch Logs, which speaks JSON 1.1: one signed request, for which a whole SDK crate would be too
//! much. Of the lines that are found nothing is taken over but when and where they were written, unless they are evidence. Source: CloudWatch Logs
//! API reference, `FilterLogEvents`; "AWS JSON 1.1 protocol" (Smithy).

#![allow(clippy::result_large_err)] // the error is the SDK's own, so that one place judges it

use super::clients::Clients;
use super::convert::{malformed, next, token};
use super::fault::Judge;
use super::query::{Odd, Outcome, Sent, exchange};
use crate::estate::ask::logs::{Answer, Ask};
use crate::estate::{Cursor, Fault, Logged, Region, Service, Timestamp, Untrusted};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Lines of a page: one says enough.
const LINES: u32 = 10;
/// And where they are evidence; "the default is 10,000".
const EVIDENCE: u32 = 1_000;

/// A page of lines.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    events: Vec<Line>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    timestamp: Option<i64>,
    log_stream_name: Option<String>,
    message: Option<String>,
}

pub(super) async fn ask(
    clients: &Clients,
    at: &Region,
    credentials: &Credentials,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::FilterLogEvents(q) => {
            let mut asked = json!({
                "logGroupName": q.group.wire(),
                // In quotation marks: what is not a letter or a digit would mean something else.
                "filterPattern": format!("\"{}\"", q.text.wire()),
                "startTime": q.from.as_millisecond(),
                "endTime": q.to.as_millisecond(),
                "limit": if q.said { EVIDENCE } else { LINES },
            });
            if let Some(token) = token(from) {
                asked["nextToken"] = json!(token);
            }
            let body = serde_json::to_vec(&asked).map_err(|e| malformed(op, e.to_string()))?;
            let sent = Sent {
                kind: "application/x-amz-json-1.1",
                target: Some("Logs_20140328.FilterLogEvents"),
                body: Zeroizing::new(body),
            };
            let page: Page =
                exchange(clients, (Service::Logs, at), credentials, sent, judge, understood).await?;
            let lines = page.events.into_iter().filter_map(|line| {
                let at = Timestamp::from_millisecond(line.timestamp?).ok()?; // beyond the calendar is nowhere
                let stream = Untrusted::from(line.log_stream_name.unwrap_or_default());
                Some(Logged { at, stream, said: line.message.filter(|_| q.said).map(Untrusted::from) })
            });
            Ok((Answer::FilterLogEvents(lines.collect()), next(op, from, page.next_token)?))
        }
    }
}

/// An answer in JSON, or what a service that speaks JSON 1.1 refuses with.
pub(super) fn understood<T: DeserializeOwned>(answer: HttpResponse) -> Outcome<T> {
    let body = answer.body().bytes().unwrap_or_default();
    let outcome = match answer.status().is_success() {
        true => serde_json::from_slice(body).map_err(|e| Odd::unread(e.into())),
        false => Err(Odd::refused(error(body))),
    };
    outcome.map_err(|odd| SdkError::service_error(odd, answer))
}

/// Code and message of an error: `{"__type": "com.amazonaws.logs#Code", "message": "..."}`.
fn error(body: &[u8]) -> ErrorMetadata {
    let mut said = ErrorMetadata::builder();
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return said.build() };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if let Some(code) = text("__type").or_else(|| text("code")) {
        let code = code.rsplit('#').next().unwrap_or(code);
        said = said.code(code.split(':').next().unwrap_or(code));
    }
    if let Some(message) = text("message").or_else(|| text("Message")) {
        said = said.message(message);
    }
    said.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_and_what_is_none_has_no_code() {
        let body = br#"{"__type":"com.amazonaws.logs#ResourceNotFoundException","message":"no group"}"#;
        let it = error(body);
        assert_eq!((it.code(), it.message()), (Some("ResourceNotFoundException"), Some("no group")));
        let bare = error(br#"{"__type":"ThrottlingException","Message":"Rate exceeded"}"#);
        assert_eq!((bare.code(), bare.message()), (Some("ThrottlingException"), Some("Rate exceeded")));
        for odd in [&b"nonsense"[..], b"", b"[]", b"\xff", b"<html/>"] {
            assert_eq!(error(odd).code(), None);
        }
    }
}
