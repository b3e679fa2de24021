//! The verbs of queues as tables: what they ask, refuse and propose.

mod back;
mod purge;
mod whose;

use super::{
    cancel::Cancel, evidence::Evidence, healthy::Healthy, quiet::Quiet, redrive::Redrive, replay::Replay,
};
use crate::estate::ask::{cloudwatch, lambda, sqs};
use crate::estate::change::messages::Act as MessagesAct;
use crate::estate::change::sqs::Act as SqsAct;
use crate::estate::message::whose::Search;
use crate::estate::*;
use crate::runbook::need::{Export, Fact, Need, Proposal, Want};
use crate::runbook::testing::{Answers, Bench, beginning, seen};
use crate::runbook::value::Value;
use crate::runbook::verb::Verb;

const HOST: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/";

fn arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:sqs:eu-central-1:123456789012:{name}"))
}

/// An estate with a dead-letter queue `dlq`.
#[derive(Clone, Default)]
struct Estate {
    sources: Vec<&'static str>,
    functions: Vec<&'static str>,
    others: Vec<&'static str>,
    consumers: Vec<&'static str>,
    tasks: Vec<MoveTask>,
    messages: u64,
    reserved: Option<u32>,
    export: Option<Export>,
    search: Option<Search>,
}

fn task(status: MoveTaskStatus, started: i64) -> MoveTask {
    MoveTask {
        status,
        source: arn("dlq"),
        destination: None,
        moved: 40,
        to_move: Some(100),
        rate: Some(10),
        started: Timestamp::from_millisecond(started).ok(),
        failure: None,
        handle: Some("handle".into()),
    }
}

impl Estate {
    fn world(self) -> Answers<impl FnMut(&Want) -> Fact> {
        Answers(move |want: &Want| {
            let query = match want {
                Want::Pages(query) => query,
                Want::Export(_) => {
                    return Fact::Export(self.export.clone().ok_or_else(|| "no such file".into()));
                }
                Want::Whose { .. } => return Fact::Whose(self.search.clone().expect("no log is read")),
                other => panic!("{other:?}"),
            };
            let page = |answer: Answer| Fact::Pages(Ok(seen(vec![answer], beginning())));
            let url = |name: &str| QueueUrl::new(format!("{HOST}{name}"));
            match &query.ask {
                Ask::Sqs(sqs::Ask::ListQueues(_)) => {
                    let names = ["dlq", "dlq2"].iter().chain(&self.sources);
                    page(Answer::Sqs(sqs::Answer::ListQueues(names.map(|n| url(n)).collect())))
                }
                Ask::Sqs(sqs::Ask::GetQueueAttributes(q)) => {
                    page(Answer::Sqs(sqs::Answer::GetQueueAttributes(QueueFacts {
                        arn: arn(q.queue.name().wire()),
                        messages: Some(self.messages),
                        in_flight: Some(0),
                        delayed: Some(0),
                        retention_s: Some(1_209_600),
                        visibility_s: Some(30),
                        created: None,
                        redrive: None,
                        redrive_allow: None,
                        policy: None,
                        fifo: false,
                        encryption: Encryption::None,
                    })))
                }
                Ask::Sqs(sqs::Ask::ListDeadLetterSourceQueues(_)) => page(Answer::Sqs(
                    sqs::Answer::ListDeadLetterSourceQueues(self.sources.iter().map(|n| url(n)).collect()),
                )),
                Ask::Sqs(sqs::Ask::ListMessageMoveTasks(_)) => {
                    page(Answer::Sqs(sqs::Answer::ListMessageMoveTasks(self.tasks.clone())))
                }
                Ask::Lambda(lambda::Ask::ListFunctions(_)) => {
                    let function = |name: &&str, here: bool| Function {
                        name: FunctionName::new(*name),
                        arn: Arn::new(format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}")),
                        dead_letter: here.then(|| arn("dlq")),
                        modified: None,
                    };
                    let here = self.functions.iter().map(|n| function(n, true));
                    let all = here.chain(self.others.iter().map(|n| function(n, false)));
                    page(Answer::Lambda(lambda::Answer::ListFunctions(all.collect())))
                }
                Ask::Lambda(lambda::Ask::ListEventSourceMappings(_)) => {
                    let mapping = |function: &&str| EventSource {
                        id: "m".into(),
                        function: Arn::new(*function),
                        source: Some(arn("orders")),
                        on_failure: None,
                        state: "Enabled".into(),
                    };
                    let all = self.consumers.iter().map(mapping).collect();
                    page(Answer::Lambda(lambda::Answer::ListEventSourceMappings(all)))
                }
                Ask::Lambda(lambda::Ask::GetFunctionConcurrency(_)) => {
                    page(Answer::Lambda(lambda::Answer::GetFunctionConcurrency(self.reserved)))
                }
                Ask::CloudWatch(cloudwatch::Ask::GetMetricData(_)) => {
                    page(Answer::CloudWatch(cloudwatch::Answer::GetMetricData(Vec::new())))
                }
                other => panic!("{other:?}"),
            }
        })
    }

    fn asks(self, verb: &dyn Verb, with: &[(&str, Value)]) -> Result<Proposal, String> {
        let mut all = vec![("queue", Value::Text("dlq".into()))];
        all.extend(with.iter().cloned());
        match Bench::with(&all).next(verb, &mut self.world()) {
            Err(Need::Consent(proposal)) => Ok(*proposal),
            Err(Need::Refuse(why)) => Err(why),
            other => panic!("{other:?}"),
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn fed_by_queues() -> Estate {
    Estate { sources: vec!["orders"], messages: 12, ..Estate::default() }
}

fn fed_by_functions() -> Estate {
    Estate { functions: vec!["work"], others: vec!["other"], messages: 3, ..Estate::default() }
}

#[test]
fn sqs_moves_everything_of_a_queue_that_queues_feed() {
    let proposal = fed_by_queues().asks(&Redrive, &[]).unwrap();
    let Act::Sqs(SqsAct::StartMove { queue, to, rate, .. }) = &proposal.changes[0].act else { panic!() };
    assert_eq!((queue, to, rate), (&arn("dlq"), &None, &Some(10)), "slow, and back to where they came from");
}

#[test]
fn what_sqs_cannot_choose_goes_batch_by_batch() {
    for with in [("filter", text("body.kind=order")), ("max", Value::Number(5)), ("how", text("selective"))] {
        let proposal = fed_by_queues().asks(&Redrive, std::slice::from_ref(&with)).unwrap();
        let Act::Messages(MessagesAct::Redrive { to, pace, .. }) = &proposal.changes[0].act else {
            panic!("{with:?}")
        };
        assert_eq!(to.other.as_ref().map(|q| q.name().wire().to_owned()).as_deref(), Some("orders"));
        assert_eq!(*pace, Some(10));
    }
    let why =
        fed_by_queues().asks(&Redrive, &[("how", text("native")), ("max", Value::Number(5))]).unwrap_err();
    assert!(why.contains("knows no filter"), "{why}");
    let why = fed_by_queues().asks(&Redrive, &[("filter", text("age>"))]).unwrap_err();
    assert!(why.contains("is no time"), "{why}");
}

#[test]
fn one_first_is_asked_about_before_the_rest() {
    let proposal = fed_by_queues().asks(&Redrive, &[("sample", Value::Flag(true))]).unwrap();
    let Act::Messages(MessagesAct::Redrive { most, .. }) = &proposal.changes[0].act else { panic!() };
    assert_eq!((proposal.changes.len(), *most), (1, Some(1)));
}

#[test]
fn what_functions_left_is_not_redriven_and_the_way_is_said() {
    let why = fed_by_functions().asks(&Redrive, &[]).unwrap_err();
    assert!(why.contains("work") && why.contains("queues replay"), "{why}");
    let why = Estate { messages: 1, ..Estate::default() }.asks(&Redrive, &[]).unwrap_err();
    assert!(why.contains("`to`"), "{why}");
    let both = Estate { sources: vec!["orders"], ..fed_by_functions() };
    let why = both.asks(&Redrive, &[("how", text("native"))]).unwrap_err();
    assert!(why.contains("not known to redrive"), "{why}");
}

#[test]
fn a_task_that_runs_stands_in_the_way_and_can_be_cancelled() {
    let running = Estate { tasks: vec![task(MoveTaskStatus::Running, 1)], ..fed_by_queues() };
    let why = running.clone().asks(&Redrive, &[]).unwrap_err();
    assert!(why.contains("40 of 100 moved") && why.contains("queues cancel"), "{why}");
    let proposal = running.asks(&Cancel, &[]).unwrap();
    let Act::Sqs(SqsAct::CancelMove { handle, .. }) = &proposal.changes[0].act else { panic!() };
    assert_eq!(handle.wire(), "handle");
    let why = fed_by_queues().asks(&Cancel, &[]).unwrap_err();
    assert!(why.contains("no move task"), "{why}");
}

#[test]
fn a_replay_begins_with_a_canary_and_knows_whom_it_invokes() {
    let proposal = fed_by_functions().asks(&Replay, &[]).unwrap();
    let Act::Messages(MessagesAct::Replay { callee, most, wait, .. }) = &proposal.changes[0].act else {
        panic!()
    };
    assert_eq!(callee.one.as_ref().map(FunctionName::wire), Some("work"));
    assert_eq!((*most, *wait), (Some(1), true));
    let several = Estate { functions: vec!["a", "b"], ..fed_by_functions() };
    let proposal = several.asks(&Replay, &[]).unwrap();
    let Act::Messages(MessagesAct::Replay { callee, .. }) = &proposal.changes[0].act else { panic!() };
    assert!(callee.one.is_none() && callee.known.len() == 3, "each message says whose it is");
}

#[test]
fn a_replay_refuses_what_cannot_work() {
    let off = Estate { reserved: Some(0), ..fed_by_functions() };
    assert!(off.asks(&Replay, &[]).unwrap_err().contains("reserved concurrency of 0"));
    let why = fed_by_functions().asks(&Replay, &[("function", text("wrok"))]).unwrap_err();
    assert!(why.contains("did you mean work?"), "{why}");
    assert!(fed_by_queues().asks(&Replay, &[]).unwrap_err().contains("redrive it instead"));
}

#[test]
fn a_name_that_is_not_there_has_the_nearest() {
    let mut bench = Bench::with(&[("queue", text("dql2"))]);
    let Err(Need::Refuse(why)) = bench.next(&Evidence, &mut fed_by_queues().world()) else { panic!() };
    assert!(why.contains("did you mean dlq2?"), "{why}");
}

#[test]
fn a_consumer_that_is_switched_off_stops_the_drain() {
    let off = Estate { reserved: Some(0), ..fed_by_functions() };
    assert!(off.asks(&Healthy, &[]).unwrap_err().contains("it takes nothing"));
}

#[test]
fn who_looks_again_sees_the_consumer_as_it_is_then() {
    let mut bench = Bench::with(&[("queue", text("dlq"))]);
    let hour_later = crate::estate::time::plus_seconds(bench.began, 3_600);
    (bench.since, bench.now) = (Some(hour_later), hour_later);
    bench.next(&Healthy, &mut fed_by_functions().world()).unwrap();
    let windows: Vec<String> =
        bench.asked.iter().map(|want| format!("{want:?}")).filter(|w| w.contains("GetMetricData")).collect();
    assert!(windows.len() == 1 && windows[0].contains("to: 2026-11-17T11:00:00Z"), "{windows:?}");
}

#[test]
fn a_consumer_behind_an_alias_is_its_function() {
    let consumers = vec!["arn:aws:lambda:eu-central-1:123456789012:function:work:live"];
    let mut bench = Bench { planning: true, ..Bench::with(&[("queue", text("dlq"))]) };
    let done = bench.next(&Healthy, &mut Estate { consumers, ..fed_by_queues() }.world()).unwrap();
    assert!(done.evidence[0].contains("mapping of work is enabled"), "{:?}", done.evidence);
}

#[test]
fn what_comes_back_is_a_persons_to_judge_and_an_empty_queue_is_not() {
    let go = |messages: u64| {
        let mut bench = Bench::with(&[("queue", text("dlq")), ("for", Value::Duration(60))]);
        bench.now = crate::estate::time::plus_seconds(bench.began, 61);
        bench.next(&Quiet, &mut Estate { messages, ..fed_by_queues() }.world())
    };
    assert!(go(0).unwrap().evidence[0].contains("stayed empty"));
    assert!(matches!(go(2), Err(Need::Person(_))));
}

/// The same number of messages is nothing, or a person's to judge, by whose they are.
#[test]
fn after_a_replay_that_looked_it_is_said_what_came_back_and_what_is_new() {
    let go = |messages: u64, back: i64, new: i64, stayed: i64| {
        let account = Value::List(vec!["as it was told".into()]);
        let with = [
            ("queue", text("dlq")),
            ("for", Value::Duration(60)),
            ("ended", Value::Time(beginning())),
            ("account", account),
            ("back", Value::Number(back)),
            ("new", Value::Number(new)),
            ("stayed", Value::Number(stayed)),
        ];
        let mut bench = Bench::with(&with);
        bench.now = crate::estate::time::plus_seconds(beginning(), 61);
        bench.began = bench.now;
        match bench.next(&Quiet, &mut Estate { messages, ..fed_by_functions() }.world()) {
            Ok(done) => Ok(done.evidence),
            Err(Need::Person(question)) => {
                assert_eq!(question.evidence[0], "as it was told");
                Err(question.text)
            }
            other => panic!("{other:?}"),
        }
    };
    let stayed = go(4, 0, 0, 4).unwrap().join("; ");
    assert!(
        stayed.contains("was there before: about 4 messages"),
        "at once, for the replay has watched: {stayed}"
    );
    let ours = go(4, 3, 0, 1).unwrap_err();
    assert!(ours.contains("3 came back, 1 were there before"), "{ours}");
    let strangers = go(4, 0, 4, 0).unwrap_err();
    assert!(strangers.contains("4 came from elsewhere"), "{strangers}");
    let more = go(6, 0, 0, 4).unwrap_err();
    assert!(more.contains("2 are not known"), "{more}");
}
