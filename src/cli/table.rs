//! Text for a person: lines and aligned tables that give way on a narrow terminal, least important column
//! first. Pure; it knows nothing of what is in the cells, of colours or of terminals.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What a piece of text means; the theme decides how that looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    /// Ordinary text.
    #[default]
    Plain,
    /// A title.
    Title,
    /// Beside the point.
    Faint,
    /// All is well.
    Good,
    /// Soon to be trouble.
    Soon,
    /// Trouble now.
    Now,
    /// Not known.
    Unknown,
}

/// A cell or a piece of a line. Its text is one line and safe to print.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What that means.
    pub tone: Tone,
}

impl Cell {
    /// Ordinary text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// Text with a meaning.
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::plain(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::plain(text)
    }
}

/// Where a text is cut that does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Never: the column leaves as a whole or stays as a whole.
    Never,
    /// In its middle: names, whose end tells them apart.
    Middle,
    /// At its end: sentences.
    End,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    title: &'static str,
    right: bool,
    /// The higher, the sooner it leaves; 0 never does.
    gives_way: u8,
    cut: Cut,
}

impl Column {
    /// A column of short text.
    #[must_use]
    pub fn text(title: &'static str, gives_way: u8) -> Self {
        Self { title, right: false, gives_way, cut: Cut::Never }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(title: &'static str, gives_way: u8) -> Self {
        Self { title, right: true, gives_way, cut: Cut::Never }
    }

    /// A column of names.
    #[must_use]
    pub fn name(title: &'static str, gives_way: u8) -> Self {
        Self { title, right: false, gives_way, cut: Cut::Middle }
    }

    /// A column of sentences.
    #[must_use]
    pub fn words(title: &'static str, gives_way: u8) -> Self {
        Self { title, right: false, gives_way, cut: Cut::End }
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// A line of cells and the gaps between them, ready to be painted.
pub type Line = Vec<Cell>;

/// Something to print, in order.
#[derive(Clone, Debug)]
pub enum Block {
    /// One line; it is not cut, since a pipe or a terminal can wrap it.
    Line(Line),
    /// A table.
    Table(Table),
}

const BETWEEN: usize = 2;
/// A column that can be cut is cut no shorter than this before another one leaves.
const SHORTEST: usize = 14;

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; missing cells are empty.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The lines of the table, titles first, no wider than `width` where that is possible at all.
    #[must_use]
    pub fn lines(&self, width: Option<usize>) -> Vec<Line> {
        let natural: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(i, c)| {
                let widest = self.rows.iter().filter_map(|r| r.get(i)).map(|c| c.text.width()).max();
                widest.unwrap_or(0).max(c.title.width())
            })
            .collect();
        let shown = self.fit(&natural, width);
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        let titles = self.columns.iter().map(|c| Cell::toned(c.title, Tone::Faint)).collect();
        for row in std::iter::once(&titles).chain(&self.rows) {
            lines.push(self.line(row, &shown));
        }
        lines
    }

    /// Which columns are shown, and how wide.
    fn fit(&self, natural: &[usize], width: Option<usize>) -> Vec<(usize, usize)> {
        let mut shown: Vec<(usize, usize)> = natural.iter().copied().enumerate().collect();
        let Some(width) = width else { return shown };
        let least = |(i, w): &(usize, usize)| match self.columns[*i].cut {
            Cut::Never => *w,
            Cut::Middle | Cut::End => (*w).min(SHORTEST),
        };
        let gaps = |n: usize| BETWEEN * n.saturating_sub(1);
        while shown.iter().map(least).sum::<usize>() + gaps(shown.len()) > width {
            let leaves = shown
                .iter()
                .enumerate()
                .filter(|(_, (i, _))| self.columns[*i].gives_way > 0)
                .max_by_key(|(_, (i, _))| self.columns[*i].gives_way)
                .map(|(at, _)| at);
            match leaves {
                Some(at) => shown.remove(at),
                None => break,
            };
        }
        let mut over =
            (shown.iter().map(|(_, w)| w).sum::<usize>() + gaps(shown.len())).saturating_sub(width);
        // One long name must not take a sentence its room: beside one, names have a quarter of the line. Then
        // sentences shrink, then names; within a kind the widest gives most.
        let beside = shown.iter().any(|(i, _)| self.columns[*i].cut == Cut::End);
        let fair = if beside { (width / 4).max(SHORTEST) } else { usize::MAX };
        for (kind, least) in [(Cut::Middle, fair), (Cut::End, SHORTEST), (Cut::Middle, SHORTEST)] {
            while over > 0 {
                let Some(widest) = shown
                    .iter_mut()
                    .filter(|(i, w)| self.columns[*i].cut == kind && *w > least)
                    .max_by_key(|(_, w)| *w)
                else {
                    break;
                };
                let take = over.min(widest.1 - least);
                widest.1 -= take;
                over -= take;
            }
        }
        if over > 0
            && let Some(first) = shown.iter_mut().find(|(i, _)| self.columns[*i].cut != Cut::Never)
        {
            first.1 = first.1.saturating_sub(over).max(1);
        }
        shown
    }

    fn line(&self, row: &[Cell], shown: &[(usize, usize)]) -> Line {
        let mut line = Line::new();
        let empty = Cell::default();
        for (n, (i, width)) in shown.iter().enumerate() {
            let column = &self.columns[*i];
            let cell = row.get(*i).unwrap_or(&empty);
            let text = cut(&cell.text, *width, column.cut);
            let pad = width.saturating_sub(text.width());
            let last = n + 1 == shown.len();
            if column.right && pad > 0 {
                line.push(Cell::plain(" ".repeat(pad)));
            }
            line.push(Cell { text, tone: cell.tone });
            if !last {
                let after = if column.right { 0 } else { pad };
                line.push(Cell::plain(" ".repeat(after + BETWEEN)));
            }
        }
        while line.last().is_some_and(|c| c.text.trim().is_empty()) {
            line.pop();
        }
        line
    }
}

/// `text` in at most `width` cells.
#[must_use]
pub fn cut(text: &str, width: usize, how: Cut) -> String {
    if how == Cut::Never || text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let (before, after) = match how {
        Cut::Middle => (room - room / 2, room / 2),
        Cut::End | Cut::Never => (room, 0),
    };
    let mut head = String::new();
    for g in text.graphemes(true) {
        if head.width() + g.width() > before {
            break;
        }
        head.push_str(g);
    }
    let mut tail: Vec<&str> = Vec::new();
    let mut used = 0;
    for g in text.graphemes(true).rev() {
        if used + g.width() > after {
            break;
        }
        used += g.width();
        tail.push(g);
    }
    tail.reverse();
    format!("{head}\u{2026}{}", tail.concat())
}

#[cfg(test)]
mod tests {
    use super::{Cell, Column, Cut, Table, cut};
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    fn table() -> Table {
        let mut t = Table::new(vec![
            Column::text("STATE", 0),
            Column::name("NAME", 0),
            Column::number("MESSAGES", 1),
            Column::words("REASON", 2),
        ]);
        t.row(vec![
            "ALARM".into(),
            "a-rather-long-name-of-an-alarm-eu".into(),
            "1,940".into(),
            "it is so ".repeat(9).into(),
        ]);
        t.row(vec!["OK".into(), "漢字の名前".into(), "7".into(), "".into()]);
        t
    }

    fn plain(width: Option<usize>) -> Vec<String> {
        table().lines(width).iter().map(|l| l.iter().map(|c| c.text.as_str()).collect()).collect()
    }

    #[test]
    fn columns_are_aligned_in_cells_not_in_characters() {
        let lines = plain(None);
        let at = |l: &str, word: &str| l[..l.find(word).unwrap()].width() + word.width();
        assert_eq!(at(&lines[0], "MESSAGES"), at(&lines[2], "7"));
        assert_eq!(at(&lines[1], "1,940"), at(&lines[2], "7"));
    }

    #[test]
    fn the_least_important_column_leaves_first_and_names_are_cut_in_their_middle() {
        let lines = plain(Some(40));
        assert!(lines.iter().all(|l| l.width() <= 40), "{lines:?}");
        assert!(!lines[0].contains("REASON") && lines[0].contains("MESSAGES"), "{lines:?}");
        let lines = plain(Some(24));
        assert!(!lines[0].contains("MESSAGES"), "{lines:?}");
        assert!(lines[1].contains('…') && lines[1].ends_with("alarm-eu"), "{lines:?}");
    }

    #[test]
    fn one_long_name_leaves_the_sentences_their_room() {
        let mut t = Table::new(vec![Column::name("WHAT", 0), Column::words("WHY", 0)]);
        t.row(vec![format!("{}-eu", "a-long-name-".repeat(20)).into(), "it is so ".repeat(9).into()]);
        t.row(vec![
            "short".into(),
            "its reason is no longer than this line says, and all of it is read".into(),
        ]);
        let lines: Vec<String> =
            t.lines(Some(100)).iter().map(|l| l.iter().map(|c| c.text.as_str()).collect()).collect();
        assert!(lines[1].contains("a-long-name-…") && lines[1].contains("-eu  it is so"), "{lines:?}");
        assert!(lines[2].ends_with("all of it is read"), "{lines:?}");
    }

    #[test]
    fn no_trailing_blanks_and_short_rows_are_fine() {
        let mut t = Table::new(vec![Column::text("A", 0), Column::text("B", 0)]);
        t.row(vec![Cell::plain("x")]);
        let lines = t.lines(None);
        assert_eq!(lines[1].iter().map(|c| c.text.as_str()).collect::<String>(), "x");
    }

    proptest! {
        #[test]
        fn a_cut_text_fits(text in "\\PC{0,60}", width in 1usize..40, middle in any::<bool>()) {
            let how = if middle { Cut::Middle } else { Cut::End };
            prop_assert!(cut(&text, width, how).width() <= width.max(1));
        }

        #[test]
        fn no_width_makes_it_panic(width in 0usize..130) {
            let lines = table().lines(Some(width));
            prop_assert_eq!(lines.len(), 3);
        }
    }
}
