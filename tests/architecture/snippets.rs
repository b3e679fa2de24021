//! The architecture test's own tests: bad snippets that it must refuse and good ones that it must not.

use crate::rules::{LINES, faults, shape};

/// The faults of `code` as if it stood in `file`, without the one about the opening comment.
fn of(file: &str, code: &str) -> Vec<String> {
    faults(file, &format!("//! Owns.\n{code}"), &[])
}

fn refused(file: &str, code: &str, because: &str) {
    let found = of(file, code);
    assert!(found.iter().any(|f| f.contains(because)), "{file}: {code}\nexpected {because:?}, got {found:?}");
}

fn accepted(file: &str, code: &str) {
    let found = of(file, code);
    assert!(found.is_empty(), "{file}: {code}\n{found:?}");
}

#[test]
fn rooms_keep_to_the_table() {
    refused("estate/queue.rs", "use crate::engine::Gate;", "estate may not import engine");
    refused("console/msg.rs", "use crate::engine::Gate;", "console may not import engine");
    refused("console/msg.rs", "use crate::cli::Table;", "console may not import cli");
    refused("cli/alarms.rs", "use crate::console::Model;", "cli may not import console");
    refused("cli/alarms.rs", "use crate::terminal::event::Loop;", "cli may not import terminal");
    accepted("cli/alarms.rs", "use crate::terminal::{probe, prompt::NoEcho};");
    refused("aws/sqs.rs", "use crate::config::Context;", "aws may not import config");
    refused("aws/sqs.rs", "use crate::practice::Practice;", "aws may not import practice");
    refused("journal/envelope.rs", "use crate::estate::Queue;", "journal may not import estate");
    accepted("journal/envelope.rs", "use crate::estate::time::Timestamp;");
    accepted("journal/envelope.rs", "use crate::estate::Timestamp;");
    refused("engine/gate.rs", "use crate::aws::AwsEstates;", "engine may not import aws");
    refused("lib.rs", "pub use crate::estate::Alarm;", "lib may not import estate");
    refused("cellar/mod.rs", "use crate::estate::Alarm;", "the room cellar is not in the table");
    accepted("main.rs", "use bartizan::{aws, cli, engine};");
    refused("main.rs", "use bartizan::journal::store;", "main may not import journal");
    accepted("main.rs", "mod wire; fn main() { crate::wire::run() }");
    accepted("wire/practising.rs", "use bartizan::practice::Practice; use crate::wire::World;");
    refused("engine/gate.rs", "use crate::wire::run;", "engine may not import wire");
}

#[test]
fn every_way_to_write_an_import_is_seen() {
    let bad = "estate may not import engine";
    refused("estate/a.rs", "use crate::{at::At, engine::{self, Gate}};", bad);
    refused("estate/a.rs", "use super::super::engine::*;", bad);
    refused("estate/ask/mod.rs", "use super::super::engine as e;", bad);
    refused("estate/a.rs", "fn f() { crate::engine::run() }", bad);
    refused("estate/a.rs", "fn f() -> Vec<crate::engine::Gate> { vec![] }", bad);
    refused("estate/a.rs", "impl crate::engine::Run for At {}", bad);
    refused("estate/a.rs", "type T = <u8 as crate::engine::Run>::Out;", bad);
    refused("estate/a.rs", "macro_rules! m { () => { $crate::engine::run() } }", bad);
    refused("estate/a.rs", "mod inner { use super::super::super::engine::Gate; }", bad);
    refused("estate/a.rs", "#[cfg(test)] mod tests { use crate::engine::Gate; }", bad);
    refused("estate/a.rs", "const A: [u8; 2] = [b'\"', b'\\'']; use crate::engine::Gate;", bad);
    refused("estate/a.rs", "use self::super::super::engine::Gate;", bad);
    refused("estate/a.rs", "use crate as whole;", "hides what is imported");
    refused("estate/a.rs", "use super::super::*;", "a glob of the crate root");
}

#[test]
fn prose_and_text_are_no_imports() {
    accepted("estate/a.rs", "// use crate::engine::Gate;\n/* crate::engine::Gate /* tokio::spawn */ */");
    accepted("estate/a.rs", "/// [`crate::engine::Gate`]\npub struct A;");
    accepted("estate/a.rs", r##"const A: &str = "crate::engine::Gate"; const B: &str = r#"std::fs "x" "#;"##);
    accepted("estate/a.rs", "fn f<'a>(x: &'a str) -> char { '\\'' }\nfn g() -> char { '\"' }");
}

#[test]
fn foreign_crates_stay_where_they_belong() {
    refused("engine/gate.rs", "use aws_sdk_sqs::Client;", "only aws may name aws_sdk_*");
    refused("main.rs", "fn main() { aws_config::load(); }", "only aws may name aws_config");
    accepted("console/model/a.rs", "use super::aws_cli; fn f() { aws_cli::of() }");
    accepted("aws/sqs.rs", "use aws_sdk_sqs::Client;");
    refused("console/model/mod.rs", "use ratatui::layout::Rect;", "may name ratatui");
    refused("console/layout/mod.rs", "use ratatui::layout::{Rect, Layout};", "only its layout::Rect");
    accepted("console/layout/mod.rs", "use ratatui::layout::Rect;");
    accepted("console/view/queues.rs", "use ratatui::buffer::Buffer;");
    refused("console/view/queues.rs", "use crossterm::event::Event;", "only terminal may name crossterm");
    refused("cli/keys.rs", "use ratatui::text::Line;", "may name ratatui");
    accepted("console/mod.rs", "#[cfg(test)] mod tests { use ratatui::buffer::Buffer; }");
    refused("cli/mod.rs", "#[cfg(test)] mod tests { use ratatui::buffer::Buffer; }", "may name ratatui");
}

#[test]
fn pure_rooms_stay_pure() {
    let bad = "tasks, clocks, randomness and files";
    refused("insight/age.rs", "use std::time::{Duration, Instant};", bad);
    refused("insight/age.rs", "use jiff::Timestamp; fn f() { Timestamp::now(); }", bad);
    refused("practice/mod.rs", "fn f() { tokio::spawn(async {}); }", bad);
    refused("practice/mod.rs", "fn f() { ::std::fs::read(\"x\"); }", bad);
    refused("console/update/mod.rs", "use std::{env, fmt};", bad);
    refused("config/load.rs", "use std::fs;", bad);
    refused("journal/envelope.rs", "use std::fs::File;", bad);
    accepted("journal/store/mod.rs", "use std::fs::File;");
    accepted("engine/files.rs", "use std::fs; use tokio::time;");
    accepted("insight/age.rs", "use std::time::Duration;");
    accepted(
        "practice/mod.rs",
        "#[cfg(test)] mod tests { #[tokio::test] async fn a() { tokio::spawn(b()); } }",
    );
    refused("practice/mod.rs", "#[cfg(test)] fn a(x: [u8; 1]) {} fn b() { tokio::spawn(c()); }", bad);
    let test_file = "//! Owns.\nuse std::fs;";
    let tests = vec![vec!["practice".to_owned(), "tests".to_owned()]];
    assert!(faults("practice/tests.rs", test_file, &tests).is_empty());
    assert!(!faults("practice/other.rs", test_file, &tests).is_empty());
}

#[test]
fn a_consent_comes_from_a_person() {
    let bad = "a consent comes from a person's answer";
    let give = "use crate::estate::Consent; fn f() { let given = Consent::give(change, Given::Yes); }";
    let recall = "use crate::estate::Consent; fn f() { Consent::recall(change, given); }";
    for file in ["cli/confirm.rs", "console/update/confirm.rs"] {
        accepted(file, give);
        refused(file, recall, bad);
    }
    for file in
        ["cli/runbook/drive.rs", "console/update/keys.rs", "engine/runs/driver.rs", "terminal/hands.rs"]
    {
        refused(file, give, bad);
    }
    refused("cli/runs.rs", "fn f() { crate::estate::consent::Consent::give(change, Given::Yes); }", bad);
    accepted("engine/runs/recall.rs", recall);
    refused("engine/walker.rs", recall, bad);
    accepted("cli/runs.rs", &format!("#[cfg(test)] mod tests {{ {give} }}"));
}

#[test]
fn drawing_and_deciding_do_not_meet() {
    refused("console/update/queues.rs", "use crate::console::view::queues;", "may not know console::view");
    refused("console/view/queues.rs", "use super::super::update;", "may not know console::update");
    refused("console/widgets/table.rs", "use crate::console::view::Theme;", "may not know console::view");
    accepted("console/view/queues.rs", "use crate::console::{layout, model::Model, widgets::table};");
    refused("console/view/queues.rs", "fn f(a: &Untrusted) -> &str { a.wire() }", "only `.shown()`");
    accepted("console/view/queues.rs", "fn f(a: &Untrusted) -> String { a.shown().to_string() }");
}

#[test]
fn a_file_opens_with_what_it_owns_and_is_one_idea() {
    assert!(shape("a.rs", "//! Owns.\n").is_empty());
    assert_eq!(shape("a.rs", "// Owns.\n").len(), 1);
    assert_eq!(shape("a.rs", &format!("//! Owns.\n{}", "\n".repeat(LINES))).len(), 1);
    assert_eq!(shape("main.rs", &format!("//! Owns.\n{}", "\n".repeat(80))).len(), 1);
}
