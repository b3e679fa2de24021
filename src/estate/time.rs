//! The one notion of time that every room shares. Instants come from a [`Clock`](super::Clock) and are
//! passed as arguments; nothing here can read one.

pub use jiff::{SignedDuration, Timestamp};

/// Whole seconds from `earlier` to `later`; negative when the order is reversed.
#[must_use]
pub fn seconds_between(earlier: Timestamp, later: Timestamp) -> i64 {
    later.as_second() - earlier.as_second()
}

/// `t` plus `seconds`, held at the ends of the calendar instead of failing there.
#[must_use]
pub fn plus_seconds(t: Timestamp, seconds: i64) -> Timestamp {
    t.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
