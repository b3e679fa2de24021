//! The rows of the four lists: which fit a filter, and in which order. Only identities come out, so that a
//! view builds just the rows it draws; everything is a function of a look.
//!
//! Every order is total: ties go by name, then by identity. What is not known comes last, whichever way the
//! list is turned. What can be typed as a filter is told in [`filter`].

use super::dead_letter::Origin;
use super::expiry;
use super::look::Look;
use super::secret_age::{self, AgeState};
use super::subject::Subject;
use super::waf_counts;
use crate::estate::time::seconds_between;
use crate::estate::{Alarm, AlarmKind, AlarmState, Arn, Encryption, QueueUrl, Scope};

pub mod filter;
mod rows;

pub use filter::Filter;
use rows::{Facts, Key, arrange};

/// The columns that alarms can be sorted by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AlarmSort {
    /// ALARM first, then what is not known, then OK; the newest first within each.
    State,
    /// By name.
    Name,
    /// The newest change first.
    Since,
    /// By system, then as [`State`](Self::State).
    System,
}

/// The columns that queues can be sorted by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum QueueSort {
    /// Dead letters first, the soonest lost before the others; then other queues, the fullest first.
    Urgency,
    /// By name.
    Name,
    /// The fullest first.
    Messages,
    /// The soonest lost first.
    Lost,
    /// By system, then as [`Urgency`](Self::Urgency).
    System,
}

/// The columns that web ACLs can be sorted by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AclSort {
    /// What blocks most now first.
    Rate,
    /// By name.
    Name,
    /// What blocked most in the hour first.
    Hour,
    /// By system, then as [`Rate`](Self::Rate).
    System,
}

/// The columns that secrets can be sorted by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretSort {
    /// Failed rotations, then overdue, due soon, unknown and fine ones; the oldest first within each.
    Urgency,
    /// By name.
    Name,
    /// The oldest value first.
    Age,
    /// By system, then as [`Urgency`](Self::Urgency).
    System,
}

/// The alarms that fit, in order.
#[must_use]
pub fn alarms(look: &Look<'_>, filter: &Filter, sort: AlarmSort, turned: bool) -> Vec<Arn> {
    let filter = &filter.among(look.picture.systems.names());
    let rows = look.inv.alarms.iter().filter_map(|(arn, alarm)| {
        let row = AlarmFacts { look, arn, alarm };
        if !filter.fits(&row) {
            return None;
        }
        let newest = alarm.since.map_or(Key::Last, |t| Key::Down(t.as_second()));
        let keys = match sort {
            AlarmSort::State => [Key::Up(row.rank()), newest, Key::Same],
            AlarmSort::Name => [Key::Same, Key::Same, Key::Same],
            AlarmSort::Since => [newest, Key::Same, Key::Same],
            AlarmSort::System => [row.place(), Key::Up(row.rank()), newest],
        };
        Some((keys, alarm.name.wire(), arn))
    });
    arrange(rows.collect(), turned)
}

/// The queues that fit, in order.
#[must_use]
pub fn queues(look: &Look<'_>, filter: &Filter, sort: QueueSort, turned: bool) -> Vec<QueueUrl> {
    let filter = &filter.among(look.picture.systems.names());
    let rows = look.inv.queues.iter().filter_map(|(url, _)| {
        let row = QueueFacts { look, url };
        if !filter.fits(&row) {
            return None;
        }
        let fullest = || row.held().map_or(Key::Last, |n| Key::Down(i64::try_from(n).unwrap_or(i64::MAX)));
        let keys = match sort {
            QueueSort::Urgency => [Key::Up(row.rank()), row.lost(), fullest()],
            QueueSort::Name => [Key::Same, Key::Same, Key::Same],
            QueueSort::Messages => [fullest(), Key::Same, Key::Same],
            QueueSort::Lost => [row.lost(), Key::Up(row.rank()), fullest()],
            QueueSort::System => [row.place(), Key::Up(row.rank()), row.lost()],
        };
        Some((keys, rows::last_part(url.wire()), url))
    });
    arrange(rows.collect(), turned)
}

/// The web ACLs of both scopes that fit, in order.
#[must_use]
pub fn acls(look: &Look<'_>, filter: &Filter, sort: AclSort, turned: bool) -> Vec<Arn> {
    let filter = &filter.among(look.picture.systems.names());
    let all = [Scope::Regional, Scope::CloudFront].into_iter().flat_map(|s| look.inv.acls(s).iter());
    let rows = all.filter_map(|(arn, acl)| {
        let row = AclFacts { look, arn, acl, count: waf_counts::of(look.inv, acl) };
        if !filter.fits(&row) {
            return None;
        }
        let most = |n: Option<u64>| n.map_or(Key::Last, |n| Key::Down(i64::try_from(n).unwrap_or(i64::MAX)));
        let (rate, hour) = (most(row.count.blocked_per_min), most(row.count.blocked_1h));
        let keys = match sort {
            AclSort::Rate => [rate, hour, Key::Same],
            AclSort::Name => [Key::Same, Key::Same, Key::Same],
            AclSort::Hour => [hour, rate, Key::Same],
            AclSort::System => [row.place(), rate, hour],
        };
        Some((keys, acl.summary.name.wire(), arn))
    });
    arrange(rows.collect(), turned)
}

/// The secrets that fit, in order.
#[must_use]
pub fn secrets(look: &Look<'_>, filter: &Filter, sort: SecretSort, turned: bool) -> Vec<Arn> {
    let filter = &filter.among(look.picture.systems.names());
    let rows = look.inv.secrets.iter().filter_map(|(arn, secret)| {
        let row = SecretFacts { look, arn, secret, age: secret_age::of(secret, look.policy, look.now) };
        if !filter.fits(&row) {
            return None;
        }
        let oldest = row.age.days.map_or(Key::Last, Key::Down);
        let keys = match sort {
            SecretSort::Urgency => [Key::Up(row.rank()), oldest, Key::Same],
            SecretSort::Name => [Key::Same, Key::Same, Key::Same],
            SecretSort::Age => [oldest, Key::Same, Key::Same],
            SecretSort::System => [row.place(), Key::Up(row.rank()), oldest],
        };
        Some((keys, secret.secret.name.wire(), arn))
    });
    arrange(rows.collect(), turned)
}

fn place(look: &Look<'_>, subject: &Subject) -> Key {
    look.picture.systems.place_of(subject).map_or(Key::Last, |i| Key::Up(i as i64))
}

fn system<'a>(look: &Look<'a>, subject: &Subject) -> Option<&'a str> {
    look.picture.systems.system_of(subject).map(|name| name.wire())
}

struct AlarmFacts<'a> {
    look: &'a Look<'a>,
    arn: &'a Arn,
    alarm: &'a Alarm,
}

impl AlarmFacts<'_> {
    fn rank(&self) -> i64 {
        match self.alarm.state {
            AlarmState::Alarm => 0,
            AlarmState::InsufficientData => 1,
            AlarmState::Other(_) => 2,
            AlarmState::Ok => 3,
        }
    }

    fn place(&self) -> Key {
        place(self.look, &Subject::Alarm(self.arn.clone()))
    }

    fn muted(&self) -> bool {
        self.look.picture.mutes.get(&self.alarm.name).is_some()
    }
}

impl Facts for AlarmFacts<'_> {
    fn name(&self) -> &str {
        self.alarm.name.wire()
    }

    fn word(&self, key: &str) -> Option<&str> {
        match key {
            "state" => Some(match &self.alarm.state {
                AlarmState::Alarm => "alarm",
                AlarmState::InsufficientData => "insufficient_data",
                AlarmState::Ok => "ok",
                AlarmState::Other(text) => text.wire(),
            }),
            "kind" => Some(match self.alarm.kind {
                AlarmKind::Metric => "metric",
                AlarmKind::Composite => "composite",
                AlarmKind::Log => "log",
            }),
            "system" => system(self.look, &Subject::Alarm(self.arn.clone())),
            _ => None,
        }
    }

    fn is(&self, flag: &str) -> bool {
        match flag {
            "muted" => self.muted(),
            "disabled" => !self.alarm.actions_enabled,
            _ => false,
        }
    }

    fn number(&self, key: &str) -> Option<f64> {
        match key {
            "age" => self.alarm.since.map(|t| seconds_between(t, self.look.now) as f64),
            _ => None,
        }
    }
}

struct QueueFacts<'a> {
    look: &'a Look<'a>,
    url: &'a QueueUrl,
}

impl<'a> QueueFacts<'a> {
    fn row(&self) -> Option<&'a super::QueueRow> {
        self.look.inv.queues.get(self.url)
    }

    fn facts(&self) -> Option<&'a crate::estate::QueueFacts> {
        self.row()?.facts.value()
    }

    fn held(&self) -> Option<u64> {
        self.facts().and_then(expiry::holds)
    }

    fn role(&self) -> &'a super::dead_letter::Role {
        self.look.picture.roles.role(self.url)
    }

    fn rank(&self) -> i64 {
        match (self.role().is_dead_letter(), self.held()) {
            (true, Some(0)) => 1,
            (true, _) => 0,
            (false, _) => 2,
        }
    }

    fn lost(&self) -> Key {
        let role = self.role();
        let row = self.row().filter(|_| role.is_dead_letter());
        let loss = row.map(|row| expiry::loss(self.look.inv, row, role, self.look.now));
        loss.and_then(|l| l.bounds().map(|b| Key::Up(b.pressing(self.look.now).as_second())))
            .unwrap_or(Key::Last)
    }

    fn place(&self) -> Key {
        place(self.look, &Subject::Queue(self.url.clone()))
    }
}

impl Facts for QueueFacts<'_> {
    fn name(&self) -> &str {
        rows::last_part(self.url.wire())
    }

    fn word(&self, key: &str) -> Option<&str> {
        match key {
            "origin" => Some(self.role().origin().word())
                .filter(|w| *w != Origin::Unknown.word() || self.role().is_dead_letter()),
            "system" => system(self.look, &Subject::Queue(self.url.clone())),
            _ => None,
        }
    }

    fn is(&self, flag: &str) -> bool {
        let facts = self.facts();
        match flag {
            "dlq" | "dead_letter" => self.role().is_dead_letter(),
            "suspect" => self.role().is_suspect(),
            "fifo" => facts.is_some_and(|f| f.fifo),
            "empty" => self.held() == Some(0),
            "encrypted" => facts.is_some_and(|f| f.encryption != Encryption::None),
            "moving" => self.row().is_some_and(|r| super::attention::running_task(r).is_some()),
            "unknown" => facts.is_none(),
            _ => false,
        }
    }

    fn number(&self, key: &str) -> Option<f64> {
        match key {
            "messages" => self.facts()?.messages.map(|n| n as f64),
            "in_flight" => self.facts()?.in_flight.map(|n| n as f64),
            "age" => expiry::oldest(self.look.inv, self.row()?).map(|(age, _)| age as f64),
            _ => None,
        }
    }
}

struct AclFacts<'a> {
    look: &'a Look<'a>,
    arn: &'a Arn,
    acl: &'a super::AclRow,
    count: waf_counts::AclCount,
}

impl AclFacts<'_> {
    fn place(&self) -> Key {
        place(self.look, &Subject::Acl(self.arn.clone()))
    }
}

impl Facts for AclFacts<'_> {
    fn name(&self) -> &str {
        self.acl.summary.name.wire()
    }

    fn word(&self, key: &str) -> Option<&str> {
        match key {
            "scope" => Some(match self.acl.summary.scope {
                Scope::Regional => "regional",
                Scope::CloudFront => "cloudfront",
            }),
            "system" => system(self.look, &Subject::Acl(self.arn.clone())),
            _ => None,
        }
    }

    fn is(&self, flag: &str) -> bool {
        match flag {
            "spike" => self.count.is_spike(),
            "unknown" => self.acl.acl.value().is_none(),
            _ => false,
        }
    }

    fn number(&self, key: &str) -> Option<f64> {
        match key {
            "blocked" => self.count.blocked_1h.map(|n| n as f64),
            "counted" => self.count.counted_1h.map(|n| n as f64),
            "rate" => self.count.blocked_per_min.map(|n| n as f64),
            _ => None,
        }
    }
}

struct SecretFacts<'a> {
    look: &'a Look<'a>,
    arn: &'a Arn,
    secret: &'a super::SecretRow,
    age: secret_age::SecretAge,
}

impl SecretFacts<'_> {
    fn rank(&self) -> i64 {
        match self.age.state {
            _ if self.age.rotation_failed.is_some() => 0,
            _ if self.age.deletion.is_some() => 1,
            AgeState::Overdue => 2,
            AgeState::DueSoon => 3,
            AgeState::Unknown => 4,
            AgeState::Ok => 5,
        }
    }

    fn place(&self) -> Key {
        place(self.look, &Subject::Secret(self.arn.clone()))
    }
}

impl Facts for SecretFacts<'_> {
    fn name(&self) -> &str {
        self.secret.secret.name.wire()
    }

    fn word(&self, key: &str) -> Option<&str> {
        match key {
            "state" => Some(self.age.state.word()),
            "system" => system(self.look, &Subject::Secret(self.arn.clone())),
            _ => None,
        }
    }

    fn is(&self, flag: &str) -> bool {
        match flag {
            "rotating" => self.secret.secret.rotation_enabled,
            "failed" => self.age.rotation_failed.is_some(),
            "deleted" => self.age.deletion.is_some(),
            "replica" => self.secret.secret.primary_region.is_some(),
            "managed" => self.secret.secret.owning_service.is_some(),
            _ => false,
        }
    }

    fn number(&self, key: &str) -> Option<f64> {
        match key {
            "age" => self.age.made.map(|t| seconds_between(t, self.look.now) as f64),
            "versions" => self.secret.versions.value().map(|v| v.len() as f64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
