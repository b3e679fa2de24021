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

/// The files of the program, tests left aside, that have `words` in them.
fn who_names(words: &str) -> Vec<String> {
    let is_test = |name: &str| name.contains("/tests/") || name.ends_with("/tests.rs");
    let named = sources("src").into_iter().filter(|(name, text)| !is_test(name) && text.contains(words));
    named.map(|(name, _)| name).collect()
}

#[test]
fn consent_is_given_in_the_two_confirm_files_only() {
    let allowed = ["cli/confirm.rs", "console/update/confirm.rs", "estate/consent.rs"];
    assert_eq!(who_names("Consent::give"), allowed);
    // Under another name it would not be found: nobody renames it, and nobody calls it without its type.
    assert_eq!(who_names("Consent as "), [""; 0]);
    let recalled = who_names("Consent::recall");
    assert!(recalled.iter().all(|name| name.starts_with("engine/")), "{recalled:?}");
}
