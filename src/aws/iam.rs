//! The questions to IAM: the account's alias, a user's keys without their secrets, users and roles with their
//! policies, and what a principal may do.

use super::convert::{decoded, need, next, time, token};
use super::fault::Judge;
use crate::estate::ask::iam::{Answer, Ask};
use crate::estate::{
    AccessKey, AccessKeyId, AccountAlias, Arn, AttachedPolicy, Authorization, CredentialReport, Cursor,
    Fault, FaultKind, GroupName, IdentityProvider, InlinePolicy, KeyLastUsed, LoginProfile, MfaDevice,
    PolicyDetail, PolicyName, Role, RoleDetail, RoleName, Simulated, Untrusted, User, UserDetail, UserName,
};
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{self, EntityType, EvaluationResult, PolicyEvaluationDecisionType, StatusType};

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
        Ask::ListUsers(_) => {
            let out = judge.of(client.list_users().set_marker(token(from)).send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            let names = out.users.into_iter().map(|user| UserName::new(user.user_name)).collect();
            Ok((Answer::ListUsers(names), next(op, from, marker)?))
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
        Ask::GetUser(q) => {
            let out = judge.of(client.get_user().user_name(q.user.wire()).send().await)?;
            let user = need(op, "User", out.user)?;
            let boundary = user.permissions_boundary.and_then(|b| b.permissions_boundary_arn);
            let user = User {
                name: UserName::new(user.user_name),
                arn: Arn::new(user.arn),
                created: time(Some(&user.create_date)),
                boundary: boundary.map(Arn::new),
                password_used: time(user.password_last_used.as_ref()),
            };
            Ok((Answer::GetUser(user), None))
        }
        Ask::ListAttachedUserPolicies(q) => {
            let out = client.list_attached_user_policies().user_name(q.user.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            let all = attached(op, out.attached_policies.unwrap_or_default())?;
            Ok((Answer::ListAttachedUserPolicies(all), next(op, from, marker)?))
        }
        Ask::ListUserPolicies(q) => {
            let out = client.list_user_policies().user_name(q.user.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            let names = out.policy_names.into_iter().map(PolicyName::new).collect();
            Ok((Answer::ListUserPolicies(names), next(op, from, marker)?))
        }
        Ask::GetUserPolicy(q) => {
            let out = client.get_user_policy().user_name(q.user.wire()).policy_name(q.policy.wire());
            let out = judge.of(out.send().await)?;
            let policy = InlinePolicy {
                name: PolicyName::new(out.policy_name),
                document: decoded(&out.policy_document),
            };
            Ok((Answer::GetUserPolicy(policy), None))
        }
        Ask::ListGroupsForUser(q) => {
            let out = client.list_groups_for_user().user_name(q.user.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            let names = out.groups.into_iter().map(|g| GroupName::new(g.group_name)).collect();
            Ok((Answer::ListGroupsForUser(names), next(op, from, marker)?))
        }
        Ask::GetLoginProfile(q) => {
            match judge.of(client.get_login_profile().user_name(q.user.wire()).send().await) {
                Ok(out) => {
                    let profile = need(op, "LoginProfile", out.login_profile)?;
                    let profile = LoginProfile {
                        created: time(Some(&profile.create_date)),
                        reset_required: profile.password_reset_required,
                    };
                    Ok((Answer::GetLoginProfile(Some(profile)), None))
                }
                Err(fault) if fault.kind == FaultKind::NotFound => Ok((Answer::GetLoginProfile(None), None)),
                Err(fault) => Err(fault),
            }
        }
        Ask::ListMFADevices(q) => {
            let out = client.list_mfa_devices().user_name(q.user.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            let devices = out.mfa_devices.into_iter().map(|d| MfaDevice {
                serial: Untrusted::from(d.serial_number),
                enabled: time(Some(&d.enable_date)),
            });
            Ok((Answer::ListMFADevices(devices.collect()), next(op, from, marker)?))
        }
        Ask::ListRoles(_) => {
            let out = judge.of(client.list_roles().set_marker(token(from)).send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            Ok((Answer::ListRoles(out.roles.into_iter().map(role).collect()), next(op, from, marker)?))
        }
        Ask::GetRole(q) => {
            let out = judge.of(client.get_role().role_name(q.role.wire()).send().await)?;
            Ok((Answer::GetRole(role(need(op, "Role", out.role)?)), None))
        }
        Ask::ListAttachedRolePolicies(q) => {
            let out = client.list_attached_role_policies().role_name(q.role.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            let all = attached(op, out.attached_policies.unwrap_or_default())?;
            Ok((Answer::ListAttachedRolePolicies(all), next(op, from, marker)?))
        }
        Ask::ListRolePolicies(q) => {
            let out = client.list_role_policies().role_name(q.role.wire()).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let marker = out.marker.filter(|_| out.is_truncated);
            let names = out.policy_names.into_iter().map(PolicyName::new).collect();
            Ok((Answer::ListRolePolicies(names), next(op, from, marker)?))
        }
        Ask::GetRolePolicy(q) => {
            let out = client.get_role_policy().role_name(q.role.wire()).policy_name(q.policy.wire());
            let out = judge.of(out.send().await)?;
            let policy = InlinePolicy {
                name: PolicyName::new(out.policy_name),
                document: decoded(&out.policy_document),
            };
            Ok((Answer::GetRolePolicy(policy), None))
        }
        Ask::GetAccountAuthorizationDetails(_) => {
            let out = client.get_account_authorization_details().set_marker(token(from));
            let out = out.set_filter(Some(STANDING.to_vec()));
            let mut out = judge.of(out.send().await)?;
            let marker = out.marker.take().filter(|_| out.is_truncated);
            Ok((Answer::GetAccountAuthorizationDetails(standing(op, out)?), next(op, from, marker)?))
        }
        Ask::GenerateCredentialReport(_) => {
            let out = judge.of(client.generate_credential_report().send().await)?;
            let ready = out.state == Some(types::ReportStateType::Complete);
            Ok((Answer::GenerateCredentialReport(ready), None))
        }
        Ask::GetCredentialReport(_) => {
            let out = judge.of(client.get_credential_report().send().await)?;
            let content = need(op, "Content", out.content)?.into_inner();
            let lines = String::from_utf8(content)
                .map_err(|_| super::convert::malformed(op, "the report is not UTF-8"))?;
            let made = time(out.generated_time.as_ref());
            Ok((Answer::GetCredentialReport(CredentialReport { lines: lines.into(), made }), None))
        }
        Ask::ListSAMLProviders(_) => {
            let out = judge.of(client.list_saml_providers().send().await)?;
            let all = out.saml_provider_list.unwrap_or_default().into_iter().map(|p| {
                let arn = Arn::new(need(op, "Arn", p.arn)?);
                Ok(IdentityProvider { arn, created: time(p.create_date.as_ref()) })
            });
            Ok((Answer::ListSAMLProviders(all.collect::<Result<_, Fault>>()?), None))
        }
        Ask::ListOpenIDConnectProviders(_) => {
            let out = judge.of(client.list_open_id_connect_providers().send().await)?;
            let all = out.open_id_connect_provider_list.unwrap_or_default().into_iter();
            let arns = all.map(|p| Ok(Arn::new(need(op, "Arn", p.arn)?)));
            Ok((Answer::ListOpenIDConnectProviders(arns.collect::<Result<_, Fault>>()?), None))
        }
        Ask::GetOpenIDConnectProvider(q) => {
            let out = client.get_open_id_connect_provider();
            let out = judge.of(out.open_id_connect_provider_arn(q.provider.wire()).send().await)?;
            let created = time(out.create_date.as_ref());
            let provider = IdentityProvider { arn: q.provider.clone(), created };
            Ok((Answer::GetOpenIDConnectProvider(provider), None))
        }
    }
}

/// What is asked for of an account's authorization details; AWS's own policies are not.
const STANDING: [EntityType; 3] = [EntityType::User, EntityType::Role, EntityType::LocalManagedPolicy];

fn standing(op: &'static str, out: GetAccountAuthorizationDetailsOutput) -> Result<Authorization, Fault> {
    let users = out.user_detail_list.unwrap_or_default().into_iter().map(|u| {
        Ok(UserDetail {
            name: UserName::new(need(op, "UserName", u.user_name)?),
            arn: Arn::new(need(op, "Arn", u.arn)?),
            created: time(u.create_date.as_ref()),
            attached: attached(op, u.attached_managed_policies.unwrap_or_default())?,
        })
    });
    let roles = out.role_detail_list.unwrap_or_default().into_iter().map(|r| {
        Ok(RoleDetail {
            name: RoleName::new(need(op, "RoleName", r.role_name)?),
            arn: Arn::new(need(op, "Arn", r.arn)?),
            path: r.path.unwrap_or_default().into(),
            created: time(r.create_date.as_ref()),
            trust: r.assume_role_policy_document.as_deref().map(decoded),
            attached: attached(op, r.attached_managed_policies.unwrap_or_default())?,
        })
    });
    let policies = out.policies.unwrap_or_default().into_iter().map(|p| {
        Ok(PolicyDetail {
            name: PolicyName::new(need(op, "PolicyName", p.policy_name)?),
            arn: Arn::new(need(op, "Arn", p.arn)?),
            created: time(p.create_date.as_ref()),
            updated: time(p.update_date.as_ref()),
        })
    });
    Ok(Authorization {
        users: users.collect::<Result<_, Fault>>()?,
        roles: roles.collect::<Result<_, Fault>>()?,
        policies: policies.collect::<Result<_, Fault>>()?,
    })
}

fn attached(op: &'static str, all: Vec<types::AttachedPolicy>) -> Result<Vec<AttachedPolicy>, Fault> {
    let one = |p: types::AttachedPolicy| {
        Ok(AttachedPolicy {
            name: PolicyName::new(need(op, "PolicyName", p.policy_name)?),
            arn: Arn::new(need(op, "PolicyArn", p.policy_arn)?),
        })
    };
    all.into_iter().map(one).collect()
}

/// "If you do not specify a value for this setting, the default value of one hour is applied" (`CreateRole`).
const ONE_HOUR: u32 = 3_600;

fn role(role: types::Role) -> Role {
    Role {
        name: RoleName::new(role.role_name),
        arn: Arn::new(role.arn),
        path: Untrusted::from(role.path),
        created: time(Some(&role.create_date)),
        max_session_s: super::convert::count(role.max_session_duration).unwrap_or(ONE_HOUR),
        trust: role.assume_role_policy_document.as_deref().map(decoded),
        last_used: role.role_last_used.and_then(|used| time(used.last_used_date.as_ref())),
    }
}

/// One for each resource: where several were asked about, the decision at the top is that of all together,
/// and `ResourceSpecificResults` has each one's own.
fn simulated(result: EvaluationResult) -> Vec<Simulated> {
    let action = Untrusted::from(result.eval_action_name);
    let organization = result.organizations_decision_detail.map(|d| d.allowed_by_organizations);
    let whole = result.permissions_boundary_decision_detail.map(|d| d.allowed_by_permissions_boundary);
    let one = |resource: String, decision: &PolicyEvaluationDecisionType, boundary| Simulated {
        action: action.clone(),
        resource: Untrusted::from(resource),
        allowed: *decision == PolicyEvaluationDecisionType::Allowed,
        explicit: *decision == PolicyEvaluationDecisionType::ExplicitDeny,
        boundary,
        organization,
    };
    let own = result.resource_specific_results.unwrap_or_default();
    if own.is_empty() {
        let resource = result.eval_resource_name.unwrap_or_else(|| "*".to_owned());
        return vec![one(resource, &result.eval_decision, whole)];
    }
    let each = own.into_iter().map(|r| {
        let boundary = r.permissions_boundary_decision_detail.map(|d| d.allowed_by_permissions_boundary);
        one(r.eval_resource_name, &r.eval_resource_decision, boundary.or(whole))
    });
    each.collect()
}
