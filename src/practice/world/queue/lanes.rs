//! The groups of a FIFO queue: while a message of a group is in flight, nobody gets another of it. Source: SQS
//! developer guide, "Receiving messages" of FIFO queues. Made from the messages, never stored.

use super::name::Spot;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
struct Lane {
    spots: BTreeSet<Spot>,
    in_flight: u32,
    /// Under which spot it stands among those that are ready.
    ready: Option<Spot>,
}

/// The groups of a queue.
#[derive(Clone, Debug, Default)]
pub(in crate::practice) struct Lanes {
    lanes: BTreeMap<u64, Lane>,
    group: BTreeMap<Spot, u64>,
    ready: BTreeSet<(Spot, u64)>,
}

impl Lanes {
    /// A message of `group` joins its end.
    pub(super) fn join(&mut self, spot: Spot, group: u64) {
        self.group.insert(spot, group);
        self.lanes.entry(group).or_default().spots.insert(spot);
        self.look(group);
    }

    /// A message comes into flight.
    pub(super) fn leave(&mut self, spot: Spot) {
        self.change(spot, |lane| lane.in_flight += 1);
    }

    /// A message is back.
    pub(super) fn back(&mut self, spot: Spot) {
        self.change(spot, |lane| lane.in_flight = lane.in_flight.saturating_sub(1));
    }

    /// A message is gone, in flight or not.
    pub(super) fn gone(&mut self, spot: Spot, in_flight: bool) {
        self.change(spot, |lane| {
            lane.spots.remove(&spot);
            lane.in_flight = lane.in_flight.saturating_sub(u32::from(in_flight));
        });
        if let Some(group) = self.group.remove(&spot)
            && self.lanes.get(&group).is_some_and(|lane| lane.spots.is_empty())
        {
            self.lanes.remove(&group);
        }
    }

    /// The next message that may be given: after one that was given in the same answer, the next of its group
    /// first.
    pub(super) fn next(&self, last: Option<Spot>) -> Option<Spot> {
        let same = last.and_then(|last| {
            let lane = self.lanes.get(self.group.get(&last)?)?;
            let after = (std::ops::Bound::Excluded(last), std::ops::Bound::Unbounded);
            lane.spots.range(after).next().copied()
        });
        same.or_else(|| self.ready.first().map(|(spot, _)| *spot))
    }

    fn change(&mut self, spot: Spot, how: impl FnOnce(&mut Lane)) {
        let Some(group) = self.group.get(&spot).copied() else { return };
        if let Some(lane) = self.lanes.get_mut(&group) {
            how(lane);
        }
        self.look(group);
    }

    fn look(&mut self, group: u64) {
        let Some(lane) = self.lanes.get_mut(&group) else { return };
        if let Some(spot) = lane.ready.take() {
            self.ready.remove(&(spot, group));
        }
        if let Some(first) = lane.spots.first().copied().filter(|_| lane.in_flight == 0) {
            lane.ready = Some(first);
            self.ready.insert((first, group));
        }
    }
}
