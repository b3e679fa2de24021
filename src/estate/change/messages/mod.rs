//! Changes that go through a queue message by message: receive, pass on, delete, and give back what is not meant.
//! One change unfolds into as many calls as the queue takes; which come next follows from the [`Tally`] of those that
//! were made, so that the journal alone says how far it came.
//!
//! A message is deleted only after the answer that it was passed on. A crash can pass one on twice, never lose one.

mod batches;
pub mod import;
mod tally;
#[cfg(test)]
mod tests;

pub use import::{Import, Listed};
pub use tally::{Failed, Hand, Tally, UNROUTED};

use batches::{batches, ids, unique};

use super::lambda::Call as LambdaCall;
use super::sqs::Call as SqsCall;
use super::{Call, Risk, RunId};
use crate::estate::message::{MOST_IN_A_BATCH, Masks, Select};
use crate::estate::names::{Arn, FunctionName, MessageId, QueueUrl};
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Slot;
use serde::{Deserialize, Serialize};

/// How long received messages are hidden, in seconds, extended while they are needed. The queue's own time may be 12
/// hours, and a crash would hide messages past their end.
pub const VISIBILITY_S: u32 = 60;
/// What is hidden for less than this, in seconds, is hidden anew.
const MARGIN_S: i64 = 30;
/// Receives that run side by side at most.
const LANES: u8 = 16;
/// Empty receives in a row after which a queue counts as empty. Each has asked every server.
const EMPTY: u8 = 2;
/// Seconds that a receive waits for a first message.
const WAIT_S: u8 = 2;
/// The same while what a former process had in hand is waited for. An answer is given up after ten seconds.
const PATIENT_S: u8 = 5;
/// Messages that are not meant and are held back at most: "approximately 120,000 in flight" is the quota of a queue
/// (SQS developer guide, "Amazon SQS message quotas"), and others read it too.
const HELD: usize = 100_000;

/// What is done with the messages.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Sends them on and deletes them here.
    Redrive {
        /// From this queue.
        from: QueueUrl,
        /// Where to.
        to: Route,
        /// Which.
        select: Select,
        /// How many at most.
        most: Option<u64>,
        /// Messages a second at most.
        pace: Option<u32>,
        /// The run, of which deduplication ids are made.
        run: RunId,
        /// The queue they go to is FIFO: what is sent again within five minutes is not there twice.
        fifo: bool,
        /// The slot of another body (for one message).
        body: Option<Slot>,
    },
    /// Invokes a function with them, asynchronously, and deletes them here.
    Replay {
        /// From this queue.
        from: QueueUrl,
        /// Who is invoked.
        callee: Callee,
        /// Which.
        select: Select,
        /// How many at most.
        most: Option<u64>,
        /// Invocations a second at most.
        pace: Option<u32>,
        /// Wait for each answer, and keep the message if the function fails: a canary.
        wait: bool,
    },
    /// Deletes them.
    Discard {
        /// From this queue.
        from: QueueUrl,
        /// Which.
        select: Select,
        /// How many at most.
        most: Option<u64>,
        /// Only what this export holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        listed: Option<Listed>,
    },
    /// Sends what an export keeps.
    Import(Import),
    /// Looks at them and gives every one back.
    Peek {
        /// Which queue.
        from: QueueUrl,
        /// How many at most.
        most: Option<u64>,
        /// The queue passes on what was received so many times: looking stops at a message that is there.
        dead_end: Option<u32>,
        /// Whose each of them is, and what it failed of, is remembered; this is masked in that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whose: Option<Masks>,
    },
}

/// Whom a replay invokes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Callee {
    /// This function, whatever a message says.
    pub one: Option<FunctionName>,
    /// Without it each message's own, if it is one of these.
    pub known: Vec<FunctionName>,
    /// Those that say none, or none of these, are taken to be this one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<FunctionName>,
    /// Version or alias.
    pub qualifier: Option<Untrusted>,
}

impl Callee {
    fn of<'a>(&'a self, hand: &'a Hand) -> Option<&'a FunctionName> {
        let own = || hand.head.function.as_ref().filter(|f| self.known.contains(f));
        self.one.as_ref().or_else(own).or(self.otherwise.as_ref())
    }
}

/// Where messages go.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Route {
    /// What was moved here from a queue goes back to it.
    pub back: Vec<(Arn, QueueUrl)>,
    /// Everything else goes here; without it such messages are not passed on.
    pub other: Option<QueueUrl>,
}

impl Route {
    fn of(&self, hand: &Hand) -> Option<&QueueUrl> {
        let source = hand.head.source.as_ref();
        let home = source.and_then(|s| self.back.iter().find(|(arn, _)| arn == s).map(|(_, url)| url));
        home.or(self.other.as_ref())
    }

    /// Every queue that something may go to.
    pub fn queues(&self) -> impl Iterator<Item = &QueueUrl> {
        self.back.iter().map(|(_, url)| url).chain(&self.other)
    }
}

impl Act {
    /// The queue that is gone through.
    #[must_use]
    pub fn from(&self) -> &QueueUrl {
        match self {
            Act::Redrive { from, .. }
            | Act::Replay { from, .. }
            | Act::Discard { from, .. }
            | Act::Peek { from, .. } => from,
            Act::Import(import) => &import.to,
        }
    }

    fn most(&self) -> Option<u64> {
        match self {
            Act::Redrive { most, .. } | Act::Replay { most, .. } | Act::Peek { most, .. } => *most,
            // When all that are listed were found, there is nothing more to look for.
            Act::Discard { most, listed, .. } => most.or(listed.as_ref().map(|l| u64::from(l.count))),
            Act::Import(import) => Some(u64::from(import.from.count)),
        }
    }

    fn select(&self) -> Select {
        match self {
            Act::Redrive { select, .. } | Act::Replay { select, .. } | Act::Discard { select, .. } => {
                select.clone()
            }
            Act::Peek { .. } | Act::Import(_) => Select::default(),
        }
    }

    /// Messages a second at most.
    #[must_use]
    pub fn pace(&self) -> Option<u32> {
        match self {
            Act::Redrive { pace, .. } | Act::Replay { pace, .. } => *pace,
            Act::Import(import) => import.pace,
            Act::Discard { .. } | Act::Peek { .. } => None,
        }
    }

    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::Redrive { .. } | Act::Replay { .. } | Act::Import(_) | Act::Peek { .. } => Risk::Ordinary,
            Act::Discard { .. } => Risk::Destructive,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        self.from().name()
    }

    pub(super) fn sentence(&self) -> String {
        let from = self.from().name();
        let which = match (self.select().is_all(), self.most()) {
            (true, None) => "every message".to_owned(),
            (true, Some(1)) => "one message".to_owned(),
            (true, Some(n)) => format!("up to {n} messages"),
            (false, None) => "the chosen messages".to_owned(),
            (false, Some(n)) => format!("up to {n} of the chosen messages"),
        };
        let pace = self.pace().map(|n| format!(", at most {n} a second")).unwrap_or_default();
        match self {
            Act::Redrive { to, body, .. } => {
                let queues = unique(to.queues()).into_iter();
                let names: Vec<String> = queues.map(|q| q.name().shown().to_string()).collect();
                let edited = if body.is_some() { " with another body" } else { "" };
                format!(
                    "Send {which} of {} to {}{edited} and delete them here{pace}",
                    from.shown(),
                    names.join(" or ")
                )
            }
            Act::Replay { callee, wait, .. } => {
                let who = match (&callee.one, &callee.otherwise) {
                    (Some(function), _) => function.shown().to_string(),
                    (None, Some(function)) => {
                        format!("the function of each, or {} where it says none,", function.shown())
                    }
                    (None, None) => "the function of each".to_owned(),
                };
                let then = if *wait {
                    "wait for the answer, and delete it here if the function does not fail"
                } else {
                    "delete them here"
                };
                format!("Invoke {who} with {which} of {}{pace}, and {then}", from.shown())
            }
            Act::Discard { listed: Some(listed), .. } => format!(
                "Delete the {} messages of {} that {} holds, for ever",
                listed.count,
                from.shown(),
                listed.name().shown()
            ),
            Act::Import(import) => format!(
                "Send the {} messages of {} to {}{pace}",
                import.from.count,
                import.from.name().shown(),
                from.shown()
            ),
            Act::Discard { .. } => format!("Delete {which} of {} for ever", from.shown()),
            Act::Peek { whose, .. } => {
                let why = if whose.is_some() { ", to see what came back" } else { "" };
                format!("Look at {which} of {} and give them back{why}", from.shown())
            }
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::Redrive { .. } => {
                "cannot be undone: what was sent on is for its consumer; it can be stopped at any time".into()
            }
            Act::Replay { .. } => {
                "cannot be undone: what was invoked has run or will; it can be stopped at any time".into()
            }
            Act::Discard { .. } => "cannot be undone; an export can be imported again".into(),
            Act::Import(_) => {
                "cannot be undone: what was sent is for its consumer; it can be stopped at any time".into()
            }
            Act::Peek { .. } => "receive counts stay raised; everything else is as it was".into(),
        }
    }

    /// The calls to make next, after those that are tallied; empty: it is done.
    pub(super) fn next(&self, tally: &Tally) -> Vec<Call> {
        if let Act::Import(import) = self {
            return import.next(tally);
        }
        let mut calls = self.deletes(tally);
        if !tally.stopping {
            calls.extend(self.passes(tally));
        }
        let busy = !calls.is_empty();
        calls.extend(self.extensions(tally));
        if self.finished(tally) {
            if !busy {
                return self.give_backs(tally);
            }
        } else {
            calls.extend(self.receives(tally));
        }
        calls
    }

    /// Whether nothing more is to be received.
    #[must_use]
    pub fn finished(&self, tally: &Tally) -> bool {
        let enough = self.most().is_some_and(|most| self.taken(tally) >= most);
        let found = self.select().ids.is_some_and(|ids| self.taken(tally) >= ids.len() as u64);
        tally.stopping
            || tally.closing
            || (enough || found) && tally.owed.is_empty()
            || tally.empty >= EMPTY && !tally.awaits()
            || tally.at_dead_end
            || self.overfull(tally)
    }

    /// Whether so many messages are held that are not meant that nothing more can be received.
    #[must_use]
    pub fn overfull(&self, tally: &Tally) -> bool {
        tally.back.len() >= HELD
    }

    /// How many of those meant have come.
    fn taken(&self, tally: &Tally) -> u64 {
        match self {
            Act::Peek { .. } => tally.received,
            Act::Redrive { .. } | Act::Replay { .. } | Act::Discard { .. } => tally.chosen(),
            Act::Import(_) => tally.passed_on(),
        }
    }

    fn receives(&self, tally: &Tally) -> Vec<Call> {
        let left = match self.most().map_or(u64::MAX, |most| most.saturating_sub(self.taken(tally))) {
            // Enough was passed on, and some of it is still to be found and deleted here.
            0 => MOST_IN_A_BATCH as u64,
            left => left,
        };
        let wait_s = if tally.awaits() && tally.empty >= EMPTY { PATIENT_S } else { WAIT_S };
        // What waits to be passed on must not wait so long that it comes back.
        let (batch, lanes) = match self.pace() {
            Some(pace) => (pace.clamp(1, 10), (pace / 10).clamp(1, u32::from(LANES))),
            None => (10, u32::from(LANES)),
        };
        if self.pace().is_some() && !tally.ready.is_empty() {
            return Vec::new();
        }
        let lanes = lanes.min(u32::from(tally.lanes.max(1)));
        let mut calls = Vec::new();
        let mut left = left;
        for lane in 0..lanes {
            let most = u64::from(batch).min(left);
            if most == 0 {
                break;
            }
            left -= most;
            calls.push(Call::Sqs(SqsCall::ReceiveMessage {
                queue: self.from().clone(),
                nth: tally.receives + lane,
                most: u8::try_from(most).unwrap_or(10),
                visibility_s: VISIBILITY_S,
                wait_s,
                select: self.select(),
            }));
        }
        calls
    }

    /// Passing on what is ready.
    fn passes(&self, tally: &Tally) -> Vec<Call> {
        match self {
            Act::Redrive { to, run, body, .. } => {
                let mut calls = Vec::new();
                for queue in unique(to.queues()) {
                    let hands = tally.ready.iter().filter(|h| to.of(h) == Some(queue));
                    for batch in batches(hands) {
                        calls.push(Call::Sqs(SqsCall::SendMessageBatch {
                            to: queue.clone(),
                            messages: batch,
                            run: run.clone(),
                            body: body.clone(),
                        }));
                    }
                }
                calls
            }
            Act::Replay { callee, wait, .. } => tally
                .ready
                .iter()
                .filter_map(|hand| {
                    Some(Call::Lambda(LambdaCall::InvokeMessage {
                        function: callee.of(hand)?.clone(),
                        qualifier: callee.qualifier.clone(),
                        message: hand.head.id.clone(),
                        wait: *wait,
                    }))
                })
                .collect(),
            Act::Discard { .. } | Act::Import(_) | Act::Peek { .. } => Vec::new(),
        }
    }

    fn deletes(&self, tally: &Tally) -> Vec<Call> {
        let queue = self.from();
        tally
            .sent
            .chunks(MOST_IN_A_BATCH)
            .map(|hands| {
                Call::Sqs(SqsCall::DeleteMessageBatch { queue: queue.clone(), messages: ids(hands) })
            })
            .collect()
    }

    fn extensions(&self, tally: &Tally) -> Vec<Call> {
        let ending = tally.ending(MARGIN_S);
        let hide = |hands: &[Hand]| self.visibility(hands, VISIBILITY_S);
        ending.chunks(MOST_IN_A_BATCH).map(hide).collect()
    }

    fn give_backs(&self, tally: &Tally) -> Vec<Call> {
        let hands: Vec<Hand> = tally.ready.iter().chain(&tally.back).cloned().collect();
        hands.chunks(MOST_IN_A_BATCH).take(64).map(|hands| self.visibility(hands, 0)).collect()
    }

    fn visibility(&self, hands: &[Hand], seconds: u32) -> Call {
        Call::Sqs(SqsCall::ChangeMessageVisibilityBatch {
            queue: self.from().clone(),
            messages: ids(hands),
            seconds,
        })
    }

    /// One call of each kind, for plans.
    pub(super) fn kinds(&self) -> Vec<Call> {
        let one = MessageId::new("");
        if let Act::Import(import) = self {
            return vec![import.send(vec![one])];
        }
        let queue = self.from();
        let receive = SqsCall::ReceiveMessage {
            queue: queue.clone(),
            nth: 0,
            most: 10,
            visibility_s: VISIBILITY_S,
            wait_s: WAIT_S,
            select: self.select(),
        };
        let delete = SqsCall::DeleteMessageBatch { queue: queue.clone(), messages: vec![one.clone()] };
        let mut calls = vec![Call::Sqs(receive)];
        match self {
            Act::Redrive { to, run, body, .. } => calls.extend(unique(to.queues()).into_iter().map(|to| {
                Call::Sqs(SqsCall::SendMessageBatch {
                    to: to.clone(),
                    messages: vec![one.clone()],
                    run: run.clone(),
                    body: body.clone(),
                })
            })),
            Act::Replay { callee, wait, .. } => {
                let of_each = FunctionName::new("<each message's own>");
                calls.push(Call::Lambda(LambdaCall::InvokeMessage {
                    function: callee.one.clone().unwrap_or(of_each),
                    qualifier: callee.qualifier.clone(),
                    message: one,
                    wait: *wait,
                }));
            }
            Act::Discard { .. } | Act::Import(_) | Act::Peek { .. } => {}
        }
        match self {
            Act::Redrive { .. } | Act::Replay { .. } | Act::Discard { .. } => calls.push(Call::Sqs(delete)),
            Act::Import(_) | Act::Peek { .. } => {}
        }
        calls.push(self.visibility(&[], 0));
        calls
    }

    /// Adds what came of a call to the tally.
    pub fn tally(&self, tally: &mut Tally, call: &Call, receipt: &super::Receipt) {
        tally.add(self, call, receipt);
    }
}
