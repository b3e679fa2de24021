//! `database-breach` by the keys: from its alarm, with an incident opened first, to somebody being out and the application
//! back. Everything but the end of his sessions does not beat him.

use crate::operator::{Operator, agree, answer_to, is_at_par, quit, say, to_alarm, to_run};
use crate::pty::Tty;

const INCIDENT: &str = "database-breach";
const DB: &str = "logapi-prod";

/// One time line from here on.
fn open_incident(tty: &mut Tty) {
    tty.keys("6");
    tty.wait("the runbooks", |t| t.text().contains("[6 Runs") && t.text().contains("database-breach"));
    tty.keys("I");
    tty.wait_text("Open an incident");
    tty.keys("break-in\r");
    tty.wait("its page", |t| t.text().contains("Runs › break-in") && t.text().contains("TIME LINE"));
}

/// From the alarm to the plan: whose database, where its application has the password, and how sessions are ended.
fn plan(tty: &mut Tty, sessions: &str) {
    to_alarm(tty, "logapi-db-connection-errors");
    tty.keys("C");
    tty.wait("which", |t| t.text().contains(&format!("▌{DB}")) && t.text().contains("contain this database"));
    tty.keys("\r");
    tty.wait_text(&format!("Contain › instance {DB}"));
    tty.wait_text("▌▲ Cut access to a database");
    tty.keys("\r");
    tty.wait("its inputs", |t| t.text().contains("▌store"));
    tty.keys("\x1b[C\x1b[C");
    tty.wait("in a variable", |t| t.text().contains("store          lambda-env"));
    tty.keys("\t\t");
    tty.wait("the function", |t| t.text().contains("▌function"));
    tty.keys("logapi-h\x1b[C");
    tty.wait("it is completed", |t| t.text().contains("function       logapi-handler"));
    if sessions == "manual" {
        tty.keys("\t\t\t\x1b[C");
        tty.wait("by hand", |t| t.text().contains("▌end_sessions   manual"));
    }
    tty.keys("\r");
    tty.wait("the plan", |t| t.text().contains("Runs › Plan") && t.text().contains("1  who may reach it"));
}

/// Up to the application having the new password, each step with its own question.
fn change_hands(tty: &mut Tty) {
    tty.keys("s");
    agree(tty, "new password, read by nobody");
    answer_to(tty, "extra ways in cut", DB);
    say(tty, "the partner was called");
    answer_to(tty, "master password changed", DB);
    agree(tty, "the application has it");
}

#[test]
fn a_scripted_operator_throws_him_out_and_the_application_is_back() {
    let operator = Operator::of(INCIDENT);
    let mut tty = operator.console("10");
    open_incident(&mut tty);
    plan(&mut tty, "reboot");
    change_hands(&mut tty);
    answer_to(&mut tty, "sessions ended", DB);
    tty.wait("it has rebooted", |t| t.text().contains("✔ 9  sessions ended"));
    quit(tty);
    let score = operator.score(&["--advance", "3m"]);
    assert!(is_at_par(&score), "{score}");
    // what is left of the run: its application is watched, it is looked at from inside, evidence is kept
    let mut tty = operator.console("600");
    to_run(&mut tty, "database-breach");
    tty.wait_text("✔ 9  sessions ended");
    tty.keys("c");
    tty.wait_text("From inside the VPC");
    say(&mut tty, "no account is there that we do not know");
    agree(&mut tty, "snapshot, as evidence");
    tty.wait("it is done", |t| t.text().contains("The run is done"));
    to_run(&mut tty, "break-in");
    tty.wait("the incident", |t| t.text().contains("RUNS · 1") && t.text().contains("database-breach"));
    quit(tty);
    let score = operator.score(&[]);
    assert!(is_at_par(&score), "{score}");
}

#[test]
fn a_new_password_and_rules_that_are_gone_leave_him_in() {
    let operator = Operator::of(INCIDENT);
    let mut tty = operator.console("10");
    plan(&mut tty, "manual");
    change_hands(&mut tty);
    tty.wait("what is said of it", |t| t.text().contains("Whoever was connected before still is"));
    say(&mut tty, "he will go when he notices");
    tty.wait("it stands", |t| t.text().contains("✔ 10 it stands"));
    quit(tty);
    let score = operator.score(&["--advance", "40m"]);
    assert!(score.contains("evicted    not") && score.contains("contained  after"), "{score}");
    let last = score.lines().last().unwrap_or_default();
    assert!(last.starts_with("NOT SOLVED: ") && last.contains("of his sessions are open"), "{score}");
}
