//! Whether an edit has been made, told from the document alone: what a call is settled by after its answer
//! was lost.

use super::apply::text_at;
use super::list::{self, Sought};
use super::text::Text;
use super::{Edit, EditFault, EditOp, Entry, Fingerprint, Place, Salt, Stands};
use crate::estate::vault::{Slot, Vault};

/// Whether `document` is as the edit leaves it. A value is recognised by what its slot holds, else by its
/// fingerprint; a removal stands when the entry is nowhere in the list. An operation that a later one of the
/// same edit overrules does not count. A document that cannot be read is not what an edit leaves.
#[must_use]
pub fn stands(edit: &Edit, document: &[u8], vault: &Vault) -> Stands {
    let mut all = Stands::Yes;
    for (n, op) in edit.ops.iter().enumerate() {
        let later = edit.ops.get(n + 1..).unwrap_or_default();
        let one = match overruled(op, later) {
            Rule::Counts => stands_one(op, &edit.salt, document, vault),
            Rule::Built => Stands::Unclear,
            Rule::Gone => Stands::Yes,
        };
        all = match (all, one) {
            (Stands::No, _) | (_, Stands::No) => Stands::No,
            (Stands::Unclear, _) | (_, Stands::Unclear) => Stands::Unclear,
            (Stands::Yes, Stands::Yes) => Stands::Yes,
        };
    }
    all
}

/// What later operations leave of one.
enum Rule {
    /// All of it.
    Counts,
    /// It sets a text that is then changed in part.
    Built,
    /// Nothing.
    Gone,
}

fn overruled(op: &EditOp, later: &[EditOp]) -> Rule {
    let covers = |l: &&EditOp| matches!(l, EditOp::Set { place, .. } | EditOp::Unset { place } if *place == Place::Whole || place == op.place());
    if later.iter().any(|l| covers(&l)) {
        return Rule::Gone;
    }
    let whole = |o: &EditOp| *o.place() == Place::Whole;
    let touched = later.iter().any(|l| l.place() == op.place() || whole(l) || whole(op));
    let same = |l: &&EditOp| {
        let ((slot, print), (its_slot, its_print)) = (op.about(), l.about());
        l.place() == op.place()
            && (slot.is_some() && slot == its_slot || print.is_some() && print == its_print)
    };
    match op {
        EditOp::Set { .. } if touched => Rule::Built,
        EditOp::Set { .. } => Rule::Counts,
        EditOp::Unset { .. } if touched => Rule::Built,
        EditOp::Unset { .. } => Rule::Counts,
        EditOp::Insert { .. } | EditOp::InsertFirst { .. } | EditOp::Remove { .. } => {
            if later.iter().any(|l| same(&l)) { Rule::Gone } else { Rule::Counts }
        }
    }
}

impl EditOp {
    /// Where it works.
    fn place(&self) -> &Place {
        match self {
            EditOp::Set { place, .. }
            | EditOp::Insert { place, .. }
            | EditOp::InsertFirst { place, .. }
            | EditOp::Remove { place, .. }
            | EditOp::Unset { place } => place,
        }
    }

    /// What the entry is known by that it adds or removes.
    fn about(&self) -> (Option<&Slot>, Option<&Fingerprint>) {
        match self {
            EditOp::Set { .. } | EditOp::Unset { .. } => (None, None),
            EditOp::Insert { entry, print, .. } | EditOp::InsertFirst { entry, print, .. } => {
                (Some(entry), print.as_ref())
            }
            EditOp::Remove { entry: Entry::Held(entry), .. } => (Some(entry), None),
            EditOp::Remove { entry: Entry::Printed(print), .. } => (None, Some(print)),
        }
    }
}

fn stands_one(op: &EditOp, salt: &Salt, document: &[u8], vault: &Vault) -> Stands {
    let found = text_at(document, op.place());
    match op {
        EditOp::Set { value, print, .. } => match found {
            Ok(text) => sought(value, print.as_ref(), salt, vault, |s| s.is_exactly(text)),
            Err(_) => Stands::No,
        },
        EditOp::Insert { entry, print, .. } | EditOp::InsertFirst { entry, print, .. } => match found {
            Ok(text) => sought(entry, print.as_ref(), salt, vault, |s| listed(s, text)),
            Err(_) => Stands::No,
        },
        EditOp::Unset { .. } => match found {
            Err(EditFault::NoField(_)) => Stands::Yes,
            Ok(_) | Err(_) => Stands::No,
        },
        EditOp::Remove { entry, .. } => {
            let text = match found {
                Ok(text) => text,
                // A list that is gone holds nothing.
                Err(EditFault::NoField(_)) => return Stands::Yes,
                Err(_) => return Stands::No,
            };
            let there = match entry {
                Entry::Held(slot) => sought(slot, None, salt, vault, |s| listed(s, text)),
                Entry::Printed(print) => told(listed(&Sought::Print(print, salt), text)),
            };
            match there {
                Stands::Yes => Stands::No,
                Stands::No => Stands::Yes,
                Stands::Unclear => Stands::Unclear,
            }
        }
    }
}

fn told(yes: bool) -> Stands {
    if yes { Stands::Yes } else { Stands::No }
}

/// Whether a value is found, by the best that is known of it.
fn sought(
    slot: &Slot,
    print: Option<&Fingerprint>,
    salt: &Salt,
    vault: &Vault,
    found: impl Fn(&Sought<'_>) -> bool,
) -> Stands {
    let by_value = vault.with(slot, |value| found(&Sought::Value(value)));
    let by_print = || print.map(|print| found(&Sought::Print(print, salt)));
    by_value.or_else(by_print).map_or(Stands::Unclear, told)
}

fn listed(sought: &Sought<'_>, text: Text<'_>) -> bool {
    list::items(text).iter().any(|i| sought.is(text.part(i.inner)))
}
