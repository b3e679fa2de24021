//! Messages that came together. Those nobody has touched cost nothing but their number: what each is follows
//! from its batch and its place.

use super::item::Item;
use crate::practice::world::Second;
use serde::{Deserialize, Serialize};

/// What was sent together was sent within so many seconds (ours).
const SPREAD: i64 = 90;

/// Messages that came within five minutes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Batch {
    /// Names the batch, and with a place in it each of its messages.
    pub(in crate::practice) id: u64,
    /// When the first of them came, less what it had spent elsewhere.
    pub(in crate::practice) sent: Second,
    /// When the first of them came into this queue.
    pub(in crate::practice) arrived: Second,
    /// How many are still here.
    pub(in crate::practice) count: u64,
    /// How many came.
    #[serde(default)]
    pub(in crate::practice) size: u32,
    /// The first place that nobody touched: of those before it only what is in the table of touched is here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::practice) fresh: u32,
    /// From which place on they came so many seconds after the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::practice) parts: Vec<(u32, i64)>,
    /// What each is, where they are not all alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::practice) items: Vec<Item>,
    /// None of those here was sent before.
    #[serde(default)]
    pub(in crate::practice) oldest: Second,
    /// Which of the letters of the queue they all are; what their names say without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::practice) cause: Option<u8>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde gives a reference
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Batch {
    pub(in crate::practice) fn new(id: u64, sent: Second, arrived: Second, cause: Option<u8>) -> Self {
        Self {
            id,
            sent,
            arrived,
            count: 0,
            size: 0,
            fresh: 0,
            parts: Vec::new(),
            items: Vec::new(),
            oldest: sent,
            cause,
        }
    }

    /// Completes one that was stored before its messages could be told apart.
    pub(in crate::practice) fn complete(&mut self) {
        if self.size == 0 && self.count > 0 {
            self.size = u32::try_from(self.count).unwrap_or(super::name::LARGEST);
            self.parts = vec![(0, 0)];
            self.oldest = self.sent - SPREAD;
        }
    }

    /// The part that a place is in: its number, its first place, how many are in it.
    fn part(&self, place: u32) -> (usize, u32, u32) {
        let n = self.parts.partition_point(|(from, _)| *from <= place).saturating_sub(1);
        let from = self.parts.get(n).map_or(0, |(from, _)| *from);
        let to = self.parts.get(n + 1).map_or(self.size, |(from, _)| *from);
        (n, from, to.saturating_sub(from).max(1))
    }

    /// When the message at a place came.
    pub(in crate::practice) fn came(&self, place: u32) -> Second {
        let (part, _, _) = self.part(place);
        self.arrived + self.parts.get(part).map_or(0, |(_, after)| *after)
    }

    /// When it was first sent: what retention counts from. Places are in the order of that where all are alike.
    pub(in crate::practice) fn sent(&self, place: u32) -> Second {
        if let Some(item) = self.items.get(place as usize) {
            return item.sent;
        }
        let (part, from, many) = self.part(place);
        let stay = self.arrived - self.sent;
        let came = |n: usize| self.arrived + self.parts.get(n).map_or(0, |(_, after)| *after);
        let last = i64::from(many - 1 - (place - from).min(many - 1));
        let sent = came(part) - stay - SPREAD.min(stay / 4) * last / i64::from(many);
        // what came before was sent before
        part.checked_sub(1).map_or(sent, |before| sent.max(came(before) - stay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_a_batch_are_in_the_order_of_their_sending() {
        let mut batch = Batch::new(1, 500, 1_000, None);
        for (after, many) in [(0, 40), (1, 3), (250, 17)] {
            batch.parts.push((batch.size, after));
            batch.size += many;
        }
        let sent: Vec<Second> = (0..60).map(|p| batch.sent(p)).collect();
        assert!(sent.is_sorted() && sent[0] == 1_000 - 500 - 87 && sent[59] == 1_250 - 500, "{sent:?}");
        assert_eq!((batch.came(0), batch.came(42), batch.came(43)), (1_000, 1_001, 1_250));
    }
}
