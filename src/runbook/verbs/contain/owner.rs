//! `credential.owner`: whose credential an access key id is, by its form, by IAM, and for temporary credentials by CloudTrail;
//! and where each is contained. The evidence of a leaked key begins with the same look. Looks only.

use super::evidence::last_use;
use super::trail::{BLIND, by_keys, look};
use super::{KEY, hour_of, revoke_command, role_of, user_of};
use crate::estate::ask::iam::{GetAccessKeyLastUsed, ListAccessKeys};
use crate::estate::ask::sts::GetAccessKeyInfo;
use crate::estate::principal::KeyKind;
use crate::estate::time::plus_seconds;
use crate::estate::{AccessKeyId, Arn, Fault, FaultKind, KeyLastUsed, Region, Untrusted, UserName};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::iam::said_of;
use crate::runbook::view::{View, refusal};

/// Tells whose it is.
pub struct Tell;

/// How far back the session of temporary credentials is looked for: none lives longer (36 h for a user's own).
const SESSIONS: i64 = 36 * 3_600;

impl Verb for Tell {
    fn name(&self) -> &'static str {
        "credential.owner"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells whose credential an access key id is (a user's, the root user's, another account's, a session of a role, of \
         Identity Center or of a user), and where it is contained."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[KEY];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "user", kind: ValueType::Text },
            Output { name: "role", kind: ValueType::Text },
            Output { name: "keys", kind: ValueType::List },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let key = super::key(v)?;
        let owner = owner(v, &key)?;
        let mut evidence = vec![owner.said(&key)];
        let mut outputs = Vec::new();
        let user = match &owner {
            Owner::User { user, used } => {
                evidence.push(last_use(used));
                Some(user.clone())
            }
            Owner::OfUser(arn) => user_of(arn).map(UserName::new),
            Owner::Role(role) if !is_of_identity_center(role.wire()) => {
                outputs.push(("role".to_owned(), Value::Text(role.clone())));
                None
            }
            Owner::Role(_) | Owner::Nowhere | Owner::Root | Owner::Elsewhere(_) | Owner::NoKey => None,
        };
        if KeyKind::of(key.wire()) == KeyKind::Temporary {
            evidence.push(BLIND.to_owned());
        }
        if let Some(user) = user {
            outputs.push(("user".to_owned(), Value::Text(user.text().clone())));
            match v.pages(ListAccessKeys { user })? {
                Ok(pages) => {
                    let keys = pages.concat();
                    evidence.extend(
                        keys.iter()
                            .filter(|k| k.id != key)
                            .map(|k| format!("ANOTHER KEY of the user: {}", said_of(v, k))),
                    );
                    let ids = keys.iter().map(|k| k.id.text().clone()).collect();
                    outputs.push(("keys".to_owned(), Value::List(ids)));
                }
                Err(fault) => evidence.push(format!("the user's other keys: not known ({fault})")),
            }
        }
        Ok(Done { evidence, outputs: outputs.into_iter().collect() })
    }
}

/// Whose a credential is.
pub(super) enum Owner {
    /// A key of a user of this account.
    User {
        /// The user.
        user: UserName,
        /// What IAM tells of its use.
        used: Box<KeyLastUsed>,
    },
    /// The root user's key.
    Root,
    /// Nobody's here: why, and where to go.
    Elsewhere(String),
    /// Temporary credentials of a role.
    Role(Untrusted),
    /// Temporary credentials of this user itself.
    OfUser(Arn),
    /// Temporary credentials of which CloudTrail does not tell.
    Nowhere,
    /// No id of an access key.
    NoKey,
}

impl Owner {
    /// Whose it is and where it is contained, in a sentence.
    pub(super) fn said(&self, key: &AccessKeyId) -> String {
        let key = key.shown();
        let temporary = |where_to: String| {
            format!("{key} are temporary credentials and cannot be deactivated; {where_to}")
        };
        match self {
            Owner::User { user, .. } => format!("{key} belongs to the user {}", user.shown()),
            Owner::Root => format!(
                "{key} is a key of the root user: sign in as the root user (with its MFA) and deactivate it under \
                 Security credentials; then change the root password. IAM cannot do that for anybody else"
            ),
            Owner::Elsewhere(why) => format!("{key} {why}"),
            Owner::Role(role) if is_of_identity_center(role.wire()) => temporary(format!(
                "they are of Identity Center's role {}: end the sessions there (users, active sessions), and disable the \
                 user",
                role.shown()
            )),
            Owner::Role(role) => {
                let command = revoke_command(role.wire());
                temporary(format!("they are a session of the role {}: `{command}`", role.shown()))
            }
            Owner::OfUser(arn) => temporary(format!(
                "they are a session of {}: a deny on that user reaches them, so run this with the user's AKIA key",
                arn.shown()
            )),
            Owner::Nowhere => temporary(
                "CloudTrail does not tell (yet) whose they are: find the AssumeRole or GetSessionToken event that made \
                 them, and contain that role or user"
                    .to_owned(),
            ),
            Owner::NoKey => format!(
                "{key} is no id of an access key: it has at least 16 letters and digits, and mostly begins with AKIA (a user's) \
                 or ASIA (a session's); AIDA, AROA and their like are ids of other things"
            ),
        }
    }
}

fn is_of_identity_center(role: &str) -> bool {
    role.starts_with("AWSReservedSSO_")
}

/// Whose a credential is.
///
/// # Errors
/// As [`View::must`].
pub(super) fn owner(v: &View<'_>, key: &AccessKeyId) -> Result<Owner, Need> {
    match KeyKind::of(key.wire()) {
        // Of an unknown beginning, AWS tells whose it is.
        KeyKind::LongTerm | KeyKind::Other => {}
        KeyKind::Temporary => return session(v, key),
        KeyKind::NoKey => return Ok(Owner::NoKey),
    }
    let used = match v.pages(GetAccessKeyLastUsed { key: key.clone() })?.map(|mut all| all.pop()) {
        Ok(Some(used)) => used,
        Ok(None) => return Err(Need::Refuse("AWS gave an empty answer".into())),
        Err(fault) if is_not_here(&fault) => return elsewhere(v, key, &fault),
        Err(fault) => return Err(refusal(fault)),
    };
    // "<root_account>" stands for the root user in the credential report and in some answers.
    Ok(match used.user.clone().filter(|u| u.wire() != "<root_account>") {
        Some(user) => Owner::User { user, used: Box::new(used) },
        None => Owner::Root,
    })
}

fn is_not_here(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::NotFound | FaultKind::Denied { .. })
}

/// Why a key is nobody's here: another account's, or gone.
fn elsewhere(v: &View<'_>, key: &AccessKeyId, fault: &Fault) -> Result<Owner, Need> {
    let account = match v.pages(GetAccessKeyInfo { key: key.clone() })? {
        Ok(mut accounts) => accounts.pop(),
        Err(_) => None,
    };
    // A session's may begin with something else than ASIA too; no user has it, and CloudTrail knows it.
    let session = match KeyKind::of(key.wire()) {
        KeyKind::Other => {
            "; if it is a session's, the AssumeRole or GetSessionToken event in CloudTrail that made it tells whose"
        }
        KeyKind::LongTerm | KeyKind::Temporary | KeyKind::NoKey => "",
    };
    Ok(Owner::Elsewhere(match (account, &v.at.account) {
        (Some(account), Some(here)) if account != *here => {
            format!("belongs to account {account}, not to this one ({here}): contain it there")
        }
        (Some(_), _) => format!(
            "belongs to this account, and no user of it has it (any more): it was deleted, or you may not ask ({fault}){session}"
        ),
        (None, _) => format!("is nobody's as far as can be told: {fault}{session}"),
    }))
}

/// Of whom temporary credentials are a session, by the newest events that they signed.
fn session(v: &View<'_>, key: &AccessKeyId) -> Result<Owner, Need> {
    let from = plus_seconds(hour_of(v.started), -SESSIONS);
    let mut regions = vec![Region::us_east_1()];
    if v.at.region != Region::us_east_1() {
        regions.push(v.at.region.clone());
    }
    let looked = look(v, &regions, &by_keys(std::slice::from_ref(key)), from)?;
    let principal = looked.events.iter().rev().find_map(|e| e.principal.as_ref());
    Ok(match principal.and_then(|arn| role_of(arn)) {
        Some(role) => Owner::Role(role.into()),
        None => principal.map_or(Owner::Nowhere, |arn| Owner::OfUser(arn.clone())),
    })
}
