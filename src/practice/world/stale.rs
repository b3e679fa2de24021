//! Eventual consistency: for some seconds after a write, some reads still see the row as it was. Which do is
//! a matter of the second and of the question, so that two questions asked at once may disagree. Writes
//! never do: they compare with what is. Sources: "Troubleshoot AWS Secrets Manager"; IAM user guide,
//! "Changes that I make are not always immediately visible".

use super::gateway::Key;
use super::role::Role;
use super::secret::Secret;
use super::user::User;
use super::{Second, World};
use crate::practice::prng::{mix, word};

/// A row as it was before a write.
#[derive(Clone, Debug)]
pub(in crate::practice) struct Stale {
    pub(in crate::practice) until: Second,
    pub(in crate::practice) was: Was,
}

/// The rows of which reads are eventually consistent.
#[derive(Clone, Debug)]
pub(in crate::practice) enum Was {
    /// A secret, by its place.
    Secret(usize, Box<Secret>),
    /// A user, by its place.
    User(usize, Box<User>),
    /// A role, by its place.
    Role(usize, Box<Role>),
    /// All keys of gateways.
    Keys(Vec<Key>),
}

impl World {
    /// The oldest rows that are still seen by `question` in this second; none in most.
    fn seen_old(&self, question: &str) -> impl Iterator<Item = &Was> {
        let behind = mix(self.seed, self.now.unsigned_abs(), word(question)).is_multiple_of(2);
        self.stale.iter().filter(move |s| behind && self.now < s.until).map(|s| &s.was)
    }

    /// The secret with this ARN or name, as `question` sees it.
    pub(in crate::practice) fn seen_secret(&self, id: &str, question: &str) -> Option<&Secret> {
        let place = self.secret(id)?;
        let old = self.seen_old(question).find_map(|was| match was {
            Was::Secret(p, secret) if *p == place => Some(&**secret),
            Was::Secret(..) | Was::User(..) | Was::Role(..) | Was::Keys(_) => None,
        });
        old.or_else(|| self.secrets.get(place))
    }

    /// The user of this name, as `question` sees it.
    pub(in crate::practice) fn seen_user(&self, name: &str, question: &str) -> Option<&User> {
        let place = self.users.iter().position(|u| u.name == name)?;
        let old = self.seen_old(question).find_map(|was| match was {
            Was::User(p, user) if *p == place => Some(&**user),
            Was::User(..) | Was::Secret(..) | Was::Role(..) | Was::Keys(_) => None,
        });
        old.or_else(|| self.users.get(place))
    }

    /// The role of this name, as `question` sees it.
    pub(in crate::practice) fn seen_role(&self, name: &str, question: &str) -> Option<&Role> {
        let place = self.roles.iter().position(|r| r.name == name)?;
        let old = self.seen_old(question).find_map(|was| match was {
            Was::Role(p, role) if *p == place => Some(&**role),
            Was::Role(..) | Was::User(..) | Was::Secret(..) | Was::Keys(_) => None,
        });
        old.or_else(|| self.roles.get(place))
    }

    /// The keys of gateways, as `question` sees them.
    pub(in crate::practice) fn seen_keys(&self, question: &str) -> &[Key] {
        let old = self.seen_old(question).find_map(|was| match was {
            Was::Keys(keys) => Some(keys.as_slice()),
            Was::Secret(..) | Was::User(..) | Was::Role(..) => None,
        });
        old.unwrap_or(&self.keys)
    }

    /// What was just written is seen everywhere only from `until` on.
    pub(in crate::practice) fn lag(&mut self, was: Was, until: Second) {
        self.stale.retain(|s| s.until > self.now);
        self.stale.push(Stale { until, was });
    }
}
