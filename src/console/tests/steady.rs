//! A quiet estate costs nothing, and nothing moves under the cursor.

use super::drive::Bench;
use super::world::{World, alarm, alarm_arn, now};
use crate::console::model::Screen;
use crate::console::{Effect, Msg};
use crate::estate::time::plus_seconds;
use crate::estate::{AlarmState, FaultKind, Ticket};
use crate::insight::{Broad, Source, Spend, Step, WalkEvent};

#[test]
fn a_refresh_that_says_the_same_draws_nothing() {
    let mut bench = Bench::open(World::night(), (80, 24));
    assert!(bench.model.take_dirty());
    for seconds in [5, 10, 20, 29] {
        bench.at(plus_seconds(now(), seconds));
        bench.refresh();
        assert!(!bench.model.take_dirty(), "after {seconds} s");
    }
    bench.world.alarms[5].state = AlarmState::Alarm;
    bench.refresh();
    assert!(bench.model.take_dirty());
    assert!(!bench.model.take_dirty());
}

#[test]
fn a_key_is_drawn_and_then_nothing_more() {
    let mut bench = Bench::open(World::night(), (80, 24));
    bench.model.take_dirty();
    bench.keys("j");
    assert!(bench.model.take_dirty());
    bench.refresh();
    assert!(!bench.model.take_dirty());
}

#[test]
fn it_wakes_at_whole_minutes_only() {
    let mut bench = Bench::open(World::night(), (80, 24));
    bench.model.take_dirty();
    let wakes: Vec<_> = bench.effects.iter().filter(|e| matches!(e, Effect::Wake(_))).collect();
    assert_eq!(wakes, [&Effect::Wake("2026-11-21T09:42:00Z".parse().unwrap())]);
    let effects = bench.tell(Msg::Now("2026-11-21T09:41:59Z".parse().unwrap()));
    assert_eq!(effects, []);
    assert!(!bench.model.take_dirty());
    let effects = bench.tell(Msg::Now("2026-11-21T09:42:00Z".parse().unwrap()));
    assert_eq!(effects, [Effect::Wake("2026-11-21T09:43:00Z".parse().unwrap())]);
    assert!(bench.model.take_dirty(), "the clock shows minutes");
}

#[test]
fn new_rows_leave_the_selected_one_on_its_line() {
    let mut world = World::night();
    world.alarms.extend((0..40).map(|i| alarm(&format!("zz-{i}"), AlarmState::Ok, 900_000 + i)));
    let mut bench = Bench::open(world, (80, 24));
    bench.keys("2 j j j");
    let line_of = |screen: &str| screen.lines().position(|l| l.starts_with('▌')).unwrap();
    let before = bench.screen();
    let selected = bench.model.thing().cloned();
    for i in 0..8 {
        bench.world.alarms.push(alarm(&format!("new-{i}"), AlarmState::Alarm, 30 + i));
    }
    bench.refresh();
    let after = bench.screen();
    assert_eq!(bench.model.thing().cloned(), selected);
    assert_eq!(line_of(&before), line_of(&after), "{before}\n{after}");
    assert!(bench.model.lists.alarms.order.len() > 20);
}

#[test]
fn until_a_key_is_pressed_the_most_urgent_is_selected() {
    let mut bench = Bench::cold(World::night(), (80, 24));
    bench.answering = false;
    bench.open_now();
    let held = std::mem::take(&mut bench.held);
    for event in held.into_iter().rev() {
        bench.tell(Msg::Walk(event));
        bench.model.take_dirty();
    }
    bench.answering = true;
    bench.refresh();
    bench.model.take_dirty();
    assert_eq!(bench.model.lists.overview.cursor.index(), 0);
}

#[test]
fn a_row_that_disappears_gives_its_line_to_the_next() {
    let mut bench = Bench::open(World::night(), (80, 24));
    bench.keys("2 j");
    bench.world.alarms.retain(|a| a.arn != alarm_arn("orders-depth"));
    bench.refresh();
    bench.model.take_dirty();
    assert_eq!(bench.model.lists.alarms.cursor.index(), 1);
    assert!(matches!(bench.model.thing(), Some(Screen::Alarm(_))));
}

#[test]
fn an_older_walk_changes_nothing() {
    let mut bench = Bench::open(World::night(), (80, 24));
    bench.keys("2");
    let before = bench.screen();
    let step = Step::End { began: now(), spend: Spend::default() };
    let effects =
        bench.tell(Msg::Walk(WalkEvent { source: Source::Broad(Broad::Alarms), ticket: Ticket(1), step }));
    assert_eq!(effects, []);
    assert_eq!(bench.screen(), before);
}

#[test]
fn expired_credentials_are_said_at_once_and_what_is_known_stays() {
    let mut bench = Bench::open(World::night(), (80, 24));
    let good = bench.world.clone();
    bench.world = good.clone().expired();
    bench.refresh();
    let screen = bench.screen();
    assert!(screen.contains("aws sso login --profile prod"), "{screen}");
    assert!(screen.contains("orders-failures"), "{screen}");
    bench.world = good;
    bench.refresh();
    assert!(!bench.screen().contains("aws sso login"), "it goes on by itself");
}

#[test]
fn a_gap_is_a_word_and_not_a_zero() {
    let mut world = World::night();
    world.faults.push((
        "sqs:GetQueueAttributes",
        FaultKind::Denied { action: "sqs:GetQueueAttributes".into(), resource: None },
    ));
    let mut bench = Bench::open(world, (80, 24));
    bench.keys("3");
    let screen = bench.screen();
    assert!(screen.contains("? denied"), "{screen}");
    for line in screen.lines().filter(|l| l.contains("orders") || l.contains("dlq")) {
        assert!(!line.contains(" 0 "), "{line}");
    }
}

/// Keys, and the details that are read beside the list, never make its order again: their work is that of the
/// rows on screen, whatever the list holds.
#[test]
fn twenty_thousand_alarms_scroll_as_fast_as_twenty() {
    let mut world = World::empty();
    world.alarms = (0..20_000).map(|i| alarm(&format!("alarm-{i:05}"), AlarmState::Ok, i)).collect();
    let mut bench = Bench::open(world, (200, 50));
    bench.keys("2");
    bench.buffer();
    let order = bench.model.lists.alarms.order.as_ptr();
    for _ in 0..100 {
        bench.tell(Msg::Key(crate::controls::Key::char('j')));
        assert!(!bench.model.picture.stale && !bench.model.lists.alarms.stale);
    }
    assert_eq!(bench.model.lists.alarms.order.as_ptr(), order);
    assert_eq!(bench.model.lists.alarms.cursor.index(), 100);
}
