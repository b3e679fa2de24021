//! `keys` and docs/keys.md: the bindings in force, place by place, from the same registry as the console's
//! help.

use super::table::{Block, Cell, Column, Table, Tone};
use crate::controls::{Action, Key, Keymap, Place, keymap_file, place};
use serde_json::{Value, json};

/// The bindings of a place: the action with all the key sequences that do it, in the registry's order.
fn bindings(keymap: &Keymap, place: Place) -> Vec<(Action, Vec<String>)> {
    Action::ALL
        .iter()
        .map(|action| {
            let keys = keymap.keys_of(place, *action);
            (*action, keys.iter().map(|k| Key::print_sequence(k)).collect::<Vec<String>>())
        })
        .filter(|(_, keys)| !keys.is_empty())
        .collect()
}

/// As a document.
#[must_use]
pub fn document(keymap: &Keymap) -> Value {
    let places: Vec<Value> = place::real()
        .map(|place| {
            let bindings: Vec<Value> = bindings(keymap, place)
                .into_iter()
                .map(|(action, keys)| json!({ "action": action.name(), "keys": keys, "doc": action.doc() }))
                .collect();
            json!({ "place": place.name(), "title": place.title(), "bindings": bindings })
        })
        .collect();
    json!({ "schema": "bartizan.keys/1", "keymap": keymap.name(), "places": places })
}

/// For a person.
#[must_use]
pub fn blocks(keymap: &Keymap) -> Vec<Block> {
    let mut blocks = Vec::new();
    for place in place::real() {
        blocks.push(Block::Line(vec![Cell::toned(place.title(), Tone::Title)]));
        let mut table = Table::new(vec![
            Column::text("KEYS", 0),
            Column::text("ACTION", 1),
            Column::words("WHAT IT DOES", 0),
        ]);
        for (action, keys) in bindings(keymap, place) {
            let keys = keys.join(", ");
            table.row(vec![keys.into(), Cell::toned(action.name(), Tone::Faint), action.doc().into()]);
        }
        blocks.push(Block::Table(table));
        blocks.push(Block::Line(Vec::new()));
    }
    blocks
}

/// docs/keys.md: every shipped keymap.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# The keys\n\nMade from the program's own registry; a test fails when the two differ \
         (`UPDATE=1 cargo test --test cli_docs` writes it again). `bartizan keys` prints the bindings in force.\n",
    );
    for name in keymap_file::shipped_names() {
        let Ok(keymap) = Keymap::shipped(name) else { continue };
        out.push_str(&format!("\n## The keymap `{name}`\n"));
        for place in place::real() {
            out.push_str(&format!(
                "\n### {}\n\n| keys | action | what it does |\n|---|---|---|\n",
                place.title()
            ));
            for (action, keys) in bindings(&keymap, place) {
                let keys: Vec<String> = keys.iter().map(|k| code(k)).collect();
                out.push_str(&format!("| {} | {} | {} |\n", keys.join(", "), action.name(), action.doc()));
            }
        }
    }
    out
}

/// Code in a table cell: a bar would end the cell, and a backquote the code.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
