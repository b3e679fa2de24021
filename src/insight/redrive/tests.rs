//! Which ways there are for queues of every origin, with the words for those there are not.

use super::*;
use crate::estate::ask::{Answer, sqs};
use crate::estate::message::envelope;
use crate::estate::message::testing::{dead_letter, destination, message};
use crate::insight::examples::*;
use crate::insight::{Broad, Source};

fn ways(inv: &Inventory, name: &str) -> Ways {
    of(inv, &Roles::of(inv), &url(name)).unwrap()
}

fn source(name: &str, target: &str) -> crate::estate::QueueFacts {
    crate::estate::QueueFacts { redrive: to(target), ..facts(name) }
}

fn task(status: MoveTaskStatus) -> MoveTask {
    MoveTask {
        status,
        source: queue_arn("dlq"),
        destination: None,
        moved: 1,
        to_move: Some(2),
        rate: None,
        started: None,
        failure: None,
        handle: None,
    }
}

fn with_tasks(inv: &mut Inventory, all: &[crate::estate::QueueFacts], tasks: Vec<MoveTask>) {
    let mut answers = queue_answers(all);
    let ask = sqs::ListMessageMoveTasks { queue: queue_arn("dlq") };
    answers.push((query(ask), Answer::Sqs(sqs::Answer::ListMessageMoveTasks(tasks))));
    walk(inv, Source::Broad(Broad::Queues), answers);
}

#[test]
fn what_queues_sent_sqs_redrives() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[source("orders", "dlq"), facts("dlq")]);
    functions(&mut inv, &[], &[], &[]);
    let it = ways(&inv, "dlq");
    assert_eq!(
        (it.first(), it.headline(), it.sources.as_slice()),
        (Some(Way::Native), None, [url("orders")].as_slice())
    );
    assert!(it.selective.yes());
    assert_eq!(it.replay, Can::No("Cannot be replayed: no function sends here.".into()));
    assert!(it.notes[0].contains("oldest first"));
    assert!(of(&inv, &Roles::of(&inv), &url("gone")).is_none());
}

#[test]
fn what_functions_sent_is_replayed() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[facts("dlq")]);
    functions(&mut inv, &[function("f", Some("dlq")), function("g", None)], &[("g", "dlq")], &[]);
    let it = ways(&inv, "dlq");
    let want = "Cannot be redriven by SQS: its sources are Lambda functions. Replay instead.";
    assert_eq!((it.first(), it.headline().as_deref()), (Some(Way::Replay), Some(want)));
    assert_eq!(it.functions, [function_arn("f"), function_arn("g")]);
    assert!(matches!(&it.selective, Can::With(why) if why.contains("destination must be named")));
}

#[test]
fn a_mixture_is_taken_to_be_refused() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[source("orders", "dlq"), facts("dlq")]);
    functions(&mut inv, &[function("f", Some("dlq"))], &[], &[]);
    let it = ways(&inv, "dlq");
    assert!(matches!(&it.native, Can::No(why) if why.contains("a mixture")), "{:?}", it.native);
    assert!(it.replay.yes() && it.selective.yes());
}

#[test]
fn failures_of_an_event_source_cannot_be_replayed() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[facts("dlq")]);
    functions(&mut inv, &[function("f", None)], &[], &[("f", "dlq")]);
    let it = ways(&inv, "dlq");
    assert!(matches!(&it.replay, Can::No(why) if why.contains("hold none")));
    assert!(!it.native.yes() && it.first().is_none() && it.functions.is_empty());
    assert!(it.notes.iter().any(|n| n.contains("stream")));
}

#[test]
fn a_move_task_keeps_the_others_away() {
    let all = [source("orders", "dlq"), facts("dlq")];
    for (status, free) in [
        (MoveTaskStatus::Running, false),
        (MoveTaskStatus::Cancelling, false),
        (MoveTaskStatus::Completed, true),
        (MoveTaskStatus::Failed, true),
    ] {
        let mut inv = Inventory::default();
        with_tasks(&mut inv, &all, vec![task(status.clone())]);
        let it = ways(&inv, "dlq");
        assert_eq!(
            (it.native.yes(), it.selective.yes(), it.running.is_none()),
            (free, free, free),
            "{status:?}"
        );
    }
}

#[test]
fn what_was_not_read_is_not_known() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[facts("some-dlq"), facts("plain"), facts("q.fifo")]);
    let it = ways(&inv, "some-dlq");
    assert!(matches!(&it.native, Can::Unknown(why) if why.contains("not read yet")), "{:?}", it.native);
    assert!(matches!(&it.replay, Can::With(why) if why.contains("not all could be read")));
    assert!(matches!(&ways(&inv, "plain").native, Can::No(why) if why.contains("no queue sends")));
    assert!(ways(&inv, "q.fifo").notes[0].starts_with("FIFO"));
}

#[test]
fn which_function_and_how_sure() {
    let arns = |names: &[&str]| names.iter().map(|n| function_arn(n)).collect::<Vec<_>>();
    let by_sender = dead_letter("{}", "x");
    let nameless = message("{}", &[]);
    let record = message(&destination("{}"), &[]);
    for (m, functions, want) in [
        (&by_sender, arns(&["ProcessAnalysis"]), Some(("ProcessAnalysis", Sure::Both))),
        (&by_sender, arns(&["ProcessAnalysis", "g"]), Some(("ProcessAnalysis", Sure::Sender))),
        (&by_sender, arns(&["f"]), Some(("f", Sure::Configured))),
        (&by_sender, arns(&["f", "g"]), Some(("ProcessAnalysis", Sure::SenderAlone))),
        (&by_sender, arns(&[]), Some(("ProcessAnalysis", Sure::SenderAlone))),
        (&nameless, arns(&["f"]), Some(("f", Sure::Configured))),
        (&nameless, arns(&["f", "g"]), None),
        (&nameless, arns(&[]), None),
        (&record, arns(&["f", "g"]), Some(("orders", Sure::Recorded))),
    ] {
        let found = target(&envelope::open(m), &functions);
        assert_eq!(found.as_ref().map(|t| (t.function.wire(), t.sure)), want, "{functions:?}");
        assert!(
            found.is_none_or(|t| t.qualifier.is_none() && t.sure.enough() == (t.sure != Sure::SenderAlone))
        );
    }
}
