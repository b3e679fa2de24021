//! `credential.evidence`: whose a key is and what it can do, before anything is changed. What is no key of a user of this
//! account is refused, with where it is contained. Looks only, and reads nothing secret.

use super::super::key::days;
use super::owner::{Owner, owner};
use super::{KEY, USER, quarantines, together, wants};
use crate::estate::ask::iam::{
    GetLoginProfile, GetUser, ListAccessKeys, ListAttachedUserPolicies, ListGroupsForUser, ListMFADevices,
    ListUserPolicies,
};
use crate::estate::change::iam::contain::deny_all;
use crate::estate::{AccessKeyId, Fault, KeyLastUsed, Untrusted, UserName};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::iam::said_of;
use crate::runbook::verbs::near;
use crate::runbook::view::{View, is_missing, refusal};
use crate::runbook::words::{counted, instant};

/// Looks at the key and its user.
pub struct Evidence;

/// Looks at a user, with whatever it has.
pub struct OfUser;

impl Verb for Evidence {
    fn name(&self) -> &'static str {
        "credential.evidence"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Finds the user of an access key and tells keys, last use, policies, groups, boundary, password and MFA devices. \
         Temporary credentials, the root user's key and keys of other accounts are refused, with where they are contained."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[KEY];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "user", kind: ValueType::Text },
            Output { name: "policy", kind: ValueType::Text },
            Output { name: "keys", kind: ValueType::List },
            Output { name: "password", kind: ValueType::Flag },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let key = super::key(v)?;
        match owner(v, &key)? {
            Owner::User { user, used } => of_user(v, Some((&key, &used)), &user),
            other => Err(Need::Refuse(other.said(&key))),
        }
    }
}

impl Verb for OfUser {
    fn name(&self) -> &'static str {
        "credential.user"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells a user's keys, policies, groups, boundary, password and MFA devices. A user that is not there is refused."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[USER];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        Evidence.gives()
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let user = super::user(v)?;
        let asked = || GetUser { user: user.clone() };
        match v.pages(asked())? {
            Err(fault) if is_missing(&fault) => return Err(near::user(v, &user)?),
            Ok(_) | Err(_) => v.must(asked())?,
        };
        of_user(v, None, &user)
    }
}

/// What a user has; with the key that leaked, where it is one.
fn of_user(
    v: &View<'_>,
    leaked: Option<(&AccessKeyId, &KeyLastUsed)>,
    user: &UserName,
) -> Result<Done, Need> {
    let told = v.pages(GetUser { user: user.clone() });
    let keys = v.pages(ListAccessKeys { user: user.clone() });
    let attached = v.pages(ListAttachedUserPolicies { user: user.clone() });
    let inline = v.pages(ListUserPolicies { user: user.clone() });
    let groups = v.pages(ListGroupsForUser { user: user.clone() });
    let login = v.pages(GetLoginProfile { user: user.clone() });
    let mfa = v.pages(ListMFADevices { user: user.clone() });
    together([
        wants(&told),
        wants(&keys),
        wants(&attached),
        wants(&inline),
        wants(&groups),
        wants(&login),
        wants(&mfa),
    ])?;
    let keys = keys?.map_err(refusal)?.concat();
    let mut said = match leaked {
        Some((key, used)) => {
            vec![format!("{} belongs to the user {}", key.shown(), user.shown()), last_use(used)]
        }
        None => vec![format!("the user {}, with whatever it has", user.shown())],
    };
    said.extend(keys.iter().map(|k| {
        let mark = match leaked {
            None => "its key",
            Some((key, _)) if k.id == *key => "the leaked key",
            Some(_) => "ANOTHER KEY of the user",
        };
        format!("{mark}: {}", said_of(v, k))
    }));
    if keys.is_empty() {
        said.push("it has no access key".to_owned());
    }
    let told = told?;
    let partition = match &told {
        Ok(users) => users.first().map_or("aws", |u| super::partition(&u.arn)).to_owned(),
        Err(_) => "aws".to_owned(),
    };
    said.push(known("the user itself", told, |users| match users.first() {
        Some(u) => {
            let age = u
                .created
                .map_or_else(|| "of unknown age".to_owned(), |t| format!("{} days old", days(t, v.now)));
            let boundary = u.boundary.as_ref();
            let boundary = boundary
                .map_or_else(|| "no permissions boundary".to_owned(), |b| format!("boundary {}", b.shown()));
            format!("the user is {age}, {boundary}")
        }
        None => "IAM tells nothing of the user itself".to_owned(),
    }));
    let attached = attached?;
    if let Ok(pages) = &attached {
        let pages = pages.concat();
        said.extend(quarantines(&pages).map(|p| {
            format!(
                "AWS itself has found the key: {} is attached and stays so. Whoever is under it cannot run this (V3 and \
                 V4 deny cloudtrail:LookupEvents, V3 iam:UpdateAccessKey)",
                p.name.shown()
            )
        }));
    }
    said.push(known("managed policies", attached, |pages| {
        of("managed policies", pages.concat().iter().map(|p| p.name.shown().to_string()))
    }));
    said.push(known("inline policies", inline?, |pages| {
        of("inline policies", pages.concat().iter().map(|p| p.shown().to_string()))
    }));
    said.push(known("groups", groups?, |pages| {
        of("groups", pages.concat().iter().map(|g| g.shown().to_string()))
    }));
    let login = login?;
    let has_password = matches!(&login, Ok(all) if all.iter().any(Option::is_some));
    said.push(known("the console password", login, |all| match all.into_iter().flatten().next() {
        Some(p) => {
            let made = p.created.map_or_else(String::new, |t| format!(", made {}", instant(t)));
            format!("it has a console password{made}: whoever has it can sign in until everything is denied")
        }
        None => "it has no console password".to_owned(),
    }));
    said.push(known("MFA devices", mfa?, |pages| counted(pages.concat().len(), "MFA device")));
    let text = |name: &str, text: &Untrusted| (name.to_owned(), Value::Text(text.clone()));
    let outputs = [
        text("user", user.text()),
        text("policy", deny_all(&partition).text()),
        ("keys".to_owned(), Value::List(keys.iter().map(|k| k.id.text().clone()).collect())),
        ("password".to_owned(), Value::Flag(has_password)),
    ];
    Ok(Done { evidence: said, outputs: outputs.into() })
}

/// When a key was last used, in few words.
pub(super) fn last_seen(used: &KeyLastUsed) -> String {
    match used.at {
        Some(at) => {
            format!("last used {}, {} in {}", instant(at), used.service.shown(), used.region.shown())
        }
        None => "never used, as far as IAM tracks it".to_owned(),
    }
}

/// When a key was last used, in words.
pub(super) fn last_use(used: &KeyLastUsed) -> String {
    match used.at {
        Some(at) => format!(
            "last used {} with {} in {} (IAM tells it with some delay)",
            instant(at),
            used.service.shown(),
            used.region.shown()
        ),
        None => "never used, as far as IAM tracks it".to_owned(),
    }
}

fn known<T>(what: &str, answer: Result<T, Fault>, say: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(told) => say(told),
        Err(fault) => format!("{what}: not known ({fault})"),
    }
}

fn of(what: &str, names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { format!("no {what}") } else { format!("{what}: {}", names.join(", ")) }
}
