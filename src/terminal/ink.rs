//! The bytes of one frame: text, colouring and cursor moves, each written in the shortest form that is
//! understood everywhere. It knows where the cursor is and which pen is in use, and not what is drawn.

use super::pen::{Pen, number};
use super::tile::{Clusters, Glyph};

/// Where the cursor is, as far as it is certain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cursor {
    /// Anywhere.
    Unknown,
    /// In this row, in a column that terminals do not agree on: past the last column, or behind a glyph
    /// whose width they see differently.
    Row(usize),
    /// Column and row.
    At(usize, usize),
}

/// A frame being written.
pub struct Ink {
    out: Vec<u8>,
    pen: Option<Pen>,
    cursor: Cursor,
    width: usize,
    back_colour_erase: bool,
}

impl Ink {
    /// A frame for a terminal that is in an unknown state.
    #[must_use]
    pub fn new(width: usize, back_colour_erase: bool) -> Self {
        Self { out: Vec::new(), pen: None, cursor: Cursor::Unknown, width, back_colour_erase }
    }

    /// A frame that goes on where this one ended.
    #[must_use]
    pub fn next_frame(&self) -> Self {
        Self { out: Vec::new(), ..*self }
    }

    /// What was written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// Gives up what was written, keeping where the terminal is left by it.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Something that moves nothing and colours nothing, such as a mode.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Empties the screen.
    pub fn clear(&mut self) {
        self.use_pen(Pen::DEFAULT);
        self.raw(b"\x1b[H\x1b[2J");
        self.cursor = Cursor::At(0, 0);
    }

    /// Makes `pen` the one in use.
    pub fn use_pen(&mut self, pen: Pen) {
        pen.write(self.pen, &mut self.out);
        self.pen = Some(pen);
    }

    /// The pen in use, where known.
    #[must_use]
    pub fn pen(&self) -> Option<Pen> {
        self.pen
    }

    /// Makes sure that blanks come out like `blank`; most often the pen in use will do.
    pub fn use_pen_for_blanks(&mut self, blank: Pen) {
        if !self.pen.is_some_and(|p| p.blanks_like(blank)) {
            self.use_pen(blank);
        }
    }

    /// Writes a glyph with the pen in use.
    pub fn put(&mut self, glyph: Glyph, clusters: &Clusters) {
        clusters.write(glyph, &mut self.out);
        self.cursor = match self.cursor {
            Cursor::At(x, y) if x + glyph.width() < self.width && glyph.is_plain() => {
                Cursor::At(x + glyph.width(), y)
            }
            Cursor::At(_, y) | Cursor::Row(y) => Cursor::Row(y),
            Cursor::Unknown => Cursor::Unknown,
        };
    }

    /// Whether blanks of this pen can be erased instead of written.
    #[must_use]
    pub fn can_erase(&self, blank: Pen) -> bool {
        blank.erasable(self.back_colour_erase)
    }

    /// Erases from the cursor to the end of the row.
    pub fn erase_line(&mut self) {
        self.raw(b"\x1b[K");
    }

    /// Erases `n` cells from the cursor, which stays.
    pub fn erase(&mut self, n: usize) {
        self.csi(&[n], b'X');
    }

    /// Has the terminal scroll the rows `top..=bottom` of `height`: up for a positive `by`. By inserting
    /// and deleting lines, which the Linux console knows too (it has no SU and SD).
    pub fn scroll(&mut self, top: usize, bottom: usize, by: isize, height: usize) {
        self.use_pen_for_blanks(Pen::DEFAULT);
        let inner = bottom + 1 < height;
        if inner {
            if top == 0 {
                self.raw(b"\x1b[;");
                number(to_u16(bottom + 1), &mut self.out);
                self.raw(b"r");
            } else {
                self.csi(&[top + 1, bottom + 1], b'r');
            }
            self.cursor = Cursor::Unknown;
        }
        self.go(0, top);
        self.csi(&[by.unsigned_abs()], if by > 0 { b'M' } else { b'L' });
        if inner {
            self.raw(b"\x1b[r");
            self.cursor = Cursor::Unknown;
        }
    }

    /// Bytes that [`go`](Self::go) would take to get there along the row; `None` from elsewhere.
    #[must_use]
    pub fn gap_before(&self, x: usize, y: usize) -> Option<usize> {
        match self.cursor {
            Cursor::At(cx, cy) if cy == y && cx < x => Some(x - cx),
            Cursor::At(..) | Cursor::Row(_) | Cursor::Unknown => None,
        }
    }

    /// Moves the cursor in the fewest bytes.
    pub fn go(&mut self, x: usize, y: usize) {
        if self.cursor == Cursor::At(x, y) {
            return;
        }
        let start = self.out.len();
        self.absolute(x, y);
        let mut best = self.out.len() - start;
        // each other way is written behind the best so far, and takes its place if it is shorter
        let ways: &[fn(&mut Self, usize, usize) -> bool] = &[Self::along, Self::down_and_along, Self::down];
        for way in ways {
            let from = self.out.len();
            let possible = way(self, x, y);
            let length = self.out.len() - from;
            if possible && length < best {
                self.out.drain(start..from);
                best = length;
            } else {
                self.out.truncate(from);
            }
        }
        self.cursor = Cursor::At(x, y);
    }

    fn absolute(&mut self, x: usize, y: usize) {
        match (x, y) {
            (0, 0) => self.raw(b"\x1b[H"),
            (0, _) => self.csi(&[y + 1], b'H'),
            _ => self.csi(&[y + 1, x + 1], b'H'),
        }
    }

    /// Within the row.
    fn along(&mut self, x: usize, y: usize) -> bool {
        match self.cursor {
            Cursor::At(cx, cy) if cy == y => {
                self.sideways(cx, x);
                true
            }
            Cursor::Row(cy) if cy == y => {
                self.margin_then(x);
                true
            }
            Cursor::At(..) | Cursor::Row(_) | Cursor::Unknown => false,
        }
    }

    /// To the left margin of a row below, then along it.
    fn down_and_along(&mut self, x: usize, y: usize) -> bool {
        match self.cursor {
            Cursor::At(_, cy) | Cursor::Row(cy) if cy < y => {
                self.raw(b"\r");
                self.lines(y - cy);
                if x > 0 {
                    self.csi(&[x], b'C');
                }
                true
            }
            Cursor::At(..) | Cursor::Row(_) | Cursor::Unknown => false,
        }
    }

    /// Straight down, then sideways.
    fn down(&mut self, x: usize, y: usize) -> bool {
        match self.cursor {
            Cursor::At(cx, cy) if cy < y => {
                self.lines(y - cy);
                self.sideways(cx, x);
                true
            }
            Cursor::At(..) | Cursor::Row(_) | Cursor::Unknown => false,
        }
    }

    /// Line feeds never scroll here: `go` only reaches for rows that exist, outside of any region.
    fn lines(&mut self, n: usize) {
        if n <= 4 {
            self.out.extend(std::iter::repeat_n(b'\n', n));
        } else {
            self.csi(&[n], b'B');
        }
    }

    fn sideways(&mut self, from: usize, to: usize) {
        let start = self.out.len();
        if to > from {
            self.csi(&[to - from], b'C');
        } else if from - to <= 3 {
            self.out.extend(std::iter::repeat_n(8, from - to));
        } else {
            self.csi(&[from - to], b'D');
        }
        let direct = self.out.len() - start;
        self.margin_then(to);
        let around = self.out.len() - start - direct;
        if around < direct {
            self.out.drain(start..start + direct);
        } else {
            self.out.truncate(start + direct);
        }
    }

    fn margin_then(&mut self, x: usize) {
        self.raw(b"\r");
        if x > 0 {
            self.csi(&[x], b'C');
        }
    }

    /// A control sequence; a single parameter of 1 is the default and left out.
    fn csi(&mut self, parameters: &[usize], end: u8) {
        self.raw(b"\x1b[");
        if parameters != [1] {
            for (i, p) in parameters.iter().enumerate() {
                if i > 0 {
                    self.out.push(b';');
                }
                number(to_u16(*p), &mut self.out);
            }
        }
        self.out.push(end);
    }
}

fn to_u16(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
