//! What was found: a thing by which one could come back, what was done to it, who did it as far as that is known, and
//! whether it is still open. What CloudTrail tells and what the lists tell of one thing is one finding.

use super::super::trail::said;
use super::super::{key_command, revoke_command};
use crate::estate::{AccessKeyId, Arn, Region, Timestamp, TrailEvent, Untrusted};
use crate::runbook::found::Found;
use crate::runbook::words::{counted, instant};

pub(super) use crate::runbook::found::Kind;

/// Whether it is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// One could come back by it.
    Open,
    /// It is there and of no use: why.
    Contained(String),
    /// It is not there any more.
    Gone,
    /// Somebody has looked at it, or did it: who.
    Known(String),
}

/// Who did something, as CloudTrail tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Deed {
    pub at: Timestamp,
    pub who: Option<Arn>,
    /// The credentials that signed it.
    pub key: Option<AccessKeyId>,
    /// What it did, in words: `made a user`.
    pub words: &'static str,
    /// When and where from.
    pub said: String,
}

impl Deed {
    pub(super) fn of(e: &TrailEvent, words: &'static str) -> Self {
        Self { at: e.at, who: e.principal.clone(), key: e.key.clone(), words, said: said(e) }
    }
}

/// A thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Finding {
    pub kind: Kind,
    /// Its name as lists and events both have it; empty where an event names nothing.
    pub name: Untrusted,
    /// Whose it is: of a key, a password or a device.
    pub user: Option<Untrusted>,
    /// Where, of what belongs to a Region.
    pub region: Option<Region>,
    /// What was done, oldest first.
    pub deeds: Vec<Deed>,
    /// What a list says of it, and as of when: `the user x was made`.
    pub listed: Option<(String, Option<Timestamp>)>,
    pub state: State,
}

impl Finding {
    /// What a list shows.
    pub(super) fn listed(kind: Kind, name: Untrusted, words: String, at: Option<Timestamp>) -> Self {
        let listed = Some((words, at));
        Self { kind, name, user: None, region: None, deeds: Vec::new(), listed, state: State::Open }
    }

    /// Whether it counts.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// It as a record keeps it, while it is open.
    pub(super) fn found(&self) -> Option<Found> {
        let text = self.is_open().then(|| format!("{}; {}", self.told(), self.then()))?;
        let first = self.deeds.first();
        let at = first.map(|d| d.at).or(self.listed.as_ref().and_then(|(_, at)| *at));
        // What no list names and no event either is known again by the event.
        let event = first.filter(|_| self.name.is_empty()).map(|d| Untrusted::from(d.said.as_str()));
        Some(Found { event, ..Found::named(self.kind, self.name.clone(), at, text) })
    }

    /// It, in one sentence with what contains it. Safe to draw.
    pub(super) fn sentence(&self) -> String {
        let told = self.told();
        match &self.state {
            State::Open => self.found().map_or(told, |found| found.sentence()),
            State::Contained(why) => format!("CONTAINED: {told}; {why}"),
            State::Gone => format!("GONE: {told}; it is not there any more"),
            State::Known(who) => format!("KNOWN: {told}; {who}"),
        }
    }

    fn told(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" {}", self.name.shown()) };
        let place = self.region.as_ref().map_or_else(String::new, |r| format!(" in {r}"));
        match (self.deeds.split_first(), &self.listed) {
            (Some((first, more)), _) => {
                let who = first.who.as_ref().map_or_else(|| "somebody".to_owned(), |p| p.shown().to_string());
                let rest = match more.last() {
                    None => String::new(),
                    Some(last) => {
                        format!(", and {} after it, the last {}", counted(more.len(), "event"), last.said)
                    }
                };
                format!("{who} {}{name} ({}{rest})", first.words, first.said)
            }
            (None, Some((words, at))) => {
                let when = at.map_or_else(String::new, |at| format!(" {}", instant(at)));
                let who = if self.is_open() { " (not known by whom: no event was found)" } else { "" };
                format!("{words}{place}{when}{who}")
            }
            (None, None) => name,
        }
    }

    /// What contains it.
    fn then(&self) -> String {
        let name = self.name.wire();
        let quoted = crate::runbook::shell::quote(name);
        let region = self.region.as_ref().map_or_else(String::new, |r| format!(" --region {r}"));
        match self.kind {
            _ if self.name.is_empty() => "look at it, and take it back by hand".to_owned(),
            Kind::User => user_command(name),
            Kind::Key => format!("`{}`", key_command(&AccessKeyId::new(name))),
            Kind::Password | Kind::Device => {
                format!("{}: what denies it everything reaches its console too", user_command(name))
            }
            Kind::Role => format!("`{}`, then its trust by hand", revoke_command(name)),
            Kind::Function => {
                format!("isolate it: `bartizan runbook start function-isolated --set function={quoted}`")
            }
            Kind::Url => format!("`aws lambda delete-function-url-config --function-name {quoted}{region}`"),
            Kind::Instance => format!(
                "`aws ec2 stop-instances --instance-ids {quoted}{region}`: its disks stay, as evidence"
            ),
            Kind::Provider => {
                "take it out of the trust of every role that names it, then delete it by hand".to_owned()
            }
            Kind::Rule => {
                format!("`aws events disable-rule --name {quoted}{region}`, then look at what it sends to")
            }
            Kind::Trail => format!("`aws cloudtrail start-logging --name {quoted}{region}`"),
            Kind::Policy | Kind::Layer | Kind::Other => "look at it, and take it back by hand".to_owned(),
        }
    }
}

fn user_command(user: &str) -> String {
    format!("`bartizan runbook start iam-user-compromised --set user={}`", crate::runbook::shell::quote(user))
}

/// All of them, each thing once.
#[derive(Default)]
pub(super) struct Findings(pub Vec<Finding>);

/// A key is made within seconds of its own date, an instance starts soon after it was asked for.
const SAME_KEY: i64 = 5;
/// See above.
const SAME_INSTANCE: i64 = 120;

impl Findings {
    /// What was done to a thing.
    pub(super) fn did(&mut self, kind: Kind, name: Untrusted, user: Option<Untrusted>, deed: Deed) {
        match self.0.iter_mut().find(|f| f.kind == kind && f.name == name && !name.is_empty()) {
            Some(known) => {
                if !known.deeds.iter().any(|d| d.said == deed.said && d.words == deed.words) {
                    known.deeds.push(deed);
                    known.deeds.sort_by_key(|d| d.at);
                }
            }
            None => self.0.push(Finding {
                kind,
                name,
                user,
                region: None,
                deeds: vec![deed],
                listed: None,
                state: State::Open,
            }),
        }
    }

    /// What a list shows of a thing; what an event has told of the same thing, with another name or none, is its own.
    pub(super) fn shows(&mut self, mut finding: Finding) {
        let same = |f: &Finding| f.kind == finding.kind && f.name == finding.name;
        if let Some(known) = self.0.iter_mut().find(|f| same(f)) {
            known.listed = finding.listed;
            known.user = finding.user.or_else(|| known.user.take());
            known.region = finding.region;
            known.state = finding.state;
            return;
        }
        if finding.kind == Kind::Instance
            && let Some((_, Some(at))) = &finding.listed
        {
            let near = |f: &&Finding| {
                f.kind == Kind::Instance
                    && f.name.is_empty()
                    && f.deeds.iter().any(|d| {
                        let here = finding.region.as_ref().is_none_or(|r| d.said.contains(r.as_str()));
                        here && is_near(d.at, *at, SAME_INSTANCE)
                    })
            };
            finding.deeds = self.0.iter().find(near).map(|f| f.deeds.clone()).unwrap_or_default();
        }
        self.0.push(finding);
    }

    /// Events of starting instances are told by the instances, where lists show them.
    pub(super) fn settle(&mut self) {
        let told: Vec<Deed> = self
            .0
            .iter()
            .filter(|f| f.kind == Kind::Instance && !f.name.is_empty())
            .flat_map(|f| f.deeds.clone())
            .collect();
        self.0.retain(|f| {
            let nameless = f.kind == Kind::Instance && f.name.is_empty();
            !(nameless && f.deeds.iter().all(|d| told.contains(d)))
        });
    }
}

/// Whether an event is that by which a key was made, by the key's own date.
pub(super) fn made_then(e: &TrailEvent, at: Option<Timestamp>) -> bool {
    e.name.wire() == "CreateAccessKey" && at.is_some_and(|at| is_near(e.at, at, SAME_KEY))
}

fn is_near(a: Timestamp, b: Timestamp, seconds: i64) -> bool {
    crate::estate::time::seconds_between(a, b).abs() <= seconds
}
