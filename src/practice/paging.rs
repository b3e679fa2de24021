//! Pages and their tokens. A token names the question it belongs to and where its page begins; it is opaque
//! outside, and one that was not made here for the same question is refused.

use super::faults;
use super::prng::{mix, word};
use crate::estate::ask::{Cursor, Operation};
use crate::estate::fault::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A page of rows, and the token of the next.
pub(super) type Cut<'a, T> = (Vec<&'a T>, Option<Cursor>);

/// A page of rows that are in the order of their names. Its token names the first row of the next page, so
/// that rows which come and go in between shift nothing: nothing is told twice, nothing that stays is left
/// out.
pub(super) fn by_name<'a, T>(
    op: &Operation,
    about: &str,
    rows: &[&'a T],
    size: usize,
    from: Option<&Cursor>,
    name: impl for<'x> Fn(&'x T) -> &'x str,
) -> Result<Cut<'a, T>, Fault> {
    let first = match from {
        None => 0,
        Some(cursor) => {
            let at = open(op, about, cursor)?;
            rows.partition_point(|r| name(r) < at.as_str())
        }
    };
    let end = (first + size).min(rows.len());
    let next = rows.get(end).map(|r| seal(op, about, name(r)));
    Ok((rows.get(first..end).unwrap_or_default().to_vec(), next))
}

/// A page of rows that only ever grow at their beginning (newest first). Its token counts from the end, so
/// that news does not move the page.
pub(super) fn by_age<'a, T>(
    op: &Operation,
    about: &str,
    rows: &'a [T],
    size: usize,
    from: Option<&Cursor>,
) -> Result<Cut<'a, T>, Fault> {
    let first = match from {
        None => 0,
        Some(cursor) => {
            let left: usize = open(op, about, cursor)?.parse().map_err(|_| faults::bad_token(op))?;
            rows.len().saturating_sub(left)
        }
    };
    let end = (first + size).min(rows.len());
    let left = rows.len() - end;
    let next = (left > 0).then(|| seal(op, about, &left.to_string()));
    Ok((rows.get(first..end).unwrap_or_default().iter().collect(), next))
}

/// The token of a page that begins at `at`.
pub(super) fn seal(op: &Operation, about: &str, at: &str) -> Cursor {
    let sum = check(op, about, at);
    Cursor(URL_SAFE_NO_PAD.encode(format!("{sum:016x}{at}")).into())
}

/// What a token says, if it belongs to this question.
pub(super) fn open(op: &Operation, about: &str, cursor: &Cursor) -> Result<String, Fault> {
    let refused = || faults::bad_token(op);
    let bytes = URL_SAFE_NO_PAD.decode(cursor.0.as_bytes()).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let (sum, at) = text.split_at_checked(16).ok_or_else(refused)?;
    if sum == format!("{:016x}", check(op, about, at)) { Ok(at.to_owned()) } else { Err(refused()) }
}

fn check(op: &Operation, about: &str, at: &str) -> u64 {
    mix(word(op.name), word(about), word(at))
}
