//! `runaway-function` by the keys: from its alarm to nothing of it running are seven keys and the typed name; given back once
//! it is mended. Giving it back too early does not beat it, and a concurrency of nothing over a queue is refused.

use crate::operator::{Operator, answer_to, is_at_par, quit, say, to_alarm, to_run};
use crate::pty::Tty;

const INCIDENT: &str = "runaway-function";
const FUNCTION: &str = "shop-image-resize";

/// From the alarm to the page of what can be done about its function.
fn to_function(tty: &mut Tty) {
    to_alarm(tty, "shop-image-resize-duration");
    tty.keys("C");
    tty.wait_text(&format!("Contain › function {FUNCTION}"));
}

/// From the alarm: `C`, Enter, the typed name.
fn isolate(tty: &mut Tty) {
    to_function(tty);
    tty.wait("what it would do", |t| {
        t.text().contains("▌▲ Isolate a function") && t.text().contains("becomes 0")
    });
    tty.keys("\r");
    answer_to(tty, "event sources disabled", FUNCTION);
    tty.wait("nothing of it runs", |t| t.text().contains("✔ 3  nothing of it runs"));
}

/// Backwards: a reason, then both names.
fn give_back(tty: &mut Tty, reason: &str) {
    to_run(tty, "function-isolated");
    tty.wait_text("✔ 3  nothing of it runs");
    // What is at work is not undone meanwhile.
    tty.wait("nothing is at work", |t| !t.text().contains("at work; nothing is asked"));
    tty.keys("u");
    tty.wait("the question", |t| t.text().contains("╭ Undo run"));
    tty.wait("the question, ready", |t| t.text().contains("y does it"));
    tty.keys("y");
    say(tty, reason);
    answer_to(tty, "nothing of it runs", FUNCTION);
    answer_to(tty, "event sources disabled", FUNCTION);
    tty.wait("it runs as before", |t| t.text().lines().nth(1).is_some_and(|l| l.contains("undone")));
}

#[test]
fn a_scripted_operator_stops_it_and_gives_it_back_once_it_is_mended() {
    let operator = Operator::of(INCIDENT);
    let mut tty = operator.console("4");
    isolate(&mut tty);
    quit(tty);
    let score = operator.score(&["--advance", "30m"]);
    assert!(score.contains("no mistakes") && score.contains("LOST 0"), "{score}");
    assert!(score.contains("contained  after") && score.contains("recovered  not"), "{score}");
    // the watch goes on where it was left
    let mut tty = operator.console("10");
    to_run(&mut tty, "function-isolated");
    tty.keys("c");
    tty.wait("it has stopped", |t| t.text().contains("✔ 5  what else is in wrong hands"));
    give_back(&mut tty, "it writes elsewhere now, two have read it");
    quit(tty);
    let score = operator.score(&["--advance", "10m"]);
    assert!(is_at_par(&score), "{score}");
}

#[test]
fn given_back_before_it_is_mended_it_runs_away_again() {
    let operator = Operator::of(INCIDENT);
    let mut tty = operator.console("4");
    isolate(&mut tty);
    give_back(&mut tty, "the bill is not that high");
    quit(tty);
    let score = operator.score(&["--advance", "60m"]);
    assert!(score.contains("MISTAKE: it was given back before it was mended"), "{score}");
    assert!(score.ends_with("NOT SOLVED\n"), "{score}");
}

/// The half-measure itself is not to be had here: less of it, down to nothing, with its queue still feeding it.
#[test]
fn less_of_it_is_refused_at_nothing_and_burns_messages_at_little() {
    let operator = Operator::of(INCIDENT);
    let mut tty = operator.console("20");
    to_function(&mut tty);
    tty.wait_text("Cap a function's cost");
    for (limit, told) in [("0", "count as received each time"), ("1", "cost-overrun")] {
        down_to(&mut tty, "▌▲ Cap a function's cost");
        tty.keys("\r");
        tty.wait("its inputs", |t| t.text().contains("▌limit"));
        tty.keys(limit);
        tty.keys("\r");
        tty.wait("the plan", |t| {
            t.text().contains("Runs › Plan") && squeezed(&t.text()).contains(&format!("limit {limit}"))
        });
        tty.wait(told, |t| squeezed(&t.text()).contains(told));
        if limit == "0" {
            assert!(squeezed(&tty.text()).contains("cannot start"), "{}", tty.text());
            tty.keys("\x1b");
            tty.wait_text(&format!("Contain › function {FUNCTION}"));
        }
    }
    tty.wait_text("STEPS · ");
    tty.keys("s");
    tty.wait("what it burns", |t| squeezed(&t.text()).contains("after 3 receives it goes to"));
    answer_to(&mut tty, "less of it runs", FUNCTION);
    tty.wait("time has passed", |t| t.text().lines().nth(1).is_some_and(|l| l.contains("may go on")));
    // Whether the burnt messages show already is a matter of minutes; that they are asked about is tested with the engine.
    quit(tty);
    let score = operator.score(&["--advance", "60m"]);
    assert!(score.contains("MISTAKE") && score.contains("they were throttled"), "{score}");
    assert!(score.ends_with("NOT SOLVED\n"), "{score}");
}

/// Goes down until this is selected.
fn down_to(tty: &mut Tty, what: &str) {
    for _ in 0..40 {
        if tty.text().contains(what) {
            return;
        }
        let before = tty.text();
        tty.keys("\x1b[B");
        tty.wait("it moves", |t| t.text() != before);
    }
    panic!("{what} is not there: {}", tty.text());
}

/// What stands on the screen without its line breaks and borders.
fn squeezed(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == '│').filter(|w| !w.is_empty()).collect();
    words.join(" ")
}
