//! The one write path. A call leaves only under a consent that unfolds into it, only when its intent is on the
//! disk, and its outcome is on the disk before anything else goes on. If an intent cannot be saved, nothing is
//! sent.
//!
//! A throttled call was certainly refused, so it is sent again under the same key; its intent is saved anew, for
//! a "no" must wait from when the call really left. Another key is taken only when the one before is certain
//! not to have happened.

use super::book::Book;
use super::fault::RunsFault;
use super::reading::{Reader, failure};
use super::supply::Supply;
use crate::engine::walker::pause;
use crate::estate::change::messages::Act;
use crate::estate::change::{lambda, sqs};
use crate::estate::message::{Trace, event_of};
use crate::estate::{At, Call, Consent, Fault, FaultKind, Progress, Receipt, Timestamp, Vault, Writes};
use crate::runbook::Event;
use crate::runbook::event::Outcome;
use crate::runbook::run::{CallRecord, Sending};
use futures_util::future::join_all;
use std::time::Duration;

/// Calls of one change in flight.
const IN_FLIGHT: usize = 16;
/// A throttled call is sent so many times before the step fails: with doubling pauses, about 20 seconds.
const TRIES: u32 = 8;

/// Makes calls.
pub(super) struct Executor<'a> {
    pub(super) reader: &'a Reader,
    pub(super) book: &'a Book,
    pub(super) vault: &'a Vault,
    /// The export that the change stands on.
    pub(super) supply: Option<&'a Supply>,
}

/// Which change of which step the calls belong to.
pub(super) struct Of<'a> {
    pub(super) step: &'a str,
    pub(super) change: u32,
}

impl Executor<'_> {
    /// Makes calls of a change that a person agreed to. When this returns, every one of them has an outcome on
    /// the disk.
    ///
    /// # Errors
    /// The journal cannot be written; nothing can be changed here; the calls are not of that change.
    pub(super) async fn make(
        &self,
        consent: &Consent,
        so_far: &Progress,
        of: &Of<'_>,
        calls: &[Sending],
    ) -> Result<(), RunsFault> {
        let writes = self.writes()?;
        agreed(consent, so_far, calls.iter().map(|c| &c.what))?;
        let at = &consent.change().at;
        let pace = consent.change().tallied().and_then(|act| act.pace());
        for together in calls.chunks(IN_FLIGHT) {
            let (began, passed) = (self.reader.ports.clock.now(), passed_on(together));
            if let Some(supply) = self.supply {
                together.iter().try_for_each(|call| supply.fill(&call.what, self.vault.shelf()))?;
            }
            for call in together {
                self.reader.gate.pass(at, call.what.operation()).await;
            }
            self.book.save(together.iter().map(|call| intent(of, call)).collect()).await?;
            let flying = together.iter().map(|call| async {
                let mut result = self.deliver(writes, at, of, call).await?;
                if let Outcome::Done(receipt) = &mut result {
                    self.recognise(consent, &call.what, receipt);
                }
                self.book.save(vec![outcome(of, call, result)]).await
            });
            join_all(flying).await.into_iter().collect::<Result<(), RunsFault>>()?;
            self.keep_pace(pace, passed, began).await;
        }
        Ok(())
    }

    /// Remembers with which events functions were invoked, and says of messages that are looked at for that whose they
    /// are. What was taken off the shelf before cannot be told any more.
    fn recognise(&self, consent: &Consent, call: &Call, receipt: &mut Receipt) {
        let shelf = self.vault.shelf();
        match (call, receipt) {
            (
                Call::Lambda(lambda::Call::InvokeMessage { message, wait: false, .. }),
                // What was not taken stays: it does not come back.
                Receipt::Invoked { function_error: None, .. },
            ) => {
                if let Some(held) = shelf.get(message) {
                    shelf.invoked(event_of(&held.message));
                }
            }
            (Call::Sqs(sqs::Call::ReceiveMessage { .. }), Receipt::Received { messages, .. }) => {
                let Some(Act::Peek { whose: Some(masks), .. }) = consent.change().tallied() else { return };
                for head in messages {
                    let held = shelf.get(&head.id);
                    head.trace = held.map(|held| Box::new(Trace::of(&held.message, masks, shelf)));
                }
            }
            // Nothing else tells whose a message is.
            (_, _) => {}
        }
    }

    /// Waits until so many messages may have been passed on since `began`.
    async fn keep_pace(&self, pace: Option<u32>, passed: u32, began: Timestamp) {
        let Some(pace) = pace.filter(|pace| *pace > 0 && passed > 0) else { return };
        let clock = &self.reader.ports.clock;
        let takes = Duration::from_secs_f64(f64::from(passed) / f64::from(pace));
        let took = Duration::try_from(clock.now().duration_since(began)).unwrap_or(Duration::ZERO);
        if takes > took {
            clock.sleep(takes - took).await;
        }
    }

    /// Sends a call in doubt again under the same key, and says what came; the caller notes it.
    ///
    /// # Errors
    /// As [`Executor::make`].
    pub(super) async fn repeat(
        &self,
        consent: &Consent,
        so_far: &Progress,
        of: &Of<'_>,
        call: &CallRecord,
    ) -> Result<Result<Receipt, Fault>, RunsFault> {
        let writes = self.writes()?;
        agreed(consent, so_far, std::iter::once(&call.what))?;
        let at = &consent.change().at;
        let (number, attempt, key, what) = (call.call, call.attempt, call.key.clone(), call.what.clone());
        let sending = Sending { call: number, attempt, key, what };
        self.reader.gate.pass(at, sending.what.operation()).await;
        self.book.save(vec![intent(of, &sending)]).await?;
        Ok(writes.changes.apply(at, &sending.what, &sending.key, self.vault).await)
    }

    fn writes(&self) -> Result<&Writes, RunsFault> {
        self.reader.ports.writes.as_ref().ok_or(RunsFault::ReadOnly)
    }

    async fn deliver(
        &self,
        writes: &Writes,
        at: &At,
        of: &Of<'_>,
        call: &Sending,
    ) -> Result<Outcome, RunsFault> {
        let (gate, clock) = (&self.reader.gate, &self.reader.ports.clock);
        let operation = call.what.operation();
        let mut tries = 0;
        loop {
            tries += 1;
            let fault = match writes.changes.apply(at, &call.what, &call.key, self.vault).await {
                Ok(mut receipt) => {
                    gate.answered(at, operation);
                    if let Some(supply) = self.supply {
                        supply.sift(&mut receipt, self.vault.shelf());
                    }
                    return Ok(Outcome::Done(receipt));
                }
                Err(fault) => fault,
            };
            if fault.may_have_happened() {
                return Ok(Outcome::InDoubt(failure(&fault)));
            }
            if fault.kind != FaultKind::Throttled || tries >= TRIES {
                return Ok(Outcome::Refused(failure(&fault)));
            }
            gate.throttled(at, operation);
            clock.sleep(pause(tries, clock.now())).await;
            gate.pass(at, operation).await;
            self.book.save(vec![intent(of, call)]).await?;
        }
    }
}

/// How many messages the calls pass on.
fn passed_on(calls: &[Sending]) -> u32 {
    let of = |call: &Call| match call {
        Call::Sqs(sqs::Call::SendMessageBatch { messages, .. }) => messages.len(),
        Call::Lambda(lambda::Call::InvokeMessage { .. }) => 1,
        Call::Sqs(_)
        | Call::Lambda(_)
        | Call::SecretsManager(_)
        | Call::ApiGateway(_)
        | Call::Iam(_)
        | Call::Rds(_)
        | Call::Ec2(_) => 0,
    };
    u32::try_from(calls.iter().map(|c| of(&c.what)).sum::<usize>()).unwrap_or(u32::MAX)
}

/// Whether the calls are what the consent's change unfolds into now.
fn agreed<'a>(
    consent: &Consent,
    so_far: &Progress,
    mut calls: impl Iterator<Item = &'a Call>,
) -> Result<(), RunsFault> {
    let next = consent.change().next(so_far);
    if calls.all(|call| next.contains(call)) {
        return Ok(());
    }
    let what = consent.change().sentence();
    Err(RunsFault::Refused(format!("a call is not part of what was agreed to ({what}); nothing was sent")))
}

fn intent(of: &Of<'_>, call: &Sending) -> Event {
    Event::Intent {
        step: of.step.to_owned(),
        change: of.change,
        call: call.call,
        attempt: call.attempt,
        key: call.key.clone(),
        what: call.what.clone(),
    }
}

fn outcome(of: &Of<'_>, call: &Sending, result: Outcome) -> Event {
    Event::Outcome { step: of.step.to_owned(), call: call.call, attempt: call.attempt, result }
}
