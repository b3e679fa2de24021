//! `secret.promote`: makes a staged version current by compare-and-swap, if nobody wrote in between.

use super::sweep::labels_stay_off;
use super::{PENDING, arn, current, named, version, versions};
use crate::estate::change::Purpose;
use crate::estate::change::secretsmanager;
use crate::estate::change::secretsmanager::CURRENT;
use crate::estate::{Act, Arn, Call, Change, Made, SecretVersion, StageLabel, VersionId};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::{View, undo_by_inverse};

/// Makes a version current.
pub struct Promote;

impl Verb for Promote {
    fn name(&self) -> &'static str {
        "secret.promote"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Makes a staged version current in place of the one it was made from, and keeps a label on that one. Refused \
         if anybody else wrote in between; the swap itself fails at AWS if somebody is faster still."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::needed("from", ValueType::Text, "the version that must be current"),
            with::needed("to", ValueType::Text, "the staged version"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let (from, to) = (version(view, "from")?, version(view, "to")?);
        let mut said = vec![format!("version {} is current", to.shown())];
        match view.done.first().map(|made| &made.change.act) {
            None => {
                let secret = arn(view)?;
                let versions = versions(view, &secret)?;
                if current(&secret, &versions)?.id != to {
                    return Err(Need::Consent(Box::new(propose(view, &versions, &from, &to)?)));
                }
                if let Some(left) = own_label(view, &secret, &versions, &to) {
                    return Err(left);
                }
            }
            Some(Act::SecretsManager(secretsmanager::Act::Promote { .. })) => {
                said.push(format!("{} keeps the label {}", from.shown(), view.run.kept_label()));
            }
            Some(_) => said.push(format!("the label {} is off it", view.run.label())),
        }
        Ok(Done {
            evidence: with::done(view, said.join("; ")),
            outputs: [("at".to_owned(), Value::Time(view.now))].into(),
        })
    }

    fn undo(&self, view: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        let (secret, from, to, keep) = match &change.act {
            Act::SecretsManager(secretsmanager::Act::Promote { secret, from, to, keep, .. }) => {
                (secret, from, to, keep)
            }
            Act::SecretsManager(secretsmanager::Act::Sweep { .. }) => return Ok(labels_stay_off(change)),
            Act::SecretsManager(secretsmanager::Act::Stage { .. } | secretsmanager::Act::Tag { .. })
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Iam(_)
            | Act::Sqs(_)
            | Act::Rds(_)
            | Act::Ec2(_)
            | Act::Messages(_) => return undo_by_inverse(view, change, made),
        };
        let versions = versions(view, secret)?;
        if !swapped(made) {
            return only_label(view, &versions, secret, from, keep.as_ref());
        }
        if view.done.is_empty() {
            return Err(Need::Consent(Box::new(back(view, &versions, secret, (from, to), keep.as_ref())?)));
        }
        if current(secret, &versions)?.id == *from {
            return Ok(Done {
                evidence: vec![format!("version {} is current again", from.shown())],
                ..Done::default()
            });
        }
        let lost = format!("version {} does not show as current", from.shown());
        Err(with::again(view, "the swap back to show", lost))
    }
}

/// The need to take the run's own label off the version that it made current, if that is all that is left of a
/// promotion: its last call was refused, or somebody promoted by hand what this run had staged.
pub(in crate::runbook::verbs) fn own_label(
    view: &View<'_>,
    secret: &Arn,
    versions: &[SecretVersion],
    to: &VersionId,
) -> Option<Need> {
    let label = view.run.label();
    if !versions.iter().any(|v| v.id == *to && v.has_stage(&label)) {
        return None;
    }
    let labels = vec![(StageLabel::new(label), to.clone())];
    let act = secretsmanager::Act::Sweep { secret: secret.clone(), labels };
    Some(Need::Consent(Box::new(Proposal {
        changes: vec![Change { at: view.at.clone(), act: Act::SecretsManager(act) }],
        leaves: vec![format!("Version {} is current already, and stays so.", to.shown())],
        ..Proposal::default()
    })))
}

fn propose(
    view: &View<'_>,
    versions: &[SecretVersion],
    from: &VersionId,
    to: &VersionId,
) -> Result<Proposal, Need> {
    let secret = arn(view)?;
    let current = current(&secret, versions)?;
    if current.id != *from {
        return Err(overtaken(view, current, from));
    }
    if let Some(pending) = versions.iter().find(|v| v.has_stage(PENDING) && !v.has_stage(CURRENT)) {
        return Err(Need::Refuse(format!(
            "a rotation has begun since this run looked: version {} carries {PENDING}; nothing was overwritten. \
             Let it end, then start again",
            named(pending)
        )));
    }
    let act = secretsmanager::Act::Promote {
        secret,
        from: from.clone(),
        to: to.clone(),
        strip: Some(StageLabel::new(view.run.label())),
        keep: to_keep(view, current),
        purpose: Purpose::Routine,
    };
    Ok(Proposal {
        changes: vec![Change { at: view.at.clone(), act: Act::SecretsManager(act) }],
        breaks: vec!["Consumers read the new value from then on.".to_owned()],
        leaves: vec![
            "Code that keeps the value in memory goes on with the old one until it reads again.".to_owned(),
        ],
        ..Proposal::default()
    })
}

/// The label that the version which is replaced gets; `None` if a former try has put it there.
pub(in crate::runbook::verbs) fn to_keep(view: &View<'_>, replaced: &SecretVersion) -> Option<StageLabel> {
    let kept = view.run.kept_label();
    (!replaced.has_stage(&kept)).then(|| StageLabel::new(kept))
}

fn overtaken(view: &View<'_>, current: &SecretVersion, from: &VersionId) -> Need {
    let run = current.stages.iter().find(|s| super::is_of_a_run(s.wire()));
    let whose = match run {
        Some(label) => format!(", the work of the run that left the label {}", label.shown()),
        None => "; CloudTrail tells who (PutSecretValue or UpdateSecretVersionStage)".to_owned(),
    };
    Need::Refuse(format!(
        "somebody else was faster: version {} is current, and {} was when this run made its own{whose}. Nothing was \
         overwritten. Abort this run and start again on top of theirs; the staged version stays under {}",
        named(current),
        from.shown(),
        view.run.label()
    ))
}

/// Whether the swap itself was made: where it was refused, the label before it was.
pub(in crate::runbook::verbs) fn swapped(made: &[Made]) -> bool {
    made.iter().any(|m| match &m.call {
        Call::SecretsManager(secretsmanager::Call::UpdateSecretVersionStage { stage, .. }) => {
            stage.wire() == CURRENT
        }
        Call::SecretsManager(
            secretsmanager::Call::PutSecretValue { .. }
            | secretsmanager::Call::TagResource { .. }
            | secretsmanager::Call::UntagResource { .. },
        )
        | Call::Lambda(_)
        | Call::ApiGateway(_)
        | Call::Iam(_)
        | Call::Rds(_)
        | Call::Ec2(_)
        | Call::Sqs(_) => false,
    })
}

/// Undoes a promotion of which only the label for the former version was made.
pub(in crate::runbook::verbs) fn only_label(
    view: &View<'_>,
    versions: &[SecretVersion],
    secret: &Arn,
    from: &VersionId,
    keep: Option<&StageLabel>,
) -> Result<Done, Need> {
    let on_it = |label: &&StageLabel| versions.iter().any(|v| v.id == *from && v.has_stage(label.wire()));
    if let (true, Some(label)) = (view.done.is_empty(), keep.filter(on_it)) {
        let labels = vec![(label.clone(), from.clone())];
        let act = secretsmanager::Act::Sweep { secret: secret.clone(), labels };
        return Err(Need::Consent(Box::new(Proposal {
            changes: vec![Change { at: view.at.clone(), act: Act::SecretsManager(act) }],
            ..Proposal::default()
        })));
    }
    let said = "the version was never made current by this run, and its label is off".to_owned();
    Ok(Done { evidence: vec![said], ..Done::default() })
}

/// The same swap reversed, if nobody wrote since.
fn back(
    view: &View<'_>,
    versions: &[SecretVersion],
    secret: &Arn,
    (from, to): (&VersionId, &VersionId),
    keep: Option<&StageLabel>,
) -> Result<Proposal, Need> {
    let now = current(secret, versions)?;
    if now.id != *to {
        return Err(Need::Refuse(format!(
            "version {} is current, and this run made {} current: somebody wrote since. Going back to {} would \
             undo their work too; nothing was changed",
            named(now),
            to.shown(),
            from.shown()
        )));
    }
    let Some(former) = versions.iter().find(|v| v.id == *from) else {
        return Err(Need::Refuse(format!("version {} is gone: AWS has removed it", from.shown())));
    };
    // The label may have been swept when the run was closed.
    let strip = keep.filter(|label| former.has_stage(label.wire())).cloned();
    let act = secretsmanager::Act::Promote {
        secret: secret.clone(),
        from: to.clone(),
        to: from.clone(),
        strip,
        keep: None,
        purpose: Purpose::Routine,
    };
    Ok(Proposal {
        changes: vec![Change { at: view.at.clone(), act: Act::SecretsManager(act) }],
        breaks: vec!["Consumers read the former value again from then on.".to_owned()],
        ..Proposal::default()
    })
}
