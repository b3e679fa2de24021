//! What is concluded from the inventory for all screens at once: made again when the inventory or the
//! minute has changed, and before anything is drawn or a key is answered.

use super::lists::Row;
use super::{Link, Model, Screen, Tab};
use crate::estate::Fault;
use crate::insight::attention::{self, Attention, Hint};
use crate::insight::look::{Look, Picture as Base};
use crate::insight::{Source, Subject};
use std::sync::Arc;

/// The conclusions.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Whether it must be made again before it is used.
    pub stale: bool,
    /// Roles of queues, mutes, systems.
    pub base: Base,
    /// What needs a person, most urgent first.
    pub needs: Vec<Attention>,
    /// The trouble with the credentials, where there is one.
    pub trouble: Option<Arc<Fault>>,
    /// The systems with their totals.
    pub systems: Vec<SystemLine>,
    pub(super) needing: [usize; 6],
}

/// A system with its totals, as the overview has it.
pub type SystemLine = super::systems::SystemLine;

impl Picture {
    /// How many rows the systems take.
    #[must_use]
    pub fn systems_len(&self) -> usize {
        self.systems.len()
    }

    /// How many things of a tab need attention.
    #[must_use]
    pub fn needing(&self, tab: Tab) -> usize {
        Tab::ALL.iter().position(|t| *t == tab).and_then(|i| self.needing.get(i)).copied().unwrap_or(0)
    }
}

/// The screen of a thing.
#[must_use]
pub fn screen_of(subject: &Subject) -> Screen {
    match subject {
        Subject::Alarm(arn) => Screen::Alarm(arn.clone()),
        Subject::Queue(url) => Screen::Queue(url.clone()),
        Subject::Acl(arn) => Screen::Acl(arn.clone()),
        Subject::Secret(arn) => Screen::Secret(arn.clone()),
        Subject::Run(id) => Screen::Run(id.clone()),
        Subject::Incident(id) => Screen::Incident(id.clone()),
        Subject::Source(_) => Screen::Freshness,
    }
}

/// The row of an entry in the list of what needs a person.
#[must_use]
pub fn row_of(entry: &Attention) -> Row {
    // Sources all lead to one screen, so they are told apart by their place among the sources.
    let part = match &entry.subject {
        Subject::Source(source) => {
            let place = Model::whole(true).iter().position(|b| Source::Broad(*b) == *source).unwrap_or(99);
            100 + u16::try_from(place).unwrap_or(99)
        }
        Subject::Alarm(_)
        | Subject::Queue(_)
        | Subject::Acl(_)
        | Subject::Secret(_)
        | Subject::Run(_)
        | Subject::Incident(_) => entry.kind as u16,
    };
    Row { screen: screen_of(&entry.subject), part }
}

/// The screen that the hint of an entry leads to.
#[must_use]
pub fn target_of(entry: &Attention) -> Screen {
    match entry.next {
        Hint::Chart | Hint::Queue | Hint::Samples | Hint::Secret => screen_of(&entry.subject),
        Hint::List => screen_of(&entry.subject).tab().screen(),
        Hint::Run | Hint::Incident => screen_of(&entry.subject),
        Hint::Access => Screen::Freshness,
    }
}

/// The thing of a screen, as conclusions name it.
#[must_use]
pub fn subject_of(screen: &Screen) -> Option<Subject> {
    match screen {
        Screen::Alarm(arn) => Some(Subject::Alarm(arn.clone())),
        Screen::Queue(url) => Some(Subject::Queue(url.clone())),
        Screen::Acl(arn) => Some(Subject::Acl(arn.clone())),
        Screen::Secret(arn) => Some(Subject::Secret(arn.clone())),
        Screen::Overview
        | Screen::Alarms
        | Screen::Queues
        | Screen::Waf
        | Screen::Secrets
        | Screen::Runs
        | Screen::Runbook(_)
        | Screen::Plan
        | Screen::Run(_)
        | Screen::Incident(_)
        | Screen::Contain(_)
        | Screen::Freshness => None,
    }
}

impl Model {
    /// One look at the estate, at the minute that has begun.
    #[must_use]
    pub fn look(&self) -> Look<'_> {
        Look {
            inv: &self.inventory,
            picture: &self.picture.base,
            policy: &self.setup.config.policy,
            runs: self.run_list(),
            incidents: self.incident_list(),
            now: self.minute(),
        }
    }

    /// Concludes everything anew.
    pub fn conclude(&mut self) {
        if !self.picture.base.is_of(&self.inventory) {
            self.picture.base = Base::of(&self.inventory, &self.setup.config.systems);
        }
        let needs = attention::attention(&self.look());
        let systems = super::systems::lines(self);
        let mut needing = [0; 6];
        for entry in &needs {
            let tab = screen_of(&entry.subject).tab();
            if let Some(i) = Tab::ALL.iter().position(|t| *t == tab) {
                needing[i] += 1;
            }
        }
        self.picture.needs = needs;
        self.picture.systems = systems;
        self.picture.needing = needing;
        self.picture.trouble = self.find_trouble();
        self.picture.stale = false;
    }

    /// The first fault about credentials: then nothing else can work either.
    fn find_trouble(&self) -> Option<Arc<Fault>> {
        let Link::Open(_) = self.link else { return None };
        Self::whole(self.wants_tags())
            .into_iter()
            .filter_map(|broad| self.inventory.trouble(&Source::Broad(broad)))
            .find(|fault| fault.is_about_credentials())
            .cloned()
    }
}
