//! Rules by which something runs by the clock or when something happens. Source: EventBridge API reference, `Rule`, `Target`.

use super::names::Arn;
use super::untrusted::Untrusted;

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRule {
    /// Its name, unique on its bus.
    pub name: Untrusted,
    /// `ENABLED`, `DISABLED`, or a kind of enabled.
    pub state: Untrusted,
    /// When it runs, if it runs by the clock.
    pub schedule: Option<Untrusted>,
    /// The service that made it for itself and manages it.
    pub managed_by: Option<Untrusted>,
}

impl EventRule {
    /// Whether it sends nothing.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.state.wire() == "DISABLED"
    }
}

/// Where a rule sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleTarget {
    /// What it is called in the rule.
    pub id: Untrusted,
    /// What gets it.
    pub arn: Arn,
}
