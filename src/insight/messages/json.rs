//! A peek as JSON: what `queues peek` says. It concludes nothing itself.

use super::draw::Form;
use super::{Cause, Expiry, Peeked, Told};
use crate::estate::message::AttributeValue;
use crate::estate::message::envelope::By;
use crate::estate::{FunctionName, Timestamp, Untrusted};
use crate::insight::document::{instant, maybe_instant};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// `messages` and `groups` of a document, and which is lost first.
#[must_use]
pub fn content(peeked: &Peeked, now: Timestamp) -> Vec<(&'static str, Value)> {
    let first = peeked.first_lost.as_ref();
    let lost = first
        .map_or(Value::Null, |(id, e)| json!({ "id": id.wire(), "at": instant(e.at), "exact": e.exact }));
    vec![
        ("messages", peeked.messages.iter().map(|m| message(m, now)).collect()),
        ("groups", peeked.groups.iter().map(cause).collect()),
        ("first_lost", lost),
    ]
}

/// A message. A body that is no text is null, and its bytes are in `body_base64`, with a note that says so; masked
/// values are replaced, and then `masked` is true.
#[must_use]
pub fn message(told: &Told, now: Timestamp) -> Value {
    let m = &told.message;
    let text = |t: Option<&Untrusted>| json!(t.map(Untrusted::wire));
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    put("id", json!(m.id.wire()));
    match Form::of(m.body()) {
        Form::Json | Form::Text => put("body", json!(m.body())),
        Form::Binary => {
            put("body", Value::Null);
            put("body_base64", json!(STANDARD.encode(m.body())));
            put("note", json!("the body is no text: it holds control characters"));
        }
    }
    put(
        "attributes",
        m.attributes.iter().map(|(n, a)| (n.clone(), attribute(&a.data_type, &a.value))).collect(),
    );
    put("receive_count", json!(m.receive_count));
    put("sent", maybe_instant(m.sent));
    put("expires_in_s", json!(told.expires.and_then(|e| e.in_s(now))));
    put("error", text(told.error.as_ref()));
    put("group", json!(told.group.wire()));
    put("kind", json!(told.wrap.word()));
    put("function", json!(told.function.as_ref().map(|(name, _)| name.wire())));
    put("function_by", json!(told.function.as_ref().map(|(_, by)| word(*by))));
    put("request_id", text(told.request.as_ref()));
    put("source", json!(m.source.as_ref().map(|s| s.wire())));
    put("message_group", text(m.group.as_ref()));
    put("bytes", json!(told.bytes));
    put("masked", json!(told.masked));
    Value::Object(out)
}

fn word(by: By) -> &'static str {
    match by {
        By::Record => "record",
        By::Sender => "sender",
    }
}

/// A text is itself; what is binary is an object with its bytes.
fn attribute(data_type: &str, value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => json!(text.as_str()),
        AttributeValue::Binary(bytes) => {
            json!({ "type": data_type, "base64": STANDARD.encode(bytes.as_slice()) })
        }
    }
}

fn cause(cause: &Cause) -> Value {
    let group = &cause.group;
    let lost = |e: Option<Expiry>| maybe_instant(e.map(|e| e.at));
    json!({
        "error": group.key.wire(),
        "count": group.count,
        "oldest": maybe_instant(group.oldest),
        "newest": maybe_instant(group.newest),
        "first_lost": lost(cause.first_lost),
        "last_lost": lost(cause.last_lost),
        "example": group.example.wire(),
        "functions": group.functions.iter().map(FunctionName::wire).collect::<Vec<_>>(),
    })
}
