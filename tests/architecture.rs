//! Holds the architecture: who may import whom, where the SDK, the terminal library, clocks and files may be
//! named, and the shape of a file. It reads sources as text; it runs nothing of the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

#[path = "architecture/consent.rs"]
mod consent;
#[path = "architecture/lex.rs"]
mod lex;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/snippets.rs"]
mod snippets;

use std::fs;
use std::path::{Path, PathBuf};

fn sources(below: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(below);
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![root.clone()];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_file_of_the_program_keeps_to_its_room() {
    let files = sources("src");
    assert!(files.len() > 20, "the sources were not found");
    let test_modules: Vec<Vec<String>> = files
        .iter()
        .flat_map(|(name, text)| paths::paths(text, &paths::module_of(name)).test_modules)
        .collect();
    let faults: Vec<String> =
        files.iter().flat_map(|(name, text)| rules::faults(name, text, &test_modules)).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_consent_comes_from_a_person_or_from_a_verified_record() {
    let files = sources("src");
    let tests: Vec<Vec<String>> = files
        .iter()
        .flat_map(|(name, text)| paths::paths(text, &paths::module_of(name)).test_modules)
        .collect();
    let tested = |name: &str| tests.iter().any(|t| paths::module_of(name).starts_with(t));
    let code = files.iter().filter(|(name, _)| !tested(name));
    let faults: Vec<String> = code.flat_map(|(name, text)| consent::faults(name, text)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_around_the_program_has_the_same_shape() {
    let mut faults = Vec::new();
    for place in ["tests", "benches", "examples"] {
        for (name, text) in sources(place) {
            faults.extend(rules::shape(&format!("{place}/{name}"), &text));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The names and versions in Cargo.lock.
fn locked() -> Vec<(String, String)> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let value = |line: &str, key: &str| Some(line.strip_prefix(key)?.trim_matches('"').to_owned());
    let mut found = Vec::new();
    let mut name = None;
    for line in text.lines() {
        name = value(line, "name = ").or(name);
        if let (Some(n), Some(version)) = (&name, value(line, "version = ")) {
            found.push((n.clone(), version));
        }
    }
    found
}

/// Whether deny.toml bans a crate. What it says of versions is in its own words.
fn is_banned((name, version): &(String, String)) -> bool {
    match name.as_str() {
        "openssl-sys" | "aws-lc-rs" | "aws-lc-sys" | "aws-sdk-ec2" => true,
        "rustls" => matches!(version.split('.').collect::<Vec<_>>().as_slice(), ["0", minor, ..]
            if minor.parse::<u32>().unwrap() < 22),
        _ => false,
    }
}

#[test]
fn no_banned_crate_is_locked_whatever_its_features() {
    let locked = locked();
    assert!(locked.len() > 100 && locked.iter().any(|(name, _)| name == "rustls"), "{}", locked.len());
    let banned: Vec<_> = locked.iter().filter(|c| is_banned(c)).collect();
    assert!(banned.is_empty(), "{banned:?}");
    for (name, version) in [("rustls", "0.21.12"), ("aws-lc-rs", "1.0.0"), ("openssl-sys", "0.9.1")] {
        assert!(is_banned(&(name.into(), version.into())), "{name} would not be found");
    }
    // what cargo-deny is told is the same list
    let deny = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap();
    for name in ["openssl-sys", "aws-lc-rs", "aws-lc-sys", "rustls:<0.22", "aws-sdk-ec2"] {
        assert!(deny.contains(&format!("crate = \"{name}\"")), "deny.toml does not ban {name}");
    }
}
