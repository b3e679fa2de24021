//! The promises of the runbooks, held over the practice estate: nothing happens twice and nothing is lost, wherever
//! a process dies and whatever a call answers; no secret value is anywhere it should not be; nothing is
//! overwritten unseen.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // all of it is test code

mod bed;
mod crash;
mod face;
mod faults;
mod killed;
mod leaks;
mod letters;
mod prefixes;
mod races;
mod wire;
