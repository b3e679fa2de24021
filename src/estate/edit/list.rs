//! Lists of entries separated by commas inside a text. Entries are compared without the white space around
//! them; what separates and surrounds them stays as it is. Knows nothing of JSON but that a text may be
//! spelled with escapes.

use super::text::{Span, Text};
use super::{EditFault, Entry, Fingerprint, Salt};
use crate::estate::vault::Vault;

/// One entry.
#[derive(Clone, Copy)]
pub(super) struct Item {
    /// From comma to comma.
    pub outer: Span,
    /// Without the white space around it; empty if there is nothing else.
    pub inner: Span,
}

impl Item {
    /// The white space before it.
    pub fn lead(self) -> Span {
        Span { start: self.outer.start, end: self.inner.start }
    }
}

/// White space as of ASCII: what programs that trim entries all agree on.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The entries of a text in their order, empty ones too, so that a place means the same to everybody. A text
/// of white space only has none.
pub(super) fn items(text: Text<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut start = text.span.start;
    let mut inner: Option<Span> = None;
    let item = |start, end, inner: Option<Span>| Item {
        outer: Span { start, end },
        inner: inner.unwrap_or(Span { start: end, end }),
    };
    for unit in text.units() {
        match unit.ascii() {
            Some(b',') => {
                items.push(item(start, unit.span.start, inner.take()));
                start = unit.span.end;
            }
            Some(byte) if is_space(byte) => {}
            Some(_) | None => {
                inner = Some(Span { start: inner.map_or(unit.span.start, |s| s.start), ..unit.span })
            }
        }
    }
    if inner.is_some() || !items.is_empty() {
        items.push(item(start, text.span.end, inner));
    }
    items
}

/// What an entry is recognised by.
pub(super) enum Sought<'a> {
    /// What it says.
    Value(&'a [u8]),
    /// Its fingerprint under a salt.
    Print(&'a Fingerprint, &'a Salt),
}

impl Sought<'_> {
    /// Whether a text is it.
    pub fn is(&self, text: Text<'_>) -> bool {
        match self {
            // A slot of white space is no entry; it must not find the empty ones.
            Sought::Value(value) => !trimmed(value).is_empty() && text.says(trimmed(value)),
            Sought::Print(print, salt) => print_of(text, salt).as_ref() == Some(print),
        }
    }

    /// Whether a text is it to the byte, white space at the ends counted.
    pub fn is_exactly(&self, text: Text<'_>) -> bool {
        match self {
            Sought::Value(value) => text.says(value),
            Sought::Print(print, salt) => print_of(text, salt).as_ref() == Some(print),
        }
    }

    /// The only place where it is in a list.
    ///
    /// # Errors
    /// `NoEntry`, `TwiceInList`.
    pub fn only(&self, text: Text<'_>, items: &[Item]) -> Result<usize, EditFault> {
        let mut found =
            (0..items.len()).filter(|n| items.get(*n).is_some_and(|i| self.is(text.part(i.inner))));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(EditFault::TwiceInList),
            (None, _) => Err(EditFault::NoEntry),
        }
    }
}

/// The place of an entry in a list.
///
/// # Errors
/// `NoEntry`, `TwiceInList`; `Empty` if it is recognised by a slot that holds nothing.
pub(super) fn place_of(
    entry: &Entry,
    text: Text<'_>,
    items: &[Item],
    salt: &Salt,
    vault: &Vault,
) -> Result<usize, EditFault> {
    match entry {
        Entry::Held(slot) => vault
            .with(slot, |value| Sought::Value(value).only(text, items))
            .unwrap_or_else(|| Err(EditFault::Empty(slot.clone()))),
        Entry::Printed(print) => Sought::Print(print, salt).only(text, items),
    }
}

/// The fingerprint of a text; `None` for a short one.
pub(super) fn print_of(text: Text<'_>, salt: &Salt) -> Option<Fingerprint> {
    // The spelling is at least as long as what it says: most short entries are not even decoded.
    let spelled = text.span.end.saturating_sub(text.span.start);
    (spelled >= Fingerprint::LEAST).then(|| Fingerprint::of(salt, &text.decoded()))?
}

/// Without white space at the ends.
fn trimmed(value: &[u8]) -> &[u8] {
    let start = value.iter().position(|b| !is_space(*b)).unwrap_or(value.len());
    let end = value.iter().rposition(|b| !is_space(*b)).map_or(start, |n| n + 1);
    value.get(start..end).unwrap_or_default()
}

/// Whether a list can hold a value and give it back: there is some, no comma, no white space at an end (by
/// Unicode here: some readers trim that).
pub(super) fn can_hold(value: &str) -> bool {
    !value.is_empty() && !value.contains(',') && value.trim() == value
}
