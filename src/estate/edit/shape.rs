//! What is asked of a document: its shape, which is no secret, and parts of it, which are.

use super::apply::text_at;
use super::json::{self, Found, Object};
use super::list::{self, print_of};
use super::text::{Span, Text};
use super::{EditFault, Entry, EntryShape, Place, Salt, Shape};
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Vault;
use zeroize::Zeroizing;

/// What may be known of a document and of the list at a place in it.
///
/// # Errors
/// `NoField` if nothing is at the place; a field is wanted of what is not JSON; a name stands twice in the whole
/// object, or, where a field is wanted, in any object.
pub fn shape(document: &[u8], salt: &Salt, place: &Place) -> Result<Shape, EditFault> {
    let root = json::check(document).map(|()| json::space(document, 0));
    let first = root.as_ref().ok().and_then(|at| document.get(*at)).copied();
    let fields = match (&root, first) {
        (Ok(at), Some(b'{')) => Some(names(document, &json::object(document, *at)?)),
        (Ok(_), _) | (Err(_), _) => None,
    };
    let text = match place {
        Place::Whole => (!matches!(first, Some(b'{' | b'['))).then(|| Text::whole(document)),
        Place::Field(_) => match text_at(document, place) {
            Ok(text) => Some(text),
            Err(EditFault::NotText(_)) => None,
            Err(fault) => return Err(fault),
        },
    };
    let entries = text.map(|text| {
        let shape = |part: Text<'_>| EntryShape { bytes: part.len(), print: print_of(part, salt) };
        list::items(text).iter().map(|i| shape(text.part(i.inner))).collect()
    });
    Ok(Shape { bytes: document.len(), fields, entries })
}

/// Names are shown to people and are no secret.
fn names(document: &[u8], object: &Object) -> Vec<Untrusted> {
    let name = |m| String::from_utf8_lossy(&json::name_of(document, m).decoded()).into_owned().into();
    object.members.iter().copied().map(name).collect()
}

/// The text at a place, decoded.
///
/// # Errors
/// `NoField`, `NotText`, and what makes a document unreadable.
pub fn read(document: &[u8], place: &Place) -> Result<Zeroizing<Vec<u8>>, EditFault> {
    Ok(text_at(document, place)?.decoded())
}

/// One entry of the list at a place, decoded and without the white space around it, counted from 0 as in
/// [`Shape::entries`].
///
/// # Errors
/// Those of [`read`]; `NoEntry` if the list is shorter or the entry empty.
pub fn entry(document: &[u8], place: &Place, which: usize) -> Result<Zeroizing<Vec<u8>>, EditFault> {
    let text = text_at(document, place)?;
    let item = list::items(text).get(which).copied().ok_or(EditFault::NoEntry)?;
    let found = text.part(item.inner).decoded();
    if found.is_empty() { Err(EditFault::NoEntry) } else { Ok(found) }
}

/// The entry of the list at a place that is recognised by what a slot holds or by its fingerprint.
///
/// # Errors
/// Those of [`read`]; `NoEntry`, `TwiceInList`; `Empty` if the slot is.
pub fn extract(
    document: &[u8],
    place: &Place,
    which: &Entry,
    salt: &Salt,
    vault: &Vault,
) -> Result<Zeroizing<Vec<u8>>, EditFault> {
    let text = text_at(document, place)?;
    let items = list::items(text);
    let at = list::place_of(which, text, &items, salt, vault)?;
    let item = items.get(at).ok_or(EditFault::NoEntry)?;
    Ok(text.part(item.inner).decoded())
}

/// Whether two JSON objects are equal but for these top-level fields, given by name. The order of members
/// and the spelling of strings do not matter; numbers are equal if they are spelled the same.
///
/// # Errors
/// One of them is no JSON object or names a field twice; in both cases nothing is known.
pub fn same_but(a: &[u8], b: &[u8], fields: &[Untrusted]) -> Result<bool, EditFault> {
    let mut pairs = Vec::new();
    let kept = |document, mut object: Object| {
        let stays = |m| !fields.iter().any(|f| json::name_of(document, m).says(f.wire().as_bytes()));
        object.members.retain(|m| stays(*m));
        object
    };
    let (of_a, of_b) = (kept(a, root(a)?), kept(b, root(b)?));
    if !members_pair(a, &of_a, b, &of_b, &mut pairs) {
        return Ok(false);
    }
    while let Some((in_a, in_b)) = pairs.pop() {
        // The same bytes are the same value, whatever they are; this keeps deep equal parts cheap.
        if in_a.of(a) != in_b.of(b) && !same(a, in_a, b, in_b, &mut pairs)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn root(document: &[u8]) -> Result<Object, EditFault> {
    match json::find(document, &Untrusted::from(""))? {
        Found::Value(value) if document.get(value.start) == Some(&b'{') => {
            json::object(document, value.start)
        }
        Found::Value(_) | Found::Missing { .. } => Err(EditFault::NotObject),
    }
}

/// Compares two values but for what is in them, which is left in `pairs`.
fn same(
    a: &[u8],
    in_a: Span,
    b: &[u8],
    in_b: Span,
    pairs: &mut Vec<(Span, Span)>,
) -> Result<bool, EditFault> {
    Ok(match (a.get(in_a.start), b.get(in_b.start)) {
        (Some(b'{'), Some(b'{')) => {
            let (of_a, of_b) = (json::object(a, in_a.start)?, json::object(b, in_b.start)?);
            members_pair(a, &of_a, b, &of_b, pairs)
        }
        (Some(b'['), Some(b'[')) => {
            let (of_a, of_b) = (json::items(a, in_a.start)?, json::items(b, in_b.start)?);
            let as_long = of_a.len() == of_b.len();
            pairs.extend(of_a.into_iter().zip(of_b));
            as_long
        }
        _ => match (json::string(a, in_a), json::string(b, in_b)) {
            (Some(a), Some(b)) => a.compare(b).is_eq(),
            _ => false,
        },
    })
}

/// Whether two objects have members of the same names; the pairs of their values are added to `pairs`.
fn members_pair(a: &[u8], of_a: &Object, b: &[u8], of_b: &Object, pairs: &mut Vec<(Span, Span)>) -> bool {
    let (in_a, in_b) = (json::by_name(a, &of_a.members), json::by_name(b, &of_b.members));
    let same_name = |(m, n): (&_, &_)| json::name_of(a, *m).compare(json::name_of(b, *n)).is_eq();
    let same = in_a.len() == in_b.len() && in_a.iter().zip(&in_b).all(same_name);
    pairs.extend(in_a.iter().zip(&in_b).map(|(m, n)| (m.value, n.value)));
    same
}
