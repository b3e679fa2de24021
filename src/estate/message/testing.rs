//! Messages for the tests of this room. Compiled for tests only.

use super::{Attribute, AttributeValue, Message};
use crate::estate::names::MessageId;
use zeroize::Zeroizing;

/// A message with a body and text attributes.
pub fn message(body: &str, attributes: &[(&str, &str)]) -> Message {
    let mut message = Message::new(MessageId::new("m-1"), Zeroizing::new(body.to_owned()));
    for (name, value) in attributes {
        let kind = if *name == "ErrorCode" { "Number" } else { "String" };
        let value = AttributeValue::Text(Zeroizing::new((*value).to_owned()));
        message.attributes.insert((*name).to_owned(), Attribute { data_type: kind.to_owned(), value });
    }
    message
}

/// A Lambda dead letter: what failed, and the event.
pub fn dead_letter(event: &str, error: &str) -> Message {
    let id = "c3b3b9a1-6d3e-4f3c-9a43-3ecf8d4e8c11";
    let mut m = message(event, &[("RequestID", id), ("ErrorCode", "200"), ("ErrorMessage", error)]);
    m.sender = Some("AROAEXAMPLE12345678:ProcessAnalysis".into());
    m
}

/// A failure destination's record around an event.
pub fn destination(event: &str) -> String {
    format!(
        r#"{{"version":"1.0","timestamp":"2026-11-21T09:00:00.000Z","requestContext":{{"requestId":"e4b46cbf-b738-xmpl-8880-a18cdf61200e","functionArn":"arn:aws:lambda:eu-central-1:123456789012:function:orders:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3}},"requestPayload":{event},"responseContext":{{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}},"responsePayload":{{"errorType":"KeyError","errorMessage":"'meetingLog'"}}}}"#
    )
}
