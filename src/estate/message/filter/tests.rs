//! Which messages a filter lets pass, and what is said of one that cannot be read.

use super::*;
use crate::estate::message::testing::{dead_letter, destination, message};
use crate::estate::names::Arn;
use crate::estate::time::plus_seconds;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-11-21T09:41:30Z".parse().unwrap()
}

fn passes(filter: &str, message: &Message) -> bool {
    let filter: Filter = filter.parse().unwrap_or_else(|e| panic!("{filter}: {e}"));
    filter.passes(message, &Masks::default(), now())
}

fn order() -> Message {
    let body = r#"{"kind":"order","n":12,"x":1.50,"ok":true,"none":null,"odd name":"a b","note":"Caf\u00e9 \"A\"",
        "items":[{"sku":"abc-1","n":1},{"sku":"xyz","n":7}],"deep":{"a.b":[[1],[2]]}}"#;
    let mut m = dead_letter(body, "TimeoutError: 3000 ms exceeded");
    m.receive_count = 4;
    m.sent = Some(plus_seconds(now(), -3 * 86_400));
    m.source = Some(Arn::new("arn:aws:sqs:eu-central-1:1:orders"));
    m
}

#[test]
fn terms_hold_or_not() {
    let m = order();
    for yes in [
        "body.kind=order",
        "body.kind!=x",
        "!body.kind=x",
        "-body.kind=x",
        "body.kind~ORD",
        "body.n=12",
        "body.n=12.0",
        "body.n>11",
        "body.n>=12",
        "body.n<=12",
        "body.n<12.5",
        "body.x=1.5",
        "body.ok=true",
        "body.none=null",
        "body.items[0].sku~abc",
        "body.items[*].sku=xyz",
        "body.items[*].n>6",
        "body.items[1].n=7",
        "body[\"odd name\"]=\"a b\"",
        "body.note=\"Café \\\"A\\\"\"",
        "body.note~café",
        "body.deep.\"a.b\"[1][0]=2",
        "body.missing!=x",
        "!body.missing=x",
        "body.items~xyz",
        "body~order",
        "attr.ErrorCode=200",
        "attr.ErrorCode>=200",
        "attr.RequestID~4f3c",
        "attr.nothing!=x",
        "error~timeout",
        "error=\"TimeoutError: 3000 ms exceeded\"",
        "!error~keyerror",
        "age>2d",
        "age<4d",
        "age=3d",
        "age>=72h",
        "!age>1w",
        "receives>3",
        "receives=4",
        "size>100",
        "size<1kb",
        "group=\"TimeoutError: <n> ms exceeded\"",
        "group~timeout",
        "id=m-1",
        "id!=m-2",
        "from=orders",
        "from=arn:aws:sqs:eu-central-1:1:orders",
        "from~ord",
        "timeout",
        "\"\\\"sku\\\":\\\"abc\"",
        "\"3000 ms\"",
        "!banana",
        "-banana",
        "body.kind=order error~timeout age>2d",
        "  kind  ",
    ] {
        assert!(passes(yes, &m), "{yes}");
    }
    for no in [
        "body.kind=Order",
        "body.kind!=order",
        "!body.kind=order",
        "body.n>12",
        "body.kind>1",
        "body.missing=x",
        "body.missing~x",
        "body.items[2].sku=x",
        "body.items[*].sku=other",
        "body.items.sku=xyz",
        "body.kind[0]=o",
        "attr.ErrorCode=500",
        "attr.nothing=x",
        "error~keyerror",
        "age<2d",
        "age>3d",
        "receives>4",
        "size>1mb",
        "group=\"TimeoutError: 3000 ms exceeded\"",
        "id=m-2",
        "from=other",
        "banana",
        "!timeout",
        "body.kind=order error~keyerror",
    ] {
        assert!(!passes(no, &m), "{no}");
    }
}

#[test]
fn envelopes_are_looked_into() {
    let m = message(&destination(r#"{"kind":"order","requestPayload":1}"#), &[]);
    for yes in [
        "body.kind=order",
        "body.requestPayload.kind=order",
        "body.requestContext.condition~exhausted",
        "error~meetinglog",
    ] {
        assert!(passes(yes, &m), "{yes}");
    }
    let sns = message(r#"{"Type":"Notification","Message":"{\"kind\":\"order\",\"a\":\"x\\u0079\"}"}"#, &[]);
    for yes in ["body.kind=order", "body.Type=Notification", "body.a=xy", "\"\\\"kind\\\":\\\"order\""] {
        assert!(passes(yes, &sns), "{yes}");
    }
    assert!(!passes("body.kind!=order", &sns) && !passes("body.kind=order", &message("kind=order", &[])));
}

#[test]
fn a_message_of_unknown_age_is_let_pass_by_no_term_about_age() {
    let m = message("{}", &[]);
    for filter in ["age>2d", "!age>2d", "age<2d", "-age<2d", "age!=2d"] {
        assert!(!passes(filter, &m), "{filter}");
    }
}

#[test]
fn groups_are_compared_as_they_are_drawn() {
    let filter: Filter = "group=••••".parse().unwrap();
    let masks = Masks::new(["attr.ErrorMessage"]).unwrap();
    assert!(filter.passes(&order(), &masks, now()));
    assert!(!filter.passes(&order(), &Masks::default(), now()));
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_would_be_right() {
    for (text, place, word, has) in [
        ("body.kind=order eror~x", 16..22, "eror", "There are: body, attr, error"),
        ("agee>2d", 0..7, "agee", "There are"),
        ("age>2", 0..5, "2", "is no time"),
        ("age>2y", 0..6, "2y", "30m, 2h, 2d"),
        ("age~2d", 0..6, "age", ">="),
        ("receives>x", 0..10, "x", "is no number"),
        ("size>1tb", 0..8, "1tb", "100kb"),
        ("error>3", 0..7, "error", "no order"),
        ("error~", 0..6, "error", "for nothing"),
        ("body.n>x", 0..8, "x", "is no number"),
        ("body.kind", 0..9, "body.kind", "needs an operator"),
        ("body..a=1", 0..9, "..a", "empty part"),
        ("body.a[=1", 0..9, ".a[", "without its end"),
        ("body.a[x]=1", 0..11, "x", "no number of an item"),
        ("attr=1", 0..6, "attr", "attr.ErrorCode"),
        ("a \"b", 2..4, "b", "quote without its end"),
        ("a \"\"", 2..4, "", "is empty"),
        ("!", 0..1, "!", "turns nothing round"),
        ("error.kind=x", 0..12, "error.kind", "There are"),
        ("", 0..0, "", "no word"),
        ("https://x?a=b", 0..13, "https://x?a", "quote the whole"),
    ] {
        let fault = text.parse::<Filter>().unwrap_err();
        assert_eq!((fault.place.clone(), fault.word.as_str()), (place, word), "{text}");
        assert!(fault.to_string().contains(has), "{text}: {fault}");
    }
    assert!("x ".repeat(33).parse::<Filter>().is_err() && "x".repeat(5_000).parse::<Filter>().is_err());
    let hostile = "a\u{1b}[2J=x".parse::<Filter>().unwrap_err().to_string();
    assert!(!hostile.contains('\u{1b}'), "{hostile}");
}

#[test]
fn it_is_stored_as_its_text() {
    let filter: Filter = " age>2d  body.a=\"x y\" ".parse().unwrap();
    let text = serde_json::to_string(&filter).unwrap();
    assert_eq!(text, r#""age>2d  body.a=\"x y\"""#);
    assert_eq!(serde_json::from_str::<Filter>(&text).unwrap(), filter);
    assert!(serde_json::from_str::<Filter>("\"age>\"").is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-c.\\[\\]*\"\\\\=~<>! \\-0-9é]{0,30}", body in "[{}\":a,1\\[\\]]{0,20}") {
        if let Ok(filter) = text.parse::<Filter>() {
            std::hint::black_box(filter.passes(&message(&body, &[]), &Masks::default(), now()));
            let again: Filter = serde_json::from_str(&serde_json::to_string(&filter).unwrap()).unwrap();
            prop_assert_eq!(&again.terms, &filter.terms);
        }
    }

    #[test]
    fn a_term_turned_round_lets_pass_what_it_did_not(field in "[a-c]", value in "[x-z]{1,2}", body in "[a-cx-z]{1,3}") {
        let m = message(&format!("{{\"a\":\"{body}\",\"b\":[1]}}"), &[]);
        let term = format!("body.{field}~{value}");
        prop_assert_ne!(passes(&term, &m), passes(&format!("!{term}"), &m));
        let is = format!("body.{field}={value}");
        prop_assert_ne!(passes(&is, &m), passes(&is.replace('=', "!="), &m));
    }
}

#[test]
fn a_mebibyte_is_filtered_in_time_that_grows_with_it() {
    let wide = format!("{{\"items\":[{}1]}}", "{\"a\":[1]},".repeat(100_000));
    let deep = format!("{}1{}", "[".repeat(500_000), "]".repeat(500_000));
    for body in [wide, deep] {
        let m = message(&body, &[]);
        assert!(!passes("body.items[*].a[*]=2 ", &m) && !passes("body[*][*][*][*][*]=x", &m));
    }
}
