//! A database that somebody else may have got into: cut the ways in, change the master password from a durable home on,
//! hand it to the application, end the sessions that a new password does not end. What the verbs share: how an instance
//! and its cluster are found, which ways in are extra, and where the new password is at home. Facts: RDS user guide,
//! "DB instance status", "Rebooting a DB instance"; EC2 user guide, "Security group connection tracking".

pub mod applied;
pub mod evidence;
pub mod hold;
pub mod password;
pub mod promote;
pub mod ready;
pub mod reboot;
pub mod revoke;
pub mod snapshot;
pub mod swap;
#[cfg(test)]
mod tests;
pub mod verify;

use super::key::{again, home, is_stand_in};
use super::with::{list, needed, number, optional};
use super::{near, with};
use crate::estate::ask::ec2::DescribeSecurityGroups;
use crate::estate::ask::rds::{DescribeDBClusters, DescribeDBInstances};
use crate::estate::time::seconds_between;
use crate::estate::{
    Cluster, Database, DbClusterName, DbInstanceName, Ingress, Peer, SecurityGroup, SecurityGroupId, Slot,
    Untrusted,
};
use crate::runbook::need::Need;
use crate::runbook::value::{Home, ValueType};
use crate::runbook::verb::Param;
use crate::runbook::view::{View, is_missing};

pub(super) const INSTANCE: Param =
    needed("instance", ValueType::Text, "the identifier of the database instance");
pub(super) const CLUSTER: Param =
    optional("cluster", ValueType::Text, "its cluster, which then has the password");
pub(super) const PORT: Param = needed("port", ValueType::Number, "the port that it listens on");
pub(super) const GROUPS: Param = needed("groups", ValueType::List, "its security groups");
pub(super) const KEEP: Param = optional(
    "keep",
    ValueType::List,
    "address ranges, prefix lists and security groups whose way in stays; all security groups without it",
);
pub(super) const STAGED: Param =
    optional("staged", ValueType::Home, "where the new password is at home, in a secret");
pub(super) const HELD: Param =
    optional("held", ValueType::Home, "where the new password is at home, in a variable");

/// The slot of the new password.
const PASSWORD: &str = "database.password";

/// How long RDS is waited for: an instance that is busy is so for some minutes.
const PATIENCE: i64 = 1_200;

fn slot() -> Slot {
    Slot::new(PASSWORD)
}

fn name(v: &View<'_>) -> Result<DbInstanceName, Need> {
    Ok(DbInstanceName::new(v.text(INSTANCE.name)?.wire()))
}

fn cluster_name(v: &View<'_>) -> Option<DbClusterName> {
    v.maybe_text(CLUSTER.name).filter(|c| !is_stand_in(c)).map(|c| DbClusterName::new(c.wire()))
}

/// The instance; one that is not there is told with the nearest name that is.
///
/// # Errors
/// `Know`; `Refuse`.
fn instance(v: &View<'_>) -> Result<Database, Need> {
    let name = name(v)?;
    let asked = || DescribeDBInstances { instance: Some(name.clone()) };
    if let Err(fault) = v.pages(asked())?
        && is_missing(&fault)
    {
        let there = v.pages(DescribeDBInstances { instance: None })?.map(|p| p.concat()).unwrap_or_default();
        let otherwise = "`aws rds describe-db-instances` tells which there are";
        let names = there.iter().map(|d| d.name.wire());
        return Err(near::missing("database instance", name.text(), names, otherwise));
    }
    let found = v.must(asked())?.concat();
    let nothing = || Need::Refuse(format!("RDS said nothing about {}", name.shown()));
    found.into_iter().find(|d| d.name == name).ok_or_else(nothing)
}

/// The cluster of that name.
///
/// # Errors
/// `Know`; `Refuse`.
fn cluster(v: &View<'_>, name: &DbClusterName) -> Result<Cluster, Need> {
    let found = v.must(DescribeDBClusters { cluster: name.clone() })?.concat();
    let nothing = || Need::Refuse(format!("RDS said nothing about the cluster {}", name.shown()));
    found.into_iter().next().ok_or_else(nothing)
}

/// The instance once it is available and nothing of its password, or of its cluster's, is pending. A plan does not wait.
///
/// # Errors
/// `Again` while it is busy; `Refuse` when that takes too long.
fn available(v: &View<'_>) -> Result<Database, Need> {
    let found = instance(v)?;
    let (mut status, mut pending) = (found.status.clone(), found.pending.password);
    if let Some(name) = &found.cluster {
        let cluster = cluster(v, name)?;
        if status.wire() == "available" {
            status = cluster.status;
        }
        pending |= cluster.pending.password;
    }
    if v.planning || (status.wire() == "available" && !pending) {
        return Ok(found);
    }
    let state = if pending { "a new password is pending".to_owned() } else { status.shown().to_string() };
    Err(patient(v, &format!("{} to be available: {state}", found.name.shown())))
}

/// To look again in ten seconds, or to give up.
fn patient(v: &View<'_>, what: &str) -> Need {
    if seconds_between(v.since, v.now) < PATIENCE {
        return again(10, what);
    }
    let waited = crate::runbook::words::said(PATIENCE.unsigned_abs());
    Need::Refuse(format!("{waited} were waited for {what}; nothing more was sent. `resume` looks again"))
}

/// The port, as an earlier step found it.
fn port(v: &View<'_>) -> u32 {
    number(v, PORT.name).and_then(|p| u32::try_from(p).ok()).unwrap_or(0)
}

/// The security groups of the database.
///
/// # Errors
/// As [`View::must`].
fn groups(v: &View<'_>) -> Result<Vec<SecurityGroup>, Need> {
    let groups: Vec<_> = list(v, GROUPS.name).iter().map(|g| SecurityGroupId::new(g.wire())).collect();
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    Ok(v.must(DescribeSecurityGroups { groups })?.concat())
}

/// The ways into a port that are extra: those from elsewhere than `keep`, or without it from address ranges and prefix
/// lists, for an application is let in by its security group.
fn extra(group: &SecurityGroup, port: u32, keep: &[Untrusted]) -> Vec<Ingress> {
    let stays = |rule: &Ingress| {
        if keep.is_empty() {
            matches!(rule.peer, Peer::Group { .. })
        } else {
            keep.contains(rule.peer.text())
        }
    };
    group.ingress.iter().filter(|rule| rule.opens(port) && !stays(rule)).cloned().collect()
}

/// Where the new password is at home.
///
/// # Errors
/// `Refuse`, if no step gave it a home.
fn new_home<'v>(v: &'v View<'v>) -> Result<&'v Home, Need> {
    home(v, STAGED.name).or_else(|| home(v, HELD.name)).ok_or_else(|| {
        Need::Refuse("the new password has no home: the step that stages it was left out".into())
    })
}

/// Rules in a sentence.
fn said(rules: &[Ingress]) -> String {
    rules.iter().map(Ingress::words).collect::<Vec<_>>().join("; ")
}

/// What a plan says of a step that looks at what is not there yet.
fn later(what: &str) -> Vec<String> {
    vec![with::later(what)]
}
