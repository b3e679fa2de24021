//! What a filter may ask of a row, and how rows are put in order.

/// What a filter may ask.
pub trait Facts {
    /// The name, as it came.
    fn name(&self) -> &str;
    /// What `key:` is compared with; `None` where this kind of row has no such word, or none is known.
    fn word(&self, key: &str) -> Option<&str>;
    /// Whether `is:flag` holds.
    fn is(&self, flag: &str) -> bool;
    /// What `key>` is compared with; `None` where it is not known.
    fn number(&self, key: &str) -> Option<f64>;
}

/// A part of what rows are ordered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// Small first.
    Up(i64),
    /// Large first.
    Down(i64),
    /// All the same.
    Same,
    /// Not known: last, even where the list is turned round.
    Last,
}

impl Key {
    fn cmp(self, other: Self, turned: bool) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        let turn = |o: Ordering| if turned { o.reverse() } else { o };
        match (self, other) {
            (Key::Last, Key::Last) => Ordering::Equal,
            (Key::Last, _) => Ordering::Greater,
            (_, Key::Last) => Ordering::Less,
            (Key::Up(a), Key::Up(b)) => turn(a.cmp(&b)),
            (Key::Down(a), Key::Down(b)) => turn(b.cmp(&a)),
            // One column makes one sort of key.
            (Key::Same | Key::Up(_) | Key::Down(_), _) => Ordering::Equal,
        }
    }
}

/// The identities in order: by the keys, then by name, then by identity. Where the list is turned round, so
/// is the order by the keys, or that by name where there are none.
pub fn arrange<K: Ord + Clone>(mut rows: Vec<([Key; 3], &str, &K)>, turned: bool) -> Vec<K> {
    rows.sort_by(|(ka, na, a), (kb, nb, b)| {
        let by_name_only = *ka == [Key::Same; 3];
        let keys = ka.iter().zip(kb).map(|(x, y)| x.cmp(*y, turned)).find(|o| o.is_ne());
        let names = na.cmp(nb);
        let names = if by_name_only && turned { names.reverse() } else { names };
        keys.unwrap_or(names).then_with(|| a.cmp(b))
    });
    rows.into_iter().map(|(_, _, key)| key.clone()).collect()
}

/// What follows the last `/`: the name in a queue's URL.
pub fn last_part(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
