//! What a run holds while it lasts: the resources it changes, so that no second run changes them too. They are
//! taken from the plan at the start, from each proposal when it is agreed to, kept through waits of days, and
//! released when the run is over.

use super::fault::RunsFault;
use crate::estate::change::sqs::Act as SqsAct;
use crate::estate::change::{Act, Risk};
use crate::estate::{AccountId, Change, RunId};
use crate::journal::{Claim, Store, Writer};
use crate::runbook::Plan;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The name under which a change's resource is held: the same for every run that changes it. Names alone are
/// not enough, for two accounts have functions of one name.
pub(super) fn resource(change: &Change) -> String {
    let service = match &change.act {
        Act::SecretsManager(_) => "secretsmanager",
        Act::Lambda(_) => "lambda",
        Act::ApiGateway(_) => "apigateway",
        Act::Iam(_) => "iam",
        Act::Sqs(_) | Act::Messages(_) => "sqs",
        Act::Rds(_) => "rds",
        Act::Ec2(_) => "ec2",
    };
    let account = change.at.account.as_ref().map(AccountId::to_string).unwrap_or_default();
    let region = match &change.act {
        Act::SecretsManager(_)
        | Act::Lambda(_)
        | Act::ApiGateway(_)
        | Act::Sqs(_)
        | Act::Rds(_)
        | Act::Ec2(_)
        | Act::Messages(_) => change.at.region.as_str(),
        // One user, whichever Region the context is in.
        Act::Iam(_) => "",
    };
    format!("{service}:{account}:{region}:{}{}", change.resource().wire(), emergency(change))
}

/// What ends something bad waits for nobody: a rotation that holds a user for a week keeps no one from denying that user
/// everything, and a redrive not from cancelling its move task. Two of the same kind still keep each other off.
fn emergency(change: &Change) -> &'static str {
    match (change.risk(), &change.act) {
        (Risk::Containing | Risk::Releasing, _) => "#contain",
        (_, Act::Sqs(SqsAct::CancelMove { .. })) => "#cancel",
        (Risk::Ordinary | Risk::Destructive, _) => "",
    }
}

/// The resources that a plan would change, as far as they are there already: what the run makes itself carries
/// its name, and what is only known later stands in angle brackets.
pub(super) fn planned(plan: &Plan) -> BTreeSet<String> {
    let changes = plan.steps.iter().flat_map(|s| &s.changes);
    let there = changes.filter(|c| {
        let resource = c.resource();
        !resource.wire().contains('<') && !resource.wire().contains(plan.run.as_str())
    });
    there.map(resource).collect()
}

/// Takes resources for the run of `writer`.
///
/// # Errors
/// Another run holds one of them: who, and since when. Those before it are the run's now.
pub(super) async fn take(
    writer: &Arc<dyn Writer>,
    claim: &Claim,
    resources: impl IntoIterator<Item = String>,
) -> Result<(), RunsFault> {
    for resource in resources {
        writer.lease(&resource, claim.clone()).await?;
    }
    Ok(())
}

/// Releases everything that the run of `writer` holds.
///
/// # Errors
/// The leases cannot be read or written.
pub(super) async fn release(store: &Arc<dyn Store>, writer: &Arc<dyn Writer>) -> Result<(), RunsFault> {
    for lease in store.leases().await? {
        if lease.run == *writer.run() {
            writer.release(&lease.resource).await?;
        }
    }
    Ok(())
}

/// Whether another run holds one of these resources: before a run is begun for nothing.
///
/// # Errors
/// It does: who, and since when.
pub(super) async fn free(
    store: &Arc<dyn Store>,
    run: &RunId,
    resources: &BTreeSet<String>,
) -> Result<(), RunsFault> {
    for lease in store.leases().await? {
        if resources.contains(&lease.resource) && lease.run.as_str() != run.as_str() {
            return Err(RunsFault::Journal(crate::journal::Error::Leased(Box::new(lease))));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::change::iam::{self, contain};
    use crate::estate::{AccessKeyId, Arn, At, QueueUrl, Region, UserName};

    fn held(act: Act) -> String {
        let at = At { account: AccountId::new("123456789012"), region: Region::us_east_1() };
        resource(&Change { at, act })
    }

    #[test]
    fn an_emergency_waits_for_no_routine() {
        let (user, key) = (UserName::new("deploy-bot"), AccessKeyId::new("AKIAIOSFODNN7EXAMPLE"));
        let routine = iam::Act::SetActive { user: user.clone(), key: key.clone(), active: false };
        let contains = || {
            let act = contain::Act::Deactivate { user: user.clone(), key: key.clone() };
            held(Act::Iam(iam::Act::Contain(act)))
        };
        assert_ne!(held(Act::Iam(routine)), contains());
        assert_eq!(contains(), contains(), "two containments of one thing keep each other off");
        let queue = Arn::new("arn:aws:sqs:us-east-1:123456789012:dlq");
        let moves = SqsAct::StartMove { queue: queue.clone(), to: None, rate: None, before: vec![] };
        let cancels = SqsAct::CancelMove { queue, handle: "AQ".into() };
        assert_ne!(held(Act::Sqs(moves)), held(Act::Sqs(cancels)));
        let purge =
            || held(Act::Sqs(SqsAct::Purge { queue: QueueUrl::new("https://q/1/dlq"), against: None }));
        assert_eq!(purge(), purge());
    }
}
