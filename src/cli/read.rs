//! Opens an estate and reads what an answer needs, through the same engine as the console. It says nothing
//! itself: what could not be read is in the gaps.

use super::exit::{Exit, Failure};
use super::gaps::Gaps;
use super::setup::Setup;
use crate::engine;
use crate::estate::{Estates, FaultKind, Loadable, Ports, Prompt, Timestamp};
use crate::insight::{Broad, Inventory, Source};
use crate::runbook::RunLine;
use crate::runbook::incident::IncidentLine;
use std::sync::Arc;

/// An opened estate.
pub struct Opened<'a> {
    /// Who answers.
    pub ports: Ports,
    /// What was chosen.
    pub setup: &'a Setup,
}

/// What one reading found.
pub struct Reading {
    /// Everything that was read.
    pub inv: Inventory,
    /// When it was begun.
    pub at: Timestamp,
    /// What was asked for.
    pub sources: Vec<Source>,
    /// The runs that are kept here, where they were read.
    pub runs: Option<Vec<RunLine>>,
    /// The incidents that are kept here, as far as they were read.
    pub incidents: Vec<IncidentLine>,
}

/// Opens the context that was chosen.
///
/// # Errors
/// Wrong configuration (exit 2), or no way to AWS at all (exit 3).
pub async fn open<'a>(
    setup: &'a Setup,
    estates: &Arc<dyn Estates>,
    prompt: Arc<dyn Prompt>,
) -> Result<Opened<'a>, Failure> {
    match estates.open(&setup.context, prompt).await {
        Ok(ports) => Ok(Opened { ports, setup }),
        // A profile or endpoint that cannot be is a mistake in what was typed or configured.
        Err(fault) if fault.kind == FaultKind::Invalid => {
            Err(Failure { exit: Exit::Usage, words: fault.to_string() })
        }
        Err(fault) => Err(Failure::unread(&fault)),
    }
}

impl Opened<'_> {
    /// Reads `sources` and who is asking.
    pub async fn read(&self, sources: &[Source]) -> Reading {
        let mut inv = Inventory::default();
        let mut all = vec![Source::Broad(Broad::Identity)];
        all.extend(sources.iter().cloned());
        if self.setup.tags_wanted() && sources.iter().any(has_tags) {
            all.push(Source::Broad(Broad::Tags));
        }
        let at = self.ports.clock.now();
        engine::gather(&self.ports, &all, self.setup.tags_wanted(), &mut inv).await;
        Reading { inv, at, sources: all, runs: None, incidents: Vec::new() }
    }

    /// Reads `more` into what is known already.
    pub async fn read_more(&self, reading: &mut Reading, more: &[Source]) {
        engine::gather(&self.ports, more, false, &mut reading.inv).await;
        reading.sources.extend(more.iter().cloned());
    }
}

/// Whether a system may be told by the tags of what this source lists.
fn has_tags(source: &Source) -> bool {
    matches!(source, Source::Broad(Broad::Alarms | Broad::Queues | Broad::WebAcls(_)))
}

impl Reading {
    /// What could not be read.
    #[must_use]
    pub fn gaps(&self) -> Gaps {
        Gaps::of(&self.inv, &self.sources)
    }

    /// The failure of an answer that stands on `main`: all of these could not be read.
    ///
    /// # Errors
    /// Then, with the fault of the first.
    pub fn require(&self, main: &[Source]) -> Result<(), Failure> {
        let mut first = None;
        for source in main {
            match self.inv.standing(source) {
                Loadable::Failed { fault, .. } => first = first.or(Some(fault)),
                Loadable::Idle | Loadable::Loading { .. } | Loadable::Ready(_) => return Ok(()),
            }
        }
        first.map_or(Ok(()), |fault| Err(Failure::unread(&fault)))
    }
}
