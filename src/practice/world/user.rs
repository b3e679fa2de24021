//! IAM users and their access keys. A key's secret is nowhere in here: nobody can read it back, at AWS
//! neither. Source: IAM API reference, `AccessKeyMetadata`, `AccessKeyLastUsed`.

use super::Second;
use super::clients::Turns;
use crate::practice::prng::Prng;
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct User {
    pub(in crate::practice) name: String,
    pub(in crate::practice) tags: Vec<(String, String)>,
    pub(in crate::practice) keys: Vec<AccessKey>,
    /// What its keys are used with.
    pub(in crate::practice) service: String,
    /// The name of the secret from which its clients take the pair; from whoever has it without.
    pub(in crate::practice) secret: Option<String>,
    pub(in crate::practice) rng: Prng,
}

/// An access key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct AccessKey {
    pub(in crate::practice) id: String,
    pub(in crate::practice) active: bool,
    pub(in crate::practice) created: Second,
    pub(in crate::practice) turns: Turns,
    /// Its last use before the practice began, where nobody uses it now.
    pub(in crate::practice) used: Option<Second>,
}

/// `count` characters of `all` from a stream.
pub(in crate::practice) fn characters(rng: &mut Prng, all: &[u8], count: usize) -> String {
    let mut one = || all.get((rng.draw() % all.len() as u64) as usize).copied().unwrap_or(b'x');
    (0..count).map(|_| char::from(one())).collect()
}

/// Letters and digits.
pub(in crate::practice) const ALNUM: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The id of a new access key, which says whose it is.
pub(in crate::practice) fn key_id(rng: &mut Prng) -> String {
    format!("AKIAPRACTICE{}", characters(rng, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 8))
}
