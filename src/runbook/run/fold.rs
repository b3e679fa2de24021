//! The fold: what each record adds to a run. It takes nothing on trust: a record that does not fit what was
//! before it is a misfit, and whoever reads the journal must not go on.

use super::calls::settled;
use super::step::{CallState, ChangeRecord, Note, StepRecord, StepState};
use super::{Revealed, Run, Waiting};
use crate::estate::{Tally, Timestamp, Untrusted};
use crate::runbook::event::{Event, Failure, Outcome};
use crate::runbook::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a record's envelope says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Its number in the run, from 1.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// The principal who wrote it.
    pub by: Untrusted,
    /// On which machine.
    pub host: Untrusted,
}

/// A record that does not fit those before it: the journal is whole, and what it says makes no sense to this
/// version of the program.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("record {seq} does not fit those before it: {why}")]
pub struct Misfit {
    /// Its number.
    pub seq: u64,
    /// Why not. Safe to draw.
    pub why: String,
}

impl Run {
    /// The run that its first record begins.
    ///
    /// # Errors
    /// It is no `Started`.
    pub fn begin(stamp: &Stamp, event: &Event) -> Result<Self, Misfit> {
        let Event::Started {
            run,
            definition,
            inputs,
            at,
            context,
            alias,
            practice,
            salt,
            plan_hash,
            planned,
        } = event
        else {
            return Err(Misfit { seq: stamp.seq, why: "a run begins with `started`".into() });
        };
        let definition = Arc::new((**definition).clone());
        let late_names = definition.inputs.iter().filter(|i| i.late).map(|i| &i.name);
        let late = late_names.filter_map(|n| Some((n.clone(), inputs.get(n)?.clone()))).collect();
        let mut begun = Self {
            id: run.clone(),
            steps: definition.steps.iter().map(|s| StepRecord::todo(&s.id)).collect(),
            definition,
            inputs: inputs.clone(),
            late,
            at: at.clone(),
            context: context.clone(),
            alias: alias.clone(),
            armed: false,
            practice: *practice,
            salt: salt.clone(),
            plan_hash: plan_hash.clone(),
            planned: planned.clone(),
            started_at: stamp.at,
            started_by: stamp.by.clone(),
            waiting: None,
            undoing: false,
            aborted: None,
            ended: false,
            revealed: Vec::new(),
            seq: stamp.seq,
            last_at: stamp.at,
        };
        begun.skip_what_does_not_hold();
        Ok(begun)
    }

    /// The run that a whole journal tells of.
    ///
    /// # Errors
    /// A record does not fit those before it; there is none.
    pub fn fold<'a>(records: impl IntoIterator<Item = (Stamp, &'a Event)>) -> Result<Self, Misfit> {
        let mut records = records.into_iter();
        let (stamp, first) =
            records.next().ok_or_else(|| Misfit { seq: 0, why: "there are no records".into() })?;
        let mut run = Self::begin(&stamp, first)?;
        for (stamp, event) in records {
            run.apply(&stamp, event)?;
        }
        Ok(run)
    }

    /// Adds a record.
    ///
    /// # Errors
    /// It does not fit those before it; the run is as it was.
    pub fn apply(&mut self, stamp: &Stamp, event: &Event) -> Result<(), Misfit> {
        let misfit = |why: String| Misfit { seq: stamp.seq, why };
        if stamp.seq != self.seq + 1 {
            return Err(misfit(format!("it follows number {}", self.seq)));
        }
        let over = self.aborted.is_some() || self.ended;
        if over && !may_follow_the_end(event) {
            return Err(misfit("the run is over".into()));
        }
        self.add(stamp, event).map_err(misfit)?;
        self.seq = stamp.seq;
        self.last_at = stamp.at;
        self.skip_what_does_not_hold();
        Ok(())
    }

    /// Every arm checks first and changes then, so that a misfit changes nothing.
    fn add(&mut self, stamp: &Stamp, event: &Event) -> Result<(), String> {
        match event {
            Event::Started { .. } => return Err("a run starts once".into()),
            Event::Resumed { .. } => self.resumed(),
            Event::Armed => {
                self.armed = true;
                if let Some(waiting) = self.waiting.take() {
                    self.find(&waiting.step)?.state = StepState::Active;
                }
            }
            Event::Set { input, value } => self.set(input, value)?,
            Event::Began { step } => {
                let s = self.at_work(step, stamp)?;
                s.began.get_or_insert(stamp.at);
                s.ended = None;
                s.failure = None;
            }
            Event::Consented { step, change, what, given, undoes } => {
                let s = self.find(step)?;
                if *change as usize != s.changes.len() {
                    return Err(format!("change {change} of step {step} comes out of turn"));
                }
                if undoes.is_some_and(|n| s.changes.get(n as usize).is_none_or(|c| c.undoes.is_some())) {
                    return Err(format!("change {change} of step {step} undoes none"));
                }
                let record = ChangeRecord {
                    what: what.clone(),
                    given: given.clone(),
                    by: stamp.by.clone(),
                    at: stamp.at,
                    calls: Vec::new(),
                    tally: Tally::after(s.changes.iter().map(|c| &c.tally)),
                    void: None,
                    changed: None,
                    undoes: *undoes,
                    undone: None,
                    passed_over: false,
                };
                self.at_work(step, stamp)?.changes.push(record);
            }
            Event::Void { step, change, why } => self.open_change(step, *change)?.void = Some(why.clone()),
            Event::Intent { .. } => self.intent(stamp, event)?,
            Event::Outcome { step, call, attempt, result } => {
                let state = match result {
                    Outcome::Done(receipt) => CallState::Done(receipt.clone()),
                    Outcome::Refused(failure) => CallState::Refused { failure: failure.clone(), told: false },
                    Outcome::InDoubt(failure) => CallState::InDoubt(failure.clone()),
                };
                self.learnt(step, *call, *attempt, state)?;
                self.at_work(step, stamp)?;
            }
            Event::Settled { step, call, attempt, result } => {
                self.learnt(step, *call, *attempt, settled(result))?;
                self.at_work(step, stamp)?;
            }
            Event::Stopped { step, change } => self.open_change(step, *change)?.tally.stop(),
            Event::Changed { step, change } => {
                let c = self.open_change(step, *change)?;
                if c.unsettled().is_some() {
                    return Err(format!("change {change} of step {step} has a call in doubt"));
                }
                c.changed = Some(stamp.at);
            }
            Event::Waiting { step, for_what } => {
                let s = self.find(step)?;
                s.state = StepState::Waiting;
                s.by = Some(stamp.by.clone());
                self.waiting =
                    Some(Waiting { step: step.clone(), for_what: for_what.clone(), since: stamp.at });
            }
            Event::Attested { step, text } => self.at_work(step, stamp)?.attested = Some(text.clone()),
            Event::Noted { step, text } => {
                let note = Note { at: stamp.at, by: stamp.by.clone(), text: text.clone() };
                self.find(step)?.notes.push(note);
            }
            Event::Finished { step, evidence, outputs } => self.finished(step, stamp, evidence, outputs)?,
            Event::Failed { step, failure } => self.failed(step, stamp, failure)?,
            Event::Aborted { left } => {
                self.waiting = None;
                self.aborted = Some(left.clone());
            }
            Event::Undoing => self.begin_undoing(),
            Event::Undone { step, change, evidence, passed_over } => {
                self.undone(step, *change, stamp, (evidence, *passed_over))?;
            }
            Event::Revealed { resource, field } => self.revealed.push(Revealed {
                at: stamp.at,
                by: stamp.by.clone(),
                resource: resource.clone(),
                field: field.clone(),
            }),
            Event::Ended => self.end(),
        }
        Ok(())
    }

    pub(super) fn find(&mut self, id: &str) -> Result<&mut StepRecord, String> {
        self.steps.iter_mut().find(|s| s.id == id).ok_or_else(|| format!("there is no step {id:?}"))
    }

    /// The step, which is at work now and no longer waits; in doubt as long as a call of it is.
    pub(super) fn at_work(&mut self, id: &str, stamp: &Stamp) -> Result<&mut StepRecord, String> {
        self.find(id)?;
        self.waiting = None;
        let s = self.find(id)?;
        let doubt = s.calls().any(|c| matches!(c.state, CallState::InDoubt(_)));
        s.state = if doubt { StepState::InDoubt } else { StepState::Active };
        s.by = Some(stamp.by.clone());
        Ok(s)
    }

    pub(super) fn open_change(&mut self, step: &str, change: u32) -> Result<&mut ChangeRecord, String> {
        let found = self.find(step)?.changes.get_mut(change as usize).filter(|c| c.open());
        found.ok_or_else(|| format!("step {step} has no open change {change}"))
    }

    fn set(&mut self, input: &str, value: &Value) -> Result<(), String> {
        let known = self.definition.inputs.iter().find(|i| i.name == input);
        match known {
            Some(i) if i.late && i.kind == value.kind() => {
                self.late.insert(input.to_owned(), value.clone());
                Ok(())
            }
            Some(i) if i.late => Err(format!("input {input:?} is of another type")),
            Some(_) | None => Err(format!("there is no late input {input:?}")),
        }
    }

    fn finished(
        &mut self,
        step: &str,
        stamp: &Stamp,
        evidence: &[String],
        outputs: &BTreeMap<String, Value>,
    ) -> Result<(), String> {
        let open = self.find(step)?.changes.iter().any(|c| c.open() || c.unsettled().is_some());
        if open {
            return Err(format!("step {step} has changes that are not made"));
        }
        let s = self.at_work(step, stamp)?;
        s.began.get_or_insert(stamp.at);
        s.ended = Some(stamp.at);
        s.state = StepState::Done;
        s.evidence = evidence.to_vec();
        s.outputs = outputs.clone();
        s.failure = None;
        Ok(())
    }

    fn failed(&mut self, step: &str, stamp: &Stamp, failure: &Failure) -> Result<(), String> {
        let s = self.at_work(step, stamp)?;
        s.state = StepState::Failed;
        s.ended = Some(stamp.at);
        s.failure = Some(failure.clone());
        // What is tallied is sent anew under another number.
        s.changes.iter_mut().filter(|c| c.what.tallied().is_some()).for_each(|c| {
            c.calls.retain(|c| !matches!(c.state, CallState::Refused { .. } | CallState::Overtaken { .. }));
        });
        for call in s.changes.iter_mut().flat_map(|c| &mut c.calls) {
            if let CallState::Refused { told, .. } | CallState::Overtaken { told, .. } = &mut call.state {
                *told = true;
            }
        }
        Ok(())
    }

    fn begin_undoing(&mut self) {
        self.undoing = true;
        self.ended = false;
        self.aborted = None;
        self.waiting = None;
        for s in &mut self.steps {
            match s.state {
                StepState::Active | StepState::Waiting | StepState::Failed => s.state = StepState::Todo,
                StepState::Todo
                | StepState::Skipped
                | StepState::InDoubt
                | StepState::Done
                | StepState::Undone => {}
            }
        }
    }

    fn undone(
        &mut self,
        step: &str,
        change: u32,
        stamp: &Stamp,
        (evidence, passed_over): (&[String], bool),
    ) -> Result<(), String> {
        if !self.undoing {
            return Err("nothing is being undone".into());
        }
        let found = self.find(step)?.changes.get(change as usize);
        if !found.is_some_and(|c| c.undoes.is_none() && c.undone.is_none()) {
            return Err(format!("step {step} has no change {change} to undo"));
        }
        let s = self.at_work(step, stamp)?;
        if let Some(c) = s.changes.get_mut(change as usize) {
            c.undone = Some(evidence.to_vec());
            c.passed_over = passed_over;
        }
        if !s.changes.iter().any(ChangeRecord::to_undo) {
            // A step of which everything still stands is as done as it was.
            let gone = s.changes.iter().any(|c| c.undone.is_some() && !c.passed_over);
            s.state = if gone { StepState::Undone } else { StepState::Done };
            s.ended = Some(stamp.at);
        }
        Ok(())
    }

    fn end(&mut self) {
        self.waiting = None;
        self.ended = true;
        for s in &mut self.steps {
            match s.state {
                // A step that was under way when everything was undone is not done.
                StepState::Active | StepState::Waiting | StepState::Failed | StepState::InDoubt => {
                    s.state = StepState::Undone;
                }
                StepState::Todo | StepState::Skipped | StepState::Done | StepState::Undone => {}
            }
        }
    }

    /// Which steps are passed over can change with a late input, until a later step has begun.
    fn skip_what_does_not_hold(&mut self) {
        let from = self.steps.iter().rposition(|s| s.began.is_some()).map_or(0, |last| last + 1);
        if from == self.steps.len() {
            return;
        }
        let known = self.known();
        for n in from..self.steps.len() {
            let Some(step) = self.definition.steps.get(n) else { return };
            let held = step.when.holds(&known);
            let Some(record) = self.steps.get_mut(n) else { return };
            match record.state {
                StepState::Todo | StepState::Skipped => {
                    record.state = if held { StepState::Todo } else { StepState::Skipped };
                }
                StepState::Active
                | StepState::Waiting
                | StepState::InDoubt
                | StepState::Failed
                | StepState::Done
                | StepState::Undone => {}
            }
        }
    }
}

/// What may be written after the end of a run.
fn may_follow_the_end(event: &Event) -> bool {
    match event {
        Event::Undoing | Event::Resumed { .. } | Event::Noted { .. } | Event::Revealed { .. } => true,
        // Leases that an end could not release are released by whoever comes next, and stopping a run that
        // is over changes nothing.
        Event::Aborted { .. } => false,
        Event::Started { .. }
        | Event::Armed
        | Event::Set { .. }
        | Event::Began { .. }
        | Event::Consented { .. }
        | Event::Void { .. }
        | Event::Intent { .. }
        | Event::Outcome { .. }
        | Event::Settled { .. }
        | Event::Stopped { .. }
        | Event::Changed { .. }
        | Event::Waiting { .. }
        | Event::Attested { .. }
        | Event::Finished { .. }
        | Event::Failed { .. }
        | Event::Undone { .. }
        | Event::Ended => false,
    }
}
