//! Writes to databases. A password is taken at once and comes into force some time later; only an instance that is
//! available can be changed. Source: RDS API reference, `ModifyDBInstance`, `ModifyDBCluster`, `RebootDBInstance`,
//! `CreateDBSnapshot`.

use super::Write;
use crate::estate::change::rds::{Call, is_acceptable};
use crate::estate::{Fault, Receipt, Slot};
use crate::practice::faults;
use crate::practice::world::Due;
use crate::practice::world::database::{Database, REBOOT};
use crate::practice::world::text::Text;

pub(super) fn make(mut write: Write<'_>, call: &Call) -> Result<Receipt, Fault> {
    match call {
        Call::ModifyDBInstance { instance, password } => {
            let place = find(&write, instance.wire())?;
            if row(&mut write, place)?.cluster.is_some() {
                let message = "The specified DB Instance is a member of a cluster. Modify the master user \
                               password for the DB Cluster using the ModifyDbCluster API";
                return Err(faults::invalid(write.op, "InvalidParameterCombination", message));
            }
            modify(&mut write, place, password)
        }
        Call::ModifyDBCluster { cluster, password } => {
            let place = write.world.writer(cluster.wire()).filter(|_| write.here);
            let missing = || {
                let message = format!("DBCluster {} not found.", cluster.wire());
                faults::missing(write.op, "DBClusterNotFoundFault", &message)
            };
            let place = place.ok_or_else(missing)?;
            modify(&mut write, place, password)
        }
        Call::RebootDBInstance { instance } => {
            let place = find(&write, instance.wire())?;
            available(&mut write, place)?;
            let until = write.at + REBOOT;
            let row = row(&mut write, place)?;
            row.rebooting = Some(until);
            row.reboots += 1;
            Ok(Receipt::Done)
        }
        Call::CreateDBSnapshot { instance, snapshot } => {
            let place = find(&write, instance.wire())?;
            available(&mut write, place)?;
            let (op, at) = (write.op, write.at);
            let row = row(&mut write, place)?;
            if row.snapshots.iter().any(|(name, _)| name == snapshot.wire()) {
                let message = "Cannot create the snapshot because a snapshot with that identifier exists.";
                return Err(faults::conflict(op, "DBSnapshotAlreadyExists", message));
            }
            row.snapshots.push((snapshot.wire().to_owned(), at));
            Ok(Receipt::Done)
        }
    }
}

fn find(write: &Write<'_>, name: &str) -> Result<usize, Fault> {
    let place = write.world.database(name).filter(|_| write.here);
    place.ok_or_else(|| faults::no_database(write.op, name))
}

fn row<'a>(write: &'a mut Write<'_>, place: usize) -> Result<&'a mut Database, Fault> {
    let op = write.op;
    write.world.databases.get_mut(place).ok_or_else(|| faults::no_database(op, ""))
}

fn available(write: &mut Write<'_>, place: usize) -> Result<(), Fault> {
    let (op, at) = (write.op, write.at);
    let status = row(write, place)?.status(at);
    if status == "available" {
        return Ok(());
    }
    let message = format!("Instance is not in available state: {status}.");
    Err(faults::conflict(op, "InvalidDBInstanceState", &message))
}

fn modify(write: &mut Write<'_>, place: usize, password: &Slot) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let bytes = write.held(password)?;
    if !is_acceptable(&bytes) {
        let message = "The parameter MasterUserPassword is not a valid password. Only printable ASCII \
                       characters besides '/', '@', '\"', ' ' may be used.";
        return Err(faults::invalid(op, "InvalidParameterValue", message));
    }
    let wrong = |message: &str| Err(faults::invalid(op, "InvalidParameterCombination", message));
    let held = row(write, place)?;
    if held.managed {
        return wrong("You can't specify MasterUserPassword for an instance with ManageMasterUserPassword.");
    }
    if held.replica_of.is_some() {
        return wrong("You can't change the master password of a read replica.");
    }
    available(write, place)?;
    let text = Text::written(bytes, true, &mut write.world.known);
    let text = text.ok_or_else(|| faults::invalid(op, "InvalidParameterValue", "no text"))?;
    let row = row(write, place)?;
    // the same password once more changes nothing, and takes as long
    let through = at + row.rng.between(35, 80);
    row.change = Some((through, text));
    write.world.plan(through, Due::Modified(place));
    Ok(Receipt::Done)
}
