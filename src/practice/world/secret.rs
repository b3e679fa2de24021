//! A secret and its versions: dates, labels and their texts. Source: Secrets Manager API reference,
//! `SecretListEntry`, `UpdateSecretVersionStage`.

use crate::practice::prng::Prng;
use crate::practice::world::text::Text;
use crate::practice::world::{DAY, Second, arn};
use serde::{Deserialize, Serialize};

/// A version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Version {
    pub(in crate::practice) id: String,
    pub(in crate::practice) stages: Vec<String>,
    pub(in crate::practice) created: Second,
    /// The day, at its first second.
    pub(in crate::practice) accessed: Option<Second>,
    pub(in crate::practice) text: Text,
    /// Since when it has had no label; those of before the practice are kept for ever.
    pub(in crate::practice) bare_since: Option<Second>,
}

/// "about 100 versions" (Secrets Manager quotas).
pub(in crate::practice) const MOST_VERSIONS: usize = 100;

/// When a version without a label is removed here. AWS names no time, only that it may be at any time: two
/// days, so that practice shows it.
pub(in crate::practice) const PURGED: i64 = 2 * DAY;

impl Version {
    /// A version without a label.
    pub(in crate::practice) fn bare(id: String, created: Second, text: Text) -> Self {
        Self { id, stages: Vec::new(), created, accessed: None, text, bare_since: Some(created) }
    }

    pub(in crate::practice) fn has(&self, label: &str) -> bool {
        self.stages.iter().any(|s| s == label)
    }
}

/// A secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Secret {
    pub(in crate::practice) name: String,
    /// The six characters that Secrets Manager puts behind the name in the ARN.
    pub(in crate::practice) suffix: String,
    pub(in crate::practice) description: Option<String>,
    pub(in crate::practice) created: Second,
    pub(in crate::practice) changed: Second,
    pub(in crate::practice) rotated: Option<Second>,
    pub(in crate::practice) accessed: Option<Second>,
    pub(in crate::practice) next_rotation: Option<Second>,
    pub(in crate::practice) deleted: Option<Second>,
    pub(in crate::practice) rotation_days: Option<u32>,
    pub(in crate::practice) rotation_fails: bool,
    pub(in crate::practice) kms: Option<String>,
    pub(in crate::practice) owner: Option<String>,
    pub(in crate::practice) primary: Option<String>,
    pub(in crate::practice) tags: Vec<(String, String)>,
    /// What its texts are made of, and how many were.
    pub(in crate::practice) template: String,
    pub(in crate::practice) generation: u32,
    /// It holds `SecretBinary`.
    pub(in crate::practice) binary: bool,
    pub(in crate::practice) denies: Vec<String>,
    /// Its planned deletion has taken place.
    pub(in crate::practice) gone: bool,
    /// It is there for so many seconds, and then not for so many.
    pub(in crate::practice) comes_and_goes: Option<(i64, i64)>,
    /// Newest first.
    pub(in crate::practice) versions: Vec<Version>,
    pub(in crate::practice) rng: Prng,
}

impl Secret {
    pub(in crate::practice) fn arn(&self) -> String {
        arn("secretsmanager", &format!("secret:{}-{}", self.name, self.suffix))
    }

    /// A new version with `text` becomes AWSCURRENT.
    pub(in crate::practice) fn replace(&mut self, at: Second, text: Text) -> String {
        let id = uuid(&mut self.rng);
        self.versions.insert(0, Version::bare(id.clone(), at, text));
        self.label("AWSCURRENT", Some(&id), at);
        self.rotate_out(at);
        self.changed = at;
        id
    }

    /// Puts `label` on the version `to` only, or on none. With AWSCURRENT, AWSPREVIOUS moves to the version
    /// that it leaves (`UpdateSecretVersionStage`).
    pub(in crate::practice) fn label(&mut self, label: &str, to: Option<&str>, at: Second) {
        let left = self.holder(label).filter(|id| Some(id.as_str()) != to);
        for v in &mut self.versions {
            let wanted = Some(v.id.as_str()) == to;
            if wanted && !v.has(label) {
                v.stages.push(label.to_owned());
                v.bare_since = None;
            } else if !wanted && v.has(label) {
                v.stages.retain(|s| s != label);
                v.bare_since = v.stages.is_empty().then_some(at);
            }
        }
        if let Some(left) = left.filter(|_| label == "AWSCURRENT") {
            self.label("AWSPREVIOUS", Some(&left), at);
        }
        self.changed = at;
    }

    /// The version that carries `label`.
    pub(in crate::practice) fn holder(&self, label: &str) -> Option<String> {
        self.versions.iter().find(|v| v.has(label)).map(|v| v.id.clone())
    }

    /// The current version.
    pub(in crate::practice) fn current(&self) -> Option<&Version> {
        self.versions.iter().find(|v| v.has("AWSCURRENT"))
    }

    /// When there are more than about a hundred versions, those go that have had no label for a day
    /// (Secrets Manager API reference, `PutSecretValue`).
    pub(in crate::practice) fn rotate_out(&mut self, at: Second) {
        while self.versions.len() > MOST_VERSIONS {
            let old = |v: &Version| v.stages.is_empty() && v.created <= at - DAY;
            let Some(place) = self.versions.iter().rposition(old) else { return };
            self.versions.remove(place);
        }
    }

    /// Removes what has had no label for as long as [`PURGED`].
    pub(in crate::practice) fn purge(&mut self, at: Second) {
        self.versions.retain(|v| v.bare_since.is_none_or(|since| since > at - PURGED));
    }

    /// It is made anew under its old name, as another secret: with another ARN and no past.
    pub(in crate::practice) fn make(&mut self, at: Second, text: Text) {
        self.suffix = suffix(&mut self.rng);
        self.gone = false;
        (self.created, self.changed) = (at, at);
        (self.accessed, self.rotated) = (None, None);
        let id = uuid(&mut self.rng);
        self.versions = vec![Version { stages: vec!["AWSCURRENT".into()], ..Version::bare(id, at, text) }];
    }

    /// Somebody reads the current value at `at`.
    pub(in crate::practice) fn read(&mut self, at: Second) {
        if let Some(id) = self.current().map(|v| v.id.clone()) {
            self.read_version(&id, at);
        }
    }

    /// Somebody reads a version at `at`; only the day of it is known afterwards.
    pub(in crate::practice) fn read_version(&mut self, id: &str, at: Second) {
        let day = at - at.rem_euclid(DAY);
        self.accessed = Some(day);
        if let Some(v) = self.versions.iter_mut().find(|v| v.id == id) {
            v.accessed = Some(day);
        }
    }
}

/// Six characters for an ARN.
pub(in crate::practice) fn suffix(rng: &mut Prng) -> String {
    const ALL: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..6).map(|_| char::from(ALL[(rng.draw() % 62) as usize])).collect()
}

/// An id in the form of a UUID.
pub(in crate::practice) fn uuid(rng: &mut Prng) -> String {
    let (a, b) = (rng.draw(), rng.draw());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        0x8000 | ((b >> 48) & 0x3fff),
        b & 0xffff_ffff_ffff
    )
}
