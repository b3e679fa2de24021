//! The budget of keys from start to answer, as SCREENS has it, for what this version can do.

use super::drive::Bench;
use super::world::World;
use crate::console::{Effect, RunsOrder};

fn after(keys: &str) -> (Bench, Vec<Effect>) {
    let mut bench = Bench::open(World::night(), (80, 24));
    let effects = if keys.is_empty() { Vec::new() } else { bench.keys(keys) };
    (bench, effects)
}

/// What needs me most, why, and by when: no key.
#[test]
fn what_needs_me_most() {
    let (mut bench, _) = after("");
    let screen = bench.screen();
    let first = screen.lines().find(|l| l.starts_with('▌')).unwrap();
    assert!(first.contains("orders-failures") && first.contains("214 dead letters"), "{first}");
    assert!(first.contains("first lost in 2 h 50"), "{first}");
    for fact in ["prod-eu", "acme-prod", "123456789012", "eu-central-1", "ops/alice", "09:41 UTC", "< 2 min"]
    {
        assert!(screen.contains(fact), "{fact}\n{screen}");
    }
}

/// The chart of the alarm at the top: Enter.
#[test]
fn the_chart_of_the_alarm_at_the_top() {
    let mut world = World::night();
    world.queues.clear();
    let mut bench = Bench::open(world, (80, 24));
    bench.keys("enter");
    let screen = bench.screen();
    assert!(
        screen.contains("StepFunctionFailureAlarm") && screen.contains('╭') && screen.contains('╌'),
        "{screen}"
    );
}

/// Who does WAF block, by which rule: 4, Enter.
#[test]
fn who_does_waf_block() {
    let (mut bench, _) = after("4 enter");
    let screen = bench.screen();
    let rule = screen.lines().find(|l| l.contains("SQLi")).unwrap_or_default();
    assert!(rule.contains("57,002") && rule.contains('█'), "{screen}");
}

/// The AWS CLI line for what I see: y, c.
#[test]
fn the_aws_cli_line() {
    let (_, effects) = after("y c");
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Copy(line) if line.starts_with("aws sqs "))),
        "{effects:?}"
    );
}

/// The failing messages of the queue at the top: Enter, p. Asking is the consent, and it is for a look only.
#[test]
fn the_failing_messages_of_the_queue_at_the_top() {
    let (_, effects) = after("enter p");
    let looks = effects.iter().any(|e| match e {
        Effect::Runs(RunsOrder::Peek { consent, .. }) => {
            consent.change().sentence() == "Look at up to 10 messages of orders-failures and give them back"
        }
        _ => false,
    });
    assert!(looks, "{effects:?}");
}

/// Redrive them slowly, one first: Enter, r; the plan is started as soon as it is there, and asks.
#[test]
fn redrive_the_queue_at_the_top() {
    let mut bench = Bench::open(World::night(), (80, 24));
    bench.tell(super::book::ready());
    let effects = bench.keys("enter r");
    let planned = effects.iter().find_map(|e| match e {
        Effect::Runs(RunsOrder::Plan { book, given, .. }) => Some((book.name.clone(), given.clone())),
        _ => None,
    });
    let (name, given) = planned.unwrap();
    assert_eq!(name, "queue-redrive");
    assert!(given.contains(&("sample".to_owned(), "true".to_owned())), "{given:?}");
    assert!(given.iter().any(|(n, v)| n == "queue" && v.ends_with("/orders-failures")), "{given:?}");
}

/// What may I press here: ?
#[test]
fn what_may_i_press() {
    let mut bench = Bench::open(World::night(), (100, 70));
    bench.keys("?");
    let screen = bench.screen();
    for words in ["Open what is selected", "Filter the list", "Show the alarms"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert!(!screen.contains("Mute an alarm"), "what the console does not have is not in its help");
}

/// Every action of a screen is in its help, if it has a key.
#[test]
fn help_is_complete() {
    use crate::console::layout::help_lines;
    use crate::controls::{Action, Group};
    for keys in ["esc", "2", "2 enter", "3", "3 enter", "4", "4 enter", "5", "5 enter", "6", "f"] {
        let (bench, _) = after(keys);
        let place = bench.model.screen().place();
        let text: String = help_lines(&bench.model, 100)
            .iter()
            .flat_map(|l| l.left.iter().map(|s| s.text.clone()))
            .collect();
        let keymap = bench.model.keymap().unwrap();
        for action in Action::ALL.iter().filter(|a| a.group() != Group::Type && a.applies(place)) {
            if keymap.hint(place, *action).is_some() {
                assert!(text.contains(action.doc()), "{} at {}", action.name(), place.name());
            }
        }
    }
}
