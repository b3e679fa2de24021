//! The program, as somebody without a terminal runs it: a home of its own, what it printed, and what is in its
//! state directory.

use crate::estate::Estate;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Most resumes that a whole run may need.
const PATIENCE: usize = 12;

pub struct Program<'a> {
    estate: &'a Estate,
    home: tempfile::TempDir,
    /// Everything it ever printed.
    printed: Vec<u8>,
}

/// How a command ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Its document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {} {}", self.stdout, self.stderr))
    }

    /// The run it is about.
    pub fn id(&self) -> String {
        self.json()["run"]["id"].as_str().unwrap_or_default().to_owned()
    }

    /// What it waits for, as `kind step`.
    pub fn waits(&self) -> String {
        let waits = &self.json()["waiting_for"];
        format!("{} {}", text(&waits["kind"]), text(&waits["step"]))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl<'a> Program<'a> {
    pub fn over(estate: &'a Estate) -> Self {
        Self { estate, home: tempfile::tempdir().unwrap(), printed: Vec::new() }
    }

    /// A file with a secret in it, outside the state directory.
    pub fn secret_file(&self, value: &str) -> PathBuf {
        let file = self.home.path().join("value");
        std::fs::write(&file, value).unwrap();
        file
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bartizan"));
        command
            .args(["--json", "--endpoint-url", &self.estate.url])
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home.path())
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("AWS_REGION", crate::asking::REGION)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_CONFIG_FILE", "/nonexistent/config")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    /// Starts a command that goes on by itself.
    pub fn spawn(&self, words: &[&str]) -> Child {
        self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn run(&mut self, words: &[&str]) -> Ran {
        let done = self.command(words).output().unwrap();
        self.told(done)
    }

    /// What a command that was started said in the end.
    pub fn ended(&mut self, child: Child) -> Ran {
        let done = child.wait_with_output().unwrap();
        self.told(done)
    }

    fn told(&mut self, done: Output) -> Ran {
        self.printed.extend(&done.stdout);
        self.printed.extend(&done.stderr);
        Ran {
            code: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// Starts a runbook with ordinary changes confirmed.
    pub fn start(&mut self, runbook: &str, sets: &[&str], more: &[&str]) -> Ran {
        let mut words = vec!["runbook", "start", runbook];
        sets.iter().for_each(|set| words.extend(["--set", set]));
        words.extend(more);
        self.run(&words)
    }

    /// Drives a run to its end, with a process for each thing that it waits for: what can be said is said,
    /// and each irreversible change gets its own phrase.
    pub fn finish(&mut self, mut ran: Ran) -> Ran {
        let id = ran.id();
        for _ in 0..PATIENCE {
            if ran.code != 5 {
                break;
            }
            let answer = answer(&ran.json()["waiting_for"]);
            let mut words = vec!["runbook", "resume", &id, "--confirm-all"];
            words.extend(answer.iter().map(String::as_str));
            ran = self.run(&words);
        }
        assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
        assert_eq!(ran.json()["run"]["state"], "done");
        self.verifies();
        ran
    }

    /// The journal is as it was written.
    pub fn verifies(&mut self) {
        let ran = self.run(&["journal", "verify"]);
        assert_eq!((ran.code, &ran.json()["ok"]), (0, &Value::Bool(true)), "{}", ran.stdout);
    }

    /// None of the values was printed or is in a file of the program.
    pub fn holds_none_of(&mut self, values: &[&str]) {
        for run in self.run(&["runs", "list"]).json()["runs"].as_array().unwrap() {
            for format in ["md", "json"] {
                self.run(&["journal", "export", text(&run["id"]), "--format", format]);
            }
        }
        let mut kept = self.printed.clone();
        gather(&self.home.path().join("state"), &mut kept);
        assert!(kept.len() > 1_000, "there was nothing to look through");
        for value in values {
            assert!(value.len() > 8, "{value} is too short to be looked for");
            assert!(
                !kept.windows(value.len()).any(|w| w == value.as_bytes()),
                "{value} is where it must not be"
            );
        }
    }
}

/// What answers a wait.
fn answer(waits: &Value) -> Vec<String> {
    let step = text(&waits["step"]);
    let accepts = |input: &str| waits["accepts"].as_array().is_some_and(|a| a.iter().any(|i| i == input));
    match waits["phrase_for"].as_str() {
        Some(phrase) => vec!["--confirm".to_owned(), format!("{step}={phrase}")],
        None if accepts("migrated") => vec!["--set".to_owned(), "migrated=true".to_owned()],
        None if accepts("close") => vec!["--set".to_owned(), "close=true".to_owned()],
        None if accepts("override") => vec!["--set".to_owned(), "override=nobody uses it".to_owned()],
        None if waits["kind"] == "person" => {
            vec!["--note".to_owned(), format!("{step}=every caller said so")]
        }
        None => Vec::new(),
    }
}

fn gather(place: &Path, kept: &mut Vec<u8>) {
    for entry in std::fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        kept.extend(path.as_os_str().as_encoded_bytes());
        if path.is_dir() { gather(&path, kept) } else { kept.extend(std::fs::read(&path).unwrap()) }
    }
}
