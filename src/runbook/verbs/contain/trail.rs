//! What CloudTrail tells of some credentials, over Regions. A Region that does not answer is a gap that is said; what
//! CloudTrail never tells is said too.

use super::super::key::all;
use super::super::with::list;
use crate::estate::ask::cloudtrail::LookupEvents;
use crate::estate::{AccessKeyId, Lookup, Region, Timestamp, TrailEvent};
use crate::runbook::need::Need;
use crate::runbook::view::View;
use crate::runbook::words::counted;
use std::collections::BTreeMap;

/// The Regions that are enabled in every account of the `aws` partition ("Regions enabled by default", AWS Account
/// Management reference guide). What happens in a Region that an account has opted into is seen only if it is named.
pub const ALWAYS: [&str; 17] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
];

/// What was found.
#[derive(Default)]
pub(super) struct Looked {
    /// The events, oldest first, each once.
    pub events: Vec<TrailEvent>,
    /// How many Regions answered.
    pub answered: usize,
    /// Why others did not, by Region.
    pub gaps: BTreeMap<Region, String>,
}

impl Looked {
    /// What was not looked at, a sentence each.
    pub(super) fn gaps_said(&self) -> Vec<String> {
        self.gaps.iter().map(|(region, why)| format!("NOT LOOKED AT in {region}: {why}")).collect()
    }
}

/// What no look-up tells. The delay is the average that AWS names.
pub(super) const BLIND: &str = "no event is no proof: CloudTrail comes about 5 minutes late (not guaranteed), has no data \
     events (S3 objects, SQS messages, Invoke) here, and only the Regions asked; attempts with an inactive key may not \
     appear at all";

/// The Regions to be asked: as said, else those that every account has, and the run's own.
///
/// # Errors
/// `Refuse`, if a word is no Region.
pub(super) fn regions(v: &View<'_>) -> Result<Vec<Region>, Need> {
    let said = list(v, "regions");
    let read = |word: &str| {
        Region::new(word).ok_or_else(|| Need::Refuse(format!("regions: {word:?} is no code of a Region")))
    };
    let mut regions = if said.is_empty() {
        ALWAYS.iter().map(|word| read(word)).collect::<Result<Vec<_>, _>>()?
    } else {
        said.iter().map(|word| read(word.wire())).collect::<Result<Vec<_>, _>>()?
    };
    if !regions.contains(&v.at.region) {
        regions.push(v.at.region.clone());
    }
    regions.dedup();
    Ok(regions)
}

/// Looks up events since `from`, by each of some attributes, in some Regions.
///
/// # Errors
/// `Know`, until all was asked.
pub(super) fn look(v: &View<'_>, regions: &[Region], by: &[Lookup], from: Timestamp) -> Result<Looked, Need> {
    // One after the other in each Region, two a second, and the Regions beside each other.
    let pairs = by.iter().flat_map(|by| regions.iter().map(move |region| (region, by)));
    let answers = all(pairs.map(|(region, by)| {
        let ask = LookupEvents { by: by.clone(), from };
        v.attempt(region, ask).map(|answer| (region, answer))
    }))?;
    let mut looked = Looked::default();
    for (region, answer) in answers {
        match answer {
            Ok(pages) => looked.events.extend(pages.concat()),
            Err(fault) => {
                looked.gaps.entry(region.clone()).or_insert_with(|| fault.to_string());
            }
        }
    }
    looked.answered = regions.len() - looked.gaps.len();
    looked.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    looked.events.dedup_by(|a, b| a.id == b.id);
    Ok(looked)
}

/// What is looked up: what the one key did that is meant, or whatever its user did, with any key and in the console. Of a
/// user it is one look-up in each Region, however many keys there are.
///
/// # Errors
/// Neither is given.
pub(super) fn by_meant(v: &View<'_>) -> Result<Vec<Lookup>, Need> {
    Ok(match super::text(v, "key") {
        Some(key) => vec![Lookup::Key(AccessKeyId::new(key.wire()))],
        None => vec![Lookup::User(super::user(v)?.text().clone())],
    })
}

/// Leaves out what a session of a role did that is only called like the user that is meant, but those of `sessions`.
pub(super) fn only_meant(v: &View<'_>, looked: &mut Looked, sessions: &[AccessKeyId]) {
    let Some(user) = super::text(v, "user").filter(|_| super::text(v, "key").is_none()) else { return };
    let is_role = |e: &TrailEvent| e.principal.as_ref().is_some_and(|p| super::user_of(p).is_none());
    let called = |e: &TrailEvent| {
        let session = e.principal.as_ref().and_then(|p| p.wire().rsplit('/').next().map(str::to_owned));
        session.as_deref() == Some(user.wire())
    };
    let followed = |e: &TrailEvent| e.key.as_ref().is_some_and(|key| sessions.contains(key));
    looked.events.retain(|e| followed(e) || !(is_role(e) && called(e)));
}

pub(super) fn by_keys(keys: &[AccessKeyId]) -> Vec<Lookup> {
    keys.iter().cloned().map(Lookup::Key).collect()
}

/// Operations with how often, writes first: `PutObject x3 (write), ListBuckets x40`.
pub(super) fn operations(events: &[&TrailEvent]) -> String {
    const SHOWN: usize = 8;
    let mut counts: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for event in events {
        let reads = event.read_only == Some(true);
        *counts.entry((reads, event.name.shown().to_string())).or_default() += 1;
    }
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by_key(|((reads, _), n)| (*reads, std::cmp::Reverse(*n)));
    let more = all.len().saturating_sub(SHOWN);
    let mut said: Vec<String> = all
        .into_iter()
        .take(SHOWN)
        .map(|((reads, name), n)| format!("{name} x{n}{}", if reads { "" } else { " (write)" }))
        .collect();
    if more > 0 {
        said.push(format!("and {}", counted(more, "other operation")));
    }
    said.join(", ")
}

/// An event in words: what, when, where from.
pub(super) fn said(event: &TrailEvent) -> String {
    let from = event.source_ip.as_ref().map_or_else(String::new, |ip| format!(" from {}", ip.shown()));
    let region = event.region.as_ref().map_or_else(String::new, |r| format!(" in {}", r.shown()));
    format!("{} at {}{region}{from}", event.name.shown(), event.at.strftime("%H:%M:%S UTC"))
}
