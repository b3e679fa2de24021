//! The wire: what the ports over the SDK make of answers, faults and silence from a loopback server of our
//! own, for each of the nine services. The bytes are built from the published service models; none was
//! compared with AWS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "wire/access.rs"]
mod access;
#[path = "support/asking.rs"]
#[allow(dead_code)] // each test target uses its part
mod asking;
#[path = "wire/calls.rs"]
mod calls;
#[path = "wire/cbor.rs"]
mod cbor;
#[path = "wire/changes.rs"]
mod changes;
#[path = "wire/faults.rs"]
mod faults;
#[path = "support/hermetic.rs"]
#[allow(dead_code)]
mod hermetic;
#[path = "wire/materials.rs"]
mod materials;
#[path = "wire/messages.rs"]
mod messages;
#[path = "wire/oddities.rs"]
mod oddities;
#[path = "wire/pages.rs"]
mod pages;
#[path = "wire/questions.rs"]
mod questions;
#[path = "wire/server.rs"]
mod server;
#[path = "wire/services.rs"]
mod services;
#[path = "wire/standing.rs"]
mod standing;

use libtest_mimic::Trial;
use std::process::ExitCode;

/// Plain functions as trials, named after the room that they are in.
fn trials_of<const N: usize>(room: &str, tests: [(&'static str, fn()); N]) -> Vec<Trial> {
    let trial = |(name, test): (&'static str, fn())| {
        Trial::test(format!("{room}::{name}"), move || {
            test();
            Ok(())
        })
    };
    tests.into_iter().map(trial).collect()
}

fn main() -> ExitCode {
    hermetic::main(|| {
        let args = libtest_mimic::Arguments::from_args();
        let trials = [
            faults::trials(),
            pages::trials(),
            oddities::trials(),
            questions::trials(),
            access::trials(),
            standing::trials(),
            changes::trials(),
            messages::trials(),
            materials::trials(),
        ];
        libtest_mimic::run(&args, trials.into_iter().flatten().collect()).exit_code()
    })
}
