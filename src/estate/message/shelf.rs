//! Where received messages are while they are in hand: a part of the vault, wiped as they leave it. What lies here
//! hides its message from others at AWS until its time; a process that ends gives it back by that alone.

use super::Message;
use crate::estate::names::MessageId;
use crate::estate::time::Timestamp;
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

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<MessageId, Arc<Held>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
