//! The names by which a run's work is recognised at AWS: the run's own id, and the idempotency key of each
//! call, chosen before the call so that "did it happen?" can be answered after a crash.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// The id of a run: eight lower-case hex digits, so it is safe to draw, to type and to put into labels.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(Arc<str>);

impl RunId {
    /// The id made of four random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 4]) -> Self {
        Self(format!("{:08x}", u32::from_be_bytes(bytes)).into())
    }

    /// The id, if `text` has the form of one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let good = text.len() == 8 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        good.then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that a run gives to what it makes, and its staging label: `bartizan-<run>`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("bartizan-{}", self.0)
    }

    /// The label of a version that the run replaced, kept until its undo closes.
    #[must_use]
    pub fn kept_label(&self) -> String {
        format!("bartizan-{}-prev", self.0)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for RunId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("a run id is eight hex digits")
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        Self::from(&*id.0)
    }
}

/// What makes two sendings of one call the same to AWS: derived from run, step, call and attempt, in the form
/// of a UUID (version 8, RFC 9562), which is what `ClientRequestToken` takes (32 to 64 characters) and
/// what becomes the version id of a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// The key of attempt `attempt` (from 1) of the `call`-th call (from 0) of `step` in `run`. A step that
    /// is undone and made again counts its calls on.
    #[must_use]
    pub fn derive(run: &RunId, step: &str, call: u32, attempt: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(b"bartizan/1\0")
            .chain_update(run.as_str())
            .chain_update([0])
            .chain_update(step)
            .chain_update([0])
            .chain_update(call.to_be_bytes())
            .chain_update(attempt.to_be_bytes())
            .finalize();
        let mut b = [0_u8; 16];
        b.copy_from_slice(&digest[..16]);
        b[6] = 0x80 | (b[6] & 0x0f);
        b[8] = 0x80 | (b[8] & 0x3f);
        let n = u128::from_be_bytes(b);
        let hex = format!("{n:032x}");
        let text = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        Self(text.into())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{IdempotencyKey, RunId};

    #[test]
    fn a_key_is_a_uuid_and_differs_by_every_part() {
        let run = RunId::new("7f3a0b1c").unwrap();
        let key = |step, call, attempt| IdempotencyKey::derive(&run, step, call, attempt);
        let first = key("stage", 0, 1);
        assert_eq!(first.as_str().len(), 36);
        assert_eq!(&first.as_str()[14..15], "8");
        assert_eq!(first, key("stage", 0, 1));
        for other in [key("stag", 0, 1), key("stage", 1, 1), key("stage", 0, 2)] {
            assert_ne!(first, other);
        }
    }
}
