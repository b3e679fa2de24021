//! Measures the journal: how fast a run is verified, and how many records a second become durable, beside what
//! `dd oflag=dsync` reaches on the same disk in the same minute.
//!
//!     cargo bench --bench journal [-- --dir=PATH]
//!
//! The directory (by default one below target/) decides which disk is measured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a measuring program stops at any fault

use bartizan::estate::Timestamp;
use bartizan::journal::{Claim, Draft, Files, Opened, Rest, RunName, Store, Writer, fold};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// Records that are verified.
const RECORDS: u64 = 100_000;
/// Records, or blocks of `dd`, for each rate.
const APPENDS: u64 = 2_000;

fn main() {
    let dir = std::env::args().find_map(|a| a.strip_prefix("--dir=").map(PathBuf::from));
    let dir = dir.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    let dir = tempfile::tempdir_in(dir).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    println!("| figure | reached | to reach |\n|---|---|---|");
    runtime.block_on(verifying(dir.path()));
    runtime.block_on(appending(dir.path()));
}

fn claim() -> Claim {
    Claim { at: Timestamp::now(), by: "arn:aws:iam::111122223333:user/ana".to_owned() }
}

/// A record as the executor writes them: an intent with its call.
fn draft(n: u64) -> Draft {
    let body = json!({
        "event": "intent", "step": "add-beside", "attempt": n % 3, "key": format!("r-20261121-{n:08}"),
        "call": { "kind": "put_secret_value", "secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x",
                  "stage": "bartizan-r-20261121", "at": { "account": "111122223333", "region": "eu-west-1" } },
    });
    Draft::new(Timestamp::now(), "arn:aws:sts::111122223333:assumed-role/operator/ana", &body).unwrap()
}

async fn begun(store: &Files, name: &str) -> Arc<dyn Writer> {
    let run: RunName = name.parse().unwrap();
    let Opened { writer, .. } = store.create(&run, claim()).await.unwrap();
    writer
}

async fn verifying(dir: &Path) {
    let store = Files::new(&dir.join("verified"), Files::here());
    let writer = begun(&store, "r-1").await;
    for from in (0..RECORDS).step_by(200) {
        writer.append((from..from + 200).map(draft).collect()).await.unwrap();
    }
    writer.close().await.unwrap();
    let bytes = std::fs::read(dir.join("verified/runs/r-1.jsonl")).unwrap();
    let mib = bytes.len() as f64 / 1024.0 / 1024.0;
    let run = "r-1".parse().unwrap();
    let mut times = Vec::new();
    for _ in 0..5 {
        let copy = bytes.clone();
        let began = Instant::now();
        let folded = fold(&run, copy, None);
        times.push(began.elapsed().as_millis());
        assert!(folded.rest == Rest::Nothing && folded.records.len() as u64 == RECORDS);
    }
    times.sort_unstable();
    println!("| 100,000 records ({mib:.0} MiB) verified in memory, ms | {} | 1000 |", times[2]);
    let began = Instant::now();
    let report = store.verify().await.unwrap();
    assert!(report.is_sound() && report.records == RECORDS);
    println!("| the same from the files, as `journal verify`, ms | {} | 1000 |", began.elapsed().as_millis());
}

async fn appending(dir: &Path) {
    let store = Files::new(&dir.join("appended"), Files::here());
    let length = {
        let writer = begun(&store, "r-0").await;
        writer.append(vec![draft(1)]).await.unwrap();
        writer.close().await.unwrap();
        std::fs::metadata(dir.join("appended/runs/r-0.jsonl")).unwrap().len()
    };
    for appenders in [1u64, 8, 64] {
        let before = synced(dir, length);
        let writer = begun(&store, &format!("r-{appenders}")).await;
        let each = APPENDS.max(appenders * 200) / appenders;
        let began = Instant::now();
        let tasks: Vec<_> = (0..appenders)
            .map(|_| {
                let writer = Arc::clone(&writer);
                tokio::spawn(async move {
                    for n in 0..each {
                        writer.append(vec![draft(n)]).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let rate = (each * appenders) as f64 / began.elapsed().as_secs_f64();
        writer.close().await.unwrap();
        let beside = (before + synced(dir, length)) / 2.0;
        println!(
            "| records of {length} bytes appended a second, {appenders} at once (dd oflag=dsync) | {rate:.0} ({beside:.0}): {:.2}x | 1x |",
            rate / beside
        );
    }
}

/// Blocks a second that `dd oflag=dsync` writes.
fn synced(dir: &Path, length: u64) -> f64 {
    let began = Instant::now();
    let done = Command::new("dd")
        .args(["if=/dev/zero", "oflag=dsync", &format!("bs={length}"), &format!("count={APPENDS}")])
        .arg(format!("of={}", dir.join("dd").display()))
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    APPENDS as f64 / began.elapsed().as_secs_f64()
}
