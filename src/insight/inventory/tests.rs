//! What is kept, what shows, and what is dropped.

use super::*;
use crate::estate::ask::{iam, sts};
use crate::estate::metric::MetricSource;
use crate::estate::{
    AccountId, AlarmName, AlarmState, FaultKind, HistoryItem, MetricQuery, RuleAction, Scope, Series, Window,
};
use crate::insight::examples::*;
use crate::insight::{About, Broad, Reach};
use proptest::prelude::*;

fn alarm_answer(all: &[Alarm]) -> (Query, Answer) {
    (
        query(cloudwatch::DescribeAlarms { names: vec![] }),
        Answer::CloudWatch(cloudwatch::Answer::DescribeAlarms(all.iter().cloned().map(Into::into).collect())),
    )
}

fn event(source: Source, ticket: Ticket, (query, answer): (Query, Answer), next: Option<&str>) -> WalkEvent {
    let page = Page { answer, next: next.and_then(cursor), sent: ago(30) };
    WalkEvent { source, ticket, step: Step::Page { query, page, first: true } }
}

fn end(source: Source, ticket: Ticket) -> WalkEvent {
    WalkEvent {
        source,
        ticket,
        step: Step::End { began: ago(30), spend: Spend { calls: 3, ..Spend::default() } },
    }
}

fn identity() -> Vec<(Query, Answer)> {
    let who = Identity {
        account: AccountId::new(ACCOUNT).unwrap(),
        arn: Arn::new("arn:aws:iam::123456789012:user/alice"),
        user_id: "AIDA".into(),
        key: None,
        ahead_s: None,
    };
    vec![
        (query(sts::GetCallerIdentity {}), Answer::Sts(sts::Answer::GetCallerIdentity(who))),
        (query(iam::ListAccountAliases {}), Answer::Iam(iam::Answer::ListAccountAliases(vec![]))),
    ]
}

/// Everything, read twice with the same answers: the second time shows nothing.
#[test]
fn reading_the_same_again_shows_nothing() {
    let mut inv = Inventory::default();
    let mut source = facts("orders");
    source.redrive = to("orders-dlq");
    let mut full = facts("orders-dlq");
    full.messages = Some(4);
    let round = |inv: &mut Inventory| {
        let secret = (secret("a"), Some(3));
        let shop = acl("shop", Scope::Regional, vec![rule("SQLi", RuleAction::Block(None))]);
        vec![
            walk(inv, Source::Broad(Broad::Identity), identity()),
            alarms(inv, &[alarm("a"), in_alarm("b")]),
            queues(inv, &[source.clone(), full.clone()]),
            ages(inv, &[("orders-dlq", 60.0)]),
            functions(
                inv,
                &[function("f", Some("orders-dlq"))],
                &[("f", "orders-dlq")],
                &[("g", "orders-dlq")],
            ),
            secrets(inv, &[secret]),
            acls(inv, Scope::Regional, &[shop]),
            blocks(inv, Scope::Regional, "SQLiMetric", &[(40, 3.0)], 5.0),
        ]
    };
    let first = round(&mut inv);
    assert!(first.iter().all(|shows| *shows), "{first:?}");
    let revision = inv.revision();
    let second = round(&mut inv);
    assert!(second.iter().all(|shows| !*shows), "{second:?}");
    assert_eq!(inv.revision(), revision);
}

#[test]
fn the_same_fault_again_shows_nothing_and_another_does() {
    let mut inv = Inventory::default();
    let ask = || query(sqs::ListQueues {});
    assert!(refuse(&mut inv, Source::Broad(Broad::Queues), ask(), denied("sqs:ListQueues")));
    assert!(!refuse(&mut inv, Source::Broad(Broad::Queues), ask(), denied("sqs:ListQueues")));
    assert!(refuse(&mut inv, Source::Broad(Broad::Queues), ask(), FaultKind::Throttled));
    assert!(queues(&mut inv, &[]), "and so does a success");
    assert!(!queues(&mut inv, &[]));
}

#[test]
fn an_event_of_an_older_walk_changes_nothing_but_the_price() {
    let mut inv = Inventory::default();
    let (old, new) = (ticket(), ticket());
    inv.begin(&Source::Broad(Broad::Alarms), old);
    inv.begin(&Source::Broad(Broad::Alarms), new);
    assert!(!inv.fold(event(Source::Broad(Broad::Alarms), old, alarm_answer(&[alarm("a")]), None)));
    assert!(!inv.fold(end(Source::Broad(Broad::Alarms), old)));
    assert!(inv.alarms.is_empty());
    assert_eq!(inv.spend.calls, 3);
}

#[test]
fn an_alarm_that_is_read_alone_neither_leaves_nor_makes_others_leave() {
    let mut inv = Inventory::default();
    alarms(&mut inv, &[alarm("a"), alarm("b")]);
    let one = Source::Detail(About::OneAlarm(AlarmName::new("a")));
    let (all, single) = (ticket(), ticket());
    inv.begin(&Source::Broad(Broad::Alarms), all);
    inv.fold(event(Source::Broad(Broad::Alarms), all, alarm_answer(&[alarm("a"), alarm("b")]), None));
    // In between, both a known alarm and a new one are read alone.
    inv.begin(&one, single);
    assert!(inv.fold(event(one.clone(), single, alarm_answer(&[in_alarm("a"), alarm("new")]), None)));
    inv.fold(end(one, single));
    inv.fold(end(Source::Broad(Broad::Alarms), all));
    assert_eq!(inv.alarms.len(), 3);
    assert_eq!(inv.alarms.get(&alarm_arn("a")).unwrap().state, AlarmState::Alarm);
    assert!(alarms(&mut inv, &[alarm("a")]), "two left");
    assert_eq!(inv.alarms.len(), 1);
}

#[test]
fn a_series_may_come_in_pieces_and_in_any_order() {
    let mut inv = Inventory::default();
    let source = Source::Detail(About::AlarmChart(alarm_arn("a"), Reach::Near));
    let ticket = ticket();
    let asked = |t: &str| MetricQuery {
        id: t.into(),
        source: MetricSource::Expression { text: "m1/m2".into(), period_s: None },
        return_data: true,
        label: None,
    };
    let window = Window { from: ago(600), to: now() };
    let answer = |points: Vec<(Timestamp, f64)>| {
        let series = vec![Series { id: "e1".into(), label: "".into(), points, trouble: None }];
        let queries = vec![asked("e1"), asked("e2")];
        let query = query(cloudwatch::GetMetricData { queries, window });
        (query, Answer::CloudWatch(cloudwatch::Answer::GetMetricData(series)))
    };
    inv.begin(&source, ticket);
    assert!(inv.fold(event(
        source.clone(),
        ticket,
        answer(vec![(ago(60), 2.0), (ago(120), 1.0)]),
        Some("x")
    )));
    assert!(inv.fold(event(source.clone(), ticket, answer(vec![(ago(180), 0.0), (ago(60), 2.0)]), None)));
    inv.fold(end(source.clone(), ticket));
    let series = &inv.metrics(&source).unwrap().series;
    let values: Vec<f64> = series[&MetricKey::Expression("e1".into())].iter().map(|(_, v)| *v).collect();
    assert_eq!(values, [0.0, 1.0, 2.0]);
    assert!(series[&MetricKey::Expression("e2".into())].is_empty(), "asked for and without a point");
}

#[test]
fn a_detail_shows_what_was_known_until_the_new_is_whole() {
    let mut inv = Inventory::default();
    let source = Source::Detail(About::AlarmHistory(AlarmName::new("a")));
    let item = |s: &str| HistoryItem { at: now(), kind: "StateUpdate".into(), summary: s.into() };
    let answer = |s: &str| {
        (
            query(cloudwatch::DescribeAlarmHistory { alarm: AlarmName::new("a") }),
            Answer::CloudWatch(cloudwatch::Answer::DescribeAlarmHistory(vec![item(s)])),
        )
    };
    assert!(walk(&mut inv, source.clone(), vec![answer("one")]));
    let ticket = ticket();
    assert!(!inv.begin(&source, ticket));
    assert!(!inv.fold(event(source.clone(), ticket, answer("two"), None)));
    let shown = |inv: &Inventory| match inv.detail(&source).unwrap().value().unwrap() {
        Detail::History(items) => items[0].summary.wire().to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(&inv), "one");
    assert!(inv.fold(end(source.clone(), ticket)));
    assert_eq!(shown(&inv), "two");
}

#[test]
fn only_so_many_details_are_kept() {
    let mut inv = Inventory::default();
    for i in 0..60 {
        walk(&mut inv, Source::Detail(About::SecretVersions(secret_arn(&i.to_string()))), vec![]);
    }
    assert!(inv.detail(&Source::Detail(About::SecretVersions(secret_arn("59")))).is_some());
    assert!(inv.detail(&Source::Detail(About::SecretVersions(secret_arn("0")))).is_none());
}

#[test]
fn a_move_task_finds_its_queue_before_and_after_its_attributes_came() {
    let mut inv = Inventory::default();
    let mut answers = queue_answers(&[facts("x-dlq")]);
    let tasks = (
        query(sqs::ListMessageMoveTasks { queue: queue_arn("x-dlq") }),
        Answer::Sqs(sqs::Answer::ListMessageMoveTasks(vec![])),
    );
    answers.insert(1, tasks.clone());
    walk(&mut inv, Source::Broad(Broad::Queues), answers);
    assert!(inv.queues.get(&url("x-dlq")).unwrap().tasks.value().is_some());
    assert!(!walk(&mut inv, Source::Broad(Broad::Queues), {
        let mut a = queue_answers(&[facts("x-dlq")]);
        a.push(tasks);
        a
    }));
    assert!(
        inv.queue_at(&Arn::new("arn:aws:sqs:eu-central-1:999999999999:x-dlq")).is_none(),
        "another account's"
    );
    assert!(inv.queue_at(&Arn::new("arn:aws:sns:eu-central-1:123456789012:x-dlq")).is_none(), "a topic");
}

proptest! {
    /// Whatever alarms a refresh reads, what it says of itself is true: it shows exactly if the rows differ.
    #[test]
    fn a_refresh_shows_exactly_what_differs(
        before in prop::collection::btree_map(0u8..6, any::<bool>(), 0..6),
        after in prop::collection::btree_map(0u8..6, any::<bool>(), 0..6),
    ) {
        let make = |m: &std::collections::BTreeMap<u8, bool>| m.iter().map(|(n, bad)| {
            let name = format!("a{n}");
            if *bad { in_alarm(&name) } else { alarm(&name) }
        }).collect::<Vec<_>>();
        let mut inv = Inventory::default();
        alarms(&mut inv, &make(&before));
        let shows = alarms(&mut inv, &make(&after));
        prop_assert_eq!(shows, before != after);
        let names: Vec<String> = inv.alarms.values().map(|a| a.name.wire().to_string()).collect();
        prop_assert_eq!(names, after.keys().map(|n| format!("a{n}")).collect::<Vec<_>>());
    }
}
