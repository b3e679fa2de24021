//! Every write, every fault: what the other side says or does, the kind of fault that comes of it, and
//! whether the write may have happened, which is what a run goes on by. No fault may repeat a value.

use crate::asking::{Asking, RealClock, context};
use crate::calls::{Case, NEW, OLD, PASSWORD, all, key, vault};
use crate::faults::{half, html, says};
use crate::server::{Manner, Reply, Request, Server};
use crate::services::error;
use bartizan::aws::{AwsEstates, AwsOptions};
use bartizan::estate::outside::Nowhere;
use bartizan::estate::{Call, Context, Fault, FaultKind, Receipt, Slot, Vault};
use libtest_mimic::{Failed, Trial};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What must be quick is given time; what is slow is given up soon.
const PATIENT: Duration = Duration::from_secs(10);
const HASTY: Duration = Duration::from_millis(400);

/// Opens the server's estate for writing.
pub fn open(url: String, call_timeout: Duration) -> Asking {
    let options = AwsOptions { connect_timeout: PATIENT, call_timeout };
    let estates = AwsEstates::new(options, Arc::new(RealClock), Arc::new(Nowhere));
    Asking::open(&estates, &Context { read_only: false, ..context("wire", Some(url)) }).unwrap()
}

/// What must come of it.
enum Comes {
    /// This kind of fault, and whether it may have happened.
    Fault(&'static str, bool),
    /// The same, but for calls whose answer has no body or one that nothing is read from: there the status
    /// has said it all.
    FaultOfBody(&'static str, bool),
    /// What was to be deleted is gone; for other calls the fault.
    GoneOr(&'static str),
    Receipt,
}

struct Weather {
    name: &'static str,
    manner: fn(&Case) -> Manner,
    patience: Duration,
    comes: Comes,
}

fn quick(name: &'static str, manner: fn(&Case) -> Manner, comes: Comes) -> Weather {
    Weather { name, manner, patience: PATIENT, comes }
}

fn hasty(name: &'static str, manner: fn(&Case) -> Manner) -> Weather {
    Weather { name, manner, patience: HASTY, comes: Comes::Fault("timed_out", true) }
}

fn coded(case: &Case, status: u16, code: &str) -> Manner {
    says(error(case.service, status, code, "AWS said so"))
}

fn cut(case: &Case) -> Reply {
    let mut reply = (case.good)();
    let much = half(&reply);
    reply.body.truncate(much);
    reply
}

/// What a careless server says: the whole request, in code, message and body.
fn echo(case: &'static Case, status: u16) -> Manner {
    Manner::Answers(Box::new(move |request: &Request| {
        let sent = String::from_utf8_lossy(&request.body).into_owned();
        let message = format!("String measured: {sent}").replace('<', "&lt;").replace('&', "&amp;");
        error(case.service, status, "InvalidParameterValueException", &message)
    }))
}

fn weathers() -> Vec<Weather> {
    use Comes::{Fault, FaultOfBody, GoneOr};
    vec![
        quick("answered", |c| says((c.good)()), Comes::Receipt),
        quick("throttled", |c| coded(c, 400, "ThrottlingException"), Fault("throttled", false)),
        quick(
            "throttled_by_status",
            |_| says(Reply { status: 429, ..Reply::default() }),
            Fault("throttled", false),
        ),
        quick("denied", |c| coded(c, 403, "AccessDeniedException"), Fault("denied", false)),
        quick("conflict", |c| coded(c, c.conflict.0, c.conflict.1), Fault("conflict", false)),
        quick("invalid", |c| coded(c, 400, "ValidationException"), Fault("invalid", false)),
        quick("not_found", |c| coded(c, 404, "NotFoundException"), GoneOr("not_found")),
        quick("refused_in_words_without_a_kind", |c| coded(c, 400, "TeapotException"), Fault("other", false)),
        quick("token_expired", |c| coded(c, 403, "ExpiredTokenException"), Fault("expired", false)),
        quick("internal_error", |c| coded(c, 500, "InternalServiceError"), Fault("other", true)),
        quick(
            "internal_error_with_the_code_of_a_refusal",
            |c| coded(c, 500, "InvalidThing"),
            Fault("other", true),
        ),
        quick("gateway_has_nobody_behind_it", |c| says(html(c.service, 503)), Fault("unreachable", true)),
        quick("gateway_timed_out", |c| says(html(c.service, 504)), Fault("timed_out", true)),
        quick("reset_before_the_answer", |_| Manner::ResetsAtOnce, Fault("unreachable", true)),
        quick("not_http", |_| Manner::Babbles(b"SSH-2.0-OpenSSH_9.9\r\n"), Fault("unreachable", true)),
        quick(
            "reset_in_the_answer",
            |c| Manner::ResetsAfter((c.good)(), half(&(c.good)())),
            FaultOfBody("unreachable", true),
        ),
        quick(
            "cut_short_on_the_wire",
            |c| Manner::Truncated((c.good)(), half(&(c.good)())),
            FaultOfBody("malformed", true),
        ),
        quick("cut_short_in_its_own_language", |c| says(cut(c)), FaultOfBody("malformed", true)),
        quick(
            "garbage",
            |c| says(Reply { body: vec![0xff, 0xfe, 0x00, 0x9b], ..(c.good)() }),
            FaultOfBody("malformed", true),
        ),
        hasty("silent", |_| Manner::Silent),
        hasty("answered_too_late", |c| Manner::Slow(HASTY * 3, (c.good)())),
        quick("request_repeated_in_a_refusal", |c| echo_of(c, 400), Fault("invalid", false)),
        quick("request_repeated_in_trouble", |c| echo_of(c, 500), Fault("other", true)),
    ]
}

fn echo_of(case: &Case, status: u16) -> Manner {
    let case = all().find(|c| c.name == case.name).unwrap();
    echo(case, status)
}

/// Calls of whose answer nothing is read: the status alone says that it was done.
fn reads_no_body(case: &Case) -> bool {
    const NONE: [&str; 6] = [
        "delete_api_key",
        "delete_usage_plan_key",
        "delete_function_concurrency",
        "invoke",
        "tag_resource",
        "untag_resource",
    ];
    NONE.contains(&case.name)
}

/// Those whose answer has no body, and the payload of `Invoke`, which may be anything.
fn is_taken_for_good(weather: &str, case: &Case) -> bool {
    match weather {
        "reset_in_the_answer" | "cut_short_on_the_wire" => (case.good)().body.is_empty(),
        _ => reads_no_body(case),
    }
}

fn deletes(case: &Case) -> bool {
    case.name.starts_with("delete_")
}

fn check(weather: &Weather, case: &'static Case) -> Result<(), Failed> {
    let server = Server::start((weather.manner)(case));
    let (estate, vault) = (open(server.url(), weather.patience), vault());
    let outcome = estate.apply(&(case.call)(), &key(), &vault);
    match (&weather.comes, outcome) {
        (Comes::Receipt, outcome) => good(case, outcome, &server, &vault)?,
        (Comes::GoneOr(_), Ok(Receipt::Done)) if deletes(case) => {}
        (Comes::FaultOfBody(..), Ok(_)) if is_taken_for_good(weather.name, case) => {}
        (Comes::Fault(word, doubt) | Comes::FaultOfBody(word, doubt), outcome) => {
            bad(outcome, word, *doubt)?;
        }
        (Comes::GoneOr(word), outcome) => bad(outcome, word, false)?,
    }
    match server.requests() {
        1 => Ok(()),
        // given up before it was even read
        0 if weather.patience == HASTY => Ok(()),
        n => Err(format!("one write made {n} calls").into()),
    }
}

fn good(case: &Case, outcome: Result<Receipt, Fault>, server: &Server, vault: &Vault) -> Result<(), Failed> {
    let receipt = outcome.map_err(|f| format!("{f:?}"))?;
    if receipt != (case.receipt)() {
        return Err(format!("it gave {receipt:?}").into());
    }
    let request = server.last().ok_or("nothing was sent")?;
    if request.line != format!("{} HTTP/1.1", case.line) {
        return Err(format!("it sent {}", request.line).into());
    }
    (case.right)(&request)?;
    if case.name == "create_access_key" {
        assert_eq!(vault.with(&Slot::new("made"), |v| v == OLD.as_bytes()), Some(true), "its secret");
    }
    Ok(())
}

fn bad(outcome: Result<Receipt, Fault>, word: &str, doubt: bool) -> Result<(), Failed> {
    let fault = outcome.err().ok_or("it was done")?;
    no_value_in(&fault)?;
    if fault.word() != word || fault.may_have_happened() != doubt {
        let really = fault.may_have_happened();
        return Err(format!("expected {word} ({doubt}), got {really}: {fault:?}").into());
    }
    Ok(())
}

/// No piece of eight characters of any value.
pub fn no_value_in(fault: &Fault) -> Result<(), Failed> {
    let said = format!("{fault:?} {fault} {}", fault.message.wire());
    for value in [NEW, OLD, PASSWORD] {
        let pieces: Vec<String> =
            value.as_bytes().windows(8).map(|w| String::from_utf8_lossy(w).into()).collect();
        if let Some(piece) = pieces.iter().find(|p| said.contains(*p)) {
            return Err(format!("the fault says {piece:?}: {said}").into());
        }
    }
    Ok(())
}

/// Nobody listens there: nothing was sent, so nothing can have happened.
fn nobody_listens(case: &Case) -> Result<(), Failed> {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let estate = open(format!("http://127.0.0.1:{port}"), PATIENT);
    bad(estate.apply(&(case.call)(), &key(), &vault()), "unreachable", false)
}

/// Whoever is there does not speak TLS: the request was not sent in the clear either.
fn no_tls_there(case: &Case) -> Result<(), Failed> {
    let server = Server::start(Manner::Babbles(b"SSH-2.0-OpenSSH_9.9\r\n"));
    let estate = open(server.url().replace("http://", "https://"), PATIENT);
    bad(estate.apply(&(case.call)(), &key(), &vault()), "unreachable", false)
}

/// What a call needs and the vault does not hold: nothing is sent.
fn nothing_in_the_slots(case: &Case) -> Result<(), Failed> {
    let server = Server::start(says((case.good)()));
    let call = (case.call)();
    if call.needs().is_empty() {
        return Ok(());
    }
    bad(open(server.url(), PATIENT).apply(&call, &key(), &Vault::default()), "invalid", false)?;
    if server.requests() == 0 { Ok(()) } else { Err("it was sent all the same".into()) }
}

/// Without the port nothing can be changed, whatever is asked.
fn read_only(case: &Case) -> Result<(), Failed> {
    let server = Server::start(says((case.good)()));
    let estate = crate::faults::open(server.url());
    let outcome = estate.apply(&(case.call)(), &key(), &vault());
    if outcome.is_err() && server.requests() == 0 { Ok(()) } else { Err("it was done".into()) }
}

/// A key that is in the plan already is what was wanted; one that another plan admits to the same stage is not.
fn member_already() -> Result<(), Failed> {
    let case = all().find(|c| c.name == "create_usage_plan_key").ok_or("no such call")?;
    let outcome = |message: &'static str| {
        let server = Server::start(says(error(case.service, 409, "ConflictException", message)));
        open(server.url(), PATIENT).apply(&(case.call)(), &key(), &vault())
    };
    assert_eq!(outcome("Usage plan key already exists"), Ok(Receipt::Done));
    for other in ["The API key is already in a plan with the stage a1/prod", "try again"] {
        bad(outcome(other), "conflict", false)?;
    }
    Ok(())
}

/// The secret of a new access key is given once: half of one must not be taken for it, wherever the answer is
/// cut. The SDK's XML reader would take the end of the text for the end of every element.
fn access_key_cut_anywhere() -> Result<(), Failed> {
    let case = all().find(|c| c.name == "create_access_key").ok_or("no such call")?;
    let whole = (case.good)();
    let (length, cut) = (whole.body.len(), Arc::new(AtomicUsize::new(0)));
    let at = cut.clone();
    let server = Server::start(Manner::Answers(Box::new(move |_| {
        let mut reply = whole.clone();
        reply.body.truncate(at.load(Ordering::SeqCst));
        reply
    })));
    let estate = open(server.url(), PATIENT);
    for much in 0..length {
        cut.store(much, Ordering::SeqCst);
        let vault = vault();
        match estate.apply(&(case.call)(), &key(), &vault) {
            Ok(_) => {
                let kept = vault.with(&Slot::new("made"), |v| v == OLD.as_bytes());
                assert_eq!(kept, Some(true), "cut after {much} of {length} bytes");
            }
            Err(fault) => {
                no_value_in(&fault)?;
                assert!(fault.may_have_happened() && !vault.holds(&Slot::new("made")), "{fault:?}");
            }
        }
    }
    Ok(())
}

/// What is larger than the store takes is not sent, and Lambda, which would repeat it, is not asked.
fn too_large() -> Result<(), Failed> {
    for (name, slot, much) in
        [("put_secret_value", "text", 66_000), ("update_function_configuration", "environment", 4_100)]
    {
        let case = all().find(|c| c.name == name).ok_or("no such call")?;
        let server = Server::start(says((case.good)()));
        let vault = vault();
        let large = format!("{{\"apiKey\":\"\",\"API_KEYS\":\"\",\"A\":\"{}\"}}", "x".repeat(much));
        vault.put(Slot::new(slot), zeroize::Zeroizing::new(large.into_bytes()));
        bad(open(server.url(), PATIENT).apply(&(case.call)(), &key(), &vault), "invalid", false)?;
        assert_eq!(server.requests(), 0, "{name}");
    }
    Ok(())
}

/// What RDS would not take as a password is not sent.
fn odd_password() -> Result<(), Failed> {
    for name in ["modify_db_instance", "modify_db_cluster"] {
        let case = all().find(|c| c.name == name).ok_or("no such call")?;
        let server = Server::start(says((case.good)()));
        for odd in ["short", "with/slash-MARK", "with@sign-MARK", "with\"quote-MARK", "with blank-MARK"] {
            let vault = vault();
            vault.put(Slot::new("password"), zeroize::Zeroizing::new(odd.as_bytes().to_vec()));
            bad(open(server.url(), PATIENT).apply(&(case.call)(), &key(), &vault), "invalid", false)?;
        }
        assert_eq!(server.requests(), 0, "{name}");
    }
    Ok(())
}

/// A rule that is there already is what was wanted.
fn rule_already() -> Result<(), Failed> {
    let case = all().find(|c| c.name == "authorize_ingress_rule").ok_or("no such call")?;
    let server = Server::start(says(error(case.service, 400, "InvalidPermission.Duplicate", "it exists")));
    let outcome = open(server.url(), PATIENT).apply(&(case.call)(), &key(), &vault());
    assert_eq!(outcome, Ok(Receipt::Done));
    Ok(())
}

/// "Access to KMS is not allowed" says which permission is missing.
fn kms() -> Result<(), Failed> {
    let case = all().next().ok_or("no call")?;
    let reply = error(case.service, 400, "AccessDeniedException", "Access to KMS is not allowed");
    let server = Server::start(says(reply));
    let outcome: Result<Receipt, Fault> =
        open(server.url(), PATIENT).apply(&(case.call)() as &Call, &key(), &vault());
    match outcome.map_err(|f| f.kind) {
        Err(FaultKind::Denied { action, .. }) if action.wire() == "kms:GenerateDataKey" => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

pub fn trials() -> Vec<Trial> {
    let mut out = Vec::new();
    for case in all() {
        for weather in weathers() {
            let name = format!("change::{}::{}", weather.name, case.name);
            out.push(Trial::test(name, move || check(&weather, case)));
        }
        type Check = fn(&Case) -> Result<(), Failed>;
        let checks: [(&str, Check); 4] = [
            ("nobody_listens", nobody_listens),
            ("no_tls_there", no_tls_there),
            ("nothing_in_the_slots", nothing_in_the_slots),
            ("read_only", read_only),
        ];
        for (name, check) in checks {
            out.push(Trial::test(format!("change::{name}::{}", case.name), move || check(case)));
        }
    }
    out.push(Trial::test("change::a_member_already_is_done", member_already));
    out.push(Trial::test("change::an_access_key_cut_anywhere", access_key_cut_anywhere));
    out.push(Trial::test("change::too_large_is_not_sent", too_large));
    out.push(Trial::test("change::odd_password_is_not_sent", odd_password));
    out.push(Trial::test("change::a_rule_already_is_done", rule_already));
    out.push(Trial::test("change::kms_denial_says_what_to_grant", kms));
    out
}
