//! The test beds' own tests: a server starts, answers, and is gone with the process that started it,
//! however that ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "support/beds/mod.rs"]
#[allow(dead_code)] // each test target uses its part
mod beds;

use beds::{Bed, Server};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Says on the real stderr, past the capture of the harness, that a test is left out; whether it is.
fn left_out(test: &str) -> bool {
    if beds::left_out() {
        let line = format!("{test}: left out, not passed (BARTIZAN_TESTBEDS=off)\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    beds::left_out()
}

fn connects(url: &str) -> bool {
    TcpStream::connect(url.trim_start_matches("http://")).is_ok()
}

fn gone_within(url: &str, limit: Duration) -> bool {
    let began = Instant::now();
    while connects(url) {
        if began.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

#[test]
fn a_server_answers_and_ends_with_its_value() {
    if left_out("a_server_answers_and_ends_with_its_value") {
        return;
    }
    for bed in [Bed::Ministack, Bed::Moto] {
        let mut server = Server::start(bed).unwrap();
        let url = server.url();
        assert!(server.runs() && connects(&url), "{} does not answer at {url}", bed.name());
        drop(server);
        assert!(!connects(&url), "{} still answers at {url}", bed.name());
    }
}

/// The process that the next test kills: it starts a server, says where, and waits to be killed.
#[test]
fn helper_that_is_killed() {
    if std::env::var_os("BARTIZAN_TEST_HELPER").is_none() {
        return;
    }
    let server = Server::start(Bed::Ministack).unwrap();
    println!("\nserving {}", server.url());
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_server_ends_with_a_process_that_is_killed() {
    if left_out("a_server_ends_with_a_process_that_is_killed") {
        return;
    }
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "helper_that_is_killed", "--nocapture"])
        .env("BARTIZAN_TEST_HELPER", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(helper.stdout.take().unwrap()).lines();
    let url = lines
        .map_while(Result::ok)
        .find_map(|l| l.strip_prefix("serving ").map(str::to_owned))
        .expect("the helper did not say where it serves");
    assert!(connects(&url));
    helper.kill().unwrap(); // SIGKILL: no destructor runs
    helper.wait().unwrap();
    assert!(gone_within(&url, Duration::from_secs(10)), "the server outlived the process that held it");
}
