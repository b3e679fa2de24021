//! The inventory: everything that is known about an estate, folded from pages as they come. Rows are
//! changed in place and keep their last known fields when a refresh cannot read them again.

use super::shelf::{Shelf, outcome, stands_otherwise};
use super::source::{Broad, Listed, Source};
use super::walk::{Spend, Step, WalkEvent};
use crate::estate::ask::{Answer, Ask, Page, Query, cloudwatch, lambda, secretsmanager, sqs, wafv2};
use crate::estate::{
    AccountAlias, Alarm, Arn, EventSource, Fault, Field, FunctionName, Gap, Identity, Loadable, MetricId,
    MuteRule, MuteRuleName, QueueUrl, Seen, Ticket, Timestamp, Untrusted, WebAclId,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How many details that are not part of the whole picture are kept; the oldest walk leaves first.
const KEPT_DETAILS: usize = 48;

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Who is asking.
    pub identity: Field<Identity>,
    /// The account's alias.
    pub alias: Field<Option<AccountAlias>>,
    /// Alarms by ARN.
    pub alarms: Shelf<Arn, Arc<Alarm>>,
    /// Mute rules by name; `Unread` until [`cloudwatch::GetAlarmMuteRule`] answered.
    pub mutes: Shelf<MuteRuleName, Field<MuteRule>>,
    /// Queues by URL.
    pub queues: Shelf<QueueUrl, QueueRow>,
    /// Functions by ARN.
    pub functions: Shelf<Arn, FunctionRow>,
    /// Event source mappings by id, listed by the same walk as the functions.
    pub event_sources: Shelf<Untrusted, EventSource>,
    /// Regional ACLs by ARN.
    pub regional_acls: Shelf<Arn, AclRow>,
    /// CloudFront ACLs by ARN.
    pub cloudfront_acls: Shelf<Arn, AclRow>,
    /// Secrets by ARN.
    pub secrets: Shelf<Arn, SecretRow>,
    /// The alarms' tags by ARN, where they were asked for.
    pub alarm_tags: BTreeMap<Arn, Vec<(Untrusted, Untrusted)>>,
    details: BTreeMap<Source, Held>,
    index: Index,
    usual: BTreeMap<MetricId, Usual>,
    revision: u64,
    latest: Timestamp,
    /// What all walks have cost so far.
    pub spend: Spend,
}

/// Finds rows by another name than their key, so that no answer needs a search.
#[derive(Clone, Debug, Default)]
struct Index {
    queues: HashMap<Arn, QueueUrl>,
    functions: HashMap<FunctionName, Arn>,
    acls: HashMap<WebAclId, Arn>,
}

/// What a series came to in the whole day before `hour` (hours since 1970).
#[derive(Clone, Copy, Debug)]
struct Usual {
    hour: i64,
    total: f64,
}

#[derive(Clone, Debug)]
struct Held {
    load: Loadable<Detail>,
    trouble: Option<Arc<Fault>>,
    gaps: Vec<Gap>,
    any: bool,
    walk: Ticket,
}

impl Inventory {
    /// The ACLs of a scope.
    #[must_use]
    pub fn acls(&self, scope: crate::estate::Scope) -> &Shelf<Arn, AclRow> {
        match scope {
            crate::estate::Scope::Regional => &self.regional_acls,
            crate::estate::Scope::CloudFront => &self.cloudfront_acls,
        }
    }

    fn acls_mut(&mut self, scope: crate::estate::Scope) -> &mut Shelf<Arn, AclRow> {
        match scope {
            crate::estate::Scope::Regional => &mut self.regional_acls,
            crate::estate::Scope::CloudFront => &mut self.cloudfront_acls,
        }
    }

    /// The ACL with this ARN, of either scope.
    #[must_use]
    pub fn acl(&self, arn: &Arn) -> Option<&AclRow> {
        self.regional_acls.get(arn).or_else(|| self.cloudfront_acls.get(arn))
    }

    /// The queue with this ARN; by its name where its attributes could not be read.
    #[must_use]
    pub fn queue_at(&self, arn: &Arn) -> Option<&QueueRow> {
        if let Some(row) = self.index.queues.get(arn).and_then(|url| self.queues.get(url)) {
            return Some(row);
        }
        if arn.service() != Some("sqs") {
            return None;
        }
        let (any, _) = self.queues.iter().next()?;
        let row = self.queues.get(&any.sibling(arn.resource().wire()))?;
        let same_account = row.url.account().is_none_or(|a| arn.account() == Some(a));
        (same_account && row.facts.value().is_none()).then_some(row)
    }

    /// The function with this ARN, which may name a version or an alias of it.
    #[must_use]
    pub fn function_at(&self, arn: &Arn) -> Option<&FunctionRow> {
        self.functions.get(arn).or_else(|| {
            let plain: Vec<&str> = arn.wire().splitn(8, ':').take(7).collect();
            self.functions.get(&Arn::new(plain.join(":")))
        })
    }

    /// The function of this name.
    #[must_use]
    pub fn function_named(&self, name: &Untrusted) -> Option<&FunctionRow> {
        self.functions.get(self.index.functions.get(&FunctionName::new(name.wire()))?)
    }

    /// Rises whenever anything to see changes. What is concluded from an inventory holds as long as this
    /// stays.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The fault of the newest walk of `source` that ended, if it failed as a whole; kept while another is
    /// under way, so that a source in trouble does not look mended each time it is tried again.
    #[must_use]
    pub fn trouble(&self, source: &Source) -> Option<&Arc<Fault>> {
        match source.listed() {
            Some(Listed::Alarms) => self.alarms.trouble(),
            Some(Listed::Mutes) => self.mutes.trouble(),
            Some(Listed::Queues) => self.queues.trouble(),
            Some(Listed::Functions) => self.functions.trouble(),
            Some(Listed::WebAcls(scope)) => self.acls(scope).trouble(),
            Some(Listed::Secrets) => self.secrets.trouble(),
            None => self.details.get(source).and_then(|h| h.trouble.as_ref()),
        }
    }

    /// What a series came to in a minute, on the mean of the whole day before; `None` if that is not known.
    #[must_use]
    pub fn usual_per_minute(&self, metric: &MetricId) -> Option<f64> {
        self.usual.get(metric).map(|u| u.total / (24.0 * 60.0))
    }

    /// Whether the usual of a series was read for the day before this hour.
    pub(super) fn usual_is_known(&self, metric: &MetricId, hour: i64) -> bool {
        self.usual.get(metric).is_some_and(|u| u.hour == hour)
    }

    /// What a source holds as a whole; `None` if it was never walked.
    #[must_use]
    pub fn detail(&self, source: &Source) -> Option<&Loadable<Detail>> {
        self.details.get(source).map(|h| &h.load)
    }

    /// The metric values of a source, with their age; `None` until it was read.
    #[must_use]
    pub fn metrics(&self, source: &Source) -> Option<&Metrics> {
        match self.detail(source)?.value()? {
            Detail::Metrics(m) => Some(m),
            Detail::History(_)
            | Detail::Contributors(_)
            | Detail::Samples(_)
            | Detail::Resources(_)
            | Detail::Versions(_)
            | Detail::Series(_)
            | Detail::Rows => None,
        }
    }

    /// How old and complete a source is, without its value.
    #[must_use]
    pub fn standing(&self, source: &Source) -> Loadable<()> {
        let unit = |l: &Loadable<Detail>| match l {
            Loadable::Idle => Loadable::Idle,
            Loadable::Loading { ticket, stale, .. } => {
                Loadable::Loading { ticket: *ticket, so_far: (), stale: stale.as_ref().map(without_value) }
            }
            Loadable::Ready(seen) => Loadable::Ready(without_value(seen)),
            Loadable::Failed { fault, stale } => {
                Loadable::Failed { fault: fault.clone(), stale: stale.as_ref().map(without_value) }
            }
        };
        match source.listed() {
            Some(Listed::Alarms) => self.alarms.load().clone(),
            Some(Listed::Mutes) => self.mutes.load().clone(),
            Some(Listed::Queues) => self.queues.load().clone(),
            Some(Listed::Functions) => self.functions.load().clone(),
            Some(Listed::WebAcls(scope)) => self.acls(scope).load().clone(),
            Some(Listed::Secrets) => self.secrets.load().clone(),
            None => self.detail(source).map_or(Loadable::Idle, unit),
        }
    }

    /// Starts walk `ticket` of `source`; events of older walks of it are dropped from now on. Returns
    /// whether that shows: the first walk of a source does, a refresh does not.
    pub fn begin(&mut self, source: &Source, ticket: Ticket) -> bool {
        match source.listed() {
            Some(Listed::Alarms) => self.alarms.begin(ticket),
            Some(Listed::Mutes) => self.mutes.begin(ticket),
            Some(Listed::Queues) => self.queues.begin(ticket),
            Some(Listed::Functions) => {
                self.event_sources.begin(ticket);
                self.functions.begin(ticket)
            }
            Some(Listed::WebAcls(scope)) => self.acls_mut(scope).begin(ticket),
            Some(Listed::Secrets) => self.secrets.begin(ticket),
            None => self.begin_detail(source, ticket),
        }
    }

    fn begin_detail(&mut self, source: &Source, ticket: Ticket) -> bool {
        let shows = !self.details.contains_key(source);
        let held = self.details.entry(source.clone()).or_insert_with(|| Held {
            load: Loadable::Idle,
            trouble: None,
            gaps: Vec::new(),
            any: false,
            walk: ticket,
        });
        held.load.begin(ticket, Detail::empty(source));
        held.gaps.clear();
        held.any = false;
        held.walk = ticket;
        while self.details.keys().filter(|s| !s.is_broad()).count() > KEPT_DETAILS {
            let oldest = self
                .details
                .iter()
                .filter(|(s, _)| !s.is_broad() && *s != source)
                .min_by_key(|(_, h)| h.walk)
                .map(|(s, _)| s.clone());
            match oldest {
                Some(s) => self.details.remove(&s),
                None => break,
            };
        }
        shows
    }

    /// Whether `ticket` is the walk of `source` that is under way.
    fn is_current(&mut self, source: &Source, ticket: Ticket) -> bool {
        match source.listed() {
            Some(Listed::Alarms) => self.alarms.is_current(ticket),
            Some(Listed::Mutes) => self.mutes.is_current(ticket),
            Some(Listed::Queues) => self.queues.is_current(ticket),
            Some(Listed::Functions) => self.functions.is_current(ticket),
            Some(Listed::WebAcls(scope)) => self.acls_mut(scope).is_current(ticket),
            Some(Listed::Secrets) => self.secrets.is_current(ticket),
            None => self.details.get_mut(source).is_some_and(|h| h.load.arriving(ticket).is_some()),
        }
    }

    /// Folds what happened on a walk. Returns whether anything to see changed: a row, a value, or how old
    /// and complete a source is said to be. A refresh that reads the same again changes nothing, nor does
    /// an event of a walk that is no longer wanted.
    pub fn fold(&mut self, event: WalkEvent) -> bool {
        let WalkEvent { source, ticket, step } = event;
        if let Step::End { spend, .. } = &step {
            self.spend += *spend; // money that was spent is spent, wanted or not
        }
        if !self.is_current(&source, ticket) {
            return false;
        }
        let shows = match step {
            Step::Page { query, page, first } => {
                if let Some(held) = self.details.get_mut(&source) {
                    held.any = true;
                }
                self.latest = self.latest.max(page.sent);
                self.page(&source, ticket, &query, page, first)
            }
            Step::Gap { query, root, fault } => self.gap(&source, &query, root, fault),
            Step::End { began, .. } => self.end(&source, ticket, began),
        };
        self.revision += u64::from(shows);
        shows
    }

    fn end(&mut self, source: &Source, ticket: Ticket, at: Timestamp) -> bool {
        let latest = self.latest;
        match source.listed() {
            Some(Listed::Alarms) => self.alarms.end(ticket, at, latest),
            Some(Listed::Mutes) => self.mutes.end(ticket, at, latest),
            Some(Listed::Queues) => {
                let shows = self.queues.end(ticket, at, latest);
                let (index, rows) = (&mut self.index.queues, &self.queues);
                if index.len() > rows.len() {
                    index.retain(|_, url| rows.get(url).is_some());
                }
                shows
            }
            Some(Listed::Functions) => {
                let shows = self.functions.end(ticket, at, latest);
                let (index, rows) = (&mut self.index.functions, &self.functions);
                if index.len() > rows.len() {
                    index.retain(|_, arn| rows.get(arn).is_some());
                }
                self.event_sources.end(ticket, at, latest) || shows
            }
            Some(Listed::WebAcls(scope)) => {
                let shows = self.acls_mut(scope).end(ticket, at, latest);
                let (regional, cloudfront) = (&self.regional_acls, &self.cloudfront_acls);
                if self.index.acls.len() > regional.len() + cloudfront.len() {
                    let known = |arn: &Arn| regional.get(arn).is_some() || cloudfront.get(arn).is_some();
                    self.index.acls.retain(|_, arn| known(arn));
                }
                shows
            }
            Some(Listed::Secrets) => self.secrets.end(ticket, at, latest),
            None => {
                if matches!(source, Source::Broad(Broad::WafCounts(_))) {
                    let hour = at.as_second().div_euclid(3600);
                    self.usual.retain(|_, u| hour - u.hour < 3);
                }
                self.end_detail(source, ticket, at)
            }
        }
    }

    fn end_detail(&mut self, source: &Source, ticket: Ticket, at: Timestamp) -> bool {
        let latest = self.latest.max(at);
        let Some(held) = self.details.get_mut(source) else { return false };
        let gaps = std::mem::take(&mut held.gaps);
        // A walk that had nothing to ask has read everything.
        let outcome = outcome(gaps, held.any);
        let stands = stands_otherwise(held.load.seen(), held.trouble.as_ref(), &outcome, latest);
        let other = matches!(&held.load,
            Loadable::Loading { so_far, stale: Some(seen), .. } if seen.value != *so_far);
        match outcome {
            Ok(complete) => {
                held.trouble = None;
                held.load.finish(ticket, at, complete);
                stands || other
            }
            Err(fault) => {
                held.trouble = Some(fault.clone());
                held.load.fail(ticket, fault);
                stands
            }
        }
    }
}

fn without_value(seen: &Seen<Detail>) -> Seen<()> {
    Seen { value: (), at: seen.at, complete: seen.complete.clone() }
}

mod fold;
mod rows;

pub use rows::{AclRow, Detail, FunctionRow, MetricKey, Metrics, QueueRow, SecretRow};

#[cfg(test)]
mod tests;
