//! `environment.remove`: exactly the old key out of a function's list; every other entry stays byte for byte.

use super::publish::{old_ones, ship, still_holding};
use super::{ALIAS, ENVIRONMENT, FUNCTION, VARIABLE, after, edits, function, place, read, settled, template};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::edit::{Fingerprint, Shape};
use crate::estate::{Act, Change, FunctionConfig, Made, MaterialSource, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::list::{count, fingerprint, has, only_one, removing, unreadable};
use crate::runbook::verbs::key::{COMPROMISED, made, purpose, text};
use crate::runbook::view::{View, refusal};

/// Removes the old key from a variable.
pub struct Remove;

impl Verb for Remove {
    fn name(&self) -> &'static str {
        "environment.remove"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Removes exactly the old key from the list in a function's variable; publishes a version and moves an \
         alias, where one is named, and names the versions that keep the old key."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 8] = [
            FUNCTION,
            VARIABLE,
            ALIAS,
            COMPROMISED,
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the old key's fingerprint" },
            Param {
                name: "new_print",
                kind: ValueType::Text,
                optional: true,
                doc: "the new key's fingerprint: without it in the list, nothing is removed",
            },
            Param {
                name: "old_home",
                kind: ValueType::Home,
                optional: true,
                doc: "where the old key can be read back from, for undoing",
            },
            Param {
                name: "kept",
                kind: ValueType::Text,
                optional: true,
                doc: "a published version that holds old and new, for undoing",
            },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "version", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let slot = Slot::new(ENVIRONMENT);
        let function = function(v)?;
        let mut done = Done::default();
        match made(v, edits) {
            None if v.planning => {
                let config = settled(v, &function)?;
                return Err(proposal(v, slot, &config, None)?);
            }
            None => {
                let (config, shape) = read(v, &function, &slot)?;
                if has(&shape, &old(v)?) {
                    still_works(v, &shape)?;
                    return Err(proposal(v, slot, &config, Some(&shape))?);
                }
                let variable = v.text("variable")?.shown();
                done.evidence.push(format!("the old key is not in {variable} any more: nothing to remove"));
            }
            Some(edited) if !v.planning => {
                let config = after(v, &function, edited)?;
                done.evidence.push(gone(v, &config)?);
            }
            Some(_) => {}
        }
        let shipped = if made(v, edits).is_some() { ship(v, &slot)? } else { None };
        let version = shipped.as_ref().map(|(version, _)| version.clone());
        done.evidence.extend(shipped.into_iter().flat_map(|(_, said)| said));
        if !v.planning {
            done.evidence.extend(old_ones(v, &function, version.as_ref())?);
            if v.flag(COMPROMISED.name) {
                done.evidence.extend(still_holding(v, &function, version.as_ref())?);
            }
        }
        if let Some(version) = version {
            done.outputs.insert("version".into(), Value::Text(version.text().clone()));
        }
        Ok(done)
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        super::undo::undo(v, change, made)
    }
}

fn old(v: &View<'_>) -> Result<Fingerprint, Need> {
    let said = v.text("old")?;
    fingerprint(said).ok_or_else(|| Need::Refuse(format!("{} names no entry of a list", said.shown())))
}

/// Refuses to remove the old key where that would lock everybody out.
fn still_works(v: &View<'_>, shape: &Shape) -> Result<(), Need> {
    let variable = v.text("variable")?.shown();
    let new = text(v, "new_print").and_then(fingerprint);
    if new.as_ref().is_some_and(|new| !has(shape, new)) {
        return Err(Need::Refuse(format!(
            "the new key is no longer in {variable}: without the old one nobody would be let in; somebody \
             changed it, or a deployment put it back"
        )));
    }
    if count(shape) < 2 && v.flag(COMPROMISED.name) {
        return Err(Need::Refuse(only_one(&variable.to_string())));
    }
    if count(shape) < 2 {
        return Err(Need::Refuse(format!(
            "the old key is the only entry of {variable}: without it nobody would be let in"
        )));
    }
    Ok(())
}

fn proposal(v: &View<'_>, slot: Slot, config: &FunctionConfig, shape: Option<&Shape>) -> Result<Need, Need> {
    let (edit, back) = removing(v, &place(v)?, &old(v)?, shape);
    let act = LambdaAct::EditEnvironment {
        function: config.name.clone(),
        revision: config.revision.clone(),
        environment: slot,
        variables: vec![v.text("variable")?.clone()],
        edit,
        back: Some(back),
        purpose: purpose(v),
    };
    let mut breaks = vec![format!("who still uses the old key is refused by {}", config.name.shown())];
    breaks.extend(template(v, config)?);
    let mut leaves = vec!["every other entry stays byte for byte".to_owned()];
    leaves.extend(old_ones(v, &config.name, None)?);
    let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}

/// That the old key is really gone from $LATEST.
fn gone(v: &View<'_>, config: &FunctionConfig) -> Result<String, Need> {
    let slot = Slot::new("key.after");
    let source = MaterialSource::Environment { function: config.name.clone(), version: None };
    v.load(&source, &slot)?.map_err(refusal)?;
    let shape = v.shape(&slot, &place(v)?)?.map_err(|e| unreadable("the variable", &e))?;
    let variable = v.text("variable")?.shown();
    if has(&shape, &old(v)?) {
        return Err(Need::Refuse(format!(
            "the old key is in {variable} again: somebody else changed it since, or a deployment put it back"
        )));
    }
    Ok(format!("{variable} has {} entries, and the old key is not among them", count(&shape)))
}
