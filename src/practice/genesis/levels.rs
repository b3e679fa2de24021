//! Which values a metric takes, usually and in a spell, so that the alarm on it behaves: it never breaches
//! by itself, and always does in a spell.

use crate::practice::seed::AlarmSeed;

/// Values per period of the alarm.
pub(super) struct Levels {
    pub(super) usual: (f64, f64),
    pub(super) spell: (f64, f64),
    pub(super) counts: bool,
    /// Whether spells come at all.
    pub(super) weather: bool,
}

/// The levels of the one metric of an alarm.
pub(super) fn of(a: &AlarmSeed) -> Levels {
    let t = a.threshold;
    let adds_up = a.stat == "Sum" || a.stat == "SampleCount";
    let counts = adds_up || (t <= 3.0 && a.period_s == 60);
    let (usual, spell) = match (a.op.upwards(), counts) {
        (true, true) => {
            let usual = if t <= 10.0 { (0.0, 0.0) } else { (0.1 * t, 0.6 * t) };
            // what is not added up and watched for 1 is a flag
            let spell = if adds_up { (1.4 * t + 1.0, 3.0 * t + 3.0) } else { (t.max(1.0), t.max(1.0)) };
            (usual, spell)
        }
        // a threshold like these is a percentage, or a limit close above it
        (true, false) if (50.0..=100.0).contains(&t) => ((0.2 * t, 0.7 * t), (1.04 * t, 1.11 * t)),
        (true, false) => ((0.1 * t, 0.6 * t), (1.15 * t, 1.8 * t)),
        (false, true) => ((2.0 * t, 3.0 * t), (0.0, (t - 1.0).max(0.0))),
        (false, false) if (50.0..=100.0).contains(&t) => (((1.05 * t).min(99.5), 100.0), (0.3 * t, 0.8 * t)),
        (false, false) => ((1.5 * t, 3.0 * t), (0.1 * t, 0.6 * t)),
    };
    Levels { usual, spell, counts, weather: true }
}

/// The levels of errors and requests whose share in percent is compared with the threshold. The weather is
/// in the errors, which are the first.
pub(super) fn of_share(a: &AlarmSeed, errors: bool) -> Levels {
    let requests = (2_000.0, 3_000.0);
    if !errors {
        return Levels { usual: requests, spell: requests, counts: true, weather: false };
    }
    let share = a.threshold / 100.0;
    Levels {
        usual: (0.0, 0.3 * share * requests.0),
        spell: (1.5 * share * requests.1, 3.0 * share * requests.1),
        counts: true,
        weather: true,
    }
}
