//! What the terminal shows and what it is to show: the model is drawn into a buffer, compared with the
//! last frame, and the smallest difference goes out in one write. It knows nothing of the model.

use super::ink::Ink;
use super::pen::Pen;
use super::scroll;
use super::tile::{Clusters, Grid, Tile};
use crate::controls::colour::ColourDepth;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// What a terminal can be asked for beyond placing text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Traits {
    /// How many colours it shows.
    pub depth: ColourDepth,
    /// Whether it can move a block of rows (DECSTBM, IL, DL: every terminal since the VT102).
    pub scrolls: bool,
    /// Whether erasing fills with the background colour in use.
    pub back_colour_erase: bool,
}

/// A frame longer than this is announced (mode 2026), so that the terminal shows it at once; below, the 16
/// bytes are better saved. Terminals without that mode ignore it.
const WORTH_ANNOUNCING: usize = 1024;
/// Erasing a run of blanks and stepping over it takes up to ten bytes.
const WORTH_ERASING: usize = 12;
/// Cells between two changes that are rather written again than stepped over: a step takes four bytes.
const WORTH_REPEATING: usize = 4;

/// The two grids, and where the terminal was left.
pub struct Screen {
    traits: Traits,
    buffer: Buffer,
    shown: Grid,
    wanted: Grid,
    clusters: Clusters,
    ink: Ink,
    /// Nothing is known of what the terminal shows.
    lost: bool,
    cursor: Option<Position>,
}

impl Screen {
    /// A screen of this size, in a terminal of which nothing is known yet.
    #[must_use]
    pub fn new(width: u16, height: u16, traits: Traits) -> Self {
        let mut screen = Self {
            traits,
            buffer: Buffer::empty(Rect::new(0, 0, width, height)),
            shown: Grid::default(),
            wanted: Grid::default(),
            clusters: Clusters::default(),
            ink: Ink::new(usize::from(width), traits.back_colour_erase),
            lost: true,
            cursor: None,
        };
        screen.forget();
        screen
    }

    /// The size changed.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.buffer.resize(Rect::new(0, 0, width, height));
        self.forget();
    }

    /// Somebody else may have written to the terminal: the next frame is drawn in full.
    pub fn forget(&mut self) {
        let Rect { width, height, .. } = self.buffer.area;
        self.shown = Grid::blank(width.into(), height.into());
        self.ink = Ink::new(width.into(), self.traits.back_colour_erase);
        self.lost = true;
        self.cursor = None;
    }

    /// Draws a frame with `draw`, which says where the cursor is to be seen, and gives the bytes that bring
    /// the terminal there: none if nothing changed.
    pub fn frame(&mut self, draw: impl FnOnce(Rect, &mut Buffer) -> Option<Position>) -> Vec<u8> {
        if self.clusters.is_full() {
            self.clusters.clear();
            self.forget();
        }
        self.buffer.reset();
        let area = self.buffer.area;
        let cursor = draw(area, &mut self.buffer).filter(|p| area.contains(*p));
        self.wanted.take(&self.buffer, self.traits.depth, &mut self.clusters);
        let mut ink = self.ink.next_frame();
        if self.lost {
            ink.raw(b"\x1b[?25l");
            ink.clear();
            self.cursor = None;
        }
        let paper = Paper { new: &self.wanted, clusters: &self.clusters };
        paper.paint(&self.shown, &mut ink);
        // worth trying only where it can pay for itself
        if self.traits.scrolls
            && !self.lost
            && ink.bytes().len() > 60
            && let Some(scroll) = scroll::find(&self.shown, &self.wanted)
        {
            let mut other = self.ink.next_frame();
            other.scroll(scroll.top, scroll.bottom, scroll.by, self.wanted.height());
            self.shown.scroll(scroll.top, scroll.bottom, scroll.by);
            paper.paint(&self.shown, &mut other);
            if other.bytes().len() < ink.bytes().len() {
                ink = other;
            }
        }
        self.place(cursor, &mut ink);
        self.lost = false;
        std::mem::swap(&mut self.shown, &mut self.wanted);
        let bytes = ink.take();
        self.ink = ink;
        if bytes.len() < WORTH_ANNOUNCING {
            return bytes;
        }
        [b"\x1b[?2026h", bytes.as_slice(), b"\x1b[?2026l"].concat()
    }

    fn place(&mut self, cursor: Option<Position>, ink: &mut Ink) {
        match (self.cursor, cursor) {
            (_, Some(to)) => {
                ink.go(to.x.into(), to.y.into());
                if self.cursor.is_none() {
                    ink.raw(b"\x1b[?25h");
                }
            }
            (Some(_), None) => ink.raw(b"\x1b[?25l"),
            (None, None) => {}
        }
        self.cursor = cursor;
    }
}

/// What is to be painted.
struct Paper<'a> {
    new: &'a Grid,
    clusters: &'a Clusters,
}

impl Paper<'_> {
    fn paint(&self, old: &Grid, ink: &mut Ink) {
        for y in 0..self.new.height() {
            if old.row(y) != self.new.row(y) {
                self.row(y, old.row(y), self.new.row(y), ink);
            }
        }
    }

    fn row(&self, y: usize, old: &[Tile], new: &[Tile], ink: &mut Ink) {
        let tail = blank_tail(new);
        let mut x = 0;
        while x < new.len() {
            if new[x] == old[x] {
                x += 1;
                continue;
            }
            let run = blank_run(&new[x..]);
            if x >= tail && ink.can_erase(new[x].pen) {
                let changed = new.len() - x - same_at_end(&old[x..], &new[x..]);
                if changed > 3 {
                    self.reach(x, y, new, ink);
                    ink.use_pen_for_blanks(new[x].pen);
                    ink.erase_line();
                    return;
                }
            } else if run >= WORTH_ERASING && ink.can_erase(new[x].pen) {
                let changed = run - same_at_end(&old[x..x + run], &new[x..x + run]);
                if changed >= WORTH_ERASING {
                    self.reach(x, y, new, ink);
                    ink.use_pen_for_blanks(new[x].pen);
                    ink.erase(changed);
                    x += run;
                    continue;
                }
            }
            self.reach(x, y, new, ink);
            if new[x].is_blank() {
                ink.use_pen_for_blanks(new[x].pen);
            } else {
                ink.use_pen(new[x].pen);
            }
            ink.put(new[x].glyph, self.clusters);
            x += new[x].glyph.width().max(1);
        }
    }

    /// Brings the cursor to a cell; over a short way by writing again what stands there.
    fn reach(&self, x: usize, y: usize, new: &[Tile], ink: &mut Ink) {
        if let Some(gap) = ink.gap_before(x, y).filter(|gap| *gap <= WORTH_REPEATING) {
            let between = &new[x - gap..x];
            let fits = |pen: Pen| {
                between.iter().all(|t| {
                    let ours = if t.is_blank() { pen.blanks_like(t.pen) } else { pen == t.pen };
                    ours && t.glyph.is_ascii()
                })
            };
            if ink.pen().is_some_and(fits) {
                between.iter().for_each(|t| ink.put(t.glyph, self.clusters));
            } else if !new[x].is_blank() && fits(new[x].pen) {
                ink.use_pen(new[x].pen);
                between.iter().for_each(|t| ink.put(t.glyph, self.clusters));
            }
        }
        ink.go(x, y);
    }
}

/// Where the blanks of one colouring begin that a row ends with.
fn blank_tail(row: &[Tile]) -> usize {
    let Some(last) = row.last().filter(|t| t.is_blank()) else { return row.len() };
    row.len() - row.iter().rev().take_while(|t| *t == last).count()
}

/// How many blanks of one colouring a row begins with.
fn blank_run(row: &[Tile]) -> usize {
    row.iter().take_while(|t| t.is_blank() && **t == row[0]).count()
}

fn same_at_end(old: &[Tile], new: &[Tile]) -> usize {
    old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests;
