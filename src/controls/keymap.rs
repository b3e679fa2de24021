//! A keymap in use: at each place, which keys do what, and what may follow a key that is pending. It is made
//! only by `keymap_file`, which checks it; it knows no files.

use super::action::Action;
use super::key::Key;
use super::keymap_file::Layers;
use super::place::Place;
use std::collections::BTreeMap;
use std::ops::Bound;

/// What keys mean at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// They are whole and do this.
    Found(Action),
    /// They begin something; these may follow, in the order of the keys.
    Pending(Vec<Next>),
    /// They mean nothing here.
    None,
}

/// A key that may follow, and what it leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Next {
    /// The key.
    pub key: Key,
    /// What it does; none if more keys must follow it.
    pub action: Option<Action>,
    /// What to say about it.
    pub label: &'static str,
}

/// The keys of one place, the global ones included. Ordered, so that everything that begins with the same
/// keys stands together: a trie laid flat.
pub(super) type Bindings = BTreeMap<Vec<Key>, Action>;

/// A keymap, checked: no keys are hidden behind others, and it can be quit everywhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keymap {
    pub(super) name: String,
    pub(super) places: BTreeMap<Place, Bindings>,
    /// What was written, for keymaps that inherit from this one.
    pub(super) layers: Layers,
}

impl Keymap {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `pending`, pressed one after the other at `place`, means. Plain characters are text where text
    /// is taken, unless they are bound there by that place itself.
    #[must_use]
    pub fn lookup(&self, place: Place, pending: &[Key]) -> Lookup {
        let Some(bindings) = self.places.get(&place) else { return Lookup::None };
        if pending.is_empty() {
            return Lookup::None;
        }
        if let Some(action) = bindings.get(pending) {
            return Lookup::Found(*action);
        }
        let mut next: Vec<Next> = Vec::new();
        let from = (Bound::Excluded(pending.to_vec()), Bound::Unbounded);
        for (keys, action) in bindings.range(from).take_while(|(keys, _)| keys.starts_with(pending)) {
            let Some(key) = keys.get(pending.len()) else { continue };
            if next.last().is_some_and(|n| n.key == *key) {
                continue;
            }
            let whole = keys.len() == pending.len() + 1;
            next.push(Next {
                key: *key,
                action: whole.then_some(*action),
                label: if whole { action.doc() } else { "more keys follow" },
            });
        }
        if next.is_empty() { Lookup::None } else { Lookup::Pending(next) }
    }

    /// The keys of `action` at `place`, the shortest first; for footers and hints.
    #[must_use]
    pub fn keys_of(&self, place: Place, action: Action) -> Vec<Vec<Key>> {
        let mut found: Vec<Vec<Key>> = self
            .bindings(place)
            .filter(|(_, bound)| *bound == action)
            .map(|(keys, _)| keys.to_vec())
            .collect();
        found.sort_by_key(|keys| (keys.len(), Key::print_sequence(keys).len()));
        found
    }

    /// The shortest keys of `action` at `place` in writing, e.g. `y c`.
    #[must_use]
    pub fn hint(&self, place: Place, action: Action) -> Option<String> {
        self.keys_of(place, action).first().map(|keys| Key::print_sequence(keys))
    }

    /// Everything that is bound at `place`, the global keys that hold there included.
    pub fn bindings(&self, place: Place) -> impl Iterator<Item = (&[Key], Action)> {
        self.places.get(&place).into_iter().flatten().map(|(keys, action)| (keys.as_slice(), *action))
    }
}
