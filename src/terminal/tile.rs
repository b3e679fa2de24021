//! A drawn buffer as a grid of small equal-sized tiles, safe to send: whatever a view left in a cell, a
//! tile holds one printable glyph (or half of a wide one) and a pen. It knows nothing of escape sequences.

use super::pen::Pen;
use crate::controls::colour::ColourDepth;
use ratatui::buffer::{Buffer, Cell};
use std::collections::HashMap;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What is drawn in a tile: a character, or the number of a cluster of several.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Glyph(u32);

const WIDE: u32 = 1 << 30;
const CLUSTER: u32 = 1 << 31;

impl Glyph {
    /// An empty cell.
    pub const BLANK: Self = Self(' ' as u32);
    /// The right half of the wide glyph before it.
    pub const RIGHT_HALF: Self = Self(u32::MAX);

    /// Columns that it takes; 0 for a right half.
    #[must_use]
    pub fn width(self) -> usize {
        if self == Self::RIGHT_HALF {
            0
        } else if self.0 & WIDE != 0 {
            2
        } else {
            1
        }
    }

    /// Whether it is one byte long.
    #[must_use]
    pub fn is_ascii(self) -> bool {
        self.0 < 0x80
    }

    /// Whether every terminal agrees on its width: one character, and not of the emoji planes.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.0 & CLUSTER == 0 && (self.0 & !WIDE) < 0x1_0000
    }
}

/// One cell of the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tile {
    /// What is drawn.
    pub glyph: Glyph,
    /// How.
    pub pen: Pen,
}

impl Tile {
    /// What a cleared screen is full of.
    pub const BLANK: Self = Self { glyph: Glyph::BLANK, pen: Pen::DEFAULT };
    const RIGHT_HALF: Self = Self { glyph: Glyph::RIGHT_HALF, pen: Pen::DEFAULT };

    /// Whether there is no glyph.
    #[must_use]
    pub fn is_blank(self) -> bool {
        self.glyph == Glyph::BLANK
    }
}

/// The clusters of several characters seen so far, so that a tile can name one by its number.
#[derive(Default)]
pub struct Clusters {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

impl Clusters {
    /// More than any screen holds; past it the table is emptied, so that a stream of odd text cannot grow
    /// it for ever.
    const MOST: usize = 1 << 14;

    /// Whether it is time to [`clear`](Self::clear) it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.texts.len() >= Self::MOST
    }

    /// Forgets everything; grids that were made with it are void.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.numbers.clear();
    }

    fn number(&mut self, text: &str) -> u32 {
        if let Some(n) = self.numbers.get(text) {
            return *n;
        }
        let n = u32::try_from(self.texts.len()).unwrap_or(0) & !(CLUSTER | WIDE);
        self.texts.push(text.into());
        self.numbers.insert(text.into(), n);
        n
    }

    /// Appends the text of `glyph`.
    pub fn write(&self, glyph: Glyph, out: &mut Vec<u8>) {
        if glyph == Glyph::RIGHT_HALF {
            return;
        }
        let n = glyph.0 & !(CLUSTER | WIDE);
        if glyph.0 & CLUSTER != 0 {
            out.extend_from_slice(self.texts.get(n as usize).map_or(b"?", |t| t.as_bytes()));
        } else if n < 0x80 {
            out.push(n as u8);
        } else {
            let mut utf8 = [0; 4];
            out.extend_from_slice(char::from_u32(n).unwrap_or('?').encode_utf8(&mut utf8).as_bytes());
        }
    }

    /// The glyph for a cell's text. Control characters, and text that takes no column or more than two,
    /// never reach the terminal, whatever a view did.
    fn glyph(&mut self, symbol: &str) -> Glyph {
        if let [b @ b' '..=b'~'] = symbol.as_bytes() {
            return Glyph(u32::from(*b));
        }
        let mut chars = symbol.chars();
        let (Some(first), None) = (chars.next(), chars.next()) else {
            if symbol.is_empty() {
                return Glyph::BLANK;
            }
            if symbol.chars().any(char::is_control) {
                return Glyph(u32::from('?'));
            }
            return match symbol.width() {
                0 => Glyph::BLANK,
                1 => Glyph(CLUSTER | self.number(symbol)),
                2 => Glyph(CLUSTER | WIDE | self.number(symbol)),
                _ => Glyph(u32::from('?')),
            };
        };
        match first.width() {
            None => Glyph(u32::from('?')),
            Some(0) => Glyph::BLANK,
            Some(1) => Glyph(u32::from(first)),
            Some(_) => Glyph(WIDE | u32::from(first)),
        }
    }
}

/// A screen full of tiles.
#[derive(Clone, Default)]
pub struct Grid {
    width: usize,
    height: usize,
    tiles: Vec<Tile>,
}

impl Grid {
    /// A cleared screen.
    #[must_use]
    pub fn blank(width: usize, height: usize) -> Self {
        Self { width, height, tiles: vec![Tile::BLANK; width * height] }
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// One row.
    #[must_use]
    pub fn row(&self, y: usize) -> &[Tile] {
        &self.tiles[y * self.width..(y + 1) * self.width]
    }

    /// Takes over what was drawn into `buffer`, whose size becomes that of the grid.
    pub fn take(&mut self, buffer: &Buffer, depth: ColourDepth, clusters: &mut Clusters) {
        self.width = usize::from(buffer.area.width);
        self.height = usize::from(buffer.area.height);
        self.tiles.clear();
        self.tiles.reserve(buffer.content.len());
        for cells in buffer.content.chunks_exact(self.width.max(1)) {
            let mut pens = Pens { last: None, depth };
            let mut half = false;
            for (x, cell) in cells.iter().enumerate() {
                if half {
                    self.tiles.push(Tile::RIGHT_HALF);
                    half = false;
                    continue;
                }
                let mut glyph = clusters.glyph(cell.symbol());
                // half of a wide glyph does not fit into the last column
                if glyph.width() == 2 && x + 1 == cells.len() {
                    glyph = Glyph::BLANK;
                }
                half = glyph.width() == 2;
                let pen = pens.of(cell);
                let pen = if glyph == Glyph::BLANK { pen.on_blank() } else { pen };
                self.tiles.push(Tile { glyph, pen });
            }
        }
    }

    /// Moves the rows of `top..=bottom` as the terminal does when told to scroll: up for a positive `by`,
    /// blank rows coming in at the other end.
    pub fn scroll(&mut self, top: usize, bottom: usize, by: isize) {
        let n = by.unsigned_abs() * self.width;
        let region = &mut self.tiles[top * self.width..(bottom + 1) * self.width];
        let n = n.min(region.len());
        if by > 0 {
            region.rotate_left(n);
            let keep = region.len() - n;
            region[keep..].fill(Tile::BLANK);
        } else {
            region.rotate_right(n);
            region[..n].fill(Tile::BLANK);
        }
    }
}

/// Neighbouring cells mostly have the same colours: the last translation is kept.
struct Pens {
    last: Option<(ratatui::style::Color, ratatui::style::Color, ratatui::style::Modifier, Pen)>,
    depth: ColourDepth,
}

impl Pens {
    fn of(&mut self, cell: &Cell) -> Pen {
        if let Some((fg, bg, modifier, pen)) = self.last
            && (fg, bg, modifier) == (cell.fg, cell.bg, cell.modifier)
        {
            return pen;
        }
        let pen = Pen::new(cell.fg, cell.bg, cell.modifier, self.depth);
        self.last = Some((cell.fg, cell.bg, cell.modifier, pen));
        pen
    }
}

#[cfg(test)]
mod tests {
    use super::{Clusters, ColourDepth, Grid};
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    fn sent(symbols: &[&str]) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, symbols.len() as u16, 1));
        for (cell, symbol) in buffer.content.iter_mut().zip(symbols) {
            cell.set_symbol(symbol);
        }
        let (mut grid, mut clusters, mut out) = (Grid::default(), Clusters::default(), Vec::new());
        grid.take(&buffer, ColourDepth::True, &mut clusters);
        grid.row(0).iter().for_each(|t| clusters.write(t.glyph, &mut out));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(sent(&["\x1b", "\x1b[2J", "\u{9b}", "\n", "a\r", "\u{7f}", "b"]), "??????b");
        assert_eq!(sent(&["", "\u{200b}", "\u{202e}", "abc", "é", "e\u{301}"]), "   ?ée\u{301}");
    }

    #[test]
    fn a_wide_glyph_hides_the_cell_after_it_and_never_hangs_over_the_edge() {
        assert_eq!(sent(&["漢", "x", "b", "漢"]), "漢b ");
    }
}
