//! The contract over fakecloud, the fullest of the servers. It takes ten minutes to build, so it is no part of
//! a plain `cargo test`: it runs where `BARTIZAN_FAKECLOUD` names the binary, as `.ci/run` does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "support/asking.rs"]
#[allow(dead_code)] // each test target uses its part
mod asking;
#[path = "support/beds/mod.rs"]
#[allow(dead_code)]
mod beds;
#[path = "support/hermetic.rs"]
#[allow(dead_code)]
mod hermetic;
#[path = "contract/mod.rs"]
#[allow(dead_code)]
mod suite;

use beds::Bed;
use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::var_os("BARTIZAN_FAKECLOUD").is_none() {
        eprintln!("the fakecloud tier is NOT part of this run; .ci/run has it (BARTIZAN_FAKECLOUD=path)");
        return ExitCode::SUCCESS;
    }
    hermetic::main(|| {
        let args = libtest_mimic::Arguments::from_args();
        suite::places::run(&args, suite::places::server(Bed::Fakecloud, false))
    })
}
