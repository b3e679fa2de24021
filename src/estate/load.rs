//! How a value that comes from far away is held: with its age and its gaps, so that no view can draw it
//! without having both at hand.

use super::fault::Fault;
use super::time::Timestamp;
use super::untrusted::Untrusted;
use std::sync::Arc;

/// A number for one request; the newest wins and late answers to older ones are dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Ticket(pub u64);

/// Something that was not read, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// What it was about (a queue, a secret), where it was about one thing.
    pub about: Option<Untrusted>,
    /// Why it could not be read.
    pub fault: Arc<Fault>,
}

/// Whether everything that belongs to a value was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Completeness {
    /// All of it.
    #[default]
    Complete,
    /// Some of it could not be read.
    Partial(Vec<Gap>),
}

impl Completeness {
    /// The gaps; none when complete.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        match self {
            Completeness::Complete => &[],
            Completeness::Partial(gaps) => gaps,
        }
    }
}

/// A value, when AWS was asked for it, and how complete it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen<T> {
    /// What was seen.
    pub value: T,
    /// When the (first) call for it was sent: it is at least this old.
    pub at: Timestamp,
    /// What is missing from it.
    pub complete: Completeness,
}

/// A value that is fetched as a whole.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Loadable<T> {
    /// Nobody asked yet.
    #[default]
    Idle,
    /// Asked; `so_far` grows as pages arrive.
    Loading {
        /// The request that may fill it.
        ticket: Ticket,
        /// What has arrived.
        so_far: T,
        /// What was known before.
        stale: Option<Seen<T>>,
    },
    /// Answered.
    Ready(Seen<T>),
    /// Asked and not answered.
    Failed {
        /// Why.
        fault: Arc<Fault>,
        /// What was known before.
        stale: Option<Seen<T>>,
    },
}

impl<T> Loadable<T> {
    /// The newest finished value, however old.
    #[must_use]
    pub fn seen(&self) -> Option<&Seen<T>> {
        match self {
            Loadable::Idle => None,
            Loadable::Ready(seen) => Some(seen),
            Loadable::Loading { stale, .. } | Loadable::Failed { stale, .. } => stale.as_ref(),
        }
    }

    /// The value to draw: the finished one, else what has arrived so far.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Loadable::Loading { so_far, stale: None, .. } => Some(so_far),
            other => other.seen().map(|s| &s.value),
        }
    }

    /// The fault, if the newest request failed as a whole.
    #[must_use]
    pub fn fault(&self) -> Option<&Arc<Fault>> {
        match self {
            Loadable::Failed { fault, .. } => Some(fault),
            Loadable::Idle | Loadable::Loading { .. } | Loadable::Ready(_) => None,
        }
    }

    /// Whether a request is under way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        matches!(self, Loadable::Loading { .. })
    }

    /// Takes the finished value out, leaving `Idle`.
    fn take_seen(&mut self) -> Option<Seen<T>> {
        match std::mem::replace(self, Loadable::Idle) {
            Loadable::Idle => None,
            Loadable::Ready(seen) => Some(seen),
            Loadable::Loading { stale, .. } | Loadable::Failed { stale, .. } => stale,
        }
    }

    /// Starts the request `ticket`, keeping what was known. An older one that is still under way loses.
    pub fn begin(&mut self, ticket: Ticket, empty: T) {
        let stale = self.take_seen();
        *self = Loadable::Loading { ticket, so_far: empty, stale };
    }

    /// What has arrived of request `ticket`, to add to; `None` if that request is no longer wanted.
    pub fn arriving(&mut self, ticket: Ticket) -> Option<&mut T> {
        match self {
            Loadable::Loading { ticket: t, so_far, .. } if *t == ticket => Some(so_far),
            _ => None,
        }
    }

    /// Ends request `ticket` with what has arrived; a late ticket changes nothing.
    pub fn finish(&mut self, ticket: Ticket, at: Timestamp, complete: Completeness) {
        if self.arriving(ticket).is_some()
            && let Loadable::Loading { so_far, .. } = std::mem::replace(self, Loadable::Idle)
        {
            *self = Loadable::Ready(Seen { value: so_far, at, complete });
        }
    }

    /// Ends request `ticket` without a value; what was known stays. A late ticket changes nothing.
    pub fn fail(&mut self, ticket: Ticket, fault: Arc<Fault>) {
        if self.arriving(ticket).is_some() {
            let stale = self.take_seen();
            *self = Loadable::Failed { fault, stale };
        }
    }
}

/// One field of a row that is put together from several answers.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Field<T> {
    /// Not asked for yet, or the answer is on its way.
    #[default]
    Unread,
    /// Read.
    Read {
        /// What was read.
        value: T,
        /// When it was asked for.
        at: Timestamp,
    },
    /// Asked for and not answered; an older value may be known.
    Gap {
        /// Why.
        fault: Arc<Fault>,
        /// The last value that was read, and when.
        stale: Option<(T, Timestamp)>,
    },
}

impl<T> Field<T> {
    /// The newest value that was read, however old.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Field::Unread => None,
            Field::Read { value, .. } => Some(value),
            Field::Gap { stale, .. } => stale.as_ref().map(|(v, _)| v),
        }
    }

    /// The fault, if the newest attempt to read it failed.
    #[must_use]
    pub fn fault(&self) -> Option<&Arc<Fault>> {
        match self {
            Field::Gap { fault, .. } => Some(fault),
            Field::Unread | Field::Read { .. } => None,
        }
    }

    /// Sets the value read at `at`.
    pub fn read(&mut self, value: T, at: Timestamp) {
        *self = Field::Read { value, at };
    }

    /// Notes that it could not be read, keeping the last value.
    pub fn gap(&mut self, fault: Arc<Fault>) {
        let stale = match std::mem::take(self) {
            Field::Unread => None,
            Field::Read { value, at } => Some((value, at)),
            Field::Gap { stale, .. } => stale,
        };
        *self = Field::Gap { fault, stale };
    }
}
