//! Moving: the cursor of a list, the links and the scroll of a detail, the choices of the palette, the
//! lines of the help.

use super::settle;
use crate::console::effect::Effect;
use crate::console::layout;
use crate::console::model::{Model, Overlay, Reading};
use crate::console::sheet::Line;

/// What is moved now.
enum Moved {
    List,
    Detail,
    Palette,
    Help,
    Form,
    Consent,
}

fn moved(model: &Model) -> Moved {
    match &model.overlay {
        Some(Overlay::Palette(_)) => Moved::Palette,
        Some(Overlay::Help { .. }) => Moved::Help,
        Some(Overlay::Filter) => Moved::List,
        Some(Overlay::Form(_)) => Moved::Form,
        Some(Overlay::Consent(_)) => Moved::Consent,
        None if model.screen().is_detail() => Moved::Detail,
        None => Moved::List,
    }
}

/// One row or line.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let page = layout::page(model);
    match moved(model) {
        Moved::List => {
            settle(model);
            let list = model.lists.of_mut(model.trail.here().tab());
            list.cursor.step(&list.order, by, page);
        }
        Moved::Detail => link(model, by, page),
        Moved::Palette => choose(model, by),
        Moved::Help => help(model, by),
        Moved::Form | Moved::Consent => over(model, by),
    }
    Vec::new()
}

/// Half pages.
pub fn leaf(model: &mut Model, halves: isize) -> Vec<Effect> {
    let page = layout::page(model);
    let rows = isize::try_from((page / 2).max(1)).unwrap_or(isize::MAX).saturating_mul(halves);
    match moved(model) {
        Moved::List => {
            let list = model.lists.of_mut(model.trail.here().tab());
            list.cursor.leaf(&list.order, rows, page);
        }
        Moved::Detail => scroll_detail(model, rows, page),
        Moved::Palette => choose(model, rows),
        Moved::Help => help(model, rows),
        Moved::Form | Moved::Consent => over(model, rows),
    }
    Vec::new()
}

/// To the first or the last.
pub fn end(model: &mut Model, last: bool) -> Vec<Effect> {
    let page = layout::page(model);
    let far = isize::MAX / 4;
    match moved(model) {
        Moved::List => {
            let list = model.lists.of_mut(model.trail.here().tab());
            let index = if last { list.order.len().saturating_sub(1) } else { 0 };
            list.cursor.select(&list.order, index, page);
        }
        Moved::Detail => {
            let count = model.sheet().iter().filter(|l| l.is_stop()).count();
            scroll_detail(model, if last { far } else { -far }, page);
            reading(model).link = if last { count.saturating_sub(1) } else { 0 };
        }
        Moved::Palette => choose(model, if last { far } else { -far }),
        Moved::Help => help(model, if last { far } else { -far }),
        Moved::Form | Moved::Consent => over(model, if last { far } else { -far }),
    }
    Vec::new()
}

/// Scrolls by a line; the selection stays as long as it is seen.
pub fn scroll(model: &mut Model, by: isize) -> Vec<Effect> {
    let page = layout::page(model);
    match moved(model) {
        Moved::List => {
            let list = model.lists.of_mut(model.trail.here().tab());
            list.cursor.scroll(&list.order, by, page);
        }
        Moved::Detail => scroll_detail(model, by, page),
        Moved::Palette => choose(model, by),
        Moved::Help => help(model, by),
        Moved::Form | Moved::Consent => over(model, by),
    }
    Vec::new()
}

fn choose(model: &mut Model, by: isize) {
    if let Some(Overlay::Palette(open)) = &mut model.overlay {
        open.selected = open.selected.saturating_add_signed(by).min(open.found.len().saturating_sub(1));
    }
}

fn help(model: &mut Model, by: isize) {
    let most = layout::help_len(model).saturating_sub(layout::help_page(model));
    if let Some(Overlay::Help { scroll }) = &mut model.overlay {
        *scroll = scroll.saturating_add_signed(by).min(most);
    }
}

fn scroll_detail(model: &mut Model, by: isize, page: usize) {
    let most = model.sheet().len().saturating_sub(page);
    let reading = reading(model);
    reading.scroll = reading.scroll.min(most).saturating_add_signed(by).min(most);
}

/// What of the open detail is seen, to change.
fn reading(model: &mut Model) -> &mut Reading {
    let (screen, start) = (model.screen().clone(), model.reading_here());
    model.reading.entry(screen).or_insert(start)
}

/// To the next link, if it is on screen or so near that nothing is passed unseen: then all that belongs to it is shown.
/// Else the page moves until it is.
fn link(model: &mut Model, by: isize, page: usize) {
    let sheet = model.sheet();
    let lines: Vec<usize> = sheet.iter().enumerate().filter(|(_, l)| l.is_stop()).map(|(i, _)| i).collect();
    let most = sheet.len().saturating_sub(page);
    let reading = reading(model);
    reading.scroll = reading.scroll.min(most);
    reading.link = reading.link.min(lines.len().saturating_sub(1));
    let seen = |scroll: usize, line: usize| (scroll..scroll + page).contains(&line);
    let target = reading.link.checked_add_signed(by).and_then(|n| lines.get(n).map(|line| (n, *line)));
    let current_seen = lines.get(reading.link).is_none_or(|l| seen(reading.scroll, *l));
    if let Some((n, line)) = target.filter(|_| current_seen) {
        let scroll = shown_whole(&sheet, line, reading.scroll, page).min(most);
        if scroll.abs_diff(reading.scroll) <= page / 2 {
            (reading.link, reading.scroll) = (n, scroll);
            return;
        }
    }
    let before = reading.scroll;
    reading.scroll = reading.scroll.saturating_add_signed(by).min(most);
    if before == reading.scroll {
        // The page is at its end: the links that are left can still be reached.
        reading.link = target.map_or(reading.link, |(n, _)| n);
    } else if !lines.get(reading.link).is_some_and(|l| seen(reading.scroll, *l))
        && let Some(first) = lines.iter().position(|l| seen(reading.scroll, *l))
    {
        reading.link = first;
    }
}

/// From where a page is to be shown so that a link is seen with the lines that belong to it: those until the next link or
/// an empty line. Its first line is seen in any case.
fn shown_whole(sheet: &[Line], line: usize, scroll: usize, page: usize) -> usize {
    let rest = sheet.iter().skip(line + 1).take_while(|l| !l.is_stop() && !l.is_blank()).count();
    scroll.max((line + 1 + rest).saturating_sub(page)).min(line)
}

/// Another field of a form, or other lines of a confirmation.
fn over(model: &mut Model, by: isize) {
    match &mut model.overlay {
        Some(Overlay::Form(form)) => form.step(by),
        Some(Overlay::Consent(open)) => open.scroll = open.scroll.saturating_add_signed(by),
        Some(Overlay::Help { .. } | Overlay::Palette(_) | Overlay::Filter) | None => {}
    }
}
