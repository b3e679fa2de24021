//! `environment.swap`: the new password takes the place of the old one in the variable that the function reads, and its
//! staging variable goes, in one update; live for the callers of an alias.

use super::hold::{held_place, loaded, variable};
use super::promote::stays;
use super::{HELD, new_home, slot};
use crate::estate::change::Purpose;
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::edit::{Edit, EditOp};
use crate::estate::{Act, Change, FunctionConfig, Made, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::environment::publish::{old_ones, ship};
use crate::runbook::verbs::environment::{
    ALIAS, FUNCTION, VARIABLE, after, edits, function, has_variable, place, settled, template,
};
use crate::runbook::verbs::key::{fetch, made, print};
use crate::runbook::view::View;

/// Swaps it in.
pub struct Swap;

impl Verb for Swap {
    fn name(&self) -> &'static str {
        "environment.swap"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Puts a password that `environment.hold` staged into the variable that the function reads and takes the staging \
         variable away, in one update; publishes a version and moves an alias, where one is named. Cannot be undone."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 4] = [FUNCTION, VARIABLE, ALIAS, HELD];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let function = function(v)?;
        let name = v.text(VARIABLE.name)?;
        let held = variable(v, name);
        let mut done = Done { outputs: [("at".to_owned(), Value::Time(v.now))].into(), ..Done::default() };
        match made(v, edits) {
            None => {
                let config = settled(v, &function)?;
                has_variable(v, &config)?;
                return Err(proposal(v, &config)?);
            }
            Some(edited) if !v.planning => {
                let config = after(v, &function, edited)?;
                if config.variables.iter().any(|n| n.wire() == held) {
                    return Err(Need::Refuse(format!(
                        "the staging variable is in {} again: a deployment put it back; look which password {} has \
                         before you go on",
                        function.shown(),
                        name.shown()
                    )));
                }
                done.evidence.push(format!(
                    "{} of {} holds the new password",
                    name.shown(),
                    function.shown()
                ));
            }
            Some(_) => {}
        }
        let shipped = ship(v, &Slot::new("database.environment"))?;
        let version = shipped.as_ref().map(|(version, _)| version.clone());
        done.evidence.extend(shipped.into_iter().flat_map(|(_, said)| said));
        if !v.planning {
            done.evidence.extend(old_ones(v, &function, version.as_ref())?);
        }
        Ok(done)
    }

    fn undo(&self, _: &View<'_>, _: &Change, _: &[Made]) -> Result<Done, Need> {
        Ok(stays())
    }
}

fn proposal(v: &View<'_>, config: &FunctionConfig) -> Result<Need, Need> {
    let (environment, print) = if v.planning {
        (Slot::new("database.environment"), None)
    } else {
        fetch(v, new_home(v)?, &slot())?;
        (loaded(v, config)?, print(v, &slot())?)
    };
    let ops = vec![
        EditOp::Set { place: place(v)?, value: slot(), print, create: false },
        EditOp::Unset { place: held_place(v)? },
    ];
    let name = v.text(VARIABLE.name)?;
    let act = LambdaAct::EditEnvironment {
        function: config.name.clone(),
        revision: config.revision.clone(),
        environment,
        variables: vec![name.clone(), variable(v, name).into()],
        edit: Edit { salt: v.salt.clone(), ops },
        back: None,
        purpose: Purpose::Routine,
    };
    let mut breaks = vec!["the function's environments start anew, with the new password".to_owned()];
    breaks.extend(template(v, config)?);
    let leaves =
        vec!["published versions keep the variables of then: the database refuses their password".to_owned()];
    let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}
