//! How far a change has come that goes through a queue: what is in hand, what was passed on, what is doubtful. A pure
//! fold over calls and receipts, so that a journal and a live run have the same.

use super::Act;
use super::import::Lines;
use crate::estate::change::lambda::Call as LambdaCall;
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::change::{Call, Receipt};
use crate::estate::message::{Head, Ids, Trace};
use crate::estate::names::MessageId;
use crate::estate::time::{Timestamp, plus_seconds};
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A message that SQS would not take so often is given back.
pub(super) const TRIES: u8 = 5;
/// Why a message is not taken that does not say whose it is.
pub const UNROUTED: &str = "where it came from is not known";
/// Receives side by side at most, reached by doubling while they come back full.
const LANES: u8 = 16;
/// A deduplication id that was seen so many seconds ago is not sent on again (SQS developer guide, "Using the message
/// deduplication ID": "within the 5-minute deduplication interval").
const DEDUPLICATED_S: i64 = 300;

/// A message in hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hand {
    /// What is known of it.
    pub head: Head,
    /// Until when nobody else gets it.
    pub until: Timestamp,
    /// The number of the receive that it came with.
    pub receive: u32,
    /// How often it was refused.
    pub tries: u8,
}

/// One message of a batch that was refused.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Failed {
    /// Which.
    pub id: MessageId,
    /// `Code`.
    pub code: Untrusted,
    /// `SenderFault`: asking again makes no sense.
    pub sender: bool,
}

/// How far a change has come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// When AWS was last heard of.
    pub clock: Option<Timestamp>,
    /// Receives that were made or begun.
    pub receives: u32,
    /// Receives that may run side by side.
    pub lanes: u8,
    /// Receives of lower numbers were asked while something was in hand that was passed on or was to be.
    pub held_through: u32,
    /// Receives in a row that found nothing.
    pub empty: u8,
    /// When the last of all receives that found nothing was asked.
    pub found_empty: Option<Timestamp>,
    /// In hand, meant, not passed on yet.
    pub ready: Vec<Hand>,
    /// In hand and passed on (or meant to be deleted): to be deleted.
    pub sent: Vec<Hand>,
    /// In hand and to be given back.
    pub back: Vec<Hand>,
    /// Everything that was passed on: when it comes again it is deleted, not passed on again.
    pub passed: Ids,
    /// What was passed on and may still be here: it was in hand when a process ended, or could not be deleted. When it
    /// comes again it is deleted.
    pub owed: BTreeSet<MessageId>,
    /// Until when something is hidden that a former process had in hand: before that an empty queue is not empty.
    pub away: Option<Timestamp>,
    /// What may have been passed on twice, and since when.
    pub doubtful: BTreeMap<MessageId, Timestamp>,
    /// Of an import: which lines are done with.
    pub(super) lines: Lines,
    /// What SQS or the function would not take, and why.
    pub refused: Vec<(MessageId, Untrusted)>,
    /// The requests by which functions were invoked, as far as the answers told them: what fails later says its own.
    pub invoked: Ids,
    /// Whose the messages are that were looked at for that.
    pub seen: Vec<Trace>,
    /// Messages received, doubles left out.
    pub received: u64,
    /// Deletes that were answered with yes.
    pub deleted: u64,
    /// Messages given back.
    pub returned: u64,
    /// Messages whose time ran out, or that were in hand when a process ended: they come back by themselves.
    pub let_go: u64,
    /// A message was seen that the next receive would move on.
    pub at_dead_end: bool,
    /// Messages are being given back: nothing more is received, or the same ones would come again without end.
    pub closing: bool,
    /// Nothing more is begun: what is in hand is finished or given back.
    pub stopping: bool,
}

impl Tally {
    /// That of a change that nothing was made of, after others of the same step: what they had in hand when a process
    /// ended is still hidden.
    #[must_use]
    pub fn after<'a>(others: impl Iterator<Item = &'a Tally>) -> Self {
        Self { away: others.filter_map(|t| t.away).max(), ..Self::default() }
    }

    /// Whether a function was invoked by this request.
    #[must_use]
    pub fn has_invoked(&self, request: &Untrusted) -> bool {
        self.invoked.contains(&MessageId::new(request.wire()))
    }

    /// Messages that were meant and do not say whose they are.
    #[must_use]
    pub fn unrouted(&self) -> usize {
        self.refused.iter().filter(|(_, why)| why.wire() == UNROUTED).count()
    }

    /// Whether anything was received at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.receives == 0 && self.passed.is_empty() && self.refused.is_empty() && self.doubtful.is_empty()
    }

    /// Messages passed on.
    #[must_use]
    pub fn passed_on(&self) -> u64 {
        self.passed.len() as u64
    }

    /// How many of those meant have come so far.
    pub(super) fn chosen(&self) -> u64 {
        self.passed_on() + (self.ready.len() + self.refused.len()) as u64
    }

    /// What is hidden for less than `margin` seconds more.
    pub(super) fn ending(&self, margin: i64) -> Vec<Hand> {
        let Some(now) = self.clock else { return Vec::new() };
        let soon = plus_seconds(now, margin);
        self.ready.iter().chain(&self.back).filter(|h| h.until < soon).cloned().collect()
    }

    /// A call is about to leave.
    pub(crate) fn begin(&mut self, call: &Call) {
        if let Call::Sqs(SqsCall::ReceiveMessage { nth, .. }) = call {
            self.receives = self.receives.max(nth + 1);
            if !self.ready.is_empty() || !self.sent.is_empty() {
                self.held_through = self.held_through.max(nth + 1);
            }
        }
    }

    /// What came of a call.
    pub(super) fn add(&mut self, act: &Act, call: &Call, receipt: &Receipt) {
        match (call, receipt) {
            (
                Call::Sqs(SqsCall::ReceiveMessage { nth, most, visibility_s, .. }),
                Receipt::Received { at, messages },
            ) => {
                self.heard(*at);
                let full = messages.len() >= usize::from(*most);
                // A FIFO queue gives nothing of a group while some of it is in hand (SQS developer guide, "FIFO queue
                // delivery logic"): that nothing came means nothing then.
                let held = *nth < self.held_through || !self.ready.is_empty() || !self.sent.is_empty();
                if messages.is_empty() && act.from().is_fifo() && held {
                    self.lanes = 1;
                } else if messages.is_empty() {
                    self.empty = self.empty.saturating_add(1);
                    self.found_empty = self.found_empty.max(Some(*at));
                    self.lanes = 1;
                } else {
                    self.empty = 0;
                    self.lanes = if full { (self.lanes.max(1) * 2).min(LANES) } else { self.lanes.max(1) };
                }
                let until = plus_seconds(*at, i64::from(*visibility_s));
                for head in messages {
                    self.receive(act, head, until, *nth);
                }
            }
            (Call::Sqs(SqsCall::SendMessageBatch { .. }), Receipt::Batch { at, done, failed }) => {
                self.heard(*at);
                done.iter().for_each(|id| self.pass(act, id));
                match act {
                    Act::Import(_) => {
                        let refused = self.lines.add(done, failed);
                        self.refused.extend(refused);
                    }
                    Act::Redrive { .. } | Act::Replay { .. } | Act::Discard { .. } | Act::Peek { .. } => {
                        failed.iter().for_each(|f| self.refuse(f));
                    }
                }
            }
            (
                Call::Lambda(LambdaCall::InvokeMessage { message, .. }),
                Receipt::Invoked { function_error: Some(error), .. },
            ) => self.refuse(&Failed { id: message.clone(), code: error.clone(), sender: true }),
            (Call::Lambda(LambdaCall::InvokeMessage { message, .. }), Receipt::Invoked { request, .. }) => {
                if let Some(request) = request {
                    self.invoked.add(&MessageId::new(request.wire()));
                }
                self.pass(act, message);
            }
            (Call::Sqs(SqsCall::DeleteMessageBatch { .. }), Receipt::Batch { at, done, failed }) => {
                self.heard(*at);
                self.deleted += done.len() as u64;
                self.owed.retain(|id| !done.contains(id));
                self.sent.retain(|h| !done.contains(&h.head.id));
                for f in failed {
                    let spent = self.sent.iter_mut().find(|h| h.head.id == f.id).is_some_and(|h| {
                        h.tries += 1;
                        f.sender || h.tries >= TRIES
                    });
                    if spent {
                        // Its time ran out: it comes again, is known, and is deleted then.
                        self.sent.retain(|h| h.head.id != f.id);
                        self.owed.insert(f.id.clone());
                        self.let_go += 1;
                    }
                }
            }
            (
                Call::Sqs(SqsCall::ChangeMessageVisibilityBatch { messages, seconds, .. }),
                Receipt::Batch { at, done, failed },
            ) => {
                self.heard(*at);
                if *seconds == 0 {
                    self.closing = true;
                    self.returned += done.len() as u64;
                    self.let_go += failed.len() as u64;
                    self.drop_all(messages);
                } else {
                    let until = plus_seconds(*at, i64::from(*seconds));
                    let hands = self.ready.iter_mut().chain(&mut self.back);
                    hands.filter(|h| done.contains(&h.head.id)).for_each(|h| h.until = until);
                    let gone: Vec<MessageId> = failed.iter().map(|f| f.id.clone()).collect();
                    self.let_go += gone.len() as u64;
                    self.drop_all(&gone);
                }
            }
            // What a person decided about a call whose receipt is of another kind changes nothing here.
            _ => {}
        }
    }

    /// Nobody knows whether a call happened that left at `at`.
    pub(crate) fn doubt(&mut self, call: &Call, at: Timestamp) {
        let mut doubt = |id: &MessageId| {
            self.doubtful.entry(id.clone()).or_insert(at);
        };
        match call {
            Call::Sqs(SqsCall::SendMessageBatch { messages, .. }) => messages.iter().for_each(doubt),
            Call::Lambda(LambdaCall::InvokeMessage { message, .. }) => doubt(message),
            Call::Sqs(SqsCall::ChangeMessageVisibilityBatch { messages, seconds: 0, .. }) => {
                self.let_go += messages.len() as u64;
                let messages = messages.clone();
                self.drop_all(&messages);
            }
            Call::Sqs(SqsCall::DeleteMessageBatch { messages, .. }) => {
                for h in self.sent.iter_mut().filter(|h| messages.contains(&h.head.id)) {
                    h.tries += 1;
                }
                let tired = self.sent.iter().filter(|h| h.tries >= TRIES).map(|h| h.head.id.clone());
                self.owed.extend(tired);
                self.sent.retain(|h| h.tries < TRIES);
            }
            Call::Sqs(SqsCall::ReceiveMessage { visibility_s, wait_s, .. }) => {
                self.is_away(plus_seconds(at, i64::from(*visibility_s) + i64::from(*wait_s)));
            }
            Call::Sqs(
                SqsCall::ChangeMessageVisibilityBatch { .. }
                | SqsCall::StartMessageMoveTask { .. }
                | SqsCall::CancelMessageMoveTask { .. }
                | SqsCall::PurgeQueue { .. },
            )
            | Call::SecretsManager(_)
            | Call::Lambda(_)
            | Call::ApiGateway(_)
            | Call::Rds(_)
            | Call::Ec2(_)
            | Call::Iam(_) => {}
        }
    }

    /// The process that had messages in hand is gone: they come back by themselves.
    pub(crate) fn lose(&mut self) {
        self.let_go += (self.ready.len() + self.sent.len() + self.back.len()) as u64;
        let hands = self.ready.iter().chain(&self.sent).chain(&self.back);
        if let Some(until) = hands.map(|h| h.until).max() {
            self.is_away(until);
        }
        self.owed.extend(self.sent.iter().map(|h| h.head.id.clone()));
        self.ready.clear();
        self.sent.clear();
        self.back.clear();
        self.empty = 0;
        self.lanes = 1;
        // What was passed on and not deleted comes again, and is to be found.
        self.closing = false;
    }

    fn is_away(&mut self, until: Timestamp) {
        self.away = self.away.max(Some(until));
    }

    /// Whether something may still come back that a former process had in hand: nothing was found empty since.
    #[must_use]
    pub fn awaits(&self) -> bool {
        self.away.is_some_and(|away| self.found_empty.is_none_or(|then| then <= away))
    }

    /// Nothing more is begun.
    pub(crate) fn stop(&mut self) {
        self.stopping = true;
    }

    fn heard(&mut self, at: Timestamp) {
        self.clock = Some(self.clock.map_or(at, |c| c.max(at)));
    }

    fn receive(&mut self, act: &Act, head: &Head, until: Timestamp, nth: u32) {
        let hands = self.ready.iter_mut().chain(&mut self.back).chain(&mut self.sent);
        if let Some(again) = hands.into_iter().find(|h| h.head.id == head.id) {
            again.until = until;
            again.receive = nth;
            return;
        }
        let hand = Hand { head: head.clone(), until, receive: nth, tries: 0 };
        if self.passed.contains(&head.id) {
            self.owed.remove(&head.id);
            self.sent.push(hand);
            return;
        }
        self.received += 1;
        match act {
            Act::Peek { dead_end, .. } => {
                self.at_dead_end |= dead_end.is_some_and(|n| head.receive_count >= n);
                self.seen.extend(head.trace.as_deref().cloned());
                self.back.push(hand);
            }
            Act::Redrive { .. } | Act::Replay { .. } | Act::Discard { .. } | Act::Import(_) => {
                let refused = self.refused.iter().any(|(id, _)| *id == head.id);
                let room = act.most().is_none_or(|most| self.chosen() < most);
                let routed = match act {
                    Act::Redrive { to, .. } => to.of(&hand).is_some(),
                    Act::Replay { callee, .. } => callee.of(&hand).is_some(),
                    Act::Discard { .. } | Act::Import(_) | Act::Peek { .. } => true,
                };
                if !head.chosen || refused || !room {
                    self.back.push(hand);
                } else if !routed {
                    self.refused.push((head.id.clone(), UNROUTED.into()));
                    self.back.push(hand);
                } else if matches!(act, Act::Discard { .. }) {
                    self.passed.add(&head.id);
                    self.sent.push(hand);
                } else {
                    self.ready.push(hand);
                }
            }
        }
    }

    /// A message was passed on.
    fn pass(&mut self, act: &Act, id: &MessageId) {
        self.passed.add(id);
        let fifo = match act {
            Act::Redrive { fifo, .. } => *fifo,
            Act::Import(import) => import.fifo,
            Act::Replay { .. } | Act::Discard { .. } | Act::Peek { .. } => false,
        };
        if fifo
            && let (Some(since), Some(now)) = (self.doubtful.get(id), self.clock)
            && now < plus_seconds(*since, DEDUPLICATED_S)
        {
            // The same deduplication id within five minutes: the queue has it once.
            self.doubtful.remove(id);
        }
        if let Some(at) = self.ready.iter().position(|h| h.head.id == *id) {
            let hand = self.ready.remove(at);
            self.sent.push(Hand { tries: 0, ..hand });
        }
    }

    fn refuse(&mut self, failed: &Failed) {
        let Some(at) = self.ready.iter().position(|h| h.head.id == failed.id) else { return };
        let Some(hand) = self.ready.get_mut(at) else { return };
        hand.tries += 1;
        if failed.sender || hand.tries >= TRIES {
            let hand = self.ready.remove(at);
            self.refused.push((failed.id.clone(), failed.code.clone()));
            self.back.push(hand);
        }
    }

    fn drop_all(&mut self, ids: &[MessageId]) {
        self.ready.retain(|h| !ids.contains(&h.head.id));
        self.back.retain(|h| !ids.contains(&h.head.id));
    }
}
