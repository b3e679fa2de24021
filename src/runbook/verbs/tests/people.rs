//! Waits, manual steps and notes.

use crate::estate::time::plus_seconds;
use crate::runbook::need::{Need, Want};
use crate::runbook::testing::{Answers, Bench, beginning};
use crate::runbook::value::Value;
use crate::runbook::verbs::find;

fn bench(parameters: &[(&str, Value)]) -> Bench {
    Bench::with(parameters)
}

fn next(verb: &str, bench: &mut Bench) -> Result<Vec<String>, Need> {
    let done = bench.next(find(verb).unwrap(), &mut Answers(|want: &Want| panic!("{want:?}")));
    done.map(|done| done.evidence)
}

fn waiting() -> Bench {
    let text = |t: &str| Value::Text(t.into());
    bench(&[
        ("for", Value::Duration(604_800)),
        ("why", text("clients to move")),
        ("accepts", text("migrated")),
    ])
}

#[test]
fn a_wait_ends_with_its_time_counted_from_its_beginning() {
    let until = plus_seconds(beginning(), 604_800);
    for (later, ends) in [(0, false), (604_799, false), (604_800, true), (6_048_000, true)] {
        let mut bench = waiting();
        bench.now = plus_seconds(beginning(), later);
        let told = next("wait", &mut bench);
        if ends {
            assert_eq!(told.unwrap(), ["7 days have passed"]);
        } else {
            let accepts = vec!["migrated".to_owned()];
            assert_eq!(told, Err(Need::Time { until, accepts, why: "clients to move".to_owned() }));
        }
    }
}

#[test]
fn a_person_ends_a_wait_sooner_only_by_saying_yes() {
    for (said, ends) in [(Value::Flag(true), true), (Value::Flag(false), false)] {
        let mut bench = waiting();
        bench.now = plus_seconds(beginning(), 345_600);
        bench.late.insert("migrated".to_owned(), said.clone());
        let told = next("wait", &mut bench);
        assert_eq!(told.is_ok(), ends, "{said:?}");
        if ends {
            assert_eq!(told.unwrap(), ["ended by `migrated` after 4 days"]);
        }
        // Another late input is none of its business.
        let mut other = waiting();
        other.late.insert("close".to_owned(), said);
        assert!(next("wait", &mut other).is_err());
    }
}

#[test]
fn a_plan_does_not_wait() {
    let mut bench = waiting();
    bench.planning = true;
    assert_eq!(next("wait", &mut bench).unwrap(), ["waits 7 days for clients to move"]);
}

#[test]
fn a_wait_beyond_the_calendar_is_held_at_its_end() {
    let mut bench = waiting();
    bench.with.insert("for".to_owned(), Value::Duration(u64::MAX));
    assert!(matches!(next("wait", &mut bench), Err(Need::Time { .. })));
}

#[test]
fn a_manual_step_is_done_when_a_person_says_how_they_know() {
    let text = Value::Text("Revoke {run}'s old key at the issuer.\u{1b}[2J".into());
    let mut bench = bench(&[("text", text)]);
    match next("manual", &mut bench) {
        Err(Need::Person(question)) => {
            assert_eq!(question.text, "Revoke 7f3a0b1c's old key at the issuer.\\x1b[2J");
            assert!(question.accepts.is_empty());
        }
        other => panic!("{other:?}"),
    }
    bench.attested = Some("done, ticket 4711\n\u{202e}".to_owned());
    assert_eq!(next("manual", &mut bench).unwrap(), ["a person says: done, ticket 4711\\n\\u{202e}"]);
    bench.attested = None;
    bench.planning = true;
    assert!(next("manual", &mut bench).unwrap()[0].starts_with("a person is asked: "));
}

#[test]
fn what_does_a_manual_step_in_the_practice_estate_is_said_there_only() {
    let text = |text: &str| Value::Text(text.into());
    let mut bench = bench(&[("text", text("End them.")), ("practice", text("`--by-hand x`"))]);
    for (practice, said) in [(false, "End them."), (true, "End them. In the practice estate: `--by-hand x`")]
    {
        bench.practice = practice;
        let Err(Need::Person(question)) = next("manual", &mut bench) else { panic!("{practice}") };
        assert_eq!(question.text, said);
    }
}

#[test]
fn a_note_names_its_run() {
    let mut bench = bench(&[("text", Value::Text("undo {run}".into()))]);
    assert_eq!(next("note", &mut bench).unwrap(), ["undo 7f3a0b1c"]);
}
