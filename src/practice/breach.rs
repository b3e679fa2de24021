//! How a leaked key was dealt with: when it was looked at, contained, when the intruder was out and stayed out, when what he
//! read was worth nothing any more, and what was done wrong. Pure counts over the world.

use super::score::told;
use super::world::{Second, World};
use crate::estate::ask::{Ask, iam as asks};
use crate::estate::change::iam::Call as Iam;
use crate::estate::change::iam::contain::Write as Contain;
use crate::estate::{Call, Query};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What happened, as far as it counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tale {
    start: Second,
    detected: Option<Second>,
    contained: Option<Second>,
    evicted: Option<Second>,
    recovered: Option<Second>,
    /// He last got something done then.
    last: Option<Second>,
    /// The secrets that he read, by their places, and when.
    pub(super) read: Vec<(usize, Second)>,
    made: Vec<String>,
    mistakes: BTreeSet<String>,
}

impl Tale {
    pub(super) fn new(start: Second) -> Self {
        Self {
            start,
            detected: None,
            contained: None,
            evicted: None,
            recovered: None,
            last: None,
            read: Vec::new(),
            made: Vec::new(),
            mistakes: BTreeSet::new(),
        }
    }

    pub(super) fn used(&mut self, at: Second) {
        self.last = Some(at);
    }

    pub(super) fn makes(&mut self, what: &str) {
        self.made.push(what.to_owned());
    }
}

/// The score of somebody who practised on a leaked key. Times are seconds after the practice began.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Breach {
    /// When the key, or its user, was first looked at.
    pub detected_s: Option<i64>,
    /// When the key was inactive and everything denied to its user.
    pub contained_s: Option<i64>,
    /// Since when nothing works that the intruder has.
    pub evicted_s: Option<i64>,
    /// When every secret that he read had a new value, with him out.
    pub recovered_s: Option<i64>,
    /// When he last got something done; negative before the practice began.
    pub last_use_s: Option<i64>,
    /// How many secrets he read.
    pub secrets_read: usize,
    /// What he made to come back by.
    pub made: Vec<String>,
    /// What was done wrong.
    pub mistakes: Vec<String>,
}

/// What somebody who knows the runbooks needs, in seconds: to look, to contain, to have him out, to have all renewed.
pub const PAR: [(&str, i64); 4] =
    [("detected", 300), ("contained", 600), ("evicted", 1_500), ("recovered", 5_400)];

impl Breach {
    /// Whether he is out, what he read is worth nothing any more, and nothing was done wrong.
    #[must_use]
    pub fn is_solved(&self) -> bool {
        self.evicted_s.is_some() && self.recovered_s.is_some() && self.mistakes.is_empty()
    }

    /// The score in lines, each time beside its par.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let times = [self.detected_s, self.contained_s, self.evicted_s, self.recovered_s];
        let made = if self.made.is_empty() { "nothing".to_owned() } else { self.made.join(", ") };
        let facts = [
            format!("secrets that were read: {}", self.secrets_read),
            format!("made to come back by: {made}"),
        ];
        let verdict = match (self.is_solved(), self.evicted_s) {
            (true, _) => "solved",
            (false, None) => "NOT SOLVED: the intruder can still come back",
            (false, Some(_)) => {
                "NOT SOLVED: he is out; what he read is not all renewed, or something was done wrong"
            }
        };
        told(&PAR, times, facts, &self.mistakes, verdict)
    }
}

/// The score, where an incident has an adversary.
pub(super) fn of(world: &World) -> Option<Breach> {
    let he = world.adversary.as_ref()?;
    let tale = &he.tale;
    let since = |at: Option<Second>| at.map(|at| at - tale.start);
    Some(Breach {
        detected_s: since(tale.detected),
        contained_s: since(tale.contained),
        evicted_s: since(tale.evicted),
        recovered_s: since(tale.recovered),
        last_use_s: since(tale.last),
        secrets_read: tale.read.len(),
        made: tale.made.clone(),
        mistakes: tale.mistakes.iter().cloned().collect(),
    })
}

/// The operator asks something. Whether it is the first sign that they know.
pub(super) fn asked(world: &mut World, query: &Query) -> bool {
    let now = world.now;
    let Some(he) = &mut world.adversary else { return false };
    let Ask::Iam(asks::Ask::GetAccessKeyLastUsed(q)) = &query.ask else { return false };
    let first = q.key.wire() == he.key && he.tale.detected.is_none();
    if first {
        he.tale.detected = Some(now);
    }
    first
}

/// The operator has changed something.
pub(super) fn wrote(world: &mut World, call: &Call, own: &str) {
    if world.adversary.is_some() {
        let wrong = match call {
            Call::Iam(call) => mistake(world, call, own),
            _ => None,
        };
        if let (Some(he), Some(wrong)) = (&mut world.adversary, wrong) {
            he.tale.mistakes.insert(wrong);
        }
        reckon(world);
    }
}

fn mistake(world: &World, call: &Iam, own: &str) -> Option<String> {
    let he = world.adversary.as_ref()?;
    let other = |user: &str| {
        let wrong = !he.is_his(world, Some(user), None);
        wrong.then(|| format!("the user {user} was contained, who has nothing to do with it"))
    };
    match call {
        Iam::DeleteAccessKey { key, .. } => {
            Some(format!("the key {} was deleted: evidence is gone", key.wire()))
        }
        Iam::UpdateAccessKey { user, active: false, .. } => other(user.wire()),
        Iam::UpdateAccessKey { key, active: true, .. } if key.wire() == he.key => {
            Some("the leaked key was activated again".to_owned())
        }
        Iam::Contain(Contain::AttachUserPolicy { user, .. }) => other(user.wire()),
        Iam::Contain(Contain::DetachUserPolicy { user, .. }) if he.is_his(world, Some(user.wire()), None) => {
            Some(format!("the deny was detached from {} again", user.wire()))
        }
        Iam::Contain(Contain::PutRolePolicy { role, .. }) if role.wire() == own => {
            Some("your own role was revoked".to_owned())
        }
        Iam::Contain(Contain::PutRolePolicy { role, .. }) if !he.is_his(world, None, Some(role.wire())) => {
            Some(format!("sessions of the role {} were revoked, which he never had", role.wire()))
        }
        Iam::UpdateAccessKey { .. }
        | Iam::CreateAccessKey { .. }
        | Iam::Contain(
            Contain::DetachUserPolicy { .. }
            | Contain::PutRolePolicy { .. }
            | Contain::DeleteRolePolicy { .. },
        ) => None,
    }
}

/// Where things stand now.
pub(super) fn reckon(world: &mut World) {
    let now = world.now;
    let Some(he) = &world.adversary else { return };
    let user = world.users.iter().find(|u| u.name == he.user());
    let contained =
        user.is_some_and(|u| u.is_denied(now) && u.keys.iter().filter(|k| k.id == he.key).all(|k| !k.active));
    let is_in = he.is_in(world, now);
    let renewed = he.tale.read.iter().all(|(place, at)| {
        let since = he.tale.evicted.unwrap_or(now).max(*at);
        let secret = world.secrets.get(*place);
        secret.and_then(|s| s.current()).is_some_and(|v| v.created >= since)
    });
    let Some(he) = &mut world.adversary else { return };
    if contained {
        he.tale.contained.get_or_insert(now);
    }
    if is_in {
        (he.tale.evicted, he.tale.recovered) = (None, None);
    } else {
        he.tale.evicted.get_or_insert(now);
        if renewed && now > he.tale.start {
            he.tale.recovered.get_or_insert(now);
        }
    }
}
