//! Makes the calls of a reading: receives, and giving back. Nothing else leaves from here, and nothing that the consent
//! was not given for. A call that was throttled or had no answer is made again; every other fault is the caller's to judge.

use crate::engine::gate::Gate;
use crate::engine::runs::{Brake, RunsFault};
use crate::engine::walker::pause;
use crate::estate::change::messages::Act;
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::{
    Call, Change, Consent, Fault, FaultKind, IdempotencyKey, Ports, Receipt, RunId, Timestamp, Vault, Writes,
};
use crate::insight::words;
use futures_util::future::join_all;

/// Calls in flight.
pub(super) const IN_FLIGHT: usize = 16;
/// A throttled call is made so many times: about 20 seconds.
const TRIES: u32 = 8;
/// A call whose answer was lost is made so many times. Giving back what was given back changes nothing; what a lost receive
/// took comes back by itself.
const LOST: u32 = 4;

/// What a reading works with. The gate is the one that polls and runs pay at.
pub struct Hands<'a> {
    /// The estate.
    pub ports: &'a Ports,
    /// Where calls are paid for.
    pub gate: &'a Gate,
    /// Stops it: what is in hand is given back, and what was read is told.
    pub brake: &'a Brake,
}

/// What was done with messages, truly.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// Receives that were answered.
    pub receives: u32,
    /// Messages received, doubles left out.
    pub received: u64,
    /// Messages given back.
    pub returned: u64,
    /// Messages that could not be given back.
    pub left: u64,
    /// When the last of those comes back by itself.
    pub until: Option<Timestamp>,
    /// Why not all could be received or given back; empty: they could.
    pub gaps: Vec<String>,
    /// It was stopped by a person.
    pub stopped: bool,
    /// It stopped because a next receive would have moved messages on to another queue.
    pub dead_end: bool,
}

impl Account {
    /// What is not back yet, and when it is; safe to draw. `None`: everything is.
    #[must_use]
    pub fn away(&self, now: Timestamp) -> Option<String> {
        let until = self.until.map(|t| words::instant(t, now));
        let when = until.map(|t| format!(", by {t} at the latest")).unwrap_or_default();
        let left = words::counted(self.left, "message");
        (self.left > 0)
            .then(|| format!("{left} could not be given back; what is out comes back by itself{when}"))
    }

    /// What has to be said of a look, a sentence each: nothing, if it saw what it was to see and every message is back.
    #[must_use]
    pub fn said(&self, now: Timestamp) -> Vec<String> {
        let mut said = self.gaps.clone();
        said.extend(self.away(now));
        if self.dead_end {
            said.push(
                "It stopped there: with the next receive the queue would pass a message on.".to_owned(),
            );
        }
        said
    }
}

/// What came of a call.
pub(super) struct Came {
    pub call: Call,
    pub left: Timestamp,
    /// When it left before without an answer, the last time.
    pub lost: Option<Timestamp>,
    pub result: Result<Receipt, Fault>,
}

/// The act that a reading needs consent to.
pub(super) struct Agreed<'a> {
    pub change: &'a Change,
    pub act: &'a Act,
    writes: &'a Writes,
}

impl<'a> Hands<'a> {
    /// Whether messages may be looked at under this consent.
    ///
    /// # Errors
    /// The context is read-only; the consent is for something else.
    pub(super) fn agreed<'c>(&'c self, consent: &'c Consent) -> Result<Agreed<'c>, RunsFault> {
        let writes = self.ports.writes.as_ref().ok_or_else(|| {
            let words =
                "this context is read-only: looking at messages raises their receive counts and hides them";
            RunsFault::Refused(words.to_owned())
        })?;
        match consent.change().tallied() {
            Some(act @ Act::Peek { .. }) => Ok(Agreed { change: consent.change(), act, writes }),
            Some(_) | None => {
                Err(RunsFault::Refused(format!("nobody agreed to look: {}", consent.change().sentence())))
            }
        }
    }

    /// Makes calls, several at once, and says what came of each, in their order.
    ///
    /// # Errors
    /// A call is no part of looking at that queue; nothing was sent then.
    pub(super) async fn make(
        &self,
        agreed: &Agreed<'_>,
        vault: &Vault,
        calls: Vec<Call>,
    ) -> Result<Vec<Came>, RunsFault> {
        if let Some(call) = calls.iter().find(|c| !belongs(agreed.act, c)) {
            let words = format!("{} is no part of looking; nothing was sent", call.operation().name);
            return Err(RunsFault::Refused(words));
        }
        let mut came = Vec::with_capacity(calls.len());
        let mut calls = calls;
        while !calls.is_empty() {
            let rest = calls.split_off(calls.len().min(IN_FLIGHT));
            let flying = calls.into_iter().map(|call| self.one(agreed, vault, call));
            came.extend(join_all(flying).await);
            calls = rest;
        }
        Ok(came)
    }

    async fn one(&self, agreed: &Agreed<'_>, vault: &Vault, call: Call) -> Came {
        let (at, operation) = (&agreed.change.at, call.operation());
        // Nothing of a reading is recognised by its key afterwards.
        let key = IdempotencyKey::derive(&RunId::from_random([0; 4]), "peek", 0, 1);
        let (mut tries, mut losses, mut lost) = (0, 0, None);
        loop {
            tries += 1;
            self.gate.pass(at, operation).await;
            let left = self.ports.clock.now();
            let result = agreed.writes.changes.apply(at, &call, &key, vault).await;
            match &result {
                Ok(_) => self.gate.answered(at, operation),
                Err(fault) if fault.kind == FaultKind::Throttled && tries < TRIES => {
                    self.gate.throttled(at, operation);
                    self.ports.clock.sleep(pause(tries, left)).await;
                    continue;
                }
                Err(fault) if fault.is_passing() && !self.brake.is_pulled() => {
                    (losses, lost) = (losses + 1, Some(left));
                    if losses < LOST {
                        self.ports.clock.sleep(pause(losses, left)).await;
                        continue;
                    }
                }
                Err(_) => {}
            }
            let result = result.map(|receipt| after_a_loss(&call, lost, receipt));
            return Came { call, left, lost, result };
        }
    }
}

/// What a receipt says after an answer that was lost: what cannot be given back again was given back then, or its time has
/// passed; "not available for visibility timeout change" (SQS API reference, `ChangeMessageVisibility`) means either.
fn after_a_loss(call: &Call, lost: Option<Timestamp>, receipt: Receipt) -> Receipt {
    match (call, receipt) {
        (
            Call::Sqs(SqsCall::ChangeMessageVisibilityBatch { seconds: 0, .. }),
            Receipt::Batch { at, mut done, failed },
        ) if lost.is_some() => {
            let (back, failed): (Vec<_>, Vec<_>) = failed.into_iter().partition(|f| f.sender);
            done.extend(back.into_iter().map(|f| f.id));
            Receipt::Batch { at, done, failed }
        }
        (_, receipt) => receipt,
    }
}

/// Whether a call is a part of looking at the queue that was agreed to.
fn belongs(act: &Act, call: &Call) -> bool {
    match call {
        Call::Sqs(
            SqsCall::ReceiveMessage { queue, .. } | SqsCall::ChangeMessageVisibilityBatch { queue, .. },
        ) => queue == act.from(),
        Call::Sqs(
            SqsCall::SendMessageBatch { .. }
            | SqsCall::DeleteMessageBatch { .. }
            | SqsCall::StartMessageMoveTask { .. }
            | SqsCall::CancelMessageMoveTask { .. }
            | SqsCall::PurgeQueue { .. },
        )
        | Call::SecretsManager(_)
        | Call::Lambda(_)
        | Call::ApiGateway(_)
        | Call::Iam(_)
        | Call::Rds(_)
        | Call::Ec2(_) => false,
    }
}
