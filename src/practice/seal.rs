//! Seals texts under a key that is on no disk, so that a kept estate still has what a person typed or a run
//! generated when the program starts again. Whoever keeps the estate gives the key, and keeps it in memory
//! (a file system there); when that is gone, so are these values, and stand-ins take their place for good.
//!
//! The form is that of a synthetic initialisation vector (RFC 5297): a tag over label and text, which is also
//! what the key stream begins with, so that it needs no randomness; made of SHA-256, in lengths that leave
//! no room for extending.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bytes of a tag.
const TAG: usize = 16;

/// A key for sealing; wiped when the last clone goes. `Debug` tells nothing of it.
#[derive(Clone)]
pub struct Seal(Arc<Zeroizing<[u8; 32]>>);

impl Seal {
    /// The seal of 32 random bytes.
    #[must_use]
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(Arc::new(key))
    }

    /// `text` sealed under `label`.
    pub(super) fn shut(&self, label: &str, text: &[u8]) -> String {
        let tag = self.tag(label, text);
        let mut out = Vec::with_capacity(TAG + text.len());
        out.extend_from_slice(&tag);
        out.extend_from_slice(text);
        self.stream(&tag, out.get_mut(TAG..).unwrap_or_default());
        STANDARD_NO_PAD.encode(out)
    }

    /// What was sealed under `label`; nothing if it was under another key, or has changed since.
    pub(super) fn open(&self, label: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = STANDARD_NO_PAD.decode(sealed).ok()?; // what is no base64 was not sealed here
        let (tag, body) = bytes.split_first_chunk::<TAG>()?;
        let mut text = Zeroizing::new(body.to_vec());
        self.stream(tag, &mut text);
        (self.tag(label, &text) == *tag).then_some(text)
    }

    fn tag(&self, label: &str, text: &[u8]) -> [u8; TAG] {
        let digest = self
            .hash(b"tag")
            .chain_update((label.len() as u64).to_be_bytes())
            .chain_update(label)
            .chain_update((text.len() as u64).to_be_bytes())
            .chain_update(text)
            .finalize();
        // hashed twice, and cut: neither gives a state to go on from
        let mut tag = [0; TAG];
        let twice = self.hash(b"end").chain_update(digest).finalize();
        tag.copy_from_slice(&twice[..TAG]);
        tag
    }

    fn stream(&self, tag: &[u8; TAG], text: &mut [u8]) {
        for (n, block) in text.chunks_mut(32).enumerate() {
            let pad = self.hash(b"pad").chain_update(tag).chain_update((n as u64).to_be_bytes()).finalize();
            block.iter_mut().zip(pad).for_each(|(b, p)| *b ^= p);
        }
    }

    fn hash(&self, purpose: &[u8; 3]) -> Sha256 {
        Sha256::new().chain_update(self.0.as_slice()).chain_update(purpose)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;
    use zeroize::Zeroizing;

    #[test]
    fn only_the_same_key_and_label_open_what_is_unchanged() {
        let (one, two) = (Seal::new(Zeroizing::new([7; 32])), Seal::new(Zeroizing::new([8; 32])));
        for text in [&b""[..], b"x", b"a text of more than one block of thirty-two bytes"] {
            let sealed = one.shut("3", text);
            assert_eq!(one.open("3", &sealed).unwrap().as_slice(), text);
            assert!(one.open("4", &sealed).is_none() && two.open("3", &sealed).is_none());
            let mut odd = sealed.clone().into_bytes();
            odd[2] = if odd[2] == b'A' { b'B' } else { b'A' };
            assert!(one.open("3", std::str::from_utf8(&odd).unwrap()).is_none());
            assert_ne!(one.shut("4", text), sealed);
        }
        for bad in ["", "####", "AAAA"] {
            assert!(one.open("3", bad).is_none());
        }
        assert_eq!(format!("{one:?}"), "Seal");
    }
}
