//! `credential.guard`: nobody deactivates the key in their own hands, or denies everything to themselves.

use super::{ALL, ONE, USER, caller, meant, user, user_of};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Refuses to contain whoever contains.
pub struct Guard;

impl Verb for Guard {
    fn name(&self) -> &'static str {
        "credential.guard"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Stops if the key or the user is the one that this program works with: what it would deny is what it needs to go on."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[ONE, ALL, USER];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (keys, user, me) = (meant(v), user(v)?, caller(v)?);
        if let Some(key) = me.key.as_ref().filter(|mine| keys.contains(mine)) {
            return Err(Need::Refuse(format!(
                "{} is the very key that this program signs with: once it is inactive, nothing here works, the undo neither. \
                 Take other credentials (the break-glass role) and start again",
                key.shown()
            )));
        }
        if user_of(&me.arn) == Some(user.wire()) {
            return Err(Need::Refuse(format!(
                "you are {} yourself: the deny would reach you before this is over. Take other credentials (the \
                 break-glass role) and start again",
                user.shown()
            )));
        }
        let said = format!("you are {}, not {}", me.principal().shown(), user.shown());
        Ok(Done { evidence: vec![said], ..Done::default() })
    }
}
