//! Finds out that what changed is mostly a block of rows that moved up or down, which a terminal can be
//! told in a few bytes. Pure: two grids in, a proposal out.

use super::tile::{Grid, Tile};
use std::collections::HashMap;

/// A block of rows to move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scroll {
    /// Its first row.
    pub top: usize,
    /// Its last row.
    pub bottom: usize,
    /// Up, when positive.
    pub by: isize,
}

/// Bytes that a scroll itself costs, about.
const PRICE: isize = 20;

/// The scroll after which the least is left to draw, if there is one that seems worth its price.
#[must_use]
pub fn find(old: &Grid, new: &Grid) -> Option<Scroll> {
    let height = new.height();
    let still: Vec<isize> = (0..height).map(|y| work(old.row(y), new.row(y))).collect();
    if still.iter().filter(|w| **w > 0).count() < 2 {
        return None;
    }
    let blank = vec![Tile::BLANK; new.width()];
    let afresh: Vec<isize> = (0..height).map(|y| work(&blank, new.row(y))).collect();
    let mut best: Option<(isize, Scroll)> = None;
    for by in candidates(old, new, &still) {
        if let Some((gain, scroll)) = gain(old, new, &still, &afresh, by)
            && best.is_none_or(|(b, _)| gain > b)
        {
            best = Some((gain, scroll));
        }
    }
    best.map(|(_, scroll)| scroll)
}

/// What it takes to turn one row into the other, about, in bytes.
fn work(from: &[Tile], to: &[Tile]) -> isize {
    let cells = from.iter().zip(to).filter(|(a, b)| a != b).count();
    if cells == 0 { 0 } else { cells as isize + 6 }
}

/// The distances that parts of rows seem to have moved by, the likeliest first. Rows are compared in four
/// parts, because a list that scrolls may stand beside something that does not.
fn candidates(old: &Grid, new: &Grid, still: &[isize]) -> Vec<isize> {
    let part = new.width().div_ceil(4).max(1);
    let mut places: HashMap<(usize, u64), usize> = HashMap::new();
    for y in (0..old.height()).filter(|y| still[*y] > 0) {
        for (i, tiles) in old.row(y).chunks(part).enumerate() {
            if let Some(print) = print(tiles) {
                places.entry((i, print)).and_modify(|at| *at = usize::MAX).or_insert(y);
            }
        }
    }
    let mut votes: HashMap<isize, usize> = HashMap::new();
    for y in (0..new.height()).filter(|y| still[*y] > 0) {
        for (i, tiles) in new.row(y).chunks(part).enumerate() {
            // a part that stands in several rows says nothing about where it came from
            let from = print(tiles).and_then(|p| places.get(&(i, p))).filter(|at| **at != usize::MAX);
            if let Some(from) = from
                && *from != y
            {
                *votes.entry(*from as isize - y as isize).or_default() += 1;
            }
        }
    }
    let mut votes: Vec<(isize, usize)> = votes.into_iter().filter(|(_, n)| *n >= 2).collect();
    votes.sort_by_key(|(by, n)| (std::cmp::Reverse(*n), by.unsigned_abs()));
    votes.into_iter().take(3).map(|(by, _)| by).collect()
}

/// A number for what tiles show; none for blank ones.
fn print(tiles: &[Tile]) -> Option<u64> {
    use std::hash::{BuildHasher, Hash, Hasher};
    if tiles.iter().all(|t| *t == Tile::BLANK) {
        return None;
    }
    // fixed keys: what is compared is our own screen, and a false match costs bytes, never truth
    let mut hasher = Mix::default().build_hasher();
    for tile in tiles {
        tile.glyph.hash(&mut hasher);
        tile.pen.hash(&mut hasher);
    }
    Some(hasher.finish())
}

/// A quick multiply-and-rotate hasher: ten thousand tiles are hashed for a frame.
#[derive(Default, Clone, Copy)]
struct Mix(u64);

impl std::hash::BuildHasher for Mix {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        *self
    }
}

impl std::hash::Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u32(u32::from(*b)));
    }
    fn write_u16(&mut self, n: u16) {
        self.write_u32(u32::from(n));
    }
    fn write_u32(&mut self, n: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(n)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// For a distance: the block of rows whose moving saves the most, and how much.
fn gain(old: &Grid, new: &Grid, still: &[isize], afresh: &[isize], by: isize) -> Option<(isize, Scroll)> {
    let height = new.height();
    let mut best: Option<(isize, usize, usize)> = None;
    let mut run: Option<(isize, usize)> = None;
    for (y, still) in still.iter().enumerate() {
        let Some(from) = y.checked_add_signed(by).filter(|f| *f < height) else {
            run = None;
            continue;
        };
        let saved = still - work(old.row(from), new.row(y));
        let (sum, start) = match run {
            Some((sum, start)) if sum > 0 => (sum + saved, start),
            Some(_) | None => (saved, y),
        };
        run = Some((sum, start));
        if best.is_none_or(|(b, _, _)| sum > b) {
            best = Some((sum, start, y));
        }
    }
    let (sum, first, last) = best?;
    let n = by.unsigned_abs();
    let (scroll, uncovered) = if by > 0 {
        (Scroll { top: first, bottom: last + n, by }, last + 1..=last + n)
    } else {
        (Scroll { top: first - n, bottom: last, by }, first - n..=first - 1)
    };
    let lost: isize = uncovered.map(|y| afresh[y] - still[y]).sum();
    let gain = sum - lost - PRICE;
    (gain > 0).then_some((gain, scroll))
}

#[cfg(test)]
mod tests {
    use super::{Scroll, find};
    use crate::controls::colour::ColourDepth;
    use crate::terminal::tile::{Clusters, Grid};
    use ratatui::buffer::Buffer;

    fn grid(lines: &[&str], clusters: &mut Clusters) -> Grid {
        let mut grid = Grid::default();
        grid.take(&Buffer::with_lines(lines.iter().copied()), ColourDepth::True, clusters);
        grid
    }

    #[test]
    fn a_list_under_a_fixed_head_is_seen_to_move() {
        let rows: Vec<String> = (0..9).map(|i| format!("row number {} of a list", i * i * 7919)).collect();
        let screen = |from: usize| {
            let mut lines = vec!["a head that stays where it is"];
            lines.extend(rows[from..from + 6].iter().map(String::as_str));
            lines.push("a foot that stays");
            lines
        };
        let mut c = Clusters::default();
        let (a, b, d) = (grid(&screen(0), &mut c), grid(&screen(1), &mut c), grid(&screen(3), &mut c));
        assert_eq!(find(&a, &b), Some(Scroll { top: 1, bottom: 6, by: 1 }));
        assert_eq!(find(&b, &a), Some(Scroll { top: 1, bottom: 6, by: -1 }));
        assert_eq!(find(&a, &d), Some(Scroll { top: 1, bottom: 6, by: 3 }));
        assert_eq!(find(&a, &a), None);
    }
}
