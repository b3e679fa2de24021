//! The questions to RDS: instances, clusters and snapshots, taken from XML field by field. RDS tells no password: in
//! `PendingModifiedValues` stars stand for one. Source: RDS API reference, 2014-10-31.

use super::clients::Clients;
use super::convert::{malformed, next, token};
use super::fault::Judge;
use super::query::{self, Form, Read, Xml, call, each, filled, text};
use crate::estate::ask::rds::{Answer, Ask};
use crate::estate::{
    Arn, Cluster, Cursor, Database, DbClusterName, DbInstanceName, DbSnapshot, DbSnapshotName, Fault,
    PendingChanges, Region, SecurityGroupId, Service, Timestamp, Untrusted, VpcId,
};
use aws_credential_types::Credentials;
use aws_smithy_xml::decode::XmlDecodeError;

/// The version of the API.
pub(super) const VERSION: &str = "2014-10-31";
/// Rows of a page: 100 is what it gives by itself, and the most.
const PAGE: &str = "100";

pub(super) async fn ask(
    clients: &Clients,
    at: &Region,
    credentials: &Credentials,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    let form = match ask {
        Ask::DescribeDBInstances(q) => {
            let one = q.instance.as_ref().map(DbInstanceName::wire);
            Form::of("DescribeDBInstances", VERSION).maybe("DBInstanceIdentifier", one)
        }
        Ask::DescribeDBClusters(q) => {
            Form::of("DescribeDBClusters", VERSION).with("DBClusterIdentifier", q.cluster.wire())
        }
        Ask::DescribeDBSnapshots(q) => Form::of("DescribeDBSnapshots", VERSION)
            .with("DBInstanceIdentifier", q.instance.wire())
            .with("SnapshotType", "manual"),
    };
    let form = form.with("MaxRecords", PAGE).maybe("Marker", token(from).as_deref());
    let to = (Service::Rds, at);
    Ok(match ask {
        Ask::DescribeDBInstances(_) => {
            let (rows, marker) =
                call(clients, to, credentials, &form, judge, |xml| rows(xml, "DBInstances", database))
                    .await?;
            (Answer::DescribeDBInstances(named(op, rows)?), next(op, from, marker)?)
        }
        Ask::DescribeDBClusters(_) => {
            let (rows, marker) =
                call(clients, to, credentials, &form, judge, |xml| rows(xml, "DBClusters", cluster)).await?;
            (Answer::DescribeDBClusters(named(op, rows)?), next(op, from, marker)?)
        }
        Ask::DescribeDBSnapshots(_) => {
            let (rows, marker) =
                call(clients, to, credentials, &form, judge, |xml| rows(xml, "DBSnapshots", snapshot))
                    .await?;
            (Answer::DescribeDBSnapshots(named(op, rows)?), next(op, from, marker)?)
        }
    })
}

/// Rows that each have their identifier.
fn named<T>(op: &'static str, rows: Vec<Option<T>>) -> Result<Vec<T>, Fault> {
    rows.into_iter().collect::<Option<_>>().ok_or_else(|| malformed(op, "a row without its identifier"))
}

/// The rows of a list in the result, which may leave an empty one out, and where the next page begins.
fn rows<T>(
    xml: &mut Xml<'_, '_>,
    list: &str,
    row: impl Fn(&mut Xml<'_, '_>) -> Read<Option<T>>,
) -> Read<(Vec<Option<T>>, Option<String>)> {
    let mut result = None;
    each(xml, |name, tag| {
        if name.ends_with("Result") {
            result = Some(query::rows(tag, (list, "Marker"), &row)?);
        }
        Ok(())
    })?;
    let (all, marker) = result.ok_or_else(|| XmlDecodeError::custom("the answer has no result"))?;
    Ok((all.unwrap_or_default(), marker))
}

fn database(xml: &mut Xml<'_, '_>) -> Read<Option<Database>> {
    let (mut name, mut arn) = (None, None);
    let mut row = Database {
        name: DbInstanceName::new(""),
        arn: Arn::new(""),
        engine: "".into(),
        status: "".into(),
        master_user: "".into(),
        managed_secret: None,
        cluster: None,
        replica_of: None,
        public: false,
        port: None,
        multi_az: false,
        groups: Vec::new(),
        vpc: None,
        backup_days: 0,
        logs: Vec::new(),
        pending: PendingChanges::default(),
    };
    each(xml, |field, tag| {
        match field {
            "DBInstanceIdentifier" => name = filled(tag)?,
            "DBInstanceArn" => arn = filled(tag)?,
            "Engine" => row.engine = text(tag)?.into(),
            "DBInstanceStatus" => row.status = text(tag)?.into(),
            "MasterUsername" => row.master_user = text(tag)?.into(),
            "MasterUserSecret" => row.managed_secret = secret(tag)?,
            "DBClusterIdentifier" => row.cluster = filled(tag)?.map(DbClusterName::new),
            "ReadReplicaSourceDBInstanceIdentifier" => row.replica_of = filled(tag)?.map(Untrusted::from),
            "PubliclyAccessible" => row.public = text(tag)? == "true",
            "MultiAZ" => row.multi_az = text(tag)? == "true",
            "Endpoint" => each(tag, |field, tag| {
                if field == "Port" {
                    row.port = text(tag)?.parse().ok().filter(|p| *p > 0);
                }
                Ok(())
            })?,
            "DbInstancePort" if row.port.is_none() => row.port = text(tag)?.parse().ok().filter(|p| *p > 0),
            "VpcSecurityGroups" => row.groups = groups(tag)?,
            "DBSubnetGroup" => each(tag, |field, tag| {
                if field == "VpcId" {
                    row.vpc = filled(tag)?.map(VpcId::new);
                }
                Ok(())
            })?,
            "BackupRetentionPeriod" => row.backup_days = text(tag)?.parse().unwrap_or(0),
            "EnabledCloudwatchLogsExports" => each(tag, |_, tag| {
                row.logs.push(text(tag)?.into());
                Ok(())
            })?,
            "PendingModifiedValues" => row.pending = pending(tag)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(name.map(|name| Database {
        arn: Arn::new(arn.unwrap_or_default()),
        name: DbInstanceName::new(name),
        ..row
    }))
}

fn cluster(xml: &mut Xml<'_, '_>) -> Read<Option<Cluster>> {
    let mut name = None;
    let mut row = Cluster {
        name: DbClusterName::new(""),
        status: "".into(),
        master_user: "".into(),
        managed_secret: None,
        members: Vec::new(),
        pending: PendingChanges::default(),
    };
    each(xml, |field, tag| {
        match field {
            "DBClusterIdentifier" => name = filled(tag)?,
            "Status" => row.status = text(tag)?.into(),
            "MasterUsername" => row.master_user = text(tag)?.into(),
            "MasterUserSecret" => row.managed_secret = secret(tag)?,
            "DBClusterMembers" => each(tag, |_, tag| {
                let mut member = (None, false);
                each(tag, |field, tag| {
                    match field {
                        "DBInstanceIdentifier" => member.0 = filled(tag)?,
                        "IsClusterWriter" => member.1 = text(tag)? == "true",
                        _ => {}
                    }
                    Ok(())
                })?;
                row.members.extend(member.0.map(|name| (DbInstanceName::new(name), member.1)));
                Ok(())
            })?,
            "PendingModifiedValues" => row.pending = pending(tag)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(name.map(|name| Cluster { name: DbClusterName::new(name), ..row }))
}

fn snapshot(xml: &mut Xml<'_, '_>) -> Read<Option<DbSnapshot>> {
    let (mut name, mut status, mut created) = (None, String::new(), None);
    each(xml, |field, tag| {
        match field {
            "DBSnapshotIdentifier" => name = filled(tag)?,
            "Status" => status = text(tag)?,
            "SnapshotCreateTime" => created = text(tag)?.parse::<Timestamp>().ok(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(name.map(|name| DbSnapshot { name: DbSnapshotName::new(name), status: status.into(), created }))
}

/// The ARN of the secret that RDS keeps the password in.
fn secret(xml: &mut Xml<'_, '_>) -> Read<Option<Arn>> {
    let mut arn = None;
    each(xml, |field, tag| {
        if field == "SecretArn" {
            arn = filled(tag)?.map(Arn::new);
        }
        Ok(())
    })?;
    Ok(arn)
}

fn groups(xml: &mut Xml<'_, '_>) -> Read<Vec<SecurityGroupId>> {
    let mut all = Vec::new();
    each(xml, |_, tag| {
        each(tag, |field, tag| {
            if field == "VpcSecurityGroupId" {
                all.extend(filled(tag)?.map(SecurityGroupId::new));
            }
            Ok(())
        })
    })?;
    Ok(all)
}

/// The names of what is pending; of the password only that it is.
fn pending(xml: &mut Xml<'_, '_>) -> Read<PendingChanges> {
    let mut pending = PendingChanges::default();
    each(xml, |field, _| {
        if field == "MasterUserPassword" {
            pending.password = true;
        } else {
            pending.others.push(Untrusted::from(field));
        }
        Ok(())
    })?;
    Ok(pending)
}
