//! A run in hand: this process writes its journal, holds what is secret for it, and does with it what a front
//! end says. How it goes on is in `driver`, `executor` and `settle`.

use super::book::Book;
use super::fault::RunsFault;
use super::leases;
use super::reading::Reader;
use super::recall::Consents;
use super::supply::Supply;
use super::{Registry, Shared};
use crate::estate::time::plus_seconds;
use crate::estate::{Change, Consent, Timestamp, Untrusted, Vault};
use crate::journal::{Claim, Mended, Store};
use crate::runbook::event::WaitingFor;
use crate::runbook::run::Run;
use crate::runbook::{Event, Proposal, RunState, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// A run in hand.
pub struct Live {
    shared: Arc<Shared>,
    store: Arc<dyn Store>,
    book: Book,
    vault: Arc<Vault>,
    consents: Consents,
    pub(super) pending: Option<Pending>,
    /// What was agreed to on the screen of the step before.
    ahead: Option<Ahead>,
    by: Untrusted,
    mended: Vec<Mended>,
    brake: Brake,
    doing: watch::Sender<String>,
    /// The export that its change stands on, once it was verified.
    pub(super) supply: tokio::sync::Mutex<Option<Arc<Supply>>>,
}

/// A proposal that was shown and not answered yet.
pub(super) struct Pending {
    pub(super) step: String,
    pub(super) proposal: Proposal,
    pub(super) undoes: Option<u32>,
    /// When it was made from what AWS said.
    pub(super) at: Timestamp,
    /// What was shown with it: what the next step would do.
    pub(super) ahead: Option<Box<(String, Proposal)>>,
}

/// Consents to what a later step will propose, if it proposes just that.
struct Ahead {
    step: String,
    shown: Proposal,
    consents: Vec<Consent>,
    at: Timestamp,
}

/// What was proposed longer ago, in seconds, is not taken for what AWS says now: where AWS compares nothing, the
/// look before the proposal is all that keeps a change from hitting what somebody has set since. A consent stands
/// for as long: what has not left by then is looked at anew and asked anew.
pub(super) const STANDS_FOR: i64 = 3600;

/// Asks a run under way to stop at the next safe point.
#[derive(Clone, Default)]
pub struct Brake {
    pulled: Arc<AtomicBool>,
    bell: Arc<Notify>,
}

impl Brake {
    /// Stops it: `go` returns when no call is in flight, and sleeps no more, until the brake is let go.
    pub fn pull(&self) {
        self.pulled.store(true, Ordering::SeqCst);
        self.bell.notify_waiters();
    }

    /// Lets it go on.
    pub fn release(&self) {
        self.pulled.store(false, Ordering::SeqCst);
    }

    pub(in crate::engine) fn is_pulled(&self) -> bool {
        self.pulled.load(Ordering::SeqCst)
    }
}

/// What a run is taken up with.
pub(super) struct Taken {
    pub(super) store: Arc<dyn Store>,
    pub(super) book: Book,
    pub(super) vault: Vault,
    pub(super) consents: Consents,
    pub(super) by: Untrusted,
    pub(super) mended: Vec<Mended>,
}

impl Live {
    pub(super) fn new(shared: Arc<Shared>, taken: Taken) -> Self {
        Self {
            shared,
            store: taken.store,
            book: taken.book,
            vault: Arc::new(taken.vault),
            consents: taken.consents,
            pending: None,
            ahead: None,
            by: taken.by,
            mended: taken.mended,
            brake: Brake::default(),
            doing: watch::Sender::new(String::new()),
            supply: tokio::sync::Mutex::default(),
        }
    }

    /// The run as it is on the disk.
    #[must_use]
    pub fn run(&self) -> Arc<Run> {
        self.book.run()
    }

    /// What is held for it: what a person enters goes in here.
    #[must_use]
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// What a crash had left and was put right when it was taken up.
    #[must_use]
    pub fn mended(&self) -> &[Mended] {
        &self.mended
    }

    /// Hears of every change of the run.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Arc<Run>> {
        self.book.progress()
    }

    /// Hears what it is at, in words that are safe to draw; empty while it is at nothing.
    #[must_use]
    pub fn doing(&self) -> watch::Receiver<String> {
        self.doing.subscribe()
    }

    /// What stops it.
    #[must_use]
    pub fn brake(&self) -> Brake {
        self.brake.clone()
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.shared.reader
    }

    pub(super) fn registry(&self) -> Registry {
        self.shared.verbs
    }

    pub(super) fn book(&self) -> &Book {
        &self.book
    }

    pub(super) fn now(&self) -> Timestamp {
        self.reader().ports.clock.now()
    }

    pub(super) fn tell(&self, doing: String) {
        self.doing.send_replace(doing);
    }

    pub(super) async fn save(&self, events: Vec<Event>) -> Result<(), RunsFault> {
        self.book.save(events).await
    }

    /// Sleeps by the estate's clock; `false` if the brake was pulled meanwhile.
    pub(super) async fn sleep(&self, d: Duration) -> bool {
        let bell = self.brake.bell.notified();
        if self.brake.is_pulled() {
            return false;
        }
        tokio::select! {
            () = self.reader().ports.clock.sleep(d) => !self.brake.is_pulled(),
            () = bell => false,
        }
    }

    /// Notes that the run waits, unless that is noted already.
    pub(super) async fn wait(&self, step: &str, for_what: WaitingFor) -> Result<(), RunsFault> {
        let same = self.run().waiting.as_ref().is_some_and(|w| w.step == step && w.for_what == for_what);
        if same {
            return Ok(());
        }
        self.save(vec![Event::Waiting { step: step.to_owned(), for_what }]).await
    }

    /// The consent to a change of a step.
    pub(super) fn agreed(&self, step: &str, change: u32) -> Result<&Consent, RunsFault> {
        let none = || RunsFault::Refused(format!("nobody agreed to change {change} of step {step}"));
        self.consents.get(&(step.to_owned(), change)).ok_or_else(none)
    }

    /// Whether a change may not be sent any more.
    pub(super) fn is_past(&self, change: &Change) -> bool {
        change.stands_until().is_some_and(|until| self.now() > until)
    }

    fn claim(&self) -> Claim {
        Claim { at: self.now(), by: self.by.wire().to_owned() }
    }

    /// Agrees to what was proposed last: a consent for each of its changes, in any order; and to what was shown with
    /// it of the next step, if there are consents for that too.
    ///
    /// # Errors
    /// Nothing was proposed, or so long ago that AWS must be looked at anew (`go` does); the consents are not
    /// for exactly that; another run holds what would be changed; the journal cannot be written. Then nothing
    /// was agreed to.
    pub async fn consent(&mut self, consents: Vec<Consent>) -> Result<(), RunsFault> {
        let none = || RunsFault::Usage("nothing was proposed that could be agreed to".to_owned());
        let pending = self.pending.as_ref().ok_or_else(none)?;
        if self.now() > plus_seconds(pending.at, STANDS_FOR) {
            let words = "this was proposed more than an hour ago; nothing was done. Go on with the run: it looks at \
                         AWS anew and asks again";
            return Err(RunsFault::Refused(words.to_owned()));
        }
        if pending.proposal.changes.iter().any(|c| self.is_past(c)) {
            let words = "what this stands on has grown too old while it was asked; nothing was done. Go on with the run: \
                         it looks anew and says what to do";
            return Err(RunsFault::Refused(words.to_owned()));
        }
        let (now, later) = apart(consents, pending);
        let consents = in_order(now, &pending.proposal)?;
        let ahead = match &pending.ahead {
            Some(ahead) if !later.is_empty() => Some(Ahead {
                step: ahead.0.clone(),
                consents: in_order(later, &ahead.1)?,
                shown: ahead.1.clone(),
                at: pending.at,
            }),
            Some(_) | None => None,
        };
        let run = self.run();
        if run.alias.is_some() && !run.armed && !pending.proposal.contains() {
            return Err(RunsFault::Refused("the account's name was not typed yet".to_owned()));
        }
        let (step, undoes) = (pending.step.clone(), pending.undoes);
        self.agree(&step, undoes, consents).await?;
        self.pending = None;
        self.ahead = ahead;
        Ok(())
    }

    /// Takes the consent that was given on the screen of the step before, if this step proposes just what was shown
    /// there; whether it did.
    ///
    /// # Errors
    /// Another run holds what would be changed; the journal cannot be written.
    pub(super) async fn agreed_ahead(&mut self, step: &str, proposal: &Proposal) -> Result<bool, RunsFault> {
        let Some(ahead) = self.ahead.take() else { return Ok(false) };
        let stands = self.now() <= plus_seconds(ahead.at, STANDS_FOR);
        if ahead.step != step || ahead.shown != *proposal || !stands {
            return Ok(false);
        }
        self.agree(step, None, ahead.consents).await?;
        Ok(true)
    }

    async fn agree(
        &mut self,
        step: &str,
        undoes: Option<u32>,
        consents: Vec<Consent>,
    ) -> Result<(), RunsFault> {
        let resources: Vec<String> = consents.iter().map(|c| leases::resource(c.change())).collect();
        leases::take(self.book.writer(), &self.claim(), resources).await?;
        let run = self.run();
        let first = run.step(step).map_or(0, |s| s.changes.len());
        let numbered: Vec<(u32, Consent)> =
            (u32::try_from(first).unwrap_or(u32::MAX)..).zip(consents).collect();
        let events = numbered.iter().map(|(change, consent)| Event::Consented {
            step: step.to_owned(),
            change: *change,
            what: consent.change().clone(),
            given: consent.given().clone(),
            undoes,
        });
        let events = events.collect();
        // Remembered first: if this future is dropped while the records are written, they count.
        self.consents.extend(numbered.into_iter().map(|(n, consent)| ((step.to_owned(), n), consent)));
        self.save(events).await
    }

    /// Arms changes in a production context.
    ///
    /// # Errors
    /// Another name was typed; the journal cannot be written.
    pub async fn arm(&mut self, typed: &str) -> Result<(), RunsFault> {
        match &self.run().alias {
            Some(alias) if alias.wire() != typed => {
                let words = format!("that is not the name of this account ({})", alias.shown());
                Err(RunsFault::Refused(words))
            }
            Some(_) if !self.run().armed => self.save(vec![Event::Armed]).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Gives a late input.
    ///
    /// # Errors
    /// The runbook has no such late input, or it is of another type.
    pub async fn set(&mut self, input: &str, value: Value) -> Result<(), RunsFault> {
        let run = self.run();
        match run.definition.inputs.iter().find(|i| i.name == input) {
            Some(known) if known.late && known.kind == value.kind() => {
                self.save(vec![Event::Set { input: input.to_owned(), value }]).await
            }
            Some(known) if known.late => {
                Err(RunsFault::Usage(format!("the input {} is of another type", known.name)))
            }
            Some(known) => Err(RunsFault::Usage(format!(
                "the input {} is given at the start and cannot be changed",
                known.name
            ))),
            None => {
                let input = Untrusted::from(input);
                Err(RunsFault::Usage(format!("{} has no input {}", run.definition.name, input.shown())))
            }
        }
    }

    /// Says what the step that waits for a person wants to hear, in words that are kept.
    ///
    /// # Errors
    /// No step waits for words; the journal cannot be written.
    pub async fn attest(&mut self, text: &str) -> Result<(), RunsFault> {
        let run = self.run();
        let asked = run.waiting.as_ref().filter(|w| match &w.for_what {
            WaitingFor::Person { accepts, words, phrase_for, enter, .. } => {
                (*words || accepts.is_empty())
                    && phrase_for.is_none()
                    && enter.is_none()
                    && self.pending.is_none()
            }
            WaitingFor::Time { .. } | WaitingFor::Settle { .. } => false,
        });
        let none = || RunsFault::Usage("no step waits for an answer in words".to_owned());
        let step = asked.ok_or_else(none)?.step.clone();
        self.save(vec![Event::Attested { step, text: Untrusted::from(text) }]).await
    }

    /// Adds a note to a step.
    ///
    /// # Errors
    /// There is no such step; the journal cannot be written.
    pub async fn note(&self, step: &str, text: &str) -> Result<(), RunsFault> {
        self.known(step)?;
        self.save(vec![Event::Noted { step: step.to_owned(), text: Untrusted::from(text) }]).await
    }

    /// Notes that a field was shown.
    ///
    /// # Errors
    /// The journal cannot be written: then it must not be shown.
    pub async fn revealed(&self, resource: Untrusted, field: Untrusted) -> Result<(), RunsFault> {
        self.save(vec![Event::Revealed { resource, field }]).await
    }

    pub(super) fn known(&self, step: &str) -> Result<(), RunsFault> {
        let run = self.run();
        if run.step(step).is_some() {
            return Ok(());
        }
        let steps = run.definition.steps.iter().map(|s| s.id.as_str());
        let wrong = crate::diagnose::Diagnosis::of(
            run.definition.name.clone(),
            format!("there is no step {}", crate::diagnose::quoted(step)),
        );
        Err(RunsFault::Usage(wrong.near(step, steps).to_string()))
    }

    /// Stops the run: nothing is changed by that. Gives what is left over, one sentence each.
    ///
    /// # Errors
    /// It is over already; the journal cannot be written.
    pub async fn abort(&mut self) -> Result<Vec<String>, RunsFault> {
        let run = self.run();
        if run.state().over() {
            return Err(RunsFault::Usage(format!("run {} is {}", run.id, run.state().word())));
        }
        let left = run.leftovers();
        self.save(vec![Event::Aborted { left: left.clone() }]).await?;
        self.pending = None;
        self.let_go().await?;
        Ok(left)
    }

    /// Begins to undo what was done, backwards; `go` proposes each inverse.
    ///
    /// # Errors
    /// Everything is undone; another run holds what would be changed; the journal cannot be written.
    pub async fn undo(&mut self) -> Result<(), RunsFault> {
        let run = self.run();
        if run.undoing {
            let undone = run.state() == RunState::Undone;
            let words = format!("run {} is undone already", run.id);
            return if undone { Err(RunsFault::Usage(words)) } else { Ok(()) };
        }
        let resources: Vec<String> = run
            .undoable()
            .filter_map(|(s, n)| s.changes.get(n as usize))
            .map(|c| leases::resource(&c.what))
            .collect();
        leases::take(self.book.writer(), &self.claim(), resources).await?;
        self.pending = None;
        self.save(vec![Event::Undoing]).await
    }

    /// Leaves the change whose undo has failed as it is, for the reason that a person gives; `go` goes on to undo
    /// what was made before it. Nothing is sent.
    ///
    /// # Errors
    /// No undo has failed; no reason was given; the journal cannot be written.
    pub async fn pass_over(&mut self, reason: &str) -> Result<(), RunsFault> {
        let run = self.run();
        let none =
            || RunsFault::Usage(format!("no undo of run {} has failed: nothing is passed over", run.id));
        let (step, change) = run.stuck_undoing().ok_or_else(none)?;
        if reason.trim().is_empty() {
            return Err(RunsFault::Usage(
                "why is it left as it is? A reason is kept in the journal".to_owned(),
            ));
        }
        let mut evidence = vec![format!("left as it is: {}", Untrusted::from(reason.trim()).shown())];
        evidence.extend(run.step(step).and_then(|s| s.failure.as_ref()).map(|f| f.text.clone()));
        let step = step.to_owned();
        self.save(vec![Event::Undone { step, change, evidence, passed_over: true }]).await
    }

    /// Releases what the run holds, when it is over.
    pub(super) async fn let_go(&self) -> Result<(), RunsFault> {
        leases::release(&self.store, self.book.writer()).await
    }

    /// Stops what goes through a queue, if anything does: nothing more is begun, and `go` finishes or gives back what is
    /// in hand. `false` if nothing does.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn stop(&self) -> Result<bool, RunsFault> {
        let run = self.run();
        let open = run.steps.iter().find_map(|s| s.open().map(|(change, c)| (s.id.clone(), change, c)));
        match open {
            Some((step, change, record)) if record.what.tallied().is_some() && !record.tally.stopping => {
                self.save(vec![Event::Stopped { step, change }]).await?;
                Ok(true)
            }
            Some(_) | None => Ok(false),
        }
    }

    /// Puts the run down: it is free for others when this returns.
    ///
    /// # Errors
    /// The journal's head could not be made durable.
    pub async fn close(self) -> Result<(), RunsFault> {
        self.book.close().await
    }
}

/// The consents in the order of the changes that were proposed.
/// Those for what was proposed, and those for what was shown of the next step.
fn apart(consents: Vec<Consent>, pending: &Pending) -> (Vec<Consent>, Vec<Consent>) {
    let later = |c: &Consent| {
        pending.ahead.as_ref().is_some_and(|ahead| ahead.1.changes.contains(c.change()))
            && !pending.proposal.changes.contains(c.change())
    };
    let (later, now) = consents.into_iter().partition(later);
    (now, later)
}

fn in_order(mut consents: Vec<Consent>, proposal: &Proposal) -> Result<Vec<Consent>, RunsFault> {
    let mut ordered = Vec::with_capacity(consents.len());
    for change in &proposal.changes {
        match consents.iter().position(|c| c.change() == change) {
            Some(at) => ordered.push(consents.swap_remove(at)),
            None => {
                let words = format!("nobody agreed to: {}", change.sentence());
                return Err(RunsFault::Refused(words));
            }
        }
    }
    match consents.first() {
        None => Ok(ordered),
        Some(other) => {
            Err(RunsFault::Refused(format!("this was not proposed: {}", other.change().sentence())))
        }
    }
}
