//! The runs as the console knows them: the list, the runs that are open with what they wait for, the plan
//! that was asked for, and the runbooks that can be started. Nothing here gives consent.

use super::contain::ContainBox;
use super::lists::Row;
use super::{Link, Model, Screen};
use crate::estate::{Act, Arn, IdempotencyKey, QueueUrl, RunId, Ticket, Untrusted};
use crate::insight::list::Filter;
use crate::runbook::halt::{Halt, RunLine};
use crate::runbook::plan::Plan;
use crate::runbook::run::{ChangeRecord, Run, RunState, StepRecord};
use crate::runbook::suspect::{Suspect, contains};
use crate::runbook::{Definition, Failure, StepKind, shell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the console knows of runs.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// The runbooks, by name.
    pub books: Vec<Arc<Definition>>,
    /// What is made a run of without being listed: a redrive, a replay.
    pub commands: Vec<Arc<Definition>>,
    /// Why no run can be started or gone on with; `None` while one can.
    pub refused: Option<String>,
    /// The runs, newest first; `None` before they were read.
    pub list: Option<Result<Vec<RunLine>, String>>,
    /// The runs that were opened.
    pub open: BTreeMap<RunId, OpenRun>,
    /// The plan that was asked for.
    pub plan: Option<PlanBox>,
    /// What contains the things that were looked at for that.
    pub contain: BTreeMap<Suspect, ContainBox>,
    /// The page of containment that was last on screen, to see when one is opened.
    pub contain_seen: Option<Screen>,
    /// The screen that was open when the list was last thought of.
    pub seen_from: Option<Screen>,
}

/// A run that is open in the console.
#[derive(Clone, Debug, Default)]
pub struct OpenRun {
    /// What its journal says; `None` while it is read.
    pub run: Option<Arc<Run>>,
    /// What it waits for, if this console has taken it.
    pub halt: Option<Halt>,
    /// What is being done with it by this console.
    pub busy: bool,
    /// Why it could not be read or gone on with.
    pub trouble: Option<String>,
    /// The steps that a person unfolded, and those that were folded up although the run is at them.
    pub unfolded: BTreeSet<String>,
    /// See `unfolded`.
    pub folded: BTreeSet<String>,
}

/// A plan that was asked for.
#[derive(Clone, Debug)]
pub struct PlanBox {
    /// The request: a later one replaces it.
    pub ticket: Ticket,
    /// Of which runbook.
    pub book: Arc<Definition>,
    /// The inputs as they were typed.
    pub given: Vec<(String, String)>,
    /// The plan; `None` while AWS is asked; or why there is none.
    pub plan: Option<Result<Arc<Plan>, String>>,
    /// A run was started from it: it cannot be started twice.
    pub started: bool,
    /// Why it could not be started.
    pub trouble: Option<String>,
    /// It is started as soon as it is there: starting changes nothing, and what would be is asked about.
    pub at_once: bool,
}

impl Model {
    /// Whether anything can be changed in this context.
    #[must_use]
    pub fn can_change(&self) -> bool {
        matches!(self.link, Link::Open(_)) && self.runs.refused.is_none()
    }

    /// The secret that is open or selected.
    #[must_use]
    pub fn secret_here(&self) -> Option<&Arn> {
        match self.thing() {
            Some(Screen::Secret(arn)) => Some(arn),
            Some(_) | None => None,
        }
    }

    /// The dead-letter queue that is open or selected.
    #[must_use]
    pub fn dead_letters_here(&self) -> Option<&QueueUrl> {
        match self.thing() {
            Some(Screen::Queue(url)) if self.picture.base.roles.role(url).is_dead_letter() => Some(url),
            Some(_) | None => None,
        }
    }

    /// Whether a run is moving messages that a person may stop.
    #[must_use]
    pub fn is_moving(&self, id: &RunId) -> bool {
        let run = self.runs.open.get(id).and_then(|o| o.run.as_ref());
        let open = run.into_iter().flat_map(|r| &r.steps).filter_map(|s| s.open());
        open.into_iter().any(|(_, c)| c.what.tallied().is_some() && !c.tally.stopping)
    }

    /// The run that is open or selected.
    #[must_use]
    pub fn run_here(&self) -> Option<&RunId> {
        match self.thing() {
            Some(Screen::Run(id)) => Some(id),
            Some(_) | None => None,
        }
    }

    /// The runbook that is open or selected.
    #[must_use]
    pub fn book_here(&self) -> Option<&Arc<Definition>> {
        match self.thing() {
            Some(Screen::Runbook(name)) => self.book(name),
            Some(_) | None => None,
        }
    }

    /// A runbook by its name.
    #[must_use]
    pub fn book(&self, name: &str) -> Option<&Arc<Definition>> {
        self.runs.books.iter().chain(&self.runs.commands).find(|b| b.name == name)
    }

    /// Whether there is a runbook, or a plan, to start from here.
    #[must_use]
    pub fn can_start(&self) -> bool {
        match self.screen() {
            Screen::Plan => matches!(
                &self.runs.plan,
                Some(PlanBox { plan: Some(Ok(plan)), started: false, .. }) if plan.refusal().is_none()
            ),
            _ => self.book_here().is_some(),
        }
    }

    /// The state of a run, as far as it is known.
    #[must_use]
    pub fn run_state(&self, id: &RunId) -> Option<RunState> {
        if let Some(run) = self.runs.open.get(id).and_then(|o| o.run.as_ref()) {
            return Some(run.state());
        }
        let Some(Ok(list)) = &self.runs.list else { return None };
        list.iter().find(|l| l.id == *id).and_then(|l| l.state)
    }

    /// Whether a run is not over.
    fn is_under_way(&self, id: &RunId) -> bool {
        match self.run_state(id) {
            Some(RunState::Active | RunState::Waiting | RunState::InDoubt | RunState::Failed) => true,
            Some(RunState::Aborted | RunState::Done | RunState::Undone) | None => false,
        }
    }

    /// Whether a run can be gone on with now: nobody here is at it.
    #[must_use]
    pub fn can_go_on(&self, id: &RunId) -> bool {
        self.is_under_way(id) && !self.is_busy(id)
    }

    /// Whether this console is doing something with a run.
    #[must_use]
    pub fn is_busy(&self, id: &RunId) -> bool {
        self.runs.open.get(id).is_some_and(|o| o.busy)
    }

    /// Whether a run that waits looks again without being told to, while this console has it in hand: one that contains
    /// something, for a use after that must not wait for a key press. It only looks; what it would change it asks.
    #[must_use]
    pub fn looks_by_itself(&self, id: &RunId) -> bool {
        let Some(open) = self.runs.open.get(id).filter(|o| !o.busy) else { return false };
        let Some(Halt::Time { step, .. }) = &open.halt else { return false };
        let Some(run) = &open.run else { return false };
        contains(&run.definition) && run.defined(step).is_some_and(|s| s.kind == StepKind::Wait)
    }

    /// What the run on screen asks a person, if it is at hand.
    #[must_use]
    pub fn asked_here(&self) -> Option<(&RunId, &Halt)> {
        let id = self.run_here()?;
        let open = self.runs.open.get(id).filter(|o| !o.busy)?;
        let answers = |failed: &Failure| {
            let run = open.run.as_ref();
            run.is_some_and(|r| r.stuck_undoing().is_some() || !r.definition.asked_by(failed).is_empty())
        };
        let asks = |halt: &&Halt| match halt {
            Halt::Failed { failure, .. } => answers(failure),
            other => other.is_for_a_person(),
        };
        open.halt.as_ref().filter(asks).map(|h| (id, h))
    }

    /// Whether a run has done anything that can be undone.
    #[must_use]
    pub fn can_undo(&self, id: &RunId) -> bool {
        let run = self.runs.open.get(id).and_then(|o| o.run.as_ref());
        // What went through a queue is not taken back.
        let stays = |c: &ChangeRecord| matches!(c.what.act, Act::Messages(_) | Act::Sqs(_));
        let change = |(step, n): (&StepRecord, u32)| step.changes.get(n as usize).is_some_and(|c| !stays(c));
        !self.is_busy(id) && run.is_some_and(|run| run.undoable().any(change))
    }

    /// Whether a run can be stopped.
    #[must_use]
    pub fn can_abort(&self, id: &RunId) -> bool {
        self.can_go_on(id)
    }

    /// The AWS CLI lines of the calls that a run has made so far, one after the other.
    #[must_use]
    pub fn run_lines(&self, id: &RunId) -> Vec<String> {
        let run = self.runs.open.get(id).and_then(|o| o.run.as_ref());
        let calls = run.into_iter().flat_map(|run| {
            run.steps
                .iter()
                .flat_map(StepRecord::calls)
                .map(|c| shell::line(&c.what.cli(&c.key), &run.at.region))
        });
        let lines: Vec<String> = calls.collect();
        if lines.is_empty() { Vec::new() } else { vec![lines.join("\n")] }
    }

    /// Whether all that is known of a step is on the page of its run: it was unfolded, or the run is at it.
    #[must_use]
    pub fn is_unfolded(&self, id: &RunId, step: &StepRecord) -> bool {
        let Some(open) = self.runs.open.get(id) else { return false };
        let here = open
            .run
            .as_ref()
            .is_some_and(|run| !run.state().over() && run.current().is_some_and(|s| s.id == step.id));
        open.unfolded.contains(&step.id) || (here && !open.folded.contains(&step.id))
    }

    /// Unfolds a step, or folds it up again.
    pub fn turn_fold(&mut self, id: &RunId, step: &str) {
        let record = self.runs.open.get(id).and_then(|o| o.run.as_ref()).and_then(|r| r.step(step));
        let unfolded = record.is_some_and(|s| self.is_unfolded(id, s));
        let open = self.runs.open.entry(id.clone()).or_default();
        let (from, to) = if unfolded {
            (&mut open.unfolded, &mut open.folded)
        } else {
            (&mut open.folded, &mut open.unfolded)
        };
        from.remove(step);
        to.insert(step.to_owned());
    }

    /// Whether any run that is known is not over.
    #[must_use]
    pub fn any_under_way(&self) -> bool {
        self.run_list().iter().any(|l| l.state.is_none_or(|s| !s.over()))
    }

    /// The runs, as far as they were read.
    #[must_use]
    pub fn run_list(&self) -> &[RunLine] {
        match &self.runs.list {
            Some(Ok(list)) => list,
            Some(Err(_)) | None => &[],
        }
    }

    /// What people call a run: its runbook and its id.
    #[must_use]
    pub fn run_name(&self, id: &RunId) -> Untrusted {
        if let Some(run) = self.runs.open.get(id).and_then(|o| o.run.as_ref()) {
            return format!("{} {id}", run.definition.name).into();
        }
        match &self.runs.list {
            Some(Ok(list)) => list
                .iter()
                .find(|l| l.id == *id)
                .map_or_else(|| id.to_string().into(), |l| format!("{} {id}", l.runbook).into()),
            Some(Err(_)) | None => id.to_string().into(),
        }
    }

    /// The AWS CLI lines that do by hand what is asked, or show what is on screen.
    #[must_use]
    pub fn cli_here(&self) -> Option<String> {
        if let Some(super::Overlay::Consent(open)) = &self.overlay
            && let super::consent::Asked::Changes { step, .. } = &open.asked
        {
            let mut lines = Vec::new();
            let mut number = 0;
            for change in open.changes() {
                for call in change.calls() {
                    let key = IdempotencyKey::derive(&open.run, step, number, 1);
                    lines.push(shell::line(&call.cli(&key), &change.at.region));
                    number += 1;
                }
            }
            return Some(lines.join(" && "));
        }
        self.cli_line()
    }

    /// The rows of the runs' list: the runs, then the runbooks.
    pub(super) fn run_rows(&self, filter: &Filter) -> (Vec<Row>, usize) {
        let mut rows = Vec::new();
        let mut total = 0;
        // Before the runs are read nothing is selected that they would push away.
        if self.runs.list.is_none() {
            return (rows, total);
        }
        let (mut over, closed) = self.incident_rows(filter, false);
        let (mut first, open) = self.incident_rows(filter, true);
        rows.append(&mut first);
        total += open + closed;
        if let Some(Ok(list)) = &self.runs.list {
            for line in list {
                total += 1;
                if filter.fits_texts(&[line.id.as_str(), &line.runbook, line.state_word(), line.by.wire()]) {
                    rows.push(Row { screen: Screen::Run(line.id.clone()), part: 0 });
                }
            }
        }
        rows.append(&mut over);
        for book in &self.runs.books {
            total += 1;
            if filter.fits_texts(&[&book.name, &book.title, "runbook"]) {
                rows.push(Row { screen: Screen::Runbook(book.name.clone()), part: 1 });
            }
        }
        (rows, total)
    }
}
