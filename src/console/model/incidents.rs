//! The incidents as the console knows them: the list, and those that were opened. Nothing here writes to one.

use super::lists::Row;
use super::{Model, Screen};
use crate::estate::Untrusted;
use crate::insight::list::Filter;
use crate::runbook::incident::{Due, Incident, IncidentId, IncidentLine, Phase, Picture};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the console knows of incidents.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    /// The incidents, newest first; `None` before they were read.
    pub list: Option<Result<Vec<IncidentLine>, String>>,
    /// Those that were opened, with what their runs tell.
    pub read: BTreeMap<IncidentId, Arc<Picture>>,
    /// The one that is looked at: it is read when that begins.
    pub looked_at: Option<IncidentId>,
}

impl Model {
    /// The incident that is open or selected.
    #[must_use]
    pub fn incident_here(&self) -> Option<&IncidentId> {
        match self.thing() {
            Some(Screen::Incident(id)) => Some(id),
            Some(_) | None => None,
        }
    }

    /// An incident as its own records tell, as far as it is known.
    #[must_use]
    pub fn incident(&self, id: &IncidentId) -> Option<&Incident> {
        let listed = || self.incident_list().iter().find(|l| l.id == *id).and_then(|l| l.there.as_ref().ok());
        self.incidents.read.get(id).map(|p| &p.incident).or_else(listed)
    }

    /// The incidents, as far as they were read.
    #[must_use]
    pub fn incident_list(&self) -> &[IncidentLine] {
        match &self.incidents.list {
            Some(Ok(list)) => list,
            Some(Err(_)) | None => &[],
        }
    }

    /// The newest incident that is not closed: what is contained now belongs to it.
    #[must_use]
    pub fn open_incident(&self) -> Option<&IncidentId> {
        let open = |l: &&IncidentLine| l.there.as_ref().is_ok_and(|i| i.closed.is_none());
        self.incident_list().iter().find(open).map(|l| &l.id)
    }

    /// Whether an incident may be written to.
    #[must_use]
    pub fn is_open(&self, id: &IncidentId) -> bool {
        self.incident(id).is_some_and(|i| i.closed.is_none())
    }

    /// The phase that comes after the last that is under way.
    #[must_use]
    pub fn next_phase(&self, id: &IncidentId) -> Option<Phase> {
        let picture = self.incidents.read.get(id)?;
        let last = picture.phases.iter().map(|r| r.phase).max()?;
        Phase::ALL.into_iter().find(|p| *p > last)
    }

    /// A line of the recovery list of the incident on screen.
    #[must_use]
    pub fn due_of(&self, due: &str) -> Option<&Due> {
        let Screen::Incident(id) = self.screen() else { return None };
        self.incidents.read.get(id)?.due(due)
    }

    /// The line of the recovery list that is selected, if it is not over and may be set aside.
    #[must_use]
    pub fn due_here(&self) -> Option<&Due> {
        let Screen::Incident(id) = self.screen() else { return None };
        if !self.is_open(id) {
            return None;
        }
        let lines = self.sheet();
        let link = self.reading(self.screen(), &lines, 1).link;
        let stops = lines.into_iter().filter(|l| l.is_stop()).enumerate();
        let selected = stops.take_while(|(n, _)| *n <= link).last().and_then(|(_, line)| line.fold)?;
        self.due_of(&selected).filter(|due| !due.stand.is_over())
    }

    /// What people call an incident, and its id.
    #[must_use]
    pub fn incident_name(&self, id: &IncidentId) -> Untrusted {
        self.incident(id).map_or_else(|| id.to_string().into(), |i| format!("{} {id}", i.name.wire()).into())
    }

    /// The rows of incidents that fit: those that are open, or those that are not.
    pub(super) fn incident_rows(&self, filter: &Filter, open: bool) -> (Vec<Row>, usize) {
        let is_open = |l: &IncidentLine| l.there.as_ref().map_or(true, |i| i.closed.is_none());
        let lines = self.incident_list().iter().filter(|l| is_open(l) == open);
        let mut rows = Vec::new();
        let mut total = 0;
        for line in lines {
            total += 1;
            let (name, state) = match &line.there {
                Ok(incident) => (incident.name.wire(), incident.state_word()),
                Err(_) => ("", "damaged"),
            };
            if filter.fits_texts(&[line.id.as_str(), name, state, "incident"]) {
                rows.push(Row { screen: Screen::Incident(line.id.clone()), part: 0 });
            }
        }
        (rows, total)
    }
}
