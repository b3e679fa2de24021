//! `access.resource`: what the resource's own policy says of the principal and the action: that of a secret, a queue or a
//! function. A key's is read with the key.

use super::policy::{Bears, bearing};
use super::target::{function, queue_of};
use super::{ACTION, PRINCIPAL, REASON, RESOURCE, arn, found, maybe, not_it, unknown};
use crate::estate::ask::lambda::GetPolicy;
use crate::estate::ask::secretsmanager::GetResourcePolicy;
use crate::estate::ask::sqs::GetQueueAttributes;
use crate::estate::{Arn, Fault, FaultKind, QueueFacts, Untrusted};
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
        "Reads the resource policy of a secret, a queue or a function and tells which statements bear on the principal and the \
         action; conditions are named, not decided. A key's own policy is read with the key."
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
        let policy = match policy(v, &resource)? {
            Policy::Read(policy) => policy,
            Policy::None => return done(vec![none(v, &resource)?]),
            Policy::Missing => return done(vec![not_it("what is not there has no policy")]),
            Policy::Unknown(fault) => return done(vec![unknown("its resource policy", &fault)]),
            Policy::Elsewhere(said) => return done(vec![said]),
        };
        let (who, what) = (arn(v, PRINCIPAL.name)?, v.text(ACTION.name)?);
        let Some(all) = bearing(policy.wire(), &who, what.wire()) else {
            return done(vec!["not known: its resource policy is no policy document".to_owned()]);
        };
        let denies: Vec<&Bears> = all.iter().filter(|b| !b.allows).collect();
        let mut evidence: Vec<String> = denies.iter().map(|deny| said(deny)).collect();
        let own = resource.account();
        if evidence.is_empty() && all.is_empty() && own.is_some_and(|own| who.account() != Some(own)) {
            evidence.push(found(
                format!("its resource policy says nothing of {}, which is of another account", who.shown()),
                "allow the action to that principal or its account in the resource policy",
            ));
        }
        if evidence.is_empty() {
            evidence.push(not_it(match all.is_empty() {
                true => "its resource policy says nothing of this principal and action",
                false => "its resource policy allows it",
            }));
        }
        done(evidence)
    }
}

/// What there is of a policy.
enum Policy {
    Read(Untrusted),
    None,
    Missing,
    Unknown(Fault),
    /// It is not read here: where it is.
    Elsewhere(String),
}

/// The resource's own policy.
fn policy(v: &View<'_>, resource: &Arn) -> Result<Policy, Need> {
    let answer = match resource.service() {
        Some("secretsmanager") => v.pages(GetResourcePolicy { secret: resource.clone() })?,
        Some("sqs") => match queue(v, resource)? {
            Ok(facts) => facts.map(|facts| facts.into_iter().map(|f| f.policy).collect()),
            Err(absent) => return Ok(absent),
        },
        Some("lambda") => {
            let (function, qualifier) = function(resource);
            v.pages(GetPolicy { function, qualifier })?
        }
        Some("kms") => {
            return Ok(Policy::Elsewhere(not_it("a key's own policy is looked at with the key, below")));
        }
        Some("sns") => {
            return Ok(Policy::Elsewhere(format!(
                "not known: the policy of a topic is not read here: `aws sns get-topic-attributes --topic-arn {} --query \
                 Attributes.Policy`",
                crate::runbook::shell::quote(resource.wire())
            )));
        }
        Some(_) | None => {
            return Ok(Policy::Elsewhere(format!(
                "not known: the policy of {} (those of secrets, queues, functions and keys are read here): look at it in its \
                 own service",
                resource.shown()
            )));
        }
    };
    Ok(match answer {
        Ok(pages) => pages.into_iter().flatten().next().map_or(Policy::None, Policy::Read),
        Err(fault) if fault.kind == FaultKind::NotFound => Policy::Missing,
        Err(fault) => Policy::Unknown(fault),
    })
}

/// The attributes of a queue, by its ARN; or that there is none of that name.
#[allow(clippy::type_complexity)] // it is taken apart at once
fn queue(v: &View<'_>, arn: &Arn) -> Result<Result<Result<Vec<QueueFacts>, Fault>, Policy>, Need> {
    Ok(match queue_of(v, arn)? {
        Ok(Some(queue)) => Ok(v.pages(GetQueueAttributes { queue })?),
        Ok(None) => Err(Policy::Missing),
        Err(fault) => Err(Policy::Unknown(fault)),
    })
}

/// Without a policy of its own, a resource is its account's: the identity's policies decide there, and nobody else comes in.
fn none(v: &View<'_>, resource: &Arn) -> Result<String, Need> {
    let who = arn(v, PRINCIPAL.name)?;
    let stranger = resource.account().filter(|a| !a.is_empty()).is_some_and(|own| who.account() != Some(own));
    Ok(if stranger {
        found(
            format!("it has no resource policy, and {} is of another account", who.shown()),
            "let that account in by a resource policy: its own policies alone are not enough",
        )
    } else {
        not_it(
            "it has no resource policy: within the account the identity's policies are enough, from another account \
             nothing would be",
        )
    })
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
