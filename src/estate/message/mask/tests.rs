//! What masks hide, where they find it, and that the rest stays as it was.

use super::*;
use crate::estate::message::group;
use crate::estate::message::testing::{dead_letter, destination, message};
use proptest::prelude::*;

fn masks(texts: &[&str]) -> Masks {
    Masks::new(texts.iter().copied()).unwrap()
}

fn hidden(texts: &[&str], body: &str) -> String {
    masks(texts).body(body).map_or_else(|| body.to_owned(), |b| b.to_string())
}

#[test]
fn fields_are_hidden_by_their_path_and_the_rest_stays_byte_for_byte() {
    let body = r#"{ "id":1, "card" : {"number":"4111","cvc":[1,2], "a.b":1}, "items":[{"sku":"a","card":1},{"sku":"b"}] }"#;
    let of = |mask: &str| hidden(&[mask], body);
    let with = |from: &str, to: &str| body.replace(from, to);
    assert_eq!(of("body.card.number"), with("\"4111\"", "\"••••\""));
    assert_eq!(of("/card/number"), with("\"4111\"", "\"••••\""));
    assert_eq!(of("/card/a.b"), with("\"a.b\":1", "\"a.b\":\"••••\""));
    assert_eq!(of("body.card"), with(r#"{"number":"4111","cvc":[1,2], "a.b":1}"#, "\"••••\""));
    let cut = with("\"4111\",\"cvc\":[1,2], \"a.b\":1", "\"••••\",\"cvc\":\"••••\", \"a.b\":\"••••\"");
    assert_eq!(of("body.card.*"), cut);
    assert_eq!(of("body.card.**"), cut);
    let first = with("\"sku\":\"a\"", "\"sku\":\"••••\"");
    assert_eq!(of("body.items[0].sku"), first);
    assert_eq!(of("body.items[*].sku"), first.replace("\"sku\":\"b\"", "\"sku\":\"••••\""));
    assert_eq!(of("body.**.cvc"), with("[1,2]", "\"••••\""));
    assert_eq!(of("body.**.sku"), of("body.items.*.s?u"));
    assert_eq!(of("body.**"), of("body.*"));
    assert_eq!(of("body"), HIDDEN);
    assert_eq!(of("body.other"), body);
    assert_eq!(of("attr.card"), body);
}

#[test]
fn fields_are_found_in_envelopes_and_in_strings_of_json() {
    let card = r#"{"card":{"number":"4111"}}"#;
    let sure = |body: String| {
        let out = hidden(&["body.card.number"], &body);
        assert!(!out.contains("4111") && out.contains(HIDDEN), "{out}");
        assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{out}");
    };
    let text = |t: &str| serde_json::to_string(t).unwrap();
    let sns = format!(r#"{{"Type":"Notification","Message":{}}}"#, text(card));
    let event = format!(r#"{{"detail-type":"a","source":"b","detail":{card}}}"#);
    sure(sns.clone());
    sure(event.clone());
    sure(destination(card));
    sure(destination(&event));
    sure(format!(r#"{{"Records":[{{"eventSource":"aws:sqs","body":{}}}]}}"#, text(&sns)));
    sure("{\"m\":\"\\u007b\\u0022card\\u0022:{\\\"number\\\":\\\"4111\\\"}}\"}".to_owned());
    let mut deep = card.to_owned();
    for _ in 0..6 {
        deep = format!("[{}]", text(&deep));
    }
    sure(deep);
    // A field of that name elsewhere is another field.
    let other = r#"{"a":{"card":{"number":"1"}}}"#;
    assert_eq!(hidden(&["body.card.number"], other), other);
}

#[test]
fn what_cannot_be_looked_into_is_hidden_and_text_is_drawn() {
    for cut in ["{\"card\":{\"number\":\"4111\"", " [{\"card\": 4111", "{"] {
        assert_eq!(hidden(&["body.card"], cut), HIDDEN);
        assert_eq!(hidden(&["attr.x"], cut), cut);
    }
    for text in ["[INFO] hello", "plain", "", "4111"] {
        assert_eq!(hidden(&["body.card"], text), text);
    }
}

#[test]
fn attributes_are_hidden_and_no_group_is_named_by_what_is() {
    let mut m = dead_letter("{\"kind\":\"order\"}", "KeyError: bearer abc");
    let value = AttributeValue::Binary(Zeroizing::new(vec![1, 2]));
    m.attributes.insert("Authorization".into(), Attribute { data_type: "Binary".into(), value });
    let out = masked(&m, &masks(&["attr.Auth*", "attr.ErrorMessage"]));
    assert_eq!(out.attribute("Authorization"), Some(HIDDEN));
    assert_eq!(out.attribute("ErrorCode"), Some("200"));
    assert_eq!(group::key(&out).wire(), HIDDEN);
    assert!(matches!(masked(&m, &masks(&["attr.nothing", "body.card"])), Cow::Borrowed(_)));
    let plain = message("{\"kind\":\"secretkind\",\"n\":1}", &[]);
    let out = masked(&plain, &masks(&["body.kind"]));
    assert!(!group::key(&out).wire().contains("secretkind"));
    assert_eq!(plain.body(), "{\"kind\":\"secretkind\",\"n\":1}");
}

#[test]
fn what_is_no_mask_is_refused() {
    for (text, why) in [
        ("card", MaskFault::Begin),
        ("", MaskFault::Begin),
        ("bodyguard", MaskFault::Begin),
        ("attr.", MaskFault::Part),
        ("body.", MaskFault::Part),
        ("body..a", MaskFault::Part),
        ("/a//b", MaskFault::Part),
        ("/", MaskFault::Part),
        ("body.a\nb", MaskFault::Control),
    ] {
        assert_eq!(Masks::new(["body.a", text]).unwrap_err(), (1, why), "{text}");
    }
    assert_eq!(Masks::new([format!("body{}", ".a".repeat(33)).as_str()]).unwrap_err().1, MaskFault::TooDeep);
    assert_eq!(Masks::new(vec!["body.a"; 101]).unwrap_err(), (100, MaskFault::TooMany));
    let some = masks(&["body.card.*", "attr.Authorization", "/a~1b/~0"]);
    let text = serde_json::to_string(&some).unwrap();
    assert_eq!(text, r#"["body.card.*","attr.Authorization","/a~1b/~0"]"#);
    assert_eq!(serde_json::from_str::<Masks>(&text).unwrap(), some);
    assert!(serde_json::from_str::<Masks>("[\"x\"]").is_err());
}

#[test]
fn a_mebibyte_is_masked_in_time_that_grows_with_it() {
    let deep = format!("{}1{}", "{\"a\":".repeat(150_000), "}".repeat(150_000));
    let wide = format!("[{}1]", "{\"a\":1},".repeat(120_000));
    for body in [deep, wide] {
        let out = hidden(&["body.**.b.**.c", "body.**.*a.b"], &body);
        assert_eq!(out.len(), body.len());
    }
}

/// The definition, slow and plain: every string at a path that fits `**.k`.
fn plain(value: &mut serde_json::Value, under: bool) {
    use serde_json::Value;
    match value {
        _ if under => *value = Value::String(HIDDEN.into()),
        Value::Object(map) => map.iter_mut().for_each(|(name, v)| plain(v, name == "k")),
        Value::Array(list) => list.iter_mut().for_each(|v| plain(v, false)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![Just(serde_json::json!(1)), "[a-z\"é\\\\]{0,4}".prop_map(serde_json::Value::from)];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[k-m]", inner, 0..4)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_the_definition(json in any_json()) {
        let body = serde_json::to_string_pretty(&json).unwrap();
        let mut want = json.clone();
        plain(&mut want, false);
        let ours: serde_json::Value = serde_json::from_str(&hidden(&["body.**.k"], &body)).unwrap();
        prop_assert_eq!(ours, want);
    }

    #[test]
    fn no_body_panics(body in "[\\[\\]{}\":,k1 \\\\u0-9]{0,40}") {
        drop(masks(&["body.**.k", "body.*.*"]).body(&body));
    }
}
