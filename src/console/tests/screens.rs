//! What each screen looks like in each state, at the sizes that are promised.

use super::drive::{Bench, setup};
use super::world::{World, acl_arn, alarm, alarm_arn, queue_url, secret_arn};
use crate::console::model::Screen;
use crate::console::{Msg, Setup};
use crate::controls::Glyphs;
use crate::estate::{AlarmState, Fault, FaultKind, Ticket};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

fn each_size(name: &str, make: impl Fn((u16, u16)) -> Bench) {
    for size in SIZES {
        let mut bench = make(size);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), bench.screen());
    }
}

/// A console at `screen`, by the keys that lead there.
fn at(keys: &'static str) -> impl Fn((u16, u16)) -> Bench {
    move |size| {
        let mut bench = Bench::open(World::night(), size);
        bench.keys(keys);
        bench
    }
}

#[test]
fn overview() {
    each_size("overview", at("esc"));
}

#[test]
fn overview_in_its_states() {
    each_size("overview_cold", |size| Bench::cold(World::night(), size));
    each_size("overview_reading", |size| {
        let mut bench = Bench::cold(World::night(), size);
        bench.answering = false;
        bench.open_now();
        bench
    });
    each_size("overview_empty", |size| Bench::open(World::empty(), size));
    each_size("overview_denied", |size| {
        Bench::open(
            World::night().denying("sqs:ListQueues").denying("secretsmanager:ListSecretVersionIds"),
            size,
        )
    });
    each_size("overview_expired", |size| {
        let mut bench = Bench::open(World::night(), size);
        bench.world = World::night().expired();
        bench.refresh();
        bench
    });
    each_size("overview_not_opened", |size| {
        let mut bench = Bench::cold(World::night(), size);
        let fault = Fault::new(FaultKind::Invalid, "", "profile prod-eu does not exist");
        bench.tell(Msg::Opened(Err(fault)));
        bench
    });
}

#[test]
fn practice_and_read_only_are_marked_on_every_screen() {
    for size in SIZES {
        let mut setup = setup(size);
        setup.practice = true;
        setup.context.read_only = true;
        let mut bench = Bench::with(World::night(), setup);
        bench.tell(Msg::Opened(Ok(crate::console::Opened {
            region: crate::estate::Region::new(super::world::REGION).unwrap(),
            practice: true,
        })));
        for keys in ["esc", "2", "2 enter", "f", "3 enter"] {
            bench.keys(keys);
            let screen = bench.screen();
            let band = screen.lines().next().unwrap_or_default().to_owned();
            assert!(band.contains("PRACTICE") && band.contains("READ-ONLY"), "{band}");
            assert!(band.contains("prod-eu"), "{band}");
        }
    }
}

#[test]
fn lists() {
    each_size("alarms", at("2"));
    each_size("queues", at("3"));
    each_size("waf", at("4"));
    each_size("secrets", at("5"));
}

#[test]
fn lists_in_their_states() {
    for (name, key) in [("alarms", "2"), ("queues", "3"), ("waf", "4"), ("secrets", "5")] {
        let cold = || {
            let mut bench = Bench::cold(World::night(), (80, 24));
            bench.answering = false;
            bench.open_now();
            bench
        };
        let mut bench = cold();
        bench.keys(key);
        insta::assert_snapshot!(format!("{name}_reading"), bench.screen());
        let mut bench = Bench::open(World::empty(), (80, 24));
        bench.keys(key);
        insta::assert_snapshot!(format!("{name}_empty"), bench.screen());
        let denied = World::night()
            .denying("cloudwatch:DescribeAlarms")
            .denying("sqs:ListQueues")
            .denying("wafv2:ListWebACLs")
            .denying("secretsmanager:ListSecrets");
        let mut bench = Bench::open(denied, (80, 24));
        bench.keys(key);
        insta::assert_snapshot!(format!("{name}_denied"), bench.screen());
    }
}

#[test]
fn details() {
    let open = |screen: Screen| {
        move |size| {
            let mut bench = Bench::open(World::night(), size);
            bench.go(screen.clone());
            bench
        }
    };
    each_size("alarm", open(Screen::Alarm(alarm_arn("orders-depth"))));
    each_size("queue", open(Screen::Queue(queue_url("orders-failures"))));
    each_size("queue_of_functions", open(Screen::Queue(queue_url("lambda-dlq"))));
    each_size("acl", open(Screen::Acl(acl_arn("omnitrack-api-protection"))));
    each_size("secret", open(Screen::Secret(secret_arn("logapi/api-keys"))));
    each_size("secret_dated", |size| {
        let mut world = World::night();
        world.secrets[1].0.tags = [
            ("bartizan:changed:bedrockApiKey", "before 2026-08-01T08:00:00Z"),
            ("bartizan:changed:slackWebhookUrl", "2026-08-20T08:00:00Z"),
            ("bartizan:changed:odd\u{202e}", "\u{1b}[31mnever"),
        ]
        .map(|(key, text)| (key.into(), text.into()))
        .into();
        let mut bench = Bench::open(world, size);
        bench.go(Screen::Secret(secret_arn("omnitrack/api-keys")));
        bench
    });
    each_size("freshness", open(Screen::Freshness));
    each_size("acl_samples", |size| {
        let mut bench = Bench::open(World::night(), size);
        bench.go(Screen::Acl(acl_arn("omnitrack-api-protection")));
        bench.keys("s");
        bench
    });
}

#[test]
fn details_that_could_not_be_read() {
    let world = World::night()
        .denying("cloudwatch:GetMetricData")
        .denying("cloudwatch:DescribeAlarmHistory")
        .denying("secretsmanager:ListSecretVersionIds")
        .denying("lambda:ListFunctions");
    for (name, screen) in [
        ("alarm", Screen::Alarm(alarm_arn("orders-depth"))),
        ("queue", Screen::Queue(queue_url("orders-failures"))),
        ("acl", Screen::Acl(acl_arn("omnitrack-api-protection"))),
        ("secret", Screen::Secret(secret_arn("logapi/api-keys"))),
        ("gone", Screen::Alarm(alarm_arn("long-gone"))),
    ] {
        let mut bench = Bench::open(world.clone(), (80, 24));
        bench.go(screen);
        insta::assert_snapshot!(format!("{name}_denied_detail"), bench.screen());
    }
}

#[test]
fn wide_screens_have_list_and_detail_side_by_side() {
    for (name, keys) in [
        ("overview", "esc"),
        ("alarms", "2"),
        ("alarm", "2 enter"),
        ("queue", "3 enter"),
        ("acl", "4 enter s"),
    ] {
        let mut bench = Bench::open(World::night(), (200, 50));
        bench.keys(keys);
        insta::assert_snapshot!(format!("wide_{name}"), bench.screen());
    }
}

#[test]
fn what_lies_over_a_screen() {
    each_size("help", at("2 ?"));
    each_size("palette", |size| {
        let mut bench = at(":")(size);
        bench.type_in("orders");
        bench
    });
    each_size("pending", at("2 y"));
    each_size("filter", |size| {
        let mut bench = at("2 /")(size);
        bench.type_in("state:alarm");
        bench
    });
    each_size("secret_question", |size| {
        let mut bench = Bench::open(World::night(), size);
        let question = "MFA code of arn:aws:iam::123456789012:mfa/alice for role ops".to_owned();
        bench.tell(Msg::AskSecret { ticket: Ticket(7), question });
        bench.tell(Msg::SecretEntered { ticket: Ticket(7), len: 4 });
        bench
    });
}

#[test]
fn risk_and_selection_have_their_styles() {
    let mut bench = Bench::open(World::night(), (80, 24));
    insta::assert_snapshot!("styles_overview", bench.styled());
    bench.keys("3 j");
    insta::assert_snapshot!("styles_queues", bench.styled());
    bench.go(Screen::Alarm(alarm_arn("orders-depth")));
    insta::assert_snapshot!("styles_alarm", bench.styled());
}

#[test]
fn a_terminal_without_unicode_gets_ascii_only() {
    for keys in ["esc", "2", "2 enter", "3 enter", "4 enter s", "5 enter", "f", "2 ?", ": o r d"] {
        let setup = Setup { glyphs: Glyphs::ASCII, ..setup((100, 30)) };
        let mut bench = Bench::with(World::night(), setup);
        bench.open_now();
        bench.keys(keys);
        let screen = bench.screen();
        // `…` of the context and the dots between parts come from the signs, never from a literal.
        let foreign: String = screen.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(foreign, "", "{keys}\n{screen}");
    }
}

#[test]
fn hostile_names_are_drawn_inert() {
    let mut world = World::night();
    let name = "a\u{1b}[2J\u{202e}b\u{200b}漢字🙂";
    world.alarms = vec![super::world::alarm(name, crate::estate::AlarmState::Alarm, 60)];
    for keys in ["esc", "2", "2 enter"] {
        let mut bench = Bench::open(world.clone(), (80, 24));
        bench.keys(keys);
        let screen = bench.screen();
        assert!(!screen.contains('\u{1b}') && !screen.contains('\u{202e}'), "{screen}");
        assert!(screen.contains("a\\x1b[2J"), "{screen}");
    }
}

#[test]
fn a_total_that_finds_no_room_leaves_a_mark() {
    let states = [AlarmState::Alarm, AlarmState::InsufficientData, AlarmState::Ok];
    let mut world = World::night();
    world.alarms = (0..9000).map(|i| alarm(&format!("a-{i:04}"), states[i % 3].clone(), 3600)).collect();
    let screen = Bench::open(world, (80, 24)).screen();
    let alarms = screen.lines().find(|l| l.contains("3,000")).unwrap();
    assert!(alarms.contains("✖ 3,000  ○ 3,00…"), "a sign without its number says nothing: {alarms}");
}
