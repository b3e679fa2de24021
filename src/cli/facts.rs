//! What is concluded from the inventory, as the commands' words need it: the conclusions of `insight`, by
//! thing. It concludes nothing itself.

use super::scene::Scene;
use crate::config::Policy;
use crate::estate::{Alarm, AlarmName, Timestamp, Untrusted};
use crate::insight::dead_letter::Role;
use crate::insight::expiry::{self, Loss};
use crate::insight::secret_age::{self, SecretAge};
use crate::insight::waf_counts::{self, AclCount};
use crate::insight::{AclRow, Look, Picture, QueueRow, SecretRow, Subject};

/// The conclusions of one reading.
pub struct Facts {
    /// What costs a pass over the inventory.
    pub picture: Picture,
    /// The limits to judge by.
    pub policy: Policy,
}

impl Facts {
    /// Concludes.
    #[must_use]
    pub fn of(scene: &Scene<'_>) -> Self {
        Self { picture: Picture::of(scene.inv, &scene.config.systems), policy: scene.config.policy.clone() }
    }

    /// The look that `insight` judges.
    #[must_use]
    pub fn look<'a>(&'a self, scene: &Scene<'a>) -> Look<'a> {
        Look {
            inv: scene.inv,
            picture: &self.picture,
            policy: &self.policy,
            runs: scene.runs.unwrap_or_default(),
            incidents: scene.incidents,
            now: scene.now,
        }
    }

    /// The system that a thing belongs to.
    #[must_use]
    pub fn system(&self, subject: &Subject) -> Option<&Untrusted> {
        self.picture.systems.system_of(subject)
    }

    /// The system that an alarm belongs to.
    #[must_use]
    pub fn system_of_alarm(&self, alarm: &Alarm) -> Option<&Untrusted> {
        self.system(&Subject::Alarm(alarm.arn.clone()))
    }

    /// The system that a queue belongs to.
    #[must_use]
    pub fn system_of_queue(&self, row: &QueueRow) -> Option<&Untrusted> {
        self.system(&Subject::Queue(row.url.clone()))
    }

    /// The system that a web ACL belongs to.
    #[must_use]
    pub fn system_of_acl(&self, row: &AclRow) -> Option<&Untrusted> {
        self.system(&Subject::Acl(row.summary.arn.clone()))
    }

    /// The system that a secret belongs to.
    #[must_use]
    pub fn system_of_secret(&self, row: &SecretRow) -> Option<&Untrusted> {
        self.system(&Subject::Secret(row.secret.arn.clone()))
    }

    /// Whether an alarm's actions are muted.
    #[must_use]
    pub fn is_muted(&self, alarm: &AlarmName) -> bool {
        self.picture.mutes.get(alarm).is_some()
    }

    /// Until when, where that can be told.
    #[must_use]
    pub fn muted_until(&self, alarm: &AlarmName) -> Option<Timestamp> {
        self.picture.mutes.get(alarm).and_then(|m| m.until)
    }

    /// What a queue is.
    #[must_use]
    pub fn role(&self, row: &QueueRow) -> &Role {
        self.picture.roles.role(&row.url)
    }

    /// The age of a queue's oldest message in seconds, as CloudWatch measured it; 0 where there is none.
    #[must_use]
    pub fn oldest_age_s(&self, row: &QueueRow, scene: &Scene<'_>) -> Option<i64> {
        expiry::oldest(scene.inv, row).map(|(age, _)| age)
    }

    /// When the first of a dead-letter queue's messages is lost.
    #[must_use]
    pub fn loss(&self, row: &QueueRow, scene: &Scene<'_>) -> Option<Loss> {
        let role = self.role(row);
        role.is_dead_letter().then(|| expiry::loss(scene.inv, row, role, scene.now))
    }

    /// The age of a secret's value against its policy.
    #[must_use]
    pub fn secret_age(&self, row: &SecretRow, scene: &Scene<'_>) -> SecretAge {
        secret_age::of(row, &self.policy, scene.now)
    }

    /// What a web ACL blocked and counted, rule by rule.
    #[must_use]
    pub fn acl_count(&self, row: &AclRow, scene: &Scene<'_>) -> AclCount {
        waf_counts::of(scene.inv, row)
    }
}
