//! The verbs about secrets: look, stage under the run's own label, promote by compare-and-swap, verify by version
//! id, date fields, sweep labels. What they share is here: how versions and labels are read. No verb sees a value.
//! Source: Secrets Manager API reference and user guide; figures are cited where they are used.

pub(super) mod close;
pub(super) mod current;
pub(super) mod date;
pub(super) mod look;
pub(super) mod promote;
pub(super) mod ready;
pub mod reveal;
pub(super) mod stage;
pub(super) mod staged;
pub(super) mod sweep;
#[cfg(test)]
mod tests;

use super::super::need::Need;
use super::super::view::View;
use super::super::words;
use crate::diagnose::nearest;
use crate::estate::ask::secretsmanager::{DescribeSecret, ListSecretVersionIds, ListSecrets};
use crate::estate::change::secretsmanager::{CURRENT, called};
use crate::estate::time::seconds_between;
use crate::estate::{
    Arn, FaultKind, Place, RunId, Secret, SecretVersion, StageLabel, Timestamp, Untrusted, VersionId,
};

/// `AWSPENDING`: what rotation puts on the version it makes.
const PENDING: &str = "AWSPENDING";

/// The parameter of that name as an ARN (or a name, for [`look`] only).
fn arn(view: &View<'_>) -> Result<Arn, Need> {
    Ok(Arn::new(view.text("secret")?.wire()))
}

/// The parameter of that name as a version id.
fn version(view: &View<'_>, name: &str) -> Result<VersionId, Need> {
    Ok(VersionId::new(view.text(name)?.wire()))
}

/// What is known of a secret. One that is not there is told with the nearest name that is.
pub(in crate::runbook::verbs) fn describe(view: &View<'_>, secret: &Arn) -> Result<Secret, Need> {
    let asked = || DescribeSecret { secret: secret.clone() };
    let pages = match view.pages(asked())? {
        Err(fault) if fault.kind == FaultKind::NotFound => return Err(missing(view, secret)?),
        Ok(_) | Err(_) => view.must(asked())?,
    };
    let nothing = || Need::Refuse(format!("AWS said nothing about {}", secret.shown()));
    pages.into_iter().next().ok_or_else(nothing)
}

/// Who may not list secrets is told no other name.
fn missing(view: &View<'_>, secret: &Arn) -> Result<Need, Need> {
    let there = view.pages(ListSecrets {})?.map(|pages| pages.concat()).unwrap_or_default();
    let near = nearest(secret.wire(), there.iter().map(|s| s.name.wire()));
    let hint = match near.map(Untrusted::from) {
        Some(name) => format!("did you mean {}?", name.shown()),
        None => "`bartizan secrets list` tells which there are".to_owned(),
    };
    let region = &view.at.region;
    Ok(Need::Refuse(format!("there is no secret {} in {region} (not found); {hint}", secret.shown())))
}

/// All its versions, those without a label too.
fn versions(view: &View<'_>, secret: &Arn) -> Result<Vec<SecretVersion>, Need> {
    let ask = ListSecretVersionIds { secret: secret.clone(), deprecated: true };
    Ok(view.must(ask)?.into_iter().flatten().collect())
}

/// The version that consumers read.
fn current<'a>(secret: &Arn, versions: &'a [SecretVersion]) -> Result<&'a SecretVersion, Need> {
    versions.iter().find(|v| v.has_stage(CURRENT)).ok_or_else(|| {
        Need::Refuse(format!(
            "{} has no current version: it never had a value, or is being made; nothing was changed",
            called(secret).shown()
        ))
    })
}

/// Whether a version is the one that consumers read.
///
/// # Errors
/// As [`versions`].
pub(in crate::runbook::verbs) fn is_current(
    view: &View<'_>,
    secret: &Arn,
    version: &VersionId,
) -> Result<bool, Need> {
    Ok(versions(view, secret)?.iter().any(|v| v.id == *version && v.has_stage(CURRENT)))
}

/// A version by its id and age: `2f6c… of 4 Dec 2026, 08:02 UTC`.
fn named(version: &SecretVersion) -> String {
    match version.created {
        Some(t) => format!("{} of {}", version.id.shown(), words::instant(t)),
        None => version.id.shown().to_string(),
    }
}

/// A label that a run of this program left, and on which version.
struct Left {
    label: StageLabel,
    version: VersionId,
    /// Since when it can have been there, at the latest.
    since: Option<Timestamp>,
}

/// The labels of other runs.
fn left_by_others(run: &RunId, versions: &[SecretVersion]) -> Vec<Left> {
    let mut left = Vec::new();
    for version in versions {
        for stage in version.stages.iter().filter(|stage| is_of_a_run(stage.wire())) {
            let text = stage.wire();
            if text == run.label() || text == run.kept_label() {
                continue;
            }
            // A run puts `-prev` on the version that it replaces, when it makes the next one.
            let since = if text.ends_with(KEPT) { replaced_at(version, versions) } else { version.created };
            let (label, version) = (StageLabel::new(text), version.id.clone());
            left.push(Left { label, version, since });
        }
    }
    left
}

/// The end of the label of a replaced version, [`RunId::kept_label`].
const KEPT: &str = "-prev";

/// Whether a label has the form of [`RunId::label`] or [`RunId::kept_label`].
fn is_of_a_run(label: &str) -> bool {
    let Some(rest) = label.strip_prefix("bartizan-") else { return false };
    RunId::new(rest.strip_suffix(KEPT).unwrap_or(rest)).is_some()
}

/// When the next younger version was made.
fn replaced_at(version: &SecretVersion, versions: &[SecretVersion]) -> Option<Timestamp> {
    versions.iter().filter_map(|v| v.created).filter(|made| Some(*made) > version.created).min()
}

/// All labels on all versions.
fn labels(versions: &[SecretVersion]) -> usize {
    versions.iter().map(|v| v.stages.len()).sum()
}

/// How old the value of a version is, in words.
fn age(version: &SecretVersion, now: Timestamp) -> String {
    match version.created {
        Some(made) => words::said(seconds_between(made, now).max(0).unsigned_abs()),
        None => "of unknown age".to_owned(),
    }
}

/// The place of a field that a person named: a JSON pointer (RFC 6901), or the name of a top-level field;
/// without one the whole text.
fn place(field: Option<&Untrusted>) -> Place {
    match field.map(Untrusted::wire) {
        None => Place::Whole,
        Some(pointer) if pointer.starts_with('/') => Place::Field(Untrusted::from(pointer)),
        Some(name) => Place::Field(format!("/{}", name.replace('~', "~0").replace('/', "~1")).into()),
    }
}

/// The top-level field that a place is in or under; `None` for the whole text.
fn top_level(place: &Place) -> Option<Untrusted> {
    match place {
        Place::Whole => None,
        Place::Field(pointer) => {
            let first = pointer.wire().split('/').nth(1).unwrap_or_default();
            Some(first.replace("~1", "/").replace("~0", "~").into())
        }
    }
}
