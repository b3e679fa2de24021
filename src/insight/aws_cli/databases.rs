//! The AWS CLI lines of what is asked about databases and about who is let into them: RDS and EC2.

use super::Line;
use crate::estate::ask::{ec2, rds};
use crate::estate::names::SecurityGroupId;

pub(super) fn of_rds(line: &mut Line, ask: &rds::Ask) {
    match ask {
        rds::Ask::DescribeDBInstances(q) => {
            line.start("rds describe-db-instances");
            if let Some(instance) = &q.instance {
                line.one("db-instance-identifier", instance.wire());
            }
        }
        rds::Ask::DescribeDBClusters(q) => {
            line.start("rds describe-db-clusters");
            line.one("db-cluster-identifier", q.cluster.wire());
        }
        rds::Ask::DescribeDBSnapshots(q) => {
            line.start("rds describe-db-snapshots");
            line.one("db-instance-identifier", q.instance.wire());
            line.one("snapshot-type", "manual");
        }
    }
}

pub(super) fn of_ec2(line: &mut Line, ask: &ec2::Ask) {
    match ask {
        ec2::Ask::DescribeSecurityGroups(q) => {
            line.start("ec2 describe-security-groups");
            line.all("group-ids", &q.groups.iter().map(SecurityGroupId::wire).collect::<Vec<_>>());
        }
        ec2::Ask::DescribeFlowLogs(q) => {
            line.start("ec2 describe-flow-logs");
            line.one("filter", &format!("Name=resource-id,Values={}", q.vpc.wire()));
        }
        ec2::Ask::DescribeInstances(_) => line.start("ec2 describe-instances"),
    }
}
