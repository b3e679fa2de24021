//! The contract: one suite of questions, good and bad, with the answers that the published service models
//! have, asked of the practice estate and, through the ports over the SDK, of ministack and moto. Fakecloud is
//! asked by `contract_fakecloud`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "support/asking.rs"]
#[allow(dead_code)]
mod asking;
#[path = "support/beds/mod.rs"]
#[allow(dead_code)]
mod beds;
#[path = "support/hermetic.rs"]
#[allow(dead_code)]
mod hermetic;
#[path = "contract/mod.rs"]
#[allow(dead_code)] // each test target uses its part
mod suite;

use beds::Bed;
use std::process::ExitCode;

fn main() -> ExitCode {
    hermetic::main(|| {
        let args = libtest_mimic::Arguments::from_args();
        let left_out = beds::left_out();
        let mut trials = Vec::new();
        #[cfg(feature = "practice")]
        trials.extend(suite::practice::trials());
        for bed in [Bed::Ministack, Bed::Moto] {
            trials.extend(suite::places::server(bed, left_out));
        }
        if left_out && !args.list {
            eprintln!("contract: ministack and moto are LEFT OUT of this run (BARTIZAN_TESTBEDS=off)");
        }
        suite::places::run(&args, trials)
    })
}
