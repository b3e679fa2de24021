//! The cursor of a list: what is selected, by identity, and which row is at the top. A refresh keeps the
//! selected thing selected and on the same line of the screen.

/// The cursor over rows with keys of type `K`.
#[derive(Clone, Debug)]
pub struct Cursor<K> {
    key: Option<K>,
    index: usize,
    offset: usize,
    /// Whether a person has moved it. Until then the first row stays selected, so that what needs most is
    /// at the top while the rows arrive.
    touched: bool,
}

impl<K> Default for Cursor<K> {
    fn default() -> Self {
        Self { key: None, index: 0, offset: 0, touched: false }
    }
}

impl<K: Clone + PartialEq> Cursor<K> {
    /// The index of the selected row.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The index of the row at the top, for `page` rows on screen.
    #[must_use]
    pub fn offset(&self, page: usize) -> usize {
        let page = page.max(1);
        // Drawn in less room than it was moved in, the selected row still has to be seen.
        self.offset.min(self.index).max((self.index + 1).saturating_sub(page))
    }

    /// The selected key.
    #[must_use]
    pub fn key(&self) -> Option<&K> {
        self.key.as_ref()
    }

    /// Pins the cursor: from now on it follows its thing, not the top.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Whether it follows its thing.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        self.touched
    }

    /// The rows have changed to `rows`.
    pub fn settle(&mut self, rows: &[K], page: usize) {
        if !self.touched {
            self.place(rows, 0, 0, page);
            return;
        }
        let line = self.index.saturating_sub(self.offset);
        let index = match &self.key {
            // It is most often where it was.
            Some(key) if rows.get(self.index) == Some(key) => self.index,
            Some(key) => rows.iter().position(|k| k == key).unwrap_or(self.index),
            None => 0,
        };
        self.place(rows, index, index.saturating_sub(line), page);
    }

    /// Moves by `by` rows, held at the ends.
    pub fn step(&mut self, rows: &[K], by: isize, page: usize) {
        self.touched = true;
        let index = self.index.saturating_add_signed(by);
        self.place(rows, index, self.offset, page);
    }

    /// Moves by `by` rows, and the page with it.
    pub fn leaf(&mut self, rows: &[K], by: isize, page: usize) {
        self.touched = true;
        let offset = self.offset.saturating_add_signed(by);
        self.place(rows, self.index.saturating_add_signed(by), offset, page);
    }

    /// Moves the page by `by` rows; the selected row stays as long as it is on it.
    pub fn scroll(&mut self, rows: &[K], by: isize, page: usize) {
        self.touched = true;
        let page = page.max(1);
        let most = rows.len().saturating_sub(page);
        let offset = self.offset.saturating_add_signed(by).min(most);
        let index = self.index.clamp(offset, offset + page - 1);
        self.place(rows, index, offset, page);
    }

    /// Selects the row at `index`.
    pub fn select(&mut self, rows: &[K], index: usize, page: usize) {
        self.touched = true;
        self.place(rows, index, self.offset, page);
    }

    /// Selects `key`, if it is there.
    pub fn find(&mut self, rows: &[K], key: &K, page: usize) -> bool {
        let Some(index) = rows.iter().position(|k| k == key) else { return false };
        self.select(rows, index, page);
        true
    }

    /// Remembers `key` as selected though its row may not be there yet.
    pub fn want(&mut self, key: K) {
        self.touched = true;
        self.key = Some(key);
    }

    fn place(&mut self, rows: &[K], index: usize, offset: usize, page: usize) {
        let page = page.max(1);
        self.index = index.min(rows.len().saturating_sub(1));
        let least = (self.index + 1).saturating_sub(page);
        let most = self.index.min(rows.len().saturating_sub(page).max(least));
        self.offset = offset.clamp(least, most);
        if let Some(key) = rows.get(self.index) {
            self.key = Some(key.clone());
        } else if rows.is_empty() && !self.touched {
            self.key = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;
    use proptest::prelude::*;

    #[test]
    fn new_rows_do_not_push_the_selected_one_away() {
        let mut c = Cursor::default();
        c.settle(&["a", "b", "c"], 5);
        c.step(&["a", "b", "c"], 1, 5);
        assert_eq!((c.key(), c.index(), c.offset(5)), (Some(&"b"), 1, 0));
        c.settle(&["x", "y", "a", "b", "c", "d", "e", "f"], 5);
        assert_eq!((c.key(), c.index()), (Some(&"b"), 3));
        assert_eq!(c.index() - c.offset(5), 1, "it stays on its line");
    }

    #[test]
    fn until_touched_the_first_row_is_selected() {
        let mut c = Cursor::default();
        c.settle(&["b"], 5);
        c.settle(&["a", "b"], 5);
        assert_eq!((c.key(), c.index(), c.offset(5)), (Some(&"a"), 0, 0));
    }

    #[test]
    fn a_row_that_is_gone_gives_its_line_to_the_next() {
        let mut c = Cursor::default();
        c.settle(&["a", "b", "c"], 5);
        c.step(&["a", "b", "c"], 1, 5);
        c.settle(&["a", "c"], 5);
        assert_eq!(c.key(), Some(&"c"));
        c.settle(&["a"], 5);
        assert_eq!(c.key(), Some(&"a"));
        c.settle(&[], 5);
        assert_eq!(c.index(), 0);
    }

    proptest! {
        #[test]
        fn the_selected_row_is_always_on_the_page(
            moves in proptest::collection::vec((0_u8..6, -30_isize..30, 0_usize..40, 1_usize..12), 0..40),
        ) {
            let mut c = Cursor::default();
            let mut rows: Vec<usize> = (0..20).collect();
            for (kind, by, len, page) in moves {
                match kind {
                    0 => c.step(&rows, by, page),
                    1 => c.leaf(&rows, by.signum(), page),
                    2 => c.select(&rows, len, page),
                    5 => c.scroll(&rows, by, page),
                    3 => { rows = (100 - len..100).chain(0..len).collect(); c.settle(&rows, page); }
                    _ => { rows = (0..len).collect(); c.settle(&rows, page); }
                }
                let off = c.offset(page);
                prop_assert!(off <= c.index() && c.index() < off + page);
                if !rows.is_empty() {
                    prop_assert_eq!(c.key(), rows.get(c.index()));
                    prop_assert!(off < rows.len());
                }
            }
        }
    }
}
