//! Which system a thing belongs to: by its tags, else by patterns over its name. The first system that
//! matches has it.

use super::inventory::Inventory;
use super::source::{Broad, Source};
use super::subject::Subject;
use crate::config::System;
use crate::estate::{Scope, Untrusted};
use std::collections::HashMap;

/// Whether any system is told by tags, so that they must be read.
#[must_use]
pub fn tags_wanted(systems: &[System]) -> bool {
    systems.iter().any(|system| !system.tags.is_empty())
}

/// What belongs to which system. Keep it as long as [`Inventory::revision`] stays.
#[derive(Clone, Debug, Default)]
pub struct Systems {
    names: Vec<Untrusted>,
    of: HashMap<Subject, usize>,
}

impl Systems {
    /// Finds the system of everything.
    #[must_use]
    pub fn of(inv: &Inventory, systems: &[System]) -> Self {
        let mut of = HashMap::new();
        if systems.is_empty() {
            return Self { names: Vec::new(), of };
        }
        let mut place = |subject: Subject, name: &str, tags: &[(Untrusted, Untrusted)]| {
            if let Some(i) = systems.iter().position(|s| s.has_tags(pairs(tags)) || s.has_name(name)) {
                of.insert(subject, i);
            }
        };
        for (arn, alarm) in inv.alarms.iter() {
            let tags = inv.alarm_tags.get(arn).map_or(&[][..], Vec::as_slice);
            place(Subject::Alarm(arn.clone()), alarm.name.wire(), tags);
        }
        for (url, row) in inv.queues.iter() {
            let tags = row.tags.value().map_or(&[][..], Vec::as_slice);
            place(Subject::Queue(url.clone()), url.name().wire(), tags);
        }
        for scope in [Scope::Regional, Scope::CloudFront] {
            for (arn, row) in inv.acls(scope).iter() {
                let tags = row.tags.value().map_or(&[][..], Vec::as_slice);
                place(Subject::Acl(arn.clone()), row.summary.name.wire(), tags);
            }
        }
        for (arn, row) in inv.secrets.iter() {
            place(Subject::Secret(arn.clone()), row.secret.name.wire(), &row.secret.tags);
        }
        Self { names: systems.iter().map(|s| s.name.clone()).collect(), of }
    }

    /// The names of all systems, in the order they are described in.
    #[must_use]
    pub fn names(&self) -> &[Untrusted] {
        &self.names
    }

    /// The place in [`names`](Self::names) of the system that a thing belongs to.
    #[must_use]
    pub fn place_of(&self, subject: &Subject) -> Option<usize> {
        self.of.get(subject).copied()
    }

    /// The system that a thing belongs to.
    #[must_use]
    pub fn system_of(&self, subject: &Subject) -> Option<&Untrusted> {
        self.names.get(self.place_of(subject)?)
    }
}

fn pairs(tags: &[(Untrusted, Untrusted)]) -> impl Iterator<Item = (&str, &str)> + Clone {
    tags.iter().map(|(k, v)| (k.wire(), v.wire()))
}

/// The sources whose absence leaves membership by tags unknown.
#[must_use]
pub fn sources(systems: &[System]) -> Vec<Source> {
    if tags_wanted(systems) { vec![Source::Broad(Broad::Tags)] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Glob;
    use crate::insight::examples::*;

    fn rules() -> Vec<System> {
        let glob = |t| Glob::new(t).unwrap();
        vec![
            System { name: "mte".into(), names: vec![glob("mte-*")], tags: vec![("app".into(), glob("m*"))] },
            System { name: "rest".into(), names: vec![glob("*-api")], tags: vec![] },
        ]
    }

    #[test]
    fn the_first_system_that_matches_has_it() {
        let mut inv = Inventory::default();
        alarms(&mut inv, &[alarm("mte-api"), alarm("log-api"), alarm("other")]);
        let mut tagged = secret("key");
        tagged.tags = vec![("app".into(), "mte".into())];
        secrets(&mut inv, &[(tagged, Some(1))]);
        let systems = Systems::of(&inv, &rules());
        let of = |name: &str| systems.system_of(&Subject::Alarm(alarm_arn(name))).map(Untrusted::wire);
        assert_eq!(of("mte-api"), Some("mte"));
        assert_eq!(of("log-api"), Some("rest"));
        assert_eq!(of("other"), None);
        assert_eq!(systems.system_of(&Subject::Secret(secret_arn("key"))).map(Untrusted::wire), Some("mte"));
        assert!(tags_wanted(&rules()));
        assert!(!tags_wanted(&rules()[1..]));
    }
}
