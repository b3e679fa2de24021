//! An incident: a run of runs. Its own journal holds what people said and which runs belong to it; it is a fold over
//! those events, and a [`Picture`] is that together with what the attached runs' journals tell. Pure: it asks nobody,
//! waits for nothing and reads no clock.

mod belongs;
mod ends;
mod event;
mod id;
mod line;
mod phase;
mod picture;
mod recovery;
pub mod report;
#[cfg(test)]
mod tests;

pub use ends::{End, EndKind};
pub use event::{Event, Telling};
pub use id::{IncidentId, digits};
pub use line::{Entry, EntryKind};
pub use phase::{Phase, Reached, Why};
pub use picture::{AttachedRun, Clock, Picture, RunThere};
pub use recovery::{Due, DueKind, Stand, Way};

use super::run::{Misfit, Note, Stamp};
use crate::estate::{At, RunId, Timestamp, Untrusted};
use std::collections::BTreeMap;

/// An incident, as its own records tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What people call it.
    pub name: Untrusted,
    /// What is suspected.
    pub suspected: Untrusted,
    /// Since when it is known.
    pub known: Timestamp,
    /// Where: account and Region, as far as AWS said.
    pub at: At,
    /// The context's name.
    pub context: Untrusted,
    /// It is about the practice estate.
    pub practice: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: Untrusted,
    /// What people noted, the oldest first.
    pub notes: Vec<Note>,
    /// What people decided, the oldest first.
    pub decisions: Vec<Note>,
    /// What people set aside of what is to be done, by the line of the recovery list.
    pub aside: BTreeMap<String, Note>,
    /// The phases that people said were entered: the last time each was.
    pub entered: BTreeMap<Phase, Note>,
    /// The runs that belong to it, in the order in which they were attached.
    pub runs: Vec<Attached>,
    /// Who outside was told what.
    pub told: Vec<Told>,
    /// The files that were kept as evidence.
    pub kept: Vec<Kept>,
    /// It is closed.
    pub closed: Option<Closed>,
    /// The number of its last record.
    pub seq: u64,
    /// When that was written.
    pub last_at: Timestamp,
}

/// An incident in a list; damaged ones say what is wrong with them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncidentLine {
    /// Its id.
    pub id: IncidentId,
    /// The incident, or why it cannot be read. Safe to draw. One that is open is known since its first run that contains, at
    /// the latest.
    pub there: Result<Incident, String>,
    /// The last phase that is under way, of one that is open and whose runs can be read.
    pub phase: Option<Phase>,
}

/// A run that belongs to an incident.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached {
    /// Which.
    pub run: RunId,
    /// Of which runbook.
    pub runbook: String,
    /// When it was attached.
    pub at: Timestamp,
    /// By whom.
    pub by: Untrusted,
}

/// A telling, and how it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// Of what.
    pub what: Telling,
    /// By which way, as the configuration names it.
    pub way: Untrusted,
    /// Why nobody heard; `None`: it was taken.
    pub failed: Option<String>,
    /// Which decision it is about.
    pub about: Option<String>,
}

/// A file of evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// When it was kept.
    pub at: Timestamp,
    /// By whom.
    pub by: Untrusted,
    /// Its name below the incident's directory.
    pub file: String,
    /// The hash of its bytes, in hex.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
    /// What it holds, in words.
    pub holds: String,
}

/// How an incident was closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Untrusted,
    /// Why, where something was open.
    pub reason: Option<Untrusted>,
    /// What was open, one sentence each.
    pub open: Vec<String>,
}

impl Incident {
    /// The incident that its first record opens.
    ///
    /// # Errors
    /// It is no `Opened`.
    pub fn begin(stamp: &Stamp, event: &Event) -> Result<Self, Misfit> {
        let Event::Opened { incident, name, suspected, known, at, context, practice } = event else {
            return Err(Misfit { seq: stamp.seq, why: "an incident begins with `opened`".into() });
        };
        Ok(Self {
            id: incident.clone(),
            name: name.clone(),
            suspected: suspected.clone(),
            known: *known,
            at: at.clone(),
            context: context.clone(),
            practice: *practice,
            opened_at: stamp.at,
            opened_by: stamp.by.clone(),
            notes: Vec::new(),
            decisions: Vec::new(),
            aside: BTreeMap::new(),
            entered: BTreeMap::new(),
            runs: Vec::new(),
            told: Vec::new(),
            kept: Vec::new(),
            closed: None,
            seq: stamp.seq,
            last_at: stamp.at,
        })
    }

    /// The incident that records add up to.
    ///
    /// # Errors
    /// A record does not fit those before it; there is none.
    pub fn fold<'a>(records: impl IntoIterator<Item = (Stamp, &'a Event)>) -> Result<Self, Misfit> {
        let mut records = records.into_iter();
        let none = || Misfit { seq: 0, why: "there are no records".into() };
        let (stamp, first) = records.next().ok_or_else(none)?;
        let mut incident = Self::begin(&stamp, first)?;
        for (stamp, event) in records {
            incident.apply(&stamp, event)?;
        }
        Ok(incident)
    }

    /// Adds a record.
    ///
    /// # Errors
    /// It does not fit those before it; the incident is as it was.
    pub fn apply(&mut self, stamp: &Stamp, event: &Event) -> Result<(), Misfit> {
        let misfit = |why: &str| Misfit { seq: stamp.seq, why: why.to_owned() };
        if stamp.seq != self.seq + 1 {
            return Err(Misfit { seq: stamp.seq, why: format!("it follows number {}", self.seq) });
        }
        if self.closed.is_some() && !event.may_follow_the_close() {
            return Err(misfit("the incident is closed"));
        }
        let (at, by) = (stamp.at, stamp.by.clone());
        let note = |text: &Untrusted| Note { at, by: by.clone(), text: text.clone() };
        match event {
            Event::Opened { .. } => return Err(misfit("it was opened already")),
            Event::Noted { text } => self.notes.push(note(text)),
            Event::Decided { text } => self.decisions.push(note(text)),
            Event::Entered { phase, why } => {
                self.entered.insert(*phase, note(why));
            }
            Event::SetAside { due, why, .. } => {
                self.aside.insert(due.clone(), note(why));
            }
            Event::Attached { run, .. } if self.has(run) => {
                return Err(misfit("the run is attached already"));
            }
            Event::Attached { run, runbook } => {
                self.runs.push(Attached { run: run.clone(), runbook: runbook.clone(), at, by });
            }
            Event::Told { what, way, failed, about } => self.told.push(Told {
                at,
                what: *what,
                way: way.clone(),
                failed: failed.clone(),
                about: about.clone(),
            }),
            Event::Kept { file, sha256, bytes, holds } => self.kept.push(Kept {
                at,
                by,
                file: file.clone(),
                sha256: sha256.clone(),
                bytes: *bytes,
                holds: holds.clone(),
            }),
            Event::Closed { reason, open } => {
                self.closed = Some(Closed { at, by, reason: reason.clone(), open: open.clone() });
            }
        }
        self.seq = stamp.seq;
        self.last_at = stamp.at;
        Ok(())
    }

    /// Whether a run belongs to it.
    #[must_use]
    pub fn has(&self, run: &RunId) -> bool {
        self.runs.iter().any(|a| a.run == *run)
    }

    /// The decisions that others were told of and not yet that they were made, each with the ways that have heard of it.
    #[must_use]
    pub fn undecided(&self) -> BTreeMap<&str, Vec<&Untrusted>> {
        let mut heard: BTreeMap<&str, Vec<&Untrusted>> = BTreeMap::new();
        for told in self.told.iter().filter(|told| told.failed.is_none()) {
            let Some(about) = &told.about else { continue };
            let ways = heard.entry(about).or_default();
            ways.retain(|way| **way != told.way);
            if told.what == Telling::Decision {
                ways.push(&told.way);
            }
        }
        heard.retain(|_, ways| !ways.is_empty());
        heard
    }

    /// The word that JSON and people use for how it stands.
    #[must_use]
    pub fn state_word(&self) -> &'static str {
        if self.closed.is_some() { "closed" } else { "open" }
    }
}
