//! When a key counts as unused: by day for a gateway, by hour for an access key, by a person's word elsewhere.

use super::{bench, gateway_page, iam_page, refusal, text};
use crate::estate::ask::{apigateway, iam};
use crate::estate::time::plus_seconds;
use crate::estate::*;
use crate::runbook::need::{Done, Need, Want};
use crate::runbook::testing::{Answers, Bench, beginning};
use crate::runbook::value::Value;
use crate::runbook::verbs::key::unused::Unused;

const DAY: i64 = 86_400;

/// Asks on a day, so many days after the last canary (2026-11-17, 10:00), with these calls by day in each of
/// two plans from the day after it.
fn on_day(days: i64, per_plan: &'static [u64], late: &[(&str, &str)]) -> Result<Done, Need> {
    let mut bench = bench(&[("store", "api-gateway"), ("old", "k1")]);
    bench.with.insert("since".into(), Value::Time(beginning()));
    bench.now = plus_seconds(beginning(), days * DAY);
    bench.late = late.iter().map(|(k, v)| ((*k).to_owned(), text(v))).collect();
    let mut world = Answers(move |want: &Want| match super::asked(want) {
        Ask::ApiGateway(apigateway::Ask::GetUsagePlans(_)) => {
            let plan = |id: &str| UsagePlan { id: UsagePlanId::new(id), name: id.into() };
            gateway_page(apigateway::Answer::GetUsagePlans(vec![plan("p1"), plan("p2")]))
        }
        Ask::ApiGateway(apigateway::Ask::GetUsage(q)) => {
            assert_eq!(q.from.wire(), "2026-11-18", "from the day after the canary");
            let usage = KeyUsage { per_day: per_plan.to_vec() };
            gateway_page(apigateway::Answer::GetUsage(usage))
        }
        other => panic!("{other:?}"),
    });
    bench.go(&Unused, &mut world)
}

fn waits(said: Result<Done, Need>) -> (String, String) {
    match said {
        Err(Need::Time { until, accepts, why }) => {
            assert_eq!(accepts, ["override"]);
            (until.to_string(), why)
        }
        other => panic!("it does not wait: {other:?}"),
    }
}

#[test]
fn a_whole_quiet_day_is_wanted_after_the_last_call_and_the_canary() {
    // (days since the canary, calls by day in each plan, until when it waits, in which words)
    for (days, calls, until, words) in [
        (0, &[][..], "2026-11-19T01:00:00Z", "from 2026-11-18"),
        (1, &[0], "2026-11-19T01:00:00Z", "from 2026-11-18"),
        (1, &[5], "2026-11-20T01:00:00Z", "10 calls with the old key today"),
        (2, &[7, 0], "2026-11-20T01:00:00Z", "the last call with the old key was on 2026-11-18"),
        (3, &[0, 0, 3], "2026-11-22T01:00:00Z", "by day from 2026-11-18: 0, 0, 6"),
    ] {
        let (at, why) = waits(on_day(days, calls, &[]));
        assert_eq!(at, until, "{days}, {calls:?}");
        assert!(why.contains(words), "{why}");
        assert!(at.parse::<Timestamp>().unwrap() > plus_seconds(beginning(), days * DAY));
    }
    for (days, calls) in [(2, &[0, 0][..]), (3, &[9, 0, 0]), (7, &[9, 8, 7, 0, 0, 0, 0])] {
        let done = on_day(days, calls, &[]).unwrap();
        assert!(done.evidence[0].contains("no call with the old key since"), "{:?}", done.evidence);
    }
}

#[test]
fn a_reason_goes_on_all_the_same_and_says_what_was_not_excluded() {
    let done = on_day(3, &[0, 0, 3], &[("override", "a scanner of ours")]).unwrap();
    assert!(done.evidence[0].contains("6 calls with the old key today"), "{:?}", done.evidence);
    assert!(done.evidence[0].contains("gone on because: a scanner of ours"));
}

fn access_key(used: Option<i64>) -> Result<Done, Need> {
    let mut world = Answers(move |want: &Want| match super::asked(want) {
        Ask::Iam(iam::Ask::GetAccessKeyLastUsed(_)) => {
            iam_page(iam::Answer::GetAccessKeyLastUsed(KeyLastUsed {
                user: None,
                at: used.map(|ago| plus_seconds(beginning(), -ago)),
                service: "s3".into(),
                region: "eu-central-1".into(),
            }))
        }
        other => panic!("{other:?}"),
    });
    bench(&[("store", "iam-user"), ("user", "u"), ("old", "AKIA1")]).go(&Unused, &mut world)
}

#[test]
fn an_access_key_is_unused_for_a_day() {
    assert!(access_key(None).unwrap().evidence[0].contains("never used"));
    assert!(access_key(Some(DAY)).unwrap().evidence[0].contains("more than 24 h ago"));
    let (until, why) = waits(access_key(Some(3_600)));
    assert_eq!(until, "2026-11-18T09:00:00Z");
    assert!(why.contains("s3 in eu-central-1"), "{why}");
}

#[test]
fn where_nothing_tells_a_person_attests() {
    for store in ["secret", "lambda-env"] {
        let mut world = Answers(|want: &Want| panic!("{want:?}"));
        let mut waiting: Bench = bench(&[("store", store), ("old", "x")]);
        let Err(Need::Person(question)) = waiting.go(&Unused, &mut world) else { panic!("not asked") };
        assert!(question.takes_words(), "words answer it");
        assert_eq!(question.accepts, ["override"], "and so does a reason to go on without");
        let mut without = waiting.clone();
        without.late.insert("override".into(), text("nobody is left to ask"));
        let done = without.go(&Unused, &mut world).unwrap();
        assert!(done.evidence[0].contains("gone on because: nobody is left to ask"), "{:?}", done.evidence);
        waiting.attested = Some("all three callers said so".into());
        let done = waiting.go(&Unused, &mut world).unwrap();
        assert!(done.evidence[0].contains("all three callers said so"));
    }
    let mut world = Answers(|want: &Want| panic!("{want:?}"));
    let why = refusal(bench(&[("store", "nowhere"), ("old", "x")]).go(&Unused, &mut world));
    assert!(why.contains("there is no store nowhere"), "{why}");
}
