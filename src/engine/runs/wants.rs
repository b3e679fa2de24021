//! Gets what a verb wants to know: questions all at once, then what touches the vault, one after the other in
//! the order in which it was asked for. Secret bytes go from slot to slot; what comes back is a fact about them.

use super::live::Brake;
use super::reading::Reader;
use crate::engine::messages;
use crate::estate::change::messages::Listed;
use crate::estate::edit::{self, EditFault};
use crate::estate::{At, Entry, Fault, FaultKind, Fingerprint, Salt, Slot, Untrusted, Vault};
use crate::runbook::need::Export;
use crate::runbook::{Fact, Want};
use futures_util::stream::{self, StreamExt};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Questions in flight.
const FAN_OUT: usize = 8;
/// Lengths of a value that is made: what API Gateway takes for a key ("Usage plans and API keys for REST APIs").
const LENGTHS: std::ops::RangeInclusive<usize> = 20..=128;

/// What a verb asks in.
pub(super) struct Desk<'a> {
    pub(super) reader: &'a Reader,
    pub(super) vault: &'a Vault,
    pub(super) at: &'a At,
    pub(super) salt: &'a Salt,
}

impl Desk<'_> {
    /// A fact for each want.
    ///
    /// # Errors
    /// A fault of AWS that no verb can do anything about: credentials, or one that passes by itself and has
    /// not passed yet.
    pub(super) async fn get(&self, wants: Vec<Want>) -> Result<Vec<(Want, Fact)>, Fault> {
        let (questions, rest): (Vec<Want>, Vec<Want>) =
            wants.into_iter().partition(|w| matches!(w, Want::Pages(_) | Want::Try(_)));
        let mut facts: Vec<(Want, Fact)> = stream::iter(questions)
            .map(|want| async {
                let fact = self.one(&want).await;
                (want, fact)
            })
            .buffered(FAN_OUT)
            .collect()
            .await;
        for want in rest {
            let fact = self.one(&want).await;
            facts.push((want, fact));
        }
        let trouble = |(want, fact): &(Want, Fact)| {
            let found = if matches!(want, Want::Try(_)) { ended(fact) } else { hopeless(fact) };
            found.cloned()
        };
        match facts.iter().find_map(trouble) {
            Some(fault) => Err(fault),
            None => Ok(facts),
        }
    }

    async fn one(&self, want: &Want) -> Fact {
        match want {
            Want::Pages(query) | Want::Try(query) => Fact::Pages(self.reader.pages(query).await),
            Want::Load { source, into } => {
                Fact::Loaded(self.reader.load(self.at, source, into, self.vault).await)
            }
            Want::Extract { from, place, entry, into } => {
                Fact::Extracted(self.take(from, into, |document| match entry {
                    None => edit::read(document, place),
                    Some(entry) => self.entry(document, place, entry),
                }))
            }
            Want::ExtractNth { from, place, nth, into } => {
                Fact::Extracted(self.take(from, into, |document| edit::entry(document, place, *nth)))
            }
            Want::Shape { of, place } => Fact::Shape(
                self.vault
                    .with(of, |document| edit::shape(document, self.salt, place))
                    .unwrap_or_else(|| Err(EditFault::Empty(of.clone()))),
            ),
            Want::SameBut { a, b, fields } => Fact::Same(self.same_but(a, b, fields)),
            Want::Tried { of, edit, limit } => Fact::Tried(self.tried(of, edit, *limit)),
            Want::Make { into, length } => Fact::Made(self.make(into, *length)),
            Want::Print(slot) => Fact::Print(self.print(slot)),
            Want::Export(file) => Fact::Export(export(file).await),
            Want::Whose { requests, functions } => {
                let asking = (&self.reader.ports, &self.reader.gate, &Brake::default());
                Fact::Whose(messages::whose::search(asking, self.at, requests, functions).await)
            }
            Want::Status(canary) => Fact::Status(self.reader.ports.outside.canary(canary, self.vault).await),
        }
    }

    fn entry(
        &self,
        document: &[u8],
        place: &edit::Place,
        entry: &Entry,
    ) -> Result<Zeroizing<Vec<u8>>, EditFault> {
        edit::extract(document, place, entry, self.salt, self.vault)
    }

    /// Fills a slot with a part of another. The document is copied out first: looking for an entry that a
    /// slot holds needs the vault too.
    fn take(
        &self,
        from: &Slot,
        into: &Slot,
        part: impl FnOnce(&[u8]) -> Result<Zeroizing<Vec<u8>>, EditFault>,
    ) -> Result<(), EditFault> {
        let document = self.vault.copy(from).ok_or_else(|| EditFault::Empty(from.clone()))?;
        self.vault.put(into.clone(), part(&document)?);
        Ok(())
    }

    fn same_but(&self, a: &Slot, b: &Slot, fields: &[crate::estate::Untrusted]) -> Result<bool, EditFault> {
        let empty = |slot: &Slot| EditFault::Empty(slot.clone());
        let one = self.vault.copy(a).ok_or_else(|| empty(a))?;
        let other = self.vault.copy(b).ok_or_else(|| empty(b))?;
        edit::same_but(&one, &other, fields)
    }

    fn tried(&self, of: &Slot, edit: &edit::Edit, limit: usize) -> Result<usize, EditFault> {
        let document = self.vault.copy(of).ok_or_else(|| EditFault::Empty(of.clone()))?;
        let bytes = edit::apply(edit, &document, self.vault)?.len();
        if bytes > limit { Err(EditFault::TooLarge { bytes, limit }) } else { Ok(bytes) }
    }

    fn print(&self, slot: &Slot) -> Option<Fingerprint> {
        self.vault.with(slot, |bytes| Fingerprint::of(self.salt, bytes)).flatten()
    }

    /// A new value of letters and digits; a slot that holds one keeps it. `None` if the system gives no
    /// randomness or the length is none that a key may have.
    fn make(&self, into: &Slot, length: usize) -> Option<Fingerprint> {
        if !self.vault.holds(into) {
            self.vault.put(into.clone(), letters_and_digits(length)?);
        }
        self.print(into)
    }
}

/// Bytes that each of the 62 characters can be drawn from evenly: 4 x 62.
const EVEN: u8 = 248;

fn letters_and_digits(length: usize) -> Option<Zeroizing<Vec<u8>>> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if !LENGTHS.contains(&length) {
        return None;
    }
    let mut value = Zeroizing::new(Vec::with_capacity(length));
    let mut random = Zeroizing::new([0_u8; 64]);
    while value.len() < length {
        getrandom::fill(&mut *random).ok()?; // no randomness: said by `None`
        let drawn = random.iter().filter(|b| **b < EVEN).map(|b| ALPHABET[usize::from(b % 62)]);
        let room = length - value.len();
        value.extend(drawn.take(room)); // never beyond its capacity: growing would leave a copy
    }
    Some(value)
}

/// Credentials that have ended, which no other Region knows either. Unknown ones may be good elsewhere: a Region that
/// an account has not enabled says that it does not know them.
fn ended(fact: &Fact) -> Option<&Fault> {
    hopeless(fact).filter(|fault| matches!(fault.kind, FaultKind::Expired { .. } | FaultKind::Declined))
}

/// What a file keeps of a queue. Reading it takes a while, and holds nothing else up.
pub(super) async fn export(file: &Untrusted) -> Result<Export, String> {
    let path = PathBuf::from(file.wire());
    let read = tokio::task::spawn_blocking(move || messages::verify(&path)).await;
    let kept = read.map_err(|e| format!("it cannot be read: {e}"))??;
    let manifest = kept.manifest;
    Ok(Export {
        listed: Listed { file: file.clone(), sha256: manifest.sha256, count: manifest.count },
        batches: kept.batches,
        largest: kept.largest,
        queue: manifest.queue,
        fifo: manifest.fifo,
        at: manifest.at,
        complete: manifest.complete,
    })
}

/// A fault that stops the step whatever its verb would make of it.
fn hopeless(fact: &Fact) -> Option<&Fault> {
    let fault = match fact {
        Fact::Pages(Err(fault)) | Fact::Loaded(Err(fault)) => fault,
        Fact::Pages(Ok(_))
        | Fact::Loaded(Ok(_))
        | Fact::Extracted(_)
        | Fact::Shape(_)
        | Fact::Same(_)
        | Fact::Tried(_)
        | Fact::Made(_)
        | Fact::Print(_)
        | Fact::Status(_)
        | Fact::Export(_)
        | Fact::Whose(_) => return None,
    };
    (fault.is_about_credentials() || fault.is_passing()).then_some(fault)
}

#[cfg(test)]
mod tests {
    use super::letters_and_digits;

    #[test]
    fn a_made_value_is_of_letters_and_digits_and_never_the_same() {
        let (one, other) = (letters_and_digits(40).unwrap(), letters_and_digits(40).unwrap());
        assert_eq!((one.len(), one.capacity()), (40, 40));
        assert!(one.iter().all(u8::is_ascii_alphanumeric));
        assert_ne!(one, other);
        assert!(letters_and_digits(19).is_none() && letters_and_digits(129).is_none());
    }
}
