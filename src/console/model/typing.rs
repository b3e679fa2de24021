//! A line of text that is typed: a filter or a name in the palette. Never anything secret.

use unicode_segmentation::UnicodeSegmentation;

/// Longer than any name in AWS or filter that makes sense; what a paste holds beyond it is dropped.
const MOST: usize = 2_048;

/// Text and a cursor in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Typing {
    text: String,
    /// A byte offset, always on a boundary of what a person sees as characters.
    cursor: usize,
}

impl Typing {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor.
    #[must_use]
    pub fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts `text` at the cursor. Line ends and tabs become spaces, other control characters are left out.
    pub fn insert(&mut self, text: &str) {
        let clean: String = text
            .trim_end_matches(['\n', '\r'])
            .chars()
            .filter_map(|c| match c {
                '\n' | '\t' => Some(' '),
                c if c.is_control() => None,
                c => Some(c),
            })
            .collect();
        let mut room = MOST.saturating_sub(self.text.len()).min(clean.len());
        while !clean.is_char_boundary(room) {
            room -= 1;
        }
        self.text.insert_str(self.cursor, &clean[..room]);
        self.cursor += room;
        self.align();
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// One character to the left.
    pub fn left(&mut self) {
        self.cursor = self.previous();
    }

    /// One character to the right.
    pub fn right(&mut self) {
        self.cursor = self.next();
    }

    /// To the start.
    pub fn start(&mut self) {
        self.cursor = 0;
    }

    /// To the end.
    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    /// Deletes the character before the cursor.
    pub fn delete_back(&mut self) {
        let from = self.previous();
        self.cut(from, self.cursor);
    }

    /// Deletes the character under the cursor.
    pub fn delete_forward(&mut self) {
        let to = self.next();
        self.cut(self.cursor, to);
    }

    /// Deletes the word before the cursor, with the spaces after it.
    pub fn delete_word(&mut self) {
        let before = self.before().trim_end();
        let from = before.rfind(' ').map_or(0, |i| i + 1);
        self.cut(from, self.cursor);
    }

    /// Deletes everything before the cursor.
    pub fn delete_line(&mut self) {
        self.cut(0, self.cursor);
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        self.align();
    }

    fn previous(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }

    fn next(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    /// A combining character may have joined what stood before the cursor.
    fn align(&mut self) {
        if self.cursor == self.text.len() {
            return;
        }
        let cursor = self.cursor;
        self.cursor = self
            .text
            .grapheme_indices(true)
            .map(|(i, _)| i)
            .find(|i| *i >= cursor)
            .unwrap_or(self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::Typing;
    use proptest::prelude::*;

    #[test]
    fn editing() {
        let mut t = Typing::default();
        t.insert("state:alarm ord\u{1b}ers\n");
        assert_eq!(t.text(), "state:alarm orders");
        t.delete_word();
        assert_eq!(t.text(), "state:alarm ");
        t.start();
        t.right();
        t.delete_back();
        t.delete_forward();
        assert_eq!((t.text(), t.before()), ("ate:alarm ", ""));
        t.end();
        t.left();
        t.delete_line();
        assert_eq!(t.text(), " ");
    }

    proptest! {
        #[test]
        fn no_edit_breaks_it(edits in proptest::collection::vec((0_u8..9, "\\PC{0,4}"), 0..60)) {
            let mut t = Typing::default();
            for (edit, text) in edits {
                match edit {
                    0 | 1 => t.insert(&text),
                    2 => t.left(),
                    3 => t.right(),
                    4 => t.delete_back(),
                    5 => t.delete_forward(),
                    6 => t.delete_word(),
                    7 => t.start(),
                    _ => t.insert("e\u{301}漢👩‍👩‍👧"),
                }
                prop_assert!(t.text().is_char_boundary(t.before().len()));
            }
        }
    }
}
