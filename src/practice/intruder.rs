//! Somebody who has a credential and uses it: what AWS lets them do, what it refuses and why, and the traces that both
//! leave. Who does what when is for whoever calls: an adversary, a test. Sources: IAM user guide, "Disable
//! permissions for temporary security credentials"; STS API reference.

use super::faults::PRINCIPAL;
use super::leaving::Leaving;
use super::world::role::{Of, Role, Session};
use super::world::trail::{Entry, Mint, assumed_arn, session_id};
use super::world::user::User;
use super::world::{DAY, REGION, Second, World};
use crate::estate::names::{AccessKeyId, RoleName, UserName};
use crate::estate::{Call, Region, Untrusted};

/// What is done with a credential.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Reads something: an operation of a service in a Region, e.g. `ListBuckets` of `s3`.
    Reads {
        /// The service, as its endpoint is named.
        service: &'static str,
        /// The operation.
        operation: &'static str,
        /// Where.
        region: Region,
    },
    /// Asks who it is, which no policy can deny.
    AsksWhoItIs,
    /// Assumes a role.
    Assumes(RoleName),
    /// Takes a session of the user itself (`GetSessionToken`).
    TakesSession,
    /// Makes another key for a user.
    MakesKey(UserName),
    /// Makes a console password for a user.
    MakesPassword(UserName),
    /// Makes a user.
    MakesUser(UserName),
    /// Makes a role that a user may assume.
    MakesRole {
        /// Its name.
        role: RoleName,
        /// Whom it trusts.
        trusts: UserName,
    },
    /// Reads the value of a secret, by its name.
    ReadsSecret(Untrusted),
    /// Leaves something behind that is no credential.
    Leaves(Leaving),
}

/// Why AWS refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// There are no such credentials, they are inactive or have expired: the request is not even looked at, and
    /// leaves no trace.
    Credentials,
    /// They are good, and a policy denies it: the attempt is in CloudTrail.
    Denied,
}

/// Where intruders come from.
pub(super) const ADDRESS: &str = "203.0.113.66";
/// How long sessions live here.
const SESSION: i64 = 12 * 3_600;

/// Does it; what it made, if it made a credential.
pub(super) fn act(world: &mut World, key: &AccessKeyId, deed: &Deed) -> Result<Option<AccessKeyId>, Refused> {
    let at = world.now;
    let who = who(world, key.wire(), at)?;
    let denied = is_denied(world, &who, at) && !matches!(deed, Deed::AsksWhoItIs);
    let (name, source, region) = words(deed);
    let target = target(deed, &who);
    let outcome = if denied { Err(Refused::Denied) } else { perform(world, &who, deed, at) };
    let minted = match &outcome {
        Ok(minted) => minted.clone(),
        Err(_) => None,
    };
    let id = minted.as_ref().and_then(|m| match m {
        Mint::Role { key, .. } | Mint::User { key } | Mint::Key { key, .. } => {
            Some(AccessKeyId::new(key.as_str()))
        }
        Mint::Password { .. } => None,
    });
    if let Some(k) = world.users.iter_mut().flat_map(|u| &mut u.keys).find(|k| k.id == key.wire()) {
        k.used = Some(at);
    }
    world.note(Entry {
        id: 0,
        at,
        region,
        name,
        source,
        ip: ADDRESS.into(),
        agent: "python-requests/2.32".into(),
        key: Some(key.wire().to_owned()),
        user: who.user,
        principal: who.arn,
        error: outcome.is_err().then(|| "AccessDenied".to_owned()),
        read_only: matches!(
            deed,
            Deed::Reads { .. } | Deed::AsksWhoItIs | Deed::Assumes(_) | Deed::ReadsSecret(_)
        ),
        minted,
        target,
    });
    outcome.map(|_| id)
}

fn words(deed: &Deed) -> (String, String, String) {
    let of =
        |name: &str, service: &str| (name.to_owned(), format!("{service}.amazonaws.com"), REGION.to_owned());
    match deed {
        Deed::Reads { service, operation, region } => {
            ((*operation).to_owned(), format!("{service}.amazonaws.com"), region.as_str().to_owned())
        }
        Deed::AsksWhoItIs => of("GetCallerIdentity", "sts"),
        Deed::Assumes(_) => of("AssumeRole", "sts"),
        Deed::TakesSession => of("GetSessionToken", "sts"),
        Deed::MakesKey(_) => of("CreateAccessKey", "iam"),
        Deed::MakesPassword(_) => of("CreateLoginProfile", "iam"),
        Deed::MakesUser(_) => of("CreateUser", "iam"),
        Deed::MakesRole { .. } => of("CreateRole", "iam"),
        Deed::ReadsSecret(_) => of("GetSecretValue", "secretsmanager"),
        Deed::Leaves(what) => what.words(),
    }
}

/// What it is done to, as the event's parameters name it.
fn target(deed: &Deed, who: &Who) -> Option<String> {
    match deed {
        Deed::Reads { .. } | Deed::AsksWhoItIs | Deed::TakesSession => None,
        Deed::Assumes(role) | Deed::MakesRole { role, .. } => Some(role.wire().to_owned()),
        Deed::MakesKey(user) if user.wire() == who.user => None, // one's own key is made without naming oneself
        Deed::MakesKey(user) | Deed::MakesPassword(user) | Deed::MakesUser(user) => {
            Some(user.wire().to_owned())
        }
        Deed::ReadsSecret(name) => Some(name.wire().to_owned()),
        Deed::Leaves(what) => what.target(),
    }
}

/// Whether a credential is good and nothing denies it everything.
pub(super) fn works(world: &World, key: &str, at: Second) -> bool {
    who(world, key, at).is_ok_and(|who| !is_denied(world, &who, at))
}

/// Whose credentials are used.
struct Who {
    of: Of,
    issued: Second,
    user: String,
    arn: String,
}

fn who(world: &World, key: &str, at: Second) -> Result<Who, Refused> {
    let found = world.users.iter().find_map(|u| Some((u, u.keys.iter().find(|k| k.id == key)?)));
    if let Some((user, key)) = found {
        if !key.active {
            return Err(Refused::Credentials);
        }
        let of = Of::User(user.name.clone());
        return Ok(Who { of, issued: at, user: user.name.clone(), arn: user.arn() });
    }
    let session = world.sessions.iter().find(|s| s.id == key).cloned();
    let session = session.or_else(|| world.ordinary_session(key));
    let session = session.filter(|s| at < s.expires).ok_or(Refused::Credentials)?;
    let (user, arn) = match &session.of {
        Of::Role(role) => ("intruder".to_owned(), assumed_arn(role, "intruder")),
        Of::User(user) => {
            let row = world.users.iter().find(|u| u.name == *user).ok_or(Refused::Credentials)?;
            (user.clone(), row.arn())
        }
    };
    Ok(Who { of: session.of, issued: session.issued, user, arn })
}

fn is_denied(world: &World, who: &Who, at: Second) -> bool {
    match &who.of {
        Of::User(name) => world.users.iter().any(|u| u.name == *name && u.is_denied(at)),
        Of::Role(name) => world.roles.iter().any(|r| r.name == *name && r.revokes(who.issued, at)),
    }
}

fn perform(world: &mut World, who: &Who, deed: &Deed, at: Second) -> Result<Option<Mint>, Refused> {
    match deed {
        Deed::Reads { .. } | Deed::AsksWhoItIs => Ok(None),
        Deed::Assumes(role) => {
            let role = world.roles.iter().find(|r| r.name == role.wire() && r.trusts(&who.arn));
            let (name, arn) = role.map(|r| (r.name.clone(), r.arn())).ok_or(Refused::Denied)?;
            let key = begin(world, Of::Role(name), at);
            Ok(Some(Mint::Role { key, arn }))
        }
        Deed::TakesSession => {
            // "You cannot call GetSessionToken with temporary credentials" is AccessDenied.
            let Of::User(name) = &who.of else { return Err(Refused::Denied) };
            Ok(Some(Mint::User { key: begin(world, Of::User(name.clone()), at) }))
        }
        Deed::MakesKey(user) => {
            let row = world.users.iter_mut().find(|u| u.name == user.wire() && u.keys.len() < 2);
            let row = row.ok_or(Refused::Denied)?;
            let key = super::write::another_key(row, at);
            Ok(Some(Mint::Key { key, user: user.wire().to_owned() }))
        }
        Deed::MakesPassword(user) => {
            let row = world.users.iter_mut().find(|u| u.name == user.wire() && u.password.is_none());
            row.ok_or(Refused::Denied)?.password = Some(at);
            Ok(Some(Mint::Password { user: user.wire().to_owned() }))
        }
        Deed::MakesUser(user) => {
            if world.users.iter().any(|u| u.name == user.wire()) {
                return Err(Refused::Denied);
            }
            let rng = world.fresh(user.wire());
            world.users.push(User::made(user.wire(), at, rng));
            world.users.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(None)
        }
        Deed::MakesRole { role, trusts } => {
            if world.roles.iter().any(|r| r.name == role.wire()) {
                return Err(Refused::Denied);
            }
            world.roles.push(Role::made(role.wire(), trusts.wire(), at));
            world.roles.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(None)
        }
        Deed::ReadsSecret(name) => {
            let place = world.secret(name.wire()).ok_or(Refused::Denied)?;
            if let Some(secret) = world.secrets.get_mut(place) {
                secret.accessed = Some(at - at.rem_euclid(DAY));
            }
            Ok(None)
        }
        Deed::Leaves(what) => what.perform(world, at).map(|()| None),
    }
}

fn begin(world: &mut World, of: Of, at: Second) -> String {
    let id = session_id(&mut world.fresh("session"));
    world.sessions.retain(|s| s.expires > at);
    world.sessions.push(Session { id: id.clone(), issued: at, expires: at + SESSION, of });
    id
}

/// Whom a write of IAM is about.
fn target_of(call: &Call) -> Option<String> {
    let Call::Iam(_) = call else { return None };
    Some(call.resource().wire().to_owned())
}

/// What the practising operator changes at IAM is in CloudTrail too.
pub(super) fn note_write(world: &mut World, call: &Call) {
    let Call::Iam(_) = call else { return };
    let name = call.operation().name.rsplit(':').next().unwrap_or_default().to_owned();
    let at = world.now;
    world.note(Entry {
        id: 0,
        at,
        region: REGION.into(),
        name,
        source: "iam.amazonaws.com".into(),
        ip: "198.51.100.200".into(),
        agent: "bartizan".into(),
        key: None,
        user: "alice".into(),
        principal: PRINCIPAL.into(),
        error: None,
        read_only: false,
        minted: None,
        target: target_of(call),
    });
}
