//! Databases as RDS tells of them: no password, and stars in its place while one is pending. Source: RDS API reference.

use super::{Asked, text, time};
use crate::estate::ask::rds::{Answer, Ask};
use crate::estate::names::{Arn, DbClusterName, DbInstanceName, DbSnapshotName, SecurityGroupId, VpcId};
use crate::estate::{Cluster, Cursor, Database, DbSnapshot, Fault, PendingChanges};
use crate::practice::faults;
use crate::practice::world::{arn, database};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    let rows = asked.rows(&asked.world.databases);
    let missing = |name: &DbInstanceName| faults::no_database(asked.op, name.wire());
    match ask {
        Ask::DescribeDBInstances(q) => {
            let Some(name) = &q.instance else {
                let (rows, next) = asked.page("instances", &rows, 100, |d| d.name.as_str())?;
                let all = rows.iter().map(|d| instance(asked, d)).collect();
                return Ok((Answer::DescribeDBInstances(all), next));
            };
            asked.single()?;
            let row = rows.iter().find(|d| d.name == name.wire()).ok_or_else(|| missing(name))?;
            Ok((Answer::DescribeDBInstances(vec![instance(asked, row)]), None))
        }
        Ask::DescribeDBClusters(q) => {
            asked.single()?;
            let members: Vec<_> =
                rows.into_iter().filter(|d| d.cluster.as_deref() == Some(q.cluster.wire())).collect();
            let Some(writer) = members.first() else {
                let message = format!("DBCluster {} not found.", q.cluster.wire());
                return Err(faults::missing(asked.op, "DBClusterNotFoundFault", &message));
            };
            let cluster = Cluster {
                name: DbClusterName::new(q.cluster.wire()),
                status: text(writer.status(asked.world.now)),
                master_user: text(&writer.user),
                managed_secret: managed(writer),
                members: members
                    .iter()
                    .enumerate()
                    .map(|(n, d)| (DbInstanceName::new(d.name.as_str()), n == 0))
                    .collect(),
                pending: PendingChanges { password: writer.change.is_some(), others: Vec::new() },
            };
            Ok((Answer::DescribeDBClusters(vec![cluster]), None))
        }
        Ask::DescribeDBSnapshots(q) => {
            asked.single()?;
            let row =
                rows.iter().find(|d| d.name == q.instance.wire()).ok_or_else(|| missing(&q.instance))?;
            let one = |(name, at): &(String, i64)| DbSnapshot {
                name: DbSnapshotName::new(name.as_str()),
                status: text(if asked.world.now < at + 120 { "creating" } else { "available" }),
                created: Some(time(*at)),
            };
            Ok((Answer::DescribeDBSnapshots(row.snapshots.iter().map(one).collect()), None))
        }
    }
}

fn managed(d: &database::Database) -> Option<Arn> {
    d.managed.then(|| Arn::new(arn("secretsmanager", &format!("secret:rds!db-{}-a1B2c3", d.name))))
}

fn instance(asked: &Asked<'_>, d: &database::Database) -> Database {
    Database {
        name: DbInstanceName::new(d.name.as_str()),
        arn: Arn::new(d.arn()),
        engine: text(&d.engine),
        status: text(d.status(asked.world.now)),
        master_user: text(&d.user),
        managed_secret: managed(d).filter(|_| d.cluster.is_none()),
        cluster: d.cluster.as_deref().map(DbClusterName::new),
        replica_of: d.replica_of.as_deref().map(text),
        public: d.public,
        port: Some(d.port),
        multi_az: d.multi_az,
        groups: d.groups.iter().map(|g| SecurityGroupId::new(g.as_str())).collect(),
        vpc: Some(VpcId::new(d.vpc.as_str())),
        backup_days: d.backup_days,
        logs: d.logs.iter().map(|l| text(l)).collect(),
        pending: PendingChanges {
            password: d.change.is_some() && d.cluster.is_none(),
            others: d.waits.iter().map(|w| text(w)).collect(),
        },
    }
}
