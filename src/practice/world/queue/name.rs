//! What a message is called: where it was born. Its id is made of that and can be read back, so that no table of
//! ids is kept, and what is in it follows from its name alone.

use crate::practice::prng::mix;
use crate::practice::world::Second;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The cause of a message whose cause follows from its name.
pub(in crate::practice) const ANY: u8 = 31;

/// Where a message is in its queue: its batch, and its place in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Spot(pub(in crate::practice) u64, pub(in crate::practice) u32);

/// Where and when a message was born.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(into = "(u16, u32, u32, Second, u8)", from = "(u16, u32, u32, Second, u8)")]
pub(in crate::practice) struct Name {
    /// The place of the queue in its table.
    pub(in crate::practice) queue: u16,
    pub(in crate::practice) batch: u32,
    pub(in crate::practice) place: u32,
    /// When it was first sent.
    pub(in crate::practice) at: Second,
    /// Which of the letters of its queue it is; `ANY` for what its name says.
    pub(in crate::practice) cause: u8,
}

impl From<Name> for (u16, u32, u32, Second, u8) {
    fn from(n: Name) -> Self {
        (n.queue, n.batch, n.place, n.at, n.cause)
    }
}

impl From<(u16, u32, u32, Second, u8)> for Name {
    fn from((queue, batch, place, at, cause): (u16, u32, u32, Second, u8)) -> Self {
        Self { queue, batch, place, at, cause }
    }
}

/// How many bits of an id say what: together 105, and 17 that tell a name from any other id.
const QUEUE: u32 = 14;
const BATCH: u32 = 24;
const PLACE: u32 = 24;
const AT: u32 = 38;
const CAUSE: u32 = 5;
const CHECK: u32 = 17;
const HALF: u32 = 61;

/// The most messages of a batch.
pub(in crate::practice) const LARGEST: u32 = (1 << PLACE) - 1;

fn low(value: u128, bits: u32) -> u128 {
    value & ((1 << bits) - 1)
}

impl Name {
    /// A number that looks random, for what is in it; `salt` tells one thing in it from another.
    pub(in crate::practice) fn number(&self, seed: u64, salt: u64) -> u64 {
        let place = u64::from(self.queue) << 48 | u64::from(self.batch) << 24 | u64::from(self.place);
        mix(seed, place, salt)
    }

    fn plain(&self, seed: u64) -> u128 {
        let mut bits = low(u128::from(self.queue), QUEUE);
        bits = bits << BATCH | low(u128::from(self.batch), BATCH);
        bits = bits << PLACE | low(u128::from(self.place), PLACE);
        bits = bits << AT | low(u128::from(self.at.unsigned_abs()), AT);
        bits = bits << CAUSE | low(u128::from(self.cause), CAUSE);
        let check = mix(seed, bits as u64, (bits >> 64) as u64);
        bits << CHECK | low(u128::from(check), CHECK)
    }

    /// Its `MessageId`: a UUID of version 4 in form.
    pub(in crate::practice) fn id(&self, seed: u64) -> String {
        let plain = self.plain(seed);
        let (mut l, mut r) = (low(plain >> HALF, HALF), low(plain, HALF));
        for round in 0..4 {
            (l, r) = (r, l ^ low(u128::from(mix(seed, r as u64, round)), HALF));
        }
        let bits = l << HALF | r;
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            bits >> 90,
            low(bits >> 74, 16),
            low(bits >> 62, 12),
            0x8000 | low(bits >> 48, 14),
            low(bits, 48)
        )
    }

    /// The name that an id was made of in the world of `seed`; nothing if it was made elsewhere.
    pub(in crate::practice) fn of_id(seed: u64, id: &str) -> Option<Self> {
        if id.len() != 36 || id.bytes().filter(|b| *b == b'-').count() != 4 {
            return None;
        }
        let raw = u128::from_str_radix(&id.replace('-', ""), 16).ok()?; // an id of another form is not ours
        let bits = low(raw >> 80, 48) << 74 | low(raw >> 64, 12) << 62 | low(raw, 62);
        let (mut l, mut r) = (low(bits >> HALF, HALF), low(bits, HALF));
        for round in (0..4).rev() {
            (l, r) = (r ^ low(u128::from(mix(seed, l as u64, round)), HALF), l);
        }
        let mut rest = (l << HALF | r) >> CHECK;
        let mut next = |bits: u32| {
            let value = low(rest, bits);
            rest >>= bits;
            value as u64
        };
        let (cause, at, place, batch, queue) = (next(CAUSE), next(AT), next(PLACE), next(BATCH), next(QUEUE));
        let name = Self {
            queue: u16::try_from(queue).ok()?,
            batch: u32::try_from(batch).ok()?,
            place: u32::try_from(place).ok()?,
            at: at.cast_signed(),
            cause: u8::try_from(cause).ok()?,
        };
        (name.id(seed) == id).then_some(name)
    }
}

/// What a receipt handle says: which queue, which message, and which of its receives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::practice) struct Handle {
    pub(in crate::practice) queue: usize,
    pub(in crate::practice) spot: Spot,
    pub(in crate::practice) receipt: u32,
}

impl Handle {
    fn check(&self, seed: u64) -> u64 {
        mix(seed ^ self.queue as u64, self.spot.0 << 24 ^ u64::from(self.spot.1), u64::from(self.receipt))
    }

    /// As a `ReceiptHandle`.
    pub(in crate::practice) fn shut(&self, seed: u64) -> String {
        let (check, Spot(batch, place)) = (self.check(seed), self.spot);
        let text = format!("{} {batch} {place} {} {check}", self.queue, self.receipt);
        format!("AQEB{}", STANDARD.encode(text))
    }

    /// What a `ReceiptHandle` of this world says.
    pub(in crate::practice) fn open(seed: u64, text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("AQEB")?).ok()?; // what was not made here is refused
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.split(' ').map(|p| p.parse::<u64>().ok());
        let mut next = || parts.next().flatten();
        let queue = usize::try_from(next()?).ok()?;
        let spot = Spot(next()?, u32::try_from(next()?).ok()?);
        let handle = Self { queue, spot, receipt: u32::try_from(next()?).ok()? };
        (next()? == handle.check(seed)).then_some(handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_name_and_no_other_does() {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0..3_000_u32 {
            let name = Name {
                queue: 77,
                batch: n / 50,
                place: n % 50,
                at: 1_790_000_000 + i64::from(n),
                cause: ANY,
            };
            let id = name.id(9);
            assert_eq!(Name::of_id(9, &id), Some(name), "{id}");
            assert_ne!(Name::of_id(10, &id), Some(name));
            assert!(id.len() == 36 && &id[14..15] == "4" && "89ab".contains(&id[19..20]), "{id}");
            assert!(seen.insert(id));
        }
        for other in ["", "not-a-uuid", "00000000-0000-4000-8000-000000000000"] {
            assert_eq!(Name::of_id(9, other), None);
        }
    }

    #[test]
    fn a_handle_is_read_only_as_it_was_made() {
        let handle = Handle { queue: 3, spot: Spot(8, 2), receipt: 5 };
        let text = handle.shut(1);
        assert_eq!(Handle::open(1, &text), Some(handle));
        assert_eq!(Handle::open(2, &text), None);
        assert_eq!(Handle::open(1, "AQEBxyz"), None);
    }
}
