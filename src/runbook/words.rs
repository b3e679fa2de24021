//! The words of runbooks: lengths of time as they are written (`7d`, `1d12h`, `90m`) and said (`7 days`),
//! instants, and counted things. Knows no clocks.

use crate::estate::Timestamp;

const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Ten years: far beyond any wait, and well within the calendar.
const LONGEST: u64 = 3_650 * 86_400;

/// The seconds of `7d`, `24h`, `1d12h`, `90m`, `45s`, `2w`.
///
/// # Errors
/// What is wrong with it, as a sentence without its full stop.
pub fn parse(text: &str) -> Result<u64, String> {
    let wrong = || "a duration is written e.g. `90m`, `24h`, `7d` or `1d12h`".to_owned();
    let mut seconds: u64 = 0;
    let mut number: Option<u64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            let so_far = number.unwrap_or(0);
            let grown = so_far.checked_mul(10).and_then(|n| n.checked_add(u64::from(digit)));
            number = Some(grown.ok_or_else(wrong)?);
            continue;
        }
        let (_, unit) = UNITS.iter().find(|(sign, _)| *sign == c).ok_or_else(wrong)?;
        let part = number.take().ok_or_else(wrong)?.checked_mul(*unit).ok_or_else(wrong)?;
        seconds = seconds.checked_add(part).ok_or_else(wrong)?;
    }
    if text.is_empty() || number.is_some() {
        return Err(wrong());
    }
    if seconds > LONGEST {
        return Err("a duration is at most ten years".to_owned());
    }
    Ok(seconds)
}

/// As it is written: `7d`, `36h`, `1m30s`, `0s`.
#[must_use]
pub fn written(seconds: u64) -> String {
    let mut left = seconds;
    let mut out = String::new();
    for (sign, unit) in &UNITS {
        // Weeks are read but not written, and less than two days are hours: `7d` and `24h` are what people say.
        let unsaid = *sign == 'w' || (*sign == 'd' && seconds < 172_800);
        if left >= *unit && !unsaid {
            out.push_str(&format!("{}{sign}", left / unit));
            left %= unit;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

/// As a sentence says it: `7 days`, `24 h`, `10 min`, `45 s`. What is left over of the unit is dropped.
#[must_use]
pub fn said(seconds: u64) -> String {
    match seconds {
        s if s < 60 => format!("{s} s"),
        s if s < 3_600 => format!("{} min", s / 60),
        s if s < 172_800 && s % 3_600 < 60 => format!("{} h", s / 3_600),
        s if s < 36_000 => format!("{} h {:02}", s / 3_600, s % 3_600 / 60),
        s if s < 172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// An instant in UTC: `4 Dec 2026, 08:02 UTC`.
#[must_use]
pub fn instant(t: Timestamp) -> String {
    t.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// `1 version`, `2 versions`: for words whose plural is an `s` more.
#[must_use]
pub fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for (text, seconds, spoken) in [
            ("7d", 604_800, "7 days"),
            ("24h", 86_400, "24 h"),
            ("36h", 129_600, "36 h"),
            ("2d12h", 216_000, "2 days"),
            ("2h50m", 10_200, "2 h 50"),
            ("10m", 600, "10 min"),
            ("45s", 45, "45 s"),
            ("0s", 0, "0 s"),
        ] {
            assert_eq!(parse(text), Ok(seconds), "{text}");
            assert_eq!(written(seconds), text);
            assert_eq!(said(seconds), spoken);
        }
        assert_eq!((parse("2w"), parse("1d12h")), (Ok(14 * 86_400), Ok(129_600)));
    }

    #[test]
    fn instants_are_in_utc_and_things_are_counted() {
        assert_eq!(instant("2026-12-04T08:02:59Z".parse().unwrap()), "4 Dec 2026, 08:02 UTC");
        assert_eq!([counted(0, "label"), counted(1, "label")], ["0 labels", "1 label"]);
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for bad in
            ["", "3", "d", "3 d", "-3d", "3y", "1.5h", "99999999999999999999d", "9999w", "1d2", "\u{1b}"]
        {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
