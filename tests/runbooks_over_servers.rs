//! Whole runs of the shipped runbooks by the program itself, without a terminal, over the servers of the test
//! beds: what the estate holds afterwards, byte for byte, and that no value is anywhere but there.
//!
//! Where the servers differ from AWS, and what is therefore not asked of them here:
//! - ministack: its answer to UpdateApiKey cannot be read by the SDK, so no gateway key is rotated there;
//! - fakecloud: GetUsagePlans ignores the key it is asked about, so the plans of a new gateway key prove
//!   nothing; a stale RemoveFromVersionId and a stale RevisionId are accepted, so of a colleague only what
//!   the program sees by looking is asked, not the swap itself;
//! - moto: GetSecretValue still gives the old value after a promotion, so no runbook is run there.
//!
//! All of that is asked of the practice estate. Fakecloud runs where `BARTIZAN_FAKECLOUD` names the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "support/asking.rs"]
#[allow(dead_code)] // each test target uses its part
mod asking;
#[path = "support/beds/mod.rs"]
#[allow(dead_code)]
mod beds;
#[path = "contract/fill/mod.rs"]
#[allow(dead_code)]
mod fill;
#[path = "support/hermetic.rs"]
#[allow(dead_code)]
mod hermetic;

#[path = "field/containment.rs"]
mod containment;
#[path = "field/estate.rs"]
mod estate;
#[path = "field/program.rs"]
mod program;
#[path = "field/queues.rs"]
mod queues;
#[path = "field/rotation.rs"]
mod rotation;
#[path = "field/update.rs"]
mod update;

use beds::{Bed, Server};
use estate::Estate;
use libtest_mimic::{Failed, Trial};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// A whole run over a server.
type Tale = (&'static str, fn(&Estate));

/// What every server here can serve.
const EVERYWHERE: &[Tale] = &[
    ("a_field_is_updated_and_undone", update::a_field_is_updated_and_undone),
    ("a_colleague_writes_before_the_promotion", update::a_colleague_writes_before_the_promotion),
    ("a_colleague_writes_after_the_promotion", update::a_colleague_writes_after_the_promotion),
    ("a_generated_value_is_nowhere_but_in_the_secret", update::a_generated_value_is_nowhere_else),
    ("what_cannot_be_edited_stays", update::what_cannot_be_edited_stays),
    ("a_key_in_a_secret_is_rotated", rotation::in_a_secret),
    ("a_key_in_a_variable_is_rotated", rotation::in_a_variable),
    ("an_access_key_is_rotated", rotation::of_a_user),
    ("some_messages_are_redriven", queues::some_are_redriven),
    ("a_fifo_queue_keeps_its_order", queues::a_fifo_queue_keeps_its_order),
    ("an_export_is_imported_and_purged", queues::an_export_is_imported_and_purged),
];

/// What only ministack can: it runs functions in Python.
const FUNCTIONS: &[Tale] = &[("a_function_is_replayed", queues::a_function_is_replayed)];

/// What only fakecloud can.
const ONLY: &[Tale] = &[
    ("a_gateway_key_is_rotated", rotation::in_the_gateway),
    ("a_key_in_two_stores_is_rotated", rotation::in_two_stores),
    ("a_native_redrive_is_cancelled", queues::a_native_redrive_is_cancelled),
];

/// What needs a server that looks at signatures and policies.
const STRICT: &[Tale] = &[
    ("a_leaked_key_and_its_sessions", containment::a_leaked_key_and_its_sessions),
    ("a_user_with_every_key", containment::a_user_with_every_key),
];

struct Held {
    estate: Estate,
    _server: Server,
}

fn trials(bed: Bed, tales: &[&[Tale]], more: &'static [&'static str], left_out: bool) -> Vec<Trial> {
    let held: Arc<OnceLock<Result<Held, String>>> = Arc::default();
    let start = move || {
        Server::start_with(bed, more).map(|server| Held { estate: Estate::at(server.url()), _server: server })
    };
    let trial = |(name, tale): &Tale| {
        let (held, tale) = (held.clone(), *tale);
        Trial::test(format!("{}::{name}", bed.name()), move || match held.get_or_init(start) {
            Ok(held) => {
                tale(&held.estate);
                Ok(())
            }
            Err(why) => Err(Failed::from(why)),
        })
        .with_ignored_flag(left_out)
    };
    tales.iter().copied().flatten().map(trial).collect()
}

fn main() -> ExitCode {
    hermetic::main(|| {
        let args = libtest_mimic::Arguments::from_args();
        let mut all = trials(Bed::Ministack, &[EVERYWHERE, FUNCTIONS], &[], beds::left_out());
        if std::env::var_os("BARTIZAN_FAKECLOUD").is_some() {
            all.extend(trials(Bed::Fakecloud, &[EVERYWHERE, ONLY], &[], false));
            all.extend(trials(Bed::Fakecloud, &[STRICT], &["--iam", "strict", "--verify-sigv4"], false));
        } else if !args.list {
            eprintln!("fakecloud is NOT part of this run; .ci/run has it (BARTIZAN_FAKECLOUD=path)");
        }
        libtest_mimic::run(&args, all).exit_code()
    })
}
