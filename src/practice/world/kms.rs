//! Keys of KMS: what they are and whom their policies let in. Nothing is encrypted here.

use serde::{Deserialize, Serialize};

/// A key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct KmsKey {
    /// `alias/...`, by which other things name it.
    pub(in crate::practice) alias: String,
    pub(in crate::practice) id: String,
    /// `KeyState`.
    pub(in crate::practice) state: String,
    pub(in crate::practice) policy: String,
}
