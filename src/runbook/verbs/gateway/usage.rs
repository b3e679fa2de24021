//! What `GetUsage` tells of a key, by day and over all its plans: evidence, though best effort by AWS's own
//! words ("Usage plans and API keys for REST APIs").

use super::plans;
use crate::estate::ask::apigateway::GetUsage;
use crate::estate::time::plus_seconds;
use crate::estate::{ApiKeyId, Timestamp};
use crate::runbook::need::Need;
use crate::runbook::verbs::key::all;
use crate::runbook::view::{View, refusal};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The farthest that usage is asked back, in days: `GetUsage` answers for at most 90.
const FARTHEST: i64 = 89;

/// The UTC day of an instant.
pub fn day(t: Timestamp) -> Date {
    t.to_zoned(TimeZone::UTC).date()
}

/// The first instant of a UTC day.
pub fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |z| z.timestamp())
}

/// The days from one to another, the ends included.
pub fn days_until(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}

/// Calls with a key by day, from `first` to today (UTC), summed over all the plans it is in; from at most 90
/// days ago.
///
/// # Errors
/// As [`View::must`].
pub fn calls_since(v: &View<'_>, key: &ApiKeyId, first: Date) -> Result<Vec<u64>, Need> {
    let first = first.max(day(plus_seconds(v.now, -FARTHEST * 86_400)));
    let today = day(v.now);
    let plans = plans(v, key)?;
    let asked = plans.iter().map(|plan| {
        v.pages(GetUsage {
            plan: plan.id.clone(),
            key: key.clone(),
            from: first.to_string().into(),
            to: today.to_string().into(),
        })
    });
    let length = usize::try_from(days_until(first, today) + 1).unwrap_or(0);
    let mut sum = vec![0_u64; length];
    for pages in all(asked)? {
        for page in pages.map_err(refusal)? {
            for (total, calls) in sum.iter_mut().zip(page.per_day) {
                *total += calls;
            }
        }
    }
    Ok(sum)
}
