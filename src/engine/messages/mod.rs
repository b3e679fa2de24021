//! Messages that are looked at and kept: a peek gives every one back, an export writes them to a file on the way. Neither
//! is journalled, for nothing is to be recovered: what a process leaves in hand comes back by itself when its time has
//! passed. What is done with messages for good is a run, in `engine::runs`.

mod draft;
mod export;
mod hands;
mod kept;
pub mod known;
mod line;
mod manifest;
mod peek;
#[cfg(test)]
mod tests;
pub mod whose;

pub use export::{Exported, Wish, export, hidden_s};
pub use hands::{Account, Hands};
pub use kept::{Reading, Verified, verify};
pub use manifest::{Manifest, beside};
pub use peek::{Peeked, Sought, peek};
