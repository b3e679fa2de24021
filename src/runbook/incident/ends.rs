//! What is not finished in the runs of an incident: those that wait or stopped, calls that nobody knows about, a watch that
//! is not over, what was left over. What is to be done beside them is `recovery`'s.

use super::picture::{AttachedRun, RunThere, says_contained};
use crate::estate::RunId;
use crate::estate::change::Risk;
use crate::runbook::event::WaitingFor;
use crate::runbook::run::{Run, StepRecord};
use crate::runbook::words::instant;
use crate::runbook::{RunState, StepState};

/// Something that is not finished.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// What kind of thing.
    pub kind: EndKind,
    /// One sentence. It may hold names from outside.
    pub text: String,
    /// The run that it belongs to.
    pub run: Option<RunId>,
    /// The command that goes on with it.
    pub command: Option<String>,
}

/// What kind of thing is not finished.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndKind {
    /// A run waits for a person.
    Decision,
    /// Nobody knows whether a call happened.
    InDoubt,
    /// A run could not go on, or cannot be read.
    Stopped,
    /// A run can go on, or waits for time.
    Unfinished,
    /// Whether anybody gets through is still being watched, or was never watched to its end.
    Quiet,
    /// A run that was stopped for good has left something.
    LeftOver,
}

impl EndKind {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EndKind::Decision => "decision",
            EndKind::InDoubt => "in_doubt",
            EndKind::Stopped => "stopped",
            EndKind::Unfinished => "unfinished",
            EndKind::Quiet => "quiet",
            EndKind::LeftOver => "left_over",
        }
    }
}

/// What is not finished, of each run in turn.
pub(super) fn ends(runs: &[AttachedRun]) -> Vec<End> {
    runs.iter().flat_map(of_run).collect()
}

fn of_run(attached: &AttachedRun) -> Vec<End> {
    let run = match &attached.there {
        RunThere::Read { run, .. } => run,
        RunThere::Unreadable(why) => {
            let text = format!("run {} of {} cannot be read: {why}", attached.id, attached.runbook);
            let command = Some("bartizan journal verify".to_owned());
            return vec![End { kind: EndKind::Stopped, text, run: Some(attached.id.clone()), command }];
        }
    };
    let state = attached.state().unwrap_or(RunState::Failed);
    let end =
        |kind, text: String, command: Option<String>| End { kind, text, run: Some(run.id.clone()), command };
    let resume = || Some(format!("bartizan runbook resume {}", run.id));
    let mut out: Vec<End> =
        run.steps.iter().flat_map(doubts).map(|text| end(EndKind::InDoubt, text, resume())).collect();
    let of = format!("run {} ({})", run.id, run.definition.name);
    match state {
        RunState::Waiting => out.push(match run.waiting.as_ref().map(|w| (&w.step, &w.for_what)) {
            Some((step, WaitingFor::Person { why, .. })) => {
                end(EndKind::Decision, format!("{of} waits for a person at {step}: {why}"), resume())
            }
            Some((step, WaitingFor::Time { until, why, .. } | WaitingFor::Settle { until, why })) => {
                let text = format!("{of} waits at {step} until {}: {why}", instant(*until));
                end(EndKind::Unfinished, text, resume())
            }
            None => end(EndKind::Unfinished, format!("{of} waits"), resume()),
        }),
        RunState::Active => {
            let at = run.current().map_or_else(String::new, |s| format!(" at {}", s.id));
            out.push(end(EndKind::Unfinished, format!("{of} is not over{at}"), resume()));
        }
        RunState::Failed => {
            let failed = run.steps.iter().find(|s| s.state == StepState::Failed);
            let why = failed.and_then(|s| Some((s, s.failure.as_ref()?)));
            let text = why.map_or_else(
                || format!("{of} could not go on"),
                |(s, f)| format!("{of} could not go on at {}: {}", s.id, f.text),
            );
            out.push(end(EndKind::Stopped, text, resume()));
        }
        RunState::InDoubt if out.is_empty() => {
            out.push(end(EndKind::InDoubt, format!("{of} is in doubt"), resume()));
        }
        RunState::Aborted => {
            let left = run.aborted.iter().flatten();
            out.extend(left.map(|l| {
                let undo = format!("bartizan runbook undo {}", run.id);
                end(EndKind::LeftOver, format!("{of} was stopped for good and left: {l}"), Some(undo))
            }));
        }
        RunState::InDoubt | RunState::Done | RunState::Undone => {}
    }
    if let Some(step) = unwatched(run) {
        let text = format!(
            "{of}: whether anybody still gets through was not watched to its end ({step}); it is not known to be contained"
        );
        out.push(end(EndKind::Quiet, text, (!state.over()).then(resume).flatten()));
    }
    out
}

fn doubts(step: &StepRecord) -> Vec<String> {
    let open = step.calls().filter(|c| c.state.unsettled());
    let said = |c: &crate::runbook::run::CallRecord| {
        let (operation, on) = (c.what.operation().name, c.what.resource());
        format!("nobody knows whether {operation} on {} happened (step {})", on.shown(), step.id)
    };
    open.map(said).collect()
}

/// The step that would have said that it is contained, or that watches for it, and has not: where something that
/// contains stands.
fn unwatched(run: &Run) -> Option<&str> {
    let contains = |c: &crate::runbook::run::ChangeRecord| c.what.risk() == Risk::Containing && c.stands();
    if !run.steps.iter().flat_map(|s| &s.changes).any(contains) {
        return None;
    }
    let watches = |s: &&StepRecord| {
        let verb = run.defined(&s.id).map(|d| d.verb.as_str());
        verb.is_some_and(|v| v.ends_with(".quiet") || says_contained(v)) && !s.over()
    };
    run.steps.iter().find(watches).map(|s| s.id.as_str())
}
