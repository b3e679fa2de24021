//! Tests of the editor: tables of what it does, and properties over generated and hostile documents.

use super::*;
use crate::estate::vault::Vault;
use zeroize::Zeroizing;

mod documents;
mod hostile;
mod lists;
mod properties;
mod settled;

/// The salt of all tests.
fn salt() -> Salt {
    Salt("5a17".into())
}

/// A vault with these slots.
fn vault(held: &[(&str, &str)]) -> Vault {
    let vault = Vault::default();
    for (slot, value) in held {
        vault.put(Slot::new(*slot), Zeroizing::new(value.as_bytes().to_vec()));
    }
    vault
}

fn edit(ops: Vec<EditOp>) -> Edit {
    Edit { salt: salt(), ops }
}

fn field(pointer: &str) -> Place {
    Place::Field(pointer.into())
}

fn set(place: Place, create: bool) -> Edit {
    edit(vec![EditOp::Set { place, value: Slot::new("new"), print: None, create }])
}

fn insert(place: Place, after: Option<Entry>) -> EditOp {
    EditOp::Insert { place, entry: Slot::new("new"), print: None, after }
}

fn held(slot: &str) -> Entry {
    Entry::Held(Slot::new(slot))
}

/// The document after an edit, as text.
fn made(edit: &Edit, base: &str, held: &[(&str, &str)]) -> Result<String, EditFault> {
    let out = apply(edit, base.as_bytes(), &vault(held))?;
    assert_eq!(out.len(), out.capacity(), "the buffer is of the right size from the start");
    Ok(String::from_utf8(out.to_vec()).unwrap())
}
