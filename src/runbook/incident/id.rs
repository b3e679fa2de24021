//! The id of an incident, which is also the name of its journal: told apart from a run's by its first letters, so that
//! one state directory holds both. It knows nothing of how the digits are chosen.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::sync::Arc;

/// What every id begins with. No run's does: those are hexadecimal digits.
const BEGINS: &str = "i-";

/// `i-7f3a0b1c`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(Arc<str>);

impl IncidentId {
    /// The id made of four random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 4]) -> Self {
        Self(format!("{BEGINS}{:08x}", u32::from_be_bytes(bytes)).into())
    }

    /// The id, if `text` has the form of one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(BEGINS)?;
        let good = digits.len() == 8 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        good.then(|| Self(text.into()))
    }

    /// Whether a journal of this name is an incident's.
    #[must_use]
    pub fn names(journal: &str) -> bool {
        journal.starts_with(BEGINS)
    }

    /// The id as text; safe to draw.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What `typed` must begin with to mean an incident: its letters may be left out.
    #[must_use]
    pub fn completed(typed: &str) -> String {
        if typed.starts_with(BEGINS) { typed.to_owned() } else { format!("{BEGINS}{typed}") }
    }
}

/// Six hexadecimal digits that stand for texts: FNV-1a (32 bits), folded. It keeps nothing secret.
#[must_use]
pub fn digits(parts: &[&str]) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    format!("{:06x}", (hash >> 24) ^ (hash & 0x00ff_ffff))
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for IncidentId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for IncidentId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::new(&text)
            .ok_or_else(|| de::Error::custom("no id of an incident: `i-` and 8 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::IncidentId;

    #[test]
    fn an_id_is_no_run_and_may_be_typed_without_its_letters() {
        let id = IncidentId::from_random([0x7f, 0x3a, 0, 1]);
        assert_eq!((id.as_str(), IncidentId::new("i-7f3a0001")), ("i-7f3a0001", Some(id.clone())));
        assert!(crate::estate::RunId::new(id.as_str()).is_none() && IncidentId::names(id.as_str()));
        assert_eq!([IncidentId::completed("7f3a"), IncidentId::completed("i-7f")], ["i-7f3a", "i-7f"]);
        for bad in ["", "i-", "7f3a0001", "i-7F3A0001", "i-7f3a00010", "i-../..00"] {
            assert_eq!(IncidentId::new(bad), None, "{bad}");
        }
    }
}
