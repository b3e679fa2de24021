//! `trail.sweep`: what was made since a compromise by the credentials in question, and by those that came of them: ways to
//! come back. Each finding says who made it and when, and what contains it. Looks only; it is run again until it is quiet.

use super::trail::{BLIND, Looked, by_keys, look, regions, said};
use super::{KEY, REGIONS, hour_of, key, key_command, revoke_command, sessions, update_command, user_of};
use crate::estate::ask::iam::ListAccessKeys;
use crate::estate::time::plus_seconds;
use crate::estate::{AccessKeyId, Minted, TrailEvent, Untrusted, UserName};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::seconds;
use crate::runbook::verbs::with::{later, optional};
use crate::runbook::view::View;
use crate::runbook::words::counted;

/// Looks for what was made.
pub struct Sweep;

/// Credentials that came of credentials are followed so far, and so many of them: each is a look-up in every Region.
const DEEPEST: usize = 5;
/// See above.
const MOST: usize = 30;

impl Verb for Sweep {
    fn name(&self) -> &'static str {
        "trail.sweep"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Looks up in CloudTrail, over Regions, what a key and every credential that came of it made to come back by: users, \
         keys, passwords, MFA devices, roles and their trust, policies, functions with their layers, URLs and permissions, \
         rules, instances, identity providers, and whether logging was touched. Each finding says who made it, when, and \
         what contains it; secrets that were read are listed for renewal."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] =
            &[KEY, optional("for", ValueType::Duration, "how far back; `1d` without it"), REGIONS];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        const GIVES: &[Output] = &[
            Output { name: "users", kind: ValueType::List },
            Output { name: "keys", kind: ValueType::List },
            Output { name: "roles", kind: ValueType::List },
            Output { name: "functions", kind: ValueType::List },
            Output { name: "secrets", kind: ValueType::List },
        ];
        GIVES
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let key = key(v)?;
        if v.planning {
            let what = "CloudTrail, for what was made with the key and with what came of it";
            return Ok(Done { evidence: vec![later(what)], ..Done::default() });
        }
        let (regions, back) = (regions(v)?, seconds(v, "for", 86_400));
        let from = plus_seconds(hour_of(v.started), -back);
        let (all, followed, more) = follow(v, &regions, key, from)?;
        let mut found = Found::default();
        all.events.iter().filter(|e| e.succeeded()).for_each(|e| found.add(e));
        found.add_keys(v)?;
        let mut evidence = vec![format!(
            "{} by {} ({} of {} Regions)",
            counted(all.events.len(), "event"),
            counted(followed, "credential"),
            all.answered,
            regions.len()
        )];
        if found.said.is_empty() {
            evidence.push(
                "QUIET: nothing was made that one could come back by, as far as CloudTrail tells".to_owned(),
            );
        } else {
            evidence.push(format!(
                "{}: contain each, then look again; CloudTrail shows what is done now in some minutes",
                counted(found.said.len(), "finding")
            ));
        }
        evidence.append(&mut found.said);
        let secrets: Vec<Untrusted> = sessions::secrets(&all.events).into_keys().collect();
        evidence.extend(secrets.iter().map(|name| {
            format!("RENEW: the secret {} was read: `{}`", name.shown(), update_command(name.wire()))
        }));
        if more {
            evidence.push(format!("more credentials were made than the {MOST} that are followed"));
        }
        evidence.extend(all.gaps_said());
        evidence.push(BLIND.to_owned());
        let list = |all: Vec<Untrusted>| Value::List(all);
        let outputs = [
            ("users".to_owned(), list(found.users)),
            ("keys".to_owned(), list(found.keys)),
            ("roles".to_owned(), list(found.roles)),
            ("functions".to_owned(), list(found.functions)),
            ("secrets".to_owned(), list(secrets)),
        ];
        Ok(Done { evidence, outputs: outputs.into() })
    }
}

/// The events of a key and of every credential that came of it, how many those are, and whether there were more.
fn follow(
    v: &View<'_>,
    regions: &[crate::estate::Region],
    key: AccessKeyId,
    from: crate::estate::Timestamp,
) -> Result<(Looked, usize, bool), Need> {
    let mut known = vec![key.clone()];
    let mut all = look(v, regions, &by_keys(&[key]), from)?;
    let mut more = false;
    for _ in 0..DEEPEST {
        let mut fresh: Vec<AccessKeyId> = Vec::new();
        for id in all.events.iter().filter_map(minted) {
            if !known.contains(&id) && !fresh.contains(&id) {
                fresh.push(id);
            }
        }
        more |= fresh.len() > MOST.saturating_sub(known.len());
        fresh.truncate(MOST.saturating_sub(known.len()));
        if fresh.is_empty() {
            break;
        }
        let next = look(v, regions, &by_keys(&fresh), from)?;
        known.extend(fresh);
        all.gaps.extend(next.gaps);
        all.events.extend(next.events);
        all.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    }
    all.answered = regions.len() - all.gaps.len();
    Ok((all, known.len(), more))
}

/// The credential that an event made.
fn minted(e: &TrailEvent) -> Option<AccessKeyId> {
    match &e.minted {
        Some(Minted::Role { key, .. } | Minted::User { key } | Minted::Key { key, .. }) => Some(key.clone()),
        Some(Minted::Password { .. }) | None => None,
    }
}

/// What was found.
#[derive(Default)]
struct Found {
    said: Vec<String>,
    users: Vec<Untrusted>,
    keys: Vec<Untrusted>,
    roles: Vec<Untrusted>,
    functions: Vec<Untrusted>,
}

/// What an operation leaves behind, for those of AWS's order (6) of a credential compromise: what it is in words. The
/// operations are those of the IAM, Lambda, EventBridge, EC2 and CloudTrail API references.
fn leaves(operation: &str) -> Option<(Left, &'static str)> {
    // Lambda's operations carry the date of their API version in CloudTrail (`CreateFunction20150331`).
    let name = operation.trim_end_matches(|c: char| c.is_ascii_digit() || c == 'v');
    Some(match name {
        "CreateUser" => (Left::User, "made a user"),
        "CreateAccessKey" => (Left::Key, "made an access key"),
        "UpdateAccessKey" => (Left::Other, "activated or deactivated an access key"),
        "CreateLoginProfile" | "UpdateLoginProfile" => (Left::User, "set a console password"),
        "EnableMFADevice" | "DeactivateMFADevice" | "CreateVirtualMFADevice" => {
            (Left::Other, "changed MFA devices")
        }
        "CreateRole" => (Left::Role, "made a role"),
        "UpdateAssumeRolePolicy" => (Left::Role, "changed whom a role trusts"),
        "AttachUserPolicy" | "PutUserPolicy" | "DetachUserPolicy" | "AddUserToGroup" => {
            (Left::User, "changed what a user may do")
        }
        "AttachRolePolicy" | "PutRolePolicy" | "DetachRolePolicy" => {
            (Left::Role, "changed what a role may do")
        }
        "CreatePolicy" | "CreatePolicyVersion" | "SetDefaultPolicyVersion" => (Left::Other, "wrote a policy"),
        "PutUserPermissionsBoundary" | "DeleteUserPermissionsBoundary" => (Left::User, "changed a boundary"),
        "CreateFunction" | "UpdateFunctionCode" | "UpdateFunctionConfiguration" => {
            (Left::Function, "made or changed a function")
        }
        "PublishLayerVersion" => (Left::Other, "published a layer"),
        "CreateFunctionUrlConfig" | "AddPermission" => (Left::Function, "opened a function to others"),
        "PutRule" | "PutTargets" | "CreateSchedule" => {
            (Left::Other, "made something that runs by the clock or by events")
        }
        "RunInstances" | "CreateKeyPair" | "ImportKeyPair" => {
            (Left::Other, "started instances or made their keys")
        }
        "CreateSAMLProvider" | "UpdateSAMLProvider" | "CreateOpenIDConnectProvider" => {
            (Left::Other, "made an identity provider: others may sign in by it")
        }
        "StopLogging" | "DeleteTrail" | "UpdateTrail" | "PutEventSelectors" | "DeleteFlowLogs" => {
            (Left::Other, "TOUCHED LOGGING: what came after it may not be seen")
        }
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    User,
    Key,
    Role,
    Function,
    Other,
}

impl Found {
    fn add(&mut self, e: &TrailEvent) {
        let Some((left, words)) = leaves(e.name.wire()) else { return };
        let target = match &e.minted {
            Some(Minted::Key { key, .. }) => Some(key.text().clone()),
            Some(Minted::Password { user }) => Some(user.text().clone()),
            Some(Minted::Role { .. } | Minted::User { .. }) | None => e.target.clone(),
        };
        let who = e.principal.as_ref().map_or_else(|| "somebody".to_owned(), |p| p.shown().to_string());
        let what = target.as_ref().map_or_else(String::new, |t| format!(" {}", t.shown()));
        let then = match (left, &target) {
            (Left::Key, Some(key)) => format!("`{}`", key_command(&AccessKeyId::new(key.wire()))),
            (Left::Role, Some(role)) => format!("`{}`, then its trust by hand", revoke_command(role.wire())),
            (Left::User, Some(_)) => "contain its keys; they are named here".to_owned(),
            (Left::Function, Some(_)) => "isolate it, and look at its code".to_owned(),
            (Left::Key | Left::Role | Left::User | Left::Function | Left::Other, _) => {
                "look at it, and take it back by hand".to_owned()
            }
        };
        self.said.push(format!("FINDING: {who} {words}{what} ({}); {then}", said(e)));
        let list = match left {
            Left::User => &mut self.users,
            Left::Key => &mut self.keys,
            Left::Role => &mut self.roles,
            Left::Function => &mut self.functions,
            Left::Other => return,
        };
        list.extend(target.filter(|t| !list.contains(t)));
    }

    /// The keys of users that were made or changed: what such a user works with may have been made by others.
    fn add_keys(&mut self, v: &View<'_>) -> Result<(), Need> {
        let ask = |user: &Untrusted| {
            let name = if user.wire().starts_with("arn:") {
                user_of(&crate::estate::Arn::new(user.wire())).unwrap_or_default().to_owned()
            } else {
                user.wire().to_owned()
            };
            v.pages(ListAccessKeys { user: UserName::new(name) })
        };
        for keys in super::super::key::all(self.users.iter().map(ask))?.into_iter().flatten() {
            let active = keys.concat().into_iter().filter(|k| k.active);
            for id in active.map(|k| k.id.text().clone()) {
                if !self.keys.contains(&id) {
                    self.said.push(format!(
                        "FINDING: a user that was made or changed has the active key {}; `{}`",
                        id.shown(),
                        key_command(&AccessKeyId::new(id.wire()))
                    ));
                    self.keys.push(id);
                }
            }
        }
        Ok(())
    }
}
