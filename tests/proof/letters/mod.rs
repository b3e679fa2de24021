//! Messages that are redriven, replayed, imported and purged over queues of the practice estate: what is in them, and the
//! runs that do it. `killed` lets these die, `faults` lets calls go wrong.

use crate::bed::{Bed, Fuse, Jumping, context, options};
use crate::killed::keep;
use bartizan::engine::gate::Gate;
use bartizan::engine::messages::{Hands, Wish, export};
use bartizan::engine::runs::{Brake, Live};
use bartizan::estate::change::lambda::Call as LambdaCall;
use bartizan::estate::change::messages::Act as Through;
use bartizan::estate::change::sqs::Call as SqsCall;
use bartizan::estate::message::{Held, Message, Select};
use bartizan::estate::*;
use bartizan::journal::Files;
use bartizan::practice::Practice;
use bartizan::runbook::Inputs;
use bartizan::runbook::definition::shipped;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use zeroize::Zeroizing;

mod back;
mod faults;
mod killed;

/// Messages of each queue.
const N: usize = 30;
/// The same of a FIFO queue, whose groups keep each other waiting only when there are more.
const N_FIFO: usize = 60;
/// Of these so many are in the export.
const KEPT: usize = 20;
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
        inputs: &[("how", "selective"), ("rate", "10000"), ("filter", "body.n<20"), ("max", "12")],
    },
    Tale {
        name: "replay",
        command: "queue-replay",
        from: "shop-functions-dlq",
        to: "",
        inputs: &[("function", "shop-returns"), ("rate", "10000"), ("watch", "0s")],
    },
    Tale {
        name: "slow",
        command: "queue-redrive",
        from: "orders-failures",
        to: "legacy-import-dlq",
        inputs: &[("how", "selective"), ("rate", "1")],
    },
    Tale {
        name: "hostile",
        command: "queue-redrive",
        from: "billing-events-dlq",
        to: "legacy-import-dlq",
        inputs: &[("how", "selective"), ("rate", "10000")],
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
    let count = if queue.is_fifo() { N_FIFO } else { N };
    for first in (0..count).step_by(10) {
        let mut messages = Vec::new();
        for n in first..first + 10 {
            let id = MessageId::new(format!("{n:08x}-0000-4000-8000-000000000000"));
            let body = match queue.wire().ends_with("billing-events-dlq") {
                false => format!("{{\"kind\":\"order\",\"n\":{n}}}"),
                true => format!("order {n} \u{202e}]52;c;\u{9b}31m\r\n\t\u{feff}\u{2066}\"'; rm -rf {n}"),
            };
            let mut message = Message::new(id.clone(), Zeroizing::new(body));
            message.group = queue.is_fifo().then(|| Untrusted::from(format!("g{}", n % 4)));
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
        if queue.is_fifo() && !messages.is_empty() {
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
        let act = Through::Peek { from: from.clone(), most: Some(KEPT as u64), dead_end: None, whose: None };
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
    assert_eq!(messages.len(), if from.is_fifo() { N_FIFO } else { N });
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
