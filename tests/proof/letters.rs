//! Messages under death: queues are redriven, replayed, imported and purged by processes that are killed, at counted points
//! and at any moment, and another process goes on. Every message is where it was, where it went, in the export, or was
//! invoked; what is there twice is named by the journal.

use crate::bed::{Bed, End, Fuse, Jumping, context, options};
use crate::crash::memory;
use crate::killed::{ends, keep};
use bartizan::engine::gate::Gate;
use bartizan::engine::messages::{Hands, Wish, export};
use bartizan::engine::runs::{Brake, Live};
use bartizan::estate::change::lambda::Call as LambdaCall;
use bartizan::estate::change::messages::Act as Through;
use bartizan::estate::change::sqs::Call as SqsCall;
use bartizan::estate::message::{Held, Message, Select};
use bartizan::estate::*;
use bartizan::journal::{Files, Store};
use bartizan::practice::Practice;
use bartizan::runbook::definition::shipped;
use bartizan::runbook::{Halt, Inputs, RunState};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use zeroize::Zeroizing;

const DIR: &str = "LETTERS_DIR";
const TALE: &str = "LETTERS_TALE";
const KILL: &str = "LETTERS_KILL";

/// Messages of each queue.
const N: usize = 60;
/// Of these so many are in the export.
const KEPT: usize = 45;
/// The file of the export, beside the estate.
const FILE: &str = "kept.jsonl";

/// What is done with the messages of which queue.
struct Tale {
    name: &'static str,
    command: &'static str,
    from: &'static str,
    to: &'static str,
    inputs: &'static [(&'static str, &'static str)],
}

const TALES: &[Tale] = &[
    Tale {
        name: "redrive",
        command: "queue-redrive",
        from: "orders-failures",
        to: "legacy-import-dlq",
        inputs: &[("how", "selective"), ("rate", "10000")],
    },
    Tale {
        name: "fifo",
        command: "queue-redrive",
        from: "payments-dlq.fifo",
        to: "ledger-dead.fifo",
        inputs: &[("how", "selective"), ("rate", "10000")],
    },
    Tale {
        name: "some",
        command: "queue-redrive",
        from: "orders-failures",
        to: "legacy-import-dlq",
        inputs: &[("how", "selective"), ("rate", "10000"), ("filter", "body.n<40"), ("max", "25")],
    },
    Tale {
        name: "replay",
        command: "queue-replay",
        from: "shop-functions-dlq",
        to: "",
        inputs: &[("function", "shop-returns"), ("rate", "10000"), ("watch", "0s")],
    },
    Tale {
        name: "import",
        command: "queue-import",
        from: "orders-failures",
        to: "legacy-import-dlq",
        inputs: &[],
    },
    Tale { name: "purge", command: "queue-purge", from: "orders-failures", to: "", inputs: &[] },
];

fn tale(name: &str) -> &'static Tale {
    TALES.iter().find(|t| t.name == name).unwrap()
}

fn url(queue: &str) -> QueueUrl {
    QueueUrl::new(format!("https://sqs.us-east-1.amazonaws.com/000000000000/{queue}"))
}

fn at() -> At {
    At { account: AccountId::new("000000000000"), region: Region::us_east_1() }
}

/// An estate with the queues of the tales and nothing in them, and no weather.
fn empty() -> Vec<u8> {
    let clock = Jumping::at("2026-11-17T10:00:00Z".parse().unwrap());
    let practice =
        Practice::new(bartizan::practice::Options { seed: 7, ..options() }, Arc::new(clock)).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&practice.snapshot().unwrap()).unwrap();
    let wanted: BTreeSet<&str> = TALES.iter().flat_map(|t| [t.from, t.to]).collect();
    let named = |v: &serde_json::Value, of: &dyn Fn(&str) -> bool| v["name"].as_str().is_some_and(of);
    let world = json["world"].as_object_mut().unwrap();
    for (table, rows) in world.iter_mut() {
        let Some(rows) = rows.as_array_mut() else { continue };
        match table.as_str() {
            "queues" => rows.retain(|q| named(q, &|name| wanted.contains(name))),
            "functions" => rows.retain(|f| named(f, &|name| name == "shop-returns")),
            "users" | "roles" => {}
            _ => rows.clear(),
        }
    }
    for queue in world["queues"].as_array_mut().unwrap() {
        for field in ["batches", "foreseen", "tasks", "trace", "touched", "own", "seen"] {
            queue[field] = serde_json::json!([]);
        }
        queue["bursts"] = serde_json::Value::Null;
        queue["redrives"] = serde_json::Value::Null;
        queue["redrive"] = serde_json::Value::Null;
        queue["flow"] = serde_json::json!(0);
    }
    world["deployed"] = serde_json::json!(["shop-returns"]); // which had a bug, else
    serde_json::to_vec(&json).unwrap()
}

async fn apply(ports: &Ports, call: SqsCall, vault: &Vault) -> Receipt {
    let key = IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "fill", 0, 1);
    ports.writes.as_ref().unwrap().changes.apply(&at(), &Call::Sqs(call), &key, vault).await.unwrap()
}

/// Fills the queue that a tale is about.
async fn fill(ports: &Ports, queue: &QueueUrl) {
    let vault = Vault::default();
    for first in (0..N).step_by(10) {
        let mut messages = Vec::new();
        for n in first..first + 10 {
            let id = MessageId::new(format!("{n:08x}-0000-4000-8000-000000000000"));
            let mut message =
                Message::new(id.clone(), Zeroizing::new(format!("{{\"kind\":\"order\",\"n\":{n}}}")));
            message.group = queue.wire().ends_with(".fifo").then(|| Untrusted::from(format!("g{}", n % 4)));
            vault.shelf().put(Held { message, handle: Zeroizing::new(String::new()), until: Timestamp::MAX });
            messages.push(id);
        }
        let run = RunId::new("7f3a0b1c").unwrap();
        let sent =
            apply(ports, SqsCall::SendMessageBatch { to: queue.clone(), messages, run, body: None }, &vault);
        let Receipt::Batch { done, .. } = sent.await else { panic!() };
        assert_eq!(done.len(), 10);
    }
}

/// Everything in a queue: id and body, in the order of their coming. It is hidden from then on.
async fn all(ports: &Ports, queue: &QueueUrl) -> Vec<(MessageId, String)> {
    let (vault, mut seen, mut empty) = (Vault::default(), Vec::new(), 0);
    for nth in 0.. {
        let receive = SqsCall::ReceiveMessage {
            queue: queue.clone(),
            nth,
            most: 10,
            visibility_s: 43_000,
            wait_s: 1,
            select: Select::default(),
        };
        let Receipt::Received { messages, .. } = apply(ports, receive, &vault).await else { panic!() };
        if messages.is_empty() {
            empty += 1;
            if empty == 3 {
                break;
            }
        }
        for head in &messages {
            seen.push((head.id.clone(), vault.shelf().get(&head.id).unwrap().message.body().to_owned()));
        }
        // A group gives its next message when the one before is gone.
        if queue.wire().ends_with(".fifo") && !messages.is_empty() {
            let messages = messages.iter().map(|h| h.id.clone()).collect();
            apply(ports, SqsCall::DeleteMessageBatch { queue: queue.clone(), messages }, &vault).await;
        }
    }
    seen
}

/// An estate before a tale, what was in its queue, and the files of an export.
struct Before {
    estate: Vec<u8>,
    messages: BTreeMap<MessageId, String>,
    files: Vec<(String, Vec<u8>)>,
}

async fn opened(bytes: &[u8]) -> (Practice, Ports, Jumping) {
    let clock = Jumping::at(Timestamp::UNIX_EPOCH);
    let practice = Practice::restore(bytes, options(), Arc::new(clock.clone())).unwrap();
    clock.to(practice.now());
    let ports = practice.open(&context(), Arc::new(crate::bed::Nobody)).await.unwrap();
    (practice, ports, clock)
}

async fn before(tale: &Tale) -> Before {
    let from = url(tale.from);
    let (practice, ports, _) = opened(&empty()).await;
    fill(&ports, &from).await;
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    if ["import", "purge"].contains(&tale.name) {
        let act = Through::Peek { from: from.clone(), most: Some(KEPT as u64), dead_end: None };
        let consent = Consent::give(Change { at: at(), act: Act::Messages(act) }, Given::Yes).unwrap();
        let (brake, gate) = (Brake::default(), Gate::new(ports.clock.clone()));
        let wish = Wish {
            to: &dir.path().join(FILE),
            gzip: false,
            select: Select::default(),
            by: "alice".into(),
            queue: Arn::new(format!("arn:aws:sqs:us-east-1:000000000000:{}", tale.from)),
            fifo: false,
            counted: Some(N as u64),
        };
        let hands = Hands { ports: &ports, gate: &gate, brake: &brake };
        let done = export(&hands, &consent, &wish, &|_| {}).await.unwrap();
        assert_eq!(done.manifest.count, u32::try_from(KEPT).unwrap());
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.push((name, std::fs::read(&path).unwrap()));
        }
        assert_eq!(files.len(), 2);
    }
    let estate = practice.snapshot().unwrap();
    let (_, ports, _) = opened(&estate).await;
    let messages: BTreeMap<_, _> = all(&ports, &from).await.into_iter().collect();
    assert_eq!(messages.len(), N);
    Before { estate, messages, files }
}

fn of(tale: &'static Tale) -> impl Future<Output = Arc<Before>> {
    static ALL: OnceLock<Mutex<BTreeMap<&'static str, Arc<Before>>>> = OnceLock::new();
    async move {
        let table = ALL.get_or_init(Mutex::default);
        if let Some(made) = table.lock().unwrap().get(tale.name) {
            return made.clone();
        }
        let made = Arc::new(before(tale).await);
        table.lock().unwrap().entry(tale.name).or_insert(made).clone()
    }
}

async fn bed_in(dir: &Path, fuse: Arc<Fuse>) -> Bed {
    let estate = std::fs::read(dir.join("estate.json")).unwrap();
    let then: Option<Timestamp> =
        std::fs::read_to_string(dir.join("clock")).ok().and_then(|text| text.parse().ok());
    let store = Arc::new(Files::new(&dir.join("state"), Files::here()));
    let bed = Bed::restored(&estate, then, store, fuse).await;
    let kept = dir.to_owned();
    bed.practice.keep_by(move |bytes| keep(&kept, "estate.json", bytes));
    let ledger = dir.join("ledger");
    // What Lambda was asked to run, by somebody who does not die.
    let heard = move |call: &Call, receipt: &Receipt| {
        if let (Call::Lambda(LambdaCall::InvokeMessage { message, .. }), Receipt::Invoked { .. }) =
            (call, receipt)
        {
            use std::io::Write;
            let file = std::fs::OpenOptions::new().create(true).append(true).open(&ledger);
            writeln!(file.unwrap(), "{}", message.wire()).unwrap();
        }
    };
    assert!(bed.wire.heard.set(Box::new(heard)).is_ok());
    bed
}

async fn start(bed: &Bed, tale: &Tale, dir: &Path) -> Live {
    let definition = shipped(tale.command).unwrap().unwrap();
    let mut pairs: Vec<(String, String)> =
        tale.inputs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    let file = dir.join(FILE).to_str().unwrap().to_owned();
    match tale.name {
        "import" => pairs.push(("file".into(), file)),
        "purge" => pairs.push(("export".into(), file)),
        _ => {}
    }
    if tale.name != "import" {
        pairs.push(("queue".into(), url(tale.from).wire().to_owned()));
    }
    if !tale.to.is_empty() {
        pairs.push(("to".into(), url(tale.to).wire().to_owned()));
    }
    let inputs = Inputs::read(&definition, &pairs).unwrap();
    let runs = bed.runs();
    let plan = runs.plan(&definition, &inputs).await.unwrap();
    assert_eq!(plan.refusal().map(|(step, why)| format!("{step}: {why}")), None);
    runs.start(plan, Vault::default()).await.unwrap()
}

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

fn process(tale: &Tale, dir: &Path, kill: i64) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "letters::child", "--ignored", "--nocapture"])
        .env_clear()
        .env(DIR, dir)
        .env(TALE, tale.name)
        .env(KILL, kill.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
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
        assert!((25..=25 + named.len()).contains(&times.len()), "{what}: {} were sent on", times.len());
        assert!(times.keys().all(|body| {
            serde_json::from_str::<serde_json::Value>(body).unwrap()["n"].as_u64().unwrap() < 40
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

/// Two processes drain one queue: each message is passed on once, by one of them.
#[tokio::test]
async fn two_operators_drain_one_queue() {
    let tale = tale("redrive");
    let before = of(tale).await;
    let (practice, ports, clock) = opened(&before.estate).await;
    let bed = || {
        let store: Arc<dyn Store> = Arc::new(memory());
        Bed::over(practice.clone(), ports.clone(), clock.clone(), store, Fuse::never())
    };
    let (one, two) = (bed(), bed());
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (start(&one, tale, dir.path()).await, start(&two, tale, dir.path()).await);
    let (a, b) = tokio::join!(one.go(&mut first), two.go(&mut second));
    assert_eq!((a, b), (Halt::Over(RunState::Done), Halt::Over(RunState::Done)));
    let passed = |live: &Live| live.run().steps[0].changes[0].tally.passed_on();
    assert_eq!(passed(&first) + passed(&second), N as u64);
    let there = all(&ports, &url(tale.to)).await;
    let bodies: BTreeSet<&String> = there.iter().map(|(_, body)| body).collect();
    assert_eq!((there.len(), bodies.len()), (N, N));
    assert!(all(&ports, &url(tale.from)).await.is_empty());
}
