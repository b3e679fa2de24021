//! Undoing changes to a function: an edit is made back under the revision of now, for that of then has changed
//! by itself; what only a person or another store still knows is fetched or asked for first.

use super::{ENVIRONMENT, after, edits, settled};
use crate::estate::change::Purpose;
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::edit::Edit;
use crate::estate::{
    Act, Change, FunctionName, FunctionVersion, Made, MaterialSource, MaterialVersion, Slot, Untrusted,
};
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::Home;
use crate::runbook::verbs::key::list::{Format, adding, fingerprint, new_slot, old_slot};
use crate::runbook::verbs::key::{again, home, made as made_here, released, text};
use crate::runbook::view::{View, refusal, undo_by_inverse};

/// Undoes a change of one of the verbs of this folder.
///
/// # Errors
/// What it needs first.
pub fn undo(v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
    let reason = released(v, change)?;
    let mut done = undone(v, change, made)?;
    done.evidence.extend(reason);
    Ok(done)
}

fn undone(v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
    match &change.act {
        Act::Lambda(LambdaAct::EditEnvironment { function, variables, edit, back, purpose, .. }) => {
            edit_back(v, function, variables, (edit, back.as_ref()), purpose.back())
        }
        Act::Lambda(LambdaAct::Publish { function, .. }) => Ok(Done {
            evidence: vec![format!(
                "the version of {} that was published stays; no alias of this run points at it any more",
                function.shown()
            )],
            ..Done::default()
        }),
        Act::Lambda(LambdaAct::MoveAlias { .. } | LambdaAct::Invoke { .. } | LambdaAct::Contain(_))
        | Act::SecretsManager(_)
        | Act::ApiGateway(_)
        | Act::Iam(_)
        | Act::Sqs(_)
        | Act::Rds(_)
        | Act::Ec2(_)
        | Act::Messages(_) => undo_by_inverse(v, change, made),
    }
}

fn edit_back(
    v: &View<'_>,
    function: &FunctionName,
    variables: &[Untrusted],
    (edit, back): (&Edit, Option<&Edit>),
    purpose: Purpose,
) -> Result<Done, Need> {
    if let Some(edited) = made_here(v, edits) {
        after(v, function, edited)?;
        let names: Vec<String> = variables.iter().map(|n| n.shown().to_string()).collect();
        return Ok(Done {
            evidence: vec![format!("{} of {} is as it was", names.join(", "), function.shown())],
            ..Done::default()
        });
    }
    let back = match back {
        Some(back) => back.clone(),
        None => set_back(v)?,
    };
    let config = settled(v, function)?;
    let slot = Slot::new(ENVIRONMENT);
    for needed in back.needs() {
        if needed == old_slot() {
            old_again(v, function)?;
        } else if needed == new_slot(v) {
            match home(v, "from") {
                Some(home) => v.fetch(home, &needed)?,
                None => v.entered(needed.name(), &needed)?,
            }
        }
    }
    let source = MaterialSource::Environment { function: function.clone(), version: None };
    let version = v.load(&source, &slot)?.map_err(refusal)?;
    if version != MaterialVersion::Function(config.revision.clone()) {
        return Err(again(2, format!("{} was changed while it was read", function.shown())));
    }
    let act = LambdaAct::EditEnvironment {
        function: function.clone(),
        revision: config.revision,
        environment: slot,
        variables: variables.to_vec(),
        edit: back,
        back: Some(edit.clone()),
        purpose,
    };
    let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
    Err(Need::Consent(Box::new(Proposal { changes, ..Proposal::default() })))
}

/// The edit that puts the old text back, where nothing could be said of it when it was replaced.
fn set_back(v: &View<'_>) -> Result<Edit, Need> {
    let old = text(v, "old").and_then(fingerprint).map(crate::estate::Entry::Printed);
    match (Format::of(v), adding(v, &super::place(v)?, None, old).1) {
        (Format::Single, Some(back)) => Ok(back),
        (Format::Single, None) | (Format::List, _) => {
            Err(Need::Refuse("how the variable was before is not known".into()))
        }
    }
}

/// The old key in its slot: from where it is at home, from a published version that has it, or entered again.
fn old_again(v: &View<'_>, function: &FunctionName) -> Result<(), Need> {
    let slot = old_slot();
    if v.held.contains(&slot) {
        return Ok(());
    }
    let kept = text(v, "kept").map(|version| MaterialSource::Environment {
        function: function.clone(),
        version: Some(FunctionVersion::new(version.wire())),
    });
    let entry = text(v, "old").and_then(fingerprint).map(crate::estate::Entry::Printed);
    let kept = match kept {
        Some(source) => Some(Home { source, place: super::place(v)?, entry }),
        None => None,
    };
    for home in home(v, "old_home").into_iter().chain(kept.as_ref()) {
        match v.fetch(home, &slot) {
            Ok(()) => return Ok(()),
            // It is not there any more: the next place, and a person in the end.
            Err(Need::Refuse(_) | Need::Lacks { .. }) => {}
            Err(
                other @ (Need::Know(_)
                | Need::Consent(_)
                | Need::Again { .. }
                | Need::Time { .. }
                | Need::Person(_)
                | Need::Enter { .. }),
            ) => return Err(other),
        }
    }
    v.entered(slot.name(), &slot)
}
