//! Preflight: whether the principal may make a plan's calls, as IAM's simulator sees it. It knows no resource
//! policies and not every condition, so its yes and no are no proof; where it may not be asked, or does not know
//! the principal, the answer is unknown. Source: IAM API reference, `SimulatePrincipalPolicy`.

use super::reading::Reader;
use crate::estate::ask::iam;
use crate::estate::change::iam::contain::Write;
use crate::estate::{AccountId, Arn, Asks, At, Call, Identity, Query, Simulated, Untrusted, change};
use crate::runbook::plan::{Allowed, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// Asks for every call of a plan and notes the answers in it.
pub(super) async fn ask(reader: &Reader, identity: &Identity, plan: &mut Plan) {
    let Some(principal) = principal(&identity.arn) else { return };
    let mut wanted: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for (arn, action) in plan.steps.iter().flat_map(|s| calls_of(s, &identity.arn)).map(|(_, a, i)| (a, i)) {
        wanted.entry(arn).or_default().insert(action);
    }
    let mut said: BTreeMap<(String, String), bool> = BTreeMap::new();
    for (arn, actions) in wanted {
        let asked = simulate(reader, &plan.at, &principal, &arn, &actions).await;
        // The simulator may not be asked, or does not know a role by a path that the session does not tell.
        let Some(results) = asked else { continue };
        for result in results {
            said.insert((result.action.wire().to_lowercase(), arn.clone()), result.allowed);
        }
    }
    for step in &mut plan.steps {
        for (number, arn, action) in calls_of(step, &identity.arn) {
            let allowed = said.get(&(action.to_lowercase(), arn));
            if let (Some(call), Some(allowed)) = (step.calls.get_mut(number), allowed) {
                call.allowed = if *allowed { Allowed::Yes } else { Allowed::No };
            }
        }
        step.allowed = step.calls.iter().map(|c| c.allowed).max().unwrap_or(Allowed::Yes);
    }
}

/// The calls of a step that can be asked about: number, ARN, action.
fn calls_of(step: &crate::runbook::PlannedStep, who: &Arn) -> Vec<(usize, String, &'static str)> {
    let calls = step.changes.iter().flat_map(|c| c.calls().into_iter().map(|call| (c.at.clone(), call)));
    calls
        .enumerate()
        .filter_map(|(n, (at, call))| Some((n, arn_of(&call, &at, who)?, call.operation().iam_action)))
        .collect()
}

async fn simulate(
    reader: &Reader,
    at: &At,
    principal: &Arn,
    arn: &str,
    actions: &BTreeSet<&'static str>,
) -> Option<Vec<Simulated>> {
    let ask = iam::SimulatePrincipalPolicy {
        principal: principal.clone(),
        actions: actions.iter().map(|a| Untrusted::from(*a)).collect(),
        resources: vec![Untrusted::from(arn)],
    };
    let query = Query { at: at.clone(), ask: ask.ask() };
    let seen = reader.pages(&query).await.ok()?; // not answered is unknown, which is what nothing says
    let mut results = Vec::new();
    for answer in seen.value {
        results.extend(iam::SimulatePrincipalPolicy::open(answer).ok()?); // an odd answer is none
    }
    Some(results)
}

/// The user or role whose policies count: a session's role without its path, which the session does not tell.
/// `None` for the root user and federated users, whom the simulator does not take.
fn principal(arn: &Arn) -> Option<Arn> {
    let text = arn.wire();
    let partition = text.split(':').nth(1)?;
    let account = arn.account()?;
    let resource = text.splitn(6, ':').nth(5)?;
    match arn.service()? {
        "iam" if resource.starts_with("user/") || resource.starts_with("role/") => Some(arn.clone()),
        "sts" => {
            let role = resource.strip_prefix("assumed-role/")?.split('/').next()?;
            Some(Arn::new(format!("arn:{partition}:iam::{account}:role/{role}")))
        }
        _ => None,
    }
}

/// The ARN that a call's permission is about; `None` while it is not known.
fn arn_of(call: &Call, at: &At, who: &Arn) -> Option<String> {
    let partition = who.wire().split(':').nth(1).unwrap_or("aws");
    let account = at.account.as_ref().map(AccountId::to_string)?;
    let region = &at.region;
    let arn = match call {
        Call::SecretsManager(_) => call.resource().wire().to_owned(),
        Call::Lambda(_) => {
            format!("arn:{partition}:lambda:{region}:{account}:function:{}", call.resource().wire())
        }
        Call::Iam(
            change::iam::Call::CreateAccessKey { user, .. }
            | change::iam::Call::UpdateAccessKey { user, .. }
            | change::iam::Call::DeleteAccessKey { user, .. },
        ) => format!("arn:{partition}:iam::{account}:user/{}", user.wire()),
        Call::Sqs(
            change::sqs::Call::StartMessageMoveTask { queue, .. }
            | change::sqs::Call::CancelMessageMoveTask { queue, .. },
        ) => queue.wire().to_owned(),
        Call::Sqs(
            change::sqs::Call::ReceiveMessage { .. }
            | change::sqs::Call::SendMessageBatch { .. }
            | change::sqs::Call::DeleteMessageBatch { .. }
            | change::sqs::Call::ChangeMessageVisibilityBatch { .. }
            | change::sqs::Call::PurgeQueue { .. },
        ) => format!("arn:{partition}:sqs:{region}:{account}:{}", call.resource().wire()),
        Call::Iam(change::iam::Call::Contain(write)) => match write {
            Write::AttachUserPolicy { user, .. } | Write::DetachUserPolicy { user, .. } => {
                format!("arn:{partition}:iam::{account}:user/{}", user.wire())
            }
            Write::PutRolePolicy { role, .. } | Write::DeleteRolePolicy { role, .. } => {
                format!("arn:{partition}:iam::{account}:role/{}", role.wire())
            }
        },
        Call::Rds(change::rds::Call::ModifyDBCluster { cluster, .. }) => {
            format!("arn:{partition}:rds:{region}:{account}:cluster:{}", cluster.wire())
        }
        Call::Rds(
            change::rds::Call::ModifyDBInstance { instance, .. }
            | change::rds::Call::RebootDBInstance { instance }
            | change::rds::Call::CreateDBSnapshot { instance, .. },
        ) => format!("arn:{partition}:rds:{region}:{account}:db:{}", instance.wire()),
        Call::Ec2(_) => {
            format!("arn:{partition}:ec2:{region}:{account}:security-group/{}", call.resource().wire())
        }
        Call::ApiGateway(call) => {
            let path = match call {
                change::apigateway::Call::CreateApiKey { .. } => "/apikeys".to_owned(),
                change::apigateway::Call::UpdateApiKey { key, .. }
                | change::apigateway::Call::DeleteApiKey { key } => format!("/apikeys/{}", key.wire()),
                change::apigateway::Call::CreateUsagePlanKey { plan, .. } => {
                    format!("/usageplans/{}/keys", plan.wire())
                }
                change::apigateway::Call::DeleteUsagePlanKey { plan, key } => {
                    format!("/usageplans/{}/keys/{}", plan.wire(), key.wire())
                }
            };
            format!("arn:{partition}:apigateway:{region}::{path}")
        }
    };
    (arn.starts_with("arn:") && !arn.contains('<')).then_some(arn)
}

#[cfg(test)]
mod tests {
    use super::principal;
    use crate::estate::Arn;

    #[test]
    fn a_session_is_its_role_and_root_is_nobody() {
        let of = |arn: &str| principal(&Arn::new(arn)).map(|p| p.wire().to_owned());
        assert_eq!(
            of("arn:aws-cn:sts::123456789012:assumed-role/ops/alice").as_deref(),
            Some("arn:aws-cn:iam::123456789012:role/ops")
        );
        assert_eq!(
            of("arn:aws:iam::123456789012:user/team/alice").as_deref(),
            Some("arn:aws:iam::123456789012:user/team/alice")
        );
        assert_eq!(of("arn:aws:iam::123456789012:root"), None);
        assert_eq!(of("arn:aws:sts::123456789012:federated-user/bob"), None);
        assert_eq!(of("nonsense"), None);
    }
}
