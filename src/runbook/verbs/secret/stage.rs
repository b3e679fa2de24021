//! `secret.stage`: writes a new version of a secret under the run's own label, which no consumer reads. It is the
//! durable home of a new value: from then on no crash can lose it.

use super::{arn, current, named, place, versions};
use crate::estate::change::secretsmanager;
use crate::estate::edit::{Edit, EditFault, EditOp};
use crate::estate::{
    Act, Change, Fingerprint, Made, MaterialSource, Place, Receipt, SecretVersion, Slot, StageLabel,
    Untrusted, VersionId,
};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::{ChangeMade, View, refusal, undo_by_inverse};
use crate::runbook::words::counted;

/// Stages a version.
pub struct Stage;

/// "The maximum secret value size is 65,536 bytes" ("AWS Secrets Manager quotas").
const LARGEST: usize = 65_536;

/// What a generated value is long where nothing else is said.
const LENGTH: i64 = 40;

impl Verb for Stage {
    fn name(&self) -> &'static str {
        "secret.stage"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Writes a version of a secret with one field (or the whole text) replaced, under the run's own label. Every \
         other byte stays as it is. The value is entered, or generated where no `value` is given."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::optional("expected", ValueType::Text, "the version that was looked at before"),
            with::optional("field", ValueType::Text, "a JSON pointer or the name of a top-level field"),
            with::optional("create", ValueType::Flag, "the field may be made if it is not there"),
            with::optional("value", ValueType::Secret, "the new value, entered; generated without it"),
            with::optional("length", ValueType::Number, "characters of a generated value, 20 to 128"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "version", kind: ValueType::Text },
            Output { name: "base", kind: ValueType::Text },
            Output { name: "home", kind: ValueType::Home },
        ]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let made = view.made(0, || propose(view))?;
        staged(view, made)
    }

    fn undo(&self, view: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        let label = view.run.label();
        if let (true, Some(version)) = (view.done.is_empty(), receipt(made)) {
            let versions = versions(view, &arn_of(change).ok_or_else(|| odd(change))?)?;
            let labelled = versions.iter().any(|v| v.id == version && v.has_stage(&label));
            // The promotion took it off; then nothing is left to undo, and AWS removes the version.
            if !labelled {
                let said = format!("version {} carries no label of this run", version.shown());
                return Ok(Done { evidence: vec![said], ..Done::default() });
            }
        }
        undo_by_inverse(view, change, made)
    }
}

/// The change: the value is read, edited in the port, and written under the label.
fn propose(view: &View<'_>) -> Result<Proposal, Need> {
    let secret = arn(view)?;
    let versions = versions(view, &secret)?;
    let current = current(&secret, &versions)?;
    let place = place(view.maybe_text("field"));
    let base = Slot::new("secret.base");
    let mut breaks = Vec::new();
    if !view.planning {
        let source = MaterialSource::Secret { secret: secret.clone(), version: current.id.clone() };
        view.load(&source, &base)?.map_err(refusal)?;
        let shape = view.shape(&base, &Place::Whole)?.map_err(|e| Need::Refuse(e.to_string()))?;
        if let (Place::Whole, Some(fields)) = (&place, &shape.fields) {
            breaks.push(format!(
                "The whole text is replaced, with all its {}; name a `field` to replace one.",
                counted(fields.len(), "field")
            ));
        }
    }
    let (value, print) = value(view)?;
    let edit = Edit {
        salt: view.salt.clone(),
        ops: vec![EditOp::Set { place, value, print, create: view.flag("create") }],
    };
    if !view.planning {
        let unfit = |e: EditFault| Need::Refuse(format!("nothing was written: {e}"));
        view.tried(&base, &edit, LARGEST)?.map_err(unfit)?;
    }
    let act = secretsmanager::Act::Stage {
        secret,
        expected: current.id.clone(),
        base,
        edit,
        label: StageLabel::new(view.run.label()),
    };
    Ok(Proposal {
        differs: moved(view, current),
        changes: vec![Change { at: view.at.clone(), act: Act::SecretsManager(act) }],
        breaks,
        leaves: vec!["Consumers go on reading the current version.".to_owned()],
    })
}

/// The slot with the new value, and its fingerprint if it is generated. Never of what a person typed.
fn value(view: &View<'_>) -> Result<(Slot, Option<Fingerprint>), Need> {
    if let Some(slot) = with::secret(view, "value") {
        if view.planning {
            return Ok((slot.clone(), None));
        }
        view.entered(slot.name(), slot)?;
        let shape = view.shape(slot, &Place::Whole)?.map_err(|e| Need::Refuse(e.to_string()))?;
        if shape.bytes > LARGEST {
            return Err(Need::Refuse(format!(
                "what was entered has {} bytes, and a secret holds at most {LARGEST}",
                shape.bytes
            )));
        }
        return Ok((slot.clone(), None));
    }
    let slot = Slot::new("secret.new");
    let length = with::number(view, "length").unwrap_or(LENGTH);
    let length = usize::try_from(length).ok().filter(|n| (20..=128).contains(n)).ok_or_else(|| {
        Need::Refuse(format!("a generated value has 20 to 128 characters, and {length} were asked for"))
    })?;
    let print = if view.planning { None } else { view.make(&slot, length)? };
    Ok((slot, print))
}

/// Somebody wrote between the look and now: their version is the one that is edited, and a person must know.
fn moved(view: &View<'_>, current: &SecretVersion) -> Option<String> {
    let looked_at = view.maybe_text("expected").filter(|id| *id != current.id.text())?;
    Some(format!(
        "version {} is current now and not {}, which was looked at before: somebody else wrote it. It is what \
         would be edited.",
        named(current),
        looked_at.shown()
    ))
}

fn staged(view: &View<'_>, made: &ChangeMade) -> Result<Done, Need> {
    let Act::SecretsManager(secretsmanager::Act::Stage { secret, expected, edit, .. }) = &made.change.act
    else {
        return Err(odd(&made.change));
    };
    let version = receipt(&made.made).ok_or_else(|| odd(&made.change))?;
    let place = edit.ops.iter().find_map(|op| match op {
        EditOp::Set { place, .. } => Some(place.clone()),
        EditOp::Insert { .. } | EditOp::InsertFirst { .. } | EditOp::Remove { .. } | EditOp::Unset { .. } => {
            None
        }
    });
    let source = MaterialSource::Secret { secret: secret.clone(), version: version.clone() };
    let home = Home { source, place: place.unwrap_or(Place::Whole), entry: None };
    let text = |id: &VersionId| Value::Text(Untrusted::clone(id.text()));
    let label = view.run.label();
    let said = format!("version {} made from {}, under the label {label}", version.shown(), expected.shown());
    Ok(Done {
        evidence: with::done(view, said),
        outputs: [
            ("version".to_owned(), text(&version)),
            ("base".to_owned(), text(expected)),
            ("home".to_owned(), Value::Home(home)),
        ]
        .into(),
    })
}

fn receipt(made: &[Made]) -> Option<VersionId> {
    made.iter().find_map(|m| match &m.receipt {
        Receipt::Version(id) => Some(id.clone()),
        Receipt::Done
        | Receipt::Revision(_)
        | Receipt::Published(_)
        | Receipt::ApiKey(_)
        | Receipt::AccessKey(_)
        | Receipt::Invoked { .. }
        | Receipt::Received { .. }
        | Receipt::Batch { .. }
        | Receipt::MoveTask(_) => None,
    })
}

fn arn_of(change: &Change) -> Option<crate::estate::Arn> {
    match &change.act {
        Act::SecretsManager(
            secretsmanager::Act::Stage { secret, .. }
            | secretsmanager::Act::Promote { secret, .. }
            | secretsmanager::Act::Sweep { secret, .. }
            | secretsmanager::Act::Tag { secret, .. },
        ) => Some(secret.clone()),
        Act::Lambda(_)
        | Act::ApiGateway(_)
        | Act::Iam(_)
        | Act::Sqs(_)
        | Act::Rds(_)
        | Act::Ec2(_)
        | Act::Messages(_) => None,
    }
}

/// A record that another version wrote, or a journal that was tampered with.
fn odd(change: &Change) -> Need {
    Need::Refuse(format!("the journal tells of a change that this step does not make: {}", change.sentence()))
}
