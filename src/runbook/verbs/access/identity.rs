//! `access.identity`: what the principal's own policies say, by IAM's simulator. It knows every condition only as far as it
//! is told the context, so that its yes is no proof.

use super::{ACTION, PRINCIPAL, REASON, RESOURCE, found, maybe, not_it, simulated, unknown};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Looks at the identity's policies.
pub struct Identity;

impl Verb for Identity {
    fn name(&self) -> &'static str {
        "access.identity"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Asks IAM's simulator what a principal's own policies say of an action on a resource: allowed, not allowed by any, or \
         denied explicitly."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[PRINCIPAL, ACTION, RESOURCE, REASON];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (action, resource) = (v.text(ACTION.name)?, v.text(RESOURCE.name)?);
        let who = v.text(PRINCIPAL.name)?.shown();
        let (what, on) = (action.shown(), resource.shown());
        let said = match simulated(v, action.wire(), resource)? {
            Ok(one) if one.allowed => not_it(format!(
                "the policies of {who} allow {what} on {on} (the simulator does not know every condition)"
            )),
            Ok(one) if one.explicit => found(
                format!("a policy of {who} denies {what} on {on} explicitly, and no other can allow it"),
                "find the Deny among its policies, its groups' and AWS's own quarantine; ask who wrote it and why first",
            ),
            // A boundary or the organization may be what stops it: the next steps tell.
            Ok(one) if one.boundary == Some(false) || one.organization == Some(false) => maybe(
                format!("{who} may not do {what}, by a boundary or by the organization"),
                "see the next steps",
            ),
            Ok(_) => found(
                format!("no policy of {who} allows {what} on {on}"),
                format!("allow {what} on {on} in a policy of {who}; of a secret, end the ARN with `-??????`"),
            ),
            Err(fault) => unknown(format!("what the policies of {who} say"), &fault),
        };
        Ok(Done { evidence: vec![said], ..Done::default() })
    }
}
