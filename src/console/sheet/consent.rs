//! What a confirmation says: what exactly, where, what it breaks, how it is undone, and what it does not do;
//! and below it the question with its keys. Words only: where they stand and what is seen is the layout's.

use super::line::wrap;
use crate::console::model::Model;
use crate::console::model::consent::{Asked, ConsentBox, Hands};
use crate::controls::{Action, Place, Role};
use crate::estate::Risk;
use crate::runbook::Proposal;

/// Its heading.
#[must_use]
pub fn title(open: &ConsentBox) -> String {
    match &open.asked {
        Asked::Changes { title, .. } => title.clone(),
        Asked::Alias(_) => "A production account".into(),
        Asked::Abort => format!("Stop run {}", open.run),
        Asked::Undo => format!("Undo run {}", open.run),
    }
}

fn place(model: &Model) -> String {
    let context = model.setup.context.name.shown().to_string();
    let alias = match model.inventory.alias.value() {
        Some(Some(alias)) => format!("{} ", alias.shown()),
        Some(None) | None => String::new(),
    };
    let account = model.inventory.identity.value().map_or(String::from("?"), |id| id.account.to_string());
    let region = model.region().map_or(String::from("?"), ToString::to_string);
    let practice = if model.practice() { "PRACTICE, " } else { "" };
    format!("in {practice}{context} {} {alias}{account} {} {region}", model.glyphs().dot, model.glyphs().dot)
}

/// What is read before answering, for a room of so many columns.
#[must_use]
pub fn words(model: &Model, open: &ConsentBox, room: usize) -> Vec<(Role, String)> {
    let mut out: Vec<(Role, String)> =
        wrap(&place(model), room).into_iter().map(|line| (Role::Dim, line)).collect();
    if !is_low(model) {
        out.push((Role::Text, String::new()));
    }
    // A label, and its words in a column of their own.
    let mut hung = |label: &str, role: Role, text: &str| {
        let pad = label.chars().count();
        for (n, line) in wrap(text, room.saturating_sub(pad).max(10)).into_iter().enumerate() {
            let label = if n == 0 { label } else { "" };
            out.push((role, format!("{label:<pad$}{line}")));
        }
    };
    match &open.asked {
        Asked::Changes { proposal, ahead, .. } => {
            if let Some(differs) = &proposal.differs {
                hung("", Role::Now, &format!("This differs from the plan: {differs}"));
            }
            for (n, change) in open.changes().into_iter().enumerate() {
                hung(&format!("{:<3}", n + 1), Role::Strong, &change.sentence());
                match change.risk() {
                    Risk::Ordinary | Risk::Containing | Risk::Releasing => {
                        hung("   ", Role::Dim, &format!("undo: {}", change.undo()));
                    }
                    Risk::Destructive => hung(
                        "   ",
                        Role::Now,
                        &format!("{} destructive; undo: {}", model.glyphs().now, change.undo()),
                    ),
                }
            }
            let of = |pick: fn(&Proposal) -> &Vec<String>| -> Vec<&String> {
                let later = ahead.iter().flat_map(|a| pick(&a.1));
                let mut all: Vec<&String> = pick(proposal).iter().collect();
                later.for_each(|text| {
                    if !all.contains(&text) {
                        all.push(text)
                    }
                });
                all
            };
            let (breaks, leaves) = (of(|p| &p.breaks), of(|p| &p.leaves));
            if !breaks.is_empty() || !leaves.is_empty() {
                hung("", Role::Text, "");
            }
            for text in breaks {
                hung("Breaks: ", Role::Soon, text);
            }
            // What a containment does not end is what goes on: no mere detail.
            let (label, role) = if proposal.contains() {
                ("Does not end: ", Role::Soon)
            } else {
                ("Unchanged: ", Role::Text)
            };
            for text in leaves {
                hung(label, role, text);
            }
        }
        Asked::Alias(_) => hung(
            "",
            Role::Text,
            "This context is marked production. Its account alias is typed once for the whole run; after \
             that each change is confirmed as usual.",
        ),
        Asked::Abort => {
            hung(
                "",
                Role::Text,
                "The run ends where it is. Nothing is changed at AWS by that, and nothing is undone.",
            );
            let left = model.runs.open.get(&open.run).and_then(|o| o.run.as_ref()).map(|r| r.leftovers());
            for text in left.unwrap_or_default() {
                hung("", Role::Soon, &format!("left over: {text}"));
            }
        }
        Asked::Undo => hung(
            "",
            Role::Text,
            "What the run did is undone backwards, one change after the other; each asks for its own consent, \
             and what cannot be undone is said.",
        ),
    }
    out
}

/// The question itself, what is wrong, and the keys. The line in the role of what is typed is the last but the
/// keys.
#[must_use]
pub fn tail(model: &Model, open: &ConsentBox, room: usize) -> Vec<(Role, String)> {
    let mut out = Vec::new();
    let mut say = |role: Role, text: &str| out.extend(wrap(text, room).into_iter().map(|l| (role, l)));
    let key =
        |action: Action, place: Place| model.keymap().and_then(|k| k.hint(place, action)).unwrap_or_default();
    if let Some(words) = &open.complaint {
        say(Role::Soon, words);
    }
    match (open.hands, open.wanted()) {
        (Hands::Given(_), _) => say(Role::Accent, "Yes"),
        (Hands::Unquiet(_) | Hands::Ready, Some(name)) => {
            let ask = match &open.asked {
                Asked::Alias(_) => "Type the account's alias",
                Asked::Changes { .. }
                    if open.names().len() == 1
                        && open.changes().iter().filter(|c| c.risk() == Risk::Containing).count() > 1 =>
                {
                    "Type the owner's name to do all of it"
                }
                Asked::Changes { .. } | Asked::Abort | Asked::Undo => "Type its name to do it",
            };
            say(Role::Text, &format!("{ask}:  {}", name.shown()));
            match open.hands {
                Hands::Unquiet(_) => say(Role::Dim, model.glyphs().loading),
                Hands::Ready | Hands::Given(_) => say(Role::Strong, PROMPT),
            }
            let (no, copy) = (key(Action::Cancel, Place::Phrase), key(Action::CopyCli, Place::Phrase));
            let leaves = if is_low(model) { "leaves it" } else { "leaves everything as it is" };
            say(Role::Dim, &format!("enter does it   {no} {leaves}"));
            copies(model, &open.asked, &copy).into_iter().for_each(|text| say(Role::Dim, &text));
        }
        (Hands::Unquiet(_) | Hands::Ready, None) => {
            let (yes, no) = (key(Action::Agree, Place::Confirm), key(Action::Decline, Place::Confirm));
            let no = no.split(' ').next().unwrap_or(&no).to_owned();
            // What is pressed now was meant for what was there before, and does not count.
            let yes = match open.hands {
                Hands::Unquiet(_) => model.glyphs().loading.to_owned(),
                Hands::Ready | Hands::Given(_) => format!("{yes} does it"),
            };
            let leaves = if is_low(model) { "leaves it" } else { "leaves everything as it is" };
            say(Role::Text, &format!("{yes}   {no} {leaves}"));
            let copy = key(Action::CopyCli, Place::Confirm);
            copies(model, &open.asked, &copy).into_iter().for_each(|text| say(Role::Dim, &text));
        }
    }
    out
}

/// On so low a screen every row is for what is changed.
fn is_low(model: &Model) -> bool {
    model.size().1 < 16
}

/// What stands before what is typed.
pub const PROMPT: &str = ">";

/// What copies the AWS CLI lines, where there are any.
fn copies(model: &Model, asked: &Asked, key: &str) -> Option<String> {
    match asked {
        Asked::Changes { .. } if is_low(model) => None,
        Asked::Changes { .. } => Some(format!("{key} copies the aws line")),
        Asked::Alias(_) | Asked::Abort | Asked::Undo => None,
    }
}
