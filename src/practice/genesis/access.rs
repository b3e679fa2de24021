//! The first rows of what lets somebody in: APIs, usage plans and their keys, users and theirs.

use super::{Maker, values, with};
use crate::practice::seed::{ApiSeed, KeySeed, PlanSeed, RoleSeed, UserKeySeed, UserSeed};
use crate::practice::world::clients::Turns;
use crate::practice::world::gateway::{Api, Key, Plan, Spreading};
use crate::practice::world::role::{Inline, Role};
use crate::practice::world::user::{AccessKey, User, key_id};
use crate::practice::world::{ACCOUNT, DAY};

impl Maker<'_> {
    pub(super) fn api(&mut self, a: &ApiSeed) {
        self.world.apis.push(Api {
            id: a.id.clone(),
            function: a.function.clone(),
            qualifier: a.qualifier.clone(),
            variable: a.variable.clone(),
            keyed: a.keyed.clone(),
            open: a.open.clone(),
            log: a.log.clone(),
        });
    }

    pub(super) fn plan(&mut self, p: &PlanSeed) {
        self.world.plans.push(Plan {
            id: p.id.clone(),
            name: p.name.clone(),
            api: p.api.clone(),
            stage: p.stage.clone(),
            members: Vec::new(),
            per_day: p.per_day,
        });
    }

    pub(super) fn key(&mut self, k: &KeySeed, tags: &[(String, String)]) {
        let mut rng = self.rng(&format!("key {}", k.id));
        let created = self.world.start - k.age_days * DAY - rng.between(600, 40_000);
        let value = values::text(self.world, &k.value, "");
        for plan in self.world.plans.iter_mut().filter(|p| k.plans.contains(&p.name)) {
            plan.members.push((k.id.clone(), Spreading::always(true)));
        }
        self.world.keys.push(Key {
            id: k.id.clone(),
            name: k.name.clone(),
            description: k.description.clone(),
            created,
            updated: created,
            tags: with(tags, &k.tags),
            value,
            enabled: Spreading::always(k.enabled),
            exists: Spreading::always(true),
            turns: if k.used { Turns::everybody(created) } else { Turns::default() },
            counted: Vec::new(),
        });
    }

    pub(super) fn user(&mut self, u: &UserSeed, tags: &[(String, String)]) {
        let mut rng = self.rng(&format!("user {}", u.name));
        let start = self.world.start;
        let key = |k: &UserKeySeed| {
            let created = start - k.age_days * DAY - rng.between(600, 40_000);
            AccessKey {
                id: key_id(&mut rng),
                active: k.active,
                created,
                turns: if k.used_days == Some(0) { Turns::everybody(created) } else { Turns::default() },
                used: k.used_days.filter(|d| *d > 0).map(|d| start - d * DAY + 5_000),
            }
        };
        let keys = u.key.iter().map(key).collect();
        let eldest = u.key.iter().map(|k| k.age_days).max().unwrap_or(0);
        let (name, tags) = (u.name.clone(), with(tags, &u.tags));
        self.world.users.push(User {
            name,
            tags,
            keys,
            service: u.service.clone(),
            secret: u.secret.clone(),
            rng,
            created: start - (eldest + 3) * DAY,
            attached: u.policies.iter().map(|p| policy_arn(p)).collect(),
            inline: u
                .inline
                .iter()
                .map(|(name, document)| inline(name, document, start - eldest * DAY))
                .collect(),
            groups: u.groups.clone(),
            boundary: u.boundary.as_deref().map(policy_arn),
            password: u.password_days.map(|d| start - d * DAY),
            mfa: u.mfa.iter().map(|m| format!("arn:aws:iam::{ACCOUNT}:mfa/{m}")).collect(),
            assumes: u.assumes.clone(),
            denied: Vec::new(),
        });
    }

    pub(super) fn role(&mut self, r: &RoleSeed) {
        let trusted = if r.service {
            format!(r#"{{"Service":"{}"}}"#, r.trusts)
        } else {
            format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:{}"}}"#, r.trusts)
        };
        let created = self.world.start - r.age_days * DAY;
        self.world.roles.push(Role {
            name: r.name.clone(),
            path: r.path.clone(),
            created,
            max_session: r.max_session_s,
            trust: format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{trusted},"Action":"sts:AssumeRole"}}]}}"#
            ),
            attached: r.policies.iter().map(|p| policy_arn(p)).collect(),
            inline: r.inline.iter().map(|(name, document)| inline(name, document, created)).collect(),
        });
    }

    /// Pairs that stand in secrets name the ids of their keys: `<<id USER>>`.
    pub(super) fn id_of(&self, user: &str) -> String {
        let user = self.world.users.iter().find(|u| u.name == user);
        user.and_then(|u| u.keys.first()).map(|k| k.id.clone()).unwrap_or_default()
    }
}

/// `aws:NAME` is a policy of AWS, any other name one of the account's own.
fn policy_arn(name: &str) -> String {
    match name.strip_prefix("aws:") {
        Some(name) => format!("arn:aws:iam::aws:policy/{name}"),
        None => format!("arn:aws:iam::{ACCOUNT}:policy/{name}"),
    }
}

fn inline(name: &str, document: &str, since: i64) -> Inline {
    Inline { name: name.to_owned(), document: document.to_owned(), before: None, since }
}
