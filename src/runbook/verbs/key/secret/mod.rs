//! A key in a secret: the edited text is staged under the run's label and promoted by compare-and-swap, in one
//! step. If somebody wrote in between, the edit is made again on top of theirs: nothing is overwritten unseen.
//! Source: Secrets Manager API reference, `PutSecretValue`, `UpdateSecretVersionStage`.

pub mod add;
pub mod remove;

use super::{again, load, made, text};
use crate::estate::ask::secretsmanager::ListSecretVersionIds;
use crate::estate::change::secretsmanager::{Act as SecretAct, CURRENT};
use crate::estate::edit::{Edit, EditFault, Place, Shape};
use crate::estate::{
    Act, Arn, Change, Made, MaterialSource, Receipt, Secret, SecretVersion, Slot, StageLabel, Untrusted,
    VersionId,
};
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::Param;
use crate::runbook::verbs::near;
use crate::runbook::verbs::secret::promote;
use crate::runbook::view::{ChangeMade, View, undo_by_inverse};

/// `PutSecretValue` takes at most so many bytes.
pub const SECRET_LIMIT: usize = 65_536;

/// The slot of the text that is edited.
const BASE: &str = "key.base";

pub(in crate::runbook::verbs) const SECRET: Param =
    Param { name: "secret", kind: ValueType::Text, optional: true, doc: "the ARN of the secret" };
pub(in crate::runbook::verbs) const FIELD: Param = Param {
    name: "field",
    kind: ValueType::Text,
    optional: true,
    doc: "the JSON pointer or the name of a top-level field; without it, the whole text",
};

/// The secret that the step is about.
///
/// # Errors
/// `Refuse`, if the parameter is missing.
pub fn secret(v: &View<'_>) -> Result<Arn, Need> {
    Ok(Arn::new(v.text("secret")?.wire()))
}

/// Where in the text the key is.
pub fn place(v: &View<'_>) -> Place {
    text(v, "field").map_or(Place::Whole, |said| Place::field(said.wire()))
}

/// What is known of a secret; of one that is not there, the nearest name.
///
/// # Errors
/// As [`View::must`].
pub fn describe(v: &View<'_>, secret: &Arn) -> Result<Secret, Need> {
    crate::runbook::verbs::secret::describe(v, secret)
}

/// All versions, those without a label too.
///
/// # Errors
/// As [`View::must`].
pub fn versions(v: &View<'_>, secret: &Arn) -> Result<Vec<SecretVersion>, Need> {
    Ok(v.must(ListSecretVersionIds { secret: secret.clone(), deprecated: true })?.concat())
}

/// The version that consumers read.
///
/// # Errors
/// `Refuse`, if there is none.
pub fn current<'s>(secret: &Arn, versions: &'s [SecretVersion]) -> Result<&'s SecretVersion, Need> {
    versions.iter().find(|v| v.has_stage(CURRENT)).ok_or_else(|| {
        Need::Refuse(format!("{} has no current version: it holds no value", secret.resource().shown()))
    })
}

/// The text of the current version in a slot, and what may be known of it.
///
/// # Errors
/// As [`View::must`]; `Refuse`, if it is no text of the expected form.
pub fn read(v: &View<'_>, secret: &Arn, at: &Place, into: &Slot) -> Result<(VersionId, Shape), Need> {
    let versions = versions(v, secret)?;
    let version = current(secret, &versions)?.id.clone();
    let source = MaterialSource::Secret { secret: secret.clone(), version: version.clone() };
    load(v, &source, into)?;
    let shape = match v.shape(into, at)? {
        Err(EditFault::NoField(field)) => return Err(no_field(v, into, &field)?),
        shape => shape.map_err(|e| super::list::unreadable("the secret", &e))?,
    };
    match shape.entries {
        Some(_) => Ok((version, shape)),
        None => Err(Need::Refuse(
            "the secret is a JSON document: name the field that holds the key (`field`)".into(),
        )),
    }
}

/// A field that is not there, with the nearest name of those that are.
fn no_field(v: &View<'_>, document: &Slot, field: &Untrusted) -> Result<Need, Need> {
    let fields = v.shape(document, &Place::Whole)?.ok().and_then(|whole| whole.fields).unwrap_or_default();
    let name = Untrusted::from(field.wire().trim_start_matches('/'));
    let hint = near::hint(&name, fields.iter().map(Untrusted::wire), "");
    Ok(Need::Refuse(format!("the secret has no field {}{hint}", field.shown())))
}

/// What a step writes.
pub enum Rewrite {
    /// This edit, with what must be known of it before.
    Edit(Edit, Vec<String>),
    /// Nothing: it is so already, in words.
    Nothing(String),
}

/// What came of a swap.
pub struct Swapped {
    /// The version that was current before.
    pub former: VersionId,
    /// The version that is current now.
    pub now: VersionId,
}

/// The slot whose text a step edits.
pub fn base() -> Slot {
    Slot::new(BASE)
}

/// Stages what `rewrite` says and promotes it; `Err(Ok(words))` in its answer's place where nothing is to do.
///
/// # Errors
/// What it needs first.
pub fn swap(
    v: &View<'_>,
    secret: &Arn,
    at: &Place,
    rewrite: impl Fn(Option<&Shape>) -> Result<Rewrite, Need>,
) -> Result<Result<Swapped, String>, Need> {
    if let Some(swapped) = promoted(v, secret)? {
        return Ok(Ok(swapped));
    }
    let now = current(secret, &versions(v, secret)?)?.id.clone();
    let overtaken = match staged(v) {
        Some((expected, _)) if *expected == now => return Err(promotion(v, secret)?),
        Some((expected, _)) => Some(expected.clone()),
        None => None,
    };
    let (version, shape) = if v.planning {
        (now, None)
    } else {
        let (version, shape) = read(v, secret, at, &base())?;
        (version, Some(shape))
    };
    match rewrite(shape.as_ref())? {
        Rewrite::Nothing(words) => Ok(Err(words)),
        Rewrite::Edit(edit, mut breaks) => {
            fits(v, &edit)?;
            if let Some(expected) = overtaken {
                breaks.insert(
                    0,
                    format!(
                        "somebody wrote version {} since this run edited {}: the edit is made again on top of \
                         theirs, so that nothing of it is lost",
                        version.shown(),
                        expected.shown()
                    ),
                );
            }
            let changes = vec![staging(v, secret, version, edit)];
            let leaves = vec!["consumers read on what is current now, until it is promoted".to_owned()];
            Err(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
        }
    }
}

/// Makes an edit in memory, before anybody agrees to it: whether it can be made, and is not too large.
///
/// # Errors
/// `Know`, until it has been tried; `Refuse`, with what is wrong.
pub fn fits(v: &View<'_>, edit: &Edit) -> Result<(), Need> {
    if v.planning {
        return Ok(());
    }
    v.tried(&base(), edit, SECRET_LIMIT)?.map_err(|e| super::list::unreadable("the secret", &e)).map(|_| ())
}

/// The change that writes an edited version under the run's label.
pub fn staging(v: &View<'_>, secret: &Arn, expected: VersionId, edit: Edit) -> Change {
    let act = SecretAct::Stage {
        secret: secret.clone(),
        expected,
        base: base(),
        edit,
        label: StageLabel::new(v.run.label()),
    };
    Change { at: v.at.clone(), act: Act::SecretsManager(act) }
}

/// The last version that this step staged: the one it edited, and the one it made.
pub fn staged<'v>(v: &View<'v>) -> Option<(&'v VersionId, &'v VersionId)> {
    let change = made(v, |a| matches!(a, Act::SecretsManager(SecretAct::Stage { .. })))?;
    let Act::SecretsManager(SecretAct::Stage { expected, .. }) = &change.change.act else { return None };
    Some((expected, version_made(change)?))
}

fn version_made(change: &ChangeMade) -> Option<&VersionId> {
    change.made.iter().find_map(|m| match &m.receipt {
        Receipt::Version(version) => Some(version),
        _ => None,
    })
}

/// The need to promote what was staged. The label of a version that this run replaced before is taken off
/// first: a label is on one version only.
///
/// # Errors
/// `Again`, while the staged version does not show.
pub fn promotion(v: &View<'_>, secret: &Arn) -> Result<Need, Need> {
    let Some((from, to)) = staged(v) else {
        return Err(Need::Refuse("nothing was staged that could be promoted".into()));
    };
    let versions = versions(v, secret)?;
    let label = v.run.label();
    if !v.planning && !versions.iter().any(|s| s.id == *to && s.has_stage(&label)) {
        return Err(again(2, "the staged version does not show yet"));
    }
    let kept = v.run.kept_label();
    let earlier = versions.iter().find(|s| s.has_stage(&kept) && s.id != *from);
    let replaced = versions.iter().find(|s| s.id == *from);
    let mut acts = Vec::new();
    if let Some(earlier) = earlier {
        let labels = vec![(StageLabel::new(kept.as_str()), earlier.id.clone())];
        acts.push(SecretAct::Sweep { secret: secret.clone(), labels });
    }
    acts.push(SecretAct::Promote {
        secret: secret.clone(),
        from: from.clone(),
        to: to.clone(),
        strip: Some(StageLabel::new(label)),
        keep: match replaced {
            Some(replaced) => promote::to_keep(v, replaced),
            None => Some(StageLabel::new(kept)),
        },
        purpose: super::purpose(v),
    });
    let changes =
        acts.into_iter().map(|act| Change { at: v.at.clone(), act: Act::SecretsManager(act) }).collect();
    let breaks = vec!["consumers read the new version from their next read on".to_owned()];
    let leaves =
        vec!["warm code may hold the former one until it is recycled or its cache expires".to_owned()];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}

/// What this step promoted, once it shows as current.
///
/// # Errors
/// `Again`, until it shows; `Refuse`, if somebody made another version current since.
pub fn promoted(v: &View<'_>, secret: &Arn) -> Result<Option<Swapped>, Need> {
    let Some(change) = made(v, |a| matches!(a, Act::SecretsManager(SecretAct::Promote { .. }))) else {
        return in_part(v, secret);
    };
    let Act::SecretsManager(SecretAct::Promote { from, to, .. }) = &change.change.act else {
        return Ok(None);
    };
    if !v.planning {
        let versions = versions(v, secret)?;
        let now = &current(secret, &versions)?.id;
        // Secrets Manager is eventually consistent ("Troubleshoot AWS Secrets Manager").
        if now == from {
            return Err(again(2, "the new version does not show as current yet"));
        }
        if now != to {
            return Err(Need::Refuse(format!(
                "version {} is current and not {}, which this run made current: somebody wrote since; look at \
                 it together before you go on",
                now.shown(),
                to.shown()
            )));
        }
    }
    Ok(Some(Swapped { former: from.clone(), now: to.clone() }))
}

/// What this step staged, if it is current although no promotion of it was made completely: the call after the
/// swap was refused. Staging and promoting it again would make a second version of the same.
///
/// # Errors
/// `Consent`, to take the run's label off it.
fn in_part(v: &View<'_>, secret: &Arn) -> Result<Option<Swapped>, Need> {
    let Some((from, to)) = staged(v).filter(|_| !v.planning) else { return Ok(None) };
    let versions = versions(v, secret)?;
    if current(secret, &versions)?.id != *to {
        return Ok(None);
    }
    let label = v.run.label();
    let is_off = |act: &Act| {
        matches!(act, Act::SecretsManager(SecretAct::Sweep { labels, .. })
        if labels.iter().any(|(l, version)| l.wire() == label && version == to))
    };
    if made(v, is_off).is_none()
        && let Some(left) = promote::own_label(v, secret, &versions, to)
    {
        return Err(left);
    }
    Ok(Some(Swapped { former: from.clone(), now: to.clone() }))
}

/// Undoes a change to a secret: the same swap reversed, if nobody wrote since.
///
/// # Errors
/// What it needs first.
pub fn undo(v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
    let reason = super::released(v, change)?;
    let mut done = undone(v, change, made)?;
    done.evidence.extend(reason);
    Ok(done)
}

fn undone(v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
    match &change.act {
        Act::SecretsManager(SecretAct::Promote { secret, from, keep, .. }) if !promote::swapped(made) => {
            promote::only_label(v, &versions(v, secret)?, secret, from, keep.as_ref())
        }
        Act::SecretsManager(SecretAct::Promote { secret, from, to, keep, .. }) => {
            swap_back(v, secret, from, to, keep.as_ref())
        }
        Act::SecretsManager(SecretAct::Sweep { .. }) => Ok(Done {
            evidence: vec!["the label that was taken off stays off; its version is untouched".into()],
            ..Done::default()
        }),
        Act::SecretsManager(SecretAct::Stage { secret, label, .. }) => {
            let version = made.iter().find_map(|m| match &m.receipt {
                Receipt::Version(version) => Some(version),
                _ => None,
            });
            let labelled =
                versions(v, secret)?.iter().any(|s| Some(&s.id) == version && s.has_stage(label.wire()));
            // The promotion took the label off, or a later edit of this run has it.
            if v.done.is_empty() && !labelled {
                let said = "the staged version carries no label of this run: AWS removes it in its own time";
                return Ok(Done { evidence: vec![said.into()], ..Done::default() });
            }
            undo_by_inverse(v, change, made)
        }
        Act::SecretsManager(SecretAct::Tag { .. })
        | Act::Lambda(_)
        | Act::ApiGateway(_)
        | Act::Iam(_)
        | Act::Sqs(_)
        | Act::Rds(_)
        | Act::Ec2(_)
        | Act::Messages(_) => undo_by_inverse(v, change, made),
    }
}

fn swap_back(
    v: &View<'_>,
    secret: &Arn,
    from: &VersionId,
    to: &VersionId,
    keep: Option<&StageLabel>,
) -> Result<Done, Need> {
    let versions = versions(v, secret)?;
    let now = current(secret, &versions)?;
    if v.done.is_empty() {
        if now.id != *to {
            return Err(Need::Refuse(format!(
                "version {} is current, and this run made {} current: somebody wrote since, and going back to \
                 {} would undo their work too",
                now.id.shown(),
                to.shown(),
                from.shown()
            )));
        }
        let Some(former) = versions.iter().find(|s| s.id == *from) else {
            return Err(Need::Refuse(format!("version {} is gone: AWS has removed it", from.shown())));
        };
        let act = SecretAct::Promote {
            secret: secret.clone(),
            from: to.clone(),
            to: from.clone(),
            // It may have been swept since.
            strip: keep.filter(|label| former.has_stage(label.wire())).cloned(),
            keep: None,
            purpose: super::purpose(v).back(),
        };
        let changes = vec![Change { at: v.at.clone(), act: Act::SecretsManager(act) }];
        let breaks = vec!["consumers read the former version again from their next read on".to_owned()];
        return Err(Need::Consent(Box::new(Proposal { changes, breaks, ..Proposal::default() })));
    }
    if now.id == *to {
        return Err(again(2, "the former version does not show as current yet"));
    }
    Ok(Done { evidence: vec![format!("version {} is current again", from.shown())], ..Done::default() })
}
