//! An operator at a terminal of 80x24, and the practice estate that is kept for them. Everything waits for what is to be seen.

use crate::pty::Tty;
use pty_process::blocking::Command;
use std::process::Stdio;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bartizan");

/// An operator, and the estate that is kept for them.
pub struct Operator {
    home: tempfile::TempDir,
    incident: &'static str,
}

impl Operator {
    /// One to whom this incident happens.
    pub fn of(incident: &'static str) -> Self {
        Self { home: tempfile::tempdir().unwrap(), incident }
    }

    fn words<'w>(&self, words: &[&'w str]) -> Vec<&'w str> {
        let all = ["practice", "--keep", "estate", "--incident", self.incident, "--seed", "1"];
        all.iter().chain(words).copied().collect()
    }

    /// The console, its clock so many times as fast.
    pub fn console(&self, speed: &str) -> Tty {
        let command = Command::new(PROGRAM)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .args(self.words(&["--speed", speed]));
        let mut tty = Tty::start(command, 80, 24);
        tty.wait("the estate is open", |t| t.text().contains("PRACTICE") && t.text().contains("NEEDS YOU"));
        tty
    }

    /// A command over the same estate; what it printed.
    pub fn command(&self, words: &[&str]) -> String {
        let done = std::process::Command::new(PROGRAM)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .args(self.words(words))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8(done.stdout).unwrap()
    }

    /// The score, after so much time.
    pub fn score(&self, words: &[&str]) -> String {
        let all: Vec<&str> = words.iter().copied().chain(["--score"]).collect();
        self.command(&all)
    }
}

/// Whether nothing in a score is worse than its par, nothing was done wrong, and the last line says that it is solved.
pub fn is_at_par(score: &str) -> bool {
    !score.contains(": over") && score.contains("no mistakes") && score.lines().last() == Some("solved")
}

/// Types a name into a question once it takes answers, and lets it hold.
pub fn answer(tty: &mut Tty, name: &str) {
    tty.wait("the question, ready", |t| t.text().contains("Type") && t.text().contains("│ >"));
    assert!(!tty.text().contains("more line"), "the question fits the screen: {}", tty.text());
    tty.keys(name);
    tty.wait("the name", |t| t.text().contains(&format!("> {name}")));
    tty.keys("\r");
}

/// The same for the question of this title.
pub fn answer_to(tty: &mut Tty, title: &str, name: &str) {
    tty.wait_text(&format!("╭ {title} "));
    answer(tty, name);
    tty.wait("it is gone", |t| !t.text().contains(&format!("╭ {title} ")));
}

/// Says yes to the question of this title once it takes answers.
pub fn agree(tty: &mut Tty, title: &str) {
    tty.wait("the question, ready", |t| {
        t.text().contains(&format!("╭ {title} ")) && t.text().contains("y does it")
    });
    tty.keys("y");
    tty.wait("it is gone", |t| !t.text().contains(&format!("╭ {title} ")));
}

/// Says what the run on screen waits for, in words.
pub fn say(tty: &mut Tty, words: &str) {
    tty.wait_text("answers.");
    tty.keys("m");
    tty.wait_text("enter says it");
    tty.keys(words);
    tty.wait("the words", |t| t.text().contains(words));
    tty.keys("\r");
    tty.wait("it is gone", |t| !t.text().contains("enter says it"));
}

/// To the alarm of this name, by a few letters.
pub fn to_alarm(tty: &mut Tty, name: &str) {
    tty.keys(":");
    tty.wait_text("Do or go to");
    tty.keys(name);
    tty.wait_text(&format!("▌{name}"));
    tty.keys("\r");
    tty.wait_text(&format!("Alarms › {name}"));
}

/// To the run of this runbook.
pub fn to_run(tty: &mut Tty, runbook: &str) {
    tty.keys("6");
    tty.wait_text("[6 Runs");
    // whatever was looked for before
    tty.keys("\x7f");
    tty.wait("all of them", |t| t.text().contains(runbook) && t.text().contains("access-denied"));
    tty.keys("/");
    tty.keys(runbook);
    tty.keys("\r");
    tty.wait("the run is first", |t| t.text().contains("▌") && !t.text().contains("access-denied"));
    tty.keys("\r");
    tty.wait("its page", |t| t.text().contains("Runs › ") && t.text().contains(runbook));
}

/// Leaves the console.
pub fn quit(mut tty: Tty) {
    tty.keys("q");
    assert_eq!(tty.end().code(), Some(0));
}
