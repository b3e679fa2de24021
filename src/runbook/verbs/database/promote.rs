//! `database.promote`: the staged version of the application's secret becomes current, as `secret.promote` does it; but
//! there is no way back, for the database takes the new password only.

use crate::estate::{Change, Made};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::secret::promote::Promote as OfSecret;
use crate::runbook::view::View;

/// Hands the new password over.
pub struct Promote;

impl Verb for Promote {
    fn name(&self) -> &'static str {
        "database.promote"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Makes the version of a secret current that holds a database's new password, by compare-and-swap. An undo leaves it \
         so: the database takes the new password only."
    }

    fn takes(&self) -> &'static [Param] {
        OfSecret.takes()
    }

    fn gives(&self) -> &'static [Output] {
        OfSecret.gives()
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        OfSecret.next(v)
    }

    fn undo(&self, _: &View<'_>, _: &Change, _: &[Made]) -> Result<Done, Need> {
        Ok(stays())
    }
}

/// What an undo says of what the application was given.
pub(super) fn stays() -> Done {
    let said = "the application keeps the new password: the database takes no other".to_owned();
    Done { evidence: vec![said], ..Done::default() }
}
