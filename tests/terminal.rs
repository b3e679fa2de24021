//! The real program in a pseudo-terminal: how it starts and ends, what it leaves behind, what it makes of
//! small, dumb and vanishing terminals. Everything waits for what is to be seen; nothing sleeps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "support/pty.rs"]
#[allow(dead_code)] // each test target uses its part
mod pty;

use bartizan::estate::Prompt;
use bartizan::terminal::{guard, prompt};
use pty::Tty;
use pty_process::blocking::Command;
use rustix::process::Signal;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bartizan");

/// A program that sees nothing of the machine it is tested on.
fn hermetic(program: &str, home: &tempfile::TempDir) -> Command {
    Command::new(program)
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("AWS_EC2_METADATA_DISABLED", "true")
}

/// The console over the practice estate.
fn practice(home: &tempfile::TempDir) -> Command {
    hermetic(PROGRAM, home).arg("practice")
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Starts it and waits until the estate is open.
fn open(command: Command, width: u16, height: u16) -> Tty {
    let mut tty = Tty::start(command, width, height);
    tty.wait("the estate is open", |t| t.text().contains("PRACTICE") && t.text().contains("us-east-1"));
    tty
}

#[test]
fn it_takes_the_terminal_and_gives_it_back() {
    let home = home();
    let mut tty = open(practice(&home), 80, 24);
    assert!(tty.screen().alternate_screen());
    assert!(tty.screen().bracketed_paste());
    assert!(!tty.echoes());
    tty.keys("q");
    assert_eq!(tty.end().code(), Some(0));
    assert!(tty.is_restored());
    assert_eq!(tty.text().trim(), "", "nothing of it stays on the shell's screen");
}

#[test]
fn signals_end_it_with_their_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let home = home();
        let mut tty = open(practice(&home), 80, 24);
        tty.signal(signal);
        assert_eq!(tty.end().code(), Some(code), "{signal:?}");
        assert!(tty.is_restored(), "{signal:?}");
    }
}

#[test]
fn a_signal_ends_it_even_while_the_terminal_takes_nothing() {
    let home = home();
    let mut tty = open(practice(&home), 80, 24);
    tty.hold();
    tty.keys("2");
    // Either the key's frame is stuck now, or one of the estate's own was already.
    tty.wait_key_taken_or_stuck();
    tty.signal(Signal::TERM);
    let began = Instant::now();
    assert_eq!(tty.end().code(), Some(143));
    assert!(tty.echoes());
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_closed_terminal_ends_it() {
    let home = home();
    let mut tty = open(practice(&home), 80, 24);
    tty.close();
    assert_eq!(tty.end().code(), Some(129));
}

#[test]
fn it_follows_the_size() {
    let home = home();
    let mut tty = open(practice(&home), 80, 24);
    let rule = |width: u16| {
        move |t: &Tty| (0..width).all(|x| t.screen().cell(2, x).is_some_and(|c| c.contents() == "─"))
    };
    tty.wait("a rule over 80 columns", rule(80));
    for (width, height) in [(133, 40), (81, 25), (200, 50)] {
        tty.resize(width, height);
        tty.wait("a rule over the new width", rule(width));
    }
    tty.keys("q");
    assert_eq!(tty.end().code(), Some(0));
}

#[test]
fn it_lives_in_a_tiny_terminal() {
    for (width, height) in [(10, 3), (1, 1), (2, 200)] {
        let home = home();
        let mut tty = Tty::start(practice(&home), width, height);
        tty.wait("something", |t| t.screen().alternate_screen() && t.log().len() > 40);
        tty.keys("2j1q");
        assert_eq!(tty.end().code(), Some(0), "{width}x{height}");
        assert!(tty.is_restored());
    }
}

#[test]
fn it_stops_and_goes_on_under_a_shell() {
    let home = home();
    let script = r#"set -m; "$0" practice; echo "stopped $?"; read line; fg; echo "ended $?""#;
    let shell = hermetic("/bin/sh", &home).args(["-c", script, PROGRAM]);
    let mut tty = open(shell, 80, 24);
    tty.keys("\x1a");
    tty.wait_text("stopped 148");
    assert!(!tty.screen().alternate_screen() && !tty.screen().hide_cursor() && tty.echoes());
    tty.keys("\n");
    tty.wait("the console again", |t| t.screen().alternate_screen() && t.text().contains("PRACTICE"));
    tty.keys("q");
    tty.wait_text("ended 0");
    assert!(tty.is_restored());
}

#[test]
fn it_is_not_stopped_where_nobody_could_continue_it() {
    let home = home();
    let mut tty = open(practice(&home), 80, 24);
    let before = tty.log().len();
    tty.keys("\x1a");
    tty.wait("a whole new frame", |t| {
        let since = String::from_utf8_lossy(&t.log()[before..]).into_owned();
        since.contains("\x1b[?1049h") && since.contains("PRACTICE")
    });
    tty.keys("q");
    assert_eq!(tty.end().code(), Some(0));
}

#[test]
fn it_draws_itself_anew_after_being_stopped_from_elsewhere() {
    let home = home();
    let mut tty = open(practice(&home), 80, 24);
    tty.signal(Signal::STOP);
    let before = tty.log().len();
    tty.signal(Signal::CONT);
    tty.wait("a whole new frame", |t| String::from_utf8_lossy(&t.log()[before..]).contains("PRACTICE"));
    tty.keys("q");
    assert_eq!(tty.end().code(), Some(0));
}

/// An endpoint that takes connections and never answers.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn keys_live_and_ctrl_c_ends_it_while_aws_says_nothing() {
    let home = home();
    let (_listener, url) = silent();
    let command = hermetic(PROGRAM, &home)
        .args(["--region", "eu-central-1", "--endpoint-url", &url])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "not-a-real-one");
    let mut tty = Tty::start(command, 80, 24);
    tty.wait("the Region is settled", |t| t.text().contains("eu-central-1"));
    tty.keys("2");
    tty.wait_text("[2 Alarms");
    tty.keys("\x03");
    let began = Instant::now();
    let status = tty.end();
    assert!(began.elapsed() < Duration::from_millis(500), "took {:?}", began.elapsed());
    assert!(matches!(status.code(), Some(0 | 130)), "{status:?}");
    assert!(tty.is_restored());
}

/// Whether any cell on the screen has a colour.
fn has_colour(tty: &Tty) -> bool {
    let (rows, columns) = tty.screen().size();
    let cells = (0..rows.get()).flat_map(|y| (0..columns.get()).map(move |x| (y, x)));
    cells
        .filter_map(|(y, x)| tty.screen().cell(y, x))
        .any(|c| c.fgcolor() != vt100::Color::Default || c.bgcolor() != vt100::Color::Default)
}

#[test]
fn colours_and_signs_are_what_the_terminal_can_show() {
    let home = home();
    assert!(has_colour(&open(practice(&home), 80, 24)));
    let plain = open(practice(&home).env("NO_COLOR", "1"), 80, 24);
    assert!(!has_colour(&plain));
    assert!(!plain.text().is_ascii());
    let dumb = open(practice(&home).env("TERM", "dumb"), 80, 24);
    assert!(!has_colour(&dumb));
    assert!(dumb.text().is_ascii(), "{}", dumb.text());
    let no_locale = open(practice(&home).env("LANG", "C"), 80, 24);
    assert!(no_locale.text().is_ascii(), "{}", no_locale.text());
}

#[test]
fn without_a_terminal_it_names_status() {
    let home = home();
    let output = std::process::Command::new(PROGRAM)
        .arg("practice")
        .env_clear()
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("status") && output.stdout.is_empty(), "{said}");
    // a terminal for the keys alone is not enough
    let file = home.path().join("out");
    let redirected = practice(&home).stdout(std::fs::File::create(&file).unwrap());
    let mut tty = Tty::start(redirected, 80, 24);
    assert_eq!(tty.end().code(), Some(2));
    assert!(tty.text().contains("status"), "{}", tty.text());
    assert_eq!(std::fs::read(&file).unwrap(), b"");
}

#[test]
fn many_keys_at_once_are_one_frame() {
    let home = home();
    let mut tty = open(practice(&home), 80, 24);
    tty.keys("2");
    tty.wait_text("[2 Alarms");
    let before = tty.log().len();
    tty.keys(&"jk".repeat(150));
    tty.keys("?");
    tty.wait("the help", |t| t.text().matches("esc").count() > 0 && t.log().len() > before + 200);
    let cost = tty.log().len() - before;
    assert!(cost < 16 * 1024, "{cost} bytes");
}

/// Set where a test runs itself again, in a terminal, to misbehave there.
const PART: &str = "BARTIZAN_TEST_PART";

/// This very test program, in a terminal, running only `test` and there the `part` of it.
fn myself(test: &str, part: &str) -> Tty {
    let me = std::env::current_exe().unwrap();
    let command = Command::new(me)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(PART, part)
        .env("RUST_BACKTRACE", "0");
    Tty::start(command, 80, 24)
}

fn part() -> Option<String> {
    std::env::var(PART).ok()
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_reported_after_it() {
    match part().as_deref() {
        Some("here") => {
            let _guard = guard::Guard::enter().unwrap();
            guard::write(b"\x1b[31mconsole").unwrap();
            panic!("the reason");
        }
        Some("elsewhere") => {
            let _guard = guard::Guard::enter().unwrap();
            guard::write(b"\x1b[31mconsole").unwrap();
            let other = std::thread::spawn(|| panic!("the reason"));
            assert!(other.join().is_err());
            guard::write(b"still there").unwrap();
            std::thread::park();
        }
        Some(other) => panic!("no such part: {other}"),
        None => {
            for part in ["here", "elsewhere"] {
                let mut tty = myself("a_panic_gives_the_terminal_back_and_is_reported_after_it", part);
                tty.wait("the console", |t| String::from_utf8_lossy(t.log()).contains("console"));
                assert_eq!(tty.end().code(), Some(101), "{part}: {}", tty.text());
                assert!(tty.is_restored(), "{part}");
                assert!(tty.text().contains("the reason"), "{part}: {}", tty.text());
                assert!(!tty.text().contains("still there"), "{part}: {}", tty.text());
            }
        }
    }
}

/// Asks a question on the terminal; the answer is shown backwards, so that it is told from an echo.
fn question() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(prompt::TtyPrompt.ask_secret("MFA code for alice"));
    let shown = answer.map(|a| a.chars().rev().collect::<String>());
    println!("answered {shown:?}");
}

#[test]
fn a_question_is_answered_without_echo() {
    const NAME: &str = "a_question_is_answered_without_echo";
    if part().is_some() {
        return question();
    }
    let mut tty = myself(NAME, "ask");
    tty.wait("the question", |t| t.text().contains("MFA code for alice:") && !t.echoes());
    tty.keys("1299\x7f\x7f34\r");
    tty.wait_text("answered Some(\"4321\")");
    assert!(tty.echoes());
    assert!(!tty.text().contains("12"), "{}", tty.text());
    tty.end();

    let mut tty = myself(NAME, "ask");
    tty.wait("the question", |t| t.text().contains("MFA code for alice:") && !t.echoes());
    tty.keys("12\x03");
    tty.wait_text("answered None");
    assert!(tty.echoes());
    tty.end();

    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let mut tty = myself(NAME, "ask");
        tty.wait("the question", |t| t.text().contains("MFA code for alice:") && !t.echoes());
        tty.signal(signal);
        assert_eq!(tty.end().code(), Some(code), "{signal:?}: {}", tty.text());
        assert!(tty.echoes(), "{signal:?}");
    }
}

/// The console over a practice estate that is kept in `kept` and whose time passes quickly.
fn kept(home: &tempfile::TempDir) -> Command {
    practice(home).args(["--seed", "1", "--speed", "600", "--keep", "night"])
}

/// What a person types and nobody may see.
const TYPED: &str = "correct-horse-battery";

/// From the start to the first question of an update of a secret.
fn update_up_to_the_question(tty: &mut Tty) {
    tty.keys("5");
    tty.wait_text("logapi/api-key");
    tty.keys("/logapi/api-key\r");
    tty.wait("one row is left", |t| !t.text().contains("platform/datadog"));
    tty.keys("u");
    tty.wait_text("secret-update: its inputs");
    tty.keys("\r");
    tty.wait_text("STEPS");
    tty.keys("s");
    tty.wait_text("the new value; it is not shown");
    tty.keys(&format!("{TYPED}\r"));
    tty.wait_text("the same value once more");
    tty.keys(TYPED);
    tty.wait_text(&format!("{} characters", TYPED.len()));
    tty.keys("\r");
    tty.wait("the first question", |t| asks(t, "new version, read by nobody"));
}

/// Whether a question is on screen and takes an answer.
fn asks(tty: &Tty, title: &str) -> bool {
    tty.text().contains(&format!("╭ {title} ─")) && tty.text().contains("y does it")
}

fn saw(log: &[u8], text: &str) -> bool {
    log.windows(text.len()).any(|w| w == text.as_bytes())
}

/// Whether any file below `place` has `text` in it.
fn is_in_files(place: &std::path::Path, text: &str) -> bool {
    std::fs::read_dir(place).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { is_in_files(&path, text) } else { saw(&std::fs::read(&path).unwrap(), text) }
    })
}

#[test]
fn a_secret_is_updated_and_what_was_typed_is_never_seen() {
    let home = home();
    let mut tty = open(kept(&home), 80, 24);
    update_up_to_the_question(&mut tty);
    tty.keys("y");
    tty.wait("the second question", |t| asks(t, "new version current"));
    tty.keys("y");
    tty.wait("it waits with its undo open", |t| t.text().contains("waiting until"));
    tty.keys("q");
    assert_eq!(tty.end().code(), Some(0));
    assert!(!saw(tty.log(), TYPED), "the value was drawn");
    assert!(!is_in_files(home.path(), TYPED), "the value is in a file beside the estate");
    assert!(tty.is_restored());
}

#[test]
fn a_killed_console_leaves_a_run_that_goes_on() {
    let home = home();
    let mut tty = open(kept(&home), 80, 24);
    update_up_to_the_question(&mut tty);
    tty.keys("y");
    tty.wait("the second question", |t| asks(t, "new version current"));
    tty.signal(Signal::KILL);
    tty.end();
    let mut tty = open(kept(&home), 80, 24);
    tty.keys("6");
    tty.wait_text("6 Runs 1");
    tty.keys("\r");
    tty.wait_text("NOW");
    tty.keys("c");
    tty.wait("it asks again what was not answered", |t| asks(t, "new version current"));
    tty.keys("y");
    tty.wait("it waits with its undo open", |t| t.text().contains("waiting until"));
    tty.keys("q");
    assert_eq!(tty.end().code(), Some(0));
    assert!(!saw(tty.log(), TYPED));
}
