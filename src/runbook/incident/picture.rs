//! An incident with what its runs tell: what a screen, a document and a report show. Made from journals only, so that
//! whoever reads it later sees the same.

use super::ends::{End, ends};
use super::line::{Entry, time_line};
use super::phase::{Reached, reached};
use super::recovery::{Due, Stand, recovery};
use super::{Incident, Timestamp};
use crate::estate::change::Risk;
use crate::estate::{RunId, Untrusted};
use crate::runbook::report::Chain;
use crate::runbook::run::{Run, Stamp};
use crate::runbook::suspect::contains;
use crate::runbook::{Event as RunEvent, RunState, StepState};

/// A run of an incident, as far as it can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttachedRun {
    /// Its id.
    pub id: RunId,
    /// Its runbook, as it was attached.
    pub runbook: String,
    /// The run.
    pub there: RunThere,
    /// Its records, the oldest first.
    pub events: Vec<(Stamp, RunEvent)>,
    /// What verifying its journal found; `None` if it could not be read.
    pub chain: Option<Chain>,
}

/// Whether a run could be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunThere {
    /// It could; a process may have it in hand.
    Read {
        /// What its records add up to.
        run: Box<Run>,
        /// A process has it in hand at this moment.
        in_hand: bool,
    },
    /// It could not, and why. Safe to draw.
    Unreadable(String),
}

impl AttachedRun {
    /// The run, if it could be read.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match &self.there {
            RunThere::Read { run, .. } => Some(run),
            RunThere::Unreadable(_) => None,
        }
    }

    /// How it stands; `None` if it could not be read.
    #[must_use]
    pub fn state(&self) -> Option<RunState> {
        match &self.there {
            RunThere::Read { run, in_hand: true } => Some(run.state()),
            RunThere::Read { run, in_hand: false } => Some(run.state_at_rest()),
            RunThere::Unreadable(_) => None,
        }
    }

    /// The word for how it stands.
    #[must_use]
    pub fn state_word(&self) -> &'static str {
        self.state().map_or("damaged", RunState::word)
    }
}

/// The instants by which an incident is judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// Since when it is known.
    pub known: Timestamp,
    /// When the first containing call was made.
    pub first_containing: Option<Timestamp>,
    /// When a run last found that what it contains is contained. Not while a watch of another goes on.
    pub contained: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

/// An incident and what its runs tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// What its own records say.
    pub incident: Incident,
    /// Its runs, in the order in which they were attached.
    pub runs: Vec<AttachedRun>,
    /// Since when each phase is under way.
    pub phases: Vec<Reached>,
    /// Everything that happened, the oldest first.
    pub line: Vec<Entry>,
    /// What is not finished of its runs.
    pub ends: Vec<End>,
    /// What is to be done until everything works again as it should, in its order, with what is done of it.
    pub recovery: Vec<Due>,
    /// The instants by which it is judged.
    pub clock: Clock,
    /// What verifying its own journal found.
    pub chain: Chain,
}

impl Picture {
    /// Puts an incident, its own records and its runs together.
    #[must_use]
    pub fn of(
        incident: Incident,
        own: &[(Stamp, super::Event)],
        runs: Vec<AttachedRun>,
        chain: Chain,
    ) -> Self {
        let phases = reached(&incident, &runs);
        let line = time_line(own, &runs);
        let ends = ends(&runs);
        let recovery = recovery(&incident, &runs);
        let clock = clock(&incident, &runs);
        Self { incident, runs, phases, line, ends, recovery, clock, chain }
    }

    /// What is to be done and nobody has begun. What a run is at is an open end of that.
    pub fn to_do(&self) -> impl Iterator<Item = &Due> {
        self.recovery.iter().filter(|due| due.stand == Stand::Open)
    }

    /// Everything that is open, one sentence each.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        let ends = self.ends.iter().map(|end| end.text.clone());
        ends.chain(self.to_do().map(|due| format!("{} {}", due.id, due.text))).collect()
    }

    /// The line of the recovery list of that id.
    #[must_use]
    pub fn due(&self, id: &str) -> Option<&Due> {
        self.recovery.iter().find(|due| due.id == id)
    }

    /// Everybody who did or said something, each once, in the order of their first deed.
    #[must_use]
    pub fn people(&self) -> Vec<Untrusted> {
        let mut people: Vec<Untrusted> = Vec::new();
        for entry in &self.line {
            if !people.contains(&entry.by) {
                people.push(entry.by.clone());
            }
        }
        people
    }
}

/// The verbs that say "contained", each in the word of what it is about.
const VERDICTS: [&str; 5] =
    ["credential.contained", "role.revoked", "function.stopped", "database.verify", "gateway.quiet"];

/// Whether a verb says that something is contained.
pub(super) fn says_contained(verb: &str) -> bool {
    VERDICTS.contains(&verb)
}

/// Since when it is known: as was said when it was opened, and at the latest when something was started that contains. Nobody
/// opens an incident before the first minute is over.
pub(super) fn known(incident: &Incident, runs: &[AttachedRun]) -> Timestamp {
    let contain = runs.iter().filter_map(AttachedRun::run).filter(|run| contains(&run.definition));
    contain.map(|run| run.started_at).fold(incident.known, Timestamp::min)
}

fn clock(incident: &Incident, runs: &[AttachedRun]) -> Clock {
    let records: Vec<&Run> = runs.iter().filter_map(AttachedRun::run).collect();
    let steps = || records.iter().flat_map(|run| run.steps.iter().map(move |s| (*run, s)));
    let containing = steps().flat_map(|(_, s)| &s.changes).filter(|c| c.what.risk() == Risk::Containing);
    let first_containing =
        containing.filter(|c| !c.untouched()).filter_map(|c| c.changed.or(Some(c.at))).min();
    let verdicts: Vec<_> = steps()
        .filter(|(run, s)| run.defined(&s.id).is_some_and(|d| says_contained(&d.verb)))
        .filter(|(_, s)| s.state != StepState::Skipped)
        .collect();
    let all = !verdicts.is_empty() && verdicts.iter().all(|(_, s)| s.state == StepState::Done);
    let contained = verdicts.iter().filter_map(|(_, s)| s.ended).max().filter(|_| all);
    Clock {
        known: known(incident, runs),
        first_containing,
        contained,
        closed: incident.closed.as_ref().map(|c| c.at),
    }
}
