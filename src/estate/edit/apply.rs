//! Making an edit: each operation replaces one part of the document and copies the rest.

use super::json::{self, Found, Member, Object};
use super::list::{self, Item, Sought};
use super::text::{Piece, Span, Spelling, Text, spliced};
use super::{Edit, EditFault, EditOp, Entry, Place, Salt};
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::{Slot, Vault};
use zeroize::Zeroizing;

/// What an operation makes of a document; `None` if it is so already.
type Changed = Option<Zeroizing<Vec<u8>>>;

/// The document after an edit. What the edit does not name stays byte for byte, and what is there already is
/// left as it is spelled.
///
/// # Errors
/// A slot is empty, the document cannot be read, or what the edit names is not in it: all of [`EditFault`]
/// but `TooLarge`, for the limit is the store's.
pub fn apply(edit: &Edit, base: &[u8], vault: &Vault) -> Result<Zeroizing<Vec<u8>>, EditFault> {
    let mut document = Zeroizing::new(base.to_vec());
    for op in &edit.ops {
        let changed = match op {
            EditOp::Set { place, value, print: _, create } => set(&document, place, value, *create, vault)?,
            EditOp::Insert { place, entry, print: _, after } => {
                insert(&document, place, entry, vault, |text, items| match after {
                    Some(after) => list::place_of(after, text, items, &edit.salt, vault).map(Spot::After),
                    None => Ok(items.len().checked_sub(1).map_or(Spot::Alone, Spot::After)),
                })?
            }
            EditOp::InsertFirst { place, entry, print: _ } => {
                let spot = |items: &[Item]| if items.is_empty() { Spot::Alone } else { Spot::First };
                insert(&document, place, entry, vault, |_, items| Ok(spot(items)))?
            }
            EditOp::Remove { place, entry } => remove(&document, place, entry, &edit.salt, vault)?,
            EditOp::Unset { place } => unset(&document, place)?,
        };
        if let Some(changed) = changed {
            document = changed;
        }
    }
    Ok(document)
}

/// The text at a place.
///
/// # Errors
/// `NoField`, `NotText`, and what makes a document unreadable.
pub(super) fn text_at<'a>(document: &'a [u8], place: &Place) -> Result<Text<'a>, EditFault> {
    let pointer = match place {
        Place::Whole => return Ok(Text::whole(document)),
        Place::Field(pointer) => pointer,
    };
    match json::find(document, pointer)? {
        Found::Value(value) => {
            json::string(document, value).ok_or_else(|| EditFault::NotText(pointer.clone()))?.sound()
        }
        Found::Missing { .. } => Err(EditFault::NoField(pointer.clone())),
    }
}

fn held(slot: &Slot, vault: &Vault) -> Result<Zeroizing<Vec<u8>>, EditFault> {
    vault.copy(slot).ok_or_else(|| EditFault::Empty(slot.clone()))
}

fn text<'a>(bytes: &'a [u8], slot: &Slot) -> Result<&'a str, EditFault> {
    std::str::from_utf8(bytes).map_err(|_| EditFault::NotUtf8(slot.clone()))
}

fn set(
    document: &[u8],
    place: &Place,
    slot: &Slot,
    create: bool,
    vault: &Vault,
) -> Result<Changed, EditFault> {
    let value = held(slot, vault)?;
    text(&value, slot)?;
    match place {
        Place::Whole => Ok((*document != **value).then_some(value)),
        Place::Field(pointer) => set_field(document, pointer, &value, create),
    }
}

fn set_field(document: &[u8], pointer: &Untrusted, value: &[u8], create: bool) -> Result<Changed, EditFault> {
    match json::find(document, pointer)? {
        Found::Value(found) => {
            let old = json::string(document, found).ok_or_else(|| EditFault::NotText(pointer.clone()))?;
            let new = || spliced(document, old.span, &[Piece::Value(value, Spelling::Json)]);
            Ok((!old.says(value)).then(new))
        }
        Found::Missing { object, around, name } if create => {
            Ok(Some(with_member(document, &object, around, &name, value)))
        }
        Found::Missing { .. } => Err(EditFault::NoField(pointer.clone())),
    }
}

/// The document without a field. A comma goes with it: the one before it, or, of the first, the one after.
fn unset(document: &[u8], place: &Place) -> Result<Changed, EditFault> {
    let Place::Field(pointer) = place else { return Err(EditFault::NotObject) };
    let Some((object, at)) = json::member(document, pointer)? else { return Ok(None) };
    let (before, this, next) = (
        at.checked_sub(1).and_then(|n| object.members.get(n)),
        object.members.get(at),
        object.members.get(at + 1),
    );
    let part = match (before, this, next) {
        (_, None, _) => return Ok(None),
        (Some(before), Some(this), _) => Span { start: before.value.end, end: this.value.end },
        // Its own white space stays, for what follows stands there then.
        (None, Some(this), Some(next)) => {
            Span { start: this.name.start.saturating_sub(1), end: next.name.start.saturating_sub(1) }
        }
        (None, Some(this), None) => Span { start: this.lead, end: this.value.end },
    };
    Ok(Some(spliced(document, part, &[])))
}

/// The object with one more member at its end, spaced like the others.
fn with_member(
    document: &[u8],
    object: &Object,
    around: Option<Member>,
    name: &str,
    value: &[u8],
) -> Zeroizing<Vec<u8>> {
    let raw = |start: usize, end: usize| Piece::Raw(Span { start, end }.of(document));
    let lead_of = |m: Member| (m.lead, m.name.start.saturating_sub(1));
    let (at, comma) = match *object.members.as_slice() {
        [] => (object.span.start + 1, None),
        [.., before, last] => {
            let (start, end) = lead_of(last);
            // `lead` begins after the comma.
            let comma = [raw(before.value.end, last.lead.saturating_sub(1)), raw(start, end)];
            (last.value.end, Some(comma))
        }
        [only] => {
            // `{ "a":1 }` and lines tell how members are set apart; `{"a": 1}` tells only how fond of blanks
            // its writer is.
            let (start, end) = lead_of(only);
            let after_colon = Span { start: only.colon + 1, end: only.value.start };
            let inline = start == end && !after_colon.of(document).contains(&b'\n');
            let lead = if inline { Piece::Raw(after_colon.of(document)) } else { raw(start, end) };
            (only.value.end, Some([Piece::Raw(b""), lead]))
        }
    };
    let mut pieces = Vec::with_capacity(12);
    if let Some([before, after]) = comma {
        pieces.extend([before, Piece::Raw(b","), after]);
    }
    pieces.extend([Piece::Raw(b"\""), Piece::Value(name.as_bytes(), Spelling::Json), Piece::Raw(b"\"")]);
    match object.members.last().copied().or(around) {
        Some(like) => pieces.extend([
            raw(like.name.end + 1, like.colon),
            Piece::Raw(b":"),
            raw(like.colon + 1, like.value.start),
        ]),
        None => pieces.push(Piece::Raw(b":")),
    }
    pieces.extend([Piece::Raw(b"\""), Piece::Value(value, Spelling::Json), Piece::Raw(b"\"")]);
    spliced(document, Span { start: at, end: at }, &pieces)
}

/// Where a new entry goes.
enum Spot {
    /// Into a list without entries.
    Alone,
    /// Before all others.
    First,
    /// Directly after that one.
    After(usize),
}

fn insert(
    document: &[u8],
    place: &Place,
    slot: &Slot,
    vault: &Vault,
    spot: impl FnOnce(Text<'_>, &[Item]) -> Result<Spot, EditFault>,
) -> Result<Changed, EditFault> {
    let value = held(slot, vault)?;
    if !list::can_hold(text(&value, slot)?) {
        return Err(EditFault::Unlistable);
    }
    let text = text_at(document, place)?;
    let items = list::items(text);
    if items.iter().any(|i| Sought::Value(&value).is(text.part(i.inner))) {
        return Ok(None);
    }
    let new = Piece::Value(&value, text.spelling);
    let lead = |n: usize| Piece::Raw(items.get(n).map_or(&[], |i| i.lead().of(document)));
    let inner = |n: usize| items.get(n).map_or(text.span, |i| i.inner);
    let (at, pieces) = match spot(text, &items)? {
        Spot::Alone => (text.span.end, vec![new]),
        Spot::First => (inner(0).start, vec![new, Piece::Raw(b","), lead(1)]),
        Spot::After(n) => {
            // Set apart like the entry that follows; like itself, at the end. The first of a list is set
            // apart from nothing.
            let like = if n + 1 < items.len() { n + 1 } else { n };
            let lead = if like == 0 { Piece::Raw(b"") } else { lead(like) };
            (inner(n).end, vec![Piece::Raw(b","), lead, new])
        }
    };
    Ok(Some(spliced(document, Span { start: at, end: at }, &pieces)))
}

fn remove(
    document: &[u8],
    place: &Place,
    entry: &Entry,
    salt: &Salt,
    vault: &Vault,
) -> Result<Changed, EditFault> {
    let text = text_at(document, place)?;
    let items = list::items(text);
    let at = list::place_of(entry, text, &items, salt, vault)?;
    let before = at.checked_sub(1).and_then(|n| items.get(n));
    let part = match (before, items.get(at), items.get(at + 1)) {
        (Some(before), Some(this), _) => Span { start: before.outer.end, end: this.inner.end },
        (None, Some(this), Some(next)) => Span { start: this.inner.start, end: next.inner.start },
        (None, Some(this), None) => this.inner,
        (_, None, _) => return Err(EditFault::NoEntry),
    };
    Ok(Some(spliced(document, part, &[])))
}
