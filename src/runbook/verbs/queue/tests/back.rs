//! What came back after a replay, told by identity.

use super::super::back::account;
use crate::estate::change::messages::{Act as MessagesAct, Callee};
use crate::estate::message::{Masks, Select, Trace};
use crate::estate::time::plus_seconds;
use crate::estate::*;
use crate::runbook::testing::beginning;
use crate::runbook::view::ChangeMade;

fn change(act: MessagesAct) -> ChangeMade {
    let at = At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() };
    ChangeMade::of(Change { at, act: Act::Messages(act) }, Vec::new())
}

fn queue() -> QueueUrl {
    QueueUrl::new("https://sqs.eu-central-1.amazonaws.com/123456789012/dlq")
}

/// A replay that invoked with so many events, whose answers told these requests.
fn replayed(events: u32, requests: &[&str]) -> ChangeMade {
    let callee = Callee { one: None, known: Vec::new(), otherwise: None, qualifier: None };
    let (from, select) = (queue(), Select::default());
    let mut rest = change(MessagesAct::Replay { from, callee, select, most: None, pace: None, wait: false });
    for n in 0..events {
        rest.tally.passed.add(&MessageId::new(format!("m-{n}")));
    }
    for request in requests {
        rest.tally.invoked.add(&MessageId::new(*request));
    }
    rest
}

fn looked(seen: Vec<Trace>) -> ChangeMade {
    let whose = Some(Masks::default());
    let mut looked = change(MessagesAct::Peek { from: queue(), most: Some(200), dead_end: None, whose });
    looked.tally.received = seen.len() as u64;
    looked.tally.seen = seen;
    looked
}

fn trace(request: Option<&str>, error: &str, after_s: i64, again: bool) -> Trace {
    let sent = Some(plus_seconds(beginning(), after_s));
    Trace { request: request.map(Into::into), function: None, error: error.into(), sent, again }
}

#[test]
fn what_says_a_request_of_ours_is_ours_whatever_it_holds() {
    let rest = replayed(9, &["a", "b", "c"]);
    let seen = vec![
        trace(Some("a"), "took <n> ms", 200, false),
        trace(Some("b"), "KeyError\u{1b}", 200, true),
        trace(Some("c"), "took <n> ms", -5, false),
        trace(Some("x"), "KeyError", 200, true),
        trace(None, "took <n> ms", 200, false),
        trace(Some("y"), "took <n> ms", -5, false),
    ];
    let it = account(beginning(), &rest, &looked(seen), Some(8));
    assert_eq!((it.back, it.new, it.stayed), (4, 1, 1));
    let told = it.said;
    assert_eq!(told[0], "3 of 9 that were invoked came back: 2 of took <n> ms, 1 of KeyError\\x1b");
    assert!(
        told[1].starts_with("1 more hold an event that was invoked") && told[1].ends_with("1 of KeyError")
    );
    assert_eq!(
        told[2..],
        ["1 came meanwhile from elsewhere", "1 were there before", "about 2 more were not looked at"]
    );
}

#[test]
fn nothing_of_ours_is_said_to_be_so_and_many_errors_are_few_words() {
    let rest = replayed(4, &["a"]);
    let told = account(beginning(), &rest, &looked(vec![trace(Some("x"), "e", 9, false)]), None).said;
    assert_eq!(told[0], "of 4 that were invoked none is among the 1 messages that were looked at");
    let ids: Vec<String> = (0..9).map(|n| n.to_string()).collect();
    let rest = replayed(9, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let seen = ids.iter().map(|id| trace(Some(id), &format!("error {id}"), 9, false)).collect();
    let told = account(beginning(), &rest, &looked(seen), Some(9)).said;
    assert_eq!(
        told,
        [
            "9 of 9 that were invoked came back: 1 of error 0, 1 of error 1, 1 of error 2, 1 of error 3, 1 of error 4, 4 of others"
        ]
    );
}
