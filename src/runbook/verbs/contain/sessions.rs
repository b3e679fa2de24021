//! `trail.sessions`: what was done with a leaked key, as far as CloudTrail tells, and which credentials came of it: sessions
//! of roles through chains, sessions of the user, other keys, passwords. Each is said with the command that contains it.
//! Looks only.

use super::trail::{BLIND, Looked, by_keys, by_meant, look, only_meant, operations, regions, said};
use super::{
    ALL, ONE, REGIONS, USER, caller, hour_of, key_command, meant, named, revoke_command, role_of, user,
};
use crate::estate::time::plus_seconds;
use crate::estate::{AccessKeyId, Arn, Minted, TrailEvent, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::found::{Found, Kind};
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::seconds;
use crate::runbook::verbs::with::{later, optional};
use crate::runbook::view::View;
use crate::runbook::words::{counted, instant, said as how_long};
use std::collections::BTreeMap;

/// Looks for what was made with a key.
pub struct Sessions;

/// A chain of roles that is longer is followed no further; AWS limits a chained session to an hour, not the chain.
const DEEPEST: usize = 4;
/// So many sessions are followed, the newest ones: each is a look-up in every Region, two a second.
const MOST: usize = 20;

impl Verb for Sessions {
    fn name(&self) -> &'static str {
        "trail.sessions"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Looks up in CloudTrail, over Regions, what a key did and which credentials it made: sessions of roles (through \
         chains), of the user, keys and passwords; each with the command that contains it. Says the delay and what is \
         never seen."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] =
            &[ONE, ALL, USER, optional("for", ValueType::Duration, "how far back; `1d` without it"), REGIONS];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "sessions", kind: ValueType::List },
            Output { name: "roles", kind: ValueType::List },
            Output { name: "keys", kind: ValueType::List },
            Output { name: "secrets", kind: ValueType::List },
            Output { name: "findings", kind: ValueType::Findings },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        if v.planning {
            let what = "CloudTrail, for what was done with the key and which sessions it made";
            return Ok(Done { evidence: vec![later(what)], ..Done::default() });
        }
        let regions = regions(v)?;
        let back = seconds(v, "for", 86_400);
        let from = plus_seconds(hour_of(v.started), -back);
        let mut all = look(v, &regions, &by_meant(v)?, from)?;
        only_meant(v, &mut all, &[]);
        let who = match super::text(v, "key") {
            Some(_) => named(&meant(v)),
            None => user(v)?.shown().to_string(),
        };
        let mut evidence = vec![summary(&who, &all, regions.len(), back)];
        let mut sessions: Vec<AccessKeyId> = Vec::new();
        for _ in 0..DEEPEST {
            let fresh: Vec<AccessKeyId> =
                newest(&all.events).filter(|id| !sessions.contains(id)).take(MOST).collect();
            let room = MOST.saturating_sub(sessions.len());
            let fresh: Vec<AccessKeyId> = fresh.into_iter().take(room).collect();
            if fresh.is_empty() {
                break;
            }
            let more = look(v, &regions, &by_keys(&fresh), from)?;
            sessions.extend(fresh);
            all.gaps.extend(more.gaps);
            all.events.extend(more.events);
            all.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        }
        let found = newest(&all.events).count();
        evidence.extend(of_roles(&all.events));
        evidence.extend(of_user(&all.events, &user(v)?.text().shown().to_string()));
        let others = others(&all.events);
        evidence.extend(others.iter().map(Found::sentence));
        let secrets = secrets(&all.events);
        evidence.extend(secrets.iter().map(|(name, (n, last))| of_secret(name, *n, last)));
        let me = caller(v)?;
        if me.key.as_ref().is_some_and(|mine| sessions.contains(mine)) {
            evidence.push(
                "YOUR OWN session was made with this key: it lives on until it expires, and cannot be renewed. Take other \
                 credentials"
                    .to_owned(),
            );
        }
        if found > sessions.len() {
            evidence.push(format!(
                "{found} sessions were made, and only the {} newest are followed",
                sessions.len()
            ));
        }
        evidence.extend(all.gaps_said());
        evidence.push(BLIND.to_owned());
        let list = |all: Vec<Untrusted>| Value::List(all);
        let roles = roles(&all.events).into_keys().map(Untrusted::from).collect();
        let outputs = [
            ("sessions".to_owned(), list(sessions.iter().map(|s| s.text().clone()).collect())),
            ("roles".to_owned(), list(roles)),
            ("keys".to_owned(), list(made_keys(&all.events))),
            ("secrets".to_owned(), list(secrets.into_keys().collect())),
            ("findings".to_owned(), Value::Findings(others)),
        ];
        Ok(Done { evidence, outputs: outputs.into() })
    }
}

fn summary(who: &str, all: &Looked, asked: usize, back: i64) -> String {
    let back = how_long(back.unsigned_abs());
    let (answered, n) = (all.answered, all.events.len());
    match (all.events.first(), all.events.last()) {
        (Some(first), Some(last)) => {
            let refused = all.events.iter().filter(|e| !e.succeeded()).count();
            format!(
                "{} in the last {back} by {who} ({answered} of {asked} Regions): {}; first {}, last {}; {refused} refused",
                counted(n, "event"),
                operations(&all.events.iter().collect::<Vec<_>>()),
                said(first),
                said(last)
            )
        }
        (None, _) | (_, None) => {
            format!("no event in the last {back} by {who} ({answered} of {asked} Regions)")
        }
    }
}

/// The sessions that events made, the newest first.
fn newest(events: &[TrailEvent]) -> impl Iterator<Item = AccessKeyId> {
    events.iter().rev().filter_map(|e| match &e.minted {
        Some(Minted::Role { key, .. } | Minted::User { key }) => Some(key.clone()),
        Some(Minted::Key { .. } | Minted::Password { .. }) | None => None,
    })
}

/// The names of the roles of which sessions were made, with how many and the last event.
fn roles(events: &[TrailEvent]) -> BTreeMap<String, (usize, &TrailEvent, &Arn)> {
    let mut roles: BTreeMap<String, (usize, &TrailEvent, &Arn)> = BTreeMap::new();
    for event in events {
        if let Some(Minted::Role { role, .. }) = &event.minted {
            let name = role_of(role).unwrap_or_else(|| role.wire()).to_owned();
            let n = roles.get(&name).map_or(0, |(n, _, _)| *n);
            roles.insert(name, (n + 1, event, role));
        }
    }
    roles
}

fn of_roles(events: &[TrailEvent]) -> Vec<String> {
    let one = |(name, (n, last, arn)): (String, (usize, &TrailEvent, &Arn))| {
        let sessions = counted(n, "session");
        let where_to = if name.starts_with("AWSReservedSSO_") {
            "it is Identity Center's: end its sessions there".to_owned()
        } else {
            format!("a deny on the user does not reach them: `{}`", revoke_command(&name))
        };
        format!(
            "{sessions} of the role {} were made, the last {} ({}); {where_to}",
            Untrusted::from(name.as_str()).shown(),
            instant(last.at),
            arn.shown()
        )
    };
    roles(events).into_iter().map(one).collect()
}

fn of_user(events: &[TrailEvent], user: &str) -> Option<String> {
    let own = events.iter().filter(|e| matches!(e.minted, Some(Minted::User { .. }))).count();
    (own > 0).then(|| {
        format!("{} of {user} itself were made: the deny on the user reaches them", counted(own, "session"))
    })
}

/// The long-term keys that were made, each once.
fn made_keys(events: &[TrailEvent]) -> Vec<Untrusted> {
    let mut keys: Vec<Untrusted> = Vec::new();
    for event in events {
        if let Some(Minted::Key { key, .. }) = &event.minted
            && !keys.contains(key.text())
        {
            keys.push(key.text().clone());
        }
    }
    keys
}

/// The secrets whose values were read, with how often and the last event.
pub(super) fn secrets(events: &[TrailEvent]) -> BTreeMap<Untrusted, (usize, &TrailEvent)> {
    let mut secrets: BTreeMap<Untrusted, (usize, &TrailEvent)> = BTreeMap::new();
    for event in events.iter().filter(|e| e.succeeded()) {
        if let Some(name) = &event.secret {
            let n = secrets.get(name).map_or(0, |(n, _)| *n);
            secrets.insert(name.clone(), (n + 1, event));
        }
    }
    secrets
}

fn of_secret(name: &Untrusted, n: usize, last: &TrailEvent) -> String {
    let set = crate::runbook::shell::quote(&format!("secret={}", name.wire()));
    format!(
        "{}the value of the secret {} was read {}, the last {}: change it, `bartizan runbook start secret-update \
         --set {set}`",
        Found::MARK,
        name.shown(),
        if n == 1 { "once".to_owned() } else { format!("{n} times") },
        said(last)
    )
}

/// Long-term credentials that were made: ways to come back.
fn others(events: &[TrailEvent]) -> Vec<Found> {
    let one = |e: &TrailEvent| match &e.minted {
        Some(Minted::Key { key, user }) => {
            let whose = user.as_ref().map_or_else(String::new, |u| format!(" for the user {}", u.shown()));
            let text = format!("{} made access key {}{whose}: `{}`", said(e), key.shown(), key_command(key));
            Some(Found::named(Kind::Key, key.text().clone(), Some(e.at), text))
        }
        Some(Minted::Password { user }) => {
            let text = format!(
                "{} made a console password for the user {}: whoever made it can sign in as that user",
                said(e),
                user.shown()
            );
            Some(Found::named(Kind::Password, user.text().clone(), Some(e.at), text))
        }
        Some(Minted::Role { .. } | Minted::User { .. }) | None => None,
    };
    let mut found: Vec<Found> = Vec::new();
    for other in events.iter().filter_map(one) {
        if !found.contains(&other) {
            found.push(other);
        }
    }
    found
}
