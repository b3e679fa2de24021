//! IAM users and their access keys. A key's secret is nowhere in here: nobody can read it back, at AWS
//! neither. Source: IAM API reference, `AccessKeyMetadata`, `AccessKeyLastUsed`.

use super::clients::Turns;
use super::role::Inline;
use super::{ACCOUNT, Second};
use crate::estate::change::iam::contain::deny_all;
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
    #[serde(default)]
    pub(in crate::practice) created: Second,
    /// ARNs of managed policies.
    #[serde(default)]
    pub(in crate::practice) attached: Vec<String>,
    #[serde(default)]
    pub(in crate::practice) inline: Vec<Inline>,
    #[serde(default)]
    pub(in crate::practice) groups: Vec<String>,
    /// The ARN of its boundary.
    #[serde(default)]
    pub(in crate::practice) boundary: Option<String>,
    /// It has a console password since then.
    #[serde(default)]
    pub(in crate::practice) password: Option<Second>,
    /// Serial numbers of its MFA devices.
    #[serde(default)]
    pub(in crate::practice) mfa: Vec<String>,
    /// The role that its clients assume now and then.
    #[serde(default)]
    pub(in crate::practice) assumes: Option<String>,
    /// When everything was denied to it, and when that ended.
    #[serde(default)]
    pub(in crate::practice) denied: Vec<(Second, bool)>,
}

impl User {
    /// One that was just made, with nothing.
    pub(in crate::practice) fn made(name: &str, at: Second, rng: Prng) -> Self {
        Self {
            name: name.to_owned(),
            tags: Vec::new(),
            keys: Vec::new(),
            service: "s3".into(),
            secret: None,
            rng,
            created: at,
            attached: vec!["arn:aws:iam::aws:policy/AdministratorAccess".into()],
            inline: Vec::new(),
            groups: Vec::new(),
            boundary: None,
            password: None,
            mfa: Vec::new(),
            assumes: None,
            denied: Vec::new(),
        }
    }

    pub(in crate::practice) fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:user/{}", self.name)
    }

    /// Whether everything is denied to it, and to sessions of its own, at `at`.
    pub(in crate::practice) fn is_denied(&self, at: Second) -> bool {
        self.denied.iter().rev().find(|(since, _)| *since <= at).is_some_and(|(_, denied)| *denied)
    }

    /// Attaches a managed policy; what is attached stays so.
    pub(in crate::practice) fn attach(&mut self, policy: &str, at: Second) {
        if !self.attached.iter().any(|a| a == policy) {
            self.attached.push(policy.to_owned());
        }
        self.turn(at);
    }

    /// Detaches one; whether it was attached.
    pub(in crate::practice) fn detach(&mut self, policy: &str, at: Second) -> bool {
        let before = self.attached.len();
        self.attached.retain(|a| a != policy);
        self.turn(at);
        self.attached.len() < before
    }

    fn turn(&mut self, at: Second) {
        let denied = self.attached.iter().any(|a| a == deny_all("aws").wire());
        if self.denied.last().map_or(denied, |(_, was)| *was != denied) {
            self.denied.push((at, denied));
        }
    }
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
