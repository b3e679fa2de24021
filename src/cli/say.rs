//! The layout of a thing in full (label and value, line by line) and the few words that tables need beside
//! those of `insight::words`. Pure.

use super::table::{Block, Cell, Line, Tone};
use crate::estate::{Timestamp, Untrusted};
use crate::insight::words;
use unicode_width::UnicodeWidthStr;

pub use words::{age, count, until};

/// A span in its largest sensible unit: `3 h`, `97 days`.
#[must_use]
pub fn span(seconds: i64) -> String {
    words::duration(seconds)
}

/// `2026-12-04 08:02:11Z`: sortable, and the same whenever it is printed.
#[must_use]
pub fn instant(t: Timestamp) -> String {
    t.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `2026-12-04`.
#[must_use]
pub fn date(t: Timestamp) -> String {
    t.strftime("%Y-%m-%d").to_string()
}

/// A name that a person wrote, made safe to print.
#[must_use]
pub fn safe(text: &str) -> String {
    Untrusted::from(text).shown().to_string()
}

/// A thing in full, as labelled values.
#[derive(Debug, Default)]
pub struct Facts {
    head: Line,
    rows: Vec<(&'static str, Cell)>,
}

impl Facts {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The first line.
    pub fn head(&mut self, line: Line) {
        self.head = line;
    }

    /// A labelled text, which must be safe to print.
    pub fn add(&mut self, label: &'static str, text: impl Into<String>) {
        self.add_cell(label, Cell::plain(text));
    }

    /// A labelled text with a meaning; nothing if there is none.
    pub fn add_cell(&mut self, label: &'static str, cell: Cell) {
        if !cell.text.is_empty() {
            self.rows.push((label, cell));
        }
    }

    /// The lines, values below one another.
    #[must_use]
    pub fn blocks(self) -> Vec<Block> {
        let widest = self.rows.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        let mut blocks = vec![Block::Line(self.head)];
        for (label, cell) in self.rows {
            let pad = " ".repeat(widest - label.width() + 2);
            blocks.push(Block::Line(vec![Cell::toned(label, Tone::Faint), Cell::plain(pad), cell]));
        }
        blocks
    }
}
