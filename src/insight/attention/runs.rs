//! Runs, as far as they need a person: those in doubt, those that failed, and those whose wait is over.

use super::{Attention, Hint, Kind, Rank, Severity, class};
use crate::estate::Untrusted;
use crate::insight::look::Look;
use crate::insight::subject::Subject;
use crate::runbook::halt::RunLine;
use crate::runbook::run::RunState;

pub(super) fn find(look: &Look<'_>, all: &mut Vec<Attention>) {
    for run in look.runs {
        let Some((severity, kind, reason)) = why(look, run) else { continue };
        let name = Untrusted::from(format!("{} {}", run.runbook, run.id).trim());
        all.push(Attention {
            severity,
            kind,
            subject: Subject::Run(run.id.clone()),
            reason,
            next: Hint::Run,
            by: None,
            rank: Rank::of(class::RUN, &name).since(run.started),
            name,
        });
    }
}

fn why(look: &Look<'_>, run: &RunLine) -> Option<(Severity, Kind, String)> {
    let what = if run.waiting.is_empty() { "look at it" } else { run.waiting.as_str() };
    match run.state {
        None => Some((Severity::Now, Kind::RunFailed, format!("its journal is damaged: {what}"))),
        Some(RunState::InDoubt) => Some((Severity::Now, Kind::RunInDoubt, format!("in doubt: {what}"))),
        // A use after a containment is the alarm itself, and says so first.
        Some(RunState::Failed) if what.starts_with("NOT CONTAINED") => {
            Some((Severity::Now, Kind::RunFailed, what.to_owned()))
        }
        Some(RunState::Failed) => Some((Severity::Now, Kind::RunFailed, format!("stopped: {what}"))),
        // One that waits for time needs nobody until that has come.
        Some(RunState::Waiting) => match run.until {
            Some(until) if until > look.now => None,
            Some(_) => Some((Severity::Soon, Kind::RunWaiting, format!("may go on: {what}"))),
            None => Some((Severity::Soon, Kind::RunWaiting, format!("waits for you: {what}"))),
        },
        // Somebody is at it, or a process ended between two steps: its page tells.
        Some(RunState::Active) => Some((Severity::Soon, Kind::RunWaiting, "under way, not finished".into())),
        Some(RunState::Aborted | RunState::Done | RunState::Undone) => None,
    }
}
