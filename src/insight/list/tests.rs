//! Filters and orders.

use super::{AclSort, AlarmSort, Filter, QueueSort, SecretSort};
use crate::config::{Glob, Policy, System};
use crate::estate::{Alarm, AlarmKind, Arn, Scope};
use crate::insight::Look;
use crate::insight::examples::*;
use crate::insight::{Inventory, Picture};
use proptest::prelude::*;

fn with<T>(inv: &Inventory, then: impl FnOnce(&Look<'_>) -> T) -> T {
    let system =
        |name: &str, glob| System { name: name.into(), names: vec![Glob::new(glob).unwrap()], tags: vec![] };
    let systems = [system("mte", "mte-*"), system("MTE2", "Who*")];
    let picture = Picture::of(inv, &systems);
    let policy = Policy::default();
    then(&Look { inv, picture: &picture, policy: &policy, runs: &[], incidents: &[], now: now() })
}

fn some() -> Inventory {
    let mut inv = Inventory::default();
    let aged = |mut a: Alarm, s| {
        a.since = Some(ago(s));
        a
    };
    let mut composite = aged(alarm("Whole"), 9);
    composite.kind = AlarmKind::Composite;
    composite.actions_enabled = false;
    alarms(
        &mut inv,
        &[
            aged(in_alarm("mte-old"), 3 * 86_400),
            aged(in_alarm("api:5xx new"), 60),
            aged(alarm("mte-fine"), 600),
            composite,
        ],
    );
    inv
}

fn names(inv: &Inventory, filter: &str, sort: AlarmSort, turned: bool) -> Vec<String> {
    with(inv, |look| {
        super::alarms(look, &Filter::new(filter), sort, turned)
            .iter()
            .map(|arn| look.inv.alarms.get(arn).unwrap().name.wire().to_string())
            .collect()
    })
}

#[test]
fn filters_of_alarms() {
    let inv = some();
    let found = |f: &str| names(&inv, f, AlarmSort::Name, false);
    let all = ["Whole", "api:5xx new", "mte-fine", "mte-old"];
    assert_eq!(found(""), all);
    assert_eq!(found("MTE"), ["mte-fine", "mte-old"]);
    assert_eq!(found("state:alarm"), ["api:5xx new", "mte-old"]);
    assert_eq!(found("state:al -mte"), ["api:5xx new"]);
    assert_eq!(found("-state:alarm"), ["Whole", "mte-fine"]);
    assert_eq!(found("age>2d"), ["mte-old"]);
    assert_eq!(found("age<=60s"), ["Whole", "api:5xx new"]);
    assert_eq!(found("\"5xx new\""), ["api:5xx new"]);
    assert_eq!(found("api:5xx"), ["api:5xx new"], "a colon may stand in a name");
    assert_eq!(found("is:disabled kind:comp"), ["Whole"]);
    assert_eq!(found("system:m"), ["Whole", "mte-fine", "mte-old"], "half typed: all that begin so");
    assert_eq!(found("system:Mte"), ["mte-fine", "mte-old"], "a whole name is that system");
    assert_eq!(found("-system:mte"), ["Whole", "api:5xx new"]);
    assert_eq!(found("system:mte2"), ["Whole"]);
    assert_eq!(found("messages>3"), Vec::<String>::new(), "alarms hold none");
    for half in ["state:", "age>", "-", "is:", "age>="] {
        assert_eq!(found(half), all, "{half}");
    }
    assert!(Filter::new("is:mutde").complaint().unwrap().ends_with("is:muted?"));
    assert_eq!(Filter::new("is:muted x state:z").complaint(), None);
    assert!(Filter::new("wat").fits_texts(&["a", "Wat else"]));
}

#[test]
fn orders_of_alarms() {
    let inv = some();
    assert_eq!(names(&inv, "", AlarmSort::State, false), ["api:5xx new", "mte-old", "Whole", "mte-fine"]);
    assert_eq!(names(&inv, "", AlarmSort::Since, true), ["mte-old", "mte-fine", "api:5xx new", "Whole"]);
    assert_eq!(names(&inv, "", AlarmSort::System, false), ["mte-old", "mte-fine", "Whole", "api:5xx new"]);
    assert_eq!(names(&inv, "", AlarmSort::Name, true)[0], "mte-old");
}

#[test]
fn orders_and_filters_of_queues() {
    let mut inv = Inventory::default();
    let full = |n: &str, messages| crate::estate::QueueFacts { messages, ..facts(n) };
    queues(
        &mut inv,
        &[
            full("orders", Some(900)),
            full("late-dlq", Some(1)),
            full("soon-dlq", Some(1)),
            full("empty-dlq", Some(0)),
            full("blind-dlq", None),
        ],
    );
    ages(&mut inv, &[("late-dlq", 60.0), ("soon-dlq", 1_000_000.0)]);
    let found = |f: &str, sort, turned| {
        with(&inv, |look| {
            super::queues(look, &Filter::new(f), sort, turned)
                .iter()
                .map(|u| u.name().wire().to_string())
                .collect::<Vec<_>>()
        })
    };
    // Both bounds start now: the one with an age comes before the one without.
    let urgent = found("", QueueSort::Urgency, false);
    assert_eq!(urgent[2..], ["blind-dlq", "empty-dlq", "orders"]);
    assert_eq!(found("", QueueSort::Messages, false)[0], "orders");
    assert_eq!(found("", QueueSort::Messages, true).last().unwrap(), "blind-dlq", "unknown stays last");
    assert_eq!(found("is:dlq messages>0", QueueSort::Name, false), ["late-dlq", "soon-dlq"]);
    assert_eq!(found("-is:dlq", QueueSort::Name, false), ["orders"]);
    assert_eq!(found("age>1w", QueueSort::Name, false), ["soon-dlq"]);
}

#[test]
fn orders_and_filters_of_secrets_and_acls() {
    let mut inv = Inventory::default();
    let mut failing = secret("failing");
    failing.rotation_enabled = true;
    failing.next_rotation = Some(ago(86_400));
    secrets(
        &mut inv,
        &[(secret("fine"), Some(1)), (secret("old"), Some(97)), (failing, Some(2)), (secret("blind"), None)],
    );
    let shop = acl("shop", Scope::Regional, vec![rule("SQLi", crate::estate::RuleAction::Block(None))]);
    acls(&mut inv, Scope::Regional, &[shop, acl("idle", Scope::Regional, vec![])]);
    blocks(&mut inv, Scope::Regional, "SQLiMetric", &[(40, 5_000.0)], 0.0);
    with(&inv, |look| {
        let name = |arn: &Arn| look.inv.secrets.get(arn).unwrap().secret.name.wire().to_string();
        let all = super::secrets(look, &Filter::default(), SecretSort::Urgency, false);
        assert_eq!(all.iter().map(name).collect::<Vec<_>>(), ["failing", "old", "blind", "fine"]);
        let old = super::secrets(look, &Filter::new("state:over age>90d"), SecretSort::Age, false);
        assert_eq!(old.iter().map(name).collect::<Vec<_>>(), ["old"]);
        let acls = super::acls(look, &Filter::default(), AclSort::Rate, false);
        assert!(acls[0].wire().contains("shop") && acls.len() == 2);
        assert_eq!(super::acls(look, &Filter::new("is:spike"), AclSort::Rate, false).len(), 1);
    });
}

/// 20,000 of everything, without a limit on time: what is meant is that this test ends soon.
#[test]
fn twenty_thousand_of_everything() {
    let mut inv = Inventory::default();
    let n = 20_000;
    let all: Vec<Alarm> = (0..n)
        .map(|i| if i % 7 == 0 { in_alarm(&format!("mte-{i}")) } else { alarm(&format!("service-{i}")) })
        .collect();
    alarms(&mut inv, &all);
    let mut all: Vec<_> = (0..n)
        .map(|i| {
            let mut f = facts(&format!("queue-{i}{}", if i % 2 == 0 { "-dlq" } else { "" }));
            f.messages = Some(i % 3);
            f
        })
        .collect();
    for i in (1..all.len()).step_by(2) {
        all[i].redrive = to(&format!("queue-{}-dlq", i - 1));
    }
    queues(&mut inv, &all);
    let targets: Vec<String> = (0..n).map(|i| format!("queue-{}-dlq", i / 2 * 2)).collect();
    let functions_all: Vec<_> =
        (0..n as usize).map(|i| function(&format!("f{i}"), Some(&targets[i]))).collect();
    let ways: Vec<(String, &str)> = (0..n as usize).map(|i| (format!("f{i}"), targets[i].as_str())).collect();
    let ways: Vec<(&str, &str)> = ways.iter().map(|(a, b)| (a.as_str(), *b)).collect();
    functions(&mut inv, &functions_all, &ways, &[]);
    secrets(&mut inv, &(0..n as i64).map(|i| (secret(&format!("s{i}")), Some(i % 200))).collect::<Vec<_>>());
    let rules = |i| vec![rule(&format!("r{i}"), crate::estate::RuleAction::Block(None))];
    acls(
        &mut inv,
        Scope::Regional,
        &(0..n).map(|i| acl(&format!("a{i}"), Scope::Regional, rules(i))).collect::<Vec<_>>(),
    );
    blocks(&mut inv, Scope::Regional, "r5Metric", &[(40, 9_000.0)], 10.0);
    with(&inv, |look| {
        assert_eq!(super::alarms(look, &Filter::new("state:alarm"), AlarmSort::State, false).len(), 2_858);
        assert_eq!(super::queues(look, &Filter::new("is:dlq"), QueueSort::Urgency, false).len(), 10_000);
        assert_eq!(super::acls(look, &Filter::new("is:spike"), AclSort::Rate, false).len(), 1);
        assert_eq!(super::secrets(look, &Filter::default(), SecretSort::Urgency, true).len(), 20_000);
        let status = crate::insight::Status::of(look);
        assert_eq!(status.totals.queues.dead_letter, Some(10_000));
        assert_eq!(status.totals.secrets.overdue, Some(10_900));
    });
    // Nothing of it is new the second time.
    assert!(!queues(&mut inv, &all));
}

proptest! {
    #[test]
    fn nothing_typed_is_too_odd(text in "\\PC{0,40}") {
        let inv = some();
        let all = names(&inv, &text, AlarmSort::State, false).len();
        prop_assert!(all <= 4);
        prop_assert!(Filter::new(&text).complaint().is_none_or(|c| !c.is_empty()));
    }

    #[test]
    fn a_negated_term_of_words_finds_the_others(word in "[a-z:5]{1,4}") {
        let inv = some();
        let (yes, no) = (names(&inv, &word, AlarmSort::Name, false), names(&inv, &format!("-{word}"), AlarmSort::Name, false));
        let half_typed = yes.len() == 4 && no.len() == 4;
        prop_assert!(half_typed || yes.len() + no.len() == 4);
    }
}
