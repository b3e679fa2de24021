//! Pictures of the program, made from the program: the screens in the README, and the tables of the commands as
//! snapshots. Both over the practice estate at one instant, on a clock that stands still, each question asked
//! after the other, so that the same comes out every time.
//!
//! When a picture is meant to change, `BARTIZAN_PICTURES=write cargo test --test pictures` puts the new ones into
//! the README, and `INSTA_UPDATE=always` the new tables into the snapshots; read the difference before it is kept.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

#[path = "pictures/run.rs"]
mod run;
#[path = "pictures/still.rs"]
mod still;
#[path = "pictures/tables.rs"]
mod tables;
#[path = "pictures/window.rs"]
mod window;

use std::path::Path;

/// The pictures in the README, in their order.
fn readme() -> [String; 3] {
    let run = run::rotation(4);
    [window::picture(""), window::picture("4 enter"), window::picture_of(&run, "6 enter")]
}

#[test]
fn the_pictures_in_the_readme_are_what_is_drawn() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut wanted = String::new();
    let mut rest = text.as_str();
    for picture in readme() {
        let (before, after) = rest.split_once("```\n").expect("a picture begins");
        let (_, after) = after.split_once("```\n").expect("a picture ends");
        wanted.push_str(&format!("{before}```\n{}```\n", picture));
        rest = after;
    }
    wanted.push_str(rest);
    if std::env::var("BARTIZAN_PICTURES").is_ok_and(|v| v == "write") {
        std::fs::write(&path, &wanted).unwrap();
        return;
    }
    assert!(text == wanted, "the README shows what the program no longer draws; it draws now:\n{wanted}");
}

#[test]
fn the_tables_of_the_commands() {
    for (name, text) in tables::all(100).into_iter().chain(tables::narrow(60)) {
        insta::with_settings!({ snapshot_path => "pictures/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text);
        });
    }
}
