//! Canary requests.

use crate::estate::edit::Place;
use crate::estate::{Canary, Fault, FaultKind, MaterialSource, MaterialVersion, Slot, Timestamp, VersionId};
use crate::runbook::need::{Done, Fact, Need, Want};
use crate::runbook::testing::secrets::arn;
use crate::runbook::testing::{Answers, Bench, beginning, seen};
use crate::runbook::value::{Home, Value};
use crate::runbook::verbs::find;

/// What the canary is answered, at each look.
fn sent(
    parameters: &[(&str, Value)],
    mut statuses: Vec<Result<u16, Fault>>,
) -> (Result<Done, Need>, Vec<Canary>, Timestamp) {
    let source = MaterialSource::Secret { secret: arn(), version: VersionId::new("v2") };
    let home = Home { source, place: Place::Field("/apiKey".into()), entry: None };
    let mut bench = Bench::with(parameters);
    bench.with.insert("home".to_owned(), Value::Home(home));
    let mut canaries = Vec::new();
    let result = bench.go(
        find("canary.send").unwrap(),
        &mut Answers(|want: &Want| match want {
            Want::Load { into, .. } => {
                assert_eq!(into.name(), "canary.key.document");
                Fact::Loaded(Ok(seen(MaterialVersion::Secret(VersionId::new("v2")), beginning())))
            }
            Want::Extract { from, into, .. } => {
                assert_eq!((from.name(), into.name()), ("canary.key.document", "canary.key"));
                Fact::Extracted(Ok(()))
            }
            Want::Status(canary) => {
                canaries.push(canary.clone());
                Fact::Status(if statuses.len() > 1 { statuses.remove(0) } else { statuses[0].clone() })
            }
            other => panic!("{other:?}"),
        }),
    );
    (result, canaries, bench.now)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn the_value_goes_into_the_header_that_was_named() {
    let parameters = [
        ("url", text("https://api.example.com/logs?k=v")),
        ("method", text("POST")),
        ("header", text("authorization")),
        ("prefix", text("Bearer ")),
        ("expect", Value::Number(401)),
    ];
    let (result, canaries, now) = sent(&parameters, vec![Ok(401)]);
    assert_eq!(result.unwrap().evidence, ["POST https://api.example.com/logs answered 401"]);
    let canary = Canary {
        method: "POST".into(),
        url: "https://api.example.com/logs?k=v".into(),
        header: "authorization".into(),
        prefix: "Bearer ".into(),
        key: Slot::new("canary.key"),
    };
    assert_eq!((canaries, now), (vec![canary], beginning()));
}

#[test]
fn it_is_patient_and_not_for_ever() {
    let url = [("url", text("https://a/"))];
    let gone = || Err(Fault::new(FaultKind::TimedOut, "", "no answer"));
    let (result, canaries, _) = sent(&url, vec![Ok(403), gone(), Ok(200)]);
    assert_eq!(
        (result.unwrap().evidence, canaries.len()),
        (vec!["GET https://a/ answered 200".to_owned()], 3)
    );
    for (status, want) in
        [(Ok(403), "answered 403, and 200 to 299 is good, still after 5 min"), (gone(), "got no answer")]
    {
        let (result, canaries, _) = sent(&url, vec![status]);
        assert!(matches!(&result, Err(Need::Refuse(words)) if words.contains(want)), "{result:?}");
        assert_eq!(canaries.len(), 61);
    }
}

#[test]
fn what_cannot_be_sent_stops_the_step_at_once() {
    let refused = Fault::new(FaultKind::Invalid, "", "http is for this machine only");
    let (result, canaries, _) = sent(&[("url", text("http://example.com/"))], vec![Err(refused)]);
    assert!(matches!(result, Err(Need::Refuse(words)) if words.contains("this machine only")));
    assert_eq!(canaries.len(), 1);
}

#[test]
fn a_redirect_is_not_good() {
    for status in [199, 300, 302, 404, 500] {
        let (result, _, _) = sent(&[("url", text("https://a/"))], vec![Ok(status)]);
        assert!(result.is_err(), "{status}");
    }
}
