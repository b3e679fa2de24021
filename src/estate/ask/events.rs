//! The questions to EventBridge: the rules of the default bus of a Region, and where each sends. Rates: "Amazon EventBridge
//! quotas" gives no figure for reading rules; these are modest ones of ours.

use super::asks;
use crate::estate::event_rule::{EventRule, RuleTarget};
use crate::estate::untrusted::Untrusted;

asks! { Events, "events";
    /// The rules of the default bus. When one was made is not among what is told.
    ListRules {} => Vec<EventRule>, "events:ListRules" @ 5 for BreakGlass;
    /// Where a rule sends.
    ListTargetsByRule {
        /// The rule's name.
        rule: Untrusted,
    } => Vec<RuleTarget>, "events:ListTargetsByRule" @ 5 for BreakGlass;
}
