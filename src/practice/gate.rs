//! What stands before every answer: permissions and rates. A caller that keeps to the documented rates is
//! hardly ever throttled, but now and then it is, as at AWS.

use super::faults;
use super::prng::Prng;
use crate::estate::ask::Operation;
use crate::estate::at::Region;
use crate::estate::fault::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// Token buckets, one an operation and Region: the rate of the table of questions, and a burst of four seconds of it.
pub(super) struct Gate {
    denied: BTreeSet<String>,
    buckets: BTreeMap<(&'static str, Region), Bucket>,
    /// One call in so many is throttled though the rate was kept.
    hiccup: Option<u32>,
    quotas: bool,
    rng: Prng,
}

struct Bucket {
    tokens: f64,
    at_ms: i64,
}

impl Gate {
    /// The gate that `options` asks for.
    pub(super) fn new(seed: u64, options: &super::Options) -> Self {
        Self {
            denied: options.denied.iter().cloned().collect(),
            buckets: BTreeMap::new(),
            hiccup: options.hiccup,
            quotas: options.quotas,
            rng: Prng::of(seed, "gate"),
        }
    }

    /// Lets a call of `op` at `now_ms` pass, or says why not. `also` is denied by the world itself. Throttling
    /// comes first: a request that is too many is not even looked at.
    pub(super) fn pass(
        &mut self,
        op: &'static Operation,
        region: &Region,
        now_ms: i64,
        also: &BTreeSet<String>,
    ) -> Result<(), Fault> {
        let hiccup = self.hiccup.is_some_and(|n| self.rng.draw().is_multiple_of(u64::from(n.max(1))));
        if hiccup || (self.quotas && !self.has_token(op, region, now_ms)) {
            return Err(faults::throttled(op));
        }
        // an operation without an action of its own (GetCallerIdentity) can be denied to nobody
        let denied = self.denies(op.iam_action, also) || self.denies(op.name, also);
        if denied && !op.iam_action.is_empty() {
            let why = format!("because no identity-based policy allows the {} action", op.iam_action);
            return Err(faults::denied(op, &faults::everything(op), &why));
        }
        Ok(())
    }

    /// Whether an action is denied, by the options or by the world.
    pub(super) fn denies(&self, action: &str, also: &BTreeSet<String>) -> bool {
        self.denied.contains(action) || also.contains(action)
    }

    /// Everything that is denied.
    pub(super) fn denied(&self, also: &BTreeSet<String>) -> BTreeSet<String> {
        self.denied.union(also).cloned().collect()
    }

    fn has_token(&mut self, op: &'static Operation, region: &Region, now_ms: i64) -> bool {
        let rate = f64::from(op.per_second);
        let full = rate * 4.0;
        let bucket =
            self.buckets.entry((op.name, region.clone())).or_insert(Bucket { tokens: full, at_ms: now_ms });
        let passed = (now_ms - bucket.at_ms).max(0) as f64 / 1000.0;
        bucket.tokens = (bucket.tokens + passed * rate).min(full);
        bucket.at_ms = bucket.at_ms.max(now_ms);
        let has = bucket.tokens >= 1.0;
        if has {
            bucket.tokens -= 1.0;
        }
        has
    }
}
