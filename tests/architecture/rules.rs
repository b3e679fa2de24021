//! Who may import whom, as tables: DESIGN's paragraph of that name. It judges what a file names; how those
//! names are found is the business of `paths`.

use crate::paths::{Named, module_of, paths};

/// A room and the rooms whose types it may name. What is not here may not be.
const ROOMS: &[(&str, &[&str])] = &[
    ("estate", &[]),
    ("diagnose", &[]),
    ("journal", &["estate::time", "estate::Timestamp"]),
    ("config", &["estate", "diagnose"]),
    ("runbook", &["estate", "config", "diagnose"]),
    ("insight", &["estate", "config", "runbook", "diagnose"]),
    ("controls", &["estate", "config", "diagnose"]),
    ("engine", &["estate", "config", "runbook", "insight", "journal", "diagnose"]),
    ("console", &["estate", "config", "runbook", "insight", "controls", "diagnose"]),
    // `runbook` for its plain types: an order of the console's names a definition, its news a run and a halt, and
    // `terminal` carries both between the console and the engine. It asks no verb and steps no run.
    ("terminal", &["estate", "config", "runbook", "insight", "controls", "engine", "console", "diagnose"]),
    (
        "cli",
        &[
            "estate",
            "config",
            "runbook",
            "insight",
            "controls",
            "engine",
            "diagnose",
            "terminal::probe",
            "terminal::prompt",
        ],
    ),
    // the ports: they implement the traits of `estate` and know nobody above it, nor each other
    ("aws", &["estate", "diagnose"]),
    ("practice", &["estate", "diagnose"]),
    ("outside", &["estate"]),
    // wires everything, and alone knows which ports are behind the traits; `wire` is a module of the binary
    (
        "main",
        &[
            "estate", "config", "insight", "controls", "engine", "console", "terminal", "cli", "aws",
            "practice", "outside", "diagnose", "wire",
        ],
    ),
    // declares the rooms and uses none
    ("lib", &[]),
];

/// The modules of the binary, which are `main` in files of their own.
const BINARY: &[&str] = &["wire"];

/// Parts of rooms that may not name other parts: (who, whom).
const WALLS: &[(&str, &str)] = &[
    ("console::update", "console::view"),
    ("console::update", "console::widgets"),
    ("console::view", "console::update"),
    ("console::widgets", "console::update"),
    ("console::widgets", "console::view"),
    ("console::layout", "console::update"),
    ("console::layout", "console::view"),
    ("console::model", "console::update"),
    ("console::model", "console::view"),
    // the pure half of the journal does not know how it is stored
    ("journal::envelope", "journal::store"),
    ("journal::chain", "journal::store"),
];

/// A crate and the places that may name it. A crate that ends in `*` stands for all that begin so.
const CRATES: &[(&str, &[&str])] = &[
    ("aws_sdk_*", &["aws"]),
    ("aws_smithy_*", &["aws", "outside"]),
    ("aws_config", &["aws"]),
    ("aws_credential_types", &["aws"]),
    ("aws_runtime", &["aws"]),
    ("aws_sigv4", &["aws"]),
    ("aws_types", &["aws"]),
    ("rustls*", &["aws", "outside"]),
    ("ratatui", &["console::view", "console::widgets", "console::layout", "terminal"]),
    ("crossterm", &["terminal"]),
    ("rustix", &["engine", "terminal", "journal::store", "aws", "cli", "main"]),
    ("getrandom", &["engine", "terminal", "journal::store", "aws", "outside", "cli", "main"]),
    ("etcetera", &["engine", "cli", "main"]),
    ("clap*", &["cli", "main"]),
];

/// Tasks, clocks, randomness and files: what begins so may be named only in `OUTSIDE`.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::thread",
    "std::env",
    "std::net",
    "std::process",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::time::*",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::os",
    "std::random",
    "std::hash::RandomState",
    "std::collections::hash_map::RandomState",
    "tokio",
    "futures_util::task::Spawn",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "jiff::tz::TimeZone::system",
];

/// The same, under whatever path the type was brought in.
const IMPURE_CALLS: &[(&str, &str)] = &[
    ("Timestamp", "now"),
    ("Zoned", "now"),
    ("SystemTime", "now"),
    ("Instant", "now"),
    ("TimeZone", "system"),
];

/// A consent is given where a person answers, and recalled where verified records are read: (function, places).
/// Where it is defined it may be named too.
const CONSENTS: &[(&str, &[&str])] = &[
    ("give", &["cli::confirm", "console::update::confirm", "estate::consent"]),
    ("recall", &["engine::runs", "estate::consent"]),
];

const OUTSIDE: &[&str] = &["engine", "terminal", "journal::store", "aws", "outside", "cli", "main"];

/// Longest file. "Past 500 it is two ideas."
pub const LINES: usize = 500;
/// Longest `main.rs`.
pub const MAIN_LINES: usize = 80;

/// What is wrong with a file of `src`, given the modules that are compiled for tests only.
pub fn faults(below_src: &str, source: &str, test_modules: &[Vec<String>]) -> Vec<String> {
    let module = module_of(below_src);
    let is_test_file = test_modules.iter().any(|t| module.starts_with(t));
    let mut out = shape(below_src, source);
    for named in paths(source, &module).named {
        let named = Named { test: named.test || is_test_file, ..named };
        out.extend(
            judge(&module, below_src, &named).map(|why| format!("src/{below_src}:{}: {why}", named.line)),
        );
    }
    if below(&module.join("::"), "console::view") || below(&module.join("::"), "console::widgets") {
        out.extend(draws_raw_text(below_src, source));
    }
    out
}

/// What is wrong with a file whatever it names.
pub fn shape(path: &str, source: &str) -> Vec<String> {
    let mut out = Vec::new();
    if !source.starts_with("//!") {
        out.push(format!("{path}:1: does not open with `//!`: what it owns and what it must not know"));
    }
    let most = if path == "main.rs" { MAIN_LINES } else { LINES };
    let lines = source.lines().count();
    if lines > most {
        out.push(format!("{path}:{lines}: {lines} lines, and {most} are the most: it is two ideas"));
    }
    out
}

/// A view draws `.shown()`; `.wire()` is raw text from strangers.
fn draws_raw_text(path: &str, source: &str) -> Vec<String> {
    let code = crate::lex::tokens(source);
    code.windows(2)
        .filter(|w| {
            w[0].kind == crate::lex::Kind::Mark('.') && w[1].kind == crate::lex::Kind::Name("wire".to_owned())
        })
        .map(|w| format!("src/{path}:{}: a view calls `.wire()`; only `.shown()` may be drawn", w[1].line))
        .collect()
}

fn judge(module: &[String], file: &str, named: &Named) -> Option<String> {
    let here = match file {
        // the wiring is a part of `main`, which has to be short
        "main.rs" | "wire.rs" => "main".to_owned(),
        _ if file.starts_with("wire/") => "main".to_owned(),
        "lib.rs" => "lib".to_owned(),
        _ if module.first().is_some_and(|m| BINARY.contains(&m.as_str())) => "main".to_owned(),
        _ => module.join("::"),
    };
    let path = named.path.join("::");
    let forged = if named.test { None } else { consent(&here, &named.path) };
    forged
        .or_else(|| match named.path.first().map(String::as_str) {
            Some("crate") => ours(&here, &named.path[1..]),
            _ => foreign(&here, &path, named),
        })
        .map(|why| format!("`{path}`: {why}"))
}

/// A consent that is made where nobody answered.
fn consent(here: &str, path: &[String]) -> Option<String> {
    let [.., of, function] = path else { return None };
    let (_, places) = CONSENTS.iter().find(|(f, _)| of == "Consent" && f == function)?;
    (!places.iter().any(|p| below(here, p)))
        .then(|| format!("a consent comes from a person's answer: only {} may", places.join(", ")))
}

/// A path into our own crate.
fn ours(here: &str, path: &[String]) -> Option<String> {
    let Some(room) = path.first() else {
        return Some("the crate root under another name hides what is imported".to_owned());
    };
    if room == "*" {
        return Some("a glob of the crate root hides what is imported".to_owned());
    }
    let target = path.join("::");
    if let Some((who, whom)) = WALLS.iter().find(|(who, whom)| below(here, who) && below(&target, whom)) {
        return Some(format!("{who} may not know {whom}"));
    }
    let own = here.split("::").next().unwrap_or(here);
    if room == own || own == "main" && BINARY.contains(&room.as_str()) {
        return None;
    }
    let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == own) else {
        return Some(format!("the room {own} is not in the table of tests/architecture"));
    };
    let allowed = may.iter().any(|m| below(&target, m));
    (!allowed).then(|| format!("{own} may not import {room}; it may import: {}", may.join(", ")))
}

/// A path into another crate.
fn foreign(here: &str, path: &str, named: &Named) -> Option<String> {
    let name = named.path.first().map(String::as_str).unwrap_or_default();
    let rule = CRATES.iter().find(|(rule, _)| match rule.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *rule,
    });
    // the console's tests draw its views
    let drawn_by_a_test = named.test && name == "ratatui" && below(here, "console");
    if let Some((rule, places)) = rule
        && !drawn_by_a_test
        && !places.iter().any(|p| below(here, p))
    {
        return Some(format!("only {} may name {rule}", places.join(", ")));
    }
    if name == "ratatui" && below(here, "console::layout") && !below(path, "ratatui::layout::Rect") {
        return Some("of ratatui, console::layout may name only its layout::Rect".to_owned());
    }
    if named.test || OUTSIDE.iter().any(|place| below(here, place)) {
        return None;
    }
    let tail: Vec<&str> = named.path.iter().rev().take(2).map(String::as_str).collect();
    let call = IMPURE_CALLS.iter().any(|(of, f)| tail == [*f, *of]);
    let impure = call || IMPURE.iter().any(|i| below(path, i));
    impure.then(|| format!("tasks, clocks, randomness and files are for {} only", OUTSIDE.join(", ")))
}

/// Whether `path` is `prefix` or lies below it.
fn below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
