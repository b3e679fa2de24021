//! `secret.sweep`: takes labels off that earlier runs left. One of a run that may still be under way stays.

use super::{arn, left_by_others, versions};
use crate::estate::change::secretsmanager;
use crate::estate::time::seconds_between;
use crate::estate::{Act, Change, Made, StageLabel, VersionId};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::View;
use crate::runbook::words::counted;

/// Takes old labels off.
pub struct Sweep;

/// Thirty days, in seconds: a run that began later may still want its labels, for a rotation waits a week or more
/// and its undo stays open after that.
const OLD: i64 = 30 * 86_400;

impl Verb for Sweep {
    fn name(&self) -> &'static str {
        "secret.sweep"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Takes off the labels that runs of more than thirty days ago left on a secret's versions."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[with::needed("secret", ValueType::Text, "the ARN of the secret")];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let secret = arn(view)?;
        if view.done.is_empty() {
            let left = left_by_others(view.run, &versions(view, &secret)?);
            let is_old = |since| seconds_between(since, view.now) > OLD;
            let (old, young): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|left| left.since.is_some_and(is_old));
            if old.is_empty() {
                let kept = counted(young.len(), "label");
                let said =
                    format!("no run of more than thirty days ago left a label; {kept} of later ones stay");
                return Ok(Done { evidence: vec![said], ..Done::default() });
            }
            let named = old.iter().map(|l| format!("{} on {}", l.label.shown(), l.version.shown()));
            let proposal = Proposal {
                breaks: vec![format!(
                    "A run of these names can no longer be undone once AWS has removed the version: {}.",
                    named.collect::<Vec<_>>().join(", ")
                )],
                leaves: vec![format!("{} of later runs stay.", counted(young.len(), "label"))],
                changes: vec![Change {
                    at: view.at.clone(),
                    act: Act::SecretsManager(secretsmanager::Act::Sweep {
                        secret,
                        labels: old.into_iter().map(|l| (l.label, l.version)).collect(),
                    }),
                }],
                ..Proposal::default()
            };
            return Err(Need::Consent(Box::new(proposal)));
        }
        Ok(Done { evidence: with::done(view, swept(view)), ..Done::default() })
    }

    fn undo(&self, _: &View<'_>, change: &Change, _: &[Made]) -> Result<Done, Need> {
        Ok(labels_stay_off(change))
    }
}

/// What was swept, in words.
pub(super) fn swept(view: &View<'_>) -> String {
    let labels = view.done.iter().flat_map(|done| labels_of(&done.change));
    let named: Vec<String> = labels.map(|(label, _)| label.shown().to_string()).collect();
    format!("taken off: {}", named.join(", "))
}

fn labels_of(change: &Change) -> &[(StageLabel, VersionId)] {
    match &change.act {
        Act::SecretsManager(secretsmanager::Act::Sweep { labels, .. }) => labels,
        Act::SecretsManager(
            secretsmanager::Act::Stage { .. }
            | secretsmanager::Act::Promote { .. }
            | secretsmanager::Act::Tag { .. },
        )
        | Act::Lambda(_)
        | Act::ApiGateway(_)
        | Act::Iam(_)
        | Act::Sqs(_)
        | Act::Rds(_)
        | Act::Ec2(_)
        | Act::Messages(_) => &[],
    }
}

/// A label of a run means nothing to anybody but that run: putting it back would protect nothing.
pub(super) fn labels_stay_off(change: &Change) -> Done {
    let count = counted(labels_of(change).len(), "label");
    Done { evidence: vec![format!("{count} stay off: nothing reads them")], ..Done::default() }
}
