//! The parts of the screen at any size. What matters least leaves first: the keys, the tabs, the rules, the
//! line of freshness; the identity and the list are last.

use crate::console::model::{Model, Screen, Tab};
use ratatui::layout::Rect;

/// From so many columns on, a list and its detail stand side by side.
pub const WIDE: u16 = 150;
/// From so many rows on, there are tabs, rules and keys.
pub const TALL: u16 = 14;

/// Where the parts of the screen are; one that has no room is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Frame {
    /// Who and where.
    pub band: Rect,
    /// Tabs, or the way to a detail.
    pub tabs: Rect,
    /// The line under both.
    pub rule: Rect,
    /// What concerns everything: expired credentials.
    pub banner: Rect,
    /// The list, or the detail where it stands alone.
    pub body: Rect,
    /// The detail beside the list.
    pub side: Rect,
    /// How old and complete everything is.
    pub status: Rect,
    /// What may be pressed.
    pub footer: Rect,
}

/// The parts of `area`.
#[must_use]
pub fn frame(model: &Model, area: Rect) -> Frame {
    let tall = area.height >= TALL;
    let mut rest = area;
    let mut f = Frame::default();
    if area.height >= 2 {
        f.band = take_top(&mut rest, 1);
    }
    if tall {
        f.tabs = take_top(&mut rest, 1);
        f.rule = take_top(&mut rest, 1);
        f.footer = take_bottom(&mut rest, 1);
    }
    if !tall && area.height >= 4 && model.screen().is_detail() {
        f.tabs = take_top(&mut rest, 1); // a detail always says what it is about
    }
    if area.height >= 7 {
        f.status = take_bottom(&mut rest, 1);
    }
    if model.trouble().is_some() {
        let rows = if area.height >= TALL { 2 } else { 1 };
        if rest.height > rows {
            f.banner = take_top(&mut rest, rows);
        }
    }
    if is_sided(model, area.width, area.height) {
        // Three columns part them: a space, a line and a space.
        let left = (rest.width * 9 / 20).clamp(66, 96);
        f.side = Rect { x: rest.x + left + 3, width: rest.width - left - 3, ..rest };
        rest.width = left;
    }
    f.body = rest;
    f
}

/// Whether the detail stands beside its list on a terminal of this size.
fn is_sided(model: &Model, width: u16, height: u16) -> bool {
    model.screen().tab() != Tab::Overview && width >= WIDE && model.beside && height >= TALL
}

/// Whether the detail of the selected row is on screen beside its list.
#[must_use]
pub fn shows_selected(model: &Model) -> bool {
    let (width, height) = model.size();
    is_sided(model, width, height)
}

impl Frame {
    /// The line where typed text, notes and pending keys are: the last one of the screen that is not body.
    #[must_use]
    pub fn last(&self) -> Rect {
        [self.footer, self.status, self.band].into_iter().find(|r| r.height > 0).unwrap_or(self.body)
    }

    /// Where the detail is drawn, if one is: beside its list or in its place.
    #[must_use]
    pub fn detail(&self) -> Rect {
        if self.side.width > 0 { self.side } else { self.body }
    }
}

fn take_top(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let top = Rect { height: rows, ..*rest };
    rest.y += rows;
    rest.height -= rows;
    top
}

fn take_bottom(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    rest.height -= rows;
    Rect { y: rest.y + rest.height, height: rows, ..*rest }
}

/// The parts of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ListArea {
    /// Its headings.
    pub head: Rect,
    /// Its rows.
    pub rows: Rect,
}

/// The parts of a list in `body`.
#[must_use]
pub fn list(body: Rect) -> ListArea {
    let mut rest = body;
    let head = if body.height >= 4 { take_top(&mut rest, 1) } else { Rect::default() };
    ListArea { head, rows: rest }
}

/// The parts of the overview.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OverviewArea {
    /// What needs me.
    pub needs: ListArea,
    /// The systems.
    pub systems: ListArea,
}

/// The parts of the overview in `body`: what needs attention takes what it needs; the systems follow, where
/// they have room beside or below it.
#[must_use]
pub fn overview(model: &Model, body: Rect) -> OverviewArea {
    let systems = u16::try_from(model.picture.systems_len()).unwrap_or(u16::MAX);
    let needs = u16::try_from(model.lists.overview.things().max(1)).unwrap_or(u16::MAX);
    if body.width >= WIDE {
        let left = (body.width * 11 / 20).clamp(84, 110);
        let side = Rect { x: body.x + left + 3, width: body.width - left - 3, ..body };
        return OverviewArea { needs: list(Rect { width: left, ..body }), systems: list(side) };
    }
    if !has_room_for_systems(body) || systems == 0 {
        return OverviewArea { needs: list(body), systems: ListArea::default() };
    }
    // Heading, rows; an empty line; heading, rows.
    let all = 1 + needs + 1 + 1 + systems;
    let below = if all <= body.height {
        systems + 1
    } else {
        (body.height / 3)
            .max(body.height.saturating_sub(needs.saturating_add(2)))
            .min(systems.saturating_add(1))
    };
    let mut rest = body;
    let systems = take_bottom(&mut rest, if all <= body.height { body.height - needs - 2 } else { below });
    rest.height = rest.height.saturating_sub(1);
    OverviewArea { needs: list_with_head(rest), systems: list_with_head(systems) }
}

fn has_room_for_systems(body: Rect) -> bool {
    body.width >= WIDE || (body.height >= 9 && body.width >= 56)
}

/// Whether the systems of the overview are on screen when it is open.
#[must_use]
pub fn shows_systems(model: &Model) -> bool {
    let (width, height) = model.size();
    has_room_for_systems(frame(model, Rect::new(0, 0, width, height)).body)
}

/// Which of the systems are seen in so many rows: the first, and how many. Where there are more, one row says
/// so; the selected one is always among those that are seen.
#[must_use]
pub fn systems_seen(model: &Model, rows: usize) -> (usize, usize) {
    let all = model.picture.systems_len();
    if all <= rows {
        return (0, all);
    }
    let seen = rows.saturating_sub(1);
    let selected = model.lists.overview.selected_system().unwrap_or(0);
    ((selected + 1).saturating_sub(seen).min(all - seen), seen)
}

fn list_with_head(area: Rect) -> ListArea {
    let mut rest = area;
    let head = take_top(&mut rest, 1);
    ListArea { head, rows: rest }
}

/// How many rows of the current list (or lines of the current detail) are on screen.
#[must_use]
pub fn page(model: &Model) -> usize {
    let (width, height) = model.size();
    let f = frame(model, Rect::new(0, 0, width, height));
    let rows = match model.screen() {
        Screen::Overview => overview(model, f.body).needs.rows.height,
        Screen::Alarms | Screen::Queues | Screen::Waf | Screen::Secrets | Screen::Runs => {
            list(f.body).rows.height
        }
        Screen::Alarm(_)
        | Screen::Queue(_)
        | Screen::Acl(_)
        | Screen::Secret(_)
        | Screen::Runbook(_)
        | Screen::Plan
        | Screen::Incident(_)
        | Screen::Contain(_)
        | Screen::Freshness => f.detail().height,
        Screen::Run(_) => {
            let (columns, rows) = detail_size(model);
            let foot = crate::console::sheet::foot(model, model.screen(), columns, rows).len();
            u16::try_from(rows.saturating_sub(foot)).unwrap_or(u16::MAX)
        }
    };
    usize::from(rows.max(1))
}

/// The columns and rows of the open detail.
#[must_use]
pub fn detail_size(model: &Model) -> (usize, usize) {
    let (width, height) = model.size();
    let detail = frame(model, Rect::new(0, 0, width, height)).detail();
    (usize::from(detail.width), usize::from(detail.height))
}
