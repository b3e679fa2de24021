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

/// The beginning of the minute, hour or other span of so many seconds in which an instant is.
#[must_use]
pub fn floor(t: Timestamp, span: i64) -> Timestamp {
    let s = t.as_second();
    Timestamp::from_second(s - s.rem_euclid(span.max(1))).unwrap_or(t)
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, floor};

    #[test]
    fn a_span_begins_at_one_instant() {
        let t = |text: &str| text.parse::<Timestamp>().unwrap();
        for (at, span, begins) in [
            ("2026-11-17T10:00:59.999Z", 60, "2026-11-17T10:00:00Z"),
            ("2026-11-17T10:00:00.000000001Z", 60, "2026-11-17T10:00:00Z"),
            ("2026-11-17T10:59:59.5Z", 3_600, "2026-11-17T10:00:00Z"),
            ("1969-12-31T23:59:30.25Z", 60, "1969-12-31T23:59:00Z"),
        ] {
            assert_eq!(floor(t(at), span), t(begins), "{at}");
        }
    }
}
