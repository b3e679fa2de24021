//! How messages come into a queue, are hidden, come back and go. Seconds are whole ones; what is hidden until a
//! second is back in it. Source: SQS developer guide, "Amazon SQS visibility timeout"; API reference,
//! `ReceiveMessage`.

use super::Queue;
use super::batch::Batch;
use super::item::{Item, Own, Parcel, Touch, Via};
use super::name::{ANY, LARGEST, Name, Spot};
use crate::practice::prng::word;
use crate::practice::world::Second;

/// What comes within so many seconds is one batch.
const TOGETHER: i64 = 300;

impl Queue {
    /// Messages that are here: without the live traffic, with those in flight.
    pub(in crate::practice) fn held(&self) -> u64 {
        self.batches.iter().map(|b| b.count).sum()
    }

    /// Messages in flight, without the live traffic.
    pub(in crate::practice) fn hidden(&self) -> u64 {
        self.made.hidden.len() as u64
    }

    /// Messages that may be received.
    pub(in crate::practice) fn visible(&self) -> u64 {
        self.held().saturating_sub(self.hidden())
    }

    /// When the next of those in flight come back.
    pub(in crate::practice) fn next_back(&self) -> Option<Second> {
        self.made.hidden.first().map(|(until, _)| *until)
    }

    /// Since when the oldest message is here.
    pub(in crate::practice) fn oldest(&self) -> Option<Second> {
        let batch = self.batches.front()?;
        let places = Spot(batch.id, 0)..=Spot(batch.id, u32::MAX);
        let first = self.touched.range(places).next().map_or(batch.fresh, |(spot, _)| spot.1);
        Some(batch.came(first))
    }

    fn batch(&self, id: u64) -> Option<&Batch> {
        let place = self.batches.binary_search_by_key(&id, |b| b.id).ok()?;
        self.batches.get(place)
    }

    fn batch_mut(&mut self, id: u64) -> Option<&mut Batch> {
        let place = self.batches.binary_search_by_key(&id, |b| b.id).ok()?;
        self.batches.get_mut(place)
    }

    /// The batch that what comes at `at` belongs to.
    fn open(&mut self, at: Second, alike: bool, cause: Option<u8>, count: u32) -> Option<&mut Batch> {
        let fits = |b: &Batch| {
            (0..TOGETHER).contains(&(at - b.arrived))
                && b.items.is_empty() == alike
                && b.cause == cause
                && b.size < LARGEST - count
        };
        if !self.batches.back().is_some_and(fits) {
            self.next_id += 1;
            let stay = if alike { self.stay } else { 0 };
            self.batches.push_back(Batch::new(self.next_id, at - stay, at, cause));
        }
        self.batches.back_mut()
    }

    /// `count` messages come at `at`: of all letters of the queue, or all of the letter of that number.
    pub(in crate::practice) fn arrive(&mut self, at: Second, count: u64, cause: Option<u8>) {
        let count = u32::try_from(count).unwrap_or(LARGEST / 2).min(LARGEST / 2);
        let Some(batch) = self.open(at, true, cause, count) else { return };
        let first = batch.size;
        batch.parts.push((first, at - batch.arrived));
        batch.size += count;
        batch.count += u64::from(count);
        if first == 0 {
            batch.oldest = batch.sent(0);
        }
        let id = batch.id;
        if self.fifo() {
            for place in first..first + count {
                self.line_up(Spot(id, place));
            }
        }
        self.mark(at);
    }

    /// One message comes.
    pub(in crate::practice) fn insert(&mut self, at: Second, parcel: Parcel) -> Option<Spot> {
        let queue = self.made.place;
        let batch = self.open(at, false, None, 1)?;
        let place = batch.size;
        let after = at - batch.arrived;
        if batch.parts.last().is_none_or(|(_, last)| *last != after) {
            batch.parts.push((place, after));
        }
        let fresh = Name { queue, batch: u32::try_from(batch.id).unwrap_or(u32::MAX), place, at, cause: ANY };
        let name = parcel.name.unwrap_or(fresh);
        let of = parcel.of.unwrap_or(name);
        batch.items.push(Item { name, of, sent: parcel.sent, before: parcel.before, via: parcel.via });
        batch.size += 1;
        batch.count += 1;
        batch.oldest = if place == 0 { parcel.sent } else { batch.oldest.min(parcel.sent) };
        let spot = Spot(batch.id, place);
        if let Some(own) = parcel.own {
            self.own.insert(spot, own);
        }
        if self.fifo() {
            self.line_up(spot);
        }
        Some(spot)
    }

    /// A message of a FIFO queue takes its place behind those of its group.
    fn line_up(&mut self, spot: Spot) {
        let group = self.group(spot);
        self.touched.entry(spot).or_default();
        if let Some(batch) = self.batch_mut(spot.0) {
            batch.fresh = batch.fresh.max(spot.1 + 1);
        }
        self.made.lanes.join(spot, word(&group));
    }

    /// `MessageGroupId`, which everything in a FIFO queue has.
    pub(in crate::practice) fn group(&self, spot: Spot) -> String {
        let own = self.own.get(&spot).and_then(|own| own.group.clone());
        own.unwrap_or_else(|| self.item(spot).map_or_else(String::new, |i| group_of(&i.of)))
    }

    /// Whether a message is here.
    pub(in crate::practice) fn has(&self, spot: Spot) -> bool {
        let fresh = |b: &Batch| (b.fresh..b.size).contains(&spot.1);
        self.touched.contains_key(&spot) || self.batch(spot.0).is_some_and(fresh)
    }

    /// What a message is, if it is here or was.
    pub(in crate::practice) fn item(&self, spot: Spot) -> Option<Item> {
        let batch = self.batch(spot.0)?;
        if let Some(item) = batch.items.get(spot.1 as usize) {
            return Some(*item);
        }
        let name = Name {
            queue: self.made.place,
            batch: u32::try_from(batch.id).unwrap_or(u32::MAX),
            place: spot.1,
            at: batch.sent(spot.1),
            cause: batch.cause.unwrap_or(ANY),
        };
        Some(Item { name, of: name, sent: name.at, before: 0, via: Via::Letter })
    }

    /// Lets those come back whose time has passed.
    pub(in crate::practice) fn wake(&mut self, now: Second) {
        while let Some((until, spot)) = self.made.hidden.first().copied().filter(|(until, _)| *until <= now) {
            self.made.hidden.remove(&(until, spot));
            self.come_back(spot);
        }
    }

    fn come_back(&mut self, spot: Spot) {
        if self.fifo() {
            self.made.lanes.back(spot);
        } else {
            self.made.back.insert(spot);
        }
    }

    /// The message that is given next; `last` was given in the same answer.
    pub(in crate::practice) fn next(&self, last: Option<Spot>) -> Option<Spot> {
        if self.fifo() {
            return self.made.lanes.next(last);
        }
        let untouched = self.batches.iter().find(|b| b.fresh < b.size).map(|b| Spot(b.id, b.fresh));
        let back = self.made.back.first().copied();
        untouched.into_iter().chain(back).min()
    }

    /// Gives a message out until `until`.
    pub(in crate::practice) fn give(&mut self, now: Second, spot: Spot, until: Second) -> Touch {
        if let Some(batch) = self.batch_mut(spot.0) {
            batch.fresh = batch.fresh.max(spot.1 + 1);
        }
        self.made.back.remove(&spot);
        let touch = self.touched.entry(spot).or_default();
        touch.until = until;
        touch.here += 1;
        touch.receipt += 1;
        if touch.first == 0 {
            touch.first = now;
        }
        let touch = *touch;
        self.made.hidden.insert((until, spot));
        self.made.lanes.leave(spot);
        touch
    }

    /// Whether a message is in flight.
    pub(in crate::practice) fn in_hand(&self, spot: Spot) -> bool {
        self.touched.get(&spot).is_some_and(|t| self.made.hidden.contains(&(t.until, spot)))
    }

    /// Hides a message that is in flight until another time.
    pub(in crate::practice) fn hide(&mut self, now: Second, spot: Spot, until: Second) {
        let Some(touch) = self.touched.get_mut(&spot) else { return };
        self.made.hidden.remove(&(touch.until, spot));
        touch.until = until;
        if until > now {
            self.made.hidden.insert((until, spot));
        } else {
            self.come_back(spot);
        }
    }

    /// Takes a message away for good.
    pub(in crate::practice) fn remove(&mut self, spot: Spot) -> Option<Parcel> {
        let item = self.item(spot).filter(|_| self.has(spot))?;
        let touch = self.touched.remove(&spot);
        let hidden = touch.is_some_and(|t| self.made.hidden.remove(&(t.until, spot)));
        self.made.back.remove(&spot);
        self.made.lanes.gone(spot, hidden);
        if let Some(batch) = self.batch_mut(spot.0) {
            batch.count = batch.count.saturating_sub(1);
            // the first of those that nobody touched: it is known to be gone by not being touched
            batch.fresh = batch.fresh.max(spot.1 + 1);
        }
        if let Ok(place) = self.batches.binary_search_by_key(&spot.0, |b| b.id)
            && self.batches.get(place).is_some_and(|b| b.count == 0)
        {
            self.batches.remove(place);
        }
        Some(Parcel {
            name: Some(item.name),
            of: Some(item.of),
            sent: item.sent,
            before: item.before + touch.map_or(0, |t| t.here),
            via: item.via,
            own: self.own.remove(&spot),
        })
    }

    /// Deletes for ever what is past its retention at `at`; says how many there were.
    pub(in crate::practice) fn expire(&mut self, at: Second) -> u64 {
        let before = self.held();
        let old: Vec<u64> =
            self.batches.iter().filter(|b| b.oldest + self.retention <= at).map(|b| b.id).collect();
        for id in old {
            self.expire_in(at, id);
        }
        let gone = before - self.held();
        if gone > 0 {
            self.mark(at);
        }
        gone
    }

    fn expire_in(&mut self, at: Second, id: u64) {
        let born = at - self.retention;
        let Some(batch) = self.batch(id) else { return };
        let (size, fresh) = (batch.size, batch.fresh);
        let sent: Vec<Second> = (0..size).map(|place| batch.sent(place)).collect();
        let touched: Vec<u32> =
            self.touched.range(Spot(id, 0)..=Spot(id, u32::MAX)).map(|(s, _)| s.1).collect();
        let here = touched.into_iter().chain(fresh..size);
        let mut oldest = None;
        for place in here {
            let sent = sent.get(place as usize).copied().unwrap_or(at);
            if sent <= born {
                self.reach(Spot(id, place));
                self.remove(Spot(id, place));
            } else {
                oldest = Some(oldest.map_or(sent, |o: Second| o.min(sent)));
            }
        }
        if let (Some(batch), Some(oldest)) = (self.batch_mut(id), oldest) {
            batch.oldest = oldest;
        }
    }

    /// Takes note of those before `spot` that nobody touched, one by one: it may go before them.
    fn reach(&mut self, spot: Spot) {
        let Some(batch) = self.batch_mut(spot.0) else { return };
        let before = batch.fresh..spot.1;
        batch.fresh = batch.fresh.max(spot.1);
        for place in before {
            self.touched.insert(Spot(spot.0, place), Touch::default());
            self.made.back.insert(Spot(spot.0, place));
        }
    }

    /// When the next messages may be lost.
    pub(in crate::practice) fn next_loss(&self) -> Option<Second> {
        self.batches.iter().map(|b| b.oldest + self.retention).min()
    }

    /// Takes up to `count` of the oldest messages out that are not in flight; says how many there were.
    pub(in crate::practice) fn take(&mut self, at: Second, count: u64) -> u64 {
        let mut taken = 0;
        while taken < count
            && let Some(spot) = self.next(None)
            && self.remove(spot).is_some()
        {
            taken += 1;
        }
        if taken > 0 {
            self.mark(at);
        }
        taken
    }

    /// Deletes everything, in flight or not; says how many there were.
    pub(in crate::practice) fn wipe(&mut self, at: Second) -> u64 {
        let held = self.held();
        self.batches.clear();
        self.touched.clear();
        self.own.clear();
        self.made.hidden.clear();
        self.made.back.clear();
        self.made.lanes = super::Lanes::default();
        if held > 0 {
            self.mark(at);
        }
        held
    }

    /// Makes what is made from the rest; to be called once the tables are filled.
    pub(in crate::practice) fn index(&mut self, place: u16, now: Second) {
        self.batches.iter_mut().for_each(Batch::complete);
        self.made = super::Made { place, ..super::Made::default() };
        let touched: Vec<(Spot, Touch)> = self.touched.iter().map(|(s, t)| (*s, *t)).collect();
        for (spot, touch) in touched {
            if self.fifo() {
                let group = self.group(spot);
                self.made.lanes.join(spot, word(&group));
            }
            if touch.until > now {
                self.made.hidden.insert((touch.until, spot));
                self.made.lanes.leave(spot);
            } else if !self.fifo() {
                self.made.back.insert(spot);
            }
        }
        if self.fifo() {
            // of a store from before messages were told apart
            let all = self.batches.iter().flat_map(|b| (b.fresh..b.size).map(|p| Spot(b.id, p)));
            all.collect::<Vec<_>>().into_iter().for_each(|spot| self.line_up(spot));
        }
    }

    /// What somebody wrote there.
    pub(in crate::practice) fn written(&self, spot: Spot) -> Option<&Own> {
        self.own.get(&spot).map(|own| &**own)
    }
}

/// The group of a message that nobody gave another one.
pub(in crate::practice) fn group_of(of: &Name) -> String {
    format!("customer-{:02}", of.number(0, 21) % 12)
}
