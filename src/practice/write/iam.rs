//! Writes to users' access keys. Nothing here is a compare-and-swap. Source: IAM API reference,
//! `CreateAccessKey`, `UpdateAccessKey`, `DeleteAccessKey`; "IAM and AWS STS quotas".

use super::Write;
use crate::estate::change::iam::{Call, id_slot};
use crate::estate::names::{AccessKeyId, UserName};
use crate::estate::{Fault, Receipt, Slot};
use crate::practice::faults;
use crate::practice::world::clients::Turns;
use crate::practice::world::user::{ALNUM, AccessKey, User, characters, key_id};
use zeroize::Zeroizing;

/// Access keys of one user, inactive ones counted.
const MOST: usize = 2;

pub(super) fn user_of(call: &Call) -> &UserName {
    match call {
        Call::CreateAccessKey { user, .. }
        | Call::UpdateAccessKey { user, .. }
        | Call::DeleteAccessKey { user, .. } => user,
    }
}

pub(super) fn make(mut write: Write<'_>, call: &Call) -> Result<Receipt, Fault> {
    let op = write.op;
    let missing = |key: &AccessKeyId| {
        let message = format!("The Access Key with id {} cannot be found.", key.wire());
        faults::missing(op, "NoSuchEntity", &message)
    };
    match call {
        Call::CreateAccessKey { user, into, .. } => create(&mut write, user, into),
        Call::UpdateAccessKey { user, key, active } => {
            let row = find(&mut write, user)?;
            let key = row.keys.iter_mut().find(|k| k.id == key.wire()).ok_or_else(|| missing(key))?;
            key.active = *active;
            Ok(Receipt::Done)
        }
        // a key that is gone already is deleted, as the port for AWS reads `NoSuchEntity`
        Call::DeleteAccessKey { user, key } => {
            if let Ok(row) = find(&mut write, user) {
                row.keys.retain(|k| k.id != key.wire());
            }
            Ok(Receipt::Done)
        }
    }
}

fn find<'a>(write: &'a mut Write<'_>, name: &UserName) -> Result<&'a mut User, Fault> {
    let op = write.op;
    let found = write.world.users.iter_mut().find(|u| u.name == name.wire());
    found.ok_or_else(|| faults::no_user(op, name.wire()))
}

/// The secret goes into the vault and stays nowhere here.
fn create(write: &mut Write<'_>, name: &UserName, into: &Slot) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let user = find(write, name)?;
    if user.keys.len() >= MOST {
        let message = "Cannot exceed quota for AccessKeysPerUser: 2";
        return Err(faults::conflict(op, "LimitExceeded", message));
    }
    let id = add(user, at);
    let secret = format!("practice{}", characters(&mut user.rng, ALNUM, 32));
    write.world.known.learn(&secret);
    write.world.known.learn(&id);
    write.vault.put(id_slot(into), Zeroizing::new(id.as_bytes().to_vec()));
    write.vault.put(into.clone(), Zeroizing::new(secret.into_bytes()));
    Ok(Receipt::AccessKey(AccessKeyId::new(id)))
}

/// A new key of a user, active at once; its id.
pub(super) fn add(user: &mut User, at: i64) -> String {
    let id = key_id(&mut user.rng);
    let key = AccessKey { id: id.clone(), active: true, created: at, turns: Turns::default(), used: None };
    user.keys.push(key);
    id
}
