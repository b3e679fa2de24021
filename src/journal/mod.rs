//! The journal: what a run did and meant to do, one record a line, each line bound to the one before. The
//! envelope, the chain and the heads are pure; `store` keeps them durably. The room knows no payload: a body is
//! one JSON value. docs/journal.md is the format. An unkeyed chain shows damage, not a determined forger.

pub mod chain;
pub mod damage;
pub mod envelope;
pub mod head;
pub mod name;
pub mod store;
#[cfg(test)]
mod tests;

pub use chain::{Folded, Record, Rest, Verified, fold};
pub use damage::{Damage, Place, Reason};
pub use envelope::{Draft, Here, LineHash};
pub use head::Head;
pub use name::RunName;
pub use store::{
    Claim, Error, Files, Holder, Lease, Mark, Memory, Mended, Opened, Reading, Report, Store, Writer,
};
