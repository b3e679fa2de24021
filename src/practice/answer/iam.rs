//! The account's alias, which is the word that every screen shows; users' keys, and what the operator may do.
//! IAM is asked in every Region alike. Sources: IAM API reference, `ListAccessKeys`, `GetAccessKeyLastUsed`,
//! `SimulatePrincipalPolicy`.

use super::{Asked, pairs, text, time};
use crate::estate::ask::iam::{Answer, Ask, ListAccountAliases, SimulatePrincipalPolicy};
use crate::estate::fault::Fault;
use crate::estate::iam_key::{AccessKey, KeyLastUsed, Simulated};
use crate::estate::names::{AccessKeyId, AccountAlias, UserName};
use crate::practice::faults;
use crate::practice::prng::{mix, word};
use crate::practice::world::REGION;
use crate::practice::world::user::User;

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
        Ask::GetAccessKeyLastUsed(q) => last_used(asked, &q.key).map(Answer::GetAccessKeyLastUsed),
        Ask::ListUserTags(q) => Ok(Answer::ListUserTags(pairs(&find(asked, &q.user)?.tags))),
        Ask::SimulatePrincipalPolicy(q) => Ok(Answer::SimulatePrincipalPolicy(simulated(asked, q))),
    }
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
    let at = key.turns.last_used(mix(world.seed, word(&key.id), 0), world.now).or(key.used);
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
            action: action.clone(),
            resource: resource.clone(),
        })
        .collect()
}
