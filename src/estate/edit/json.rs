//! Where things are in a JSON document: `serde_json` says whether it is one, the spans are found here, in
//! loops, so that no nesting exhausts the stack. Offsets only: it copies no byte of the document.

use super::EditFault;
use super::text::{Span, Spelling, Text};
use crate::estate::untrusted::Untrusted;

/// One member of an object. Everything between these spans is a colon, a comma or white space.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Where the white space before the name begins.
    pub lead: usize,
    /// The name, without its quotes.
    pub name: Span,
    /// The colon.
    pub colon: usize,
    /// The value.
    pub value: Span,
}

/// An object and its members in their order.
pub(super) struct Object {
    /// With its braces.
    pub span: Span,
    /// Their names are all different.
    pub members: Vec<Member>,
}

/// What is at a JSON pointer.
pub(super) enum Found {
    /// A value.
    Value(Span),
    /// Nothing, but the object that would hold it is there.
    Missing {
        /// That object.
        object: Object,
        /// The member of the object around it that leads to it.
        around: Option<Member>,
        /// The name of the field that is not there.
        name: String,
    },
}

/// # Errors
/// `NotJson`, if it is not UTF-8 or not one JSON value.
pub(super) fn check(document: &[u8]) -> Result<(), EditFault> {
    let text = std::str::from_utf8(document).map_err(|e| EditFault::NotJson(e.valid_up_to()))?;
    // Ignoring a value is a loop in serde_json and keeps nothing of it but open brackets.
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(e) if e.is_eof() => Err(EditFault::NotJson(document.len())),
        Err(e) => Err(EditFault::NotJson(offset(document, e.line(), e.column()))),
    }
}

/// The byte at a line and column, both from 1, as `serde_json` counts.
fn offset(document: &[u8], line: usize, column: usize) -> usize {
    let ends = document.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1);
    let start = std::iter::once(0).chain(ends).nth(line.saturating_sub(1)).unwrap_or(0);
    (start + column.saturating_sub(1)).min(document.len())
}

/// What a JSON pointer (RFC 6901) leads to in a document that is checked here.
///
/// # Errors
/// `NotJson`; `Duplicate` in any object, on the way or not; `NoField` if not even the place for it is there.
pub(super) fn find(document: &[u8], pointer: &Untrusted) -> Result<Found, EditFault> {
    check(document)?;
    named_once(document)?;
    let no_field = || EditFault::NoField(pointer.clone());
    let names = names(pointer.wire()).ok_or_else(no_field)?;
    let mut value = value(document, space(document, 0))?;
    let mut around = None;
    for (i, name) in names.iter().enumerate() {
        match document.get(value.start) {
            Some(b'{') => {
                let object = object(document, value.start)?;
                let named = |m: &&Member| name_of(document, **m).says(name.as_bytes());
                match object.members.iter().find(named).copied() {
                    Some(member) => (value, around) = (member.value, Some(member)),
                    None if i + 1 == names.len() => {
                        return Ok(Found::Missing { object, around, name: name.clone() });
                    }
                    None => return Err(no_field()),
                }
            }
            Some(b'[') => {
                let items = items(document, value.start)?;
                let item = index(name).and_then(|n| items.get(n).copied());
                (value, around) = (item.ok_or_else(no_field)?, None);
            }
            _ => return Err(no_field()),
        }
    }
    Ok(Found::Value(value))
}

/// The object that holds the field of a JSON pointer, and the field's place in it; `None` if it is not there.
///
/// # Errors
/// As [`find`], but that nothing is there is no error.
pub(super) fn member(document: &[u8], pointer: &Untrusted) -> Result<Option<(Object, usize)>, EditFault> {
    match find(document, pointer) {
        Ok(Found::Value(_)) => {}
        Ok(Found::Missing { .. }) | Err(EditFault::NoField(_)) => return Ok(None),
        Err(other) => return Err(other),
    }
    let no_field = || EditFault::NoField(pointer.clone());
    let (around, name) = pointer.wire().rsplit_once('/').ok_or_else(no_field)?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let Found::Value(value) = find(document, &Untrusted::from(around))? else { return Err(no_field()) };
    if document.get(value.start) != Some(&b'{') {
        return Err(EditFault::NotObject);
    }
    let object = object(document, value.start)?;
    let at = object.members.iter().position(|m| name_of(document, *m).says(name.as_bytes()));
    Ok(at.map(|at| (object, at)))
}

/// The names in a JSON pointer, decoded; `None` if it is none.
fn names(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let decode = |name: &str| {
        let wrong = name.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']));
        (!wrong).then(|| name.replace("~1", "/").replace("~0", "~"))
    };
    pointer.strip_prefix('/')?.split('/').map(decode).collect()
}

/// The place that a name in a pointer means in an array: digits without a zero before them.
fn index(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|b| b.is_ascii_digit());
    (digits && (name == "0" || !name.starts_with('0'))).then(|| name.parse().ok())?
}

/// The name of a member.
pub(super) fn name_of(document: &[u8], member: Member) -> Text<'_> {
    Text { document, span: member.name, spelling: Spelling::Json }
}

/// The text between the quotes, if a value is a string.
pub(super) fn string(document: &[u8], value: Span) -> Option<Text<'_>> {
    let span = Span { start: value.start + 1, end: value.end.checked_sub(1)? };
    (document.get(value.start) == Some(&b'"')).then_some(Text { document, span, spelling: Spelling::Json })
}

/// The object whose brace is at `at`.
///
/// # Errors
/// `Duplicate` if two names say the same, `NotJson` if a name cannot be said.
pub(super) fn object(document: &[u8], at: usize) -> Result<Object, EditFault> {
    let mut members = Vec::new();
    let mut lead = at + 1;
    let end = loop {
        let quote = space(document, lead);
        match document.get(quote) {
            Some(b'"') => {}
            Some(b'}') => break quote + 1,
            _ => return Err(EditFault::NotJson(quote)),
        }
        let name_end = string_end(document, quote)?;
        let colon = space(document, name_end);
        let value = value(document, space(document, colon + 1))?;
        members.push(Member { lead, name: Span { start: quote + 1, end: name_end - 1 }, colon, value });
        let after = space(document, value.end);
        match document.get(after) {
            Some(b',') => lead = after + 1,
            Some(b'}') => break after + 1,
            _ => return Err(EditFault::NotJson(after)),
        }
    };
    all_different(document, members.iter().map(|m| m.name).collect())?;
    Ok(Object { span: Span { start: at, end }, members })
}

/// Refuses a document of which any object, however far from what is meant, names a field twice: readers disagree
/// which one counts, and whoever writes it anew may drop the other. One pass, in a document that is checked.
fn named_once(document: &[u8]) -> Result<(), EditFault> {
    // The names so far of each object that is open; `None` for an array.
    let mut open: Vec<Option<Vec<Span>>> = Vec::new();
    let (mut at, mut naming) = (0, false);
    while let Some(byte) = document.get(at) {
        match byte {
            b'{' | b'[' => {
                naming = *byte == b'{';
                open.push(naming.then(Vec::new));
            }
            b'}' | b']' => {
                naming = false;
                if let Some(Some(names)) = open.pop() {
                    all_different(document, names)?;
                }
            }
            b',' => naming = matches!(open.last(), Some(Some(_))),
            b':' => naming = false,
            b'"' => {
                let end = string_end(document, at)?;
                if let (true, Some(Some(names))) = (naming, open.last_mut()) {
                    names.push(Span { start: at + 1, end: end - 1 });
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

fn all_different(document: &[u8], mut names: Vec<Span>) -> Result<(), EditFault> {
    let text = |span| Text { document, span, spelling: Spelling::Json };
    for name in &names {
        text(*name).sound()?;
    }
    names.sort_by(|a, b| text(*a).compare(text(*b)));
    for pair in names.windows(2) {
        if let [a, b] = pair
            && text(*a).compare(text(*b)).is_eq()
        {
            return Err(EditFault::Duplicate(b.start));
        }
    }
    Ok(())
}

/// Members in the order of what their names say; the same ones in the order of the document.
pub(super) fn by_name(document: &[u8], members: &[Member]) -> Vec<Member> {
    let mut sorted = members.to_vec();
    sorted.sort_by(|a, b| name_of(document, *a).compare(name_of(document, *b)));
    sorted
}

/// The values of the array whose bracket is at `at`.
pub(super) fn items(document: &[u8], at: usize) -> Result<Vec<Span>, EditFault> {
    let mut items = Vec::new();
    let mut next = space(document, at + 1);
    while document.get(next) != Some(&b']') {
        let item = value(document, next)?;
        items.push(item);
        let after = space(document, item.end);
        match document.get(after) {
            Some(b',') => next = space(document, after + 1),
            Some(b']') => break,
            _ => return Err(EditFault::NotJson(after)),
        }
    }
    Ok(items)
}

/// Where white space ends.
pub(super) fn space(document: &[u8], mut at: usize) -> usize {
    while matches!(document.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The value that begins at `at`.
pub(super) fn value(document: &[u8], at: usize) -> Result<Span, EditFault> {
    let end = match document.get(at) {
        Some(b'"') => string_end(document, at)?,
        Some(b'{' | b'[') => closing(document, at)?,
        Some(_) => {
            let rest = document.get(at..).unwrap_or_default();
            let ends = |b: &u8| matches!(b, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            rest.iter().position(ends).map_or(document.len(), |n| at + n)
        }
        None => return Err(EditFault::NotJson(at)),
    };
    Ok(Span { start: at, end })
}

/// Where the string ends whose first quote is at `at`, after its last one.
pub(super) fn string_end(document: &[u8], at: usize) -> Result<usize, EditFault> {
    let mut i = at + 1;
    loop {
        match document.get(i) {
            Some(b'"') => return Ok(i + 1),
            Some(b'\\') => i += 2,
            Some(_) => i += 1,
            None => return Err(EditFault::NotJson(document.len())),
        }
    }
}

/// Where the object or array ends that begins at `at`, after its last bracket.
fn closing(document: &[u8], at: usize) -> Result<usize, EditFault> {
    let mut depth = 0_usize;
    let mut i = at;
    loop {
        match document.get(i) {
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => {
                depth -= 1;
                if depth == 0 {
                    return Ok(i + 1);
                }
            }
            Some(b'"') => {
                i = string_end(document, i)?;
                continue;
            }
            Some(_) => {}
            None => return Err(EditFault::NotJson(document.len())),
        }
        i += 1;
    }
}
