//! The reference of keys, made from the bindings in force: as data for the help of a screen, as text for
//! `bartizan keys`, as Markdown for the documents.

use super::action::{Action, Group};
use super::key::Key;
use super::keymap::Keymap;
use super::place::{self, Place};

/// One action and how it is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The action.
    pub action: Action,
    /// Its keys in writing, the shortest first; none if only the palette reaches it.
    pub keys: Vec<String>,
}

/// The actions of one group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What they are for.
    pub group: Group,
    /// The actions, in the order of the registry.
    pub lines: Vec<Line>,
}

fn written(keys: &[Vec<Key>]) -> Vec<String> {
    keys.iter().map(|k| Key::print_sequence(k)).collect()
}

/// Everything that can be done at `place`, by group: the help of that screen. Where text is typed, what is
/// for typing is all there is.
#[must_use]
pub fn help(keymap: &Keymap, place: Place) -> Vec<Part> {
    let line = |action: Action| Line { action, keys: written(&keymap.keys_of(place, action)) };
    Group::ALL
        .iter()
        .map(|group| Part {
            group: *group,
            lines: Action::ALL
                .iter()
                .filter(|a| a.group() == *group && a.applies(place))
                .map(|a| line(*a))
                .collect(),
        })
        .filter(|part| !part.lines.is_empty())
        .collect()
}

/// One line of the whole reference: an action, keys, and where just these hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Its keys in writing; none if only the palette reaches it.
    pub keys: Vec<String>,
    /// Where these keys do it; empty if that is everywhere else.
    pub places: Vec<Place>,
}

/// Every action with its keys. One whose keys differ from place to place has an entry for each set of keys.
#[must_use]
pub fn entries(keymap: &Keymap) -> Vec<Entry> {
    let mut entries = Vec::new();
    for action in Action::ALL {
        let mut sets: Vec<(Vec<String>, Vec<Place>)> = Vec::new();
        for place in place::real().filter(|p| action.applies(*p)) {
            let keys = written(&keymap.keys_of(place, *action));
            match sets.iter_mut().find(|(known, _)| *known == keys) {
                Some((_, places)) => places.push(place),
                None => sets.push((keys, vec![place])),
            }
        }
        // Where keys exist elsewhere, a place without any is no line of its own: the palette is always there.
        if sets.iter().any(|(keys, _)| !keys.is_empty()) {
            sets.retain(|(keys, _)| !keys.is_empty());
        }
        let most = sets.iter().map(|(_, places)| places.len()).max().unwrap_or(0);
        let mut rest = true;
        for (keys, places) in sets {
            let common = rest && places.len() == most;
            rest &= !common;
            entries.push(Entry { action: *action, keys, places: if common { Vec::new() } else { places } });
        }
    }
    entries
}

fn where_at(places: &[Place]) -> String {
    places.iter().map(|p| p.name()).collect::<Vec<_>>().join(", ")
}

/// The reference as text in columns, for a terminal.
#[must_use]
pub fn text(keymap: &Keymap) -> String {
    let entries = entries(keymap);
    let keys = |e: &Entry| if e.keys.is_empty() { "(palette)".to_owned() } else { e.keys.join(", ") };
    let wide = entries.iter().map(|e| keys(e).chars().count()).max().unwrap_or(0).min(34);
    let name = entries.iter().map(|e| e.action.name().len()).max().unwrap_or(0);
    let mut out = format!("Keymap {}. `:` and a name does anything by its name.\n", keymap.name());
    for group in Group::ALL {
        out.push_str(&format!("\n{}\n", group.title()));
        for entry in entries.iter().filter(|e| e.action.group() == *group) {
            let mut line =
                format!("  {:wide$}  {:name$}  {}", keys(entry), entry.action.name(), entry.action.doc());
            if !entry.places.is_empty() {
                line.push_str(&format!("  [{}]", where_at(&entry.places)));
            }
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}

/// The reference as Markdown, for the documents.
#[must_use]
pub fn markdown(keymap: &Keymap) -> String {
    let entries = entries(keymap);
    let mut out = format!("## Keymap `{}`\n", keymap.name());
    for group in Group::ALL {
        out.push_str(&format!(
            "\n### {}\n\n| keys | action | what it does | where |\n|---|---|---|---|\n",
            group.title()
        ));
        for entry in entries.iter().filter(|e| e.action.group() == *group) {
            let keys: Vec<String> = entry.keys.iter().map(|k| code(k)).collect();
            let keys = if keys.is_empty() { "by the palette".to_owned() } else { keys.join(", ") };
            let places = if entry.places.is_empty() { String::new() } else { where_at(&entry.places) };
            out.push_str(&format!(
                "| {keys} | `{}` | {} | {places} |\n",
                entry.action.name(),
                entry.action.doc()
            ));
        }
    }
    out
}

/// Keys as code in a table, where a bar would end the cell and a backquote the code.
fn code(keys: &str) -> String {
    let keys = keys.replace('|', "\\|");
    if keys.contains('`') { format!("`` {keys} ``") } else { format!("`{keys}`") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::keymap_file::shipped_names;

    #[test]
    fn the_reference_of_every_shipped_keymap_has_every_action_once_a_set_of_keys() {
        for name in shipped_names() {
            let keymap = Keymap::shipped(name).unwrap();
            let entries = entries(&keymap);
            for action in Action::ALL {
                let own: Vec<&Entry> = entries.iter().filter(|e| e.action == *action).collect();
                let common = own.iter().filter(|e| e.places.is_empty()).count();
                assert_eq!(common, 1, "{} in {name}", action.name());
            }
            for line in text(&keymap).lines().chain(markdown(&keymap).lines()) {
                assert_eq!(line.trim_end(), line, "nothing hangs at the end of a line");
            }
        }
    }

    #[test]
    fn the_keys_of_the_default_keymap() {
        insta::assert_snapshot!(text(&Keymap::shipped("default").unwrap()));
    }

    #[test]
    fn the_help_of_a_screen_has_what_can_be_done_there_and_nothing_else() {
        let keymap = Keymap::shipped("default").unwrap();
        for place in place::real() {
            let listed: Vec<Action> =
                help(&keymap, place).into_iter().flat_map(|p| p.lines).map(|l| l.action).collect();
            let expected: Vec<Action> = Action::ALL.iter().copied().filter(|a| a.applies(place)).collect();
            assert_eq!(listed, expected);
        }
        let typing = help(&keymap, Place::Filter);
        assert!(typing.iter().any(|p| p.group == Group::Type));
        assert!(!typing.iter().any(|p| p.group == Group::Copy));
    }

    #[test]
    fn bars_and_backquotes_do_not_break_the_table() {
        assert_eq!(code("|"), "`\\|`");
        assert_eq!(code("`"), "`` ` ``");
    }
}
