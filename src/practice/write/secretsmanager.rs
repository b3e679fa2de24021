//! Writes to secrets: a new version under a label, labels that move by compare-and-swap, tags. Source: Secrets
//! Manager API reference, `PutSecretValue`, `UpdateSecretVersionStage`, `TagResource`, `UntagResource`.

use super::Write;
use crate::estate::change::secretsmanager::Call;
use crate::estate::edit::{self, Edit, EditOp, Place};
use crate::estate::names::{Arn, StageLabel, VersionId};
use crate::estate::{Fault, IdempotencyKey, Receipt, Slot, Untrusted};
use crate::practice::faults;
use crate::practice::world::Due;
use crate::practice::world::secret::{MOST_VERSIONS, PURGED, Secret, Version};
use crate::practice::world::text::Text;
use zeroize::Zeroizing;

/// The largest value, in bytes ("Secrets Manager quotas", secret value size).
const LARGEST: usize = 65_536;
/// Labels that one secret's versions may have ("Staging labels attached across all versions of a secret").
const MOST_LABELS: usize = 20;
/// The label of the version that consumers read.
const CURRENT: &str = "AWSCURRENT";

pub(super) fn secret_of(call: &Call) -> &Arn {
    match call {
        Call::PutSecretValue { secret, .. }
        | Call::UpdateSecretVersionStage { secret, .. }
        | Call::TagResource { secret, .. }
        | Call::UntagResource { secret, .. } => secret,
    }
}

pub(super) fn make(mut write: Write<'_>, call: &Call, key: &IdempotencyKey) -> Result<Receipt, Fault> {
    let place = find(&write, secret_of(call))?;
    let receipt = match call {
        Call::PutSecretValue { base, edit, label, .. } => put(&mut write, place, base, edit, label, key),
        Call::UpdateSecretVersionStage { stage, move_to, remove_from, .. } => {
            restage(&mut write, place, stage, move_to.as_ref(), remove_from.as_ref())
        }
        Call::TagResource { tags, .. } => tag(&mut write, place, tags),
        Call::UntagResource { keys, .. } => untag(&mut write, place, keys),
    }?;
    // what has lost its last label now may go later
    write.world.plan(write.at + PURGED, Due::Purge(place));
    Ok(receipt)
}

fn find(write: &Write<'_>, id: &Arn) -> Result<usize, Fault> {
    let op = write.op;
    let place = write.world.secret(id.wire()).filter(|_| write.here);
    let found = place.and_then(|p| Some((p, write.world.secrets.get(p).filter(|s| !s.gone)?)));
    let Some((place, secret)) = found else { return Err(faults::no_secret(op)) };
    let refused = |message: &str| Err(faults::invalid(op, "InvalidRequestException", message));
    if secret.denies.iter().any(|a| a == op.iam_action) {
        let why = "with an explicit deny in a resource-based policy";
        return Err(faults::denied(op, &secret.arn(), why));
    }
    if secret.deleted.is_some() {
        return refused("You can't perform this operation on the secret because it was marked for deletion.");
    }
    if secret.primary.is_some() {
        return refused(
            "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
        );
    }
    if let Some(owner) = &secret.owner {
        return refused(&format!("The secret is managed by {owner}; it can be changed only there."));
    }
    Ok(place)
}

fn row<'a>(write: &'a mut Write<'_>, place: usize) -> Result<&'a mut Secret, Fault> {
    let op = write.op;
    write.world.secrets.get_mut(place).ok_or_else(|| faults::no_secret(op))
}

fn put(
    write: &mut Write<'_>,
    place: usize,
    base: &Slot,
    edit: &Edit,
    label: &StageLabel,
    key: &IdempotencyKey,
) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let before = write.held(base)?;
    let bytes = edit::apply(edit, &before, write.vault).map_err(|e| write.refused(e.to_string()))?;
    if bytes.is_empty() || bytes.len() > LARGEST {
        let message =
            format!("The secret value is {} bytes; between 1 and {LARGEST} are taken.", bytes.len());
        return Err(faults::invalid(op, "ValidationException", &message));
    }
    let secret = row(write, place)?;
    let id = key.as_str();
    if let Some(old) = secret.versions.iter().find(|v| v.id == id) {
        if old.text.bytes() == bytes.as_slice() {
            return Ok(Receipt::Version(VersionId::new(id)));
        }
        let message = format!(
            "You can't use ClientRequestToken {id} because that value is already in use for a version of secret {}.",
            secret.arn()
        );
        return Err(faults::conflict(op, "ResourceExistsException", &message));
    }
    secret.rotate_out(at);
    let labels: usize = secret.versions.iter().map(|v| v.stages.len()).sum();
    let adds = secret.holder(label.wire()).is_none();
    if secret.versions.len() >= MOST_VERSIONS || (adds && labels >= MOST_LABELS) {
        let message = "You have reached the limit of versions or staging labels of a secret.";
        return Err(faults::invalid(op, "LimitExceededException", message));
    }
    let opaque = is_opaque(secret, edit, &before);
    let text = Text::written(bytes, opaque, &mut write.world.known)
        .ok_or_else(|| faults::invalid(op, "ValidationException", "SecretString is not UTF-8"))?;
    let secret = row(write, place)?;
    secret.versions.insert(0, Version::bare(id.to_owned(), at, text));
    secret.label(label.wire(), Some(id), at);
    Ok(Receipt::Version(VersionId::new(id)))
}

/// Characters of a tag's key and of what it says, and tags that a secret may have ("Tagging secrets in AWS Secrets
/// Manager", restrictions); those of AWS do not count.
const TAG_LIMITS: (usize, usize, usize) = (128, 256, 50);

fn tag(write: &mut Write<'_>, place: usize, tags: &[(Untrusted, Untrusted)]) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let (longest_key, longest_text, most) = TAG_LIMITS;
    let wrong = |message: &str| Err(faults::invalid(op, "InvalidParameterException", message));
    let taken = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let fits = |text: &str, longest: usize| text.chars().count() <= longest && text.chars().all(taken);
    for (key, text) in tags {
        if key.wire().starts_with("aws:") {
            return wrong("Tag keys that begin with aws: are reserved for AWS use.");
        }
        if key.is_empty() || !fits(key.wire(), longest_key) || !fits(text.wire(), longest_text) {
            return wrong("A tag's key or value is too long, or has characters that are not allowed in it.");
        }
    }
    let secret = row(write, place)?;
    let mut after = secret.tags.clone();
    for (key, text) in tags {
        match after.iter_mut().find(|(k, _)| k == key.wire()) {
            Some((_, said)) => text.wire().clone_into(said),
            None => after.push((key.wire().to_owned(), text.wire().to_owned())),
        }
    }
    if after.iter().filter(|(key, _)| !key.starts_with("aws:")).count() > most {
        return wrong(&format!("A secret can have at most {most} tags."));
    }
    secret.tags = after;
    secret.changed = at;
    Ok(Receipt::Done)
}

fn untag(write: &mut Write<'_>, place: usize, keys: &[Untrusted]) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    if keys.iter().any(|key| key.wire().starts_with("aws:")) {
        let message = "Tag keys that begin with aws: are reserved for AWS use.";
        return Err(faults::invalid(op, "InvalidParameterException", message));
    }
    let secret = row(write, place)?;
    secret.tags.retain(|(key, _)| !keys.iter().any(|k| k.wire() == key));
    secret.changed = at;
    Ok(Receipt::Done)
}

/// Whether more than strings of a text of ours may be somebody's.
fn is_opaque(secret: &Secret, edit: &Edit, before: &Zeroizing<Vec<u8>>) -> bool {
    let whole = |op: &EditOp| match op {
        EditOp::Set { place, .. } => *place == Place::Whole,
        EditOp::Insert { .. } | EditOp::InsertFirst { .. } | EditOp::Remove { .. } | EditOp::Unset { .. } => {
            false
        }
    };
    let base = secret.versions.iter().find(|v| v.text.bytes() == before.as_slice());
    edit.ops.iter().any(whole) || base.is_none_or(|v| v.text.is_opaque())
}

fn restage(
    write: &mut Write<'_>,
    place: usize,
    stage: &StageLabel,
    to: Option<&VersionId>,
    from: Option<&VersionId>,
) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let stage = stage.wire();
    let secret = row(write, place)?;
    let wrong = |message: &str| Err(faults::invalid(op, "InvalidParameterException", message));
    let raced = |message: &str| Err(faults::conflict(op, "InvalidParameterException", message));
    for id in [to, from].into_iter().flatten() {
        if !secret.versions.iter().any(|v| v.id == id.wire()) {
            let message = format!("Secrets Manager can't find the specified secret version: {}.", id.wire());
            return Err(faults::missing(op, "ResourceNotFoundException", &message));
        }
    }
    let holder = secret.holder(stage);
    match (to, from) {
        (None, None) => {
            return wrong("You must specify MoveToVersionId, RemoveFromVersionId, or both.");
        }
        (None, Some(_)) if stage == CURRENT => {
            return wrong("You can't remove the staging label AWSCURRENT without moving it to a version.");
        }
        (_, Some(from)) if holder.as_deref() != Some(from.wire()) => {
            return raced(&format!("Staging label {stage} isn't attached to version {}.", from.wire()));
        }
        (Some(to), None) if holder.as_deref().is_some_and(|h| h != to.wire()) => {
            return raced(&format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to version {}, so you must explicitly reference that version in RemoveFromVersionId.",
                holder.unwrap_or_default()
            ));
        }
        (Some(_), None | Some(_)) | (None, Some(_)) => {}
    }
    let labels: usize = secret.versions.iter().map(|v| v.stages.len()).sum();
    if holder.is_none() && labels >= MOST_LABELS {
        let message = "You have reached the limit of staging labels of a secret.";
        return Err(faults::invalid(op, "LimitExceededException", message));
    }
    secret.label(stage, to.map(VersionId::wire), at);
    Ok(Receipt::Done)
}
