//! What a peek tells, and its document.

use super::*;
use crate::estate::message::testing::{dead_letter, message};
use crate::estate::message::{Attribute, AttributeValue};
use crate::insight::examples::{ago, now};
use zeroize::Zeroizing;

const DAY: i64 = 86_400;

fn letter(id: &str, error: &str, age: i64) -> Message {
    let mut m = dead_letter("{\"kind\":\"order\",\"card\":\"4111\"}", error);
    m.id = MessageId::new(id);
    m.sent = Some(ago(age));
    m.receive_count = 2;
    m
}

fn some() -> Vec<Message> {
    vec![
        letter("a", "took 10 ms", 3 * DAY),
        letter("b", "took 12 ms", 13 * DAY),
        letter("c", "KeyError: 'x'", DAY),
        letter("a", "took 10 ms", 3 * DAY),
    ]
}

#[test]
fn messages_groups_and_what_is_lost_first() {
    let it = peeked(&some(), Some(14 * 86_400), &Masks::default());
    assert_eq!(it.messages.len(), 3);
    let groups: Vec<_> = it.groups.iter().map(|c| (c.group.key.wire(), c.group.count)).collect();
    assert_eq!(groups, [("took <n> ms", 2), ("KeyError: 'x'", 1)]);
    let lost = Expiry { at: ago(-DAY), exact: true };
    assert_eq!(it.first_lost, Some((MessageId::new("b"), lost)));
    assert_eq!(
        (it.groups[0].first_lost, it.groups[0].last_lost),
        (Some(lost), Some(Expiry { at: ago(-11 * DAY), exact: true }))
    );
    assert_eq!(lost.in_s(now()), Some(DAY));
    // Without a retention only the latest is known; what is past is lost now.
    let it = peeked(&some(), None, &Masks::default());
    assert_eq!(it.messages[0].expires, Some(Expiry { at: ago(-11 * DAY), exact: false }));
    assert_eq!(it.messages[0].expires.unwrap().in_s(now()), None);
    assert_eq!(Expiry::of(Some(ago(100)), Some(60)).unwrap().in_s(now()), Some(0));
    assert!(peeked(&[], Some(60), &Masks::default()).first_lost.is_none());
}

#[test]
fn the_document_says_what_the_contract_does() {
    let mut m = letter("a", "took 10 ms", 3 * DAY);
    let value = AttributeValue::Binary(Zeroizing::new(vec![0, 255]));
    m.attributes.insert("raw".into(), Attribute { data_type: "Binary.x".into(), value });
    let it = peeked([&m], Some(14 * 86_400), &Masks::default());
    let content: serde_json::Map<String, serde_json::Value> =
        json::content(&it, now()).into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    let one = &content["messages"][0];
    assert_eq!((one["id"].as_str(), one["body"].as_str()), (Some("a"), Some(m.body())));
    assert_eq!(one["attributes"]["ErrorCode"], "200");
    assert_eq!(one["attributes"]["raw"], serde_json::json!({ "type": "Binary.x", "base64": "AP8=" }));
    assert_eq!((one["receive_count"].as_u64(), one["expires_in_s"].as_i64()), (Some(2), Some(11 * DAY)));
    assert_eq!(one["sent"], ago(3 * DAY).to_string());
    assert_eq!((one["error"].as_str(), one["group"].as_str()), (Some("took 10 ms"), Some("took <n> ms")));
    assert_eq!(
        (one["function"].as_str(), one["function_by"].as_str()),
        (Some("ProcessAnalysis"), Some("sender"))
    );
    assert_eq!((one["kind"].as_str(), one["masked"].as_bool()), (Some("lambda_dead_letter"), Some(false)));
    let group = &content["groups"][0];
    assert_eq!((group["error"].as_str(), group["count"].as_u64()), (Some("took <n> ms"), Some(1)));
    assert_eq!(group["functions"], serde_json::json!(["ProcessAnalysis"]));
    assert_eq!(content["first_lost"]["id"], "a");
}

#[test]
fn a_body_that_is_no_text_is_null_with_its_bytes_and_a_note() {
    let it = tell(&message("\u{1}\u{2}", &[]), None, &Masks::default());
    let told = json::message(&it, now());
    assert!(told["body"].is_null() && told["expires_in_s"].is_null() && told["error"].is_null());
    assert_eq!(told["body_base64"], "AQI=");
    assert!(told["note"].as_str().unwrap().contains("no text"));
    assert_eq!(told["group"], "unreadable body, 2 bytes");
}

#[test]
fn what_is_masked_is_nowhere_in_it() {
    let masks = Masks::new(["body.card", "attr.ErrorMessage"]).unwrap();
    let m = letter("a", "bearer hunter2", DAY);
    let it = peeked([&m], Some(60), &masks);
    let text = serde_json::to_string(&json::content(&it, now())).unwrap();
    assert!(!text.contains("hunter2") && !text.contains("4111") && text.contains("••••"), "{text}");
    assert_eq!((it.messages[0].masked, it.messages[0].bytes), (true, m.size()));
    assert_eq!(it.messages[0].wrap, Wrap::LambdaDeadLetter);
    assert!(!format!("{it:?}").contains("hunter2"));
}
