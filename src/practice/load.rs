//! How much a function is called and what of that runs, minute by minute: a hash of function and time, held down by what is
//! reserved for it. Source: Lambda developer guide, "Types of metrics for Lambda functions".

use super::prng::{mix, unit, word};
use super::world::function::Function;
use super::world::signal::SeriesKey;
use super::world::{Second, World};

/// Invocations a minute of one that runs without a break: each takes 0.4 s.
const EACH: u64 = 150;
/// What an account may run at once.
const ACCOUNT: u64 = 1_000;

/// Calls in the minute that begins at `minute`.
fn calls(seed: u64, f: &Function, minute: Second) -> u64 {
    let surge = f.surges.iter().find(|(from, to, _)| (*from..*to).contains(&minute));
    wanted(seed, f, minute) * surge.map_or(1, |(_, _, times)| u64::from(*times))
}

/// Calls in the minute that begins at `minute`, if it did not run away.
fn wanted(seed: u64, f: &Function, minute: Second) -> u64 {
    let name = word(&f.name);
    let usual = 8 + (mix(seed, name, 7) % 24);
    (usual as f64 * (0.7 + 0.6 * unit(mix(seed ^ name, minute.unsigned_abs(), 3)))).round() as u64
}

/// Which share of its calls what is reserved for a function lets through at `at`.
pub(super) fn share(seed: u64, f: &Function, at: Second) -> f64 {
    if f.is_off() {
        return 0.0;
    }
    let most = f.reserved.map_or(ACCOUNT, u64::from) * EACH;
    let calls = calls(seed, f, at - at.rem_euclid(60));
    if calls <= most { 1.0 } else { most as f64 / calls as f64 }
}

/// Whether a limit lets through less than a tenth of what it would run since it ran away.
pub(super) fn holds(f: &Function, limit: Option<u32>, began: Second) -> bool {
    let times = f.surges.iter().find(|(from, _, _)| *from >= began).map_or(1, |(_, _, times)| *times);
    // at the least that any function is called
    limit.is_some_and(|n| u64::from(n) * EACH * 10 <= 8 * u64::from(times))
}

/// Invocations from when it ran away until `now` that nobody wanted.
pub(super) fn wasted(seed: u64, f: &Function, began: Option<Second>, now: Second) -> u64 {
    let Some(began) = began else { return 0 };
    let minutes = (began - began.rem_euclid(60)..now).step_by(60);
    let run = |minute| of(seed, f, "Invocations", minute).unwrap_or(0.0) as u64;
    minutes.map(|minute| run(minute).saturating_sub(wanted(seed, f, minute))).sum()
}

/// The value of one of its own metrics; nothing where there is none.
pub(super) fn of(seed: u64, f: &Function, name: &str, minute: Second) -> Option<f64> {
    let calls = calls(seed, f, minute);
    let most = f.reserved_at(minute).map_or(ACCOUNT, u64::from) * EACH;
    let run = calls.min(most);
    let value = match name {
        "Invocations" if run > 0 => run as f64,
        "Errors" if run > 0 => 0.0,
        "Throttles" if run > 0 || calls > run => (calls - run) as f64,
        "Duration" if run > 0 => 400.0,
        "ConcurrentExecutions" if run > 0 => run.div_ceil(EACH) as f64,
        _ => return None,
    };
    Some(value)
}

/// What weather says of a function, as far as anything of it runs.
pub(super) fn held(world: &World, key: &SeriesKey, minute: Second, value: Option<f64>) -> Option<f64> {
    let function = key.function().and_then(|name| world.functions.get(world.function(name)?));
    let Some(most) = function.and_then(|f| f.reserved_at(minute)) else { return value };
    match key.name.as_str() {
        "Throttles" => value,
        _ if most == 0 => None,
        "ConcurrentExecutions" => value.map(|v| v.min(f64::from(most))),
        _ => value,
    }
}
