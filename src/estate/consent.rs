//! A person's consent to one change, which it owns: the executor takes nothing else, so a change that nobody
//! confirmed cannot be applied. It is given in the two confirm files (command line and console) only, and
//! recalled after a crash from a verified record; a test over the sources holds both.
//!
//! An unconfirmed change does not compile into a consent:
//!
//! ```compile_fail,E0451
//! # use bartizan::estate::{change::Change, consent::{Consent, Given}};
//! fn forged(change: Change) -> Consent {
//!     Consent { change, given: Given::Yes }
//! }
//! ```
//!
//! Nor can one consent be used for two:
//!
//! ```compile_fail,E0599
//! # use bartizan::estate::consent::Consent;
//! fn twice(consent: Consent) -> (Consent, Consent) {
//!     (consent.clone(), consent)
//! }
//! ```

use super::change::{Change, Demand};
use super::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// What a person answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// Yes.
    Yes,
    /// The name of the resource, typed.
    Typed(Untrusted),
}

/// A change that a person agreed to.
#[derive(PartialEq, Eq, Debug)]
pub struct Consent {
    change: Change,
    given: Given,
}

impl Consent {
    /// Takes the answer for what the change demands.
    ///
    /// # Errors
    /// The change itself, if the answer is not what it demands: a yes where the resource's name is demanded,
    /// or another name.
    pub fn give(change: Change, given: Given) -> Result<Self, Box<Change>> {
        let enough = match (change.demand(), &given) {
            (Demand::Yes, Given::Yes | Given::Typed(_)) => true,
            (Demand::Name(_), Given::Typed(typed)) => change.is_named_by(typed),
            (Demand::Name(_), Given::Yes) => false,
        };
        if enough { Ok(Self { change, given }) } else { Err(Box::new(change)) }
    }

    /// The consent that a verified record of the journal tells of, after a crash.
    ///
    /// # Errors
    /// As [`Consent::give`]: a record that does not hold what the change demands is no consent.
    pub fn recall(change: Change, given: Given) -> Result<Self, Box<Change>> {
        Self::give(change, given)
    }

    /// The change agreed to.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// What was answered.
    #[must_use]
    pub fn given(&self) -> &Given {
        &self.given
    }
}
