//! `secret-update`: a field changes and no other byte, a colleague is never overwritten, and it goes back.

use crate::estate::{Estate, Labels};
use crate::program::Program;
use std::collections::BTreeSet;

/// Odd spacing, an order of its own, spellings of numbers, escapes.
const TEXT: &str = "{ \"n\" : 1.0e2,\n\t\"password\":\"old\\u00e9SECRETmark\" , \"db\":{\"pw\": \"deepMARKvalue\"},\n \"z\":\"a \\/ b\" }\n";
/// What a person would type; with a quote, a backslash and a newline, which JSON must escape.
const NEW: &str = "newSECRETmark\"\\\n1";
const ESCAPED: &str = "newSECRETmark\\\"\\\\\\n1";

/// The labels of versions, one list for each.
fn labels(all: &[&[&str]]) -> BTreeSet<Labels> {
    all.iter().map(|one| one.iter().map(|l| (*l).to_owned()).collect()).collect()
}

fn made(estate: &Estate, text: &str) -> (String, String) {
    let name = estate.name("app/secret");
    estate.make_secret(&name, text);
    let set = format!("secret={name}");
    (name, set)
}

pub fn a_field_is_updated_and_undone(estate: &Estate) {
    let (name, secret) = made(estate, TEXT);
    let mut program = Program::over(estate);
    let value = format!("value={}", program.secret_file(NEW).display());

    let ran = program.start("secret-update", &[&secret, "field=password"], &["--set-file", &value]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "person stage"), "{}", ran.stderr);
    assert_eq!(estate.secret(&name), TEXT, "nothing was confirmed");

    let id = ran.id();
    let ran = program.run(&["runbook", "resume", &id, "--set-file", &value, "--confirm-all"]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "time hold"), "{}", ran.stderr);
    assert_eq!(estate.secret(&name), TEXT.replace("old\\u00e9SECRETmark", ESCAPED));
    let kept = format!("bartizan-{id}-prev");
    assert_eq!(estate.labels(&name), labels(&[&["AWSCURRENT"], &["AWSPREVIOUS", &kept]]));

    let ran = program.run(&["runbook", "undo", &id, "--confirm-all"]);
    assert_eq!((ran.code, &ran.json()["run"]["state"]), (0, &"undone".into()), "{}", ran.stderr);
    assert_eq!(estate.secret(&name), TEXT);
    assert_eq!(estate.labels(&name), labels(&[&["AWSCURRENT"], &["AWSPREVIOUS"]]));
    program.verifies();
    program.holds_none_of(&["SECRETmark", "deepMARKvalue"]);
}

pub fn a_colleague_writes_before_the_promotion(estate: &Estate) {
    let (name, secret) = made(estate, TEXT);
    let mut program = Program::over(estate);
    let value = format!("value={}", program.secret_file(NEW).display());
    let sets = [&*secret, "field=/db/pw"];
    let ran = program.start("secret-update", &sets, &["--set-file", &value, "--confirm", "stage=yes"]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "person promote"), "{}", ran.stderr);
    let theirs = r#"{"password":"theirMARKvalue"}"#;
    estate.put_secret(&name, theirs);

    let ran = program.run(&["runbook", "resume", &ran.id(), "--confirm-all"]);
    assert_eq!((ran.code, &ran.json()["run"]["state"]), (6, &"failed".into()), "{}", ran.stderr);
    assert_eq!(estate.secret(&name), theirs);

    let ran = program.run(&["runbook", "undo", &ran.id(), "--confirm-all"]);
    assert_eq!((ran.code, &ran.json()["run"]["state"]), (0, &"undone".into()), "{}", ran.stderr);
    assert_eq!(estate.secret(&name), theirs);
    assert_eq!(estate.labels(&name), labels(&[&["AWSCURRENT"], &["AWSPREVIOUS"]]));
    program.holds_none_of(&["SECRETmark", "deepMARKvalue", "theirMARKvalue"]);
}

pub fn a_colleague_writes_after_the_promotion(estate: &Estate) {
    let (name, secret) = made(estate, TEXT);
    let mut program = Program::over(estate);
    let value = format!("value={}", program.secret_file(NEW).display());
    let sets = [&*secret, "field=password"];
    let ran = program.start("secret-update", &sets, &["--set-file", &value, "--confirm-all"]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "time hold"), "{}", ran.stderr);
    let theirs = r#"{"password":"theirMARKvalue"}"#;
    estate.put_secret(&name, theirs);

    let ran = program.run(&["runbook", "undo", &ran.id(), "--confirm-all"]);
    assert_eq!(ran.code, 6, "{} {}", ran.stdout, ran.stderr);
    assert_eq!(estate.secret(&name), theirs);
    program.holds_none_of(&["SECRETmark", "deepMARKvalue", "theirMARKvalue"]);
}

pub fn a_generated_value_is_nowhere_else(estate: &Estate) {
    let (name, secret) = made(estate, "{}");
    let mut program = Program::over(estate);
    let sets = [&*secret, "field=key", "create=true", "new=generated", "length=32"];
    let ran = program.start("secret-update", &sets, &["--confirm-all"]);
    program.finish(ran);
    let text = estate.secret(&name);
    let value = text.strip_prefix("{\"key\":\"").and_then(|t| t.strip_suffix("\"}")).unwrap();
    assert!(value.len() == 32 && value.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(estate.labels(&name), labels(&[&["AWSCURRENT"], &["AWSPREVIOUS"]]));
    program.holds_none_of(&[value]);
}

pub fn what_cannot_be_edited_stays(estate: &Estate) {
    let full = format!("{{\"key\":\"\",\"pad\":\"{}\"}}", "p".repeat(65_536 - 20));
    for (text, field, code) in [
        ("{\"key\":\"a\",\"key\":\"b\"}", "field=key", 6),
        ("{\"key\":\"a\"}", "field=kye", 6),
        ("{\"key\":12}", "field=key", 6),
        ("not JSON, MARKvalue", "field=key", 6),
        (&full, "field=key", 6),
    ] {
        let (name, secret) = made(estate, text);
        let mut program = Program::over(estate);
        let value = format!("value={}", program.secret_file(NEW).display());
        let ran = program.start("secret-update", &[&secret, field], &["--set-file", &value, "--confirm-all"]);
        assert_eq!(ran.code, code, "{field} of {text:.40}: {} {}", ran.stdout, ran.stderr);
        assert_eq!(estate.secret(&name), text);
        assert_eq!(estate.labels(&name), labels(&[&["AWSCURRENT"]]), "{text:.40}");
        program.holds_none_of(&["SECRETmark", "not JSON, MARKvalue"]);
    }
}
