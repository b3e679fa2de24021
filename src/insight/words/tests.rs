//! Words that are read at three in the morning.

use super::*;
use proptest::prelude::*;

#[test]
fn numbers_have_separators_and_no_noise() {
    assert_eq!(count(0), "0");
    assert_eq!(count(999), "999");
    assert_eq!(count(1_940), "1,940");
    assert_eq!(count(1_234_567), "1,234,567");
    assert_eq!(maybe_count(None), "?");
    assert_eq!(counted(1, "message"), "1 message");
    for (v, text) in [
        (4.0, "4"),
        (0.25, "0.25"),
        (93.04, "93"),
        (93.44, "93.4"),
        (1_940.4, "1,940"),
        (-2.5, "-2.5"),
        (0.0, "0"),
        (0.00001, "1.0e-5"),
        (f64::NAN, "?"),
        (9.999, "10"),
    ] {
        assert_eq!(number(v), text, "{v}");
    }
    assert_eq!(measured(93.0, Some("Percent")), "93 %");
    assert_eq!(times_usual(31.4), "31 x usual");
    assert_eq!(times_usual(2.04), "2 x usual");
}

#[test]
fn times_step_by_the_minute_or_coarser() {
    for (s, text) in [
        (-5, "< 1 min"),
        (59, "< 1 min"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (3_630, "1 h"),
        (10_200, "2 h 50"),
        (10_800, "3 h"),
        (36_000, "10 h"),
        (90_000, "25 h"),
        (172_800, "2 days"),
        (97 * 86_400 + 5, "97 days"),
    ] {
        assert_eq!(duration(s), text, "{s}");
    }
}

#[test]
fn instants_name_the_year_only_where_it_is_another() {
    let now = "2026-11-21T09:41:00Z".parse().unwrap();
    assert_eq!(instant("2026-12-04T08:02:59Z".parse().unwrap(), now), "4 Dec, 08:02 UTC");
    assert_eq!(date("2027-01-01T00:00:00Z".parse().unwrap(), now), "1 Jan 2027");
    assert_eq!(clock(now), "09:41");
}

#[test]
fn metric_names_read_as_words() {
    for (name, text) in [
        ("Errors", "errors"),
        ("ExecutionsFailed", "executions failed"),
        ("CPUUtilization", "CPU utilization"),
        ("4XXError", "4XX error"),
        ("HTTPCode_Target_5XX_Count", "HTTP code target 5XX count"),
    ] {
        assert_eq!(metric_name(name), text);
    }
}

proptest! {
    #[test]
    fn a_word_changes_at_its_next_step_and_not_before(offset in -2_000_000i64..2_000_000) {
        let when: Timestamp = "2026-11-21T09:41:00Z".parse().unwrap();
        let now = plus_seconds(when, offset);
        let word = |t| if offset >= 0 { age(when, t) } else { until(when, t) };
        let step = next_step(when, now);
        prop_assert!(step > now);
        // The word is the same up to the step. (At the step it may still be, where steps get coarser.)
        prop_assert_eq!(word(now), word(plus_seconds(step, -1)));
    }
}
