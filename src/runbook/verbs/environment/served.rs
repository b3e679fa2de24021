//! `environment.served`: which alias callers use, so that what is edited in $LATEST reaches them too. Looks only.

use super::publish::{NO_ALIAS, choose};
use super::{ALIAS, FUNCTION, function};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Finds the alias.
pub struct Served;

impl Verb for Served {
    fn name(&self) -> &'static str {
        "environment.served"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells which alias of a function its callers use: as said, else the only one that points at a published version; asks \
         where there are several."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[FUNCTION, ALIAS];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "alias", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let name = function(v)?;
        let (said, alias) = match choose(v, &name)? {
            Some(alias) => (
                format!("callers use the alias {} of {}", alias.shown(), name.shown()),
                Value::Text(alias.text().clone()),
            ),
            None => (format!("callers use $LATEST of {}", name.shown()), Value::Text(NO_ALIAS.into())),
        };
        Ok(Done { evidence: vec![said], outputs: [("alias".to_owned(), alias)].into() })
    }
}
