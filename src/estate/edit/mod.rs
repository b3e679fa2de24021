//! Editing a secret document byte for byte: what an edit is, as data that names slots and fingerprints. How
//! it is applied is in the files beside this one. Knows no store: a secret's text, a variable and a whole
//! environment (a JSON object of strings) are all documents.
//!
//! What all of it keeps to: a byte that an edit does not name stays, be it order, spacing, the spelling of a
//! number or an escape; no buffer with secret bytes grows, for that leaves copies behind; nothing recurses
//! into a document; no fault holds a byte of it.

mod apply;
mod json;
mod list;
pub mod look;
mod shape;
mod stands;
#[cfg(test)]
mod tests;
mod text;

pub use apply::apply;
pub use shape::{entry, extract, read, same_but, shape};
pub use stands::stands;

use super::untrusted::Untrusted;
use super::vault::Slot;
use serde::{Deserialize, Serialize};

/// A run's own random bytes (hex), so that fingerprints of two runs cannot be compared.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Salt(pub Box<str>);

/// The first 16 bytes (hex) of SHA-256 over salt, a zero byte and the value. Only of values with enough
/// randomness: generated ones, and existing keys of at least [`Fingerprint::LEAST`] bytes. Never of what a
/// person typed: a weak password could be guessed from it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(Box<str>);

impl Fingerprint {
    /// The shortest value that is fingerprinted, in bytes: an API Gateway key is 20 to 128 characters.
    pub const LEAST: usize = 20;

    /// The fingerprint of `value`; `None` if it is too short to have one.
    #[must_use]
    pub fn of(salt: &Salt, value: &[u8]) -> Option<Self> {
        use sha2::{Digest, Sha256};
        use std::fmt::Write;
        if value.len() < Self::LEAST {
            return None;
        }
        let digest = Sha256::new().chain_update(&*salt.0).chain_update([0]).chain_update(value).finalize();
        let mut hex = String::with_capacity(32);
        for byte in &digest[..16] {
            // Writing to a String cannot fail.
            if write!(hex, "{byte:02x}").is_err() {
                return None;
            }
        }
        Some(Self(hex.into()))
    }

    /// The hex digits.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.0
    }
}

/// Where in a document a text is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The whole document.
    Whole,
    /// A string field of a JSON document, by JSON pointer (RFC 6901), e.g. `/apiKey`.
    Field(Untrusted),
}

impl Place {
    /// The place that a person means: a JSON pointer if it begins with a slash, else a top-level field.
    #[must_use]
    pub fn field(said: &str) -> Self {
        if said.starts_with('/') {
            return Self::Field(said.into());
        }
        Self::Field(format!("/{}", said.replace('~', "~0").replace('/', "~1")).into())
    }
}

/// Which entry of a list (entries separated by commas) is meant.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The one equal to what a slot holds.
    Held(Slot),
    /// The one with this fingerprint.
    Printed(Fingerprint),
}

/// One thing that an edit does.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditOp {
    /// Sets a text to what a slot holds.
    Set {
        /// Where.
        place: Place,
        /// The new text.
        value: Slot,
        /// Its fingerprint, if it was generated.
        print: Option<Fingerprint>,
        /// A field that is not there may be made.
        create: bool,
    },
    /// Adds an entry to a list; an entry that is there already is left as it is.
    Insert {
        /// Where the list is.
        place: Place,
        /// The new entry.
        entry: Slot,
        /// Its fingerprint, if it was generated.
        print: Option<Fingerprint>,
        /// Directly after this entry (`old` becomes `old,new`); at the end without it. White space before
        /// the entries of the list is put before this one too.
        after: Option<Entry>,
    },
    /// Adds an entry at the beginning of a list, for undoing the removal of the first one; an entry that is
    /// there already is left as it is.
    InsertFirst {
        /// Where the list is.
        place: Place,
        /// The new entry.
        entry: Slot,
        /// Its fingerprint, if it was generated.
        print: Option<Fingerprint>,
    },
    /// Removes exactly one entry of a list with the comma and the white space before it (after it, for the
    /// first one); every other byte stays.
    Remove {
        /// Where the list is.
        place: Place,
        /// Which.
        entry: Entry,
    },
    /// Takes a field with its name out of its object; one that is not there is left so. A whole document cannot be
    /// taken away.
    Unset {
        /// Where.
        place: Place,
    },
}

/// What is done to a document, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Edit {
    /// The salt of its fingerprints.
    pub salt: Salt,
    /// What is done.
    pub ops: Vec<EditOp>,
}

/// Whether a document is as an edit leaves it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stands {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It cannot be told: a value without fingerprint is no longer held.
    Unclear,
}

/// What may be known of a text without knowing it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Bytes of the whole document.
    pub bytes: usize,
    /// The names of the top-level fields in their order, if it is one JSON object; escaped names decoded.
    pub fields: Option<Vec<Untrusted>>,
    /// The entries of the text at the place as a list separated by commas, empty ones too; `None` if what
    /// is there is no text: another JSON value, or a whole document that is a JSON object or array.
    pub entries: Option<Vec<EntryShape>>,
}

/// What may be known of one entry of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryShape {
    /// Bytes, surrounding white space left out.
    pub bytes: usize,
    /// Its fingerprint; `None` for a short one.
    pub print: Option<Fingerprint>,
}

/// Why an edit cannot be made. No variant holds a byte of the document.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditFault {
    /// The document is not UTF-8 or not one JSON value, at this byte or the next.
    #[error("the document is not JSON (byte {0})")]
    NotJson(usize),
    /// An object names a field twice, so that readers disagree which one counts; the second name is at
    /// this byte.
    #[error("an object in the document names a field twice (byte {0})")]
    Duplicate(usize),
    /// Fields of the whole document are wanted, and it is another JSON value.
    #[error("the document is not a JSON object")]
    NotObject,
    /// There is no such field.
    #[error("there is no field {}", .0.shown())]
    NoField(Untrusted),
    /// The field is there and is no string.
    #[error("the field {} is not a string", .0.shown())]
    NotText(Untrusted),
    /// The entry is not in the list.
    #[error("the entry is not in the list")]
    NoEntry,
    /// The entry is in the list more than once.
    #[error("the entry is in the list more than once")]
    TwiceInList,
    /// A new entry has a comma, or white space at an end, or is empty: the list would not hold it.
    #[error("a list separated by commas cannot hold that entry")]
    Unlistable,
    /// What a slot holds is no UTF-8 text, which is all that a document takes.
    #[error("the value in {:?} is not UTF-8 text", .0.name())]
    NotUtf8(Slot),
    /// A slot that the edit needs is empty.
    #[error("the value in {:?} is not held", .0.name())]
    Empty(Slot),
    /// The result would be larger than the store takes, in bytes.
    #[error("it would be {bytes} bytes, of which at most {limit} are taken")]
    TooLarge {
        /// How large.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

impl Edit {
    /// The slots whose contents it writes or looks for.
    #[must_use]
    pub fn needs(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        for op in &self.ops {
            match op {
                EditOp::Set { value, .. } => slots.push(value.clone()),
                EditOp::InsertFirst { entry, .. } => slots.push(entry.clone()),
                EditOp::Insert { entry, after, .. } => {
                    slots.push(entry.clone());
                    if let Some(Entry::Held(slot)) = after {
                        slots.push(slot.clone());
                    }
                }
                EditOp::Remove { entry: Entry::Held(slot), .. } => slots.push(slot.clone()),
                EditOp::Remove { entry: Entry::Printed(_), .. } | EditOp::Unset { .. } => {}
            }
        }
        slots
    }
}
