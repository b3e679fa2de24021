//! `key.unused`: evidence that nobody uses the old key any more, as far as the store can tell; where it cannot,
//! a person attests it, or overrides with a reason. Figures of AWS are quoted with what they miss.

use super::{OVERRIDE, Store, grouped, seconds, text};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{ApiKeyId, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::gateway::usage::{calls_since, day, days_until, midnight};
use crate::runbook::verbs::{gateway, iam};
use crate::runbook::view::View;
use crate::runbook::words::{instant, said};
use jiff::ToSpan;
use jiff::civil::Date;

/// Waits for evidence of no use.
pub struct Unused;

/// How late a day's last calls may be counted, in seconds. AWS names no figure; this one is ours.
const LATE: i64 = 3_600;

impl Verb for Unused {
    fn name(&self) -> &'static str {
        "key.unused"
    }

    fn kind(&self) -> StepKind {
        StepKind::Wait
    }

    fn doc(&self) -> &'static str {
        "Waits until there is evidence that nobody uses the old key: usage by day of a gateway's key, last use \
         of an access key; else a person attests it. The late input `override` goes on without, with a reason."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 6] = [
            Param { name: "store", kind: ValueType::Text, optional: false, doc: "where the key is" },
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the old key" },
            Param {
                name: "since",
                kind: ValueType::Time,
                optional: true,
                doc: "the last canary with the old key: use counts from the day after it",
            },
            Param {
                name: "quiet",
                kind: ValueType::Duration,
                optional: true,
                doc: "how long there must have been no use, in whole days for a gateway's key; 1d by default",
            },
            Param {
                name: "usage_plan",
                kind: ValueType::Text,
                optional: true,
                doc: "only this plan of the gateway's key, by id or name",
            },
            iam::USER,
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let store = Store::of(v)?;
        if v.planning {
            return Ok(said_once(planned(store)));
        }
        let overridden = text(v, OVERRIDE);
        let found = match store {
            Store::ApiGateway | Store::Both => of_gateway(v),
            Store::IamUser => of_user(v),
            Store::Secret | Store::LambdaEnv => attested(v),
        };
        match (found, overridden) {
            (Err(Need::Time { why, .. }), Some(reason)) => Ok(overrides(reason, &why)),
            (Err(Need::Person(_)), Some(reason)) => Ok(overrides(reason, "nothing at AWS tells it")),
            (Err(Need::Refuse(why)), Some(reason)) => Ok(overrides(reason, &why)),
            (found, _) => found,
        }
    }
}

fn said_once(sentence: impl Into<String>) -> Done {
    Done { evidence: vec![sentence.into()], ..Done::default() }
}

fn overrides(reason: &Untrusted, why: &str) -> Done {
    said_once(format!("use of the old key is not excluded ({why}); gone on because: {}", reason.shown()))
}

fn planned(store: Store) -> &'static str {
    match store {
        Store::ApiGateway | Store::Both => {
            "waits for a whole day (UTC) without a call with the old key, from the day after the last canary on"
        }
        Store::IamUser => "waits until the old access key has not been used for a day",
        Store::Secret | Store::LambdaEnv => {
            "AWS cannot tell who uses the old key: a person says how they know that nobody does"
        }
    }
}

fn of_gateway(v: &View<'_>) -> Result<Done, Need> {
    let old = ApiKeyId::new(v.text("old")?.wire());
    let canary = super::instant(v, "since").unwrap_or(v.started);
    let first = day(canary).saturating_add(1.day());
    let today = day(v.now);
    let quiet = (seconds(v, "quiet", 86_400) / 86_400).max(1);
    let calls = if first > today { Vec::new() } else { calls_since(v, &old, first)? };
    let plans = gateway::plans(v, &old)?;
    if plans.is_empty() {
        return attested(v);
    }
    // What was asked may have begun later than wanted, for AWS answers for 90 days only.
    let from = today.saturating_sub(i64::try_from(calls.len()).unwrap_or(0).saturating_sub(1).days());
    let last = calls.iter().rposition(|n| *n > 0);
    let last_day = last.map(|n| from.saturating_add(i64::try_from(n).unwrap_or(0).days()));
    // Whole days that have ended since the last call, or since counting began.
    let clean_from = last_day.map_or(first, |d| d.saturating_add(1.day()));
    let clean = days_until(clean_from, today).max(0);
    let trend = if calls.is_empty() { String::new() } else { format!("; {}", by_day(from, &calls)) };
    if clean >= quiet && last_day != Some(today) {
        return Ok(said_once(format!(
            "no call with the old key since {clean_from} (UTC), in {} usage plans{trend}. AWS counts with best \
             effort, and who calls less often than that does not show",
            plans.len()
        )));
    }
    let until = plus_seconds(midnight(clean_from.saturating_add(quiet.days())), LATE);
    let why = match (calls.last(), last_day) {
        (Some(n), Some(d)) if *n > 0 && d == today => {
            format!("{} calls with the old key today (UTC){trend}", grouped(*n))
        }
        (_, Some(d)) => format!("the last call with the old key was on {d} (UTC){trend}"),
        (_, None) => format!("a whole day without a call has to pass from {clean_from} (UTC) on{trend}"),
    };
    Err(Need::Time { until, accepts: vec![OVERRIDE.into()], why })
}

/// The last days' calls: `by day from 2026-11-18: 212, 40, 0`.
fn by_day(from: Date, calls: &[u64]) -> String {
    const SHOWN: usize = 10;
    let skipped = calls.len().saturating_sub(SHOWN);
    let numbers: Vec<String> = calls.iter().skip(skipped).map(|n| grouped(*n)).collect();
    let from = from.saturating_add(i64::try_from(skipped).unwrap_or(0).days());
    format!("by day from {from}: {}", numbers.join(", "))
}

fn of_user(v: &View<'_>) -> Result<Done, Need> {
    let old = crate::estate::AccessKeyId::new(v.text("old")?.wire());
    let quiet = seconds(v, "quiet", 86_400).max(3_600);
    let used = iam::last_used(v, &old)?;
    let how_long = said(quiet.unsigned_abs());
    match used.at {
        None => Ok(said_once("the old access key was never used, as far as IAM tracks it")),
        Some(at) if seconds_between(at, v.now) >= quiet => Ok(said_once(format!(
            "the old access key was last used {} ({} in {}), more than {how_long} ago; IAM tells it with some \
             delay, and not for every service",
            instant(at),
            used.service.shown(),
            used.region.shown()
        ))),
        Some(at) => Err(Need::Time {
            until: plus_seconds(at, quiet),
            accepts: vec![OVERRIDE.into()],
            why: format!(
                "the old access key was used {} ({} in {}); {how_long} without use are wanted",
                instant(at),
                used.service.shown(),
                used.region.shown()
            ),
        }),
    }
}

fn attested(v: &View<'_>) -> Result<Done, Need> {
    if let Some(words) = v.attested {
        return Ok(said_once(format!(
            "a person attests that nobody uses the old key: {}",
            Untrusted::from(words).shown()
        )));
    }
    Err(Need::Person(Question {
        text: "AWS cannot tell whether somebody still uses the old key here. How do you know that nobody does? \
               (Logs of whoever checks the key, word from every caller, every consumer restarted.) If it cannot \
               be excluded, `override=REASON` goes on all the same."
            .into(),
        evidence: vec![
            "the last read of a secret is no evidence: consumers read what is current, and warm code keeps what \
             it read"
                .into(),
        ],
        words: true,
        accepts: vec![OVERRIDE.into()],
        choices: Vec::new(),
    }))
}
