//! Small words of the command line that become values: durations and names that are safe as file names.

use std::time::Duration;

/// `3d`, `90m`, `1d12h`, `45s`, `2w`.
///
/// # Errors
/// Says what is wrong, for a person.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{}` is not a duration; write e.g. 90m, 36h, 3d or 1d12h", text.escape_debug());
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(wrong()),
        };
        let part = digits.parse::<u64>().map_err(|_| wrong())?.checked_mul(unit).ok_or_else(wrong)?;
        seconds = seconds.checked_add(part).ok_or_else(wrong)?;
        digits.clear();
    }
    if text.is_empty() || !digits.is_empty() {
        return Err(wrong());
    }
    // Ten years: far beyond anything that ages in an estate, and well within the calendar.
    if seconds > 3_650 * 86_400 {
        return Err(format!("`{}` is more than ten years", text.escape_debug()));
    }
    Ok(Duration::from_secs(seconds))
}

/// A name that can be a file's on every system: letters, digits, `-`, `_`, 1 to 64 of them.
///
/// # Errors
/// Says what is wrong, for a person.
pub fn file_name(text: &str) -> Result<String, String> {
    let good = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if good { Ok(text.to_owned()) } else { Err("use 1 to 64 letters, digits, - or _".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::{file_name, parse};
    use std::time::Duration;

    #[test]
    fn durations_are_read_and_refused() {
        assert_eq!(parse("3d"), Ok(Duration::from_secs(259_200)));
        assert_eq!(parse("1d12h"), Ok(Duration::from_secs(129_600)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        for bad in ["", "3", "d", "3 d", "-3d", "3y", "1.5h", "99999999999999999999d", "9999w", "\u{1b}[m"] {
            let words = parse(bad).unwrap_err();
            assert!(!words.contains('\u{1b}'), "{bad:?}: {words}");
        }
    }

    #[test]
    fn a_kept_name_cannot_leave_its_directory() {
        assert!(file_name("night-1").is_ok());
        for bad in ["", "..", "a/b", "a b", "é", &"x".repeat(65)] {
            assert!(file_name(bad).is_err(), "{bad:?}");
        }
    }
}
