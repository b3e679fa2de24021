//! Whole rotations of keys over the practice estate, by the engine and with its journal: one for each kind of
//! store, undone, overtaken by colleagues, and taken up again wherever the program stopped.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "rotation/bed.rs"]
mod bed;
#[path = "rotation/crash.rs"]
mod crash;
#[path = "rotation/dark.rs"]
mod dark;
#[path = "rotation/stores.rs"]
mod stores;
#[path = "rotation/undo.rs"]
mod undo;
#[path = "rotation/weather.rs"]
mod weather;
