//! What is the same cause and what is another; that keys are short and the same each time.

use super::*;
use crate::estate::message::fold::LONGEST;
use crate::estate::message::testing::{dead_letter, destination, message};
use crate::estate::time::plus_seconds;
use proptest::prelude::*;

#[test]
fn what_differs_from_one_failure_to_the_next_is_folded() {
    for (text, want) in [
        ("TimeoutError: POST bedrock: 3000 ms exceeded", "TimeoutError: POST bedrock: <n> ms exceeded"),
        ("KeyError: 'meetingLog'", "KeyError: 'meetingLog'"),
        ("KeyError: 'ord-4711'", "KeyError: '<id>'"),
        (
            "2026-11-21T09:41:30.123Z c3b3b9a1-6d3e-4f3c-9a43-3ecf8d4e8c11 Task timed out after 3.00 seconds",
            "<time> <id> Task timed out after <n> seconds",
        ),
        (
            "RequestId: c3b3b9a1-6d3e-4f3c-9a43-3ecf8d4e8c11 Error: Runtime exited",
            "RequestId: <id> Error: Runtime exited",
        ),
        ("no access to arn:aws:s3:::bucket/key-1 here", "no access to <arn>/key-<n> here"),
        ("connect ECONNREFUSED 10.0.3.17:3306", "connect ECONNREFUSED <ip>"),
        ("connect to fe80::1:2 or 10.1.2.3 failed.", "connect to <ip> or <ip> failed."),
        ("GET /orders/4711/items/9f86d081884c7d65: 404", "GET /orders/<n>/items/<id>: <n>"),
        ("https://api.example.com/v2/users/17?page=3", "https://api.example.com/v<n>/users/<n>?page=<n>"),
        ("user alice@example.com is unknown", "user <email> is unknown"),
        ("order-4711 at 2026-11-21 09:41:30", "order-<n> at <time> <time>"),
        ("S3Error: s3 and EC2 and sha256", "S<n>Error: s3 and EC2 and sha256"),
        ("pointer 0x7ffe03bc10", "pointer <id>"),
        ("took 12MB, 3.5s, 99%", "took <n>MB, <n>s, <n>%"),
        ("a\n  b\t\u{1b}c", "a b c"),
        ("it isn't 'there'", "it isn't 'there'"),
        ("AROAEXAMPLE12345678 and AKIA4QXJ7Z2B9K1M", "<id> and <id>"),
        ("", ""),
    ] {
        assert_eq!(fold(text), want, "{text}");
    }
}

#[test]
fn what_has_no_error_is_grouped_by_what_it_is() {
    for (body, want) in [
        (r#"{"kind":"order","a":1,"b":2}"#, "order, 3 fields"),
        (r#"{"a":1,"event":"user.created.17"}"#, "user.created.<n>, 2 fields"),
        (r#"{"sku":1,"price":2,"n":3,"m":4}"#, "sku, price, n, …, 4 fields"),
        (r#"{"sku":1}"#, "sku, 1 field"),
        ("{}", "an empty object"),
        ("[1,2]", "a list"),
        ("{\"broken\": 1", "unreadable body, 12 bytes"),
        ("\u{1}\u{2}", "unreadable body, 2 bytes"),
        ("\u{fffd}", "unreadable body, 3 bytes"),
        (" ", "empty body"),
        ("please ship order 4711", "please ship order <n>"),
        ("[INFO] 12", "[INFO] <n>"),
        (r#"{"detail-type":"Order Placed","source":"shop","detail":{}}"#, "Order Placed from shop"),
        (
            r#"{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}"#,
            "records of aws:s3, ObjectCreated:Put",
        ),
        (
            r#"{"Type":"Notification","TopicArn":"arn:aws:sns:eu-central-1:1:orders","Message":"{\"type\":\"ship\"}"}"#,
            "orders: ship, 1 field",
        ),
    ] {
        assert_eq!(key(&message(body, &[])).wire(), want, "{body}");
    }
    assert_eq!(key(&message(&destination("{}"), &[])).wire(), "KeyError: 'meetingLog'");
    assert_eq!(key(&dead_letter("{}", "")).wire(), "error <n>");
}

#[test]
fn groups_are_told_largest_first_with_their_oldest_as_example() {
    let start: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
    let made: Vec<Message> = (0..10_i64)
        .map(|n| {
            let error = if n % 3 == 0 { format!("took {n} ms") } else { format!("no order {n}") };
            let mut m = dead_letter("{}", &error);
            m.id = MessageId::new(format!("m{n}"));
            m.sent = Some(plus_seconds(start, -n));
            m
        })
        .collect();
    let groups = groups(&made);
    let told: Vec<_> = groups.iter().map(|g| (g.key.wire(), g.count, g.example.wire())).collect();
    assert_eq!(told, [("no order <n>", 6, "m8"), ("took <n> ms", 4, "m9")]);
    assert_eq!((groups[1].oldest, groups[1].newest), (Some(plus_seconds(start, -9)), Some(start)));
    assert_eq!(groups[0].functions.iter().map(FunctionName::wire).collect::<Vec<_>>(), ["ProcessAnalysis"]);
}

proptest! {
    #[test]
    fn keys_are_short_on_one_line_and_folding_numbers_is_enough(text in "\\PC{0,300}", a in any::<u32>(), b in any::<u32>()) {
        let folded = fold(&text);
        prop_assert!(folded.chars().count() <= LONGEST);
        let hostile = folded.contains(char::is_control);
        prop_assert!(!hostile);
        prop_assert_eq!(fold(&format!("order {a} of {b} {text}")), fold(&format!("order {b} of {a} {text}")));
    }

    #[test]
    fn ids_of_any_kind_make_one_group(a in any::<[u8; 16]>(), b in any::<[u8; 16]>()) {
        let uuid = |x: [u8; 16]| {
            let h: String = x.iter().map(|b| format!("{b:02x}")).collect();
            format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
        };
        // All letters or all digits by chance are no mixture; such ids are one in many millions.
        prop_assume!([a, b].iter().all(|x| uuid(*x).bytes().any(|c| c.is_ascii_digit()) && uuid(*x).bytes().any(|c| c.is_ascii_alphabetic())));
        prop_assert_eq!(fold(&format!("gone: {}", uuid(a))), fold(&format!("gone: {}", uuid(b))));
    }

    #[test]
    fn no_message_panics(body in "\\PC{0,60}", error in "\\PC{0,60}") {
        let m = dead_letter(&body, &error);
        prop_assert_eq!(key(&m), key(&m.clone()));
        prop_assert!(key(&message(&body, &[])).wire().chars().count() <= LONGEST);
    }
}

#[test]
fn a_mebibyte_is_grouped_in_time_that_grows_with_it() {
    let error = "'".repeat(1 << 20);
    let wide = format!("{{{}\"z\":1}}", "\"kind\":\"a\",".repeat(90_000));
    let text = "9a".repeat(1 << 19);
    for body in [&error, &wide, &text] {
        assert!(key(&message(body, &[])).wire().chars().count() <= LONGEST);
        assert!(fold(body).chars().count() <= LONGEST);
    }
}
