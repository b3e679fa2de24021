//! What needs a person, and in which order.

use super::alarms::children;
use super::*;
use crate::config::Policy;
use crate::estate::ask::{cloudwatch, sqs};
use crate::estate::{Alarm, AlarmState, FaultKind, QueueFacts, RuleAction, Scope};
use crate::insight::examples::*;
use crate::insight::{Broad, Inventory, Picture, Source};

fn lines(inv: &Inventory) -> Vec<Attention> {
    let picture = Picture::of(inv, &[]);
    let policy = Policy::default();
    attention(&Look { inv, picture: &picture, policy: &policy, runs: &[], incidents: &[], now: now() })
}

fn told(inv: &Inventory) -> Vec<String> {
    lines(inv)
        .iter()
        .map(|a| format!("{} {}: {} -> {}", a.severity.word(), a.name.shown(), a.reason, a.next.word()))
        .collect()
}

fn busy() -> Inventory {
    let mut inv = Inventory::default();
    let source = QueueFacts { redrive: to("orders-failures"), retention_s: Some(600), ..facts("orders") };
    let full = QueueFacts { messages: Some(214), ..facts("orders-failures") };
    queues(&mut inv, &[source, full, facts("quiet-dlq")]);
    ages(&mut inv, &[("orders-failures", (14 * 86_400 - 3 * 3600 - 5) as f64)]);
    let failing = Alarm {
        reason_data: Some(r#"{"recentDatapoints":[4.0]}"#.into()),
        ..in_alarm("StepFunctionFailureAlarm")
    };
    let replica = Alarm {
        state: AlarmState::InsufficientData,
        since: Some(ago(3 * 3600)),
        treat_missing: Some("notBreaching".into()),
        ..alarm("orders-replica")
    };
    alarms(&mut inv, &[failing, replica, alarm("fine")]);
    let shop = acl("omnitrack-api-protection", Scope::Regional, vec![rule("SQLi", RuleAction::Block(None))]);
    acls(&mut inv, Scope::Regional, &[shop]);
    let minutes: Vec<_> = (36..41).map(|m| (m, 1_940.0)).collect();
    blocks(&mut inv, Scope::Regional, "SQLiMetric", &minutes, 1_940.0 / 31.0 * 1_440.0);
    secrets(&mut inv, &[(secret("logapi/api-key"), Some(97)), (secret("young"), Some(3))]);
    inv
}

#[test]
fn what_is_surely_lost_soon_comes_before_what_may_be_lost_by_tomorrow() {
    let mut inv = Inventory::default();
    let of = |name: &str, dlq: &str, stay: u64| QueueFacts {
        redrive: to(dlq),
        retention_s: Some(stay),
        ..facts(name)
    };
    let held = |name: &str| QueueFacts { messages: Some(9), ..facts(name) };
    // Its messages may have spent four days in their source: the first may be lost now, or in 23 hours.
    queues(
        &mut inv,
        &[
            of("orders", "orders-dlq", 600),
            held("orders-dlq"),
            of("clicks", "clicks-dlq", 4 * 86_400),
            held("clicks-dlq"),
        ],
    );
    let day = 86_400;
    ages(&mut inv, &[("clicks-dlq", (13 * day + 3_600) as f64), ("orders-dlq", (14 * day - 2_700) as f64)]);
    let told = told(&inv);
    assert!(told[0].starts_with("now orders-dlq") && told[1].starts_with("now clicks-dlq"), "{told:?}");
}

#[test]
fn the_page_at_three_in_the_morning() {
    assert_eq!(
        told(&busy()),
        [
            "now orders-failures: 214 dead letters; first lost in 2 h 49 - 2 h 59 -> queue",
            "now StepFunctionFailureAlarm: ALARM 12 min: 4 errors, limit 1 -> chart",
            "soon omnitrack-api-protection: 1,940 blocked/min, 31 x usual; SQLi rule -> samples",
            "soon logapi/api-key: 97 days old, policy 90 -> secret",
            "unknown orders-replica: INSUFFICIENT_DATA 3 h, treats missing as ok -> chart",
        ]
    );
}

#[test]
fn a_new_version_hides_no_old_field() {
    let mut inv = Inventory::default();
    let dated = |name: &str, tags: &[(&str, &str)]| {
        let mut secret = secret(name);
        secret.tags = tags.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect();
        (secret, Some(1))
    };
    let on = |word: &str, days: i64| format!("{word}{}", crate::estate::time::floor(ago(days * 86_400), 1));
    let (old, new) = (on("before ", 97), on("", 1));
    let keys = [("bartizan:changed:bedrockApiKey", old.as_str()), ("bartizan:changed:slackUrl", &new)];
    let hostile = [("bartizan:changed:a\u{1b}[2J", "1970-01-01\u{1b}[31m"), ("changed:b", old.as_str())];
    secrets(&mut inv, &[dated("omnitrack/api-keys", &keys), dated("other", &hostile)]);
    assert_eq!(
        told(&inv),
        ["soon omnitrack/api-keys: field bedrockApiKey is at least 97 days old, policy 90 -> secret"]
    );
}

#[test]
fn a_quiet_estate_needs_nobody() {
    let mut inv = Inventory::default();
    assert!(lines(&inv).is_empty(), "not even before anything was read");
    queues(&mut inv, &[facts("a-dlq")]);
    alarms(&mut inv, &[alarm("a")]);
    secrets(&mut inv, &[(secret("s"), Some(1))]);
    assert!(lines(&inv).is_empty());
}

#[test]
fn newer_alarms_come_first_and_children_after_their_composite() {
    let mut inv = Inventory::default();
    let mut all = vec![in_alarm("child"), in_alarm("newest"), in_alarm("whole"), in_alarm("old")];
    all[0].since = Some(ago(60));
    all[1].since = Some(ago(30));
    all[2].since = Some(ago(3_000));
    all[2].subject = crate::estate::alarm::Subject::Rule(
        "ALARM(\"child\") OR NOT OK(arn:aws:cloudwatch:r:1:alarm:x)".into(),
    );
    all[3].since = Some(ago(9_000));
    alarms(&mut inv, &all);
    let lines = lines(&inv);
    let names: Vec<_> = lines.iter().map(|a| a.name.wire()).collect();
    assert_eq!(names, ["newest", "whole", "child", "old"]);
    assert!(lines[2].reason.ends_with("part of whole"));
}

#[test]
fn rules_of_composites_name_their_children() {
    assert_eq!(
        children("(ALARM(\"a b\") AND ALARM(c)) OR NOT OK(arn:aws:cloudwatch:eu:1:alarm:d) OR TRUE"),
        ["a b", "c", "d"]
    );
    assert!(children("ALARM(").len() <= 1);
    assert!(children("").is_empty());
}

#[test]
fn a_failed_source_is_not_known_and_bad_credentials_come_first() {
    let mut inv = busy();
    refuse(&mut inv, Source::Broad(Broad::Queues), query(sqs::ListQueues {}), denied("sqs:ListQueues"));
    let last = lines(&inv).pop().unwrap();
    assert_eq!((last.kind, last.severity), (Kind::Gap, Severity::Unknown));
    assert!(last.reason.contains("sqs:ListQueues"), "{}", last.reason);
    let expired = FaultKind::Expired { mend: "run `aws sso login --profile prod`".into() };
    for source in [Source::Broad(Broad::Alarms), Source::Broad(Broad::Queues)] {
        refuse(&mut inv, source, query(cloudwatch::DescribeAlarms { names: vec![] }), expired.clone());
    }
    let lines = lines(&inv);
    assert_eq!(lines[0].kind, Kind::Credentials);
    assert!(lines[0].reason.contains("aws sso login --profile prod"));
    assert_eq!(lines.iter().filter(|a| a.reason.contains("sso")).count(), 1, "said once");
    assert_eq!(lines[1].name.wire(), "orders-failures", "what is known stays");
}

#[test]
fn trouble_stays_told_while_the_source_is_tried_again() {
    let mut inv = Inventory::default();
    refuse(&mut inv, Source::Broad(Broad::Queues), query(sqs::ListQueues {}), denied("sqs:ListQueues"));
    inv.begin(&Source::Broad(Broad::Queues), ticket());
    assert_eq!(lines(&inv).len(), 1);
}

#[test]
fn many_alarms_without_actions_are_one_line() {
    let mut inv = Inventory::default();
    let off = |n: &str| Alarm { actions_enabled: false, ..alarm(n) };
    alarms(&mut inv, &[off("a"), off("b")]);
    assert_eq!(lines(&inv).len(), 2);
    alarms(&mut inv, &[off("a"), off("b"), off("c"), off("d")]);
    assert_eq!(told(&inv), ["soon alarms: 4 alarms have their actions disabled: they tell nobody -> list"]);
}

#[test]
fn nothing_is_told_twice_and_the_order_is_the_same_each_time() {
    let inv = busy();
    let lines = lines(&inv);
    for (i, a) in lines.iter().enumerate() {
        assert!(!lines[i + 1..].iter().any(|b| (a.kind, &a.subject) == (b.kind, &b.subject)));
    }
    assert_eq!(lines, self::lines(&inv));
}

#[test]
fn an_open_incident_comes_first_with_its_clock_and_its_phase() {
    use crate::runbook::incident::{Event, Incident, IncidentId, IncidentLine, Phase};
    use crate::runbook::run::Stamp;
    let inv = busy();
    let stamp = |seq, s| Stamp { seq, at: ago(s), by: "ops/alice".into(), host: "bastion".into() };
    let opened = Event::Opened {
        incident: IncidentId::new("i-0c0ffee0").unwrap(),
        name: "leak\u{1b}[2J".into(),
        suspected: "x".into(),
        known: ago(1_380),
        at: at(),
        context: "prod-eu".into(),
        practice: false,
    };
    let mut incident = Incident::begin(&stamp(1, 600), &opened).unwrap();
    let id = incident.id.clone();
    let picture = Picture::of(&inv, &[]);
    let policy = Policy::default();
    let of = |line: IncidentLine| {
        let look =
            Look { inv: &inv, picture: &picture, policy: &policy, runs: &[], incidents: &[line], now: now() };
        attention(&look)
    };
    let open = IncidentLine { id: id.clone(), there: Ok(incident.clone()), phase: Some(Phase::Containment) };
    let all = of(open);
    assert_eq!((all[0].kind, all[0].severity, all[0].next), (Kind::Incident, Severity::Now, Hint::Incident));
    assert_eq!(all[0].reason, "open incident, known for 23 min, containment");
    assert_eq!(all.len(), lines(&inv).len() + 1);
    incident.apply(&stamp(2, 0), &Event::Closed { reason: None, open: vec![] }).unwrap();
    let closed = IncidentLine { id: id.clone(), there: Ok(incident), phase: None };
    assert_eq!(of(closed), lines(&inv), "a closed one needs nobody");
    let damaged = of(IncidentLine { id, there: Err("line 3 is cut short".into()), phase: None });
    assert_eq!(damaged[0].reason, "its journal is damaged: line 3 is cut short");
}
