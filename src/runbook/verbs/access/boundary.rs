//! `access.boundary`: whether a permissions boundary or a policy of the organization stops it.

use super::{ACTION, PRINCIPAL, REASON, RESOURCE, found, not_it, simulated, unknown};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Looks at what bounds it.
pub struct Boundary;

impl Verb for Boundary {
    fn name(&self) -> &'static str {
        "access.boundary"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells whether a permissions boundary or a policy of the organization stops an action, by IAM's simulator and by what \
         the message says."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[PRINCIPAL, ACTION, RESOURCE, REASON];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let action = v.text(ACTION.name)?;
        let (who, what) = (v.text(PRINCIPAL.name)?.shown(), action.shown());
        let blamed = v.maybe_text(REASON.name).map(|r| r.wire().to_owned()).unwrap_or_default();
        let widen =
            format!("allow {what} in the boundary too, if it may: a boundary allows nothing by itself");
        let ask =
            "whoever keeps the organization's policies (SCP, RCP) must allow it: nothing in this account can";
        let evidence = match simulated(v, action.wire(), v.text(RESOURCE.name)?)? {
            Ok(one) => vec![
                match one.boundary {
                    Some(false) => {
                        found(format!("the permissions boundary of {who} does not allow {what}"), &widen)
                    }
                    Some(true) => not_it("the permissions boundary allows it"),
                    None if blamed == "boundary" => found(
                        format!("the message says that the boundary of {who} does not allow {what}"),
                        &widen,
                    ),
                    None => not_it(format!("{who} has no permissions boundary that the simulator tells of")),
                },
                match one.organization {
                    Some(false) => found("a policy of the organization does not allow it", ask),
                    Some(true) => not_it("the policies of the organization allow it"),
                    None if blamed == "organization" => {
                        found("the message says that a policy of the organization denies it", ask)
                    }
                    None => {
                        "not known: policies of the organization, of which the simulator says nothing here"
                            .to_owned()
                    }
                },
            ],
            Err(fault) => match blamed.as_str() {
                "boundary" => vec![found(format!("the message blames the boundary of {who}"), &widen)],
                "organization" => vec![found("the message blames a policy of the organization", ask)],
                _ => vec![unknown("boundary and organization", &fault)],
            },
        };
        Ok(Done { evidence, ..Done::default() })
    }
}
