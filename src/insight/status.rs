//! The totals of an estate and of each of its systems, as CONTRACT's `status` has them. What could not be
//! read is `None` (null), never 0; a sum over things of which some could not be read is the sum of those
//! that could, and the gap is told beside it.

use super::attention::{self, Attention, Severity};
use super::dead_letter::Role;
use super::expiry;
use super::inventory::Inventory;
use super::look::Look;
use super::secret_age::{self, AgeState};
use super::source::{Broad, Source};
use super::subject::Subject;
use super::waf_counts;
use crate::estate::{AlarmState, Loadable, Scope, Untrusted};
use serde::{Serialize, Serializer};

/// Alarms by state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct AlarmTotals {
    /// In ALARM.
    pub alarm: Option<u64>,
    /// In OK.
    pub ok: Option<u64>,
    /// In INSUFFICIENT_DATA, or in a state that this version does not know.
    pub insufficient_data: Option<u64>,
    /// With their actions switched off.
    pub actions_disabled: Option<u64>,
    /// Muted now.
    pub muted: Option<u64>,
}

/// Dead letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct QueueTotals {
    /// Dead-letter queues, suspects included.
    pub dead_letter: Option<u64>,
    /// Messages in them, those in flight and delayed ones included.
    pub messages: Option<u64>,
    /// The age of the oldest, in seconds; `None` too where there is none.
    pub oldest_age_s: Option<i64>,
    /// Queues whose first message may be lost soon.
    pub expiring_soon: Option<u64>,
}

/// Web ACLs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct WafTotals {
    /// How many.
    pub web_acls: Option<u64>,
    /// Requests they blocked in the last hour.
    pub blocked_1h: Option<u64>,
    /// Requests they block in a minute now.
    pub blocked_per_min: Option<u64>,
}

/// Secrets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct SecretTotals {
    /// How many.
    pub total: Option<u64>,
    /// Older than their policy.
    pub overdue: Option<u64>,
    /// Soon older than their policy.
    pub due_soon: Option<u64>,
    /// Of an age that is not known.
    pub unknown: Option<u64>,
}

/// The totals of the estate or of a system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Totals {
    /// Alarms.
    pub alarms: AlarmTotals,
    /// Dead letters.
    pub queues: QueueTotals,
    /// Web ACLs.
    pub waf: WafTotals,
    /// Secrets.
    pub secrets: SecretTotals,
}

/// A system's totals.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SystemTotals {
    /// Its name; `None` for what belongs to no system.
    #[serde(serialize_with = "wire")]
    pub name: Option<Untrusted>,
    /// Its totals.
    #[serde(flatten)]
    pub totals: Totals,
}

fn wire<S: Serializer>(name: &Option<Untrusted>, to: S) -> Result<S::Ok, S::Error> {
    name.as_ref().map(Untrusted::wire).serialize(to)
}

/// Everything that `status` says of an estate.
#[derive(Clone, PartialEq, Debug)]
pub struct Status {
    /// The whole.
    pub totals: Totals,
    /// Each system in the order of the configuration, then what belongs to none, if there is a system.
    pub systems: Vec<SystemTotals>,
    /// What needs a person.
    pub attention: Vec<Attention>,
}

impl Status {
    /// The status at a look.
    #[must_use]
    pub fn of(look: &Look<'_>) -> Self {
        let (totals, systems) = totals(look);
        Self { totals, systems, attention: attention::attention(look) }
    }

    /// Whether something needs a person: what `--exit-code` answers 1 to.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        attention::count(&self.attention, Severity::Unknown) < self.attention.len()
    }
}

/// Whether a list was read, if only in part or a while ago.
fn is_known(inv: &Inventory, source: &Source) -> bool {
    match inv.standing(source) {
        Loadable::Idle | Loadable::Failed { stale: None, .. } => false,
        Loadable::Loading { stale: None, .. } => inv.trouble(source).is_none(),
        Loadable::Loading { .. } | Loadable::Ready(_) | Loadable::Failed { .. } => true,
    }
}

/// The totals of the estate and of each system.
#[must_use]
pub fn totals(look: &Look<'_>) -> (Totals, Vec<SystemTotals>) {
    let inv = look.inv;
    let systems = &look.picture.systems;
    let start = start(inv);
    // The last place is for what belongs to no system.
    let mut each = vec![start; systems.names().len() + 1];
    let mut whole = start;
    let mut add = |subject: Subject, with: &dyn Fn(&mut Totals)| {
        let place = systems.place_of(&subject).unwrap_or(systems.names().len());
        with(&mut whole);
        if let Some(totals) = each.get_mut(place) {
            with(totals);
        }
    };
    for (arn, alarm) in inv.alarms.iter() {
        let muted = look.picture.mutes.get(&alarm.name).is_some();
        add(Subject::Alarm(arn.clone()), &|t| {
            let a = &mut t.alarms;
            match alarm.state {
                AlarmState::Alarm => more(&mut a.alarm, 1),
                AlarmState::Ok => more(&mut a.ok, 1),
                AlarmState::InsufficientData | AlarmState::Other(_) => more(&mut a.insufficient_data, 1),
            }
            more(&mut a.actions_disabled, u64::from(!alarm.actions_enabled));
            more(&mut a.muted, u64::from(muted));
        });
    }
    for (row, role) in look.picture.roles.dead_letters(inv) {
        let facts = queue_facts(look, row, role);
        add(Subject::Queue(row.url.clone()), &|t| {
            let q = &mut t.queues;
            more(&mut q.dead_letter, 1);
            more(&mut q.expiring_soon, u64::from(facts.soon));
            if let Some(n) = facts.held {
                *q.messages.get_or_insert(0) += n;
            }
            q.oldest_age_s = q.oldest_age_s.max(facts.age);
        });
    }
    for scope in [Scope::Regional, Scope::CloudFront] {
        for (arn, row) in inv.acls(scope).iter() {
            let count = waf_counts::of(inv, row);
            add(Subject::Acl(arn.clone()), &|t| {
                let w = &mut t.waf;
                more(&mut w.web_acls, 1);
                if let Some(n) = count.blocked_1h {
                    *w.blocked_1h.get_or_insert(0) += n;
                }
                if let Some(n) = count.blocked_per_min {
                    *w.blocked_per_min.get_or_insert(0) += n;
                }
            });
        }
    }
    for (arn, row) in inv.secrets.iter() {
        let age = secret_age::of(row, look.policy, look.now);
        add(Subject::Secret(arn.clone()), &|t| {
            let s = &mut t.secrets;
            more(&mut s.total, 1);
            more(&mut s.overdue, u64::from(age.state == AgeState::Overdue));
            more(&mut s.due_soon, u64::from(age.state == AgeState::DueSoon));
            more(&mut s.unknown, u64::from(age.state == AgeState::Unknown));
        });
    }
    let mut all: Vec<SystemTotals> = Vec::with_capacity(each.len());
    let names = systems.names().iter().cloned().map(Some).chain([None]);
    for (name, totals) in names.zip(each) {
        all.push(SystemTotals { name, totals: settled(totals) });
    }
    if systems.names().is_empty() {
        all.clear();
    }
    (settled(whole), all)
}

struct Held {
    held: Option<u64>,
    age: Option<i64>,
    soon: bool,
}

fn queue_facts(look: &Look<'_>, row: &super::inventory::QueueRow, role: &Role) -> Held {
    let held = row.facts.value().and_then(expiry::holds);
    let loss = expiry::loss(look.inv, row, role, look.now);
    let first = loss.bounds().map(|b| if b.assumed { b.latest } else { b.earliest });
    let soon = first.is_some_and(|t| look.is_soon(t));
    let age = expiry::oldest(look.inv, row).map(|(age, _)| age).filter(|_| held != Some(0));
    Held { held, age, soon }
}

/// What is counted from: 0 where the list was read, `None` where it was not. Sums of what each thing holds
/// start at `None` and become 0 in [`settled`] where there is nothing to sum.
fn start(inv: &Inventory) -> Totals {
    let zero = |sources: &[Source]| sources.iter().any(|s| is_known(inv, s)).then_some(0);
    let alarms = zero(&[Source::Broad(Broad::Alarms)]);
    let queues = zero(&[Source::Broad(Broad::Queues)]);
    let acls = zero(&[
        Source::Broad(Broad::WebAcls(Scope::Regional)),
        Source::Broad(Broad::WebAcls(Scope::CloudFront)),
    ]);
    let secrets = zero(&[Source::Broad(Broad::Secrets)]);
    Totals {
        alarms: AlarmTotals {
            alarm: alarms,
            ok: alarms,
            insufficient_data: alarms,
            actions_disabled: alarms,
            muted: alarms.and(zero(&[Source::Broad(Broad::Mutes)])),
        },
        queues: QueueTotals {
            dead_letter: queues,
            messages: None,
            oldest_age_s: None,
            expiring_soon: queues,
        },
        waf: WafTotals { web_acls: acls, blocked_1h: None, blocked_per_min: None },
        secrets: SecretTotals { total: secrets, overdue: secrets, due_soon: secrets, unknown: secrets },
    }
}

/// Nothing to sum is 0.
fn settled(mut t: Totals) -> Totals {
    if t.queues.dead_letter == Some(0) {
        t.queues.messages = Some(0);
    }
    if t.waf.web_acls == Some(0) {
        t.waf.blocked_1h = Some(0);
        t.waf.blocked_per_min = Some(0);
    }
    t
}

/// Adds to a count that is known.
fn more(count: &mut Option<u64>, n: u64) {
    if let Some(count) = count {
        *count += n;
    }
}

#[cfg(test)]
mod tests;
