//! The references in docs/ are what the program makes of itself. `UPDATE=1` writes them again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use bartizan::cli::keys;
#[cfg(feature = "practice")]
use bartizan::cli::reference;
use std::path::Path;

fn held(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (n, (kept, made)) in kept.lines().zip(made.lines()).enumerate() {
        assert_eq!(kept, made, "docs/{file}:{}; run `UPDATE=1 cargo test --test cli_docs`", n + 1);
    }
    assert_eq!(
        kept.lines().count(),
        made.lines().count(),
        "docs/{file}; run `UPDATE=1 cargo test --test cli_docs`"
    );
}

// Without practice the command is absent, and the references are those of the whole program.
#[cfg(feature = "practice")]
#[test]
fn the_command_line() {
    held("cli.md", &reference::markdown());
}

#[cfg(feature = "practice")]
#[test]
fn the_manual_page() {
    held("bartizan.1", &reference::man());
}

#[test]
fn the_keys() {
    held("keys.md", &keys::markdown());
}
