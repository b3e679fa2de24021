//! The program that is measured, in its terminal: how it is started, what it costs, how long a key takes.

use crate::pty::Tty;
use pty_process::blocking::Command;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The size that the figures are for.
pub const WIDTH: u16 = 200;
/// See [`WIDTH`].
pub const HEIGHT: u16 = 50;

/// The program, and a home for it.
pub struct Subject {
    /// Where the binary is.
    pub binary: PathBuf,
    home: tempfile::TempDir,
}

impl Subject {
    /// The program at `binary`.
    pub fn new(binary: PathBuf) -> Self {
        Self { binary, home: tempfile::tempdir().unwrap() }
    }

    /// A command that sees nothing of this machine and has credentials that are good enough for a loopback.
    pub fn command(&self, program: &Path) -> Command {
        Command::new(program)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "not-a-real-one")
            .env("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// Starts the console over an endpoint.
    pub fn console(&self, url: &str, refresh: u32) -> Tty {
        let command = self
            .command(&self.binary)
            .args(["--region", "eu-central-1", "--endpoint-url", url])
            .args(["--refresh", &refresh.to_string()]);
        Tty::start(command, WIDTH, HEIGHT)
    }

    /// Starts it and waits until it has read all alarms, with their list open.
    pub fn list(&self, url: &str, refresh: u32) -> Tty {
        let mut tty = self.console(url, refresh);
        tty.keys("2");
        all_read(&mut tty, "alarms");
        // the whole width for the list, as the peers had it
        tty.keys("v");
        settle(&mut tty);
        tty
    }
}

/// Waits until the line of freshness says that a source is read, and that nothing of it is missing.
pub fn all_read(tty: &mut Tty, source: &str) {
    tty.wait(&format!("all {source}"), |t| is_read(t, source));
}

/// The line above the keys names sources by their state, with ` · ` between: `alarms, queues < 1 min`.
fn is_read(tty: &Tty, source: &str) -> bool {
    let line: String = (0..WIDTH)
        .filter_map(|x| tty.screen().cell(HEIGHT - 2, x))
        .map(|c| if c.has_contents() { c.contents() } else { " " })
        .collect();
    // the place in the list stands far to the right on the same line
    let freshness = line.trim_start().split("   ").next().unwrap_or_default();
    freshness.split(" · ").any(|part| {
        let words: Vec<&str> = part.split([' ', ',']).filter(|w| !w.is_empty()).collect();
        words.contains(&source) && words.last() == Some(&"min")
    })
}

/// Takes what still comes, until there is nothing for a while.
pub fn settle(tty: &mut Tty) {
    quiet(tty, Duration::from_millis(300));
}

/// Takes what comes until nothing has come for `calm`.
pub fn quiet(tty: &mut Tty, calm: Duration) {
    loop {
        let before = tty.log().len();
        let until = Instant::now() + calm;
        while Instant::now() < until && tty.log().len() == before {
            tty.pump(until);
        }
        if tty.log().len() == before {
            return;
        }
    }
}

/// What one key cost.
pub struct Press {
    /// From the write of the key to the read of the frame.
    pub time: Duration,
    /// Bytes of the frame.
    pub bytes: usize,
}

/// Presses a key and waits for its frame; `None` if nothing is drawn within five seconds.
pub fn press(tty: &mut Tty, key: &str) -> Option<Press> {
    let before = tty.log().len();
    let began = Instant::now();
    tty.keys(key);
    let until = began + Duration::from_secs(5);
    while tty.log().len() == before {
        if Instant::now() >= until {
            return None;
        }
        tty.pump(until);
    }
    let time = began.elapsed();
    // the frame is one write, but a long one may be read in parts
    quiet(tty, Duration::from_millis(4));
    Some(Press { time, bytes: tty.log().len() - before })
}

/// The value below which `share` of a hundred of the sorted values lie.
pub fn percentile(values: &mut [f64], share: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * share / 100).min(values.len() - 1)]
}

/// The most memory that a process ever had, in MiB.
pub fn peak_memory(tty: &Tty) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", tty.id())).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// Seconds of processor that a process has used, all its threads, those that ended included.
pub fn cpu_seconds(tty: &Tty) -> f64 {
    // schedstat counts in nanoseconds, and only living threads; stat counts in ticks of 10 ms, and all
    let tasks = std::fs::read_dir(format!("/proc/{}/task", tty.id())).unwrap();
    let nanoseconds: u64 = tasks
        .filter_map(|t| std::fs::read_to_string(t.unwrap().path().join("schedstat")).ok())
        .filter_map(|s| s.split(' ').next().and_then(|n| n.parse::<u64>().ok()))
        .sum();
    nanoseconds as f64 / 1e9
}
