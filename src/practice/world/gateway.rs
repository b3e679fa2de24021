//! API Gateway: REST APIs with a function behind them, usage plans, and the keys that they admit. What is
//! changed takes some seconds to reach every gateway. Sources: API Gateway API reference, `ApiKey`,
//! `UsagePlan`; developer guide, "Usage plans and API keys for REST APIs".

use super::clients::Turns;
use super::text::Text;
use super::{DAY, Second};
use serde::{Deserialize, Serialize};

/// Seconds until every gateway knows of a change: "about 10 s" (third party; AWS names no figure).
pub(in crate::practice) const SPREADS: i64 = 10;

/// A REST API with a key in front of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Api {
    /// Its id, the first part of its host name.
    pub(in crate::practice) id: String,
    /// What is behind it.
    pub(in crate::practice) function: String,
    /// The alias that is called; `$LATEST` without.
    pub(in crate::practice) qualifier: Option<String>,
    /// The variable in which the function looks for the key; it looks for none without.
    pub(in crate::practice) variable: Option<String>,
    /// Stages that want a key of a usage plan.
    pub(in crate::practice) keyed: Vec<String>,
    /// Stages that leave it to the function.
    pub(in crate::practice) open: Vec<String>,
    /// The log group that its stages write to; they write nothing without.
    #[serde(default)]
    pub(in crate::practice) log: Option<String>,
}

/// An API key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Key {
    pub(in crate::practice) id: String,
    pub(in crate::practice) name: String,
    pub(in crate::practice) description: Option<String>,
    pub(in crate::practice) created: Second,
    pub(in crate::practice) updated: Second,
    pub(in crate::practice) tags: Vec<(String, String)>,
    pub(in crate::practice) value: Text,
    pub(in crate::practice) enabled: Spreading,
    /// It is there, as far as the API tells.
    pub(in crate::practice) exists: Spreading,
    pub(in crate::practice) turns: Turns,
    /// Requests that were seen one by one: plan, day, how many.
    pub(in crate::practice) counted: Vec<(String, i64, u64)>,
}

/// A usage plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Plan {
    pub(in crate::practice) id: String,
    pub(in crate::practice) name: String,
    /// The id and the stage of the API that it is for.
    pub(in crate::practice) api: String,
    pub(in crate::practice) stage: String,
    /// Ids of keys that are in it or were.
    pub(in crate::practice) members: Vec<(String, Spreading)>,
    /// Requests that all its clients make in a day.
    pub(in crate::practice) per_day: u64,
}

/// Something that is so or not, and is not known everywhere at once.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Spreading {
    /// As it was set last.
    pub(in crate::practice) set: bool,
    /// Until then gateways still go by `was`.
    until: Second,
    was: bool,
}

impl Spreading {
    /// Known everywhere.
    pub(in crate::practice) fn always(set: bool) -> Self {
        Self { set, until: 0, was: set }
    }

    /// Set at `at`, after `was`.
    pub(in crate::practice) fn since(set: bool, was: bool, at: Second) -> Self {
        Self { set, until: at + SPREADS, was }
    }

    /// Sets it at `at`.
    pub(in crate::practice) fn turn(&mut self, set: bool, at: Second) {
        *self = Self::since(set, self.known(at), at);
    }

    /// What gateways go by at `at`.
    pub(in crate::practice) fn known(&self, at: Second) -> bool {
        if at < self.until { self.was } else { self.set }
    }
}

impl Key {
    /// Notes a request at `at` in `plan`.
    pub(in crate::practice) fn count(&mut self, plan: &str, at: Second) {
        let day = at.div_euclid(DAY);
        match self.counted.iter_mut().find(|(p, d, _)| p == plan && *d == day) {
            Some((_, _, n)) => *n += 1,
            None => self.counted.push((plan.to_owned(), day, 1)),
        }
    }
}

impl Plan {
    /// Whether the key is in it, as far as the API tells.
    pub(in crate::practice) fn has(&self, key: &str) -> bool {
        self.members.iter().any(|(k, m)| k == key && m.set)
    }

    /// Whether gateways go by the key's being in it at `at`.
    pub(in crate::practice) fn admits(&self, key: &str, at: Second) -> bool {
        self.members.iter().any(|(k, m)| k == key && m.known(at))
    }

    /// Whether the key ever was in it.
    pub(in crate::practice) fn had(&self, key: &str) -> bool {
        self.members.iter().any(|(k, _)| k == key)
    }

    /// Takes the key in, or out, at `at`.
    pub(in crate::practice) fn set(&mut self, key: &str, is_in: bool, at: Second) {
        match self.members.iter_mut().find(|(k, _)| k == key) {
            Some((_, m)) => m.turn(is_in, at),
            None => self.members.push((key.to_owned(), Spreading::since(is_in, false, at))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_known_later() {
        let mut s = Spreading::always(true);
        s.turn(false, 100);
        assert!(!s.set && s.known(100) && s.known(109) && !s.known(110));
        s.turn(true, 105); // while gateways still go by the first
        assert!(s.known(105) && s.known(200));
    }
}
