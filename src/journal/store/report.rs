//! What verifying a whole store found: as `journal verify` tells it. It knows nothing of where the bytes are.

use crate::journal::chain::{Folded, Rest};
use crate::journal::damage::Damage;
use crate::journal::envelope::LineHash;
use crate::journal::head::{Head, digest};
use crate::journal::name::RunName;
use std::collections::BTreeMap;

/// The state of all journals of a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Records that were verified.
    pub records: u64,
    /// The head of each run, sound or up to its damage.
    pub heads: BTreeMap<RunName, Head>,
    /// Everything that is damaged: the heads first, then the runs by name. Empty: all is well.
    pub damage: Vec<Damage>,
    /// Runs that are not written to any more because of damage in the heads: it may hide what was lost of them.
    pub stopped: Vec<RunName>,
    /// Runs whose last line is torn, with its bytes: a crash, or somebody is writing. Mended when it is opened.
    pub torn: Vec<(RunName, usize)>,
    /// Runs with records after their last head. Mended likewise.
    pub behind: Vec<(RunName, u64)>,
}

impl Report {
    /// Nothing verified yet; what is damaged in the heads, if anything is.
    #[must_use]
    pub fn new(heads: Option<Damage>) -> Self {
        Self {
            records: 0,
            heads: BTreeMap::new(),
            damage: heads.into_iter().collect(),
            stopped: Vec::new(),
            torn: Vec::new(),
            behind: Vec::new(),
        }
    }

    /// Adds a run.
    pub fn add(&mut self, folded: &Folded) {
        let (run, head) = (folded.records.run(), folded.records.head());
        self.records += head.count;
        self.heads.insert(run.clone(), head);
        match &folded.rest {
            Rest::Nothing => {}
            Rest::Torn { bytes, .. } => self.torn.push((run.clone(), *bytes)),
            Rest::Damaged(damage) => self.damage.push(damage.clone()),
        }
        if folded.behind > 0 {
            self.behind.push((run.clone(), folded.behind));
        }
    }

    /// One hash over all heads, to be written down elsewhere and compared.
    #[must_use]
    pub fn head(&self) -> LineHash {
        digest(&self.heads)
    }

    /// Whether nothing is damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty()
    }
}
