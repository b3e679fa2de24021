//! No sequence of keys, sizes, pastes and answers breaks the console, at any size; and what is drawn stays
//! in its area.

use super::drive::Bench;
use super::world::World;
use crate::console::model::Overlay;
use crate::console::{MouseKind, Msg, RunsOrder};
use crate::controls::{Key, KeyCode};
use crate::estate::{Fault, FaultKind, Ticket};
use crate::insight::{Broad, Source, Spend, Step, WalkEvent};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Doing {
    Press(Key),
    Paste(String),
    Size(u16, u16),
    Mouse(MouseKind, u16, u16),
    Refresh,
    Swap(u8),
    Stale(u64),
    Later(i64),
    Ask,
    News(u8),
    Rest,
}

fn key() -> impl Strategy<Value = Key> {
    let named = prop::sample::select(vec![
        "enter",
        "esc",
        "tab",
        "backtab",
        "down",
        "up",
        "left",
        "right",
        "home",
        "end",
        "pageup",
        "pagedown",
        "backspace",
        "delete",
        "ctrl-d",
        "ctrl-u",
        "ctrl-e",
        "ctrl-y",
        "ctrl-w",
        "ctrl-r",
        "ctrl-n",
        "alt-left",
        "alt-right",
        "f1",
    ]);
    prop_oneof![
        2 => named.prop_map(|n| Key::parse(n).unwrap()),
        3 => prop::sample::select("123456jkgGyacuC/:?oOvsfz+-=rqtmnxei".chars().collect::<Vec<_>>()).prop_map(Key::char),
        1 => any::<char>().prop_map(|c| Key::new(KeyCode::Char(c), false, false, false)),
    ]
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        12 => key().prop_map(Doing::Press),
        1 => "\\PC{0,30}".prop_map(Doing::Paste),
        1 => (1_u16..=250, 1_u16..=60).prop_map(|(w, h)| Doing::Size(w, h)),
        1 => (prop::sample::select(vec![MouseKind::Press, MouseKind::ScrollDown, MouseKind::ScrollUp]), 0_u16..250, 0_u16..60)
            .prop_map(|(k, c, r)| Doing::Mouse(k, c, r)),
        1 => Just(Doing::Refresh),
        1 => (0_u8..4).prop_map(Doing::Swap),
        1 => (0_u64..20).prop_map(Doing::Stale),
        1 => (0_i64..100_000).prop_map(Doing::Later),
        1 => Just(Doing::Ask),
        2 => (0_u8..30).prop_map(Doing::News),
        3 => Just(Doing::Rest),
    ]
}

/// Keys and news around questions, where a run can be changed.
fn at_a_question() -> impl Strategy<Value = Doing> {
    let keys =
        prop::sample::select(vec!["y", "n", "c", "m", "u", "x", "enter", "esc", "down", "6", "ctrl-u"]);
    prop_oneof![
        8 => keys.prop_map(|k| Doing::Press(Key::parse(k).unwrap())),
        2 => key().prop_map(Doing::Press),
        1 => prop::sample::select(vec!["y", "acme-prod", "AKIAIOSFODNN7EXAMPLE"])
            .prop_map(|t| Doing::Paste(t.to_owned())),
        3 => (0_u8..30).prop_map(Doing::News),
        8 => Just(Doing::Rest),
    ]
}

/// How often something was agreed to, of everything that asks.
fn agreed(bench: &Bench) -> usize {
    let orders = bench.orders().into_iter().filter(|o| match o {
        RunsOrder::Consent { .. } | RunsOrder::Arm { .. } | RunsOrder::Abort(_) | RunsOrder::Undo(_) => true,
        RunsOrder::List
        | RunsOrder::Peek { .. }
        | RunsOrder::Export(_)
        | RunsOrder::StopExport(_)
        | RunsOrder::Whose(_)
        | RunsOrder::StopWhose(_)
        | RunsOrder::FindExport { .. }
        | RunsOrder::StopMoving(_)
        | RunsOrder::Read(_)
        | RunsOrder::Plan { .. }
        | RunsOrder::Start { .. }
        | RunsOrder::GoOn(_)
        | RunsOrder::Set { .. }
        | RunsOrder::Attest { .. }
        | RunsOrder::PassOver { .. }
        | RunsOrder::Note { .. }
        | RunsOrder::Decide { .. }
        | RunsOrder::Report(_)
        | RunsOrder::Incident(_)
        | RunsOrder::Leave => false,
    });
    orders.count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_it(
        size in (1_u16..=250, 1_u16..=60),
        doings in proptest::collection::vec(doing(), 1..60),
    ) {
        let mut bench = Bench::open(World::night(), size);
        for doing in doings {
            match doing {
                Doing::Press(key) => { bench.tell(Msg::Key(key)); }
                Doing::Paste(text) => { bench.tell(Msg::Paste(text)); }
                Doing::Size(width, height) => { bench.tell(Msg::Resize { width, height }); }
                Doing::Mouse(kind, column, row) => { bench.tell(Msg::Mouse { kind, column, row }); }
                Doing::Refresh => bench.refresh(),
                Doing::Swap(0) => bench.world = World::empty(),
                Doing::Swap(1) => bench.world = World::night().expired(),
                Doing::Swap(2) => bench.world = World::night().denying("sqs:ListQueues"),
                Doing::Swap(_) => bench.world = World::night(),
                Doing::Stale(ticket) => {
                    let step = Step::End { began: bench.model.now, spend: Spend::default() };
                    // Ticket 0 is never given, and walks here end at once: every one of these is late.
                    let before = format!("{:?}", bench.model.inventory.standing(&Source::Broad(Broad::Alarms)));
                    bench.tell(Msg::Walk(WalkEvent { source: Source::Broad(Broad::Alarms), ticket: Ticket(ticket), step }));
                    prop_assert_eq!(before, format!("{:?}", bench.model.inventory.standing(&Source::Broad(Broad::Alarms))));
                }
                Doing::Later(seconds) => {
                    let now = crate::estate::time::plus_seconds(bench.model.now, seconds);
                    bench.at(now);
                }
                Doing::Ask => {
                    bench.tell(Msg::AskSecret { ticket: Ticket(1), question: "code?".to_owned() });
                    bench.tell(Msg::SecretEntered { ticket: Ticket(1), len: 70 });
                }
                Doing::News(which) => { bench.tell(Msg::Runs(super::book::news(which))); }
                Doing::Rest => { bench.rest(); }
            }
            bench.buffer();
        }
    }

    /// Whatever is pressed, pasted and told: something is agreed to only by a question that is on screen, at the
    /// second rest of the keyboard since it came up.
    #[test]
    fn nothing_is_agreed_to_without_a_question(doings in proptest::collection::vec(at_a_question(), 1..80)) {
        let mut bench = Bench::open(World::night(), (80, 24));
        bench.tell(super::book::ready());
        bench.model.trail.go(crate::console::model::Screen::Run(super::book::id()));
        bench.tell(Msg::Runs(super::book::news(2)));
        let mut rests = 0;
        for doing in doings {
            let asked = matches!(bench.model.overlay, Some(Overlay::Consent(_)));
            let before = agreed(&bench);
            let rest = matches!(doing, Doing::Rest) && bench.listening.is_some();
            match doing {
                Doing::Press(key) => { bench.tell(Msg::Key(key)); }
                Doing::Paste(text) => { bench.tell(Msg::Paste(text)); }
                Doing::News(which) => {
                    // These put another question on screen, or take it away.
                    if matches!(which % 9, 1 | 2 | 3 | 6 | 7) {
                        rests = 0;
                    }
                    bench.tell(Msg::Runs(super::book::news(which)));
                }
                _ => { bench.rest(); }
            }
            if agreed(&bench) > before {
                prop_assert!(asked && rest && rests >= 1, "asked {asked}, at rest {rest}, rests {rests}");
            }
            let asks = matches!(bench.model.overlay, Some(Overlay::Consent(_)));
            rests = match (asks, asked && rest) {
                (false, _) => 0,
                (true, true) => rests + 1,
                (true, false) => rests,
            };
        }
    }

    #[test]
    fn every_size_is_drawn_in_every_state(width in 1_u16..=250, height in 1_u16..=60, keys in 0_usize..10) {
        let mut bench = Bench::cold(World::night(), (width, height));
        bench.buffer();
        bench.tell(Msg::Opened(Err(Fault::new(FaultKind::Unreachable, "", "no route"))));
        bench.buffer();
        bench.open_now();
        bench.keys(["esc", "2", "2 enter", "3 enter", "4 enter s", "5 enter", "f", "2 ?", "2 y", ": o r d"][keys]);
        bench.buffer();
    }
}
