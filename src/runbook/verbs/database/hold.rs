//! `environment.hold`: a new password into a variable of its own beside the one that is read, under the run's name: nobody
//! reads it there, and no crash can lose it.

use super::slot;
use crate::estate::change::Purpose;
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::change::rds::PASSWORD_LENGTH;
use crate::estate::edit::{Edit, EditOp, Place};
use crate::estate::{Act, Change, FunctionConfig, Made, MaterialSource, MaterialVersion, Slot, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::environment::{
    ENVIRONMENT_LIMIT, FUNCTION, VARIABLE, after, edits, function, has_variable, settled, template,
};
use crate::runbook::verbs::key::{again, made};
use crate::runbook::verbs::with;
use crate::runbook::view::{View, refusal};

/// Holds a new password.
pub struct Hold;

/// The slot of the environment that is edited.
const ENVIRONMENT: &str = "database.environment";

/// The variable that holds a new value until it takes its place: `DB_PASSWORD_bartizan_7f3a0b1c`.
pub(super) fn variable(v: &View<'_>, of: &Untrusted) -> String {
    format!("{}_bartizan_{}", of.wire(), v.run)
}

/// Its place in the environment.
pub(super) fn held_place(v: &View<'_>) -> Result<Place, Need> {
    let name = variable(v, v.text(VARIABLE.name)?);
    Ok(Place::Field(format!("/{}", name.replace('~', "~0").replace('/', "~1")).into()))
}

/// The environment of `$LATEST` in the slot, under the revision that is known.
pub(super) fn loaded(v: &View<'_>, config: &FunctionConfig) -> Result<Slot, Need> {
    let slot = Slot::new(ENVIRONMENT);
    let source = MaterialSource::Environment { function: config.name.clone(), version: None };
    let version = v.load(&source, &slot)?.map_err(refusal)?;
    if version != MaterialVersion::Function(config.revision.clone()) {
        return Err(again(2, format!("{} was changed while it was read", config.name.shown())));
    }
    Ok(slot)
}

impl Verb for Hold {
    fn name(&self) -> &'static str {
        "environment.hold"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Makes a new password and writes it into a variable of its own beside the one that the function reads, under the \
         run's name. An undo takes that variable away."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 2] = [FUNCTION, VARIABLE];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "home", kind: ValueType::Home }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let function = function(v)?;
        let Some(edited) = made(v, edits) else {
            let config = settled(v, &function)?;
            has_variable(v, &config)?;
            return Err(proposal(v, &config)?);
        };
        let held = variable(v, v.text(VARIABLE.name)?);
        if !v.planning {
            let config = after(v, &function, edited)?;
            if !config.variables.iter().any(|n| n.wire() == held) {
                return Err(Need::Refuse(format!(
                    "{} is not among the variables of {} any more: somebody changed them since",
                    Untrusted::from(held).shown(),
                    function.shown()
                )));
            }
        }
        let source = MaterialSource::Environment { function, version: None };
        let home = Home { source, place: held_place(v)?, entry: None };
        let said = format!("the new password is in {}, which nothing reads", Untrusted::from(held).shown());
        Ok(Done { evidence: with::done(v, said), outputs: [("home".to_owned(), Value::Home(home))].into() })
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        if v.done.is_empty() {
            let function = function(v)?;
            let held = variable(v, v.text(VARIABLE.name)?);
            // It was put in its place, and is gone from here.
            if !settled(v, &function)?.variables.iter().any(|n| n.wire() == held) {
                let said = format!("{} is not there any more", Untrusted::from(held).shown());
                return Ok(Done { evidence: vec![said], ..Done::default() });
            }
        }
        crate::runbook::verbs::environment::undo_edit(v, change, made)
    }
}

fn proposal(v: &View<'_>, config: &FunctionConfig) -> Result<Need, Need> {
    let (environment, print) = if v.planning {
        (Slot::new(ENVIRONMENT), None)
    } else {
        (loaded(v, config)?, v.make(&slot(), PASSWORD_LENGTH)?)
    };
    let place = held_place(v)?;
    let set = EditOp::Set { place: place.clone(), value: slot(), print, create: true };
    let edit = |ops| Edit { salt: v.salt.clone(), ops };
    let edit_of = edit(vec![set]);
    if !v.planning {
        let unfit = |e: crate::estate::EditFault| Need::Refuse(format!("nothing was written: {e}"));
        // JSON around it takes a little more than Lambda counts, so that this is the safe side.
        v.tried(&environment, &edit_of, ENVIRONMENT_LIMIT + 1_024)?.map_err(unfit)?;
    }
    let act = LambdaAct::EditEnvironment {
        function: config.name.clone(),
        revision: config.revision.clone(),
        environment,
        variables: vec![variable(v, v.text(VARIABLE.name)?).into()],
        edit: edit_of,
        back: Some(edit(vec![EditOp::Unset { place }])),
        purpose: Purpose::Routine,
    };
    let mut breaks = vec!["an update of the variables starts the function's environments anew".to_owned()];
    breaks.extend(template(v, config)?);
    let leaves =
        vec![format!("{} stays as it is: the old password works on", v.text(VARIABLE.name)?.shown())];
    let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}
