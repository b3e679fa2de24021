//! A confirmation: how wide and high it is, and which of its lines are seen. What is not seen cannot be agreed
//! to, so `update` asks here too.

use crate::console::model::Model;
use crate::console::model::consent::ConsentBox;
use crate::console::sheet::consent as words;
use crate::controls::Role;

/// A confirmation as it is seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asking {
    /// Columns of its box.
    pub width: u16,
    /// Rows of its box.
    pub height: u16,
    /// What is read before answering.
    pub lines: Vec<(Role, String)>,
    /// The first of them on screen.
    pub from: usize,
    /// How many of them are on screen.
    pub page: usize,
    /// The question and its keys, always on screen.
    pub tail: Vec<(Role, String)>,
}

impl Asking {
    /// The furthest that it can be scrolled.
    #[must_use]
    pub fn most(&self) -> usize {
        self.lines.len().saturating_sub(self.page)
    }

    /// Whether its last line is on screen.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.from >= self.most()
    }
}

/// The confirmation `open` on a screen of the model's size.
#[must_use]
pub fn asking(model: &Model, open: &ConsentBox) -> Asking {
    let (width, height) = model.size();
    let width = width.min(80);
    let room = usize::from(width.saturating_sub(4)).max(10);
    let lines = words::words(model, open, room);
    let tail = words::tail(model, open, room);
    // A border above and below, and an empty line between what is read and the question.
    let wanted = u16::try_from(lines.len() + tail.len() + 3).unwrap_or(u16::MAX);
    let height = wanted.min(height);
    let inside = usize::from(height.saturating_sub(2));
    let left = inside.saturating_sub(tail.len());
    let page = if lines.len() < left { lines.len() } else { left.saturating_sub(1) }.max(1);
    let most = lines.len().saturating_sub(page);
    Asking { width, height, from: open.scroll.min(most), lines, page, tail }
}
