//! Writes to RDS: the master password, which meets its call here, a reboot, a snapshot. `ApplyImmediately` is never among
//! the parameters.

use super::refused;
use crate::aws::clients::Clients;
use crate::aws::fault::Judge;
use crate::aws::query::{Form, call};
use crate::aws::rds::VERSION;
use crate::estate::change::rds::{Call, is_acceptable};
use crate::estate::{EditFault, Fault, FaultKind, Receipt, Region, Service, Slot, Vault};
use aws_credential_types::Credentials;
use zeroize::Zeroizing;

pub(super) async fn apply(
    clients: &Clients,
    at: &Region,
    credentials: &Credentials,
    change: &Call,
    vault: &Vault,
    judge: &Judge<'_>,
) -> Result<Receipt, Fault> {
    let form = match change {
        Call::ModifyDBInstance { instance, password } => Form::of("ModifyDBInstance", VERSION)
            .with("DBInstanceIdentifier", instance.wire())
            .secret("MasterUserPassword", held(vault, password, judge)?),
        Call::ModifyDBCluster { cluster, password } => Form::of("ModifyDBCluster", VERSION)
            .with("DBClusterIdentifier", cluster.wire())
            .secret("MasterUserPassword", held(vault, password, judge)?),
        Call::RebootDBInstance { instance } => {
            Form::of("RebootDBInstance", VERSION).with("DBInstanceIdentifier", instance.wire())
        }
        Call::CreateDBSnapshot { instance, snapshot } => Form::of("CreateDBSnapshot", VERSION)
            .with("DBInstanceIdentifier", instance.wire())
            .with("DBSnapshotIdentifier", snapshot.wire()),
    };
    call(clients, (Service::Rds, at), credentials, &form, judge, |_| Ok(())).await?;
    Ok(Receipt::Done)
}

/// The password, if RDS takes such a one.
fn held(vault: &Vault, slot: &Slot, judge: &Judge<'_>) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let bytes = vault.copy(slot).ok_or_else(|| refused(&EditFault::Empty(slot.clone()), judge))?;
    if !is_acceptable(&bytes) {
        let why = "RDS takes passwords of 8 to 41 printable ASCII characters without / \" @ and blanks";
        return Err(Fault::new(FaultKind::Invalid, judge.operation(), why));
    }
    Ok(bytes)
}
