//! Why a change is made: the same call is a routine, takes something from an intruder or gives it back, and its risk and its
//! confirmation follow from that.

use super::Risk;
use serde::{Deserialize, Serialize};

/// What a change is made for, where the same one is made in a routine and in a compromise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A routine.
    #[default]
    Routine,
    /// It takes something away from whoever should not have it.
    Contains,
    /// It gives that back.
    Releases,
}

impl Purpose {
    /// Whether it is a routine: then nothing is written of it.
    #[must_use]
    pub fn is_routine(&self) -> bool {
        *self == Purpose::Routine
    }

    /// What the change is made for that undoes it.
    #[must_use]
    pub fn back(self) -> Self {
        match self {
            Purpose::Routine => Purpose::Routine,
            Purpose::Contains => Purpose::Releases,
            Purpose::Releases => Purpose::Contains,
        }
    }

    pub(super) fn risk(self) -> Risk {
        match self {
            Purpose::Routine => Risk::Ordinary,
            Purpose::Contains => Risk::Containing,
            Purpose::Releases => Risk::Releasing,
        }
    }
}
