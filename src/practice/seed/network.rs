//! What may stand in a seed file about databases, about who is let into them, and about keys.

use serde::Deserialize;

/// A database.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct DatabaseSeed {
    pub(in crate::practice) name: String,
    pub(in crate::practice) engine: String,
    pub(in crate::practice) user: String,
    /// A template.
    pub(in crate::practice) password: String,
    pub(in crate::practice) cluster: Option<String>,
    pub(in crate::practice) replica_of: Option<String>,
    #[serde(default)]
    pub(in crate::practice) managed: bool,
    #[serde(default)]
    pub(in crate::practice) public: bool,
    #[serde(default)]
    pub(in crate::practice) multi_az: bool,
    pub(in crate::practice) port: u32,
    pub(in crate::practice) vpc: String,
    pub(in crate::practice) groups: Vec<String>,
    #[serde(default)]
    pub(in crate::practice) backup_days: u32,
    #[serde(default)]
    pub(in crate::practice) logs: Vec<String>,
    /// Other changes that wait for the maintenance window.
    #[serde(default)]
    pub(in crate::practice) waits: Vec<String>,
}

/// A security group.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct GroupSeed {
    pub(in crate::practice) id: String,
    pub(in crate::practice) name: String,
    pub(in crate::practice) vpc: String,
    #[serde(default)]
    pub(in crate::practice) rule: Vec<RuleSeed>,
}

/// A way in over TCP.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct RuleSeed {
    pub(in crate::practice) port: i32,
    /// A range, or the id of a group.
    pub(in crate::practice) from: String,
    pub(in crate::practice) description: Option<String>,
}

/// A flow log.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct FlowLogSeed {
    pub(in crate::practice) id: String,
    pub(in crate::practice) vpc: String,
    pub(in crate::practice) to: String,
}

/// A key of KMS.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct KmsKeySeed {
    pub(in crate::practice) alias: String,
    pub(in crate::practice) id: String,
    #[serde(default = "enabled")]
    pub(in crate::practice) state: String,
    /// Whom its policy lets in beside the administrators: `root` of the account, or a role's name.
    pub(in crate::practice) lets_in: String,
    /// Through which services only.
    #[serde(default)]
    pub(in crate::practice) via: Vec<String>,
}

fn enabled() -> String {
    "Enabled".into()
}
