//! Writes to IAM: access keys, and what contains a compromise. The secret of a new one is in the answer and nowhere else; it goes from there
//! into its slot.

use crate::aws::convert::{malformed, need};
use crate::aws::fault::Judge;
use crate::estate::change::iam::contain::{Write, document};
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
        Call::Contain(write) => contain(client, write, judge).await,
    }
}

async fn contain(client: &Client, write: &Write, judge: &Judge<'_>) -> Result<Receipt, Fault> {
    let gone = |outcome: Result<(), Fault>| match outcome {
        // What is to be taken away is not there: that is what was wanted.
        Err(fault) if fault.kind != FaultKind::NotFound => Err(fault),
        Ok(()) | Err(_) => Ok(Receipt::Done),
    };
    match write {
        Write::AttachUserPolicy { user, policy } => {
            let attach = client.attach_user_policy().user_name(user.wire()).policy_arn(policy.wire());
            judge.of(attach.send().await)?;
            Ok(Receipt::Done)
        }
        Write::DetachUserPolicy { user, policy } => {
            let detach = client.detach_user_policy().user_name(user.wire()).policy_arn(policy.wire());
            gone(judge.of(detach.send().await).map(|_| ()))
        }
        Write::PutRolePolicy { role, policy, before } => {
            let put = client.put_role_policy().role_name(role.wire()).policy_name(policy.wire());
            judge.of(put.policy_document(document(*before)).send().await)?;
            Ok(Receipt::Done)
        }
        Write::DeleteRolePolicy { role, policy } => {
            let delete = client.delete_role_policy().role_name(role.wire()).policy_name(policy.wire());
            gone(judge.of(delete.send().await).map(|_| ()))
        }
    }
}
