//! What a step's parameters are: plain look-ups among inputs and outputs.

use super::Run;
use crate::runbook::definition::{Argument, Step};
use crate::runbook::value::Value;
use std::collections::BTreeMap;

/// A parameter that cannot be resolved: the definition was checked, so the journal and the definition in it
/// disagree.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the parameter {param:?} of step {step:?} names the step {missing:?}, which is not there")]
pub struct Unresolved {
    /// The step.
    pub step: String,
    /// Its parameter.
    pub param: String,
    /// What it names.
    pub missing: String,
}

/// The parameters of a step, as far as there is something: what is optional and not there is absent.
/// `outputs` gives what a step gave, or `None` where there is no such step.
///
/// # Errors
/// A parameter names a step that is not there.
pub fn parameters<'a>(
    step: &Step,
    input: impl Fn(&str) -> Option<&'a Value>,
    outputs: impl Fn(&str) -> Option<&'a BTreeMap<String, Value>>,
) -> Result<BTreeMap<String, Value>, Unresolved> {
    let mut out = BTreeMap::new();
    for (param, argument) in &step.with {
        let value = match argument {
            Argument::Literal(value) => Some(value.clone()),
            Argument::Input(name) => input(name).cloned(),
            Argument::Output(from, output) => {
                let Some(gave) = outputs(from) else {
                    let (step, param) = (step.id.clone(), param.clone());
                    return Err(Unresolved { step, param, missing: from.clone() });
                };
                gave.get(output).cloned()
            }
        };
        if let Some(value) = value {
            out.insert(param.clone(), value);
        }
    }
    Ok(out)
}

impl Run {
    /// The parameters of a step of this run; see [`parameters`].
    ///
    /// # Errors
    /// A parameter names a step that is not there.
    pub fn with(&self, step: &Step) -> Result<BTreeMap<String, Value>, Unresolved> {
        parameters(step, |name| self.input(name), |id| self.step(id).map(|s| &s.outputs))
    }
}
