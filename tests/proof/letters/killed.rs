//! Messages under death: processes that move them are killed, at counted points and at any moment, and another process goes
//! on. Every message is where it was, where it went, in the export, or was invoked; what is there twice is named by the
//! journal.

use super::{Before, FILE, Tale, all, bed_in, of, start, tale, url};
use crate::bed::{Bed, End, Fuse};
use crate::killed::{ends, keep, spawn};
use bartizan::engine::runs::Live;
use bartizan::estate::*;
use bartizan::runbook::{Halt, RunState};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Child;

const DIR: &str = "LETTERS_DIR";
const TALE: &str = "LETTERS_TALE";
const KILL: &str = "LETTERS_KILL";

/// The child. Without its variables it has nothing to do.
#[tokio::test]
#[ignore = "the other tests of this file run it as a process of its own"]
async fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let dir = Path::new(&dir);
    let tale = tale(&std::env::var(TALE).unwrap());
    let nth: i64 = std::env::var(KILL).unwrap().parse().unwrap();
    let fuse = Fuse::at(nth, if nth < 0 { End::Tell } else { End::Kill });
    let bed = bed_in(dir, fuse).await;
    let (clock, kept) = (bed.clock.clone(), dir.to_owned());
    let mark = move || keep(&kept, "clock", clock.now().to_string().as_bytes()).unwrap();
    assert!(bed.fuse.mark.set(Box::new(mark)).is_ok());
    let mut live = match begun(&bed).await {
        Some(id) => bed.resume(&id).await,
        None => start(&bed, tale, dir).await,
    };
    bed.go(&mut live).await;
}

fn process(tale: &Tale, dir: &Path, kill: i64) -> Child {
    let kill = kill.to_string();
    let told = [(DIR, dir.as_os_str()), (TALE, tale.name.as_ref()), (KILL, kill.as_ref())];
    spawn("letters::killed::child", told)
}

fn laid_out(before: &Before) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    keep(dir.path(), "estate.json", &before.estate).unwrap();
    for (name, bytes) in &before.files {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    dir
}

/// What the journal names as possibly there twice.
fn named(live: &Live, before: &Before) -> BTreeSet<String> {
    let run = live.run();
    let tallies = run.steps.iter().flat_map(|s| &s.changes).map(|c| &c.tally);
    let ids = tallies.flat_map(|t| t.doubtful.keys().chain(&t.owed).cloned().collect::<Vec<_>>());
    let lines = before
        .files
        .iter()
        .find(|(name, _)| name == FILE)
        .map(|(_, b)| String::from_utf8(b.clone()).unwrap());
    let lines: Vec<String> = lines.iter().flat_map(|l| l.lines().map(str::to_owned)).collect();
    let body = |id: &MessageId| match id.wire().strip_prefix("line-") {
        Some(n) => body_of(&lines[n.parse::<usize>().unwrap() - 1]),
        None => before.messages[id].clone(),
    };
    ids.map(|id| body(&id)).collect()
}

/// The body in a line of an export.
fn body_of(line: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(line).unwrap();
    json["body"].as_str().unwrap().to_owned()
}

/// The run that was begun. Who dies at once leaves an empty file.
async fn begun(bed: &Bed) -> Option<RunId> {
    for name in bed.store.runs().await.unwrap() {
        if !bed.store.read(&name).await.unwrap().folded.records.is_empty() {
            return RunId::new(name.as_str());
        }
    }
    None
}

/// What a dead process had in hand, and nobody needs, comes back by itself within a minute.
fn come_back(bed: &Bed) {
    bed.clock.to(bed.clock.now().saturating_add(time::SignedDuration::from_secs(70)).unwrap());
}

/// A run that was killed, gone on with to its end: everything is accounted for.
async fn adds_up(tale: &Tale, before: &Before, dir: &Path, what: &str) {
    let bed = bed_in(dir, Fuse::never()).await;
    let Some(id) = begun(&bed).await else {
        come_back(&bed);
        let left: BTreeMap<_, _> = all(&bed.ports, &url(tale.from)).await.into_iter().collect();
        assert_eq!(left, before.messages, "{what}: nothing was begun, and nothing is changed");
        return;
    };
    let mut live = bed.resume(&id).await;
    let halt = bed.go(&mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{what}");
    assert!(bed.store.verify().await.unwrap().is_sound(), "{what}: the journal does not verify");
    come_back(&bed);
    let here = all(&bed.ports, &url(tale.from)).await;
    let here: BTreeMap<String, MessageId> = here.into_iter().map(|(id, body)| (body, id)).collect();
    let there = match tale.to {
        "" => Vec::new(),
        to => all(&bed.ports, &url(to)).await,
    };
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (_, body) in &there {
        *times.entry(body.clone()).or_default() += 1;
    }
    for id in std::fs::read_to_string(dir.join("ledger")).unwrap_or_default().lines() {
        *times.entry(before.messages[&MessageId::new(id)].clone()).or_default() += 1;
    }
    let kept: BTreeSet<String> = before
        .files
        .iter()
        .filter(|(name, _)| name == FILE)
        .flat_map(|(_, b)| String::from_utf8(b.clone()).unwrap().lines().map(body_of).collect::<Vec<_>>())
        .collect();
    let named = named(&live, before);
    let what = format!("{what}\n{}", story(&bed, &id).await);
    for body in before.messages.values() {
        let (is_here, times) = (here.contains_key(body), times.get(body).copied().unwrap_or(0));
        let twice = times > 1 || times > 0 && is_here && tale.name != "import";
        assert!(!twice || named.contains(body), "{what}: {body} is there twice and not named: {named:?}");
        match tale.name {
            "redrive" | "fifo" | "replay" => {
                assert!(times > 0 && !is_here, "{what}: {body} was not passed on")
            }
            "some" => assert!(times > 0 || is_here, "{what}: {body} is lost"),
            "import" => {
                assert!(is_here, "{what}: an import took {body} away");
                assert_eq!(times > 0, kept.contains(body), "{what}: {body}");
            }
            "purge" => assert_eq!(is_here, !kept.contains(body), "{what}: {body}"),
            other => panic!("{other}"),
        }
    }
    if tale.name == "some" {
        assert!((12..=12 + named.len()).contains(&times.len()), "{what}: {} were sent on", times.len());
        assert!(times.keys().all(|body| {
            serde_json::from_str::<serde_json::Value>(body).unwrap()["n"].as_u64().unwrap() < 20
        }));
    }
    live.close().await.unwrap();
}

/// What the journal says, for whoever has to find out why.
async fn story(bed: &Bed, id: &RunId) -> String {
    let mut lines = String::new();
    for (stamp, event) in bed.runs().events(id).await.unwrap() {
        let line = format!("{} {}\n", stamp.at, serde_json::to_string(&event).unwrap());
        lines.extend(line.chars().take(420).chain(['\n']).filter(|c| *c != '\n'));
        lines.push('\n');
    }
    lines
}

/// How many points a run of a tale passes that nobody disturbs.
async fn points(tale: &'static Tale, before: &Before) -> usize {
    let dir = laid_out(before);
    let bed = bed_in(dir.path(), Fuse::never()).await;
    let mut live = start(&bed, tale, dir.path()).await;
    assert_eq!(bed.go(&mut live).await, Halt::Over(RunState::Done));
    let doubtful: usize =
        live.run().steps.iter().flat_map(|s| &s.changes).map(|c| c.tally.doubtful.len()).sum();
    assert_eq!(doubtful, 0);
    bed.fuse.passed.load(std::sync::atomic::Ordering::SeqCst)
}

/// Kills so many processes: one half dies at counted points, the other is killed from outside at any moment, and every
/// fourth again while it goes on.
async fn killed(name: &str, kills: usize) {
    let tale = tale(name);
    let before = of(tale).await;
    let points = points(tale, &before).await;
    let (mut dead, mut state) = (0, 0x5eed_u64);
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for n in 0..kills * 2 {
        let dir = laid_out(&before);
        let counted = n % 2 == 0;
        let what = format!("{name}, child {n}");
        for again in 0..if n % 4 == 3 { 2 } else { 1 } {
            let nth = if again == 0 { n * points / kills % points } else { random(40) };
            let (kill, moment) = match counted {
                true => (i64::try_from(nth).unwrap(), None),
                false => (-1, Some(1 + random(points))),
            };
            let (status, said) = ends(process(tale, dir.path(), kill), moment);
            use std::os::unix::process::ExitStatusExt;
            let killed = status.signal() == Some(9);
            assert!(killed || status.success(), "{what}: {said}");
            dead += usize::from(killed);
        }
        adds_up(tale, &before, dir.path(), &what).await;
        if dead >= kills {
            println!("{name}: {points} points, {dead} processes killed");
            return;
        }
    }
    panic!("only {dead} were killed in time");
}

#[tokio::test]
async fn a_redrive() {
    killed("redrive", 200).await;
}

#[tokio::test]
async fn a_redrive_of_a_fifo_queue() {
    killed("fifo", 80).await;
}

#[tokio::test]
async fn a_redrive_of_some() {
    killed("some", 80).await;
}

#[tokio::test]
async fn a_replay() {
    killed("replay", 200).await;
}

#[tokio::test]
async fn an_import() {
    killed("import", 200).await;
}

#[tokio::test]
async fn a_purge() {
    killed("purge", 200).await;
}
