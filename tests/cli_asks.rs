//! Runbooks driven by a person at a terminal: what is asked, that a pasted answer confirms nothing, that a secret
//! is never seen, and that a signal at a question leaves the journal whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking
#![cfg(feature = "practice")] // what is changed is simulated

#[path = "support/pty.rs"]
#[allow(dead_code)] // each test target uses its part
mod pty;

use pty::Tty;
use pty_process::blocking::Command;

const MARK: &str = "hunter2-hunter2-hunter2-hunter2";

struct Person {
    home: tempfile::TempDir,
    name: String,
}

impl Person {
    fn new(name: &str) -> Self {
        // The key that seals what is kept is found by name on this machine: two tests must not share one.
        Self { home: tempfile::tempdir().unwrap(), name: format!("p{}-{name}", std::process::id()) }
    }

    fn command(&self, words: &[&str]) -> Command {
        Command::new(env!("CARGO_BIN_EXE_bartizan"))
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .args(["practice", "--seed", "7", "--system", "omnitrack", "--keep", &self.name, "--"])
            .args(words)
    }

    fn run(&self, words: &[&str]) -> Tty {
        Tty::start(self.command(words), 120, 60)
    }

    /// Begins an update and enters the new value, up to the first confirmation.
    fn update(&self) -> Tty {
        let mut tty = self.run(&[
            "runbook",
            "start",
            "secret-update",
            "--set",
            "secret=omnitrack/api-keys",
            "--set",
            "field=externalApiKey",
        ]);
        enter(&mut tty);
        tty
    }

    fn ends(&self, words: &[&str]) -> (Option<i32>, String) {
        let mut tty = self.run(words);
        let code = tty.end().code();
        (code, tty.text())
    }
}

/// Types the value twice, unseen.
fn enter(tty: &mut Tty) {
    tty.wait_text("value (not shown):");
    tty.keys(&format!("{MARK}\r"));
    tty.wait_text("value again:");
    tty.keys(&format!("{MARK}\r"));
    tty.wait_text("type yes to do this; anything else is no:");
}

fn nothing_was_seen(tty: &Tty) {
    let log = String::from_utf8_lossy(tty.log());
    assert!(!log.contains("hunter2"), "{log}");
}

/// Types a word key by key, as a person does: the next when the one before is seen.
fn types(tty: &mut Tty, word: &str) {
    for n in 1..=word.len() {
        tty.keys(&word[n - 1..n]);
        let so_far = format!("is no: {}", &word[..n]);
        tty.wait("what was typed", |t| t.text().trim_end().ends_with(&so_far));
    }
    tty.keys("\r");
}

#[test]
fn a_person_is_asked_and_says_yes_key_by_key() {
    let person = Person::new("yes");
    let mut tty = person.update();
    assert!(tty.text().contains("Write a new version of"), "{}", tty.text());
    types(&mut tty, "yes");
    tty.wait_text("Make version");
    tty.wait("the next question", |t| t.text().trim_end().ends_with("is no:"));
    types(&mut tty, "yes");
    tty.wait_text("Date fields of");
    tty.wait("the last question", |t| t.text().trim_end().ends_with("is no:"));
    types(&mut tty, "yes");
    let code = tty.end().code();
    assert_eq!(code, Some(5), "{}", tty.text());
    assert!(tty.text().contains("close=true"), "what to do next is said: {}", tty.text());
    assert!(tty.is_restored());
    nothing_was_seen(&tty);
}

#[test]
fn what_is_pasted_or_another_word_is_no() {
    let person = Person::new("no");
    let mut tty = person.update();
    tty.keys("yes\r");
    assert_eq!(tty.end().code(), Some(5), "{}", tty.text());
    nothing_was_seen(&tty);
    let run = tty.text().lines().find_map(|l| l.strip_prefix("next: bartizan runbook resume ")).unwrap()[..8]
        .to_owned();
    assert!(tty.text().contains("\u{25f7} stage"), "nothing was changed: {}", tty.text());

    let mut tty = person.run(&["runbook", "resume", &run]);
    enter(&mut tty);
    types(&mut tty, "y");
    assert_eq!(tty.end().code(), Some(5), "{}", tty.text());
    assert!(tty.text().contains("\u{25f7} stage"), "{}", tty.text());
}

#[test]
fn a_signal_at_a_question_leaves_the_journal_whole() {
    let person = Person::new("signal");
    let mut tty = person.update();
    tty.signal(rustix::process::Signal::INT);
    assert_eq!(tty.end().code(), Some(130));
    assert!(tty.echoes());
    nothing_was_seen(&tty);
    let (code, text) = person.ends(&["journal", "verify"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = person.ends(&["runs", "list"]);
    assert!(code == Some(0) && text.contains("secret-update"), "{text}");
}
