//! Rows of one kind, kept by identity over walks. A row changes in place as answers come, and disappears
//! only after a walk that listed everything without it.

use crate::estate::time::seconds_between;
use crate::estate::{Completeness, Fault, Gap, Loadable, Seen, Ticket, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows by key, and how old and complete their list is.
#[derive(Clone, Debug)]
pub struct Shelf<K, V> {
    rows: BTreeMap<K, Row<V>>,
    load: Loadable<()>,
    trouble: Option<Arc<Fault>>,
    walk: Ticket,
    gaps: Vec<Gap>,
    listed_all: bool,
    listed_any: bool,
}

#[derive(Clone, Debug)]
struct Row<V> {
    value: V,
    seen_in: Ticket,
}

impl<K: Ord, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            load: Loadable::Idle,
            trouble: None,
            walk: Ticket::default(),
            gaps: Vec::new(),
            listed_all: true,
            listed_any: false,
        }
    }
}

impl<K: Ord + Clone, V> Shelf<K, V> {
    /// Starts walk `ticket`. Returns whether that shows: the first walk does, a refresh does not.
    pub fn begin(&mut self, ticket: Ticket) -> bool {
        let shows = matches!(self.load, Loadable::Idle);
        self.load.begin(ticket, ());
        self.walk = ticket;
        self.gaps.clear();
        self.listed_all = true;
        self.listed_any = false;
        shows
    }

    /// Whether `ticket` is the walk under way.
    pub fn is_current(&mut self, ticket: Ticket) -> bool {
        self.load.arriving(ticket).is_some()
    }

    /// Notes that walk `ticket` lists `key`, and gives its row if there is one.
    pub fn touch(&mut self, ticket: Ticket, key: &K) -> Option<&mut V> {
        self.listed_any = true;
        let row = self.rows.get_mut(key)?;
        row.seen_in = ticket;
        Some(&mut row.value)
    }

    /// Notes that walk `ticket` lists `key`, making its row with `new` if it is not there yet. Returns
    /// whether it was made.
    pub fn list(&mut self, ticket: Ticket, key: K, new: impl FnOnce(&K) -> V) -> bool {
        if self.touch(ticket, &key).is_some() {
            return false;
        }
        let value = new(&key);
        self.rows.insert(key, Row { value, seen_in: ticket });
        true
    }

    /// Puts a row that was read on its own, outside any walk of the whole list; the walk under way will not
    /// take it for gone.
    pub fn put(&mut self, key: K, value: V) {
        self.rows.insert(key, Row { value, seen_in: self.walk });
    }

    /// Notes that a page was listed, though it may have been empty.
    pub fn listed_page(&mut self) {
        self.listed_any = true;
    }

    /// Notes a question of this walk that was not answered.
    pub fn gap(&mut self, root: bool, gap: Gap) {
        self.listed_all &= !root;
        self.gaps.push(gap);
    }

    /// Ends walk `ticket`, which started at `at`; `latest` is the newest instant known. Returns whether
    /// anything to see changed: a row left, or the standing is another one.
    pub fn end(&mut self, ticket: Ticket, at: Timestamp, latest: Timestamp) -> bool {
        if !self.is_current(ticket) {
            return false;
        }
        let before = self.rows.len();
        if self.listed_all {
            self.rows.retain(|_, row| row.seen_in == ticket);
        }
        let left = self.rows.len() != before;
        let gaps = std::mem::take(&mut self.gaps);
        let outcome = outcome(gaps, self.listed_any);
        let shows = stands_otherwise(self.load.seen(), self.trouble.as_ref(), &outcome, latest.max(at));
        match outcome {
            Ok(complete) => {
                self.trouble = None;
                self.load.finish(ticket, at, complete);
            }
            Err(fault) => {
                self.trouble = Some(fault.clone());
                self.load.fail(ticket, fault);
            }
        }
        left || shows
    }

    /// The fault of the newest walk that ended, if it failed as a whole; kept while another is under way.
    #[must_use]
    pub fn trouble(&self) -> Option<&Arc<Fault>> {
        self.trouble.as_ref()
    }

    /// How old and complete the list is.
    #[must_use]
    pub fn load(&self) -> &Loadable<()> {
        &self.load
    }

    /// The row of `key`.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key).map(|r| &r.value)
    }

    /// The row of `key`, to change.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.rows.get_mut(key).map(|r| &mut r.value)
    }

    /// All rows by key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().map(|(k, r)| (k, &r.value))
    }

    /// All rows.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values().map(|r| &r.value)
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// How a walk ended: with what could be read and the gaps in it, or without anything.
pub(super) fn outcome(gaps: Vec<Gap>, any: bool) -> Result<Completeness, Arc<Fault>> {
    match gaps.first() {
        Some(first) if !any => Err(first.fault.clone()),
        Some(_) => Ok(Completeness::Partial(gaps)),
        None => Ok(Completeness::Complete),
    }
}

/// Ages are drawn in steps: see `freshness`. A refresh that comes before the first step changes no word.
const FIRST_STEP_S: i64 = 120;
/// The end of a walk is told a little after the newest instant that is known.
const MARGIN_S: i64 = 15;

/// Whether the end of a walk changes what is said about its source: another fault, other gaps, or an age
/// that had grown to the point of being drawn.
pub(super) fn stands_otherwise<T>(
    seen: Option<&Seen<T>>,
    trouble: Option<&Arc<Fault>>,
    outcome: &Result<Completeness, Arc<Fault>>,
    now: Timestamp,
) -> bool {
    match outcome {
        Err(fault) => trouble.is_none_or(|t| t != fault),
        Ok(complete) => {
            trouble.is_some()
                || seen.is_none_or(|s| {
                    s.complete != *complete || seconds_between(s.at, now) + MARGIN_S >= FIRST_STEP_S
                })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shelf;
    use crate::estate::{Fault, FaultKind, Gap, Loadable, Ticket, Timestamp};
    use std::sync::Arc;

    fn gap() -> Gap {
        Gap { about: None, fault: Arc::new(Fault::new(FaultKind::Throttled, "sqs:ListQueues", "")) }
    }

    fn walked(shelf: &mut Shelf<u8, u8>, ticket: u64, keys: &[u8], root_gap: bool) {
        shelf.begin(Ticket(ticket));
        for k in keys {
            shelf.list(Ticket(ticket), *k, |k| *k);
        }
        if root_gap {
            shelf.gap(true, gap());
        }
        shelf.end(Ticket(ticket), Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_row_disappears_only_after_a_whole_walk() {
        let mut shelf = Shelf::default();
        walked(&mut shelf, 1, &[1, 2, 3], false);
        walked(&mut shelf, 2, &[1], true);
        assert_eq!(shelf.len(), 3);
        assert!(matches!(shelf.load(), Loadable::Ready(s) if s.complete.gaps().len() == 1));
        walked(&mut shelf, 3, &[1, 4], false);
        assert_eq!(shelf.values().copied().collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn a_walk_that_read_nothing_fails_and_keeps_what_was_known() {
        let mut shelf = Shelf::default();
        walked(&mut shelf, 1, &[1], false);
        walked(&mut shelf, 2, &[], true);
        assert!(matches!(shelf.load(), Loadable::Failed { stale: Some(_), .. }));
        assert_eq!(shelf.len(), 1);
    }

    #[test]
    fn the_end_of_an_older_walk_changes_nothing() {
        let mut shelf = Shelf::default();
        walked(&mut shelf, 1, &[1], false);
        shelf.begin(Ticket(2));
        shelf.begin(Ticket(3));
        assert!(!shelf.end(Ticket(2), Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH));
        assert!(shelf.load().is_loading());
        assert_eq!(shelf.len(), 1);
    }
}
