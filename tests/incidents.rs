//! Practice incidents played through the console's keys by a scripted operator, in the real program on a terminal of
//! 80x24: the whole measure beats the adversary, and the half-measure does not. Everything waits for what is to be seen.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "support/pty.rs"]
#[allow(dead_code)] // each test target uses its part
mod pty;

#[path = "incidents/database.rs"]
mod database;
#[path = "incidents/operator.rs"]
mod operator;
#[path = "incidents/runaway.rs"]
mod runaway;
#[path = "incidents/two.rs"]
mod two;

use operator::{Operator, answer, quit};
use pty::Tty;

const LEAKED: &str = "leaked-key";

/// The id of the leaked key, as the alarm tells it.
fn key_of(operator: &Operator) -> String {
    let told = operator.command(&["--", "alarms", "show", "account-credentials-exposed", "--json"]);
    let at = told.find("AKIAPRACTICE").unwrap_or_else(|| panic!("{told}"));
    told[at..].chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// `:`, paste, Enter, choice, the typed name.
fn contain_key(tty: &mut Tty, key: &str, user: &str) {
    tty.keys(":");
    tty.wait_text("Do or go to");
    tty.keys(&format!("\x1b[200~{key}\x1b[201~"));
    tty.wait_text("contain this key");
    tty.keys("\r");
    tty.wait("what it would do", |t| t.text().contains("Deny everything to the user"));
    tty.keys("\r");
    answer(tty, user);
    tty.wait("the quiet watch", |t| t.text().contains("looks again by itself"));
}

/// From the page of the run: what it named, the role, its question, and both stamps.
fn revoke_role(tty: &mut Tty, role: &str) {
    tty.keys("C");
    tty.wait_text("Go to");
    tty.keys(role);
    tty.wait_text("contain this role");
    tty.keys("\r");
    tty.wait("what it would do", |t| t.text().contains("that") && t.text().contains("role-sessions-revoked"));
    tty.wait_text("does not end");
    tty.keys("\r");
    tty.wait_text("answers.");
    tty.keys("m");
    tty.wait_text("enter says it");
    tty.keys("nobody is to be told, it is deploys only\r");
    answer(tty, role);
    tty.wait("the second stamp", |t| t.text().contains("╭ sessions issued meanwhile"));
    answer(tty, role);
    tty.wait("the revocation stands", |t| t.text().contains("done"));
}

#[test]
fn a_scripted_operator_beats_the_adversary_through_the_keys_of_the_console() {
    let operator = Operator::of(LEAKED);
    let key = key_of(&operator);
    let mut tty = operator.console("10");
    contain_key(&mut tty, &key, "shop-deploy-bot");
    revoke_role(&mut tty, "shop-deploy");
    quit(tty);
    let score = operator.score(&["--advance", "20m"]);
    assert!(score.contains("made to come back by: nothing") && score.contains("no mistakes"), "{score}");
    assert!(score.contains("evicted    after") && !score.contains("can still come back"), "{score}");
    // The watch goes on where it was left, and only then is the word said.
    let mut tty = operator.console("600");
    tty.keys("6");
    tty.wait_text("iam-key-compromised");
    tty.keys("/compromised\r\r");
    tty.wait_text("everything denied to the us");
    tty.keys("c");
    tty.wait("contained", |t| t.text().contains("✔ 8  contained"));
    quit(tty);
    // What was read gets new values.
    for secret in ["registry-token", "signing-key", "warehouse-db"] {
        let secret = format!("secret=shop/deploy/{secret}");
        let set = ["--set", &secret, "--set", "new=generated", "--confirm-all"];
        let words: Vec<&str> =
            ["--speed", "600", "--", "runbook", "start", "secret-update"].into_iter().chain(set).collect();
        operator.command(&words);
    }
    let score = operator.score(&[]);
    assert!(score.lines().last().is_some_and(|l| l == "solved"), "{score}");
}

#[test]
fn a_deny_on_the_user_alone_does_not_beat_him_and_the_console_says_so() {
    let operator = Operator::of(LEAKED);
    let key = key_of(&operator);
    let mut tty = operator.console("10");
    contain_key(&mut tty, &key, "shop-deploy-bot");
    quit(tty);
    let score = operator.score(&["--advance", "40m"]);
    assert!(score.contains("NOT SOLVED: the intruder can still come back"), "{score}");
    assert!(score.contains("a key of that user"), "he has made sure to come back: {score}");
    let mut tty = operator.console("10");
    tty.keys("6");
    tty.wait_text("iam-key-compromised");
    tty.keys("/compromised\r\r");
    tty.wait_text("everything denied to the us");
    tty.keys("c");
    tty.wait_text("NOT CONTAINED");
    tty.keys("1");
    tty.wait("an alarm", |t| t.text().lines().any(|l| l.contains('✖') && l.contains("NOT CONTAINED")));
    quit(tty);
}
