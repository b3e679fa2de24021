//! The port over recorded answers: a server on loopback says what AWS says by its published service models,
//! and what proxies, emulators and broken networks say. Nothing leaves this machine.

mod answers;
mod credentials;
mod faults;
mod server;
mod telling;

use super::{AwsEstates, AwsOptions};
use crate::estate::{Answer, Asks, Cursor, Fault};
use crate::estate::{
    At, BoxFuture, Clock, Context, Estates, Page, Ports, Prompt, Query, Reads, Region, Timestamp,
};
use aws_types::os_shim_internal::Env;
use server::Server;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

struct Wall;

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(d))
    }
}

/// Answers with its lines in turn, then with nothing.
#[derive(Default)]
struct Person {
    lines: Mutex<Vec<&'static str>>,
    asked: Mutex<Vec<String>>,
}

impl Prompt for Person {
    fn ask_secret<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        self.asked.lock().unwrap().push(question.to_owned());
        let line = self.lines.lock().unwrap().pop();
        Box::pin(async move { line.map(|l| Zeroizing::new(l.to_owned())) })
    }
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", "secret")];

fn context(server: &Server) -> Context {
    Context {
        region: Region::new("eu-central-1"),
        endpoint: Some(server.url()),
        read_only: true,
        ..Context::named("test")
    }
}

/// Patient, for machines that are busy.
fn estates(env: &[(&str, &str)]) -> AwsEstates {
    patient(env, Duration::from_secs(10))
}

fn patient(env: &[(&str, &str)], call_timeout: Duration) -> AwsEstates {
    let nowhere = [("HOME", "/nonexistent"), ("AWS_EC2_METADATA_DISABLED", "true")];
    let env: Vec<_> = env.iter().copied().chain(nowhere).collect();
    let options = AwsOptions { connect_timeout: Duration::from_secs(5), call_timeout };
    AwsEstates::within(Env::from_slice(&env), options, Arc::new(Wall))
}

async fn open(server: &Server) -> Ports {
    estates(&KEYS).open(&context(server), Arc::new(Person::default())).await.unwrap()
}

fn at(region: &str) -> At {
    At { account: None, region: Region::new(region).unwrap() }
}

async fn page(reads: &dyn Reads, ask: impl Asks, from: Option<&Cursor>) -> Result<Page, Fault> {
    reads.fetch(&Query { at: at("eu-central-1"), ask: ask.ask() }, from).await
}

/// One page of an answer in its own type, and where the next starts.
async fn ask<A: Asks>(
    reads: &dyn Reads,
    a: A,
    from: Option<&Cursor>,
) -> Result<(A::Out, Option<Cursor>), Fault> {
    let page = page(reads, a, from).await?;
    let answer: Answer = page.answer;
    Ok((A::open(answer)?, page.next))
}
