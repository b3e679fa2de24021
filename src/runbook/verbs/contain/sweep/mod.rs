//! `trail.sweep`: what was made since a compromise by which one could come back: what CloudTrail tells of the credentials in
//! question and of those that came of them, and what the account's own lists show, whoever made it. Each finding says who
//! made it and when, as far as that is known, and what contains it; what is of no use any more or gone is told apart. Looks
//! only; it is run again until it is quiet.

mod events;
mod finding;
mod lists;
mod standing;
#[cfg(test)]
mod tests;
mod who;

use self::finding::{Finding, Findings, Kind};
use self::lists::Lists;
use super::trail::{BLIND, Looked, by_keys, look, regions};
use super::{KEY, REGIONS, caller, hour_of, key, sessions, together, update_command, wants};
use crate::estate::time::plus_seconds;
use crate::estate::{AccessKeyId, Minted, Region, Timestamp, TrailEvent, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::seconds;
use crate::runbook::verbs::with::{later, list, optional};
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
        "Looks over Regions for what was made to come back by: in CloudTrail for what a key and every credential that came of \
         it did, and in the account's own lists, whoever made it: users, keys, passwords, MFA devices, roles and their trust, \
         policies, functions with their layers and URLs, rules of EventBridge, instances, identity providers, and trails that write no more. Each \
         finding says who made it and when, as far as that is known, and what contains it; what is contained or gone is told \
         apart. Secrets that were read are listed for renewal."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            KEY,
            optional("for", ValueType::Duration, "how far back; `1d` without it"),
            REGIONS,
            optional(
                "known",
                ValueType::List,
                "names of things that a person has looked at and found rightful: they are said and do not count",
            ),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        const GIVES: &[Output] = &[
            Output { name: "users", kind: ValueType::List },
            Output { name: "keys", kind: ValueType::List },
            Output { name: "roles", kind: ValueType::List },
            Output { name: "functions", kind: ValueType::List },
            Output { name: "secrets", kind: ValueType::List },
            Output { name: "findings", kind: ValueType::Findings },
            Output { name: "from", kind: ValueType::Time },
            Output { name: "whole", kind: ValueType::Flag },
        ];
        GIVES
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let key = key(v)?;
        if v.planning {
            let what = "CloudTrail and the account's lists, for what was made with the key and since";
            return Ok(Done { evidence: vec![later(what)], ..Done::default() });
        }
        let (regions, back) = (regions(v)?, seconds(v, "for", 86_400));
        let from = plus_seconds(hour_of(v.started), -back);
        // CloudTrail is slow, two look-ups a second: the lists are asked beside it.
        let (events, lists) = (follow(v, &regions, key, from), Lists::ask(v, &regions, from));
        together([wants(&events), wants(&lists)])?;
        let ((all, followed, more), lists) = (events?, lists?);
        let mut found = Findings::default();
        events::take(&mut found, &all.events);
        events::take(&mut found, &lists.of_rules());
        let details = lists.details(v, &found)?;
        standing::take(&mut found, &lists, &details, from);
        standing::judge(&mut found, &lists, &details);
        let mut gaps = all.gaps_said();
        gaps.extend(details.gaps.iter().cloned());
        gaps.extend(who::name_makers(v, &mut found, &regions, from)?);
        who::set_aside(&mut found, &caller(v)?, &followed, list(v, "known"));
        let whole = gaps.is_empty() && !more;
        // What is to be done comes first: it is what one sees of the step.
        let mut evidence = vec![verdict(&found, !gaps.is_empty())];
        evidence.push(format!(
            "{} by {} ({} of {} Regions)",
            counted(all.events.len(), "event"),
            counted(followed.len(), "credential"),
            all.answered,
            regions.len()
        ));
        found.0.sort_by_key(|f| (!f.is_open(), f.kind));
        evidence.extend(found.0.iter().map(Finding::sentence));
        let secrets: Vec<Untrusted> = sessions::secrets(&all.events).into_keys().collect();
        evidence.extend(secrets.iter().map(|name| {
            format!("RENEW: the secret {} was read: `{}`", name.shown(), update_command(name.wire()))
        }));
        evidence.extend(standing::beside(&lists, &details, from));
        if more {
            evidence.push(format!("more credentials were made than the {MOST} that are followed"));
        }
        evidence.extend(gaps);
        evidence.push(BLIND.to_owned());
        evidence.push(UNDATED.to_owned());
        let outputs = [
            ("users".to_owned(), found.names(&[Kind::User, Kind::Password])),
            ("keys".to_owned(), found.names(&[Kind::Key])),
            ("roles".to_owned(), found.names(&[Kind::Role])),
            ("functions".to_owned(), found.names(&[Kind::Function, Kind::Url])),
            ("secrets".to_owned(), Value::List(secrets)),
            ("findings".to_owned(), Value::Findings(found.0.iter().filter_map(Finding::found).collect())),
            ("from".to_owned(), Value::Time(from)),
            ("whole".to_owned(), Value::Flag(whole)),
        ];
        Ok(Done { evidence, outputs: outputs.into() })
    }
}

/// What lists do not tell.
const UNDATED: &str = "lists have no date for what was attached or written inline, for trust that was changed, for rules of \
     EventBridge and for permissions of functions: of those, only CloudTrail tells since when; of EventBridge the default bus is \
     looked at, and not its scheduler";

fn verdict(found: &Findings, gaps: bool) -> String {
    let open = found.0.iter().filter(|f| f.is_open()).count();
    if open > 0 {
        return format!(
            "{}: contain each, then look again; CloudTrail shows what is done now in some minutes",
            counted(open, "finding")
        );
    }
    let as_far = if gaps {
        "as far as it could be looked at"
    } else {
        "as far as CloudTrail and the account's lists tell"
    };
    if found.0.is_empty() {
        format!("QUIET: nothing was made that one could come back by, {as_far}")
    } else {
        format!(
            "QUIET: of {} that one could have come back by none is open, {as_far}",
            counted(found.0.len(), "thing")
        )
    }
}

impl Findings {
    /// The names of the open findings of some kinds.
    fn names(&self, kinds: &[Kind]) -> Value {
        let mut names: Vec<Untrusted> = Vec::new();
        for f in self.0.iter().filter(|f| f.is_open() && kinds.contains(&f.kind) && !f.name.is_empty()) {
            if !names.contains(&f.name) {
                names.push(f.name.clone());
            }
        }
        Value::List(names)
    }
}

/// The events of a key and of every credential that came of it, which those are, and whether there were more.
fn follow(
    v: &View<'_>,
    regions: &[Region],
    key: AccessKeyId,
    from: Timestamp,
) -> Result<(Looked, Vec<AccessKeyId>, bool), Need> {
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
    Ok((all, known, more))
}

/// The credential that an event made.
fn minted(e: &TrailEvent) -> Option<AccessKeyId> {
    match &e.minted {
        Some(Minted::Role { key, .. } | Minted::User { key } | Minted::Key { key, .. }) => Some(key.clone()),
        Some(Minted::Password { .. }) | None => None,
    }
}
