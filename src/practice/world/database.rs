//! Databases and what lets traffic into them. A new master password comes into force by itself some time after it was
//! asked for; a reboot ends every session at once. Source: RDS user guide, "DB instance status"; API reference,
//! `ModifyDBInstance`.

use super::text::Text;
use super::{Second, World, arn};
use crate::estate::Ingress;
use crate::practice::prng::Prng;
use serde::{Deserialize, Serialize};

/// How long a reboot takes: "the length of time depends on the crash recovery process".
pub(in crate::practice) const REBOOT: i64 = 75;

/// An instance. Of a cluster the first one writes, and has the cluster's password.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Database {
    pub(in crate::practice) name: String,
    pub(in crate::practice) engine: String,
    pub(in crate::practice) user: String,
    pub(in crate::practice) password: Text,
    /// The password that comes into force then.
    pub(in crate::practice) change: Option<(Second, Text)>,
    /// It reboots until then.
    pub(in crate::practice) rebooting: Option<Second>,
    pub(in crate::practice) cluster: Option<String>,
    pub(in crate::practice) replica_of: Option<String>,
    /// RDS keeps its password in a secret of its own.
    pub(in crate::practice) managed: bool,
    pub(in crate::practice) public: bool,
    pub(in crate::practice) multi_az: bool,
    pub(in crate::practice) port: u32,
    pub(in crate::practice) vpc: String,
    /// Ids of security groups.
    pub(in crate::practice) groups: Vec<String>,
    pub(in crate::practice) backup_days: u32,
    pub(in crate::practice) logs: Vec<String>,
    /// Other changes that wait for the maintenance window.
    pub(in crate::practice) waits: Vec<String>,
    /// Names of snapshots, and when each was made.
    pub(in crate::practice) snapshots: Vec<(String, Second)>,
    /// How often it was rebooted.
    #[serde(default)]
    pub(in crate::practice) reboots: u32,
    pub(in crate::practice) rng: Prng,
}

/// A security group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Group {
    pub(in crate::practice) id: String,
    pub(in crate::practice) name: String,
    pub(in crate::practice) vpc: String,
    pub(in crate::practice) ingress: Vec<Ingress>,
}

/// A flow log of a VPC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct FlowLog {
    pub(in crate::practice) id: String,
    pub(in crate::practice) vpc: String,
    pub(in crate::practice) to: String,
}

impl Database {
    pub(in crate::practice) fn arn(&self) -> String {
        arn("rds", &format!("db:{}", self.name))
    }

    /// `DBInstanceStatus`.
    pub(in crate::practice) fn status(&self, now: Second) -> &'static str {
        if self.rebooting.is_some_and(|until| now < until) {
            "rebooting"
        } else if self.change.is_some() {
            "resetting-master-credentials"
        } else {
            "available"
        }
    }
}

impl World {
    /// Where the database of this name is.
    pub(in crate::practice) fn database(&self, name: &str) -> Option<usize> {
        self.databases.iter().position(|d| d.name == name)
    }

    /// Where the database is that has the password of a cluster.
    pub(in crate::practice) fn writer(&self, cluster: &str) -> Option<usize> {
        self.databases.iter().position(|d| d.cluster.as_deref() == Some(cluster))
    }

    /// The password that was asked for comes into force.
    pub(in crate::practice) fn password_through(&mut self, at: Second, place: usize) {
        if let Some(database) = self.databases.get_mut(place)
            && let Some((when, password)) = database.change.take()
        {
            if when <= at {
                database.password = password;
            } else {
                database.change = Some((when, password));
            }
        }
    }
}
