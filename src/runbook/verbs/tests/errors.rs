//! The errors of a function, watched.

use crate::estate::ask::{Answer, Ask, cloudwatch};
use crate::estate::time::plus_seconds;
use crate::estate::{Fault, FaultKind, Series, Timestamp};
use crate::runbook::need::{Done, Fact, Need, Want};
use crate::runbook::testing::{Answers, Bench, beginning, seen};
use crate::runbook::value::Value;
use crate::runbook::verbs::find;

/// Points as (minutes after the change, errors, calls).
type Points = &'static [(i64, f64, f64)];

fn bench() -> Bench {
    // The change was made half a minute before the step, within a minute of its own.
    let since = Value::Time(plus_seconds(beginning(), -30));
    let mut bench = Bench::with(&[
        ("function", Value::Text("omnitrack-notify".into())),
        ("since", since),
        ("for", Value::Duration(600)),
    ]);
    bench.began = beginning();
    bench
}

fn series(points: Points) -> Vec<Series> {
    let change: Timestamp = plus_seconds(beginning(), -60);
    let one = |id: &str, value: fn(&(i64, f64, f64)) -> f64| Series {
        id: id.into(),
        label: id.into(),
        points: points.iter().map(|p| (plus_seconds(change, p.0 * 60), value(p))).collect(),
        trouble: None,
    };
    vec![one("errors", |p| p.1), one("calls", |p| p.2)]
}

fn watch(bench: &mut Bench, mut answer: impl FnMut() -> Result<Vec<Series>, Fault>) -> Result<Done, Need> {
    bench.go(
        find("function.errors").unwrap(),
        &mut Answers(|want: &Want| {
            let Want::Pages(query) = want else { panic!("{want:?}") };
            let Ask::CloudWatch(cloudwatch::Ask::GetMetricData(ask)) = &query.ask else { panic!("{want:?}") };
            let change = plus_seconds(beginning(), -60);
            assert_eq!(
                (ask.window.from, ask.window.to),
                (plus_seconds(change, -600), plus_seconds(change, 600)),
                "whole minutes around the change, the same at every look"
            );
            let pages = answer().map(|series| {
                // As two pages: a series may go on.
                let (a, b) = series.split_at(1);
                let page = |s: &[Series]| Answer::CloudWatch(cloudwatch::Answer::GetMetricData(s.to_vec()));
                seen(vec![page(a), page(b)], beginning())
            });
            Fact::Pages(pages)
        }),
    )
}

#[test]
fn a_quiet_function_is_watched_to_the_end_and_two_minutes_longer() {
    let mut bench = bench();
    let done = watch(&mut bench, || Ok(series(&[(-3, 1.0, 100.0), (2, 0.0, 90.0), (9, 1.0, 80.0)]))).unwrap();
    assert_eq!(
        done.evidence,
        ["omnitrack-notify: 1 errors in 170 calls since the change, 1 in 100 in 10 min before it"]
    );
    assert_eq!(bench.now, plus_seconds(beginning(), -60 + 600 + 120));
}

#[test]
fn a_rise_is_told_at_once_and_a_person_judges() {
    let mut bench = bench();
    let rise = || Ok(series(&[(-3, 1.0, 100.0), (0, 3.0, 5.0)]));
    let need = watch(&mut bench, rise).unwrap_err();
    let Need::Person(question) = need else { panic!("{need:?}") };
    assert!(question.text.starts_with("The errors of omnitrack-notify rose after the change. Undo it"));
    assert_eq!(question.evidence.len(), 1);
    assert_eq!(bench.now, beginning(), "at once");
    bench.attested = Some("a deployment of another team".to_owned());
    let done = watch(&mut bench, rise).unwrap();
    assert_eq!(
        done.evidence,
        ["a person judged the errors of omnitrack-notify: a deployment of another team"]
    );
}

#[test]
fn what_counts_as_a_rise() {
    let cases: &[(Points, bool)] = &[
        (&[], false),
        (&[(1, 2.0, 9.0)], false),
        (&[(1, 3.0, 9.0)], true),
        (&[(-1, 50.0, 90.0), (1, 60.0, 90.0)], false),
        (&[(-1, 50.0, 90.0), (1, 101.0, 190.0)], true),
        (&[(-1, 50.0, 90.0)], false),
    ];
    for (points, rises) in cases {
        let told = watch(&mut bench(), || Ok(series(points)));
        assert_eq!(matches!(told, Err(Need::Person(_))), *rises, "{points:?}: {told:?}");
    }
}

#[test]
fn a_function_that_was_not_called_proves_nothing() {
    let done = watch(&mut bench(), || Ok(series(&[(-2, 0.0, 10.0)]))).unwrap();
    assert!(done.evidence[0].ends_with("it was not called, so this proves nothing"), "{done:?}");
}

#[test]
fn errors_that_cannot_be_read_are_never_taken_for_none() {
    let denied = FaultKind::Denied { action: "cloudwatch:GetMetricData".into(), resource: None };
    let told = watch(&mut bench(), || Err(Fault::new(denied.clone(), "cloudwatch:GetMetricData", "no")));
    assert!(matches!(&told, Err(Need::Person(q)) if q.evidence[0].starts_with("denied")), "{told:?}");
    let mut broken = series(&[]);
    broken[0].trouble = Some("InternalError: x\u{1b}".into());
    let told = watch(&mut bench(), || Ok(broken.clone()));
    assert!(matches!(&told, Err(Need::Person(q)) if q.evidence[0] == "CloudWatch: InternalError: x\\x1b"));
}
