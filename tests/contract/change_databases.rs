//! What a breach of a database is contained with, and what a denied access is looked into with: databases of RDS, the
//! security groups and flow logs of EC2, keys of KMS. RDS and EC2 are asked without an SDK, in requests of our own.

use super::change_secrets::key;
use super::fill::databases::{CLUSTER, KMS, PARTNER};
use super::question::{Question, Wrong, distinct, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::{ec2 as network, kms, rds};
use bartizan::estate::change::ec2::Call as Ec2;
use bartizan::estate::change::rds::Call as Rds;
use bartizan::estate::{
    Call, Database, DbClusterName, DbInstanceName, DbSnapshotName, Fault, FaultKind, Ingress, Receipt,
    SecurityGroupId, Slot, Vault,
};
use std::time::Duration;
use zeroize::Zeroizing;

const INSTANCE: &str = "RDS API reference, DescribeDBInstances; DBInstance";
const CLUSTERS: &str = "RDS API reference, DescribeDBClusters, ModifyDBCluster";
const PASSWORD: &str = "RDS API reference, ModifyDBInstance: MasterUserPassword, asynchronously applied";
const REBOOT: &str = "RDS API reference, RebootDBInstance: a momentary outage, then it is available";
const SNAPSHOT: &str = "RDS API reference, CreateDBSnapshot: DBSnapshotAlreadyExists; DescribeDBSnapshots";
const RULES: &str = "EC2 API reference, RevokeSecurityGroupIngress, AuthorizeSecurityGroupIngress";
const KEY: &str = "KMS API reference, DescribeKey, GetKeyPolicy";

pub const CHANGES: &[Question] = &[
    Question { name: "what_a_database_is", source: INSTANCE, needs: Some("databases"), check: told },
    Question {
        name: "database_that_is_not",
        source: "RDS service model: DBInstanceNotFound",
        needs: None,
        check: |e| {
            let instance = Some(DbInstanceName::new("no-such"));
            refused(e.first(rds::DescribeDBInstances { instance }), &FaultKind::NotFound)
        },
    },
    Question { name: "what_a_cluster_is", source: CLUSTERS, needs: Some("cluster"), check: cluster_told },
    Question {
        name: "cluster_that_is_not",
        source: "RDS service model: DBClusterNotFoundFault",
        needs: None,
        check: |e| {
            let cluster = DbClusterName::new("no-such");
            refused(e.first(rds::DescribeDBClusters { cluster }), &FaultKind::NotFound)
        },
    },
    Question {
        name: "master_password_changed",
        source: PASSWORD,
        needs: Some("own database"),
        check: password,
    },
    Question {
        name: "master_password_of_a_cluster_changed",
        source: CLUSTERS,
        needs: Some("cluster"),
        check: |e| {
            let cluster = DbClusterName::new(CLUSTER);
            let call = Rds::ModifyDBCluster { cluster, password: Slot::new("new") };
            same("receipt", write(e, Call::Rds(call))?, Receipt::Done)
        },
    },
    Question {
        name: "master_password_of_a_database_that_is_not",
        source: "RDS service model: DBInstanceNotFound",
        needs: None,
        check: |e| refused(write(e, change_of(&DbInstanceName::new("no-such"))), &FaultKind::NotFound),
    },
    Question { name: "database_rebooted", source: REBOOT, needs: Some("own database"), check: rebooted },
    Question { name: "snapshot_made_once", source: SNAPSHOT, needs: Some("own database"), check: snapshot },
    Question { name: "ways_in_cut_and_let_in_again", source: RULES, needs: Some("groups"), check: cut },
    Question { name: "way_in_that_is_there_already", source: RULES, needs: Some("groups"), check: again },
    Question {
        name: "security_group_that_is_not",
        source: "EC2 API reference, Error codes: InvalidGroup.NotFound",
        needs: None,
        check: |e| {
            let groups = vec![SecurityGroupId::new("sg-0123456789abcdef0")];
            refused(e.first(network::DescribeSecurityGroups { groups }), &FaultKind::NotFound)
        },
    },
    Question {
        name: "flow_logs_of_a_vpc",
        source: "EC2 API reference, DescribeFlowLogs",
        needs: Some("flow logs"),
        check: flows,
    },
    Question {
        name: "no_flow_logs_of_another_vpc",
        source: "EC2 API reference, DescribeFlowLogs: the filter resource-id selects",
        needs: None,
        check: |e| {
            let vpc = bartizan::estate::VpcId::new("vpc-0123456789abcdef0");
            same("flow logs", e.all(network::DescribeFlowLogs { vpc })?, vec![])
        },
    },
    Question { name: "what_a_key_is", source: KEY, needs: Some("keys of KMS"), check: key_told },
    Question { name: "policy_of_a_key", source: KEY, needs: Some("keys of KMS"), check: policy },
    Question {
        name: "key_that_is_not",
        source: "KMS service model: NotFoundException",
        needs: None,
        check: |e| {
            let key = || "5e0f7c2a-61b4-4d0e-9a83-000000000000".into();
            refused(e.first(kms::DescribeKey { key: key() }), &FaultKind::NotFound)?;
            refused(e.first(kms::GetKeyPolicy { key: key() }), &FaultKind::NotFound)
        },
    },
];

fn vault() -> Vault {
    let vault = Vault::default();
    vault.put(Slot::new("new"), Zeroizing::new(b"contractMARKsecondpassword2345".to_vec()));
    vault
}

fn write(e: &Asking, call: Call) -> Result<Receipt, Fault> {
    e.apply(&call, &key("databases", 1), &vault())
}

fn change_of(instance: &DbInstanceName) -> Call {
    Call::Rds(Rds::ModifyDBInstance { instance: instance.clone(), password: Slot::new("new") })
}

/// The databases that stand alone and are ours to change, by name.
fn standing(e: &Asking) -> Result<Vec<Database>, Wrong> {
    let mut all = e.all(rds::DescribeDBInstances { instance: None })?;
    all.retain(|d| d.cluster.is_none() && d.replica_of.is_none() && d.managed_secret.is_none());
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// The `n`-th of them: each question that changes one has its own.
fn own(e: &Asking, n: usize) -> Result<DbInstanceName, Wrong> {
    let all = standing(e)?;
    Ok(all.get(n).ok_or_else(|| format!("there are {} databases", all.len()))?.name.clone())
}

fn look(e: &Asking, name: &DbInstanceName) -> Result<Database, Wrong> {
    Ok(e.first(rds::DescribeDBInstances { instance: Some(name.clone()) })?.remove(0))
}

/// The same once a condition holds, within half a minute.
fn once(e: &Asking, name: &DbInstanceName, seen: impl Fn(&Database) -> bool) -> Result<Database, Wrong> {
    for _ in 0..60 {
        let now = look(e, name)?;
        if seen(&now) {
            return Ok(now);
        }
        e.wait(Duration::from_millis(500));
    }
    let now = look(e, name)?;
    Err(format!("after half a minute {} is {:?}, {:?}", now.name.shown(), now.status, now.pending).into())
}

fn told(e: &Asking) -> Result<(), Wrong> {
    let name = own(e, 0)?;
    let db = look(e, &name)?;
    same("name", &db.name, &name)?;
    same("engine", db.engine.wire(), "mariadb")?;
    same("status", db.status.wire(), "available")?;
    same("port", db.port, Some(3306))?;
    same("public", db.public, false)?;
    same("replica of", db.replica_of, None)?;
    same("password that waits", db.pending.password, false)?;
    holds("it has no master user", !db.master_user.is_empty())?;
    holds(format!("its ARN is {:?}", db.arn), db.arn.wire().ends_with(&format!(":db:{}", name.wire())))?;
    same("security groups", db.groups.len(), 1)
}

fn cluster_told(e: &Asking) -> Result<(), Wrong> {
    let told = e.first(rds::DescribeDBClusters { cluster: DbClusterName::new(CLUSTER) })?.remove(0);
    same("name", told.name.wire(), CLUSTER)?;
    same("status", told.status.wire(), "available")?;
    same("master user", told.master_user.wire(), "admin")?;
    same("managed", told.managed_secret, None)?;
    let member = DbInstanceName::new(format!("{CLUSTER}-1"));
    same("members", told.members, vec![(member.clone(), true)])?;
    let of = e.first(rds::DescribeDBInstances { instance: Some(member) })?.remove(0).cluster;
    same("cluster of its member", of.as_ref().map(|c| c.wire()), Some(CLUSTER))
}

fn password(e: &Asking) -> Result<(), Wrong> {
    let name = own(e, 1)?;
    same("receipt", write(e, change_of(&name))?, Receipt::Done)?;
    let done = once(e, &name, |d| d.status.wire() == "available" && !d.pending.password)?;
    same("others that wait", done.pending.others, vec![])?;
    // what RDS would refuse is not sent
    let short = Vault::default();
    short.put(Slot::new("new"), Zeroizing::new(b"short".to_vec()));
    refused(e.apply(&change_of(&name), &key("databases", 2), &short), &FaultKind::Invalid)
}

fn rebooted(e: &Asking) -> Result<(), Wrong> {
    let name = own(e, 2)?;
    same("receipt", write(e, Call::Rds(Rds::RebootDBInstance { instance: name.clone() }))?, Receipt::Done)?;
    // how long it is seen as rebooting is the server's own
    once(e, &name, |d| d.status.wire() == "available").map(drop)
}

fn snapshot(e: &Asking) -> Result<(), Wrong> {
    let instance = own(e, 3)?;
    let made = DbSnapshotName::new("bartizan-7f3a0b1c");
    let call = || Call::Rds(Rds::CreateDBSnapshot { instance: instance.clone(), snapshot: made.clone() });
    same("receipt", write(e, call())?, Receipt::Done)?;
    let list = || e.all(rds::DescribeDBSnapshots { instance: instance.clone() });
    let names = |all: &[bartizan::estate::DbSnapshot]| all.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
    same("snapshots", names(&list()?), vec![made.clone()])?;
    let other = rds::DescribeDBSnapshots { instance: own(e, 0)? };
    same("snapshots of another", names(&e.all(other)?), vec![])?;
    // a second one of that name is refused, and the look that settles a doubt sees the first
    holds("a second snapshot of that name was taken", write(e, call()).is_err())?;
    same("snapshots", names(&list()?), vec![made.clone()])?;
    let ask = rds::DescribeDBSnapshots { instance: instance.clone() };
    let seen = e.page(ask, None)?.answer;
    let happened = call().verdict(&key("databases", 1), &[seen]);
    same("verdict", format!("{happened:?}"), "Happened(Done)".to_owned())
}

/// The rules of the group that questions may change.
fn rules(e: &Asking, group: &SecurityGroupId) -> Result<Vec<Ingress>, Wrong> {
    let groups = vec![group.clone()];
    Ok(e.first(network::DescribeSecurityGroups { groups })?.remove(0).ingress)
}

fn group(e: &Asking, n: usize) -> Result<SecurityGroupId, Wrong> {
    let db = look(e, &own(e, n)?)?;
    Ok(db.groups.first().ok_or("it has no security group")?.clone())
}

fn cut(e: &Asking) -> Result<(), Wrong> {
    let group = group(e, 1)?;
    let before = rules(e, &group)?;
    holds(format!("it lets in {before:?}"), before.len() == 3 && before.iter().all(|r| r.opens(3306)))?;
    let partner =
        before.iter().find(|r| r.peer.text().wire() == PARTNER).ok_or("the partner is not let in")?;
    same("description", partner.description.as_ref().map(|d| d.wire()), Some("the partner"))?;
    for rule in &before {
        for _ in 0..2 {
            let (group, rule) = (group.clone(), rule.clone());
            let call = Ec2::RevokeSecurityGroupIngress { group, rule };
            same("receipt", write(e, Call::Ec2(call))?, Receipt::Done)?;
        }
    }
    same("rules", rules(e, &group)?, vec![])?;
    for rule in &before {
        let (group, rule) = (group.clone(), rule.clone());
        let call = Ec2::AuthorizeSecurityGroupIngress { group, rule };
        same("receipt", write(e, Call::Ec2(call))?, Receipt::Done)?;
    }
    let mut after = rules(e, &group)?;
    let place = |r: &Ingress| before.iter().position(|b| b == r);
    after.sort_by_key(place);
    same("rules let in again", after, before)
}

fn again(e: &Asking) -> Result<(), Wrong> {
    let group = group(e, 2)?;
    let before = rules(e, &group)?;
    let rule = before.first().ok_or("it lets nobody in")?.clone();
    let call = Ec2::AuthorizeSecurityGroupIngress { group: group.clone(), rule };
    same("receipt", write(e, Call::Ec2(call))?, Receipt::Done)?;
    let peers: Vec<String> = rules(e, &group)?.iter().map(|r| r.peer.text().wire().to_owned()).collect();
    distinct("rules", &peers)?;
    same("rules", peers.len(), before.len())
}

fn flows(e: &Asking) -> Result<(), Wrong> {
    let groups = vec![group(e, 0)?];
    let of = e.first(network::DescribeSecurityGroups { groups })?.remove(0).vpc;
    let logs = e.all(network::DescribeFlowLogs { vpc: of.ok_or("the group has no VPC")? })?;
    let log = logs.first().ok_or("there are none")?;
    same("status", log.status.wire(), "ACTIVE")?;
    same("traffic", log.traffic.wire(), "ALL")?;
    holds("where it goes is missing", log.to.is_some())
}

/// A key of the customer, by its alias: the one that a server was filled with, or the practice estate's.
fn described(e: &Asking) -> Result<bartizan::estate::KmsKey, Fault> {
    let of = |alias: &str| e.first(kms::DescribeKey { key: alias.into() });
    of(KMS).or_else(|_| of("alias/shop"))
}

fn key_told(e: &Asking) -> Result<(), Wrong> {
    let told = described(e)?;
    same("state", (told.enabled, told.state.wire()), (true, "Enabled"))?;
    same("deletion", told.deletion_at, None)?;
    same("managed by AWS", told.aws_managed, false)?;
    holds(format!("its ARN is {:?}", told.arn), told.arn.wire().contains(":key/"))?;
    let by_arn = e.first(kms::DescribeKey { key: told.arn.text().clone() })?;
    same("the same by its ARN", by_arn, told)
}

fn policy(e: &Asking) -> Result<(), Wrong> {
    let key = described(e)?.arn.text().clone();
    let policy = e.first(kms::GetKeyPolicy { key })?;
    let policy: serde_json::Value =
        serde_json::from_str(policy.wire()).map_err(|_| Wrong(format!("it is no JSON: {policy:?}")))?;
    let statements = policy["Statement"].as_array().map_or(0, Vec::len);
    holds(format!("it has {statements} statements"), statements > 0)
}
