//! The questions to IAM: the account's alias, a user's keys without their secrets, and what a principal may do.

use super::convert::{need, next, time, token};
use super::fault::Judge;
use crate::estate::ask::iam::{Answer, Ask};
use crate::estate::{
    AccessKey, AccessKeyId, AccountAlias, Cursor, Fault, KeyLastUsed, Simulated, Untrusted, UserName,
};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType, StatusType};

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::ListAccountAliases(_) => {
            let out = judge.of(client.list_account_aliases().set_marker(token(from)).send().await)?;
            let aliases = out.account_aliases.into_iter().map(AccountAlias::new).collect();
            let marker = out.marker.filter(|_| out.is_truncated);
            Ok((Answer::ListAccountAliases(aliases), next(op, from, marker)?))
        }
        Ask::ListAccessKeys(q) => {
            let out = client.list_access_keys().user_name(q.user.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let keys = out.access_key_metadata.into_iter().map(|k| {
                Ok(AccessKey {
                    id: AccessKeyId::new(need(op, "AccessKeyId", k.access_key_id)?),
                    user: k.user_name.map_or_else(|| q.user.clone(), UserName::new),
                    active: k.status == Some(StatusType::Active),
                    created: time(k.create_date.as_ref()),
                })
            });
            let keys = keys.collect::<Result<_, Fault>>()?;
            let marker = out.marker.filter(|_| out.is_truncated);
            Ok((Answer::ListAccessKeys(keys), next(op, from, marker)?))
        }
        Ask::GetAccessKeyLastUsed(q) => {
            let out = client.get_access_key_last_used().access_key_id(q.key.wire()).send().await;
            let out = judge.of(out)?;
            let last = need(op, "AccessKeyLastUsed", out.access_key_last_used)?;
            let last = KeyLastUsed {
                user: out.user_name.filter(|u| !u.is_empty()).map(UserName::new),
                at: time(last.last_used_date.as_ref()),
                service: Untrusted::from(last.service_name),
                region: Untrusted::from(last.region),
            };
            Ok((Answer::GetAccessKeyLastUsed(last), None))
        }
        Ask::ListUserTags(q) => {
            let out = client.list_user_tags().user_name(q.user.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let tags = out.tags.into_iter().map(|t| (t.key.into(), t.value.into())).collect();
            let marker = out.marker.filter(|_| out.is_truncated);
            Ok((Answer::ListUserTags(tags), next(op, from, marker)?))
        }
        Ask::SimulatePrincipalPolicy(q) => {
            let words = |all: &[Untrusted]| Some(all.iter().map(|w| w.wire().to_owned()).collect());
            let out = client.simulate_principal_policy().policy_source_arn(q.principal.wire());
            let out = out.set_action_names(words(&q.actions)).set_resource_arns(words(&q.resources));
            let out = judge.of(out.set_marker(token(from)).send().await)?;
            let mut all: Vec<Simulated> = Vec::new();
            for one in out.evaluation_results.unwrap_or_default().into_iter().flat_map(simulated) {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
            let marker = out.marker.filter(|_| out.is_truncated);
            Ok((Answer::SimulatePrincipalPolicy(all), next(op, from, marker)?))
        }
    }
}

/// One for each resource: where several were asked about, the decision at the top is that of all together,
/// and `ResourceSpecificResults` has each one's own.
fn simulated(result: EvaluationResult) -> Vec<Simulated> {
    let allowed =
        |decision: &PolicyEvaluationDecisionType| *decision == PolicyEvaluationDecisionType::Allowed;
    let action = Untrusted::from(result.eval_action_name);
    let own = result.resource_specific_results.unwrap_or_default();
    if own.is_empty() {
        let resource = Untrusted::from(result.eval_resource_name.unwrap_or_else(|| "*".to_owned()));
        return vec![Simulated { action, resource, allowed: allowed(&result.eval_decision) }];
    }
    let each = own.into_iter().map(|r| Simulated {
        action: action.clone(),
        resource: Untrusted::from(r.eval_resource_name),
        allowed: allowed(&r.eval_resource_decision),
    });
    each.collect()
}
