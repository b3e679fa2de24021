//! What is known of a thing as JSON, for the clipboard: the document of the command that shows it, and never a
//! secret's value, which is not known here.

use super::Model;
use super::picture::subject_of;
use crate::insight::document::{self, Head};
use crate::insight::gaps::Gaps;

impl Model {
    /// What is known of the selected or open thing, as JSON. What was not looked at was not read, and is a gap.
    #[must_use]
    pub fn json_of(&self) -> Option<String> {
        if let Some(picture) = self.incident_here().and_then(|id| self.incidents.read.get(id)) {
            return Some(format!("{:#}", document::incident::show(picture)));
        }
        let subject = subject_of(self.thing()?)?;
        let mut sources = document::lists(&self.inventory, &subject);
        sources.extend(document::details(&self.inventory, &subject));
        let gaps = Gaps::of(&self.inventory, &sources);
        let head = Head {
            inv: &self.inventory,
            now: self.now,
            context: &self.setup.context,
            region: self.region()?,
            gaps: &gaps,
        };
        document::show(&subject, &head, &self.look()).map(|document| format!("{document:#}"))
    }
}
