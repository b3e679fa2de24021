//! How old and how complete each source is, in a word that changes rarely. Knows no rows.
//!
//! A state is drawn when it changes; an age steps by the minute or coarser and starts with `< 2 min`, so
//! that a source that is polled every minute says the same all the time.

use super::inventory::Inventory;
use super::source::{About, Broad, Reach, Source};
use super::words;
use crate::config::Intervals;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Fault, Loadable, Scope, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// The state of a source, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// Read, complete, and not older than it should be.
    Fresh,
    /// Not asked for.
    Idle,
    /// Being read for the first time.
    Loading,
    /// Older than it should be.
    Stale,
    /// Read, with gaps.
    Partial,
    /// The newest attempt failed as a whole.
    Failed,
}

impl State {
    /// The state as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            State::Fresh => "fresh",
            State::Idle => "not read",
            State::Loading => "loading",
            State::Stale => "stale",
            State::Partial => "partial",
            State::Failed => "failed",
        }
    }
}

/// How a source stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Freshness {
    /// Its state.
    pub state: State,
    /// When what is known of it was asked for.
    pub at: Option<Timestamp>,
    /// Why the newest attempt failed, as a whole or in part.
    pub fault: Option<Arc<Fault>>,
    /// How many things could not be read.
    pub gaps: usize,
    stale_after_s: i64,
}

/// How often a source should be read. A detail is read as often as it changes by itself.
#[must_use]
pub fn interval(source: &Source, intervals: &Intervals) -> Duration {
    match source {
        Source::Broad(broad) => match broad {
            Broad::Identity => intervals.identity,
            Broad::Alarms => intervals.alarms,
            Broad::Mutes => intervals.mutes,
            Broad::Queues => intervals.queues,
            Broad::QueueAges => intervals.queue_metrics,
            Broad::Functions => intervals.functions,
            Broad::WebAcls(_) => intervals.waf,
            Broad::WafCounts(_) => intervals.waf_metrics,
            Broad::Secrets => intervals.secrets,
            Broad::Tags => intervals.tags,
        },
        Source::Detail(about) => match about {
            About::OneAlarm(_) => intervals.alarms,
            About::AlarmChart(_, reach) | About::QueueTrend(_, reach) => match reach {
                Reach::Near => DETAIL,
                Reach::Day => 5 * DETAIL,
                Reach::Week => 30 * DETAIL,
            },
            About::AlarmHistory(_) | About::Contributors(_) | About::AclSamples(_) => DETAIL,
            About::AclResources(_) | About::AclSeries(_) => intervals.waf,
            About::AclUnlisted(_) => intervals.waf_metrics,
            About::SecretVersions(_) => intervals.secrets,
        },
    }
}

/// Metrics come by the minute; no detail changes faster. Of a chart over a day or a week a column stands for many
/// minutes, so that it is enough to read it when one has passed.
const DETAIL: Duration = Duration::from_secs(60);

/// From this age on a source is stale: it missed being read twice.
fn stale_after(source: &Source, intervals: &Intervals) -> i64 {
    let seconds = i64::try_from(interval(source, intervals).as_secs()).unwrap_or(i64::MAX);
    seconds.saturating_mul(2).saturating_add(60)
}

/// How a source stands.
#[must_use]
pub fn of(inv: &Inventory, source: &Source, intervals: &Intervals, now: Timestamp) -> Freshness {
    let standing = inv.standing(source);
    let trouble = inv.trouble(source).cloned();
    let seen = standing.seen();
    let at = seen.map(|s| s.at);
    let gaps = seen.map_or(&[][..], |s| s.complete.gaps());
    let stale_after_s = stale_after(source, intervals);
    let state = match (&standing, &trouble) {
        (_, Some(_)) => State::Failed,
        (Loadable::Idle, None) => State::Idle,
        (_, None) if at.is_none() => State::Loading,
        (_, None) if !gaps.is_empty() => State::Partial,
        (_, None) if at.is_some_and(|t| seconds_between(t, now) > stale_after_s) => State::Stale,
        (_, None) => State::Fresh,
    };
    let fault = trouble.or_else(|| gaps.first().map(|g| g.fault.clone()));
    Freshness { state, at, fault, gaps: gaps.len(), stale_after_s }
}

/// An age in the steps of this file: `< 2 min`, then as [`words::age`].
#[must_use]
pub fn age(at: Timestamp, now: Timestamp) -> String {
    if seconds_between(at, now) < 120 { "< 2 min".to_string() } else { words::age(at, now) }
}

impl Freshness {
    /// The state in words: `< 2 min`, `stale, 12 min`, `denied`, `denied, 12 min old`, `partial, < 2 min`.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        let age = self.at.map(|t| age(t, now));
        match (self.state, age) {
            (State::Fresh, Some(age)) => age,
            (State::Failed, age) => {
                let word = self.fault.as_ref().map_or("failed", |f| fault_word(f));
                age.map_or_else(|| word.to_string(), |age| format!("{word}, {age} old"))
            }
            (state, Some(age)) => format!("{}, {age}", state.word()),
            (state, None) => state.word().to_string(),
        }
    }

    /// When [`words`](Self::words) or the state next says something else by itself; `None` if never.
    #[must_use]
    pub fn next_step(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.at?;
        let step = match seconds_between(at, now) {
            s if s < 120 => plus_seconds(at, 120),
            _ => words::next_step(at, now),
        };
        let stale = plus_seconds(at, self.stale_after_s + 1);
        Some(if self.state == State::Fresh && stale > now { step.min(stale) } else { step })
    }
}

/// A fault in a word or two, for where there is room for no more.
#[must_use]
pub fn fault_word(fault: &Fault) -> &'static str {
    match fault.word() {
        "no_credentials" => "no credentials",
        "clock_skew" => "clock skew",
        "timed_out" => "timed out",
        "not_found" => "not found",
        "expired" => "credentials expired",
        "other" => "failed",
        word => word,
    }
}

/// Some sources that are told together, and how they stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// What they are called: `alarms, queues`.
    pub names: String,
    /// Their state in words.
    pub words: String,
    /// Their state.
    pub state: State,
}

/// What the watch consists of, for a line of freshness: a name, the source whose age counts, and those that
/// belong to it.
fn families(inv: &Inventory) -> Vec<(&'static str, Broad, Vec<Broad>)> {
    let scopes = [Scope::Regional, Scope::CloudFront];
    let counts = scopes.into_iter().filter(|scope| !inv.acls(*scope).is_empty()).map(Broad::WafCounts);
    let of_waf: Vec<Broad> = scopes.map(Broad::WebAcls).into_iter().chain(counts.clone()).collect();
    let waf = counts.clone().next().unwrap_or(Broad::WebAcls(Scope::Regional));
    vec![
        ("identity", Broad::Identity, vec![]),
        ("alarms", Broad::Alarms, vec![Broad::Mutes]),
        ("queues", Broad::Queues, vec![Broad::QueueAges]),
        ("functions", Broad::Functions, vec![]),
        ("waf", waf, of_waf),
        ("secrets", Broad::Secrets, vec![]),
        ("tags", Broad::Tags, vec![]),
    ]
}

/// The line of freshness: `alarms, queues, waf < 2 min`, `secrets 4 min`, each part as short as it can be.
/// Identity, functions and tags are told only when they are in trouble.
#[must_use]
pub fn line(inv: &Inventory, intervals: &Intervals, now: Timestamp) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (name, main, others) in families(inv) {
        let quiet = matches!(main, Broad::Identity | Broad::Functions | Broad::Tags);
        let stands = of(inv, &main.into(), intervals, now);
        let identity_known = main == Broad::Identity && inv.identity.value().is_some();
        if quiet && (stands.state < State::Partial || (identity_known && stands.state == State::Partial)) {
            continue;
        }
        tell(&mut parts, name, &stands, now);
        // What belongs to it is told by its own name: alarms are not in doubt because their mute rules are.
        for source in others.into_iter().filter(|s| *s != main) {
            let other = of(inv, &source.into(), intervals, now);
            if other.state > stands.state && other.state >= State::Stale {
                tell(&mut parts, source.words(), &other, now);
            }
        }
    }
    parts
}

fn tell(parts: &mut Vec<Part>, name: &str, stands: &Freshness, now: Timestamp) {
    let words = stands.words(now);
    match parts.iter_mut().find(|p| p.words == words && p.state == stands.state) {
        Some(part) => {
            part.names.push_str(", ");
            part.names.push_str(name);
        }
        None => parts.push(Part { names: name.to_string(), words, state: stands.state }),
    }
}

/// When the line of freshness next changes by itself.
#[must_use]
pub fn next_step(inv: &Inventory, intervals: &Intervals, now: Timestamp) -> Option<Timestamp> {
    families(inv)
        .into_iter()
        .flat_map(|(_, main, others)| std::iter::once(main).chain(others))
        .filter_map(|broad| of(inv, &broad.into(), intervals, now).next_step(now))
        .min()
}

#[cfg(test)]
mod tests;
