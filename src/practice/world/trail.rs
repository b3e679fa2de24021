//! CloudTrail: what was done with which credentials. Events of persons and intruders are written down as they happen;
//! those of a key's ordinary clients follow from how it is used and are never stored. They show some minutes late.
//! Source: CloudTrail user guide, "typically delivers ... within an average of about 5 minutes".

use super::role::{Of, Session};
use super::user::{AccessKey, User, characters};
use super::{ACCOUNT, REGION, Second, World};
use crate::practice::prng::{Prng, mix, word};
use serde::{Deserialize, Serialize};

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Entry {
    /// Unique among all events.
    pub(in crate::practice) id: u64,
    pub(in crate::practice) at: Second,
    pub(in crate::practice) region: String,
    pub(in crate::practice) name: String,
    pub(in crate::practice) source: String,
    pub(in crate::practice) ip: String,
    pub(in crate::practice) agent: String,
    pub(in crate::practice) key: Option<String>,
    /// The name of the user, or of the role's session.
    pub(in crate::practice) user: String,
    pub(in crate::practice) principal: String,
    pub(in crate::practice) error: Option<String>,
    pub(in crate::practice) read_only: bool,
    pub(in crate::practice) minted: Option<Mint>,
    /// What it was done to, where its parameters name that.
    #[serde(default)]
    pub(in crate::practice) target: Option<String>,
}

/// Credentials that an event made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Mint {
    Role { key: String, arn: String },
    User { key: String },
    Key { key: String, user: String },
    Password { user: String },
}

/// Seconds until an event can be looked up: about five minutes, seldom more than ten.
pub(in crate::practice) fn delay(id: u64) -> i64 {
    let draw = mix(id, 5, 0);
    180 + (draw % 240).cast_signed() + if draw.is_multiple_of(11) { 300 } else { 0 }
}

/// How long a session of ordinary clients lives.
const HOUR: i64 = 3_600;
/// Clients assume their role in one of so many slots.
const ASSUMED: u64 = 6;

impl World {
    /// The events of a key's or a session's ordinary clients from `from` to `to`, oldest first.
    pub(in crate::practice) fn ordinary(&self, from: Second, to: Second) -> Vec<Entry> {
        let mut out = Vec::new();
        for user in &self.users {
            for key in &user.keys {
                let stream = mix(self.seed, word(&key.id), 0);
                for at in key.turns.uses(stream, from - 60, to.min(self.now)) {
                    self.client(user, key, at, &mut out);
                }
            }
        }
        out.retain(|e| (from..=to).contains(&e.at) && e.at <= self.now);
        out.sort_by_key(|e| (e.at, e.id));
        out
    }

    /// What a client does in one of its slots: it reads, and now and then it works as the role that it assumes.
    fn client(&self, user: &User, key: &AccessKey, at: Second, out: &mut Vec<Entry>) {
        let draw = mix(word(&key.id), at.unsigned_abs(), 21);
        let (name, source) = match user.service.as_str() {
            "cloudformation" => ("DescribeStacks", "cloudformation.amazonaws.com"),
            "securityhub" => ("GetFindings", "securityhub.amazonaws.com"),
            _ => ("ListBuckets", "s3.amazonaws.com"),
        };
        let denied = user.is_denied(at);
        let event = |n: u64, at: Second, name: &str, source: &str| Entry {
            id: mix(draw, n, 22),
            at,
            region: REGION.into(),
            name: name.into(),
            source: source.into(),
            ip: format!("198.51.100.{}", 10 + draw % 8),
            agent: "aws-sdk-java/2.31 Linux/6.1".into(),
            key: Some(key.id.clone()),
            user: user.name.clone(),
            principal: user.arn(),
            error: denied.then(|| "AccessDenied".to_owned()),
            read_only: true,
            minted: None,
            target: None,
        };
        out.push(event(0, at, name, source));
        let role = user.assumes.as_ref().and_then(|name| self.roles.iter().find(|r| r.name == *name));
        let Some(role) = role.filter(|_| draw.is_multiple_of(ASSUMED)) else { return };
        let session = session_id(&mut Prng::of(draw, "session"));
        let mut assumed = event(1, at + 2, "AssumeRole", "sts.amazonaws.com");
        if !denied {
            assumed.minted = Some(Mint::Role { key: session.clone(), arn: role.arn() });
        }
        out.push(assumed);
        if denied {
            return;
        }
        for n in 0..3_u64 {
            let then = at + 8 + (n * 17).cast_signed();
            let mut works = event(2 + n, then, name, source);
            works.key = Some(session.clone());
            works.user = "ci".into();
            works.principal = assumed_arn(&role.name, "ci");
            works.error = role.revokes(at + 2, then).then(|| "AccessDenied".to_owned());
            out.push(works);
        }
    }

    /// The session of ordinary clients that has this id, if it was made within its life.
    pub(in crate::practice) fn ordinary_session(&self, id: &str) -> Option<Session> {
        let found = self.ordinary(self.now - HOUR, self.now).into_iter().find_map(|e| match e.minted {
            Some(Mint::Role { key, arn }) if key == id => Some((e.at, arn)),
            Some(Mint::Role { .. } | Mint::User { .. } | Mint::Key { .. } | Mint::Password { .. }) | None => {
                None
            }
        });
        let (issued, arn) = found?;
        let role = arn.rsplit('/').next().unwrap_or_default().to_owned();
        Some(Session { id: id.to_owned(), issued, expires: issued + HOUR, of: Of::Role(role) })
    }

    /// Writes an event down.
    pub(in crate::practice) fn note(&mut self, mut entry: Entry) {
        self.made += 1;
        entry.id = mix(self.seed, self.made, 23);
        self.trail.push(entry);
    }
}

/// The ARN of a session of a role.
pub(in crate::practice) fn assumed_arn(role: &str, session: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}")
}

/// The id of new temporary credentials.
pub(in crate::practice) fn session_id(rng: &mut Prng) -> String {
    format!("ASIAPRACTICE{}", characters(rng, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 8))
}
