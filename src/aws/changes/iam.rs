//! Writes to IAM: access keys. The secret of a new one is in the answer and nowhere else; it goes from there
//! into its slot.

use crate::aws::convert::{malformed, need};
use crate::aws::fault::Judge;
use crate::estate::change::iam::{Call, id_slot};
use crate::estate::{AccessKeyId, Fault, FaultKind, Receipt, Vault};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::StatusType;
use zeroize::Zeroizing;

pub(super) async fn apply(
    client: &Client,
    call: &Call,
    vault: &Vault,
    judge: &Judge<'_>,
) -> Result<Receipt, Fault> {
    match call {
        Call::CreateAccessKey { user, had: _, into } => {
            let out = judge.of(client.create_access_key().user_name(user.wire()).send().await)?;
            let made = need(judge.operation(), "AccessKey", out.access_key)?;
            // The same buffer, not a copy of it.
            let secret = Zeroizing::new(made.secret_access_key.into_bytes());
            if made.access_key_id.is_empty() || secret.is_empty() {
                return Err(malformed(judge.operation(), "the new key has no id or no secret"));
            }
            vault.put(id_slot(into), Zeroizing::new(made.access_key_id.as_bytes().to_vec()));
            vault.put(into.clone(), secret);
            Ok(Receipt::AccessKey(AccessKeyId::new(made.access_key_id)))
        }
        Call::UpdateAccessKey { user, key, active } => {
            let status = if *active { StatusType::Active } else { StatusType::Inactive };
            let update = client.update_access_key().user_name(user.wire()).access_key_id(key.wire());
            judge.of(update.status(status).send().await)?;
            Ok(Receipt::Done)
        }
        Call::DeleteAccessKey { user, key } => {
            let delete = client.delete_access_key().user_name(user.wire()).access_key_id(key.wire());
            match judge.of(delete.send().await) {
                // Nothing to delete is what was wanted.
                Err(fault) if fault.kind != FaultKind::NotFound => Err(fault),
                Ok(_) | Err(_) => Ok(Receipt::Done),
            }
        }
    }
}
