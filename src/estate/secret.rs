//! Secrets as the watch sees them: names, dates and versions, never a value.
//! Source: Secrets Manager API reference, `SecretListEntry`, `SecretVersionsListEntry`.

use super::names::{Arn, SecretName, VersionId};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// A secret as `ListSecrets` gives it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Secret {
    /// Its name.
    pub name: SecretName,
    /// Its ARN, with the six random characters at the end.
    pub arn: Arn,
    /// Description.
    pub description: Option<Untrusted>,
    /// `CreatedDate`.
    pub created: Option<Timestamp>,
    /// `LastChangedDate`: moves on any change, tags included. Never an age of the value.
    pub last_changed: Option<Timestamp>,
    /// `LastRotatedDate`.
    pub last_rotated: Option<Timestamp>,
    /// `LastAccessedDate`, by day.
    pub last_accessed: Option<Timestamp>,
    /// `NextRotationDate`; in the past it means that rotation failed.
    pub next_rotation: Option<Timestamp>,
    /// `DeletedDate`: when a planned deletion was asked for or takes place, as AWS gives it.
    pub deletion_at: Option<Timestamp>,
    /// `RotationEnabled`.
    pub rotation_enabled: bool,
    /// `RotationRules.AutomaticallyAfterDays`.
    pub rotation_days: Option<u32>,
    /// `KmsKeyId`; `None` is the AWS managed key.
    pub kms_key: Option<Untrusted>,
    /// `OwningService`: a service that manages it.
    pub owning_service: Option<Untrusted>,
    /// `PrimaryRegion`, where this one is a replica.
    pub primary_region: Option<Untrusted>,
    /// Tags.
    pub tags: Vec<(Untrusted, Untrusted)>,
}

/// A version of a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretVersion {
    /// Its id.
    pub id: VersionId,
    /// Its staging labels; `AWSCURRENT` is what consumers read.
    pub stages: Vec<Untrusted>,
    /// `CreatedDate`: the age of a value is counted from that of its AWSCURRENT version.
    pub created: Option<Timestamp>,
    /// `LastAccessedDate`, by day.
    pub last_accessed: Option<Timestamp>,
}

impl SecretVersion {
    /// Whether this version carries `stage`.
    #[must_use]
    pub fn has_stage(&self, stage: &str) -> bool {
        self.stages.iter().any(|s| s.wire() == stage)
    }
}
