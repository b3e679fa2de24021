//! Settles calls of which nobody knows whether they happened: by sending them again where that is harmless, by
//! looking, or by asking a person. A "no" counts only when the call has been quiet for its time, for the write
//! may still land.

use super::executor::{Executor, Of};
use super::fault::RunsFault;
use super::live::Live;
use super::reading::failure;
use crate::estate::time::plus_seconds;
use crate::estate::{
    Call, Edit, Fault, FaultKind, IdempotencyKey, MaterialSource, MaterialVersion, Query, Receipt, Settle,
    Slot, Stands, Timestamp, Untrusted, Verdict, edit,
};
use crate::runbook::event::{Outcome, WaitingFor};
use crate::runbook::run::{CallRecord, CallState, Next};
use crate::runbook::{Decision, Doubt, Event, Failure, Halt, Settled};
use std::time::Duration;

/// A "no" that counts within this time is waited for; a later one is left to whoever comes back.
const PATIENCE: Duration = Duration::from_secs(180);
/// While it is waited for, AWS is asked so often: a "yes" counts at once.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// When AWS does not answer, it is asked again after this time.
const COME_BACK: i64 = 60;
/// A call that does no harm twice may do some when this much later: somebody may have set back what it sets.
const HARMLESS_WITHIN: i64 = 15 * 60;
/// A harmless call is sent again so many times before whoever waits is let go.
const REPEATS: u32 = 3;

/// A call in doubt, and where it belongs.
struct InDoubt {
    step: String,
    change: u32,
    record: CallRecord,
}

/// How to find out.
enum Look {
    Ask(Query),
    Reread(MaterialSource, Edit),
}

impl Live {
    /// Settles a call, or says why it cannot be settled now.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(super) async fn settle(
        &mut self,
        step: &str,
        change: u32,
        call: u32,
        attempt: u32,
    ) -> Result<Option<Halt>, RunsFault> {
        let doubt = self.doubtful(step, change, call, attempt)?;
        if doubt.record.state == CallState::Sent {
            let operation = doubt.record.what.operation().name;
            let text = format!("nobody waited for the answer of {operation}");
            let result = Outcome::InDoubt(Failure::of("interrupted", text));
            self.save(vec![Event::Outcome { step: step.to_owned(), call, attempt, result }]).await?;
        }
        let at = self.run().at.clone();
        self.tell(format!("finding out whether {} happened", doubt.record.what.operation().name));
        match doubt.record.what.settle(&at) {
            Settle::Repeat => self.repeat(&doubt).await,
            Settle::Look { query, quiet } => self.look(&doubt, &Look::Ask(query), quiet).await,
            Settle::Reread { source, edit, quiet } => {
                self.look(&doubt, &Look::Reread(source, edit), quiet).await
            }
            Settle::Accept(words) => {
                self.settled(&doubt, Settled::Accepted(words.to_owned())).await.map(|()| None)
            }
            Settle::Person(why) => self.ask_a_person(&doubt, why.to_owned()).await.map(Some),
        }
    }

    fn doubtful(&self, step: &str, change: u32, call: u32, attempt: u32) -> Result<InDoubt, RunsFault> {
        let run = self.run();
        let record = run.step(step).and_then(|s| s.changes.get(change as usize)).and_then(|c| {
            c.calls.iter().find(|c| c.call == call && c.attempt == attempt && c.state.unsettled()).cloned()
        });
        let none = || RunsFault::Usage("no call is in doubt".to_owned());
        Ok(InDoubt { step: step.to_owned(), change, record: record.ok_or_else(none)? })
    }

    async fn settled(&self, doubt: &InDoubt, result: Settled) -> Result<(), RunsFault> {
        let (call, attempt) = (doubt.record.call, doubt.record.attempt);
        self.save(vec![Event::Settled { step: doubt.step.clone(), call, attempt, result }]).await
    }

    /// Sends it again under its key. A refusal now says nothing about the first sending.
    async fn repeat(&mut self, doubt: &InDoubt) -> Result<Option<Halt>, RunsFault> {
        let held = self.vault().held();
        if let Some(slot) = doubt.record.what.needs().iter().find(|s| !held.contains(s)) {
            let why = format!("it cannot be sent again: what was held in {:?} is lost", slot.name());
            return self.ask_a_person(doubt, why).await.map(Some);
        }
        if self.now() > plus_seconds(doubt.record.intent_at, HARMLESS_WITHIN) {
            let why =
                "it left long ago, and sending it again could undo what somebody has done since: look at it \
                       first"
                    .to_owned();
            return self.ask_a_person(doubt, why).await.map(Some);
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let fault = match self.send_again(doubt).await? {
                Ok(receipt) => {
                    self.outcome(doubt, Outcome::Done(receipt)).await?;
                    return Ok(None);
                }
                Err(fault) => fault,
            };
            self.outcome(doubt, Outcome::InDoubt(failure(&fault))).await?;
            let passing = fault.may_have_happened() || fault.is_passing() || fault.is_about_credentials();
            if !passing {
                let why =
                    format!("sent again, it was refused, which says nothing of the first time: {fault}");
                return self.ask_a_person(doubt, why).await.map(Some);
            }
            if tries >= REPEATS {
                return self.come_back(doubt, fault.to_string()).await.map(Some);
            }
            if !self.sleep(crate::engine::walker::pause(tries + 2, self.now())).await {
                return Ok(Some(Halt::Paused));
            }
        }
    }

    async fn send_again(&self, doubt: &InDoubt) -> Result<Result<Receipt, Fault>, RunsFault> {
        let run = self.run();
        let so_far = run
            .step(&doubt.step)
            .and_then(|s| s.changes.get(doubt.change as usize))
            .map(|c| c.progress())
            .unwrap_or_default();
        let consent = self.agreed(&doubt.step, doubt.change)?;
        let executor =
            Executor { reader: self.reader(), book: self.book(), vault: self.vault(), supply: None };
        let of = Of { step: &doubt.step, change: doubt.change };
        executor.repeat(consent, &so_far, &of, &doubt.record).await
    }

    async fn outcome(&self, doubt: &InDoubt, result: Outcome) -> Result<(), RunsFault> {
        let (call, attempt) = (doubt.record.call, doubt.record.attempt);
        self.save(vec![Event::Outcome { step: doubt.step.clone(), call, attempt, result }]).await
    }

    async fn look(
        &mut self,
        doubt: &InDoubt,
        look: &Look,
        quiet: Duration,
    ) -> Result<Option<Halt>, RunsFault> {
        let quiet = i64::try_from(quiet.as_secs()).unwrap_or(i64::MAX);
        let counts_from = plus_seconds(doubt.record.intent_at, quiet);
        loop {
            let asked = self.now();
            let verdict = match self.judge(&doubt.record, look).await {
                Ok(verdict) => verdict,
                Err(fault) if may_answer_later(&fault) => {
                    return self.come_back(doubt, fault.to_string()).await.map(Some);
                }
                Err(fault) => return self.ask_a_person(doubt, fault.to_string()).await.map(Some),
            };
            match verdict {
                Verdict::NotHappened if asked < counts_from => {
                    let left = counts_from.duration_since(asked);
                    let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
                    let halt = self.left_alone(doubt, counts_from).await?;
                    if left > PATIENCE {
                        return Ok(Some(halt));
                    }
                    if !self.sleep(left.min(LOOK_EVERY)).await {
                        return Ok(Some(halt));
                    }
                }
                Verdict::NotHappened => {
                    return self.settled(doubt, Settled::NotHappened).await.map(|()| None);
                }
                Verdict::Happened(receipt) => {
                    return self.settled(doubt, Settled::Happened(receipt)).await.map(|()| None);
                }
                Verdict::Overtaken(words) => {
                    return self.settled(doubt, Settled::Overtaken(words)).await.map(|()| None);
                }
                Verdict::Unclear => {
                    let why = "what AWS tells does not say whether it was this run".to_owned();
                    return self.ask_a_person(doubt, why).await.map(Some);
                }
            }
        }
    }

    async fn judge(&self, record: &CallRecord, look: &Look) -> Result<Verdict, Fault> {
        match look {
            Look::Ask(query) => {
                let seen = self.reader().pages(query).await?;
                Ok(record.what.verdict(&record.key, &seen.value))
            }
            Look::Reread(source, edit) => {
                let slot = Slot::new("settle.document");
                let at = &self.run().at;
                let seen = self.reader().load(at, source, &slot, self.vault()).await?;
                let document = self.vault().copy(&slot);
                self.vault().wipe(&slot);
                let stands = document.map(|d| edit::stands(edit, &d, self.vault()));
                Ok(match stands {
                    Some(Stands::Yes) => Verdict::Happened(receipt(seen.value)),
                    Some(Stands::No) => Verdict::NotHappened,
                    Some(Stands::Unclear) | None => Verdict::Unclear,
                })
            }
        }
    }

    async fn left_alone(&self, doubt: &InDoubt, until: Timestamp) -> Result<Halt, RunsFault> {
        let operation = doubt.record.what.operation().name;
        let why = format!("{operation} does not show; that counts when it has not shown for its quiet time");
        self.wait_to_settle(doubt, until, why).await
    }

    async fn come_back(&self, doubt: &InDoubt, why: String) -> Result<Halt, RunsFault> {
        self.wait_to_settle(doubt, plus_seconds(self.now(), COME_BACK), why).await
    }

    async fn wait_to_settle(
        &self,
        doubt: &InDoubt,
        until: Timestamp,
        why: String,
    ) -> Result<Halt, RunsFault> {
        self.wait(&doubt.step, WaitingFor::Settle { until, why: why.clone() }).await?;
        Ok(Halt::Settle { step: doubt.step.clone(), until, why })
    }

    /// Nothing else can tell. A wait that was noted before is over.
    async fn ask_a_person(&self, doubt: &InDoubt, why: String) -> Result<Halt, RunsFault> {
        if self.run().waiting.is_some() {
            self.save(vec![Event::Began { step: doubt.step.clone() }]).await?;
        }
        let call = &doubt.record.what;
        let what = format!("{} on {}", call.operation().name, call.resource().shown());
        let mut evidence =
            vec![format!("sent at {} under the key {}", doubt.record.intent_at, doubt.record.key.as_str())];
        if let CallState::InDoubt(failure) = &doubt.record.state {
            evidence.push(failure.text.clone());
        }
        let doubt_of = Doubt {
            call: what.clone(),
            why,
            evidence,
            if_happened: format!("the run goes on as if {what} had answered"),
            if_not: format!(
                "{what} is sent again under a new key (it is asked anew, if more than an hour has passed): if it did \
                 happen, it happens twice"
            ),
        };
        Ok(Halt::Decide { step: doubt.step.clone(), doubt: doubt_of })
    }

    /// Settles the call in doubt as a person says.
    ///
    /// # Errors
    /// No call is in doubt; an id is needed for what it made; the journal cannot be written.
    pub async fn decide(&mut self, decision: Decision) -> Result<(), RunsFault> {
        let Next::Settle { step, change, call, attempt } = self.run().advance(&self.vault().held()) else {
            return Err(RunsFault::Usage("no call is in doubt".to_owned()));
        };
        let doubt = self.doubtful(&step, change, call, attempt)?;
        let result = match decision {
            Decision::NotHappened => Settled::PersonSaysNot,
            Decision::Happened(id) => {
                Settled::PersonSaysHappened(receipt_of(&doubt.record.what, &doubt.record.key, id)?)
            }
        };
        self.settled(&doubt, result).await
    }
}

/// Whether asking later may help, with nobody deciding anything.
fn may_answer_later(fault: &Fault) -> bool {
    fault.is_passing()
        || fault.is_about_credentials()
        || matches!(fault.kind, FaultKind::ClockSkew { .. } | FaultKind::Other(_))
}

/// What a call gave back, seen by the version of the document that holds its edit.
fn receipt(version: MaterialVersion) -> Receipt {
    match version {
        MaterialVersion::Secret(version) => Receipt::Version(version),
        MaterialVersion::Function(revision) => Receipt::Revision(revision),
        MaterialVersion::ApiKey => Receipt::Done,
    }
}

/// The receipt of a call of which a person says that it happened.
fn receipt_of(call: &Call, key: &IdempotencyKey, id: Option<Untrusted>) -> Result<Receipt, RunsFault> {
    use crate::estate::{AccessKeyId, ApiKeyId, FunctionVersion, RevisionId, VersionId};
    let needed = |what: &str| {
        id.as_ref().map(|id| id.wire().to_owned()).ok_or_else(|| {
            RunsFault::Usage(format!("{} made {what}: its id is needed", call.operation().name))
        })
    };
    Ok(match call.stand_in() {
        Receipt::Done => Receipt::Done,
        // The id of a version is the key that it was sent under.
        Receipt::Version(_) => Receipt::Version(VersionId::new(key.as_str())),
        Receipt::Revision(_) => Receipt::Revision(RevisionId::new(needed("a revision")?)),
        Receipt::Published(_) => Receipt::Published(FunctionVersion::new(needed("a version")?)),
        Receipt::ApiKey(_) => Receipt::ApiKey(ApiKeyId::new(needed("an API key")?)),
        Receipt::AccessKey(_) => Receipt::AccessKey(AccessKeyId::new(needed("an access key")?)),
        invoked @ Receipt::Invoked { .. } => invoked,
        Receipt::MoveTask(handle) => Receipt::MoveTask(handle),
        // No person is asked about these: they settle by themselves.
        Receipt::Received { at, messages } => Receipt::Received { at, messages },
        Receipt::Batch { at, done, failed } => Receipt::Batch { at, done, failed },
    })
}
