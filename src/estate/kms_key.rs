//! Keys of KMS as they are told, never their material. Source: KMS API reference, `KeyMetadata`.

use super::names::Arn;
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// A key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KmsKey {
    /// Its ARN.
    pub arn: Arn,
    /// `Enabled`.
    pub enabled: bool,
    /// `KeyState`: `Enabled`, `Disabled`, `PendingDeletion`, `Unavailable`, ...
    pub state: Untrusted,
    /// `DeletionDate`, of one whose deletion is planned.
    pub deletion_at: Option<Timestamp>,
    /// `KeyManager` is `AWS`: its policy cannot be changed, and no other account can use it.
    pub aws_managed: bool,
}
