//! One look at the estate: the inventory and what was concluded from it, together with the time and the
//! limits to judge by. Everything that screens and tables say is a function of a look.

use super::dead_letter::Roles;
use super::inventory::Inventory;
use super::mutes::Mutes;
use super::systems::Systems;
use crate::config::{Policy, System};
use crate::estate::Timestamp;
use crate::estate::time::seconds_between;
use crate::runbook::halt::RunLine;
use crate::runbook::incident::IncidentLine;

/// What is concluded from an inventory and costs a pass over it. Keep it as long as
/// [`Inventory::revision`] stays the same.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Which queues hold dead letters.
    pub roles: Roles,
    /// Which alarms are muted.
    pub mutes: Mutes,
    /// What belongs to which system.
    pub systems: Systems,
    revision: Option<u64>,
}

impl Picture {
    /// Concludes.
    #[must_use]
    pub fn of(inv: &Inventory, systems: &[System]) -> Self {
        Self {
            roles: Roles::of(inv),
            mutes: Mutes::of(inv),
            systems: Systems::of(inv, systems),
            revision: Some(inv.revision()),
        }
    }

    /// Whether it still holds for `inv`.
    #[must_use]
    pub fn is_of(&self, inv: &Inventory) -> bool {
        self.revision == Some(inv.revision())
    }
}

/// One look.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// What is known.
    pub inv: &'a Inventory,
    /// What was concluded from it.
    pub picture: &'a Picture,
    /// The limits to judge by.
    pub policy: &'a Policy,
    /// The runs, where they were read.
    pub runs: &'a [RunLine],
    /// The incidents, where they were read.
    pub incidents: &'a [IncidentLine],
    /// Now.
    pub now: Timestamp,
}

impl Look<'_> {
    /// Whether an instant is so near that messages that are lost then are expiring soon.
    #[must_use]
    pub fn is_soon(&self, when: Timestamp) -> bool {
        seconds_between(self.now, when) <= i64::from(self.policy.expiring_soon_hours) * 3600
    }
}
