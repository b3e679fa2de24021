//! Samples for the tests: a run of a few records, and the words to make one.

use crate::estate::time::Timestamp;
use crate::journal::head::Head;
use crate::journal::store::{Claim, Opened, Store, Writer};
use crate::journal::{Draft, Here, Memory, RunName};
use serde_json::{Value, json};
use std::future::Future;

pub fn run(name: &str) -> RunName {
    name.parse().unwrap()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub fn claim() -> Claim {
    Claim { at: at(0), by: "arn:aws:iam::111122223333:user/ana".to_owned() }
}

pub fn here() -> Here {
    Here { host: "bastion-1".to_owned(), pid: 4242 }
}

pub fn draft(n: u64) -> Draft {
    Draft::new(at(n.cast_signed()), "arn:aws:iam::111122223333:user/ana", &body(n)).unwrap()
}

pub fn body(n: u64) -> Value {
    json!({ "kind": "intent", "n": n, "text": "\u{e9}\"\n", "list": [1, 2.5, null, true] })
}

/// Runs a future to its end on a runtime of its own.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The lines of a run of `records`, and all its heads.
pub fn sample(name: &str, records: u64) -> (Vec<u8>, Vec<Head>) {
    let memory = Memory::new(here());
    let run = run(name);
    let mut heads = vec![Head::EMPTY];
    let Opened { writer, .. } = wait(memory.create(&run, claim())).unwrap();
    heads.extend((1..=records).map(|n| append(&*writer, &[n])));
    (memory.bytes(&run), heads)
}

/// Appends a record for each number.
pub fn append(writer: &dyn Writer, numbers: &[u64]) -> Head {
    wait(writer.append(numbers.iter().map(|n| draft(*n)).collect())).unwrap()
}
