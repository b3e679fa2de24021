//! Drives a run: does what the step machine says comes next, asks the step's verb, gets what it wants to know,
//! and stops where a person or time is needed. Dropping its future at any point is safe: a call in flight is in
//! doubt then, and the next `go`, here or elsewhere, settles it first.

use super::executor::{Executor, Of};
use super::fault::RunsFault;
use super::live::{Live, Pending, STANDS_FOR};
use super::reading::failure;
use super::wants;
use crate::estate::time::plus_seconds;
use crate::estate::{Demand, Timestamp};
use crate::runbook::event::WaitingFor;
use crate::runbook::run::{Next, Run};
use crate::runbook::{Done, Event, Facts, Failure, Halt, Need, Proposal, Question, StepState, View, Want};
use std::time::Duration;

/// A wait that is longer ends `go`.
const SHORT: Duration = Duration::from_secs(60);
/// A step that asks for another look says itself when it gives up; this is for one that forgets to.
const PATIENCE: Duration = Duration::from_secs(3600);
/// A verb that wants to know so many things, one after the other, without an end has a flaw.
const MOST_ROUNDS: usize = 500;

/// A step that is looked at ahead of its turn is asked so many times.
const MOST_AHEAD: usize = 8;

/// A step that is asked, forwards or to undo one of its changes.
struct Asking {
    step: String,
    undoes: Option<u32>,
}

impl Live {
    /// Goes on as far as it may: to the next thing that needs a person or more than a minute, to the end of
    /// step `until`, or to the end.
    ///
    /// # Errors
    /// The journal cannot be written; nothing can be changed here; there is no step `until`.
    pub async fn go(&mut self, until: Option<&str>) -> Result<Halt, RunsFault> {
        if let Some(step) = until {
            self.known(step)?;
        }
        self.pending = None;
        let ended = self.go_on(until).await;
        self.tell(String::new());
        ended
    }

    async fn go_on(&mut self, until: Option<&str>) -> Result<Halt, RunsFault> {
        loop {
            if self.brake().is_pulled() {
                return Ok(Halt::Paused);
            }
            let run = self.run();
            if let Some(step) = until.filter(|step| passed(&run, step)) {
                return Ok(Halt::Reached(step.to_owned()));
            }
            let halt = match run.advance(&self.vault().held()) {
                Next::Over(state) => {
                    self.let_go().await?;
                    return Ok(Halt::Over(state));
                }
                Next::Save(events) => {
                    let failed = events.iter().find_map(failed);
                    self.save(events).await?;
                    failed
                }
                Next::Settle { step, change, call, attempt } => {
                    self.settle(&step, change, call, attempt).await?
                }
                Next::Send { step, change, calls } => {
                    match self.grown_old(&run, &step, change) {
                        Some(why) => {
                            let why =
                                format!("{why} and has not happened: the step looks anew and asks anew");
                            self.save(vec![Event::Void { step, change, why }]).await?;
                        }
                        None => self.send(&run, &Of { step: &step, change }, &calls).await?,
                    }
                    None
                }
                Next::Step(step) => self.ask(&Asking { step, undoes: None }).await?,
                Next::Undo { step, change } => self.ask(&Asking { step, undoes: Some(change) }).await?,
            };
            if let Some(halt) = halt {
                // A run that failed before it changed anything keeps nobody else from it; what it will change it
                // takes again when that is agreed to.
                if matches!(halt, Halt::Failed { .. }) && !self.run().holds() {
                    self.let_go().await?;
                }
                return Ok(halt);
            }
        }
    }

    /// Why AWS is looked at before anything more of a change is sent, if it was agreed to, and the last of its calls left,
    /// too long ago.
    fn grown_old(&self, run: &Run, step: &str, change: u32) -> Option<&'static str> {
        let change = run.step(step).and_then(|s| s.changes.get(change as usize));
        // What goes through a queue is one long sending, and what is in hand has to be finished or given back.
        let change = change.filter(|c| c.what.tallied().is_none())?;
        if self.is_past(&change.what) {
            return Some("what it stands on has grown too old");
        }
        let last = change.calls.iter().map(|call| call.intent_at).fold(change.at, Ord::max);
        (self.now() > plus_seconds(last, STANDS_FOR)).then_some("it was agreed to more than an hour ago")
    }

    async fn send(
        &self,
        run: &Run,
        of: &Of<'_>,
        calls: &[crate::runbook::run::Sending],
    ) -> Result<(), RunsFault> {
        let change = run.step(of.step).and_then(|s| s.changes.get(of.change as usize));
        let so_far = change.map(|c| c.progress()).unwrap_or_default();
        if let Some(change) = change {
            self.tell(change.what.sentence());
        }
        let consent = self.agreed(of.step, of.change)?;
        let supply = self.supply(consent.change()).await?;
        let executor = Executor {
            reader: self.reader(),
            book: self.book(),
            vault: self.vault(),
            supply: supply.as_deref(),
        };
        executor.make(consent, &so_far, of, calls).await
    }

    /// Asks a step's verb how to go on, until it is done or needs more than knowledge and a moment.
    async fn ask(&mut self, asking: &Asking) -> Result<Option<Halt>, RunsFault> {
        let mut facts = Facts::default();
        let mut waited = Duration::ZERO;
        let since = self.now();
        for _ in 0..MOST_ROUNDS {
            if self.brake().is_pulled() {
                return Ok(Some(Halt::Paused));
            }
            let now = self.now();
            let need = match self.consult(asking, &facts, (since, now)) {
                Ok(done) => return self.done(asking, done).await,
                Err(need) => need,
            };
            match need {
                Need::Know(wants) => {
                    if let Some(halt) = self.learn(asking, wants, &mut facts).await? {
                        return Ok(Some(halt));
                    }
                }
                Need::Again { after, why } if waited < PATIENCE => {
                    facts = Facts::default();
                    waited += after.max(Duration::from_millis(100));
                    self.tell(why);
                    if !self.sleep(after).await {
                        return Ok(Some(Halt::Paused));
                    }
                }
                Need::Again { why, .. } => {
                    let text = format!("an hour has passed: {why}");
                    return self.fail(asking, "timed_out", text).await.map(Some);
                }
                Need::Time { until, accepts, why } => {
                    let left = until.duration_since(now);
                    match Duration::try_from(left) {
                        Ok(left) if left > SHORT => {
                            return self.wait_for_time(asking, until, accepts, why).await.map(Some);
                        }
                        Ok(left) if !left.is_zero() => {
                            facts = Facts::default();
                            self.tell(why);
                            if !self.sleep(left).await {
                                return Ok(Some(Halt::Paused));
                            }
                        }
                        Ok(_) | Err(_) => {
                            let text = format!("the step waits for a time that has passed: {why}");
                            return self.fail(asking, "defect", text).await.map(Some);
                        }
                    }
                }
                Need::Consent(proposal) => return self.propose(asking, *proposal).await,
                Need::Person(question) => return self.ask_person(asking, question).await.map(Some),
                Need::Enter { slot, input } => {
                    let for_what = WaitingFor::Person {
                        why: format!("{input} must be entered"),
                        accepts: Vec::new(),
                        words: false,
                        phrase_for: None,
                        enter: Some(slot.clone()),
                    };
                    self.wait(&asking.step, for_what).await?;
                    return Ok(Some(Halt::Enter { step: asking.step.clone(), slot, input }));
                }
                Need::Refuse(text) => return self.refused(asking, Failure::of("refused", text)).await,
                Need::Lacks { text, asks } => {
                    return self.refused(asking, Failure { asks, ..Failure::of("refused", text) }).await;
                }
            }
        }
        let text = "the step wants to know more and more without an end".to_owned();
        self.fail(asking, "defect", text).await.map(Some)
    }

    /// What the verb says, as things are.
    fn consult(
        &self,
        asking: &Asking,
        facts: &Facts,
        (since, now): (Timestamp, Timestamp),
    ) -> Result<Done, Need> {
        let run = self.run();
        let missing = |what: &str| Need::Refuse(format!("{what} is not known to this version"));
        let (Some(step), Some(record)) = (run.defined(&asking.step), run.step(&asking.step)) else {
            return Err(missing(&format!("the step {}", asking.step)));
        };
        let verb = (self.registry())(&step.verb);
        let verb = verb.ok_or_else(|| missing(&format!("the verb {}", step.verb)))?;
        let with = run.with(step).map_err(|e| Need::Refuse(e.to_string()))?;
        let (done, held) = (record.done(asking.undoes), self.vault().held());
        let forgone = record.forgone(asking.undoes);
        let view = View {
            run: &run.id,
            at: &run.at,
            salt: &run.salt,
            now,
            started: run.started_at,
            began: record.began.unwrap_or(now),
            since,
            planning: false,
            with: &with,
            late: &run.late,
            facts,
            done: &done,
            forgone: &forgone,
            held: &held,
            attested: record.attested.as_ref().map(|text| text.wire()),
            practice: run.practice,
        };
        match asking.undoes {
            None => verb.next(&view),
            Some(n) => match record.changes.get(n as usize) {
                Some(change) => verb.undo(&view, &change.what, &change.made()),
                None => Err(missing(&format!("change {n} of the step {}", asking.step))),
            },
        }
    }

    /// Gets what a verb wants to know.
    async fn learn(
        &self,
        asking: &Asking,
        wants: Vec<crate::runbook::Want>,
        facts: &mut Facts,
    ) -> Result<Option<Halt>, RunsFault> {
        let mut fresh = Vec::new();
        for want in wants {
            if facts.get(&want).is_none() && !fresh.contains(&want) {
                fresh.push(want);
            }
        }
        if fresh.is_empty() {
            let text = "the step asks what it knows".to_owned();
            return self.fail(asking, "defect", text).await.map(Some);
        }
        let run = self.run();
        let desk = wants::Desk { reader: self.reader(), vault: self.vault(), at: &run.at, salt: &run.salt };
        match desk.get(fresh).await {
            Ok(got) => {
                facts.0.extend(got);
                Ok(None)
            }
            Err(fault) => self.failed(asking, failure(&fault)).await.map(Some),
        }
    }

    async fn done(&self, asking: &Asking, done: Done) -> Result<Option<Halt>, RunsFault> {
        let step = asking.step.clone();
        let event = match asking.undoes {
            None => Event::Finished { step, evidence: done.evidence, outputs: done.outputs },
            Some(change) => {
                let run = self.run();
                let forgone = run.step(&step).is_some_and(|s| !s.forgone(asking.undoes).is_empty());
                Event::Undone { step, change, evidence: done.evidence, passed_over: forgone }
            }
        };
        self.save(vec![event]).await?;
        Ok(None)
    }

    /// A change that has no inverse is passed over when the rest is undone, in words.
    async fn refused(&self, asking: &Asking, failure: Failure) -> Result<Option<Halt>, RunsFault> {
        let run = self.run();
        let change = asking.undoes.and_then(|n| Some((n, run.step(&asking.step)?.changes.get(n as usize)?)));
        match change {
            Some((change, record)) if record.what.inverse(&record.made()).is_none() => {
                let evidence = vec![format!("not undone: {}", failure.text)];
                let step = asking.step.clone();
                self.save(vec![Event::Undone { step, change, evidence, passed_over: true }]).await?;
                Ok(None)
            }
            Some(_) | None => self.failed(asking, failure).await.map(Some),
        }
    }

    async fn fail(&self, asking: &Asking, kind: &str, text: String) -> Result<Halt, RunsFault> {
        self.failed(asking, Failure::of(kind, text)).await
    }

    async fn failed(&self, asking: &Asking, failure: Failure) -> Result<Halt, RunsFault> {
        let step = asking.step.clone();
        self.save(vec![Event::Failed { step: step.clone(), failure: failure.clone() }]).await?;
        Ok(Halt::Failed { step, failure })
    }

    async fn wait_for_time(
        &self,
        asking: &Asking,
        until: Timestamp,
        accepts: Vec<String>,
        why: String,
    ) -> Result<Halt, RunsFault> {
        let for_what = WaitingFor::Time { until, accepts: accepts.clone(), why: why.clone() };
        self.wait(&asking.step, for_what).await?;
        Ok(Halt::Time { step: asking.step.clone(), until, accepts, why })
    }

    async fn ask_person(&self, asking: &Asking, question: Question) -> Result<Halt, RunsFault> {
        let for_what = WaitingFor::Person {
            why: question.text.clone(),
            accepts: question.accepts.clone(),
            words: question.words,
            phrase_for: None,
            enter: None,
        };
        self.wait(&asking.step, for_what).await?;
        Ok(Halt::Person { step: asking.step.clone(), question })
    }

    /// Shows a person what would be changed.
    async fn propose(&mut self, asking: &Asking, proposal: Proposal) -> Result<Option<Halt>, RunsFault> {
        let run = self.run();
        if let Some(wrong) = wrong(&run, &proposal) {
            return self.fail(asking, "defect", wrong).await.map(Some);
        }
        if let Some(alias) = run.alias.as_ref().filter(|_| !run.armed && !proposal.contains()) {
            let for_what = WaitingFor::Person {
                why: "this account is marked production: its name must be typed once".to_owned(),
                accepts: Vec::new(),
                words: false,
                phrase_for: Some(alias.clone()),
                enter: None,
            };
            self.wait(&asking.step, for_what).await?;
            return Ok(Some(Halt::Arm { alias: alias.clone() }));
        }
        let differs = match asking.undoes {
            None => proposal.differs.clone().or_else(|| differs(&run, &asking.step, &proposal)),
            Some(_) => proposal.differs.clone(),
        };
        let proposal = Proposal { differs, ..proposal };
        if asking.undoes.is_none() && self.agreed_ahead(&asking.step, &proposal).await? {
            return Ok(None);
        }
        let ahead = if asking.undoes.is_none() && proposal.contains() {
            self.ahead(&run, &asking.step).await
        } else {
            None
        };
        let sentences: Vec<String> = proposal.changes.iter().map(|c| c.sentence()).collect();
        let phrase_for = proposal.changes.iter().find_map(|c| match c.demand() {
            Demand::Yes => None,
            Demand::Name(name) => Some(name),
        });
        let (why, accepts) = (sentences.join("; "), Vec::new());
        let for_what = WaitingFor::Person { why, accepts, words: false, phrase_for, enter: None };
        self.wait(&asking.step, for_what).await?;
        let step = asking.step.clone();
        self.pending = Some(Pending {
            step: step.clone(),
            proposal: proposal.clone(),
            undoes: asking.undoes,
            at: self.now(),
            ahead: ahead.clone(),
        });
        Ok(Some(Halt::Consent { step, proposal, ahead }))
    }

    /// What the next step would do as things are now, if it contains the same compromise and nothing else has to be
    /// decided before. It is only looked for: whatever goes wrong, the step asks in its own turn.
    async fn ahead(&self, run: &Run, step: &str) -> Option<Box<(String, Proposal)>> {
        let at = run.steps.iter().position(|s| s.id == step)?;
        let next = run.steps.iter().skip(at + 1).find(|s| s.state != StepState::Skipped)?;
        // The same again (a second stamp, some time after the first) can only be shown in its own turn.
        if run.defined(&next.id)?.verb == run.defined(step)?.verb {
            return None;
        }
        let asking = Asking { step: next.id.clone(), undoes: None };
        let (mut facts, since) = (Facts::default(), self.now());
        for _ in 0..MOST_AHEAD {
            let wants = match self.consult(&asking, &facts, (since, since)) {
                Err(Need::Know(wants)) if wants.iter().all(|w| matches!(w, Want::Pages(_))) => wants,
                Err(Need::Consent(proposal)) if proposal.contains() => {
                    let differs = proposal.differs.clone().or_else(|| differs(run, &next.id, &proposal));
                    let proposal = Proposal { differs, ..*proposal };
                    return proposal.differs.is_none().then(|| Box::new((next.id.clone(), proposal)));
                }
                Ok(_) | Err(_) => return None,
            };
            let desk =
                wants::Desk { reader: self.reader(), vault: self.vault(), at: &run.at, salt: &run.salt };
            // not known now is asked again in its turn
            facts.0.extend(desk.get(wants).await.ok()?);
        }
        None
    }
}

fn failed(event: &Event) -> Option<Halt> {
    let Event::Failed { step, failure } = event else { return None };
    Some(Halt::Failed { step: step.clone(), failure: failure.clone() })
}

/// Whether the run, going forwards, is past a step.
fn passed(run: &Run, step: &str) -> bool {
    let place = |id: &str| run.steps.iter().position(|s| s.id == id);
    let Some(current) = run.current() else { return false };
    !run.undoing && place(step) < place(&current.id)
}

/// What makes a proposal impossible.
fn wrong(run: &Run, proposal: &Proposal) -> Option<String> {
    if proposal.changes.is_empty() {
        return Some("the step proposes to change nothing".to_owned());
    }
    let elsewhere = proposal.changes.iter().find(|c| c.at.account != run.at.account);
    elsewhere.map(|c| format!("the step proposes a change in another account: {}", c.sentence()))
}

/// What of a proposal the plan did not say.
fn differs(run: &Run, step: &str, proposal: &Proposal) -> Option<String> {
    let planned = run.planned.get(step).map(Vec::as_slice).unwrap_or_default();
    let mut new = Vec::new();
    for call in proposal.changes.iter().flat_map(|c| c.calls()) {
        let (operation, resource) = (call.operation().name, call.resource());
        let said = planned
            .iter()
            .any(|p| p.operation == operation && p.resource.as_ref().is_none_or(|r| *r == resource));
        let words = format!("{operation} on {}", resource.shown());
        if !said && !new.contains(&words) {
            new.push(words);
        }
    }
    (!new.is_empty()).then(|| format!("the plan did not say: {}", new.join(", ")))
}
