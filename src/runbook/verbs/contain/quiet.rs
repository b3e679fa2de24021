//! `trail.quiet`: nobody has used what was contained, or what was made of it, for long enough, with CloudTrail's delay counted
//! in. A refused attempt is what containment is for; a success ends the step, loudly.

use super::trail::{BLIND, Looked, by_keys, by_meant, look, only_meant, regions, said};
use super::{ONE, REGIONS};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{AccessKeyId, Timestamp, TrailEvent};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{instant as time, seconds};
use crate::runbook::verbs::with::{list, needed, optional};
use crate::runbook::view::View;
use crate::runbook::words::{counted, instant, said as how_long};
use std::collections::BTreeSet;

/// Watches for use.
pub struct Quiet;

/// After a further containment, the quiet time counts from here.
const SINCE: &str = "contained_since";
/// How late an event may come: three times the average that AWS names; it guarantees none.
const LATE: i64 = 900;
/// While a change spreads, old credentials may still be let in; IAM names no time ("can take minutes").
const SPREADS: i64 = 120;
/// CloudTrail is asked so often.
const EVERY: i64 = 300;

impl Verb for Quiet {
    fn name(&self) -> &'static str {
        "trail.quiet"
    }

    fn kind(&self) -> StepKind {
        StepKind::Wait
    }

    fn doc(&self) -> &'static str {
        "Waits until CloudTrail has shown no successful use of a contained key, and of the sessions made with it, for long \
         enough, its delay counted in. A use after the containment fails the step; after a further containment \
         `contained_since` begins the watch anew."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            ONE,
            optional("user", ValueType::Text, "the user, where it is meant and not one key"),
            optional("sessions", ValueType::List, "the ids of sessions that were made with it"),
            needed("since", ValueType::Time, "when it was contained"),
            optional("for", ValueType::Duration, "how long it must be quiet; `30m` without it"),
            REGIONS,
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "quiet_since", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let long = seconds(v, "for", 1_800);
        if v.planning {
            let text = format!(
                "waits until nobody has used the key or its sessions for {}, and {} more for what CloudTrail shows late",
                how_long(long.unsigned_abs()),
                how_long(LATE.unsigned_abs())
            );
            return Ok(Done { evidence: vec![text], ..Done::default() });
        }
        let since = time(v, SINCE).or_else(|| time(v, "since")).unwrap_or(v.began);
        let mut by = by_meant(v)?;
        let sessions: Vec<AccessKeyId> =
            list(v, "sessions").iter().map(|s| AccessKeyId::new(s.wire())).collect();
        by.extend(by_keys(&sessions));
        let regions = regions(v)?;
        let mut looked = look(v, &regions, &by, since)?;
        only_meant(v, &mut looked, &sessions);
        let used: Vec<&TrailEvent> = uses(&looked, since).collect();
        if let Some(first) = used.first() {
            return Err(not_contained(&used, first));
        }
        let until = plus_seconds(since, long + LATE);
        if v.now < until {
            return Err(Need::Time {
                until: until.min(plus_seconds(v.now, EVERY)),
                accepts: vec![SINCE.into()],
                why: format!(
                    "nobody to use what was contained {}, until {}; {}{}",
                    instant(since),
                    instant(until),
                    refused(&looked, since),
                    if looked.gaps.is_empty() { "" } else { "; not every Region answers" }
                ),
            });
        }
        if looked.answered == 0 && v.attested.is_none() {
            return Err(Need::Person(Question {
                text: "CloudTrail did not answer in any Region, so nothing here shows that nobody uses the key. How do you know?"
                    .into(),
                evidence: looked.gaps_said(),
                accepts: Vec::new(),
                words: true,
                choices: Vec::new(),
            }));
        }
        Ok(Done {
            evidence: evidence(v, &looked, since, by.len(), regions.len()),
            outputs: [("quiet_since".to_owned(), crate::runbook::value::Value::Time(since))].into(),
        })
    }
}

/// Successful uses after the change had time to spread. `GetCallerIdentity` is answered to whoever has good credentials
/// and is no use of a permission.
fn uses(looked: &Looked, since: Timestamp) -> impl Iterator<Item = &TrailEvent> {
    let from = plus_seconds(since, SPREADS);
    looked.events.iter().filter(move |e| e.succeeded() && !e.proves_nothing() && e.at > from)
}

fn not_contained(used: &[&TrailEvent], first: &TrailEvent) -> Need {
    let by = first.key.as_ref().map_or_else(String::new, |k| format!(" with {}", k.shown()));
    let who = first.principal.as_ref().map_or_else(String::new, |p| format!(" as {}", p.shown()));
    let next = match first.principal.as_ref().and_then(super::role_of) {
        Some(role) => format!("it is a session of a role: `{}`", super::revoke_command(role)),
        None => "look whether the key is inactive and the deny attached".to_owned(),
    };
    let text = format!(
        "NOT CONTAINED: {} succeeded after the containment, the first {}{by}{who}; {next}. Then `resume --set \
         {SINCE}=TIME` begins the quiet watch anew",
        counted(used.len(), "call"),
        said(first)
    );
    Need::lacks(SINCE, text)
}

/// What was refused, and what got through while the change spread.
fn refused(looked: &Looked, since: Timestamp) -> String {
    let since = |e: &&TrailEvent| e.at > since;
    let denied = looked.events.iter().filter(since).filter(|e| e.was_denied()).count();
    let failed: BTreeSet<String> = looked
        .events
        .iter()
        .filter(since)
        .filter(|e| !e.was_denied())
        .filter_map(|e| e.error.as_ref().map(|code| code.shown().to_string()))
        .collect();
    let mut said = format!("{} refused since, as they should be", counted(denied, "attempt"));
    if !failed.is_empty() {
        let codes: Vec<String> = failed.into_iter().collect();
        said.push_str(&format!(
            "; others failed for a reason that does not show that they were denied ({})",
            codes.join(", ")
        ));
    }
    said
}

fn evidence(v: &View<'_>, looked: &Looked, since: Timestamp, ids: usize, regions: usize) -> Vec<String> {
    let mut said_so = vec![format!(
        "no successful use of {} from {} to {} ({} of {regions} Regions); {}",
        counted(ids, "id"),
        instant(since),
        instant(v.now),
        looked.answered,
        refused(looked, since)
    )];
    let spreading = looked.events.iter().filter(|e| {
        e.succeeded() && !e.proves_nothing() && e.at > since && seconds_between(since, e.at) <= SPREADS
    });
    let spreading: Vec<&TrailEvent> = spreading.collect();
    if let Some(last) = spreading.last() {
        said_so.push(format!(
            "{} still got through while the change spread, the last {}",
            counted(spreading.len(), "call"),
            said(last)
        ));
    }
    if let Some(words) = v.attested.filter(|_| looked.answered == 0) {
        said_so.push(format!("a person attests it: {}", crate::estate::Untrusted::from(words).shown()));
    }
    said_so.extend(looked.gaps_said());
    said_so.push(BLIND.to_owned());
    said_so
}
