//! The help of a screen as lines, and the room it takes: both are needed to draw it and to scroll it.

use crate::console::model::Model;
use crate::console::sheet::Line;
use crate::console::sheet::line::width;
use crate::controls::{Action, Group, Key, Role};

/// The columns and rows of the help's box.
#[must_use]
pub fn help_size(model: &Model) -> (u16, u16) {
    let (columns, rows) = model.size();
    let wide = columns.min(if columns >= 110 { 106 } else { 74 });
    let lines = help_lines(model, usize::from(wide.saturating_sub(4))).len();
    (wide, u16::try_from(lines + 2).unwrap_or(u16::MAX).min(rows))
}

/// How many lines the help has.
#[must_use]
pub fn help_len(model: &Model) -> usize {
    help_lines(model, usize::from(help_size(model).0.saturating_sub(4))).len()
}

/// How many of them are seen at once.
#[must_use]
pub fn help_page(model: &Model) -> usize {
    let (wide, high) = help_size(model);
    // As the box has it: no border where there is no room for one.
    usize::from(if wide < 12 || high < 4 { high } else { high - 2 })
}

/// The lines of the help in `room` columns, in two columns where there is room for them.
#[must_use]
pub fn help_lines(model: &Model, room: usize) -> Vec<Line> {
    let place = model.screen().place();
    let Some(keymap) = model.keymap() else { return Vec::new() };
    let mut lines = Vec::new();
    for group in Group::ALL {
        let actions: Vec<(String, Action)> = Action::ALL
            .iter()
            .filter(|a| a.group() == *group && a.applies(place) && *group != Group::Type)
            .filter_map(|a| {
                let keys: Vec<String> =
                    keymap.keys_of(place, *a).iter().take(3).map(|k| Key::print_sequence(k)).collect();
                if keys.is_empty() { None } else { Some((keys.join(", "), *a)) }
            })
            .collect();
        if actions.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::blank());
        }
        lines.push(Line::of(Role::Header, group.title()));
        let key_width = actions.iter().map(|(k, _)| width(k)).max().unwrap_or(0).min(room / 3).max(6);
        for (keys, action) in actions {
            let on = model.enabled_under(action);
            let (key, doc) = if on { (Role::Key, Role::Text) } else { (Role::KeyOff, Role::KeyOff) };
            let pad = key_width.saturating_sub(width(&keys)) + 2;
            lines.push(Line::of(key, keys).and(doc, format!("{}{}", " ".repeat(pad), action.doc())));
        }
    }
    if room >= SIDE_BY_SIDE { side_by_side(lines, room) } else { lines }
}

/// From so many columns on, the help stands in two columns.
const SIDE_BY_SIDE: usize = 96;

/// The second half of the groups beside the first.
fn side_by_side(mut lines: Vec<Line>, room: usize) -> Vec<Line> {
    let half = lines.len() / 2;
    let breaks = (0..lines.len()).filter(|i| lines[*i].left.is_empty());
    let Some(cut) = breaks.min_by_key(|i| i.abs_diff(half)) else { return lines };
    let mut right = lines.split_off(cut).into_iter().skip(1);
    let mut out = Vec::with_capacity(cut.max(half));
    let mut left = lines.into_iter();
    loop {
        let (one, other) = (left.next(), right.next());
        if one.is_none() && other.is_none() {
            return out;
        }
        let mut line = one.unwrap_or_default();
        if let Some(other) = other {
            let pad = (room / 2).saturating_sub(line.width()).max(2);
            line = line.and(Role::Text, " ".repeat(pad));
            line.left.extend(other.left);
        }
        out.push(line);
    }
}
