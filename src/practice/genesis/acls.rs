//! The first rows of web ACLs.

use super::{First, Maker};
use crate::practice::seed::AclSeed;
use crate::practice::world::DAY;
use crate::practice::world::acl::{Acl, AclRule, Attack};
use crate::practice::world::secret::uuid;

impl Maker<'_> {
    pub(super) fn acl(&mut self, a: &AclSeed, tags: &[(String, String)]) {
        let mut rng = self.rng(&format!("acl {}", a.name));
        let start = self.world.start;
        let mut attacks = Vec::new();
        for (n, rule) in a.rule.iter().enumerate() {
            if let Some(now) = &rule.now {
                attacks.push(Attack {
                    from: start - now.ago_s,
                    to: start - now.ago_s + now.for_s,
                    rule: n,
                    force: 1.0,
                });
            }
        }
        if a.attack_every_s > 0 {
            let free = attacks.iter().map(|x| x.to).max().unwrap_or(start - DAY);
            self.first.push(First::Acl(a.name.clone(), free + rng.wait(a.attack_every_s)));
        }
        self.world.acls.push(Acl {
            name: a.name.clone(),
            id: uuid(&mut rng),
            cloudfront: a.cloudfront,
            metric: a.metric.clone().unwrap_or_else(|| a.name.clone()),
            default: a.default,
            capacity: a.capacity,
            resources: a.resources.clone(),
            tags: tags.to_vec(),
            passes: a.passes,
            attack_every: a.attack_every_s,
            rules: a
                .rule
                .iter()
                .map(|r| AclRule {
                    name: r.name.clone(),
                    metric: r.metric.clone().unwrap_or_else(|| r.name.clone()),
                    metrics_on: r.metrics_on,
                    action: r.action,
                    status: r.status,
                    statement: r.statement.clone(),
                    counted: r.counted.clone(),
                    inside: r.inside.clone(),
                    usual: r.usual,
                    attack: r.attack,
                    looks: r.looks,
                })
                .collect(),
            attacks,
            rng,
        });
    }
}
