//! `secret.close`: closes the undo of a run by taking its own labels off; AWS may then remove the former version.

use super::sweep::{labels_stay_off, swept};
use super::{arn, version, versions};
use crate::estate::change::secretsmanager;
use crate::estate::{Act, Change, Made, StageLabel, VersionId};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::View;

/// Takes the run's own labels off.
pub struct Close;

impl Verb for Close {
    fn name(&self) -> &'static str {
        "secret.close"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Takes the run's own labels off a secret. The former version stays until AWS removes it."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::needed("former", ValueType::Text, "the version that the run replaced"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        if view.done.is_empty() {
            let secret = arn(view)?;
            let labels = ours(view, &secret)?;
            if labels.is_empty() {
                let said = "no label of this run is left".to_owned();
                return Ok(Done { evidence: vec![said], ..Done::default() });
            }
            let act = secretsmanager::Act::Sweep { secret, labels };
            return Err(Need::Consent(Box::new(Proposal {
                changes: vec![Change { at: view.at.clone(), act: Act::SecretsManager(act) }],
                breaks: vec![
                    "The former value can be had back only until AWS removes its version.".to_owned(),
                ],
                ..Proposal::default()
            })));
        }
        Ok(Done { evidence: with::done(view, swept(view)), ..Done::default() })
    }

    fn undo(&self, _: &View<'_>, change: &Change, _: &[Made]) -> Result<Done, Need> {
        Ok(labels_stay_off(change))
    }
}

/// The labels of this run that are there. A plan takes for granted that the former version has its own.
fn ours(view: &View<'_>, secret: &crate::estate::Arn) -> Result<Vec<(StageLabel, VersionId)>, Need> {
    let [label, kept] = [view.run.label(), view.run.kept_label()];
    if view.planning {
        return Ok(vec![(StageLabel::new(kept), version(view, "former")?)]);
    }
    let mut found = Vec::new();
    for version in versions(view, secret)? {
        for stage in [&kept, &label] {
            if version.has_stage(stage) {
                found.push((StageLabel::new(stage.as_str()), version.id.clone()));
            }
        }
    }
    Ok(found)
}
