//! Keymap files: TOML in, a checked [`Keymap`] out, or everything that is wrong with the file. The shipped
//! ones are embedded; a person's own comes as text, for this reads no files.

use super::action::Action;
use super::choice::FromFile;
use super::key::Key;
use super::keymap::{Bindings, Keymap};
use super::place::{self, Place};
use crate::diagnose::walk::{Item, Problems, Source, Table};
use crate::diagnose::{Diagnosis, one_of, quoted};
use std::collections::{BTreeMap, BTreeSet};

/// The keymaps that are built in, by name, as text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("../../keymaps/default.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    ("emacs", include_str!("../../keymaps/emacs.toml")),
];

/// What takes keys away instead of binding them.
const NONE: &str = "none";

/// What the files say, before the global keys are laid under each place. `None` hides a global key there.
pub(super) type Layers = BTreeMap<Place, BTreeMap<Vec<Key>, Option<Action>>>;

/// The names of the shipped keymaps.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// The default keymap. Should it be broken, which a test excludes, one without keys, so that a program that
/// cannot go on without one says so in its own way.
impl Default for Keymap {
    fn default() -> Self {
        Keymap::shipped("default").unwrap_or_else(|_| Keymap {
            name: "default".to_owned(),
            places: BTreeMap::new(),
            layers: Layers::new(),
        })
    }
}

impl Keymap {
    /// The keymap of this name: of `own`, the person's files by name, or a shipped one. `asked_in` is what
    /// named it (an option, a line of a file), for the message.
    ///
    /// # Errors
    /// There is none of that name, or everything that is wrong with the person's own.
    pub fn find(name: &str, asked_in: &str, own: &[(String, Source<'_>)]) -> Result<Keymap, Vec<Diagnosis>> {
        if let Some((_, source)) = own.iter().find(|(known, _)| known == name) {
            return Keymap::load(name, *source);
        }
        if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            return Keymap::load(name, Source { file: &format!("keymaps/{name}.toml"), text });
        }
        let mut names: Vec<&str> = shipped_names().collect();
        names.extend(own.iter().map(|(known, _)| known.as_str()));
        let hint = format!(
            "there are {}; others are files in keymaps/ beside config.toml",
            one_of(names.iter().copied())
        );
        let unknown = Diagnosis::of(asked_in, format!("unknown keymap {}", quoted(name)));
        Err(vec![unknown.near(name, names).hint(hint)])
    }

    /// A shipped keymap.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn shipped(name: &str) -> Result<Keymap, Vec<Diagnosis>> {
        Keymap::find(name, "keymap", &[])
    }

    /// A keymap from a file.
    ///
    /// # Errors
    /// Everything that is wrong with it: unknown actions, contexts and keys, keys bound twice or hidden
    /// behind others, actions where they make no sense, and a place that could not be left.
    pub fn load(name: &str, source: Source<'_>) -> Result<Keymap, Vec<Diagnosis>> {
        let mut problems = Problems::new();
        let keymap = read(name, source, &mut problems);
        match keymap {
            Some(keymap) if problems.is_empty() => Ok(keymap),
            Some(_) | None => Err(problems),
        }
    }
}

impl FromFile for Keymap {
    fn from_file(name: &str, source: Source<'_>) -> Result<Self, Vec<Diagnosis>> {
        Keymap::load(name, source)
    }
}

/// The keys of this file, with where they stand.
type Written<'a> = BTreeMap<(Place, Vec<Key>), Item<'a>>;

fn read(name: &str, source: Source<'_>, problems: &mut Problems) -> Option<Keymap> {
    let document = source.parse(problems)?;
    let root = document.table();
    let mut layers = inherited(&root, problems)?;
    let mut written = Written::new();
    for item in root.items().into_iter().filter(|i| i.key != "inherits") {
        let Some(place) = Place::from_name(item.key) else {
            let names = Place::ALL.iter().map(|p| p.name());
            let unknown = item.at_key(format!("unknown context {}", quoted(item.key)));
            problems.push(unknown.near(item.key, names.chain(["inherits"])));
            continue;
        };
        if let Some(section) = item.table(problems) {
            read_section(place, &section, &mut layers, &mut written, problems);
        }
    }
    let places: BTreeMap<Place, Bindings> = place::real().map(|p| (p, effective(&layers, p))).collect();
    check_hidden(&places, &written, &root, problems);
    check_unreached(&places, &written, problems);
    check_ways_out(&places, &root, problems);
    Some(Keymap { name: name.to_owned(), places, layers })
}

fn inherited(root: &Table<'_>, problems: &mut Problems) -> Option<Layers> {
    let Some(item) = root.get("inherits") else { return Some(Layers::new()) };
    let names: Vec<&str> = shipped_names().collect();
    let parent = item.word(&names, problems)?;
    // A shipped keymap that names itself would go on for ever; `default` inherits nothing and the others it.
    match Keymap::shipped(parent) {
        Ok(keymap) => Some(keymap.layers),
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}

fn read_section<'a>(
    place: Place,
    section: &Table<'a>,
    layers: &mut Layers,
    written: &mut Written<'a>,
    problems: &mut Problems,
) {
    for item in section.items() {
        let keys = match Key::parse_sequence(item.key) {
            Ok(keys) => keys,
            Err(bad) => {
                problems.push(Diagnosis { nearest: bad.nearest, ..item.at_key(bad.what) });
                continue;
            }
        };
        if let Some(first) = written.get(&(place, keys.clone())) {
            let what = format!(
                "{} is bound twice in `{}`: as {} in line {}",
                quoted(item.key),
                place.name(),
                quoted(first.key),
                first.at_key("").line
            );
            problems.push(item.at_key(what));
            continue;
        }
        let Some(action) = read_action(&item, place, problems) else { continue };
        if place.takes_text() && keys.first().is_some_and(|k| k.text().is_some()) {
            let what = format!("{} could no longer be typed in `{}`", quoted(item.key), place.name());
            problems.push(item.at_key(what).hint("bind a key with ctrl or alt"));
            continue;
        }
        written.insert((place, keys.clone()), item.clone());
        bind(place, keys, action, &item, layers, problems);
    }
}

/// The action that is named, `None` in it for `"none"`.
fn read_action(item: &Item<'_>, place: Place, problems: &mut Problems) -> Option<Option<Action>> {
    let name = item.text(problems)?;
    if name == NONE {
        return Some(None);
    }
    let Some(action) = Action::from_name(name) else {
        let names = Action::ALL.iter().map(|a| a.name()).chain([NONE]);
        problems.push(item.at_value(format!("unknown action {}", quoted(name))).near(name, names));
        return None;
    };
    if !action.applies(place) {
        let what = format!("`{name}` makes no sense in `{}`", place.name());
        let places = action.places().iter().map(|p| p.name());
        problems.push(item.at_value(what).hint(format!("it does in {}", one_of(places))));
        return None;
    }
    Some(Some(action))
}

fn bind(
    place: Place,
    keys: Vec<Key>,
    action: Option<Action>,
    item: &Item<'_>,
    layers: &mut Layers,
    problems: &mut Problems,
) {
    let global = layers.get(&Place::Global).is_some_and(|l| l.contains_key(&keys));
    let layer = layers.entry(place).or_default();
    match action {
        Some(action) => {
            layer.insert(keys, Some(action));
        }
        None if place != Place::Global && global => {
            layer.insert(keys, None);
        }
        None => {
            if layer.remove(&keys).is_none() {
                let what = format!("{} is not bound in `{}`", quoted(item.key), place.name());
                problems.push(item.at_key(what).hint("there is nothing to take away"));
            }
        }
    }
}

/// What holds at `place`: the global keys that make sense there and, over them, its own.
fn effective(layers: &Layers, place: Place) -> Bindings {
    let mut bindings = Bindings::new();
    for (keys, action) in layers.get(&Place::Global).into_iter().flatten() {
        let typed = place.takes_text() && keys.first().is_some_and(|k| k.text().is_some());
        if let Some(action) = action
            && action.applies(place)
            && !typed
        {
            bindings.insert(keys.clone(), *action);
        }
    }
    for (keys, action) in layers.get(&place).into_iter().flatten() {
        match action {
            Some(action) => bindings.insert(keys.clone(), *action),
            None => bindings.remove(keys),
        };
    }
    bindings
}

/// Where the binding that holds at `place` was written in this file, if it was.
fn written_at<'w, 'a>(written: &'w Written<'a>, place: Place, keys: &[Key]) -> Option<&'w Item<'a>> {
    written.get(&(place, keys.to_vec())).or_else(|| written.get(&(Place::Global, keys.to_vec())))
}

/// Keys that begin longer ones hide them: the shorter would always be taken first.
fn check_hidden(
    places: &BTreeMap<Place, Bindings>,
    written: &Written<'_>,
    root: &Table<'_>,
    problems: &mut Problems,
) {
    let mut said = BTreeSet::new();
    for (place, bindings) in places {
        // In order, all that begins with the same keys follows them directly.
        let mut shorter: Option<(&Vec<Key>, &Action)> = None;
        for (keys, action) in bindings {
            let Some((short, hider)) = shorter.filter(|(short, _)| keys.starts_with(short)) else {
                shorter = Some((keys, action));
                continue;
            };
            let (short_text, long_text) = (Key::print_sequence(short), Key::print_sequence(keys));
            if !said.insert((short_text.clone(), long_text.clone(), *hider, *action)) {
                continue;
            }
            let what = format!(
                "`{long_text}` ({}) cannot be reached in `{}`, for `{short_text}` ({}) comes first",
                action.name(),
                place.name(),
                hider.name()
            );
            let (long_item, short_item) =
                (written_at(written, *place, keys), written_at(written, *place, short));
            // Named is the one written later, which is what the person is working on.
            let culprit = match (long_item, short_item) {
                (Some(l), Some(s)) => Some(if l.at_key("").line > s.at_key("").line { l } else { s }),
                (one, other) => one.or(other),
            };
            let found = culprit.map_or_else(|| root.diagnose(what.clone()), |item| item.at_key(what.clone()));
            problems.push(found.hint(format!("take one away with `= \"{NONE}\"`, or choose other keys")));
        }
    }
}

/// A global key that every place binds otherwise does nothing.
fn check_unreached(places: &BTreeMap<Place, Bindings>, written: &Written<'_>, problems: &mut Problems) {
    for ((place, keys), item) in written.iter().filter(|((p, _), _)| *p == Place::Global) {
        let name = item.text(&mut Problems::new()).unwrap_or(NONE);
        let Some(action) = Action::from_name(name) else { continue };
        if !places.values().any(|bindings| bindings.get(keys) == Some(&action)) {
            let what = format!(
                "{} can never do `{name}`: every place where that makes sense binds it otherwise",
                quoted(item.key)
            );
            problems.push(item.at_key(what).hint(format!("see the sections after `{}`", place.name())));
        }
    }
}

/// Nobody may be locked in: quitting must be possible everywhere, and leaving where something lies over a
/// screen or is typed.
fn check_ways_out(places: &BTreeMap<Place, Bindings>, root: &Table<'_>, problems: &mut Problems) {
    for (place, bindings) in places {
        let mut needed = vec![Action::Quit];
        if place.takes_text() {
            needed.extend([Action::Accept, Action::Cancel]);
        }
        if *place == Place::Help || *place == Place::Freshness {
            needed.push(Action::Back);
        }
        for action in needed {
            if !bindings.values().any(|bound| *bound == action) {
                let what = format!("no key does `{}` in `{}`", action.name(), place.name());
                problems.push(root.diagnose(what).hint("bind one, or say `inherits = \"default\"`"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
