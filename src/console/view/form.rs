//! A form over the screen: one field under the other, what each means, and what is wrong.

use super::chrome::typed;
use crate::console::model::form::{FieldBox, FormBox, Purpose};
use crate::console::sheet::line::{cut_end, wrap};
use crate::console::widgets::{Paint, boxed};
use crate::controls::Role;
use crate::estate::Untrusted;
use ratatui::layout::{Position, Rect};

/// Draws it; returns where the cursor is.
pub fn draw(paint: &mut Paint<'_>, area: Rect, form: &FormBox) -> Option<Position> {
    let wide = area.width.min(84);
    let room = usize::from(wide.saturating_sub(4)).max(1);
    let about: Vec<String> =
        form.about.iter().take(8).flat_map(|text| wrap(text, room).into_iter().take(4)).collect();
    let shown = form.shown();
    let here = form.selected.min(shown.len().saturating_sub(1));
    // Below the fields: what the selected one means, what is wrong, which keys.
    let doc = shown.get(here).and_then(|i| form.fields.get(*i)).map_or(Vec::new(), |f| meaning(f, room));
    let wrong: Vec<String> =
        form.complaint.iter().flat_map(|words| wrap(words, room).into_iter().take(4)).collect();
    let below = doc.len() + wrong.len() + 3;
    let wanted = about.len() + usize::from(!about.is_empty()) + shown.len() + below + 2;
    // The meaning of another field may be longer: the box does not jump for that.
    let rows = u16::try_from(wanted + 4_usize.saturating_sub(doc.len())).unwrap_or(u16::MAX);
    let inside = boxed(paint, area, wide, rows.min(area.height.saturating_sub(2).max(8)), &form.title);
    let mut y = inside.y;
    let spare = usize::from(inside.height).saturating_sub(below + 1).max(1);
    for line in about.iter().take(spare) {
        y = put(paint, inside, y, 0, Role::Text, line);
    }
    if !about.is_empty() && about.len() < spare {
        y += 1;
    }
    let page = usize::from(inside.bottom().saturating_sub(y)).saturating_sub(below).max(1);
    let from = (here + 1).saturating_sub(page);
    let mut cursor = None;
    for (n, i) in shown.iter().enumerate().skip(from).take(page) {
        let Some(field) = form.fields.get(*i) else { continue };
        let at = self::field(paint, inside, y, field, n == here);
        cursor = cursor.or(at);
        y += 1;
    }
    y += 1;
    for line in wrong {
        y = put(paint, inside, y, 0, Role::Soon, &line);
    }
    for line in doc {
        y = put(paint, inside, y, 0, Role::Dim, &line);
    }
    let keys = match form.purpose {
        Purpose::Start(_) => "enter makes the plan   tab next   left/right choose   esc leaves",
        Purpose::OpenIncident | Purpose::Say(..) | Purpose::SetAside(..) => {
            "enter says it   tab next   esc leaves"
        }
        Purpose::Set(_)
        | Purpose::Attest(_)
        | Purpose::Note(_)
        | Purpose::PassOver(_)
        | Purpose::Decide(_) => "enter says it   tab next   left/right choose   esc leaves",
    };
    let last = inside.bottom().saturating_sub(1);
    if last >= y {
        paint.text(inside.x, last, inside.width, Role::Dim, &cut_end(keys, room, paint.glyphs.cut));
    }
    cursor
}

fn put(paint: &mut Paint<'_>, inside: Rect, y: u16, x: u16, role: Role, text: &str) -> u16 {
    if y >= inside.bottom() {
        return y;
    }
    paint.text(inside.x + x, y, inside.width.saturating_sub(x), role, text);
    y + 1
}

fn meaning(field: &FieldBox, room: usize) -> Vec<String> {
    let mut out = wrap(&field.doc, room);
    out.truncate(3);
    if !field.choices.is_empty() {
        out.extend(wrap(&format!("one of: {}", field.choices.join(", ")), room).into_iter().take(2));
    }
    let names: Vec<String> =
        field.suggested().into_iter().map(|n| Untrusted::from(n).shown().to_string()).collect();
    if let Some((first, rest)) = names.split_first() {
        let more = if rest.is_empty() { String::new() } else { format!("; also {}", rest.join(", ")) };
        out.extend(wrap(&format!("right completes: {first}{more}"), room).into_iter().take(2));
    }
    out
}

/// One field; where the cursor is, if it is the selected one.
fn field(paint: &mut Paint<'_>, inside: Rect, y: u16, field: &FieldBox, here: bool) -> Option<Position> {
    if y >= inside.bottom() {
        return None;
    }
    let label = if field.name.is_empty() { String::new() } else { format!("{:<14} ", field.name) };
    let role = if here { Role::Accent } else { Role::Dim };
    let mark = if here { paint.glyphs.selected } else { " " };
    let mut x = inside.x;
    x += paint.text(x, y, inside.right() - x, Role::Accent, mark);
    x += paint.text(x, y, inside.right().saturating_sub(x), role, &label);
    let room = inside.right().saturating_sub(x);
    if field.typing.is_empty() {
        let (role, text) = match (field.otherwise.as_str(), field.needed) {
            ("", true) if !field.name.is_empty() => (Role::Soon, "(needed)".to_owned()),
            ("", _) => (Role::Dim, String::new()),
            (text, _) => (Role::Dim, format!("({text})")),
        };
        paint.text(x, y, room, role, &cut_end(&text, usize::from(room), paint.glyphs.cut));
        return here.then_some(Position { x, y });
    }
    let text = typed(&field.typing, usize::from(room));
    paint.text(x, y, room, if here { Role::Strong } else { Role::Text }, &text.text);
    here.then(|| Position { x: (x + text.cursor).min(inside.right().saturating_sub(1)), y })
}
