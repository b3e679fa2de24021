//! Changes to secrets: stage a version under the run's own label, promote it by compare-and-swap, sweep
//! labels, date fields in tags. The order is DOMAIN's: a staged version admits nobody, the swap names whom it replaces, and the
//! replaced version keeps a label until undo closes, or it could be purged.
//! Source: Secrets Manager API reference, `PutSecretValue`, `UpdateSecretVersionStage`, `TagResource`.

use super::{CliLine, CliValue, IdempotencyKey, Made, Purpose, Receipt, Risk, Settle, Verdict, writes};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::edit::Edit;
use crate::estate::field_date::PREFIX;
use crate::estate::names::{Arn, StageLabel, VersionId};
use crate::estate::secret::SecretVersion;
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Slot;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Secrets Manager is eventually consistent ("Troubleshoot AWS Secrets Manager"); a write that has not shown
/// up for this long after its intent has not happened.
const QUIET: Duration = Duration::from_secs(60);

/// `AWSCURRENT`.
pub const CURRENT: &str = "AWSCURRENT";

writes! { SecretsManager, "secretsmanager";
    // Put, Update and Stage share 50 a second ("AWS Secrets Manager quotas").
    Put = "PutSecretValue", "secretsmanager:PutSecretValue" @ 10;
    Stage = "UpdateSecretVersionStage", "secretsmanager:UpdateSecretVersionStage" @ 10;
    Tag = "TagResource", "secretsmanager:TagResource" @ 10;
    Untag = "UntagResource", "secretsmanager:UntagResource" @ 10;
}

/// A tag that is set, set anew or taken off.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Retag {
    /// Its key.
    pub key: Untrusted,
    /// What it says; `None` if it is not there.
    pub from: Option<Untrusted>,
    /// What it will say; `None` to take it off.
    pub to: Option<Untrusted>,
}

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Writes a new version under a label that no consumer reads.
    Stage {
        /// Which secret.
        secret: Arn,
        /// The version that is edited; it must be current.
        expected: VersionId,
        /// The slot with the text of `expected`.
        base: Slot,
        /// What is done to it.
        edit: Edit,
        /// The run's label.
        label: StageLabel,
    },
    /// Makes a version current, if the one it replaces still is.
    Promote {
        /// Which secret.
        secret: Arn,
        /// The version that is current now.
        from: VersionId,
        /// The version that will be.
        to: VersionId,
        /// The run's label on `to`, taken off once it is current; `None` if it has none.
        strip: Option<StageLabel>,
        /// The label that `from` keeps until undo closes; `None` in an undo.
        keep: Option<StageLabel>,
        /// What it is made for.
        #[serde(default, skip_serializing_if = "Purpose::is_routine")]
        purpose: Purpose,
    },
    /// Takes labels that runs left off versions.
    Sweep {
        /// Which secret.
        secret: Arn,
        /// Which labels, and the versions that carry them.
        labels: Vec<(StageLabel, VersionId)>,
    },
    /// Keeps in tags when fields were changed. The value is not touched.
    Tag {
        /// Which secret.
        secret: Arn,
        /// Which tags.
        tags: Vec<Retag>,
    },
}

/// One write.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `PutSecretValue` of the edited text, with `stages` only (never without: that would move AWSCURRENT).
    /// The idempotency key is the `ClientRequestToken` and becomes the version id.
    PutSecretValue {
        /// Which secret.
        secret: Arn,
        /// The slot with the text that is edited.
        base: Slot,
        /// What is done to it.
        edit: Edit,
        /// The label of the new version.
        label: StageLabel,
    },
    /// `UpdateSecretVersionStage`: fails if `remove_from` no longer carries the label.
    UpdateSecretVersionStage {
        /// Which secret.
        secret: Arn,
        /// Which label.
        stage: StageLabel,
        /// The version that gets it.
        move_to: Option<VersionId>,
        /// The version that must have it now and loses it.
        remove_from: Option<VersionId>,
    },
    /// `TagResource`: the tags of these keys say this from then on, the others stay.
    TagResource {
        /// Which secret.
        secret: Arn,
        /// Keys and what they say.
        tags: Vec<(Untrusted, Untrusted)>,
    },
    /// `UntagResource`: the tags of these keys are off, the others stay.
    UntagResource {
        /// Which secret.
        secret: Arn,
        /// Their keys.
        keys: Vec<Untrusted>,
    },
}

/// A secret as people call it: its name with the six random characters of its ARN. Names have paths
/// (`prod/db`), and two secrets may differ in nothing but the first part.
#[must_use]
pub fn called(secret: &Arn) -> Untrusted {
    match secret.wire().split_once(":secret:") {
        Some((_, name)) => name.into(),
        None => secret.text().clone(),
    }
}

/// The name in what [`called`] gives, without the six characters.
#[must_use]
pub fn bare(called: &str) -> &str {
    called.rsplit_once('-').filter(|(_, end)| end.len() == 6).map_or(called, |(bare, _)| bare)
}

fn stage_call(secret: &Arn, stage: &StageLabel, to: Option<&VersionId>, from: Option<&VersionId>) -> Call {
    Call::UpdateSecretVersionStage {
        secret: secret.clone(),
        stage: stage.clone(),
        move_to: to.cloned(),
        remove_from: from.cloned(),
    }
}

/// The calls that set tags: first off, for a secret has only so many.
fn tag_calls(secret: &Arn, tags: &[Retag]) -> Vec<Call> {
    let off: Vec<Untrusted> = tags.iter().filter(|t| t.to.is_none()).map(|t| t.key.clone()).collect();
    let on: Vec<_> = tags.iter().filter_map(|t| Some((t.key.clone(), t.to.clone()?))).collect();
    let untag = (!off.is_empty()).then(|| Call::UntagResource { secret: secret.clone(), keys: off });
    let tag = (!on.is_empty()).then(|| Call::TagResource { secret: secret.clone(), tags: on });
    untag.into_iter().chain(tag).collect()
}

/// What is set and what is taken off, fields by their names.
fn tag_words(secret: &Arn, tags: &[Retag]) -> String {
    let field = |tag: &Retag| {
        let key = tag.key.wire();
        Untrusted::from(key.strip_prefix(PREFIX).unwrap_or(key)).shown().to_string()
    };
    let set = |tag: &Retag| Some(format!("{} {}", field(tag), tag.to.as_ref()?.shown()));
    let on: Vec<String> = tags.iter().filter_map(set).collect();
    let off: Vec<String> = tags.iter().filter(|tag| tag.to.is_none()).map(field).collect();
    let name = called(secret);
    match (on.is_empty(), off.is_empty()) {
        (false, true) => format!("Date fields of {} in its tags: {}", name.shown(), on.join(", ")),
        (true, _) => format!("Take the dates of fields off the tags of {}: {}", name.shown(), off.join(", ")),
        (false, false) => format!(
            "Date fields of {} in its tags: {}; and take off the dates of {}",
            name.shown(),
            on.join(", "),
            off.join(", ")
        ),
    }
}

impl Act {
    /// Whether it only keeps a note of what was done: where AWS refuses it, what it notes stands all the same.
    pub(super) fn is_dispensable(&self) -> bool {
        match self {
            Act::Tag { .. } => true,
            Act::Stage { .. } | Act::Promote { .. } | Act::Sweep { .. } => false,
        }
    }

    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::Promote { purpose, .. } => purpose.risk(),
            Act::Stage { .. } | Act::Sweep { .. } | Act::Tag { .. } => Risk::Ordinary,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Act::Stage { secret, .. }
            | Act::Promote { secret, .. }
            | Act::Sweep { secret, .. }
            | Act::Tag { secret, .. } => secret.text().clone(),
        }
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Act::Stage { secret, label, .. } => format!(
                "Write a new version of {} under the label {}, which no consumer reads",
                called(secret).shown(),
                label.shown()
            ),
            Act::Promote { secret, from, to, .. } => format!(
                "Make version {} of {} current in place of {}",
                to.shown(),
                called(secret).shown(),
                from.shown()
            ),
            Act::Sweep { secret, labels } => {
                let names: Vec<String> = labels.iter().map(|(l, _)| l.shown().to_string()).collect();
                format!("Take the labels of runs off {}: {}", called(secret).shown(), names.join(", "))
            }
            Act::Tag { secret, tags } => tag_words(secret, tags),
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::Stage { .. } => "take the label off; AWS then removes the version in its own time".into(),
            Act::Promote { from, .. } => {
                format!("make version {} current again, the same swap reversed", from.shown())
            }
            Act::Sweep { .. } => "none: the versions stay, and AWS may purge what has no label".into(),
            Act::Tag { .. } => "put the tags back as they were".into(),
        }
    }

    pub(super) fn inverse(&self, made: &[Made]) -> Option<Act> {
        match self {
            Act::Stage { secret, label, .. } => {
                let version = made.iter().find_map(|m| match &m.receipt {
                    Receipt::Version(v) => Some(v.clone()),
                    _ => None,
                })?;
                Some(Act::Sweep { secret: secret.clone(), labels: vec![(label.clone(), version)] })
            }
            Act::Promote { secret, from, to, keep, purpose, .. } => Some(Act::Promote {
                secret: secret.clone(),
                from: to.clone(),
                to: from.clone(),
                strip: keep.clone(),
                keep: None,
                purpose: purpose.back(),
            }),
            Act::Sweep { .. } => None,
            Act::Tag { secret, tags } => {
                let off =
                    |m: &Made| matches!(m.call, super::Call::SecretsManager(Call::UntagResource { .. }));
                let on = |m: &Made| matches!(m.call, super::Call::SecretsManager(Call::TagResource { .. }));
                let (off, on) = (made.iter().any(off), made.iter().any(on));
                let of_made = |t: &&Retag| if t.to.is_none() { off } else { on };
                let back = |t: &Retag| Retag { key: t.key.clone(), from: t.to.clone(), to: t.from.clone() };
                let tags: Vec<Retag> = tags.iter().filter(of_made).map(back).collect();
                (!tags.is_empty()).then(|| Act::Tag { secret: secret.clone(), tags })
            }
        }
    }

    pub(super) fn next(&self, made: &[Made]) -> Vec<Call> {
        let plan = match self {
            Act::Stage { secret, base, edit, label, .. } => vec![Call::PutSecretValue {
                secret: secret.clone(),
                base: base.clone(),
                edit: edit.clone(),
                label: label.clone(),
            }],
            Act::Promote { secret, from, to, strip, keep, .. } => {
                // The replaced version gets its label before the swap: between a swap and a later
                // label a crash would leave it with AWSPREVIOUS only, which the next write takes away.
                let mut calls = Vec::new();
                if let Some(keep) = keep {
                    calls.push(stage_call(secret, keep, Some(from), None));
                }
                calls.push(stage_call(secret, &StageLabel::new(CURRENT), Some(to), Some(from)));
                if let Some(strip) = strip {
                    calls.push(stage_call(secret, strip, None, Some(to)));
                }
                calls
            }
            Act::Sweep { secret, labels } => {
                labels.iter().map(|(label, version)| stage_call(secret, label, None, Some(version))).collect()
            }
            Act::Tag { secret, tags } => tag_calls(secret, tags),
        };
        // One after the other: each is worth making only when the one before it stands.
        plan.into_iter().nth(made.len()).into_iter().collect()
    }
}

impl Call {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Call::PutSecretValue { .. } => op(Op::Put),
            Call::UpdateSecretVersionStage { .. } => op(Op::Stage),
            Call::TagResource { .. } => op(Op::Tag),
            Call::UntagResource { .. } => op(Op::Untag),
        }
    }

    fn secret(&self) -> &Arn {
        match self {
            Call::PutSecretValue { secret, .. }
            | Call::UpdateSecretVersionStage { secret, .. }
            | Call::TagResource { secret, .. }
            | Call::UntagResource { secret, .. } => secret,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        self.secret().text().clone()
    }

    pub(super) fn cli(&self, key: &IdempotencyKey) -> CliLine {
        match self {
            Call::PutSecretValue { secret, label, .. } => CliLine::new("secretsmanager put-secret-value")
                .with("secret-id", secret.wire())
                .with("client-request-token", key.as_str())
                .also("secret-string", CliValue::Secret("file://EDITED-VALUE"))
                .also("version-stages", CliValue::Many(vec![label.wire().to_owned()])),
            Call::UpdateSecretVersionStage { secret, stage, move_to, remove_from } => {
                let mut line = CliLine::new("secretsmanager update-secret-version-stage")
                    .with("secret-id", secret.wire())
                    .with("version-stage", stage.wire());
                if let Some(to) = move_to {
                    line = line.with("move-to-version-id", to.wire());
                }
                if let Some(from) = remove_from {
                    line = line.with("remove-from-version-id", from.wire());
                }
                line
            }
            Call::TagResource { secret, tags } => {
                let tag = |(key, text): &(Untrusted, Untrusted)| serde_json::json!({ "Key": key.wire(), "Value": text.wire() });
                let tags: serde_json::Value = tags.iter().map(tag).collect();
                CliLine::new("secretsmanager tag-resource")
                    .with("secret-id", secret.wire())
                    .with("tags", tags.to_string())
            }
            Call::UntagResource { secret, keys } => CliLine::new("secretsmanager untag-resource")
                .with("secret-id", secret.wire())
                .also("tag-keys", CliValue::Many(keys.iter().map(|k| k.wire().to_owned()).collect())),
        }
    }

    pub(super) fn needs(&self) -> Vec<Slot> {
        match self {
            Call::PutSecretValue { base, edit, .. } => {
                let mut slots = vec![base.clone()];
                slots.extend(edit.needs());
                slots
            }
            Call::UpdateSecretVersionStage { .. } | Call::TagResource { .. } | Call::UntagResource { .. } => {
                Vec::new()
            }
        }
    }

    pub(super) fn settle(&self, at: &At) -> Settle {
        let secret = self.secret().clone();
        let ask = match self {
            Call::PutSecretValue { .. } | Call::UpdateSecretVersionStage { .. } => {
                ask::secretsmanager::ListSecretVersionIds { secret, deprecated: true }.ask()
            }
            Call::TagResource { .. } | Call::UntagResource { .. } => {
                ask::secretsmanager::DescribeSecret { secret }.ask()
            }
        };
        Settle::Look { query: Query { at: at.clone(), ask }, quiet: QUIET }
    }

    /// Whether the tags of the secret are as the call sets them.
    fn tagged(&self, answers: &[Answer]) -> Verdict {
        let [Answer::SecretsManager(ask::secretsmanager::Answer::DescribeSecret(secret))] = answers else {
            return Verdict::Unclear;
        };
        let says = |key: &Untrusted| secret.tags.iter().find(|(k, _)| k == key).map(|(_, text)| text);
        let stands = match self {
            Call::TagResource { tags, .. } => tags.iter().all(|(key, text)| says(key) == Some(text)),
            Call::UntagResource { keys, .. } => keys.iter().all(|key| says(key).is_none()),
            Call::PutSecretValue { .. } | Call::UpdateSecretVersionStage { .. } => return Verdict::Unclear,
        };
        if stands { Verdict::Happened(Receipt::Done) } else { Verdict::NotHappened }
    }

    pub(super) fn verdict(&self, key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        if matches!(self, Call::TagResource { .. } | Call::UntagResource { .. }) {
            return self.tagged(answers);
        }
        let mut versions: Vec<&SecretVersion> = Vec::new();
        for answer in answers {
            match answer {
                Answer::SecretsManager(ask::secretsmanager::Answer::ListSecretVersionIds(page)) => {
                    versions.extend(page);
                }
                _ => return Verdict::Unclear,
            }
        }
        match self {
            Call::PutSecretValue { .. } => match versions.iter().find(|v| v.id.wire() == key.as_str()) {
                Some(made) => Verdict::Happened(Receipt::Version(made.id.clone())),
                None => Verdict::NotHappened,
            },
            Call::UpdateSecretVersionStage { stage, move_to, remove_from, .. } => {
                let holder = versions.iter().find(|v| v.has_stage(stage.wire())).map(|v| &v.id);
                match (holder, move_to, remove_from) {
                    (Some(h), Some(to), _) if h == to => Verdict::Happened(Receipt::Done),
                    (None, None, _) => Verdict::Happened(Receipt::Done),
                    (None, Some(_), None) => Verdict::NotHappened,
                    (h, _, Some(from)) if h == Some(from) => Verdict::NotHappened,
                    (Some(h), _, _) => Verdict::Overtaken(format!(
                        "the label {} is on version {}, put there by somebody else",
                        stage.shown(),
                        h.shown()
                    )),
                    (None, Some(_), Some(from)) => Verdict::Overtaken(format!(
                        "version {} no longer has the label {}",
                        from.shown(),
                        stage.shown()
                    )),
                }
            }
            Call::TagResource { .. } | Call::UntagResource { .. } => Verdict::Unclear,
        }
    }

    pub(super) fn stand_in(&self) -> Receipt {
        match self {
            Call::PutSecretValue { .. } => Receipt::Version(VersionId::new("")),
            Call::UpdateSecretVersionStage { .. } | Call::TagResource { .. } | Call::UntagResource { .. } => {
                Receipt::Done
            }
        }
    }
}
