//! The places that the suite is asked of: the servers, filled and empty, each started once for all
//! questions, and the practice estate, which is never filled.

use super::fill::{Filled, fill, fill_to_change, user_without_permissions};
use super::question::{Place, Question, ask};
use super::{
    alarms, change_access, change_databases, change_functions, change_isolation, change_keys,
    change_messages, change_secrets, denied, differences, empty, found, logs, metrics, others, queues,
    secrets, web_acls,
};
use crate::asking::{Asking, RealClock, context};
use crate::beds::{Bed, Server};
use crate::hermetic::credentials_file;
use bartizan::aws::{AwsEstates, AwsOptions};
use bartizan::estate::Context;
use bartizan::estate::outside::Nowhere;
use libtest_mimic::Trial;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// The questions about what a server was filled with.
pub const FILLED: &[&[Question]] = &[
    alarms::FILLED,
    metrics::FILLED,
    queues::FILLED,
    web_acls::FILLED,
    secrets::FILLED,
    others::FILLED,
    logs::FILLED,
];

/// Questions about what is not there, or asked wrongly.
pub const MISSING: &[&[Question]] = &[
    alarms::MISSING,
    metrics::MISSING,
    queues::MISSING,
    web_acls::MISSING,
    secrets::MISSING,
    others::MISSING,
    logs::MISSING,
];

/// Changes, tried on what no other question looks at. The practice estate is asked those that make their own
/// things.
pub const CHANGES: &[&[Question]] = &[
    change_messages::CHANGES,
    change_secrets::CHANGES,
    change_functions::CHANGES,
    change_isolation::CHANGES,
    change_keys::CHANGES,
    change_access::CHANGES,
    change_databases::CHANGES,
];

/// A place with the server that it needs, held until the tests end.
struct Held {
    place: Place,
    _server: Server,
}

fn start_filled(bed: Bed) -> Result<Held, String> {
    let server = Server::start(bed)?;
    let filled = fill(&server.url());
    hold(bed, server, filled, &context("contract", None))
}

fn start_to_change(bed: Bed) -> Result<Held, String> {
    let server = Server::start(bed)?;
    let filled = fill_to_change(&server.url());
    hold(bed, server, filled, &Context { read_only: false, ..context("changes", None) })
}

fn start_empty(bed: Bed) -> Result<Held, String> {
    hold(bed, Server::start(bed)?, Filled::default(), &context("contract", None))
}

/// A server that looks at permissions, asked as a user who has none.
fn start_strict(bed: Bed) -> Result<Held, String> {
    let server = Server::start_with(bed, &["--iam", "strict", "--verify-sigv4"])?;
    let (key, secret) = user_without_permissions(&server.url())?;
    let profile = format!("[nobody]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
    std::fs::write(credentials_file(), profile).map_err(|e| format!("no profile could be written: {e}"))?;
    let context = Context { profile: Some("nobody".to_owned()), ..context("nobody", None) };
    hold(bed, server, Filled::default(), &context)
}

fn hold(bed: Bed, server: Server, filled: Filled, context: &Context) -> Result<Held, String> {
    let estates = AwsEstates::new(AwsOptions::default(), Arc::new(RealClock), Arc::new(Nowhere));
    let context = Context { endpoint: Some(server.url()), ..context.clone() };
    let asking = Asking::open(&estates, &context).map_err(|f| format!("it could not be opened: {f}"))?;
    Ok(Held { place: Place { name: bed.name(), asking, filled }, _server: server })
}

/// Whether the server speaks the only protocol that the SDK's CloudWatch has; moto has no CBOR route. That it
/// has none is itself asked, of the empty server.
fn answers_cloudwatch(bed: Bed) -> bool {
    match bed {
        Bed::Ministack | Bed::Fakecloud => true,
        Bed::Moto => false,
    }
}

/// Whether a question is about CloudWatch, by what it needs to be filled.
fn is_about_cloudwatch(question: &Question) -> bool {
    question.needs.is_some_and(|n| ["alarm", "mute", "metric"].iter().any(|p| n.starts_with(p)))
}

/// The trials of one server; with `left_out` they are listed and not run.
pub fn server(bed: Bed, left_out: bool) -> Vec<Trial> {
    let filled = [FILLED, MISSING, &[found::FOUND]].concat();
    let mut out = trials(
        bed,
        "filled",
        filled.into_iter().flatten().filter(|q| answers_cloudwatch(bed) || !is_about_cloudwatch(q)),
        start_filled,
    );
    out.extend(trials(bed, "changed", CHANGES.iter().copied().flatten(), start_to_change));
    let empty = [empty::REGIONAL, empty::GLOBAL];
    out.extend(trials(bed, "empty", empty.into_iter().flatten(), start_empty));
    if bed == Bed::Fakecloud {
        out.extend(trials(bed, "denied", denied::DENIED.iter(), start_strict));
    }
    out.into_iter().map(|t| t.with_ignored_flag(left_out)).collect()
}

type Start = fn(Bed) -> Result<Held, String>;

fn trials(
    bed: Bed,
    state: &str,
    questions: impl Iterator<Item = &'static Question>,
    start: Start,
) -> Vec<Trial> {
    let held: Arc<OnceLock<Result<Held, String>>> = Arc::default();
    questions
        .map(|question| {
            let held = held.clone();
            Trial::test(format!("{}::{state}::{}", bed.name(), question.name), move || {
                match held.get_or_init(|| start(bed)) {
                    Ok(held) => ask(&held.place, question),
                    Err(why) => Err(why.clone().into()),
                }
            })
        })
        .collect()
}

/// Runs the trials, and one more that the table of differences names only questions that are asked.
pub fn run(args: &libtest_mimic::Arguments, mut trials: Vec<Trial>) -> ExitCode {
    let asked: Vec<String> = trials.iter().map(|t| t.name().to_owned()).collect();
    trials.push(Trial::test("every_known_difference_belongs_to_a_question", move || {
        match differences::without_a_question(&asked) {
            none if none.is_empty() => Ok(()),
            some => Err(format!("these are not asked: {}", some.join(", ")).into()),
        }
    }));
    libtest_mimic::run(args, trials).exit_code()
}
