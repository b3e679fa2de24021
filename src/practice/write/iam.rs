//! Writes to users' access keys, and what contains a compromise. Nothing here is a compare-and-swap. Source: IAM API reference,
//! `CreateAccessKey`, `UpdateAccessKey`, `DeleteAccessKey`; "IAM and AWS STS quotas".

use super::Write;
use crate::estate::change::iam::contain::{Write as Contain, document};
use crate::estate::change::iam::{Call, id_slot};
use crate::estate::names::{AccessKeyId, RoleName, UserName};
use crate::estate::{Fault, Receipt, Slot};
use crate::practice::faults;
use crate::practice::world::World;
use crate::practice::world::clients::Turns;
use crate::practice::world::role::{Inline, Role};
use crate::practice::world::stale::Was;
use crate::practice::world::user::{ALNUM, AccessKey, User, characters, key_id};
use zeroize::Zeroizing;

/// Access keys of one user, inactive ones counted.
const MOST: usize = 2;

/// The user or the role that a call changes, as it is now.
pub(super) fn row(world: &World, call: &Call) -> Option<Was> {
    let user = |name: &UserName| {
        let place = world.users.iter().position(|u| u.name == name.wire())?;
        Some(Was::User(place, Box::new(world.users.get(place)?.clone())))
    };
    match call {
        Call::CreateAccessKey { user: name, .. }
        | Call::UpdateAccessKey { user: name, .. }
        | Call::DeleteAccessKey { user: name, .. }
        | Call::Contain(
            Contain::AttachUserPolicy { user: name, .. } | Contain::DetachUserPolicy { user: name, .. },
        ) => user(name),
        Call::Contain(Contain::PutRolePolicy { role, .. } | Contain::DeleteRolePolicy { role, .. }) => {
            let place = world.roles.iter().position(|r| r.name == role.wire())?;
            Some(Was::Role(place, Box::new(world.roles.get(place)?.clone())))
        }
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
        Call::Contain(contained) => contain(&mut write, contained),
    }
}

/// What is to be taken away and is gone already is done, as the port for AWS reads `NoSuchEntity`.
fn contain(write: &mut Write<'_>, what: &Contain) -> Result<Receipt, Fault> {
    let at = write.at;
    match what {
        Contain::AttachUserPolicy { user, policy } => find(write, user)?.attach(policy.wire(), at),
        Contain::DetachUserPolicy { user, policy } => {
            if let Ok(row) = find(write, user) {
                row.detach(policy.wire(), at);
            }
        }
        Contain::PutRolePolicy { role, policy, before } => {
            let row = find_role(write, role)?;
            row.inline.retain(|p| p.name != policy.wire());
            row.inline.push(Inline {
                name: policy.wire().to_owned(),
                document: document(*before),
                before: Some(before.as_second()),
                since: at,
            });
        }
        Contain::DeleteRolePolicy { role, policy } => {
            if let Ok(row) = find_role(write, role) {
                row.inline.retain(|p| p.name != policy.wire());
            }
        }
    }
    Ok(Receipt::Done)
}

fn find_role<'a>(write: &'a mut Write<'_>, name: &RoleName) -> Result<&'a mut Role, Fault> {
    let op = write.op;
    let found = write.world.roles.iter_mut().find(|r| r.name == name.wire());
    found.ok_or_else(|| faults::no_role(op, name.wire()))
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
pub(in crate::practice) fn add(user: &mut User, at: i64) -> String {
    let id = key_id(&mut user.rng);
    let key = AccessKey { id: id.clone(), active: true, created: at, turns: Turns::default(), used: None };
    user.keys.push(key);
    id
}
