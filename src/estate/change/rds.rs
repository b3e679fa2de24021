//! Changes to databases: the master password, which goes forward only; a reboot, which is what ends sessions; a snapshot.
//! `ApplyImmediately` is never sent: it would apply every other change that waits for the maintenance window, and the
//! password needs none of it ("asynchronously applied as soon as possible"). Source: RDS API reference,
//! `ModifyDBInstance`, `ModifyDBCluster`, `RebootDBInstance`, `CreateDBSnapshot`.

use super::{CliLine, CliValue, IdempotencyKey, Made, Receipt, Risk, Settle, Verdict, writes};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::names::{DbClusterName, DbInstanceName, DbSnapshotName};
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Slot;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A snapshot that does not show for this long after its intent was not made.
const QUIET: Duration = Duration::from_secs(120);

/// How long a generated master password is: the longest that every engine takes, Oracle's 30 being the least
/// (`CreateDBInstance`, `MasterUserPassword`).
pub const PASSWORD_LENGTH: usize = 30;

writes! { Rds, "rds";
    Modify = "ModifyDBInstance", "rds:ModifyDBInstance" @ 2 for BreakGlass;
    ModifyCluster = "ModifyDBCluster", "rds:ModifyDBCluster" @ 2 for BreakGlass;
    Reboot = "RebootDBInstance", "rds:RebootDBInstance" @ 2 for BreakGlass;
    Snapshot = "CreateDBSnapshot", "rds:CreateDBSnapshot" @ 2 for BreakGlass;
}

/// Whether RDS takes a master password: 8 to 41 printable ASCII characters (what MariaDB and MySQL take; a generated one
/// fits every engine), and "can't include `/`, `"`, `@`" or a blank (`ModifyDBInstance`, `MasterUserPassword`).
#[must_use]
pub fn is_acceptable(password: &[u8]) -> bool {
    is_acceptable_length(password.len())
        && password.iter().all(|b| b.is_ascii_graphic() && !matches!(b, b'/' | b'"' | b'@'))
}

/// Whether a password of so many bytes may be one that RDS takes.
#[must_use]
pub fn is_acceptable_length(bytes: usize) -> bool {
    (8..=41).contains(&bytes)
}

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Changes the master password.
    ChangePassword {
        /// Which instance is meant.
        instance: DbInstanceName,
        /// Its cluster, which then has the password.
        cluster: Option<DbClusterName>,
        /// The master user, for people.
        user: Untrusted,
        /// The slot of the new password.
        password: Slot,
    },
    /// Reboots the instance: every session ends.
    Reboot {
        /// Which.
        instance: DbInstanceName,
    },
    /// Makes a snapshot.
    Snapshot {
        /// Of which instance.
        instance: DbInstanceName,
        /// What it is called: the run's name, by which it is recognised.
        snapshot: DbSnapshotName,
    },
}

/// One write.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the operation of its name; fields as in `Act`
pub enum Call {
    ModifyDBInstance { instance: DbInstanceName, password: Slot },
    ModifyDBCluster { cluster: DbClusterName, password: Slot },
    RebootDBInstance { instance: DbInstanceName },
    CreateDBSnapshot { instance: DbInstanceName, snapshot: DbSnapshotName },
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::ChangePassword { .. } | Act::Reboot { .. } => Risk::Destructive,
            Act::Snapshot { .. } => Risk::Ordinary,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Act::ChangePassword { instance, .. }
            | Act::Reboot { instance }
            | Act::Snapshot { instance, .. } => instance.text().clone(),
        }
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Act::ChangePassword { instance, cluster, user, .. } => {
                let of = match cluster {
                    Some(cluster) => format!("{}, the cluster of {}", cluster.shown(), instance.shown()),
                    None => instance.shown().to_string(),
                };
                format!("Change the password of the master user {} of {of}", user.shown())
            }
            Act::Reboot { instance } => format!("Reboot {}: every session ends", instance.shown()),
            Act::Snapshot { instance, snapshot } => {
                format!("Make the snapshot {} of {}", snapshot.shown(), instance.shown())
            }
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::ChangePassword { .. } => "none: the old password may be known; it goes forward only".into(),
            Act::Reboot { .. } => "none: sessions that ended stay so".into(),
            Act::Snapshot { .. } => {
                "none needed: it costs storage; `aws rds delete-db-snapshot` deletes it".into()
            }
        }
    }

    pub(super) fn next(&self, made: &[Made]) -> Vec<Call> {
        if !made.is_empty() {
            return Vec::new();
        }
        vec![match self.clone() {
            Act::ChangePassword { cluster: Some(cluster), password, .. } => {
                Call::ModifyDBCluster { cluster, password }
            }
            Act::ChangePassword { instance, cluster: None, password, .. } => {
                Call::ModifyDBInstance { instance, password }
            }
            Act::Reboot { instance } => Call::RebootDBInstance { instance },
            Act::Snapshot { instance, snapshot } => Call::CreateDBSnapshot { instance, snapshot },
        }]
    }
}

impl Call {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Call::ModifyDBInstance { .. } => op(Op::Modify),
            Call::ModifyDBCluster { .. } => op(Op::ModifyCluster),
            Call::RebootDBInstance { .. } => op(Op::Reboot),
            Call::CreateDBSnapshot { .. } => op(Op::Snapshot),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Call::ModifyDBInstance { instance, .. }
            | Call::RebootDBInstance { instance }
            | Call::CreateDBSnapshot { instance, .. } => instance.text().clone(),
            Call::ModifyDBCluster { cluster, .. } => cluster.text().clone(),
        }
    }

    pub(super) fn cli(&self, _key: &IdempotencyKey) -> CliLine {
        let password = || CliValue::Secret("file://NEW-PASSWORD");
        match self {
            Call::ModifyDBInstance { instance, .. } => CliLine::new("rds modify-db-instance")
                .with("db-instance-identifier", instance.wire())
                .also("master-user-password", password()),
            Call::ModifyDBCluster { cluster, .. } => CliLine::new("rds modify-db-cluster")
                .with("db-cluster-identifier", cluster.wire())
                .also("master-user-password", password()),
            Call::RebootDBInstance { instance } => {
                CliLine::new("rds reboot-db-instance").with("db-instance-identifier", instance.wire())
            }
            Call::CreateDBSnapshot { instance, snapshot } => CliLine::new("rds create-db-snapshot")
                .with("db-instance-identifier", instance.wire())
                .with("db-snapshot-identifier", snapshot.wire()),
        }
    }

    pub(super) fn needs(&self) -> Vec<Slot> {
        match self {
            Call::ModifyDBInstance { password, .. } | Call::ModifyDBCluster { password, .. } => {
                vec![password.clone()]
            }
            Call::RebootDBInstance { .. } | Call::CreateDBSnapshot { .. } => Vec::new(),
        }
    }

    pub(super) fn settle(&self, at: &At) -> Settle {
        match self {
            // The new password has a home of its own before it is sent, so that it is the same one again.
            Call::ModifyDBInstance { .. } | Call::ModifyDBCluster { .. } => {
                Settle::Accept("the same password set twice is set once")
            }
            Call::RebootDBInstance { .. } => Settle::Person(
                "a second reboot is a second outage: its events tell whether it rebooted (`aws rds describe-events`)",
            ),
            Call::CreateDBSnapshot { instance, .. } => {
                let ask = ask::rds::DescribeDBSnapshots { instance: instance.clone() }.ask();
                Settle::Look { query: Query { at: at.clone(), ask }, quiet: QUIET }
            }
        }
    }

    pub(super) fn verdict(&self, _key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        let Call::CreateDBSnapshot { snapshot, .. } = self else { return Verdict::Unclear };
        for answer in answers {
            let Answer::Rds(ask::rds::Answer::DescribeDBSnapshots(page)) = answer else {
                return Verdict::Unclear;
            };
            if page.iter().any(|s| s.name == *snapshot) {
                return Verdict::Happened(Receipt::Done);
            }
        }
        Verdict::NotHappened
    }

    pub(super) fn stand_in(&self) -> Receipt {
        Receipt::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::change::RunId;

    #[test]
    fn what_rds_takes_as_a_password() {
        let good = "Abcdefghijklmnopqrstuvwxyz0123";
        assert_eq!(good.len(), PASSWORD_LENGTH);
        assert!(is_acceptable(good.as_bytes()) && is_acceptable(b"12345678"));
        for bad in ["1234567", "with/slash", "with\"quote", "with@sign", "with blank", "umlaut-\u{fc}", ""] {
            assert!(!is_acceptable(bad.as_bytes()), "{bad}");
        }
        assert!(!is_acceptable(&[b'a'; 42]));
    }

    #[test]
    fn a_password_is_the_clusters_where_there_is_one_and_nothing_applies_at_once() {
        let act = |cluster: Option<&str>| Act::ChangePassword {
            instance: DbInstanceName::new("db"),
            cluster: cluster.map(DbClusterName::new),
            user: "admin".into(),
            password: Slot::new("new"),
        };
        let key = IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "password", 0, 1);
        for (cluster, operation) in [(None, "rds:ModifyDBInstance"), (Some("c"), "rds:ModifyDBCluster")] {
            let calls = act(cluster).next(&[]);
            assert_eq!(calls[0].operation().name, operation);
            let line = format!("{:?}", calls[0].cli(&key));
            assert!(!line.contains("apply-immediately") && line.contains("NEW-PASSWORD"), "{line}");
            assert_eq!(calls[0].needs(), [Slot::new("new")]);
        }
        assert_eq!((act(None).risk(), act(None).resource()), (Risk::Destructive, "db".into()));
    }
}
