//! Who made what only a list shows: CloudTrail is asked for the thing itself, whatever credentials it was made with. And what
//! does not count: what the operator did, and what a person has found rightful.

use super::super::super::key::all;
use super::events::about;
use super::finding::{Deed, Finding, Findings, Kind, State, made_then};
use crate::estate::ask::cloudtrail::LookupEvents;
use crate::estate::{AccessKeyId, Fault, Identity, Lookup, Region, Timestamp, TrailEvent, Untrusted};
use crate::runbook::need::Need;
use crate::runbook::view::View;

/// So many makers are looked for, each in one Region: two a second.
const MOST: usize = 30;

/// Names who made what no event has told of yet; what could not be looked up is said.
pub(super) fn name_makers(
    v: &View<'_>,
    found: &mut Findings,
    regions: &[Region],
    from: Timestamp,
) -> Result<Vec<String>, Need> {
    let nameless: Vec<usize> = (0..found.0.len())
        .filter(|n| found.0.get(*n).is_some_and(|f| f.is_open() && f.deeds.is_empty()))
        .collect();
    let mut gaps = Vec::new();
    if nameless.len() > MOST {
        gaps.push(format!("NOT LOOKED AT: who made {} of the findings", nameless.len() - MOST));
    }
    // A user's key and its password are looked up by the same name: each question is asked once.
    let mut asked: Vec<((Region, Untrusted), Vec<usize>)> = Vec::new();
    for n in nameless.into_iter().take(MOST) {
        let Some(finding) = found.0.get(n) else { continue };
        let name = finding.user.clone().unwrap_or_else(|| finding.name.clone());
        let about = (place(v, finding, regions), name);
        match asked.iter_mut().find(|(a, _)| *a == about) {
            Some((_, all)) => all.push(n),
            None => asked.push((about, vec![n])),
        }
    }
    let answers: Vec<Result<Vec<Vec<TrailEvent>>, Fault>> = all(asked.iter().map(|((region, name), _)| {
        v.attempt(region, LookupEvents { by: Lookup::Resource(name.clone()), from })
    }))?;
    let answers = asked.into_iter().map(|(_, all)| all).zip(answers);
    let mut whys: Vec<String> = Vec::new();
    for (all, answer) in answers {
        match answer {
            Ok(pages) => {
                let events = pages.concat();
                for n in all {
                    let Some(finding) = found.0.get_mut(n) else { continue };
                    finding.deeds = events.iter().filter_map(|e| of(e, finding)).collect();
                    finding.deeds.sort_by_key(|d| d.at);
                }
            }
            Err(fault) => {
                let why = fault.to_string();
                if !whys.contains(&why) {
                    whys.push(why);
                }
            }
        }
    }
    gaps.extend(whys.into_iter().map(|why| format!("NOT LOOKED AT: who made some of the findings: {why}")));
    Ok(gaps)
}

/// The Region whose CloudTrail has the events of a thing: IAM's are in us-east-1.
fn place(v: &View<'_>, finding: &Finding, regions: &[Region]) -> Region {
    let global = Region::us_east_1();
    match &finding.region {
        Some(region) => region.clone(),
        None if regions.contains(&global) => global,
        None => v.at.region.clone(),
    }
}

/// What an event did to a thing.
fn of(e: &TrailEvent, finding: &Finding) -> Option<Deed> {
    let (kind, name, _, words) = about(e).filter(|_| e.succeeded())?;
    let at = finding.listed.as_ref().and_then(|(_, at)| *at);
    let same = match finding.kind {
        Kind::Key => name == finding.name || made_then(e, at),
        Kind::User
        | Kind::Password
        | Kind::Device
        | Kind::Role
        | Kind::Policy
        | Kind::Function
        | Kind::Url
        | Kind::Layer
        | Kind::Rule
        | Kind::Provider
        | Kind::Trail
        | Kind::Other => name == finding.name,
        // It was asked for by its id, which the event's own parameters do not name.
        Kind::Instance => true,
    };
    (kind == finding.kind && same).then(|| Deed::of(e, words))
}

/// What does not count. Whoever uses a credential that is followed is not the operator, whatever its name.
pub(super) fn set_aside(found: &mut Findings, me: &Identity, followed: &[AccessKeyId], known: &[Untrusted]) {
    for f in found.0.iter_mut().filter(|f| f.is_open()) {
        let mine = |d: &Deed| {
            d.who.as_ref() == Some(&me.arn) && !d.key.as_ref().is_some_and(|k| followed.contains(k))
        };
        if known.contains(&f.name) {
            f.state = State::Known("a person has looked at it, as `known` says".into());
        } else if !f.deeds.is_empty() && f.deeds.iter().all(mine) {
            f.state = State::Known("you did it yourself".into());
        }
    }
}
