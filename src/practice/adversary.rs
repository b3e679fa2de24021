//! Somebody who has a leaked key and wants to stay: what he does when, what he tries when a credential stops working, and
//! what of it the practising operator is judged by. He knows only what AWS lets him see. Deterministic by the seed.

use super::breach::Tale;
use super::incident::Script;
use super::intruder::{self, Deed, Refused};
use super::prng::Prng;
use super::world::role::Of;
use super::world::{Due, Second, World};
use crate::estate::Region;
use crate::estate::names::{AccessKeyId, RoleName, UserName};
use serde::{Deserialize, Serialize};

/// He has had the key for so long when the practice begins.
pub(super) const BEFORE: i64 = 2_400;
/// Seconds after which he comes back when nothing of his works.
const KNOCKS: i64 = 900;

/// An adversary.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Adversary {
    script: Script,
    /// The id of the leaked key.
    pub(super) key: String,
    /// Every credential that he has had, newest last.
    holds: Vec<String>,
    /// Those of which he knows that they work no more.
    dead: Vec<String>,
    /// How far he is in his plan.
    goal: usize,
    /// He has seen that he is being shut out.
    alarmed: bool,
    rng: Prng,
    pub(super) tale: Tale,
}

/// What he is up to, in this order; then he only looks round, and takes new sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Goal {
    AskWho,
    ListUsers,
    Assume,
    ReadSecret(usize),
    SecondKey,
    OwnSession,
    Helper,
    HelperKey,
    Cover,
    AssumeCover,
    LookRound,
}

/// His plan, with the seconds from one step to the next.
const PLAN: [(Goal, i64); 12] = [
    (Goal::AskWho, 40),
    (Goal::ListUsers, 90),
    (Goal::Assume, 600),
    (Goal::ReadSecret(0), 1_900),
    (Goal::SecondKey, 180),
    (Goal::ReadSecret(1), 240),
    (Goal::OwnSession, 300),
    (Goal::Helper, 60),
    (Goal::HelperKey, 240),
    (Goal::Cover, 60),
    (Goal::AssumeCover, 300),
    (Goal::ReadSecret(2), 300),
];
/// The step by which he makes sure to come back.
const HELPER: usize = 7;
/// Once he is alarmed he needs so long to think before that.
const THINKS: i64 = 420;

/// Puts him into a world that is about to begin.
pub(super) fn enter(world: &mut World, script: &Script) {
    let Some(user) = world.users.iter().find(|u| u.name == script.user) else { return };
    let Some(key) = user.keys.first().map(|k| k.id.clone()) else { return };
    if let Some(alarm) = world.alarms.iter_mut().find(|a| a.name == script.told_by) {
        alarm.description =
            Some(format!("AWS_RISK_CREDENTIALS_EXPOSED: the access key {key} was found on a public site."));
    }
    let at = world.start - BEFORE;
    world.adversary = Some(Adversary {
        script: script.clone(),
        holds: vec![key.clone()],
        key,
        dead: Vec::new(),
        goal: 0,
        alarmed: false,
        rng: Prng::of(world.seed, "adversary"),
        tale: Tale::new(world.start),
    });
    world.plan(at, Due::Intrude(0));
}

/// He does something.
pub(super) fn act(world: &mut World, at: Second) {
    let Some(mut he) = world.adversary.take() else { return };
    let next = he.turn(world, at);
    let wait = next + he.rng.between(0, 40);
    world.adversary = Some(he);
    super::breach::reckon(world);
    world.again(at, at + wait, Due::Intrude(0));
}

impl Adversary {
    /// Does what comes next; after how long he does the thing after that.
    fn turn(&mut self, world: &mut World, at: Second) -> i64 {
        let (goal, pause) = PLAN.get(self.goal).copied().unwrap_or((Goal::LookRound, 420));
        let mut refused = false;
        for hold in self.holds.clone().into_iter().rev() {
            if self.dead.contains(&hold) || !self.fits(world, goal, &hold) {
                continue;
            }
            let key = AccessKeyId::new(hold.as_str());
            match intruder::act(world, &key, &self.deed(goal)) {
                Ok(minted) => {
                    self.succeeded(world, goal, at, minted);
                    return if refused { self.hurries() } else { pause };
                }
                Err(Refused::Credentials | Refused::Denied) if self.works(world, &hold, at) => {
                    // The thing itself cannot be had (a name is taken, a limit reached): not that he is shut out.
                    break;
                }
                Err(Refused::Credentials | Refused::Denied) => {
                    self.dead.push(hold);
                    refused = true;
                }
            }
        }
        if self.holds.iter().all(|h| self.dead.contains(h)) {
            // Nothing works: he tries all of it again later, for somebody may take a measure back.
            self.dead.clear();
            return KNOCKS;
        }
        self.goal += 1;
        if refused { self.hurries() } else { 60 }
    }

    /// Shut out of something, he makes sure to come back before he goes on.
    fn hurries(&mut self) -> i64 {
        if !self.alarmed && self.goal < HELPER {
            self.goal = HELPER;
            self.alarmed = true;
            return THINKS;
        }
        self.alarmed = true;
        90
    }

    fn deed(&self, goal: Goal) -> Deed {
        let script = &self.script;
        let reads = |service, operation, region: &str| Deed::Reads {
            service,
            operation,
            region: Region::new(region).unwrap_or_else(Region::us_east_1),
        };
        match goal {
            Goal::AskWho => Deed::AsksWhoItIs,
            Goal::ListUsers => reads("iam", "ListUsers", "us-east-1"),
            Goal::Assume => Deed::Assumes(RoleName::new(script.role.as_str())),
            Goal::ReadSecret(n) => {
                Deed::ReadsSecret(script.secrets.get(n).cloned().unwrap_or_default().as_str().into())
            }
            Goal::SecondKey => Deed::MakesKey(UserName::new(script.user.as_str())),
            Goal::OwnSession => Deed::TakesSession,
            Goal::Helper => Deed::MakesUser(UserName::new(script.helper.as_str())),
            Goal::HelperKey => Deed::MakesKey(UserName::new(script.helper.as_str())),
            Goal::Cover => Deed::MakesRole {
                role: RoleName::new(script.cover.as_str()),
                trusts: UserName::new(script.helper.as_str()),
            },
            Goal::AssumeCover => Deed::Assumes(RoleName::new(script.cover.as_str())),
            Goal::LookRound => reads("s3", "ListBuckets", "eu-west-1"),
        }
    }

    /// Whether a credential is of the kind that a deed takes: he does not try what cannot be.
    fn fits(&self, world: &World, goal: Goal, hold: &str) -> bool {
        let of =
            |user: &str| world.users.iter().any(|u| u.name == user && u.keys.iter().any(|k| k.id == hold));
        match goal {
            Goal::Assume => of(&self.script.user),
            Goal::AssumeCover => of(&self.script.helper),
            Goal::OwnSession => of(&self.script.user),
            Goal::AskWho
            | Goal::ListUsers
            | Goal::ReadSecret(_)
            | Goal::SecondKey
            | Goal::Helper
            | Goal::HelperKey
            | Goal::Cover
            | Goal::LookRound => true,
        }
    }

    fn succeeded(&mut self, world: &World, goal: Goal, at: Second, minted: Option<AccessKeyId>) {
        self.tale.used(at);
        self.holds.extend(minted.map(|key| key.wire().to_owned()));
        if self.goal < PLAN.len() {
            self.goal += 1;
        }
        match goal {
            Goal::ReadSecret(n) => {
                let secret = self.script.secrets.get(n).and_then(|name| world.secret(name));
                self.tale.read.extend(secret.map(|place| (place, at)));
            }
            Goal::SecondKey => self.tale.makes("a second key of the user"),
            Goal::Helper => self.tale.makes("a user"),
            Goal::HelperKey => self.tale.makes("a key of that user"),
            Goal::Cover => self.tale.makes("a role"),
            Goal::AskWho
            | Goal::ListUsers
            | Goal::Assume
            | Goal::OwnSession
            | Goal::AssumeCover
            | Goal::LookRound => {}
        }
    }

    fn works(&self, world: &World, hold: &str, at: Second) -> bool {
        intruder::works(world, hold, at)
    }

    /// Whether anything that he has works.
    pub(super) fn is_in(&self, world: &World, at: Second) -> bool {
        self.holds.iter().any(|hold| self.works(world, hold, at))
    }

    /// The users and roles that he works as: those that an operator rightly contains.
    pub(super) fn is_his(&self, world: &World, user: Option<&str>, role: Option<&str>) -> bool {
        let (script, sessions) = (&self.script, &world.sessions);
        let by_user = user.is_some_and(|u| u == script.user || u == script.helper);
        let has = |name: &str| {
            sessions.iter().any(|s| self.holds.contains(&s.id) && s.of == Of::Role(name.to_owned()))
        };
        by_user || role.is_some_and(|r| r == script.role || r == script.cover || has(r))
    }

    /// Whether everything that he is after is there.
    #[cfg(test)]
    pub(super) fn aims(&self, world: &World) -> bool {
        let script = &self.script;
        world.roles.iter().any(|r| r.name == script.role)
            && world.alarm(&script.told_by).is_some()
            && script.secrets.iter().all(|s| world.secret(s).is_some())
    }

    /// Whose key leaked.
    pub(super) fn user(&self) -> &str {
        &self.script.user
    }
}
