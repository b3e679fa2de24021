//! `access.resource`: what the resource's own policy says of the principal and the action. Read of secrets only.

use super::policy::{Bears, bearing};
use super::{ACTION, PRINCIPAL, REASON, RESOURCE, arn, found, maybe, not_it, unknown};
use crate::estate::FaultKind;
use crate::estate::ask::secretsmanager::GetResourcePolicy;
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Looks at the resource's policy.
pub struct Resource;

impl Verb for Resource {
    fn name(&self) -> &'static str {
        "access.resource"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Reads the resource policy of a secret and tells which statements bear on the principal and the action; conditions are \
         named, not decided."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[PRINCIPAL, ACTION, RESOURCE, REASON];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let resource = arn(v, RESOURCE.name)?;
        let done = |evidence| Ok(Done { evidence, ..Done::default() });
        if resource.service() != Some("secretsmanager") {
            let what = format!("the policy of {} (only secrets are read here)", resource.shown());
            return done(vec![format!("not known: {what}: look at it in its own service")]);
        }
        let policy = match v.pages(GetResourcePolicy { secret: resource })? {
            Ok(pages) => pages.into_iter().flatten().next(),
            Err(fault) if fault.kind == FaultKind::NotFound => {
                return done(vec![not_it("what is not there has no policy")]);
            }
            Err(fault) => return done(vec![unknown("its resource policy", &fault)]),
        };
        let Some(policy) = policy else {
            return done(vec![not_it(
                "it has no resource policy: within the account the identity's policies are enough, from another account \
                 nothing would be",
            )]);
        };
        let (who, what) = (arn(v, PRINCIPAL.name)?, v.text(ACTION.name)?);
        let Some(all) = bearing(policy.wire(), &who, what.wire()) else {
            return done(vec!["not known: its resource policy is no policy document".to_owned()]);
        };
        let denies: Vec<&Bears> = all.iter().filter(|b| !b.allows).collect();
        let mut evidence: Vec<String> = denies.iter().map(|deny| said(deny)).collect();
        if evidence.is_empty() {
            evidence.push(not_it(match all.is_empty() {
                true => "its resource policy says nothing of this principal and action",
                false => "its resource policy allows it",
            }));
        }
        done(evidence)
    }
}

fn said(deny: &Bears) -> String {
    let name = format!("statement {} of the resource policy denies it", deny.name);
    if deny.conditions.is_empty() {
        return found(name, "ask who wrote it and why; only another resource policy takes it back");
    }
    let conditions = deny.conditions.join("; ");
    let todo = if conditions.contains("Vpce") || conditions.contains("SourceVpc") {
        "call through that VPC endpoint, or have it named in the condition"
    } else {
        "see whether the call meets the condition"
    };
    maybe(format!("{name} where {conditions}"), todo)
}
