//! What an answer is made from: the inventory, the time, and who asked. Pure.

use super::gaps::Gaps;
use crate::config::Config;
use crate::estate::{Context, Region, Timestamp};
use crate::insight::document::Head;
use crate::insight::{Inventory, Source};
use crate::runbook::RunLine;
use crate::runbook::incident::IncidentLine;
use serde_json::{Map, Value};

pub use crate::insight::document::{instant, maybe_instant, maybe_text, snake};

/// Everything that an answer may use.
pub struct Scene<'a> {
    /// What was read.
    pub inv: &'a Inventory,
    /// When it was.
    pub now: Timestamp,
    /// The context that was opened.
    pub context: &'a Context,
    /// The Region that was settled on.
    pub region: &'a Region,
    /// The configuration.
    pub config: &'a Config,
    /// What could not be read.
    pub gaps: &'a Gaps,
    /// Whether this is the practice estate.
    pub practice: bool,
    /// The runs that are kept here; `None` where they were not read.
    pub runs: Option<&'a [RunLine]>,
    /// The incidents that are kept here, as far as they were read.
    pub incidents: &'a [IncidentLine],
}

impl Scene<'_> {
    /// What the head of its documents says.
    #[must_use]
    pub fn head_of(&self) -> Head<'_> {
        Head { inv: self.inv, now: self.now, context: self.context, region: self.region, gaps: self.gaps }
    }

    /// The head of a document: schema, time, context and completeness.
    #[must_use]
    pub fn head(&self, noun: &str) -> Map<String, Value> {
        self.head_of().fields(noun)
    }

    /// A list, or null where none of the sources that would fill it could be read.
    #[must_use]
    pub fn listed(&self, sources: &[Source], rows: Vec<Value>) -> Value {
        self.head_of().listed(sources, rows)
    }

    /// A document: the head, then `content`.
    #[must_use]
    pub fn document(&self, noun: &str, content: Vec<(&str, Value)>) -> Value {
        self.head_of().document(noun, content)
    }
}
