//! What the engine tells while it walks a source: each page as it comes, each gap, and the end. The same
//! events feed the console and the commands.

use super::source::Source;
use crate::estate::{Fault, Page, Query, Ticket, Timestamp};
use std::sync::Arc;

/// Something that happened on a walk.
#[derive(Clone, PartialEq, Debug)]
pub struct WalkEvent {
    /// What is walked.
    pub source: Source,
    /// Which walk of it; events of an older one are dropped.
    pub ticket: Ticket,
    /// What happened.
    pub step: Step,
}

/// The steps of a walk.
#[derive(Clone, PartialEq, Debug)]
#[allow(clippy::large_enum_variant)] // nearly all of them are pages
pub enum Step {
    /// One AWS call was answered.
    Page {
        /// The question.
        query: Query,
        /// The answer.
        page: Page,
        /// Whether it is the question's first page on this walk: what is known is replaced by it, and
        /// added to by the others.
        first: bool,
    },
    /// One question was given up.
    Gap {
        /// The question.
        query: Query,
        /// Whether it was one that the walk started with (what it lists may then be cut short), not one
        /// that followed from an answer.
        root: bool,
        /// Why.
        fault: Arc<Fault>,
    },
    /// Everything that could be asked was asked.
    End {
        /// When the first call was sent.
        began: Timestamp,
        /// What it cost.
        spend: Spend,
    },
}

/// What calls cost. The price is an estimate: CloudWatch's `GetMetricData` at USD 0.01 per 1,000 metrics,
/// its other calls at USD 0.01 per 1,000 (DOMAIN: third party figures; the free million a month is ignored).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spend {
    /// AWS calls sent.
    pub calls: u64,
    /// How many of them were throttled.
    pub throttled: u64,
    /// Estimated price in millionths of a US dollar.
    pub micro_usd: u64,
}

impl std::ops::AddAssign for Spend {
    fn add_assign(&mut self, more: Self) {
        self.calls += more.calls;
        self.throttled += more.throttled;
        self.micro_usd += more.micro_usd;
    }
}
