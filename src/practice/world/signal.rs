//! A metric that weather makes: usual values, and spells in which it breaches or says nothing. Its values
//! are never stored, only the spells; a value is a hash of series and time. Source for what a data point
//! is: CloudWatch user guide, "Metrics concepts".

use crate::practice::prng::{Prng, mix, unit, word};
use crate::practice::world::Second;
use serde::{Deserialize, Serialize};

/// Which series: namespace, name and sorted dimensions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct SeriesKey {
    pub(in crate::practice) namespace: String,
    pub(in crate::practice) name: String,
    pub(in crate::practice) dims: Vec<(String, String)>,
}

impl SeriesKey {
    /// The value of a dimension.
    pub(in crate::practice) fn dim(&self, name: &str) -> Option<&str> {
        self.dims.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The queue whose own metric this is.
    pub(in crate::practice) fn queue(&self) -> Option<&str> {
        (self.namespace == "AWS/SQS" && self.dims.len() == 1).then(|| self.dim("QueueName")).flatten()
    }

    /// The function whose errors this counts.
    pub(in crate::practice) fn errors_of(&self) -> Option<&str> {
        let errors = self.namespace == "AWS/Lambda" && self.name == "Errors";
        errors.then(|| self.dim("FunctionName")).flatten()
    }

    /// The function whose own metric this is.
    pub(in crate::practice) fn function(&self) -> Option<&str> {
        (self.namespace == "AWS/Lambda" && self.dims.len() == 1).then(|| self.dim("FunctionName")).flatten()
    }

    /// The metric name of the ACL whose own metric this is.
    pub(in crate::practice) fn acl(&self) -> Option<&str> {
        (self.namespace == "AWS/WAFV2").then(|| self.dim("WebACL")).flatten()
    }

    /// A number that stands for it.
    pub(in crate::practice) fn number(&self) -> u64 {
        let dims = self.dims.iter().fold(0, |h, (n, v)| mix(h, word(n), word(v)));
        mix(word(&self.namespace), word(&self.name), dims)
    }
}

/// A time in which a signal is not as usual.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Spell {
    pub(in crate::practice) from: Second,
    /// The second after it.
    pub(in crate::practice) to: Second,
    /// No data, instead of data that breaches.
    pub(in crate::practice) silent: bool,
}

/// When spells come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Climate {
    /// Never by themselves.
    Calm,
    /// Now and then: mean seconds between two, longest.
    Rare { every: i64, longest: i64 },
    /// In a strict rhythm.
    Beat { of: i64, on: i64 },
}

/// A metric that weather makes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Signal {
    pub(in crate::practice) key: SeriesKey,
    /// The key's number, which every value needs.
    pub(in crate::practice) number: u64,
    /// Least and greatest usual value of a period.
    pub(in crate::practice) usual: (f64, f64),
    /// Least and greatest value of a period in a spell.
    pub(in crate::practice) spell: (f64, f64),
    /// Seconds of the period for which these are.
    pub(in crate::practice) period: i64,
    /// Counts things: whole numbers, which add up over a period. Else a gauge, the same at every minute.
    pub(in crate::practice) counts: bool,
    /// Whether its spells are silent ones.
    pub(in crate::practice) goes_silent: bool,
    pub(in crate::practice) climate: Climate,
    /// In order of time, none overlapping, those older than 15 days forgotten.
    pub(in crate::practice) spells: Vec<Spell>,
    /// What happened beside the weather, in which minute, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::practice) beside: Vec<(Second, u32)>,
    pub(in crate::practice) rng: Prng,
}

impl Signal {
    /// Its value for the minute that begins at `minute`; nothing in a silent spell.
    pub(in crate::practice) fn at(&self, seed: u64, minute: Second) -> Option<f64> {
        let beside = self.beside.binary_search_by_key(&minute, |(m, _)| *m);
        let beside = beside.ok().and_then(|n| self.beside.get(n)).map_or(0.0, |(_, n)| f64::from(*n));
        self.weather(seed, minute).map(|v| v + beside)
    }

    /// `many` more are counted at `at`, beside the weather.
    pub(in crate::practice) fn count(&mut self, at: Second, many: u32) {
        let minute = at - at.rem_euclid(60);
        match self.beside.last_mut() {
            Some((last, n)) if *last == minute => *n = n.saturating_add(many),
            Some(_) | None => self.beside.push((minute, many)),
        }
        let old = self.beside.partition_point(|(m, _)| *m < at - 15 * 86_400);
        if old > 64 {
            self.beside.drain(..old);
        }
    }

    /// Ends the spell that is on at `at`: nothing of it is left from the next period on.
    pub(in crate::practice) fn heal(&mut self, at: Second) -> Option<Second> {
        let end = at - at.rem_euclid(self.period) + self.period;
        let spell = self.spells.iter_mut().find(|s| (s.from..s.to).contains(&at))?;
        spell.to = spell.to.min(end);
        Some(spell.to)
    }

    /// The value that the weather alone makes.
    pub(in crate::practice) fn weather(&self, seed: u64, minute: Second) -> Option<f64> {
        let spell = self.spell_at(minute);
        if spell.is_some_and(|s| s.silent) {
            return None;
        }
        let (lo, hi) = if spell.is_some() { self.spell } else { self.usual };
        if !self.counts {
            let wobble = unit(mix(seed ^ self.number, minute.unsigned_abs(), 1));
            let share = 0.7 * self.wave(minute) + 0.3 * wobble;
            return Some(lo + (hi - lo) * share);
        }
        let period = minute - minute.rem_euclid(self.period);
        let share = unit(mix(seed ^ self.number, period.unsigned_abs(), 2));
        let total =
            if spell.is_some() { (lo + (hi - lo) * share).ceil() } else { (lo + (hi - lo) * share).floor() };
        // spread over the minutes of the period so that they add up to the total exactly
        let minutes = (self.period / 60).max(1) as f64;
        let nth = ((minute - period) / 60) as f64;
        Some((total * (nth + 1.0) / minutes).floor() - (total * nth / minutes).floor())
    }

    /// A slow wave over the day, in [0, 1].
    fn wave(&self, minute: Second) -> f64 {
        let phase = unit(self.number);
        let day = (minute.rem_euclid(86_400)) as f64 / 86_400.0;
        0.5 + 0.5 * (std::f64::consts::TAU * (day + phase)).sin()
    }

    /// The spell that is on at `at`.
    pub(in crate::practice) fn spell_at(&self, at: Second) -> Option<&Spell> {
        let after = self.spells.partition_point(|s| s.from <= at);
        self.spells.get(after.checked_sub(1)?).filter(|s| at < s.to)
    }

    /// Takes a spell in, its edges moved out to whole periods; refused where it would touch another one.
    pub(in crate::practice) fn add(&mut self, from: Second, to: Second, silent: bool) -> Option<Spell> {
        let from = from - from.rem_euclid(self.period);
        let to = (to + self.period - 1) - (to + self.period - 1).rem_euclid(self.period);
        let spell = Spell { from, to: to.max(from + self.period), silent };
        let place = self.spells.partition_point(|s| s.from < spell.from);
        let clear_before =
            place.checked_sub(1).and_then(|i| self.spells.get(i)).is_none_or(|s| s.to <= spell.from);
        let clear_after = self.spells.get(place).is_none_or(|s| spell.to <= s.from);
        if !(clear_before && clear_after) {
            return None;
        }
        self.spells.insert(place, spell);
        Some(spell)
    }

    /// Forgets what is older than `before`.
    pub(in crate::practice) fn forget(&mut self, before: Second) {
        let old = self.spells.partition_point(|s| s.to < before);
        if old > 64 {
            self.spells.drain(..old);
        }
    }
}
