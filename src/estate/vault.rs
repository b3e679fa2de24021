//! Where secret bytes are while a run needs them, and the only place of ours: slots with names, wiped when
//! they are replaced, taken out or dropped. Everything else names a slot. It has no `Clone`, no serde, and
//! its `Debug` tells names only.

use super::message::Shelf;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// The name of a place in a vault, e.g. `new`; no secret itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(Box<str>);

impl Slot {
    /// The slot of that name. Names are ours (inputs and verbs choose them), never from outside.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Secret bytes by slot.
#[derive(Default)]
pub struct Vault {
    slots: Mutex<BTreeMap<Slot, Zeroizing<Vec<u8>>>>,
    shelf: Shelf,
}

impl Vault {
    /// Puts bytes into a slot; what it held is wiped. The caller's buffer must never have grown: a growing
    /// `Vec` leaves copies behind.
    pub fn put(&self, slot: Slot, bytes: Zeroizing<Vec<u8>>) {
        self.lock().insert(slot, bytes);
    }

    /// Looks at the bytes of a slot in place; `None` if it is empty. What `look` returns must not be secret.
    pub fn with<R>(&self, slot: &Slot, look: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.lock().get(slot).map(|bytes| look(bytes))
    }

    /// A wiped-on-drop copy of a slot, for the one call that needs it.
    #[must_use]
    pub fn copy(&self, slot: &Slot) -> Option<Zeroizing<Vec<u8>>> {
        self.lock().get(slot).cloned()
    }

    /// The messages in hand.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Wipes a slot.
    pub fn wipe(&self, slot: &Slot) {
        self.lock().remove(slot);
    }

    /// Whether a slot holds anything.
    #[must_use]
    pub fn holds(&self, slot: &Slot) -> bool {
        self.lock().contains_key(slot)
    }

    /// The slots that hold something.
    #[must_use]
    pub fn held(&self) -> BTreeSet<Slot> {
        self.lock().keys().cloned().collect()
    }

    /// The length of what a slot holds, in bytes.
    #[must_use]
    pub fn len_of(&self, slot: &Slot) -> Option<usize> {
        self.with(slot, <[u8]>::len)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Slot, Zeroizing<Vec<u8>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys().map(Slot::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Slot, Vault};
    use zeroize::Zeroizing;

    #[test]
    fn debug_tells_names_only() {
        let vault = Vault::default();
        vault.put(Slot::new("new"), Zeroizing::new(b"hunter2".to_vec()));
        assert_eq!(format!("{vault:?}"), "{\"new\"}");
        assert_eq!(vault.len_of(&Slot::new("new")), Some(7));
        vault.wipe(&Slot::new("new"));
        assert!(!vault.holds(&Slot::new("new")));
    }
}
