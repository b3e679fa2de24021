//! The journal over real processes: killed, racing, out of room. Each child is this test binary again, told by
//! its environment what to do; nothing here waits for time, only for what a child says or for its end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

use bartizan::estate::Timestamp;
use bartizan::journal::head::Heads;
use bartizan::journal::{Claim, Draft, Error, Files, Here, Mended, Opened, Rest, RunName, Store, fold};
use std::future::Future;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const MARK: &str = "@@ ";

fn run(name: &str) -> RunName {
    name.parse().unwrap()
}

fn claim() -> Claim {
    Claim { at: Timestamp::now(), by: "ana".to_owned() }
}

fn draft(n: u64) -> Draft {
    Draft::new(Timestamp::now(), "ana", &n).unwrap()
}

fn store(dir: &Path) -> Files {
    Files::new(dir, Files::here())
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn bodies(dir: &Path, name: &str) -> Vec<u64> {
    let reading = wait(store(dir).read(&run(name))).unwrap();
    reading.sound().unwrap().iter().map(|r| r.body().unwrap()).collect()
}

/// A child that does `what` to the run `name`.
struct Other {
    child: Child,
    says: Lines<BufReader<ChildStdout>>,
    _ends_with: ChildStdin,
}

impl Other {
    fn start(what: &str, dir: &Path, name: &str) -> Self {
        Self::of(Command::new(std::env::current_exe().unwrap()), what, dir, name)
    }

    fn of(mut command: Command, what: &str, dir: &Path, name: &str) -> Self {
        let mut child = command
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env("BARTIZAN_TEST_CHILD", format!("{what} {name} {}", dir.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let says = BufReader::new(child.stdout.take().unwrap()).lines();
        let ends_with = child.stdin.take().unwrap();
        Self { child, says, _ends_with: ends_with }
    }

    /// The next thing it says; `None` at its end.
    fn next(&mut self) -> Option<String> {
        self.says
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| line.split_once(MARK).map(|(_, said)| said.to_owned()))
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// All that it still says.
    fn rest(mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(line) = self.next() {
            said.push(line);
        }
        assert!(self.child.wait().unwrap().success(), "{said:?}");
        said
    }
}

fn say(what: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{MARK}{what}").unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "started by the other tests"]
fn child() {
    let Ok(told) = std::env::var("BARTIZAN_TEST_CHILD") else { return };
    let mut words = told.splitn(3, ' ');
    let (what, name) = (words.next().unwrap(), run(words.next().unwrap()));
    let store = store(Path::new(words.next().unwrap()));
    match what {
        "hold" => {
            let Opened { writer, .. } = wait(store.open(&name, claim())).unwrap();
            wait(writer.lease("arn:x", claim())).unwrap();
            wait(writer.append(vec![draft(1)])).unwrap();
            say("held");
            std::io::stdin().read_line(&mut String::new()).unwrap(); // until it is killed
        }
        "race" => {
            let mut won = 0;
            for _ in 0..100 {
                match wait(store.open(&name, claim())) {
                    Ok(Opened { writer, .. }) => {
                        wait(writer.append(vec![draft(u64::from(std::process::id()))])).unwrap();
                        wait(writer.close()).unwrap();
                        won += 1;
                    }
                    Err(Error::Held { .. }) => {}
                    Err(e) => panic!("{e}"),
                }
            }
            say(won);
        }
        "fill" => {
            let Opened { writer, .. } = wait(store.create(&name, claim())).unwrap();
            for n in 1.. {
                match wait(writer.append(vec![draft(n)])) {
                    Ok(head) => say(head.count),
                    Err(e) => return say(format!("{e:?}")),
                }
            }
        }
        "many" => {
            let Opened { writer, .. } = wait(store.create(&name, claim())).unwrap();
            for n in 1..=200 {
                wait(writer.append(vec![draft(n)])).unwrap();
                if n % 20 == 0 {
                    say(n);
                }
            }
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_lock_of_a_killed_process_falls_free_and_its_lease_stays() {
    let dir = tempfile::tempdir().unwrap();
    let dir = &dir.path().join("state");
    drop(wait(store(dir).create(&run("r-1"), claim())).unwrap());
    let mut other = Other::start("hold", dir, "r-1");
    assert_eq!(other.next().as_deref(), Some("held"));
    let Err(Error::Held { holder, .. }) = wait(store(dir).open(&run("r-1"), claim())) else {
        panic!("two writers")
    };
    assert_eq!((holder.pid, holder.host), (other.child.id(), Files::here().host));
    let lease = wait(store(dir).leases()).unwrap().remove(0);
    assert_eq!(lease.writer.map(|w| w.pid), Some(other.child.id()));
    other.kill();
    assert_eq!(wait(store(dir).holder(&run("r-1"))).unwrap(), None);
    let lease = wait(store(dir).leases()).unwrap().remove(0);
    assert_eq!((lease.run.as_str(), lease.writer), ("r-1", None));
    let opened = wait(store(dir).open(&run("r-1"), claim())).unwrap();
    assert_eq!((opened.records.len(), opened.mended), (1, vec![]));
    assert!(wait(opened.writer.release("arn:x")).unwrap());
}

#[test]
fn processes_that_race_for_a_run_write_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let dir = &dir.path().join("state");
    drop(wait(store(dir).create(&run("r-1"), claim())).unwrap());
    let racers: Vec<Other> = (0..3).map(|_| Other::start("race", dir, "r-1")).collect();
    let won: usize = racers.into_iter().map(|r| r.rest()[0].parse::<usize>().unwrap()).sum();
    assert!(won >= 3, "nobody could write");
    assert_eq!(bodies(dir, "r-1").len(), won);
    assert!(wait(store(dir).verify()).unwrap().behind.is_empty());
}

#[test]
fn processes_that_write_different_runs_share_the_heads() {
    let dir = tempfile::tempdir().unwrap();
    let dir = &dir.path().join("state");
    let names = ["r-1", "r-2", "r-3", "r-4"];
    let mut others: Vec<Other> = names.iter().map(|name| Other::start("many", dir, name)).collect();
    for n in 1..=10 {
        for other in &mut others {
            assert_eq!(other.next(), Some((n * 20).to_string()));
            assert_eq!(wait(store(dir).verify()).unwrap().damage, [], "read while it is written");
        }
    }
    for other in others {
        other.rest();
    }
    let report = wait(store(dir).verify()).unwrap();
    assert_eq!((report.records, report.is_sound(), report.behind), (800, true, vec![]));
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let dir = &dir.path().join("state");
    for round in 0..20u64 {
        let name = format!("r-{round}");
        let mut other = Other::start("fill", dir, &name);
        let mut told = 0;
        for _ in 0..=round * 3 {
            told = other.next().unwrap().parse::<u64>().unwrap();
        }
        other.kill();
        let opened = wait(store(dir).open(&run(&name), claim())).unwrap();
        let there: Vec<u64> = opened.records.iter().map(|r| r.body().unwrap()).collect();
        assert!(there.len() as u64 >= told, "{} of {told} are there", there.len());
        assert_eq!(there, (1..=there.len() as u64).collect::<Vec<u64>>());
        for mended in opened.mended {
            let small = match mended {
                Mended::Head { records } => records == 1,
                Mended::Torn { bytes, .. } => bytes < 400,
            };
            assert!(small, "a kill leaves at most one record");
        }
        let next = there.len() as u64 + 1;
        assert_eq!(wait(opened.writer.append(vec![draft(next)])).unwrap().count, next);
    }
    assert!(wait(store(dir).verify()).unwrap().is_sound());
}

#[test]
fn a_run_that_meets_a_limit_of_the_system_ends_whole() {
    let dir = tempfile::tempdir().unwrap();
    let dir = &dir.path().join("state");
    let mut limited = Command::new("sh");
    // 16 blocks of 512 or 1024 bytes; without the signal the limit is an error like a full disk
    limited.args(["-c", "ulimit -f 16 && trap '' XFSZ && exec \"$0\" \"$@\""]);
    limited.arg(std::env::current_exe().unwrap());
    let said = Other::of(limited, "fill", dir, "r-1").rest();
    let (end, counts) = said.split_last().unwrap();
    assert!(end.starts_with("NotWritten(Io { doing: \"write\""), "{end}");
    let last = counts.last().unwrap().parse::<u64>().unwrap();
    assert!(last > 10);
    assert_eq!(bodies(dir, "r-1"), (1..=last).collect::<Vec<u64>>());
    let opened = wait(store(dir).open(&run("r-1"), claim())).unwrap();
    assert_eq!(opened.mended, []);
    assert_eq!(wait(opened.writer.append(vec![draft(0)])).unwrap().count, last + 1);
}

/// The lines of each block of JSON lines in the document, and the document.
fn documented() -> (Vec<String>, String) {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/journal.md")).unwrap();
    let blocks = text.split("```jsonl\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    (blocks.collect(), text)
}

#[test]
fn the_documented_lines_are_those_that_are_written() {
    let (blocks, text) = documented();
    let [records, heads, lease] = blocks.as_slice() else { panic!("{} blocks", blocks.len()) };
    let dir = tempfile::tempdir().unwrap();
    let dir = &dir.path().join("state");
    let here = Here { host: "bastion-1".to_owned(), pid: 4242 };
    let (store, name) = (Files::new(dir, here), run("r-20261121-k3f9"));
    let (by, at) = ("arn:aws:iam::111122223333:user/ana", |t: &str| t.parse::<Timestamp>().unwrap());
    let claim = || Claim { at: at("2026-11-21T09:30:00Z"), by: by.to_owned() };
    let Opened { writer, .. } = wait(store.create(&name, claim())).unwrap();
    for (time, body) in [
        ("2026-11-21T09:30:00Z", serde_json::json!({ "event": "started", "runbook": "secret-update" })),
        ("2026-11-21T09:30:01.25Z", serde_json::json!({ "event": "note", "text": "caf\u{e9} \"\n" })),
    ] {
        wait(writer.append(vec![Draft::new(at(time), by, &body).unwrap()])).unwrap();
    }
    let resource = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/app-AbCdEf";
    wait(writer.lease(resource, claim())).unwrap();
    let written = |file: &str| std::fs::read_to_string(dir.join(file)).unwrap();
    assert_eq!(written("runs/r-20261121-k3f9.jsonl"), *records);
    assert_eq!(written("heads.jsonl"), *heads);
    let (_, file) = text.split_once("It is in `").unwrap();
    assert_eq!(written(file.split('`').next().unwrap()), lease.trim_end());
    let report = wait(store.verify()).unwrap();
    for hash in [report.head(), report.heads[&name].hash] {
        assert!(text.contains(&format!("`{hash}`")), "{hash} is not in the document");
    }
}

#[test]
fn the_documented_lines_verify() {
    let (blocks, _) = documented();
    let heads = Heads::parse(blocks[1].as_bytes());
    assert_eq!(heads.damage(), None);
    let name = run("r-20261121-k3f9");
    let folded = fold(&name, blocks[0].clone().into_bytes(), Some(heads.of(&name)));
    assert_eq!((folded.rest, folded.behind, folded.records.len()), (Rest::Nothing, 0, 2));
}
