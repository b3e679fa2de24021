//! What is known of a thing as JSON, for the clipboard: the names of CONTRACT, and never a secret's value,
//! which is not known here.

use super::{Model, Screen};
use crate::estate::{QueueUrl, Timestamp, Untrusted};
use crate::insight::{expiry, secret_age, waf_counts, words};
use serde_json::{Value, json};

impl Model {
    /// What is known of the selected or open thing, as JSON.
    #[must_use]
    pub fn json_of(&self) -> Option<String> {
        let value = match self.thing()? {
            Screen::Alarm(arn) => {
                let a = self.inventory.alarms.get(arn)?;
                json!({
                    "name": a.name.wire(), "arn": a.arn.wire(),
                    "state": words::alarm_state(&a.state).to_lowercase(), "since": time(a.since),
                    "reason": a.reason.wire(), "actions_enabled": a.actions_enabled,
                    "threshold": a.threshold, "comparison": a.comparison.as_ref().map(Untrusted::wire),
                    "treat_missing": a.treat_missing.as_ref().map(Untrusted::wire),
                })
            }
            Screen::Queue(url) => self.queue_json(url)?,
            Screen::Acl(arn) => {
                let row = self.inventory.acl(arn)?;
                let counts = waf_counts::of(&self.inventory, row);
                let rules: Vec<Value> = counts
                    .rules
                    .iter()
                    .map(|r| {
                        json!({
                            "name": r.name.wire(), "action": words::rule_action(&r.action),
                            "blocked_1h": r.blocked_1h, "counted_1h": r.counted_1h,
                        })
                    })
                    .collect();
                json!({
                    "name": row.summary.name.wire(), "id": row.summary.id.wire(), "arn": arn.wire(),
                    "scope": words::scope(row.summary.scope).to_lowercase(), "rules": rules,
                    "blocked_1h": counts.blocked_1h, "blocked_per_min": counts.blocked_per_min,
                })
            }
            Screen::Secret(arn) => {
                let row = self.inventory.secrets.get(arn)?;
                let age = secret_age::of(row, &self.setup.config.policy, self.minute());
                json!({
                    "name": row.secret.name.wire(), "arn": arn.wire(),
                    "last_changed": time(row.secret.last_changed), "last_rotated": time(row.secret.last_rotated),
                    "last_accessed": time(row.secret.last_accessed), "age_days": age.days,
                    "policy_days": age.policy_days, "state": age.state.word(),
                    "rotation_enabled": row.secret.rotation_enabled, "deletion_at": time(row.secret.deletion_at),
                })
            }
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Freshness => return None,
        };
        Some(format!("{value:#}"))
    }

    fn queue_json(&self, url: &QueueUrl) -> Option<Value> {
        let row = self.inventory.queues.get(url)?;
        let role = self.picture.base.roles.role(url);
        let facts = row.facts.value();
        let loss = expiry::loss(&self.inventory, row, role, self.minute());
        let expires = loss.bounds().map(|b| {
            json!({ "earliest": b.earliest.to_string(), "latest": b.latest.to_string(), "exact": b.exact })
        });
        Some(json!({
            "name": url.name().wire(), "url": url.wire(), "arn": facts.map(|f| f.arn.wire()),
            "dead_letter": role.is_dead_letter(), "origin": role.origin().word(),
            "messages": facts.and_then(|f| f.messages), "in_flight": facts.and_then(|f| f.in_flight),
            "delayed": facts.and_then(|f| f.delayed), "retention_s": facts.and_then(|f| f.retention_s),
            "expires": expires, "fifo": facts.map(|f| f.fifo),
        }))
    }
}

fn time(t: Option<Timestamp>) -> Option<String> {
    t.map(|t| t.to_string())
}
