//! The first rows of secrets and their versions.

use super::{First, Maker, values, with};
use crate::practice::seed::{self, SecretSeed};
use crate::practice::world::secret::{Secret, Version, suffix, uuid};
use crate::practice::world::{DAY, Due};

impl Maker<'_> {
    pub(super) fn secret(&mut self, s: &SecretSeed, word: &str, tags: &[(String, String)]) {
        let name = seed::fill(&s.name, word);
        let start = self.world.start;
        let mut rng = self.rng(&format!("secret {name}"));
        let suffix = suffix(&mut rng);
        // some hours past midnight, so that ages are not whole days
        let put = start - s.age_days * DAY - rng.between(600, 40_000);
        let created = put.min(start - s.created_days * DAY);
        let accessed = s.read_days.map(|d| (start - d * DAY) - (start - d * DAY).rem_euclid(DAY));
        let template = match &s.text {
            Some(text) => self.with_ids(text),
            None => values::template(&name, &s.fields),
        };
        let mut text = |mark: &str| values::text(self.world, &template, mark);
        let mut versions = vec![Version {
            stages: vec!["AWSCURRENT".into()],
            accessed,
            bare_since: None,
            ..Version::bare(uuid(&mut rng), put, text(""))
        }];
        if created < put {
            let before = put - i64::from(s.rotation_days.unwrap_or(90)) * DAY;
            versions.push(Version {
                stages: vec!["AWSPREVIOUS".into()],
                bare_since: None,
                ..Version::bare(uuid(&mut rng), before.max(created), text(" before"))
            });
            // one without a label that nobody ever removed
            let first = Version::bare(uuid(&mut rng), created, text(" first"));
            versions.push(Version { bare_since: None, ..first });
        }
        let next_rotation = s.rotation_days.map(|d| put + i64::from(d) * DAY);
        let rotated = s.rotation_days.map(|_| put);
        if let Some(at) = next_rotation.filter(|_| !s.rotation_fails) {
            self.first.push(First::Secret(name.clone(), at.max(start + 600), Due::Rotate));
        }
        if s.read_days == Some(0) {
            self.first.push(First::Secret(name.clone(), start + rng.between(20, DAY / 2), Due::Access));
        }
        if let Some(beat) = &s.comes_and_goes {
            let begins = start - start.rem_euclid(60) - beat.of_s + beat.at_s;
            self.first.push(First::Secret(name.clone(), begins, Due::Flicker));
        }
        let deleted = s.deleted_in_days.map(|d| start + d * DAY);
        if let Some(at) = deleted {
            self.first.push(First::Secret(name.clone(), at, Due::Delete));
        }
        self.world.secrets.push(Secret {
            suffix,
            description: s.description.clone(),
            created,
            // tags were touched since: the date says nothing about the value
            changed: put.max(start - rng.between(1, 60) * DAY),
            rotated,
            accessed,
            next_rotation,
            deleted,
            rotation_days: s.rotation_days,
            rotation_fails: s.rotation_fails,
            kms: s.kms.clone(),
            owner: s.owner.clone(),
            primary: s.primary.clone(),
            tags: with(tags, &s.tags),
            template,
            generation: 0,
            binary: s.binary,
            denies: s.denies.clone(),
            gone: s.comes_and_goes.is_some(),
            comes_and_goes: s.comes_and_goes.as_ref().map(|b| (b.on_s, b.of_s - b.on_s)),
            versions,
            rng,
            name,
        });
    }

    /// The template with the ids of users' access keys in it.
    fn with_ids(&self, template: &str) -> String {
        let mut text = template.to_owned();
        while let Some((before, (user, after))) =
            text.split_once("<<id ").and_then(|(b, rest)| Some((b, rest.split_once(">>")?)))
        {
            text = format!("{before}{}{after}", self.id_of(user));
        }
        text
    }
}
