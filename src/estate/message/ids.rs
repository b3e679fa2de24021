//! A set of message ids that can be large and is copied often: what has been added stays in shared blocks, so
//! that a copy costs little. It remembers 128 bits of each: a UUID whole, of anything else its hash.

use crate::estate::names::MessageId;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Ids of a block.
const BLOCK: usize = 1024;

/// A set of ids.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ids {
    /// Full blocks, each sorted.
    full: Vec<Arc<[u128]>>,
    /// The newest, in the order of their coming.
    last: Vec<u128>,
}

impl Ids {
    /// Adds an id; `false` if it was there.
    pub fn add(&mut self, id: &MessageId) -> bool {
        let key = key(id.wire());
        if self.holds(key) {
            return false;
        }
        self.last.push(key);
        if self.last.len() == BLOCK {
            let mut block = std::mem::take(&mut self.last);
            block.sort_unstable();
            self.full.push(block.into());
        }
        true
    }

    /// Whether an id is in it.
    #[must_use]
    pub fn contains(&self, id: &MessageId) -> bool {
        self.holds(key(id.wire()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full.len() * BLOCK + self.last.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn holds(&self, key: u128) -> bool {
        self.last.contains(&key) || self.full.iter().any(|block| block.binary_search(&key).is_ok())
    }
}

/// The 128 bits of an id.
fn key(id: &str) -> u128 {
    let hex = id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let digits = || id.bytes().filter(u8::is_ascii_hexdigit).count() == 32;
    if hex && digits() {
        let value = |b: u8| (b as char).to_digit(16).map_or(0, u128::from);
        return id.bytes().filter(u8::is_ascii_hexdigit).fold(0, |n, b| n << 4 | value(b));
    }
    let hash = Sha256::digest(id.as_bytes());
    hash.iter().take(16).fold(0, |n, b| n << 8 | u128::from(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_there_and_nothing_else() {
        let mut ids = Ids::default();
        let uuid = |n: u32| MessageId::new(format!("{n:08x}-0000-4000-8000-{:012x}", n * 7));
        for n in 0..5_000 {
            assert!(ids.add(&uuid(n)));
        }
        assert!(!ids.add(&uuid(77)));
        assert_eq!(ids.len(), 5_000);
        assert!((0..5_000).all(|n| ids.contains(&uuid(n))));
        assert!((5_000..9_000).all(|n| !ids.contains(&uuid(n))));
        let odd = MessageId::new("not-a-uuid");
        assert!(ids.add(&odd) && ids.contains(&odd) && !ids.contains(&MessageId::new("not-a-uuid2")));
    }
}
