//! One message as one line of JSON, with everything that is needed to send it again: what an export writes and an import
//! reads. Bodies are text as SQS has it; binary attributes are base64. Times are RFC 3339.

use crate::estate::message::{Attribute, AttributeValue};
use crate::estate::{Arn, Message, MessageId, Timestamp, Untrusted};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The longest line that is read: a message of the size limit, every byte of it escaped, and what stands around it.
pub(super) const LONGEST: usize = 8 * crate::estate::message::LARGEST;

#[derive(Serialize)]
struct Written<'a> {
    id: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'a str, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deduplication: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_received: Option<Timestamp>,
    receive_count: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    id: String,
    body: String,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    group: Option<String>,
    deduplication: Option<String>,
    sequence: Option<String>,
    trace: Option<String>,
    sender: Option<String>,
    source: Option<String>,
    sent: Option<Timestamp>,
    first_received: Option<Timestamp>,
    #[serde(default)]
    receive_count: u32,
}

/// `{"type": "String", "text": "..."}` or `{"type": "Binary", "base64": "..."}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    #[serde(rename = "type")]
    data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// Writes a message into `into`, which is emptied first, with its newline. The buffer is never grown while it holds
/// something: a copy of a body would stay behind.
pub(super) fn write(message: &Message, into: &mut Zeroizing<Vec<u8>>) -> Result<(), String> {
    let most = 6 * message.size() + 4096;
    into.clear();
    if into.capacity() < most {
        *into = Zeroizing::new(Vec::with_capacity(most));
    }
    let wire = |text: &'_ Option<Untrusted>| text.as_ref().map(|t| t.wire().to_owned());
    let (group, deduplication) = (wire(&message.group), wire(&message.deduplication));
    let (sequence, trace, sender) = (wire(&message.sequence), wire(&message.trace), wire(&message.sender));
    let line = Written {
        id: message.id.wire(),
        body: message.body(),
        attributes: message.attributes.iter().map(|(name, a)| (name.as_str(), value(a))).collect(),
        group: group.as_deref(),
        deduplication: deduplication.as_deref(),
        sequence: sequence.as_deref(),
        trace: trace.as_deref(),
        sender: sender.as_deref(),
        source: message.source.as_ref().map(Arn::wire),
        sent: message.sent,
        first_received: message.first_received,
        receive_count: message.receive_count,
    };
    serde_json::to_writer(&mut **into, &line).map_err(|e| format!("a message is no JSON: {e}"))?;
    into.push(b'\n');
    Ok(())
}

fn value(attribute: &Attribute) -> Value {
    let (text, base64) = match &attribute.value {
        AttributeValue::Text(text) => (Some((**text).clone()), None),
        AttributeValue::Binary(bytes) => (None, Some(STANDARD.encode(&**bytes))),
    };
    Value { data_type: attribute.data_type.clone(), text, base64 }
}

/// Reads a line. What is wrong with one is said without repeating anything of it.
pub(super) fn read(line: &[u8]) -> Result<Message, String> {
    let read: Read = serde_json::from_slice(line).map_err(|e| {
        let what = match e.classify() {
            serde_json::error::Category::Io | serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Syntax => "it is no JSON",
            serde_json::error::Category::Data => "it is no message of an export",
        };
        format!("{what} (column {})", e.column())
    })?;
    let mut message = Message::new(MessageId::new(read.id), Zeroizing::new(read.body));
    for (name, value) in read.attributes {
        let held = match (value.text, value.base64) {
            (Some(text), None) => AttributeValue::Text(Zeroizing::new(text)),
            (None, Some(coded)) => {
                let bytes = STANDARD.decode(coded).map_err(|_| "an attribute is no base64".to_owned())?;
                AttributeValue::Binary(Zeroizing::new(bytes))
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err("an attribute has not exactly one value".to_owned());
            }
        };
        message.attributes.insert(name, Attribute { data_type: value.data_type, value: held });
    }
    message.group = read.group.map(Untrusted::from);
    message.deduplication = read.deduplication.map(Untrusted::from);
    message.sequence = read.sequence.map(Untrusted::from);
    message.trace = read.trace.map(Untrusted::from);
    message.sender = read.sender.map(Untrusted::from);
    message.source = read.source.map(Arn::new);
    message.sent = read.sent;
    message.first_received = read.first_received;
    message.receive_count = read.receive_count;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn full() -> Message {
        let mut m = Message::new(
            MessageId::new("id-1"),
            Zeroizing::new("{\"a\":\"\u{1b}[2J\u{202e}\\n\"}\u{0}".into()),
        );
        let text = |s: &str| AttributeValue::Text(Zeroizing::new(s.to_owned()));
        m.attributes.insert("kind".into(), Attribute { data_type: "String".into(), value: text("order") });
        let bytes = AttributeValue::Binary(Zeroizing::new((0..=255).collect()));
        m.attributes.insert("raw".into(), Attribute { data_type: "Binary.gz".into(), value: bytes });
        m.group = Some("g\"1".into());
        m.deduplication = Some("d".into());
        m.sequence = Some("18870000000000000000".into());
        m.trace = Some("Root=1-5".into());
        m.sender = Some("AROA:fn".into());
        m.source = Some(Arn::new("arn:aws:sqs:eu-central-1:123456789012:orders"));
        m.sent = Timestamp::from_millisecond(1_800_000_000_123).ok();
        m.first_received = Timestamp::from_millisecond(1_800_000_000_456).ok();
        m.receive_count = 7;
        m
    }

    #[test]
    fn a_message_comes_back_as_it_was_on_one_line() {
        let mut buffer = Zeroizing::new(Vec::new());
        write(&full(), &mut buffer).unwrap();
        let line = std::str::from_utf8(&buffer).unwrap();
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.ends_with('\n') && !line.contains('\u{1b}'));
        assert!(read(buffer.trim_ascii_end()).unwrap() == full());
        let plain = Message::new(MessageId::new("x"), Zeroizing::new(String::new()));
        write(&plain, &mut buffer).unwrap();
        assert!(read(buffer.trim_ascii_end()).unwrap() == plain);
    }

    #[test]
    fn what_is_wrong_with_a_line_does_not_repeat_it() {
        for bad in [
            "{\"id\":\"a\",\"body\":\"hunter2\",\"more\":1}",
            "{\"id\":\"a\",\"body\":\"hunter2\"",
            "hunter2",
            "{\"id\":\"a\",\"body\":\"hunter2\",\"attributes\":{\"x\":{\"type\":\"Binary\",\"base64\":\"hunter2!\"}}}",
            "{\"id\":\"a\",\"body\":\"hunter2\",\"attributes\":{\"x\":{\"type\":\"String\"}}}",
        ] {
            let why = read(bad.as_bytes()).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
