//! Moving: the cursor of a list, the links and the scroll of a detail, the choices of the palette, the
//! lines of the help.

use super::settle;
use crate::console::effect::Effect;
use crate::console::layout;
use crate::console::model::{Model, Overlay, Reading};

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

/// To the next link, if it is on screen; else the page moves until it is.
fn link(model: &mut Model, by: isize, page: usize) {
    let sheet = model.sheet();
    let lines: Vec<usize> = sheet.iter().enumerate().filter(|(_, l)| l.is_stop()).map(|(i, _)| i).collect();
    let most = sheet.len().saturating_sub(page);
    let reading = reading(model);
    reading.scroll = reading.scroll.min(most);
    reading.link = reading.link.min(lines.len().saturating_sub(1));
    let next = reading.link.checked_add_signed(by).filter(|n| *n < lines.len());
    let current_seen =
        lines.get(reading.link).is_none_or(|l| (reading.scroll..reading.scroll + page).contains(l));
    let target = next.and_then(|n| lines.get(n).map(|line| (n, *line)));
    match target {
        Some((n, line)) if current_seen && (reading.scroll..reading.scroll + page).contains(&line) => {
            reading.link = n;
        }
        Some(_) | None => {
            let before = reading.scroll;
            reading.scroll = reading.scroll.saturating_add_signed(by).min(most);
            // The page is at its end: the links that are left can still be reached.
            if before == reading.scroll {
                if let Some((n, _)) = target {
                    reading.link = n;
                }
            } else if let Some(first) =
                lines.iter().position(|l| (reading.scroll..reading.scroll + page).contains(l))
                && !lines
                    .get(reading.link)
                    .is_some_and(|l| (reading.scroll..reading.scroll + page).contains(l))
            {
                reading.link = first;
            }
        }
    }
}

/// Another field of a form, or other lines of a confirmation.
fn over(model: &mut Model, by: isize) {
    match &mut model.overlay {
        Some(Overlay::Form(form)) => form.step(by),
        Some(Overlay::Consent(open)) => open.scroll = open.scroll.saturating_add_signed(by),
        Some(Overlay::Help { .. } | Overlay::Palette(_) | Overlay::Filter) | None => {}
    }
}
