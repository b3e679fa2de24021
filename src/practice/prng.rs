//! Randomness that is part of the world: a splitmix64 stream that can be stored, and a hash for values that
//! belong to a place and a time and are never stored. It knows nothing of what is drawn from it.
//! Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).

use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
/// The parameters of FNV-1a for 64 bits (Fowler, Noll, Vo).
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// A stream of numbers; the whole of its state is one word.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Prng(u64);

impl Prng {
    /// The stream of `name` in the world of `seed`; streams of different names are independent.
    pub(super) fn of(seed: u64, name: &str) -> Self {
        Self(mix(seed, word(name), 0))
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        finish(self.0)
    }

    /// In [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        unit(self.draw())
    }

    /// Evenly between `lo` and `hi`, both included; `lo` if they are the wrong way round.
    pub(super) fn between(&mut self, lo: i64, hi: i64) -> i64 {
        let span = hi.saturating_sub(lo).max(0).unsigned_abs().saturating_add(1);
        lo.saturating_add_unsigned(self.draw() % span)
    }

    /// A waiting time whose mean is `mean` seconds, as between independent incidents; at least 1 s.
    pub(super) fn wait(&mut self, mean: i64) -> i64 {
        let t = -(1.0 - self.unit()).ln() * mean as f64;
        (t as i64).clamp(1, mean.saturating_mul(6).max(1))
    }
}

/// Any text as a number (FNV-1a, 64 bits).
pub(super) fn word(text: &str) -> u64 {
    text.bytes().fold(OFFSET, |h, b| (h ^ u64::from(b)).wrapping_mul(PRIME))
}

/// Anything that can be hashed as a number; the same in every process, unlike std's own.
pub(super) fn of(thing: &impl Hash) -> u64 {
    struct Fnv(u64);
    impl Hasher for Fnv {
        fn write(&mut self, bytes: &[u8]) {
            self.0 = bytes.iter().fold(self.0, |h, b| (h ^ u64::from(*b)).wrapping_mul(PRIME));
        }
        fn finish(&self) -> u64 {
            finish(self.0)
        }
    }
    let mut hasher = Fnv(OFFSET);
    thing.hash(&mut hasher);
    hasher.finish()
}

/// Three numbers as one that looks random.
pub(super) fn mix(a: u64, b: u64, c: u64) -> u64 {
    finish(finish(finish(a.wrapping_add(GOLDEN)) ^ b).wrapping_add(GOLDEN) ^ c.wrapping_mul(GOLDEN))
}

/// A number as a fraction in [0, 1).
pub(super) fn unit(n: u64) -> f64 {
    (n >> 11) as f64 / (1_u64 << 53) as f64
}

fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_name() {
        let three = |seed, name| {
            let mut p = Prng::of(seed, name);
            [p.draw(), p.draw(), p.draw()]
        };
        assert_eq!(three(7, "a"), three(7, "a"));
        assert_ne!(three(7, "a"), three(7, "b"));
        assert_ne!(three(7, "a"), three(8, "a"));
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_fill_them() {
        let mut p = Prng::of(1, "bounds");
        let drawn: Vec<i64> = (0..1000).map(|_| p.between(-2, 3)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&3)));
        let mean = (0..4000).map(|_| p.wait(600)).sum::<i64>() / 4000;
        assert!((500..700).contains(&mean), "{mean}");
    }
}
