//! Finds the open incidents that a run belongs to without being told. It reads only.

use super::fault::IncidentFault;
use crate::engine::archive::Archive;
use crate::runbook::Plan;
use crate::runbook::incident::Incident;

impl Archive {
    /// The open incidents of that world which a run of this plan is part of, the newest first. An incident that cannot be
    /// read takes no run: the list of them says why.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn homes(&self, plan: &Plan, practice: bool) -> Result<Vec<Incident>, IncidentFault> {
        let mut homes = Vec::new();
        let here = |i: &Incident| i.closed.is_none() && i.practice == practice;
        let lines = self.incidents().await?;
        for incident in lines.into_iter().filter_map(|line| line.there.ok()).filter(here) {
            if self.picture(incident.id.as_str()).await.is_ok_and(|picture| picture.takes(plan)) {
                homes.push(incident);
            }
        }
        Ok(homes)
    }
}
