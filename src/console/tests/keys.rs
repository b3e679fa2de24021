//! Keys and what follows from them: before, keys, after.

use super::drive::Bench;
use super::world::{REGION, World, acl_arn, alarm, alarm_arn, queue_url, secret_arn};
use crate::console::model::{Overlay, Screen};
use crate::console::{Effect, Msg};
use crate::controls::Key;
use crate::estate::{AlarmState, MetricId, Ticket};
use crate::insight::{About, Broad, Reach, Source};

fn night() -> Bench {
    Bench::open(World::night(), (80, 24))
}

fn here(bench: &Bench) -> Screen {
    bench.model.screen().clone()
}

#[test]
fn digits_tabs_and_esc_go_about() {
    let mut bench = night();
    for (keys, screen) in [
        ("2", Screen::Alarms),
        ("3", Screen::Queues),
        ("4", Screen::Waf),
        ("5", Screen::Secrets),
        ("1", Screen::Overview),
        ("tab", Screen::Alarms),
        ("backtab backtab", Screen::Runs),
        ("esc", Screen::Overview),
        ("f", Screen::Freshness),
        ("esc", Screen::Overview),
    ] {
        bench.keys(keys);
        assert_eq!(here(&bench), screen, "{keys}");
    }
}

#[test]
fn from_an_alarm_to_its_queue_and_back() {
    let mut bench = night();
    bench.go(Screen::Alarm(alarm_arn("orders-depth")));
    bench.keys("g q");
    assert_eq!(here(&bench), Screen::Queue(queue_url("orders-failures")));
    bench.keys("g s");
    assert_eq!(here(&bench), Screen::Queue(queue_url("orders")));
    bench.keys("alt-left alt-left");
    assert_eq!(here(&bench), Screen::Alarm(alarm_arn("orders-depth")));
    bench.keys("alt-right");
    assert_eq!(here(&bench), Screen::Queue(queue_url("orders-failures")));
    bench.keys("g a");
    assert_eq!(here(&bench), Screen::Alarm(alarm_arn("orders-depth")));
    bench.go(Screen::Acl(acl_arn("omnitrack-api-protection")));
    bench.keys("g a");
    assert_eq!(here(&bench), Screen::Alarm(alarm_arn("omnitrack-blocked")));
}

#[test]
fn what_is_open_is_looked_at_and_what_is_left_is_not() {
    let mut bench = night();
    let effects = bench.go(Screen::Alarm(alarm_arn("orders-depth")));
    let chart = Source::Detail(About::AlarmChart(alarm_arn("orders-depth"), Reach::Near));
    let looking = effects.iter().find_map(|e| match e {
        Effect::Looking(sources) => Some(sources.clone()),
        _ => None,
    });
    assert_eq!(looking.unwrap().first(), Some(&chart), "the chart comes first");
    assert!(bench.model.inventory.detail(&chart).is_some_and(|d| d.seen().is_some()));
    let effects = bench.keys("esc");
    assert!(effects.contains(&Effect::Stop(chart.clone())));
    assert!(
        bench
            .effects
            .iter()
            .rev()
            .find_map(|e| match e {
                Effect::Looking(sources) => Some(!sources.contains(&chart)),
                _ => None,
            })
            .unwrap()
    );
}

#[test]
fn what_depends_on_an_answer_is_asked_for_once_it_is_there() {
    let bench = night();
    let walks = |source: &Source| {
        bench.effects.iter().filter(|e| matches!(e, Effect::Walk { source: s, .. } if s == source)).count()
    };
    let asked = walks(&Source::Broad(Broad::QueueAges));
    assert!((2..=3).contains(&asked), "with nothing to ask, with the queues, with the functions: {asked}");
    assert!(
        bench.model.inventory.metrics(&Source::Broad(Broad::QueueAges)).is_some_and(|m| !m.series.is_empty())
    );
    assert!(
        !bench.effects.iter().any(|e| matches!(e, Effect::RefreshNow(_))),
        "nobody asked for anything: what was declined must not be asked for again"
    );
    let again = bench.effects.len();
    let mut bench = bench;
    bench.refresh();
    let more = bench.effects[again..].iter();
    assert_eq!(
        more.filter(|e| matches!(e, Effect::AskAnew(_))).count(),
        0,
        "the same again asks nothing more"
    );
}

#[test]
fn a_longer_chart_is_read_when_it_is_asked_for_and_of_that_thing_only() {
    let mut bench = night();
    let arn = alarm_arn("orders-depth");
    bench.go(Screen::Alarm(arn.clone()));
    assert!(bench.screen().contains("3 h"));
    let asked = |bench: &Bench, reach| {
        let chart = Source::Detail(About::AlarmChart(arn.clone(), reach));
        let walks = bench.effects.iter().filter_map(|e| match e {
            Effect::Walk { source, roots, .. } if *source == chart => Some(roots.len()),
            _ => None,
        });
        walks.collect::<Vec<_>>()
    };
    assert_eq!(asked(&bench, Reach::Day), [0; 0], "nobody asked");
    bench.keys("+");
    assert!(bench.screen().contains(", 24 h"), "{}", bench.screen());
    assert_eq!(asked(&bench, Reach::Day), [1], "one call");
    assert_eq!(asked(&bench, Reach::Week), [0; 0]);
    bench.keys("+ +");
    assert!(bench.screen().contains(", 7 d"), "{}", bench.screen());
    assert_eq!(asked(&bench, Reach::Week), [1]);
    bench.keys("- - -");
    assert!(bench.screen().contains(", 1 h"), "{}", bench.screen());
    bench.keys("+ + +");
    bench.go(Screen::Queue(queue_url("orders-failures")));
    assert!(bench.screen().contains("depth, 6 h"), "{}", bench.screen());
    let trend = Source::Detail(About::QueueTrend(queue_url("orders-failures"), Reach::Week));
    assert!(bench.model.inventory.detail(&trend).is_none());
    bench.keys("+ +");
    assert!(bench.screen().contains("depth, 7 d"), "{}", bench.screen());
    assert!(bench.model.inventory.metrics(&trend).is_some_and(|m| m.series.len() == 1));
}

#[test]
fn a_system_is_selected_below_what_needs_somebody_and_opens_its_lists() {
    let mut setup = super::drive::setup((80, 24));
    let system = |name: &str, glob: &str| crate::config::System {
        name: name.into(),
        tags: Vec::new(),
        names: vec![crate::config::Glob::new(glob).unwrap()],
    };
    let systems = (0..12).map(|i| system(&format!("other {i:02}"), "nothing-*"));
    let config = crate::config::Config {
        systems: std::iter::once(system("mte", "mte-*")).chain(systems).collect(),
        ..crate::config::Config::default()
    };
    setup.config = std::sync::Arc::new(config);
    let mut bench = Bench::with(World::night(), setup);
    bench.open_now();
    bench.keys("end");
    let text = bench.screen();
    let marked: Vec<&str> = text.lines().filter(|l| l.starts_with('▌')).collect();
    assert_eq!(marked.len(), 1, "{text}");
    assert!(marked[0].contains("other 11"), "the last system is seen when it is selected:\n{text}");
    assert!(bench.model.thing().is_none());
    bench.keys("enter");
    assert_eq!(here(&bench), Screen::Alarms);
    assert_eq!(bench.model.lists.queues.filter.text(), "system:\"other 11\"");
    assert!(bench.screen().contains("none of 17 passes the filter"), "nothing belongs to it");
    bench.keys("1 home");
    let needs = bench.model.lists.overview.things();
    assert!(needs > 3);
    for _ in 0..needs {
        bench.keys("j");
    }
    let text = bench.screen();
    assert!(text.lines().any(|l| l.starts_with("▌mte ")), "{text}");
    bench.keys("enter");
    assert_eq!(bench.model.lists.alarms.filter.text(), "system:mte");
    assert!(bench.screen().contains("12 of 17"), "{}", bench.screen());
    bench.keys("1 k");
    assert!(bench.model.thing().is_some());
}

#[test]
fn samples_are_asked_for_only_on_request() {
    let mut bench = night();
    bench.keys("4 enter");
    let arn = acl_arn("omnitrack-api-protection");
    assert_eq!(here(&bench), Screen::Acl(arn.clone()));
    let source = Source::Detail(About::AclSamples(arn));
    assert!(bench.model.inventory.detail(&source).is_none());
    bench.keys("s");
    assert!(bench.model.inventory.detail(&source).is_some());
    let effects = bench.keys("s");
    assert!(effects.contains(&Effect::RefreshNow(source)));
}

#[test]
fn copying() {
    let mut bench = night();
    bench.keys("3");
    let copied = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|e| match e {
            Effect::Copy(text) => Some(text),
            _ => None,
        })
    };
    assert_eq!(copied(bench.keys("y y")).unwrap(), "orders-failures");
    assert_eq!(copied(bench.keys("y a")).unwrap(), super::world::queue_arn("orders-failures").wire());
    assert_eq!(copied(bench.keys("y u")).unwrap(), queue_url("orders-failures").wire());
    assert!(copied(bench.keys("y c")).unwrap().starts_with("aws sqs list-queues"));
    bench.keys("enter");
    assert!(copied(bench.keys("y c")).unwrap().starts_with("aws sqs get-queue-attributes"));
    let json = copied(bench.keys("y j")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "bartizan.queue/1", "the document of `queues show`");
    assert_eq!(json["context"]["account"], super::world::ACCOUNT);
    assert_eq!((&json["queue"]["messages"], &json["complete"]), (&214.into(), &true.into()));
    bench.go(Screen::Queue(queue_url("orders")));
    bench.keys("esc 2");
    let json = copied(bench.keys("y j")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "bartizan.alarm/1");
    assert_eq!(json["complete"], false, "nobody has looked at its chart");
    assert!(json["alarm"]["series"].is_null());
    bench.tell(Msg::Copied(Ok("copied 15 bytes".to_owned())));
    assert!(bench.screen().contains("copied 15 bytes"));
    bench.keys("j");
    assert!(!bench.screen().contains("copied 15 bytes"));
}

#[test]
fn a_name_with_control_characters_is_not_put_on_the_clipboard() {
    let mut world = World::empty();
    world.alarms = vec![alarm("a\nrm -rf /", AlarmState::Alarm, 60)];
    let mut bench = Bench::open(world, (80, 24));
    let effects = bench.keys("2 y y");
    assert!(!effects.iter().any(|e| matches!(e, Effect::Copy(_))));
    assert!(bench.screen().contains("Not copied"));
}

#[test]
fn filters_are_incremental_and_esc_takes_them_back() {
    let mut bench = night();
    bench.keys("2 /");
    bench.type_in("state:alarm");
    bench.model.take_dirty();
    assert_eq!(bench.model.lists.alarms.order.len(), 2);
    bench.type_in(" step");
    bench.model.take_dirty();
    assert_eq!(bench.model.lists.alarms.order.len(), 1);
    bench.keys("enter");
    assert_eq!(bench.model.overlay, None);
    bench.keys("enter");
    assert_eq!(here(&bench), Screen::Alarm(alarm_arn("StepFunctionFailureAlarm")));
    bench.keys("esc");
    assert_eq!((here(&bench), bench.model.lists.alarms.order.len()), (Screen::Alarms, 1));
    bench.keys("esc");
    bench.model.take_dirty();
    assert_eq!((here(&bench), bench.model.lists.alarms.order.len()), (Screen::Alarms, 17));
    bench.keys("/ x esc");
    bench.model.take_dirty();
    assert_eq!(bench.model.lists.alarms.order.len(), 17, "esc leaves without");
}

#[test]
fn sorting_goes_round_and_turns() {
    let mut bench = night();
    bench.keys("2");
    let first = |bench: &mut Bench| {
        bench.keys("home");
        bench.model.thing().cloned().unwrap()
    };
    assert_eq!(first(&mut bench), Screen::Alarm(alarm_arn("StepFunctionFailureAlarm")));
    bench.keys("o");
    assert_eq!(first(&mut bench), Screen::Alarm(alarm_arn("DatabaseCPUAlarm")));
    bench.keys("O");
    assert_eq!(first(&mut bench), Screen::Alarm(alarm_arn("orders-replica-lag")));
    bench.keys("O o o");
    assert_eq!(first(&mut bench), Screen::Alarm(alarm_arn("StepFunctionFailureAlarm")));
}

#[test]
fn the_palette_does_and_goes() {
    let mut bench = night();
    bench.keys(":");
    bench.type_in("secrets");
    bench.keys("enter");
    assert_eq!(here(&bench), Screen::Secrets);
    bench.keys(":");
    bench.type_in("lambda-dlq");
    bench.keys("enter");
    assert_eq!(here(&bench), Screen::Queue(queue_url("lambda-dlq")));
    bench.keys(":");
    bench.type_in("zzzzzz");
    bench.keys("enter");
    assert!(matches!(bench.model.overlay, Some(Overlay::Palette(_))), "what is not there does nothing");
    bench.keys("esc");
    assert_eq!(bench.model.overlay, None);
    bench.keys(": q");
    let effects = bench.keys("enter");
    assert!(effects.contains(&Effect::Quit(0)));
}

/// Whoever types a name while the estate is still being read finds it when it is known; what was found does not move.
#[test]
fn a_name_that_is_typed_too_early_is_found() {
    let mut bench = Bench::cold(World::night(), (80, 24));
    bench.answering = false;
    bench.open_now();
    bench.keys(":");
    bench.type_in("lambda-dlq");
    bench.keys("enter");
    assert!(matches!(bench.model.overlay, Some(Overlay::Palette(_))), "it is not known yet");
    for event in std::mem::take(&mut bench.held) {
        bench.tell(Msg::Walk(event));
    }
    bench.keys("enter");
    assert_eq!(here(&bench), Screen::Queue(queue_url("lambda-dlq")));
}

#[test]
fn a_pasted_name_leads_there() {
    for (text, screen) in [
        ("orders-failures\n", Screen::Queue(queue_url("orders-failures"))),
        (
            "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:orders-depth",
            Screen::Alarm(alarm_arn("orders-depth")),
        ),
        ("logapi/api-keys", Screen::Secret(secret_arn("logapi/api-keys"))),
    ] {
        let mut bench = night();
        bench.tell(Msg::Paste(text.to_owned()));
        assert_eq!(here(&bench), screen, "{text}");
    }
    let mut bench = night();
    bench.tell(Msg::Paste("api-keys".to_owned()));
    let Some(Overlay::Palette(open)) = &bench.model.overlay else { panic!() };
    assert_eq!(open.typing.text(), "api-keys");
    assert!(open.found.len() >= 2);
}

#[test]
fn a_question_captures_what_is_typed_and_knows_its_length_only() {
    let mut bench = night();
    let ticket = Ticket(3);
    let effects = bench.tell(Msg::AskSecret { ticket, question: "MFA code".to_owned() });
    assert!(effects.contains(&Effect::CaptureSecret { ticket }));
    bench.tell(Msg::SecretEntered { ticket: Ticket(2), len: 9 });
    bench.tell(Msg::SecretEntered { ticket, len: 2 });
    assert_eq!(bench.model.secret.as_ref().unwrap().len, 2, "a stale ticket changes nothing");
    bench.type_in("q1");
    assert!(bench.model.secret.is_some());
    bench.tell(Msg::Paste("123456".to_owned()));
    assert!(!format!("{:?}", bench.model.secret).contains("123456"));
    let effects = bench.keys("esc");
    assert!(effects.contains(&Effect::CancelSecret { ticket }));
    assert_eq!(bench.model.secret, None);
    bench.tell(Msg::AskSecret { ticket, question: "MFA code".to_owned() });
    let effects = bench.keys("ctrl-c");
    assert_eq!(effects[..2], [Effect::CancelSecret { ticket }, Effect::Quit(0)]);
    bench.tell(Msg::AskSecret { ticket, question: "MFA code".to_owned() });
    bench.tell(Msg::SecretDone { ticket });
    assert_eq!(bench.model.secret, None);
}

#[test]
fn a_pending_key_can_be_taken_back_and_a_wrong_one_is_said() {
    let mut bench = night();
    bench.keys("2 y");
    assert!(bench.screen().contains("Copy the ARN"));
    bench.keys("esc");
    assert_eq!((here(&bench), bench.model.pending.len()), (Screen::Alarms, 0));
    bench.keys("y");
    bench.tell(Msg::Key(Key::char('x')));
    assert!(bench.screen().contains("y x does nothing here"));
}

#[test]
fn programs_actions() {
    let mut bench = night();
    assert!(bench.keys("ctrl-z").contains(&Effect::Suspend));
    assert!(bench.keys("ctrl-l").contains(&Effect::Redraw));
    assert!(bench.keys("z m").contains(&Effect::Mouse(true)));
    assert_eq!(bench.model.theme().unwrap().name(), "dark");
    bench.keys("z t");
    assert_eq!(bench.model.theme().unwrap().name(), "light");
    bench.keys("z k");
    assert_eq!(bench.model.keymap().unwrap().name(), "vim");
    assert!(bench.keys("ctrl-c").contains(&Effect::Quit(0)));
}

#[test]
fn rules_that_only_their_metrics_name_are_in_the_detail_of_their_acl() {
    let mut world = World::night();
    let acl = world.acls[0].clone();
    let of = |rule: &str| {
        let dimensions = [("Region", REGION), ("WebACL", acl.metric.wire()), ("Rule", rule)];
        MetricId::of("AWS/WAFV2", "BlockedRequests", &dimensions)
    };
    world.series = vec![of("ALL"), of("GeoCountOnly"), of("Inside\u{1b}Group")];
    world.attack.push(("Inside\u{1b}Group".to_owned(), 5.0));
    let mut bench = Bench::open(world, (100, 50));
    bench.go(Screen::Acl(acl.summary.arn));
    let text = bench.screen();
    let at = text.find("BY METRIC · 1").unwrap_or_else(|| panic!("{text}"));
    let after = &text[at..];
    assert!(
        after.contains("Inside") && after.contains("152 blocked") && after.contains("0 counted"),
        "{text}"
    );
}

#[test]
fn refreshing_asks_for_everything_that_is_looked_at() {
    let mut bench = night();
    let effects = bench.keys("ctrl-r");
    assert!(effects.contains(&Effect::RefreshNow(Source::Broad(Broad::Alarms))));
    assert!(effects.contains(&Effect::RefreshNow(Source::Broad(Broad::Identity))));
}

#[test]
fn in_a_long_detail_links_can_be_reached_by_keys_alone() {
    let mut bench = Bench::open(World::night(), (40, 12));
    bench.go(Screen::Queue(queue_url("orders-failures")));
    for _ in 0..60 {
        bench.keys("j");
    }
    bench.keys("enter");
    assert!(here(&bench) != Screen::Queue(queue_url("orders-failures")), "the last link was opened");
}
