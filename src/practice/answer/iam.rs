//! The account's alias, which is the word that every screen shows; users and roles with their keys and policies, and
//! what the operator may do. IAM is asked in every Region alike. Sources: IAM API reference, `ListAccessKeys`, `GetAccessKeyLastUsed`,
//! `SimulatePrincipalPolicy`.

use super::{Asked, pairs, text, time};
use crate::estate::ask::iam::{Answer, Ask, ListAccountAliases, SimulatePrincipalPolicy};
use crate::estate::fault::Fault;
use crate::estate::iam_key::{AccessKey, KeyLastUsed, Simulated};
use crate::estate::names::{AccessKeyId, AccountAlias, Arn, GroupName, PolicyName, RoleName, UserName};
use crate::estate::principal::{
    self, AttachedPolicy, Authorization, CredentialReport, IdentityProvider, InlinePolicy, LoginProfile,
    MfaDevice, RoleDetail, UserDetail,
};
use crate::practice::faults;
use crate::practice::prng::{mix, word};
use crate::practice::world::role::{Inline, Role};
use crate::practice::world::standing::Provider;
use crate::practice::world::user::User;
use crate::practice::world::{REGION, World};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<Answer, Fault> {
    asked.single()?;
    match ask {
        Ask::ListAccountAliases(ListAccountAliases {}) => {
            Ok(Answer::ListAccountAliases(vec![AccountAlias::new("practice")]))
        }
        Ask::ListAccessKeys(q) => {
            let user = find(asked, &q.user)?;
            let key = |k: &crate::practice::world::user::AccessKey| AccessKey {
                id: AccessKeyId::new(k.id.as_str()),
                user: UserName::new(user.name.as_str()),
                active: k.active,
                created: Some(time(k.created)),
            };
            Ok(Answer::ListAccessKeys(user.keys.iter().map(key).collect()))
        }
        Ask::ListUsers(_) => {
            let names = asked.world.users.iter().map(|user| UserName::new(user.name.as_str()));
            Ok(Answer::ListUsers(names.collect()))
        }
        Ask::GetAccessKeyLastUsed(q) => last_used(asked, &q.key).map(Answer::GetAccessKeyLastUsed),
        Ask::ListUserTags(q) => Ok(Answer::ListUserTags(pairs(&find(asked, &q.user)?.tags))),
        Ask::SimulatePrincipalPolicy(q) => Ok(Answer::SimulatePrincipalPolicy(simulated(asked, q))),
        Ask::GetUser(q) => {
            let user = find(asked, &q.user)?;
            Ok(Answer::GetUser(principal::User {
                name: UserName::new(user.name.as_str()),
                arn: Arn::new(user.arn()),
                created: Some(time(user.created)),
                boundary: user.boundary.as_deref().map(Arn::new),
                password_used: None,
            }))
        }
        Ask::ListAttachedUserPolicies(q) => {
            Ok(Answer::ListAttachedUserPolicies(attached(&find(asked, &q.user)?.attached)))
        }
        Ask::ListUserPolicies(q) => Ok(Answer::ListUserPolicies(names(&find(asked, &q.user)?.inline))),
        Ask::GetUserPolicy(q) => {
            Ok(Answer::GetUserPolicy(document(asked, &find(asked, &q.user)?.inline, &q.policy)?))
        }
        Ask::ListGroupsForUser(q) => {
            let groups = find(asked, &q.user)?.groups.iter().map(|g| GroupName::new(g.as_str()));
            Ok(Answer::ListGroupsForUser(groups.collect()))
        }
        Ask::GetLoginProfile(q) => {
            let user = asked.world.seen_user(q.user.wire(), asked.op.name);
            let profile = user
                .and_then(|u| u.password)
                .map(|created| LoginProfile { created: Some(time(created)), reset_required: false });
            Ok(Answer::GetLoginProfile(profile))
        }
        Ask::ListMFADevices(q) => {
            let user = find(asked, &q.user)?;
            let device =
                |serial: &String| MfaDevice { serial: text(serial), enabled: Some(time(user.created + 600)) };
            Ok(Answer::ListMFADevices(user.mfa.iter().map(device).collect()))
        }
        Ask::ListRoles(_) => Ok(Answer::ListRoles(asked.world.roles.iter().map(told).collect())),
        Ask::GetRole(q) => Ok(Answer::GetRole(told(role(asked, &q.role)?))),
        Ask::ListAttachedRolePolicies(q) => {
            Ok(Answer::ListAttachedRolePolicies(attached(&role(asked, &q.role)?.attached)))
        }
        Ask::ListRolePolicies(q) => Ok(Answer::ListRolePolicies(names(&role(asked, &q.role)?.inline))),
        Ask::GetRolePolicy(q) => {
            Ok(Answer::GetRolePolicy(document(asked, &role(asked, &q.role)?.inline, &q.policy)?))
        }
        Ask::GetAccountAuthorizationDetails(_) => {
            Ok(Answer::GetAccountAuthorizationDetails(standing(asked.world)))
        }
        Ask::GenerateCredentialReport(_) => Ok(Answer::GenerateCredentialReport(true)),
        Ask::GetCredentialReport(_) => Ok(Answer::GetCredentialReport(report(asked.world))),
        Ask::ListSAMLProviders(_) => {
            let one =
                |p: &Provider| IdentityProvider { arn: Arn::new(p.arn()), created: Some(time(p.created)) };
            Ok(Answer::ListSAMLProviders(asked.world.standing.providers.iter().map(one).collect()))
        }
        Ask::ListOpenIDConnectProviders(_) => Ok(Answer::ListOpenIDConnectProviders(Vec::new())),
        Ask::GetOpenIDConnectProvider(q) => {
            let message = format!("OpenIDConnect Provider not found for arn {}", q.provider.wire());
            Err(faults::missing(asked.op, "NoSuchEntity", &message))
        }
    }
}

fn role<'a>(asked: &Asked<'a>, name: &RoleName) -> Result<&'a Role, Fault> {
    let found = asked.world.seen_role(name.wire(), asked.op.name);
    found.ok_or_else(|| faults::no_role(asked.op, name.wire()))
}

fn told(role: &Role) -> principal::Role {
    principal::Role {
        name: RoleName::new(role.name.as_str()),
        arn: Arn::new(role.arn()),
        path: text(&role.path),
        created: Some(time(role.created)),
        max_session_s: role.max_session,
        trust: Some(text(&role.trust)),
        last_used: None,
    }
}

/// The columns of a credential report that are told here, by their names at AWS.
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,\
                       access_key_1_last_rotated,access_key_2_active,access_key_2_last_rotated";

fn report(world: &World) -> CredentialReport {
    let mut lines = format!("{COLUMNS}\n");
    for user in &world.users {
        let key = |n: usize| match user.keys.get(n) {
            Some(key) => format!("{},{}", key.active, time(key.created)),
            None => "false,N/A".to_owned(),
        };
        let (password, mfa) = (user.password.is_some(), !user.mfa.is_empty());
        lines.push_str(&format!(
            "{},{},{},{password},{mfa},{},{}\n",
            user.name,
            user.arn(),
            time(user.created),
            key(0),
            key(1)
        ));
    }
    CredentialReport { lines: lines.into(), made: Some(time(world.now)) }
}

/// Who stands in the account since when. The practice estate has no managed policies of its own that anybody could read.
fn standing(world: &World) -> Authorization {
    let user = |u: &User| UserDetail {
        name: UserName::new(u.name.as_str()),
        arn: Arn::new(u.arn()),
        created: Some(time(u.created)),
        attached: attached(&u.attached),
    };
    let role = |r: &Role| RoleDetail {
        name: RoleName::new(r.name.as_str()),
        arn: Arn::new(r.arn()),
        path: text(&r.path),
        created: Some(time(r.created)),
        trust: Some(text(&r.trust)),
        attached: attached(&r.attached),
    };
    Authorization {
        users: world.users.iter().map(user).collect(),
        roles: world.roles.iter().map(role).collect(),
        policies: Vec::new(),
    }
}

fn attached(arns: &[String]) -> Vec<AttachedPolicy> {
    let one = |arn: &String| AttachedPolicy {
        name: PolicyName::new(arn.rsplit('/').next().unwrap_or_default()),
        arn: Arn::new(arn.as_str()),
    };
    arns.iter().map(one).collect()
}

fn names(inline: &[Inline]) -> Vec<PolicyName> {
    inline.iter().map(|p| PolicyName::new(p.name.as_str())).collect()
}

fn document(asked: &Asked<'_>, inline: &[Inline], name: &PolicyName) -> Result<InlinePolicy, Fault> {
    let found = inline.iter().find(|p| p.name == name.wire());
    let missing = || {
        let message = format!("The policy with name {} cannot be found.", name.wire());
        faults::missing(asked.op, "NoSuchEntity", &message)
    };
    let policy = found.ok_or_else(missing)?;
    Ok(InlinePolicy { name: PolicyName::new(policy.name.as_str()), document: text(&policy.document) })
}

fn find<'a>(asked: &Asked<'a>, name: &UserName) -> Result<&'a User, Fault> {
    asked.world.seen_user(name.wire(), asked.op.name).ok_or_else(|| faults::no_user(asked.op, name.wire()))
}

/// AWS denies the question for a key that it does not know, as it does not say whose it would be.
fn last_used(asked: &Asked<'_>, id: &AccessKeyId) -> Result<KeyLastUsed, Fault> {
    let world = asked.world;
    let key = world.users.iter().find_map(|u| Some((u, u.keys.iter().find(|k| k.id == id.wire())?)));
    let Some((user, key)) = key else {
        let message = format!("The Access Key with id {} cannot be found", id.wire());
        return Err(faults::missing(asked.op, "NoSuchEntity", &message));
    };
    let at = key.turns.last_used(mix(world.seed, word(&key.id), 0), world.now).max(key.used);
    let never = |used: &str| text(if at.is_some() { used } else { "N/A" });
    Ok(KeyLastUsed {
        user: Some(UserName::new(user.name.as_str())),
        at: at.map(time),
        service: never(&user.service),
        region: never(REGION),
    })
}

fn simulated(asked: &Asked<'_>, q: &SimulatePrincipalPolicy) -> Vec<Simulated> {
    let pairs = q.actions.iter().flat_map(|a| q.resources.iter().map(move |r| (a, r)));
    pairs
        .map(|(action, resource)| Simulated {
            allowed: !asked.denied.contains(action.wire()),
            explicit: false,
            boundary: None,
            organization: None,
            action: action.clone(),
            resource: resource.clone(),
        })
        .collect()
}
