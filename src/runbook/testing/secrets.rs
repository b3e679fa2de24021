//! One secret as a world for tests: versions and labels move as at AWS, values are not there at all, only the
//! names of their fields. Other wants go to `rest`.

use super::{World, seen};
use crate::estate::ask::{Answer, secretsmanager as ask};
use crate::estate::change::secretsmanager::{CURRENT, Call as SecretCall};
use crate::estate::edit::{EditFault, EntryShape, Fingerprint, Shape};
use crate::estate::time::plus_seconds;
use crate::estate::{
    Arn, Ask, Call, Fault, FaultKind, IdempotencyKey, MaterialSource, MaterialVersion, Place, Receipt,
    Secret, SecretName, SecretVersion, Timestamp, Untrusted, VersionId,
};
use crate::runbook::need::{Fact, Want};

/// The world.
pub struct Secrets {
    /// The secret.
    pub secret: Secret,
    /// Its versions.
    pub versions: Vec<SecretVersion>,
    /// The names of the fields of every version's value.
    pub fields: Vec<&'static str>,
    /// Staged versions differ in nothing but what was meant.
    pub same: bool,
    /// The fields of which versions have values of their own.
    pub changed: Vec<&'static str>,
    /// Tagging is refused, as this.
    pub untaggable: Option<FaultKind>,
    /// Reads go on showing the world as it was before the last so many calls... of this list, oldest first.
    pub stale: Vec<Vec<SecretVersion>>,
    /// What comes of an edit that is tried.
    pub tried: Result<usize, EditFault>,
    /// Taking this label off is refused as a wrong question.
    pub refused: Option<String>,
    /// The calls that were made.
    pub calls: Vec<SecretCall>,
    /// Answers everything else.
    pub rest: Box<dyn FnMut(&Want) -> Fact>,
}

/// The secret's ARN.
pub fn arn() -> Arn {
    Arn::new("arn:aws:secretsmanager:eu-central-1:123456789012:secret:omnitrack/api-keys-AbCdEf")
}

/// A version that was made `ago` seconds before `now`.
pub fn version(id: &str, stages: &[&str], ago: i64, now: Timestamp) -> SecretVersion {
    SecretVersion {
        id: VersionId::new(id),
        stages: stages.iter().map(|s| Untrusted::from(*s)).collect(),
        created: Some(plus_seconds(now, -ago)),
        last_accessed: None,
    }
}

impl Secrets {
    /// A secret with fields `bedrockApiKey` and `slackWebhookUrl`; version `v1` is current and 97 days old.
    pub fn new(now: Timestamp) -> Self {
        Self {
            secret: Secret {
                name: SecretName::new("omnitrack/api-keys"),
                arn: arn(),
                description: None,
                created: None,
                last_changed: None,
                last_rotated: None,
                last_accessed: None,
                next_rotation: None,
                deletion_at: None,
                rotation_enabled: false,
                rotation_days: None,
                kms_key: None,
                owning_service: None,
                primary_region: None,
                tags: Vec::new(),
            },
            versions: vec![
                version("v0", &["AWSPREVIOUS"], 190 * 86_400, now),
                version("v1", &[CURRENT], 97 * 86_400, now),
            ],
            fields: vec!["bedrockApiKey", "slackWebhookUrl"],
            same: true,
            changed: vec!["slackWebhookUrl"],
            untaggable: None,
            stale: Vec::new(),
            tried: Ok(1_210),
            refused: None,
            calls: Vec::new(),
            rest: Box::new(|want| panic!("nobody answers {want:?}")),
        }
    }

    /// Who carries a label.
    pub fn holder(&self, label: &str) -> Option<&str> {
        self.versions.iter().find(|v| v.has_stage(label)).map(|v| v.id.wire())
    }

    /// A colleague writes a new current version.
    pub fn colleague_writes(&mut self, id: &str, now: Timestamp) {
        self.versions.push(version(id, &[], 0, now));
        self.put_current(id);
    }

    /// Moves AWSCURRENT, and AWSPREVIOUS with it.
    fn put_current(&mut self, id: &str) {
        let former = self.holder(CURRENT).map(str::to_owned);
        self.take("AWSPREVIOUS");
        self.take(CURRENT);
        for version in &mut self.versions {
            if version.id.wire() == id {
                version.stages.push(CURRENT.into());
            } else if Some(version.id.wire()) == former.as_deref() {
                version.stages.push("AWSPREVIOUS".into());
            }
        }
    }

    fn take(&mut self, label: &str) {
        for version in &mut self.versions {
            version.stages.retain(|s| s.wire() != label);
        }
    }

    fn shape(&self, place: &Place) -> Result<Shape, EditFault> {
        let fields = self.fields.iter().map(|f| Untrusted::from(*f)).collect();
        let entries = match place {
            Place::Whole => None,
            Place::Field(p) if self.fields.iter().any(|f| p.wire() == format!("/{f}")) => {
                Some(vec![EntryShape { bytes: 32, print: None }])
            }
            Place::Field(p) => return Err(EditFault::NoField(p.clone())),
        };
        Ok(Shape { bytes: 1_204, fields: Some(fields), entries })
    }

    fn stage(&mut self, stage: &str, to: Option<&VersionId>, from: Option<&VersionId>) -> Result<(), Fault> {
        let holder = self.holder(stage).map(str::to_owned);
        let conflict = |why: &str| {
            Fault::new(FaultKind::Conflict, "secretsmanager:UpdateSecretVersionStage", why.to_owned())
        };
        // "If the staging label is attached to another version, RemoveFromVersionId must name that one."
        if holder.as_deref() != from.map(VersionId::wire) && (holder.is_some() || from.is_some()) {
            return Err(conflict("the label is on another version"));
        }
        if to.is_none() && self.refused.as_deref() == Some(stage) {
            let operation = "secretsmanager:UpdateSecretVersionStage";
            return Err(Fault::new(FaultKind::Invalid, operation, "You can't remove that label.".to_owned()));
        }
        match to {
            Some(to) if stage == CURRENT => self.put_current(to.wire()),
            Some(to) => {
                self.take(stage);
                let versions = self.versions.iter_mut();
                versions.filter(|v| v.id == *to).for_each(|v| v.stages.push(stage.into()));
            }
            None => self.take(stage),
        }
        Ok(())
    }
}

impl World for Secrets {
    fn answer(&mut self, now: Timestamp, want: &Want) -> Fact {
        let page = |answer| Fact::Pages(Ok(seen(vec![Answer::SecretsManager(answer)], now)));
        match want {
            Want::Pages(query) | Want::Try(query) => match &query.ask {
                Ask::SecretsManager(ask::Ask::DescribeSecret(q)) => {
                    let known = [self.secret.arn.wire(), self.secret.name.wire()];
                    if known.contains(&q.secret.wire()) {
                        return page(ask::Answer::DescribeSecret(self.secret.clone()));
                    }
                    let missing = "Secrets Manager can't find the specified secret.";
                    let operation = "secretsmanager:DescribeSecret";
                    Fact::Pages(Err(Fault::new(FaultKind::NotFound, operation, missing)))
                }
                Ask::SecretsManager(ask::Ask::ListSecrets(_)) => {
                    page(ask::Answer::ListSecrets(vec![self.secret.clone()]))
                }
                Ask::SecretsManager(ask::Ask::ListSecretVersionIds(q)) => {
                    assert_eq!(q.secret, self.secret.arn, "versions are asked for by ARN");
                    let old = if self.stale.is_empty() { None } else { Some(self.stale.remove(0)) };
                    page(ask::Answer::ListSecretVersionIds(old.unwrap_or_else(|| self.versions.clone())))
                }
                _ => (self.rest)(want),
            },
            Want::Load { source: MaterialSource::Secret { version, .. }, .. } => {
                assert!(self.versions.iter().any(|v| v.id == *version), "{version:?} is not there");
                Fact::Loaded(Ok(seen(MaterialVersion::Secret(version.clone()), now)))
            }
            Want::Shape { of, place } if of.name().contains('.') => Fact::Shape(self.shape(place)),
            Want::Shape { .. } => Fact::Shape(Ok(Shape { bytes: 20, fields: None, entries: None })),
            Want::SameBut { fields, .. } => {
                let meant = self.changed.iter().all(|c| fields.iter().any(|f| f.wire() == *c));
                Fact::Same(Ok(self.same && meant))
            }
            Want::Extract { .. } => Fact::Extracted(Ok(())),
            Want::Tried { .. } => Fact::Tried(self.tried.clone()),
            Want::Make { length, .. } => {
                assert!((20..=128).contains(length));
                let print = Fingerprint::of(&crate::estate::Salt("5a17".into()), &vec![b'n'; *length]);
                Fact::Made(print)
            }
            Want::Load { .. }
            | Want::ExtractNth { .. }
            | Want::Print(_)
            | Want::Status(_)
            | Want::Export(_)
            | Want::Whose { .. } => (self.rest)(want),
        }
    }

    fn apply(&mut self, now: Timestamp, call: &Call, key: &IdempotencyKey) -> Result<Receipt, Fault> {
        let Call::SecretsManager(call) = call else { panic!("not about a secret: {call:?}") };
        self.calls.push(call.clone());
        match call {
            SecretCall::PutSecretValue { label, .. } => {
                self.take(label.wire());
                self.versions.push(version(key.as_str(), &[label.wire()], 0, now));
                Ok(Receipt::Version(VersionId::new(key.as_str())))
            }
            SecretCall::UpdateSecretVersionStage { stage, move_to, remove_from, .. } => {
                self.stage(stage.wire(), move_to.as_ref(), remove_from.as_ref())?;
                Ok(Receipt::Done)
            }
            SecretCall::TagResource { .. } | SecretCall::UntagResource { .. }
                if self.untaggable.is_some() =>
            {
                let (kind, op) = (self.untaggable.clone().unwrap(), "secretsmanager:TagResource");
                Err(Fault::new(kind, op, "not for you"))
            }
            SecretCall::TagResource { tags, .. } => {
                for (key, text) in tags {
                    self.secret.tags.retain(|(k, _)| k != key);
                    self.secret.tags.push((key.clone(), text.clone()));
                }
                Ok(Receipt::Done)
            }
            SecretCall::UntagResource { keys, .. } => {
                self.secret.tags.retain(|(k, _)| !keys.contains(k));
                Ok(Receipt::Done)
            }
        }
    }
}
