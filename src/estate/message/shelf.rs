//! Where received messages are while they are in hand: a part of the vault, wiped as they leave it. What lies here
//! hides its message from others at AWS until its time; a process that ends gives it back by that alone.

use super::{Ids, Message};
use crate::estate::names::MessageId;
use crate::estate::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A message in hand.
pub struct Held {
    /// The message.
    pub message: Message,
    /// `ReceiptHandle`: what deletes it or gives it back.
    pub handle: Zeroizing<String>,
    /// Until when nobody else gets it, as far as is known.
    pub until: Timestamp,
}

/// Messages in hand, by id.
#[derive(Default)]
pub struct Shelf {
    held: Mutex<BTreeMap<MessageId, Arc<Held>>>,
    /// The hashes of the events that functions were invoked with; in memory only, for a short one can be guessed from it.
    invoked: Mutex<Ids>,
}

impl Shelf {
    /// Puts a message on it; a former receive of the same message is forgotten: only the newest handle counts.
    pub fn put(&self, held: Held) {
        self.lock().insert(held.message.id.clone(), Arc::new(held));
    }

    /// A message in hand.
    #[must_use]
    pub fn get(&self, id: &MessageId) -> Option<Arc<Held>> {
        self.lock().get(id).cloned()
    }

    /// Takes a message off it.
    pub fn take(&self, id: &MessageId) -> Option<Arc<Held>> {
        self.lock().remove(id)
    }

    /// How many are in hand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Whether a message is in hand.
    #[must_use]
    pub fn holds(&self, id: &MessageId) -> bool {
        self.lock().contains_key(id)
    }

    /// A function was invoked with an event, and answers later.
    pub fn invoked(&self, event: &str) {
        self.invoked.lock().unwrap_or_else(PoisonError::into_inner).add(&print(event));
    }

    /// Whether a function was invoked with just this event.
    #[must_use]
    pub fn has_invoked(&self, event: &str) -> bool {
        self.invoked.lock().unwrap_or_else(PoisonError::into_inner).contains(&print(event))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<MessageId, Arc<Held>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name that a set of ids knows an event by.
fn print(event: &str) -> MessageId {
    MessageId::new(Sha256::digest(event).iter().map(|b| format!("{b:02x}")).collect::<String>())
}
