//! Measures the console as a person meets it: the real program in a pseudo-terminal of 200x50 with an
//! emulator behind it, against a loopback server that speaks enough AWS. Prints the table of BENCHMARKS.md.
//!
//!     cargo bench --bench console [-- [--binary=PATH] WORD...]
//!
//! Only the figures with a WORD in their name. Measured is the binary without practice, which is built for
//! it, or the one that is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a measuring program stops at any fault

mod bare;
mod cbor;
#[path = "../../tests/support/pty.rs"]
#[allow(dead_code)]
mod pty;
mod server;
mod subject;

use pty::Tty;
use server::Estate;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use subject::{Subject, percentile, press, settle};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if let [word, url] = words.as_slice()
        && word == "bare"
    {
        return bare::read_alarms(url);
    }
    let binary = match std::env::args().find_map(|a| a.strip_prefix("--binary=").map(PathBuf::from)) {
        Some(named) => named,
        None => bastion(),
    };
    let size = std::fs::metadata(&binary).unwrap().len() as f64 / 1024.0 / 1024.0;
    let subject = Subject::new(binary);
    println!("| figure | reached | to reach |\n|---|---|---|");
    let wanted = |name: &str| words.is_empty() || words.iter().any(|w| name.contains(w.as_str()));
    for (name, measure) in FIGURES {
        if wanted(name) {
            for (figure, reached, target) in measure(&subject) {
                println!("| {figure} | {reached} | {target} |");
            }
        }
    }
    if wanted("size") {
        println!("| stripped binary without practice, MiB | {size:.1} | 22 |");
    }
}

type Row = (String, String, &'static str);
type Measure = fn(&Subject) -> Vec<Row>;

const FIGURES: [(&str, Measure); 8] = [
    ("start", start),
    ("alarms", alarms),
    ("queues", queues),
    ("keys", keys),
    ("slow", slow),
    ("hanging", hanging),
    ("memory", memory),
    ("idle", idle),
];

/// The program as it goes on a bastion, without practice. It is built here, because `cargo bench` builds it
/// with the default features.
fn bastion() -> PathBuf {
    let built = std::process::Command::new(env!("CARGO"))
        .args(["build", "--release", "--no-default-features", "--bin", "bartizan", "--message-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let binary = String::from_utf8_lossy(&built.stdout).lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    let binary = binary.expect("cargo says where it put it");
    // the next build may replace it
    let copy = binary.with_file_name("bartizan-measured");
    std::fs::copy(&binary, &copy).unwrap();
    copy
}

fn row(figure: impl Into<String>, reached: impl Into<String>, target: &'static str) -> Row {
    (figure.into(), reached.into(), target)
}

fn milliseconds(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

/// From before the process is made until the layout with its load states is on the screen.
fn first_frame(subject: &Subject, url: &str) -> f64 {
    let began = Instant::now();
    let mut tty = subject.console(url, 30);
    tty.wait("the first frame", is_framed);
    let took = milliseconds(began.elapsed());
    tty.keys("\x03");
    tty.end();
    took
}

/// The tabs are drawn in their row; looked at cell by cell, which is quick.
fn is_framed(tty: &Tty) -> bool {
    let row: String =
        (0..20).filter_map(|x| tty.screen().cell(1, x)).map(|c| c.contents().to_owned()).collect();
    row.contains("Overview")
}

fn start(subject: &Subject) -> Vec<Row> {
    let (_held, url) = server::silent();
    let mut times: Vec<f64> = (0..41).map(|_| first_frame(subject, &url)).collect();
    let mut alone: Vec<f64> = (0..41)
        .map(|_| {
            let began = Instant::now();
            let command = subject.command(Path::new("/bin/echo")).arg("here");
            let mut tty = Tty::start(command, subject::WIDTH, subject::HEIGHT);
            tty.wait("a word", |t| !t.log().is_empty());
            milliseconds(began.elapsed())
        })
        .collect();
    vec![row(
        "start to first true frame, ms, p50 / p90 (`echo` in the same terminal)",
        format!(
            "{:.1} / {:.1} ({:.1})",
            percentile(&mut times, 50),
            percentile(&mut times, 90),
            percentile(&mut alone, 50)
        ),
        "10",
    )]
}

/// From the start of the process: 2,000 alarms in 20 pages, in the console and by the bare SDK.
fn alarms(subject: &Subject) -> Vec<Row> {
    let me = std::env::current_exe().unwrap();
    let mut rows = Vec::new();
    for latency in [0, 20] {
        let estate = Estate { alarms: 2000, queues: 0 };
        let server = server::start(estate, Duration::from_millis(latency));
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..7 {
            let began = Instant::now();
            let command = subject.command(&me).args(["bare", server.url.as_str()]);
            let mut tty = Tty::start(command, subject::WIDTH, subject::HEIGHT);
            tty.wait_text("read 2000 alarms");
            bare.push(milliseconds(began.elapsed()));
            drop(tty);
            let began = Instant::now();
            let mut tty = subject.console(&server.url, 30);
            tty.keys("2");
            subject::all_read(&mut tty, "alarms");
            ours.push(milliseconds(began.elapsed()));
        }
        let (ours, bare) = (percentile(&mut ours, 50), percentile(&mut bare, 50));
        rows.push(row(
            format!("2,000 alarms complete at {latency} ms a call, ms (the bare SDK in the same run)"),
            format!("{ours:.0} ({bare:.0}): {:.2}x", ours / bare),
            "1.2x",
        ));
    }
    rows
}

fn queues(subject: &Subject) -> Vec<Row> {
    let server = server::start(Estate { alarms: 0, queues: 200 }, Duration::from_millis(60));
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let began = Instant::now();
            let mut tty = subject.console(&server.url, 30);
            tty.keys("3");
            subject::all_read(&mut tty, "queues");
            began.elapsed().as_secs_f64()
        })
        .collect();
    let calls = server.calls.load(std::sync::atomic::Ordering::Relaxed) / 5;
    vec![row(
        format!("200 queues at 60 ms a call, s (of which 20 have a dead-letter queue; {calls} calls in all)"),
        format!("{:.2}", percentile(&mut times, 50)),
        "0.5",
    )]
}

/// Time and bytes of keys in a list of 2,000 that nothing else disturbs.
fn keys(subject: &Subject) -> Vec<Row> {
    let server = server::start(Estate { alarms: 2000, queues: 0 }, Duration::ZERO);
    let mut tty = subject.list(&server.url, 3600);
    let mut rows = vec![paints(&mut tty, "key to paint, p50/p99 ms")];
    rows.extend(costs(&mut tty, "bytes a key: move / scroll by one"));
    tty.keys("v");
    settle(&mut tty);
    rows.extend(costs(&mut tty, "the same with the detail beside the list"));
    rows
}

/// Presses through the list, down and up, and says how long a frame takes.
fn paints(tty: &mut Tty, figure: &str) -> Row {
    let mut times = Vec::new();
    for i in 0..600 {
        let key = if i / 100 % 2 == 0 { "j" } else { "k" };
        let press = press(tty, key).unwrap_or_else(|| panic!("key {i} drew nothing:\n{}", tty.text()));
        times.push(milliseconds(press.time));
    }
    row(figure, format!("{:.2}/{:.1}", percentile(&mut times, 50), percentile(&mut times, 99)), "1.0/3")
}

fn costs(tty: &mut Tty, figure: &str) -> Vec<Row> {
    let mean = |presses: &[usize]| presses.iter().sum::<usize>() / presses.len();
    tty.keys("gg");
    settle(tty);
    let moves: Vec<usize> = (0..30).map(|_| press(tty, "j").expect("a frame").bytes).collect();
    for _ in 0..30 {
        press(tty, "j").expect("a frame");
    }
    let scrolls: Vec<usize> = (0..30).map(|_| press(tty, "j").expect("a frame").bytes).collect();
    vec![row(figure, format!("{} / {}", mean(&moves), mean(&scrolls)), "300 / 500")]
}

/// The same keys while every call takes two seconds and one is always under way.
fn slow(subject: &Subject) -> Vec<Row> {
    let server = server::start(Estate { alarms: 2000, queues: 0 }, Duration::ZERO);
    let mut tty = subject.list(&server.url, 3600);
    server.latency.store(2000, std::sync::atomic::Ordering::Relaxed);
    tty.keys("r");
    settle(&mut tty);
    vec![paints(&mut tty, "the same while AWS takes 2 s")]
}

/// An endpoint that accepts and never answers.
fn hanging(subject: &Subject) -> Vec<Row> {
    let (_held, url) = server::silent();
    let mut frames: Vec<f64> = (0..21).map(|_| first_frame(subject, &url)).collect();
    let mut ends = Vec::new();
    let mut presses = Vec::new();
    for _ in 0..11 {
        let mut tty = subject.console(&url, 30);
        tty.wait("the first frame", is_framed);
        settle(&mut tty);
        for key in ["2", "3", "4", "5", "1"] {
            presses.push(milliseconds(press(&mut tty, key).expect("every key is alive").time));
        }
        let began = Instant::now();
        tty.keys("\x03");
        tty.end();
        ends.push(milliseconds(began.elapsed()));
    }
    vec![row(
        "endpoint that never answers: first frame, ms; key to paint, p50/p99 ms; Ctrl-C to the end, ms, most",
        format!(
            "{:.1}; {:.2}/{:.1}; {:.0}",
            percentile(&mut frames, 50),
            percentile(&mut presses, 50),
            percentile(&mut presses, 99),
            percentile(&mut ends, 100)
        ),
        "10; 1.0/3; 100",
    )]
}

fn memory(subject: &Subject) -> Vec<Row> {
    let peaks: Vec<String> = [2000, 20_000]
        .iter()
        .map(|alarms| {
            let server = server::start(Estate { alarms: *alarms, queues: 0 }, Duration::ZERO);
            let mut tty = subject.list(&server.url, 5);
            // looked at, filtered, and read again a few times
            for keys in ["G", "gg", "/latency", "\r", "\x1b", "r"] {
                tty.keys(keys);
                settle(&mut tty);
            }
            subject::quiet(&mut tty, Duration::from_secs(8));
            format!("{:.0}", subject::peak_memory(&tty))
        })
        .collect();
    vec![row("peak memory at 2,000 / 20,000 alarms, MiB", peaks.join(" / "), "28 / 64")]
}

/// A minute of a quiet estate that is polled.
fn idle(subject: &Subject) -> Vec<Row> {
    let server = server::start(Estate { alarms: 2000, queues: 20 }, Duration::from_millis(20));
    let mut tty = subject.list(&server.url, 30);
    // the clock in the band steps with the minute, and nothing is to step in between
    let second = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() % 60;
    while second() != 2 {
        tty.pump(Instant::now() + Duration::from_millis(200));
    }
    settle(&mut tty);
    let calls = || server.calls.load(std::sync::atomic::Ordering::Relaxed);
    let (bytes, used, asked, began) = (tty.log().len(), subject::cpu_seconds(&tty), calls(), Instant::now());
    let until = began + Duration::from_secs(56);
    while Instant::now() < until {
        tty.pump(until);
    }
    let bytes = tty.log().len() - bytes;
    let until = began + Duration::from_secs(60);
    while Instant::now() < until {
        tty.pump(until);
    }
    let used = subject::cpu_seconds(&tty) - used;
    let asked = calls() - asked;
    assert!(asked >= 20, "only {asked} calls: it was not polled");
    vec![
        row(format!("bytes a minute when nothing changes, polling ({asked} calls)"), bytes.to_string(), "0"),
        row("CPU s a minute idle, 2,000 alarms polled every 30 s", format!("{used:.3}"), "0.05"),
    ]
}
