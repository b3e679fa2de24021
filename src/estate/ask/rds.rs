//! The questions to RDS. It publishes no rates; these are modest figures of ours. Asked in a breach only.

use super::asks;
use crate::estate::database::{Cluster, Database, DbSnapshot};
use crate::estate::names::{DbClusterName, DbInstanceName};

asks! { Rds, "rds";
    /// One instance, or all of them, 100 a page.
    DescribeDBInstances {
        /// Which; all without.
        instance: Option<DbInstanceName>,
    } => Vec<Database>, "rds:DescribeDBInstances" @ 5 for BreakGlass;
    /// One cluster.
    DescribeDBClusters {
        /// Which.
        cluster: DbClusterName,
    } => Vec<Cluster>, "rds:DescribeDBClusters" @ 5 for BreakGlass;
    /// The snapshots of an instance that somebody has made by hand.
    DescribeDBSnapshots {
        /// Of which.
        instance: DbInstanceName,
    } => Vec<DbSnapshot>, "rds:DescribeDBSnapshots" @ 5 for BreakGlass;
}
