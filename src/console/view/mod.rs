//! Drawing: the model into cells, and nothing back. A file per screen; none of them changes anything.

mod alarms;
mod chrome;
mod consent;
mod detail;
mod form;
mod help;
mod overview;
mod palette;
mod queues;
mod runs;
mod secrets;
mod waf;
mod which;

use crate::console::layout;
use crate::console::model::{Model, Overlay, Screen, Tab};
use crate::console::widgets::Paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Draws `model` into `area` of `buf`; returns where the terminal's cursor is, if it is to be seen.
pub fn draw(model: &Model, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let area = area.intersection(buf.area);
    let mut paint = Paint { buf, theme: model.theme(), glyphs: model.glyphs() };
    paint.clear(area);
    if area.width == 0 || area.height == 0 {
        return None;
    }
    let f = layout::frame(model, area);
    chrome::band(model, &mut paint, f.band);
    chrome::tabs(model, &mut paint, f.tabs);
    paint.rule(f.rule);
    chrome::banner(model, &mut paint, f.banner);
    body(model, &mut paint, &f);
    chrome::status(model, &mut paint, f.status);
    chrome::footer(model, &mut paint, f.footer);
    let mut cursor = chrome::last(model, &mut paint, f.last());
    which::draw(model, &mut paint, area, f.last());
    match &model.overlay {
        Some(Overlay::Help { scroll }) => help::draw(model, &mut paint, area, *scroll),
        Some(Overlay::Palette(open)) => cursor = palette::draw(model, &mut paint, area, open),
        Some(Overlay::Form(form)) => cursor = form::draw(&mut paint, area, form),
        Some(Overlay::Consent(open)) => cursor = consent::draw(model, &mut paint, area, open),
        Some(Overlay::Filter) | None => {}
    }
    if let Some(secret) = &model.secret {
        cursor = chrome::secret(&mut paint, area, secret);
    }
    cursor
}

fn body(model: &Model, paint: &mut Paint<'_>, f: &layout::Frame) {
    let screen = model.screen();
    if f.side.width > 0 {
        paint.wall(f.side.x - 2, f.side);
        detail::beside(model, paint, f.side);
    } else if screen.is_detail() {
        detail::draw(model, paint, f.body, screen, true);
        return;
    }
    if f.side.width == 0 && *screen == Screen::Overview {
        overview::draw(model, paint, f.body);
        return;
    }
    match screen.tab() {
        Tab::Overview if screen.is_detail() => detail::draw(model, paint, f.body, screen, true),
        Tab::Overview => overview::draw(model, paint, f.body),
        Tab::Alarms => alarms::draw(model, paint, f.body),
        Tab::Queues => queues::draw(model, paint, f.body),
        Tab::Waf => waf::draw(model, paint, f.body),
        Tab::Secrets => secrets::draw(model, paint, f.body),
        Tab::Runs => runs::draw(model, paint, f.body),
    }
}

/// What would be drawn at the model's size, as a number.
#[must_use]
pub fn fingerprint(model: &Model) -> u64 {
    let (width, height) = model.size();
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    let cursor = draw(model, area, &mut buf);
    let mut hasher = DefaultHasher::new();
    for cell in buf.content() {
        cell.symbol().hash(&mut hasher);
        cell.style().hash(&mut hasher);
    }
    cursor.map(|p| (p.x, p.y)).hash(&mut hasher);
    hasher.finish()
}
