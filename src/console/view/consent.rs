//! A confirmation over the screen: what exactly, where, what it breaks, how it is undone, and what it does
//! not do. The safe answer is the default.

use super::chrome::typed;
use crate::console::model::Model;
use crate::console::model::consent::{Asked, ConsentBox, Hands};
use crate::console::sheet::line::wrap;
use crate::console::widgets::{Paint, boxed};
use crate::controls::{Action, Place, Role};
use crate::estate::Risk;
use ratatui::layout::{Position, Rect};

/// Draws it; returns where the cursor is.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect, open: &ConsentBox) -> Option<Position> {
    let wide = area.width.min(80);
    let room = usize::from(wide.saturating_sub(4)).max(10);
    let lines = words(model, open, room);
    let tail = tail(model, open, room);
    let rows = u16::try_from(lines.len() + tail.len() + 5).unwrap_or(u16::MAX);
    let inside = boxed(paint, area, wide, rows.min(area.height), &title(open));
    let below = u16::try_from(tail.len() + 2).unwrap_or(3);
    let page = usize::from(inside.height.saturating_sub(below)).max(1);
    let most = lines.len().saturating_sub(page);
    let from = open.scroll.min(most);
    let mut y = inside.y;
    for (role, line) in lines.iter().skip(from).take(page) {
        paint.text(inside.x, y, inside.width, *role, line);
        y += 1;
    }
    if from < most {
        let more = format!("{} {} more lines", paint.glyphs.descending, most - from);
        paint.text(inside.x, y.saturating_sub(1), inside.width, Role::Dim, &format!("{more:<room$}"));
    }
    y = (y + 1).min(inside.bottom().saturating_sub(u16::try_from(tail.len()).unwrap_or(1)));
    let mut cursor = None;
    for (role, line) in &tail {
        if y >= inside.bottom() {
            break;
        }
        let used = paint.text(inside.x, y, inside.width, *role, line);
        if *role == Role::Strong && open.is_typed() {
            let left = inside.width.saturating_sub(used);
            let text = typed(&open.typing, usize::from(left.saturating_sub(1)));
            paint.text(inside.x + used, y, left, Role::Accent, &text.text);
            cursor = Some(Position {
                x: (inside.x + used + text.cursor).min(inside.right().saturating_sub(1)),
                y,
            });
        }
        y += 1;
    }
    cursor
}

fn title(open: &ConsentBox) -> String {
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

/// What is read before answering.
fn words(model: &Model, open: &ConsentBox, room: usize) -> Vec<(Role, String)> {
    let mut out = vec![(Role::Dim, place(model)), (Role::Text, String::new())];
    let mut say = |role: Role, text: &str| {
        out.extend(wrap(text, room).into_iter().map(|line| (role, line)));
    };
    match &open.asked {
        Asked::Changes { proposal, .. } => {
            if let Some(differs) = &proposal.differs {
                say(Role::Now, &format!("This differs from the plan: {differs}"));
            }
            for (n, change) in proposal.changes.iter().enumerate() {
                say(Role::Strong, &format!("{}  {}", n + 1, change.sentence()));
                let role = match change.risk() {
                    Risk::Ordinary => Role::Dim,
                    Risk::Destructive => Role::Now,
                };
                say(role, &format!("   undo: {}", change.undo()));
            }
            if !proposal.breaks.is_empty() {
                say(Role::Text, "");
            }
            for text in &proposal.breaks {
                say(Role::Soon, text);
            }
            for text in &proposal.leaves {
                say(Role::Text, &format!("Does not: {text}"));
            }
        }
        Asked::Alias(_) => say(
            Role::Text,
            "This context is marked production. Its account alias is typed once for the whole run; after \
             that each change is confirmed as usual.",
        ),
        Asked::Abort => {
            say(
                Role::Text,
                "The run ends where it is. Nothing is changed at AWS by that, and nothing is undone.",
            );
            let left = model.runs.open.get(&open.run).and_then(|o| o.run.as_ref()).map(|r| r.leftovers());
            for text in left.unwrap_or_default() {
                say(Role::Soon, &format!("left over: {text}"));
            }
        }
        Asked::Undo => say(
            Role::Text,
            "What the run did is undone backwards, one change after the other; each asks for its own consent, \
             and what cannot be undone is said.",
        ),
    }
    out
}

/// The question itself, what is wrong, and the keys.
fn tail(model: &Model, open: &ConsentBox, room: usize) -> Vec<(Role, String)> {
    let mut out = Vec::new();
    if let Some(words) = &open.complaint {
        out.extend(wrap(words, room).into_iter().map(|l| (Role::Soon, l)));
    }
    let key =
        |action: Action, place: Place| model.keymap().and_then(|k| k.hint(place, action)).unwrap_or_default();
    match (open.hands, open.wanted()) {
        (Hands::Given(_), _) => out.push((Role::Accent, "Yes".into())),
        (Hands::Unquiet(_) | Hands::Ready, Some(name)) => {
            out.push((Role::Text, format!("Type the name to do it:  {}", name.shown())));
            out.push((Role::Strong, "> ".into()));
        }
        (Hands::Unquiet(_) | Hands::Ready, None) => {
            let yes = key(Action::Agree, Place::Confirm);
            let no = key(Action::Decline, Place::Confirm);
            out.push((Role::Text, format!("{yes} does it   {no} leaves everything as it is")));
        }
    }
    if open.is_typed() {
        out.push((
            Role::Dim,
            format!(
                "enter does it   {} leaves everything as it is   {} copies the aws line",
                key(Action::Cancel, Place::Phrase),
                key(Action::CopyCli, Place::Phrase)
            ),
        ));
    } else {
        out.push((Role::Dim, format!("{} copies the aws line", key(Action::CopyCli, Place::Confirm))));
    }
    out
}
