//! The words for numbers, times and states, the same on every screen and in every table. Knows no rows.
//!
//! Ages and remaining times step by the minute or coarser, so that a quiet screen changes rarely;
//! [`next_step`] says when the word for an age changes next. All instants are in UTC.

use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{AlarmState, MoveTaskStatus, RuleAction, Scope, Timestamp};
use jiff::tz::TimeZone;
use std::fmt::Write as _;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// A whole number with separators: `1,940`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A count that may not be known: `?` then, never 0.
#[must_use]
pub fn maybe_count(n: Option<u64>) -> String {
    n.map_or_else(|| "?".to_string(), count)
}

/// `1 message`, `2 messages`: for words whose plural is an `s` more.
#[must_use]
pub fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A measured value: whole where it is whole or large, else with up to three digits that say something.
#[must_use]
pub fn number(v: f64) -> String {
    if !v.is_finite() {
        return "?".to_string();
    }
    let size = v.abs();
    let sign = if v < 0.0 { "-" } else { "" };
    if size >= 1e15 {
        return format!("{v:e}");
    }
    let decimals = match size {
        s if s >= 100.0 || s == 0.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.001 => 3,
        _ => return format!("{v:.1e}"),
    };
    let text = format!("{size:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let whole = whole.parse().map_or_else(|_| whole.to_string(), count);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A measured value with its CloudWatch unit, where that is known and worth a word: `93 %`, `1.2 s`.
#[must_use]
pub fn measured(v: f64, unit: Option<&str>) -> String {
    let value = number(v);
    match unit {
        Some("Percent") => format!("{value} %"),
        Some("Seconds") => format!("{value} s"),
        Some("Milliseconds") => format!("{value} ms"),
        Some("Microseconds") => format!("{value} µs"),
        Some("Bytes") => format!("{value} bytes"),
        Some("Bytes/Second") => format!("{value} bytes/s"),
        Some("Count/Second") => format!("{value}/s"),
        Some(_) | None => value,
    }
}

/// A length of time: `< 1 min`, `12 min`, `2 h 50`, `3 h`, `97 days`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < MINUTE => "< 1 min".to_string(),
        s if s < HOUR => format!("{} min", s / MINUTE),
        s if s < 10 * HOUR && s % HOUR >= MINUTE => format!("{} h {:02}", s / HOUR, s % HOUR / MINUTE),
        s if s < 2 * DAY => format!("{} h", s / HOUR),
        s => format!("{} days", s / DAY),
    }
}

/// How long ago: `12 min`.
#[must_use]
pub fn age(from: Timestamp, now: Timestamp) -> String {
    duration(seconds_between(from, now))
}

/// How soon: `in 3 h`, `in 13 days`; `now` where the time has come.
#[must_use]
pub fn until(when: Timestamp, now: Timestamp) -> String {
    match seconds_between(now, when) {
        s if s <= 0 => "now".to_string(),
        s => format!("in {}", duration(s)),
    }
}

/// The next instant at which [`age`] or [`until`] of `when` says something else.
#[must_use]
pub fn next_step(when: Timestamp, now: Timestamp) -> Timestamp {
    let since = seconds_between(when, now);
    let step = step_of(since.abs());
    if since >= 0 {
        plus_seconds(when, (since / step + 1) * step)
    } else {
        // A remaining time changes once it falls below a whole step.
        plus_seconds(now, (-since % step) + 1)
    }
}

fn step_of(seconds: i64) -> i64 {
    match seconds {
        s if s < 10 * HOUR => MINUTE,
        s if s < 2 * DAY => HOUR,
        _ => DAY,
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An instant: `4 Dec, 08:02 UTC`; with the year where it is another one than now's.
#[must_use]
pub fn instant(t: Timestamp, now: Timestamp) -> String {
    let zoned = t.to_zoned(TimeZone::UTC);
    format!("{}, {:02}:{:02} UTC", date(t, now), zoned.hour(), zoned.minute())
}

/// A day: `4 Dec`; with the year where it is another one than now's.
#[must_use]
pub fn date(t: Timestamp, now: Timestamp) -> String {
    let (then, today) = (t.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC));
    let month = usize::try_from(then.month() - 1).ok().and_then(|m| MONTHS.get(m)).unwrap_or(&"?");
    let mut out = format!("{} {month}", then.day());
    if then.year() != today.year() {
        // Writing to a String cannot fail.
        write!(out, " {}", then.year()).unwrap_or_default();
    }
    out
}

/// The time of day: `09:41`.
#[must_use]
pub fn clock(t: Timestamp) -> String {
    let zoned = t.to_zoned(TimeZone::UTC);
    format!("{:02}:{:02}", zoned.hour(), zoned.minute())
}

/// How many times as much as usual: `31 x usual`.
#[must_use]
pub fn times_usual(factor: f64) -> String {
    let shown = if factor >= 10.0 { factor.round() } else { (factor * 10.0).round() / 10.0 };
    format!("{} x usual", number(shown))
}

/// The state of an alarm as AWS and people say it. Safe to draw.
#[must_use]
pub fn alarm_state(state: &AlarmState) -> String {
    match state {
        AlarmState::Alarm => "ALARM".to_string(),
        AlarmState::InsufficientData => "INSUFFICIENT_DATA".to_string(),
        AlarmState::Ok => "OK".to_string(),
        AlarmState::Other(text) => text.shown().to_string(),
    }
}

/// What an alarm makes of missing data. Safe to draw.
#[must_use]
pub fn treat_missing(text: Option<&str>) -> &'static str {
    match text {
        Some("notBreaching") => "treats missing as ok",
        Some("breaching") => "treats missing as breaching",
        Some("ignore") => "keeps its state when data is missing",
        Some(_) | None => "treats missing as missing",
    }
}

/// A comparison operator as a sign.
#[must_use]
pub fn comparison(operator: Option<&str>) -> &'static str {
    match operator {
        Some("GreaterThanThreshold" | "GreaterThanUpperThreshold") => ">",
        Some("GreaterThanOrEqualToThreshold") => ">=",
        Some("LessThanThreshold" | "LessThanLowerThreshold") => "<",
        Some("LessThanOrEqualToThreshold") => "<=",
        Some("LessThanLowerOrGreaterThanUpperThreshold") => "outside",
        Some(_) | None => "?",
    }
}

/// What a rule does, in a word. Safe to draw.
#[must_use]
pub fn rule_action(action: &RuleAction) -> String {
    match action {
        RuleAction::Allow => "allow".to_string(),
        RuleAction::Block(None) => "block".to_string(),
        RuleAction::Block(Some(code)) => format!("block {code}"),
        RuleAction::Count => "count".to_string(),
        RuleAction::Captcha => "captcha".to_string(),
        RuleAction::Challenge => "challenge".to_string(),
        RuleAction::Group => "group".to_string(),
        RuleAction::GroupCount => "group, counted".to_string(),
        RuleAction::Other(text) => text.shown().to_string(),
    }
}

/// The scope of a web ACL, as AWS writes it.
#[must_use]
pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Regional => "REGIONAL",
        Scope::CloudFront => "CLOUDFRONT",
    }
}

/// The status of a move task. Safe to draw.
#[must_use]
pub fn move_task(status: &MoveTaskStatus) -> String {
    match status {
        MoveTaskStatus::Running => "running".to_string(),
        MoveTaskStatus::Completed => "completed".to_string(),
        MoveTaskStatus::Cancelling => "being cancelled".to_string(),
        MoveTaskStatus::Cancelled => "cancelled".to_string(),
        MoveTaskStatus::Failed => "failed".to_string(),
        MoveTaskStatus::Other(text) => text.shown().to_string(),
    }
}

/// A metric's name as words: `ApproximateNumberOfMessagesVisible` becomes `approximate number of messages
/// visible`. Abbreviations stay.
#[must_use]
pub fn metric_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|b| chars.get(b));
        let after = chars.get(i + 1);
        let starts = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase())
                || (before.is_some_and(|b| b.is_uppercase()) && after.is_some_and(|a| a.is_lowercase())));
        if starts && !out.is_empty() {
            out.push(' ');
        }
        // A capital that another one follows belongs to an abbreviation: `CPU`.
        let abbreviation = before.is_some_and(|b| b.is_uppercase()) && !starts
            || after.is_some_and(|a| a.is_uppercase()) && c.is_uppercase();
        if *c == '_' {
            out.push(' ');
        } else if c.is_uppercase() && !abbreviation {
            out.extend(c.to_lowercase());
        } else {
            out.push(*c);
        }
    }
    out
}

#[cfg(test)]
mod tests;
