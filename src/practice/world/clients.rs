//! The clients of a key: how many of them use it at a time. When a second key works they move over to it, day
//! by day, and one of them is late. Nothing is counted; what was used when follows from when it turned.

use super::{DAY, Second};
use crate::practice::prng::{mix, unit};
use serde::{Deserialize, Serialize};

/// How a key is used from some second on.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Use {
    /// By nobody.
    Nobody,
    /// By everybody.
    Everybody,
    /// By ever fewer, since this second.
    Fading(Second),
    /// By ever more, since this second.
    Rising(Second),
}

/// The turns that a key took, oldest first.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Turns(Vec<(Second, Use)>);

/// The last of the many have moved after so long.
const MOVED: i64 = 5 * DAY;
/// The one who is late has moved after so long.
pub(in crate::practice) const LATE: i64 = 6 * DAY;
/// Seconds of a slot in which a client that comes now and then comes once.
const SLOT: i64 = 1_200;

impl Turns {
    /// Used by everybody since `at`.
    pub(in crate::practice) fn everybody(at: Second) -> Self {
        Self(vec![(at, Use::Everybody)])
    }

    /// How it is used now.
    pub(in crate::practice) fn now(&self) -> Use {
        self.0.last().map_or(Use::Nobody, |(_, u)| *u)
    }

    /// Whether nobody ever used it.
    pub(in crate::practice) fn is_unused(&self) -> bool {
        self.0.is_empty()
    }

    /// How it was used before that, if it was.
    pub(in crate::practice) fn before(&self) -> Use {
        self.0.iter().rev().nth(1).map_or(Use::Nobody, |(_, u)| *u)
    }

    /// From `at` on it is used like this.
    pub(in crate::practice) fn turn(&mut self, at: Second, to: Use) {
        if self.now() != to {
            self.0.push((at, to));
        }
    }

    fn at(&self, at: Second) -> Use {
        self.0.iter().rev().find(|(from, _)| *from <= at).map_or(Use::Nobody, |(_, u)| *u)
    }

    /// The share of the clients that use it at `at`, and whether the late one does.
    fn share(&self, at: Second) -> (f64, bool) {
        let left = |since: Second| (1.0 - (at - since) as f64 / MOVED as f64).clamp(0.0, 1.0).powf(1.6);
        match self.at(at) {
            Use::Nobody => (0.0, false),
            Use::Everybody => (1.0, true),
            Use::Fading(since) => (left(since), at - since < LATE),
            Use::Rising(since) => (1.0 - left(since), at - since >= LATE),
        }
    }

    /// Requests in the hour that begins at `hour`, up to and including `now`; `per_day` is what all clients
    /// make.
    pub(in crate::practice) fn in_hour(&self, seed: u64, per_day: u64, hour: Second, now: Second) -> u64 {
        let passed = (now - hour).clamp(0, 3_600) as f64 / 3_600.0;
        let (share, late) = self.share(hour + 1_800);
        let wobble = 0.8 + 0.4 * unit(mix(seed, hour.unsigned_abs(), 11));
        let many = (per_day as f64 / 24.0 * share * wobble * passed).floor() as u64;
        // the late one calls twice a day
        let one = late && per_day > 0 && passed >= 1.0 && matches!(hour.rem_euclid(DAY) / 3_600, 7 | 15);
        many + u64::from(one)
    }

    /// When it was last used, at `now`.
    pub(in crate::practice) fn last_used(&self, seed: u64, now: Second) -> Option<Second> {
        let first = self.0.first()?.0;
        let mut slot = now - now.rem_euclid(SLOT);
        while slot + SLOT > first {
            if let Some(at) = self.in_slot(seed, slot).filter(|at| *at <= now && *at >= first) {
                return Some(at);
            }
            slot -= SLOT;
        }
        None
    }

    /// When it was used from `from` to `to`, oldest first.
    pub(in crate::practice) fn uses(&self, seed: u64, from: Second, to: Second) -> Vec<Second> {
        let Some((first, _)) = self.0.first() else { return Vec::new() };
        let from = from.max(*first);
        let slots = (0..).map(|n| from - from.rem_euclid(SLOT) + n * SLOT).take_while(|slot| *slot <= to);
        slots.filter_map(|slot| self.in_slot(seed, slot)).filter(|at| (from..=to).contains(at)).collect()
    }

    /// When it was used in a slot, if it was.
    fn in_slot(&self, seed: u64, slot: Second) -> Option<Second> {
        let draw = mix(seed, slot.unsigned_abs(), 12);
        let at = slot + (draw % SLOT.unsigned_abs()).cast_signed();
        let (share, late) = self.share(at);
        let twice_a_day = late && matches!(slot.rem_euclid(DAY) / SLOT, 22 | 46);
        (unit(mix(draw, 1, 0)) < share || twice_a_day).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Second = 20_000 * DAY;

    fn day(turns: &Turns, nth: i64) -> u64 {
        let end = START + 60 * DAY;
        (0..24).map(|h| turns.in_hour(3, 4_000, START + nth * DAY + h * 3_600, end)).sum()
    }

    #[test]
    fn clients_move_within_six_days_and_none_is_lost() {
        let mut old = Turns::everybody(START - 50 * DAY);
        let mut new = Turns::default();
        old.turn(START, Use::Fading(START));
        new.turn(START, Use::Rising(START));
        assert!((3_400..4_600).contains(&day(&old, -1)) && day(&new, -1) == 0);
        let fall: Vec<u64> = (0..8).map(|d| day(&old, d)).collect();
        assert!(fall.windows(2).all(|w| w[0] >= w[1]), "{fall:?}");
        assert!(fall[0] > 2_000 && fall[4] > 2 && fall[5] <= 2 && fall[5] > 0 && fall[6] == 0, "{fall:?}");
        assert!(day(&new, 7) > 3_400);
        // the last use stays where it was
        let last = old.last_used(3, START + 30 * DAY).unwrap();
        assert!((5..6).contains(&((last - START) / DAY)), "{}", last - START);
        assert_eq!(old.last_used(3, START + 90 * DAY), Some(last));
        assert!(new.last_used(3, START + 30 * DAY).unwrap() > START + 30 * DAY - 2 * SLOT);
        assert_eq!(Turns::default().last_used(3, START), None);
    }
}
