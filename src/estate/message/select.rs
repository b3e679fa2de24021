//! Which messages of a queue are meant: by id, by the group of their error, by a filter. Pure, and asked by the
//! port when a message comes, so that its contents need not leave it.

use super::Message;
use crate::estate::names::MessageId;
use crate::estate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which messages are meant. Everything that is set must hold.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Select {
    /// Only these ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<BTreeSet<MessageId>>,
}

impl Select {
    /// Whether every message is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a message is meant, at `now`.
    #[must_use]
    pub fn chooses(&self, message: &Message, _now: Timestamp) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&message.id))
    }
}
