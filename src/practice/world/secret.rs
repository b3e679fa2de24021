//! A secret and its versions: dates and labels, never a value. Source: Secrets Manager API reference,
//! `SecretListEntry`, `UpdateSecretVersionStage`.

use crate::practice::prng::Prng;
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
    /// Names of the fields of its value.
    pub(in crate::practice) fields: Vec<String>,
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

    /// A new version becomes AWSCURRENT; the one that was it becomes AWSPREVIOUS, and the one that was that
    /// loses its label.
    pub(in crate::practice) fn replace(&mut self, at: Second) {
        for v in &mut self.versions {
            v.stages.retain(|s| s != "AWSPREVIOUS");
            for s in &mut v.stages {
                if s == "AWSCURRENT" {
                    "AWSPREVIOUS".clone_into(s);
                }
            }
        }
        let id = uuid(&mut self.rng);
        self.versions
            .insert(0, Version { id, stages: vec!["AWSCURRENT".into()], created: at, accessed: None });
        self.versions.truncate(100); // "about 100 versions": Secrets Manager quotas
        self.changed = at;
    }

    /// It is made anew under its old name, as another secret: with another ARN and no past.
    pub(in crate::practice) fn make(&mut self, at: Second) {
        self.suffix = suffix(&mut self.rng);
        self.gone = false;
        (self.created, self.changed) = (at, at);
        (self.accessed, self.rotated) = (None, None);
        let id = uuid(&mut self.rng);
        self.versions = vec![Version { id, stages: vec!["AWSCURRENT".into()], created: at, accessed: None }];
    }

    /// Somebody reads the current value at `at`; only the day of it is known afterwards.
    pub(in crate::practice) fn read(&mut self, at: Second) {
        let day = at - at.rem_euclid(DAY);
        self.accessed = Some(day);
        if let Some(v) = self.versions.iter_mut().find(|v| v.stages.iter().any(|s| s == "AWSCURRENT")) {
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
