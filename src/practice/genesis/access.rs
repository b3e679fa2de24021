//! The first rows of what lets somebody in: APIs, usage plans and their keys, users and theirs.

use super::{Maker, values, with};
use crate::practice::seed::{ApiSeed, KeySeed, PlanSeed, UserKeySeed, UserSeed};
use crate::practice::world::DAY;
use crate::practice::world::clients::Turns;
use crate::practice::world::gateway::{Api, Key, Plan, Spreading};
use crate::practice::world::user::{AccessKey, User, key_id};

impl Maker<'_> {
    pub(super) fn api(&mut self, a: &ApiSeed) {
        self.world.apis.push(Api {
            id: a.id.clone(),
            function: a.function.clone(),
            qualifier: a.qualifier.clone(),
            variable: a.variable.clone(),
            keyed: a.keyed.clone(),
            open: a.open.clone(),
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
        let (name, tags) = (u.name.clone(), with(tags, &u.tags));
        self.world.users.push(User {
            name,
            tags,
            keys,
            service: u.service.clone(),
            secret: u.secret.clone(),
            rng,
        });
    }

    /// Pairs that stand in secrets name the ids of their keys: `<<id USER>>`.
    pub(super) fn id_of(&self, user: &str) -> String {
        let user = self.world.users.iter().find(|u| u.name == user);
        user.and_then(|u| u.keys.first()).map(|k| k.id.clone()).unwrap_or_default()
    }
}
