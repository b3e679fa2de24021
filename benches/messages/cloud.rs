//! The program, and the bare SDK, over a fakecloud of their own.

use crate::{MESSAGES, body};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageAttributeValue, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use futures_util::future::join_all;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Receives side by side: as many as the program has.
const LANES: usize = 16;

/// A fakecloud that ends with this.
pub struct Server {
    process: Child,
    url: String,
    made: AtomicUsize,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Server {
    pub fn start(binary: &Path) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let process = Command::new(binary)
            .args(["--addr", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { process, url: format!("http://127.0.0.1:{port}"), made: AtomicUsize::new(0) }
    }

    async fn client(&self) -> Client {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .endpoint_url(&self.url)
            .credentials_provider(Credentials::new("test", "test", None, None, "benches"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .load()
            .await;
        Client::new(&config)
    }

    async fn queue(&self, client: &Client, fifo: bool) -> String {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("bench-{n}{}", if fifo { ".fifo" } else { "" });
        let make = client.create_queue().queue_name(name);
        let make = if fifo { make.attributes(QueueAttributeName::FifoQueue, "true") } else { make };
        make.send().await.unwrap().queue_url.unwrap()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// Sends `count` messages, each third with a binary attribute.
async fn fill(client: &Client, queue: &str, count: usize, size: impl Fn(usize) -> String) {
    for first in (0..count).step_by(100) {
        let sends = (first..(first + 100).min(count)).step_by(5).map(|from| {
            let entries = (from..(from + 5).min(count)).map(|n| {
                let entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(size(n));
                let entry = match n % 3 {
                    0 => {
                        let bytes = Blob::new([0, 159, 146, 150, (n % 251) as u8]);
                        let binary =
                            MessageAttributeValue::builder().data_type("Binary").binary_value(bytes).build();
                        entry.message_attributes("sum", binary.unwrap())
                    }
                    _ => entry,
                };
                let entry = match queue.ends_with(".fifo") {
                    true => entry
                        .message_group_id(format!("g{}", n % 500))
                        .message_deduplication_id(format!("d{n}")),
                    false => entry,
                };
                entry.build().unwrap()
            });
            client.send_message_batch().queue_url(queue).set_entries(Some(entries.collect())).send()
        });
        for sent in join_all(sends).await {
            let sent = sent.unwrap();
            assert!(sent.failed.is_empty(), "{:?}", sent.failed);
        }
    }
}

async fn count(client: &Client, queue: &str) -> usize {
    let ask = client.get_queue_attributes().queue_url(queue).attribute_names(QueueAttributeName::All);
    let got = ask.send().await.unwrap().attributes.unwrap();
    got[&QueueAttributeName::ApproximateNumberOfMessages].parse().unwrap()
}

/// Messages a second: of the program, and of the bare SDK.
pub fn redrive(server: &Server, binary: &Path, fifo: bool) -> (f64, f64) {
    let runtime = runtime();
    let (from, to, bare_from, bare_to) = runtime.block_on(async {
        let client = server.client().await;
        let queues = [
            server.queue(&client, fifo).await,
            server.queue(&client, fifo).await,
            server.queue(&client, fifo).await,
            server.queue(&client, fifo).await,
        ];
        fill(&client, &queues[0], MESSAGES, body).await;
        fill(&client, &queues[2], MESSAGES, body).await;
        let [a, b, c, d] = queues;
        (a, b, c, d)
    });
    let began = Instant::now();
    let words =
        ["queues", "redrive", &from, "--to", &to, "--how", "selective", "--rate", "10000", "--confirm-all"];
    run(server, binary, &words);
    let ours = MESSAGES as f64 / began.elapsed().as_secs_f64();
    let bare = runtime.block_on(async {
        let client = server.client().await;
        assert_eq!((count(&client, &from).await, count(&client, &to).await), (0, MESSAGES));
        let began = Instant::now();
        let lanes = (0..LANES).map(|_| lane(&client, &bare_from, &bare_to));
        let moved: usize = join_all(lanes).await.into_iter().sum();
        let took = began.elapsed().as_secs_f64();
        assert_eq!((moved, count(&client, &bare_to).await), (MESSAGES, MESSAGES));
        MESSAGES as f64 / took
    });
    (ours, bare)
}

/// Receives, sends on and deletes until nothing comes any more.
async fn lane(client: &Client, from: &str, to: &str) -> usize {
    let (mut moved, mut empty) = (0, 0);
    while empty < 2 {
        let receive = client.receive_message().queue_url(from).max_number_of_messages(10);
        let receive = receive.visibility_timeout(60).wait_time_seconds(1).message_attribute_names("All");
        let some = receive
            .message_system_attribute_names("All".into())
            .send()
            .await
            .unwrap()
            .messages
            .unwrap_or_default();
        empty = if some.is_empty() { empty + 1 } else { 0 };
        if some.is_empty() {
            continue;
        }
        // 256 KiB is the most of a batch.
        for some in some.chunks(if some.iter().any(|m| m.body().unwrap().len() > 20_000) { 1 } else { 10 }) {
            let entries = some.iter().enumerate().map(|(i, m)| entry(i, m, to));
            let sent = client.send_message_batch().queue_url(to).set_entries(Some(entries.collect()));
            assert!(sent.send().await.unwrap().failed.is_empty());
            let entries = some.iter().enumerate().map(|(i, m)| {
                let handle = m.receipt_handle().unwrap();
                DeleteMessageBatchRequestEntry::builder()
                    .id(i.to_string())
                    .receipt_handle(handle)
                    .build()
                    .unwrap()
            });
            let gone = client.delete_message_batch().queue_url(from).set_entries(Some(entries.collect()));
            assert!(gone.send().await.unwrap().failed.is_empty());
            moved += some.len();
        }
    }
    moved
}

fn entry(i: usize, message: &Message, to: &str) -> SendMessageBatchRequestEntry {
    let entry = SendMessageBatchRequestEntry::builder()
        .id(i.to_string())
        .message_body(message.body().unwrap())
        .set_message_attributes(message.message_attributes.clone());
    let group = message.attributes.as_ref().and_then(|a| a.get(&"MessageGroupId".into()));
    let entry = match to.ends_with(".fifo") {
        true => entry
            .message_group_id(group.unwrap())
            .message_deduplication_id(format!("b-{}", message.message_id().unwrap())),
        false => entry,
    };
    entry.build().unwrap()
}

fn command(server: &Server, binary: &Path, words: &[&str], home: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["--json", "--endpoint-url", &server.url])
        .args(words)
        .env_clear()
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_CONFIG_FILE", "/nonexistent/config")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null());
    command
}

fn run(server: &Server, binary: &Path, words: &[&str]) {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let done = command(server, binary, words, home.path()).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// The peak memory of an export of `count` messages in MiB, and the seconds that it took.
pub fn export(server: &Server, binary: &Path, messages: usize) -> (f64, f64) {
    let queue = runtime().block_on(async {
        let client = server.client().await;
        let queue = server.queue(&client, false).await;
        fill(&client, &queue, messages, |n| {
            format!("{{\"kind\":\"order\",\"n\":{n},\"pad\":\"{:>900}\"}}", n)
        })
        .await;
        queue
    });
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = home.path().join("kept.jsonl");
    let words = ["queues", "export", &queue, "--to", file.to_str().unwrap()];
    let began = Instant::now();
    let mut child = command(server, binary, &words, home.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0.0_f64;
    let status = loop {
        let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = line.and_then(|l| l.trim().strip_suffix(" kB")).and_then(|n| n.trim().parse::<f64>().ok());
        peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert!(status.success());
    let took = began.elapsed().as_secs_f64();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), messages, "the export is whole");
    (peak, took)
}
