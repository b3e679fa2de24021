//! What can go wrong with a write though nobody did anything wrong: chances, drawn from a stream of their own.
//! It knows no writes.

use crate::practice::prng::Prng;

/// The chance, in [0, 1], that each of these befalls a write. All are 0 by default.
#[derive(Clone, Debug, Default)]
pub struct Mishaps {
    /// It is throttled though the rate was kept.
    pub throttled: f64,
    /// It never arrives, and no answer comes.
    pub lost_before: f64,
    /// It has its effect, and its answer (or refusal) is lost.
    pub lost_after: f64,
    /// A colleague changes the same thing just before.
    pub colleague: f64,
    /// Some reads do not see it for some seconds.
    pub behind: f64,
}

impl Mishaps {
    /// What an unlucky week has: for practising.
    #[must_use]
    pub fn mild() -> Self {
        Self { throttled: 0.03, lost_before: 0.02, lost_after: 0.03, colleague: 0.01, behind: 0.4 }
    }
}

/// Where an answer was lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// Before the effect.
    Before,
    /// After it.
    After,
}

/// What befalls one write.
pub(super) struct Luck {
    pub(super) throttled: bool,
    pub(super) colleague: bool,
    pub(super) lost: Option<Lost>,
    /// Some reads are behind for so many seconds.
    pub(super) behind: Option<i64>,
}

/// The longest that a read is behind, in seconds: less than the quiet time of any call.
const LONGEST: i64 = 20;

/// Draws luck.
pub(in crate::practice) struct Dice(Prng);

impl Dice {
    pub(in crate::practice) fn new(seed: u64) -> Self {
        Self(Prng::of(seed, "mishaps"))
    }

    /// The luck of the next write; as many draws whatever it is.
    pub(super) fn roll(&mut self, chances: &Mishaps) -> Luck {
        let mut befalls = |chance: f64| self.0.unit() < chance;
        let throttled = befalls(chances.throttled);
        let (before, after) = (befalls(chances.lost_before), befalls(chances.lost_after));
        let (colleague, behind) = (befalls(chances.colleague), befalls(chances.behind));
        let seconds = self.0.between(1, LONGEST);
        let lost = if before { Some(Lost::Before) } else { after.then_some(Lost::After) };
        Luck { throttled, colleague, lost, behind: behind.then_some(seconds) }
    }
}
