//! The engine over the practice estate: 10,000 messages that were sent there, with a journal on the disk.

use crate::{MESSAGES, body};
use bartizan::engine::clock::SystemClock;
use bartizan::engine::runs::{Runs, Site, Who};
use bartizan::estate::change::sqs::Call as SqsCall;
use bartizan::estate::message::{Attribute, AttributeValue, Held, Message};
use bartizan::estate::*;
use bartizan::journal::Files;
use bartizan::practice::{Options, Practice};
use bartizan::runbook::definition::shipped;
use bartizan::runbook::{Halt, Inputs, RunState};
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

/// Messages a second.
pub fn redrive(fifo: bool) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let options = Options { seed: 7, latency: None, hiccup: None, quotas: false, ..Options::default() };
        let clock = Arc::new(SystemClock);
        let practice = Practice::new(options, clock.clone()).unwrap();
        let context = Context::named("practice");
        let ports = practice.open(&context, Arc::new(Nobody)).await.unwrap();
        // Queues that nothing flows into and nobody reads.
        let (from, to) = match fifo {
            false => ("json-upload-thumbnails-dlq", "legacy-import-dlq"),
            true => ("payments-dlq.fifo", "ledger-dead.fifo"),
        };
        let url =
            |name: &str| QueueUrl::new(format!("https://sqs.us-east-1.amazonaws.com/000000000000/{name}"));
        fill(&ports, &url(from)).await;
        let definition = shipped("queue-redrive").unwrap().unwrap();
        let pairs = [("queue", url(from)), ("to", url(to))].map(|(k, v)| (k.to_owned(), v.wire().to_owned()));
        let mut pairs = pairs.to_vec();
        pairs.extend([("how", "selective"), ("rate", "10000")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        let inputs = Inputs::read(&definition, &pairs).unwrap();
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let store = Arc::new(Files::new(&dir.path().join("state"), Files::here()));
        let who = Who { principal: "alice".into(), host: "bastion".into(), pid: std::process::id() };
        let site = Site { context: "practice".into(), read_only: false, production: false };
        let runs = Runs::new(ports, Some(store), who, site);
        let plan = runs.plan(&definition, &inputs).await.unwrap();
        let mut live = runs.start(plan, Vault::default()).await.unwrap();
        let halt = live.go(None).await.unwrap();
        let Halt::Consent { proposal, .. } = halt else { panic!("{halt:?}") };
        let yes = proposal.changes.iter().map(|c| Consent::give(c.clone(), Given::Yes).unwrap()).collect();
        live.consent(yes).await.unwrap();
        let began = Instant::now();
        let halt = live.go(None).await.unwrap();
        let took = began.elapsed().as_secs_f64();
        assert_eq!(halt, Halt::Over(RunState::Done));
        let passed = live.run().steps[0].changes[0].tally.passed_on();
        assert!(passed >= MESSAGES as u64, "{passed} were sent on");
        passed as f64 / took
    })
}

async fn fill(ports: &Ports, queue: &QueueUrl) {
    let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
    let run = RunId::new("7f3a0b1c").unwrap();
    let key = IdempotencyKey::derive(&run, "fill", 0, 1);
    for first in (0..MESSAGES).step_by(5) {
        let vault = Vault::default();
        let mut messages = Vec::new();
        for n in first..first + 5 {
            let id = MessageId::new(format!("{n:08x}-0000-4000-8000-000000000000"));
            let mut message = Message::new(id.clone(), Zeroizing::new(body(n)));
            message.group = queue.is_fifo().then(|| Untrusted::from(format!("g{}", n % 500)));
            if n % 3 == 0 {
                let value = AttributeValue::Binary(Zeroizing::new(vec![0, 159, 146, 150, (n % 251) as u8]));
                message.attributes.insert("sum".into(), Attribute { data_type: "Binary".into(), value });
            }
            vault.shelf().put(Held { message, handle: Zeroizing::new(String::new()), until: Timestamp::MAX });
            messages.push(id);
        }
        let call = SqsCall::SendMessageBatch { to: queue.clone(), messages, run: run.clone(), body: None };
        let writes = ports.writes.as_ref().unwrap();
        let sent = writes.changes.apply(&at, &Call::Sqs(call), &key, &vault).await.unwrap();
        let Receipt::Batch { done, failed, .. } = sent else { panic!() };
        assert!(done.len() == 5, "{failed:?}");
    }
}
