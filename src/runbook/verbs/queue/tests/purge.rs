//! What is deleted for ever, on what it stands, and what of that is recorded.

use super::super::purge::Purge;
use super::{Estate, arn, text};
use crate::estate::change::messages::{Act as MessagesAct, Listed};
use crate::estate::change::sqs::Act as SqsAct;
use crate::estate::time::plus_seconds;
use crate::estate::*;
use crate::runbook::need::{Export, Need, Proposal};
use crate::runbook::testing::{Bench, beginning};
use crate::runbook::value::Value;
use crate::runbook::view::ChangeMade;

const MINUTE: i64 = 60;

/// An export of three messages that was begun so many seconds ago, of a queue that has as many.
fn kept(old: i64) -> Estate {
    let export = Export {
        listed: Listed { file: "/home/op/kept.jsonl".into(), sha256: "0123456789abcdef77".into(), count: 3 },
        batches: vec![(3, 1)],
        largest: 10,
        queue: arn("dlq"),
        fifo: false,
        at: plus_seconds(beginning(), -old),
        complete: true,
    };
    Estate { sources: vec!["orders"], messages: 3, export: Some(export), ..Estate::default() }
}

fn file() -> (&'static str, Value) {
    ("export", text("/home/op/kept.jsonl"))
}

const WHOLE: (&str, Value) = ("whole", Value::Flag(true));

fn asks(estate: &Estate, with: &[(&str, Value)]) -> Result<Proposal, String> {
    estate.clone().asks(&Purge, with)
}

/// What everything is deleted against: until when that is fresh.
fn until(proposal: &Proposal) -> Option<Timestamp> {
    let Act::Sqs(SqsAct::Purge { against: Some(against), .. }) = &proposal.changes[0].act else {
        panic!("{proposal:?}")
    };
    assert_eq!(against.export.count, 3);
    assert_eq!(proposal.changes[0].stands_until(), against.until);
    against.until
}

#[test]
fn what_an_export_holds_is_deleted_however_old_it_is() {
    for old in [0, 40 * MINUTE, 90 * 86_400] {
        let proposal = asks(&kept(old), &[file()]).unwrap();
        let Act::Messages(MessagesAct::Discard { listed: Some(listed), .. }) = &proposal.changes[0].act
        else {
            panic!()
        };
        assert_eq!((listed.count, proposal.changes[0].stands_until()), (3, None));
    }
    let incomplete = with(kept(0), |e| e.complete = false);
    asks(&incomplete, &[file()]).unwrap();
    let why = asks(&kept(0), &[file(), ("reason", text("because"))]).unwrap_err();
    assert!(why.contains("without one"), "{why}");
}

fn with(mut estate: Estate, change: impl FnOnce(&mut Export)) -> Estate {
    change(estate.export.as_mut().unwrap());
    estate
}

#[test]
fn everything_is_deleted_only_against_a_fresh_export() {
    let begun = |old: i64| plus_seconds(beginning(), -old);
    let proposal = asks(&kept(15 * MINUTE), &[file(), WHOLE]).unwrap();
    assert_eq!(until(&proposal), Some(plus_seconds(begun(15 * MINUTE), 15 * MINUTE)));
    let why = asks(&kept(15 * MINUTE + 1), &[file(), WHOLE]).unwrap_err();
    for said in ["begun 15 min ago", "fresh for 15 min", "Export again", "without `whole`", "--waive REASON"]
    {
        assert!(why.contains(said), "{said}: {why}");
    }
    // Its limit is an input, in both directions.
    let limit = |minutes: u64| ("fresh", Value::Duration(minutes * 60));
    let proposal = asks(&kept(40 * MINUTE), &[file(), WHOLE, limit(60)]).unwrap();
    assert_eq!(until(&proposal), Some(plus_seconds(begun(40 * MINUTE), 60 * MINUTE)));
    assert!(asks(&kept(4 * MINUTE), &[file(), WHOLE, limit(3)]).is_err());
    // A manifest from the future says nothing of what came since.
    assert!(asks(&kept(-10 * MINUTE), &[file(), WHOLE]).unwrap_err().contains("still to come"));
}

#[test]
fn an_export_that_lacks_something_needs_a_waiver_that_is_kept() {
    let reason = ("reason", text("all of it is garbage"));
    let more = Estate { messages: 9, ..kept(0) };
    for (estate, lacks) in [
        (kept(40 * MINUTE), "begun 40 min ago"),
        (with(kept(0), |e| e.complete = false), "does not hold everything"),
        (more, "about 9 messages and the export 3"),
    ] {
        let why = asks(&estate, &[file(), WHOLE]).unwrap_err();
        assert!(why.contains(lacks), "{why}");
        let proposal = asks(&estate, &[file(), WHOLE, reason.clone()]).unwrap();
        assert_eq!(until(&proposal), None);
        let said = proposal.breaks.join("; ");
        assert!(said.contains(lacks) && said.contains("all the same: all of it is garbage"), "{said}");
        assert!(proposal.changes[0].sentence().contains("whatever it lacks"));
    }
    // Where nothing is lacking, the waiver waives nothing.
    let proposal = asks(&kept(0), &[file(), WHOLE, reason]).unwrap();
    assert!(until(&proposal).is_some());
}

#[test]
fn the_export_must_be_there_of_this_queue_and_hold_something() {
    let gone = Estate { export: None, ..kept(0) };
    assert_eq!(asks(&gone, &[file()]).unwrap_err(), "no such file");
    let other = with(kept(0), |e| e.queue = arn("other"));
    assert!(asks(&other, &[file(), WHOLE]).unwrap_err().contains("is of other, not of dlq"));
    let empty = with(kept(0), |e| e.listed.count = 0);
    assert!(asks(&empty, &[file()]).is_err());
    assert!(asks(&kept(0), &[]).unwrap_err().contains("nothing of it kept"));
    let proposal = asks(&kept(0), &[("reason", text("a test queue"))]).unwrap();
    assert!(matches!(proposal.changes[0].act, Act::Sqs(SqsAct::Purge { against: None, .. })));
}

/// The record says on what everything was deleted.
#[test]
fn the_record_says_which() {
    let reason = ("reason", text("all of it is garbage\u{1b}"));
    for (estate, with, said) in [
        (
            kept(0),
            vec![file(), WHOLE],
            "against the export kept.jsonl of 3 messages (SHA-256 0123456789abcdef...)",
        ),
        (kept(0), vec![file(), WHOLE], "fresh until 17 Nov 2026, 10:15 UTC"),
        (
            kept(3_600),
            vec![file(), WHOLE, reason.clone()],
            "was not fresh and whole, for this reason: all of it",
        ),
        (kept(0), vec![reason], "nothing of it was kept, for this reason: all of it"),
    ] {
        let proposal = asks(&estate, &with).unwrap();
        let mut all = vec![("queue", text("dlq"))];
        all.extend(with);
        let mut bench = Bench::with(&all);
        bench.done.push(ChangeMade::of(proposal.changes[0].clone(), Vec::new()));
        let done = match bench.next(&Purge, &mut estate.world()) {
            Ok(done) => done,
            Err(Need::Refuse(why)) => panic!("{why}"),
            Err(other) => panic!("{other:?}"),
        };
        let told = done.evidence.join("; ");
        assert!(told.contains(said) && !told.contains('\u{1b}'), "{told}");
    }
}
