//! What a line on a screen is about, by identity: it stays the same thing over refreshes.

use super::inventory::Inventory;
use super::source::Source;
use crate::estate::{Arn, QueueUrl, RunId, Untrusted};
use crate::runbook::incident::IncidentId;

/// Something that can be looked at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// An alarm.
    Alarm(Arn),
    /// A queue.
    Queue(QueueUrl),
    /// A web ACL.
    Acl(Arn),
    /// A secret.
    Secret(Arn),
    /// A run.
    Run(RunId),
    /// An incident.
    Incident(IncidentId),
    /// A source of the watch itself: what could not be read.
    Source(Source),
}

impl Subject {
    /// The kind as a word for JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Subject::Alarm(_) => "alarm",
            Subject::Queue(_) => "queue",
            Subject::Acl(_) => "web_acl",
            Subject::Secret(_) => "secret",
            Subject::Run(_) => "run",
            Subject::Incident(_) => "incident",
            Subject::Source(_) => "source",
        }
    }

    /// What people call it, as it came; for a thing that is gone, what its identity tells.
    #[must_use]
    pub fn name(&self, inv: &Inventory) -> Untrusted {
        match self {
            Subject::Alarm(arn) => {
                inv.alarms.get(arn).map_or_else(|| arn.resource(), |a| a.name.text().clone())
            }
            Subject::Queue(url) => url.name(),
            Subject::Acl(arn) => inv.acl(arn).map_or_else(|| arn.resource(), |r| r.summary.name.clone()),
            Subject::Secret(arn) => {
                inv.secrets.get(arn).map_or_else(|| arn.resource(), |r| r.secret.name.text().clone())
            }
            Subject::Run(id) => id.as_str().into(),
            Subject::Incident(id) => id.as_str().into(),
            Subject::Source(source) => source.words().into(),
        }
    }
}
