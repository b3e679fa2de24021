//! `database.applied`: waits until RDS has applied the new password: nothing of it pending, and the instance available.

use super::{INSTANCE, available, later, patient};
use crate::estate::time::seconds_between;
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::instant;
use crate::runbook::verbs::with::needed;
use crate::runbook::view::View;

/// Waits for it.
pub struct Applied;

/// What was just asked for may not show at once.
const SHOWS: i64 = 15;

impl Verb for Applied {
    fn name(&self) -> &'static str {
        "database.applied"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Waits until RDS has applied a new password: `PendingModifiedValues` has none, and the instance is available."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] =
            &[INSTANCE, needed("since", ValueType::Time, "when RDS took the new password")];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let outputs = [("at".to_owned(), Value::Time(v.now))].into();
        if v.planning {
            return Ok(Done { evidence: later("whether the password is applied"), outputs });
        }
        if instant(v, "since").is_some_and(|since| seconds_between(since, v.now) < SHOWS) {
            return Err(patient(v, "the new password to show as pending"));
        }
        let found = available(v)?;
        let said = format!("{} is available, and nothing of its password is pending", found.name.shown());
        Ok(Done { evidence: vec![said], outputs })
    }
}
