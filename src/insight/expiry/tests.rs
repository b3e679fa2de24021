//! When messages are lost.

use super::*;
use crate::estate::Window;
use crate::estate::ask::cloudwatch;
use crate::insight::dead_letter::Roles;
use crate::insight::examples::*;
use proptest::prelude::*;

const DAY: u64 = 86_400;

fn holding(name: &str, messages: u64, days: u64) -> QueueFacts {
    QueueFacts { messages: Some(messages), retention_s: Some(days * DAY), ..facts(name) }
}

fn loss_of(inv: &Inventory, name: &str) -> Loss {
    let roles = Roles::of(inv);
    loss(inv, inv.queues.get(&url(name)).unwrap(), roles.role(&url(name)), now())
}

#[test]
fn a_queue_that_a_queue_feeds_has_bounds() {
    let mut inv = Inventory::default();
    let source = QueueFacts { redrive: to("bin"), ..holding("orders", 0, 4) };
    queues(&mut inv, &[source, holding("bin", 5, 14)]);
    ages(&mut inv, &[("bin", 3_600.0)]);
    let b = *loss_of(&inv, "bin").bounds().unwrap();
    // The point started 90 s ago and was true 30 s ago.
    let latest = plus_seconds(ago(30), 14 * 86_400 - 3_600);
    assert_eq!(
        b,
        Bounds { earliest: plus_seconds(latest, -4 * 86_400), latest, exact: false, assumed: false }
    );
}

#[test]
fn fifo_and_lambda_start_at_arrival() {
    let mut inv = Inventory::default();
    let source = QueueFacts { redrive: to("bin.fifo"), ..holding("orders.fifo", 0, 4) };
    queues(&mut inv, &[source, holding("bin.fifo", 5, 14), holding("lambda-bin", 1, 14)]);
    functions(&mut inv, &[function("f", Some("lambda-bin"))], &[], &[]);
    ages(&mut inv, &[("bin.fifo", 3_600.0), ("lambda-bin", 60.0)]);
    for (name, age) in [("bin.fifo", 3_600), ("lambda-bin", 60)] {
        let b = *loss_of(&inv, name).bounds().unwrap();
        assert!(b.exact && b.earliest == b.latest);
        assert_eq!(b.latest, plus_seconds(ago(30), 14 * 86_400 - age));
    }
}

#[test]
fn an_unknown_origin_assumes_the_longest_stay_and_says_so() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[holding("x-dlq", 1, 14)]);
    ages(&mut inv, &[("x-dlq", 60.0)]);
    let b = *loss_of(&inv, "x-dlq").bounds().unwrap();
    assert!(b.assumed && !b.exact && b.earliest == now());
    assert!(sentence(&Loss::Within(b), now()).contains("if kept 14 days before"));
}

#[test]
fn nothing_and_not_known_are_told_apart() {
    let mut inv = Inventory::default();
    let mut uncounted = holding("uncounted-dlq", 0, 14);
    uncounted.messages = None;
    let mut flying = holding("flying-dlq", 0, 14);
    flying.in_flight = Some(2);
    queues(&mut inv, &[holding("empty-dlq", 0, 14), holding("ageless-dlq", 1, 14), uncounted, flying]);
    assert_eq!(loss_of(&inv, "empty-dlq"), Loss::Nothing);
    assert_eq!(loss_of(&inv, "ageless-dlq"), Loss::Unknown(Missing::Age));
    assert_eq!(loss_of(&inv, "uncounted-dlq"), Loss::Unknown(Missing::Count));
    assert_eq!(loss_of(&inv, "flying-dlq"), Loss::Unknown(Missing::Age));
    let window = Window { from: ago(600), to: now() };
    let asked = query(cloudwatch::GetMetricData { queries: Vec::new(), window });
    refuse(&mut inv, Source::Broad(Broad::QueueAges), asked, denied("cloudwatch:GetMetricData"));
    assert_eq!(loss_of(&inv, "ageless-dlq"), Loss::Unknown(Missing::Reading), "denied is not: not there yet");
}

#[test]
fn sentences() {
    let at = |s| plus_seconds(now(), s);
    let b = |e, l| Loss::Within(Bounds { earliest: at(e), latest: at(l), exact: e == l, assumed: false });
    assert_eq!(sentence(&b(10_200, 10_800), now()), "first lost in 2 h 50 - 3 h");
    assert_eq!(sentence(&b(10_800, 10_800), now()), "first lost in 3 h");
    assert_eq!(sentence(&b(0, 10_800), now()), "first lost within 3 h");
    assert_eq!(sentence(&b(-60, -60), now()), "being lost now");
}

proptest! {
    /// Whatever the message really did, it is lost within the bounds.
    #[test]
    fn the_truth_is_within_the_bounds(
        retention_days in 1u64..=14, source_days in 1u64..=14, sent in 0i64..1_209_600, moved in 0i64..1_209_600,
    ) {
        let now = now();
        let (retention, source) = (retention_days * DAY, source_days * DAY);
        let sent_at = plus_seconds(now, -sent.max(moved));
        let moved_at = plus_seconds(now, -moved.min(sent));
        let stayed = crate::estate::time::seconds_between(sent_at, moved_at) as u64;
        prop_assume!(stayed <= source);
        let lost = plus_seconds(sent_at, retention as i64);
        prop_assume!(lost > now); // else it is not there any more
        let age = crate::estate::time::seconds_between(moved_at, now);
        let b = bounds(retention, age, Stay::AtMost { seconds: source, assumed: false }, now, now);
        prop_assert!(b.earliest <= lost && lost <= b.latest, "{b:?} {lost}");
        prop_assert!(b.earliest <= b.latest && b.earliest >= now);
        let exact = bounds(retention, age, Stay::None, now, now);
        prop_assert_eq!(exact.latest, plus_seconds(moved_at, retention as i64));
    }

    #[test]
    fn no_number_from_outside_breaks_them(retention: u64, age: i64, stay: u64) {
        let b = bounds(retention, age, Stay::AtMost { seconds: stay, assumed: true }, now(), now());
        prop_assert!(b.earliest <= b.latest);
    }
}
