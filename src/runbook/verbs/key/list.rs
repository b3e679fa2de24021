//! Keys as entries of a list in a document that is in a slot: which is old, where the new one goes, how either
//! is undone. Knows slots, lengths and fingerprints; no value, and not which store the document is from.

use super::{OLD, entered, length, print, text};
use crate::estate::edit::{Edit, EditFault, EditOp, Entry, EntryShape, Fingerprint, Place, Shape};
use crate::estate::{Slot, Untrusted};
use crate::runbook::need::{Need, Question};
use crate::runbook::view::View;

/// Whether the text is a list of keys (entries separated by commas) or one key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A list.
    List,
    /// One key: the new one takes the old one's place at once.
    Single,
}

impl Format {
    /// What the parameter `format` says. Two stores always keep a list: old and new overlap in both.
    pub fn of(v: &View<'_>) -> Format {
        match text(v, "format").map(Untrusted::wire) {
            Some("single") => Format::Single,
            _ => Format::List,
        }
    }
}

/// The slot of the new key: that of the input, where a person enters it.
pub fn new_slot(v: &View<'_>) -> Slot {
    entered(v).cloned().unwrap_or_else(|| Slot::new("key.new"))
}

/// The slot of the old key. It is that of the late input by which a person enters it where AWS no longer gives
/// it back.
pub fn old_slot() -> Slot {
    Slot::new("old_value")
}

/// The refusal that an edit's fault makes; `of` says what was looked at.
pub fn unreadable(of: &str, fault: &EditFault) -> Need {
    Need::Refuse(format!("{of}: {fault}"))
}

/// The new key in its slot: made, or entered. Its fingerprint, unless a person typed it.
///
/// # Errors
/// `Know` or `Enter`, until it is there.
pub fn new_key(v: &View<'_>) -> Result<Option<Fingerprint>, Need> {
    if let Some(slot) = entered(v) {
        v.entered(slot.name(), slot)?;
        return Ok(None);
    }
    let made = v.make(&new_slot(v), length(v)?)?;
    made.map(Some).ok_or_else(|| Need::Refuse("the system gave no randomness for a new key".into()))
}

/// The entry by which the old key is found: by fingerprint where the step before could take one.
///
/// # Errors
/// `Refuse`, if the step was given none.
pub fn old_entry(v: &View<'_>) -> Result<Entry, Need> {
    let said = v.text("old")?;
    match fingerprint(said) {
        Some(print) => Ok(Entry::Printed(print)),
        None => Err(Need::Refuse(format!("{} names no entry of a list", said.shown()))),
    }
}

/// A fingerprint as outputs hold it; the stand-in of planning is one too.
pub fn fingerprint(said: &Untrusted) -> Option<Fingerprint> {
    serde_json::from_value(serde_json::Value::String(said.wire().to_owned())).ok()
}

/// The fingerprint of the old key that is at home somewhere (a gateway's key), whose value is read for that.
///
/// # Errors
/// `Know`, until it is there; `Refuse`, if it is too short to have one.
pub fn print_of_old(v: &View<'_>) -> Result<Fingerprint, Need> {
    print(v, &old_slot())?.ok_or_else(|| too_short(false))
}

/// No short value is fingerprinted, for it could be guessed from the journal; and a place in the list is no name for
/// the weeks until the end, since whoever edits the list meanwhile moves its entries.
fn too_short(alone: bool) -> Need {
    let way = if alone {
        "it is the only entry: with `format=single` the new key takes its place at once"
    } else {
        "write the list with the new key in it by hand (a secret's with `runbook start secret-update`), and later \
         once more without the old one"
    };
    Need::Refuse(format!(
        "the old key is shorter than 20 characters: it has no fingerprint (from which it could be guessed), and by its \
         place alone another entry could be removed at the end, when somebody has edited the list meanwhile; {way}"
    ))
}

/// The entry of the old key among `entries`: as the input `old` says, the only one there is, or asked.
///
/// # Errors
/// `Person`, if several could be meant; `Refuse`, if none is, or it is too short to be recognised later.
pub fn choose<'e>(v: &View<'_>, entries: &'e [EntryShape]) -> Result<(usize, &'e Fingerprint), Need> {
    let filled: Vec<usize> =
        (0..entries.len()).filter(|n| entries.get(*n).is_some_and(|e| e.bytes > 0)).collect();
    let said = text(v, OLD).map(Untrusted::wire);
    let chosen = match (said, filled.as_slice()) {
        (_, []) => return Err(Need::Refuse("the list has no entry that could be replaced".into())),
        (None, [only]) => *only,
        (None, _) => return Err(ask(entries, &filled, None)),
        (Some(said), _) => match place(said, entries) {
            Some(n) if filled.contains(&n) => n,
            Some(_) | None => return Err(ask(entries, &filled, Some(said))),
        },
    };
    let print = entries.get(chosen).and_then(|e| e.print.as_ref());
    let print = print.ok_or_else(|| too_short(filled.len() == 1))?;
    if entries.iter().filter(|e| e.print.as_ref() == Some(print)).count() > 1 {
        return Err(Need::Refuse(
            "the old key is in the list more than once; remove the double first".into(),
        ));
    }
    Ok((chosen, print))
}

/// The place (from 0) that `said` names: a number from 1, or the beginning of one entry's fingerprint.
fn place(said: &str, entries: &[EntryShape]) -> Option<usize> {
    // Eight hex digits are no place of a list that fits 4 KB or 64 KB, and they may be all decimal.
    if said.len() < 6 {
        return said.parse::<usize>().ok()?.checked_sub(1);
    }
    let begins = |e: &EntryShape| e.print.as_ref().is_some_and(|p| p.hex().starts_with(said));
    let mut found = (0..entries.len()).filter(|n| entries.get(*n).is_some_and(begins));
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

fn ask(entries: &[EntryShape], filled: &[usize], wrong: Option<&str>) -> Need {
    let line = |n: &usize| {
        let e = entries.get(*n)?;
        let mark = e.print.as_ref().map_or("too short for a fingerprint".to_owned(), |p| {
            format!("fingerprint {}", p.hex().get(..8).unwrap_or_default())
        });
        Some(format!("entry {}: {} characters, {mark}", n + 1, e.bytes))
    };
    let begin = match wrong {
        Some(said) => format!("{} names no entry. ", Untrusted::from(said).shown()),
        None => String::new(),
    };
    Need::Person(Question {
        text: format!("{begin}The list has {} entries. Which one is replaced?", filled.len()),
        evidence: filled.iter().filter_map(line).collect(),
        words: false,
        accepts: vec![OLD.into()],
        choices: filled.iter().map(|n| (n + 1).to_string()).collect(),
    })
}

/// The edit that adds the new key, and the one that takes it away again where that can be said now.
pub fn adding(
    v: &View<'_>,
    place: &Place,
    new: Option<Fingerprint>,
    old: Option<Entry>,
) -> (Edit, Option<Edit>) {
    let edit = |ops| Edit { salt: v.salt.clone(), ops };
    match Format::of(v) {
        Format::List => {
            let entry = new.clone().map_or_else(|| Entry::Held(new_slot(v)), Entry::Printed);
            let add = EditOp::Insert { place: place.clone(), entry: new_slot(v), print: new, after: old };
            (edit(vec![add]), Some(edit(vec![EditOp::Remove { place: place.clone(), entry }])))
        }
        Format::Single => {
            let set = |value, print| EditOp::Set { place: place.clone(), value, print, create: false };
            let was = match old {
                Some(Entry::Printed(print)) => Some(print),
                Some(Entry::Held(_)) | None => None,
            };
            (edit(vec![set(new_slot(v), new)]), Some(edit(vec![set(old_slot(), was)])))
        }
    }
}

/// The edit that removes the old key, and the one that puts it back where it was.
pub fn removing(v: &View<'_>, place: &Place, old: &Fingerprint, shape: Option<&Shape>) -> (Edit, Edit) {
    let edit = |ops| Edit { salt: v.salt.clone(), ops };
    let remove = EditOp::Remove { place: place.clone(), entry: Entry::Printed(old.clone()) };
    let before = shape.and_then(|s| s.entries.as_deref()).and_then(|entries| {
        let at = entries.iter().position(|e| e.print.as_ref() == Some(old))?;
        entries.get(at.checked_sub(1)?)
    });
    let back = match before {
        // A neighbour too short for a fingerprint cannot be named: then it goes to the end.
        Some(neighbour) => EditOp::Insert {
            place: place.clone(),
            entry: old_slot(),
            print: Some(old.clone()),
            after: neighbour.print.clone().map(Entry::Printed),
        },
        None => EditOp::InsertFirst { place: place.clone(), entry: old_slot(), print: Some(old.clone()) },
    };
    (edit(vec![remove]), edit(vec![back]))
}

/// Whether an entry with this fingerprint is in the list.
pub fn has(shape: &Shape, print: &Fingerprint) -> bool {
    shape.entries.iter().flatten().any(|e| e.print.as_ref() == Some(print))
}

/// How many entries the list has.
pub fn count(shape: &Shape) -> usize {
    shape.entries.as_ref().map_or(0, |e| e.iter().filter(|e| e.bytes > 0).count())
}

/// Why the only entry of a list is not taken out of it, even in a compromise: what an empty list admits is for whoever
/// reads it to say.
pub fn only_one(of: &str) -> String {
    format!(
        "the key is the only entry of {of}, and an empty list may admit everybody: put a new key in its place (`bartizan runbook \
         start api-key-rotation` with `format=single`, which leaves no overlap), or stop the function (`function-isolated`)"
    )
}
