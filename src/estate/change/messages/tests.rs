//! Changes through a queue against a queue of a page: whatever is refused, lost or interrupted, no message is lost, and
//! only those that are named can be there twice.

use super::{Act, Callee, Failed, Route, Tally};
use crate::estate::change::lambda::Call as LambdaCall;
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::change::{Call, Receipt, RunId};
use crate::estate::message::{Head, Select};
use crate::estate::time::{Timestamp, plus_seconds};
use crate::estate::{FunctionName, MessageId, QueueUrl};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A queue, the one that its messages go to, and the luck of each call.
struct World {
    now: i64,
    /// When each can be received again.
    here: BTreeMap<MessageId, i64>,
    /// How often each arrived there.
    there: BTreeMap<MessageId, u32>,
    chosen: BTreeSet<MessageId>,
}

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    Good,
    /// No answer, and no effect.
    LostBefore,
    /// No answer, and the effect.
    LostAfter,
    /// Some entries of a batch are refused.
    Partly,
    /// The process dies, with the effect.
    Dies,
}

fn id(n: usize) -> MessageId {
    MessageId::new(format!("{n:08x}-0000-4000-8000-000000000000"))
}

fn at(second: i64) -> Timestamp {
    plus_seconds(Timestamp::UNIX_EPOCH, second)
}

impl World {
    fn of(n: usize, chosen: impl Fn(usize) -> bool) -> Self {
        Self {
            now: 1_000,
            here: (0..n).map(|n| (id(n), 0)).collect(),
            there: BTreeMap::new(),
            chosen: (0..n).filter(|n| chosen(*n)).map(id).collect(),
        }
    }

    fn apply(&mut self, call: &Call, partly: bool) -> Receipt {
        let refused = |n: usize| partly && n.is_multiple_of(3);
        let clock = at(self.now);
        let batch = |ids: &[MessageId]| {
            let (mut done, mut failed) = (Vec::new(), Vec::new());
            for (n, id) in ids.iter().enumerate() {
                match refused(n) {
                    true => {
                        failed.push(Failed { id: id.clone(), code: "InternalError".into(), sender: false })
                    }
                    false => done.push(id.clone()),
                }
            }
            (done, failed)
        };
        match call {
            Call::Sqs(SqsCall::ReceiveMessage { most, visibility_s, wait_s, .. }) => {
                let now = self.now;
                let free = self.here.iter_mut().filter(|(_, until)| **until <= now);
                let taken: Vec<MessageId> = free
                    .take(usize::from(*most))
                    .map(|(id, until)| {
                        *until = now + i64::from(*visibility_s);
                        id.clone()
                    })
                    .collect();
                let head = |id: MessageId| Head {
                    chosen: self.chosen.contains(&id),
                    id,
                    bytes: 100,
                    receive_count: 1,
                    source: None,
                    function: None,
                    group: None,
                    trace: None,
                };
                if taken.is_empty() {
                    self.now += i64::from(*wait_s);
                }
                Receipt::Received { at: clock, messages: taken.into_iter().map(head).collect() }
            }
            Call::Sqs(SqsCall::SendMessageBatch { messages, .. }) => {
                let (done, failed) = batch(messages);
                for id in &done {
                    *self.there.entry(id.clone()).or_default() += 1;
                }
                Receipt::Batch { at: clock, done, failed }
            }
            Call::Lambda(LambdaCall::InvokeMessage { message, .. }) => {
                *self.there.entry(message.clone()).or_default() += 1;
                Receipt::Invoked { status: 202, function_error: None, request: None }
            }
            Call::Sqs(SqsCall::DeleteMessageBatch { messages, .. }) => {
                let (done, failed) = batch(messages);
                for id in &done {
                    self.here.remove(id);
                }
                Receipt::Batch { at: clock, done, failed }
            }
            Call::Sqs(SqsCall::ChangeMessageVisibilityBatch { messages, seconds, .. }) => {
                let (done, failed) = batch(messages);
                for id in &done {
                    if let Some(until) = self.here.get_mut(id) {
                        *until = self.now + i64::from(*seconds);
                    }
                }
                Receipt::Batch { at: clock, done, failed }
            }
            other => panic!("this is not for a queue: {other:?}"),
        }
    }

    /// Drives a change to its end under the given luck, then with good luck.
    fn drive(&mut self, act: &Act, luck: &[Luck]) -> Tally {
        let mut tally = Tally::default();
        let mut luck = luck.iter().copied();
        for _ in 0..10_000 {
            let calls = act.next(&tally);
            if calls.is_empty() {
                return tally;
            }
            for call in calls {
                self.now += 1;
                tally.begin(&call);
                let before = at(self.now);
                match luck.next().unwrap_or(Luck::Good) {
                    Luck::Good => act.tally(&mut tally, &call, &self.apply(&call, false)),
                    Luck::Partly => act.tally(&mut tally, &call, &self.apply(&call, true)),
                    Luck::LostBefore => tally.doubt(&call, before),
                    Luck::LostAfter => {
                        self.apply(&call, false);
                        tally.doubt(&call, before);
                    }
                    Luck::Dies => {
                        self.apply(&call, false);
                        tally.lose();
                        tally.doubt(&call, before);
                        break;
                    }
                }
            }
        }
        panic!("it never ends: {tally:?}");
    }
}

fn redrive(most: Option<u64>, pace: Option<u32>) -> Act {
    Act::Redrive {
        from: QueueUrl::new("http://q/1/dlq"),
        to: Route { back: Vec::new(), other: Some(QueueUrl::new("http://q/1/source")) },
        select: Select::default(),
        most,
        pace,
        run: RunId::new("7f3a0b1c").unwrap(),
        fifo: false,
        body: None,
    }
}

#[test]
fn everything_chosen_goes_and_everything_else_stays() {
    let mut world = World::of(257, |n| n % 3 != 0);
    let tally = world.drive(&redrive(None, None), &[]);
    assert_eq!(world.there.len(), world.chosen.len());
    assert!(world.there.values().all(|n| *n == 1));
    assert_eq!(world.here.len(), 257 - world.chosen.len());
    assert_eq!((tally.passed_on(), tally.deleted), (world.chosen.len() as u64, world.chosen.len() as u64));
    assert_eq!(tally.returned, world.here.len() as u64);
    let now = world.now;
    assert!(world.here.values().all(|until| *until <= now), "everything is given back");
}

#[test]
fn no_more_than_wanted_are_taken() {
    let mut world = World::of(100, |_| true);
    let tally = world.drive(&redrive(Some(7), Some(3)), &[]);
    assert_eq!((world.there.len(), world.here.len()), (7, 93));
    assert_eq!(tally.received, 7, "none is received that is not wanted");
}

#[test]
fn a_look_ends_when_its_sample_is_given_back() {
    let mut world = World::of(100, |_| true);
    let from = QueueUrl::new("http://q/1/dlq");
    let tally = world.drive(&Act::Peek { from, most: Some(10), dead_end: None, whose: None }, &[]);
    assert_eq!((tally.received, tally.returned, world.here.len()), (10, 10, 100));
}

#[test]
fn a_stop_gives_back_what_is_not_sent() {
    let mut world = World::of(50, |_| true);
    let act = redrive(None, None);
    let mut tally = Tally::default();
    let receive = act.next(&tally).remove(0);
    tally.begin(&receive);
    act.tally(&mut tally, &receive, &world.apply(&receive, false));
    tally.stop();
    for _ in 0..20 {
        for call in act.next(&tally) {
            assert!(
                !matches!(call, Call::Sqs(SqsCall::SendMessageBatch { .. })),
                "nothing is sent after a stop"
            );
            act.tally(&mut tally, &call, &world.apply(&call, false));
        }
    }
    assert!(act.next(&tally).is_empty());
    assert_eq!((world.there.len(), world.here.len(), tally.returned), (0, 50, 10));
}

#[test]
fn a_function_gets_each_message_once_and_an_unknown_one_stays() {
    let mut world = World::of(30, |_| true);
    let act = Act::Replay {
        from: QueueUrl::new("http://q/1/dlq"),
        callee: Callee {
            one: Some(FunctionName::new("work")),
            known: Vec::new(),
            otherwise: None,
            qualifier: None,
        },
        select: Select::default(),
        most: None,
        pace: None,
        wait: false,
    };
    world.drive(&act, &[]);
    assert_eq!((world.there.len(), world.here.len()), (30, 0));
    let nobody = Act::Replay {
        from: QueueUrl::new("http://q/1/dlq"),
        callee: Callee {
            one: None,
            known: vec![FunctionName::new("work")],
            otherwise: None,
            qualifier: None,
        },
        select: Select::default(),
        most: None,
        pace: None,
        wait: false,
    };
    let mut world = World::of(5, |_| true);
    let tally = world.drive(&nobody, &[]);
    assert_eq!((world.there.len(), world.here.len(), tally.refused.len()), (0, 5, 5));
    assert_eq!(tally.unrouted(), 5);
    let known = vec![FunctionName::new("work")];
    let otherwise = Some(FunctionName::new("found"));
    let found = Act::Replay {
        from: QueueUrl::new("http://q/1/dlq"),
        callee: Callee { one: None, known, otherwise, qualifier: None },
        select: Select::default(),
        most: None,
        pace: None,
        wait: false,
    };
    let mut world = World::of(5, |_| true);
    let tally = world.drive(&found, &[]);
    assert_eq!((world.there.len(), world.here.len(), tally.unrouted()), (5, 0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever befalls the calls: every message is here or there, what is there twice is named, and what was passed on
    /// is not here for good.
    #[test]
    fn nothing_is_lost_and_doubles_are_named(
        n in 0_usize..120,
        luck in prop::collection::vec(
            prop_oneof![
                6 => Just(Luck::Good),
                1 => Just(Luck::LostBefore),
                1 => Just(Luck::LostAfter),
                1 => Just(Luck::Partly),
                1 => Just(Luck::Dies),
            ],
            0..60,
        ),
        third in any::<bool>(),
        pace in prop_oneof![Just(None), Just(Some(5_u32)), Just(Some(100))],
        most in prop_oneof![3 => Just(None), 1 => Just(Some(7_u64))],
    ) {
        let mut world = World::of(n, |n| !third || n % 3 == 0);
        let tally = world.drive(&redrive(most, pace), &luck);
        for n in 0..n {
            let id = id(n);
            let (here, there) = (world.here.contains_key(&id), world.there.get(&id).copied().unwrap_or(0));
            prop_assert!(here || there > 0, "{id:?} is lost");
            prop_assert!(there <= 1 || tally.doubtful.contains_key(&id), "{id:?} is there {there} times and not named");
            prop_assert!(there == 0 || world.chosen.contains(&id), "{id:?} was not meant");
            let owed = tally.owed.contains(&id) || tally.doubtful.contains_key(&id);
            prop_assert!(!here || there == 0 || owed, "{id:?} is there, and was left here unnamed");
            let refused = tally.refused.iter().any(|(r, _)| *r == id);
            let meant = world.chosen.contains(&id) && most.is_none();
            prop_assert!(!meant || there > 0 || refused, "{id:?} was meant, and was left here");
        }
        prop_assert_eq!(tally.ready.len() + tally.sent.len() + tally.back.len(), 0);
    }
}
