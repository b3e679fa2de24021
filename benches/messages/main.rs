//! Measures what is done with many messages: redrives of 10,000 beside the bare SDK making the same calls, and the memory of
//! an export of 100,000.
//!
//!     cargo bench --bench messages [-- [--fakecloud=PATH] [--binary=PATH] [--exported=N] WORD...]
//!
//! Over practice the engine runs in this process, without latency. Over fakecloud (its binary by the option or by
//! BARTIZAN_FAKECLOUD) the program runs as it is run, with everything that it does around the messages: start, identity, plan,
//! journal, account. A WORD picks the figures with it in their name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a measuring program stops at any fault

mod cloud;
#[cfg(feature = "practice")]
mod practised;

use std::path::PathBuf;

/// Messages of a redrive.
const MESSAGES: usize = 10_000;
/// Messages of the large export, if nothing else is said, and of the small one that it is compared with.
const EXPORTED: [usize; 2] = [1_000, 100_000];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let option = |name: &str| args.iter().find_map(|a| a.strip_prefix(name).map(PathBuf::from));
    let words: Vec<&String> = args.iter().filter(|a| !a.starts_with("--")).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|w| name.contains(w.as_str()));
    println!("| figure | reached | to reach |\n|---|---|---|");
    #[cfg(feature = "practice")]
    for (kind, fifo) in [("standard", false), ("FIFO", true)] {
        let figure = format!("{MESSAGES} messages of a {kind} queue over practice, messages/s");
        if wanted(&figure) {
            println!("| {figure} | {:.0} | 500 |", practised::redrive(fifo));
        }
    }
    let fakecloud =
        option("--fakecloud=").or_else(|| std::env::var_os("BARTIZAN_FAKECLOUD").map(PathBuf::from));
    let Some(fakecloud) = fakecloud else {
        eprintln!("without --fakecloud=PATH nothing is measured over it");
        return;
    };
    let binary = option("--binary=").unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_bartizan")));
    let server = cloud::Server::start(&fakecloud);
    for (kind, fifo) in [("standard", false), ("FIFO", true)] {
        let figure =
            format!("{MESSAGES} messages of a {kind} queue over fakecloud, messages/s (the bare SDK)");
        if wanted(&figure) {
            let (ours, bare) = cloud::redrive(&server, &binary, fifo);
            println!("| {figure} | {ours:.0} ({bare:.0}) | 500 |");
        }
    }
    let many = args.iter().find_map(|a| a.strip_prefix("--exported=")?.parse().ok()).unwrap_or(EXPORTED[1]);
    let figure = format!("peak memory of an export of {} / {many} messages over fakecloud, MiB", EXPORTED[0]);
    if wanted(&figure) {
        let [(small, _), (large, took)] = [EXPORTED[0], many].map(|n| cloud::export(&server, &binary, n));
        println!("| {figure} (the large one in {took:.0} s) | {small:.0} / {large:.0} | flat |");
    }
}

/// The body of message `n`: 1 byte to 180 KiB, most of them small, as real ones are.
fn body(n: usize) -> String {
    let size = match n % 1_000 {
        0 => 180 * 1024,
        1..=20 => 8 * 1024,
        of if of % 10 == 0 => 1,
        of => 100 + of,
    };
    let mut text = format!("{{\"kind\":\"order\",\"n\":{n},\"pad\":\"");
    if size <= text.len() + 2 {
        return "x".repeat(size);
    }
    text.push_str(&"p".repeat(size - text.len() - 2));
    text.push_str("\"}");
    text
}
