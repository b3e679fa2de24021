//! Incidents that are open: they come before everything else, with their clock and their phase.

use super::{Attention, Hint, Kind, Rank, Severity, class};
use crate::estate::time::seconds_between;
use crate::estate::{Timestamp, Untrusted};
use crate::insight::look::Look;
use crate::insight::subject::Subject;
use crate::insight::words;
use crate::runbook::incident::IncidentLine;

pub(super) fn find(look: &Look<'_>, all: &mut Vec<Attention>) {
    for line in look.incidents {
        let Some((reason, since)) = why(look, line) else { continue };
        let name = line.there.as_ref().map_or_else(|_| Untrusted::from(line.id.as_str()), |i| i.name.clone());
        all.push(Attention {
            severity: Severity::Now,
            kind: Kind::Incident,
            subject: Subject::Incident(line.id.clone()),
            reason,
            next: Hint::Incident,
            by: None,
            rank: Rank::of(class::INCIDENT, &name).since(since),
            name,
        });
    }
}

fn why(look: &Look<'_>, line: &IncidentLine) -> Option<(String, Option<Timestamp>)> {
    match &line.there {
        Ok(incident) if incident.closed.is_some() => None,
        Ok(incident) => {
            let known = words::duration(seconds_between(incident.known, look.now).max(0));
            let phase = line.phase.map_or_else(String::new, |phase| format!(", {}", phase.word()));
            Some((format!("open incident, known for {known}{phase}"), Some(incident.opened_at)))
        }
        Err(why) => Some((format!("its journal is damaged: {why}"), None)),
    }
}
