//! Databases of RDS as plain data: what they are, who may reach them, and what of a change is still to come. No
//! password is in an answer of RDS, but stars in its place. Source: RDS API reference, `DBInstance`, `DBCluster`.

use super::names::{Arn, DbClusterName, DbInstanceName, DbSnapshotName, SecurityGroupId, VpcId};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// An instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Database {
    /// Its identifier.
    pub name: DbInstanceName,
    /// Its ARN.
    pub arn: Arn,
    /// `Engine`: `mariadb`, `aurora-mysql`, ...
    pub engine: Untrusted,
    /// `DBInstanceStatus`: `available`, `modifying`, `rebooting`, ...
    pub status: Untrusted,
    /// `MasterUsername`.
    pub master_user: Untrusted,
    /// The secret that RDS itself keeps the master password in (`ManageMasterUserPassword`); then nobody else may
    /// change it.
    pub managed_secret: Option<Arn>,
    /// The cluster that it is a member of.
    pub cluster: Option<DbClusterName>,
    /// The instance that it is a read replica of: passwords are changed there.
    pub replica_of: Option<Untrusted>,
    /// `PubliclyAccessible`.
    pub public: bool,
    /// The port that it listens on, once it has an endpoint.
    pub port: Option<u32>,
    /// `MultiAZ`.
    pub multi_az: bool,
    /// Its security groups.
    pub groups: Vec<SecurityGroupId>,
    /// The VPC of its subnets.
    pub vpc: Option<VpcId>,
    /// Days that automatic backups are kept; 0 if there are none.
    pub backup_days: u32,
    /// Its logs that go to CloudWatch.
    pub logs: Vec<Untrusted>,
    /// What was asked for and is not there yet.
    pub pending: PendingChanges,
}

/// A cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    /// Its identifier.
    pub name: DbClusterName,
    /// `Status`.
    pub status: Untrusted,
    /// `MasterUsername`.
    pub master_user: Untrusted,
    /// As in [`Database::managed_secret`].
    pub managed_secret: Option<Arn>,
    /// Its members, and whether each is the one that writes.
    pub members: Vec<(DbInstanceName, bool)>,
    /// What was asked for and is not there yet.
    pub pending: PendingChanges,
}

/// `PendingModifiedValues`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PendingChanges {
    /// The master password: "Between the time of the request and the completion of the request, the
    /// `MasterUserPassword` element exists" (`ModifyDBInstance`).
    pub password: bool,
    /// The names of the others, which `ApplyImmediately` would apply along with it.
    pub others: Vec<Untrusted>,
}

/// A snapshot of an instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DbSnapshot {
    /// Its identifier.
    pub name: DbSnapshotName,
    /// `Status`: `creating`, `available`, `failed`.
    pub status: Untrusted,
    /// When it was made, once that is known.
    pub created: Option<Timestamp>,
}
