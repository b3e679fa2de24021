//! Whose the failures in a queue are: by configuration without a look, else by a sample and the logs; and what a replay makes
//! of it.

use super::super::whose::Whose;
use super::*;
use crate::estate::message::envelope::By;
use crate::estate::message::whose::Found;
use crate::estate::message::{Masks, Trace};
use crate::runbook::need::Done;
use crate::runbook::view::ChangeMade;

const REQUEST: &str = "8f5a2c1e-0000-4000-8000-000000000001";

/// Several functions name the queue, and the logs say this.
fn several(found: &[&str]) -> Estate {
    let found = found.iter().map(|function| Found {
        request: REQUEST.into(),
        function: FunctionName::new(*function),
        at: beginning(),
    });
    let search = Search { found: found.collect(), looked: vec![FunctionName::new("a")], ..Search::default() };
    Estate { functions: vec!["a", "b"], search: Some(search), ..fed_by_functions() }
}

/// A step whose look saw these messages.
fn looked(planning: bool, seen: &[(&str, Option<&str>)]) -> Bench {
    let from = QueueUrl::new(format!("{HOST}dlq"));
    let act = MessagesAct::Peek { from, most: Some(10), dead_end: None, whose: Some(Masks::default()) };
    let mut bench = Bench { planning, ..Bench::with(&[("queue", text("dlq"))]) };
    let mut made = ChangeMade::of(Change { at: bench.at.clone(), act: Act::Messages(act) }, Vec::new());
    made.tally.received = seen.len() as u64;
    made.tally.seen = seen
        .iter()
        .map(|(request, function)| Trace {
            request: Some((*request).into()),
            function: function.map(|name| (FunctionName::new(name), By::Sender)),
            error: "KeyError".into(),
            sent: Some(beginning()),
            again: false,
        })
        .collect();
    bench.done.push(made);
    bench
}

fn output(done: &Done, name: &str) -> Option<String> {
    match done.outputs.get(name) {
        Some(Value::Text(text)) => Some(text.wire().to_owned()),
        Some(_) | None => None,
    }
}

#[test]
fn the_only_function_that_names_the_queue_is_taken_without_a_look() {
    let mut bench = Bench::with(&[("queue", text("dlq"))]);
    let done = bench.next(&Whose, &mut fed_by_functions().world()).unwrap();
    assert_eq!(output(&done, "function").as_deref(), Some("work"));
    assert!(output(&done, "sure").unwrap().contains("it alone names this queue"), "{done:?}");
}

#[test]
fn else_a_sample_is_looked_at_and_what_that_costs_is_said() {
    let proposal = several(&[]).asks(&Whose, &[]).unwrap();
    let Act::Messages(MessagesAct::Peek { most, whose, .. }) = &proposal.changes[0].act else { panic!() };
    assert!(*most == Some(10) && whose.is_some());
    assert!(proposal.breaks.iter().any(|b| b.contains("receive count")), "{:?}", proposal.breaks);
    assert!(proposal.breaks.iter().any(|b| b.contains("AWS bills such requests")), "{:?}", proposal.breaks);
}

#[test]
fn the_logs_tell_and_it_is_said_how_sure_that_is() {
    let mut bench = looked(false, &[(REQUEST, Some("b")), (REQUEST, None)]);
    let done = bench.next(&Whose, &mut several(&["b"]).world()).unwrap();
    assert_eq!(output(&done, "function").as_deref(), Some("b"));
    let said = done.evidence.join("\n");
    assert!(said.contains("1 of 2 are of b (their sender is called so: likely"), "{said}");
    assert!(said.contains("is of b (its log names it: sure)"), "{said}");
    let Some(Want::Whose { functions, .. }) = bench.asked.iter().find(|w| matches!(w, Want::Whose { .. }))
    else {
        panic!("{:?}", bench.asked)
    };
    assert_eq!(functions[0].wire(), "b", "the likeliest first");
}

#[test]
fn of_several_none_is_taken_and_a_plan_reads_no_log() {
    let mut bench = looked(false, &[(REQUEST, None)]);
    let done = bench.next(&Whose, &mut several(&["a", "b"]).world()).unwrap();
    assert!(done.outputs.is_empty() && done.evidence.join("").contains("name several functions"), "{done:?}");
    let mut bench = looked(false, &[(REQUEST, Some("b")), ("no id", Some("a"))]);
    let done = bench.next(&Whose, &mut several(&["b"]).world()).unwrap();
    assert_eq!((output(&done, "function"), done.outputs.len()), (None, 1), "each message's own: {done:?}");
    let mut bench = looked(false, &[("no id", None)]);
    let none = Estate { search: None, ..several(&[]) };
    let done = bench.next(&Whose, &mut none.clone().world()).unwrap();
    assert!(done.outputs.is_empty() && done.evidence.join("").contains("nothing to look for"), "{done:?}");
    let done = looked(true, &[]).next(&Whose, &mut none.world()).unwrap();
    assert!(done.outputs.is_empty() && done.evidence[0].contains("only known when it looks"), "{done:?}");
}

#[test]
fn a_replay_invokes_what_was_found_and_says_how_sure_that_is() {
    let each = "each message's own: messages name a, b themselves";
    let proposal = several(&[]).asks(&Replay, &[("sure", text(each))]).unwrap();
    assert!(proposal.breaks.join("").contains(each), "{:?}", proposal.breaks);
    let sure =
        "a: its log names the request that was looked for; sure for it, likely for the rest of the queue";
    let told = |with: &[(&str, Value)]| {
        let proposal = several(&[]).asks(&Replay, with).unwrap();
        let Act::Messages(MessagesAct::Replay { callee, .. }) = &proposal.changes[0].act else { panic!() };
        (callee.clone(), proposal.breaks.join("\n"))
    };
    let (callee, said) = told(&[("found", text("a")), ("sure", text(sure))]);
    assert_eq!(
        (callee.one, callee.otherwise),
        (None, Some(FunctionName::new("a"))),
        "no message's own is overruled"
    );
    assert!(said.contains("and a where it does not (2 functions name this queue"), "{said}");
    assert!(said.contains("a: its log names the request"), "{said}");
    let (callee, said) = told(&[("function", text("b")), ("found", text("a")), ("sure", text(sure))]);
    assert_eq!(callee.one, Some(FunctionName::new("b")));
    assert!(!said.contains("its log names"), "words about another function vouch for none: {said}");
    let why = several(&[]).asks(&Replay, &[("found", text("aa"))]).unwrap_err();
    assert!(why.contains("there is no function aa"), "{why}");
}

#[test]
fn where_no_message_says_whose_it_is_the_search_is_offered_before_anything_is_invoked() {
    let mut bench = Bench::with(&[("queue", text("dlq"))]);
    let Err(Need::Consent(canary)) = bench.next(&Replay, &mut several(&[]).world()) else { panic!() };
    let mut made = ChangeMade::of(canary.changes[0].clone(), Vec::new());
    made.tally.received = 1;
    made.tally.refused.push((MessageId::new("m"), crate::estate::change::messages::UNROUTED.into()));
    bench.done.push(made);
    bench.facts = Default::default();
    let Err(Need::Refuse(why)) = bench.next(&Replay, &mut several(&[]).world()) else { panic!() };
    assert!(
        why.contains("1 message of dlq came and did not say it") && why.contains("--search-logs"),
        "{why}"
    );
    assert!(why.contains("Nothing was invoked"), "{why}");
}
